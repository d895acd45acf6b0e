package counting

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/sli"
)

var now = time.Unix(1_700_086_400, 0)

// probed connects to a server that refuses probes with one of the words, and
// answers all else with the status and the body. The requests that are no
// probes are listed.
func probed(t *testing.T, refused string, status int, body string) (*prometheus.Client, *[]string) {
	t.Helper()
	var queries []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.FormValue("query")
		probe := strings.Contains(query, "accord_probe") || strings.HasSuffix(r.URL.Path, "/buildinfo") || strings.HasSuffix(r.URL.Path, "/read")
		if !probe {
			queries = append(queries, query)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return
		}
		for _, word := range strings.Fields(refused) {
			if strings.Contains(query, word) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"status":"error","errorType":"bad_data","error":"parse error"}`))
				return
			}
		}
		_, _ = w.Write([]byte(`{"status":"success","data":{"result":[]}}`))
	}))
	t.Cleanup(server.Close)
	client, err := prometheus.New(server.URL, nil, prometheus.Options{Probes: Probes()})
	require.NoError(t, err)
	return client, &queries
}

func TestHistogramMethodIsTriedOnSamples(t *testing.T) {
	const counted = `{"status":"success","data":{"result":[{"metric":{},"value":[1,"3"]}]}}`
	const empty = `{"status":"success","data":{"result":[]}}`
	const refused = `{"status":"error","errorType":"execution","error":"anchored modifier is not supported with histograms"}`
	tests := []struct {
		name     string
		refuses  string // words of probes
		status   int
		body     string
		want     sli.Method
		requests int // for two calls
	}{
		{"accepted", "", 200, counted, sli.Anchored, 1},
		{"refused", "", 422, refused, sli.Offset, 1},
		{"no samples", "", 200, empty, sli.Offset, 2},
		{"no anchored", "anchored increase_prometheus", 500, "", sli.Offset, 0},
		{"no histograms", "anchored histogram_count", 500, "", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client, queries := probed(t, tt.refuses, tt.status, tt.body)
			s := New(client, Options{})
			for range 2 {
				method, err := s.histogramMethodAt(t.Context(), `latency{job="a"}`, now)
				require.NoError(t, err)
				require.Equal(t, tt.want, method)
			}
			require.Len(t, *queries, tt.requests)
			for _, query := range *queries {
				require.Equal(t, `count(histogram_count(increase(latency{job="a"}[5m] anchored)))`, query)
			}
		})
	}
	client, _ := probed(t, "", 422, `{"status":"error","error":"other"}`)
	_, err := New(client, Options{}).histogramMethodAt(t.Context(), "x", now)
	require.Equal(t, prometheus.BadQuery, prometheus.KindOf(err), "another refusal tells nothing about the method")
}

// What is learned has the age of the capabilities: asked again with them, so also
// after a query that the server refused.
func TestHistogramMethodIsTriedAgainOnceTheServerWasAskedAgain(t *testing.T) {
	client, queries := probed(t, "", 422, `{"status":"error","errorType":"execution","error":"anchored modifier is not supported with histograms"}`)
	s := New(client, Options{})
	s.histograms.Store(&tried{sli.Anchored, now})
	method, err := s.histogramMethodAt(t.Context(), "latency", now)
	require.NoError(t, err)
	require.Equal(t, sli.Offset, method, "the server that took it is not the one that answers now")
	require.Len(t, *queries, 1)
}

func TestHistogramMethodOfEmbeddedPrometheus(t *testing.T) {
	server, err := promserver.Start(promserver.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	appender := server.DB.Appender(t.Context())
	for i := range int64(10) {
		at := now.Add(time.Duration(i-9) * time.Minute).UnixMilli()
		_, err = appender.AppendHistogram(0, labels.FromStrings("__name__", "latency"), at, tsdbutil.GenerateTestHistogram(i), nil)
		require.NoError(t, err)
	}
	require.NoError(t, appender.Commit())

	client, err := prometheus.New(server.URL(), nil, prometheus.Options{Probes: Probes()})
	require.NoError(t, err)
	found, err := client.Capabilities(t.Context())
	require.NoError(t, err)
	require.Equal(t, string(sli.Anchored), found.Dialect)
	method, err := New(client, Options{}).histogramMethodAt(t.Context(), "latency", now)
	require.NoError(t, err)
	require.Equal(t, sli.Anchored, method)
}

func TestAPieceIsHalvedWhereThatMayHelp(t *testing.T) {
	refused := func(kind prometheus.Kind, status int) error { return &prometheus.Error{Kind: kind, Status: status} }
	for _, tt := range []struct {
		err    error
		length int64
		want   bool
	}{
		{refused(prometheus.TooManySamples, 422), day, true},
		{refused(prometheus.TooManySamples, 200), 10 * minute, true},
		{refused(prometheus.TooManySamples, 422), 9 * minute, false},
		{refused(prometheus.TooManySeries, 422), day, false},
		{refused(prometheus.Timeout, 503), day, true},
		{refused(prometheus.Timeout, 503), day / 4, false},
		{refused(prometheus.Timeout, 0), day, false},
		{refused(prometheus.Unavailable, 503), day, false},
		{errors.New("other"), day, false},
		{nil, day, false},
	} {
		task := &task{resolution: 5 * time.Minute, objective: &agreement.Objective{}}
		require.Equal(t, tt.want, task.halves(tt.err, scope.Interval{From: 0, To: tt.length}), "%v of %d", tt.err, tt.length)
	}
}
