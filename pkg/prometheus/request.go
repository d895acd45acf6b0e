package prometheus

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Attempts at one request, and the pause before the second; each later pause is twice as long.
const (
	maxAttempts   = 3
	firstPause    = 200 * time.Millisecond
	maxRetryAfter = 10 // seconds, however long a server asks for
)

// errTimeout distinguishes the client's own timeout from a deadline of the caller.
var errTimeout = errors.New("query timeout")

// request is one call of the API.
type request struct {
	path string // below /api/v1/
	name string // for errors
	form url.Values
	get  bool // the endpoint takes GET only
	// message is posted instead of a form: protobuf, compressed with snappy.
	message []byte
	// from and to are the first and last instant of a query, in Unix milliseconds.
	from, to int64
	read     func(*input) (Answer, error)
}

type withoutRetry struct{}

// WithoutRetry returns a context in which failed requests are not retried: an alert evaluation has little
// time, and is repeated on its own schedule.
func WithoutRetry(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutRetry{}, true)
}

// ask sends the request, at most maxAttempts times, until it is answered or a retry cannot help. The
// semaphore is not held during a pause.
func (c *Client) ask(ctx context.Context, r request) (Answer, error) {
	pause := firstPause
	for tries := 1; ; tries++ {
		answer, err := c.attempt(ctx, r)
		if err == nil || tries == maxAttempts || ctx.Value(withoutRetry{}) != nil || !retryable(err) || c.breaker.open() {
			return answer, err
		}
		// Between half and the whole pause, so that many clients of a
		// restarting server do not retry at the same instant.
		wait := pause/2 + rand.N(pause/2)
		if e, ok := errors.AsType[*Error](err); ok {
			wait = max(wait, e.pause)
		}
		if !c.pause(ctx, wait) {
			return answer, err
		}
		pause *= 2
	}
}

// pauseFor waits, and reports whether it did so to the end.
func pauseFor(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// retryable reports whether a retry is safe and may help: nothing was evaluated, nothing reached the sink,
// and the server may be back in a moment.
func retryable(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Kind == Unavailable && (e.Status == http.StatusServiceUnavailable || e.Status == http.StatusTooManyRequests) ||
		e.Kind == Unreachable && errors.Is(err, syscall.ECONNREFUSED))
}

// attempt sends the request once the semaphore and the breaker allow it, and decodes the answer.
func (c *Client) attempt(ctx context.Context, r request) (Answer, error) {
	if err := c.semaphore.Acquire(ctx, 1); err != nil {
		return Answer{}, c.transportError(r, err, Canceled)
	}
	defer c.semaphore.Release(1)
	if err := c.up(ctx, r); err != nil {
		return Answer{}, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, c.options.Timeout, errTimeout)
	defer cancel()

	get, began := r.get || r.message == nil && c.onlyGet.Load(), time.Now()
	answer, err := c.exchange(limited, r, get)
	e, failed := errors.AsType[*Error](err)
	if failed && !get && r.message == nil && (e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusNotImplemented) {
		c.onlyGet.Store(true)
		answer, err = c.exchange(limited, r, true)
	}
	slog.DebugContext(ctx, "Prometheus was asked", "server", c.server, "request", r.name,
		"seconds", time.Since(began).Seconds(), "samples", answer.SamplesRead, "bytes", answer.Bytes, "error", err)
	c.breaker.record(ctx, err)
	if e, ok := errors.AsType[*Error](err); ok && e.Status == 0 && e.Kind == Timeout && ctx.Err() == nil {
		// The hint of a timeout, a shorter range, helps with a slow query,
		// not with a server that hangs.
		err = cmp.Or(c.up(ctx, r), err)
	}
	return answer, err
}

// up returns nil when the request may be sent, else why not, as an error of the request.
func (c *Client) up(ctx context.Context, r request) error {
	err := c.breaker.allow(ctx, func() error { return c.ping(ctx) })
	if down, ok := errors.AsType[*Error](err); ok {
		of := *down
		of.Request = r.name
		return &of
	}
	if err != nil {
		return c.transportError(r, err, Canceled)
	}
	return nil
}

func (c *Client) exchange(ctx context.Context, r request, get bool) (Answer, error) {
	sent, err := c.httpRequest(ctx, r, get)
	if err != nil {
		return Answer{}, c.transportError(r, err, Unreachable)
	}
	response, err := c.http.Do(sent)
	if err != nil {
		return Answer{}, c.transportError(r, c.reason(ctx, err), Unreachable)
	}
	defer response.Body.Close()

	body, err := uncompressed(response)
	if err != nil {
		return Answer{}, c.transportError(r, c.reason(ctx, err), Malformed)
	}
	if response.StatusCode != http.StatusOK {
		return Answer{}, c.refusalError(r, response, body)
	}
	in := &input{from: body, left: c.options.MaxBytes, contentType: response.Header.Get("Content-Type")}
	answer, err := r.read(in)
	if err != nil {
		return answer, c.decodeError(ctx, r, in, err)
	}
	return answer, nil
}

func (c *Client) httpRequest(ctx context.Context, r request, get bool) (*http.Request, error) {
	u := c.base.JoinPath("api", "v1", r.path)
	form := r.form.Encode()
	method, body := http.MethodPost, io.Reader(strings.NewReader(form))
	if r.message != nil {
		body = bytes.NewReader(r.message)
	}
	if get {
		method, body = http.MethodGet, nil
		if u.RawQuery != "" && form != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += form
	}
	sent, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	sent.Header.Set("User-Agent", "accord")
	if r.message != nil {
		sent.Header.Set("Content-Type", "application/x-protobuf")
		sent.Header.Set("Content-Encoding", "snappy")
		sent.Header.Set("Accept-Encoding", "snappy")
		sent.Header.Set("X-Prometheus-Remote-Read-Version", "0.1.0")
		return sent, nil
	}
	if !get {
		sent.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	sent.Header.Set("Accept", "application/json")
	// Set because some transports do not ask for compression by themselves.
	sent.Header.Set("Accept-Encoding", c.encoding)
	return sent, nil
}

func uncompressed(response *http.Response) (io.Reader, error) {
	switch encoding := response.Header.Get("Content-Encoding"); strings.ToLower(encoding) {
	case "", "identity", "snappy": // snappy is decoded with the samples
		return response.Body, nil
	case "gzip":
		return gzip.NewReader(response.Body)
	default:
		return nil, fmt.Errorf("compressed with %s, which was not asked for", shorten(encoding, 40))
	}
}

// reason returns why the context ended or, if it did not, the error of the connection.
func (c *Client) reason(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil:
		return err
	case context.Cause(ctx) == errTimeout:
		return fmt.Errorf("no whole answer within %s, the query timeout: %w", c.options.Timeout, context.DeadlineExceeded)
	default:
		return ctx.Err()
	}
}
