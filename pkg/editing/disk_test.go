package editing

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/stretchr/testify/require"
)

// Whatever step fails, the old file is there, whole, and nothing else.
func TestAFailedWriteLeavesTheOldFile(t *testing.T) {
	for _, step := range []string{"begun", "written", "check", "replace"} {
		t.Run(step, func(t *testing.T) {
			f := company(t)
			found := f.read(t, team("checkout"))
			f.interrupt = func(at string) error {
				if at == step {
					return errors.New("the disk is on fire")
				}
				return nil
			}
			_, err := f.putOne(ctx, User{Login: "anna"}, team("checkout"), found.Text, knowing(found))
			require.ErrorContains(t, err, "the disk is on fire")
			require.Equal(t, payments, f.text(t, "payments.yaml"))
			require.Equal(t, []string{"payments.yaml", "services"}, f.names(t))
		})
	}
}

// Another process that writes between reading and writing is not overwritten.
func TestAWriterOfAnotherProcessIsNotOverwritten(t *testing.T) {
	f := company(t)
	found := f.read(t, team("checkout"))
	other := strings.Replace(payments, "Upgrade", "Downgrade", 1)
	f.interrupt = func(step string) error {
		if step == "check" {
			return os.WriteFile(filepath.Join(f.Dir, "payments.yaml"), []byte(other), 0o600)
		}
		return nil
	}
	_, err := f.putOne(ctx, User{Login: "anna"}, team("checkout"), found.Text, knowing(found))
	refused(t, Changed, "payments.yaml has changed while it was to be written", err)
	require.Equal(t, other, f.text(t, "payments.yaml"))

	f.interrupt = func(step string) error {
		if step == "check" {
			return os.WriteFile(filepath.Join(f.Dir, "team-b.yaml"), []byte("# mine\n"), 0o600)
		}
		return nil
	}
	_, err = f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), Condition{New: true})
	refused(t, Changed, "team-b.yaml has changed", err)
	require.Equal(t, "# mine\n", f.text(t, "team-b.yaml"))
}

// Of two who write the same document at once one wins and the other is told;
// those who write different documents of one file both win.
func TestTwoWritersAtOnce(t *testing.T) {
	f := company(t)
	twin := &Folder{Dir: f.Dir, Now: f.Now, Live: catalog.NewLive(f.Dir, catalog.Options{}, nil)} // another data source with the same folder
	found, other := f.read(t, team("checkout")), f.read(t, team("payments"))
	var wait sync.WaitGroup
	results := make([]error, 21)
	for i := range 20 {
		wait.Go(func() {
			by := []*Folder{f, twin}[i%2]
			_, results[i] = by.putOne(ctx, User{Login: "anna"}, team("checkout"), fmt.Appendf(nil, "%s# by %d\n", found.Text, i), knowing(found))
		})
	}
	wait.Go(func() {
		_, results[20] = f.putOne(ctx, User{Login: "ben"}, team("payments"), append(other.Text, "# by ben\n"...), knowing(other))
	})
	wait.Wait()
	won := 0
	for _, err := range results[:20] {
		if err == nil {
			won++
			continue
		}
		refused(t, Changed, "has changed since you read it", err)
	}
	require.Equal(t, 1, won)
	require.NoError(t, results[20])
	require.Contains(t, f.text(t, "payments.yaml"), "# by ben\n")
	require.Equal(t, 2, strings.Count(f.text(t, AuditLog), `"state":"made"`))
}

func TestAMountedConfigMapIsReadOnly(t *testing.T) {
	f := folderOf(t, map[string]string{"..1/b.yaml": b})
	require.NoError(t, os.Symlink("..1", filepath.Join(f.Dir, "..data")))
	require.NoError(t, os.Symlink("..data/b.yaml", filepath.Join(f.Dir, "b.yaml")))
	found := f.read(t, team("b"))
	_, err := f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), knowing(found))
	refused(t, ReadOnly, "b.yaml is a link, as in a mounted ConfigMap", err)
	refused(t, ReadOnly, "is a link", f.Delete(ctx, User{Login: "anna"}, team("b"), knowing(found)))
	refused(t, ReadOnly, "is a link", f.Writable("b.yaml"))
	require.Equal(t, b, f.text(t, "..1/b.yaml"))
}

func TestAReadOnlyFolder(t *testing.T) {
	f := folderOf(t, map[string]string{"b.yaml": b})
	found := f.read(t, team("b"))
	require.NoError(t, os.Chmod(f.Dir, 0o555))
	t.Cleanup(func() { _ = os.Chmod(f.Dir, 0o755) })
	asNobody(t, func() {
		_, err := f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), knowing(found))
		refused(t, ReadOnly, "the folder of documents is read-only (permission denied)", err)
		_, err = f.putOne(ctx, User{Login: "anna"}, team("c"), []byte(strings.Replace(b, "{name: b}", "{name: c}", 1)), Condition{New: true})
		refused(t, ReadOnly, "read-only", err)
		refused(t, ReadOnly, "read-only", f.Delete(ctx, User{Login: "anna"}, team("b"), knowing(found)))
	})
	require.Equal(t, b, f.text(t, "b.yaml"))
}

func TestNothingIsWrittenOutsideTheRoot(t *testing.T) {
	outside := folderOf(t, map[string]string{"b.yaml": b})
	root := folderOf(t, map[string]string{"slas/b.yaml": b})
	f := &Folder{Root: root.Dir, Dir: filepath.Join(root.Dir, "slas"), Now: root.Now}
	f.Live = catalog.NewLive(f.Dir, catalog.Options{}, nil)
	found := f.read(t, team("b"))
	_, err := f.putOne(ctx, User{Login: "anna"}, team("b"), append(found.Text, "# inside\n"...), knowing(found))
	require.NoError(t, err)

	// The folder is swapped for a link that leads out.
	require.NoError(t, os.Rename(f.Dir, f.Dir+".old"))
	require.NoError(t, os.Symlink(outside.Dir, f.Dir))
	found = outside.read(t, team("b"))
	_, err = f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), knowing(found))
	refused(t, ReadOnly, "leads out of the folder that the operator has set aside", err)
	require.Equal(t, b, outside.text(t, "b.yaml"))
	require.Equal(t, []string{"b.yaml"}, outside.names(t))

	// A link within the root is followed.
	require.NoError(t, os.Remove(f.Dir))
	require.NoError(t, os.Symlink("slas.old", f.Dir))
	found = f.read(t, team("b"))
	_, err = f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), knowing(found))
	require.NoError(t, err)
	require.Equal(t, b, root.text(t, "slas.old/b.yaml"))

	// A name is no path.
	evil := catalog.ID{Kind: "DataSource", Name: "../../evil"}
	put, err := f.putOne(ctx, User{Login: "anna"}, evil, []byte("apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: ../../evil}\nspec: {type: Prometheus, connectionDetails: {}}\n"), Condition{New: true})
	require.NoError(t, err)
	require.Equal(t, "datasource-evil.yaml", put.File)
}

// asNobody runs the function with the file permissions of nobody, when the
// tests run as root, who may write everywhere.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	if os.Getuid() != 0 {
		do()
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: needs a user who is not root")
	}
	for at := t.TempDir(); len(at) > len(os.TempDir()); at = filepath.Dir(at) {
		_ = os.Chmod(at, 0o755)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // not unlocked: the thread ends with its goroutine
		if err := syscall.Setfsuid(65534); err != nil {
			t.Error(err)
			return
		}
		do()
	}()
	<-done
}

// A file that cannot be read may hold the document that somebody wants to write
// anew: two would stand there, or one in place of what nobody could see.
func TestADocumentIsNotCreatedWhileItMayStandInAFileThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		may  bool
	}{
		"not permitted":              {b, 0, true},
		"no YAML, with the name":     {"kind: [Team\nmetadata: {name: b}\n", 0o644, true},
		"no UTF-8, with the name":    {b + "# \xff\n", 0o644, true},
		"no YAML, of something else": {"kind: [Team\nmetadata: {name: x}\n", 0o644, false},
		"a document with an error":   {"apiVersion: accord/v1\nkind: Team\nmetadata: {name: x}\nspec: {b: 1}\n", 0o644, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := company(t)
			bad := filepath.Join(f.Dir, "bad.yaml")
			require.NoError(t, os.WriteFile(bad, []byte(c.text), 0o600))
			require.NoError(t, os.Chmod(bad, c.mode))
			require.NoError(t, os.Chmod(f.Dir, 0o777))
			asNobody(t, func() {
				for _, when := range []Condition{{}, {New: true}} {
					_, err := f.putOne(ctx, User{Login: "anna", Role: "Admin"}, team("b"), []byte(b), when)
					switch {
					case c.may:
						refused(t, Unreadable, "Team b may stand in bad.yaml, which cannot be read", err)
					case when.New:
						require.NoError(t, err)
					default:
						refused(t, Unconditional, "there is no Team b yet", err)
					}
				}
				if c.may {
					_, err := f.Read(f.catalog(t), team("b"))
					refused(t, Unreadable, "may stand in bad.yaml", err)
					refused(t, Unreadable, "may stand in bad.yaml", f.Delete(ctx, User{Login: "anna"}, team("b"), Condition{}))
				}
			})
		})
	}
}

// Reading asks the catalog where a document stands, and its file alone what it is.
func TestADocumentIsReadWithTheCatalogInMemory(t *testing.T) {
	f := company(t)
	c := f.catalog(t)
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir, "new.yaml"), []byte(b), 0o600))
	_, err := f.Read(c, team("b"))
	refused(t, Absent, `there is no Team "b"`, err)
	changed := strings.Replace(payments, "{name: checkout}\nspec: {}", "{name: checkout}\nspec: {members: [anna]}", 1)
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir, "payments.yaml"), []byte(changed), 0o600))
	found, err := f.Read(c, team("checkout"))
	require.NoError(t, err)
	require.Contains(t, string(found.Text), "anna", "as it stands now")
	require.Equal(t, document.Hash(found.Text), found.Hash)
	require.NoError(t, os.Remove(filepath.Join(f.Dir, "payments.yaml")))
	_, err = f.Read(c, team("checkout"))
	refused(t, Changed, "Team checkout is no longer in payments.yaml: read it again", err)
}

// The proposal of an Editor is judged by the folder as it is on the disk, also
// where the catalog in memory is older.
func TestAWriteSeesTheFolderAsItIs(t *testing.T) {
	f := company(t)
	f.Live = catalog.NewLive(f.Dir, catalog.Options{}, nil)
	require.NoError(t, f.Live.Reread(ctx))
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir, "b.yaml"), []byte(strings.Replace(b, "{}", "{members: [ben]}", 1)), 0o600))
	_, err := f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), Condition{New: true})
	refused(t, Changed, "Team b is there already, in b.yaml:1", err)
	require.NoError(t, os.RemoveAll(f.Dir))
	require.NoError(t, os.Mkdir(f.Dir, 0o755))
	_, err = f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), Condition{New: true})
	require.ErrorContains(t, err, "is empty, as if its volume were not mounted")
}

// Another replica may start while a file is replaced, which is not done under the lock.
func TestAProcessThatStartsDisturbsNoFileThatIsReplaced(t *testing.T) {
	f := company(t)
	root, err := f.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, root.Close()) })
	for n := range 300 {
		started := make(chan error)
		go func() { started <- (&Folder{Dir: f.Dir, Now: f.Now}).Recover(ctx) }()
		err := ReplaceFile(root, ".alerts.json", fmt.Appendf(nil, "%d", n), 0o640)
		require.NoError(t, <-started)
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(n), f.text(t, ".alerts.json"))
	}
}
