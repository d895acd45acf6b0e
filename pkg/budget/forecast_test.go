package budget_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

func TestTrafficIsOfHoursThatWereMeasuredNearlyWhole(t *testing.T) {
	run := weekOf(events(100, 0), map[time.Duration]slots.Slot{5 * days: events(10, 0), 3*days + r: events(1, 0), 3 * days: {}, 3*days + 2*r: {}})
	in := reading(objective(agreement.Ratio, 0.9), run)
	window := agreement.Window{Rolling: week}
	got := budget.NewLedger(t.Context(), in).Traffic(t.Context(), time.Hour, window, in.At)
	assert.InDelta(t, float64(100*(len(run)-4)+11)/float64(len(run)-2)*12, float64(got.Average), 1e-6)
	assert.Equal(t, 1110.0, float64(got.Fewest), "an hour of which a sixth was not measured says nothing")

	in.Scope = scope.Raw(monday.Add(6*days), in.At)
	got = budget.NewLedger(t.Context(), in).Traffic(t.Context(), time.Hour, window, in.At)
	assert.Equal(t, 1200.0, float64(got.Fewest), "what is out of scope says nothing")
	in.Scope = scope.Scope{}
	got = budget.NewLedger(t.Context(), in).Traffic(t.Context(), time.Hour, window, in.At)
	assert.False(t, got.Average.Known() || got.Fewest.Known())
}

// What is known of nothing is no forecast of 0.
func TestNothingToForecastFromIsNoForecast(t *testing.T) {
	o := objective(agreement.Ratio, 0.99)
	for name, run := range map[string][]slots.Slot{
		"nothing was measured": weekOf(slots.Slot{}, nil),
		"nothing happened":     weekOf(events(0, 0), nil),
	} {
		got := status(reading(o, run), agreement.Window{Calendar: agreement.Month})
		assert.False(t, got.Projected.Known(), name)
		assert.False(t, got.Forecast.Known(), name)
	}
}

// The pace and the traffic of in-scope time are looked for within the window
// alone, as the long windows of alerts are, and up to instants in scope.
func TestPaceAndTrafficAreOfNoTimeBeforeTheWindow(t *testing.T) {
	run := weekOf(events(100, 50), nil)
	for i := len(run) - 36; i < len(run); i++ { // the last three hours are quiet
		run[i] = events(10, 0)
	}
	in := reading(objective(agreement.Ratio, 0.99), run)
	at := in.At.UnixMilli()
	ago := func(length time.Duration) int64 { return at - length.Milliseconds() }
	in.Scope.In = scope.Union(scope.Interval{From: ago(270 * time.Minute), To: ago(150 * time.Minute)}, scope.Interval{From: ago(2 * r), To: ago(-2 * time.Hour)})
	window := agreement.Window{Rolling: 2 * time.Hour}
	assert.Zero(t, status(in, window).Exhaustion, "nothing was bad in the window")
	got := budget.NewLedger(t.Context(), in).Traffic(t.Context(), time.Hour, window, in.At)
	assert.Equal(t, 1200.0, float64(got.Fewest), "of the hours that end in scope only one has all of its hour in two")
}

// At 100% the next bad event exceeds the budget: as soon as there is scope again, not at night.
func TestABudgetOfNothingRunsOutInScope(t *testing.T) {
	midnight := monday.Add(4 * days)
	in := reading(objective(agreement.Ratio, 1), weekOf(events(100, 0), map[time.Duration]slots.Slot{4*days - r: events(100, 10)}))
	in.At = midnight.Add(time.Hour)
	opens := midnight.Add(9 * time.Hour)
	in.Scope.In = in.Scope.In.Subtract(scope.Intervals{{From: midnight.Add(30 * time.Minute).UnixMilli(), To: opens.UnixMilli()}})
	got := status(in, agreement.Window{Calendar: agreement.Day})
	assert.Zero(t, got.Consumed)
	assert.WithinDuration(t, opens, got.Exhaustion, time.Second)
}
