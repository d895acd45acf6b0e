package prometheus

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pretender answers trial queries as an engine that refuses some words.
type pretender struct {
	refuses   []string
	buildInfo http.HandlerFunc
	mu        sync.Mutex
	asked     []string
}

func (p *pretender) note(asked string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, asked)
}

func (p *pretender) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/status/buildinfo") {
		p.note("buildinfo")
		p.buildInfo(w, r)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/read") {
		p.note("read")
		http.NotFound(w, r)
		return
	}
	query := r.FormValue("query")
	p.note(query)
	for _, word := range p.refuses {
		if strings.Contains(query, word) {
			refusing(400, `{"status":"error","errorType":"bad_data","error":"parse error"}`)(w, r)
			return
		}
	}
	answering(empty)(w, r)
}

func TestCapabilitiesAreProbed(t *testing.T) {
	info := func(text string) http.HandlerFunc { return answering(`{"status":"success","data":` + text + `}`) }
	older := []string{"anchored", "increase_prometheus"}
	victoria := []string{"anchored", "histogram_count"}
	tests := []struct {
		name      string
		refuses   []string
		buildInfo http.HandlerFunc
		want      Capabilities
	}{
		{"new Prometheus", []string{"increase_prometheus"}, info(`{"version":"3.16.0","revision":"x"}`),
			Capabilities{Server: Server{Name: "Prometheus", Version: "3.16.0"}, Dialect: "anchored", Features: []string{"histograms"}}},
		{"Prometheus whose flag is off", older, info(`{"version":"3.15.0"}`),
			Capabilities{Server: Server{Name: "Prometheus", Version: "3.15.0"}, Dialect: "offset", Features: []string{"histograms"}}},
		{"Prometheus before native histograms", append(older, "histogram_count"), info(`{"version":"2.30.0"}`),
			Capabilities{Server: Server{Name: "Prometheus", Version: "2.30.0"}, Dialect: "offset"}},
		{"VictoriaMetrics, which reports a version of Prometheus", victoria, info(`{"version":"2.24.0"}`),
			Capabilities{Server: Server{Name: VictoriaMetrics}, Dialect: "metricsql"}},
		{"VictoriaMetrics without a word", victoria, info(`{}`),
			Capabilities{Server: Server{Name: VictoriaMetrics}, Dialect: "metricsql"}},
		{"Mimir", older, info(`{"application":"Grafana Mimir","version":"2.17.0","features":{"ruler_config_api":"true"}}`),
			Capabilities{Server: Server{Name: "Grafana Mimir", Version: "2.17.0"}, Dialect: "offset", Features: []string{"histograms"}}},
		{"Thanos", older, info(`{"version":"0.39.2","branch":"HEAD"}`),
			Capabilities{Server: Server{Name: "Thanos", Version: "0.39.2"}, Dialect: "offset", Features: []string{"histograms"}}},
		{"no build info", nil, http.NotFound,
			Capabilities{Server: Server{Name: "Prometheus"}, Dialect: "anchored", Features: []string{"histograms"}}},
		{"build info that is a page", nil, answering("<html>"),
			Capabilities{Server: Server{Name: "Prometheus"}, Dialect: "anchored", Features: []string{"histograms"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &pretender{refuses: tt.refuses, buildInfo: tt.buildInfo}
			c := newClient(t, server(t, p.ServeHTTP), Options{})
			for range 2 {
				found, err := c.Capabilities(context.Background())
				require.NoError(t, err)
				require.NotZero(t, found.Asked)
				tt.want.Asked, tt.want.ReadRefusal = found.Asked, "404 Not Found"
				require.Equal(t, tt.want, found)
			}
			require.LessOrEqual(t, len(p.asked), 6, "asked once: %q", p.asked)
		})
	}
}

func TestProbeThatFailsIsTriedAgain(t *testing.T) {
	failures := []http.HandlerFunc{
		refusing(401, ""), refusing(404, "404 page not found"), refusing(503, ""), answering("<html>"), refusing(500, ""),
		// Refusing everything is not what an older Prometheus does.
		refusing(400, "Bad Request"),
	}
	for i, failure := range failures {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			p := &pretender{buildInfo: http.NotFound}
			handler := failure
			c := newClient(t, server(t, func(w http.ResponseWriter, r *http.Request) { handler(w, r) }), Options{})
			_, err := c.Capabilities(context.Background())
			require.Error(t, err)
			_, err = c.QueryRange(context.Background(), month, (&record{}).Series)
			require.Error(t, err, "a query needs to know whom it asks")

			handler = p.ServeHTTP
			found, err := c.Capabilities(context.Background())
			require.NoError(t, err)
			require.Equal(t, "anchored", found.Dialect)
		})
	}
}

func TestWhatWasLearnedOfAServerHasAnAge(t *testing.T) {
	p := &pretender{buildInfo: http.NotFound}
	handler := http.HandlerFunc(p.ServeHTTP)
	c := newClient(t, server(t, func(w http.ResponseWriter, r *http.Request) { handler(w, r) }), Options{})
	clock := time.Unix(1_800_000_000, 0)
	c.capabilities.now = func() time.Time { return clock }
	dialect := func() string {
		found, err := c.Capabilities(t.Context())
		require.NoError(t, err)
		return found.Dialect
	}
	require.Equal(t, "anchored", dialect())

	// Replaced by an older one: the first query that is refused shows it.
	p.refuses = []string{"anchored", "increase_prometheus"}
	_, err := c.Query(t.Context(), "increase(x[5m] anchored)", clock, Discard)
	require.Equal(t, BadQuery, KindOf(err))
	require.Equal(t, "anchored", dialect(), "within a minute of the probe a query is rather wrong than the server another")
	clock = clock.Add(doubtAfter)
	_, err = c.Query(t.Context(), "increase(x[5m] anchored)", clock, Discard)
	require.Equal(t, BadQuery, KindOf(err))
	require.Equal(t, "offset", dialect())

	p.refuses = nil
	require.Equal(t, "offset", dialect())
	clock = clock.Add(capabilitiesAge)
	handler = refusing(503, "")
	require.Equal(t, "offset", dialect(), "what was learned holds while the server cannot be asked")
	handler = p.ServeHTTP
	require.Equal(t, "anchored", dialect(), "a better method is found without a restart")
}

func TestProbeIsSharedAndEndsWithItsContext(t *testing.T) {
	arrived, leave := make(chan struct{}), make(chan struct{})
	p := &pretender{buildInfo: http.NotFound}
	first := true
	c := newClient(t, server(t, func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			close(arrived)
			<-leave
		}
		p.ServeHTTP(w, r)
	}), Options{})
	failed := make(chan error)
	go func() { _, err := c.Capabilities(context.Background()); failed <- err }()
	<-arrived
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := c.Capabilities(gone)
	require.Equal(t, Canceled, KindOf(err), "it does not wait for another's probe")

	go func() { _, err := c.Capabilities(context.Background()); failed <- err }()
	close(leave)
	require.NoError(t, <-failed)
	require.NoError(t, <-failed)
	require.Len(t, p.asked, 4, "one probe for both: %q", p.asked)
}

// withRead is a pretender that serves remote read in this way.
func withRead(t *testing.T, read http.HandlerFunc, others map[string]http.HandlerFunc) *Client {
	p := &pretender{buildInfo: http.NotFound}
	return newClient(t, server(t, func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/api/v1/")
		if path == "read" {
			read(w, r)
		} else if other := others[path+r.FormValue("query")]; other != nil {
			other(w, r)
		} else {
			p.ServeHTTP(w, r)
		}
	}), Options{})
}

// samplesOf answers remote read with the body.
func samplesOf(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	}
}

// What is asked at once does not wait for each other's answers.
func TestProbesOfAServerThatIsFarAwayGoTogether(t *testing.T) {
	var arrived atomic.Int64
	all := make(chan struct{})
	together := func(answer http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if arrived.Add(1) == 3 {
				close(all)
			}
			select {
			case <-all:
				answer(w, r)
			case <-r.Context().Done():
			}
		}
	}
	c := withRead(t, together(samplesOf(streamed, "")), map[string]http.HandlerFunc{
		"status/buildinfo": together(http.NotFound), "queryhistogram_count(x)": together(answering(empty))})
	c.options.Probes.Features = []Probe{{Name: "histograms", Query: "histogram_count(x)"}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	found, err := c.Capabilities(ctx)
	require.NoError(t, err)
	require.True(t, found.Reads)
}

func TestRemoteReadIsProbed(t *testing.T) {
	config := answering(`{"status":"success","data":{"yaml":"global:\n  scrape_interval: 15s\n  external_labels:\n    region: eu\n    replica: \"1\"\nscrape_configs: []\n"}}`)
	up := answering(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"value":[1435781451.781,"1"]}]}}`)
	nothing, err := (&prompb.ReadResponse{Results: []*prompb.QueryResult{{}}}).Marshal()
	require.NoError(t, err)
	read := func(series ...labels.Labels) string {
		var all []*prompb.ChunkedSeries
		for _, one := range series {
			all = append(all, &prompb.ChunkedSeries{Labels: prompb.FromLabels(one, nil), Chunks: []prompb.Chunk{xor(t, sampleOf{1, 1})}})
		}
		return frame(t, 0, all...)
	}
	for name, tt := range map[string]struct {
		read   http.HandlerFunc
		others map[string]http.HandlerFunc
		want   Capabilities
	}{
		"streamed": {read: samplesOf(streamed, ""), want: Capabilities{Reads: true}},
		"streamed, with external labels": {read: samplesOf(streamed, ""), others: map[string]http.HandlerFunc{"status/config": config},
			want: Capabilities{Reads: true, External: map[string]string{"region": "eu", "replica": "1"}}},
		"a proxy hides the external labels": {read: samplesOf(streamed, read(labels.FromStrings("__name__", "up", "job", "a", "region", "eu"),
			labels.FromStrings("__name__", "up", "job", "a", "path", "/", "region", "eu"))), others: map[string]http.HandlerFunc{"querytopk(1, up)": up},
			want: Capabilities{Reads: true, External: map[string]string{"region": "eu"}}},
		"a proxy hides that there are none": {read: samplesOf(streamed, read(labels.FromStrings("__name__", "up", "job", "a"))), others: map[string]http.HandlerFunc{"querytopk(1, up)": up},
			want: Capabilities{Reads: true}},
		"plain": {read: samplesOf(plain, string(snappy.Encode(nil, nothing))), want: Capabilities{Server: Server{Name: "Cortex"}, Reads: true}},

		"Thanos":                 {read: http.NotFound, want: Capabilities{ReadRefusal: "404 Not Found"}},
		"VictoriaMetrics":        {read: refusing(400, `unsupported path requested: "/api/v1/read"`), want: Capabilities{ReadRefusal: "400 Bad Request"}},
		"only GET":               {read: refusing(405, ""), want: Capabilities{ReadRefusal: "405 Method Not Allowed"}},
		"not implemented":        {read: refusing(501, ""), want: Capabilities{ReadRefusal: "501 Not Implemented"}},
		"not allowed":            {read: refusing(403, ""), want: Capabilities{ReadRefusal: "403 Forbidden"}},
		"a page":                 {read: samplesOf("text/html", "<html>"), want: Capabilities{ReadRefusal: "the answer cannot be read"}},
		"a proxy that is not up": {read: refusing(502, ""), want: Capabilities{ReadRefusal: "502 Bad Gateway"}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := withRead(t, tt.read, tt.others).Capabilities(t.Context())
			require.NoError(t, err)
			tt.want.Name = cmp.Or(tt.want.Name, "Prometheus")
			tt.want.Dialect, tt.want.Features, tt.want.Asked = "anchored", []string{"histograms"}, found.Asked
			require.Equal(t, tt.want, found)
		})
	}
}

func TestRemoteReadThatFailsForAMomentIsServedAllTheSame(t *testing.T) {
	busy, read := refusing(503, ""), samplesOf(streamed, "")
	handler := busy
	c := withRead(t, func(w http.ResponseWriter, r *http.Request) { handler(w, r) }, nil)
	clock := time.Unix(1_800_000_000, 0)
	c.capabilities.now = func() time.Time { return clock }
	reads := func() bool {
		found, err := c.Capabilities(t.Context())
		require.NoError(t, err)
		return found.Reads
	}
	require.False(t, reads())
	handler = read
	require.False(t, reads(), "it is not asked before each query")
	clock = clock.Add(doubtAfter)
	require.True(t, reads(), "nor believed for long")
	clock = clock.Add(capabilitiesAge)
	handler = busy
	require.True(t, reads(), "what was served is not counted in another way at the first failure")
	handler = http.NotFound
	require.False(t, reads())

	// Refused in the middle: it is asked again.
	handler = read
	clock = clock.Add(capabilitiesAge)
	require.True(t, reads())
	clock = clock.Add(doubtAfter)
	handler = http.NotFound
	_, err := c.Read(t.Context(), two(), (&readRecord{}).Series)
	require.Equal(t, NotFound, KindOf(err))
	require.False(t, reads())
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// While a server cannot be probed again, its callers are not held up one after the other.
func TestWhoWaitsForAProbeThatFailsGoesByWhatIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pretender{buildInfo: http.NotFound}
		var asked atomic.Int64
		handler := http.Handler(p)
		c, err := New("http://prometheus", &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			asked.Add(1)
			time.Sleep(time.Second)
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, r)
			return recorder.Result(), nil
		})}, Options{Probes: methods})
		require.NoError(t, err)
		_, err = c.Capabilities(t.Context())
		require.NoError(t, err)
		time.Sleep(capabilitiesAge)
		handler = refusing(503, "")
		before, began := asked.Load(), time.Now()
		var waiting sync.WaitGroup
		for range 16 {
			waiting.Go(func() {
				found, err := c.Capabilities(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, "anchored", found.Dialect)
			})
		}
		waiting.Wait()
		require.EqualValues(t, 1, asked.Load()-before)
		require.Equal(t, time.Second, time.Since(began))
	})
}
