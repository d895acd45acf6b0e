package budget_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/slots"
)

// paged is an objective whose only alert is 2% of the budget within an hour.
func paged(target float64) *agreement.Objective {
	o := objective(agreement.Ratio, target)
	o.Alerts = map[agreement.Severity]agreement.Alerts{
		agreement.Page:   {Rules: []agreement.AlertRule{{Severity: agreement.Page, Share: 0.02, Long: agreement.Duration(time.Hour)}}},
		agreement.Ticket: {Disabled: true},
	}
	return o
}

// 20 minutes in which all is bad, after five clean days.
func TestAnAlertFiresFromItsFirstEvaluationToTheFirstThatIsQuiet(t *testing.T) {
	o := paged(0.99)
	run := weekOf(events(1000, 0), nil)
	outage := int(5 * days / r)
	for i := outage; i < outage+4; i++ {
		run[i].Bad = 1000
	}
	in := reading(o, run)
	firings := budget.NewLedger(t.Context(), in).Firings(t.Context(), o.Window, monday, in.At, r)
	require.Len(t, firings, 1)
	// The factor is 3.36: above 3.36% of an hour is bad with the first slot,
	// and the short window is clean one slot after the last.
	assert.Equal(t, monday.Add(5*days+r), firings[0].From)
	assert.Equal(t, monday.Add(5*days+5*r), *firings[0].To)
	assert.InDelta(t, 1000/(0.01*1000*1441), float64(firings[0].Consumed), 1e-9, "a slot of what the week so far brings")
	assert.InDelta(t, 4.0/12/0.01, float64(firings[0].PeakBurn), 1e-9)
}

func TestAnAlertThatStillFiresHasNoEnd(t *testing.T) {
	o := paged(0.99)
	in := reading(o, weekOf(events(1000, 500), nil))
	firings := budget.NewLedger(t.Context(), in).Firings(t.Context(), o.Window, monday.Add(6*days), in.At, r)
	require.Len(t, firings, 1)
	assert.Equal(t, monday.Add(6*days+r), firings[0].From)
	assert.Nil(t, firings[0].To)
}

func TestAnEvaluationWithoutDataNeitherBeginsNorEndsAnAlert(t *testing.T) {
	o := paged(0.99)
	run := weekOf(events(1000, 0), nil)
	for i := int(5 * days / r); i < int(5*days/r)+3; i++ {
		run[i].Bad = 1000
	}
	for i := int(5*days/r) + 3; i < int(5*days/r)+36; i++ {
		run[i] = slots.Slot{}
	}
	in := reading(o, run)
	firings := budget.NewLedger(t.Context(), in).Firings(t.Context(), o.Window, monday, in.At, r)
	require.Len(t, firings, 1)
	assert.Equal(t, monday.Add(5*days+37*r), *firings[0].To, "the first evaluation with data in the short window")
}

// At each evaluation what fires is what the status of that instant says.
func TestFiringsAreTheAlertsOfEachInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawReading(t)
		in.Scope = drawScope(t)
		window := rapid.SampledFrom([]agreement.Window{{Rolling: 3 * days}, {Calendar: agreement.Week}}).Draw(t, "window")
		l := budget.NewLedger(t.Context(), in)
		from := monday.Add(3 * days)
		firings := l.Firings(t.Context(), window, from, in.At, 12*r)
		for at := range budget.Instants(t.Context(), from, in.At, 12*r) {
			for _, alert := range l.Alerts(window, at) {
				if !alert.Value.Known() {
					continue
				}
				fires := false
				for _, f := range firings {
					fires = fires || f.Severity == alert.Severity && f.Long == alert.Long && !at.Before(f.From) && (f.To == nil || at.Before(*f.To))
				}
				require.Equal(t, alert.Fires(), fires, "%s over %s at %s", alert.Severity, alert.Long, at)
			}
		}
	})
}

func TestInstantsLieOnMultiplesOfTheStep(t *testing.T) {
	var all []time.Time
	for at := range budget.Instants(t.Context(), monday.Add(time.Minute), monday.Add(15*time.Minute), r) {
		all = append(all, at)
	}
	assert.Equal(t, []time.Time{monday.Add(r), monday.Add(2 * r), monday.Add(3 * r)}, all)
}
