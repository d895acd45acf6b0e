package httpapi

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/planning"
)

// lastLook caches the last look, which is a check of the data of all objectives for findings. With
// thousands of objectives, a page shows the findings of the last look while the next one runs.
type lastLook struct {
	mu       sync.Mutex
	running  *look
	finished *look // the last one that was whole, or the last one if none was
}

type look struct {
	catalog *catalog.Catalog
	at      time.Time
	done    chan struct{} // closed when found and whole are set
	found   []Finding
	whole   bool // all objectives were checked
	long    bool // it took longer than nextLookWithin
}

// A page waits this long for a look; if it can show the findings of the last one less, and not at all if that
// one took longer. The look continues after that, for the next page.
const (
	firstLookWithin = 3 * time.Second
	nextLookWithin  = 300 * time.Millisecond
	longestLook     = time.Minute
	shownFor        = 10 * time.Minute // how long the findings of the last look are shown
)

// looked returns present findings; if they take long, those of the last look, or those without data.
func (h *handlers) looked(ctx context.Context, c *catalog.Catalog) ([]Finding, time.Time) {
	at := h.Present()
	last, running := h.looks.begin(c, at, h.look)
	patience := firstLookWithin
	switch {
	case last != nil && last.long:
		patience = 0
	case last != nil:
		patience = nextLookWithin
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-running.done:
		if running.whole || last == nil {
			last = running
		}
	case <-waiting.Done():
	}
	if last != nil {
		return last.found, last.at
	}
	return append(alertFindings(h.writtenAlerts(ctx, c)), notLookedAt), at
}

// begin starts a look unless one of the catalog runs or is of this instant; last is a finished one or nil.
func (l *lastLook) begin(c *catalog.Catalog, at time.Time, do func(context.Context, *catalog.Catalog) ([]Finding, bool)) (last, newest *look) {
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
		start := time.Now()
		begun.found, begun.whole = do(ctx, c)
		begun.long = time.Since(start) > nextLookWithin
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.running != begun {
			return nil
		}
		if l.running = nil; begun.whole || last == nil || !last.whole {
			l.finished = begun
		}
		return nil
	})
	return last, begun
}

// look checks the data and the alerts of all objectives; whole reports whether all were checked.
func (h *handlers) look(ctx context.Context, c *catalog.Catalog) (found []Finding, whole bool) {
	var alerts, data []Finding
	err := parallel.Together(ctx, func(ctx context.Context) error {
		checked := planning.CheckAlerts(ctx, h.Engine, c.All(), h.Now())
		if ctx.Err() != nil {
			checked = h.writtenAlerts(context.WithoutCancel(ctx), c)
		}
		alerts = alertFindings(checked)
		return ctx.Err()
	}, func(ctx context.Context) error {
		problems, err := planning.Findings(ctx, h.Engine, c.All(), h.Now())
		data = problemFindings(c, problems, DataFinding)
		return err
	})
	if err != nil {
		slog.Warn("Not all objectives were looked at for findings", "error", err)
		data = append(data, notLookedAt)
	}
	return slices.Concat(alerts, data), err == nil
}

// writtenAlerts checks the alerts based on their documents alone.
func (h *handlers) writtenAlerts(ctx context.Context, c *catalog.Catalog) []planning.ObjectiveAlerts {
	return planning.CheckWrittenAlerts(ctx, c.All(), h.Now(), h.Engine.Resolution())
}
