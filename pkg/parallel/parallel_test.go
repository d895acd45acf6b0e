package parallel_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/parallel"
)

var errPiece = errors.New("piece 2 failed")

func TestEachGivesEveryPieceItsOwnError(t *testing.T) {
	var atOnce, most atomic.Int64
	errs := parallel.Each(t.Context(), 2, 6, func(_ context.Context, i int) error {
		if n := atOnce.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer atOnce.Add(-1)
		switch i {
		case 2:
			return errPiece
		case 4:
			panic("a fault")
		}
		return nil
	})
	assert.LessOrEqual(t, most.Load(), int64(2), "a bounded number at once")
	assert.Equal(t, errPiece, errs[2])
	var fault *parallel.PanicError
	assert.ErrorAs(t, errs[4], &fault)
	assert.Equal(t, "a fault", fault.Value)
	for _, i := range []int{0, 1, 3, 5} {
		assert.NoError(t, errs[i])
	}
}

func TestNothingBeginsAfterTheContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int64
	errs := parallel.Each(ctx, 1, 10, func(context.Context, int) error {
		begun.Add(1)
		cancel()
		return nil
	})
	assert.Equal(t, int64(1), begun.Load())
	assert.NoError(t, errs[0])
	assert.ErrorIs(t, errs[9], context.Canceled)
}

func TestAllEndsWithTheFirstError(t *testing.T) {
	err := parallel.All(t.Context(), 2, 3, func(ctx context.Context, i int) error {
		if i == 1 {
			return errPiece
		}
		<-ctx.Done()
		return ctx.Err()
	})
	assert.Equal(t, errPiece, err)
	assert.NoError(t, parallel.All(t.Context(), 2, 3, func(context.Context, int) error { return nil }))
}

// A server that is interrupted as it begins would else never be shut down.
func TestPiecesDoneTogetherAllBegin(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stopped := make(chan struct{})
	serves := func(context.Context) error {
		<-stopped
		return nil
	}
	ends := func(ctx context.Context) error {
		<-ctx.Done()
		close(stopped)
		return nil
	}
	assert.NoError(t, parallel.Together(ctx, serves, ends))
	assert.ErrorContains(t, parallel.Together(t.Context(), func(context.Context) error { panic("a fault") }), "a fault")
}

// What is remembered has a bound: beyond it, what is asked for next begins anew.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	m := parallel.Memo[string, int]{Max: 10}
	made := 0
	get := func(key string, size int) int {
		return m.Get(key, func() (int, int) {
			made++
			return made, size
		})
	}
	assert.Equal(t, 1, get("a", 10))
	assert.Equal(t, 2, get("b", 1), "just as much as may be held")
	assert.Equal(t, 1, get("a", 10))
	assert.Equal(t, 3, get("c", 1), "more than that is dropped")
	assert.Equal(t, 4, get("a", 10))
	assert.Equal(t, 5, get("d", 1), "more than that again")
	assert.Equal(t, 6, get("a", 10))
}
