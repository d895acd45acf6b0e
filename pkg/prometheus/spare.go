package prometheus

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Requests in a row that nobody answered until the server is spared, and for
// how long: hundreds of objectives must not each wait for a time-out, nor a
// rule's evaluation pile up requests on a server that hangs.
const (
	silentRequests = 4
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
func (s *spared) refuse() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || !s.now().Before(s.until) {
		return nil
	}
	return s.last
}

// note takes what became of a request that was really sent.
func (s *spared) note(ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var e *Error
	if !errors.As(err, &e) || e.Kind != Unreachable && e.Kind != Timeout {
		s.silent, s.last = 0, nil
		return
	}
	if ctx.Err() != nil {
		return // its caller was impatient, which says nothing of the server
	}
	if s.silent++; s.silent >= silentRequests {
		s.last, s.until = e, s.now().Add(sparedFor)
	}
}
