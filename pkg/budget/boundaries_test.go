package budget_test

import (
	"context"
	"encoding/json"
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

// Each rule of docs/figures.md at its bound, just below and just above.

func TestAnAlertExistsWhereItsLongWindowIsShorterThanTheWindow(t *testing.T) {
	for window, want := range map[time.Duration]int{
		time.Hour: 0, time.Hour + 1: 1, 6 * time.Hour: 1, 6*time.Hour + 1: 2, days: 2, days + 1: 3, 3 * days: 3, 3*days + 1: 4,
	} {
		assert.Len(t, budget.AlertsOver(&agreement.Objective{}, window), want, window)
	}
	for _, alert := range budget.AlertsOver(&agreement.Objective{}, 30*days) {
		assert.Equal(t, alert.Long, 12*alert.Short)
	}
	assert.Equal(t, 1.0, budget.AlertsOver(&agreement.Objective{}, 30*days)[3].Factor, "at least 1")
	assert.InDelta(t, 14.4, budget.AlertsOver(&agreement.Objective{}, 30*days)[0].Factor, 1e-12)
}

func TestAnAlertFiresAboveItsFactorAndNotAtIt(t *testing.T) {
	for value, fires := range map[budget.Figure]bool{1: false, 1 + budget.Tolerance: false, 1 + 2*budget.Tolerance: true, budget.Absent: false, budget.Figure(math.Inf(1)): true} {
		assert.Equal(t, fires, budget.Alert{Value: value}.Fires(), "%v", value)
	}
	for factor, can := range map[float64]bool{10: false, 10 * (1 - 1e-6): true, 10 * (1 + 1e-6): false} {
		assert.Equal(t, can, budget.Alert{Factor: factor}.CanFire(0.9), "%v", factor)
	}
	assert.True(t, budget.Alert{Factor: 1e9}.CanFire(1), "without a budget any burn is endless")
	assert.Equal(t, 10.0, budget.HighestBurn(0.9))
}

func TestThePageIsTheSeverestAlertThatFires(t *testing.T) {
	alert := func(severity agreement.Severity, value budget.Figure) budget.Alert {
		return budget.Alert{AlertRule: agreement.AlertRule{Severity: severity}, Value: value}
	}
	for _, c := range []struct {
		want   agreement.Severity
		alerts []budget.Alert
	}{
		{"", nil},
		{"", []budget.Alert{alert(agreement.Page, 1), alert(agreement.Ticket, budget.Absent)}},
		{agreement.Ticket, []budget.Alert{alert(agreement.Page, 1), alert(agreement.Ticket, 2)}},
		{agreement.Page, []budget.Alert{alert(agreement.Page, 2), alert(agreement.Ticket, 2)}},
		{agreement.Page, []budget.Alert{alert(agreement.Ticket, 2), alert(agreement.Page, 2)}},
	} {
		assert.Equal(t, c.want, budget.FiringSeverity(c.alerts))
	}
}

// pageAlert is the one of an hour, of a week of slots.
func pageAlert(in budget.Reading) budget.Alert {
	return budget.NewLedger(context.Background(), in).Alerts(agreement.Window{Rolling: week}, in.At)[0]
}

func TestAnAlertNeedsMinEvents(t *testing.T) {
	in := reading(objective(agreement.Ratio, 0.99), weekOf(events(10, 5), nil))
	for least, fires := range map[float64]bool{0: true, 119: true, 120: true, 121: false} {
		in.Objective.MinEvents = least
		alert := pageAlert(in)
		assert.Equal(t, fires, alert.Fires(), "%v of 120 events", least)
		assert.Equal(t, fires, alert.Reason == "")
	}
}

func TestAnAlertWithNothingInScopeIsQuiet(t *testing.T) {
	in := reading(objective(agreement.Ratio, 0.99), weekOf(events(10, 5), nil))
	in.Scope = scope.Scope{}
	assert.Zero(t, float64(pageAlert(in).Value))
	in.Scope = scope.Raw(in.At.Add(-r), in.At)
	assert.True(t, pageAlert(in).Fires(), "five minutes in scope are enough")
}

func TestAnAlertOfWhichOneWindowWasNotMeasuredSaysSo(t *testing.T) {
	run := weekOf(events(1000, 900), nil)
	run[len(run)-1] = slots.Slot{}
	alert := pageAlert(reading(objective(agreement.Ratio, 0.99), run))
	assert.True(t, alert.LongBurn.Known())
	assert.False(t, alert.Value.Known())
	assert.NotEmpty(t, alert.Reason)
}

func TestABudgetIsExceededByMoreThanARounding(t *testing.T) {
	for _, c := range []struct {
		bad, allowed float64
		exceeds      bool
	}{
		{0, 0, false}, {budget.Tolerance, 0, false}, {2 * budget.Tolerance, 0, true}, {1, 1, false}, {1 + 1e-6, 1, true},
		{1e12 + 1, 1e12, false}, {1e12 + 1e4, 1e12, true},
	} {
		assert.Equal(t, c.exceeds, budget.Exceeds(c.bad, c.allowed), "%v of %v", c.bad, c.allowed)
	}
}

func TestFiguresAreReadAsTheyAreWritten(t *testing.T) {
	for figure, text := range map[budget.Figure]string{0: "0", -1.5: "-1.5", budget.Figure(math.Inf(1)): `"+Inf"`, budget.Figure(math.Inf(-1)): `"-Inf"`} {
		written, err := json.Marshal(figure)
		require.NoError(t, err)
		assert.Equal(t, text, string(written))
		var read budget.Figure
		require.NoError(t, json.Unmarshal(written, &read))
		assert.Equal(t, figure, read)
	}
	var read budget.Figure
	require.NoError(t, json.Unmarshal([]byte("null"), &read))
	assert.False(t, read.Known())
	assert.Error(t, json.Unmarshal([]byte(`"much"`), &read))
}

// A budget of 1000 events, of which so many are spent evenly: nothing burns
// faster than it may.
func TestAnObjectiveIsAtRiskBelowAQuarterOfItsBudget(t *testing.T) {
	for spent, want := range map[float64]budget.State{0: budget.Met, 749: budget.Met, 750: budget.Met, 751: budget.AtRisk, 1000: budget.AtRisk, 1001: budget.Breached} {
		run := weekOf(slots.Slot{Measured: true}, map[time.Duration]slots.Slot{0: events(10_000, spent)})
		got := status(reading(objective(agreement.Ratio, 0.9), run), agreement.Window{Rolling: week})
		assert.Equal(t, want, got.State, "%v of 1000", spent)
		assert.Equal(t, want == budget.Met, got.Reason == "")
	}
}

func TestWhyThereIsNoData(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	for want, run := range map[string][]slots.Slot{"no events in the window": weekOf(events(0, 0), nil), "nothing was measured in the window": weekOf(slots.Slot{}, nil)} {
		got := status(reading(o, run), o.Window)
		assert.Equal(t, budget.NoData, got.State)
		assert.Equal(t, want, got.Reason)
	}
	never := reading(o, weekOf(events(10, 0), nil))
	never.Scope = scope.Scope{}
	assert.Equal(t, "nothing in the window is in scope", status(never, o.Window).Reason)
}

func TestAnObjectiveIsInEffectFromItsStartUntilItsEnd(t *testing.T) {
	in := reading(objective(agreement.Ratio, 0.9), weekOf(events(10, 0), nil))
	rolling, yesterday := agreement.Window{Rolling: week}, agreement.Window{Calendar: agreement.Day, Offset: -1}
	from, end := yesterday.At(in.At)
	for _, c := range []struct {
		name      string
		window    agreement.Window
		effective agreement.Period
		inactive  bool
	}{
		{"begins now", rolling, agreement.Period{From: in.At}, false},
		{"begins in a moment", rolling, agreement.Period{From: in.At.Add(time.Millisecond)}, true},
		{"ends now", rolling, agreement.Period{Until: in.At}, true},
		{"ends in a moment", rolling, agreement.Period{Until: in.At.Add(time.Millisecond)}, false},
		{"begins as the period ends", yesterday, agreement.Period{From: end}, true},
		{"begins just before the period ends", yesterday, agreement.Period{From: end.Add(-time.Millisecond)}, false},
		{"ends as the period begins", yesterday, agreement.Period{Until: from}, true},
		{"ends just after the period begins", yesterday, agreement.Period{Until: from.Add(time.Millisecond)}, false},
		{"has always been", rolling, agreement.Period{}, false},
	} {
		question := budget.Question{Window: c.window, At: in.At, Effective: c.effective}
		assert.Equal(t, c.inactive, question.Inactive() != "", c.name)
		got := budget.NewLedger(t.Context(), in).Status(question)
		assert.Equal(t, c.inactive, got.State == budget.Inactive, c.name)
		assert.Equal(t, !c.inactive && c.window.Offset < 0, got.Closed, c.name)
		assert.NotEqual(t, c.inactive, got.Total.Known(), c.name)
	}
	assert.Equal(t, end, budget.Question{Window: yesterday, At: in.At}.To())
	assert.Equal(t, in.At, budget.Question{Window: rolling, At: in.At}.To())
}

// At the stroke of its end a period to date is the whole, and still open.
func TestAPeriodIsOpenUntilTheStrokeOfItsEnd(t *testing.T) {
	in := reading(objective(agreement.Ratio, 0.9), weekOf(events(10, 0), nil))
	got := status(in, agreement.Window{Calendar: agreement.Week})
	assert.False(t, got.Closed)
	assert.NotEmpty(t, got.Burn)
	assert.Equal(t, monday, got.From)
	past := status(in, agreement.Window{Calendar: agreement.Week, Offset: -1})
	assert.True(t, past.Closed)
	assert.Empty(t, past.Burn)
	assert.Nil(t, past.Alerts)
}

// At the stroke of its end there is nothing left to expect, whatever was
// measured of late.
func TestAtItsEndAPeriodIsProjectedAsItIs(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	in := reading(o, weekOf(events(100, 1), nil))
	in.At = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	in.Slots.HeadFrom, in.Slots.HeadTo = in.At.UnixMilli(), in.At.UnixMilli()
	got := status(in, agreement.Window{Calendar: agreement.Month})
	assert.InDelta(t, 0.99, float64(got.Projected), 1e-12)
	in.At = in.At.Add(-r)
	assert.False(t, status(in, agreement.Window{Calendar: agreement.Month}).Projected.Known())
}

// The forecast of a rolling window breaches when exhaustion comes within a tenth
// of it.
func TestARollingForecastIsATenthOfTheWindowByTheTimeThatIsLeft(t *testing.T) {
	run := weekOf(events(100, 0), nil)
	for i := len(run) - 288; i < len(run); i++ {
		run[i] = events(100, 20)
	}
	got := status(reading(objective(agreement.Ratio, 0.9), run), agreement.Window{Rolling: week})
	require.False(t, got.Exhaustion.IsZero())
	left := got.Exhaustion.Sub(monday.Add(week))
	assert.InDelta(t, float64(week)/10/float64(left), float64(got.Forecast), 1e-6)

	calm := status(reading(objective(agreement.Ratio, 0.9), weekOf(events(100, 1), nil)), agreement.Window{Rolling: week})
	assert.Zero(t, float64(calm.Forecast), "it does not run out")
	breached := status(reading(objective(agreement.Ratio, 0.9), weekOf(events(100, 20), nil)), agreement.Window{Rolling: week})
	assert.InDelta(t, 2, float64(breached.Forecast), 1e-9, "what is spent is no forecast any more")
}

// 40 of 1120 events are left, and 80 more than are allowed come with each slot.
func TestABudgetMayRunOutWithinTheFirstSlot(t *testing.T) {
	run := weekOf(slots.Slot{Measured: true}, map[time.Duration]slots.Slot{week - 20*time.Hour: events(10_000, 0)})
	for i := len(run) - 12; i < len(run); i++ {
		run[i] = events(100, 90)
	}
	in := reading(objective(agreement.Ratio, 0.9), run)
	assert.Equal(t, in.At.Add(r/2), status(in, agreement.Window{Rolling: days}).Exhaustion)
}

// A target is reported as it was written where one alone held, and as a mean
// only where the window holds two.
func TestOneTargetIsReportedAsWritten(t *testing.T) {
	const before, after = 0.9884, 0.801 // 1 − total · (1 − target) / total is another float
	o := objective(agreement.Ratio, before)
	in := reading(o, weekOf(events(7, 1), nil))
	for revised, want := range map[time.Duration]float64{5 * days: after, 5*days + r: 0, week - r: 0, week: before, 2 * week: before, -days: after} {
		o.Revisions = []agreement.Revision{{From: monday.Add(revised), Target: after}}
		got := budget.NewLedger(t.Context(), in).Balance(agreement.Window{Rolling: 2 * days}, in.At)
		switch {
		case want == 0:
			assert.Greater(t, float64(got.Target), after, "%s", revised)
			assert.Less(t, float64(got.Target), before, "%s", revised)
		default:
			assert.Equal(t, want, float64(got.Target), "%s", revised)
		}
	}
}

// A slot is judged by the target in force at its start.
func TestARevisionTakesHoldWithTheNextSlot(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	in := reading(o, weekOf(events(100, 0), nil))
	for revised, want := range map[time.Duration]float64{-time.Millisecond: 50, 0: 50, time.Millisecond: 10, r: 10} {
		o.Revisions = []agreement.Revision{{From: monday.Add(days + revised), Target: 0.5}}
		got := budget.NewLedger(t.Context(), in).Count(monday.Add(days).UnixMilli(), monday.Add(days+r).UnixMilli())
		assert.InDelta(t, want, got.Allowed, 1e-9, "%s", revised)
	}
}

// The part of a slice that a window's edge leaves is judged as the slice is.
func TestAPartOfASliceHasTheTargetOfItsStart(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	o.Budgeting, o.TimeSliceWindow, o.TimeSliceTarget = agreement.Timeslices, time.Hour, 0.95
	o.Revisions = []agreement.Revision{{From: monday.Add(days + time.Hour), Target: 0.5}}
	ledger := budget.NewLedger(t.Context(), reading(o, weekOf(events(100, 0), nil)))
	minutes := func(from, to time.Duration) float64 {
		return ledger.Count(monday.Add(days+from*time.Minute).UnixMilli(), monday.Add(days+to*time.Minute).UnixMilli()).Allowed
	}
	assert.InDelta(t, 0.1/6, minutes(50, 60), 1e-12)
	assert.InDelta(t, 0.5/6, minutes(60, 70), 1e-12)
	assert.InDelta(t, 0.1+0.5, minutes(0, 120), 1e-12)
}

func TestASliceIsGoodAtItsTarget(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	o.Budgeting, o.TimeSliceWindow, o.TimeSliceTarget = agreement.Timeslices, r, 0.95
	for bad, want := range map[float64]float64{49: 0, 50: 0, 51: 1} {
		in := reading(o, weekOf(slots.Slot{}, map[time.Duration]slots.Slot{0: events(1000, bad)}))
		got := budget.NewLedger(t.Context(), in).Count(monday.UnixMilli(), in.At.UnixMilli())
		assert.Equal(t, want, got.Bad, "%v of 1000 bad", bad)
		assert.Equal(t, 1.0, got.Total)
	}
}

func TestAnIncidentBurnsFasterThanItsBudgetAndTakesAHundredthOfIt(t *testing.T) {
	// The week allows 20160 events, 10 a slot.
	for bad, want := range map[float64]int{201: 0, 202: 1} {
		in := reading(objective(agreement.Ratio, 0.99), weekOf(events(1000, 0), map[time.Duration]slots.Slot{week - r: events(1000, bad)}))
		assert.Len(t, budget.NewLedger(t.Context(), in).Incidents(agreement.Window{Rolling: week}, monday, in.At), want, "%v bad", bad)
	}
	// Its share is a hundredth exactly: 20 of 2000.
	exact := reading(objective(agreement.Ratio, 0.8), weekOf(slots.Slot{Measured: true}, map[time.Duration]slots.Slot{0: events(9975, 0), week - r: events(25, 20)}))
	assert.Len(t, budget.NewLedger(t.Context(), exact).Incidents(agreement.Window{Rolling: week}, monday, exact.At), 1)
	for bad, want := range map[float64]int{100: 0, 101: 1} { // of 1000, where 100 are allowed
		in := reading(objective(agreement.Ratio, 0.9), weekOf(slots.Slot{Measured: true}, map[time.Duration]slots.Slot{week - r: events(1000, bad)}))
		assert.Len(t, budget.NewLedger(t.Context(), in).Incidents(agreement.Window{Rolling: week}, monday, in.At), want, "%v bad", bad)
	}
}

// What the slots say one by one, joined over gaps of up to 15 minutes.
func TestIncidentsAreTheRunsOfFastSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawReading(t)
		in.Scope = drawScope(t)
		window := agreement.Window{Rolling: week}
		ledger, x := budget.NewLedger(t.Context(), in), newOracle(in)
		var want []budget.Incident
		for begin := 0; begin < x.end; begin += x.sliceTime {
			c := x.count(begin, begin+x.sliceTime)
			burn := c.Bad / c.Total / x.budget(begin)
			if c.Total == 0 || c.Bad == 0 || burn <= 1+1e-7 {
				continue
			}
			from, end := monday.Add(time.Duration(begin)*time.Minute), monday.Add(time.Duration(min(begin+x.sliceTime, x.end))*time.Minute)
			if last := len(want) - 1; last >= 0 && from.Sub(want[last].To) <= 15*time.Minute {
				want[last].To = end
				want[last].PeakBurn = max(want[last].PeakBurn, budget.Figure(burn))
				continue
			}
			want = append(want, budget.Incident{From: from, To: end, IncidentFigures: budget.IncidentFigures{PeakBurn: budget.Figure(burn)}})
		}
		got := ledger.Incidents(window, monday, in.At)
		for _, i := range want {
			c := x.count(int(i.From.Sub(monday)/time.Minute), int(i.To.Sub(monday)/time.Minute))
			if share := c.Bad / float64(ledger.Balance(window, i.To).Allowed); share < 0.01+1e-9 {
				if share > 0.01-1e-9 {
					return // on the very bound, where rounding decides
				}
				continue
			}
			require.NotEmpty(t, got, "%s to %s", i.From, i.To)
			require.Equal(t, []time.Time{i.From, i.To}, []time.Time{got[0].From, got[0].To})
			near(t, c.Bad, float64(got[0].Bad), "bad")
			near(t, c.Total, float64(got[0].Total), "total")
			near(t, float64(i.PeakBurn), float64(got[0].PeakBurn), "peak")
			require.Equal(t, x.end-int(i.To.Sub(monday)/time.Minute) < x.sliceTime, got[0].Ongoing)
			got = got[1:]
		}
		require.Empty(t, got)
	})
}

func TestRepairIsTheMeanOfIncidents(t *testing.T) {
	at := func(from, to time.Duration) budget.Incident {
		return budget.Incident{From: monday.Add(from), To: monday.Add(to)}
	}
	one := budget.RepairOf([]budget.Incident{at(0, r)})
	assert.Equal(t, 300.0, float64(one.MeanSecondsToRepair))
	assert.False(t, one.MeanSecondsBetween.Known())
	three := budget.RepairOf([]budget.Incident{at(0, r), at(time.Hour, time.Hour+r), at(5*time.Hour, 5*time.Hour+4*r)})
	assert.Equal(t, 600.0, float64(three.MeanSecondsToRepair))
	assert.Equal(t, 2.5*3600, float64(three.MeanSecondsBetween))
}

func TestAReviewIsANoticeAFortnightBefore(t *testing.T) {
	due := monday
	for before, want := range map[time.Duration]float64{28 * days: 0, 14*days + time.Second: 1 - 1.0/(14*86400), 14 * days: 1, 7 * days: 1.5, 0: 2, -14 * days: 3} {
		notice, exists := budget.ReviewNotice(due, due.Add(-before))
		assert.True(t, exists)
		assert.InDelta(t, want, float64(notice.Value), 1e-12, "%s before", before)
	}
	_, exists := budget.ReviewNotice(time.Time{}, due)
	assert.False(t, exists)
}

// What is needed reaches as far as a window, a burn rate, an alert or a
// projection looks.
func TestHowFarBackIsNeeded(t *testing.T) {
	at := monday.Add(week)
	always := scope.Raw(monday.Add(-100*days), at).In
	night := always.Subtract(scope.Union(scope.Interval{From: at.Add(-2 * days).UnixMilli(), To: at.UnixMilli()}))
	for _, c := range []struct {
		name     string
		window   agreement.Window
		burn     []time.Duration
		in       scope.Intervals
		earliest time.Duration // before at
		lookback time.Duration
	}{
		{"the window", agreement.Window{Rolling: 30 * days}, []time.Duration{time.Hour}, always, 30 * days, 30 * days},
		{"a burn rate", agreement.Window{Rolling: 6 * time.Hour}, []time.Duration{time.Hour, 3 * days}, always, 3 * days, week},
		{"no further than the window for an alert", agreement.Window{Rolling: time.Hour}, nil, always, time.Hour, week},
		{"the base of a projection", agreement.Window{Calendar: agreement.Day}, nil, always, week, week},
		{"an alert over time out of scope", agreement.Window{Calendar: agreement.Month}, nil, night, week, 30 * days},
		{"an alert over more days out of scope", agreement.Window{Calendar: agreement.Month}, nil, always.Subtract(scope.Raw(at.Add(-10*days), at).In), 13 * days, 30 * days},
		{"a past period", agreement.Window{Calendar: agreement.Day, Offset: -1}, []time.Duration{10 * days}, always, 2 * days, 11 * days},
	} {
		question := budget.Question{Window: c.window, At: at, BurnWindows: c.burn}
		assert.Equal(t, at.Add(-c.earliest), budget.EarliestNeeded(&agreement.Objective{}, question, c.in), c.name)
		assert.Equal(t, at.Add(-c.lookback), budget.LookbackStart(c.window, c.burn, at), c.name)
	}
	assert.Equal(t, at.Add(week), budget.Horizon(agreement.Window{Rolling: week}, at))
	assert.Equal(t, monday.AddDate(0, 1, 0), budget.Horizon(agreement.Window{Calendar: agreement.Month}, at))
}
