package prometheus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Kind classifies an [Error], so that a caller can decide what to do without parsing text.
type Kind string

const (
	// Unreachable: no connection was established, or no trusted one.
	Unreachable Kind = "unreachable"
	// Timeout: the answer took longer than this client, its caller or the
	// server itself allows.
	Timeout Kind = "timeout"
	// Canceled: the caller canceled the request.
	Canceled Kind = "canceled"
	// Unauthorized: credentials are missing or wrong (401, client certificate).
	Unauthorized Kind = "unauthorized"
	// Forbidden: the credentials are valid, but do not permit this (403).
	Forbidden Kind = "forbidden"
	// NotFound: something answers at the address, but not with this API.
	NotFound Kind = "not_found"
	// BadQuery: the server refuses the query or fails to evaluate it.
	BadQuery Kind = "bad_query"
	// TooManySamples: the answer, or what must be read for it, exceeds a limit of the server or
	// Options.MaxBytes; a shorter range may stay below it.
	TooManySamples Kind = "too_many_samples"
	// TooManySeries: the answer has more series than Options.MaxSeries or the server allows; a shorter range
	// hardly helps.
	TooManySeries Kind = "too_many_series"
	// Cut: the server answers only for the end of the range, from Error.From on: it keeps, or looks, no
	// further back.
	Cut Kind = "cut"
	// Unavailable: the server, or a proxy in front of it, cannot answer at present (429, 502, 503).
	Unavailable Kind = "unavailable"
	// Malformed: the response is not an answer of this API, or an incomplete one.
	Malformed Kind = "malformed"
	// ServerError: the server failed in another way (5xx, unexpected statuses).
	ServerError Kind = "server_error"
)

// hints holds the default advice of each Kind.
var hints = map[Kind]string{
	Unreachable:    "check that Prometheus runs and that its address is right",
	Timeout:        "ask for a shorter range, or raise the query timeout",
	Unauthorized:   "check the user and password, the token or the client certificate of this connection",
	Forbidden:      "check what these credentials may query, and the tenant header if there is one",
	NotFound:       "check that this is the address of Prometheus itself, with its path prefix if it has one (such as /prometheus)",
	TooManySamples: "ask for a shorter range, or raise the limit",
	TooManySeries:  "narrow the selector or group by fewer labels, or raise the limit",
	Unavailable:    "it may be starting, stopping or overloaded: try again later",
	ServerError:    "see the server's log",
}

// Bounds of text from elsewhere in an error, in bytes.
const (
	maxMessage = 1000
	maxQuery   = 200
)

// Error is why a request failed. It never contains credentials.
type Error struct {
	Kind Kind
	// Server is the address of the server, without user, password and parameters.
	Server string
	// Request describes the request, such as: range query "up".
	Request string
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// Message is the reason, where possible in the words of the server or the system, cut to a bounded
	// length; it may be empty.
	Message string
	// Hint says what may help; it may be empty.
	Hint string
	// From is the first instant of the range that the server answers for; set only for the kind Cut.
	From time.Time

	cause error
	pause time.Duration // before a retry, as the server asks for
}

// Error returns the reason and the hint, then server and request: whoever is on call reads the reason first.
func (e *Error) Error() string {
	join := func(separator string, parts ...string) string {
		return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), separator)
	}
	return join("; ", join(": ", e.headline(), e.Message), e.Hint) + " (" + join(": ", e.Server, e.Request) + ")"
}

// LogValue omits the message of a response, which may repeat credentials that were sent.
func (e *Error) LogValue() slog.Value {
	if e.Status != 0 {
		return slog.StringValue(fmt.Sprintf("%s, HTTP status %d", e.Kind, e.Status))
	}
	return slog.StringValue(string(e.Kind) + ": " + e.Message)
}

// Unwrap returns the error of the system or of the context, if there was one.
func (e *Error) Unwrap() error { return e.cause }

func (e *Error) headline() string {
	switch {
	case e.Status != 0 && e.Status != http.StatusOK:
		if text := http.StatusText(e.Status); text != "" {
			return fmt.Sprintf("%d %s", e.Status, text)
		}
		return fmt.Sprintf("status %d", e.Status)
	case e.Kind == Unreachable && !errors.Is(e.cause, context.DeadlineExceeded):
		return "cannot be reached"
	case e.Kind == Malformed:
		return "the answer cannot be read"
	case e.Kind == Canceled:
		return "canceled"
	}
	return ""
}

// unanswered reports whether the server sent no response, also where a proxy answered in its place (504).
func unanswered(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == 0 && (e.Kind == Unreachable || e.Kind == Timeout || e.Kind == Canceled) || e.Status == http.StatusGatewayTimeout)
}

// KindOf returns the Kind of the [Error] in err's chain, empty when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// shorten joins the lines of text and cuts it at a rune to limit bytes, followed by "…".
func shorten(text string, limit int) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

func quoted(query string) string { return fmt.Sprintf("%q", shorten(query, maxQuery)) }
