package budget

import (
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Incident is a run of slots in which the budget burned too fast
// (docs/figures.md, «History and incidents»).
type Incident struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Ongoing says that it lasts to the end of what is known.
	Ongoing bool `json:"ongoing"`
	IncidentFigures
}

// IncidentFigures are the counts of an incident and their effect on the budget.
type IncidentFigures struct {
	// Total and Bad are events, seconds or slices.
	Total Figure `json:"total"`
	Bad   Figure `json:"bad"`
	// Share is the share of the window's error budget that it consumed.
	Share Figure `json:"share"`
	// PeakBurn is the highest burn rate of a slot.
	PeakBurn Figure `json:"peakBurn"`
}

// What an incident is (docs/figures.md, «History and incidents»). A slot that burns too fast
// at most IncidentGap after the end of an incident belongs to it.
const (
	incidentBurn  = 1.0
	IncidentGap   = 15 * time.Minute
	incidentShare = 0.01
)

// Incidents returns the incidents that overlap (from, at], in ascending order. Each is
// returned in full length, as far as its slots are known.
func (l *Ledger) Incidents(window agreement.Window, from, at time.Time) []Incident {
	var worth []Incident
	for _, incident := range l.runs(from.UnixMilli(), at.UnixMilli()) {
		allowed := float64(l.Balance(window, budgetInstant(window, incident)).Allowed)
		incident.Share = Figure(Consumed(float64(incident.Bad), allowed))
		if float64(incident.Share) >= incidentShare-Tolerance {
			worth = append(worth, incident)
		}
	}
	return worth
}

// Reach returns the start of the first and the end of the last run of slots that burn too
// fast and touch (from, at], whatever their share of the budget; zero if there is none.
func (l *Ledger) Reach(from, at time.Time) (begin, end time.Time) {
	if runs := l.runs(from.UnixMilli(), at.UnixMilli()); len(runs) > 0 {
		begin, end = runs[0].From, runs[len(runs)-1].To
	}
	return begin, end
}

// budgetInstant returns the instant as of which to take the budget that an incident is
// a share of, the same for every range: the end of the calendar period in which it starts,
// else its own end.
func budgetInstant(window agreement.Window, incident Incident) time.Time {
	if !window.IsCalendar() {
		return incident.To
	}
	window.Offset = 0
	_, end := window.At(incident.From.Add(time.Millisecond))
	return end
}

// runs returns the maximal runs of slots that burn faster than incidentBurn, with gaps
// up to IncidentGap joined, that touch (from, at].
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

// slotBurn returns the burn rate of one slot or slice, and whether it is faster than
// incidentBurn.
func (l *Ledger) slotBurn(begin int64) (burn float64, fast bool) {
	counts := l.Count(begin, begin+l.unit)
	if counts.Total <= 0 {
		return 0, false
	}
	burn = Consumed(counts.Bad/counts.Total, l.budgetAt(begin))
	return burn, burn > incidentBurn+Tolerance
}

// Repair summarizes incidents.
type Repair struct {
	Count int `json:"count"`
	// MeanSecondsToRepair is the mean length of an incident; null if there is none.
	// MeanSecondsBetween is the mean time from the start of one to the start of the
	// next; null if there are fewer than two.
	MeanSecondsToRepair Figure `json:"meanSecondsToRepair"`
	MeanSecondsBetween  Figure `json:"meanSecondsBetween"`
}

// RepairOf summarizes the incidents, which must be in ascending order.
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
