package prometheus

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// After maxFailures unanswered requests in a row, and after each request that timed out, the server gets a
// probe that costs it nothing. If that is not answered within probeTimeout either, the breaker opens for
// openFor: hundreds of objectives must not each wait for a timeout, nor the evaluations of a rule pile up
// requests on a server that hangs.
const (
	maxFailures  = 2
	probeTimeout = 2 * time.Second
	openFor      = 10 * time.Second
)

// circuitBreaker remembers that a server does not answer. While it is open, requests fail at once with the
// error of the last probe.
type circuitBreaker struct {
	server  string
	now     func() time.Time
	probing *semaphore.Weighted // one at a time

	mu        sync.Mutex
	failures  int // in a row
	openUntil time.Time
	down      error // of the last probe; nil if it, or a request since, was answered
}

// allow returns nil when a request may be sent, else why the server does not answer. probe checks whether it
// answers at all; callers wait for it no longer than their context lasts, and a probe that ends with its
// caller's context is not counted.
func (b *circuitBreaker) allow(ctx context.Context, probe func() error) error {
	if closed, down := b.state(); closed || down != nil {
		return down
	}
	if err := b.probing.Acquire(ctx, 1); err != nil {
		return err
	}
	defer b.probing.Release(1)
	if closed, down := b.state(); closed || down != nil { // set by the probe that this call waited for
		return down
	}
	down := probe()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle(ctx, down)
	return down
}

// settle stores whether the server answers, and logs a change. The lock is held.
func (b *circuitBreaker) settle(ctx context.Context, down error) {
	switch {
	case down != nil && b.down == nil:
		slog.WarnContext(ctx, "Prometheus does not answer: until it does, requests fail at once", "server", b.server, "error", down)
	case down == nil && b.down != nil:
		slog.InfoContext(ctx, "Prometheus answers again", "server", b.server)
	}
	if b.failures, b.down = 0, down; down != nil {
		b.failures, b.openUntil = maxFailures, b.now().Add(openFor)
	}
}

// state returns whether requests may be sent, or the error with which they fail; neither when only a probe
// can decide.
func (b *circuitBreaker) state() (closed bool, down error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures >= maxFailures && b.now().Before(b.openUntil) {
		down = b.down
	}
	return b.failures < maxFailures, down
}

// open reports whether requests currently fail at once.
func (b *circuitBreaker) open() bool {
	_, down := b.state()
	return down != nil
}

// record counts the outcome of a request that was sent.
func (b *circuitBreaker) record(ctx context.Context, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !unanswered(err):
		b.settle(ctx, nil)
	case ctx.Err() != nil: // the caller's context ended, which says nothing about the server
	case KindOf(err) == Timeout:
		b.failures = maxFailures
	default:
		b.failures++
	}
}

// ping sends a query that reads no samples. An answer of any kind will do.
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
