// Package parallel runs pieces of work concurrently, and caches values that several of them need. A panic
// becomes the error of the piece in which it happens.
package parallel

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Objectives is how many objectives, or pieces of one, are processed at once.
const Objectives = 16

// PanicError is a panic in a piece of work, a bug in Accord. It fails that piece, not the process.
type PanicError struct {
	Value any
	Stack []byte
}

// Error returns what went wrong, without the stack.
func (p *PanicError) Error() string {
	return fmt.Sprintf("a fault in Accord itself, please report it with the log: %v", p.Value)
}

// Recover turns a panic into the error of the function that defers it.
func Recover(err *error) {
	if value := recover(); value != nil {
		*err = &PanicError{Value: value, Stack: debug.Stack()}
	}
}

// Each runs the pieces 0 to n − 1, at most limit at once, and returns their errors by number, nil for those
// that succeed. A piece that has not started when the context ends gets the context's error.
func Each(ctx context.Context, limit, n int, do func(ctx context.Context, i int) error) []error {
	errs := make([]error, n)
	var begun atomic.Int64
	var workers sync.WaitGroup
	for range min(limit, n) { // not a goroutine per piece: each would have to grow its stack
		workers.Go(func() {
			for i := int(begun.Add(1)) - 1; i < n; i = int(begun.Add(1)) - 1 {
				errs[i] = one(ctx, i, do)
			}
		})
	}
	workers.Wait()
	return errs
}

// All runs the pieces 0 to n − 1, at most limit at once, and returns the first error, which cancels the other
// pieces. None starts after the context has ended.
func All(ctx context.Context, limit, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(limit)
	for i := range n {
		group.Go(func() error { return one(ctx, i, do) })
	}
	return group.Wait()
}

// Together runs all pieces at once and returns the first error, which cancels the other pieces. It starts
// every piece even if the context has ended: one may be what stops another.
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

// Background runs the pieces like [Together], in the background. stop cancels their context, waits for them
// and returns the first error.
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

// Memo caches values that depend only on their key. Once their size exceeds Max, the next new key drops them
// all. It is safe for concurrent use.
type Memo[K comparable, V any] struct {
	Max   int
	mu    sync.Mutex
	size  int
	known map[K]func() V
}

// Get returns the value of the key. The first call makes it, and concurrent calls wait for that.
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
