package catalog

import (
	"context"
	"sync"
)

// Live is a folder's catalog as it is now, for as long as [Live.Run] runs. The
// catalog before stays in force while the folder cannot be read.
type Live struct {
	dir     string
	options Options
	changed func(*Catalog, error)

	read chan struct{} // closed once the folder was looked at
	once sync.Once

	asked chan chan<- struct{} // see [Watcher]
	ended chan struct{}        // closed when Run has ended

	mu      sync.Mutex
	served  *Catalog
	trouble error // why the folder could not be read when last tried
}

// NewLive makes the catalog of a folder, which is read when Run begins. The
// function is told of each catalog before it is in force, and of why there is
// no new one, the same reason in succession once; nil when nobody wants to
// know.
func NewLive(dir string, o Options, changed func(*Catalog, error)) *Live {
	if changed == nil {
		changed = func(*Catalog, error) {}
	}
	return &Live{dir: dir, options: o, changed: changed, read: make(chan struct{}),
		asked: make(chan chan<- struct{}), ended: make(chan struct{})}
}

// Run keeps the catalog until the context is done.
func (l *Live) Run(ctx context.Context) {
	defer close(l.ended)
	l.take(Load(ctx, l.dir, l.options))
	watcher := Watcher{Asked: l.asked, Failed: func(err error) { l.take(nil, err) }}
	_ = watcher.Watch(ctx, l.dir, l.options, func(c *Catalog) { l.take(c, nil) }) // ends with the context
}

func (l *Live) take(c *Catalog, err error) {
	l.mu.Lock()
	known := err != nil && l.trouble != nil && err.Error() == l.trouble.Error()
	l.mu.Unlock()
	if !known {
		l.changed(c, err)
	}
	l.mu.Lock()
	l.trouble = err
	if err == nil {
		l.served = c
	}
	l.mu.Unlock()
	l.once.Do(func() { close(l.read) })
}

// Now is the catalog in force, once the folder was looked at; a [FolderError]
// when there never was one, or the context's error.
func (l *Live) Now(ctx context.Context) (*Catalog, error) {
	select {
	case <-l.read:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.served == nil {
		return nil, FolderError{l.trouble}
	}
	return l.served, nil
}

// FolderError is why there is no catalog at all.
type FolderError struct{ error }

// Unwrap is the reason.
func (f FolderError) Unwrap() error { return f.error }

// Stale is why the catalog in force is not what the folder is now; nil when it
// is.
func (l *Live) Stale() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.served == nil {
		return nil
	}
	return l.trouble
}

// Reread takes up the folder at once, for who has changed it and wants to see
// it changed. It returns when the catalog in force has the change, or when the
// context is done or nobody watches any more.
func (l *Live) Reread(ctx context.Context) {
	done := make(chan struct{})
	select {
	case l.asked <- done:
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
