package budget_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/slots"
)

func TestAGroupOwesFromItsFirstMinuteAndNotFromItsFirstSlot(t *testing.T) {
	o := objective(agreement.Threshold, 0.9)
	o.NoData = agreement.NoDataBad
	run := weekOf(slots.Slot{}, nil)
	run[1000] = slots.Slot{Total: 180, Measured: true} // the third minute is the first one known
	for i := 1001; i < len(run)-1; i++ {
		run[i] = slots.Slot{Total: 300, Measured: true}
	}
	born := reading(o, run)
	born.Grouped = true
	lastSlot := 300.0 // which has nothing, and is owed
	assert.Equal(t, lastSlot, float64(status(born, o.Window).Bad))
	// The window's edge cuts the first slot, of which nothing is unknown.
	sinceFirst := agreement.Window{Rolling: week - 1000*r - 2*time.Minute}
	assert.Equal(t, lastSlot, float64(status(born, sinceFirst).Bad))
}

func TestAGroupThatIsNotThereOwesNothing(t *testing.T) {
	o := objective(agreement.Threshold, 0.9)
	for _, policy := range []agreement.NoData{agreement.NoDataGood, agreement.NoDataBad} {
		o.NoData = policy
		absent := reading(o, weekOf(slots.Slot{}, nil))
		absent.Grouped = true
		assert.Equal(t, budget.NoData, status(absent, o.Window).State, policy)
	}
}

// From two hours on nothing is allowed any more, and what was allowed leaves.
func TestExhaustionKnowsTheRevisionsToCome(t *testing.T) {
	o := objective(agreement.Ratio, 0.5)
	in := reading(o, weekOf(events(10, 3), nil))
	o.Revisions = []agreement.Revision{{From: in.At.Add(2 * time.Hour), Target: 1}}
	left := float64(week/r) * (10*0.5 - 3)
	lasts := time.Duration(left / (10 * 0.5) * float64(r))
	assert.Equal(t, in.At.Add(2*time.Hour+lasts), status(in, o.Window).Exhaustion)
}

// One slice in twelve is bad, for the sake of one of its slots. The slice
// leaves the window as one, so that the share stays what it is.
func TestSlicesAreForgottenWhole(t *testing.T) {
	o := objective(agreement.Ratio, 0.91)
	o.Budgeting, o.TimeSliceTarget, o.TimeSliceWindow = agreement.Timeslices, 1, 6*r
	run := weekOf(events(10, 0), nil)
	for i := range run {
		if i%72 == 8 {
			run[i] = events(10, 1)
		}
	}
	assert.Zero(t, status(reading(o, run), o.Window).Exhaustion)
}

// When the slot of the many has left, and before the next one begins to leave,
// its bad are more than what is left allows: on the edge, and nowhere else.
func TestExhaustionIsFoundOnTheEdgeOfASlotThatLeaves(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	run := weekOf(slots.Slot{Measured: true}, nil)
	run[12] = events(1000, 0)
	run[13] = events(10, 5)
	run[14] = events(35, 0)
	in := reading(o, run)
	in.At = in.At.Add(-2 * time.Minute)
	in.Slots.HeadFrom, in.Slots.HeadTo = in.At.Add(-3*time.Minute).UnixMilli(), in.At.UnixMilli()
	in.Slots.Head = slots.Slot{Measured: true}
	in.Slots.Series = slots.NewSeries(r, false).With(monday.UnixMilli(), run[:len(run)-1])
	got := status(in, o.Window).Exhaustion
	edge := monday.Add(13 * r).Add(week)
	assert.WithinDuration(t, edge, got, time.Minute)
}

// A part of a slice is not bad because the slice begins badly: the budget is spent at
// the end of a slice.
func TestABudgetOfSlicesIsSpentAtTheEndOfOne(t *testing.T) {
	o := objective(agreement.Ratio, 0.5)
	o.Budgeting, o.TimeSliceWindow, o.TimeSliceTarget = agreement.Timeslices, 6*r, 0.9
	run := make([]slots.Slot, 24*12)
	for i := range run {
		run[i] = events(50, 0)
		if i >= 24 && i%6 == 0 {
			run[i] = events(50, 50) // a sixth of a slice, of which more than a tenth is too much
		}
	}
	in := reading(o, run)
	for _, at := range []time.Duration{15, 20, 24} {
		in.At = monday.Add(at * time.Hour)
		assert.Equal(t, monday.Add(14*time.Hour+30*time.Minute), status(in, agreement.Window{Calendar: agreement.Day}).Exhaustion, "asked after %d hours", at)
	}
}
