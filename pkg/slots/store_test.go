package slots_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/slots"
)

var later = time.UnixMilli(5000 * r)

func TestAFullStoreForgetsWhatWasUsedLeastRecently(t *testing.T) {
	record := func(s *slots.Store, key string) *slots.Record { return s.Record(key, 5*time.Minute, false) }
	one := slots.NewStore(0)
	record(one, "a").Close(counted(0, 1, 2, 3), later)
	store := slots.NewStore(3 * one.Bytes())
	for _, key := range []string{"a", "b", "c"} {
		record(store, key).Close(counted(0, 1, 2, 3), later)
	}
	assert.Equal(t, 3*one.Bytes(), store.Bytes(), "just as much as it may hold")
	a, b := record(store, "a"), store.Record("c", 5*time.Minute, false)
	record(store, "d").Close(counted(0, 1, 2, 3), later)

	assert.Same(t, a, record(store, "a"))
	assert.Same(t, b, record(store, "c"))
	assert.Equal(t, spans(0, 3), record(store, "b").Missing(0, 3*r, later), "b was used least recently")
}

// Everything that is held is accounted for: the text of keys twice (in maps of
// the store and of the record), the groups with their slots, what is no number.
func TestAStoreKnowsWhatItHolds(t *testing.T) {
	store := slots.NewStore(0)
	record := store.Record("key", 5*time.Minute, false)
	const empty = 512 + 2*len("key")
	assert.Equal(t, empty, store.Bytes())
	run := []slots.Slot{{Total: 1, Measured: true}}
	series := slots.NewSeries(5*time.Minute, false).With(0, run).Bytes()
	counts := slots.Counts{Length: 1, Groups: map[string]slots.GroupCounts{"group": {Slots: run}}}
	record.Close(counts, later)
	one := empty + 256 + 2*len("group") + series
	assert.Equal(t, one, store.Bytes())
	counts.Unusable = spans(0, 1)
	record.Close(counts, later)
	assert.Equal(t, one+16, store.Bytes())
}

func TestThatTheStoreIsFullIsLoggedOnce(t *testing.T) {
	var lines strings.Builder
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&lines, nil)))
	defer slog.SetDefault(before)
	store := slots.NewStore(1 << 12)
	store.Record("a", 5*time.Minute, false)
	assert.Empty(t, lines.String())
	for i := range 100 {
		store.Record(fmt.Sprint(i), 5*time.Minute, false)
	}
	assert.Equal(t, 1, strings.Count(lines.String(), `level=WARN msg="The cache of counts is full`))
	assert.Contains(t, lines.String(), "bytes=4096")
}

func TestADroppedRecordCanStillBeUsed(t *testing.T) {
	store := slots.NewStore(1)
	dropped := store.Record("a", 5*time.Minute, false)
	dropped.Close(counted(0, 1, 2, 3), later)
	assert.Equal(t, 6.0, dropped.Groups()[""].Series.Sum(0, 3*r).Total)
	assert.Zero(t, store.Bytes())
}

func TestWhatIsForgottenIsMissingAgain(t *testing.T) {
	store := slots.NewStore(0)
	before := store.Record("a", 5*time.Minute, false)
	before.Close(counted(0, 1, 2, 3, 4, 5), later)
	full := store.Bytes()

	store.Forget(r+1, 3*r-1)
	after := store.Record("a", 5*time.Minute, false)
	assert.Equal(t, spans(1, 3), after.Missing(0, 5*r, later), "every slot that is touched")
	assert.Equal(t, 10.0, after.Groups()[""].Series.Sum(0, 5*r).Total)
	assert.Empty(t, before.Missing(0, 5*r, later), "who is reading goes on with what was there")
	assert.Equal(t, 15.0, before.Groups()[""].Series.Sum(0, 5*r).Total)

	after.Close(slots.Counts{From: r, Length: 2}, later)
	assert.Equal(t, 10.0, after.Groups()[""].Series.Sum(0, 5*r).Total, "a group that is not found again leaves nothing behind")
	store.Forget(0, 5*r)
	assert.Empty(t, store.Record("a", 5*time.Minute, false).Groups())
	assert.Less(t, store.Bytes(), full)
}

// A record that grows accounts for itself in the store: neither may wait for
// the other.
func TestForgettingGoesOnWhileRecordsGrow(t *testing.T) {
	store := slots.NewStore(0)
	var growing sync.WaitGroup
	for n := range 4 {
		growing.Go(func() {
			for i := range 200 {
				store.Record(fmt.Sprint(n%2), 5*time.Minute, false).Close(counted(int64(i)*r, 1), later)
			}
		})
	}
	for range 200 {
		store.Forget(0, 100*r)
	}
	growing.Wait()
	store.Forget(0, 200*r)
	assert.Empty(t, store.Record("0", 5*time.Minute, false).Groups())
}

// Whatever is asked for, in whatever order, the store stays within its bound,
// and what it still knows is what was closed.
func TestAStoreStaysWithinItsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 20_000).Draw(t, "limit")
		store := slots.NewStore(limit)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			key := fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "key"))
			from := int64(rapid.IntRange(0, 3000).Draw(t, "from"))
			length := rapid.IntRange(1, 300).Draw(t, "length")
			run := make([]float64, length)
			for i := range run {
				run[i] = float64(from + int64(i))
			}
			record := store.Record(key, 5*time.Minute, false)
			record.Close(counted(from*r, run...), later)
			if store.Bytes() > limit || store.Bytes() < 0 {
				t.Fatalf("%d bytes, the limit is %d", store.Bytes(), limit)
			}
			last := from + int64(length) - 1
			if got := record.Groups()[""].Series.Sum(last*r, (last+1)*r).Total; got != float64(last) {
				t.Fatalf("slot %d holds %v", last, got)
			}
		}
	})
}

// filled is a folder with the counts of some records over ninety days.
func filled(t testing.TB, records int) (dir string) {
	dir = t.TempDir()
	store := reopened(t, dir).Store("prometheus", 0)
	for i := range records {
		store.Record(fmt.Sprint(i), 5*time.Minute, false).Close(ninetyDays(i), time.UnixMilli(200*288*r))
	}
	slots.CloseDisks()
	return dir
}

// requireRight fails unless what the i-th record of a filled folder knows is what was
// counted.
func requireRight(t require.TestingT, record *slots.Record, i int) {
	groups := record.Groups()
	for _, known := range record.Known() {
		for from := known.From; from < known.To; from += r {
			if got, want := groups[""].Series.Sum(from, from+r).Total, float64(1000*i+int(from/r%977)); got != want {
				t.Errorf("slot %d of record %d holds %v, not %v", from/r, i, got, want)
				t.FailNow()
			}
		}
	}
}

// ninetyDays begin and end within a day.
func ninetyDays(i int) slots.Counts {
	run := make([]float64, 90*288)
	for slot := range run {
		run[slot] = float64(1000*i + (slot+100)%977)
	}
	return counted(100*r, run...)
}
