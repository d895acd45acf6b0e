package budget_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/slots"
)

func TestAnIncidentIsToldWholeWhicheverRangeCutsIt(t *testing.T) {
	o := objective(agreement.Ratio, 0.99)
	bad := map[time.Duration]slots.Slot{}
	for after := 24 * time.Hour; after < 27*time.Hour; after += r {
		bad[after] = events(1000, 900)
	}
	ledger := budget.NewLedger(t.Context(), reading(o, weekOf(events(1000, 0), bad)))
	whole := ledger.Incidents(o.Window, monday, monday.Add(week))
	require.Len(t, whole, 1)
	assert.Equal(t, monday.Add(24*time.Hour), whole[0].From)
	assert.Equal(t, monday.Add(27*time.Hour), whole[0].To)
	for name, asked := range map[string][2]time.Duration{
		"from inside it":           {25 * time.Hour, week},
		"from inside a slot of it": {26*time.Hour + 7*time.Minute, week},
		"to inside it":             {0, 25*time.Hour + time.Minute},
		"all inside it":            {25 * time.Hour, 25*time.Hour + time.Second},
	} {
		got := ledger.Incidents(o.Window, monday.Add(asked[0]), monday.Add(asked[1]))
		require.Len(t, got, 1, name)
		assert.Equal(t, whole[0].From, got[0].From, name)
		assert.Equal(t, whole[0].To, got[0].To, name)
		assert.Equal(t, whole[0].Bad, got[0].Bad, name)
	}
	assert.Empty(t, ledger.Incidents(o.Window, monday.Add(27*time.Hour), monday.Add(week)), "it is over")
	assert.Empty(t, ledger.Incidents(o.Window, monday, monday.Add(24*time.Hour)), "it has not begun")
}

// What any range tells of incidents is what the whole week tells of those that
// touch it.
func TestARangeTellsTheIncidentsOfTheWholeThatTouchIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawReading(t)
		ledger := budget.NewLedger(context.Background(), in)
		from := monday.Add(time.Duration(rapid.IntRange(0, 7*24*60-2).Draw(t, "from")) * time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(1, 3*24*60).Draw(t, "length")) * time.Minute)
		var want []budget.Incident
		window := agreement.Window{Rolling: time.Hour}
		for _, i := range ledger.Incidents(window, monday, in.At) {
			if i.To.After(from) && i.From.Before(to) && i.From.Before(in.At) {
				want = append(want, i)
			}
		}
		require.Equal(t, want, ledger.Incidents(window, from, to))
	})
}

// One bad slice of 500 at 80% is a hundredth of the budget, the sum of which is 100.00000000000088.
func TestAnIncidentThatTookExactlyOnePercentIsKept(t *testing.T) {
	o := objective(agreement.Ratio, 0.8)
	o.Budgeting, o.TimeSliceWindow, o.TimeSliceTarget, o.Window.Rolling = agreement.Timeslices, r, 0.9, 500*r
	in := reading(o, weekOf(events(100, 0), map[time.Duration]slots.Slot{24 * time.Hour: events(100, 100)})[:500])
	require.Len(t, budget.NewLedger(t.Context(), in).Incidents(o.Window, monday, in.At), 1)
}

func TestASlicedLedgerStopsBeingMadeWhenItsAskerHasGone(t *testing.T) {
	o := objective(agreement.Ratio, 0.99)
	o.Budgeting, o.TimeSliceWindow, o.TimeSliceTarget = agreement.Timeslices, r, 0.9
	in := reading(o, weekOf(events(100, 50), nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ledger := budget.NewLedger(ctx, in)
	assert.Zero(t, ledger.Balance(o.Window, in.At).Bad, "no slice was judged")
}
