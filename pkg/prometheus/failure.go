package prometheus

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxRefusal bounds what is read of an error response, in bytes.
const maxRefusal = 64 << 10

// TenantHint is the advice where the tenant may be missing or wrong: a server with tenants refuses requests
// without one, and returns no series for a wrong one.
const TenantHint = "this server has tenants: check the header X-Scope-OrgID of this connection"

// newError completes an error with server, request and default hint, and hides the password.
func (c *Client) newError(r request, e Error) *Error {
	e.Server, e.Request = c.server, r.name
	if c.secret != "" {
		e.Message = strings.ReplaceAll(e.Message, c.secret, "xxxxx")
	}
	e.Message, e.Hint = shorten(e.Message, maxMessage), cmp.Or(e.Hint, hints[e.Kind])
	return &e
}

// transportError returns the error of a connection that failed or a context that ended; other is its kind
// when nothing more precise is known.
func (c *Client) transportError(r request, err error, other Kind) *Error {
	// Without URLs, which may contain a password or, in their parameters, a token; a transport may have asked
	// for that at another one.
	for u, ok := errors.AsType[*url.Error](err); ok; u, ok = errors.AsType[*url.Error](err) {
		err = u.Err
	}
	message := err.Error()
	switch {
	case errors.Is(err, context.Canceled):
		message = "the request was given up before its answer came"
	case err == context.DeadlineExceeded:
		message = "the time that its caller allows was over before its answer came"
	case errors.Is(err, context.DeadlineExceeded):
		message = strings.TrimSuffix(message, ": "+context.DeadlineExceeded.Error())
	}
	return c.newError(r, Error{Kind: kindOfTransport(err, other), Message: message, Hint: transportHint(err), cause: err})
}

// kindOfTransport classifies the failure of a connection or of reading from it; other is the kind when
// nothing more precise is known.
func kindOfTransport(err error, other Kind) Kind {
	netErr, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded), isNet && netErr.Timeout():
		return Timeout
	case strings.Contains(err.Error(), "remote error: tls: ") && strings.Contains(err.Error(), "certificate"):
		return Unauthorized // the server rejects the client's certificate
	}
	return other
}

const proxyHint = "check the proxy of the environment (HTTPS_PROXY, HTTP_PROXY), with its user and password; NO_PROXY names the hosts that need none"

// transportHint returns the advice for a failed connection; empty where the default of the kind will do.
func transportHint(err error) string {
	switch {
	case strings.Contains(err.Error(), "proxyconnect "), err.Error() == http.StatusText(http.StatusProxyAuthRequired):
		return proxyHint
	case is[x509.UnknownAuthorityError](err):
		return "give the certificate of the authority that signed the server's"
	case is[x509.HostnameError](err):
		return "use the name in the server's certificate, or set the server name to expect"
	case is[x509.CertificateInvalidError](err):
		return "the server's certificate is not valid"
	case is[tls.RecordHeaderError](err), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "this server does not speak TLS: use http://"
	case strings.Contains(err.Error(), "remote error: tls: handshake failure"):
		return "the server refuses the TLS handshake: it may want a client certificate"
	case is[*net.DNSError](err):
		return "check the host name in the address"
	}
	return ""
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// limitWordings are phrases, in lower case, of errors about limits that a shorter range may stay below. The
// status is not enough: Prometheus sends 422, others 400, 413, 500, 503.
var limitWordings = []string{
	// Prometheus
	"too many samples", "exceeded maximum resolution",
	// Mimir and Cortex
	"err-mimir-max-chunks", "err-mimir-max-estimated", "err-mimir-max-query-length", "err-mimir-max-total-query-length",
	"the query exceeded the maximum", "the query exceeded the aggregated", "the query hit the max number of",
	"the query hit the aggregated", "query time range exceeds the limit",
	// Thanos
	"exceeded samples limit", "exceeded sample limit", "exceeded chunks limit", "exceeded bytes limit",
	"resourceexhausted", "message larger than max", " violated (got ",
	// VictoriaMetrics
	"too many points for the given step", "not enough memory for processing", "-search.maxpointspertimeseries",
	"-search.maxsamplesperquery", "-search.maxsamplesperseries", "-search.maxmemoryperquery",
}

// seriesWordings are phrases, in lower case, of errors about limits for which a shorter range hardly helps.
var seriesWordings = []string{
	// Mimir and Cortex
	"err-mimir-max-series", "the query exceeded the maximum number of series", "the query hit the max number of series",
	// Thanos
	"exceeded series limit", "failed to send series: limit",
	// VictoriaMetrics
	"the number of matching timeseries exceeds", "the number of matching unique timeseries",
}

var timeoutWordings = []string{"querier.timeout", "query timed out", "timeout exceeded", "-search.maxqueryduration", "context deadline exceeded"}

// wantsTLS is how a Go HTTPS server begins its answer to an HTTP request, in lower case.
const wantsTLS = "client sent an http request to an https server"

// kindOfRefusal classifies a refusal by the server's words first, then by its error type, then by the status:
// proxies and engines disagree on the statuses.
func kindOfRefusal(status int, errorType, text string) Kind {
	words := strings.ToLower(text)
	contains := func(wording string) bool { return strings.Contains(words, wording) }
	switch {
	case slices.ContainsFunc(seriesWordings, contains):
		return TooManySeries
	case status == http.StatusRequestEntityTooLarge, slices.ContainsFunc(limitWordings, contains):
		return TooManySamples
	case errorType == "timeout", status == http.StatusGatewayTimeout, status == http.StatusRequestTimeout,
		status != http.StatusBadRequest && slices.ContainsFunc(timeoutWordings, contains):
		return Timeout
	case errorType == "bad_data", errorType == "execution":
		return BadQuery
	case errorType == "unavailable", errorType == "canceled": // by the server's shutdown: this client did not cancel
		return Unavailable
	case strings.HasPrefix(words, wantsTLS), contains("unsupported path requested"):
		return NotFound
	}
	switch status {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired:
		return Unauthorized
	case http.StatusForbidden:
		return Forbidden
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return NotFound
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestURITooLong:
		return BadQuery
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable:
		return Unavailable
	}
	return ServerError
}

// refusalError returns the error of a response whose status is not 200.
func (c *Client) refusalError(r request, response *http.Response, body io.Reader) *Error {
	e := Error{Status: response.StatusCode}
	switch e.Status / 100 {
	case 3:
		e.Kind = NotFound
		if to, err := response.Location(); err == nil {
			e.Message = "redirected to " + withoutSecrets(to)
			e.Hint = "give the address at which Prometheus itself answers; a login page cannot be passed, credentials can be given"
		}
		return c.newError(r, e)
	case 2: // a partial answer, or one that a proxy changed
		e.Kind, e.Message, e.Hint = Malformed, "an answer has the status 200 OK", hints[NotFound]
		return c.newError(r, e)
	}
	// A part of the body is enough: the status is known.
	text, _ := io.ReadAll(io.LimitReader(body, maxRefusal))
	why, errorType := readable(text), ""
	envelope := decoder{in: &input{from: bytes.NewReader(text), left: maxRefusal}, sink: Discard, maxSeries: 1}
	if err := envelope.all(); err == nil && envelope.status == "error" {
		why, errorType = envelope.errorText, envelope.errorType
	}
	e.Kind, e.Message = kindOfRefusal(e.Status, errorType, why), c.withoutCredentials(why, cmp.Or(response.Request, &http.Request{}))
	switch words := strings.ToLower(why); {
	case e.Status == http.StatusProxyAuthRequired:
		e.Hint = proxyHint
	case strings.HasPrefix(words, wantsTLS):
		e.Hint = "this server speaks TLS: use https://"
	case strings.Contains(words, "no org id"):
		e.Hint = TenantHint
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
		e.pause = time.Duration(min(max(seconds, 0), maxRetryAfter)) * time.Second
	}
	return c.newError(r, e)
}

// withoutCredentials hides the credentials sent with a request, which some proxies repeat. Values shorter
// than six bytes are left: they identify nobody.
func (c *Client) withoutCredentials(text string, sent *http.Request) string {
	_, password, _ := sent.BasicAuth()
	secrets := append(slices.Concat(slices.Collect(maps.Values(c.base.Query()))...), password)
	for name, values := range sent.Header {
		if !slices.Contains([]string{"Accept", "Accept-Encoding", "Content-Encoding", "Content-Type", "User-Agent"}, name) {
			secrets = append(secrets, strings.Fields(strings.TrimPrefix(strings.Join(values, " "), "Bearer "))...)
		}
	}
	for _, secret := range secrets {
		if len(secret) >= 6 {
			text = strings.ReplaceAll(text, secret, "xxxxx")
		}
	}
	return text
}

const brokenOffHint = "a proxy may limit the size or the time of an answer, or the server was stopped"

// decodeError returns the error of an answer with status 200 that could not be decoded.
func (c *Client) decodeError(ctx context.Context, r request, in *input, err error) error {
	e := Error{Kind: Malformed, cause: err}
	known, isKnown := errors.AsType[*Error](err)
	start := bytes.TrimSpace(in.head)
	switch {
	case isKnown:
		e = *known
	case in.failed != nil:
		broken := c.transportError(r, c.reason(ctx, in.failed), Malformed)
		if broken.Kind == Malformed {
			broken.Message = fmt.Sprintf("it broke off after %d bytes: %s", in.read, broken.Message)
			broken.Hint = brokenOffHint
		}
		return broken
	case in.ended && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)):
		e.Message, e.Hint, e.cause = fmt.Sprintf("it broke off after %d bytes", in.read), brokenOffHint, io.ErrUnexpectedEOF
	case r.message == nil && bytes.HasPrefix(start, []byte("<")):
		e.Message = "a web page came instead of JSON: " + readable(in.head)
		e.Hint = "this may be a login page or a proxy: " + hints[NotFound]
	case r.message == nil && !bytes.HasPrefix(start, []byte("{")):
		e.Message, e.Hint = "something else than JSON came: "+readable(in.head), hints[NotFound]
	default:
		e.Message = err.Error()
	}
	e.Status = http.StatusOK
	return c.newError(r, e)
}

var title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// readable returns what a person can read of a body that is not JSON.
func readable(body []byte) string {
	if match := title.FindSubmatch(body); match != nil {
		return "page titled " + quoted(string(match[1]))
	}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return "page that begins with " + quoted(string(body))
	}
	return shorten(string(body), maxMessage)
}
