package wire

import (
	"encoding/json"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
)

// Line is a series as `accord series -o json` prints it.
type Line struct {
	Labels map[string]string `json:"labels"`
	Points []Point           `json:"points"`
}

// Point is [unixSeconds, value|null].
type Point measure.Point

// MarshalJSON writes the pair.
func (p Point) MarshalJSON() ([]byte, error) { return json.Marshal([2]any{p.At.Unix(), p.Value}) }

// Lines converts series.
func Lines(series []measure.Series) []Line {
	return Each(series, func(s measure.Series) Line { return Line{Labels: s.Labels, Points: points(s.Points)} })
}

func points(measured []measure.Point) []Point {
	return Each(measured, func(p measure.Point) Point { return Point(p) })
}

// PeriodStatus is one objective and group over one calendar period.
type PeriodStatus struct {
	Agreement string `json:"agreement"`
	Period    string `json:"period"`
	ObjectiveStatus
	// Revision is the start of the target's last revision in force.
	Revision *time.Time `json:"revision"`
}

// Periods converts periods.
func Periods(periods []measure.Period) []PeriodStatus {
	return Each(periods, func(p measure.Period) PeriodStatus {
		return PeriodStatus{p.Agreement.Name, p.Name, NewObjectiveStatus(p.Result), NullTime(p.Revision)}
	})
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
	Span
	Ongoing bool `json:"ongoing"`
	IncidentFigures
}

// IncidentFigures are what an incident cost, and what it overlaps.
type IncidentFigures struct {
	Total budget.Figure `json:"total"`
	Bad   budget.Figure `json:"bad"`
	// Share of the error budget that it took.
	Share    budget.Figure `json:"share"`
	PeakBurn budget.Figure `json:"peakBurn"`
	// Exclusions and alerts of Prometheus' own that overlap it, by name.
	Exclusions []string `json:"exclusions"`
	Alerts     []string `json:"alerts"`
}

// NewIncidentList converts the incidents of an objective and group.
func NewIncidentList(of, objective string, unit agreement.Unit, g measure.GroupIncidents) IncidentList {
	list := IncidentList{Agreement: of, Objective: objective, Group: g.Group, Unit: unit, Count: g.Repair.Count,
		MeanSecondsToRepair: secondsIf(g.Repair.Count > 0, g.Repair.MeanTimeToRepair),
		MeanSecondsBetween:  secondsIf(g.Repair.Count > 1, g.Repair.MeanTimeBetween)}
	list.Incidents = Each(g.Incidents, func(i measure.Incident) IncidentStatus {
		return IncidentStatus{Span{i.From, i.To}, i.Ongoing,
			IncidentFigures{i.Total, i.Bad, i.Share, i.PeakBurn, List(i.Exclusions), List(i.Alerts)}}
	})
	return list
}

// secondsIf is the length in seconds; null where it is not known.
func secondsIf(known bool, length time.Duration) *float64 {
	if !known {
		return nil
	}
	return new(length.Seconds())
}

// ObjectiveAlerts are the burn-rate alerts of one objective and group, checked.
type ObjectiveAlerts struct {
	Agreement string            `json:"agreement"`
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	Window    string            `json:"window"`
	Unit      agreement.Unit    `json:"unit"`
	// ScrapeSeconds is null where it was not measured.
	ScrapeSeconds *float64     `json:"scrapeSeconds"`
	Alerts        []AlertCheck `json:"alerts"`
	// Error is why scrape interval and traffic are not known; null when they
	// are, or were not asked for.
	Error *string `json:"error"`
}

// AlertCheck is what one alert can do.
type AlertCheck struct {
	AlertRule
	Short  string  `json:"short"`
	Factor float64 `json:"factor"`
	// Highest is the burn rate while everything is bad.
	Highest budget.Figure `json:"highest"`
	CanFire bool          `json:"canFire"`
	// FullOutage and OnePercent are how soon it fires when everything is bad,
	// and 1 %.
	FullOutage Detection `json:"fullOutage"`
	OnePercent Detection `json:"onePercent"`
	// Events are in a long window of average traffic, Fewest in the quietest of
	// the last seven days; in the objective's unit.
	Events budget.Figure `json:"events"`
	Fewest budget.Figure `json:"fewest"`
	// BadToFire is how much has to be bad in an average long window.
	BadToFire budget.Figure `json:"badToFire"`
	Problems  []string      `json:"problems"`
}

// Detection is how an alert finds an outage.
type Detection struct {
	// AfterSeconds of time in scope; null when it never fires.
	AfterSeconds *float64 `json:"afterSeconds"`
	// Consumed is the share of the window's budget that is gone by then.
	Consumed budget.Figure `json:"consumed"`
}

// NewObjectiveAlerts converts checked alerts.
func NewObjectiveAlerts(checked []planning.ObjectiveAlerts) []ObjectiveAlerts {
	return Each(checked, func(c planning.ObjectiveAlerts) ObjectiveAlerts {
		return ObjectiveAlerts{Agreement: c.Agreement.Name, Objective: c.Objective.Name, Group: c.Group, Window: c.Objective.Window.String(),
			Unit: c.Objective.Unit(), ScrapeSeconds: secondsIf(c.ScrapeInterval > 0, c.ScrapeInterval),
			Alerts: Each(c.Checks, newAlertCheck), Error: errorText(c.Err)}
	})
}

func newAlertCheck(c planning.AlertCheck) AlertCheck {
	return AlertCheck{AlertRule: newAlertRule(c.AlertRule), Short: agreement.FormatDuration(c.Short), Factor: c.Factor,
		Highest: c.Highest, CanFire: c.CanFire, FullOutage: newDetection(c.Outages[0]), OnePercent: newDetection(c.Outages[1]),
		Events: c.Events, Fewest: c.Fewest, BadToFire: c.BadToFire, Problems: List(c.Problems)}
}

func newDetection(d planning.Detection) Detection {
	return Detection{secondsIf(d.Detected, d.After), d.Consumed}
}
