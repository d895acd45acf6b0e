package catalog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// watched is a folder under watch, whose catalogs and failures come on
// channels.
type watched struct {
	t        *testing.T
	dir      string
	catalogs chan *Catalog
	failures chan error
	rescan   chan time.Time
	live     *Live
}

func watchFolder(t *testing.T, dir string) *watched {
	t.Helper()
	w := &watched{t: t, dir: dir, catalogs: make(chan *Catalog, 100), failures: make(chan error, 100), rescan: make(chan time.Time)}
	w.live = NewLive(dir, Options{}, func(c *Catalog, err error) {
		if err != nil {
			w.failures <- err
			return
		}
		w.catalogs <- c
	})
	w.live.rescan = w.rescan
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.live.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return w
}

// until waits for a catalog with just these services.
func (w *watched) until(services ...string) *Catalog {
	w.t.Helper()
	late := time.After(time.Minute)
	var last []string
	for {
		select {
		case c := <-w.catalogs:
			if last = sortedKeys(c.Services); fmt.Sprint(last) == fmt.Sprint(services) {
				return c
			}
		case <-late:
			require.FailNow(w.t, "no such catalog came", "wanted %v, last had %v", services, last)
		}
	}
}

// untilMissing waits until the folder is told to be missing.
func (w *watched) untilMissing() {
	w.t.Helper()
	require.ErrorContains(w.t, <-w.failures, "does not exist")
}

func (w *watched) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w.t, os.WriteFile(path, []byte(text), 0o644))
}

func TestAChangeOfAFileIsANewCatalog(t *testing.T) {
	w := watchFolder(t, folderOf(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a")}))
	w.until("a")
	w.write("b.yaml", fmt.Sprintf(service, "b"))
	w.until("a", "b")
	w.write("new/folder/c.yaml", fmt.Sprintf(service, "c"))
	w.until("a", "b", "c")
	w.write("new/folder/c.yaml", fmt.Sprintf(service, "d"))
	w.until("a", "b", "d")
	require.NoError(t, os.Remove(filepath.Join(w.dir, "a.yaml")))
	w.until("b", "d")
}

func TestASwappedConfigMapIsANewCatalog(t *testing.T) {
	dir := folderOf(t, map[string]string{"..1/a.yaml": fmt.Sprintf(service, "a"), "..2/a.yaml": fmt.Sprintf(service, "b")})
	require.NoError(t, os.Symlink("..1", filepath.Join(dir, "..data")))
	require.NoError(t, os.Symlink("..data/a.yaml", filepath.Join(dir, "a.yaml")))
	w := watchFolder(t, dir)
	w.until("a")
	require.NoError(t, os.Symlink("..2", filepath.Join(dir, "..data_tmp")))
	require.NoError(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
	w.until("b")
}

// A link to the folder itself is swapped unheard, as a network file system
// changes unheard: only the rescan finds it.
func TestARescanFindsWhatWasNotHeard(t *testing.T) {
	parent := folderOf(t, map[string]string{"1/a.yaml": fmt.Sprintf(service, "a"), "2/a.yaml": fmt.Sprintf(service, "b")})
	dir := filepath.Join(parent, "slas")
	require.NoError(t, os.Symlink("1", dir))
	w := watchFolder(t, dir)
	w.until("a")
	require.NoError(t, os.Remove(dir))
	w.rescan <- time.Time{}
	w.untilMissing()
	require.NoError(t, os.Symlink("2", dir))
	w.rescan <- time.Time{}
	w.until("b")
}

func TestWhoAsksHasTheNewCatalogAtOnce(t *testing.T) {
	w := watchFolder(t, folderOf(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a")}))
	w.until("a")
	w.write("a.yaml", fmt.Sprintf(service, "b"))
	require.NoError(t, w.live.Reread(context.Background()))
	require.NotEmpty(t, w.catalogs, "it was handed on before the answer")
	w.until("b")
}

func TestTheSameTextIsNoNewCatalog(t *testing.T) {
	w := watchFolder(t, folderOf(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a")}))
	w.until("a")
	for range 3 {
		w.rescan <- time.Time{}
	}
	w.rescan <- time.Time{} // taken up only after those before were done
	require.Empty(t, w.catalogs)
}

func TestABadFolderLeavesTheCatalogAsItIs(t *testing.T) {
	dir := folderOf(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a")})
	w := watchFolder(t, dir)
	w.until("a")
	require.NoError(t, os.Rename(dir, dir+".away"))
	w.rescan <- time.Time{}
	w.untilMissing()
	require.Empty(t, w.catalogs, "no catalog comes in place of the one in force")
	w.write("b.yaml", fmt.Sprintf(service, "b"))
	w.rescan <- time.Time{}
	w.until("b")
}

// Who ends the program while the folder is read first need not be told so.
func TestThatItWasEndedIsNoFailure(t *testing.T) {
	live := NewLive(t.TempDir(), Options{}, func(_ *Catalog, err error) { assert.NoError(t, err) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	live.Run(ctx)
	_, err := live.Now(t.Context())
	assert.EqualError(t, err, "the data source was closed before its documents were read: try again")
}

func TestACanceledRequestIsNoReasonForOthers(t *testing.T) {
	live := NewLive(t.TempDir(), Options{}, func(_ *Catalog, err error) { assert.NoError(t, err) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	live.fail(ctx, ctx.Err())
	select {
	case <-live.looked:
		t.Error("nobody has looked at the folder")
	default:
	}
	require.NoError(t, live.Reread(t.Context()))
	_, err := live.Now(t.Context())
	require.NoError(t, err)
}
