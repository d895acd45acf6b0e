package catalog

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	rescanEvery = 30 * time.Second
	// settle is how long a folder must be quiet before it is read, so that a
	// checkout of a hundred files is read once.
	settle = 100 * time.Millisecond
)

// Live is a folder's catalog as it is now, for as long as [Live.Run] runs. The
// catalog before stays in force while the folder cannot be read.
type Live struct {
	dir     string
	options Options
	changed func(*Catalog, error)
	// rescan says when to look at the folder though nothing was heard of it;
	// nil: every 30 s. Watching alone misses changes on network file systems.
	rescan <-chan time.Time

	looked   chan struct{} // closed once the folder was looked at
	once     sync.Once
	requests chan chan<- struct{} // of Reread, closed when done
	ended    chan struct{}        // closed when Run has ended

	notify  *fsnotify.Watcher // nil where folders cannot be watched
	watched map[string]bool
	print   [sha256.Size]byte // of the folder that served was made of

	mu     sync.Mutex
	served *Catalog
	stale  error // why the folder could not be read when last tried
}

// NewLive makes the catalog of a folder, which is read when Run begins. The
// function is told of each catalog before it is in force, and of why there is
// no new one, the same reason in succession once; nil when nobody wants to
// know.
func NewLive(dir string, o Options, changed func(*Catalog, error)) *Live {
	if changed == nil {
		changed = func(*Catalog, error) {}
	}
	return &Live{dir: dir, options: o.withDefaults(), changed: changed, looked: make(chan struct{}),
		requests: make(chan chan<- struct{}), ended: make(chan struct{})}
}

// Run keeps the catalog until the context is done. A folder that cannot be read
// at first is waited for.
func (l *Live) Run(ctx context.Context) {
	defer close(l.ended)
	rescan := l.rescan
	if rescan == nil {
		ticker := time.NewTicker(rescanEvery)
		defer ticker.Stop()
		rescan = ticker.C
	}
	var events <-chan fsnotify.Event
	var errors <-chan error
	notify, err := fsnotify.NewWatcher()
	if err == nil {
		defer notify.Close()
		l.notify, events, errors = notify, notify.Events, notify.Errors
	}
	quiet := time.NewTimer(settle) // which also looks again after the first look
	defer quiet.Stop()
	l.look(ctx)
	if err != nil {
		l.take(ctx, nil, err) // the rescan still finds every change
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-events:
			quiet.Reset(settle)
		case err := <-errors: // events were lost
			l.take(ctx, nil, err)
			quiet.Reset(settle)
		case <-quiet.C:
			if l.look(ctx) {
				quiet.Reset(settle)
			}
		case <-rescan:
			if l.look(ctx) {
				quiet.Reset(settle)
			}
		case done := <-l.requests:
			l.look(ctx)
			quiet.Reset(settle)
			close(done)
		}
	}
}

// look takes up the folder if its text is not what it was. It reports whether
// another look is due, since a folder that was not watched may have changed
// while it was read.
func (l *Live) look(ctx context.Context) (again bool) {
	files, err := readFolder(ctx, l.dir, l.options.Limits)
	if err != nil {
		l.take(ctx, nil, err)
		return l.follow(ctx, nil)
	}
	if l.served != nil && l.print == files.print {
		l.mu.Lock()
		l.stale = nil
		l.mu.Unlock()
	} else {
		l.print = files.print
		c, err := newResolver(files, l.options).resolve(ctx)
		l.take(ctx, c, err)
	}
	return l.follow(ctx, files.dirs)
}

// take puts a catalog in force, or says why there is none.
func (l *Live) take(ctx context.Context, c *Catalog, err error) {
	if err != nil && ctx.Err() != nil && l.served != nil {
		return
	}
	if err == nil || l.stale == nil || err.Error() != l.stale.Error() {
		l.changed(c, err)
	}
	l.mu.Lock()
	l.stale = err
	if err == nil {
		l.served = c
	}
	l.mu.Unlock()
	l.once.Do(func() { close(l.looked) })
}

// follow watches just these folders, and reports whether one is new.
func (l *Live) follow(ctx context.Context, dirs []string) (found bool) {
	if l.notify == nil {
		return false
	}
	now := map[string]bool{}
	for _, dir := range dirs {
		now[dir] = true
		err := l.notify.Add(dir)
		if l.watched[dir] {
			continue
		}
		if found = true; err != nil {
			l.take(ctx, nil, err)
		}
	}
	for dir := range l.watched {
		if !now[dir] {
			_ = l.notify.Remove(dir) // gone already, as a rule
		}
	}
	l.watched = now
	return found
}

// Now returns the catalog in force, once the folder was looked at; a
// [FolderError] when there never was one, or the context's error.
func (l *Live) Now(ctx context.Context) (*Catalog, error) {
	select {
	case <-l.looked:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.served == nil {
		return nil, FolderError{l.stale}
	}
	return l.served, nil
}

// FolderError is why there is no catalog at all.
type FolderError struct{ error }

// Unwrap returns the reason.
func (f FolderError) Unwrap() error { return f.error }

// Stale returns why the catalog in force is not what the folder is now; nil
// when it is.
func (l *Live) Stale() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.served == nil {
		return nil
	}
	return l.stale
}

// Reread takes up the folder at once, for who has changed it and wants to see
// it changed. It returns when the catalog in force has the change, or when the
// context is done or nobody watches any more.
func (l *Live) Reread(ctx context.Context) {
	done := make(chan struct{})
	select {
	case l.requests <- done:
	case <-ctx.Done():
		return
	case <-l.ended:
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	case <-l.ended:
	}
}
