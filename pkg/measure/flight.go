package measure

import (
	"context"
	"sync"
	"time"
)

// shared is how long the answer about slots that are not closed yet is given
// to others who ask the same: the panels of a dashboard come one after the
// other, and instants are floored to the same length for them.
const shared = 10 * time.Second

// flights makes equal requests that are under way one request. A flight is
// cancelled only when its last waiter has gone.
type flights struct {
	now func() time.Time

	mu    sync.Mutex
	under map[string]*flight
	swept time.Time
}

type flight struct {
	waiters int
	cancel  context.CancelFunc
	done    chan struct{}
	// until is when a flight that has landed is forgotten; zero while it is
	// under way.
	until  time.Time
	result counted
	err    error
}

// join waits for the flight with the key, begun with work if there is none.
// What it finds is kept for the time given. first says that this caller began
// it, so that its cost is told once.
func (f *flights) join(ctx context.Context, key string, keep time.Duration, work func(context.Context) (counted, error)) (result counted, first bool, err error) {
	f.mu.Lock()
	f.sweep()
	current, under := f.under[key]
	if under && f.isOver(current) {
		under = false
	}
	if !under {
		current = f.begin(ctx, key, keep, work)
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

func (f *flights) begin(ctx context.Context, key string, keep time.Duration, work func(context.Context) (counted, error)) *flight {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	begun := &flight{cancel: cancel, done: make(chan struct{})}
	if f.under == nil {
		f.under = map[string]*flight{}
	}
	f.under[key] = begun
	go func() {
		defer cancel()
		begun.result, begun.err = guarded(ctx, work)
		f.land(key, begun, keep)
		close(begun.done)
	}()
	return begun
}

// land keeps what was found for a while; what failed is asked for again.
func (f *flights) land(key string, landed *flight, keep time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.under[key] != landed {
		return
	}
	if keep == 0 || landed.err != nil || len(landed.result.warnings) > 0 {
		delete(f.under, key)
		return
	}
	landed.until = f.now().Add(keep)
}

func (f *flights) isOver(landed *flight) bool {
	return !landed.until.IsZero() && !f.now().Before(landed.until)
}

// sweep forgets what is over, once in a while.
func (f *flights) sweep() {
	if f.now().Before(f.swept.Add(shared)) {
		return
	}
	f.swept = f.now()
	for key, landed := range f.under {
		if f.isOver(landed) {
			delete(f.under, key)
		}
	}
}

func (f *flights) leave(key string, left *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if left.waiters--; left.waiters > 0 || !left.until.IsZero() {
		return
	}
	left.cancel()
	// Whoever asks next begins anew rather than joining a cancelled flight.
	if f.under[key] == left {
		delete(f.under, key)
	}
}
