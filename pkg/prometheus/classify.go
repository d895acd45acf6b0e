package prometheus

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// refusal is what a server says when it does not answer: the HTTP status and,
// where the body is JSON of this API, its two fields.
type refusal struct {
	status    int
	errorType string
	text      string
}

// limitWordings are of limits that a shorter range may stay under, lower case. The
// status alone does not tell: Prometheus sends 422, others 400, 413, 500, 503.
var limitWordings = []string{
	// Prometheus
	"too many samples",
	"exceeded maximum resolution",
	// Mimir and Cortex
	"err-mimir-max-chunks",
	"err-mimir-max-estimated",
	"err-mimir-max-series",
	"err-mimir-max-query-length",
	"err-mimir-max-total-query-length",
	"the query exceeded the maximum",
	"the query exceeded the aggregated",
	"the query hit the max number of",
	"the query hit the aggregated",
	"the query time range exceeds the limit",
	"total query time range exceeds the limit",
	// Thanos
	"exceeded series limit",
	"exceeded samples limit",
	"exceeded sample limit",
	"exceeded chunks limit",
	"exceeded bytes limit",
	"resourceexhausted",
	"message larger than max",
	// VictoriaMetrics
	"too many points for the given step",
	"-search.maxpointspertimeseries",
	"-search.maxsamplesperquery",
	"-search.maxsamplesperseries",
	"-search.maxmemoryperquery",
	"the number of matching timeseries exceeds",
	"the number of matching unique timeseries",
	"not enough memory for processing",
}

var timeoutWordings = []string{
	"query timed out",
	"timeout exceeded",
	"-search.maxqueryduration",
	"context deadline exceeded",
}

// kind decides by the server's words first, then by the type it gives, then by
// the status: proxies and engines disagree on the statuses.
func (r refusal) kind() Kind {
	words := strings.ToLower(r.text)
	switch {
	case r.status == http.StatusRequestEntityTooLarge, containsAny(words, limitWordings):
		return TooManySamples
	case r.errorType == "timeout", r.status == http.StatusGatewayTimeout, r.status == http.StatusRequestTimeout,
		r.status != http.StatusBadRequest && containsAny(words, timeoutWordings):
		return Timeout
	case r.errorType == "bad_data", r.errorType == "execution":
		return BadQuery
	case r.errorType == "unavailable", r.errorType == "canceled": // by its shutdown, since we have not gone
		return Unavailable
	case strings.HasPrefix(words, "client sent an http request to an https server"),
		strings.Contains(words, "unsupported path requested"):
		return NotFound
	}
	return kindOfStatus(r.status)
}

func kindOfStatus(status int) Kind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusProxyAuthRequired:
		return Unauthorized
	case status == http.StatusForbidden:
		return Forbidden
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status >= 300 && status < 400:
		return NotFound
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity, status == http.StatusRequestURITooLong:
		return BadQuery
	case status == http.StatusTooManyRequests, status == http.StatusBadGateway, status == http.StatusServiceUnavailable:
		return Unavailable
	default:
		return ServerError
	}
}

func containsAny(text string, wordings []string) bool {
	for _, w := range wordings {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// transportHint is the advice for a failure of a connection; the kind's own where
// nothing more precise is known.
func transportHint(kind Kind, err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
		dns      *net.DNSError
	)
	switch {
	case errors.As(err, &unknown):
		return "give the certificate of the authority that signed the server's"
	case errors.As(err, &hostname):
		return "use the name in the server's certificate, or set the server name to expect"
	case errors.As(err, &invalid):
		return "the server's certificate is not valid"
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "this server does not speak TLS: use http://"
	case strings.Contains(err.Error(), "remote error: tls: handshake failure"):
		return "the server refuses the TLS handshake: it may want a client certificate"
	case errors.As(err, &dns):
		return "check the host name in the address"
	}
	return hints[kind]
}

// kindOfTransport sorts the failure of a connection or of reading from it;
// other says what it is when nothing more precise is known.
func kindOfTransport(err error, other Kind) Kind {
	var netErr net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return Timeout
	case strings.Contains(err.Error(), "remote error: tls: ") && strings.Contains(err.Error(), "certificate"):
		return Unauthorized // the server's word on the client's certificate
	}
	return other
}

// withoutURL takes the address, which may hold a password or a token in its
// parameters, out of an error of net/http.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func statusLine(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("%d %s", status, text)
	}
	return fmt.Sprintf("status %d", status)
}
