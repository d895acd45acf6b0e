package budget_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/budget"
)

func TestCountsAreThoseOfEachMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, x, _, _, _, _ := drawOracle(t)
		ledger := budget.NewLedger(t.Context(), in)
		for range 5 {
			from := rapid.IntRange(0, 7*24*60).Draw(t, "from")
			to := from + rapid.IntRange(0, 3000).Draw(t, "minutes")
			want := x.count(from, to)
			got := ledger.Count(monday.Add(time.Duration(from)*time.Minute).UnixMilli(), monday.Add(time.Duration(to)*time.Minute).UnixMilli())
			near(t, want.Total, got.Total, "total")
			near(t, want.Bad, got.Bad, "bad")
			near(t, want.Allowed, got.Allowed, "allowed")
			near(t, want.Measured, got.Measured, "measured")
			near(t, want.InScope, got.InScope, "time in scope")
		}
	})
}

func TestABalanceIsThatOfItsMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, x, window, from, to, end := drawOracle(t)
		got := budget.NewLedger(t.Context(), in).Balance(window, in.At)
		want := x.count(from, to)
		near(t, want.Total, float64(got.Total), "total")
		near(t, want.Bad, float64(got.Bad), "bad")
		base := want.Total
		if window.IsCalendar() && (x.timeBased || x.bySlices) {
			base, want.Allowed = x.fixed(max(from, 0), max(end, 0))
		}
		near(t, want.Allowed, float64(got.Allowed), "allowed")
		require.Equal(t, want.Total > 0, got.Compliance.Known())
		require.Equal(t, want.InScope > 0, got.Coverage.Known())
		if want.InScope > 0 {
			near(t, want.Measured/want.InScope, float64(got.Coverage), "coverage")
		}
		if base > 0 {
			near(t, 1-want.Allowed/base, float64(got.Target), "target")
		} else {
			require.Equal(t, in.Objective.TargetAt(slotStart(got.To)), float64(got.Target))
		}
		if want.Total > 0 {
			near(t, 1-want.Bad/want.Total, float64(got.Compliance), "compliance")
			consumed := want.Bad / want.Allowed
			if want.Allowed == 0 && want.Bad == 0 {
				consumed = 0
			}
			near(t, consumed, float64(got.Consumed), "consumed")
			near(t, 1-consumed, float64(got.Remaining), "remaining")
			require.Equal(t, want.Bad > want.Allowed+1e-6, got.Breached())
		}
	})
}

func TestBurnRatesAreThoseOfTheirMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, x, window, from, to, end := drawOracle(t)
		allowed := 1 - in.Objective.TargetAt(slotStart(in.At))
		burn := func(from int, got budget.Figure, what string) {
			if c := x.count(from, x.end); c.Total > 0 && allowed > 0 {
				near(t, c.Bad/c.Total/allowed, float64(got), what)
			}
		}
		ledger := budget.NewLedger(t.Context(), in)
		for _, length := range []int{5, 60, 3 * 24 * 60} {
			burn(x.end-length, ledger.Burn(time.Duration(length)*time.Minute, in.At), "burn rate")
		}
		if to < x.end {
			return
		}
		for _, alert := range ledger.Alerts(window, in.At) {
			if !alert.Value.Known() {
				continue
			}
			limit := x.end - (end - from)
			burn(x.back(int(time.Duration(alert.Long).Minutes()), limit), alert.LongBurn, "burn rate of the long window")
			burn(x.back(int(time.Duration(alert.Short).Minutes()), limit), alert.ShortBurn, "burn rate of the short window")
			near(t, min(float64(alert.LongBurn), float64(alert.ShortBurn))/alert.Factor, float64(alert.Value), "value")
			near(t, max(1, alert.Share*float64(end-from)/time.Duration(alert.Long).Minutes()), alert.Factor, "factor")
		}
	})
}

// slotStart is the start of the slot that ends at or holds the instant.
func slotStart(at time.Time) time.Time { return at.Add(-time.Millisecond).Truncate(r) }
