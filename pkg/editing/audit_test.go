package editing

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
)

// log are the lines of the audit log.
func (f *Folder) log(t testing.TB) (lines []auditEntry) {
	t.Helper()
	for text := range strings.Lines(f.text(t, AuditLog)) {
		var line auditEntry
		require.NoError(t, json.Unmarshal([]byte(text), &line), text)
		require.True(t, strings.HasSuffix(text, "\n"), text)
		lines = append(lines, line)
	}
	return lines
}

// failing fails one step.
func failing(step string, err error) func(string) error {
	return func(at string) error {
		if at == step {
			return err
		}
		return nil
	}
}

func TestEveryChangeIsInTheAuditLogWhenItBeginsAndWhenItEnds(t *testing.T) {
	f := company(t)
	_, err := f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), Condition{New: true})
	require.NoError(t, err)
	first := f.read(t, team("b"))
	_, err = f.putOne(ctx, User{Login: "ben"}, team("b"), []byte(strings.Replace(b, "{}", "{members: [ben, cem]}", 1)), knowing(first))
	require.NoError(t, err)
	second := f.read(t, team("b"))
	f.interrupt = failing("replace", syscall.ENOSPC)
	require.ErrorContains(t, f.Delete(ctx, User{Login: "cem"}, team("b"), knowing(second)), "team-b.yaml is not written: no space left on device")
	f.interrupt = nil
	require.NoError(t, f.Delete(ctx, User{Login: "cem"}, team("b"), knowing(second)))
	var want, changes []auditEntry
	for i, c := range []auditEntry{
		{Login: "anna", Action: "create", After: first.Hash, State: "made"},
		{Login: "ben", Action: "change", Before: first.Hash, After: second.Hash, State: "made"},
		{Login: "cem", Action: "delete", Before: second.Hash, State: "failed", Failed: "team-b.yaml is not written: no space left on device"},
		{Login: "cem", Action: "delete", Before: second.Hash, State: "made"},
	} {
		changes = f.log(t)
		c.Time, c.ID, c.File, c.Change = f.Now(), team("b"), "team-b.yaml", changes[2*i].Change
		begin := c
		begin.State, begin.Failed = "begun", ""
		want = append(want, begin, c)
	}
	require.Equal(t, want, changes)
	head, _, _ := strings.Cut(f.text(t, AuditLog), "\n")
	require.Equal(t, `{"time":"2026-11-24T09:00:00Z","change":"`+changes[0].Change+
		`","state":"begun","login":"anna","action":"create","kind":"Team","name":"b","file":"team-b.yaml","after":"`+first.Hash+`"}`, head)
	require.Empty(t, f.catalog(t).Teams["b"], "the log is not read as a document")
}

// A process that ends between two steps leaves a change begun. The next writer, or
// the next start, says what became of it.
func TestAChangeThatWasBegunIsClosedByWhatIsOnTheDisk(t *testing.T) {
	killed := errors.New("killed")
	for _, c := range []struct {
		name  string
		after func(*Folder) // what others did meanwhile
		made  bool
		want  auditEntry
	}{
		{"before it was made", func(*Folder) {}, false, auditEntry{State: "failed", Failed: "the process that began it ended before it was made"}},
		{"after it was made", func(*Folder) {}, true, auditEntry{State: "made"}},
		{"and somebody changed it by hand", func(f *Folder) {
			require.NoError(t, os.WriteFile(filepath.Join(f.Dir, "team-b.yaml"), []byte(b+"# by hand\n"), 0o600))
		}, true, auditEntry{State: "unknown", Failed: "the process that began it ended; the document is now neither as before nor as after"}},
		{"and a pipe is in its place", func(f *Folder) {
			require.NoError(t, os.Remove(filepath.Join(f.Dir, "team-b.yaml")))
			require.NoError(t, syscall.Mkfifo(filepath.Join(f.Dir, "team-b.yaml"), 0o600))
		}, true, auditEntry{State: "unknown", Failed: "the process that began it ended; the file cannot be read: it is no regular file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := company(t)
			f.interrupt = failing("made", killed)
			_, err := f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), Condition{New: true})
			require.NoError(t, err, "the change is made though its end is not noted")
			begun := f.log(t)
			require.Len(t, begun, 1)
			temporary := filepath.Join(f.Dir, begun[0].temporary())
			if !c.made {
				require.NoError(t, os.Rename(filepath.Join(f.Dir, "team-b.yaml"), temporary))
			}
			c.after(f)
			next := &Folder{Dir: f.Dir, Now: f.Now, Live: catalog.NewLive(f.Dir, catalog.Options{}, nil)}
			_, unlock, err := next.lock(ctx, "the next change")
			require.NoError(t, err)
			unlock()
			lines := f.log(t)
			require.Len(t, lines, 2)
			want := begun[0]
			want.State, want.Failed = c.want.State, c.want.Failed
			assert.Equal(t, want, lines[1])
			assert.NoFileExists(t, temporary)
			require.NoError(t, next.Recover(ctx))
			assert.Len(t, f.log(t), 2, "it is closed once")
		})
	}
}

func TestAKeptFileThatWasBegunIsClosed(t *testing.T) {
	f := keeper(t.TempDir())
	f.interrupt = failing("made", errors.New("killed"))
	require.NoError(t, f.Keep(ctx, "anna", "freeze", kept, "a/c.json", []byte("first")))
	f.interrupt = nil
	require.NoError(t, f.Keep(ctx, "anna", "freeze", kept, "a/d.json", []byte("second")))
	var states []string
	for _, line := range f.log(t) {
		states = append(states, line.File+" "+line.State)
	}
	require.Equal(t, []string{"a/c.json begun", "a/c.json made", "a/d.json begun", "a/d.json made"}, states)
}

// A full disk may take half a line, and whoever wrote it may be gone.
func TestAHalfLineIsNeverContinued(t *testing.T) {
	whole := `{"time":"2026-11-24T08:00:00Z","login":"old","action":"create","kind":"Team","name":"x","file":"x.yaml"}`
	for name, c := range map[string]struct{ tail, kept string }{
		"a half line":                  {whole + "\n" + whole[:20], whole + "\n"},
		"only a half line":             {whole[:20], ""},
		"a line without its end":       {whole, whole + "\n"},
		"a half line after a long one": {strings.Repeat("x", 200<<10) + "\n" + whole[:20], strings.Repeat("x", 200<<10) + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f := company(t)
			require.NoError(t, os.WriteFile(filepath.Join(f.Dir, AuditLog), []byte(c.tail), 0o600))
			_, err := f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), Condition{New: true})
			require.NoError(t, err)
			rest, ok := strings.CutPrefix(f.text(t, AuditLog), c.kept)
			require.True(t, ok)
			for line := range strings.Lines(rest) {
				require.True(t, json.Valid([]byte(line)), line)
			}
			require.Equal(t, 2, strings.Count(rest, "\n"))
		})
	}
}

func TestTemporaryFilesOfAKilledProcessAreRemovedAtTheStart(t *testing.T) {
	f := company(t)
	for _, name := range []string{".accord-ABC.tmp", "services/.accord-DEF.tmp"} {
		require.NoError(t, os.WriteFile(filepath.Join(f.Dir, name), []byte("half"), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir, "services/.other.tmp"), nil, 0o600))
	require.NoError(t, f.Recover(ctx))
	require.Equal(t, []string{"payments.yaml", "services"}, f.names(t))
	require.NoFileExists(t, filepath.Join(f.Dir, "services/.accord-DEF.tmp"))
	require.FileExists(t, filepath.Join(f.Dir, "services/.other.tmp"))
}

func TestAFolderInWhichNobodyWroteIsLeftAsItIs(t *testing.T) {
	f := company(t)
	require.NoError(t, f.Recover(ctx))
	entries, err := os.ReadDir(f.Dir)
	require.NoError(t, err)
	require.Len(t, entries, 2)
}

// What is no regular file is refused at once: to open a pipe is to wait for who
// writes it.
func TestAPipeOrFolderInPlaceOfAFileIsRefused(t *testing.T) {
	for _, make := range []func(string) error{
		func(path string) error { return syscall.Mkfifo(path, 0o600) },
		func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		for _, name := range []string{AuditLog, catalog.LockFile, "payments.yaml"} {
			f := company(t)
			f.Live = catalog.NewLive(f.Dir, catalog.Options{}, nil)
			c, found := f.catalog(t), f.read(t, team("checkout"))
			_ = os.Remove(filepath.Join(f.Dir, name))
			require.NoError(t, make(filepath.Join(f.Dir, name)))
			_, err := f.putOne(ctx, User{Login: "anna"}, team("checkout"), found.Text, knowing(found))
			require.Error(t, err, name)
			if name == "payments.yaml" {
				_, err = f.Read(c, team("checkout"))
			}
			require.ErrorContains(t, err, "no regular file", name)
		}
	}
}

// A writer waits for the one before it, in this process or another, only as long
// as it has to.
func TestWaitingForAnotherWriterEndsWithTheContext(t *testing.T) {
	f := company(t)
	put := func() error {
		short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		defer cancel()
		_, err := (&Folder{Dir: f.Dir, Now: f.Now, Live: f.Live}).putOne(short, User{Login: "anna"}, team("b"), []byte(b), Condition{New: true})
		return err
	}
	_, unlock, err := f.lock(ctx, "x")
	require.NoError(t, err)
	require.Equal(t, context.DeadlineExceeded, put())
	unlock()
	other := flock.New(filepath.Join(f.Dir, catalog.LockFile))
	require.NoError(t, other.Lock())
	require.Equal(t, context.DeadlineExceeded, put())
	require.NoError(t, other.Unlock())
}
