package prometheus

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/freeport"
	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// started starts an installed engine and returns its address once it answers.
func started(t *testing.T, program, install string, arguments func(listen, dir string) []string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("SKIPPED: no test against a real %s: install it with: %s", program, install)
	}
	listen, dir := freeport.Address(t), t.TempDir()
	log, err := os.Create(filepath.Join(dir, "log"))
	require.NoError(t, err)
	command := exec.Command(path, arguments(listen, dir)...)
	command.Dir, command.Stdout, command.Stderr = dir, log, log
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		_ = log.Close()
	})
	if !assert.Eventually(t, func() bool { return ready(listen) }, time.Minute, 20*time.Millisecond) {
		said, _ := os.ReadFile(log.Name())
		t.Fatalf("%s did not answer within a minute:\n%s", program, said)
	}
	return "http://" + listen
}

func ready(listen string) bool {
	response, err := http.Get("http://" + listen + "/api/v1/query?query=vector(1)")
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// debianPrometheus is one with the configuration; LISTEN in it is its own address.
func debianPrometheus(t *testing.T, text string) string {
	return started(t, "prometheus", "apt-get install prometheus", func(listen, dir string) []string {
		config := filepath.Join(dir, "prometheus.yml")
		require.NoError(t, os.WriteFile(config, []byte(strings.ReplaceAll(text, "LISTEN", listen)), 0o600))
		return []string{"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"), "--web.listen-address=" + listen}
	})
}

func victoriaMetrics(t *testing.T) string {
	return started(t, "victoria-metrics", "apt-get install victoria-metrics", func(listen, dir string) []string {
		return []string{"-storageDataPath=" + filepath.Join(dir, "data"), "-httpListenAddr=" + listen, "-retentionPeriod=100y"}
	})
}

func embedded(t *testing.T, o promserver.Options) *promserver.Server {
	o.Dir = t.TempDir()
	s, err := promserver.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// agrees checks what every engine must answer alike.
func agrees(t *testing.T, c *Client) {
	t.Helper()
	ctx := context.Background()

	var got record
	answer, err := c.QueryRange(ctx, Range{Query: "vector(1) / 0", Start: month.Start, End: month.Start.Add(10 * time.Minute), Step: 5 * time.Minute}, got.Series)
	require.NoError(t, err)
	require.Equal(t, []string{"{} 1700000000000=+Inf 1700000300000=+Inf 1700000600000=+Inf"}, got.lines)
	require.Empty(t, answer.Warnings)
	require.Positive(t, answer.Bytes)

	got = record{}
	_, err = c.Query(ctx, "time()", month.End, got.Series)
	require.NoError(t, err)
	require.Equal(t, []string{"{} 1700086400000=1.7000864e+09"}, got.lines)

	_, err = c.Query(ctx, "sum(up", month.End, got.Series)
	require.Equal(t, BadQuery, KindOf(err), err)
	_, err = c.Query(ctx, "nonsense(up)", month.End, got.Series)
	require.Equal(t, BadQuery, KindOf(err), err)

	_, err = c.QueryRange(ctx, Range{Query: "vector(1)", Start: month.Start, End: month.Start.Add(1e6 * time.Second), Step: time.Second}, got.Series)
	require.Equal(t, TooManySamples, KindOf(err), err)

	wrong := newClient(t, c.Server()+"/no/such/path", Options{})
	_, err = wrong.Query(ctx, "up", month.End, got.Series)
	require.Equal(t, NotFound, KindOf(err), err)
}

func TestDebianPrometheus(t *testing.T) {
	c := newClient(t, debianPrometheus(t, "scrape_configs: []\n"), Options{})
	found, err := c.Capabilities(context.Background())
	require.NoError(t, err)
	require.Equal(t, "offset", found.Dialect)
	require.Equal(t, "Prometheus", found.Name)
	require.NotEmpty(t, found.Version)
	agrees(t, c)
}

func TestVictoriaMetrics(t *testing.T) {
	address := victoriaMetrics(t)
	c := newClient(t, address, Options{})
	found, err := c.Capabilities(context.Background())
	require.NoError(t, err)
	require.Equal(t, Capabilities{Server: Server{Name: VictoriaMetrics}, Dialect: "metricsql", ReadRefusal: "400 Bad Request", Asked: found.Asked}, found)
	agrees(t, c)

	// Two hours of a counter that gains 1 a minute: its increases add up.
	var lines strings.Builder
	for i := range int64(121) {
		fmt.Fprintf(&lines, "gained_total{job=\"a\"} %d %d\n", 1000+i, 1_700_000_000_000+i*60_000)
	}
	response, err := http.Post(address+"/api/v1/import/prometheus", "text/plain", strings.NewReader(lines.String()))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	response, err = http.Get(address + "/internal/force_flush")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	var got totals
	_, err = c.QueryRange(context.Background(), Range{
		Query: "sum(increase(gained_total[5m]))", Start: time.Unix(1_700_000_600, 0), End: time.Unix(1_700_007_200, 0), Step: 5 * time.Minute,
	}, got.Series)
	require.NoError(t, err)
	require.Equal(t, totals{series: 1, points: 23, sum: 115}, got)
}

func TestEmbeddedPrometheus(t *testing.T) {
	s := embedded(t, promserver.Options{})
	c := newClient(t, s.URL(), Options{})
	found, err := c.Capabilities(context.Background())
	require.NoError(t, err)
	require.Equal(t, "anchored", found.Dialect)
	require.True(t, found.Has("histograms"))
	agrees(t, c)

	// Three days of a counter and of a native histogram, a sample a minute.
	start, end := month.Start, month.Start.Add(3*24*time.Hour)
	appender := s.DB.Appender(context.Background())
	for at, i := start, 0; !at.After(end); at, i = at.Add(time.Minute), i+1 {
		_, err := appender.Append(0, labels.FromStrings("__name__", "gained_total"), at.UnixMilli(), float64(i))
		require.NoError(t, err)
		_, err = appender.AppendHistogram(0, labels.FromStrings("__name__", "latency"), at.UnixMilli(), tsdbutil.GenerateTestHistogram(int64(i)), nil)
		require.NoError(t, err)
	}
	require.NoError(t, appender.Commit())

	var got totals
	answer, err := c.QueryRange(context.Background(), Range{
		Query: "sum(increase(gained_total[5m] anchored))", Start: start.Add(5 * time.Minute), End: end, Step: 5 * time.Minute,
	}, got.Series)
	require.NoError(t, err)
	require.Equal(t, totals{series: 1, points: 864, sum: 4320}, got)
	require.Positive(t, answer.SamplesRead)

	got = totals{}
	answer, err = c.Query(context.Background(), "latency", end, got.Series)
	require.NoError(t, err)
	require.Zero(t, got.points)
	require.Len(t, answer.Warnings, 1)
	require.Contains(t, answer.Warnings[0], "1 native histogram samples were left out")

	for selector, want := range map[string]time.Time{"gained_total": start.UTC(), "nothing": {}} {
		oldest, err := c.Oldest(context.Background(), selector, end.UTC())
		require.NoError(t, err)
		require.Equal(t, want, oldest)
	}
}

func TestEmbeddedPrometheusWithoutTheFlag(t *testing.T) {
	for _, withoutRead := range []bool{false, true} {
		c := newClient(t, embedded(t, promserver.Options{WithoutAnchored: true, WithoutRead: withoutRead}).URL(), Options{})
		found, err := c.Capabilities(context.Background())
		require.NoError(t, err)
		want := Capabilities{
			Server: Server{Name: "Prometheus", Version: promserver.Version}, Dialect: "offset", Features: []string{"histograms"}, Reads: !withoutRead, Asked: found.Asked,
		}
		if withoutRead {
			want.ReadRefusal = "404 Not Found"
		}
		require.Equal(t, want, found)
	}
}
