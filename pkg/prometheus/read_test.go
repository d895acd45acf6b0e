package prometheus

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/proxy"
	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// readRecord is a sink that writes down what it is given, a line per series:
// 0 {job="a"} 1000=1 2000=count:21
type readRecord struct{ lines []string }

func (r *readRecord) Series(query int, series labels.Labels) Samples {
	r.lines = append(r.lines, fmt.Sprintf("%d %s", query, series))
	return r
}

func (r *readRecord) Float(at int64, v float64) {
	r.lines[len(r.lines)-1] += fmt.Sprintf(" %d=%g", at, v)
}

func (r *readRecord) Histogram(at int64, h *histogram.FloatHistogram) {
	r.lines[len(r.lines)-1] += fmt.Sprintf(" %d=count:%g", at, h.Count)
}

func equal(name, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, name, value)
}

func TestEmbeddedPrometheusGivesItsSamples(t *testing.T) {
	s := embedded(t, promserver.Options{})
	c := newClient(t, s.URL(), Options{})
	appender := s.DB.Appender(t.Context())
	for i := range int64(1000) {
		at := month.Start.UnixMilli() + i*15_000
		v := float64(i)
		if i == 5 {
			v = math.Float64frombits(value.StaleNaN)
		}
		for _, job := range []string{"a", "b"} {
			_, err := appender.Append(0, labels.FromStrings("__name__", "gained_total", "job", job), at, v)
			require.NoError(t, err)
		}
		_, err := appender.AppendHistogram(0, labels.FromStrings("__name__", "latency"), at, tsdbutil.GenerateTestHistogram(i), nil)
		require.NoError(t, err)
	}
	require.NoError(t, appender.Commit())

	var got readRecord
	at := month.Start.UnixMilli()
	answer, err := c.Read(t.Context(), []ReadQuery{
		{Matchers: []*labels.Matcher{equal("__name__", "gained_total")}, From: at + 3*15_000, To: at + 6*15_000},
		{Matchers: []*labels.Matcher{equal("__name__", "latency")}, From: at + 900*15_000, To: at + 901*15_000},
		{Matchers: []*labels.Matcher{equal("__name__", "nothing")}, From: at, To: at + time.Hour.Milliseconds()},
	}, got.Series)
	require.NoError(t, err)
	require.Equal(t, []string{
		`0 {__name__="gained_total", job="a"} 1700000045000=3 1700000060000=4 1700000090000=6`,
		`0 {__name__="gained_total", job="b"} 1700000045000=3 1700000060000=4 1700000090000=6`,
		`1 {__name__="latency"} 1700013500000=count:8112 1700013515000=count:8121`,
	}, got.lines)
	require.Positive(t, answer.Bytes)
	require.GreaterOrEqual(t, answer.SamplesRead, int64(10))
}

// What Debian's Prometheus scrapes of itself, and gives out with labels of its own.
func TestDebianPrometheusGivesItsSamplesWithoutItsLabels(t *testing.T) {
	address := debianPrometheus(t, "global: {scrape_interval: 100ms, external_labels: {region: eu, job: other}}\n"+
		"scrape_configs: [{job_name: self, static_configs: [{targets: [LISTEN]}]}]\n")
	hidden := proxy.New(t, address, func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		config := strings.HasSuffix(r.URL.Path, "/status/config")
		if config {
			http.NotFound(w, r)
		}
		return config
	}).URL
	require.Eventually(t, func() bool {
		var got totals
		_, err := newClient(t, address, Options{}).Query(t.Context(), `up == 1`, time.Now(), got.Series)
		return err == nil && got.points == 1
	}, time.Minute, 50*time.Millisecond)
	for at, want := range map[string]map[string]string{address: {"region": "eu", "job": "other"}, hidden: {"region": "eu"}} {
		c := newClient(t, at, Options{})
		found, err := c.Capabilities(t.Context())
		require.NoError(t, err)
		require.True(t, found.Reads, found.ReadRefusal)
		require.Equal(t, want, found.External)
		now := time.Now().UnixMilli()
		for selected, series := range map[*labels.Matcher]int{equal("job", "self"): 1, equal("region", "eu"): 0} {
			var got readRecord
			_, err = c.Read(t.Context(), []ReadQuery{{Matchers: []*labels.Matcher{equal("__name__", "up"), selected}, From: now - 60_000, To: now}}, got.Series)
			require.NoError(t, err)
			require.Len(t, got.lines, series, selected)
			if series > 0 {
				require.Contains(t, got.lines[0], `0 {__name__="up", instance="`+strings.TrimPrefix(address, "http://")+`", job="self"} `)
			}
		}
	}
}

// reading connects to a server of this answer, which knows no external labels.
func reading(t *testing.T, o Options, answer http.HandlerFunc) *Client {
	return connect(t, server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", streamed)
		answer(w, r)
	}), o)
}

func TestReadAsItIsSent(t *testing.T) {
	var sent *http.Request
	var message prompb.ReadRequest
	c := reading(t, Options{}, func(_ http.ResponseWriter, r *http.Request) {
		sent = r
		compressed, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		body, err := snappy.Decode(nil, compressed)
		require.NoError(t, err)
		require.NoError(t, message.Unmarshal(body))
	})
	_, err := c.Read(t.Context(), []ReadQuery{{From: 1, To: 2, Matchers: []*labels.Matcher{
		equal("a", "1"), labels.MustNewMatcher(labels.MatchNotEqual, "b", "2"), labels.MustNewMatcher(labels.MatchRegexp, "c", "3"), labels.MustNewMatcher(labels.MatchNotRegexp, "d", "4"),
	}}}, (&readRecord{}).Series)
	require.NoError(t, err)
	require.Equal(t, "POST /api/v1/read", sent.Method+" "+sent.URL.Path)
	for name, want := range map[string]string{
		"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy", "X-Prometheus-Remote-Read-Version": "0.1.0", "Accept-Encoding": "snappy",
	} {
		require.Equal(t, want, sent.Header.Get(name))
	}
	require.Equal(t, prompb.ReadRequest{
		AcceptedResponseTypes: []prompb.ReadRequest_ResponseType{prompb.ReadRequest_STREAMED_XOR_CHUNKS, prompb.ReadRequest_SAMPLES},
		Queries: []*prompb.Query{{StartTimestampMs: 1, EndTimestampMs: 2, Matchers: []*prompb.LabelMatcher{
			{Type: prompb.LabelMatcher_EQ, Name: "a", Value: "1"}, {Type: prompb.LabelMatcher_NEQ, Name: "b", Value: "2"},
			{Type: prompb.LabelMatcher_RE, Name: "c", Value: "3"}, {Type: prompb.LabelMatcher_NRE, Name: "d", Value: "4"},
		}}},
	}, message)
}

func TestReadThatIsCutOffIsAnError(t *testing.T) {
	whole := frame(t, 0, series("a", xor(t, sampleOf{1000, 1}))) + frame(t, 0, series("b", xor(t, sampleOf{1000, 1})))
	for i := range len(whole) {
		c := reading(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
			_, _ = w.Write([]byte(whole[:i]))
		})
		_, err := c.Read(t.Context(), two(), (&readRecord{}).Series)
		require.Equal(t, Malformed, KindOf(err), err)
		require.ErrorContains(t, err, "it broke off after "+strconv.Itoa(i)+" bytes")
	}
	var got readRecord
	c := reading(t, Options{}, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(whole)) })
	_, err := c.Read(t.Context(), two(), got.Series)
	require.NoError(t, err)
	require.Len(t, got.lines, 2)
}

func TestReadThatFails(t *testing.T) {
	whole := frame(t, 0, series("a", xor(t, sampleOf{1000, 1})), series("b", xor(t, sampleOf{1000, 1})))
	refuse := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Error(w, text, status) }
	}
	for name, tt := range map[string]struct {
		o      Options
		answer http.HandlerFunc
		kind   Kind
		says   string
	}{
		"too many samples": {answer: refuse(400, "exceeded sample limit (50000000)"), kind: TooManySamples, says: `400 Bad Request: exceeded sample limit (50000000)`},
		"not there":        {answer: refuse(404, "404 page not found"), kind: NotFound},
		"only GET":         {answer: refuse(405, ""), kind: NotFound},
		"too large":        {answer: refuse(413, "response larger than the max"), kind: TooManySamples},
		"busy":             {answer: refuse(429, "too many outstanding requests"), kind: Unavailable},
		"failed":           {answer: refuse(500, "the disk is gone"), kind: ServerError},
		"a page": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html><title>Sign in</title>"))
		}, kind: Malformed, says: `the answer cannot be read: it has the type "text/html", which is none of remote read: page titled "Sign in"`},
		"bytes": {o: Options{MaxBytes: 20}, answer: func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(whole)) },
			kind: TooManySamples, says: "larger than 20 bytes, the limit"},
		"damaged": {answer: func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("<" + whole)) }, kind: Malformed, says: "the checksum of a frame is wrong"},
		"slow": {o: Options{Timeout: time.Second}, answer: func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if r.URL.Path == "/api/v1/read" {
				_, _ = w.Write([]byte(whole[:20]))
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			}
		}, kind: Timeout, says: "no whole answer within 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reading(t, tt.o, tt.answer).Read(t.Context(), two(), (&readRecord{}).Series)
			require.Equal(t, tt.kind, KindOf(err), err)
			require.ErrorContains(t, err, tt.says)
			require.ErrorContains(t, err, `remote read of "{__name__=\"up\"}" and 1 more)`)
		})
	}
	many := make([]*prompb.ChunkedSeries, 11)
	for i := range many {
		many[i] = series(strconv.Itoa(i), xor(t, sampleOf{1000, 1}))
	}
	_, err := reading(t, Options{MaxSeries: 1}, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(frame(t, 0, many...))) }).Read(t.Context(), two(), (&readRecord{}).Series)
	require.Equal(t, TooManySeries, KindOf(err))
	require.ErrorContains(t, err, "more than 10 series, the limit is 10")
}

// What only some of the series have beyond a query's labels is their own.
func TestOnlyWhatAllSeriesHaveMoreIsTheServers(t *testing.T) {
	added := addedLabels{queried: map[string]string{"job": "api"}}
	for _, pod := range []string{"a", "b"} {
		added.series(0, labels.FromStrings("job", "api", "pod", pod, "region", "eu"))
	}
	require.Equal(t, map[string]string{"region": "eu"}, added.common)
}
