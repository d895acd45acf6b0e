package slots_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// counted makes a run of slots; an element below 0 is an empty slot.
func counted(from int64, totals ...float64) slots.Counts {
	run := make([]slots.Slot, len(totals))
	for i, total := range totals {
		if total >= 0 {
			run[i] = slots.Slot{Total: total, Measured: true}
		}
	}
	return slots.Counts{From: from, Length: len(run),
		Groups: map[string]slots.GroupCounts{"": {Labels: map[string]string{}, Slots: run}}}
}

// spans is a set of slots of five minutes.
func spans(edges ...int64) scope.Intervals { return spansOf(r, edges...) }

func spansOf(step int64, edges ...int64) scope.Intervals {
	var set scope.Intervals
	for i := 0; i < len(edges); i += 2 {
		set = append(set, scope.Interval{From: edges[i] * step, To: edges[i+1] * step})
	}
	return set
}

func TestClosedSlotsAreNotMissingAgain(t *testing.T) {
	record := slots.NewRecord(5*time.Minute, false)
	now := time.UnixMilli(2000 * r)
	assert.Equal(t, spans(100, 110), record.Missing(100*r, 110*r, now))
	record.Close(counted(102*r, 5, 0, 7), now)
	assert.Equal(t, spans(100, 102, 105, 110), record.Missing(100*r, 110*r, now))
	assert.Equal(t, 12.0, record.Groups()[""].Series.Sum(0, 2000*r).Total)
}

func TestEmptySlotsAreAskedForAgainEverMoreSeldomForTwoDays(t *testing.T) {
	record := slots.NewRecord(5*time.Minute, false)
	start := time.UnixMilli(2000 * r)
	record.Close(counted(1990*r, 5, -1, 7), start)
	missing := func(after time.Duration) scope.Intervals { return record.Missing(1990*r, 1993*r, start.Add(after)) }
	assert.Empty(t, missing(30*time.Second))
	assert.Equal(t, spans(1991, 1992), missing(time.Minute))

	record.Close(counted(1991*r, -1), start.Add(time.Minute))
	assert.Empty(t, missing(2*time.Minute), "the second retry waits twice as long")
	assert.Equal(t, spans(1991, 1992), missing(3*time.Minute))

	record.Close(counted(1991*r, 4), start.Add(3*time.Minute))
	assert.Empty(t, missing(10*time.Minute), "a late arrival closes the slot")
	assert.Equal(t, 16.0, record.Groups()[""].Series.Sum(0, 2000*r).Total)
}

// Two who read the same at the same time have not asked again, and a slot that
// is found empty now does not wait as long as one that was empty before.
func TestOnlyAskingAgainInVainMakesTheNextTimeLater(t *testing.T) {
	record := slots.NewRecord(5*time.Minute, false)
	start := time.UnixMilli(2000 * r)
	missing := func(slot int64, after time.Duration) bool {
		return len(record.Missing(slot*r, (slot+1)*r, start.Add(after))) > 0
	}
	for range 3 {
		record.Close(counted(1990*r, -1), start)
	}
	assert.False(t, missing(1990, time.Minute-1))
	assert.True(t, missing(1990, time.Minute))

	record.Close(counted(1990*r, 5, -1), start.Add(time.Minute))
	assert.True(t, missing(1991, time.Minute+1), "it was not asked for in vain before")
	record.Close(counted(1991*r, 5), start.Add(time.Minute+2))
	record.Close(counted(1992*r, -1), start.Add(time.Minute+2))
	assert.False(t, missing(1992, 2*time.Minute+1))
	assert.True(t, missing(1992, 2*time.Minute+2), "once all were filled, the first time is soon again")
}

func TestASlotIsEmptyWhenItIsSoInEveryGroup(t *testing.T) {
	record := slots.NewRecord(5*time.Minute, true)
	now := time.UnixMilli(2000 * r)
	group := func(run ...slots.Slot) slots.GroupCounts { return slots.GroupCounts{Slots: run} }
	record.Close(slots.Counts{From: 1990 * r, Length: 4, Groups: map[string]slots.GroupCounts{
		"a": group(slots.Slot{}, slots.Slot{Measured: true}, slots.Slot{}, slots.Slot{}),
		"b": group(slots.Slot{}, slots.Slot{}, slots.Slot{Total: 60}, slots.Slot{}),
		"c": group(slots.Slot{}, slots.Slot{}, slots.Slot{}, slots.Slot{}),
	}}, now)
	assert.Equal(t, spans(1990, 1991, 1993, 1994), record.Missing(1990*r, 1994*r, now.Add(time.Minute)))
}

func TestSlotsThatStayEmptyForTwoDaysAreClosed(t *testing.T) {
	record := slots.NewRecord(5*time.Minute, false)
	now := time.UnixMilli(1000*r + (49 * time.Hour).Milliseconds())
	record.Close(counted(1000*r, -1, -1), now)
	assert.Empty(t, record.Missing(1000*r, 1002*r, now.Add(100*time.Hour)))
}

// That a count in a slot is no number is remembered with the slots, and is
// over when they are counted anew.
func TestSlotsWithoutANumberAreRemembered(t *testing.T) {
	record := slots.NewRecord(5*time.Minute, false)
	now := time.UnixMilli(5000 * r)
	first := counted(100*r, 5, -1, -1)
	first.Unusable = spans(101, 103)
	record.Close(first, now)
	assert.Equal(t, spans(101, 102), record.Remarks(0, 102*r).Unusable)
	record.Close(counted(101*r, 5), now)
	assert.Equal(t, spans(102, 103), record.Remarks(0, 200*r).Unusable)
}

func TestAStoreHasOneRecordAKey(t *testing.T) {
	store := slots.NewStore(0)
	a := store.Record("a", 5*time.Minute, false)
	assert.Same(t, a, store.Record("a", 5*time.Minute, false))
	assert.NotSame(t, a, store.Record("b", 5*time.Minute, false))
	a.Close(counted(0, 1, 2), time.UnixMilli(r))
	assert.Positive(t, store.Bytes())
}
