package httpapi

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/parallel"
)

// lastLook is what the data and the alerts of all objectives were found to want
// when they were looked at last. With thousands that takes longer than a page
// should, which shows what was found before meanwhile.
type lastLook struct {
	mu       sync.Mutex
	running  *look
	finished *look
}

type look struct {
	catalog *catalog.Catalog
	at      time.Time
	done    chan struct{} // closed when found is there
	found   []Finding
}

// A page waits so long for a look, and less where it has the findings of the one
// before. A look goes on after it, and its findings are there the next time.
const (
	firstLookWithin = 3 * time.Second
	nextLookWithin  = 300 * time.Millisecond
	longestLook     = time.Minute
	shownFor        = 10 * time.Minute // the findings of the look before
)

// looked are the findings of a look at this catalog in these ten seconds; of the one
// before where it takes long, or of what is written where there is none.
func (f finder) looked(ctx context.Context, c *catalog.Catalog) []Finding {
	last, running := f.last.begin(c, f.figures.present(), f.look)
	patience := firstLookWithin
	if last != nil {
		patience = nextLookWithin
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-running.done:
		return running.found
	case <-waiting.Done():
	}
	if last != nil {
		return last.found
	}
	return append(f.alerts(ctx, c, false), notLookedAt)
}

// begin begins a look unless one of the catalog runs, or is of this instant. It
// returns the last one that has ended, nil if none has, and the newest.
func (l *lastLook) begin(c *catalog.Catalog, at time.Time, do func(context.Context, *catalog.Catalog) []Finding) (last, newest *look) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.finished != nil && l.finished.catalog == c && at.Sub(l.finished.at) < shownFor {
		last = l.finished
	}
	switch {
	case last != nil && last.at.Equal(at):
		return last, last
	case l.running != nil && l.running.catalog == c:
		return last, l.running
	}
	begun := &look{catalog: c, at: at, done: make(chan struct{})}
	l.running = begun
	parallel.Background(func(ctx context.Context) error {
		defer close(begun.done)
		ctx, cancel := context.WithTimeout(ctx, longestLook)
		defer cancel()
		begun.found = do(ctx, c)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.running == begun {
			l.running, l.finished = nil, begun
		}
		return nil
	})
	return last, begun
}

// look looks at the data and the alerts of all objectives.
func (f finder) look(ctx context.Context, c *catalog.Catalog) []Finding {
	var alerts, data []Finding
	if err := parallel.Together(ctx, func(ctx context.Context) error {
		alerts = f.alerts(ctx, c, true)
		return nil
	}, func(ctx context.Context) error {
		data = f.data(ctx, c)
		return nil
	}); err != nil {
		slog.Error("The data of the objectives were not looked at", "error", err)
		return []Finding{notLookedAt}
	}
	return slices.Concat(alerts, data)
}
