package editing

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/accord-sla/accord/pkg/catalog"
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
			_, err := f.Put(ctx, "anna", team("checkout"), found.Text, knowing(found))
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
	_, err := f.Put(ctx, "anna", team("checkout"), found.Text, knowing(found))
	refused(t, Changed, "payments.yaml has changed while it was to be written", err)
	require.Equal(t, other, f.text(t, "payments.yaml"))

	f.interrupt = func(step string) error {
		if step == "check" {
			return os.WriteFile(filepath.Join(f.Dir, "team-b.yaml"), []byte("# mine\n"), 0o600)
		}
		return nil
	}
	_, err = f.Put(ctx, "anna", team("b"), []byte(b), Condition{New: true})
	refused(t, Changed, "team-b.yaml has changed", err)
	require.Equal(t, "# mine\n", f.text(t, "team-b.yaml"))
}

// Of two who write the same document at once one wins and the other is told;
// those who write different documents of one file both win.
func TestTwoWritersAtOnce(t *testing.T) {
	f := company(t)
	twin := &Folder{Dir: f.Dir, Now: f.Now} // another data source with the same folder
	found, other := f.read(t, team("checkout")), f.read(t, team("payments"))
	var wait sync.WaitGroup
	results := make([]error, 21)
	for i := range 20 {
		wait.Go(func() {
			by := []*Folder{f, twin}[i%2]
			_, results[i] = by.Put(ctx, "anna", team("checkout"), fmt.Appendf(nil, "%s# by %d\n", found.Text, i), knowing(found))
		})
	}
	wait.Go(func() {
		_, results[20] = f.Put(ctx, "ben", team("payments"), append(other.Text, "# by ben\n"...), knowing(other))
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
	_, err := f.Put(ctx, "anna", team("b"), []byte(b), knowing(found))
	refused(t, ReadOnly, "b.yaml is a link, as in a mounted ConfigMap", err)
	refused(t, ReadOnly, "is a link", f.Delete(ctx, "anna", team("b"), knowing(found)))
	refused(t, ReadOnly, "is a link", f.Writable("b.yaml"))
	require.Equal(t, b, f.text(t, "..1/b.yaml"))
}

func TestAReadOnlyFolder(t *testing.T) {
	f := folderOf(t, map[string]string{"b.yaml": b})
	found := f.read(t, team("b"))
	require.NoError(t, os.Chmod(f.Dir, 0o555))
	t.Cleanup(func() { _ = os.Chmod(f.Dir, 0o755) })
	asNobody(t, func() {
		_, err := f.Put(ctx, "anna", team("b"), []byte(b), knowing(found))
		refused(t, ReadOnly, "the folder of documents is read-only (permission denied)", err)
		_, err = f.Put(ctx, "anna", team("c"), []byte(strings.Replace(b, "{name: b}", "{name: c}", 1)), Condition{New: true})
		refused(t, ReadOnly, "read-only", err)
		refused(t, ReadOnly, "read-only", f.Delete(ctx, "anna", team("b"), knowing(found)))
	})
	require.Equal(t, b, f.text(t, "b.yaml"))
}

func TestNothingIsWrittenOutsideTheRoot(t *testing.T) {
	outside := folderOf(t, map[string]string{"b.yaml": b})
	root := folderOf(t, map[string]string{"slas/b.yaml": b})
	f := &Folder{Root: root.Dir, Dir: filepath.Join(root.Dir, "slas"), Now: root.Now}
	found := f.read(t, team("b"))
	_, err := f.Put(ctx, "anna", team("b"), append(found.Text, "# inside\n"...), knowing(found))
	require.NoError(t, err)

	// The folder is swapped for a link that leads out.
	require.NoError(t, os.Rename(f.Dir, f.Dir+".old"))
	require.NoError(t, os.Symlink(outside.Dir, f.Dir))
	found = outside.read(t, team("b"))
	_, err = f.Put(ctx, "anna", team("b"), []byte(b), knowing(found))
	refused(t, ReadOnly, "leads out of the folder that the operator has set aside", err)
	require.Equal(t, b, outside.text(t, "b.yaml"))
	require.Equal(t, []string{"b.yaml"}, outside.names(t))

	// A link within the root is followed.
	require.NoError(t, os.Remove(f.Dir))
	require.NoError(t, os.Symlink("slas.old", f.Dir))
	found = f.read(t, team("b"))
	_, err = f.Put(ctx, "anna", team("b"), []byte(b), knowing(found))
	require.NoError(t, err)
	require.Equal(t, b, root.text(t, "slas.old/b.yaml"))

	// A name is no path.
	evil := catalog.ID{Kind: "DataSource", Name: "../../evil"}
	put, err := f.Put(ctx, "anna", evil, []byte("apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: ../../evil}\nspec: {type: Prometheus, connectionDetails: {}}\n"), Condition{New: true})
	require.NoError(t, err)
	require.Equal(t, "datasource-------evil.yaml", put.File)
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
