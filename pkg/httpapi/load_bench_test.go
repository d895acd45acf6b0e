//go:build bench

package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/sli"
)

// BenchmarkReadersAtOnce has 20 Viewers over 10,000 agreements, who read a
// document, validate one, or try its change. It says what that costs beside the
// catalog that is in memory.
func BenchmarkReadersAtOnce(b *testing.B) {
	dir := b.TempDir()
	head := "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: s}\nspec: {description: x}\n"
	team := "apiVersion: accord/v1\nkind: Team\nmetadata: {name: %s}\nspec: {}\n"
	write := func(name, text string) {
		require.NoError(b, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("head.yaml", strings.Join([]string{head, fmt.Sprintf(team, "p"), fmt.Sprintf(team, "c")}, "---\n"))
	for i := range 10_000 {
		write(fmt.Sprintf("a%d.yaml", i), fmt.Sprintf(`apiVersion: accord/v1
kind: Agreement
metadata: {name: a%d}
spec:
  service: s
  provider: p
  consumers: [c]
  objectives:
    - name: availability
      target: 0.995
      window: {calendar: month}
      indicator:
        ratioMetric:
          counter: true
          bad: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{code=~"5..",consumer="c%d"}'}}}
          total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{consumer="c%d"}'}}}
`, i, i, i))
	}
	options := catalog.Options{CheckSLI: sli.Check}
	live := catalog.NewLive(dir, options, nil)
	ctx, stop := context.WithCancel(b.Context())
	go live.Run(ctx)
	defer stop()
	begin := cpu()
	_, err := live.Now(ctx)
	require.NoError(b, err)
	b.Logf("the first reading: %.1f CPU-seconds", cpu()-begin)
	handler := httpapi.New(httpapi.Options{
		Catalog: live.Now, Stale: live.Stale, Engine: measure.New(nil, counting.Options{}), Now: time.Now,
		Folder: &editing.Folder{Dir: dir, Live: live, Now: time.Now}, Changed: func(context.Context) {},
	})
	for _, of := range []struct{ name, method, path string }{
		{"read", "GET", "/documents/Team/c"},
		{"validate", "POST", "/validate"},
		{"change", "POST", "/change/Team/c"},
	} {
		b.Run(of.name, func(b *testing.B) {
			for b.Loop() {
				runtime.GC()
				var before runtime.MemStats
				runtime.ReadMemStats(&before)
				begin, done := cpu(), make(chan struct{})
				peak := watchHeap(done)
				var readers sync.WaitGroup
				for range 20 {
					readers.Go(func() {
						answer := send(handler, of.method, of.path, fmt.Sprintf(team, "c"), "Content-Type", "application/yaml")
						require.Equal(b, http.StatusOK, answer.Code, answer.Body)
					})
				}
				readers.Wait()
				close(done)
				b.ReportMetric(cpu()-begin, "cpu-s/op")
				b.ReportMetric(float64(<-peak-before.HeapInuse)/(1<<20), "MiB-more")
				b.ReportMetric(float64(before.HeapInuse)/(1<<20), "MiB-at-rest")
			}
		})
	}
}

// cpu is the CPU time of the process, in seconds.
func cpu() float64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

// watchHeap hands out the largest heap in use until done.
func watchHeap(done <-chan struct{}) <-chan uint64 {
	peak := make(chan uint64)
	go func() {
		var most uint64
		for tick := time.Tick(5 * time.Millisecond); ; {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse)
			select {
			case <-tick:
			case <-done:
				peak <- most
				return
			}
		}
	}()
	return peak
}
