package conformance

import (
	"math"
	"time"
)

// burnWindows are the default ones.
var burnWindows = map[string]time.Duration{
	"5m": 5 * time.Minute, "30m": 30 * time.Minute, "1h": time.Hour, "2h": 2 * time.Hour,
	"6h": 6 * time.Hour, "1d": 24 * time.Hour, "3d": 72 * time.Hour,
}

// noise is by how much equal figures may differ in floats. Up to near, either
// side of an edge is right.
const (
	noise = 1e-12
	near  = 1e-9
)

// answer is what is known of a question: yes, no, or that it lies on the edge.
type answer int

const (
	no answer = iota
	open
	yes
)

// above says whether a is above b.
func above(a, b float64) answer {
	switch {
	case math.Abs(a-b) <= noise*max(1, math.Abs(b)):
		return no
	case math.Abs(a-b) <= near*max(1, math.Abs(b)):
		return open
	case a > b:
		return yes
	}
	return no
}

// alertFires says whether any of the four burn-rate alerts does.
func (o *oracle) alertFires(period span) answer {
	length := float64(period.to - period.from)
	fires := no
	for _, alert := range []struct {
		share float64
		long  time.Duration
	}{{0.02, time.Hour}, {0.05, 6 * time.Hour}, {0.10, 24 * time.Hour}, {0.10, 72 * time.Hour}} {
		long := int64(alert.long / time.Second)
		if float64(long) >= length {
			continue
		}
		factor := max(1, alert.share*length/float64(long))
		limit := o.at - int64(length)
		longTally := o.tally(span{o.reachBack(long, limit), o.at}, true)
		shortTally := o.tally(span{o.reachBack(long/12, limit), o.at}, true)
		if longTally.measured == 0 || shortTally.measured < shortTally.inScope/2 || longTally.total < o.objective.MinEvents {
			continue
		}
		fires = max(fires, min(above(o.burn(longTally), factor), above(o.burn(shortTally), factor)))
	}
	return fires
}

// reachBack is where so many seconds in scope before the instant begin, though
// not before the limit.
func (o *oracle) reachBack(seconds, limit int64) int64 {
	t := o.at
	for seconds > 0 && t > limit {
		step := int64(1)
		if t%60 == 0 && seconds >= 60 && t-60 >= limit {
			step = 60
		}
		in, _ := o.scope.seconds(t-step, t)
		t -= step
		seconds -= in
	}
	return t
}

// forecast is what a calendar period comes to at its end.
type forecast struct {
	total, bad, allowed float64
	known               bool
	// sure: all of the last seven days was measured.
	sure bool
}

func (o *oracle) forecast(sum tally, period span, fixed bool) forecast {
	recent := o.tally(span{o.at - 7*secondsADay, o.at}, true)
	f := forecast{total: sum.total, bad: sum.bad, allowed: sum.allowed, known: true}
	f.sure = recent.measured == recent.inScope && recent.measured > 0
	rest := 0.0
	for t := o.at; t < period.to; {
		end := min((floorDiv(t, o.r)+1)*o.r, period.to)
		in, _ := o.inScope(t, end, true)
		rest += in
		if !fixed && recent.measured > 0 {
			f.allowed += in * recent.total / recent.measured * o.budgetAt(floorDiv(t, o.r)*o.r)
		}
		t = end
	}
	if rest > 0 && recent.measured == 0 {
		f.known = false
		return f
	}
	if rest > 0 {
		f.total += rest * recent.total / recent.measured
		f.bad += rest * recent.bad / recent.measured
	}
	return f
}

// A budget that runs out although the bad comes by a tenth more slowly, and a
// hundredth more is allowed, runs out for sure; and the other way round.
var (
	surely  = pace{bad: 0.9, allowed: 1.01}
	perhaps = pace{bad: 1.1, allowed: 0.99}
)

// pace changes how fast bad comes in, and what is allowed.
type pace struct{ bad, allowed float64 }

// runsOut is when the budget runs out if the rate of late goes on: the first
// end of a slot at which more is bad than allowed. A rolling window forgets.
func (o *oracle) runsOut(sum tally, window, period span, until int64, fixed bool, p pace) (t int64, runs bool) {
	length := period.to - period.from
	recent := o.tally(span{o.reachBack(max(3600, length/30), o.at-length), o.at}, true)
	if recent.inScope == 0 || sum.total == 0 && !fixed {
		return 0, false
	}
	step := max(o.r, int64(o.objective.TimeSliceWindow.std()/time.Second))
	slack := near
	if p == surely {
		slack *= max(1, sum.total) // thousands of slots are taken away from it, one by one
	}
	for from := o.at; from < until; from = t {
		t = min((floorDiv(from, step)+1)*step, until)
		in, _ := o.scope.seconds(from, t)
		comes := recent.total / recent.inScope * float64(in)
		sum.bad += p.bad * recent.bad / recent.inScope * float64(in)
		if !fixed {
			sum.allowed += comes * o.budgetAt(floorDiv(from, step)*step)
		}
		if o.rolling {
			left := o.tally(span{from - length, t - length}, true)
			sum.bad -= left.bad
			sum.allowed -= left.allowed
		}
		if sum.bad > sum.allowed*p.allowed+slack {
			return t, true
		}
	}
	return 0, false
}

// lasts says whether the budget is there at the end of the window, and whether
// a rolling one runs out within a tenth of it.
func (o *oracle) lasts(sum tally, window, period span, fixed bool) (exhausted, soon answer) {
	until, tenth := period.to, o.at+(period.to-period.from)/10
	if o.rolling {
		until = o.at + (period.to - period.from)
	}
	if o.rolling && o.objective.TimeSliceWindow.std() > time.Duration(o.r)*time.Second {
		// What is left of a slice that the window's edge cuts may be worse than
		// the whole, and spend the budget for a moment.
		exhausted, soon = open, open
	}
	if t, runs := o.runsOut(sum, window, period, until, fixed, perhaps); runs {
		exhausted = open
		if t <= tenth+2*o.r {
			soon = open
		}
	}
	if t, runs := o.runsOut(sum, window, period, until-2*o.r, fixed, surely); runs && t < o.scope.until {
		exhausted = yes
		if t <= tenth-2*o.r {
			soon = yes
		}
	}
	return exhausted, soon
}
