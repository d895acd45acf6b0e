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

// pieceCounts are the counts of a piece of time, or what was found of it, and
// what they cost.
type pieceCounts struct {
	slots.Counts
	cost     Cost
	findings []Finding
}

// calls makes one call of equal ones that are in flight. A call is cancelled
// only when its last waiter has gone.
type calls struct {
	now func() time.Time

	mu       sync.Mutex
	inFlight map[string]*call
	swept    time.Time
}

type call struct {
	waiters int
	cancel  context.CancelFunc
	done    chan struct{}
	// until is when the result of a call that is done is dropped; zero while it
	// is in flight.
	until  time.Time
	result pieceCounts
	err    error
}

// do waits for the call with the key, which does the work unless it is in
// flight already. Its result is given to others for the time keep. The cost is
// that of the first caller alone.
func (c *calls) do(ctx context.Context, key string, keep time.Duration, work func(context.Context) (pieceCounts, error)) (pieceCounts, error) {
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
		result := current.result
		if joined {
			result.cost = Cost{}
		}
		return result, current.err
	case <-ctx.Done():
		c.giveUp(key, current)
		return pieceCounts{}, ctx.Err()
	}
}

func (c *calls) start(ctx context.Context, key string, keep time.Duration, work func(context.Context) (pieceCounts, error)) *call {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	started := &call{cancel: cancel, done: make(chan struct{})}
	if c.inFlight == nil {
		c.inFlight = map[string]*call{}
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
func (c *calls) finish(key string, finished *call, keep time.Duration) {
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

func (c *calls) isOver(finished *call) bool {
	return !finished.until.IsZero() && !c.now().Before(finished.until)
}

// sweep drops what is over, once in a while.
func (c *calls) sweep() {
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
func (c *calls) giveUp(key string, current *call) {
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
