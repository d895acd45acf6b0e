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

// sharedFor is how long counts of slots that are not closed yet are shared with other callers: the
// panels of a dashboard ask one after another, for instants rounded down to this length.
const sharedFor = 10 * time.Second

// pieceCounts are the counts of a piece of time and their cost.
type pieceCounts struct {
	slots.Counts
	cost Cost
}

// withoutCost returns the counts for callers that did not cause the cost.
func (p pieceCounts) withoutCost() pieceCounts { return pieceCounts{Counts: p.Counts} }

var errUnfinished = errors.New("it was not counted")

// calls shares the result of equal calls in flight. Work is canceled only when none of
// its calls has a waiter left.
type calls[T any] struct {
	now func() time.Time
	// shared converts a result for all but the first caller; nil: they get the same.
	shared func(T) T

	mu       sync.Mutex
	inFlight map[string]*call[T]
	swept    time.Time
}

type call[T any] struct {
	waiters int
	// leave is called, with mu held, when the call is done or its last waiter has left.
	leave func()
	done  chan struct{}
	// until is when the result of a finished call expires; zero while the call is in flight, or if
	// its result is not shared.
	until  time.Time
	result T
	err    error
}

// do returns the result of the call with the key, for which it runs work unless it is in flight. The
// result is shared with later callers for the duration keep; an error is not.
func (c *calls[T]) do(ctx context.Context, key string, keep time.Duration, work func(context.Context) (T, error)) (T, error) {
	results, errs := c.doAll(ctx, []string{key}, keep, func(ctx context.Context, _ []int, finish func(int, T, error)) {
		result, err := work(ctx)
		finish(0, result, err)
	})
	return results[0], errs[0]
}

// doAll is like do for several keys. work gets the indexes of the keys that are not in flight, and
// calls finish for each of them.
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
	waited := 0 // calls of this work that are in flight and have a waiter
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

// recovered runs work and returns a panic as an error.
func recovered(work func()) (err error) {
	defer parallel.Recover(&err)
	work()
	return nil
}

// finish keeps the result for the duration keep. After an error the next caller starts a new call.
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

// sweep drops expired results, at most once per sharedFor.
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

// giveUp removes a waiter, and abandons the call if it was the last one.
func (c *calls[T]) giveUp(key string, current *call[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if current.waiters--; current.waiters > 0 {
		return
	}
	current.leave()
	// The next caller starts a new call instead of joining a canceled one.
	if c.inFlight[key] == current {
		delete(c.inFlight, key)
	}
}
