package budget

import (
	"slices"
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

// The defaults of measurement.md, §9. What burns IncidentGap or less after the
// end of an incident belongs to it.
const (
	incidentBurn  = 1.0
	IncidentGap   = 15 * time.Minute
	incidentShare = 0.01
)

// Incidents are those that lie in (from, at] in whole or in part, ascending. Each
// is told whole, as far as there are slots of it.
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

// Reach is from when to when slots burned too fast in (from, at], with those before
// and after that belong to them, whatever they took; zero when none did.
func (l *Ledger) Reach(from, at time.Time) (begin, end time.Time) {
	if runs := l.runs(from.UnixMilli(), at.UnixMilli()); len(runs) > 0 {
		begin, end = runs[0].From, runs[len(runs)-1].To
	}
	return begin, end
}

// budgetInstant is as of when the budget is taken that an incident is a share
// of: the end of its calendar period, as far as it was measured, or of the range.
func budgetInstant(window agreement.Window, start, at time.Time) time.Time {
	if window.IsCalendar() {
		window.Offset = 0
		_, at = window.At(start.Add(time.Millisecond))
	}
	return at
}

// runs are the maximal runs of slots that burn faster than incidentBurn, gaps
// up to IncidentGap joined, which touch (from, at].
func (l *Ledger) runs(from, at int64) []Incident {
	step, gap := l.unit, IncidentGap.Milliseconds()
	at = min(at, l.end)
	begin := from - from%step
	for before := begin - step; before >= l.begin && begin-before-step <= gap; before -= step {
		if _, fast := l.slotBurn(before); fast {
			begin = before
		}
	}
	var runs []Incident
	for end := at; begin-end <= gap; begin += step {
		burn, fast := l.slotBurn(begin)
		if !fast {
			continue
		}
		last := len(runs) - 1
		if last < 0 || begin-runs[last].To.UnixMilli() > gap {
			if begin >= at {
				break
			}
			runs = append(runs, Incident{From: instant(begin)})
			last++
		}
		runs[last].To, runs[last].PeakBurn = instant(min(begin+step, l.end)), max(runs[last].PeakBurn, Figure(burn))
		end = max(at, runs[last].To.UnixMilli())
	}
	for i := range runs {
		from, to := runs[i].From.UnixMilli(), runs[i].To.UnixMilli()
		counts := l.Count(from, to)
		runs[i].Total, runs[i].Bad, runs[i].Ongoing = Figure(counts.Total), Figure(counts.Bad), l.end-to < step
	}
	return slices.DeleteFunc(runs, func(run Incident) bool { return run.To.UnixMilli() <= from })
}

// slotBurn is the burn rate of one slot, or slice, and whether it is faster than
// incidentBurn.
func (l *Ledger) slotBurn(begin int64) (burn float64, fast bool) {
	counts := l.Count(begin, begin+l.unit)
	if counts.Total <= 0 {
		return 0, false
	}
	burn = Consumed(counts.Bad/counts.Total, l.budgetAt(begin))
	return burn, burn > incidentBurn+Tolerance
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
