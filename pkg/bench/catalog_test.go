//go:build bench

package bench

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/measure"
)

// fleet is services with an agreement each, all of one template, whose window is
// as long as there are samples.
type fleet struct {
	services, days int
	scrape         time.Duration
	codes          []string
}

var (
	thousand    = fleet{1000, 7, 30 * time.Second, []string{"200", "201", "404", "500"}}
	tenThousand = fleet{10_000, 3, 4 * time.Minute, thousand.codes}
)

func (f fleet) start() time.Time { return end.Add(-time.Duration(f.days) * 24 * time.Hour) }

func (f fleet) series(yield func(labels.Labels) bool) {
	for number := range f.services {
		for _, code := range f.codes {
			if !yield(labels.FromStrings("__name__", "http_requests_total", "job", "api",
				"instance", fmt.Sprintf("10.0.%d.%d:8080", number/250, number%250), "service", serviceName(number), "code", code)) {
				return
			}
		}
	}
}

func serviceName(number int) string { return fmt.Sprintf("service-%05d", number) }

// samples of a counter: a steady rate, and an error a minute.
func (f fleet) samples(code string, from, to time.Time) iter.Seq2[int64, float64] {
	perSecond := map[string]float64{"200": 3, "201": 0.7, "404": 0.15, "500": 1.0 / 60}[code]
	return func(yield func(int64, float64) bool) {
		for after := max(0, from.Sub(f.start()).Truncate(f.scrape)); ; after += f.scrape {
			at := f.start().Add(after)
			if !at.Before(to) || at.After(end) {
				return
			}
			if !at.Before(from) && !yield(at.UnixMilli(), float64(int(perSecond*after.Seconds()))) {
				return
			}
		}
	}
}

func (f fleet) blocks(t testing.TB) (dir string) {
	dir = t.TempDir()
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, f.start(), end.Add(time.Minute),
		func(from, to time.Time) iter.Seq[promserver.Series] {
			return func(yield func(promserver.Series) bool) {
				f.series(func(series labels.Labels) bool {
					return yield(promserver.Series{Labels: series, Samples: f.samples(series.Get("code"), from, to)})
				})
			}
		}, nil))
	return dir
}

// inMemory are the series for an engine that is sent them.
func (f fleet) inMemory() (all []conformance.Series) {
	for series := range f.series {
		one := conformance.Series{Labels: series}
		for at, value := range f.samples(series.Get("code"), f.start(), end.Add(time.Minute)) {
			one.Samples = append(one.Samples, conformance.Sample{Time: at, Value: value})
		}
		all = append(all, one)
	}
	return all
}

// documents are a folder with an agreement for each service, as the edits leave it.
func (f fleet) documents(t testing.TB, edits ...func(number int, text string) string) (dir string) {
	dir = t.TempDir()
	const begin = "---\napiVersion: accord/v1\nkind: Agreement"
	head, tail, _ := strings.Cut(fmt.Sprintf(documents, "", "0.99", fmt.Sprintf("{rolling: %dd}", f.days), ""), begin)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "teams.yaml"), []byte(head), 0o600))
	const inFile = 1000
	for first := 0; first < f.services; first += inFile {
		var text strings.Builder
		for number := first; number < min(first+inFile, f.services); number++ {
			one := strings.ReplaceAll(tail, `job="api"`, fmt.Sprintf(`job="api",service=%q`, serviceName(number)))
			one = strings.Replace(one, "{name: api}", fmt.Sprintf("{name: %s}", serviceName(number)), 1)
			for _, edit := range edits {
				one = edit(number, one)
			}
			text.WriteString(begin + one)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("from-%05d.yaml", first)), []byte(text.String()), 0o600))
	}
	return dir
}

func (f fleet) agreements(t testing.TB) []*agreement.Agreement { return loadAll(t, f.documents(t)) }

func loadAll(t testing.TB, dir string) []*agreement.Agreement {
	read, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	require.Empty(t, read.Problems)
	return read.Agreements
}

func statusOfAll(t testing.TB, engine *measure.Service, all []*agreement.Agreement, at time.Time) {
	for _, result := range engine.Status(context.Background(), all, measure.Question{At: at}) {
		require.NoError(t, result.Objectives[0].Err)
		require.Positive(t, float64(result.Objectives[0].Total))
		require.Positive(t, float64(result.Objectives[0].Bad))
	}
}

// startWithoutRead serves the folder as a proxy that lets only queries pass.
func startWithoutRead(t testing.TB, dir string) (url string) {
	server, err := promserver.Start(promserver.Options{Dir: dir, WithoutRead: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server.URL()
}

const added = 200 * time.Millisecond // to each request of a slow server

// TestBenchCatalog asks for a thousand agreements at once.
func TestBenchCatalog(t *testing.T) {
	dir, folder := thousand.blocks(t), thousand.documents(t)
	all := loadAll(t, folder)
	proxy := watch(t, conformance.StartEmbedded(t, dir))
	engine := newEngine(connect(t, proxy.URL), at)
	proxy.reset(at)
	cold := median(1, func() { statusOfAll(t, engine, all, at) })
	out.add("1,000 agreements of one template, 7 days, cold: requests", float64(proxy.requests), atMost(50))
	out.add("… seconds", cold.Seconds(), bar{})

	proxy.reset(at)
	now := at
	later := median(5, func() {
		now = now.Add(time.Minute)
		statusOfAll(t, engine, all, now)
	})
	out.add("… one minute later: requests", float64(proxy.requests)/5, atMost(10))
	out.add("… time of status, seconds", later.Seconds(), atMost(0.1))
	alertOverAll(t, proxy, folder)

	anchored := newEngine(connect(t, startWithoutRead(t, copied(t, dir))), at)
	each := median(1, func() {
		for _, one := range all {
			statusOfAll(t, anchored, []*agreement.Agreement{one}, at)
		}
	})
	out.add("… cold: share of the time of asking for each by anchored", cold.Seconds()/each.Seconds(), atMost(0.7))
}

// alertOverAll evaluates one alert rule over all agreements, as Grafana does.
func alertOverAll(t *testing.T, proxy *watched, folder string) {
	for _, delay := range []time.Duration{0, added} {
		c := &company{t: t, now: at, folder: folder}
		c.open(proxy.URL)
		proxy.delay = delay
		name := "alert over 1,000 objectives"
		cold := median(1, func() { c.ask(alertQuery) })
		if delay > 0 {
			name += fmt.Sprintf(", %v added to each request", delay)
			out.add(name+", cold: seconds", cold.Seconds(), atMost(5))
		}
		proxy.reset(time.Time{})
		warm := median(5, func() {
			c.now = c.now.Add(time.Minute)
			c.ask(alertQuery)
		})
		out.add(name+", warm, each minute: seconds", warm.Seconds(), atMost(max(0.5, 25*delay.Seconds())))
		out.add("… requests", float64(proxy.requests)/5, atMost(10))
	}
	proxy.delay = 0
}

// TestBenchTenThousand shows that ten times as many agreements cost ten times as much.
func TestBenchTenThousand(t *testing.T) {
	all := tenThousand.agreements(t)
	client := connect(t, conformance.StartEmbedded(t, tenThousand.blocks(t)))
	cold := func(some []*agreement.Agreement) float64 {
		return median(3, func() { statusOfAll(t, newEngine(client, at), some, at) }).Seconds() / float64(len(some))
	}
	one, ten := cold(all[:len(all)/10]), cold(all)
	out.add("10,000 agreements, cold: cost of each against that of 1,000", ten/one, atMost(1.2))
	out.add("… milliseconds an agreement", 1000*ten, bar{})
}

// TestBenchVictoriaMetricsCatalog asks for a thousand agreements by MetricsQL.
func TestBenchVictoriaMetricsCatalog(t *testing.T) {
	f := thousand
	f.scrape = 4 * time.Minute
	proxy := watch(t, conformance.StartVictoriaMetricsWith(t, f.inMemory()))
	engine, all := newEngine(connect(t, proxy.URL), at), f.agreements(t)
	proxy.reset(at)
	cold := median(1, func() { statusOfAll(t, engine, all, at) })
	out.add("VictoriaMetrics: 1,000 agreements of one template, cold: requests", float64(proxy.requests), atMost(50))
	out.add("… seconds", cold.Seconds(), bar{})
}
