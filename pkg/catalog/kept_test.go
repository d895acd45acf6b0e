package catalog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
)

// put writes a file of a folder.
func put(t testing.TB, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

func TestOnlyFilesThatChangedAreParsedAnew(t *testing.T) {
	dir := folderOf(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a"), "b.yaml": fmt.Sprintf(service, "b")})
	live := NewLive(dir, Options{}, nil)
	require.NoError(t, live.Reread(t.Context()))
	before := live.files.documents
	put(t, dir, "b.yaml", fmt.Sprintf(service, "c"))
	require.NoError(t, live.Reread(t.Context()))
	after := live.files.documents
	require.Same(t, before[0], after[0])
	require.NotSame(t, before[1], after[1])
	require.Equal(t, []string{"a", "c"}, sortedKeys(live.served.Load().Services))
}

// What is kept is what the text says: no catalog that was made of it, and no
// proposal, leaves anything in it.
func TestWhatIsKeptParsedMeansTheSameAgain(t *testing.T) {
	files := map[string]string{}
	for _, pattern := range []string{"testdata/mistakes/*", "../formats/openslo/testdata/*.yaml"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range paths {
			if text, err := os.ReadFile(path); err == nil && isDocument(path) {
				files[filepath.Base(path)] = string(text)
			}
		}
	}
	for name, text := range company() {
		files["company/"+name] = text
	}
	require.Greater(t, len(files), 10)
	dir := folderOf(t, files)
	fresh, err := Load(t.Context(), dir, Options{})
	require.NoError(t, err)
	live := NewLive(dir, Options{}, nil)
	for range 3 {
		_, err := live.Propose(t.Context(), Proposal{Text: []byte(all())})
		require.NoError(t, err)
		again, err := newResolver(live.files, live.options).resolve(t.Context())
		require.NoError(t, err)
		require.Equal(t, fresh, again)
	}
	require.Equal(t, fresh, live.served.Load())
}

// fakeWatch runs the watch with events that are made here, on a clock of its own.
func fakeWatch(t *testing.T, do func(dir string, events chan<- fsnotify.Event, read func() int)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		dir := folderOf(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a")})
		catalogs := 0
		live := NewLive(dir, Options{}, func(*Catalog, error) { catalogs++ })
		events := make(chan fsnotify.Event)
		ctx, cancel := context.WithCancel(t.Context())
		go live.watch(ctx, &fsnotify.Watcher{Events: events}, nil)
		do(dir, events, func() int {
			synctest.Wait()
			return catalogs
		})
		cancel()
		synctest.Wait()
	})
}

func TestASteadyStreamOfEventsDoesNotPostponeReading(t *testing.T) {
	fakeWatch(t, func(dir string, events chan<- fsnotify.Event, read func() int) {
		time.Sleep(time.Second)
		require.Equal(t, 1, read())
		put(t, dir, "a.yaml", fmt.Sprintf(service, "b"))
		for range 30 {
			events <- fsnotify.Event{Name: filepath.Join(dir, "a.yaml")}
			time.Sleep(settle / 2)
		}
		require.Equal(t, 1, read(), "it waits for the folder to be quiet")
		for range 20 {
			events <- fsnotify.Event{Name: filepath.Join(dir, "a.yaml")}
			time.Sleep(settle / 2)
		}
		require.Equal(t, 2, read(), "but not for ever")
	})
}

func TestWhatWouldNotBeReadStartsNoReading(t *testing.T) {
	fakeWatch(t, func(dir string, events chan<- fsnotify.Event, read func() int) {
		time.Sleep(time.Second)
		require.Equal(t, 1, read())
		put(t, dir, "a.yaml", fmt.Sprintf(service, "b"))
		put(t, dir, ".hidden.yaml", "")
		put(t, dir, "x.log", "")
		for _, name := range []string{"x.log", "gone.log", ".hidden.yaml", ".accord-audit.jsonl", ".accord-1.tmp", ".accord.lock"} {
			events <- fsnotify.Event{Name: filepath.Join(dir, name)}
		}
		time.Sleep(time.Minute)
		require.Equal(t, 1, read())
		events <- fsnotify.Event{Name: filepath.Join(dir, "a.yaml")}
		time.Sleep(time.Minute)
		require.Equal(t, 2, read())
	})
}

func TestWhatConcernsTheFolder(t *testing.T) {
	dir := folderOf(t, map[string]string{"sub/a.yaml": "", ".git/x": "", "notes": ""})
	require.NoError(t, os.Symlink("sub", filepath.Join(dir, "..data")))
	require.NoError(t, os.Symlink("sub", filepath.Join(dir, "link.d")))
	live := NewLive(dir, Options{}, nil)
	live.watched.Store(filepath.Join(dir, "v1.2"), true)
	for name, want := range map[string]bool{
		"new.yaml": true, "h.ICS": true, "sub": true, "..data": true, "link.d": true, // what is read, a swapped ConfigMap
		"gone": true, "v1.2": true, // a folder that is gone
		".git": false, "notes": false, "gone.log": false, ".gone": false, ".a.yaml": false,
	} {
		assert.Equal(t, want, live.concerns(filepath.Join(dir, name)), name)
	}
}

// A volume that is not mounted leaves an empty folder.
func TestAnEmptyFolderIsNoFolderWithoutDocuments(t *testing.T) {
	dir := folderOf(t, map[string]string{"sub/a.yaml": fmt.Sprintf(service, "a")})
	live := NewLive(dir, Options{}, nil)
	require.NoError(t, live.Reread(t.Context()))
	require.NoError(t, os.Remove(filepath.Join(dir, "sub/a.yaml")))
	put(t, dir, LockFile, "")
	put(t, dir, AlertsFile+"uid.json", "{}")
	require.ErrorContains(t, live.Reread(t.Context()), "is empty, as if its volume were not mounted")
	c, err := live.Now(t.Context())
	require.NoError(t, err)
	require.Contains(t, c.Services, "a", "the documents stay in force")
	require.ErrorContains(t, live.Stale(), "is empty")
	put(t, dir, "README.md", "")
	require.NoError(t, live.Reread(t.Context()))
	require.Empty(t, live.served.Load().Services)
	require.NoError(t, live.Stale())
}

func TestMessagesToViewersHaveNoPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "slas")
	var told error
	live := NewLive(dir, Options{}, func(_ *Catalog, err error) { told = err })
	err := live.Reread(t.Context())
	require.EqualError(t, err, `the folder of documents "slas" does not exist`)
	_, err = live.Now(t.Context())
	require.EqualError(t, err, `the folder of documents "slas" does not exist`)
	require.ErrorContains(t, told, dir, "the log has the whole path")
	_, err = live.Propose(t.Context(), Proposal{})
	require.EqualError(t, err, `the folder of documents "slas" does not exist`)
}

func TestAFaultWhileReadingLeavesTheCatalogAsItIs(t *testing.T) {
	dir := folderOf(t, company())
	broken := false
	var told []error
	live := NewLive(dir, Options{CheckSLI: func(agreement.SLI, *agreement.Objective) ([]string, error) {
		if broken {
			panic("out of range")
		}
		return nil, nil
	}}, func(_ *Catalog, err error) { told = append(told, err) })
	require.NoError(t, live.Reread(t.Context()))
	before := live.served.Load()
	broken = true
	put(t, dir, "new.yaml", fmt.Sprintf(service, "new"))
	require.ErrorContains(t, live.Reread(t.Context()), "cannot be taken up: a fault in Accord itself, please report it with the log: out of range")
	require.Same(t, before, live.served.Load())
	require.ErrorContains(t, live.Stale(), "out of range")
	require.ErrorContains(t, told[len(told)-1], "out of range")
	broken = false
	require.NoError(t, live.Reread(t.Context()))
	require.Contains(t, live.served.Load().Services, "new")
}

func TestAFolderThatCanBeReadAgainIsTold(t *testing.T) {
	dir := folderOf(t, company())
	var told []string
	live := NewLive(dir, Options{}, func(_ *Catalog, err error) { told = append(told, fmt.Sprint(err != nil)) })
	require.NoError(t, live.Reread(t.Context()))
	require.NoError(t, os.Rename(dir, dir+".away"))
	require.Error(t, live.Reread(t.Context()))
	require.Error(t, live.Reread(t.Context()))
	require.NoError(t, os.Rename(dir+".away", dir))
	require.NoError(t, live.Reread(t.Context()))
	require.NoError(t, live.Reread(t.Context()))
	require.Equal(t, []string{"false", "true", "false"}, told)
}

func TestAFolderThatCannotBeWatchedIsRead(t *testing.T) {
	dir := folderOf(t, company())
	live := NewLive(dir, Options{}, func(_ *Catalog, err error) { require.NoError(t, err) })
	require.NoError(t, live.Reread(t.Context()))
	notify, err := fsnotify.NewWatcher()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, notify.Close()) })
	live.notify.Store(notify)
	require.True(t, live.follow(t.Context(), []string{filepath.Join(dir, "gone")}))
	require.NoError(t, live.Stale(), "the documents in force are those of the folder")
}

func TestALongListOfProblemsIsCut(t *testing.T) {
	files := map[string]string{}
	for i := range mostProblems + 234 {
		files[fmt.Sprintf("%04d.yaml", i)] = "x"
	}
	c := load(t, files, Options{})
	require.Len(t, c.Problems, mostProblems+1)
	require.Equal(t, "1000.yaml:1:1: and 234 more problems, which are not listed", c.Problems[mostProblems].String())
	require.True(t, c.HasErrors())
	require.Len(t, c.Unread, mostProblems)

	heaps := map[string]string{}
	for i := range 20 {
		heaps[fmt.Sprintf("%02d.yaml", i)] = strings.Repeat("- 1\n", 200)
	}
	c = load(t, heaps, Options{})
	require.Len(t, c.Problems, mostProblems+1)
	require.Equal(t, "09.yaml:92:3: and 2109 more problems, which are not listed", c.Problems[mostProblems].String(), "of 4000, 9 × 200 are listed or counted, and 91")

	// An error that a proposal causes is found among them all.
	o := propose(t, files, Proposal{Text: []byte("apiVersion: accord/v1\nkind: Team\nmetadata: {name: b}\nspec: {colour: red}\n")})
	require.Len(t, o.NewErrors, 1)
	require.Contains(t, o.NewErrors[0].String(), "spec.colour")
}

func TestAProposalEndsWithItsContext(t *testing.T) {
	var text strings.Builder
	for i := range 20 {
		fmt.Fprintf(&text, "---\napiVersion: openslo/v1\nkind: SLI\nmetadata: {name: s%d}\nspec:\n  ratioMetric:\n    counter: true\n"+
			"    good: {metricSource: {type: Prometheus, spec: {query: good}}}\n    total: {metricSource: {type: Prometheus, spec: {query: all}}}\n", i)
	}
	live := NewLive(folderOf(t, company()), Options{}, nil)
	require.NoError(t, live.Reread(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	checked := 0
	live.options.CheckSLI = func(agreement.SLI, *agreement.Objective) ([]string, error) {
		checked++
		cancel()
		return nil, nil
	}
	_, err := live.Propose(ctx, Proposal{Text: []byte(text.String())})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, checked, "the others are not resolved any more")

	require.NoError(t, live.turn.Acquire(t.Context(), 1)) // somebody else's turn
	waiting, gone := context.WithCancel(t.Context())
	gone()
	_, err = live.Propose(waiting, Proposal{Text: []byte(text.String())})
	require.ErrorIs(t, err, context.Canceled)
}
