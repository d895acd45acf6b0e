package budget

import (
	"math"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

const projectionBase = 7 * 24 * time.Hour

// project is the compliance to expect at the end of the period, and whether it
// breaches: to date, plus the rest of the period's in-scope time at the rate
// per measured in-scope second of the last 7 days (measurement.md, §7).
func (l *Ledger) project(window agreement.Window, s span, now Balance) (Figure, bool) {
	rest := float64(l.scope.In.Length(s.to, s.end)) / 1000
	total, bad, allowed := float64(now.Total), float64(now.Bad), float64(now.Allowed)
	if rest > 0 {
		recent := l.Count(s.to-projectionBase.Milliseconds(), s.to)
		seconds := recent.Measured
		if l.countsUnknown() {
			from := max(s.to-projectionBase.Milliseconds(), l.unknownFrom)
			seconds = float64(l.scope.In.Length(from, min(s.to, l.end))) / 1000
		}
		if seconds <= 0 {
			return Absent, false
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
		return Absent, false
	}
	return Figure(1 - bad/total), exceeds(bad, allowed)
}

// countsUnknown reports whether the no-data policy counts time that was not
// measured.
func (l *Ledger) countsUnknown() bool {
	return l.objective.NoData != agreement.NoDataIgnore && (l.timeBased() || l.slices != nil)
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
		at, ok = l.runsOutWhileForgetting(s, overdrawn, p)
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
		from, to := max(s.to, piece.from), min(s.end, piece.to)
		if from >= to {
			continue
		}
		growth := p.bad
		if !fixed {
			growth -= p.total * piece.budget
		}
		seconds := float64(l.scope.In.Length(from, to)) / 1000
		if growth > 0 && overdrawn+growth*seconds > exact {
			at, ok := l.scope.In.Ahead(from, int64(math.Ceil(-overdrawn/growth*1000)))
			return at, ok && at <= s.end
		}
		overdrawn += growth * seconds
	}
	return 0, false
}

// runsOutWhileForgetting walks a rolling window ahead by its length: new counts
// come at the pace, and the known ones leave at the tail. Whole days in which
// the budget cannot run out are passed over at once.
func (l *Ledger) runsOutWhileForgetting(s span, overdrawn float64, p pace) (int64, bool) {
	const day = 24 * int64(time.Hour/time.Millisecond)
	length := s.to - s.from
	for from := s.to; from < s.to+length; from += day {
		to := min(from+day, s.to+length)
		leaving := l.Count(from-length, to-length)
		gain := l.growth(from, to, p)
		if overdrawn+leaving.Allowed+max(0, gain) > 0 {
			if at, ok := l.runsOutWithin(from, to, length, overdrawn, p); ok {
				return at, true
			}
		}
		overdrawn += gain + leaving.Allowed - leaving.Bad
	}
	return 0, false
}

func (l *Ledger) runsOutWithin(from, to, length int64, overdrawn float64, p pace) (int64, bool) {
	step := l.view.Series.Resolution()
	for begin := from; begin < to; begin += step {
		end := min(begin+step, to)
		leaving := l.Count(begin-length, end-length)
		next := overdrawn + l.growth(begin, end, p) + leaving.Allowed - leaving.Bad
		if next > exact {
			part := max(0, -overdrawn) / (next - min(0, overdrawn))
			return begin + int64(part*float64(end-begin)), true
		}
		overdrawn = next
	}
	return 0, false
}

// growth is by how much bad − allowed grows over (from, to] at the pace.
func (l *Ledger) growth(from, to int64, p pace) float64 {
	seconds := float64(l.scope.In.Length(from, to)) / 1000
	return seconds * (p.bad - p.total*l.budgetAt(from))
}

// spent is the instant at which the bad of a breached window, counted from the
// window's start, went past what the whole window allows.
func (l *Ledger) spent(s span, allowed float64) time.Time {
	var bad float64
	for _, step := range []int64{24 * int64(time.Hour/time.Millisecond), l.view.Series.Resolution()} {
		for s.from < s.to {
			next := min(s.from-s.from%step+step, s.to)
			more := l.Count(s.from, next).Bad
			if exceeds(bad+more, allowed) {
				s.to = next
				break
			}
			bad += more
			s.from = next
		}
	}
	return instant(s.to)
}
