package budget

import (
	"context"
	"math"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/slots"
)

// projectionBase is the time that a rate of the recent past is taken from.
const projectionBase = 7 * 24 * time.Hour

// EnoughMeasured is the share of a stretch of time that must have been measured
// for it to say what is usual.
const EnoughMeasured = 0.9

// project is the compliance to expect at the end of the period, and the share
// of the budget that will be spent by then: to date, plus the rest of the period's in-scope time at the rate
// per measured in-scope second of the last 7 days (measurement.md, §7).
func (l *Ledger) project(window agreement.Window, s span, now Balance) (compliance, consumed Figure) {
	rest := float64(l.scope.In.Length(s.to, s.end)) / 1000
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
			for _, piece := range l.targets {
				length := l.scope.In.Length(max(s.to, piece.from), min(s.end, piece.to))
				allowed += recent.Total / seconds * float64(length) / 1000 * piece.budget
			}
		}
	}
	if total <= 0 {
		return Absent, Absent
	}
	return Figure(1 - bad/total), Figure(Consumed(bad, allowed))
}

// seconds is the time in scope that the counts stand for: what was measured, or
// all where the no-data policy counts time that was not.
func (l *Ledger) seconds(counts Counts) float64 {
	switch {
	case l.objective.NoData == agreement.NoDataIgnore || !l.timeBased() && l.slices == nil:
		return counts.Measured
	case l.slices != nil:
		return counts.Total * float64(l.slices.length) / 1000
	}
	return counts.Total
}

// pace is what the recent past brings per second of in-scope time.
type pace struct{ total, bad float64 }

// paceLength is the in-scope time that the pace is taken from.
func paceLength(windowMillis int64) time.Duration {
	return max(time.Hour, time.Duration(windowMillis)*time.Millisecond/30)
}

// exhaustion is when the budget runs out if the recent pace goes on, within the
// window and before until (0: open), the agreement's end; zero when it does not
// (measurement.md, §7).
func (l *Ledger) exhaustion(window agreement.Window, s span, now Balance, until time.Time) time.Time {
	recent := l.lastInScope(paceLength(s.end-s.from), instant(s.to), s.end-s.from)
	if recent.InScope <= 0 || !(now.Total > 0 || l.fixed(window)) {
		return time.Time{}
	}
	p := pace{recent.Total / recent.InScope, recent.Bad / recent.InScope}
	overdrawn := float64(now.Bad) - float64(now.Allowed)
	var at int64
	var ok bool
	if window.IsCalendar() {
		at, ok = l.runsOutByEnd(s, overdrawn, p, l.fixed(window))
	} else {
		at, ok = l.runsOutWhileForgetting(s.to, 2*s.to-s.from, s, 0, p)
	}
	if !ok || !until.IsZero() && at >= until.UnixMilli() {
		return time.Time{}
	}
	return instant(at)
}

// runsOutByEnd walks the rest of a calendar period. overdrawn is bad − allowed
// now, at most 0.
func (l *Ledger) runsOutByEnd(s span, overdrawn float64, p pace, fixed bool) (int64, bool) {
	for _, piece := range l.targets {
		from := max(s.to, piece.from)
		growth := p.bad
		if !fixed {
			growth -= p.total * piece.budget
		}
		seconds := float64(l.scope.In.Length(from, min(s.end, piece.to))) / 1000
		if growth > 0 && overdrawn+growth*seconds > Tolerance {
			return l.scope.In.Ahead(from, int64(math.Ceil(-overdrawn/growth*1000)))
		}
		overdrawn += growth * seconds
	}
	return 0, false
}

// runsOutWhileForgetting looks at a rolling window while it moves over (from, to],
// at most its length ahead: new counts come at the pace, and the known ones leave
// at the tail. grown is what bad − allowed has gained at the pace up to from. A
// stretch in which the budget cannot run out is passed over at once, another is
// halved at an edge of slots: a slot leaves at an even pace.
func (l *Ledger) runsOutWhileForgetting(from, to int64, s span, grown float64, p pace) (int64, bool) {
	step, length, cut := l.view.Series.Resolution(), s.to-s.from, 0.0
	if l.slices != nil {
		cut = 1 // what the window's edge leaves of a good slice may be bad
	}
	gain, most := l.growth(from, to, p)
	known, stays := l.Count(from-length, s.to), l.Count(to-length, s.to)
	if grown+most+known.Bad+cut-stays.Allowed <= 0 {
		return 0, false
	}
	half := slots.Floor((from+to)/2-length, step) + length
	if half <= from {
		half += step
	}
	if half < to {
		if at, ok := l.runsOutWhileForgetting(from, half, s, grown, p); ok {
			return at, true
		}
		gained, _ := l.growth(from, half, p)
		return l.runsOutWhileForgetting(half, to, s, grown+gained, p)
	}
	overdrawn, next := grown+known.Bad-known.Allowed, grown+gain+stays.Bad-stays.Allowed
	if next <= Tolerance {
		return 0, false
	}
	part := max(0, -overdrawn) / (next - min(0, overdrawn))
	return from + int64(part*float64(to-from)), true
}

// growth is by how much bad − allowed grows over (from, to] at the pace, and
// what it cannot exceed on the way: a revision may turn it.
func (l *Ledger) growth(from, to int64, p pace) (gain, most float64) {
	for _, piece := range l.targets {
		seconds := float64(l.scope.In.Length(max(from, piece.from), min(to, piece.to))) / 1000
		more := seconds * (p.bad - p.total*piece.budget)
		gain += more
		most += max(0, more)
	}
	return gain, most
}

// spent is the instant at which the bad of a breached window, counted from the
// window's start, went past what the whole window allows.
func (l *Ledger) spent(s span, allowed float64) time.Time {
	var bad float64
	for _, step := range []int64{24 * int64(time.Hour/time.Millisecond), l.view.Series.Resolution()} {
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

// Traffic is what stretches of time hold: events, seconds or slices.
type Traffic struct{ Average, Fewest Figure }

// Traffic is what stretches of that length, in scope, held in the last seven
// days: on average, and the one with the fewest of those that end at a full
// hour and were measured nearly whole.
func (l *Ledger) Traffic(ctx context.Context, long time.Duration, window agreement.Window, at time.Time) Traffic {
	s := spanAt(window, at)
	recent := l.Count(s.to-projectionBase.Milliseconds(), s.to)
	traffic := Traffic{Average: Figure(recent.Total / l.seconds(recent) * long.Seconds()), Fewest: Absent} // 0/0 is absent
	for end := range Instants(ctx, instant(s.to).Add(-projectionBase), instant(s.to), time.Hour) {
		counts := l.lastInScope(long, end, s.end-s.from)
		if counts.Measured >= EnoughMeasured*long.Seconds() && l.scope.In.Length(end.UnixMilli()-1, end.UnixMilli()) > 0 &&
			(!traffic.Fewest.Known() || Figure(counts.Total) < traffic.Fewest) {
			traffic.Fewest = Figure(counts.Total)
		}
	}
	return traffic
}
