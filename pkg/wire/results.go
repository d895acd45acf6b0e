package wire

import (
	"encoding/json"
	"sort"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

// Line is a series as `accord series -o json` prints it.
type Line struct {
	Labels map[string]string `json:"labels"`
	Points []Point           `json:"points"`
}

// Point is [unixSeconds, value|null].
type Point struct {
	seconds int64
	value   budget.Figure
}

// MarshalJSON writes the pair.
func (p Point) MarshalJSON() ([]byte, error) {
	return json.Marshal([2]any{p.seconds, p.value})
}

// Lines are series as JSON prints them.
func Lines(series []measure.Series) []Line {
	lines := make([]Line, 0, len(series))
	for _, s := range series {
		lines = append(lines, Line{Labels: s.Labels, Points: points(s.Points)})
	}
	return lines
}

func points(measured []measure.Point) []Point {
	all := make([]Point, 0, len(measured))
	for _, p := range measured {
		all = append(all, Point{p.At.Unix(), p.Value})
	}
	return all
}

// PeriodStatus is one objective and group over one calendar period.
type PeriodStatus struct {
	Agreement string `json:"agreement"`
	Period    string `json:"period"`
	ObjectiveStatus
	// Revision is the start of the target's last revision in force.
	Revision *time.Time `json:"revision"`
}

// Periods are periods as JSON prints them.
func Periods(periods []measure.Period) []PeriodStatus {
	all := make([]PeriodStatus, 0, len(periods))
	for _, p := range periods {
		status := PeriodStatus{Agreement: p.Agreement.Name, Period: p.Name, ObjectiveStatus: NewObjectiveStatus(p.Result)}
		if !p.Revision.IsZero() {
			revision := p.Revision
			status.Revision = &revision
		}
		all = append(all, status)
	}
	return all
}

// IncidentList is the incidents of one objective and group.
type IncidentList struct {
	Agreement string            `json:"agreement"`
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	Unit      agreement.Unit    `json:"unit"`
	Count     int               `json:"count"`
	// The mean seconds an incident lasts, and from one's start to the next
	// one's; null with too few.
	MeanSecondsToRepair *float64         `json:"meanSecondsToRepair"`
	MeanSecondsBetween  *float64         `json:"meanSecondsBetween"`
	Incidents           []IncidentStatus `json:"incidents"`
}

// IncidentStatus is one incident.
type IncidentStatus struct {
	From       time.Time     `json:"from"`
	To         time.Time     `json:"to"`
	Ongoing    bool          `json:"ongoing"`
	Total      budget.Figure `json:"total"`
	Bad        budget.Figure `json:"bad"`
	Share      budget.Figure `json:"share"`
	PeakBurn   budget.Figure `json:"peakBurn"`
	Exclusions []string      `json:"exclusions"`
	// Alerts are Prometheus' own that fired meanwhile.
	Alerts []string `json:"alerts"`
}

// NewIncidentList is the list as JSON prints it.
func NewIncidentList(of, objective string, unit agreement.Unit, g measure.GroupIncidents) IncidentList {
	list := IncidentList{Agreement: of, Objective: objective, Group: g.Group, Unit: unit,
		Count: g.Repair.Count, Incidents: []IncidentStatus{}}
	if g.Repair.Count > 0 {
		seconds := g.Repair.MeanTimeToRepair.Seconds()
		list.MeanSecondsToRepair = &seconds
	}
	if g.Repair.Count > 1 {
		seconds := g.Repair.MeanTimeBetween.Seconds()
		list.MeanSecondsBetween = &seconds
	}
	for _, i := range g.Incidents {
		list.Incidents = append(list.Incidents, IncidentStatus{From: i.From, To: i.To, Ongoing: i.Ongoing,
			Total: i.Total, Bad: i.Bad, Share: i.Share, PeakBurn: i.PeakBurn,
			Exclusions: append([]string{}, i.Exclusions...), Alerts: append([]string{}, i.Alerts...)})
	}
	return list
}

func ObjectiveText(objective string, group map[string]string) string {
	if len(group) == 0 {
		return objective
	}
	return objective + " {" + GroupText(group) + "}"
}

// GroupText writes a group's labels: «region=eu, tier=1».
func GroupText(group map[string]string) string {
	parts := make([]string, 0, len(group))
	for name, value := range group {
		parts = append(parts, name+"="+value)
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}
