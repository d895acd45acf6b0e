package budget

import (
	"math"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Balance is how a window stands: what was counted in it against its error
// budget (measurement.md, §5).
type Balance struct {
	From time.Time `json:"-"`
	To   time.Time `json:"-"`
	// Target is the ratio the window was held to; a mean where revisions mix.
	Target Figure `json:"target"`
	// Total, Bad and Allowed are events, seconds or slices.
	Total      Figure `json:"total"`
	Bad        Figure `json:"bad"`
	Compliance Figure `json:"compliance"` // ratio; null when total is 0
	Allowed    Figure `json:"allowed"`
	Consumed   Figure `json:"consumed"`  // share of the budget, 1 is all of it
	Remaining  Figure `json:"remaining"` // 1 − consumed, negative when breached
	Coverage   Figure `json:"coverage"`  // measured / in-scope time
}

// Unmeasured is the balance of which no figure is known.
var Unmeasured = Balance{Target: Absent, Total: Absent, Bad: Absent, Compliance: Absent,
	Allowed: Absent, Consumed: Absent, Remaining: Absent, Coverage: Absent}

// Breached reports whether more was bad than the budget allows.
func (b Balance) Breached() bool { return b.Total > 0 && Exceeds(float64(b.Bad), float64(b.Allowed)) }

// span is a window as of an instant: (from, to] is what is counted, end the
// end of the period it belongs to.
type span struct{ from, to, end int64 }

func (s span) length() int64 { return s.end - s.from }

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func instant(unixMilli int64) time.Time { return time.UnixMilli(unixMilli).UTC() }

// spanAt is the window as of at. Of a past period it is the whole.
func spanAt(window agreement.Window, at time.Time) span {
	from, end := window.At(at)
	to := at
	if end.Before(at) {
		to = end
	}
	return span{from.UnixMilli(), to.UnixMilli(), end.UnixMilli()}
}

// Balance is the window's balance as of at.
func (l *Ledger) Balance(window agreement.Window, at time.Time) Balance {
	return l.balance(window, spanAt(window, at))
}

func (l *Ledger) balance(window agreement.Window, s span) Balance {
	counts := l.Count(s.from, s.to)
	balance := Balance{
		From: instant(s.from), To: instant(s.to),
		Target: Figure(l.targetAt(s.to)), Total: Figure(counts.Total), Bad: Figure(counts.Bad),
		Allowed: Figure(counts.Allowed), Compliance: counts.Compliance(), Consumed: Absent, Remaining: Absent, Coverage: counts.Coverage(),
	}
	base, to := counts.Total, s.to
	if l.fixed(window) {
		to = s.end
		base, counts.Allowed = l.fixedBudget(s.from, s.end)
		balance.Allowed = Figure(counts.Allowed)
	}
	if base > 0 {
		balance.Target = Figure(1 - counts.Allowed/base)
		for _, piece := range l.targets {
			if piece.from <= s.from && to <= piece.to { // as it was written, and no quotient of floats
				balance.Target = Figure(piece.target)
			}
		}
	}
	if counts.Total > 0 {
		balance.Consumed = Figure(Consumed(counts.Bad, counts.Allowed))
		balance.Remaining = 1 - balance.Consumed
	}
	return balance
}

// fixed reports whether the window's budget is known from its first minute on:
// time and slices in a calendar window are given by the calendar.
func (l *Ledger) fixed(window agreement.Window) bool {
	return window.IsCalendar() && (l.timeBased() || l.judged != nil)
}

// fixedBudget is the period's in-scope time, in seconds or slices, and the
// budget it brings.
func (l *Ledger) fixedBudget(from, end int64) (base, allowed float64) {
	unit := 1000.0
	if l.judged != nil {
		unit = float64(l.unit)
	}
	for _, piece := range l.targets {
		part := float64(l.in.Length(max(from, piece.from), min(end, piece.to))) / unit
		base += part
		allowed += part * piece.budget
	}
	return base, allowed
}

// Compliance is the good ratio of what was counted; absent when nothing was.
func (c Counts) Compliance() Figure {
	if c.Total <= 0 {
		return Absent
	}
	return Figure(1 - c.Bad/c.Total)
}

// Coverage is the measured part of the time in scope; absent when there is none.
func (c Counts) Coverage() Figure {
	if c.InScope <= 0 {
		return Absent
	}
	return Figure(min(1, c.Measured/c.InScope))
}

// Burn is the burn rate over the wall-clock time (t−w, t] as of t: 1 is
// exactly on budget, 0 when nothing happened or nothing is in scope; absent when
// there is scope and nothing in it was measured.
func (l *Ledger) Burn(w time.Duration, t time.Time) Figure {
	to := t.UnixMilli()
	return l.burn(l.Count(to-w.Milliseconds(), to), t)
}

func (l *Ledger) burn(counts Counts, at time.Time) Figure {
	switch {
	case counts.Total > 0:
		return Figure(Consumed(counts.Bad/counts.Total, agreement.BudgetRatio(l.targetAt(at.UnixMilli()))))
	case counts.InScope > 0 && counts.Measured <= 0:
		return Absent
	}
	return 0
}

// Tolerance is how far two equal figures may lie apart: sums of floats differ by
// less from what they stand for.
const Tolerance = 1e-9

// Exceeds reports whether the bad is more than the budget, not merely by the
// rounding of a float.
func Exceeds(bad, allowed float64) bool {
	return bad-allowed > Tolerance*max(1, allowed)
}

// Consumed is the share of a budget that the bad takes: without a budget,
// nothing bad is 0 and anything else infinite.
func Consumed(bad, allowed float64) float64 {
	if allowed > 0 {
		return bad / allowed
	}
	if Exceeds(bad, 0) {
		return math.Inf(1)
	}
	return 0
}
