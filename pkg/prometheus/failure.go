package prometheus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// fail completes an error with what was asked of whom, and hides the password.
func (c *Client) fail(q question, e Error) *Error {
	e.Server, e.Asked = c.server, q.asked
	if c.secret != "" {
		e.Message = strings.ReplaceAll(e.Message, c.secret, "xxxxx")
	}
	e.Message = shorten(e.Message, maxMessage)
	if e.Hint == "" {
		e.Hint = hints[e.Kind]
	}
	return &e
}

// broken is the error of a connection that failed, or of a context that ended;
// other is its kind when nothing more precise is known.
func (c *Client) broken(q question, err error, other Kind) *Error {
	err = withoutURL(err)
	kind := kindOfTransport(err, other)
	message := err.Error()
	switch {
	case errors.Is(err, context.Canceled):
		message = "the request was given up before its answer came"
	case err == context.DeadlineExceeded:
		message = "the time that its caller allows was over before its answer came"
	case errors.Is(err, context.DeadlineExceeded):
		message = strings.TrimSuffix(message, ": "+context.DeadlineExceeded.Error())
	}
	return c.fail(q, Error{Kind: kind, Message: message, Hint: transportHint(kind, err), cause: err})
}

// refused reads why a server does not answer.
func (c *Client) refused(q question, response *http.Response, body io.Reader) *Error {
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		return c.redirected(q, response)
	}
	// What can be read of the reason is enough: the status has come.
	text, _ := io.ReadAll(io.LimitReader(body, maxRefusal))
	why := refusal{status: response.StatusCode}
	envelope := decoder{in: &input{from: bytes.NewReader(text), left: maxRefusal}, sink: discard{}, maxSeries: 1}
	if err := envelope.all(); err == nil && envelope.status == "error" {
		why.errorType, why.text = envelope.errorType, envelope.errorText
	} else {
		why.text = readable(text)
	}
	kind := why.kind()
	hint := ""
	if strings.HasPrefix(strings.ToLower(why.text), "client sent an http request to an https server") {
		hint = "this server speaks TLS: use https://"
	}
	return c.fail(q, Error{Kind: kind, Status: why.status, Message: why.text, Hint: hint})
}

func (c *Client) redirected(q question, response *http.Response) *Error {
	e := Error{Kind: NotFound, Status: response.StatusCode}
	if to, err := response.Location(); err == nil {
		shown := url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}
		e.Message = "redirected to " + shown.String()
		e.Hint = "give the address at which Prometheus itself answers; a login page cannot be passed, credentials can be given"
	}
	return c.fail(q, e)
}

// undecoded is the error of an answer that came with a good status and could
// not be taken.
func (c *Client) undecoded(ctx context.Context, q question, in *input, err error) error {
	var (
		own    sinkError
		said   refusal
		series tooManySeries
	)
	switch {
	case errors.As(err, &own):
		return own.error
	case errors.As(err, &said):
		said.status = http.StatusOK
		return c.fail(q, Error{Kind: said.kind(), Status: http.StatusOK, Message: said.text})
	case errors.As(err, &series):
		return c.fail(q, Error{Kind: TooManySeries, Status: http.StatusOK, Message: series.Error(), cause: err})
	case errors.Is(err, errTooManyBytes):
		return c.fail(q, Error{Kind: TooManySamples, Status: http.StatusOK,
			Message: fmt.Sprintf("the answer is larger than %d bytes, the limit", c.options.MaxBytes), cause: err})
	case in.failed != nil:
		e := c.broken(q, c.reason(ctx, in.failed), Malformed)
		if e.Kind == Malformed {
			e.Message = fmt.Sprintf("it broke off after %d bytes: %s", in.read, e.Message)
			e.Hint = hintBrokenOff
		}
		return e
	case in.ended && errors.Is(err, io.ErrUnexpectedEOF), in.ended && errors.Is(err, io.EOF):
		return c.fail(q, Error{Kind: Malformed, Status: http.StatusOK, Hint: hintBrokenOff, cause: io.ErrUnexpectedEOF,
			Message: fmt.Sprintf("it broke off after %d bytes", in.read)})
	case bytes.HasPrefix(bytes.TrimSpace(in.head), []byte("<")):
		return c.fail(q, Error{Kind: Malformed, Status: http.StatusOK,
			Message: "a web page came instead of JSON: " + readable(in.head),
			Hint:    "this may be a login page or a proxy: " + hints[NotFound]})
	case !bytes.HasPrefix(bytes.TrimSpace(in.head), []byte("{")):
		return c.fail(q, Error{Kind: Malformed, Status: http.StatusOK, Hint: hints[NotFound], cause: err,
			Message: "something else than JSON came: " + readable(in.head)})
	default:
		return c.fail(q, Error{Kind: Malformed, Status: http.StatusOK, Message: err.Error(), cause: err})
	}
}

const hintBrokenOff = "a proxy may limit the size or the time of an answer, or the server was stopped"

var title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// readable is what a person can read of a body that is no JSON.
func readable(body []byte) string {
	if found := title.FindSubmatch(body); found != nil {
		return "page titled " + quoted(string(found[1]))
	}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return "page that begins with " + quoted(string(body))
	}
	return shorten(string(body), maxMessage)
}

// discard takes an answer whose series do not matter.
type discard struct{}

func (discard) Series(map[string]string) (func(int64, float64), error) { return nil, nil }
