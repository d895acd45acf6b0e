package counting

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/slots"
)

// sharedFor is how long the counts of slots that are not closed are given to others: the
// panels of a dashboard come one after the other, their instants floored to this length.
const sharedFor = 10 * time.Second

// pieceCounts are the counts of a piece of time, and what they cost.
type pieceCounts struct {
	slots.Counts
	cost Cost
}

// withoutCost is what those get who did not cause the cost.
func (p pieceCounts) withoutCost() pieceCounts { return pieceCounts{Counts: p.Counts} }

var errUnfinished = errors.New("it was not counted")

// calls makes one call of equal ones that are in flight. A call is cancelled
// only when its last waiter has gone.
type calls[T any] struct {
	now func() time.Time
	// shared makes of a result what all but the first caller get; nil: the same.
	shared func(T) T

	mu       sync.Mutex
	inFlight map[string]*call[T]
	swept    time.Time
}

type call[T any] struct {
	waiters int
	// leave is called, under the lock, when it is done or the last waiter has gone.
	leave func()
	done  chan struct{}
	// until is when the result of a call that is done is dropped; zero while it
	// is in flight.
	until  time.Time
	result T
	err    error
}

// do waits for the call with the key, which does the work unless it is in
// flight already. Its result is given to others for the time keep.
func (c *calls[T]) do(ctx context.Context, key string, keep time.Duration, work func(context.Context) (T, error)) (T, error) {
	results, errs := c.doAll(ctx, []string{key}, keep, func(ctx context.Context, _ []int, finish func(int, T, error)) {
		result, err := work(ctx)
		finish(0, result, err)
	})
	return results[0], errs[0]
}

// doAll waits for the calls with the keys. The work does those that are not in
// flight already, by their number, and finishes each of them.
func (c *calls[T]) doAll(ctx context.Context, keys []string, keep time.Duration,
	work func(ctx context.Context, todo []int, finish func(i int, result T, err error))) ([]T, []error) {
	c.mu.Lock()
	c.sweep()
	if c.inFlight == nil {
		c.inFlight = map[string]*call[T]{}
	}
	workCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	all, joined := make([]*call[T], len(keys)), make([]bool, len(keys))
	var todo []int
	waited := 0 // calls that are not done, and somebody waits for
	for i, key := range keys {
		if all[i], joined[i] = c.inFlight[key]; joined[i] && c.isOver(all[i]) {
			joined[i] = false
		}
		if !joined[i] {
			all[i] = &call[T]{done: make(chan struct{}), leave: sync.OnceFunc(func() {
				if waited--; waited == 0 {
					cancel()
				}
			})}
			c.inFlight[key] = all[i]
			todo = append(todo, i)
			waited++
		}
		all[i].waiters++
	}
	c.mu.Unlock()
	if len(todo) == 0 {
		cancel()
	} else {
		go func() {
			defer cancel()
			once := make([]sync.Once, len(keys))
			finish := func(i int, result T, err error) {
				once[i].Do(func() {
					all[i].result, all[i].err = result, err
					c.finish(keys[i], all[i], keep)
					close(all[i].done)
				})
			}
			err := recovered(func() { work(workCtx, todo, finish) })
			for _, i := range todo {
				finish(i, *new(T), cmp.Or(err, errUnfinished))
			}
		}()
	}
	results, errs := make([]T, len(keys)), make([]error, len(keys))
	for i, current := range all {
		select {
		case <-current.done:
			results[i], errs[i] = current.result, current.err
			if joined[i] && c.shared != nil {
				results[i] = c.shared(results[i])
			}
		case <-ctx.Done():
			c.giveUp(keys[i], current)
			errs[i] = ctx.Err()
		}
	}
	return results, errs
}

// recovered does the work, a panic in which is the error.
func recovered(work func()) (err error) {
	defer parallel.Recover(&err)
	work()
	return nil
}

// finish keeps the result for a while; what failed is asked for again.
func (c *calls[T]) finish(key string, finished *call[T], keep time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	finished.leave()
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
	current.leave()
	// Whoever asks next starts a call rather than joining a cancelled one.
	if c.inFlight[key] == current {
		delete(c.inFlight, key)
	}
}
