package prometheus

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
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

	for range maxFailures + 20 {
		_, err = c.Query(t.Context(), "up", clock, discard)
		assert.Equal(t, Timeout, KindOf(err))
	}
	assert.EqualValues(t, maxFailures+1, asked.Load(), "two that hung, and a last attempt")

	hangs.Store(false)
	_, err = c.Query(t.Context(), "up", clock, discard)
	assert.Equal(t, Timeout, KindOf(err), "still open")
	clock = clock.Add(openFor)
	c.options.Timeout = time.Minute
	_, err = c.Query(t.Context(), "up", clock, discard)
	assert.NoError(t, err, "asked again after a while")
	assert.Positive(t, answered.Load())
}

// sender is a transport of one function.
type sender func(*http.Request) (*http.Response, error)

// RoundTrip sends the request.
func (s sender) RoundTrip(r *http.Request) (*http.Response, error) { return s(r) }

func TestBreakerStaysClosedForASlowQueryWhileOthersAreAnswered(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if r.Form.Get("query") == "heavy" {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[]}}`))
	}))
	defer server.Close()
	c, err := New(server.URL, nil, Options{Probes: methods, Timeout: 200 * time.Millisecond})
	require.NoError(t, err)
	for range maxFailures {
		_, err = c.Query(t.Context(), "heavy", probeTime, discard)
		require.Equal(t, Timeout, KindOf(err))
	}
	_, err = c.Query(t.Context(), "light", probeTime, discard)
	assert.NoError(t, err)
}
