package prometheus

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"syscall"
	"time"
)

// Attempts at one request, and the pause before the second; each later pause
// is twice as long.
const (
	maxAttempts = 3
	firstPause  = 200 * time.Millisecond
)

// pauseFunc waits, and says whether it could do so to the end.
type pauseFunc func(ctx context.Context, d time.Duration) bool

func pauseFor(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

type withoutRetry struct{}

// WithoutRetry marks a context in which a failed request is not tried again:
// an alert evaluation has a short time, and is repeated by its own schedule.
func WithoutRetry(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutRetry{}, true)
}

// ask asks until there is an answer, or an error that asking again cannot help.
// The semaphore is not held during a pause.
func (c *Client) ask(ctx context.Context, q question) (Answer, error) {
	pause := firstPause
	for tries := 1; ; tries++ {
		answer, err := c.attempt(ctx, q)
		if err == nil || tries == maxAttempts || ctx.Value(withoutRetry{}) != nil || !retryable(err) || c.breaker.open() {
			return answer, err
		}
		// Between half and the whole pause, so that many clients of a
		// restarting server do not come back in step.
		if !c.pause(ctx, pause/2+rand.N(pause/2)) {
			return answer, err
		}
		pause *= 2
	}
}

// retryable: nothing was evaluated, nothing reached the sink, and the server may
// be back in a moment.
func retryable(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Kind == Unavailable && e.Status == http.StatusServiceUnavailable ||
		e.Kind == Unreachable && errors.Is(err, syscall.ECONNREFUSED)
}
