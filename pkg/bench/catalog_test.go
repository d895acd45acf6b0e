//go:build bench

package bench

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
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

// The catalog: agreements of one template over services with four series each,
// seven days of samples.
const (
	catalogDays   = 7
	catalogScrape = 30 * time.Second
)

var catalogStart = end.Add(-catalogDays * 24 * time.Hour)

// service is the traffic of one of them.
func serviceSeries(number int) []labels.Labels {
	var all []labels.Labels
	for _, code := range []string{"200", "201", "404", "500"} {
		all = append(all, labels.FromStrings("__name__", "http_requests_total", "job", "api",
			"instance", fmt.Sprintf("10.0.%d.%d:8080", number/250, number%250), "service", serviceName(number), "code", code))
	}
	return all
}

func serviceName(number int) string { return fmt.Sprintf("service-%05d", number) }

// catalogSamples of a counter: a steady rate, and an error a minute.
func catalogSamples(code string, from, to time.Time) iter.Seq2[int64, float64] {
	rate := map[string]float64{"200": 90, "201": 20, "404": 5, "500": 0.5}[code]
	return func(yield func(int64, float64) bool) {
		first := from.Sub(catalogStart).Truncate(catalogScrape)
		for after := max(first, 0); ; after += catalogScrape {
			at := catalogStart.Add(after)
			if !at.Before(to) || at.After(end) {
				return
			}
			if !at.Before(from) && !yield(at.UnixMilli(), float64(int(rate*float64(after/catalogScrape)))) {
				return
			}
		}
	}
}

func catalogBlocks(t testing.TB, services int) string {
	dir := t.TempDir()
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, catalogStart, end.Add(time.Minute),
		func(from, to time.Time) iter.Seq[promserver.Series] {
			return func(yield func(promserver.Series) bool) {
				for number := range services {
					for _, series := range serviceSeries(number) {
						if !yield(promserver.Series{Labels: series, Samples: catalogSamples(series.Get("code"), from, to)}) {
							return
						}
					}
				}
			}
		}, nil))
	return dir
}

// catalogOf has an agreement for each service.
func catalogOf(t testing.TB, services int) []*agreement.Agreement {
	dir := t.TempDir()
	head, tail, _ := strings.Cut(fmt.Sprintf(documents, "", "0.999", "{rolling: 7d}", ""), "---\napiVersion: accord/v1\nkind: Agreement")
	var text strings.Builder
	text.WriteString(head)
	for number := range services {
		one := strings.ReplaceAll(tail, `job="api"`, fmt.Sprintf(`job="api",service=%q`, serviceName(number)))
		one = strings.Replace(one, "{name: api}", fmt.Sprintf("{name: %s}", serviceName(number)), 1)
		text.WriteString("---\napiVersion: accord/v1\nkind: Agreement" + one)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "all.yaml"), []byte(text.String()), 0o600))
	read, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	require.Empty(t, read.Problems)
	require.Len(t, read.Agreements, services)
	return read.Agreements
}

func statusOfAll(t testing.TB, engine *measure.Service, all []*agreement.Agreement, at time.Time) {
	for _, result := range engine.Status(context.Background(), all, measure.Question{At: at}) {
		require.NoError(t, result.Objectives[0].Err)
		require.Positive(t, float64(result.Objectives[0].Total))
		require.Positive(t, float64(result.Objectives[0].Bad))
	}
}

func seconds(do func()) float64 {
	begin := time.Now()
	do()
	return time.Since(begin).Seconds()
}

// startWithoutRead serves the folder as a proxy that lets only queries pass.
func startWithoutRead(t testing.TB, dir string) (url string) {
	server, err := promserver.Start(promserver.Options{Dir: dir, WithoutRead: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server.URL()
}

func middle(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// TestBenchCatalog measures a thousand agreements at once.
func TestBenchCatalog(t *testing.T) {
	const services = 1000
	dir := catalogBlocks(t, services)
	all := catalogOf(t, services)
	proxy := newProxy(t, conformance.StartEmbedded(t, dir))
	client := connect(t, proxy.URL)
	engine := newEngine(client, at)
	proxy.reset(at)
	cold := seconds(func() { statusOfAll(t, engine, all, at) })
	out.add("1,000 agreements of one template, 7 days, cold: requests", float64(proxy.requests), atMost(50))

	proxy.reset(at)
	var later []float64
	for i := range 5 {
		now := at.Add(time.Duration(i+1) * time.Minute)
		later = append(later, seconds(func() { statusOfAll(t, engine, all, now) }))
	}
	out.add("… one minute later: requests", float64(proxy.requests)/5, atMost(10))
	out.add("… time of status, seconds", middle(later), atMost(0.1))
	fmt.Printf("1,000 agreements cold: %.2f s; later: %.3f s\n", cold, later)

	anchored := newEngine(connect(t, startWithoutRead(t, copied(t, dir))), at)
	each := seconds(func() {
		for _, one := range all {
			statusOfAll(t, anchored, []*agreement.Agreement{one}, at)
		}
	})
	out.add("… cold: share of the time of asking for each by anchored", cold/each, atMost(0.7))

	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(200 * time.Millisecond)
		proxy.Config.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(slow.Close)
	engine = newEngine(connect(t, slow.URL), at)
	out.add("… with 0.2 s added to each request, cold: seconds", seconds(func() { statusOfAll(t, engine, all, at) }), atMost(5))
}
