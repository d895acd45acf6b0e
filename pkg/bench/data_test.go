//go:build bench

package bench

import (
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// The data: 60 days, 100 series, a 15 s scrape.
const (
	days   = 60
	scrape = 15 * time.Second
)

var (
	end   = time.Date(2026, 11, 1, 9, 32, 0, 0, time.UTC)
	start = end.Add(-days * 24 * time.Hour)
)

// series are 20 instances with five codes each, two of them errors.
func series() []conformance.Series {
	var all []conformance.Series
	for instance := range 20 {
		for i, code := range []string{"200", "201", "404", "500", "503"} {
			all = append(all, conformance.Series{Labels: labels.FromStrings("__name__", "http_requests_total",
				"job", "api", "instance", fmt.Sprintf("10.0.0.%d:8080", instance), "code", code),
				Samples: samples(float64(instance), i)})
		}
	}
	return all
}

// samples of a counter whose rate has a daily curve; errors are seldom.
func samples(instance float64, code int) []conformance.Sample {
	rate := []float64{9, 4, 2, 0.02, 0.01}[code] * (1 + instance/20)
	taken := make([]conformance.Sample, 0, days*24*240+1)
	value, exact := 0.0, 0.0
	for at := start; !at.After(end); at = at.Add(scrape) {
		hour := float64(at.Unix()%86400) / 3600
		exact += rate * scrape.Seconds() * (1 + 0.6*math.Sin((hour-9)/24*2*math.Pi))
		value = math.Floor(exact)
		taken = append(taken, conformance.Sample{Time: at.UnixMilli() + int64(instance)*400, Value: value})
	}
	return taken
}

// blocks writes the data as TSDB blocks into a folder of its own.
func blocks(t testing.TB) string {
	dir := t.TempDir()
	all := series()
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, start, end.Add(time.Minute),
		func(from, to time.Time) iter.Seq[promserver.Series] {
			return func(yield func(promserver.Series) bool) {
				for _, s := range all {
					if !yield(promserver.Series{Labels: s.Labels, Samples: between(s, from, to)}) {
						return
					}
				}
			}
		}, nil))
	return dir
}

func between(s conformance.Series, from, to time.Time) iter.Seq2[int64, float64] {
	return func(yield func(int64, float64) bool) {
		for _, sample := range s.Samples {
			if sample.Time >= from.UnixMilli() && sample.Time < to.UnixMilli() && !yield(sample.Time, sample.Value) {
				return
			}
		}
	}
}

const documents = `
apiVersion: openslo/v1
kind: Service
metadata: {name: api}
spec: {description: The API}
---
apiVersion: accord/v1
kind: Team
metadata: {name: provider}
spec: {}
---
apiVersion: accord/v1
kind: Team
metadata: {name: consumer}
spec: {}
---
apiVersion: accord/v1
kind: Calendar
metadata: {name: office}
spec:
  timeZone: Europe/Berlin
  weekly: [{days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00"}]
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: api}
spec:
  service: api
  provider: provider
  consumers: [consumer]
  stage: active
  effective: {from: 2026-01-01}
%s
  objectives:
    - name: availability
      target: %s
      window: %s
      indicator:
        metadata: {name: availability}
        spec:
          ratioMetric:
            counter: true
            bad: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(http_requests_total{job="api",code=~"5.."}[5m]))'}}}
            total: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(http_requests_total{job="api"}[5m]))'}}}
%s`

const exclusion = `
---
apiVersion: accord/v1
kind: Exclusion
metadata: {name: upgrade}
spec:
  reason: Upgrade
  category: maintenance
  agreements: [api]
  from: 2026-10-20T02:00:00Z
  to: 2026-10-20T04:00:00Z
  mode: exclude
  requestedBy: provider
  approvedBy: consumer
  approvedOn: 2026-10-01
`

// definitions writes the documents with what changes between runs.
func definitions(t testing.TB, calendar, target, window, more string) string {
	dir := t.TempDir()
	text := fmt.Sprintf(documents, calendar, target, window, more)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "api.yaml"), []byte(text), 0o600))
	return dir
}
