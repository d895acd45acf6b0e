package planning_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/slots"
)

func TestGate(t *testing.T) {
	for name, of := range map[string]struct {
		bad      map[time.Duration]slots.Slot
		least    float64
		decision planning.Decision
		reason   string
	}{
		"all is left":         {nil, 0.1, planning.Go, "100% of the error budget is left"},
		"just enough is left": {map[time.Duration]slots.Slot{days: events(100000, 18144)}, 0.1, planning.Go, "10% of the error budget is left"},
		"one event too many":  {map[time.Duration]slots.Slot{days: events(100000, 18146)}, 0.1, planning.Stop, "9.9% of the error budget is left, and a release takes 10%"},
		"nothing is asked":    {map[time.Duration]slots.Slot{days: events(100000, 20000)}, 0, planning.Go, "0.8% of the error budget is left"},
		"spent":               {map[time.Duration]slots.Slot{days: events(100000, 25000)}, 0, planning.Stop, "the error budget is spent"},
		"burns now":           {map[time.Duration]slots.Slot{week - r: events(100000, 9000)}, 0.1, planning.Stop, "the budget burns 75 times too fast right now"},
	} {
		t.Run(name, func(t *testing.T) {
			o := objective(agreement.Ratio, 0.9999)
			decision, reason := planning.Gate(status(reading(o, weekOf(events(100000, 0), of.bad)), o.Window), planning.Limits{MinRemaining: of.least, MaxBlind: time.Hour})
			assert.Equal(t, of.decision, decision)
			assert.Equal(t, of.reason, reason)
		})
	}
}

func TestWhatWasNotMeasuredIsNoGo(t *testing.T) {
	o := objective(agreement.Ratio, 0.99)
	decision, reason := planning.Gate(status(reading(o, weekOf(slots.Slot{}, nil)), o.Window), planning.Limits{MaxBlind: time.Hour})
	assert.Equal(t, planning.NoData, decision)
	assert.NotEmpty(t, reason)
	decision, _ = planning.Gate(budget.EmptyStatus(o.Window, monday, budget.Inactive, "the agreement ended"), planning.Limits{MinRemaining: 0.1, MaxBlind: time.Hour})
	assert.Equal(t, planning.Go, decision, "what promises nothing holds nothing up")
}

func TestAShareOfTheBudgetIsWrittenInPercentOrNot(t *testing.T) {
	for text, want := range map[string]float64{"10%": 0.1, "10 %": 0.1, "0.1": 0.1, "0": 0, "100%": 1} {
		got, err := planning.ParseShare(text)
		assert.NoError(t, err)
		assert.InDelta(t, want, got, 1e-12)
	}
	for _, text := range []string{"", "10", "110%", "-1%", "a tenth", "NaN"} {
		_, err := planning.ParseShare(text)
		assert.ErrorContains(t, err, "must be a share of the error budget", text)
	}
}
