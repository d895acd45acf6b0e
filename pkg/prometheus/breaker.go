package prometheus

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// After maxFailures requests in a row without an answer, and after each that
// took longer than it may, the server is asked something that costs it nothing.
// If that has no answer within probeTimeout either, the breaker opens for
// openFor: hundreds of objectives must not each wait for a time-out, nor the
// evaluations of a rule pile up requests on a server that hangs.
const (
	maxFailures  = 2
	probeTimeout = 2 * time.Second
	openFor      = 10 * time.Second
)

// circuitBreaker remembers that a server does not answer. While it is open,
// requests fail at once with what the last probe found.
type circuitBreaker struct {
	server  string
	now     func() time.Time
	probing *semaphore.Weighted // one at a time

	mu        sync.Mutex
	failures  int // in a row
	openUntil time.Time
	down      error // of the last probe that had no answer
}

// allow returns nil when the server may be asked, else why it does not answer.
// probe asks whether it answers at all; nobody waits for it longer than the
// context lasts, and one whose asker has gone says nothing of the server.
func (b *circuitBreaker) allow(ctx context.Context, probe func() error) error {
	if closed, down := b.state(); closed || down != nil {
		return down
	}
	if err := b.probing.Acquire(ctx, 1); err != nil {
		return err
	}
	defer b.probing.Release(1)
	if closed, down := b.state(); closed || down != nil { // by the probe that was waited for
		return down
	}
	down := probe()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch { // only a probe writes b.down, and this is the one
	case down != nil && b.down == nil:
		slog.WarnContext(ctx, "Prometheus does not answer: until it does, requests fail at once", "server", b.server, "error", down)
	case down == nil && b.down != nil:
		slog.InfoContext(ctx, "Prometheus answers again", "server", b.server)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures, b.down = 0, down; down != nil {
		b.failures, b.openUntil = maxFailures, b.now().Add(openFor)
	}
	return down
}

// state is whether the server may be asked, or what is told instead; neither
// when only a probe can say.
func (b *circuitBreaker) state() (closed bool, down error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures >= maxFailures && b.now().Before(b.openUntil) {
		down = b.down
	}
	return b.failures < maxFailures, down
}

// open reports whether requests fail at once just now.
func (b *circuitBreaker) open() bool {
	_, down := b.state()
	return down != nil
}

// record takes the outcome of a request that was sent.
func (b *circuitBreaker) record(ctx context.Context, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !unanswered(err):
		b.failures = 0
	case ctx.Err() != nil: // its caller had gone, which says nothing of the server
	case KindOf(err) == Timeout:
		b.failures = maxFailures
	default:
		b.failures++
	}
}

// ping asks something that reads nothing; an answer of any kind will do.
func (c *Client) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, min(probeTimeout, c.options.Timeout))
	defer cancel()
	_, err := c.exchange(ctx, c.instant("vector(1)", c.capabilities.now(), Discard), c.onlyGet.Load())
	e, failed := errors.AsType[*Error](err)
	if !failed || !unanswered(err) {
		return nil
	}
	down := *e
	if down.Status == 0 && down.Kind == Timeout {
		down.Kind, down.Message, down.Hint = Unreachable, "it does not answer at all", hints[Unreachable]
	}
	return &down
}
