package slots_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// hour is the time of hours after a midnight, in slots of r.
func hour(hours float64) int64 { return int64((480 + hours) * 12) }

func clock(hours float64) time.Time { return time.UnixMilli(hour(hours) * r) }

func TestAClosedSlotIsLookedAtAgainFourTimes(t *testing.T) {
	record := slots.NewRecord(5*time.Minute, false)
	record.Close(counted(hour(0)*r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), clock(1))
	looked := map[float64]bool{}
	for now := 1.25; now < 200; now += 0.25 {
		missing := record.Missing(hour(-100)*r, hour(1)*r, clock(now)).Intersect(spans(hour(0), hour(1)))
		if len(missing) > 0 {
			looked[now] = true
			assert.Equal(t, spans(hour(0), hour(1)), missing, "the whole hour at once, at %v", now)
			record.Close(counted(hour(0)*r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), clock(now))
		}
	}
	assert.Equal(t, map[float64]bool{2: true, 7: true, 25: true, 49: true}, looked)
}

// Whoever asks seldom has all looks that have become due in one.
func TestLooksThatWereMissedAreOne(t *testing.T) {
	record := slots.NewRecord(5*time.Minute, false)
	day := make([]float64, 24*12)
	record.Close(counted(hour(0)*r, day...), clock(24.5))
	assert.Equal(t, spans(hour(0), hour(24)), record.Missing(hour(0)*r, hour(24)*r, clock(200)))
	record.Close(counted(hour(0)*r, day...), clock(200))
	assert.Empty(t, record.Missing(hour(0)*r, hour(24)*r, clock(1000)))
}

func TestASlotThatIsReadLateIsNotLookedAtAgainForWhatIsPast(t *testing.T) {
	for _, test := range []struct {
		read, again float64
	}{{0.2, 2}, {1, 2}, {1.1, 7}, {6.1, 25}, {24.5, 49}} {
		record := slots.NewRecord(5*time.Minute, false)
		record.Close(counted(hour(0)*r, 1), clock(test.read))
		missing := func(now float64) scope.Intervals { return record.Missing(hour(0)*r, hour(0)*r+r, clock(now)) }
		assert.Empty(t, missing(test.again-1.01), "read at %v", test.read)
		assert.NotEmpty(t, missing(test.again), "read at %v", test.read)
	}
}

// nothingIn is a slot of an hour in which nothing was measured.
func nothingIn(of float64) slots.Counts { return slots.Counts{From: hour(of) * r, Length: 1} }

// An empty slot is asked for again after a minute, then ever more seldom, and each hour
// until it is two days old.
func TestAnEmptySlotIsAskedForAgainEachHourAtLeast(t *testing.T) {
	record := slots.NewRecord(5*time.Minute, false)
	last := 60
	record.Close(nothingIn(0), clock(1))
	var waits []int
	for minute := last + 1; minute < 12*60; minute++ {
		now := clock(0).Add(time.Duration(minute) * time.Minute)
		if len(record.Missing(hour(0)*r, hour(0)*r+r, now)) > 0 {
			record.Close(nothingIn(0), now)
			waits = append(waits, minute-last)
			last = minute
		}
	}
	assert.Equal(t, []int{1, 2, 4, 8, 16, 32, 60}, waits[:7])
	for _, wait := range waits[7:] {
		assert.Equal(t, 60, wait)
	}
}

// Once nothing is remembered to be empty, the next empty slot waits anew.
func TestWhatIsForgottenIsNotWaitedFor(t *testing.T) {
	store := slots.NewStore(0)
	store.Record("key", 5*time.Minute, false).Close(nothingIn(0), clock(1))
	store.Forget(0, hour(100)*r)
	store.Record("key", 5*time.Minute, false).Close(nothingIn(9), clock(10))
	assert.Empty(t, store.Record("key", 5*time.Minute, false).Missing(hour(9)*r, hour(9)*r+r, clock(10)))
}

func TestALookReplacesWhatHasChanged(t *testing.T) {
	group := func(totals ...float64) slots.GroupCounts { return counted(0, totals...).Groups[""] }
	sums := func(record *slots.Record) map[string]float64 {
		totals := map[string]float64{}
		for key, group := range record.Groups() {
			totals[key] = group.Series.Sum(0, 100*r).Total
		}
		return totals
	}
	before := slots.Counts{Length: 3, Groups: map[string]slots.GroupCounts{"a": group(1, 2, 4), "b": group(8, -1, -1)},
		Remarks: slots.Remarks{LeftOut: map[int64]slots.LeftOut{0: {Samples: 1, Events: 5}, r: {Samples: 1, Events: 7}}, Unjudged: spans(0, 2)}}
	for _, test := range []struct {
		name string
		look slots.Counts
		want map[string]float64
	}{
		{"more events", slots.Counts{Groups: map[string]slots.GroupCounts{"a": group(1, 3, 4), "b": group(8, -1, -1)}}, map[string]float64{"a": 8, "b": 8}},
		{"a group that was not there", slots.Counts{Groups: map[string]slots.GroupCounts{"a": group(1, 2, 4), "b": group(8, -1, -1), "c": group(-1, 9, -1)}},
			map[string]float64{"a": 7, "b": 8, "c": 9}},
		{"a group that is gone", slots.Counts{Groups: map[string]slots.GroupCounts{"a": group(1, 2, 4)}}, map[string]float64{"a": 7, "b": 0}},
		{"samples that are gone altogether", slots.Counts{Groups: map[string]slots.GroupCounts{"a": group(-1, -1, 5)}}, map[string]float64{"a": 8, "b": 8}},
		{"nothing any more", slots.Counts{}, map[string]float64{"a": 7, "b": 8}},
	} {
		record := slots.NewRecord(5*time.Minute, false)
		record.Close(before, time.UnixMilli(4*r))
		test.look.Length = 3
		record.Close(test.look, time.UnixMilli(100*r))
		assert.Equal(t, test.want, sums(record), test.name)
		assert.Equal(t, spans(0, 3), record.Known(), test.name)
	}

	record := slots.NewRecord(5*time.Minute, false)
	record.Close(before, time.UnixMilli(4*r))
	record.Close(slots.Counts{Length: 3, Groups: map[string]slots.GroupCounts{"a": group(1, -1, 4)}}, time.UnixMilli(100*r))
	assert.Equal(t, slots.LeftOut{Samples: 1, Events: 7}, record.Remarks(0, 3*r).AllLeftOut(), "what was left out of a slot goes and stays with its counts")
	unusable := slots.Counts{Length: 3, Remarks: slots.Remarks{Unusable: spans(0, 2)}}
	record.Close(unusable, time.UnixMilli(100*r))
	assert.Equal(t, map[string]float64{"a": 4, "b": 0}, sums(record), "what is no number any more is no count")
	assert.Equal(t, spans(0, 2), record.Remarks(0, 3*r).Unusable)
}
