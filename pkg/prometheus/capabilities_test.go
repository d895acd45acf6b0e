package prometheus

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pretender answers trial queries as an engine that refuses some words.
type pretender struct {
	refuses   []string
	buildInfo http.HandlerFunc
	asked     []string
}

func (p *pretender) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/status/buildinfo") {
		p.asked = append(p.asked, "buildinfo")
		p.buildInfo(w, r)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/read") {
		p.asked = append(p.asked, "read")
		http.NotFound(w, r)
		return
	}
	query := r.FormValue("query")
	p.asked = append(p.asked, query)
	for _, word := range p.refuses {
		if strings.Contains(query, word) {
			refusing(400, `{"status":"error","errorType":"bad_data","error":"parse error"}`)(w, r)
			return
		}
	}
	answering(empty)(w, r)
}

func TestCapabilitiesAreProbed(t *testing.T) {
	info := func(text string) http.HandlerFunc { return answering(`{"status":"success","data":` + text + `}`) }
	older := []string{"anchored", "increase_prometheus"}
	victoria := []string{"anchored", "histogram_count"}
	tests := []struct {
		name      string
		refuses   []string
		buildInfo http.HandlerFunc
		want      Capabilities
	}{
		{"new Prometheus", []string{"increase_prometheus"}, info(`{"version":"3.16.0","revision":"x"}`),
			Capabilities{Server: Server{Name: "Prometheus", Version: "3.16.0"}, Dialect: "anchored", Features: []string{"histograms"}}},
		{"Prometheus whose flag is off", older, info(`{"version":"3.15.0"}`),
			Capabilities{Server: Server{Name: "Prometheus", Version: "3.15.0"}, Dialect: "offset", Features: []string{"histograms"}}},
		{"Prometheus before native histograms", append(older, "histogram_count"), info(`{"version":"2.30.0"}`),
			Capabilities{Server: Server{Name: "Prometheus", Version: "2.30.0"}, Dialect: "offset"}},
		{"VictoriaMetrics, which reports a version of Prometheus", victoria, info(`{"version":"2.24.0"}`),
			Capabilities{Server: Server{Name: VictoriaMetrics}, Dialect: "metricsql"}},
		{"VictoriaMetrics without a word", victoria, info(`{}`),
			Capabilities{Server: Server{Name: VictoriaMetrics}, Dialect: "metricsql"}},
		{"Mimir", older, info(`{"application":"Grafana Mimir","version":"2.17.0","features":{"ruler_config_api":"true"}}`),
			Capabilities{Server: Server{Name: "Grafana Mimir", Version: "2.17.0"}, Dialect: "offset", Features: []string{"histograms"}}},
		{"Thanos", older, info(`{"version":"0.39.2","branch":"HEAD"}`),
			Capabilities{Server: Server{Name: "Thanos", Version: "0.39.2"}, Dialect: "offset", Features: []string{"histograms"}}},
		{"no build info", nil, http.NotFound,
			Capabilities{Server: Server{Name: "Prometheus"}, Dialect: "anchored", Features: []string{"histograms"}}},
		{"build info that is a page", nil, answering("<html>"),
			Capabilities{Server: Server{Name: "Prometheus"}, Dialect: "anchored", Features: []string{"histograms"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &pretender{refuses: tt.refuses, buildInfo: tt.buildInfo}
			c := newClient(t, server(t, p.ServeHTTP), Options{})
			for range 2 {
				found, err := c.Capabilities(context.Background())
				require.NoError(t, err)
				require.NotZero(t, found.Asked)
				tt.want.Asked, tt.want.ReadRefusal = found.Asked, "404 Not Found"
				require.Equal(t, tt.want, found)
			}
			require.LessOrEqual(t, len(p.asked), 6, "asked once: %q", p.asked)
		})
	}
}

func TestProbeThatFailsIsTriedAgain(t *testing.T) {
	failures := []http.HandlerFunc{
		refusing(401, ""), refusing(404, "404 page not found"), refusing(503, ""), answering("<html>"), refusing(500, ""),
		// Refusing everything is not what an older Prometheus does.
		refusing(400, "Bad Request"),
	}
	for i, failure := range failures {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			p := &pretender{buildInfo: http.NotFound}
			handler := failure
			c := newClient(t, server(t, func(w http.ResponseWriter, r *http.Request) { handler(w, r) }), Options{})
			_, err := c.Capabilities(context.Background())
			require.Error(t, err)
			_, err = c.QueryRange(context.Background(), month, &record{})
			require.Error(t, err, "a query needs to know whom it asks")

			handler = p.ServeHTTP
			found, err := c.Capabilities(context.Background())
			require.NoError(t, err)
			require.Equal(t, "anchored", found.Dialect)
		})
	}
}

func TestWhatWasLearnedOfAServerHasAnAge(t *testing.T) {
	p := &pretender{buildInfo: http.NotFound}
	handler := http.HandlerFunc(p.ServeHTTP)
	c := newClient(t, server(t, func(w http.ResponseWriter, r *http.Request) { handler(w, r) }), Options{})
	clock := time.Unix(1_800_000_000, 0)
	c.capabilities.now = func() time.Time { return clock }
	dialect := func() string {
		found, err := c.Capabilities(t.Context())
		require.NoError(t, err)
		return found.Dialect
	}
	require.Equal(t, "anchored", dialect())

	// Replaced by an older one: the first query that is refused shows it.
	p.refuses = []string{"anchored", "increase_prometheus"}
	_, err := c.Query(t.Context(), "increase(x[5m] anchored)", clock, discard)
	require.Equal(t, BadQuery, KindOf(err))
	require.Equal(t, "anchored", dialect(), "within a minute of the probe a query is rather wrong than the server another")
	clock = clock.Add(doubtAfter)
	_, err = c.Query(t.Context(), "increase(x[5m] anchored)", clock, discard)
	require.Equal(t, BadQuery, KindOf(err))
	require.Equal(t, "offset", dialect())

	p.refuses = nil
	require.Equal(t, "offset", dialect())
	clock = clock.Add(capabilitiesAge)
	handler = refusing(503, "")
	require.Equal(t, "offset", dialect(), "what was learned holds while the server cannot be asked")
	handler = p.ServeHTTP
	require.Equal(t, "anchored", dialect(), "a better method is found without a restart")
}

func TestProbeIsSharedAndEndsWithItsContext(t *testing.T) {
	arrived, leave := make(chan struct{}), make(chan struct{})
	p := &pretender{buildInfo: http.NotFound}
	first := true
	c := newClient(t, server(t, func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			close(arrived)
			<-leave
		}
		p.ServeHTTP(w, r)
	}), Options{})
	failed := make(chan error)
	go func() { _, err := c.Capabilities(context.Background()); failed <- err }()
	<-arrived
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := c.Capabilities(gone)
	require.Equal(t, Canceled, KindOf(err), "it does not wait for another's probe")

	go func() { _, err := c.Capabilities(context.Background()); failed <- err }()
	close(leave)
	require.NoError(t, <-failed)
	require.NoError(t, <-failed)
	require.Len(t, p.asked, 4, "one probe for both: %q", p.asked)
}
