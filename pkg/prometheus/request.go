package prometheus

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// maxRefusal bounds what is read of an answer that is none, in bytes.
const maxRefusal = 64 << 10

// question is one request of the API, whatever its answer.
type question struct {
	path  string // below /api/v1/
	asked string // for errors
	form  url.Values
	get   bool // the endpoint takes GET only
	read  func(*input) (Answer, error)
}

// attempt sends the question when it is its turn, and decodes the answer.
func (c *Client) attempt(ctx context.Context, q question) (Answer, error) {
	select {
	case c.semaphore <- struct{}{}:
		defer func() { <-c.semaphore }()
	case <-ctx.Done():
		return Answer{}, c.broken(q, ctx.Err(), Canceled)
	}
	if err := c.breaker.allow(func() error { return c.ping(ctx) }); err != nil {
		return Answer{}, err
	}
	ours, cancel := context.WithTimeoutCause(ctx, c.options.Timeout, errOurTimeout)
	defer cancel()

	get := q.get || c.onlyGet.Load()
	answer, err := c.exchange(ours, q, get)
	if !get && refusesPost(err) {
		c.onlyGet.Store(true)
		answer, err = c.exchange(ours, q, true)
	}
	c.breaker.record(ctx, err)
	return answer, err
}

// errOurTimeout tells our limit from a deadline of the caller.
var errOurTimeout = errors.New("query timeout")

func refusesPost(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusNotImplemented)
}

func (c *Client) exchange(ctx context.Context, q question, get bool) (Answer, error) {
	request, err := c.request(ctx, q, get)
	if err != nil {
		return Answer{}, c.broken(q, err, Unreachable)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, c.broken(q, c.reason(ctx, err), Unreachable)
	}
	defer response.Body.Close()

	body, err := uncompressed(response)
	if err != nil {
		return Answer{}, c.broken(q, c.reason(ctx, err), Malformed)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return Answer{}, c.refused(q, response, body)
	}
	in := &input{from: body, left: c.options.MaxBytes}
	answer, err := q.read(in)
	if err != nil {
		return answer, c.undecoded(ctx, q, in, err)
	}
	return answer, nil
}

func (c *Client) request(ctx context.Context, q question, get bool) (*http.Request, error) {
	u := c.base.JoinPath("api", "v1", q.path)
	form := q.form.Encode()
	method, body := http.MethodPost, io.Reader(strings.NewReader(form))
	if get {
		method, body = http.MethodGet, nil
		if u.RawQuery != "" && form != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += form
	}
	request, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if !get {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.Header.Set("Accept", "application/json")
	// Set here because some transports do not ask for compression by themselves.
	request.Header.Set("Accept-Encoding", c.encoding)
	request.Header.Set("User-Agent", "accord")
	return request, nil
}

// encodingFor asks for compression, except on this machine: there it takes
// longer than sending the answer as it is.
func encodingFor(host string) string {
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return "identity"
	}
	return "gzip"
}

func uncompressed(response *http.Response) (io.Reader, error) {
	switch encoding := response.Header.Get("Content-Encoding"); strings.ToLower(encoding) {
	case "", "identity":
		return response.Body, nil
	case "gzip":
		return gzip.NewReader(response.Body)
	default:
		return nil, fmt.Errorf("compressed with %s, which was not asked for", shorten(encoding, 40))
	}
}

// reason prefers why the request ended over what the connection made of it.
func (c *Client) reason(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil:
		return withoutURL(err)
	case context.Cause(ctx) == errOurTimeout:
		return fmt.Errorf("no whole answer within %s, the query timeout: %w", c.options.Timeout, context.DeadlineExceeded)
	default:
		return ctx.Err()
	}
}
