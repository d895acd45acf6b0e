package prometheus

import (
	"context"
	"sync"
	"time"
)

// After maxFailures requests in a row without an answer the server is asked
// something that costs it nothing. If that has no answer within probeTimeout
// either, the breaker opens for openFor: hundreds of objectives must not each
// wait for a time-out, nor the evaluations of a rule pile up requests on a
// server that hangs.
const (
	maxFailures  = 2
	probeTimeout = 2 * time.Second
	openFor      = 10 * time.Second
)

// circuitBreaker remembers that a server does not answer. While it is open,
// requests fail at once with the last error.
type circuitBreaker struct {
	mu        sync.Mutex
	now       func() time.Time
	failures  int // in a row
	openUntil time.Time
	last      error
}

// allow returns nil when the server may be asked, else the error to give
// instead; probe asks whether the server answers at all.
func (b *circuitBreaker) allow(probe func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.failures < maxFailures:
		return nil
	case b.now().Before(b.openUntil):
		return b.last
	case probe() == nil:
		b.failures = 0
		return nil
	}
	b.openUntil = b.now().Add(openFor)
	return b.last
}

// open reports whether requests fail at once just now.
func (b *circuitBreaker) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now().Before(b.openUntil)
}

// record takes the outcome of a request that was sent.
func (b *circuitBreaker) record(ctx context.Context, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !unanswered(err):
		b.failures = 0
	case ctx.Err() == nil: // else its caller had gone, which says nothing of the server
		b.failures++
		b.last = err
	}
}

// ping asks something that reads nothing; an answer of any kind will do.
func (c *Client) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, min(probeTimeout, c.options.Timeout))
	defer cancel()
	_, err := c.exchange(ctx, c.instant("vector(1)", probeTime, discard), c.onlyGet.Load())
	if unanswered(err) {
		return err
	}
	return nil
}
