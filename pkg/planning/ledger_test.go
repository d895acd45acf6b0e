package planning_test

import (
	"context"
	"time"

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
