//go:build bench

package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/slots"
)

// quarter is 1,000 objectives over 90 days.
var quarter = fleet{1000, 90, 4 * time.Minute, []string{"200", "500"}}

// restarted is what the next process is told, and what it tells.
type restarted struct {
	URL, Cache, Documents, Answer string

	At      time.Time
	Seconds []float64 // of the first status, and of one a minute later
	// Memory of the process in MiB: its own, and with the pages of the file.
	Own, WithFile float64
}

const restartedVariable = "ACCORD_BENCH_RESTARTED"

// TestBenchRestart counts 1,000 objectives over 90 days, and asks for them in another
// process.
func TestBenchRestart(t *testing.T) {
	proxy := watch(t, conformance.StartEmbedded(t, quarter.blocks(t)))
	told := restarted{URL: proxy.URL, Cache: t.TempDir(), Documents: quarter.documents(t), At: at}
	cold := median(1, func() { statusOfAll(t, told.engine(t), loadAll(t, told.Documents), at) })
	out.add("1,000 objectives × 90 days, cold: seconds", cold.Seconds(), bar{})
	out.add("… seconds until all is on disk", median(1, slots.CloseDisks).Seconds(), bar{})
	info, err := os.Stat(filepath.Join(told.Cache, "counts.db"))
	require.NoError(t, err)
	out.add("… MiB on disk", float64(info.Size())/(1<<20), atMost(256))

	proxy.reset(at.Add(-counting.Settle).Truncate(counting.DefaultResolution))
	told.At = at.Add(time.Minute)
	seconds := restart(t, &told)
	out.add("restart with the store on disk: seconds of the first status of 1,000 agreements", seconds, atMost(1))
	out.add("… closed slots asked for again", float64(proxy.closed), atMost(0))
	out.add("… MiB of the process's own memory", told.Own, atMost(256))
	out.add("… MiB with the pages of the file that the system keeps for it", told.WithFile, bar{})
	out.add("… seconds of a status a minute later", told.Seconds[1], bar{})
}

// restart starts three processes, one after the other; seconds is how long the first
// status took.
func restart(t *testing.T, told *restarted) (seconds float64) {
	firsts := make([]float64, 3)
	for i := range firsts {
		told.Answer = filepath.Join(t.TempDir(), "answer.json")
		text, err := json.Marshal(told)
		require.NoError(t, err)
		next := exec.Command(os.Args[0], "-test.run=^TestRestarted$")
		next.Env = append(os.Environ(), restartedVariable+"="+string(text), barsVariable+"="+os.DevNull)
		printed, err := next.CombinedOutput()
		require.NoError(t, err, "%s", printed)
		answer, err := os.ReadFile(told.Answer)
		require.NoError(t, err)
		*told = restarted{}
		require.NoError(t, json.Unmarshal(answer, told))
		firsts[i] = told.Seconds[0]
	}
	slices.Sort(firsts)
	return firsts[1]
}

// TestRestarted is that process.
func TestRestarted(t *testing.T) {
	text := os.Getenv(restartedVariable)
	if text == "" {
		t.Skip("SKIPPED: it is for the processes that TestBenchRestart starts")
	}
	var told restarted
	require.NoError(t, json.Unmarshal([]byte(text), &told))
	slots.BoundGarbage()
	all := loadAll(t, told.Documents)
	engine := told.engine(t)
	for range 2 {
		told.Seconds = append(told.Seconds, median(1, func() { statusOfAll(t, engine, all, told.At) }).Seconds())
		told.At = told.At.Add(time.Minute)
	}
	told.Own, told.WithFile = resident(t, "RssAnon"), resident(t, "VmRSS")
	answer, err := json.Marshal(told)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(told.Answer, answer, 0o600))
}

// resident is what the system says of the process's memory, in MiB.
func resident(t testing.TB, kind string) float64 {
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	var kilobytes float64
	_, rest, found := strings.Cut(string(status), kind+":")
	require.True(t, found)
	_, err = fmt.Sscan(rest, &kilobytes)
	require.NoError(t, err)
	return kilobytes / 1024
}

// engine is one with the store on disk, at the instant told.
func (r *restarted) engine(t testing.TB) *measure.Service {
	return measure.New(connect(t, r.URL), counting.Options{Now: func() time.Time { return r.At },
		Cache: counting.Cache{Disk: slots.OpenDisk(r.Cache, slots.DiskBytes), Connection: "bench"}})
}
