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

// However a series came about, it holds what was put into it last, and nothing
// where nothing was: in days before, between and after those that have slots.
// A slot in which nothing was counted stays so, to the last digit, whatever is put
// before it.
func TestAnEmptySlotStaysEmptyBesideOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Float64Range(-1e5, 1e5)
		series := slots.NewSeries(5*time.Minute, false).With(0, []slots.Slot{{Total: value.Draw(t, "total"), Bad: value.Draw(t, "bad"), Measured: true}})
		series = series.With(9*r, []slots.Slot{{Total: value.Draw(t, "later"), Measured: true}})
		for range 3 {
			first := rapid.Int64Range(0, 2).Draw(t, "first")
			series = series.With(first*r, []slots.Slot{{Total: value.Draw(t, "other"), Bad: value.Draw(t, "bad"), Measured: true}})
		}
		for slot := int64(3); slot < 9; slot++ {
			require.Zero(t, series.Sum(slot*r, (slot+1)*r), "slot %d", slot)
		}
	})
}

func TestASeriesHoldsWhatWasPutIntoIt(t *testing.T) {
	const length, first, last = 6 * time.Hour, int64(20_000 * 4), int64(20_006 * 4)
	step := length.Milliseconds()
	rapid.Check(t, func(t *rapid.T) {
		timeBased := rapid.Bool().Draw(t, "timeBased")
		series, held := slots.NewSeries(length, timeBased), map[int64]slots.Slot{}
		for range rapid.IntRange(0, 3).Draw(t, "pieces") {
			from := rapid.Int64Range(first, last-6).Draw(t, "from")
			given := make([]slots.Slot, rapid.IntRange(0, 6).Draw(t, "slots"))
			for i := range given {
				if rapid.Bool().Draw(t, "measured") {
					given[i] = slots.Slot{Total: float64(rapid.IntRange(1, 9).Draw(t, "total")), Bad: 1, Measured: true}
				}
				held[from+int64(i)] = given[i]
			}
			series = series.With(from*step, given)
		}
		for from := first - 5; from <= last+5; from++ {
			var want slots.Sum
			for to := from; to <= last+5; to++ {
				got := series.Sum(from*step, to*step)
				require.Equal(t, want, got, "(%d, %d]", from, to)
				slot := held[to]
				half := slots.Sum{Total: want.Total + slot.Total/2, Bad: want.Bad + slot.Bad/2, Measured: want.Measured + seconds(slot, timeBased, length)/2}
				require.Equal(t, half, series.Sum(from*step, to*step+step/2), "(%d, %d] and a half", from, to)
				want.Total += slot.Total
				want.Bad += slot.Bad
				want.Measured += seconds(slot, timeBased, length)
			}
			next := from
			for next <= last && !held[next].Measured {
				next++
			}
			got, ok := series.FirstMeasured(from * step)
			require.Equal(t, next <= last, ok, "measured from %d on", from)
			if ok {
				require.Equal(t, next*step, got)
			}
		}
	})
}

func seconds(slot slots.Slot, timeBased bool, length time.Duration) float64 {
	switch {
	case timeBased:
		return slot.Total
	case slot.Measured:
		return length.Seconds()
	}
	return 0
}

// A day is packed in the smallest width that holds all its sums, and reads the
// same in each.
func TestADayIsPackedAsItsSumsAllow(t *testing.T) {
	const words = 8 * 5 // the bits that say what was measured
	for _, test := range []struct {
		name  string
		total float64
		width int
	}{
		{"nothing", 0, 0},
		{"whole minutes of seconds", 32767 * 60, 2},
		{"more minutes than fit", 32768 * 60, 3},
		{"whole numbers", 32767, 2},
		{"negative ones", -32767, 2},
		{"more than two bytes", 32768, 3},
		{"less than two bytes", -32769, 3},
		{"three bytes", 8388607, 3},
		{"three negative bytes", -8388607, 3},
		{"more than three bytes", 8388608, 4},
		{"less than three bytes", -8388608, 4},
		{"four bytes", 2147483647, 4},
		{"more than four bytes", 2147483648, 8},
		{"a fraction", 0.5, 8},
	} {
		series := slots.NewSeries(5*time.Minute, false).With(0, []slots.Slot{{Total: test.total, Bad: test.total, Measured: true}})
		assert.Equal(t, slots.Sum{Total: test.total, Bad: test.total, Measured: 300}, series.Sum(0, 2*r), test.name)
		assert.Equal(t, 48+8+120+words+2*288*test.width, series.Bytes(), test.name)
	}
}

// The days between two slots that are known cost a pointer each, those before
// the first and after the last nothing.
func TestDaysWithoutSlotsCostAPointer(t *testing.T) {
	empty := slots.NewSeries(5*time.Minute, false)
	one := []slots.Slot{{Measured: true}}
	forth := empty.With(20_000*288*r, one).With(20_009*288*r, one)
	back := empty.With(20_009*288*r, one).With(20_000*288*r, one)
	alone := empty.With(20_000*288*r, one)
	assert.Equal(t, 2*alone.Bytes()-48+8*8, forth.Bytes())
	assert.Equal(t, forth.Bytes(), back.Bytes())
	assert.Equal(t, forth.Bytes(), forth.With(20_004*288*r, nil).Bytes())
}

func TestAViewIsMeasuredFromItsFirstSlotOn(t *testing.T) {
	known := slots.NewSeries(5*time.Minute, false).With(3*r, []slots.Slot{{Measured: true}})
	none := slots.NewSeries(5*time.Minute, false)
	for _, test := range []struct {
		name string
		view slots.View
		from int64
		want int64
		ok   bool
	}{
		{"a slot that is over", slots.View{Series: known, HeadFrom: 7 * r, HeadTo: 7*r + 1, Head: slots.Slot{Measured: true}}, 0, 3 * r, true},
		{"after it only the unfinished one", slots.View{Series: known, HeadFrom: 7 * r, HeadTo: 7*r + 1, Head: slots.Slot{Measured: true}}, 4 * r, 7 * r, true},
		{"only the unfinished one", slots.View{Series: none, HeadFrom: 7 * r, HeadTo: 7*r + 1, Head: slots.Slot{Measured: true}}, 0, 7 * r, true},
		{"of which only the seconds are known", slots.View{Series: none, HeadFrom: 7 * r, HeadTo: 7*r + 1, Head: slots.Slot{Total: 60}}, 0, 7 * r, true},
		{"an unfinished one without samples", slots.View{Series: none, HeadFrom: 7 * r, HeadTo: 7*r + 1}, 0, 7 * r, false},
		{"no unfinished one", slots.View{Series: none, HeadFrom: 7 * r, HeadTo: 7 * r, Head: slots.Slot{Measured: true}}, 0, 7 * r, false},
		{"a slot after the view", slots.View{Series: known, HeadFrom: 3 * r, HeadTo: 3 * r}, 0, 3 * r, false},
	} {
		got, ok := test.view.FirstMeasured(test.from)
		assert.Equal(t, test.ok, ok, test.name)
		if ok {
			assert.Equal(t, test.want, got, test.name)
		}
	}
}

func TestAViewWithoutAnUnfinishedSlotEndsAtItsEdge(t *testing.T) {
	series := slots.NewSeries(5*time.Minute, true).With(0, []slots.Slot{{Total: 300, Bad: 60}, {Total: 240}})
	view := slots.View{Series: series, HeadFrom: r, HeadTo: r}
	assert.Equal(t, slots.Sum{Total: 300, Bad: 60, Measured: 300}, view.Sum(0, r))
	assert.Equal(t, slots.Sum{Total: 300, Bad: 60, Measured: 300}, view.Sum(0, 9*r))
	assert.Equal(t, slots.Sum{}, view.Sum(r, 9*r))
}

func TestFloorIsTheLastMultiple(t *testing.T) {
	for instant, want := range map[int64]int64{0: 0, 1: 0, 4: 0, 5: 5, 9: 5, 10: 10, -1: -5, -5: -5, -6: -10} {
		assert.Equal(t, want, slots.Floor(instant, 5), "%d", instant)
	}
}

func TestGroupKeyTellsGroupsApart(t *testing.T) {
	assert.Empty(t, slots.GroupKey(nil))
	assert.Equal(t, `pod="a",zone="b"`, slots.GroupKey(map[string]string{"zone": "b", "pod": "a"}))
	seen := map[string]map[string]string{}
	value := rapid.SampledFrom([]string{"", "a", "b", `"`, `\`, ",", `a",zone="b`})
	rapid.Check(t, func(t *rapid.T) {
		group := rapid.MapOf(rapid.SampledFrom([]string{"pod", "zone", "cloud.region"}), value).Draw(t, "group")
		key := slots.GroupKey(group)
		if other, known := seen[key]; known {
			require.Equal(t, other, group)
		}
		seen[key] = group
	})
}

func TestAMonthOfCountsTakesUnderTenBytesASlot(t *testing.T) {
	given := make([]slots.Slot, 90*288)
	for i := range given {
		given[i] = slots.Slot{Total: float64(20_000 + i%977), Bad: float64(i % 31), Measured: true}
	}
	series := slots.NewSeries(5*time.Minute, false).With(0, given)
	assert.LessOrEqual(t, float64(series.Bytes())/float64(len(given)), 10.0)
}
