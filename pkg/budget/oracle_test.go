package budget_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// oracle makes every figure minute by minute, as docs/figures.md has it: no
// prefix sums, no sets of time, no pieces between revisions. All edges of what
// it is asked lie on whole minutes since monday.
type oracle struct {
	o          *agreement.Objective
	minutes    []minute
	end        int // of what is known
	due        int // from when on unknown time is owed
	timeBased  bool
	sliceTime  int // minutes of a slice, or of a slot
	bySlices   bool
	resolution int
}

type minute struct {
	in, good             bool
	total, bad, measured float64
}

func newOracle(in budget.Reading) *oracle {
	o := in.Objective
	x := &oracle{o: o, end: int(in.At.Sub(monday) / time.Minute), timeBased: o.SLI.Kind.TimeBased(),
		resolution: int(r / time.Minute), bySlices: o.Budgeting != agreement.Occurrences}
	x.sliceTime = x.resolution
	if x.bySlices {
		x.sliceTime = int(o.TimeSliceWindow / time.Minute)
	}
	x.due = math.MaxInt
	x.minutes = make([]minute, 30*24*60)
	for m := range x.end {
		at := monday.Add(time.Duration(m) * time.Minute).UnixMilli()
		sum := in.Slots.Sum(at, at+60_000)
		x.minutes[m] = minute{total: sum.Total, bad: sum.Bad, measured: sum.Measured}
		if sum.Measured > 0 && x.due == math.MaxInt {
			x.due = m - m%x.resolution
			if x.timeBased {
				x.due += x.resolution // its first slot may have begun before it
			}
		}
	}
	x.mark(in.Scope.In, func(m *minute) { m.in = true })
	x.mark(in.Scope.CountAsGood, func(m *minute) { m.good = true })
	if !in.Grouped {
		x.due = 0
	}
	return x
}

func (x *oracle) mark(set scope.Intervals, as func(*minute)) {
	for _, span := range set {
		from, to := span.From-monday.UnixMilli(), span.To-monday.UnixMilli()
		for m := max(from/60_000, 0); m < min(to/60_000, int64(len(x.minutes))); m++ {
			as(&x.minutes[m])
		}
	}
}

func (x *oracle) budget(m int) float64 {
	at, target := monday.Add(time.Duration(m-m%x.sliceTime)*time.Minute), x.o.Target
	for _, revision := range x.o.Revisions {
		if !at.Before(revision.From) {
			target = revision.Target
		}
	}
	return 1 - target
}

// scaled sums up the minutes in scope, with unknown ones as the policy has them.
func (x *oracle) scaled(from, to int) (c budget.Counts) {
	for m := from; m < to; m++ {
		at := x.minutes[m]
		if !at.in {
			continue
		}
		if at.good {
			at.bad = 0
		}
		if x.timeBased && x.o.NoData != agreement.NoDataIgnore && m >= x.due {
			at.total += 60 - at.measured
			if x.o.NoData == agreement.NoDataBad {
				at.bad += 60 - at.measured
			}
		}
		c.Total += at.total
		c.Bad += at.bad
		c.Measured += at.measured
		c.Allowed += at.total * x.budget(m)
		c.InScope += 60
	}
	return c
}

func (x *oracle) count(from, to int) budget.Counts {
	from, to = max(from, 0), min(to, x.end)
	c := x.scaled(from, to)
	if !x.bySlices {
		return c
	}
	c.Total, c.Bad, c.Allowed = 0, 0, 0
	for begin := from; begin < to; {
		end := min(begin-begin%x.sliceTime+x.sliceTime, to)
		part := x.scaled(begin, end)
		weight, bad := part.InScope/60/float64(x.sliceTime), 0.0
		switch {
		case part.Total == 0 && (x.o.NoData == agreement.NoDataIgnore || end <= x.due):
			weight = 0
		case part.Total == 0 && x.o.NoData == agreement.NoDataBad:
			bad = weight
		case part.Total > 0 && x.o.Budgeting == agreement.RatioTimeslices:
			bad = weight * part.Bad / part.Total
		case part.Bad > (1-x.o.TimeSliceTarget)*part.Total+1e-6:
			bad = weight
		}
		c.Total += weight
		c.Bad += bad
		c.Allowed += weight * x.budget(begin)
		begin = end
	}
	return c
}

// fixed is the in-scope time of a calendar period and its budget, in seconds or
// slices.
func (x *oracle) fixed(from, end int) (base, allowed float64) {
	unit := 60.0
	if x.bySlices {
		unit = 1 / float64(x.sliceTime)
	}
	for m := from; m < end; m++ {
		if x.minutes[m].in {
			base += unit
			allowed += unit * x.budget(m)
		}
	}
	return base, allowed
}

// back is the minute from which so many minutes in scope end at the end.
func (x *oracle) back(length, limit int) int {
	m := x.end
	for held := 0; held < length && m > max(limit, 0); {
		m--
		if x.minutes[m].in {
			held++
		}
	}
	return m
}

// seconds are those that the counts stand for.
func (x *oracle) seconds(c budget.Counts) float64 {
	switch {
	case x.o.NoData == agreement.NoDataIgnore, !x.timeBased && !x.bySlices:
		return c.Measured
	case x.bySlices:
		return c.Total * 60 * float64(x.sliceTime)
	}
	return c.Total
}

// drawOracle draws a reading, with the minutes between which its window lies.
func drawOracle(t *rapid.T) (in budget.Reading, x *oracle, window agreement.Window, from, to, end int) {
	in = drawReading(t)
	if rapid.Bool().Draw(t, "scoped") {
		in.Scope = drawScope(t)
	}
	in.Grouped = rapid.Bool().Draw(t, "grouped")
	x = newOracle(in)
	window = rapid.SampledFrom([]agreement.Window{{Rolling: 2 * days}, {Rolling: 30 * days}, {Calendar: agreement.Week},
		{Calendar: agreement.Month}, {Calendar: agreement.Week, Offset: -1}, {Calendar: agreement.Day}}).Draw(t, "window")
	start, stop := window.At(in.At)
	if from, end = int(start.Sub(monday)/time.Minute), int(stop.Sub(monday)/time.Minute); window.Offset < 0 {
		return in, x, window, from, end, end
	}
	return in, x, window, from, x.end, end
}

func near(t *rapid.T, want, got float64, what string) {
	if want != got && !(math.Abs(want-got) <= 1e-7*max(1, math.Abs(want))) {
		t.Fatalf("%s is %v, not %v", what, got, want)
	}
}

// What is to be expected at the end of a period is what was, and the rest of it
// at the rate of the last seven days.
func TestAProjectionGoesOnForTheMinutesToCome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, x, window, from, to, end := drawOracle(t)
		if !window.IsCalendar() || to < x.end || to == end {
			return
		}
		got := status(in, window)
		now, recent := x.count(from, to), x.count(x.end-7*24*60, x.end)
		allowed, fixed := now.Allowed, x.timeBased || x.bySlices
		if fixed {
			_, allowed = x.fixed(from, end)
		}
		total, bad, rest := now.Total, now.Bad, 0.0
		for m := to; m < end; m++ {
			if x.minutes[m].in {
				rest += 60
			}
		}
		if rest > 0 {
			seconds := x.seconds(recent)
			if seconds == 0 {
				require.False(t, got.Projected.Known())
				return
			}
			total += recent.Total / seconds * rest
			bad += recent.Bad / seconds * rest
			for m := to; m < end && !fixed; m++ {
				if x.minutes[m].in {
					allowed += recent.Total / seconds * 60 * x.budget(m)
				}
			}
		}
		require.Equal(t, total > 0, got.Projected.Known())
		if total > 0 {
			near(t, 1-bad/total, float64(got.Projected), "projected")
			if allowed > 0 {
				near(t, bad/allowed, float64(got.Forecast), "forecast")
			}
		}
	})
}

// wavering is a reading whose burn rate wavers about 1, an instant within it,
// and often a scope with holes.
func wavering(random *rand.Rand) (in budget.Reading, plain bool) {
	o := objective([]agreement.SLIKind{agreement.Ratio, agreement.Threshold}[random.IntN(2)], 0.9)
	if random.IntN(3) == 0 {
		o.Revisions = []agreement.Revision{{From: monday.Add(time.Duration(random.IntN(9*24*60)) * time.Minute), Target: []float64{0.8, 0.94}[random.IntN(2)]}}
	}
	run := weekOf(slots.Slot{}, nil)
	for i := 0; i < len(run); {
		wave := slots.Slot{Total: 300, Bad: 300 * 0.045 * float64(random.IntN(5)), Measured: true}
		if random.IntN(8) == 0 {
			wave = slots.Slot{}
		}
		for end := i + 12 + random.IntN(200); i < min(end, len(run)); i++ {
			run[i] = wave
		}
	}
	in = reading(o, run)
	in.At = in.At.Add(-time.Duration(random.IntN(4*24*60)) * time.Minute)
	if plain = random.IntN(3) > 0; !plain {
		var holes []scope.Interval
		for range 4 {
			from := monday.Add(time.Duration(random.IntN(9*24*60)) * time.Minute).UnixMilli()
			holes = append(holes, scope.Interval{From: from, To: from + int64(random.IntN(2000))*60_000})
		}
		in.Scope.In = in.Scope.In.Subtract(scope.Union(holes...))
	}
	return in, plain && len(o.Revisions) == 0
}

// The budget runs out at the first instant at which more is bad than is allowed,
// where the pace of the last in-scope time goes on and a rolling window forgets.
func TestExhaustionIsTheFirstMinuteWithoutBudget(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, seed)) // the same readings each time
		in, plain := wavering(random)
		x := newOracle(in)
		window := []agreement.Window{{Rolling: days}, {Rolling: 3 * days}, {Calendar: agreement.Week}, {Calendar: agreement.Month}}[random.IntN(4)]
		start, stop := window.At(in.At)
		from, end := int(start.Sub(monday)/time.Minute), int(stop.Sub(monday)/time.Minute)
		got := status(in, window)
		now, length := x.count(from, x.end), end-from
		fixed := window.IsCalendar() && x.timeBased
		left := now.Allowed
		if fixed {
			_, left = x.fixed(from, end)
		}
		if now.Bad > left+1e-6 {
			bad, spent := 0.0, max(from, 0)
			for ; bad <= left+1e-6; spent++ {
				bad += x.scaled(spent, spent+1).Bad
			}
			spent = min((spent+x.resolution-1)/x.resolution*x.resolution, x.end)
			require.Equal(t, monday.Add(time.Duration(spent)*time.Minute), got.Exhaustion, "%d: spent", seed)
			continue
		}
		recent := x.count(x.back(max(60, length/30), x.end-length), x.end)
		if recent.InScope == 0 || now.Total == 0 && !fixed {
			require.Zero(t, got.Exhaustion)
			continue
		}
		if !window.IsCalendar() {
			end += length
		}
		overdrawn := now.Bad - left
		first, last := -1, -1 // minutes in which it may, and in which it must be overdrawn
		for m := x.end; m < end && last < 0; m++ {
			if m < len(x.minutes) && x.minutes[m].in {
				overdrawn += recent.Bad / recent.InScope * 60
				if !fixed {
					overdrawn -= recent.Total / recent.InScope * 60 * x.budget(m)
				}
			}
			if leaves := m - length; !window.IsCalendar() && leaves >= 0 {
				gone := x.scaled(leaves, leaves+1)
				overdrawn -= gone.Bad - gone.Allowed
			}
			if overdrawn > -1e-6 && first < 0 {
				first = m
			}
			if overdrawn > 1e-6 {
				last = m
			}
		}
		slot := time.Minute
		if !plain { // what a hole does within a slot is spread over it
			slot = time.Duration(x.resolution+1) * time.Minute
		}
		switch {
		case first < 0:
			require.Zero(t, got.Exhaustion)
		case last >= 0:
			require.False(t, got.Exhaustion.IsZero(), "%d: it runs out after %d minutes", seed, last-x.end)
			require.False(t, got.Exhaustion.Before(monday.Add(time.Duration(first)*time.Minute-slot)), "%d: after %d minutes, not as soon as %s", seed, first-x.end, got.Exhaustion.Sub(in.At))
			require.False(t, got.Exhaustion.After(monday.Add(time.Duration(last)*time.Minute+slot)), "%d: after %d minutes, not as late as %s", seed, last-x.end, got.Exhaustion.Sub(in.At))
		}
		if !got.Exhaustion.IsZero() {
			ends := budget.Question{Window: window, At: in.At, Effective: agreement.Period{Until: got.Exhaustion}}
			require.Zero(t, budget.NewLedger(t.Context(), in).Status(ends).Exhaustion, "the agreement ends as soon")
			ends.Effective.Until = got.Exhaustion.Add(time.Millisecond)
			require.Equal(t, got.Exhaustion, budget.NewLedger(t.Context(), in).Status(ends).Exhaustion)
		}
	}
}
