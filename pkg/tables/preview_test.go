package tables

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/wire"
)

// tryOf is a side with one objective: of 10,000 events so many bad.
func tryOf(target, bad budget.Figure, state budget.State, months ...budget.State) *wire.EffectFigures {
	allowed := 100 * budget.Figure(1)
	o := wire.ObjectiveStatus{Name: "latency", Group: map[string]string{"region": "eu"}, State: state, Unit: "events", Balance: budget.Balance{
		Target: target, Total: 10_000, Bad: bad, Compliance: 1 - bad/10_000, Allowed: allowed, Remaining: 1 - bad/allowed}}
	side := &wire.EffectFigures{Last90Days: wire.AgreementStatus{Objectives: []wire.ObjectiveStatus{o}}}
	for i, state := range months {
		month := o
		month.State = state
		side.Months = append(side.Months, wire.PeriodStatus{Period: []string{"2026-10", "2026-11"}[i], ObjectiveStatus: month})
	}
	return side
}

func TestWhatAChangeWouldHaveMeantIsSaidInWords(t *testing.T) {
	unmeasured, broken := tryOf(0.99, 0, budget.NoData), tryOf(0.99, 0, budget.NoData)
	unmeasured.Last90Days.Objectives[0].Reason = "no series match"
	broken.Last90Days.Objectives[0].Error = new("timeout")
	now := tryOf(0.99, 40, budget.Met, budget.Met, budget.Met)
	for name, of := range map[string]struct {
		before, after *wire.EffectFigures
		said          string
	}{
		"the same":                {now, now, "Over the last 90 days it would have made no difference."},
		"too little to be seen":   {now, tryOf(0.99, 39.999, budget.Met, budget.Met, budget.Met), "Over the last 90 days it would have made no difference."},
		"another target":          {now, tryOf(0.995, 40, budget.Met, budget.Met, budget.Met), "The target would be 99.5% instead of 99%."},
		"no promise any more":     {now, nil, "It would no longer be promised."},
		"new":                     {nil, now, "It is new. Over the last 90 days 99.6% was good, with a target of 99%: met."},
		"new, without data":       {nil, unmeasured, "It is new, and nothing of the last 90 days is known: no series match."},
		"what cannot be measured": {now, broken, "It cannot be measured: timeout."},
		"worse": {now, tryOf(0.99, 140, budget.Breached, budget.Met, budget.Breached),
			"Over the last 90 days 98.6% would have been good instead of 99.6%. Of the error budget −40 of 100 events would be left instead of 60 of 100 events. " +
				"It would have been breached instead of met. Of the last 2 months 1 would have been met instead of 2."},
	} {
		t.Run(name, func(t *testing.T) {
			differences := Differences(of.before, of.after)
			require.Len(t, differences, 1)
			assert.Equal(t, "latency {region=eu}", differences[0].Objective)
			assert.Equal(t, of.said, differences[0].Text)
		})
	}
}

func TestComparedFiguresAreRoundedToNothingBetter(t *testing.T) {
	d := Differences(tryOf(0.99, 100.01, budget.Breached, budget.Breached), nil)[0]
	require.Len(t, d.Periods, 2)
	assert.Equal(t, "October 2026", d.Periods[1].Period)
	assert.Equal(t, wire.TriedFigures{State: budget.Breached, Target: 0.99, Compliance: 0.9899, Remaining: -0.001, Budget: "−0.01 of 100 events"}, *d.Periods[0].Before)
	assert.Nil(t, d.Periods[0].After)
}
