package editing

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
)

// writer is a process that saves the document of its own name for ever, or until
// it is killed: this test, executed again.
func writer(t *testing.T, dir, name string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	process := exec.Command(os.Args[0], "-test.run=^TestWriterProcess$")
	process.Env = append(os.Environ(), "ACCORD_TEST_WRITE="+dir, "ACCORD_TEST_NAME="+name)
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	return process, bufio.NewScanner(out)
}

// TestWriterProcess is what the other process runs. It prints the number of each
// save that was answered.
func TestWriterProcess(t *testing.T) {
	dir, name := os.Getenv("ACCORD_TEST_WRITE"), os.Getenv("ACCORD_TEST_NAME")
	if dir == "" {
		t.Skip("SKIPPED: this is the second process of other tests here, which start it with ACCORD_TEST_WRITE set")
	}
	f := &Folder{Dir: dir, Now: time.Now, Live: catalog.NewLive(dir, catalog.Options{}, nil)}
	require.NoError(t, f.Recover(ctx))
	for n := last(t, f, name) + 1; ; n++ {
		found := f.read(t, team(name))
		text, _, _ := strings.Cut(string(found.Text), "# save")
		text += fmt.Sprintf("# save %d of %s %s\n", n, name, strings.Repeat("x", n*977%7000))
		_, err := f.putOne(ctx, User{Login: name}, team(name), []byte(text), knowing(found))
		require.NoError(t, err)
		fmt.Println(n)
	}
}

// last is the number of the save that the document is from.
func last(t testing.TB, f *Folder, name string) int {
	t.Helper()
	_, after, saved := strings.Cut(string(f.read(t, team(name)).Text), "# save ")
	if !saved {
		return 0
	}
	n, err := strconv.Atoi(strings.Fields(after)[0])
	require.NoError(t, err)
	return n
}

// Two processes save documents of one file, and one of them is killed at a random
// moment, again and again: no save that was answered is lost, no file is half, and
// each save has its lines. ACCORD_KILLS is how many are killed.
func TestKilledWritersLoseNothing(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("ACCORD_KILLS"))
	if err != nil {
		kills = 8
	}
	f := company(t)
	_, steady := writer(t, f.Dir, "payments")
	steadySaves := 0
	answered := make(chan int, 1<<20)
	go func() {
		for steady.Scan() {
			n, _ := strconv.Atoi(steady.Text())
			answered <- n
		}
	}()
	killedSaves, atKill := 0, map[string]int{}
	for range kills {
		process, saves := writer(t, f.Dir, "checkout")
		for range 1 + rand.IntN(3) {
			require.True(t, saves.Scan())
			killedSaves, err = strconv.Atoi(saves.Text())
			require.NoError(t, err)
		}
		timer := time.AfterFunc(time.Duration(rand.IntN(8000))*time.Microsecond, func() { _ = process.Process.Kill() })
		for saves.Scan() {
			killedSaves, _ = strconv.Atoi(saves.Text())
		}
		timer.Stop()
		_ = process.Wait() // it was killed
		n := last(t, f, "checkout")
		require.GreaterOrEqual(t, n, killedSaves, "a save that was answered is there")
		require.LessOrEqual(t, n, killedSaves+1)
		if n > killedSaves {
			atKill["made, not answered"]++
		} else {
			atKill["not made"]++
		}
	}
	require.NoError(t, f.Recover(ctx)) // and so does the steady one
	for len(answered) > 0 {
		steadySaves = <-answered
	}
	require.GreaterOrEqual(t, last(t, f, "payments"), steadySaves)
	require.Positive(t, steadySaves)
	checkHistory(t, f, kills, atKill)
}

// checkHistory checks that the folder is whole, and that what the audit log tells
// leads from one save to the next, up to what is on the disk.
func checkHistory(t *testing.T, f *Folder, kills int, atKill map[string]int) {
	t.Helper()
	_, unlock, err := f.lock(ctx, "the history") // the steady writer stands still
	require.NoError(t, err)
	defer unlock()
	c := f.catalog(t)
	require.Equal(t, 4, c.Documents, "%v", c.Problems)
	require.Equal(t, []string{"payments.yaml", "services"}, f.names(t), "no temporary file stays")
	states, hash, open := map[string]int{}, map[string]string{}, ""
	for _, line := range f.log(t) {
		states[line.State]++
		if line.State == begun {
			require.Empty(t, open, "one change at a time")
			require.True(t, hash[line.Name] == "" || hash[line.Name] == line.Before, "no change without its line: %v", line)
			open, hash[line.Name] = line.Change, line.Before
			continue
		}
		require.Equal(t, open, line.Change)
		if open = ""; line.State == made {
			hash[line.Name] = line.After
		}
	}
	require.Empty(t, open)
	require.Zero(t, states[unknown])
	require.Equal(t, states[begun], states[made]+states[failed])
	for _, name := range []string{"payments", "checkout"} {
		require.Equal(t, f.read(t, team(name)).Hash, hash[name], "what the log says is what is on the disk")
	}
	t.Logf("%d killed (%v): %d changes begun, %d made, %d closed as not made", kills, atKill, states[begun], states[made], states[failed])
}

// Two processes change two documents of one file: no change is lost, and none is
// refused but for one that was made meanwhile.
func TestTwoProcessesCountTogether(t *testing.T) {
	f := company(t)
	f.Live = catalog.NewLive(f.Dir, catalog.Options{}, nil)
	_, other := writer(t, f.Dir, "payments")
	for n := range 30 {
		require.True(t, other.Scan())
		for {
			found := f.read(t, team("checkout"))
			text, _, _ := strings.Cut(string(found.Text), "# save")
			_, err := f.putOne(ctx, User{Login: "anna"}, team("checkout"), fmt.Appendf(nil, "%s# save %d here\n", text, n+1), knowing(found))
			if err == nil {
				break
			}
			refused(t, Changed, "has changed", err)
		}
	}
	require.Equal(t, 30, last(t, f, "checkout"))
	require.GreaterOrEqual(t, last(t, f, "payments"), 30)
}

// A full disk: the old document stays, whole, no half line is in the log, and
// when there is room again all goes on.
func TestAFullDiskLosesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("SKIPPED: needs a small file system of its own, which only root can mount: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
	require.NoError(t, os.WriteFile(filepath.Join(dir, "payments.yaml"), []byte(payments), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "api.yaml"), []byte(service), 0o600))
	f := &Folder{Dir: dir, Now: time.Now, Live: catalog.NewLive(dir, catalog.Options{}, nil)}
	filler := filepath.Join(dir, "filler.bin")
	made, full := 0, 0
	for n := range 60 {
		// The room left shrinks by a page from round to round, then starts anew.
		require.NoError(t, fill(filler, n%12))
		before := f.text(t, "payments.yaml")
		found := f.read(t, team("payments"))
		text, _, _ := strings.Cut(string(found.Text), "# save")
		_, err := f.putOne(ctx, User{Login: "anna"}, team("payments"), fmt.Appendf(nil, "%s# save %d %s\n", text, n, strings.Repeat("x", 9000)), knowing(found))
		if err == nil {
			made++
		} else {
			full++
			require.ErrorContains(t, err, "no space left on device")
			require.Equal(t, before, f.text(t, "payments.yaml"))
		}
		if log, err := os.ReadFile(filepath.Join(dir, AuditLog)); err == nil {
			for line := range strings.Lines(string(log)) {
				require.True(t, json.Valid([]byte(line)) && strings.HasSuffix(line, "\n"), line)
			}
		}
	}
	require.Positive(t, made)
	require.Positive(t, full)
	require.NoError(t, os.Remove(filler))
	require.NoError(t, f.Recover(ctx))
	states := map[string]int{}
	for _, line := range f.log(t) {
		states[line.State]++
	}
	require.Equal(t, states["begun"], states["made"]+states["failed"])
	require.Equal(t, made, states["made"])
	require.Equal(t, []string{"api.yaml", "payments.yaml"}, f.names(t))
	t.Logf("%d saves made, %d refused by the full disk, %d of them after they had begun", made, full, states["failed"])
}

// fill leaves about as many pages free as are asked for.
func fill(filler string, pages int) error {
	_ = os.Remove(filler)
	file, err := os.Create(filler)
	if err != nil {
		return err
	}
	defer file.Close()
	written := int64(0)
	for page := make([]byte, 4096); err == nil; {
		var n int
		n, err = file.Write(page)
		written += int64(n)
	}
	return file.Truncate(max(written-int64(pages)*4096, 0))
}
