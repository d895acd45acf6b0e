// Package parallel runs pieces of work at the same time: a bounded number of
// them, none begun after the context has ended, and a panic is the error of the
// piece it happened in. What many ask for is made once.
package parallel

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Objectives is how many objectives, or pieces of one, are worked on at once.
const Objectives = 16

// PanicError is a fault of Accord itself in one piece of work. It fails that
// piece; the process and the other pieces go on.
type PanicError struct {
	Value any
	Stack []byte
}

// Error is what went wrong, without the stack.
func (p *PanicError) Error() string {
	return fmt.Sprintf("a fault in Accord itself, please report it with the log: %v", p.Value)
}

// Recover, deferred, makes a panic the error of the function that defers it.
func Recover(err *error) {
	if value := recover(); value != nil {
		*err = &PanicError{Value: value, Stack: debug.Stack()}
	}
}

// Each does every piece, numbered from 0 to n − 1, and returns their errors by
// number; nil where there is none. A piece that has not begun when the context
// ends gets the context's error.
func Each(ctx context.Context, limit, n int, do func(ctx context.Context, i int) error) []error {
	errs := make([]error, n)
	var begun atomic.Int64
	var workers sync.WaitGroup
	for range min(limit, n) { // not a goroutine a piece: each would have to grow its stack
		workers.Go(func() {
			for i := int(begun.Add(1)) - 1; i < n; i = int(begun.Add(1)) - 1 {
				errs[i] = one(ctx, i, do)
			}
		})
	}
	workers.Wait()
	return errs
}

// All does every piece, numbered from 0 to n − 1, until one fails, which cancels
// the others. It returns the first error.
func All(ctx context.Context, limit, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(limit)
	for i := range n {
		group.Go(func() error { return one(ctx, i, do) })
	}
	return group.Wait()
}

// Together does different pieces at once until one fails, which cancels the others. It
// returns the first error. Each is begun, though the context has ended: one may be
// what ends another.
func Together(ctx context.Context, pieces ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, piece := range pieces {
		group.Go(func() (err error) {
			defer Recover(&err)
			return piece(ctx)
		})
	}
	return group.Wait()
}

// Background does the pieces, as [Together] does, while others go on. To stop ends
// their context, waits for them and returns the first error.
func Background(pieces ...func(context.Context) error) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		defer close(ended)
		ended <- Together(ctx, pieces...)
	}()
	return func() error {
		cancel()
		return <-ended
	}
}

func one(ctx context.Context, i int, do func(ctx context.Context, i int) error) (err error) {
	defer Recover(&err)
	if err := ctx.Err(); err != nil {
		return err
	}
	return do(ctx, i)
}

// Memo remembers what follows from a key alone. What it holds is dropped when its
// size is above Max. It is safe for concurrent use.
type Memo[K comparable, V any] struct {
	Max   int
	mu    sync.Mutex
	size  int
	known map[K]func() V
}

// Get is the key's value; it is made once, by whoever asks first.
func (m *Memo[K, V]) Get(key K, make func() (value V, size int)) V {
	m.mu.Lock()
	value, ok := m.known[key]
	if !ok {
		if m.known == nil || m.size > m.Max {
			m.known, m.size = map[K]func() V{}, 0
		}
		value = sync.OnceValue(func() V {
			made, size := make()
			m.mu.Lock()
			defer m.mu.Unlock()
			m.size += size
			return made
		})
		m.known[key] = value
	}
	m.mu.Unlock()
	return value()
}
