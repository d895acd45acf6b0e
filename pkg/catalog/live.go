package catalog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
	"golang.org/x/sync/semaphore"

	"github.com/accord-sla/accord/pkg/parallel"
)

const (
	rescanEvery = 30 * time.Second
	// settle is how long a folder must be unchanged before it is read, so that a checkout of a hundred
	// files is read once.
	settle = 100 * time.Millisecond
	// longestSettle is when it is read even if it keeps changing.
	longestSettle = 2 * time.Second
)

// Live holds the current catalog of a folder while [Live.Run] runs. The previous catalog stays in force
// while the folder cannot be read.
type Live struct {
	dir     string
	options Options
	changed func(*Catalog, error)
	// rescan triggers reading without a file event; nil means every 30 s. Events alone miss changes on
	// network file systems.
	rescan <-chan time.Time

	looked chan struct{} // closed after the first attempt to read the folder
	once   sync.Once

	// turn serializes reading and resolving the folder. It guards files, from which the catalog in
	// force was built.
	turn  *semaphore.Weighted
	files *folder

	notify  atomic.Pointer[fsnotify.Watcher] // nil where folders cannot be watched
	watched sync.Map                         // by path
	served  atomic.Pointer[Catalog]
	stale   atomic.Pointer[error] // why the last attempt to read the folder failed
}

// NewLive returns the catalog of a folder, which is first read by Run, Reread or Propose. changed,
// unless nil, is called with each catalog before it is in force, or with the reason why there is no new
// one, but not twice in a row with the same. That error has the path of the folder; those of [Live.Now]
// and [Live.Stale], which Viewers see, only its name.
func NewLive(dir string, o Options, changed func(*Catalog, error)) *Live {
	if changed == nil {
		changed = func(*Catalog, error) {}
	}
	return &Live{dir: dir, options: o, changed: changed,
		looked: make(chan struct{}), turn: semaphore.NewWeighted(1), files: &folder{}}
}

// Run updates the catalog until the context is done. The folder may appear later.
func (l *Live) Run(ctx context.Context) {
	rescan := l.rescan
	if rescan == nil {
		ticker := time.NewTicker(rescanEvery)
		defer ticker.Stop()
		rescan = ticker.C
	}
	notify, err := fsnotify.NewWatcher()
	if err == nil {
		defer notify.Close()
		l.notify.Store(notify)
	}
	_, _ = l.look(ctx) // the error is already reported
	if err != nil {
		l.warnUnwatched(ctx, err)
		notify = &fsnotify.Watcher{} // whose nil channels never deliver
	}
	l.watch(ctx, notify, rescan)
	closed := errors.New("the data source was closed before its documents were read: try again")
	l.stale.CompareAndSwap(nil, &closed)
	l.once.Do(func() { close(l.looked) })
}

// watch reads the folder once it is quiet after a change, and on each rescan.
func (l *Live) watch(ctx context.Context, notify *fsnotify.Watcher, rescan <-chan time.Time) {
	quiet := time.NewTimer(settle) // also for a second look after the first
	defer quiet.Stop()
	due, latest := true, time.Now().Add(longestSettle)
	hear := func() {
		if !due {
			due, latest = true, time.Now().Add(longestSettle)
		}
		quiet.Reset(min(settle, time.Until(latest)))
	}
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-notify.Events:
			if l.concerns(event.Name) {
				hear()
			}
			continue
		case err := <-notify.Errors: // events are lost
			l.warnUnwatched(ctx, err)
			hear()
			continue
		case <-quiet.C:
		case <-rescan:
		}
		due = false
		quiet.Stop()
		if again, _ := l.look(ctx); again {
			hear()
		}
	}
}

// concerns reports whether a change of that file may matter: a document or calendar, a folder, or a
// link, by which a ConfigMap is swapped; but not a log or temporary file.
func (l *Live) concerns(name string) bool {
	hidden := strings.HasPrefix(filepath.Base(name), ".")
	if !hidden && (isDocument(name) || isCalendar(name)) {
		return true
	}
	if info, err := os.Lstat(name); err == nil {
		return info.Mode()&fs.ModeSymlink != 0 || info.IsDir() && !hidden
	}
	_, watched := l.watched.Load(name)
	return watched || !hidden && filepath.Ext(name) == "" // it is deleted, and may have been a folder
}

// look updates the catalog and watches the folders. again is true if a folder was not watched before,
// so may have changed while it was read.
func (l *Live) look(ctx context.Context) (again bool, err error) {
	if err := l.turn.Acquire(ctx, 1); err != nil {
		return false, err
	}
	defer l.turn.Release(1)
	dirs, err := l.renew(ctx)
	if fault, ok := errors.AsType[*parallel.PanicError](err); ok {
		slog.ErrorContext(ctx, "A fault while the documents were read", "panic", fault.Value, "stack", string(fault.Stack))
		err = fmt.Errorf("cannot be taken up: %w", err)
	}
	if err != nil {
		l.fail(ctx, err)
		err = aboutFolder(ctx, filepath.Base(l.dir), err)
	}
	return l.follow(ctx, dirs), err
}

// renew reads the folder, and puts a new catalog in force if its text has changed.
func (l *Live) renew(ctx context.Context) (dirs []string, err error) {
	defer parallel.Recover(&err)
	files, err := readFolder(ctx, l.dir, l.options, l.files)
	if err != nil {
		return nil, err
	}
	c := l.served.Load()
	if c == nil || files.print != l.files.print {
		if c != nil && files.bare && len(l.files.documents) > 0 {
			return files.dirs, errors.New("is empty, as if its volume were not mounted, so the documents that were read last stay in force; " +
				"if it is to be empty, put any other file into it")
		}
		if c, err = newResolver(files, l.options).resolve(ctx); err != nil {
			return files.dirs, err
		}
		l.changed(c, nil)
		l.files = files
	} else if l.stale.Load() != nil { // it could not be read before
		l.changed(c, nil)
	}
	l.served.Store(c)
	l.stale.Store(nil)
	l.once.Do(func() { close(l.looked) })
	return files.dirs, nil
}

// fail records, and reports once, why there is no new catalog.
func (l *Live) fail(ctx context.Context, reason error) {
	defer parallel.Recover(new(error))
	if ctx.Err() != nil {
		return
	}
	err := aboutFolder(ctx, filepath.Base(l.dir), reason)
	before := l.stale.Swap(&err)
	l.once.Do(func() { close(l.looked) })
	if before == nil || (*before).Error() != err.Error() {
		l.changed(nil, aboutFolder(ctx, l.dir, reason))
	}
}

func (l *Live) warnUnwatched(ctx context.Context, err error) {
	slog.WarnContext(ctx, "The folder of documents cannot be watched: it is read every "+rescanEvery.String(), "folder", l.dir, "error", Cause(err))
}

// follow watches exactly these folders, and reports whether one is new.
func (l *Live) follow(ctx context.Context, dirs []string) (found bool) {
	notify := l.notify.Load()
	if notify == nil {
		return false
	}
	var failed error
	now := map[any]bool{}
	for _, dir := range dirs {
		now[dir] = true
		err := notify.Add(dir)
		if _, before := l.watched.LoadOrStore(dir, true); before || errors.Is(err, fsnotify.ErrClosed) {
			continue
		}
		if found = true; failed == nil {
			failed = err
		}
	}
	l.watched.Range(func(dir, _ any) bool {
		if !now[dir] {
			_ = notify.Remove(dir.(string)) // usually deleted already
			l.watched.Delete(dir)
		}
		return true
	})
	if failed != nil {
		l.warnUnwatched(ctx, failed)
	}
	return found
}

// Now returns the catalog in force, after the first attempt to read the folder. The error is a
// [FolderError] if there has never been one, or the context's.
func (l *Live) Now(ctx context.Context) (*Catalog, error) {
	select {
	case <-l.looked:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	stale := l.stale.Load() // before served, which is stored before stale is cleared
	if c := l.served.Load(); c != nil {
		return c, nil
	}
	return nil, FolderError{*stale}
}

// FolderError is the reason why there is no catalog at all.
type FolderError struct{ error }

// Unwrap returns the reason.
func (f FolderError) Unwrap() error { return f.error }

// Stale returns why the catalog in force may be out of date; nil if it is current or missing.
func (l *Live) Stale() error {
	if stale := l.stale.Load(); stale != nil && l.served.Load() != nil {
		return *stale
	}
	return nil
}

// Reread reads the folder at once. On error, the catalog in force may be out of date.
func (l *Live) Reread(ctx context.Context) error {
	again, err := l.look(ctx)
	if again {
		_, err = l.look(ctx)
	}
	return err
}
