package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/freeport"
)

// How a program of these tests is started: with its address, in a process of the
// test's own binary.
const exporterAddress = "ACCORD_TEST_EXPORTER"

// served is what a program has counted.
type served struct{ All, Failed, Slow int }

// TestExporter is no test, but the program that [TestARealProgramIsCounted] starts:
// an exporter that counts events until its input ends, and prints what each scrape
// showed of them.
func TestExporter(t *testing.T) {
	address := os.Getenv(exporterAddress)
	if address == "" {
		t.Skip("SKIPPED: this is the program that TestARealProgramIsCounted starts, with " + exporterAddress + " set")
	}
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "http_requests_total", Help: "Requests."}, []string{"code"})
	latency := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "latency_seconds", Help: "Latency.", Buckets: []float64{0.1, 0.3, 1}}, []string{"route"})
	registry := prometheus.NewRegistry()
	registry.MustRegister(requests, latency, collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})

	var mutex sync.Mutex
	var counted served
	told := json.NewEncoder(os.Stdout)
	http.HandleFunc("/metrics", func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		metrics.ServeHTTP(w, r)
		_ = told.Encode(counted)
	})
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	go func() {
		for again := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-again.C:
				mutex.Lock()
				countOne(requests, latency, &counted)
				mutex.Unlock()
			case <-ended:
				return
			}
		}
	}()
	require.NoError(t, http.ListenAndServe(address, nil))
}

// countOne counts an event. The first failures come late, so their series do, and all at
// once, so that the first sample shows several.
func countOne(requests *prometheus.CounterVec, latency *prometheus.HistogramVec, counted *served) {
	counted.All++
	code, route, seconds := "200", "/", 0.2
	switch {
	case counted.All > 300 && counted.All%100 < 7:
		code, route = "500", "/late"
		counted.Failed++
	case rand.IntN(9) == 0:
		seconds = 0.5
		counted.Slow++
	}
	requests.WithLabelValues(code).Inc()
	latency.WithLabelValues(route).Observe(seconds)
}

// program is a running [TestExporter].
type program struct {
	command *exec.Cmd
	input   io.Closer
	shown   *json.Decoder
	last    served
}

func startProgram(t *testing.T, address string) *program {
	command := exec.Command(os.Args[0], "-test.run=^TestExporter$")
	command.Env = append(os.Environ(), exporterAddress+"="+address)
	input, err := command.StdinPipe()
	require.NoError(t, err)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	return &program{command: command, input: input, shown: json.NewDecoder(out)}
}

// scraped waits until so many more scrapes were answered.
func (p *program) scraped(t *testing.T, times int) {
	for range times {
		require.NoError(t, p.shown.Decode(&p.last))
	}
}

// end has it count no more, and kills it when scrapes have shown all that it
// counted, one more than needed, since one may fail.
func (p *program) end(t *testing.T) {
	for p.last.Failed == 0 { // on a busy machine it counts slowly
		p.scraped(t, 1)
	}
	require.NoError(t, p.input.Close())
	for unchanged := 0; unchanged < 3; {
		before := p.last
		p.scraped(t, 1)
		if unchanged++; p.last != before {
			unchanged = 0
		}
	}
	require.NoError(t, p.command.Process.Kill())
}

// What programs counted is what is reported: across a restart, a rollout, and
// children that are made late. ACCORD_SCRAPES=1s takes a minute of it.
func TestARealProgramIsCounted(t *testing.T) {
	t.Parallel()
	steady, rolled, next := freeport.Address(t), freeport.Address(t), freeport.Address(t)
	interval := cmp.Or(os.Getenv("ACCORD_SCRAPES"), "200ms")
	url := startDebianPrometheus(t, t.TempDir(), fmt.Sprintf(`
global: {scrape_interval: %[1]s, scrape_timeout: %[1]s}
scrape_configs:
  - {job_name: api, static_configs: [{targets: [%[2]q, %[3]q, %[4]q]}]}
`, interval, steady, rolled, next))
	first, before := startProgram(t, steady), startProgram(t, rolled)
	first.scraped(t, 20)
	before.scraped(t, 20)
	first.end(t)
	again := startProgram(t, steady)
	again.scraped(t, 10)
	before.scraped(t, 5)
	after := startProgram(t, next)
	after.scraped(t, 3)
	before.end(t)
	again.scraped(t, 15)
	after.scraped(t, 20)
	again.end(t)
	after.end(t)

	var want served
	for _, p := range []*program{first, before, again, after} {
		t.Logf("counted %+v", p.last)
		want.All, want.Failed, want.Slow = want.All+p.last.All, want.Failed+p.last.Failed, want.Slow+p.last.Slow
	}
	definitions := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(definitions, "documents.yaml"), []byte(programDocuments), 0o600))
	// Reports are of whole seconds: of the next one, which holds all samples.
	answer, err := askReport(url, definitions, time.Now().Add(time.Second), defaultResolution, "api-for-shop", "")
	require.NoError(t, err)
	var report struct {
		Agreements []struct {
			Objectives []struct{ Total, Bad float64 }
		}
	}
	require.NoError(t, json.Unmarshal(answer, &report))
	require.Equal(t, samplesMethod, methodOf(answer))
	figures := report.Agreements[0].Objectives
	require.Equal(t, [4]float64{float64(want.All), float64(want.Failed), float64(want.All), float64(want.Slow)},
		[4]float64{figures[0].Total, figures[0].Bad, figures[1].Total, figures[1].Bad})
}

const programDocuments = `
apiVersion: openslo/v1
kind: Service
metadata: {name: api}
spec: {description: A service}
---
apiVersion: accord/v1
kind: Team
metadata: {name: payments}
spec: {contacts: [{name: payments-mail, type: email, target: payments@example.org}]}
---
apiVersion: accord/v1
kind: Team
metadata: {name: shop}
spec: {contacts: [{name: shop-mail, type: email, target: shop@example.org}]}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: api-for-shop}
spec:
  service: api
  provider: payments
  consumers: [shop]
  stage: active
  effective: {from: 2020-01-01}
  objectives:
    - name: availability
      target: 0.9
      window: {rolling: 1h}
      indicator:
        spec:
          ratioMetric:
            counter: true
            bad: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{code=~"5.."}'}}}
            total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total'}}}
    - name: latency
      target: 0.9
      window: {rolling: 1h}
      indicator:
        spec:
          ratioMetric:
            counter: true
            good: {metricSource: {type: Prometheus, spec: {query: 'latency_seconds_bucket{le="0.3"}'}}}
            total: {metricSource: {type: Prometheus, spec: {query: 'latency_seconds_count'}}}
`
