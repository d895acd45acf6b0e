package report

import (
	"time"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

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

// HistoryRows is a row a period, for people.
func HistoryRows(periods []measure.Period) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "period", "state", "target", "compliance", "budget left", "", "coverage"},
		Numbers: []int{4, 5, 6, 8}, States: []int{3}}
	for _, p := range periods {
		rows.Body = append(rows.Body, []string{p.Agreement.Name, objectiveName(p.Result), p.Name, string(p.State),
			Percent(p.Target), Percent(p.Compliance), Share(p.Remaining),
			Left(p.Status, UnitOf(p.Objective)), Share(p.Coverage)})
	}
	return rows
}

// HistoryFigures is a row a period with figures as numbers.
func HistoryFigures(periods []measure.Period) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "group", "period", "from", "to", "state", "unit", "target",
		"total", "bad", "compliance", "allowed", "consumed", "remaining", "coverage", "revision", "error"}}
	for _, p := range Periods(periods) {
		revision := ""
		if p.Revision != nil {
			revision = p.Revision.Format(time.RFC3339)
		}
		rows.Body = append(rows.Body, []string{p.Agreement, p.Name, GroupText(p.Group), p.Period,
			p.From.Format(time.RFC3339), p.To.Format(time.RFC3339), string(p.State), string(p.Unit), Number(p.Target),
			Number(p.Total), Number(p.Bad), Number(p.Compliance), Number(p.Allowed), Number(p.Consumed), Number(p.Remaining),
			Number(p.Coverage), revision, p.Error})
	}
	return rows
}

// IncidentList is the incidents of one objective and group.
type IncidentList struct {
	Agreement string            `json:"agreement"`
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	Unit      Unit              `json:"unit"`
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
}

// NewIncidentList is the list as JSON prints it.
func NewIncidentList(agreement, objective string, unit Unit, g measure.GroupIncidents) IncidentList {
	list := IncidentList{Agreement: agreement, Objective: objective, Group: g.Group, Unit: unit,
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
		exclusions := i.Exclusions
		if exclusions == nil {
			exclusions = []string{}
		}
		list.Incidents = append(list.Incidents, IncidentStatus{From: i.From, To: i.To, Ongoing: i.Ongoing,
			Total: i.Total, Bad: i.Bad, Share: i.Share, PeakBurn: i.PeakBurn, Exclusions: exclusions})
	}
	return list
}
