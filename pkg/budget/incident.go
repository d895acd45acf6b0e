package budget

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Incident is a run of slots in which the budget burned too fast
// (measurement.md, §9).
type Incident struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Ongoing says that it reaches to the end of what was measured.
	Ongoing bool `json:"ongoing"`
	IncidentFigures
}

// IncidentFigures are what an incident cost.
type IncidentFigures struct {
	// Total and Bad are events, seconds or slices.
	Total Figure `json:"total"`
	Bad   Figure `json:"bad"`
	// Share is the part of the window's error budget that it took.
	Share Figure `json:"share"`
	// PeakBurn is the highest burn rate of a slot.
	PeakBurn Figure `json:"peakBurn"`
}

// The defaults of measurement.md, §9.
const (
	incidentBurn  = 1.0
	incidentGap   = 15 * time.Minute
	incidentShare = 0.01
)

// Incidents are those that began between from and at, ascending.
func (l *Ledger) Incidents(window agreement.Window, from, at time.Time) []Incident {
	var worth []Incident
	for _, incident := range l.runs(from.UnixMilli(), at.UnixMilli()) {
		allowed := float64(l.Balance(window, budgetInstant(window, incident.From, at)).Allowed)
		incident.Share = Figure(Consumed(float64(incident.Bad), allowed))
		if float64(incident.Share) >= incidentShare {
			worth = append(worth, incident)
		}
	}
	return worth
}

// budgetInstant is as of when the budget is taken that an incident is a share
// of: the end of its calendar period, or of what was measured.
func budgetInstant(window agreement.Window, start, at time.Time) time.Time {
	if window.IsCalendar() {
		window.Offset = 0
		if _, end := window.At(start.Add(time.Millisecond)); end.Before(at) {
			return end
		}
	}
	return at
}

// runs are the maximal runs of slots that burn faster than incidentBurn, gaps
// up to incidentGap joined.
func (l *Ledger) runs(from, at int64) []Incident {
	step := l.view.Series.Resolution()
	if l.slices != nil {
		step = l.slices.length
	}
	at = min(at, l.end)
	var runs []Incident
	for begin := from - from%step; begin < at; begin += step {
		end := min(begin+step, at)
		counts := l.Count(begin, end)
		if counts.Total <= 0 {
			continue
		}
		burn := Consumed(counts.Bad/counts.Total, l.budgetAt(begin))
		if burn <= incidentBurn+Tolerance {
			continue
		}
		if last := len(runs) - 1; last >= 0 && begin-runs[last].To.UnixMilli() <= incidentGap.Milliseconds() {
			l.extend(&runs[last], end, burn)
			continue
		}
		runs = append(runs, Incident{From: instant(begin)})
		l.extend(&runs[len(runs)-1], end, burn)
	}
	for i := range runs {
		runs[i].Ongoing = at-runs[i].To.UnixMilli() < step
	}
	return runs
}

func (l *Ledger) extend(run *Incident, to int64, burn float64) {
	counts := l.Count(run.From.UnixMilli(), to)
	run.To = instant(to)
	run.Total, run.Bad = Figure(counts.Total), Figure(counts.Bad)
	run.PeakBurn = max(run.PeakBurn, Figure(burn))
}

// Repair sums up incidents.
type Repair struct {
	Count int `json:"count"`
	// MeanSecondsToRepair is the mean length of an incident; null when there is
	// none. MeanSecondsBetween is the mean time from one's start to the next
	// one's; null with fewer than two.
	MeanSecondsToRepair Figure `json:"meanSecondsToRepair"`
	MeanSecondsBetween  Figure `json:"meanSecondsBetween"`
}

// RepairOf sums up the incidents, ascending by start.
func RepairOf(incidents []Incident) Repair {
	repair := Repair{len(incidents), Absent, Absent}
	var repairing time.Duration
	for _, incident := range incidents {
		repairing += incident.To.Sub(incident.From)
	}
	if repair.Count > 0 {
		repair.MeanSecondsToRepair = Figure((repairing / time.Duration(repair.Count)).Seconds())
	}
	if gaps := repair.Count - 1; gaps > 0 {
		between := incidents[gaps].From.Sub(incidents[0].From)
		repair.MeanSecondsBetween = Figure((between / time.Duration(gaps)).Seconds())
	}
	return repair
}
