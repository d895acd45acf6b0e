package planning_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

func TestWhatWasHeldIsTheWorstOfFewWindows(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	run := weekOf(events(1000, 1), nil)
	for i := int(2 * days / r); i < int(3*days/r); i++ {
		run[i].Bad = 4 // Wednesday
	}
	in := reading(o, run)
	held := planning.TargetOf(t.Context(), budget.NewLedger(t.Context(), in), o, agreement.Window{Calendar: agreement.Day}, monday, in.At)
	assert.Equal(t, 7, held.Windows)
	assert.InDelta(t, 0.996, float64(held.Compliance), 1e-12)
	assert.Equal(t, budget.Figure(0.996), held.Target)
	assert.Empty(t, held.Reason)
}

func TestAWindowThatWasHardlyMeasuredSaysNothing(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	run := weekOf(events(1000, 1), nil)
	for i := range int(days / r / 2) {
		run[i] = slots.Slot{}
	}
	in := reading(o, run)
	held := planning.TargetOf(t.Context(), budget.NewLedger(t.Context(), in), o, agreement.Window{Calendar: agreement.Day}, monday, in.At)
	assert.Equal(t, 6, held.Windows)
}

func TestTooShortAHistoryProposesNothing(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	in := reading(o, weekOf(events(1000, 1), nil))
	in.Scope = scope.Raw(monday.Add(-30*days), in.At.Add(30*days)) // the promise is older than the data
	l := budget.NewLedger(t.Context(), in)
	for _, window := range []agreement.Window{{Rolling: 4 * days}, {Rolling: week}, {Calendar: agreement.Week}, {Calendar: agreement.Month}} {
		held := planning.TargetOf(t.Context(), l, o, window, monday, in.At)
		assert.False(t, held.Compliance.Known(), window)
		assert.False(t, held.Target.Known(), window)
		assert.Contains(t, held.Reason, "history is too short", window)
	}
	assert.Empty(t, planning.TargetOf(t.Context(), l, o, agreement.Window{Rolling: 3 * days}, monday, in.At).Reason)
}

func TestNothingBadMakesNoTarget(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	in := reading(o, weekOf(events(1000, 0), nil))
	held := planning.TargetOf(t.Context(), budget.NewLedger(t.Context(), in), o, agreement.Window{Rolling: days}, monday, in.At)
	assert.Equal(t, budget.Figure(1), held.Compliance)
	assert.False(t, held.Target.Known())
	assert.Contains(t, held.Reason, "nothing was bad")
}

// The target is at most what was held, at least 99% of the windows kept it,
// and it can be written in few digits.
func TestTheTargetWasKeptIn99PercentOfTheWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := objective(agreement.Ratio, 0.9)
		bad := rapid.SliceOfN(rapid.Float64Range(0, 60), 20, 20).Draw(t, "bad")
		run := make([]slots.Slot, week/r)
		for i := range run {
			run[i] = events(100, bad[(i/50)%len(bad)])
		}
		in := reading(o, run)
		l, window := budget.NewLedger(t.Context(), in), agreement.Window{Rolling: 12 * time.Hour}
		held := planning.TargetOf(t.Context(), l, o, window, monday, in.At)
		if !held.Target.Known() {
			return
		}
		kept, all := 0, 0
		for at := range budget.Instants(t.Context(), monday.Add(12*time.Hour), in.At, time.Hour) {
			all++
			if l.Balance(window, at).Compliance >= held.Target-1e-12 {
				kept++
			}
		}
		assert.GreaterOrEqual(t, float64(kept), 0.99*float64(all))
		assert.LessOrEqual(t, held.Target, held.Compliance+1e-12)
		assert.LessOrEqual(t, float64(held.Compliance-held.Target), 0.1*(1-float64(held.Compliance))+1e-12, "no more than the rounding of two digits")
		budgeted := (1 - float64(held.Target)) * math.Pow(10, math.Ceil(-math.Log10(1-float64(held.Target)))+1)
		assert.InDelta(t, math.Round(budgeted), budgeted, 1e-6)
	})
}
