package catalog

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watcher keeps a catalog as its folder is. The zero value is ready to use.
type Watcher struct {
	// Rescan, when given, says when to look at the folder again though
	// nothing was heard of it; nil: every 30 s. Watching alone misses changes
	// on network file systems.
	Rescan <-chan time.Time
	// Asked, when given, is for those who changed the folder themselves: it is
	// read at once, and the channel sent is closed when its catalog was handed
	// on.
	Asked <-chan chan<- struct{}
	// Failed, when given, is told why the folder could not be read or cannot
	// be watched. The catalog before stays in force.
	Failed func(error)
}

const (
	rescanEvery = 30 * time.Second
	// settle is how long a folder must be quiet before it is read, so that a
	// checkout of a hundred files is read once.
	settle = 100 * time.Millisecond
)

// Watch is [Watcher.Watch] of a zero Watcher.
func Watch(ctx context.Context, dir string, o Options, onChange func(*Catalog)) error {
	return (&Watcher{}).Watch(ctx, dir, o, onChange)
}

// Watch reads the folder and hands its catalog to onChange, then again
// whenever the text of the folder has changed. It calls onChange from one
// goroutine, and returns when ctx is done, with its error. A folder that
// cannot be read at first is waited for.
func (w *Watcher) Watch(ctx context.Context, dir string, o Options, onChange func(*Catalog)) error {
	s := &watch{Watcher: w, ctx: ctx, dir: dir, o: o.withDefaults(), onChange: onChange, watched: map[string]bool{}}
	rescan := w.Rescan
	if rescan == nil {
		ticker := time.NewTicker(rescanEvery)
		defer ticker.Stop()
		rescan = ticker.C
	}
	var events <-chan fsnotify.Event
	var errors <-chan error
	if notify, err := fsnotify.NewWatcher(); err != nil {
		s.failed(err) // the rescan still finds every change
	} else {
		defer notify.Close()
		s.notify, events, errors = notify, notify.Events, notify.Errors
	}
	s.read()
	quiet := time.NewTimer(settle)
	quiet.Stop() // until something is heard
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-events:
			quiet.Reset(settle)
		case err := <-errors:
			s.failed(err) // events were lost
			quiet.Reset(settle)
		case <-quiet.C:
			s.read()
		case <-rescan:
			s.read()
		case done := <-w.Asked:
			s.read()
			close(done)
		}
	}
}

// watch is one run of a Watcher.
type watch struct {
	*Watcher
	ctx      context.Context
	dir      string
	o        Options
	onChange func(*Catalog)
	notify   *fsnotify.Watcher
	watched  map[string]bool
	served   *folder // what the last catalog was made of
}

func (s *watch) failed(err error) {
	if s.Failed != nil && s.ctx.Err() == nil {
		s.Failed(err)
	}
}

// read takes up the folder if its text is not what it was.
func (s *watch) read() {
	s.follow()
	files, err := readFolder(s.ctx, s.dir, s.o.Limits)
	if err != nil {
		s.failed(err)
		return
	}
	if s.served != nil && s.served.print == files.print {
		return
	}
	catalog, err := resolve(s.ctx, files, s.o)
	if err != nil {
		s.failed(err)
		return
	}
	s.served = &folder{print: files.print}
	s.onChange(catalog)
}

// follow watches the folders there are now. It is done before reading, so
// that a change in between is heard of.
func (s *watch) follow() {
	if s.notify == nil {
		return
	}
	now := map[string]bool{}
	s.collect(s.dir, now)
	for path := range s.watched {
		if !now[path] {
			_ = s.notify.Remove(path) // gone already, as a rule
		}
	}
	for path := range now {
		if err := s.notify.Add(path); err != nil && !s.watched[path] {
			s.failed(err)
		}
	}
	s.watched = now
}

// collect finds the real folders under dir, those behind links too.
func (s *watch) collect(dir string, into map[string]bool) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil || into[real] {
		return
	}
	into[real] = true
	entries, err := os.ReadDir(real)
	if err != nil {
		return // reading will say so
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") || entry.Type().IsRegular() {
			continue
		}
		path := filepath.Join(real, entry.Name())
		if info, err := os.Stat(path); err == nil && info.IsDir() && (entry.Type()&fs.ModeSymlink == 0 || s.inside(path)) {
			s.collect(path, into)
		}
	}
}

// inside reports whether a link stays under the folder of documents.
func (s *watch) inside(path string) bool {
	root, err := filepath.EvalSymlinks(s.dir)
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(path)
	return err == nil && strings.HasPrefix(real+string(filepath.Separator), root+string(filepath.Separator))
}
