package budget

import (
	"math"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Balance compares what was counted in a window with its error budget
// (docs/figures.md, «Compliance and budget»).
type Balance struct {
	From time.Time `json:"-"`
	To   time.Time `json:"-"`
	// Target is the ratio in force in the window; a weighted mean if it was revised.
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

// Unmeasured is a balance whose figures are all absent.
var Unmeasured = Balance{Target: Absent, Total: Absent, Bad: Absent, Compliance: Absent,
	Allowed: Absent, Consumed: Absent, Remaining: Absent, Coverage: Absent}

// Breached reports whether more was bad than the budget allows.
func (b Balance) Breached() bool { return b.Total > 0 && Exceeds(float64(b.Bad), float64(b.Allowed)) }

// span is a window as of an instant: (from, to] is counted, and end is the end of
// the period that it belongs to.
type span struct{ from, to, end int64 }

func (s span) length() int64 { return s.end - s.from }

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func instant(unixMilli int64) time.Time { return time.UnixMilli(unixMilli).UTC() }

// spanAt returns the window as of at; a past period is returned whole.
func spanAt(window agreement.Window, at time.Time) span {
	from, end := window.At(at)
	to := at
	if end.Before(at) {
		to = end
	}
	return span{from.UnixMilli(), to.UnixMilli(), end.UnixMilli()}
}

// Balance returns the window's balance as of at.
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
			if piece.from <= s.from && to <= piece.to { // as written, not a quotient of floats
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

// fixed reports whether the window's budget is known from its start: the calendar
// determines how many seconds or slices a calendar window has.
func (l *Ledger) fixed(window agreement.Window) bool {
	return window.IsCalendar() && (l.timeBased() || l.judged != nil)
}

// fixedBudget returns the period's in-scope time, in seconds or slices, and its
// error budget.
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

// Compliance returns the ratio of good to total, absent if nothing was counted.
func (c Counts) Compliance() Figure {
	if c.Total <= 0 {
		return Absent
	}
	return Figure(1 - c.Bad/c.Total)
}

// Coverage returns the measured share of the time in scope, absent if there is none.
func (c Counts) Coverage() Figure {
	if c.InScope <= 0 {
		return Absent
	}
	return Figure(min(1, c.Measured/c.InScope))
}

// Burn returns the burn rate over the wall-clock time (t−w, t]: 1 is exactly on
// budget. It is 0 if nothing happened or nothing is in scope, and absent if there is
// time in scope but nothing in it was measured.
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

// Tolerance is the difference up to which two figures are equal, to allow for the
// rounding of sums of floats.
const Tolerance = 1e-9

// Exceeds reports whether bad is above the budget by more than a rounding error.
func Exceeds(bad, allowed float64) bool {
	return bad-allowed > Tolerance*max(1, allowed)
}

// Consumed returns the share of a budget that bad uses up. Without a budget it is 0 if
// nothing is bad, else infinite.
func Consumed(bad, allowed float64) float64 {
	if allowed > 0 {
		return bad / allowed
	}
	if Exceeds(bad, 0) {
		return math.Inf(1)
	}
	return 0
}
