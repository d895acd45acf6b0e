//go:build bench

package bench

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/proxy"
)

// proxy stands before Prometheus and counts what is asked of it.
type watched struct {
	*httptest.Server
	delay time.Duration // of each request

	mu               sync.Mutex
	closedUntil      time.Time
	requests, closed int
}

func watch(t testing.TB, address string) *watched {
	p := &watched{}
	p.Server = proxy.New(t, address, func(_ http.ResponseWriter, r *http.Request, body []byte) bool {
		p.count(r, body)
		time.Sleep(p.delay)
		return false
	})
	return p
}

func (p *watched) reset(closedUntil time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closedUntil, p.requests, p.closed = closedUntil, 0, 0
}

// count notes a request, and how much of it is of slots that were closed: points of
// range queries, and queries of remote reads.
func (p *watched) count(r *http.Request, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	switch {
	case strings.HasSuffix(r.URL.Path, "/query_range"):
		p.closed += pointsUntil(p.closedUntil, string(body)+"&"+r.URL.RawQuery)
	case strings.HasSuffix(r.URL.Path, "/read"):
		p.closed += readsBefore(p.closedUntil, body)
	}
}

func pointsUntil(instant time.Time, query string) (points int) {
	form, _ := url.ParseQuery(query)
	number := func(name string) float64 {
		value, _ := strconv.ParseFloat(form.Get(name), 64)
		return value
	}
	for at := number("start"); at <= number("end"); at += number("step") {
		if at <= float64(instant.Unix()) {
			points++
		}
	}
	return points
}

// readsBefore is how many of the queries begin earlier than what comes after the
// instant needs: the samples to count from.
func readsBefore(instant time.Time, body []byte) (queries int) {
	var asked prompb.ReadRequest
	if message, err := snappy.Decode(nil, body); err != nil || asked.Unmarshal(message) != nil {
		return 1
	}
	for _, q := range asked.Queries {
		if q.StartTimestampMs < instant.Add(-5*time.Minute).UnixMilli() {
			queries++
		}
	}
	return queries
}

// newReplay stands before Prometheus and gives each answer from memory once it knows it.
func newReplay(t testing.TB, address string) *httptest.Server {
	target, err := url.Parse(address)
	require.NoError(t, err)
	forward := httputil.NewSingleHostReverseProxy(target)
	var known sync.Map
	replay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer, ok := known.Load(r.URL.String() + string(body))
		if !ok {
			recorded := httptest.NewRecorder()
			forward.ServeHTTP(recorded, r)
			answer, _ = known.LoadOrStore(r.URL.String()+string(body), recorded)
		}
		from := answer.(*httptest.ResponseRecorder)
		for name, values := range from.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(from.Code)
		_, _ = w.Write(from.Body.Bytes())
	}))
	t.Cleanup(replay.Close)
	return replay
}
