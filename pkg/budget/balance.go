package budget

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Balance is how a window stands: what was counted in it against its error
// budget (measurement.md, §5).
type Balance struct {
	From, To time.Time
	// Target is the ratio the window was held to; a mean where revisions mix.
	Target Figure
	// Total, Bad and Allowed are events, seconds or slices.
	Total, Bad, Allowed Figure
	Compliance          Figure // ratio; absent when Total is 0
	Consumed            Figure // share of the budget, 1 is all of it
	Remaining           Figure // 1 − Consumed, negative when breached
	Coverage            Figure // measured / in-scope time
}

// Breached reports whether more was bad than the budget allows.
func (b Balance) Breached() bool { return b.Total > 0 && Exceeds(float64(b.Bad), float64(b.Allowed)) }

// span is a window as of an instant: (from, to] is what is counted, end the
// end of the period it belongs to.
type span struct{ from, to, end int64 }

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
		Target: Figure(l.objective.TargetAt(instant(s.to))), Total: Figure(counts.Total), Bad: Figure(counts.Bad),
		Allowed: Figure(counts.Allowed), Compliance: Absent, Consumed: Absent, Remaining: Absent, Coverage: Absent,
	}
	base := counts.Total
	if l.fixed(window) {
		base, counts.Allowed = l.fixedBudget(s.from, s.end)
		balance.Allowed = Figure(counts.Allowed)
	}
	if piece, single := l.singleTarget(s.from, s.to, s.end, l.fixed(window)); single && base > 0 {
		balance.Target = Figure(piece.target)
	} else if base > 0 {
		balance.Target = Figure(1 - counts.Allowed/base)
	}
	if counts.Total > 0 {
		balance.Compliance = Figure(1 - counts.Bad/counts.Total)
	}
	if counts.Total > 0 || (l.fixed(window) && base > 0) {
		balance.Consumed = Figure(Consumed(counts.Bad, counts.Allowed))
		balance.Remaining = 1 - balance.Consumed
	}
	if counts.InScope > 0 {
		balance.Coverage = Figure(min(1, counts.Measured/counts.InScope))
	}
	return balance
}

// fixed reports whether the window's budget is known from its first minute on:
// time and slices in a calendar window are given by the calendar.
func (l *Ledger) fixed(window agreement.Window) bool {
	return window.IsCalendar() && (l.timeBased() || l.slices != nil)
}

// fixedBudget is the period's in-scope time, in seconds or slices, and the
// budget it brings.
func (l *Ledger) fixedBudget(from, end int64) (base, allowed float64) {
	unit := 1000.0
	if l.slices != nil {
		unit = float64(l.slices.length)
	}
	for _, piece := range l.targets {
		part := float64(l.scope.In.Length(max(from, piece.from), min(end, piece.to))) / unit
		base += part
		allowed += part * piece.budget
	}
	return base, allowed
}

// singleTarget is the one target that the whole window was held to, so that a
// target is reported as it was written and not as a quotient of floats.
func (l *Ledger) singleTarget(from, to, end int64, fixed bool) (piece targetPiece, single bool) {
	if fixed {
		to = end
	}
	for _, piece := range l.targets {
		if piece.from <= from && to <= piece.to {
			return piece, true
		}
	}
	return targetPiece{}, false
}

// Ratio is the good ratio of what was counted over (from, to]; absent when
// nothing was.
func (l *Ledger) Ratio(from, to time.Time) Figure {
	counts := l.Count(from.UnixMilli(), to.UnixMilli())
	if counts.Total <= 0 {
		return Absent
	}
	return Figure(1 - counts.Bad/counts.Total)
}

// GoodBad is what was good and what was bad over (from, to]; both absent when
// nothing was counted.
func (l *Ledger) GoodBad(from, to time.Time) (good, bad Figure) {
	counts := l.Count(from.UnixMilli(), to.UnixMilli())
	if counts.Total <= 0 {
		return Absent, Absent
	}
	return Figure(counts.Total - counts.Bad), Figure(counts.Bad)
}

// Burn is the burn rate over the wall-clock time (t−w, t] as of t: 1 is
// exactly on budget, 0 when nothing was counted.
func (l *Ledger) Burn(w time.Duration, t time.Time) Figure {
	to := t.UnixMilli()
	return Figure(l.burn(l.Count(to-w.Milliseconds(), to), t))
}

func (l *Ledger) burn(counts Counts, at time.Time) float64 {
	if counts.Total <= 0 {
		return 0
	}
	return Consumed(counts.Bad/counts.Total, agreement.BudgetRatio(l.objective.TargetAt(at)))
}
