package prometheus

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// readRecord is a sink that writes down what it is given, a line per series:
// 0 {job="a"} 1000=1 2000=count:21
type readRecord struct{ lines []string }

func (r *readRecord) Series(query int, series labels.Labels) (Samples, error) {
	r.lines = append(r.lines, fmt.Sprintf("%d %s", query, series))
	return r, nil
}

func (r *readRecord) Float(at int64, v float64) {
	r.lines[len(r.lines)-1] += fmt.Sprintf(" %d=%g", at, v)
}

func (r *readRecord) Histogram(at int64, h *histogram.FloatHistogram) {
	r.lines[len(r.lines)-1] += fmt.Sprintf(" %d=count:%g", at, h.Count)
}

func equal(name, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, name, value)
}

func TestEmbeddedPrometheusGivesItsSamples(t *testing.T) {
	s := embedded(t, promserver.Options{})
	c := newClient(t, s.URL(), Options{})
	appender := s.DB.Appender(t.Context())
	for i := range int64(1000) {
		at := month.Start.UnixMilli() + i*15_000
		v := float64(i)
		if i == 5 {
			v = math.Float64frombits(value.StaleNaN)
		}
		for _, job := range []string{"a", "b"} {
			_, err := appender.Append(0, labels.FromStrings("__name__", "gained_total", "job", job), at, v)
			require.NoError(t, err)
		}
		_, err := appender.AppendHistogram(0, labels.FromStrings("__name__", "latency"), at, tsdbutil.GenerateTestHistogram(i), nil)
		require.NoError(t, err)
	}
	require.NoError(t, appender.Commit())

	var got readRecord
	at := month.Start.UnixMilli()
	answer, err := c.Read(t.Context(), []ReadQuery{
		{Matchers: []*labels.Matcher{equal("__name__", "gained_total")}, From: at + 3*15_000, To: at + 6*15_000},
		{Matchers: []*labels.Matcher{equal("__name__", "latency")}, From: at + 900*15_000, To: at + 901*15_000},
		{Matchers: []*labels.Matcher{equal("__name__", "nothing")}, From: at, To: at + time.Hour.Milliseconds()},
	}, &got)
	require.NoError(t, err)
	require.Equal(t, []string{
		`0 {__name__="gained_total", job="a"} 1700000045000=3 1700000060000=4 1700000090000=6`,
		`0 {__name__="gained_total", job="b"} 1700000045000=3 1700000060000=4 1700000090000=6`,
		`1 {__name__="latency"} 1700013500000=count:8112 1700013515000=count:8121`,
	}, got.lines)
	require.Positive(t, answer.Bytes)
	require.GreaterOrEqual(t, answer.SamplesRead, int64(10))
}

// What Debian's Prometheus scrapes of itself, and gives out with labels of its own.
func TestDebianPrometheusGivesItsSamplesWithoutItsLabels(t *testing.T) {
	address := debianPrometheus(t, "global: {scrape_interval: 100ms, external_labels: {region: eu, job: other}}\n"+
		"scrape_configs: [{job_name: self, static_configs: [{targets: [LISTEN]}]}]\n")
	hidden := server(t, func(w http.ResponseWriter, r *http.Request) { // by a proxy
		if strings.HasSuffix(r.URL.Path, "/status/config") {
			http.NotFound(w, r)
			return
		}
		target, err := url.Parse(address)
		require.NoError(t, err)
		// Whole before it is sent on: a ReverseProxy whose target answers at once may
		// still look for the end of a body that net/http has closed, and then breaks
		// off the answer.
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		r.Body = io.NopCloser(bytes.NewReader(body))
		httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
	})
	require.Eventually(t, func() bool {
		var got totals
		_, err := newClient(t, address, Options{}).Query(t.Context(), `up == 1`, time.Now(), &got)
		return err == nil && got.points == 1
	}, 20*time.Second, 50*time.Millisecond)
	for at, want := range map[string]map[string]string{address: {"region": "eu", "job": "other"}, hidden: {"region": "eu"}} {
		c := newClient(t, at, Options{})
		found, err := c.Capabilities(t.Context())
		require.NoError(t, err)
		require.True(t, found.Reads, found.ReadRefusal)
		require.Equal(t, want, found.External)
		now := time.Now().UnixMilli()
		for selected, series := range map[*labels.Matcher]int{equal("job", "self"): 1, equal("region", "eu"): 0} {
			var got readRecord
			_, err = c.Read(t.Context(), []ReadQuery{{Matchers: []*labels.Matcher{equal("__name__", "up"), selected}, From: now - 60_000, To: now}}, &got)
			require.NoError(t, err)
			require.Len(t, got.lines, series, selected)
			if series > 0 {
				require.Contains(t, got.lines[0], `0 {__name__="up", instance="`+strings.TrimPrefix(address, "http://")+`", job="self"} `)
			}
		}
	}
}
