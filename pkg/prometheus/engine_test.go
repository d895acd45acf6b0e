package prometheus

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/sli"
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

func TestEngineIsProbed(t *testing.T) {
	info := func(text string) http.HandlerFunc { return answering(`{"status":"success","data":` + text + `}`) }
	older := []string{"anchored", "increase_prometheus"}
	victoria := []string{"anchored", "histogram_count"}
	tests := []struct {
		name      string
		refuses   []string
		buildInfo http.HandlerFunc
		want      Engine
	}{
		{"new Prometheus", []string{"increase_prometheus"}, info(`{"version":"3.16.0","revision":"x"}`),
			Engine{Name: "Prometheus", Version: "3.16.0", Method: sli.Anchored, Histograms: true, HistogramMethod: sli.Offset}},
		{"Prometheus whose flag is off", older, info(`{"version":"3.15.0"}`),
			Engine{Name: "Prometheus", Version: "3.15.0", Method: sli.Offset, Histograms: true, HistogramMethod: sli.Offset}},
		{"Prometheus before native histograms", append(older, "histogram_count"), info(`{"version":"2.30.0"}`),
			Engine{Name: "Prometheus", Version: "2.30.0", Method: sli.Offset}},
		{"VictoriaMetrics, which reports a version of Prometheus", victoria, info(`{"version":"2.24.0"}`),
			Engine{Name: "VictoriaMetrics", Method: sli.MetricsQL}},
		{"VictoriaMetrics without a word", victoria, info(`{}`),
			Engine{Name: "VictoriaMetrics", Method: sli.MetricsQL}},
		{"Mimir", older, info(`{"application":"Grafana Mimir","version":"2.17.0","features":{"ruler_config_api":"true"}}`),
			Engine{Name: "Grafana Mimir", Version: "2.17.0", Method: sli.Offset, Histograms: true, HistogramMethod: sli.Offset}},
		{"Thanos", older, info(`{"version":"0.39.2","branch":"HEAD"}`),
			Engine{Name: "Thanos", Version: "0.39.2", Method: sli.Offset, Histograms: true, HistogramMethod: sli.Offset}},
		{"no build info", nil, http.NotFound,
			Engine{Name: "Prometheus", Method: sli.Anchored, Histograms: true, HistogramMethod: sli.Offset}},
		{"build info that is a page", nil, answering("<html>"),
			Engine{Name: "Prometheus", Method: sli.Anchored, Histograms: true, HistogramMethod: sli.Offset}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &pretender{refuses: tt.refuses, buildInfo: tt.buildInfo}
			c := newClient(t, server(t, p.ServeHTTP), Options{})
			for range 2 {
				engine, err := c.Engine(context.Background())
				require.NoError(t, err)
				require.Equal(t, tt.want, engine)
			}
			require.LessOrEqual(t, len(p.asked), 5, "asked once: %q", p.asked)
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
			_, err := c.Engine(context.Background())
			require.Error(t, err)
			_, err = c.QueryRange(context.Background(), month, &record{})
			require.Error(t, err, "a query needs to know whom it asks")

			handler = p.ServeHTTP
			engine, err := c.Engine(context.Background())
			require.NoError(t, err)
			require.Equal(t, sli.Anchored, engine.Method)
		})
	}
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
	go func() { _, err := c.Engine(context.Background()); failed <- err }()
	<-arrived
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := c.Engine(gone)
	require.Equal(t, Canceled, KindOf(err), "it does not wait for another's probe")

	go func() { _, err := c.Engine(context.Background()); failed <- err }()
	close(leave)
	require.NoError(t, <-failed)
	require.NoError(t, <-failed)
	require.Len(t, p.asked, 3, "one probe for both: %q", p.asked)
}

func TestHistogramMethodIsTriedOnSamples(t *testing.T) {
	const counted = `{"status":"success","data":{"result":[{"metric":{},"value":[1,"3"]}]}}`
	const refused = `{"status":"error","errorType":"execution","error":"anchored modifier is not supported with histograms"}`
	tests := []struct {
		name     string
		engine   Engine
		handler  http.HandlerFunc
		want     sli.Method
		requests int // for two calls
	}{
		{"accepted", Engine{Method: sli.Anchored, Histograms: true, HistogramMethod: sli.Offset}, answering(counted), sli.Anchored, 1},
		{"refused", Engine{Method: sli.Anchored, Histograms: true, HistogramMethod: sli.Offset}, refusing(422, refused), sli.Offset, 1},
		{"no samples", Engine{Method: sli.Anchored, Histograms: true, HistogramMethod: sli.Offset}, answering(empty), sli.Offset, 2},
		{"no anchored", Engine{Method: sli.Offset, Histograms: true, HistogramMethod: sli.Offset}, nil, sli.Offset, 0},
		{"no histograms", Engine{Method: sli.MetricsQL}, nil, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address, seen := listening(t, tt.handler)
			c := newClient(t, address, Options{})
			c.engine.known.Store(&tt.engine)
			for range 2 {
				method, err := c.HistogramMethod(context.Background(), `latency{job="a"}`, month.End)
				require.NoError(t, err)
				require.Equal(t, tt.want, method)
			}
			require.Len(t, *seen, tt.requests)
			for _, request := range *seen {
				require.Equal(t, `count(histogram_count(increase(latency{job="a"}[5m] anchored)))`, request.form.Get("query"))
			}
		})
	}
	c := connect(t, server(t, refusing(422, `{"status":"error","error":"other"}`)), Options{})
	c.engine.known.Store(&Engine{Method: sli.Anchored, Histograms: true})
	_, err := c.HistogramMethod(context.Background(), "x", month.End)
	require.Equal(t, BadQuery, KindOf(err), "another refusal tells nothing about the method")
}
