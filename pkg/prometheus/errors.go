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

// Kind says what sort of failure an [Error] is, so that a caller can decide
// what to do without reading words.
type Kind string

const (
	// Unreachable: no connection came about, or not a trusted one.
	Unreachable Kind = "unreachable"
	// Timeout: the answer took longer than this client, its caller or the
	// server itself allows.
	Timeout Kind = "timeout"
	// Canceled: whoever asked has gone.
	Canceled Kind = "canceled"
	// Unauthorized: credentials are missing or wrong (401, client certificate).
	Unauthorized Kind = "unauthorized"
	// Forbidden: the credentials are good, but not for this (403).
	Forbidden Kind = "forbidden"
	// NotFound: something answers at the address, but not with this API.
	NotFound Kind = "not_found"
	// BadQuery: the server refuses the query or fails to evaluate it.
	BadQuery Kind = "bad_query"
	// TooManySamples: the answer, or what must be read for it, is over a limit
	// of the server or over Options.MaxBytes; a shorter range may be under it.
	TooManySamples Kind = "too_many_samples"
	// TooManySeries: the answer has more series than Options.MaxSeries or a limit
	// of the server; a shorter range hardly helps.
	TooManySeries Kind = "too_many_series"
	// Cut: the server answers only for the end of the range, from Error.From on: it
	// keeps, or looks, no further back.
	Cut Kind = "cut"
	// Unavailable: the server, or a proxy before it, cannot answer just now
	// (429, 502, 503).
	Unavailable Kind = "unavailable"
	// Malformed: what came is no answer of this API, or half of one.
	Malformed Kind = "malformed"
	// ServerError: the server failed in some other way (5xx, odd statuses).
	ServerError Kind = "server_error"
)

// hints holds the advice where the Kind alone decides it.
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

// Bounds of foreign text in an error, in bytes.
const (
	maxMessage = 1000
	maxQuery   = 200
)

// Error is a request that was not answered. It never holds credentials.
type Error struct {
	Kind Kind
	// Server is the address that was asked, without user and parameters.
	Server string
	// Request is what was asked, such as: range query "up".
	Request string
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// Message is what the server, or the system, said in its own words, cut to
	// a bounded length; it may be empty.
	Message string
	// Hint says what may help; it may be empty.
	Hint string
	// From is the first instant of the range that can be asked for, of a Cut.
	From time.Time

	cause error
	pause time.Duration // that the server asks for
}

// Error says what came of the request and what may help, then what was asked of
// whom: whoever is on call reads the reason first.
func (e *Error) Error() string {
	join := func(separator string, parts ...string) string {
		return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), separator)
	}
	return join("; ", join(": ", e.headline(), e.Message), e.Hint) + " (" + join(": ", e.Server, e.Request) + ")"
}

// LogValue leaves out what a server says beside its status: that may repeat what
// it was sent, with credentials.
func (e *Error) LogValue() slog.Value {
	if e.Status != 0 {
		return slog.StringValue(fmt.Sprintf("%s, HTTP status %d", e.Kind, e.Status))
	}
	return slog.StringValue(string(e.Kind) + ": " + e.Message)
}

// Unwrap is the error of the system or of the context, if there was one.
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

// unanswered reports whether nothing came of the server, or only a proxy's word
// that nothing did.
func unanswered(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == 0 && (e.Kind == Unreachable || e.Kind == Timeout || e.Kind == Canceled) || e.Status == http.StatusGatewayTimeout)
}

// KindOf is the Kind of the [Error] in err's chain, empty when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// shorten cuts text to at most limit bytes, at a rune, and makes one line of it.
func shorten(text string, limit int) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

func quoted(query string) string { return fmt.Sprintf("%q", shorten(query, maxQuery)) }
