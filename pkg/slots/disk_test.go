package slots_test

import (
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/slots"
)

// file is where a disk in the folder keeps its records.
func file(dir string) string { return filepath.Join(dir, "counts.db") }

// reopened is the disk in the folder as the next process finds it.
func reopened(t require.TestingT, dir string) *slots.Disk {
	slots.CloseDisks()
	disk := slots.OpenDisk(dir, slots.DiskBytes)
	require.Empty(t, disk.Problem())
	return disk
}

// logged is what is logged meanwhile.
func logged(t *testing.T) *strings.Builder {
	var lines strings.Builder
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&lines, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &lines
}

func total(record *slots.Record, from, to int64) (sum float64) {
	for _, group := range record.Groups() {
		sum += group.Series.Sum(from, to).Total
	}
	return sum
}

// same fails unless both know the same of the slots [0, end).
func same(t require.TestingT, want, got *slots.Record, step, end int64) {
	require.Equal(t, want.Known(), got.Known())
	require.Equal(t, want.Remarks(0, end*step).Unusable, got.Remarks(0, end*step).Unusable)
	require.Equal(t, want.Remarks(0, end*step).Unjudged, got.Remarks(0, end*step).Unjudged)
	require.Equal(t, want.Remarks(0, end*step).Interpolated, got.Remarks(0, end*step).Interpolated)
	require.Equal(t, want.Remarks(0, end*step).Lacking, got.Remarks(0, end*step).Lacking)
	for slot := range end {
		require.Equal(t, want.Remarks(slot*step, (slot+1)*step).AllLeftOut(), got.Remarks(slot*step, (slot+1)*step).AllLeftOut())
	}
	for after := range 60 {
		now := time.UnixMilli(end * step).Add(time.Duration(after) * time.Hour)
		require.Equal(t, want.Missing(0, end*step, now), got.Missing(0, end*step, now), "after %d hours", after)
	}
	groups := want.Groups()
	maps.Copy(groups, got.Groups())
	for key, group := range groups {
		of := want.Groups()[key].Series
		for slot := int64(0); of != nil && slot < end; slot++ {
			var read slots.Sum
			if series := got.Groups()[key].Series; series != nil {
				read = series.Sum(slot*step, (slot+1)*step)
			}
			require.Equal(t, of.Sum(slot*step, (slot+1)*step), read, "slot %d of %s", slot, key)
		}
		if _, there := got.Groups()[key]; there {
			require.Equal(t, want.Groups()[key].Labels, group.Labels)
		}
	}
}

// Whatever was closed, forgotten and written in whatever order, the next process
// knows it as this one did.
func TestTheNextProcessKnowsTheSame(t *testing.T) {
	const length, end = 6 * time.Hour, int64(60)
	step := length.Milliseconds()
	dir := t.TempDir()
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		connection, timeBased := fmt.Sprint("connection ", runs), rapid.Bool().Draw(t, "timeBased")
		disk := reopened(t, dir)
		store := disk.Store(connection, 0)
		memory := slots.NewStore(0)
		stores := []*slots.Store{store, memory}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			from := rapid.Int64Range(0, end-10).Draw(t, "from")
			switch rapid.IntRange(0, 8).Draw(t, "what") {
			case 3:
				for _, s := range stores {
					s.Forget(0, end*step)
				}
			case 0:
				disk.Flush()
			case 1:
				to := rapid.Int64Range(from*step+1, end*step).Draw(t, "to")
				for _, s := range stores {
					s.Forget(from*step, to)
				}
			case 2:
				disk = reopened(t, dir)
				stores[0] = disk.Store(connection, 0)
			default:
				counts := drawCounts(t, from, step)
				now := time.UnixMilli((from + 10) * step).Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "hours")) * time.Hour)
				for _, s := range stores {
					s.Record("key", length, timeBased).Close(counts, now)
				}
			}
		}
		got := reopened(t, dir).Store(connection, 0).Record("key", length, timeBased)
		same(t, memory.Record("key", length, timeBased), got, step, end)
	})
}

func drawCounts(t *rapid.T, from, step int64) slots.Counts {
	length := rapid.IntRange(1, 10).Draw(t, "length")
	counts := slots.Counts{From: from * step, Length: length, Groups: map[string]slots.GroupCounts{}}
	value := rapid.OneOf(rapid.Float64Range(-3, 3), rapid.Map(rapid.IntRange(-40_000, 40_000), func(n int) float64 { return float64(n) }),
		rapid.SampledFrom([]float64{0, 0, 60, 1 << 30, 1 << 52}))
	for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"", "a", "b", "c"}), rapid.ID).Draw(t, "groups") {
		labels := map[string]string{}
		if name != "" {
			labels["pod"] = name
		}
		run := make([]slots.Slot, length)
		for i := range run {
			if rapid.Bool().Draw(t, "measured") {
				run[i] = slots.Slot{Total: value.Draw(t, "total"), Bad: value.Draw(t, "bad"), Measured: true}
			}
		}
		counts.Groups[slots.GroupKey(labels)] = slots.GroupCounts{Labels: labels, Slots: run}
	}
	slot := from + int64(rapid.IntRange(0, length-1).Draw(t, "slot"))
	switch rapid.IntRange(0, 3).Draw(t, "beside") {
	case 0:
		counts.Unusable = spansOf(step, slot, slot+1)
	case 1:
		counts.Leave(slot*step, slots.LeftOut{Samples: 2, Events: 1.5})
	case 2:
		counts.Unjudged, counts.Interpolated = spansOf(step, slot, slot+1), spansOf(step, slot, slot+1)
		counts.Lack(`region="it"`, spansOf(step, slot, slot+1))
	}
	return counts
}

// Whatever byte of the file is another, what is read is right or not there, and
// what is counted then is kept.
func TestADamagedFileNeverMakesAWrongFigure(t *testing.T) {
	dir := filled(t, 3)
	logged(t)
	whole, err := os.ReadFile(file(dir))
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	at := func() int {
		if random.IntN(3) == 0 {
			return random.IntN(8 * os.Getpagesize()) // the meta pages, the first nodes
		}
		return random.IntN(len(whole))
	}
	intact := 0
	for range 60 {
		damaged := slices.Clone(whole)
		for range 1 + random.IntN(4) {
			damaged[at()] ^= byte(1 + random.IntN(255))
		}
		if random.IntN(10) == 0 {
			damaged = damaged[:at()]
		}
		slots.CloseDisks()
		require.NoError(t, os.WriteFile(file(dir), damaged, 0o600))
		store := reopened(t, dir).Store("prometheus", 0)
		for i := range 3 {
			record := store.Record(fmt.Sprint(i), 5*time.Minute, false)
			requireRight(t, record, i)
			if len(record.Missing(100*r, 90*288*r, later)) == 0 {
				intact++
			}
			record.Close(counted(100*288*r, 7), later)
		}
		record := reopened(t, dir).Store("prometheus", 0).Record("2", 5*time.Minute, false)
		require.Equal(t, 7.0, total(record, 100*288*r, 101*288*r))
	}
	assert.Greater(t, intact, 60, "most is still there")
}

func TestAnotherProcessHasTheFolder(t *testing.T) {
	dir := filled(t, 1)
	lines := logged(t)
	other := flock.New(filepath.Join(dir, "counts.lock"))
	held, err := other.TryLock()
	require.True(t, held && err == nil)

	disk := slots.OpenDisk(dir, slots.DiskBytes)
	assert.Equal(t, "another process keeps its counts in the cache folder", disk.Problem())
	record := disk.Store("prometheus", 0).Record("0", 5*time.Minute, false)
	assert.Empty(t, record.Known())
	record.Close(counted(0, 7), later)
	disk.Flush()
	assert.Equal(t, 7.0, total(record, 0, r))
	assert.Equal(t, 1, strings.Count(lines.String(), "another process"), lines)

	require.NoError(t, other.Unlock())
	record.Close(counted(r, 8), later)
	disk.Flush()
	assert.Empty(t, disk.Problem(), "it has gone")
	assert.Equal(t, 15.0, total(reopened(t, dir).Store("prometheus", 0).Record("0", 5*time.Minute, false), 0, 2*r))
}

func TestAFileThatIsNoneOfThisVersionIsSetAside(t *testing.T) {
	for name, write := range map[string]func(path string){
		"text": func(path string) {
			require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("text", 10_000)), 0o600))
		},
		"other buckets": func(path string) {
			db, err := bbolt.Open(path, 0o600, nil)
			require.NoError(t, err)
			require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
				_, err := tx.CreateBucket([]byte("accord 2 headers"))
				return err
			}))
			require.NoError(t, db.Close())
		},
	} {
		dir := t.TempDir()
		lines := logged(t)
		write(file(dir))
		before, err := os.ReadFile(file(dir))
		require.NoError(t, err)
		record := reopened(t, dir).Store("prometheus", 0).Record("0", 5*time.Minute, false)
		record.Close(counted(0, 7), later)
		assert.Equal(t, 1, strings.Count(lines.String(), "their file was set aside"), name)
		aside, err := os.ReadFile(filepath.Join(dir, "counts.unreadable.db"))
		require.NoError(t, err, name)
		assert.Equal(t, before, aside, name)
		assert.Equal(t, 7.0, total(reopened(t, dir).Store("prometheus", 0).Record("0", 5*time.Minute, false), 0, r), name)
	}
}

func TestAFolderThatCannotBeWrittenIsDoneWithout(t *testing.T) {
	logged(t)
	dir := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(dir, nil, 0o600))
	disk := slots.OpenDisk(dir, slots.DiskBytes)
	assert.Equal(t, "the cache folder cannot be made: not a directory", disk.Problem())
	record := disk.Store("prometheus", 0).Record("0", 5*time.Minute, false)
	record.Close(counted(0, 7), later)
	disk.Flush()
	assert.Equal(t, 7.0, total(record, 0, r))
	assert.Error(t, disk.Forget(0, r))
}

// The same of the values themselves: a byte that is another is found by its sum.
func TestADamagedValueIsDropped(t *testing.T) {
	dir := filled(t, 1)
	logged(t)
	random := rand.New(rand.NewPCG(3, 4))
	dropped := 0
	for range 60 {
		slots.CloseDisks()
		db, err := bbolt.Open(file(dir), 0o600, nil)
		require.NoError(t, err)
		var bucket, key, before []byte
		require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
			bucket = []byte([]string{"accord 1 headers", "accord 1 days"}[random.IntN(2)])
			cursor := tx.Bucket(bucket).Cursor()
			key, before = cursor.First()
			for range random.IntN(tx.Bucket(bucket).Stats().KeyN) {
				key, before = cursor.Next()
			}
			key, before = slices.Clone(key), slices.Clone(before)
			damaged := slices.Clone(before)
			if at := 12 + random.IntN(80); '0' <= damaged[at] && damaged[at] <= '9' { // of what is closed
				damaged[at] = '0' + (damaged[at]-'0'+byte(1+random.IntN(9)))%10
			} else {
				damaged[random.IntN(len(damaged))] ^= byte(1 + random.IntN(255))
			}
			return tx.Bucket(bucket).Put(key, damaged)
		}))
		require.NoError(t, db.Close())
		record := reopened(t, dir).Store("prometheus", 0).Record("0", 5*time.Minute, false)
		requireRight(t, record, 0)
		dropped += map[bool]int{true: 1}[len(record.Missing(100*r, 90*288*r, later)) > 0]
		slots.CloseDisks()
		require.NoError(t, os.RemoveAll(file(dir)))
		record = reopened(t, dir).Store("prometheus", 0).Record("0", 5*time.Minute, false)
		record.Close(ninetyDays(0), time.UnixMilli(200*288*r))
	}
	assert.Greater(t, dropped, 50, "but for the number of a write, nothing may be another")
}

// Those of one connection share what they remember, those of another see nothing
// of it.
func TestCountsBelongToTheirConnection(t *testing.T) {
	disk := reopened(t, t.TempDir())
	a := disk.Store("a", 100_000)
	assert.Same(t, a, disk.Store("a", 50_000))
	a.Record("key", 5*time.Minute, false).Close(counted(0, 7), later)
	disk.Flush()
	b := disk.Store("b", 0)
	assert.Empty(t, b.Record("key", 5*time.Minute, false).Known())
	b.Record("key", 5*time.Minute, false).Close(counted(0, 8), later)
	a.Forget(0, r)
	assert.Equal(t, 8.0, total(disk.Store("b", 0).Record("key", 5*time.Minute, false), 0, r))
	for _, other := range []*slots.Record{a.Record("other", 5*time.Minute, false), a.Record("key", time.Minute, false), a.Record("key", 5*time.Minute, true)} {
		assert.Empty(t, other.Known())
	}
}

func TestWhatIsForgottenOnDiskIsMissing(t *testing.T) {
	for name, forget := range map[string]func(dir string){
		"by the process that counts": func(dir string) {
			store := reopened(t, dir).Store("prometheus", 0)
			store.Record("0", 5*time.Minute, false)
			store.Forget(201*r+1, 203*r-1) // one in memory, and one that is on disk alone
		},
		"by another": func(dir string) { require.NoError(t, reopened(t, dir).Forget(201*r+1, 203*r-1)) },
	} {
		dir := filled(t, 2)
		forget(dir)
		store := reopened(t, dir).Store("prometheus", 0)
		for i := range 2 {
			record := store.Record(fmt.Sprint(i), 5*time.Minute, false)
			assert.Equal(t, spans(201, 203), record.Missing(100*r, 90*288*r, later), "%s, %d", name, i)
			requireRight(t, record, i)
			assert.Zero(t, total(record, 201*r, 203*r))
		}
	}
	dir := filled(t, 2)
	require.NoError(t, reopened(t, dir).Forget(0, 100*288*r))
	info, err := os.Stat(file(dir))
	require.NoError(t, err)
	assert.LessOrEqual(t, info.Size(), int64(8*os.Getpagesize()), "the disk has its room back")
	assert.Empty(t, reopened(t, dir).Store("prometheus", 0).Record("0", 5*time.Minute, false).Known())
}

// What memory has no room for is read from disk again.
func TestARecordThatMemoryDroppedIsStillOnDisk(t *testing.T) {
	logged(t)
	disk := reopened(t, t.TempDir())
	for _, flush := range []bool{false, true} {
		store := disk.Store(fmt.Sprint(flush), 6000)
		for i := range 10 {
			store.Record(fmt.Sprint(i), 5*time.Minute, false).Close(counted(0, 1, 2, float64(i)), later)
		}
		if flush {
			disk.Flush()
		}
		for i := range 10 {
			assert.Equal(t, 3+float64(i), total(store.Record(fmt.Sprint(i), 5*time.Minute, false), 0, 3*r))
			assert.LessOrEqual(t, store.Bytes(), 6000)
		}
	}
}

func TestTheFileStaysWithinItsBound(t *testing.T) {
	dir := t.TempDir()
	const limit = 2 << 20
	slots.CloseDisks()
	disk := slots.OpenDisk(dir, limit)
	record := func(i int) *slots.Record { return disk.Store(fmt.Sprint(i), 0).Record("key", 5*time.Minute, false) }
	for i := range 60 {
		record(i).Close(ninetyDays(i), time.UnixMilli(200*288*r))
		if i%5 == 0 { // the next process asks for the second
			slots.CloseDisks()
			disk = slots.OpenDisk(dir, limit)
			record(1)
		}
		disk.Flush()
	}
	info, err := os.Stat(file(dir))
	require.NoError(t, err)
	assert.LessOrEqual(t, info.Size(), int64(2*limit))
	disk = reopened(t, dir)
	assert.Empty(t, record(0).Known(), "the oldest have gone")
	assert.NotEmpty(t, record(1).Known())
	assert.NotEmpty(t, record(59).Known())
}
