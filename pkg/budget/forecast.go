package budget

import (
	"context"
	"math"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/slots"
)

// projectionBase is the length of the recent past from which rates are taken.
const projectionBase = 7 * 24 * time.Hour

// EnoughMeasured is the share of a stretch of time that must have been measured for
// it to be representative.
const EnoughMeasured = 0.9

// project returns the compliance to expect at the end of the period, and the share of the
// budget that will be spent by then (docs/figures.md, «Looking ahead»).
func (l *Ledger) project(window agreement.Window, s span, now Balance) (compliance, consumed Figure) {
	rest := float64(l.in.Length(s.to, s.end)) / 1000
	total, bad, allowed := float64(now.Total), float64(now.Bad), float64(now.Allowed)
	if rest > 0 {
		recent := l.Count(s.to-projectionBase.Milliseconds(), s.to)
		seconds := l.seconds(recent)
		if seconds <= 0 {
			return Absent, Absent
		}
		total += recent.Total / seconds * rest
		bad += recent.Bad / seconds * rest
		if !l.fixed(window) {
			_, perRate := l.fixedBudget(s.to, s.end)
			allowed += recent.Total / seconds * perRate
		}
	}
	if total <= 0 {
		return Absent, Absent
	}
	return Figure(1 - bad/total), Figure(Consumed(bad, allowed))
}

// seconds returns the time in scope that the counts represent: the measured time, or
// all of it if the no-data policy counts unmeasured time.
func (l *Ledger) seconds(counts Counts) float64 {
	switch {
	case l.objective.NoData == agreement.NoDataIgnore || !l.timeBased() && l.judged == nil:
		return counts.Measured
	case l.judged != nil:
		return counts.Total * float64(l.unit) / 1000
	}
	return counts.Total
}

// pace is the rate of the recent past, per second of in-scope time.
type pace struct{ total, bad float64 }

// growth returns the growth of bad − allowed per second, at the piece's target.
func (p pace) growth(piece targetPiece) float64 { return p.bad - p.total*piece.budget }

// paceLength returns the in-scope time from which the pace is taken.
func paceLength(windowMillis int64) time.Duration {
	return max(time.Hour, time.Duration(windowMillis)*time.Millisecond/30)
}

// exhaustion returns when the budget runs out at the recent pace; zero if it does not
// do so within the window and before until, the agreement's end (zero: open-ended).
// See docs/figures.md, «Looking ahead».
func (l *Ledger) exhaustion(window agreement.Window, s span, now Balance, until time.Time) time.Time {
	recent := l.lastInScope(paceLength(s.length()), instant(s.to), s.length())
	if recent.InScope <= 0 || !(now.Total > 0 || l.fixed(window)) {
		return time.Time{}
	}
	p := pace{recent.Total / recent.InScope, recent.Bad / recent.InScope}
	if l.fixed(window) {
		p.total = 0 // new counts add no budget
	}
	var at int64
	var ok bool
	if window.IsCalendar() {
		at, ok = l.runsOutByEnd(s, float64(now.Bad)-float64(now.Allowed), p)
	} else {
		at, ok = l.runsOutWhileForgetting(l.stretch(s.to, 2*s.to-s.from, 0, p), s, p)
	}
	if !ok || !until.IsZero() && at >= until.UnixMilli() {
		return time.Time{}
	}
	return instant(at)
}

// runsOutByEnd returns when the budget runs out in the rest of a calendar period.
// overdrawn is bad − allowed now, at most 0; at 0 the next time in scope exceeds the budget.
func (l *Ledger) runsOutByEnd(s span, overdrawn float64, p pace) (int64, bool) {
	for _, piece := range l.targets {
		from, growth := max(s.to, piece.from), p.growth(piece)
		seconds := float64(l.in.Length(from, min(s.end, piece.to))) / 1000
		gain := growth * seconds
		if growth > 0 && overdrawn+gain > Tolerance {
			return l.in.Ahead(from, max(1, int64(math.Ceil(-overdrawn/growth*1000))))
		}
		overdrawn += gain
	}
	return 0, false
}

// stretch is a part (from, to] of the time ahead. At the pace, bad − allowed gains
// before until its start, gain within it, and never more than most on the way: a
// revision of the target may reverse the trend.
type stretch struct {
	from, to           int64
	before, gain, most float64
}

func (l *Ledger) stretch(from, to int64, before float64, p pace) stretch {
	ahead := stretch{from: from, to: to, before: before}
	for _, piece := range l.targets {
		seconds := float64(l.in.Length(max(from, piece.from), min(to, piece.to))) / 1000
		gain := seconds * p.growth(piece)
		ahead.gain += gain
		ahead.most += max(0, gain)
	}
	return ahead
}

// runsOutWhileForgetting returns when the budget runs out while a rolling window moves
// ahead by at most its length: new counts arrive at the pace, and known ones leave at
// the tail. A stretch in which the budget cannot run out is skipped, any other is halved
// at a slot edge, down to one slot, whose counts leave at an even pace.
func (l *Ledger) runsOutWhileForgetting(ahead stretch, s span, p pace) (int64, bool) {
	step, length, cut := l.view.Series.Resolution(), s.to-s.from, 0.0
	if l.judged != nil {
		cut = 1 // the part that the window's edge leaves of a good slice may be bad
	}
	from, to := ahead.from, ahead.to
	known, stays := l.Count(from-length, s.to), l.Count(to-length, s.to)
	if ahead.before+ahead.most+known.Bad+cut-stays.Allowed <= 0 {
		return 0, false
	}
	half := slots.Floor((from+to)/2-length, step) + length
	if half <= from {
		half += step
	}
	if half < to {
		sooner := l.stretch(from, half, ahead.before, p)
		if at, ok := l.runsOutWhileForgetting(sooner, s, p); ok {
			return at, true
		}
		return l.runsOutWhileForgetting(l.stretch(half, to, sooner.before+sooner.gain, p), s, p)
	}
	overdrawn := ahead.before + known.Bad - known.Allowed
	next := ahead.before + ahead.gain + stays.Bad - stays.Allowed
	if next <= Tolerance {
		return 0, false
	}
	part := max(0, -overdrawn) / (next - min(0, overdrawn))
	return from + int64(part*float64(to-from)), true
}

// spent returns the instant at which bad, counted from the start of a breached window,
// exceeded what the whole window allows.
func (l *Ledger) spent(s span, allowed float64) time.Time {
	var bad float64
	perDay := max(1, 24*int64(time.Hour/time.Millisecond)/l.unit)
	for _, step := range []int64{perDay * l.unit, l.unit} { // never parts of a slice
		for s.from < s.to {
			next := min(s.from-s.from%step+step, s.to)
			more := l.Count(s.from, next).Bad
			if Exceeds(bad+more, allowed) {
				s.to = next
				break
			}
			bad += more
			s.from = next
		}
	}
	return instant(s.to)
}

// Traffic is the total in stretches of time: events, seconds or slices.
type Traffic struct{ Average, Fewest Figure }

// Traffic returns the total in stretches of in-scope time of the given length in the
// last seven days: the average, and the fewest of those that end on a full hour in
// scope and were almost fully measured.
func (l *Ledger) Traffic(ctx context.Context, long time.Duration, window agreement.Window, at time.Time) Traffic {
	s := spanAt(window, at)
	recent := l.Count(s.to-projectionBase.Milliseconds(), s.to)
	traffic := Traffic{Average: Figure(recent.Total / l.seconds(recent) * long.Seconds()), Fewest: Absent} // 0/0 is absent
	for end := range Instants(ctx, instant(s.to).Add(-projectionBase), instant(s.to), time.Hour) {
		counts := l.lastInScope(long, end, s.length())
		if counts.Measured >= EnoughMeasured*long.Seconds() && l.in.Length(end.UnixMilli()-1, end.UnixMilli()) > 0 &&
			(!traffic.Fewest.Known() || Figure(counts.Total) < traffic.Fewest) {
			traffic.Fewest = Figure(counts.Total)
		}
	}
	return traffic
}
