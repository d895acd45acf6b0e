package wire

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
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
