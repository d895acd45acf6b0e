//go:build unix

package slots_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/slots"
)

// child names the folder that a process of this test is to write to.
const child = "ACCORD_TEST_CACHE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(child); dir != "" {
		writeForever(dir)
	}
	os.Exit(m.Run())
}

// writeForever reads what is there, and then counts and writes until it is killed.
// It says when it begins to write.
func writeForever(dir string) {
	seed, _ := strconv.ParseUint(os.Getenv(child+"_SEED"), 10, 64)
	random := rand.New(rand.NewPCG(seed, 1))
	disk := slots.OpenDisk(dir, slots.DiskBytes)
	store := disk.Store("prometheus", 0)
	if problem := disk.Problem(); problem != "" {
		fmt.Println("wrong: the file cannot be used:", problem)
	}
	for i := range 5 {
		requireRight(said{}, store.Record(fmt.Sprint(i), 5*time.Minute, false), i)
	}
	for {
		for range 5 {
			i, from := random.IntN(5), random.Int64N(90*288)
			run := make([]float64, 1+random.IntN(600))
			for slot := range run {
				run[slot] = float64(1000*i + int(from+int64(slot))%977)
			}
			store.Record(fmt.Sprint(i), 5*time.Minute, false).Close(counted(from*r, run...), time.UnixMilli(200*288*r))
		}
		fmt.Println("writing")
		disk.Flush()
	}
}

// said fails by saying so.
type said struct{}

func (said) Errorf(format string, args ...any) { fmt.Printf("wrong: "+format+"\n", args...) }
func (said) FailNow()                          { os.Exit(1) }

func TestAProcessThatIsKilledWhileItWritesLeavesNothingWrong(t *testing.T) {
	dir := t.TempDir()
	for run := range 200 {
		command := exec.CommandContext(t.Context(), os.Args[0])
		command.Env = append(os.Environ(), child+"="+dir, fmt.Sprintf("%s_SEED=%d", child, run))
		out, err := command.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, command.Start())
		lines := bufio.NewScanner(out)
		for writes := 0; writes <= run%2 && lines.Scan(); writes++ {
			require.Equal(t, "writing", lines.Text(), "run %d", run)
		}
		require.NoError(t, command.Process.Kill())
		assert.ErrorContains(t, command.Wait(), "killed", "run %d", run)
	}
	store := reopened(t, dir).Store("prometheus", 0)
	slotsKnown := int64(0)
	for i := range 5 {
		record := store.Record(fmt.Sprint(i), 5*time.Minute, false)
		requireRight(t, record, i)
		slotsKnown += record.Known().Length(0, 100*288*r) / r
	}
	assert.Greater(t, slotsKnown, int64(5*50*288), "most of what was counted was written")
}

// A full disk is told once; what is on it is read on, and what is counted is kept
// as soon as there is room.
func TestAFullDiskIsToldAndDoneWithout(t *testing.T) {
	dir := filled(t, 2)
	lines := logged(t)
	store := reopened(t, dir).Store("prometheus", 0)
	disk := slots.OpenDisk(dir, slots.DiskBytes)

	var unlimited syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unlimited))
	signal.Ignore(syscall.SIGXFSZ)
	t.Cleanup(func() {
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &unlimited))
		signal.Reset(syscall.SIGXFSZ)
	})
	info, err := os.Stat(file(dir))
	require.NoError(t, err)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(info.Size()), Max: unlimited.Max}))
	more := store.Record("more", 5*time.Minute, false)
	for i := range 40 {
		store.Record(fmt.Sprint("more", i), 5*time.Minute, false).Close(ninetyDays(i), time.UnixMilli(200*288*r))
	}
	more.Close(counted(0, 3.5), later)
	disk.Flush()
	disk.Flush()
	assert.Equal(t, "counts cannot be written to disk: file resize error: truncate counts.db: file too large", disk.Problem())
	assert.Equal(t, 1, strings.Count(lines.String(), "Counts are remembered in memory alone"))
	assert.Equal(t, 3.5, total(more, 0, r))
	requireRight(t, store.Record("0", 5*time.Minute, false), 0)

	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &unlimited))
	more.Close(counted(r, 7), later)
	disk.Flush()
	assert.Empty(t, disk.Problem())
	again := reopened(t, dir).Store("prometheus", 0)
	assert.Equal(t, 10.5, total(again.Record("more", 5*time.Minute, false), 0, 2*r))
	requireRight(t, again.Record("1", 5*time.Minute, false), 1)
}
