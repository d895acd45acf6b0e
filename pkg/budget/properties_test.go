package budget_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// drawReading makes a reading of any kind, with scope, gaps, revisions and an
// instant inside a slot.
func drawReading(t *rapid.T) budget.Reading {
	kind := rapid.SampledFrom([]agreement.SLIKind{agreement.Ratio, agreement.Threshold}).Draw(t, "kind")
	o := objective(kind, rapid.SampledFrom([]float64{0.5, 0.9, 0.99, 0.999, 1}).Draw(t, "target"))
	o.NoData = rapid.SampledFrom([]agreement.NoData{agreement.NoDataIgnore, agreement.NoDataGood, agreement.NoDataBad}).Draw(t, "noData")
	o.Budgeting = rapid.SampledFrom([]agreement.Budgeting{agreement.Occurrences, agreement.Timeslices, agreement.RatioTimeslices}).Draw(t, "budgeting")
	o.TimeSliceWindow = rapid.SampledFrom([]time.Duration{r, 2 * r, 12 * r}).Draw(t, "slice")
	o.TimeSliceTarget = 0.95
	if rapid.Bool().Draw(t, "revised") {
		o.Revisions = []agreement.Revision{{From: monday.Add(100*time.Hour + 7*time.Minute), Target: 0.8}}
	}
	pattern := rapid.SliceOfN(rapid.IntRange(0, 20), 7, 40).Draw(t, "pattern")
	run := weekOf(slots.Slot{}, nil)
	for i := range run {
		switch p := float64(pattern[i%len(pattern)]); {
		case p == 0: // a gap
		case kind == agreement.Ratio:
			run[i] = events(50*p, math.Floor(p/3))
		default:
			run[i] = slots.Slot{Total: 60 * math.Mod(p, 6), Bad: 60 * math.Floor(math.Mod(p, 6)/3), Measured: math.Mod(p, 6) > 0}
		}
	}
	in := reading(o, run)
	in.At = in.At.Add(-time.Duration(rapid.IntRange(0, 5000).Draw(t, "earlier")) * time.Minute)
	return in
}

func drawScope(t *rapid.T) scope.Scope {
	var spans []scope.Interval
	for _, edge := range rapid.SliceOfN(rapid.Int64Range(0, 168*60), 2, 12).Draw(t, "edges") {
		from := monday.UnixMilli() + edge*60_000
		spans = append(spans, scope.Interval{From: from, To: from + rapid.Int64Range(1, 3000).Draw(t, "minutes")*60_000})
	}
	in := scope.Union(spans...)
	return scope.Scope{In: in, CountAsGood: in.Intersect(scope.Union(spans[0]))}
}

func TestEveryFigureIsFiniteOrAbsentOrHasNoBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawReading(t)
		in.Scope = drawScope(t)
		window := rapid.SampledFrom([]agreement.Window{{Rolling: 3 * 24 * time.Hour}, {Calendar: agreement.Week}, {Calendar: agreement.Day, Offset: -1}}).Draw(t, "window")
		got := status(in, window)
		noBudget := in.Objective.Target == 1 || len(in.Objective.Revisions) > 0
		for name, figure := range map[string]budget.Figure{"total": got.Total, "bad": got.Bad, "allowed": got.Allowed, "compliance": got.Compliance,
			"consumed": got.Consumed, "remaining": got.Remaining, "coverage": got.Coverage, "projected": got.Projected, "target": got.Target} {
			infinite := math.IsInf(float64(figure), 0)
			require.False(t, infinite && !noBudget, "%s is infinite", name)
		}
		for _, figure := range []budget.Figure{got.Total, got.Allowed, got.Target} {
			require.True(t, figure.Known())
			require.GreaterOrEqual(t, float64(figure), 0.0)
		}
		if got.Coverage.Known() {
			require.True(t, got.Coverage >= 0 && got.Coverage <= 1)
		}
	})
}

func TestCountsOverAPartitionAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawReading(t)
		in.Scope = drawScope(t)
		ledger := budget.NewLedger(t.Context(), in)
		// Slices are whole things: they add up when cut between slices.
		unit := 12 * r.Milliseconds()
		if in.Objective.Budgeting == agreement.Occurrences {
			unit = 1
		}
		from := monday.UnixMilli()
		cut := from + rapid.Int64Range(0, week.Milliseconds()/unit).Draw(t, "cut")*unit
		whole := ledger.Count(from, in.At.UnixMilli())
		left, right := ledger.Count(from, min(cut, in.At.UnixMilli())), ledger.Count(cut, in.At.UnixMilli())
		assert.InDelta(t, whole.Total, left.Total+right.Total, 1e-6)
		assert.InDelta(t, whole.Bad, left.Bad+right.Bad, 1e-6)
		assert.InDelta(t, whole.InScope, left.InScope+right.InScope, 1e-6)
		if len(in.Objective.Revisions) == 0 || in.Objective.Budgeting != agreement.Occurrences {
			assert.InDelta(t, whole.Allowed, left.Allowed+right.Allowed, 1e-6)
		}
	})
}

func TestWithEverythingInScopeRawIsAdjusted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawReading(t)
		a := &agreement.Agreement{Provider: "payments"}
		var err error
		in.Scope, err = scope.Of(t.Context(), a, monday, in.At.Add(400*24*time.Hour))
		require.NoError(t, err)
		raw := in
		raw.Scope = scope.Raw(monday, in.At.Add(400*24*time.Hour))
		window := agreement.Window{Rolling: 2 * 24 * time.Hour}
		assert.Equal(t, budget.NewLedger(t.Context(), raw).Balance(window, in.At), budget.NewLedger(t.Context(), in).Balance(window, in.At))
	})
}

func TestMoreBadNeverLooksBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := objective(agreement.Ratio, 0.99)
		o.Budgeting = rapid.SampledFrom([]agreement.Budgeting{agreement.Occurrences, agreement.Timeslices, agreement.RatioTimeslices}).Draw(t, "budgeting")
		o.TimeSliceWindow, o.TimeSliceTarget = 2*r, 0.95
		bad := rapid.SliceOfN(rapid.Float64Range(0, 50), 10, 10).Draw(t, "bad")
		run := make([]slots.Slot, week/r)
		for i := range run {
			run[i] = events(100, bad[i%len(bad)])
		}
		before := status(reading(o, run), o.Window)
		worse := rapid.IntRange(0, len(run)-1).Draw(t, "slot")
		run[worse].Bad += 30
		after := status(reading(o, run), o.Window)
		assert.LessOrEqual(t, float64(after.Compliance), float64(before.Compliance)+1e-12)
		assert.LessOrEqual(t, float64(after.Remaining), float64(before.Remaining)+1e-9)
	})
}
