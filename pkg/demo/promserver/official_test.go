package promserver_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/grafana/regexp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/notifications"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// Prometheus' own API on the same storage is the judge of ours: same data, same
// notes, same codes and kinds of errors.
func TestAnswersAsPrometheusDoes(t *testing.T) {
	server := start(t, promserver.Options{Dir: t.TempDir(), WithoutAnchored: true})
	// In the order of their labels, in which ours lists series and Prometheus those of several selectors.
	record(t, server, labels.FromStrings("__name__", "requests_total", "job", "web", "code.class", "5xx"), 4)
	record(t, server, labels.FromStrings("__name__", "requests_total", "job", "api", "path", "/ä\"\\"), 0, 10, 20.5, 1e18, -1e-6, 1e20)
	record(t, server, labels.FromStrings("__name__", "requests_total", "job", "web"), 1, 2, 3)
	record(t, server, labels.FromStrings("__name__", "up", "job", "web"), 1, 0)
	histograms := []*histogram.Histogram{tsdbutil.GenerateTestHistogram(1), tsdbutil.GenerateTestHistogram(7)}
	recordHistograms(t, server, labels.FromStrings("__name__", "latency_seconds"), histograms...)
	official := httptest.NewServer(http.StripPrefix("/api/v1", officialAPI(t, server)))
	defer official.Close()

	span := url.Values{"start": {"2026-03-04T12:00:00Z"}, "end": {"1772625900.5"}}
	with := func(form url.Values, pairs ...string) url.Values {
		all := url.Values{}
		for name, values := range form {
			all[name] = values
		}
		for i := 0; i < len(pairs); i += 2 {
			all[pairs[i]] = append(all[pairs[i]], pairs[i+1])
		}
		return all
	}
	instant := url.Values{"time": {"1772625840"}}
	for _, c := range []struct {
		path string
		form url.Values
	}{
		{"query", with(instant, "query", "requests_total")},
		{"query", with(instant, "query", "latency_seconds")},
		{"query", with(instant, "query", "requests_total[3m]")},
		{"query", with(instant, "query", "latency_seconds[10m]")},
		{"query", with(instant, "query", "sum(nothing)")},
		{"query", with(instant, "query", "nothing[5m]")},
		{"query", with(instant, "query", "-1/0")},
		{"query", with(instant, "query", `"text"`)},
		{"query", with(instant, "query", "rate(up[5m])")},                                    // not a counter's name: an info
		{"query", with(instant, "query", "histogram_quantile(0.5, requests_total)")},         // a warning
		{"query", with(instant, "query", "requests_total * on() group_left requests_total")}, // execution
		{"query", with(instant, "query", "requests_total[1m")},                               // bad data
		{"query", with(instant, "query", "increase(requests_total[5m] anchored)")},           // not enabled
		{"query", with(instant, "query", "up", "lookback_delta", "30s")},
		{"query", with(instant, "query", "up", "timeout", "0.000000001")},
		{"query", with(instant, "query", "up", "timeout", "soon")},
		{"query", url.Values{"query": {"up"}, "time": {"noon"}}},
		{"query", url.Values{}},
		{"query_range", with(span, "query", "requests_total", "step", "60")},
		{"query_range", with(span, "query", "latency_seconds", "step", "1m30s")},
		{"query_range", with(span, "query", "1", "step", "0.25")},
		{"query_range", with(span, "query", "nothing", "step", "60")},
		{"query_range", with(span, "query", "sum by (job) (increase(requests_total[1m]))", "step", "60")}, // series, and no result
		{"query_range", with(span, "query", "1", "step", "0")},
		{"query_range", with(span, "query", "1", "step", "-1")},
		{"query_range", with(span, "query", "1", "step", "0.001")},
		{"query_range", with(span, "query", "1")},
		{"query_range", url.Values{"query": {"1"}, "step": {"1"}}},
		{"query_range", url.Values{"query": {"1"}, "step": {"1"}, "start": {"2"}, "end": {"1"}}},
		{"series", with(span, "match[]", "requests_total")},
		{"series", with(span, "match[]", `{job="web"}`, "match[]", "up")},
		{"series", with(span, "match[]", "nothing")},
		{"series", with(span, "match[]", `{job=~".*"}`)},
		{"series", with(span, "match[]", "up{")},
		{"series", span},
		{"series", url.Values{"match[]": {"up"}}},
		{"series", url.Values{"match[]": {"up"}, "start": {"1"}, "end": {"2"}}},
		{"labels", span},
		{"labels", with(span, "match[]", "up", "match[]", "latency_seconds")},
		{"labels", with(span, "match[]", "nothing")},
		{"labels", with(span, "limit", "2")},
		{"labels", with(span, "limit", "-2")},
		{"label/job/values", url.Values{}},
		{"label/job/values", with(span, "match[]", "up")},
		{"label/job/values", with(span, "match[]", "up", "match[]", "requests_total", "limit", "1")},
		{"label/U__code_2e_class/values", url.Values{}},
		{"label/nothing/values", url.Values{}},
		{"metadata", nil},
		{"rules", nil},
		{"alerts", nil},
		{"targets", nil},
		{"alertmanagers", nil},
		{"scrape_pools", nil},
		{"query_exemplars", with(span, "query", "up")},
		{"status/buildinfo", nil},
		{"status/flags", nil},
		{"status/tsdb/blocks", nil},
	} {
		methods := []string{http.MethodGet}
		if strings.HasPrefix(c.path, "query") && c.path != "query_exemplars" || c.path == "series" || c.path == "labels" {
			methods = append(methods, http.MethodPost)
		}
		for _, method := range methods {
			t.Run(method+" "+c.path+"?"+c.form.Encode(), func(t *testing.T) {
				code, ours := ask(t, method, server.URL()+"/api/v1/"+c.path, c.form)
				wantCode, theirs := ask(t, method, official.URL+"/api/v1/"+c.path, c.form)
				require.Equal(t, wantCode, code, ours)
				require.JSONEq(t, ownWords.ReplaceAllString(theirs, ""), ours)
			})
		}
	}
}

// ownWords are what Prometheus says of some parameters beyond the usual.
var ownWords = regexp.MustCompile(`invalid time value for '\w+': `)

func ask(t *testing.T, method, address string, form url.Values) (code int, body string) {
	t.Helper()
	if method == http.MethodGet {
		return get(t, address+"?"+form.Encode())
	}
	response, err := http.PostForm(address, form)
	require.NoError(t, err)
	return read(t, response)
}

func recordHistograms(t *testing.T, server *promserver.Server, series labels.Labels, values ...*histogram.Histogram) {
	t.Helper()
	appender := server.DB.Appender(t.Context())
	for i, value := range values {
		_, err := appender.AppendHistogram(0, series, noon.Add(time.Duration(i)*time.Minute).UnixMilli(), value, nil)
		require.NoError(t, err)
	}
	require.NoError(t, appender.Commit())
}

// officialAPI is Prometheus' own, wired as its main program wires it without
// scraping, rules and alerting.
func officialAPI(t *testing.T, server *promserver.Server) http.Handler {
	const (
		admin, search, agent                    = false, false, false
		remoteWrite, otlpWrite                  = false, false
		otlpDelta, otlpNativeDelta              = false, false
		typeAndUnitLabels, metadata, queryCost  = false, false, false
		searchLimit                             = 0
		readSamples, readConcurrency, readFrame = 50_000_000, 10, 1 << 20
		lookback                                = 5 * time.Minute
	)
	router := route.New()
	apiv1.NewAPI(
		server.Engine, server.DB, nil, server.DB,
		func(context.Context) apiv1.ScrapePoolsRetriever { return absent{} },
		func(context.Context) apiv1.TargetRetriever { return absent{} },
		func(context.Context) apiv1.AlertmanagerRetriever { return absent{} },
		func() config.Config { return config.DefaultConfig },
		map[string]string{},
		apiv1.GlobalURLOptions{},
		func(h http.HandlerFunc) http.HandlerFunc { return h },
		statistics{server.DB}, t.TempDir(), admin, search, searchLimit, slog.New(slog.DiscardHandler),
		func(context.Context) apiv1.RulesRetriever { return absent{} },
		readSamples, readConcurrency, readFrame, agent, regexp.MustCompile("^$"),
		func() (apiv1.RuntimeInfo, error) { return apiv1.RuntimeInfo{}, nil },
		&apiv1.PrometheusVersion{Version: promserver.Version, Branch: "embedded", GoVersion: runtime.Version()},
		func() []notifications.Notification { return nil },
		func() (<-chan notifications.Notification, func(), bool) { return nil, nil, false },
		prometheus.NewRegistry(), prometheus.NewRegistry(), nil,
		remoteWrite, nil, otlpWrite, otlpDelta, otlpNativeDelta,
		lookback, typeAndUnitLabels, metadata, nil, features.NewRegistry(),
		apiv1.OpenAPIOptions{IncludePaths: []string{"/query"}}, parser.NewParser(parser.Options{}), queryCost, 0,
	).Register(router)
	return router
}

// absent is what there is of scraping, rules and alerting: nothing.
type absent struct{}

func (absent) ScrapePools() []string                       { return []string{} }
func (absent) TargetsActive() map[string][]*scrape.Target  { return nil }
func (absent) TargetsDropped() map[string][]*scrape.Target { return nil }
func (absent) TargetsDroppedCounts() map[string]int        { return map[string]int{} }
func (absent) Alertmanagers() []*url.URL                   { return nil }
func (absent) DroppedAlertmanagers() []*url.URL            { return nil }
func (absent) RuleGroups() []*rules.Group                  { return nil }
func (absent) AlertingRules() []*rules.AlertingRule        { return nil }
func (absent) ScrapePoolConfig(string) (*config.ScrapeConfig, error) {
	return nil, errors.New("nothing is scraped")
}

// statistics is the storage as the API's status pages ask for it.
type statistics struct{ *tsdb.DB }

func (s statistics) Stats(label string, limit int) (*tsdb.Stats, error) {
	return s.Head().Stats(label, limit), nil
}

func (s statistics) WALReplayStatus() (tsdb.WALReplayStatus, error) {
	return tsdb.WALReplayStatus{}, nil
}

func (s statistics) BlockMetas() ([]tsdb.BlockMeta, error) { return s.DB.BlockMetas(), nil }
