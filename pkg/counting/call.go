package counting

import (
	"context"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/slots"
)

// sharedFor is how long the counts of slots that are not closed yet are given to
// others who ask for the same: the panels of a dashboard come one after the
// other, and instants are floored to the same length for them.
const sharedFor = 10 * time.Second

// pieceCounts are the counts of a piece of time, and what they cost.
type pieceCounts struct {
	slots.Counts
	cost Cost
}

// calls makes one call of equal ones that are in flight. A call is cancelled
// only when its last waiter has gone.
type calls[T any] struct {
	now func() time.Time

	mu       sync.Mutex
	inFlight map[string]*call[T]
	swept    time.Time
}

type call[T any] struct {
	waiters int
	cancel  context.CancelFunc
	done    chan struct{}
	// until is when the result of a call that is done is dropped; zero while it
	// is in flight.
	until  time.Time
	result T
	err    error
}

// do waits for the call with the key, which does the work unless it is in
// flight already. Its result is given to others for the time keep, as joined.
func (c *calls[T]) do(ctx context.Context, key string, keep time.Duration, work func(context.Context) (T, error)) (result T, joined bool, err error) {
	c.mu.Lock()
	c.sweep()
	current, joined := c.inFlight[key]
	if joined && c.isOver(current) {
		joined = false
	}
	if !joined {
		current = c.start(ctx, key, keep, work)
	}
	current.waiters++
	c.mu.Unlock()

	select {
	case <-current.done:
		return current.result, joined, current.err
	case <-ctx.Done():
		c.giveUp(key, current)
		return result, joined, ctx.Err()
	}
}

func (c *calls[T]) start(ctx context.Context, key string, keep time.Duration, work func(context.Context) (T, error)) *call[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	started := &call[T]{cancel: cancel, done: make(chan struct{})}
	if c.inFlight == nil {
		c.inFlight = map[string]*call[T]{}
	}
	c.inFlight[key] = started
	go func() {
		defer cancel()
		func() {
			defer parallel.Recover(&started.err)
			started.result, started.err = work(ctx)
		}()
		c.finish(key, started, keep)
		close(started.done)
	}()
	return started
}

// finish keeps the result for a while; what failed is asked for again.
func (c *calls[T]) finish(key string, finished *call[T], keep time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.inFlight[key] != finished:
	case keep == 0 || finished.err != nil:
		delete(c.inFlight, key)
	default:
		finished.until = c.now().Add(keep)
	}
}

func (c *calls[T]) isOver(finished *call[T]) bool {
	return !finished.until.IsZero() && !c.now().Before(finished.until)
}

// sweep drops what is over, once in a while.
func (c *calls[T]) sweep() {
	if c.now().Before(c.swept.Add(sharedFor)) {
		return
	}
	c.swept = c.now()
	for key, finished := range c.inFlight {
		if c.isOver(finished) {
			delete(c.inFlight, key)
		}
	}
}

// giveUp removes a waiter, and cancels the call with its last one.
func (c *calls[T]) giveUp(key string, current *call[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if current.waiters--; current.waiters > 0 {
		return
	}
	current.cancel()
	// Whoever asks next starts a call rather than joining a cancelled one.
	if c.inFlight[key] == current {
		delete(c.inFlight, key)
	}
}
