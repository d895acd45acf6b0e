package prometheus

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/sli"
)

// record is a sink that writes down what it is given, a line per series:
// {job="a"} 1000=1 2000=NaN
type record struct{ lines []string }

func (r *record) Series(labels map[string]string) func(int64, float64) {
	var b strings.Builder
	b.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(labels)) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s=%q", name, labels[name])
	}
	b.WriteByte('}')
	r.lines = append(r.lines, b.String())
	i := len(r.lines) - 1
	return func(unixMilli int64, value float64) {
		r.lines[i] += fmt.Sprintf(" %d=%s", unixMilli, strconv.FormatFloat(value, 'g', -1, 64))
	}
}

// totals is a sink that only counts.
type totals struct {
	series, points int
	sum            float64
}

func (s *totals) Series(map[string]string) func(int64, float64) {
	s.series++
	return func(_ int64, value float64) {
		s.points++
		if !math.IsNaN(value) {
			s.sum += value
		}
	}
}

// decodeText decodes an answer that is at hand.
func decodeText(body string, sink Sink) (Answer, error) {
	return decode(&input{from: strings.NewReader(body), left: 1 << 30}, sink, 10_000, grid{})
}

// server starts a server with one handler, closed with the test.
func server(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// connect makes a client that takes the server for an older Prometheus, and
// never waits between attempts.
func connect(t testing.TB, address string, o Options) *Client {
	t.Helper()
	c := newClient(t, address, o)
	c.knows(Capabilities{Server: Server{Name: "Prometheus"}})
	return c
}

// methods are the probes of those who count.
var methods = Probes{
	Dialects: []Probe{
		{Name: "anchored", Query: sli.Anchored.Probe()},
		{Name: "metricsql", Query: sli.MetricsQL.Probe(), Server: VictoriaMetrics},
		{Name: "offset", Query: sli.Offset.Probe()},
	},
	Features: []Probe{{Name: "histograms", Query: "histogram_count(accord_probe)"}},
}

func newClient(t testing.TB, address string, o Options) *Client {
	t.Helper()
	o.Probes = methods
	c, err := New(address, nil, o)
	require.NoError(t, err)
	c.pause = func(ctx context.Context, _ time.Duration) bool { return ctx.Err() == nil }
	return c
}

// answering sends one text as the JSON of an answer.
// answering answers with the body; one that is empty has the type that was asked
// for.
func answering(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if body == empty && strings.HasSuffix(r.URL.Path, "/query") {
			_, _ = w.Write([]byte(strings.Replace(body, "matrix", "vector", 1)))
			return
		}
		_, _ = w.Write([]byte(body))
	}
}

func refusing(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

var month = Range{
	Query: `sum(up)`,
	Start: time.Unix(1_700_000_000, 0),
	End:   time.Unix(1_700_086_400, 0),
	Step:  5 * time.Minute,
}

// untilGone waits until the client has closed its connection, which a server
// notices once it has read the form.
func untilGone(r *http.Request) {
	_ = r.ParseForm()
	<-r.Context().Done()
}

const empty = `{"status":"success","data":{"resultType":"matrix","result":[]}}`

// knows makes the client take the server for this one.
func (c *Client) knows(capabilities Capabilities) {
	c.capabilities.known.Store(&learned{Capabilities: capabilities, until: c.capabilities.now().Add(time.Hour)})
}
