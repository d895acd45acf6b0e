package measure

import (
	"context"
	"sync"
)

// flights makes equal requests that are under way one request. A flight is
// cancelled only when its last waiter has gone.
type flights struct {
	mu    sync.Mutex
	under map[string]*flight
}

type flight struct {
	waiters int
	cancel  context.CancelFunc
	done    chan struct{}
	result  counted
	err     error
}

// join waits for the flight with the key, begun with work if there is none.
// first says that this caller began it, so that its cost is told once.
func (f *flights) join(ctx context.Context, key string, work func(context.Context) (counted, error)) (result counted, first bool, err error) {
	f.mu.Lock()
	current, under := f.under[key]
	if !under {
		current = f.begin(ctx, key, work)
	}
	current.waiters++
	f.mu.Unlock()

	select {
	case <-current.done:
		return current.result, !under, current.err
	case <-ctx.Done():
		f.leave(key, current)
		return counted{}, !under, ctx.Err()
	}
}

func (f *flights) begin(ctx context.Context, key string, work func(context.Context) (counted, error)) *flight {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	begun := &flight{cancel: cancel, done: make(chan struct{})}
	if f.under == nil {
		f.under = map[string]*flight{}
	}
	f.under[key] = begun
	go func() {
		defer cancel()
		begun.result, begun.err = work(ctx)
		f.mu.Lock()
		if f.under[key] == begun {
			delete(f.under, key)
		}
		f.mu.Unlock()
		close(begun.done)
	}()
	return begun
}

func (f *flights) leave(key string, left *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if left.waiters--; left.waiters > 0 {
		return
	}
	left.cancel()
	// Whoever asks next begins anew rather than joining a cancelled flight.
	if f.under[key] == left {
		delete(f.under, key)
	}
}
