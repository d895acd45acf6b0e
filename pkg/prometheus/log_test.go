package prometheus

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logged has package slog write all levels into a buffer until the test ends.
func logged(t *testing.T) *bytes.Buffer {
	t.Helper()
	var lines bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &lines
}

func TestTheLogSaysWhatAnOperatorMustKnowAndNoSecret(t *testing.T) {
	lines := logged(t)
	var fails, away atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fails.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = fmt.Fprintf(w, `{"status":"error","errorType":"internal","error":"sent was %s %s"}`, r.Header.Get("Authorization"), r.URL.RawQuery)
			return
		}
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[],"stats":{"samples":{"totalQueryableSamples":17}}}}`))
	}))
	defer server.Close()
	client := &http.Client{Transport: sender(func(r *http.Request) (*http.Response, error) {
		if away.Load() {
			return nil, fmt.Errorf("connection refused")
		}
		r.Header.Set("Authorization", "Bearer of-the-header")
		return http.DefaultTransport.RoundTrip(r)
	})}
	c, err := New(strings.Replace(server.URL, "http://", "http://user:of-the-address@", 1)+"?token=of-the-parameter", client, Options{Probes: methods})
	require.NoError(t, err)
	clock := time.Unix(1_800_000_000, 0)
	c.breaker.now, c.capabilities.now = func() time.Time { return clock }, func() time.Time { return clock }
	ask := func() {
		_, err := c.Query(t.Context(), "up", clock, Discard)
		assert.NotContains(t, fmt.Sprint(err), "of-the-")
	}

	ask()
	clock = clock.Add(capabilitiesAge)
	ask() // learns the same again
	fails.Store(true)
	ask()
	fails.Store(false)
	away.Store(true)
	for range maxFailures + 2 {
		ask()
	}
	clock = clock.Add(openFor)
	ask() // it still does not answer
	away.Store(false)
	clock = clock.Add(openFor)
	ask()

	text := lines.String()
	for line, times := range map[string]int{
		`level=INFO msg="What Prometheus can do" server=` + server.URL + ` engine=Prometheus`:                                1,
		`level=WARN msg="Prometheus does not answer: until it does, requests fail at once" server=` + server.URL + ` error=`: 1,
		`level=INFO msg="Prometheus answers again" server=` + server.URL:                                                     1,
		`error="server_error, HTTP status 500"`:                                                                              1,
	} {
		assert.Equal(t, times, strings.Count(text, line), "%s\n%s", line, text)
	}
	assert.Regexp(t, `level=DEBUG msg="Prometheus was asked" server=\S+ request="query \\"up\\"" seconds=\S+ samples=17 bytes=[1-9]\d* error=<nil>`, text)
	assert.NotContains(t, text, "of-the-")
}
