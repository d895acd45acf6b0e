package prometheus

import (
	"context"
	"errors"
	"sync"
	"time"
)

// After silentRequests in a row that nobody answered, the server is asked
// something that costs it nothing. If it does not answer that within
// pingTimeout either, it is spared for sparedFor: hundreds of objectives must
// not each wait for a time-out, nor the evaluations of a rule pile up requests
// on a server that hangs.
const (
	silentRequests = 2
	pingTimeout    = 2 * time.Second
	sparedFor      = 10 * time.Second
)

// spared remembers that a server does not answer. While it is spared, requests
// fail at once with the last error.
type spared struct {
	mu     sync.Mutex
	now    func() time.Time
	silent int
	until  time.Time
	last   *Error
}

// refuse is the error to give without asking; nil when the server may be asked.
// ping asks whether the server answers at all.
func (s *spared) refuse(ping func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.silent < silentRequests:
		return nil
	case s.now().Before(s.until):
		return s.last
	case ping() == nil:
		s.silent = 0
		return nil
	}
	s.until = s.now().Add(sparedFor)
	return s.last
}

// resting reports whether the server is spared just now.
func (s *spared) resting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now().Before(s.until)
}

// note takes what became of a request that was really sent.
func (s *spared) note(ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var e *Error
	switch {
	case !errors.As(err, &e) || e.Kind != Unreachable && e.Kind != Timeout && e.Kind != Canceled:
		s.silent = 0
	case ctx.Err() == nil: // else its caller had gone, which says nothing of the server
		s.silent++
		s.last = e
	}
}

// mayAsk is the error of a server that is spared.
func (c *Client) mayAsk(ctx context.Context) error {
	return c.spared.refuse(func() error {
		ctx, cancel := context.WithTimeout(ctx, min(pingTimeout, c.options.Timeout))
		defer cancel()
		_, err := c.exchange(ctx, c.instant("vector(1)", trialTime, nowhere{}), c.onlyGet.Load())
		if kind := KindOf(err); kind == Unreachable || kind == Timeout || kind == Canceled {
			return err
		}
		return nil // an answer of any kind is one
	})
}
