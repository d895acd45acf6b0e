package sli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/freeport"
)

// epoch is where the test data begins: a slot edge, whatever the slot.
var epoch = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// sample is one scrape of a series: a number, a staleness marker or a native
// histogram, at a time after epoch.
type sample struct {
	after time.Duration
	value float64
	stale bool
	hist  *histogram.Histogram
}

// series is what the scrapes of one series saw.
type series struct {
	labels  labels.Labels
	samples []sample
}

// engine is a query engine that holds the series of a test.
type engine interface {
	// query evaluates at every step from start to end, both included. The
	// points are keyed by the series' labels, then by time after epoch.
	query(t testing.TB, text string, start, end, step time.Duration) (points, error)
}

// engines are those that the queries of each method are tried on.
var engines = []struct {
	name   string
	method Method
	start  func(testing.TB, []series) engine
}{
	{"anchored", Anchored, newInProcess},
	{"offset", Offset, newInProcess},
	{"offset on an installed Prometheus", Offset, newPrometheus},
	{"metricsql on an installed VictoriaMetrics", MetricsQL, newVictoria},
}

// withNative are those of them that have native histograms.
var withNative = engines[:3]

// points are the values of a range query: by label set, by time after epoch.
type points map[string]map[time.Duration]float64

func (p points) set(metric labels.Labels, after time.Duration, v float64) {
	key := metric.String()
	if p[key] == nil {
		p[key] = map[time.Duration]float64{}
	}
	p[key][after] = v
}

// inProcess is the engine of the Prometheus library.
type inProcess struct {
	engine  *promql.Engine
	storage *teststorage.TestStorage
}

func newInProcess(t testing.TB, data []series) engine {
	storage := teststorage.New(t)
	app := storage.Appender(context.Background())
	for _, s := range data {
		for _, x := range s.samples {
			at := epoch.Add(x.after).UnixMilli()
			var err error
			if x.hist != nil {
				_, err = app.AppendHistogram(0, s.labels, at, x.hist, nil)
			} else {
				_, err = app.Append(0, s.labels, at, x.number())
			}
			require.NoError(t, err)
		}
	}
	require.NoError(t, app.Commit())
	return inProcess{storage: storage, engine: promql.NewEngine(promql.EngineOpts{
		MaxSamples: 50_000_000, Timeout: time.Minute, LookbackDelta: 5 * time.Minute,
		EnableAtModifier: true, EnableNegativeOffset: true,
		Parser: parser.NewParser(parser.Options{}),
	})}
}

// number is the stored value: the staleness marker is a particular NaN.
func (x sample) number() float64 {
	if x.stale {
		return math.Float64frombits(value.StaleNaN)
	}
	return x.value
}

func (e inProcess) query(t testing.TB, text string, start, end, step time.Duration) (points, error) {
	q, err := e.engine.NewRangeQuery(context.Background(), e.storage, nil, text, epoch.Add(start), epoch.Add(end), step)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	result := q.Exec(context.Background())
	if result.Err != nil {
		return nil, result.Err
	}
	matrix, err := result.Matrix()
	if err != nil {
		return nil, err
	}
	got := points{}
	for _, s := range matrix {
		for _, point := range s.Floats {
			got.set(s.Metric, time.UnixMilli(point.T).Sub(epoch), point.F)
		}
	}
	return got, nil
}

// overHTTP is a server with the Prometheus HTTP API.
type overHTTP struct {
	base  string
	extra url.Values
}

func (e overHTTP) query(t testing.TB, text string, start, end, step time.Duration) (points, error) {
	form := url.Values{"query": {text}, "start": {seconds(start)}, "end": {seconds(end)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)}}
	for key, values := range e.extra {
		form[key] = values
	}
	response, err := http.PostForm(e.base+"/api/v1/query_range", form)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct {
				Metric map[string]string
				Values [][2]any
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("%w in %s", err, body)
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("%s", answer.Error)
	}
	got := points{}
	for _, s := range answer.Data.Result {
		for _, point := range s.Values {
			v, err := strconv.ParseFloat(point[1].(string), 64)
			if err != nil {
				return nil, err
			}
			at := time.UnixMilli(int64(math.Round(point[0].(float64) * 1000)))
			got.set(labels.FromMap(s.Metric), at.Sub(epoch), v)
		}
	}
	return got, nil
}

func seconds(after time.Duration) string {
	return strconv.FormatFloat(float64(epoch.Add(after).UnixMilli())/1000, 'f', 3, 64)
}

// newPrometheus starts the installed Prometheus over a block with the data.
func newPrometheus(t testing.TB, data []series) engine {
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("SKIPPED: needs an installed prometheus (Debian: apt install prometheus)")
	}
	dir := t.TempDir()
	writer, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), filepath.Join(dir, "data"), int64(30*24*time.Hour/time.Millisecond))
	require.NoError(t, err)
	app := writer.Appender(context.Background())
	for _, s := range data {
		for _, x := range s.samples {
			at := epoch.Add(x.after).UnixMilli()
			if x.hist != nil {
				_, err = app.AppendHistogram(0, s.labels, at, x.hist, nil)
			} else {
				_, err = app.Append(0, s.labels, at, x.number())
			}
			require.NoError(t, err)
		}
	}
	require.NoError(t, app.Commit())
	_, err = writer.Flush(context.Background())
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	config := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, []byte("{}\n"), 0o600))
	address := freeport.Address(t)
	start(t, exec.Command(binary, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--storage.tsdb.retention.time=100y", "--web.listen-address="+address,
		"--enable-feature=native-histograms", "--log.level=error"), "http://"+address+"/-/ready")
	return overHTTP{base: "http://" + address}
}

// newVictoria starts the installed VictoriaMetrics and imports the data.
func newVictoria(t testing.TB, data []series) engine {
	binary, err := exec.LookPath("victoria-metrics")
	if err != nil {
		t.Skip("SKIPPED: needs an installed victoria-metrics (Debian: apt install victoria-metrics)")
	}
	address := freeport.Address(t)
	base := "http://" + address
	start(t, exec.Command(binary, "-storageDataPath="+t.TempDir(), "-retentionPeriod=100y",
		"-httpListenAddr="+address, "-loggerLevel=ERROR", "-search.disableCache"), base+"/health")
	// Remote write, because the import drops staleness markers.
	var write prompb.WriteRequest
	for _, s := range data {
		written := prompb.TimeSeries{Labels: prompb.FromLabels(s.labels, nil)}
		for _, x := range s.samples {
			written.Samples = append(written.Samples, prompb.Sample{Timestamp: epoch.Add(x.after).UnixMilli(), Value: x.number()})
		}
		write.Timeseries = append(write.Timeseries, written)
	}
	body, err := write.Marshal()
	require.NoError(t, err)
	response, err := http.Post(base+"/api/v1/write", "application/x-protobuf", bytes.NewReader(snappy.Encode(nil, body)))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusNoContent, response.StatusCode)
	flush, err := http.Get(base + "/internal/force_flush")
	require.NoError(t, err)
	require.NoError(t, flush.Body.Close())
	return overHTTP{base: base, extra: url.Values{"nocache": {"1"}}}
}

// start runs the server until the test ends and waits for it to be ready.
func start(t testing.TB, command *exec.Cmd, ready string) {
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	require.Eventually(t, func() bool {
		response, err := http.Get(ready)
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	}, time.Minute, 20*time.Millisecond, "%s does not get ready: %s", command.Path, &output)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
