package prometheus

import (
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"http://prom:9090":                      "http://prom:9090",
		" https://prom/ ":                       "https://prom",
		"http://prom/a/b/":                      "http://prom/a/b",
		"http://u:p@prom/a?tenant=x#part":       "http://prom/a",
		"http://[::1]:9090":                     "http://[::1]:9090",
		"https://prom.example/select/0/pr%2Fom": "https://prom.example/select/0/pr/om",
	} {
		c, err := New(address, nil, Options{})
		require.NoError(t, err, address)
		require.Equal(t, want, c.Server())
	}
	for address, says := range map[string]string{
		"":                       "is empty",
		"prom:9090":              "must begin with http:// or https://",
		"ftp://prom":             `not "ftp"`,
		"prom":                   `not "prom"`,
		"http://":                "has no host",
		"http://u:p/s3cret@prom": "is no URL",
	} {
		_, err := New(address, nil, Options{})
		require.ErrorContains(t, err, says, address)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

// asked is what a server saw of a request.
type asked struct {
	method, path string
	form, url    url.Values
	header       http.Header
}

func listening(t *testing.T, then http.HandlerFunc) (string, *[]asked) {
	var seen []asked
	return server(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		seen = append(seen, asked{r.Method, r.URL.Path, r.PostForm, r.URL.Query(), r.Header})
		then(w, r)
	}), &seen
}

func TestRangeQueryAsItIsSent(t *testing.T) {
	address, seen := listening(t, answering(empty))
	c := connect(t, address+"/prom/?tenant=checkout&x=1", Options{})
	_, err := c.QueryRange(context.Background(), Range{
		Query: "sum(up)", Start: time.UnixMilli(1_700_000_000_001), End: time.Unix(1_700_086_400, 0), Step: 1500 * time.Millisecond,
	}, (&record{}).Series)
	require.NoError(t, err)
	require.Len(t, *seen, 1)
	got := (*seen)[0]
	require.Equal(t, "POST", got.method)
	require.Equal(t, "/prom/api/v1/query_range", got.path)
	require.Equal(t, url.Values{"tenant": {"checkout"}, "x": {"1"}}, got.url)
	require.Equal(t, url.Values{
		"query": {"sum(up)"}, "start": {"1700000000.001"}, "end": {"1700086400"}, "step": {"1.5"},
		"lookback_delta": {"5m"}, "stats": {"true"}, "partial_response": {"false"}, "max_source_resolution": {"0s"},
	}, got.form)
}

func TestCompressionIsAskedForAcrossANetwork(t *testing.T) {
	for host, want := range map[string]string{
		"localhost": "identity", "127.0.0.1": "identity", "[::1]": "identity", "10.0.0.1": "gzip", "prom.example": "gzip",
	} {
		c, err := New("http://"+host+":9090", nil, Options{})
		require.NoError(t, err)
		require.Equal(t, want, c.encoding, host)
	}
	address, seen := listening(t, answering(empty))
	_, err := connect(t, address, Options{}).QueryRange(context.Background(), month, (&record{}).Series)
	require.NoError(t, err)
	require.Equal(t, "identity", (*seen)[0].header.Get("Accept-Encoding"))
}

func TestVictoriaMetricsIsAskedInItsWay(t *testing.T) {
	address, seen := listening(t, answering(empty))
	c := connect(t, address, Options{})
	c.knows(Capabilities{Server: Server{Name: VictoriaMetrics}})
	_, err := c.Query(context.Background(), "up", month.End, (&record{}).Series)
	require.NoError(t, err)
	require.Equal(t, "/api/v1/query", (*seen)[0].path)
	require.Equal(t, url.Values{
		"query": {"up"}, "time": {"1700086400"}, "nocache": {"1"}, "deny_partial_response": {"1"},
	}, (*seen)[0].form)
	_, err = c.QueryRange(context.Background(), month, (&record{}).Series)
	require.NoError(t, err)
	require.Equal(t, "1700086400.001", (*seen)[1].form.Get("end"), "a range that ends at midnight lacks the series that begin there")
}

func TestServerThatTakesOnlyGet(t *testing.T) {
	for _, status := range []int{http.StatusMethodNotAllowed, http.StatusNotImplemented} {
		address, seen := listening(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.WriteHeader(status)
				return
			}
			answering(empty)(w, r)
		})
		c := connect(t, address+"?tenant=a", Options{})
		for range 2 {
			_, err := c.QueryRange(context.Background(), month, (&record{}).Series)
			require.NoError(t, err)
		}
		var methods []string
		for _, request := range *seen {
			methods = append(methods, request.method)
		}
		require.Equal(t, []string{"POST", "GET", "GET"}, methods, "it is remembered")
		require.Equal(t, "a", (*seen)[1].url.Get("tenant"))
		require.Equal(t, "sum(up)", (*seen)[1].url.Get("query"))
	}
}

func TestCompressedAnswer(t *testing.T) {
	c := connect(t, server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(vectorAnswer))
		_ = z.Close()
	}), Options{})
	var got record
	answer, err := c.Query(context.Background(), "up", month.End, got.Series)
	require.NoError(t, err)
	require.Len(t, got.lines, 2)
	require.EqualValues(t, len(vectorAnswer), answer.Bytes, "uncompressed")

	c = connect(t, server(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Encoding", "br") }), Options{})
	_, err = c.Query(context.Background(), "up", month.End, got.Series)
	require.Equal(t, Malformed, KindOf(err))
	require.ErrorContains(t, err, "compressed with br, which was not asked for")
}

func TestRequestsAtOnceAreBounded(t *testing.T) {
	const parallel, requests = 3, 12
	var now, most atomic.Int32
	full := make(chan struct{}) // closed once all turns are taken
	c := connect(t, server(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if n == parallel {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		<-full
		now.Add(-1)
		answering(empty)(w, r)
	}), Options{Parallel: parallel})
	errs := make(chan error)
	for range requests {
		go func() {
			_, err := c.QueryRange(context.Background(), month, (&record{}).Series)
			errs <- err
		}()
	}
	for range requests {
		require.NoError(t, <-errs)
	}
	require.EqualValues(t, parallel, most.Load())
}

func TestCancellation(t *testing.T) {
	arrived, gone := make(chan struct{}), make(chan struct{})
	c := connect(t, server(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		untilGone(r)
		close(gone)
	}), Options{Parallel: 1})
	ctx, cancel := context.WithCancelCause(context.Background())
	failed := make(chan error)
	go func() {
		_, err := c.QueryRange(ctx, month, (&record{}).Series)
		failed <- err
	}()
	<-arrived

	waiting, stop := context.WithCancel(context.Background())
	stop()
	_, err := c.QueryRange(waiting, month, (&record{}).Series)
	require.Equal(t, Canceled, KindOf(err), "one that waits for its turn does not wait on")
	require.ErrorIs(t, err, context.Canceled)

	cancel(errors.New("another query failed"))
	err = <-failed
	require.Equal(t, Canceled, KindOf(err), err)
	require.ErrorIs(t, err, context.Canceled)
	<-gone // it reached the server
}

func TestRetries(t *testing.T) {
	tests := []struct {
		name     string
		answers  []int // statuses, in turn; the last one repeats
		body     string
		ctx      context.Context
		requests int
		pauses   int
		ok       bool
	}{
		{name: "back after one", answers: []int{503, 200}, requests: 2, pauses: 1, ok: true},
		{name: "back after two", answers: []int{503, 503, 200}, requests: 3, pauses: 2, ok: true},
		{name: "not back", answers: []int{503}, requests: 3, pauses: 2},
		{name: "too many at once", answers: []int{429, 200}, requests: 2, pauses: 1, ok: true},
		{name: "none in an alert evaluation", answers: []int{503, 200}, ctx: WithoutRetry(context.Background()), requests: 1},
		{name: "not for a bad gateway", answers: []int{502, 200}, requests: 1},
		{name: "not for a bad query", answers: []int{422, 200}, requests: 1},
		{name: "not for the server's timeout", answers: []int{503}, body: `{"status":"error","errorType":"timeout","error":"query timed out"}`, requests: 1},
		{name: "not for a limit", answers: []int{503}, body: `{"status":"error","error":"too many samples"}`, requests: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			requests := 0
			c := connect(t, server(t, func(w http.ResponseWriter, r *http.Request) {
				status := tt.answers[min(requests, len(tt.answers)-1)]
				requests++
				if status == 200 {
					answering(empty)(w, r)
					return
				}
				refusing(status, tt.body)(w, r)
			}), Options{Parallel: 1})
			var pauses []time.Duration
			c.pause = func(_ context.Context, d time.Duration) bool {
				require.True(t, c.semaphore.TryAcquire(1), "it is not held during a pause")
				c.semaphore.Release(1)
				pauses = append(pauses, d)
				return true
			}
			ctx := tt.ctx
			if ctx == nil {
				ctx = context.Background()
			}
			_, err := c.QueryRange(ctx, month, (&record{}).Series)
			require.Equal(t, tt.ok, err == nil, err)
			require.Equal(t, tt.requests, requests)
			require.Len(t, pauses, tt.pauses)
			for i, pause := range pauses {
				require.GreaterOrEqual(t, pause, firstPause/2<<i)
				require.Less(t, pause, firstPause<<i)
			}
		})
	}
}

func TestConnectionRefusedIsTriedAgain(t *testing.T) {
	c := connect(t, "http://127.0.0.1:1", Options{})
	pauses := 0
	c.pause = func(context.Context, time.Duration) bool { pauses++; return true }
	_, err := c.QueryRange(context.Background(), month, (&record{}).Series)
	require.Equal(t, Unreachable, KindOf(err))
	require.Equal(t, 2, pauses)
}

func TestThePauseIsAsLongAsTheServerAsksFor(t *testing.T) {
	for header, want := range map[string]time.Duration{"3": 3 * time.Second, "100000": maxRetryAfter * time.Second, "-1": 0, "soon": 0} {
		busy := true
		c := connect(t, server(t, func(w http.ResponseWriter, r *http.Request) {
			if w.Header().Set("Retry-After", header); busy {
				busy = false
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			answering(empty)(w, r)
		}), Options{})
		c.pause = func(_ context.Context, d time.Duration) bool {
			if want == 0 {
				require.Less(t, d, firstPause)
			} else {
				require.Equal(t, want, d)
			}
			return true
		}
		_, err := c.QueryRange(t.Context(), month, (&record{}).Series)
		require.NoError(t, err)
	}
}

func TestPauseEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.False(t, pauseFor(ctx, time.Hour))
	require.True(t, pauseFor(context.Background(), time.Nanosecond))
}

func TestTheClientsOwnTimeoutIsTakenOver(t *testing.T) {
	for _, tt := range []struct{ ours, clients, want time.Duration }{
		{0, 0, time.Minute}, {0, 7 * time.Second, 7 * time.Second}, {3 * time.Second, 7 * time.Second, 3 * time.Second},
	} {
		given := &http.Client{Timeout: tt.clients}
		c, err := New("http://prom", given, Options{Timeout: tt.ours})
		require.NoError(t, err)
		require.Equal(t, tt.want, c.options.Timeout)
		require.Zero(t, c.http.Timeout)
		require.Equal(t, tt.clients, given.Timeout, "the caller's client stays as it is")
	}
}
