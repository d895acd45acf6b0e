package slots_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/slots"
)

const r = int64(5 * time.Minute / time.Millisecond)

// drawSlots makes three days of slots in one of the widths a day is packed in.
func drawSlots(t *rapid.T, timeBased bool) []slots.Slot {
	largest := rapid.SampledFrom([]float64{0, 50, 5_000, 4e6, 3e10}).Draw(t, "largest")
	whole := rapid.Bool().Draw(t, "whole")
	drawn := rapid.SliceOfN(rapid.Float64Range(0, 1), 60, 60).Draw(t, "values")
	out := make([]slots.Slot, 3*288)
	for i := range out {
		total := drawn[i%len(drawn)] * largest
		bad := drawn[(i*7)%len(drawn)] * total / 3
		if whole {
			total, bad = math.Floor(total), math.Floor(bad)-1
		}
		if timeBased {
			total = 60 * float64(i%6)
			bad = total / 5
		}
		out[i] = slots.Slot{Total: total, Bad: bad, Measured: i%11 != 0}
	}
	return out
}

func TestPrefixSumsEqualNaiveSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		timeBased := rapid.Bool().Draw(t, "timeBased")
		given := drawSlots(t, timeBased)
		start := rapid.Int64Range(5_000_000, 5_001_000).Draw(t, "start") * r
		series := slots.NewSeries(5*time.Minute, timeBased).With(start, given)
		i := rapid.IntRange(0, len(given)).Draw(t, "i")
		j := rapid.IntRange(i, len(given)).Draw(t, "j")
		var want slots.Sum
		for _, slot := range given[i:j] {
			want.Total += slot.Total
			want.Bad += slot.Bad
			switch {
			case timeBased:
				want.Measured += slot.Total
			case slot.Measured:
				want.Measured += 300
			}
		}
		got := series.Sum(start+int64(i)*r, start+int64(j)*r)
		// A difference of prefix sums may lose a rounding of the day's sum.
		var all float64
		for _, slot := range given {
			all += slot.Total + math.Abs(slot.Bad)
		}
		rounding := 1e-14 * all
		assert.InDelta(t, want.Total, got.Total, rounding)
		assert.InDelta(t, want.Bad, got.Bad, rounding)
		assert.Equal(t, want.Measured, got.Measured)
	})
}

func TestSumsOverAPartitionAddUpToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := drawSlots(t, false)
		series := slots.NewSeries(5*time.Minute, false).With(1000*r, given)
		view := slots.View{Series: series, HeadFrom: 1864 * r, HeadTo: 1864*r + 70_000,
			Head: slots.Slot{Total: 9, Bad: 2, Measured: true}}
		from := rapid.Int64Range(990*r, 1864*r).Draw(t, "from")
		to := rapid.Int64Range(from, 1865*r).Draw(t, "to")
		cut := rapid.Int64Range(from, to).Draw(t, "cut")
		whole, left, right := view.Sum(from, to), view.Sum(from, cut), view.Sum(cut, to)
		assert.InEpsilon(t, whole.Total+1, left.Total+right.Total+1, 1e-9)
		assert.InEpsilon(t, whole.Measured+1, left.Measured+right.Measured+1, 1e-9)
	})
}

func TestASlotThatIsCutCountsByThePartInside(t *testing.T) {
	series := slots.NewSeries(5*time.Minute, false).With(100*r, []slots.Slot{{Total: 30, Bad: 6, Measured: true}})
	assert.Equal(t, slots.Sum{Total: 10, Bad: 2, Measured: 100}, series.Sum(100*r+100_000, 100*r+200_000))
	assert.Equal(t, slots.Sum{Total: 20, Bad: 4, Measured: 200}, series.Sum(100*r+100_000, 102*r))
}

func TestTheUnfinishedSlotIsMeasuredUpToItsInstant(t *testing.T) {
	view := slots.View{Series: slots.NewSeries(5*time.Minute, false), HeadFrom: 7 * r, HeadTo: 7*r + 120_000,
		Head: slots.Slot{Total: 12, Bad: 4, Measured: true}}
	assert.Equal(t, slots.Sum{Total: 12, Bad: 4, Measured: 120}, view.Sum(0, 8*r))
	assert.Equal(t, slots.Sum{Total: 6, Bad: 2, Measured: 60}, view.Sum(7*r+60_000, 8*r))
}

func TestWithReplacesSlotsAndLeavesTheOldSeriesAlone(t *testing.T) {
	old := slots.NewSeries(5*time.Minute, false).With(287*r, []slots.Slot{{Total: 1, Measured: true}, {Total: 2, Measured: true}})
	next := old.With(288*r, []slots.Slot{{Total: 20, Bad: 0.5, Measured: true}, {Total: 3, Measured: true}})
	assert.Equal(t, 3.0, old.Sum(0, 400*r).Total)
	assert.Equal(t, slots.Sum{Total: 24, Bad: 0.5, Measured: 900}, next.Sum(0, 400*r))
	first, ok := next.FirstMeasured(0)
	require.True(t, ok)
	assert.Equal(t, 287*r, first)
	first, _ = next.FirstMeasured(288 * r)
	assert.Equal(t, 288*r, first)
	_, ok = next.FirstMeasured(290 * r)
	assert.False(t, ok)
}

func TestAMonthOfCountsTakesUnderTenBytesASlot(t *testing.T) {
	given := make([]slots.Slot, 90*288)
	for i := range given {
		given[i] = slots.Slot{Total: float64(20_000 + i%977), Bad: float64(i % 31), Measured: true}
	}
	series := slots.NewSeries(5*time.Minute, false).With(0, given)
	assert.LessOrEqual(t, float64(series.Bytes())/float64(len(given)), 10.0)
}
