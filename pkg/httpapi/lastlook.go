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

// lastLook has the findings in the data of all objectives. Of thousands a page shows those of before
// while they are looked at again.
type lastLook struct {
	mu       sync.Mutex
	running  *look
	finished *look // the last one that was whole, else the last one
}

type look struct {
	catalog *catalog.Catalog
	at      time.Time
	done    chan struct{} // closed when the rest is there
	found   []Finding
	whole   bool // all objectives were looked at
}

// A page waits so long for a look, and less where it has the findings of the one
// before. A look goes on after it, and its findings are there the next time.
const (
	firstLookWithin = 3 * time.Second
	nextLookWithin  = 300 * time.Millisecond
	longestLook     = time.Minute
	shownFor        = 10 * time.Minute // the findings of the look before
)

// looked are the findings of these ten seconds; where that takes long, of before, else of what is written.
func (h *handlers) looked(ctx context.Context, c *catalog.Catalog) ([]Finding, time.Time) {
	at := h.Present()
	last, running := h.looks.begin(c, at, h.look)
	patience := firstLookWithin
	if last != nil {
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

// begin begins a look unless one of the catalog runs or is of this instant; last has ended, if any.
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
		begun.found, begun.whole = do(ctx, c)
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

// look looks at the data and the alerts of all objectives; whole says that there was time for all.
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

// writtenAlerts are the alerts by what is written alone.
func (h *handlers) writtenAlerts(ctx context.Context, c *catalog.Catalog) []planning.ObjectiveAlerts {
	return planning.CheckWrittenAlerts(ctx, c.All(), h.Now(), h.Engine.Resolution())
}
