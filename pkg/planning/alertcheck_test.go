package planning_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/slots"
)

func checked(o *agreement.Objective, c planning.Conditions) []planning.AlertCheck {
	c.At = monday
	return planning.CheckRules(o, c)
}

// The figures of the SRE workbook: 99.9% over 30 days.
func TestTheAlertsOfTheWorkbook(t *testing.T) {
	o := objective(agreement.Ratio, 0.999)
	o.Window = agreement.Window{Rolling: 30 * days}
	got := checked(o, planning.Conditions{})
	require.Len(t, got, 4)
	for i, want := range []struct {
		factor     float64
		full       time.Duration
		onePercent time.Duration // 0: never
		consumed   float64
	}{
		{14.4, 51840 * time.Millisecond, 0, 0.02},
		{6, 129600 * time.Millisecond, 12960 * time.Second, 0.05},
		{3, 259200 * time.Millisecond, 25920 * time.Second, 0.1},
		{1, 259200 * time.Millisecond, 25920 * time.Second, 0.1},
	} {
		check := got[i]
		assert.InDelta(t, want.factor, check.Factor, 1e-9)
		assert.InDelta(t, 1000, float64(check.Highest), 1e-6)
		assert.True(t, check.CanFire)
		assert.InDelta(t, want.full.Seconds(), *check.FullOutage.AfterSeconds, 1e-3)
		assert.InDelta(t, want.consumed, float64(check.FullOutage.Consumed), 1e-9)
		if want.onePercent == 0 {
			assert.Nil(t, check.OnePercent.AfterSeconds)
		} else {
			assert.InDelta(t, want.onePercent.Seconds(), *check.OnePercent.AfterSeconds, 1e-3)
		}
		assert.Empty(t, check.Problems)
		assert.False(t, check.Events.Known(), "nobody has measured it")
	}
}

func TestAnAlertWhoseFactorIsOutOfReachSaysSo(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	o.Window = agreement.Window{Rolling: 30 * days}
	got := checked(o, planning.Conditions{})
	assert.False(t, got[0].CanFire)
	assert.Equal(t, []string{"it can never fire: its factor 14.4 is not below 10, the burn rate while everything is bad"}, got[0].Problems)
	assert.Nil(t, got[0].FullOutage.AfterSeconds)
	assert.True(t, got[1].CanFire)
}

func TestProblemsOfAlerts(t *testing.T) {
	even := func(perHour float64) func(time.Duration) budget.Traffic {
		return func(long time.Duration) budget.Traffic {
			all := budget.Figure(perHour * long.Hours())
			return budget.Traffic{Average: all, Fewest: all / 10}
		}
	}
	for name, of := range map[string]struct {
		change     func(*agreement.Objective)
		conditions planning.Conditions
		page       string // problems of the page over 1h
	}{
		"fine": {nil, planning.Conditions{ScrapeInterval: time.Minute, Traffic: even(1e6)}, ""},
		"one failed scrape": {nil, planning.Conditions{ScrapeInterval: 3 * time.Minute},
			"scraped every 3m, its short window of 5m is empty as soon as one scrape fails"},
		"scraped too rarely": {nil, planning.Conditions{ScrapeInterval: 10 * time.Minute},
			"scraped every 10m, its short window of 5m is often empty, and the alert is null then"},
		"long slots": {nil, planning.Conditions{Resolution: 15 * time.Minute},
			"its short window of 5m is shorter than a slot of 15m, of which it takes a part as if events came evenly"},
		"a single event": {nil, planning.Conditions{Traffic: even(60)}, "a single bad event in 1h of average traffic fires it"},
		"a single event at night": {nil, planning.Conditions{Traffic: even(600)},
			"a single bad event in the quietest 1h of the last 7 days would have fired it"},
		"minEvents keeps the night quiet": {func(o *agreement.Objective) { o.MinEvents = 100 }, planning.Conditions{Traffic: even(600)}, ""},
		"minEvents keeps all quiet": {func(o *agreement.Objective) { o.MinEvents = 1000 }, planning.Conditions{Traffic: even(600)},
			"it keeps quiet: 1h of average traffic hold 600, fewer than minEvents 1000"},
		"support hours of a fiftieth": {nil, planning.Conditions{InScope: 30 * days / 72}, "by the time it fires the whole error budget is gone"},
		"a single minute": {func(o *agreement.Objective) { o.SLI.Kind = agreement.Threshold }, planning.Conditions{},
			"a single bad minute fires it"},
		"a single slice": {func(o *agreement.Objective) {
			o.Budgeting, o.TimeSliceWindow, o.TimeSliceTarget = agreement.Timeslices, 5*time.Minute, 0.95
		}, planning.Conditions{}, "a single bad slice fires it"},
	} {
		t.Run(name, func(t *testing.T) {
			o := objective(agreement.Ratio, 0.999)
			o.Window = agreement.Window{Rolling: 30 * days}
			if of.change != nil {
				of.change(o)
			}
			assert.Equal(t, of.page, strings.Join(checked(o, of.conditions)[0].Problems, "\n"))
		})
	}
}

func TestAnAlertOfTheObjectivesOwnThatCannotDoItsWorkSaysSo(t *testing.T) {
	const hour = agreement.Duration(time.Hour)
	for name, of := range map[string]struct {
		rule    agreement.AlertRule
		canFire bool
		problem string
	}{
		"fine": {agreement.AlertRule{Share: 0.3, Long: 48 * hour}, true, ""},
		"a burn rate that nothing reaches": {agreement.AlertRule{BurnRate: 100, Long: hour}, false,
			"it can never fire: its factor 100 is not below 100, the burn rate while everything is bad"},
		"a share that nothing spends": {agreement.AlertRule{Share: 1, Long: hour}, false,
			"it can never fire: its factor 168 is not below 100, the burn rate while everything is bad"},
		"longer than the window": {agreement.AlertRule{Share: 0.5, Long: 7 * 24 * hour}, false,
			"it can never fire: there is no alert over 7d in a window of 7d"},
		"a share that the budget lasts for": {agreement.AlertRule{Share: 0.1, Long: 72 * hour}, true,
			"it fires when 42.9% of the budget is spent within 3d, not 10%: less is a burn rate below 1, which the budget lasts for"},
		"a share that it just does not": {agreement.AlertRule{Share: 0.5, Long: 84 * hour}, true, ""},
		"a burn rate of 1":              {agreement.AlertRule{BurnRate: 1, Long: 72 * hour}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := objective(agreement.Ratio, 0.99)
			of.rule.Severity = agreement.Page
			o.Alerts = map[agreement.Severity]agreement.Alerts{agreement.Page: {Rules: []agreement.AlertRule{of.rule}}, agreement.Ticket: {Disabled: true}}
			got := checked(o, planning.Conditions{})
			require.Len(t, got, 1)
			assert.Equal(t, of.canFire, got[0].CanFire)
			assert.Equal(t, of.problem, strings.Join(got[0].Problems, "\n"))
			assert.Equal(t, of.canFire, got[0].FullOutage.AfterSeconds != nil)
		})
	}
	day := objective(agreement.Ratio, 0.99)
	day.Window = agreement.Window{Rolling: days}
	for _, check := range checked(day, planning.Conditions{}) {
		assert.Empty(t, check.Problems, "the usual alerts of a short window are nobody's mistake")
	}
}

func TestABacktestTriesOtherAlertsInPlaceOfAll(t *testing.T) {
	o := objective(agreement.Ratio, 0.99)
	o.Alerts = map[agreement.Severity]agreement.Alerts{agreement.Page: {Disabled: true}}
	present := planning.Present(&agreement.Agreement{}, o)
	assert.Equal(t, o.AlertRules(), present.Objective.AlertRules(), "without others it has those of the documents")
	tried := []agreement.AlertRule{{Severity: agreement.Page, BurnRate: 10, Long: agreement.Duration(time.Hour)}}
	assert.Equal(t, tried, planning.Trial{Alerts: tried}.Of(present).Objective.AlertRules())
	assert.NotEqual(t, tried, present.Objective.AlertRules(), "and what was agreed stays as it is")
	for name, rule := range map[string]agreement.AlertRule{
		"burnRate must be 1 or more, in place of a share, got 0.5": {Severity: agreement.Page, BurnRate: 0.5, Long: tried[0].Long},
		"burnRate must be 1 or more, in place of a share, got 10":  {Severity: agreement.Page, BurnRate: 10, Share: 0.1, Long: tried[0].Long},
		"share of the budget must be in (0, 1], got 2":             {Severity: agreement.Page, Share: 2, Long: tried[0].Long},
		"long must be between 1h and 31d, got 30m":                 {Severity: agreement.Page, Share: 0.1, Long: tried[0].Long / 2},
		"severity must be page or ticket":                          {Severity: "call", Share: 0.1, Long: tried[0].Long},
	} {
		assert.ErrorContains(t, planning.Trial{Alerts: []agreement.AlertRule{rule}}.Check(), "alerts: "+name)
	}
}

func TestASliceIsBadAsAWholeOrNotAtAll(t *testing.T) {
	o := objective(agreement.Ratio, 0.99)
	o.Window = agreement.Window{Rolling: 30 * days}
	o.Budgeting, o.TimeSliceWindow, o.TimeSliceTarget = agreement.Timeslices, 5*time.Minute, 0.98
	assert.Nil(t, checked(o, planning.Conditions{})[3].OnePercent.AfterSeconds, "1% bad leaves each slice good")
	o.TimeSliceTarget = 0.995
	check := checked(o, planning.Conditions{})[0]
	assert.Equal(t, *check.FullOutage.AfterSeconds, *check.OnePercent.AfterSeconds, "1% bad makes each slice bad")
}

func TestATargetOfOneIsSpentByTheFirstBadEvent(t *testing.T) {
	check := checked(objective(agreement.Ratio, 1), planning.Conditions{})[0]
	assert.True(t, check.CanFire)
	assert.Zero(t, *check.OnePercent.AfterSeconds)
	assert.True(t, math.IsInf(float64(check.OnePercent.Consumed), 1))
}

// Shorter time in scope makes each bad minute cost more of the budget, a
// stricter target makes detection sooner, and worse outages are never found
// later.
func TestDetectionIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := objective(agreement.Ratio, rapid.Float64Range(0.5, 0.99999).Draw(t, "target"))
		o.Window = agreement.Window{Rolling: time.Duration(rapid.IntRange(4, 400).Draw(t, "days")) * days}
		stricter := *o
		stricter.Target = 1 - (1-o.Target)/rapid.Float64Range(1, 10).Draw(t, "stricter")
		inScope := time.Duration(rapid.Float64Range(0.1, 1).Draw(t, "in scope") * float64(o.Window.Rolling))
		plain, strict, narrow := checked(o, planning.Conditions{}), checked(&stricter, planning.Conditions{}), checked(o, planning.Conditions{InScope: inScope})
		for i, check := range plain {
			full, one := check.FullOutage, check.OnePercent
			assert.Equal(t, check.CanFire, full.AfterSeconds != nil, "what cannot be detected at its worst can never fire")
			assert.True(t, full.AfterSeconds != nil || one.AfterSeconds == nil)
			if full.AfterSeconds != nil {
				assert.LessOrEqual(t, *full.AfterSeconds, time.Duration(check.Long).Seconds())
				assert.LessOrEqual(t, *strict[i].FullOutage.AfterSeconds, *full.AfterSeconds)
				assert.GreaterOrEqual(t, float64(narrow[i].FullOutage.Consumed), float64(full.Consumed)-1e-12)
			}
			if one.AfterSeconds != nil {
				assert.GreaterOrEqual(t, *one.AfterSeconds, *full.AfterSeconds)
				assert.InDelta(t, float64(full.Consumed), float64(one.Consumed), 1e-9, "the same part of the budget is gone")
			}
		}
	})
}

// What the arithmetic says of a full outage is what the ledger does: the alert
// fires in the slot in which it says so.
func TestDetectionIsWhatTheLedgerDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := objective(agreement.Ratio, rapid.SampledFrom([]float64{0.9, 0.95, 0.99, 0.995, 0.999}).Draw(t, "target"))
		bad := rapid.SampledFrom([]float64{1, 0.01}).Draw(t, "bad")
		run := make([]slots.Slot, week/r)
		for i := range run {
			run[i] = events(1e6, 0)
		}
		outage := 5 * days
		for i := int(outage / r); i < len(run); i++ {
			run[i].Bad = bad * 1e6
		}
		in := reading(o, run)
		l := budget.NewLedger(t.Context(), in)
		for _, check := range checked(o, planning.Conditions{}) {
			rule := check.AlertRule
			outcome := check.FullOutage
			if bad < 1 {
				outcome = check.OnePercent
			}
			o.Alerts = map[agreement.Severity]agreement.Alerts{agreement.Page: {Disabled: true}, agreement.Ticket: {Disabled: true}}
			o.Alerts[rule.Severity] = agreement.Alerts{Rules: []agreement.AlertRule{rule}}
			firings := l.Firings(t.Context(), o.Window, monday, in.At, r)
			if outcome.AfterSeconds == nil || *outcome.AfterSeconds > (2*days-r).Seconds() {
				continue
			}
			after := time.Duration(*outcome.AfterSeconds * float64(time.Second))
			require.NotEmpty(t, firings)
			began := firings[0].From.Sub(monday.Add(outage))
			assert.GreaterOrEqual(t, began, after-time.Second)
			assert.LessOrEqual(t, began, after.Truncate(r)+r)
			assert.GreaterOrEqual(t, float64(firings[0].Consumed), float64(outcome.Consumed)-1e-9)
		}
	})
}
