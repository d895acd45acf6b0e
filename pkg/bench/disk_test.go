//go:build bench

package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/slots"
)

// TestBenchDisk is what the counts of 1,000 objectives over 90 days take on disk, and how
// long the next process takes to read them.
func TestBenchDisk(t *testing.T) {
	const objectives, days, r = 1000, 90, int64(5 * time.Minute / time.Millisecond)
	dir, now := t.TempDir(), time.UnixMilli(200*288*r)
	record := func(store *slots.Store, i int) *slots.Record {
		return store.Record(fmt.Sprint(i), 5*time.Minute, false)
	}
	store := slots.OpenDisk(dir, slots.DiskBytes).Store("prometheus", 0)
	begin := time.Now()
	for i := range objectives {
		run := make([]slots.Slot, days*288)
		for slot := range run {
			total := 20_000 + (slot*7919+i*104_729)%9973
			run[slot] = slots.Slot{Total: float64(total), Bad: float64(total % 31), Measured: true}
		}
		record(store, i).Close(slots.Counts{Length: len(run), Groups: map[string]slots.GroupCounts{"": {Labels: map[string]string{}, Slots: run}}}, now)
	}
	slots.CloseDisks()
	out.add("counts on disk: seconds to pack and write 1,000 objectives × 90 days", time.Since(begin).Seconds(), bar{})
	info, err := os.Stat(filepath.Join(dir, "counts.db"))
	require.NoError(t, err)
	out.add("counts on disk: MiB of 1,000 objectives × 90 days", float64(info.Size())/(1<<20), atMost(256))
	store = nil
	runtime.GC()

	begin = time.Now()
	store = slots.OpenDisk(dir, slots.DiskBytes).Store("prometheus", 0)
	out.add("counts on disk: seconds until the next process has opened them", time.Since(begin).Seconds(), bar{})
	for i := range objectives {
		require.Empty(t, record(store, i).Missing(0, days*288*r, now))
	}
	out.add("counts on disk: seconds until it has read all", time.Since(begin).Seconds(), atMost(1))
	out.add("counts in memory: bytes a slot", float64(store.Bytes())/(objectives*days*288), atMost(10))
	slots.CloseDisks()
}
