//go:build bench

package bench

import (
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/datasource"
	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// The catalog of the data source's bars: 40 templates, each a metric of its
// own, with five services each.
const (
	templates       = 40
	ofEachTemplate  = 5
	companyDays     = 4
	companyInstants = 2
)

// TestBenchDataSource asks the data source as Grafana's panels and rules do.
func TestBenchDataSource(t *testing.T) {
	proxy := watch(t, conformance.StartEmbedded(t, companyBlocks(t)))
	c := &company{t: t, now: at, folder: companyDocuments(t)}
	c.open(proxy.URL)
	c.ask(alertQuery)

	c.now = c.now.Add(time.Minute)
	proxy.reset(c.now.Add(-counting.Settle).Truncate(counting.DefaultResolution))
	seconds := median(5, func() {
		c.ask(alertQuery)
		c.now = c.now.Add(time.Minute)
	})
	out.add("alert over 200 objectives of 40 templates, warm, each minute: seconds", seconds.Seconds(), atMost(1))
	out.add("… requests", float64(proxy.requests)/5, bar{})

	c.ask(statusQuery)
	one := c.requests(proxy, func() { c.ask(statusQuery) })
	var took time.Duration
	hundred := c.requests(proxy, func() {
		took = median(1, func() { c.atOnce(repeat(100, statusQuery)) })
	})
	out.add("100 warm status queries at once: requests beyond those of one", float64(hundred-one), atMost(0))
	out.add("… seconds", took.Seconds(), bar{})

	c.atOnce(dashboard())
	single := c.requests(proxy, func() { c.ask(statusQuery) })
	panels := c.requests(proxy, func() { c.atOnce(dashboard()) })
	// Twice, where one that shows some of the objectives is the first to ask.
	out.add("a dashboard of 20 panels: times the requests of one panel", float64(panels)/float64(single), atMost(2))
}

const (
	alertQuery  = `{"schemaVersion": 1, "queryType": "alert"}`
	statusQuery = `{"schemaVersion": 1, "queryType": "status"}`
)

// dashboard is 20 panels of all kinds that measure, over the same range.
func dashboard() []string {
	var panels []string
	for _, kind := range []string{"status", "alert", "compliance", "budget", "burnRate", "sli"} {
		for _, filter := range []string{``, `, "providers": ["provider"]`, `, "objectives": ["availability"]`} {
			panels = append(panels, fmt.Sprintf(`{"schemaVersion": 1, "queryType": %q%s}`, kind, filter))
		}
	}
	return append(panels, `{"schemaVersion": 1, "queryType": "agreements"}`, `{"schemaVersion": 1, "queryType": "status", "scope": "raw"}`)
}

func repeat(n int, query string) []string {
	return slices.Repeat([]string{query}, n)
}

// company is a data source over the catalog of 200 objectives.
type company struct {
	t        *testing.T
	folder   string
	now      time.Time
	instance *datasource.Instance
}

func (c *company) open(url string) {
	made, err := datasource.Factory{Root: c.folder, Now: func() time.Time { return c.now }}.New(c.t.Context(),
		backend.DataSourceInstanceSettings{UID: "bench", URL: url, JSONData: []byte(`{"timeout": 60}`)})
	require.NoError(c.t, err)
	instance, ok := made.(*datasource.Instance)
	require.True(c.t, ok, "%+v", made)
	c.t.Cleanup(instance.Dispose)
	c.instance = instance
}

// ask sends one query, which must not fail in any part.
func (c *company) ask(query string) {
	response, err := c.instance.QueryData(c.t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
		RefID: "A", JSON: json.RawMessage(query), MaxDataPoints: 200,
		TimeRange: backend.TimeRange{From: c.now.Add(-6 * time.Hour), To: c.now},
	}}})
	if err == nil {
		err = response.Responses["A"].Error
	}
	if err != nil {
		c.t.Errorf("%s: %v", query, err)
	}
}

// atOnce sends each query in a request of its own, as panels do.
func (c *company) atOnce(queries []string) {
	var all sync.WaitGroup
	for _, query := range queries {
		all.Go(func() { c.ask(query) })
	}
	all.Wait()
}

// requests is how many Prometheus gets, when one more slot is closed.
func (c *company) requests(p *watched, do func()) int {
	c.now = c.now.Add(counting.DefaultResolution)
	p.reset(time.Time{})
	do()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

func companyBlocks(t *testing.T) string {
	dir := t.TempDir()
	from := end.Add(-companyDays * 24 * time.Hour)
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, from, end.Add(time.Minute), companySeries, nil))
	return dir
}

func companySeries(from, to time.Time) iter.Seq[promserver.Series] {
	return func(yield func(promserver.Series) bool) {
		for template := range templates {
			for service := range ofEachTemplate {
				for instance := range companyInstants {
					for i, code := range []string{"200", "500"} {
						series := promserver.Series{Labels: labels.FromStrings("__name__", fmt.Sprintf("requests_%02d_total", template),
							"service", fmt.Sprint("s", service), "instance", fmt.Sprint(instance), "code", code),
							Samples: steady(from, to, []float64{5, 0.002}[i])}
						if !yield(series) {
							return
						}
					}
				}
			}
		}
	}
}

// steady is a counter of so many events a second.
func steady(from, to time.Time, rate float64) iter.Seq2[int64, float64] {
	return func(yield func(int64, float64) bool) {
		for at := from.Truncate(scrape); at.Before(to); at = at.Add(scrape) {
			if !yield(at.UnixMilli(), math.Floor(rate*float64(at.Unix()-start.Unix()))) {
				return
			}
		}
	}
}

// companyDocuments are an agreement for each template, with an objective for
// each of its services.
func companyDocuments(t *testing.T) string {
	dir := t.TempDir()
	head, _, _ := strings.Cut(documents, "---\napiVersion: accord/v1\nkind: Calendar")
	var text strings.Builder
	text.WriteString(head)
	for template := range templates {
		fmt.Fprintf(&text, "---\napiVersion: accord/v1\nkind: Agreement\nmetadata: {name: template-%02d}\nspec:\n"+
			"  service: api\n  provider: provider\n  consumers: [consumer]\n  effective: {from: 2026-01-01}\n  objectives:\n", template)
		for service := range ofEachTemplate {
			metric := fmt.Sprintf("requests_%02d_total{service=\"s%d\"", template, service)
			name := "availability"
			if service > 0 {
				name = fmt.Sprint("availability-", service)
			}
			fmt.Fprintf(&text, `    - name: %s
      target: 0.999
      window: {rolling: 3d}
      indicator:
        ratioMetric:
          counter: true
          bad: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(%s,code=~"5.."}[5m]))'}}}
          total: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(%s}[5m]))'}}}
`, name, metric, metric)
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "company.yaml"), []byte(text.String()), 0o600))
	return dir
}
