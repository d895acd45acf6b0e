package budget_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/slots"
)

const hour = agreement.Duration(time.Hour)

func TestAnObjectiveHasTheAlertsThatItSaysOfEachSeverityElseTheUsualOnes(t *testing.T) {
	usual := (&agreement.Objective{}).AlertRules()
	require.Len(t, usual, 4)
	own := []agreement.AlertRule{{Severity: agreement.Page, Share: 0.05, Long: 2 * hour}, {Severity: agreement.Page, BurnRate: 20, Long: hour}}
	for name, of := range map[string]struct {
		alerts  map[agreement.Severity]agreement.Alerts
		want    []agreement.AlertRule
		longest time.Duration
	}{
		"nothing said":    {nil, usual, 3 * days},
		"labels alone":    {map[agreement.Severity]agreement.Alerts{agreement.Page: {Labels: map[string]string{"tier": "1"}}}, usual, 3 * days},
		"other pages":     {map[agreement.Severity]agreement.Alerts{agreement.Page: {Rules: own}}, append(own[:2:2], usual[2:]...), 3 * days},
		"no tickets":      {map[agreement.Severity]agreement.Alerts{agreement.Ticket: {Disabled: true}}, usual[:2], 6 * time.Hour},
		"disabled is off": {map[agreement.Severity]agreement.Alerts{agreement.Page: {Rules: own, Disabled: true}}, usual[2:], 3 * days},
		"none at all": {map[agreement.Severity]agreement.Alerts{agreement.Page: {Disabled: true}, agreement.Ticket: {Disabled: true}},
			nil, 0},
	} {
		o := &agreement.Objective{Alerts: of.alerts}
		assert.Equal(t, of.want, o.AlertRules(), name)
		assert.Equal(t, of.longest, o.LongestAlert(), name)
	}
}

func TestABurnRateThatIsGivenIsTheFactorInEveryWindow(t *testing.T) {
	for _, window := range []time.Duration{2 * days, 30 * days} {
		alert, exists := budget.AlertOver(agreement.AlertRule{Severity: agreement.Page, BurnRate: 14.4, Long: 24 * hour}, window)
		assert.True(t, exists)
		assert.Equal(t, 14.4, alert.Factor)
		assert.InDelta(t, 14.4*24/window.Hours(), alert.Share, 1e-12, "of the budget is spent by then")
		assert.Equal(t, 2*hour, alert.Short)
	}
}

// 3% failed in the last hour: too little for the usual alerts.
func TestTheStateIsThatOfTheObjectivesOwnAlerts(t *testing.T) {
	o := objective(agreement.Ratio, 0.99)
	bad := map[time.Duration]slots.Slot{}
	for after := week - time.Hour; after < week; after += r {
		bad[after] = events(1000, 30)
	}
	in := reading(o, weekOf(events(1000, 0), bad))
	require.Equal(t, budget.Met, status(in, o.Window).State)
	o.Alerts = map[agreement.Severity]agreement.Alerts{agreement.Page: {Rules: []agreement.AlertRule{{Severity: agreement.Page, BurnRate: 2.9, Long: hour}}}}
	got := status(in, o.Window)
	assert.Equal(t, budget.AtRisk, got.State)
	assert.Equal(t, "burning 3 times too fast over 1h and 5m", got.Reason)
	assert.Equal(t, agreement.Page, budget.FiringSeverity(got.Alerts))
	o.Alerts = map[agreement.Severity]agreement.Alerts{agreement.Page: {Disabled: true}, agreement.Ticket: {Disabled: true}}
	assert.Empty(t, status(in, o.Window).Alerts)
}

func TestSlotsAreReadAsFarBackAsTheLongestAlertLooks(t *testing.T) {
	at := monday.Add(30 * days)
	month := agreement.Window{Calendar: agreement.Month} // which ends now
	o := &agreement.Objective{Alerts: map[agreement.Severity]agreement.Alerts{agreement.Ticket: {Rules: []agreement.AlertRule{{Severity: agreement.Ticket, Share: 0.5, Long: 20 * 24 * hour}}}}}
	in := reading(objective(agreement.Ratio, 0.9), nil).Scope.In
	q := budget.Question{Window: month, At: at.Add(time.Hour)}
	assert.Equal(t, q.At.Add(-20*days), budget.EarliestNeeded(o, q, in))
	assert.Equal(t, q.At.Add(-week), budget.EarliestNeeded(&agreement.Objective{}, q, in), "which a projection looks at")
}

// At the stroke at which a revision takes hold, what ends there is still judged by the
// target before.
func TestABurnRateHasTheTargetOfTheSlotThatEndsOrHoldsTheInstant(t *testing.T) {
	o := objective(agreement.Ratio, 0.9)
	for revised, want := range map[time.Duration]float64{week - r: 10, week - r + time.Second: 1, week: 1} {
		o.Revisions = []agreement.Revision{{From: monday.Add(revised), Target: 0.99}}
		got := status(reading(o, weekOf(events(100, 10), nil)), o.Window)
		assert.InDelta(t, want, float64(got.Burn[1].Rate), 1e-9, "%s", revised)
		assert.InDelta(t, want, float64(got.Alerts[0].LongBurn), 1e-9, "%s", revised)
		empty := status(reading(o, weekOf(events(0, 0), nil)), o.Window)
		assert.InDelta(t, 1-0.1/want, float64(empty.Target), 1e-9, "%s", revised)
	}
}
