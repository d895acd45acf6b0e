package prometheus

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBreakerOpensForAServerThatDoesNotAnswer(t *testing.T) {
	var asked, answered atomic.Int64
	var hangs atomic.Bool
	hangs.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answered.Add(1)
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[]}}`))
	}))
	defer server.Close()
	// Requests are counted where they leave: one that times out may never arrive.
	client := &http.Client{Transport: sender(func(r *http.Request) (*http.Response, error) {
		asked.Add(1)
		if hangs.Load() {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
	c, err := New(server.URL, client, Options{Probes: methods, Timeout: 5 * time.Millisecond})
	require.NoError(t, err)
	clock := time.Unix(1_800_000_000, 0)
	c.breaker.now = func() time.Time { return clock }

	var texts []string
	for range 20 {
		_, err = c.Query(t.Context(), "up", clock, Discard)
		assert.Equal(t, Unreachable, KindOf(err))
		texts = append(texts, err.Error())
	}
	assert.EqualValues(t, 2, asked.Load(), "a query that hung, and whether the server answers at all")
	assert.Len(t, slices.Compact(texts), 1, "the same text each time")
	assert.Contains(t, texts[0], "it does not answer at all")
	assert.NotContains(t, texts[0], "shorter range")

	hangs.Store(false)
	_, err = c.Query(t.Context(), "up", clock, Discard)
	assert.Equal(t, Unreachable, KindOf(err), "still open")
	clock = clock.Add(openFor)
	c.options.Timeout = time.Minute
	_, err = c.Query(t.Context(), "up", clock, Discard)
	assert.NoError(t, err, "asked again after a while")
	assert.Positive(t, answered.Load())
}

// sender is a transport of one function.
type sender func(*http.Request) (*http.Response, error)

// RoundTrip sends the request.
func (s sender) RoundTrip(r *http.Request) (*http.Response, error) { return s(r) }

func TestBreakerStaysClosedForASlowQueryWhileOthersAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := slow(t, "heavy", "")
		for range maxFailures {
			_, err := c.Query(t.Context(), "heavy", month.End, Discard)
			require.Equal(t, Timeout, KindOf(err))
		}
		_, err := c.Query(t.Context(), "light", month.End, Discard)
		assert.NoError(t, err)
	})
}

// slow is a client of a server that answers all but the query, of whose answer it
// sends the beginning, at once. Without a network, so that in a test's own time
// nothing else takes any.
func slow(t *testing.T, query, beginning string) *Client {
	transport := sender(func(r *http.Request) (*http.Response, error) {
		answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(vectorAnswer))}
		switch {
		case r.FormValue("query") != query:
		case beginning == "":
			<-r.Context().Done()
			return nil, r.Context().Err()
		default:
			answer.Body = io.NopCloser(io.MultiReader(strings.NewReader(beginning), stalled{r.Context()}))
		}
		return answer, nil
	})
	c, err := New("http://prometheus.example", &http.Client{Transport: transport}, Options{Timeout: 100 * time.Millisecond})
	require.NoError(t, err)
	c.knows(Capabilities{Server: Server{Name: "Prometheus"}})
	return c
}

// stalled is read from until its context ends.
type stalled struct{ context.Context }

// Read waits.
func (s stalled) Read([]byte) (int, error) {
	<-s.Done()
	return 0, s.Err()
}

// down is a client whose server did not answer last, and answers the probes as
// its transport does.
func down(t *testing.T, transport sender) *Client {
	c, err := New("http://prometheus.example", &http.Client{Transport: transport}, Options{Timeout: time.Minute})
	require.NoError(t, err)
	c.knows(Capabilities{Server: Server{Name: "Prometheus"}})
	c.breaker.failures = maxFailures
	return c
}

func TestBreakerKeepsToTheDeadlineOfEachCaller(t *testing.T) {
	probing := make(chan struct{}, 1)
	c := down(t, func(r *http.Request) (*http.Response, error) {
		probing <- struct{}{}
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	patient, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { _, err := c.Query(patient, "up", month.End, Discard); left <- err }()
	<-probing
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Query(hurried, "up", month.End, Discard)
	assert.Equal(t, Canceled, KindOf(err), "it does not wait for the probe of another")
	leave()
	assert.Equal(t, Canceled, KindOf(<-left))
	assert.False(t, c.breaker.open(), "that a caller went says nothing of the server")
}

func TestBreakerTellsThePresentErrorUnderTheNameOfEachQuery(t *testing.T) {
	c := down(t, func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
	for _, query := range []string{"up", "requests_total"} {
		_, err := c.Query(t.Context(), query, month.End, Discard)
		assert.EqualError(t, err, `cannot be reached: connection refused; check that Prometheus runs and that its address is right (http://prometheus.example: query "`+query+`")`)
	}
}

func TestBreakerClosesWithTheFirstAnswer(t *testing.T) {
	asked := 0
	c := down(t, func(*http.Request) (*http.Response, error) {
		asked++
		body := `{"status":"success","data":{"resultType":"vector","result":[]}}`
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}, nil
	})
	for range 3 {
		_, err := c.Query(t.Context(), "up", month.End, Discard)
		require.NoError(t, err)
	}
	assert.Equal(t, 4, asked, "one probe, and then the queries alone")
}

// Only failures in a row tell of a server that does not answer, and only those
// whose caller was there to wait for it.
func TestBreakerCountsFailuresInARow(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	refused, late := &Error{Kind: Unreachable}, &Error{Kind: Timeout}
	answered := &Error{Kind: BadQuery, Status: http.StatusBadRequest}
	type outcome struct {
		ctx context.Context
		err error
	}
	here := func(err error) outcome { return outcome{t.Context(), err} }
	for name, c := range map[string]struct {
		outcomes []outcome
		closed   bool
	}{
		"one failure":                   {[]outcome{here(refused)}, true},
		"two failures":                  {[]outcome{here(refused), here(refused)}, false},
		"an answer between them":        {[]outcome{here(refused), here(nil), here(refused)}, true},
		"a refused query between them":  {[]outcome{here(refused), here(answered), here(refused)}, true},
		"a time-out":                    {[]outcome{here(late)}, false},
		"time-outs of who had gone":     {[]outcome{{gone, late}, {gone, refused}, {gone, refused}}, true},
		"a failure, and one had gone":   {[]outcome{here(refused), {gone, refused}}, true},
		"two failures, one gone before": {[]outcome{here(refused), {gone, refused}, here(refused)}, false},
	} {
		b := &circuitBreaker{now: time.Now}
		for _, o := range c.outcomes {
			b.record(o.ctx, o.err)
		}
		closed, _ := b.state()
		assert.Equal(t, c.closed, closed, name)
	}
}

// The answer to a request that was sent before the breaker opened shows that the server answers: the error of
// the probe is of the past then, and what fails later is probed anew.
func TestBreakerClosesWithAnAnswerThatCameLate(t *testing.T) {
	lines := logged(t)
	c := down(t, func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
	_, err := c.Query(t.Context(), "up", month.End, Discard)
	require.Equal(t, Unreachable, KindOf(err))

	c.breaker.record(t.Context(), nil)
	assert.Equal(t, 1, strings.Count(lines.String(), "answers again"), lines)
	c.breaker.record(t.Context(), &Error{Kind: Timeout})
	probed := false
	assert.NoError(t, c.breaker.allow(t.Context(), func() error { probed = true; return nil }))
	assert.True(t, probed)
	assert.Equal(t, 1, strings.Count(lines.String(), "answers again"), lines)
}
