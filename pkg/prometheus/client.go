// Package prometheus speaks the HTTP API of Prometheus and compatible servers (Mimir, Thanos, Cortex,
// VictoriaMetrics). It finds out what a server is and can do, sends instant queries, range queries and remote
// reads, decodes answers as they arrive, enforces limits, and returns errors that a person can act on.
//
// It never interprets a query, never stores an answer, and never turns something it could not read into a
// number: an answer is either complete or an error. Credentials belong to the transport of the http.Client
// that the caller passes in; addresses are shown without user, password and parameters. The package logs with
// log/slog: each request at level debug, and what concerns all requests at info and warn.
//
// Its rules come from the HTTP API of Prometheus
// (https://prometheus.io/docs/prometheus/latest/querying/api/). What a server can do is found by probes that
// the caller passes in, never by the server's version.
package prometheus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Options configures a [Client]. A zero field takes its default.
type Options struct {
	// Timeout bounds one request, from the connection to the last byte of the answer; default: that of the
	// http.Client, else 60 s. Waiting for other requests does not count.
	Timeout time.Duration
	// Parallel is the maximum number of concurrent requests, default 4.
	Parallel int
	// MaxSeries bounds the series of one answer, default 10,000.
	MaxSeries int
	// MaxBytes bounds the uncompressed size of one answer, default 1 GiB.
	MaxBytes int64
	// Probes are sent before the first query; default none.
	Probes Probes
}

// Client sends requests to one server. It is safe for concurrent use.
type Client struct {
	options      Options
	base         *url.URL
	server       string // the address as errors show it
	secret       string // the password in the address, never to be shown
	encoding     string // the Accept-Encoding that is sent
	http         *http.Client
	semaphore    *semaphore.Weighted // bounds the requests in flight
	onlyGet      atomic.Bool         // the server refuses POST
	pause        func(context.Context, time.Duration) bool
	breaker      circuitBreaker
	capabilities capabilitiesCache
	stores       storeWatch
}

// Timeout returns the timeout of one request.
func (c *Client) Timeout() time.Duration { return c.options.Timeout }

// New returns a client for the server at address, the URL to which /api/v1 is appended. The address may have
// a path prefix and parameters, which every request then carries. The transport of the http.Client does
// authentication; a nil client has none. New sends no request.
func New(address string, client *http.Client, o Options) (*Client, error) {
	base, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	if client == nil {
		transport, err := Transport(AuthConfig{})
		if err != nil {
			return nil, err
		}
		client = &http.Client{Transport: transport}
	}
	o.Timeout = cmp.Or(max(o.Timeout, 0), max(client.Timeout, 0), time.Minute)
	o.Parallel = cmp.Or(max(o.Parallel, 0), 4)
	o.MaxSeries = cmp.Or(max(o.MaxSeries, 0), 10_000)
	o.MaxBytes = cmp.Or(max(o.MaxBytes, 0), 1<<30)
	// A copy, so that the caller's client does not change.
	own := *client
	own.Timeout = 0 // Options.Timeout, which errors can name, takes its place
	own.CheckRedirect = func(*http.Request, []*http.Request) error {
		// Redirects are not followed: a POST would lose its form, and a transport's
		// credentials would go to whatever host the answer names.
		return http.ErrUseLastResponse
	}
	secret, _ := base.User.Password()
	encoding := "gzip"
	if isThisMachine(base) { // where compression takes longer than sending the answer uncompressed
		encoding = "identity"
	}
	return &Client{
		options:      o,
		base:         base,
		server:       withoutSecrets(base),
		secret:       secret,
		encoding:     encoding,
		http:         &own,
		semaphore:    semaphore.NewWeighted(int64(o.Parallel)),
		pause:        pauseFor,
		breaker:      circuitBreaker{server: withoutSecrets(base), now: time.Now, probing: semaphore.NewWeighted(1)},
		capabilities: capabilitiesCache{now: time.Now, probing: semaphore.NewWeighted(1)},
		stores:       storeWatch{listing: semaphore.NewWeighted(1)},
	}, nil
}

func parseAddress(address string) (*url.URL, error) {
	address = strings.TrimSpace(address)
	if address == "" {
		return nil, errors.New("the address of Prometheus is empty: give a URL such as http://prometheus:9090")
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		// The parser's error is omitted: it quotes the address, or a part that may belong to the password.
		return nil, errors.New("the address of Prometheus is no URL: give one such as http://prometheus:9090 " +
			"(special characters in a password are written as %XX)")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the address of Prometheus must begin with http:// or https://, not %q", shorten(cmp.Or(u.Scheme, u.Path), 20))
	case u.Host == "":
		return nil, errors.New("the address of Prometheus has no host: give a URL such as http://prometheus:9090")
	}
	u.Fragment, u.RawFragment = "", ""
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// IsThisMachine reports whether the host of the address is localhost, a loopback or an unspecified address.
func IsThisMachine(address string) bool {
	base, err := parseAddress(address)
	return err == nil && isThisMachine(base)
}

func isThisMachine(base *url.URL) bool {
	ip, err := netip.ParseAddr(base.Hostname())
	return base.Hostname() == "localhost" || err == nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// withoutSecrets returns the address without user, password and parameters.
func withoutSecrets(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// Server returns the address without user, password and parameters, for people to read.
func (c *Client) Server() string { return c.server }

// Range is a query evaluated at Start, Start+Step, … up to and including End. Times and step have a
// resolution of one millisecond.
type Range struct {
	Query string
	Start time.Time
	End   time.Time
	Step  time.Duration
}

// Answer is what an answer contains besides its series.
type Answer struct {
	// Warnings are those of the server, and of the client where it knows that the answer is partial. An
	// answer with warnings must not be taken as final.
	Warnings []string
	// SamplesRead is how many samples the server read for all steps (totalQueryableSamples of Prometheus);
	// 0 when it does not report that.
	SamplesRead int64
	// Bytes is the uncompressed size of the answer.
	Bytes int64

	plain bool // remote read returned plain samples instead of chunks
}

// Sink receives an answer while it is decoded. It is called once per series with the labels, which it may
// keep, and returns the function to call for each point, in the server's order of time; nil when the series
// is not wanted. Values are passed as sent, including NaN and infinities. After an error, everything received
// must be discarded: the answer was incomplete.
type Sink func(labels map[string]string) (point func(unixMilli int64, value float64))

// Discard is a [Sink] for an answer whose series do not matter.
func Discard(map[string]string) func(int64, float64) { return nil }

// EachPoint returns a [Sink] for an answer whose labels do not matter.
func EachPoint(point func(unixMilli int64, value float64)) Sink {
	return func(map[string]string) func(int64, float64) { return point }
}

// QueryRange sends a range query and passes the answer to the sink. Its error is an [*Error]; a point at an
// instant that is not one of the range is an error too.
func (c *Client) QueryRange(ctx context.Context, r Range, sink Sink) (Answer, error) {
	g := grid{start: r.Start.UnixMilli(), end: r.End.UnixMilli(), step: r.Step.Milliseconds()}
	form := url.Values{"query": {r.Query}, "start": {seconds(g.start)}, "end": {seconds(g.end)}, "step": {seconds(g.step)}}
	return c.query(ctx, request{path: "query_range", name: "range query " + quoted(r.Query), form: form, from: g.start, to: g.end, read: c.into(sink, g)})
}

// Query sends an instant query, whose answer has one point per series. A scalar is one series without labels.
func (c *Client) Query(ctx context.Context, query string, at time.Time, sink Sink) (Answer, error) {
	return c.query(ctx, c.instant(query, at, sink))
}

func (c *Client) instant(query string, at time.Time, sink Sink) request {
	instant := at.UnixMilli()
	form := url.Values{"query": {query}, "time": {seconds(instant)}}
	return request{path: "query", name: "query " + quoted(query), form: form, from: instant, to: instant, read: c.into(sink, grid{instant: true})}
}

func (c *Client) into(sink Sink, g grid) func(*input) (Answer, error) {
	return func(in *input) (Answer, error) { return decode(in, sink, c.options.MaxSeries, g) }
}

// query sends a query, with parameters for what servers otherwise leave to their configuration.
func (c *Client) query(ctx context.Context, r request) (Answer, error) {
	server, err := c.Capabilities(ctx)
	if err != nil {
		return Answer{}, err
	}
	if server.Name == VictoriaMetrics {
		r.form.Set("nocache", "1") // its cache shifts start and end, and hides the latest 30 s
		r.form.Set("deny_partial_response", "1")
		if r.form.Has("end") { // with an end at midnight it misses the series that begin at that instant
			r.form.Set("end", seconds(r.to+1))
		}
	} else {
		r.form.Set("lookback_delta", "5m")
		r.form.Set("stats", "true")
		// Thanos: refuse partial answers, and read raw samples, not downsampled ones.
		r.form.Set("partial_response", "false")
		r.form.Set("max_source_resolution", "0s")
	}
	if server.Name == thanos {
		c.lostStores(ctx, c.capabilities.now().Add(-storesAge), r.from, r.to)
	}
	answer, err := c.ask(ctx, r)
	if server.Name == thanos && err == nil {
		answer.Warnings = append(answer.Warnings, c.lostStores(ctx, c.capabilities.now(), r.from, r.to)...)
	}
	if KindOf(err) == BadQuery {
		c.capabilities.doubt()
	}
	return answer, err
}

// seconds formats milliseconds exactly, as the API takes times and durations.
func seconds(milliseconds int64) string {
	return strconv.FormatFloat(float64(milliseconds)/1000, 'f', -1, 64)
}
