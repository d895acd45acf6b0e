package counting

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/parallel"
)

// sharing is calls of one key whose work goes on until it is told its outcome.
type sharing struct {
	calls[pieceCounts]
	started int
	outcome chan error
	ended   []error // of the contexts of works, as they ended
}

func newSharing() *sharing {
	return &sharing{calls: calls[pieceCounts]{now: time.Now, shared: pieceCounts.withoutCost}, outcome: make(chan error)}
}

// work costs one request, and counts as many slots as works were started.
func (b *sharing) work(ctx context.Context) (result pieceCounts, err error) {
	b.started++
	result.Length, result.cost.Requests = b.started, 1
	select {
	case err = <-b.outcome:
	case <-ctx.Done():
		err = ctx.Err()
	}
	b.ended = append(b.ended, ctx.Err())
	return result, err
}

type outcome struct {
	pieceCounts
	err error
}

// waiter asks until its context ends.
func (b *sharing) waiter(ctx context.Context, keep time.Duration) <-chan outcome {
	got := make(chan outcome, 1)
	go func() {
		result, err := b.do(ctx, "key", keep, b.work)
		got <- outcome{result, err}
	}()
	synctest.Wait()
	return got
}

// A shared request goes on while somebody waits for it, whoever has left.
func TestOfTwoWaitersOneLeaves(t *testing.T) {
	for name, leaver := range map[string]int{"the first": 0, "the second": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newSharing()
				hurried, leave := context.WithCancel(t.Context())
				contexts := []context.Context{t.Context(), t.Context()}
				contexts[leaver] = hurried
				waiters := []<-chan outcome{b.waiter(contexts[0], 0), b.waiter(contexts[1], 0)}
				leave()
				require.ErrorIs(t, (<-waiters[leaver]).err, context.Canceled)
				synctest.Wait()
				require.Empty(t, b.ended, "it goes on")

				third := b.waiter(t.Context(), 0)
				b.outcome <- nil
				for _, got := range []outcome{<-waiters[1-leaver], <-third} {
					require.NoError(t, got.err)
					assert.Equal(t, 1, got.Length)
				}
				assert.Equal(t, []error{nil}, b.ended)
				assert.Equal(t, 1, b.started)
			})
		})
	}
}

func TestTheLastWaiterCancelsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSharing()
		hurried, leave := context.WithCancel(t.Context())
		waiters := []<-chan outcome{b.waiter(hurried, 0), b.waiter(hurried, 0)}
		leave()
		for _, waiter := range waiters {
			require.ErrorIs(t, (<-waiter).err, context.Canceled)
		}
		synctest.Wait()
		require.Equal(t, []error{context.Canceled}, b.ended)
	})
}

// What is done holds up nothing: who gives up waiting for the rest ends the work on it.
func TestTheLastWaiterCancelsWhatIsLeftOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSharing()
		hurried, leave := context.WithCancel(t.Context())
		var errs []error
		go func() {
			_, errs = b.doAll(hurried, []string{"quick", "slow"}, 0, func(ctx context.Context, _ []int, finish func(int, pieceCounts, error)) {
				finish(0, pieceCounts{}, nil)
				_, err := b.work(ctx)
				finish(1, pieceCounts{}, err)
			})
		}()
		synctest.Wait()
		require.Empty(t, b.ended, "it goes on")
		leave()
		synctest.Wait()
		require.Equal(t, []error{nil, context.Canceled}, errs)
		require.Equal(t, []error{context.Canceled}, b.ended)
	})
}

// Who asks after the last waiter has gone starts a call, which a cancelled one
// that ends later does not take away.
func TestNobodyJoinsACancelledCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSharing()
		stubborn := make(chan error)
		hurried, leave := context.WithCancel(t.Context())
		go func() {
			_, _ = b.do(hurried, "key", time.Minute, func(context.Context) (pieceCounts, error) {
				return pieceCounts{}, <-stubborn
			})
		}()
		synctest.Wait()
		leave()
		synctest.Wait()
		second := b.waiter(t.Context(), time.Minute)
		require.Equal(t, 1, b.started)
		stubborn <- context.Canceled
		synctest.Wait()
		third := b.waiter(t.Context(), time.Minute)
		b.outcome <- nil
		assert.Equal(t, 1, (<-second).Length)
		assert.Equal(t, 1, (<-third).Length)
	})
}

func TestACallIsPaidByItsFirstCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSharing()
		first, second := b.waiter(t.Context(), time.Minute), b.waiter(t.Context(), time.Minute)
		b.outcome <- nil
		assert.Equal(t, 1, (<-first).cost.Requests)
		assert.Zero(t, (<-second).cost)
		assert.Zero(t, (<-b.waiter(t.Context(), time.Minute)).cost)
	})
}

func TestAResultIsGivenToOthersForItsTime(t *testing.T) {
	failed := errors.New("503")
	for _, c := range []struct {
		name    string
		keep    time.Duration
		outcome error
		after   time.Duration
		started int
	}{
		{"at once", 10 * time.Second, nil, 0, 1},
		{"just before its time is over", 10 * time.Second, nil, 10*time.Second - 1, 1},
		{"when its time is over", 10 * time.Second, nil, 10 * time.Second, 2},
		{"without a time", 0, nil, 0, 2},
		{"a failure", 10 * time.Second, failed, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newSharing()
				// What is over is swept now and then only: not just before it is asked for.
				sweep := func() {
					_, err := b.do(t.Context(), "another", 0, func(context.Context) (result pieceCounts, err error) { return })
					require.NoError(t, err)
				}
				sweep()
				time.Sleep(sharedFor * 3 / 5) // of the test's own clock
				first := b.waiter(t.Context(), c.keep)
				b.outcome <- c.outcome
				require.Equal(t, c.outcome, (<-first).err)
				assert.Equal(t, c.keep > 0 && c.outcome == nil, len(b.inFlight) == 1, "what is not given to others is not held")
				time.Sleep(c.after * 2 / 5)
				sweep()
				time.Sleep(c.after - c.after*2/5)
				b.waiter(t.Context(), c.keep)
				assert.Equal(t, c.started, b.started)
				if c.started == 2 {
					b.outcome <- nil
				}
			})
		})
	}
}

// A call that is done is no longer cancelled, and stays for others whoever goes.
func TestWhoGoesDoesNotTakeAResultAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSharing()
		first := b.waiter(t.Context(), time.Minute)
		b.outcome <- nil
		<-first
		gone, leave := context.WithCancel(t.Context())
		leave()
		for range 30 { // each finds both a result and an ended context
			<-b.waiter(gone, time.Minute)
		}
		assert.Equal(t, 1, (<-b.waiter(t.Context(), time.Minute)).Length)
	})
}

func TestResultsThatAreOverAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := calls[pieceCounts]{now: time.Now}
		ask := func(key string) {
			_, err := c.do(t.Context(), key, sharedFor, func(context.Context) (pieceCounts, error) { return pieceCounts{}, nil })
			require.NoError(t, err)
		}
		ask("a")
		time.Sleep(sharedFor / 2) // of the test's own clock
		ask("b")
		time.Sleep(sharedFor / 2)
		ask("c")
		assert.Len(t, c.inFlight, 2, "a is over, b is not")
	})
}

func TestAPanicIsTheErrorOfEveryWaiter(t *testing.T) {
	var c calls[pieceCounts]
	c.now = time.Now
	_, err := c.do(t.Context(), "key", time.Minute, func(context.Context) (pieceCounts, error) { panic("no") })
	var fault *parallel.PanicError
	require.ErrorAs(t, err, &fault)
	assert.Empty(t, c.inFlight)
}
