package budget_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

const (
	r    = 5 * time.Minute
	days = 24 * time.Hour
	week = 7 * days
)

// monday is the Monday on which the tests' slots begin.
var monday = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func objective(kind agreement.SLIKind, target float64) *agreement.Objective {
	return &agreement.Objective{Name: "availability", SLI: agreement.SLI{Kind: kind}, Target: target,
		Window: agreement.Window{Rolling: week}, Budgeting: agreement.Occurrences, NoData: agreement.NoDataIgnore}
}

// week of slots with the given one everywhere, and others where said.
func weekOf(usual slots.Slot, others map[time.Duration]slots.Slot) []slots.Slot {
	run := make([]slots.Slot, week/r)
	for i := range run {
		run[i] = usual
	}
	for after, slot := range others {
		run[after/r] = slot
	}
	return run
}

func reading(o *agreement.Objective, run []slots.Slot) budget.Reading {
	series := slots.NewSeries(r, o.SLI.Kind.TimeBased()).With(monday.UnixMilli(), run)
	at := monday.Add(time.Duration(len(run)) * r)
	return budget.Reading{Objective: o, Scope: scope.Raw(monday, at.Add(400*24*time.Hour)), From: monday, At: at,
		Slots: slots.View{Series: series, HeadFrom: at.UnixMilli(), HeadTo: at.UnixMilli()}}
}

func status(reading budget.Reading, window agreement.Window) budget.Status {
	return budget.NewLedger(context.Background(), reading).Status(budget.Question{Window: window, At: reading.At,
		BurnWindows: []time.Duration{5 * time.Minute, time.Hour, 72 * time.Hour}})
}

func events(total, bad float64) slots.Slot { return slots.Slot{Total: total, Bad: bad, Measured: true} }

func TestARatioIsWeightedByEventsAndNeverAnAverageOfRatios(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	got := status(reading(o, weekOf(events(0, 0), map[time.Duration]slots.Slot{
		time.Hour: events(1000, 0), 2 * time.Hour: events(1, 1)})), o.Window)
	assert.InDelta(t, 1-1.0/1001, float64(got.Compliance), 1e-12)
	assert.InDelta(t, 100.1, float64(got.Allowed), 1e-9)
}

func TestABudgetThatIsSpentToTheLastEventIsNotBreached(t *testing.T) {
	for _, target := range []float64{0.9, 0.95, 0.99, 0.995, 0.999, 0.9999} {
		o := objective(agreement.Ratio, target)
		all := 2016 * 10000.0
		allowed := math.Round(all * (1 - target))
		at := status(reading(o, weekOf(events(10000, 0), map[time.Duration]slots.Slot{0: events(10000, allowed)})), o.Window)
		assert.Equal(t, budget.AtRisk, at.State, "target %g", target)
		more := status(reading(o, weekOf(events(10000, 0), map[time.Duration]slots.Slot{0: events(10000, allowed+1)})), o.Window)
		assert.Equal(t, budget.Breached, more.State, "target %g", target)
	}
}

func TestATargetOfOneHasNoBudget(t *testing.T) {
	o := objective(agreement.Ratio, 1)
	clean := status(reading(o, weekOf(events(10, 0), nil)), o.Window)
	assert.Equal(t, budget.Met, clean.State)
	assert.Zero(t, clean.Consumed)
	dirty := status(reading(o, weekOf(events(10, 0), map[time.Duration]slots.Slot{time.Hour: events(10, 1)})), o.Window)
	assert.Equal(t, budget.Breached, dirty.State)
	text, err := json.Marshal([]budget.Figure{dirty.Consumed, dirty.Remaining, budget.Absent})
	require.NoError(t, err)
	assert.JSONEq(t, `["+Inf", "-Inf", null]`, string(text))
}

func TestUnknownTimeCountsAsThePolicySays(t *testing.T) {
	measured := slots.Slot{Total: 300, Measured: true}
	gap := map[time.Duration]slots.Slot{}
	for after := 24 * time.Hour; after < 36*time.Hour; after += r {
		gap[after] = slots.Slot{}
	}
	for policy, want := range map[agreement.NoData]struct{ total, bad float64 }{
		agreement.NoDataIgnore: {(7*24 - 12) * 3600, 0},
		agreement.NoDataGood:   {7 * 24 * 3600, 0},
		agreement.NoDataBad:    {7 * 24 * 3600, 12 * 3600},
	} {
		o := objective(agreement.Threshold, 0.99)
		o.NoData = policy
		got := status(reading(o, weekOf(measured, gap)), o.Window)
		assert.Equal(t, want.total, float64(got.Total), policy)
		assert.Equal(t, want.bad, float64(got.Bad), policy)
		assert.InDelta(t, 1-12.0/168, float64(got.Coverage), 1e-12, "coverage is untouched by the policy")
	}
}

func TestAGroupBornYesterdayDoesNotOweTheDaysBefore(t *testing.T) {
	o := objective(agreement.Threshold, 0.99)
	o.NoData = agreement.NoDataBad
	born := weekOf(slots.Slot{}, nil)
	for i := 6 * 288; i < len(born); i++ {
		born[i] = slots.Slot{Total: 300, Measured: true}
	}
	grouped := reading(o, born)
	grouped.Grouped = true
	assert.Zero(t, float64(status(grouped, o.Window).Bad))
	assert.Equal(t, 6*24*3600.0, float64(status(reading(o, born), o.Window).Bad))
}

func TestATimeBasedBudgetInACalendarWindowIsFixedByThePeriod(t *testing.T) {
	o := objective(agreement.Threshold, 0.999)
	month := agreement.Window{Calendar: agreement.Month}
	got := status(reading(o, weekOf(slots.Slot{Total: 300, Measured: true}, nil)), month)
	assert.InDelta(t, 43*60+12, float64(got.Allowed), 1e-9)
	assert.Equal(t, 0.999, float64(got.Target))
}

func TestMinCoverageTurnsAFigureIntoNoData(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	half := weekOf(events(10, 0), nil)
	for i := range len(half) / 2 {
		half[i] = slots.Slot{}
	}
	o.MinCoverage = 0.5
	assert.Equal(t, budget.Met, status(reading(o, half), o.Window).State)
	o.MinCoverage = 0.6
	got := status(reading(o, half), o.Window)
	assert.Equal(t, budget.NoData, got.State)
	assert.Contains(t, got.Reason, "50% of the time was measured, minCoverage is 60%")
}

func TestAlerts(t *testing.T) {
	burning := func(perSlot float64, last time.Duration) budget.Reading {
		run := weekOf(events(1000, 0), nil)
		for i := len(run) - int(last/r); i < len(run); i++ {
			run[i] = events(1000, perSlot)
		}
		return reading(objective(agreement.Ratio, 0.99), run)
	}
	window := agreement.Window{Rolling: 30 * 24 * time.Hour}
	fires := func(in budget.Reading) map[time.Duration]bool {
		fired := map[time.Duration]bool{}
		for _, alert := range budget.NewLedger(t.Context(), in).Alerts(window, in.At) {
			fired[time.Duration(alert.Long)] = alert.Fires()
		}
		return fired
	}
	assert.Equal(t, map[time.Duration]bool{time.Hour: true, 6 * time.Hour: false, 24 * time.Hour: false, 72 * time.Hour: false}, fires(burning(150, time.Hour)))
	assert.Equal(t, map[time.Duration]bool{time.Hour: false, 6 * time.Hour: true, 24 * time.Hour: false, 72 * time.Hour: false}, fires(burning(65, 9*time.Hour)))
	assert.Equal(t, map[time.Duration]bool{time.Hour: false, 6 * time.Hour: false, 24 * time.Hour: true, 72 * time.Hour: true}, fires(burning(35, 72*time.Hour)))

	stopped := burning(150, time.Hour)
	stopped.At = stopped.At.Add(-time.Hour)
	assert.NotContains(t, fires(stopped), true, "what has not happened yet burns nothing")

	quiet := burning(150, time.Hour)
	quiet.Objective.MinEvents = 1_000_000
	alerts := budget.NewLedger(t.Context(), quiet).Alerts(window, quiet.At)
	assert.False(t, alerts[0].Fires())
	assert.Equal(t, "12000 in the last 1h, fewer than minEvents 1000000", alerts[0].Reason)

	never := burning(150, time.Hour)
	never.Objective.Target = 0.9
	assert.Contains(t, budget.NewLedger(t.Context(), never).Alerts(window, never.At)[0].Reason, "can never fire: its factor 14.4 is above the highest burn rate there is, 10")
}

func TestTheValueOfASeverityIsThatOfItsSeverestAlert(t *testing.T) {
	value := func(values ...budget.Figure) budget.Figure {
		alerts := []budget.Alert{{AlertRule: agreement.AlertRule{Severity: agreement.Ticket}, Value: 5}}
		for _, v := range values {
			alerts = append(alerts, budget.Alert{AlertRule: agreement.AlertRule{Severity: agreement.Page}, Value: v})
		}
		severest, _ := budget.AlertValue(alerts, agreement.Page)
		return severest
	}
	assert.Equal(t, 1.7, float64(value(0.4, 1.7)))
	assert.Equal(t, 0.4, float64(value(0.4, 0.2)))
	assert.Equal(t, 1.7, float64(value(budget.Absent, 1.7)), "what fires, fires")
	assert.False(t, value(budget.Absent, 0.2).Known(), "what was not measured must not resolve an alert")
	assert.False(t, value(budget.Absent).Known())
	assert.False(t, value().Known(), "no alert of the severity exists")
}

func TestAnAlertWhoseWindowWasNotMeasuredIsNull(t *testing.T) {
	run := weekOf(events(1000, 900), nil)
	run[len(run)-1] = slots.Slot{}
	in := reading(objective(agreement.Ratio, 0.99), run)
	alert := budget.NewLedger(t.Context(), in).Alerts(agreement.Window{Rolling: 30 * 24 * time.Hour}, in.At)[0]
	assert.False(t, alert.Value.Known())
	assert.False(t, alert.Fires())
}

func TestAnAlertReachesBackOverTimeOutOfScope(t *testing.T) {
	in := reading(objective(agreement.Ratio, 0.99), weekOf(events(1000, 0), map[time.Duration]slots.Slot{week - r: events(1000, 500)}))
	office := scope.Union(
		scope.Interval{From: in.At.Add(-12 * time.Hour).UnixMilli(), To: in.At.Add(-11 * time.Hour).UnixMilli()},
		scope.Interval{From: in.At.Add(-r).UnixMilli(), To: in.At.UnixMilli()})
	in.Scope = scope.Scope{In: office}
	alerts := budget.NewLedger(t.Context(), in).Alerts(agreement.Window{Rolling: 30 * 24 * time.Hour}, in.At)
	assert.InDelta(t, 500.0/12000/0.01, float64(alerts[0].LongBurn), 1e-9, "an hour of office time, not the five minutes since it opened")
	assert.InDelta(t, 50, float64(alerts[0].ShortBurn), 1e-9)
}

func TestExhaustionIsWhenTheBudgetRunsOut(t *testing.T) {
	o := objective(agreement.Threshold, 0.99)
	month := agreement.Window{Calendar: agreement.Month} // allows 7h12m
	run := weekOf(slots.Slot{Total: 300, Measured: true}, nil)
	for i := len(run) - 288; i < len(run); i++ {
		run[i] = slots.Slot{Total: 300, Bad: 30, Measured: true} // the last day: 2.4 h bad
	}
	got := status(reading(o, run), month)
	assert.Equal(t, monday.Add(week+48*time.Hour), got.Exhaustion)
	assert.Equal(t, budget.AtRisk, got.State)
	assert.Equal(t, "burning 10 times too fast over 6h and 30m", got.Reason)
}

func TestExhaustionOfABreachedWindowIsWhenItWasSpent(t *testing.T) {
	o := objective(agreement.Threshold, 0.99)
	o.Window = agreement.Window{Rolling: week} // allows 6048 s
	run := weekOf(slots.Slot{Total: 300, Measured: true}, nil)
	for i := 288; i < 288+30; i++ {
		run[i] = slots.Slot{Total: 300, Bad: 300, Measured: true}
	}
	got := status(reading(o, run), o.Window)
	assert.Equal(t, budget.Breached, got.State)
	assert.Equal(t, monday.Add(24*time.Hour+21*r), got.Exhaustion, "after 20 slots 6000 s were bad")
}

func TestExhaustionTakesIntoAccountWhatARollingWindowForgets(t *testing.T) {
	o := objective(agreement.Ratio, 0.99) // allows 10 a slot
	run := weekOf(events(1000, 0), nil)
	for i := range run {
		switch {
		case i < 288:
			run[i] = events(1000, 60) // leaves within the next day
		case i >= len(run)-288:
			run[i] = events(1000, 9)
		}
	}
	steady := status(reading(o, run), o.Window)
	assert.True(t, steady.Exhaustion.IsZero(), "what leaves is more than what comes")

	for i := range run {
		run[i] = events(1000, 0)
		if i >= len(run)-288 {
			run[i] = events(1000, 30)
		}
	}
	growing := status(reading(o, run), o.Window)
	// 20160 − 8640 are left and 30 come a slot; what leaves was good.
	assert.WithinDuration(t, monday.Add(week+384*r), growing.Exhaustion, time.Second)
}

func TestProjectionGoesOnAtTheRateOfTheLastSevenDays(t *testing.T) {
	o := objective(agreement.Ratio, 0.99)
	run := weekOf(events(100, 2), nil)
	got := status(reading(o, run), agreement.Window{Calendar: agreement.Month})
	assert.InDelta(t, 0.98, float64(got.Projected), 1e-12)
	assert.Equal(t, budget.Breached, got.State)
}

func TestIncidents(t *testing.T) {
	o := objective(agreement.Ratio, 0.99)
	run := weekOf(events(1000, 0), map[time.Duration]slots.Slot{
		// two bursts, 15 minutes apart: one incident
		24 * time.Hour: events(1000, 300), 24*time.Hour + 4*r: events(1000, 100),
		// 20 minutes later: another one
		24*time.Hour + 9*r: events(1000, 250),
		// too small: less than 1% of the 5770 that the window up to its end allows
		48 * time.Hour: events(1000, 57),
		// still going on at the end
		week - r: events(1000, 400),
	})
	in := reading(o, run)
	got := budget.NewLedger(t.Context(), in).Incidents(o.Window, monday, in.At)
	require.Len(t, got, 3)
	assert.Equal(t, monday.Add(24*time.Hour), got[0].From)
	assert.Equal(t, monday.Add(24*time.Hour+5*r), got[0].To)
	assert.Equal(t, 400.0, float64(got[0].Bad))
	assert.InDelta(t, 30, float64(got[0].PeakBurn), 1e-9)
	assert.InDelta(t, 400/2930.0, float64(got[0].Share), 1e-9)
	assert.Equal(t, monday.Add(24*time.Hour+9*r), got[1].From)
	assert.False(t, got[1].Ongoing)
	assert.True(t, got[2].Ongoing)

	repair := budget.RepairOf(got)
	assert.Equal(t, 3, repair.Count)
	assert.Equal(t, budget.Figure(((25*time.Minute + 10*time.Minute) / 3).Seconds()), repair.MeanSecondsToRepair)
	assert.False(t, budget.RepairOf(nil).MeanSecondsBetween.Known())
}

func TestInactiveOutsideOfTheEffectivePeriod(t *testing.T) {
	o := objective(agreement.Ratio, 0.99)
	in := reading(o, weekOf(events(1000, 0), nil))
	judge := func(effective agreement.Period, window agreement.Window) budget.State {
		return budget.NewLedger(t.Context(), in).Status(budget.Question{Window: window, At: in.At, Effective: effective}).State
	}
	assert.Equal(t, budget.Inactive, judge(agreement.Period{From: in.At.Add(time.Hour)}, o.Window))
	assert.Equal(t, budget.Inactive, judge(agreement.Period{Until: in.At}, o.Window))
	assert.Equal(t, budget.Met, judge(agreement.Period{From: monday, Until: in.At.Add(time.Second)}, o.Window))
	yesterday := agreement.Window{Calendar: agreement.Day, Offset: -1}
	assert.Equal(t, budget.Met, judge(agreement.Period{Until: in.At.Add(-36 * time.Hour)}, yesterday), "a period of which a part was promised is judged, also after the end")
	assert.Equal(t, budget.Inactive, judge(agreement.Period{Until: in.At.Add(-72 * time.Hour)}, yesterday))
}

func TestWorst(t *testing.T) {
	assert.Equal(t, budget.Inactive, budget.Worst())
	assert.Equal(t, budget.NoData, budget.Worst(budget.Met, budget.NoData, budget.Inactive))
	assert.Equal(t, budget.AtRisk, budget.Worst(budget.NoData, budget.AtRisk, budget.Met))
	assert.Equal(t, budget.Breached, budget.Worst(budget.AtRisk, budget.Breached))
}
