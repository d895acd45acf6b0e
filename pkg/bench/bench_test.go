//go:build bench

package bench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// at is the instant of the first status: inside a slot, with fresh data for an hour.
var at = end.Add(-time.Hour - time.Minute)

const (
	badQuery   = `sum(increase(http_requests_total{job="api",code=~"5.."}[30d]))`
	totalQuery = `sum(increase(http_requests_total{job="api"}[30d]))`
)

// out takes the bars of all tests.
var out = &bars{}

// barsVariable names the file for the bars.
const barsVariable = "ACCORD_BARS"

// TestMain writes the bars, tab-separated.
func TestMain(m *testing.M) {
	code := m.Run()
	if err := os.WriteFile(os.Getenv(barsVariable), []byte(out.String()), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// TestBench prints a table for people.
func TestBench(t *testing.T) {
	dir := blocks(t)
	t.Run("embedded", func(t *testing.T) {
		compare(t, out, "", conformance.StartEmbedded(t, dir))
		inMemory(t, out, conformance.StartEmbedded(t, copied(t, dir)))
		requests(t, out, conformance.StartEmbedded(t, copied(t, dir)))
	})
	t.Run("prometheus", func(t *testing.T) {
		compare(t, out, "Debian's Prometheus: ", conformance.StartDebianPrometheus(t, copied(t, dir)))
	})
	t.Run("victoriametrics", func(t *testing.T) {
		const engine = "VictoriaMetrics: "
		compare(t, out, engine, conformance.StartVictoriaMetricsWith(t, series()))
		out.withoutBars(engine)
	})
	arithmetic(t, out)
}

func copied(t testing.TB, dir string) string {
	to := t.TempDir()
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

// compare measures the same questions with Accord and with plain PromQL.
func compare(t *testing.T, out *bars, engine, address string) {
	client := connect(t, address)
	a := load(t, definitions(t, "", "0.999", "{rolling: 30d}", ""))

	promql := median(1, func() {
		_, err := client.QueryRange(t.Context(), prometheus.Range{Query: "1 - " + badQuery + "/" + totalQuery,
			Start: at.Add(-30 * 24 * time.Hour), End: at, Step: 30 * 24 * time.Hour / 1000}, prometheus.Discard)
		if prometheus.KindOf(err) != prometheus.Timeout { // after which it is at least so slow
			require.NoError(t, err)
		}
	})
	accord := median(3, func() {
		_, _, err := newEngine(client, at).Series(t.Context(), a, a.Objectives[0], measure.SeriesQuestion{
			Kind: measure.ComplianceSeries, From: at.Add(-30 * 24 * time.Hour), To: at, Step: 40 * time.Minute})
		require.NoError(t, err)
	})
	out.add(engine+"compliance of 30 days at 1,000 points, cold: times faster than PromQL", promql.Seconds()/accord.Seconds(), atLeast(60))

	instants := median(5, func() {
		for _, query := range []string{badQuery, totalQuery} {
			_, err := client.Query(t.Context(), query, at, prometheus.Discard)
			require.NoError(t, err)
		}
	})
	cold := median(5, func() { status(t, newEngine(client, at), a, at) })
	warmEngine := newEngine(client, at)
	status(t, warmEngine, a, at)
	run := 0
	warm := median(9, func() {
		run++
		status(t, warmEngine, a, at.Add(time.Duration(run)*10*time.Second/3))
	})
	out.add(engine+"status, cold: share of the time of two increase(x[30d])", cold.Seconds()/instants.Seconds(), atMost(0.5))
	out.add(engine+"status, warm within 30 s: share of that time", warm.Seconds()/instants.Seconds(), atMost(1.0/200))
	fmt.Printf("%scompliance series: PromQL %v, Accord %v; two instant queries %v, status cold %v, warm %v\n",
		engine, promql, accord, instants, cold, warm)
}

// inMemory measures the counting alone: the answers come from memory.
func inMemory(t *testing.T, out *bars, address string) {
	client := connect(t, newReplay(t, address).URL)
	a := load(t, definitions(t, "", "0.999", "{rolling: 30d}", ""))
	status(t, newEngine(client, at), a, at)
	before := processCPU(t)
	engine := newEngine(client, at)
	cost := status(t, engine, a, at).Measurement.Cost
	out.add("counting, in memory: million samples a second and core", float64(cost.Samples)/(processCPU(t)-before).Seconds()/1e6, bar{})
}

// requests shows with a counting proxy what is asked for again.
func requests(t *testing.T, out *bars, address string) {
	proxy := watch(t, address)
	client := connect(t, proxy.URL)
	engine := newEngine(client, at)
	plain := load(t, definitions(t, "", "0.999", "{rolling: 30d}", ""))
	status(t, engine, plain, at)
	closedUntil := at.Add(-counting.Settle).Truncate(counting.DefaultResolution)

	proxy.reset(closedUntil)
	status(t, engine, plain, at.Add(30*time.Second))
	out.add("a second status: closed slots asked for again", float64(proxy.closed), atMost(0))
	out.add("a second status: requests", float64(proxy.requests), atMost(4))
	for _, change := range []struct{ what, dir string }{
		{"target", definitions(t, "", "0.99", "{rolling: 30d}", "")},
		{"window", definitions(t, "", "0.999", "{rolling: 7d}", "")},
		{"calendar", definitions(t, "  supportHours: office", "0.999", "{rolling: 28d}", "")},
		{"exclusion", definitions(t, "", "0.999", "{rolling: 30d}", exclusion)},
	} {
		proxy.reset(closedUntil)
		status(t, engine, load(t, change.dir), at.Add(30*time.Second))
		out.add("after a change of "+change.what+": closed slots asked for again", float64(proxy.closed), atMost(0))
	}
}

func connect(t testing.TB, address string) *prometheus.Client {
	client, err := prometheus.New(address, nil, prometheus.Options{Probes: counting.Probes(), Timeout: 20 * time.Minute})
	require.NoError(t, err)
	_, err = client.Capabilities(t.Context())
	require.NoError(t, err)
	return client
}

func newEngine(client *prometheus.Client, now time.Time) *measure.Service {
	return measure.New(client, counting.Options{Now: func() time.Time { return now }})
}

func load(t testing.TB, dir string) *agreement.Agreement {
	read, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	require.Empty(t, read.Problems)
	return read.Agreements[0]
}

func status(t testing.TB, engine *measure.Service, a *agreement.Agreement, at time.Time) measure.Result {
	results := engine.Status(context.Background(), []*agreement.Agreement{a}, measure.Question{At: at})
	require.NoError(t, results[0].Objectives[0].Err)
	require.Positive(t, float64(results[0].Objectives[0].Total))
	return results[0].Objectives[0]
}

func median(runs int, do func(), between ...func()) time.Duration {
	times := make([]time.Duration, runs)
	for i := range times {
		begin := time.Now()
		do()
		times[i] = time.Since(begin)
		for _, do := range between {
			do()
		}
	}
	slices.Sort(times)
	return times[runs/2]
}
