package budget_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// silent is a week of good events, of which the last length was not measured.
func silent(length time.Duration) budget.Reading {
	run := weekOf(events(1000, 0), nil)
	for i := len(run) - int(length/r); i < len(run); i++ {
		run[i] = slots.Slot{}
	}
	return reading(objective(agreement.Ratio, 0.99), run)
}

func TestABurnRateOverNothingMeasuredIsAbsentAndOverNothingHappenedZero(t *testing.T) {
	blind := status(silent(3*time.Hour), agreement.Window{Rolling: week})
	assert.False(t, blind.Burn[0].Rate.Known(), "5m")
	assert.False(t, blind.Burn[1].Rate.Known(), "1h")
	assert.Zero(t, blind.Burn[2].Rate, "72h")

	idle := status(reading(objective(agreement.Ratio, 0.99), weekOf(events(0, 0), nil)), agreement.Window{Rolling: week})
	assert.Zero(t, idle.Burn[0].Rate, "measured, and nothing happened")
	assert.Equal(t, "no events in the window", idle.Reason)

	outside := silent(3 * time.Hour)
	outside.Scope = scope.Scope{In: scope.Union(scope.Interval{From: monday.UnixMilli(), To: outside.At.Add(-4 * time.Hour).UnixMilli()})}
	assert.Zero(t, status(outside, agreement.Window{Rolling: week}).Burn[0].Rate, "nothing is in scope")
}

func TestWithoutAnythingMeasuredNoBudgetIsLeft(t *testing.T) {
	for _, kind := range []agreement.SLIKind{agreement.Ratio, agreement.Threshold} {
		got := status(reading(objective(kind, 0.99), weekOf(slots.Slot{}, nil)), agreement.Window{Calendar: agreement.Month})
		assert.False(t, got.Consumed.Known(), kind)
		assert.False(t, got.Remaining.Known(), kind)
		assert.Equal(t, budget.NoData, got.State)
		assert.Equal(t, "nothing was measured in the window", got.Reason)
		assert.Zero(t, got.MeasuredUntil)
		assert.Equal(t, week, got.Blind)
	}
}

func TestAnOpenWindowWhoseLastHourWasNotMeasuredIsBlind(t *testing.T) {
	since := func(length time.Duration) []string {
		return status(silent(length), agreement.Window{Rolling: week}).Remarks()
	}
	assert.Empty(t, since(55*time.Minute))
	assert.Equal(t, []string{"nothing measured since 7 Jun 2026 23:00 UTC"}, since(time.Hour))
	assert.Equal(t, []string{"nothing measured since 7 Jun 2026 12:00 UTC", "92.9% of the time was measured"}, since(12*time.Hour))

	got := status(silent(time.Hour), agreement.Window{Rolling: week})
	assert.Equal(t, budget.Met, got.State, "the state is that of the window")
	for _, alert := range got.Alerts {
		assert.False(t, alert.Value.Known())
		assert.Equal(t, "nothing measured since 7 Jun 2026 23:00 UTC", alert.Reason)
	}
	closed := silent(time.Hour)
	closed.At = closed.At.Add(time.Hour)
	assert.Empty(t, status(closed, agreement.Window{Calendar: agreement.Week, Offset: -1}).Remarks(), "of a closed period only the coverage is said")
}

// The last slot that was measured in scope, whatever was measured outside.
func TestMeasuredUntil(t *testing.T) {
	in := silent(3 * time.Hour)
	end := in.At
	hours := func(from, to time.Duration) scope.Interval {
		return scope.Interval{From: end.Add(from).UnixMilli(), To: end.Add(to).UnixMilli()}
	}
	for name, of := range map[string]struct {
		scope scope.Intervals
		want  time.Duration
		blind time.Duration
	}{
		"all in scope":                         {scope.Union(hours(-week, 0)), -3 * time.Hour, 3 * time.Hour},
		"the scope ended before":               {scope.Union(hours(-week, -5*time.Hour)), -5 * time.Hour, 0},
		"the office opened after the gap":      {scope.Union(hours(-20*time.Hour, -10*time.Hour), hours(-2*time.Hour, 0)), -10 * time.Hour, 2 * time.Hour},
		"an interval cuts the last slot":       {scope.Union(hours(-20*time.Hour, -10*time.Hour), hours(-3*time.Hour-time.Minute, 0)), -3 * time.Hour, 3 * time.Hour},
		"an interval begins with the gap":      {scope.Union(hours(-20*time.Hour, -10*time.Hour), hours(-3*time.Hour, 0)), -10 * time.Hour, 3 * time.Hour},
		"several intervals lie within the gap": {scope.Union(hours(-4*time.Hour, -2*time.Hour), hours(-90*time.Minute, -time.Hour), hours(-time.Minute, 0)), -3 * time.Hour, 91 * time.Minute},
	} {
		in.Scope = scope.Scope{In: of.scope}
		got := status(in, agreement.Window{Rolling: week})
		assert.Equal(t, end.Add(of.want), got.MeasuredUntil, name)
		assert.Equal(t, of.blind, got.Blind, name)
	}
}

func TestAnAlertIsNullUntilHalfOfItsShortWindowIsMeasured(t *testing.T) {
	window := agreement.Window{Rolling: 30 * days}
	ticket := func(gap, after time.Duration) budget.Alert { // over 1d and 2h
		run := weekOf(events(1000, 0), nil)
		for i := len(run) - int((gap+after)/r); i < len(run)-int(after/r); i++ {
			run[i] = slots.Slot{}
		}
		in := reading(objective(agreement.Ratio, 0.99), run)
		return budget.NewLedger(t.Context(), in).Alerts(window, in.At)[2]
	}
	assert.False(t, ticket(12*time.Hour, r).Value.Known(), "the first scrape after a gap")
	assert.Equal(t, "less than half of the last 2h was measured", ticket(12*time.Hour, 55*time.Minute).Reason)
	assert.True(t, ticket(12*time.Hour, time.Hour).Value.Known())
	assert.Equal(t, "nothing was measured in the last 1d", ticket(24*time.Hour, 0).Reason)

	outside := silent(3 * time.Hour)
	outside.Scope = scope.Scope{}
	for _, alert := range budget.NewLedger(t.Context(), outside).Alerts(window, outside.At) {
		assert.Zero(t, alert.Value, "nothing is in scope")
	}
	unknown := silent(3 * time.Hour)
	unknown.Objective.SLI.Kind, unknown.Objective.NoData = agreement.Threshold, agreement.NoDataGood
	assert.False(t, budget.NewLedger(t.Context(), unknown).Alerts(window, unknown.At)[0].Value.Known(), "whatever the policy counts")
}

func TestOfSeveralNoticesOnABudgetOnlyTheSeverestFires(t *testing.T) {
	for _, of := range []struct {
		consumed, forecast budget.Figure
		want               budget.NoticeLevel
	}{
		{0.5, 1, ""}, {0.51, 1, budget.HalfSpent}, {0.51, budget.Absent, budget.HalfSpent}, {0.76, 0.9, budget.ThreeQuartersSpent},
		{0.76, 1.1, budget.BreachProjected}, {0.1, 1.1, budget.BreachProjected}, {1.2, 3, budget.AllSpent}, {1, 3, budget.BreachProjected},
	} {
		var fires []budget.NoticeLevel
		for _, n := range budget.Notices(budget.Status{State: budget.Met, Balance: budget.Balance{Consumed: of.consumed}, Forecast: of.forecast}) {
			if n.Value > 1 {
				fires = append(fires, n.Level)
			}
		}
		if of.want == "" {
			assert.Empty(t, fires)
		} else {
			assert.Equal(t, []budget.NoticeLevel{of.want}, fires, "%v spent, %v expected", of.consumed, of.forecast)
		}
	}
}

func TestBlindnessIsANoticeAfterAQuarterOfAnHour(t *testing.T) {
	notice := func(length time.Duration) budget.NoticeValue {
		return budget.Notices(status(silent(length), agreement.Window{Rolling: week}))[0]
	}
	assert.Equal(t, budget.NoticeValue{Kind: budget.IsBlind}, notice(0))
	assert.InDelta(t, 1, float64(notice(15*time.Minute).Value), 1e-12)
	assert.InDelta(t, 4.0/3, float64(notice(20*time.Minute).Value), 1e-12)
	assert.Equal(t, "nothing measured since 7 Jun 2026 23:40 UTC", notice(20*time.Minute).Reason)

	grouped := reading(objective(agreement.Ratio, 0.99), weekOf(slots.Slot{}, nil))
	grouped.Grouped = true
	assert.Equal(t, week, status(grouped, agreement.Window{Rolling: week}).Blind, "of no group at all")

	never := status(reading(objective(agreement.Ratio, 0.99), weekOf(slots.Slot{}, nil)), agreement.Window{Rolling: week})
	assert.Greater(t, float64(budget.Notices(never)[0].Value), 1.0)
	assert.Equal(t, "nothing was measured for 7d", budget.Notices(never)[0].Reason)
	failed := budget.Notices(budget.EmptyStatus(agreement.Window{Rolling: week}, monday, budget.NoData, "refused"))[0]
	assert.False(t, failed.Value.Known(), "who cannot ask does not know")
	assert.Equal(t, "refused", failed.Reason)
}

// Over random holes, whatever speaks of a stretch in which nothing was measured
// says so: no burn rate is 0, no alert all clear, nothing is met or left without
// the part that was measured.
func TestNothingUnmeasuredIsAFigure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		measured := rapid.SliceOfN(rapid.Float64Range(0, 1), 24, 24).Draw(t, "share of each hour")
		kind := rapid.SampledFrom([]agreement.SLIKind{agreement.Ratio, agreement.Threshold}).Draw(t, "kind")
		slot := events(300, 0)
		run := make([]slots.Slot, 24*12)
		for i := range run {
			if rapid.Float64Range(0, 1).Draw(t, "slot") < measured[i/12] {
				run[i] = slot
			}
		}
		o := objective(kind, 0.99)
		o.NoData = rapid.SampledFrom([]agreement.NoData{agreement.NoDataIgnore, agreement.NoDataGood}).Draw(t, "policy")
		window := rapid.SampledFrom([]agreement.Window{{Rolling: time.Hour}, {Rolling: 24 * time.Hour}, {Calendar: agreement.Day}, {Calendar: agreement.Month}}).Draw(t, "window")
		in := reading(o, run)
		got := status(in, window)
		of := func(from, to time.Duration) (n int) {
			for _, slot := range run[from/r : to/r] {
				if slot.Measured {
					n++
				}
			}
			return n
		}
		whole := min(24*time.Hour, got.To.Sub(got.From))
		if share := float64(of(24*time.Hour-whole, 24*time.Hour)) / float64(whole/r); share < 0.99 && got.State != budget.NoData {
			assert.Contains(t, got.Remarks(), budget.Figure(share).Share()+" of the time was measured")
		}
		if of(23*time.Hour, 24*time.Hour) == 0 {
			assert.Greater(t, float64(budget.Notices(got)[0].Value), 1.0)
			for _, alert := range got.Alerts {
				assert.False(t, alert.Value.Known())
			}
			if o.NoData == agreement.NoDataIgnore {
				assert.False(t, got.Burn[1].Rate.Known(), "1h")
			}
			if got.State != budget.NoData {
				assert.Contains(t, got.Remarks()[0], "nothing ")
			}
		}
		if got.Total == 0 {
			assert.False(t, got.Compliance.Known() || got.Consumed.Known() || got.Remaining.Known())
		}
	})
}

func TestThinCoverageIsSaidUnlessTheReasonSaysIt(t *testing.T) {
	for name, test := range map[string]struct {
		state           budget.State
		coverage, total budget.Figure
		said            bool
	}{
		"met, all but a hundredth":             {budget.Met, 0.99, 10, false},
		"met, a little less":                   {budget.Met, 0.989, 10, true},
		"no data, a part was measured":         {budget.NoData, 0.5, 0, true},
		"no data, nothing was measured":        {budget.NoData, 0, 0, false},
		"no data, too thin by its minCoverage": {budget.NoData, 0.5, 10, false},
	} {
		status := budget.Status{State: test.state, Balance: budget.Balance{Coverage: test.coverage, Total: test.total}}
		assert.Equal(t, test.said, len(status.Remarks()) == 1, "%s: %v", name, status.Remarks())
	}
}
