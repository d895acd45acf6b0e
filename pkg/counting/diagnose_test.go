package counting_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/proxy"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// end is when the samples of these tests end.
var end = time.Date(2026, 6, 3, 0, 0, 0, 0, time.UTC)

// scraped stores a day of samples up to end, one every interval, of each of the
// series; its value is of the number of the scrape, NaN where it is not there.
func scraped(t *testing.T, interval time.Duration, series map[string]func(i int) float64) (address string) {
	t.Helper()
	return served(t, promserver.Options{Dir: t.TempDir()}, interval, series)
}

func served(t *testing.T, o promserver.Options, interval time.Duration, series map[string]func(i int) float64) (address string) {
	t.Helper()
	server, err := promserver.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	app := server.DB.Appender(t.Context())
	for i := range int(24 * time.Hour / interval) {
		at := end.Add(time.Duration(i)*interval - 24*time.Hour + 7*time.Second)
		for name, value := range series {
			if math.IsNaN(value(i)) {
				continue
			}
			metric, err := parser.NewParser(parser.Options{}).ParseMetric(name)
			require.NoError(t, err)
			_, err = app.Append(0, metric, at.UnixMilli(), value(i))
			require.NoError(t, err)
		}
	}
	require.NoError(t, app.Commit())
	return server.URL()
}

func each(n float64) func(int) float64 { return func(i int) float64 { return n * float64(i) } }

// until is the counter while it is there.
func until(scrape int, counter func(int) float64) func(int) float64 {
	return func(i int) float64 {
		if i >= scrape {
			return math.NaN()
		}
		return counter(i)
	}
}

func service(t *testing.T, address string) *counting.Service {
	t.Helper()
	client, err := prometheus.New(address, nil, prometheus.Options{Probes: counting.Probes()})
	require.NoError(t, err)
	return counting.New(client, counting.Options{Now: func() time.Time { return end.Add(time.Minute) }})
}

func query(expr string) *agreement.Query {
	if expr == "" {
		return nil
	}
	return &agreement.Query{Expr: expr}
}

func ratio(good, bad, total string) *agreement.Objective {
	return &agreement.Objective{Name: "o", Target: 0.99, Budgeting: agreement.Occurrences,
		SLI: agreement.SLI{Kind: agreement.Ratio, Good: query(good), Bad: query(bad), Total: query(total)}}
}

// What only data can tell of the queries of an SLI is said with the mend: what
// cannot be as an error, in place of a figure, and what may be wrong with it.
func TestWhatOnlyDataCanTellOfQueriesIsSaid(t *testing.T) {
	address := scraped(t, 30*time.Second, map[string]func(int) float64{
		`http_requests_total{code="200",consumer="checkout"}`: each(15),
		`http_requests_total{code="500",consumer="checkout"}`: each(4),
		`http_requests_total{code="200",consumer="search"}`:   each(1),
		`gateway_failures_total{instance="z"}`:                each(1),
		`early_errors_total{region="eu",zone="a"}`:            each(1),
		`early_errors_total{region="it",zone="a"}`:            until(1000, each(1)),
		`calls_total{region="eu",zone="a"}`:                   each(9),
		`calls_total{region="us",zone="b"}`:                   each(9),
		`call_errors_total{region="eu",zone="b"}`:             each(1),
		`half_errors_total{region="eu"}`:                      each(1),
		`half_errors_total{pod="x"}`:                          each(1),
		`upper_errors_total{region="EU"}`:                     each(1),
		`upper_errors_total{region="us"}`:                     each(1),
		`other_errors_total{region="us"}`:                     each(1),
		`other_errors_total{region="nowhere"}`:                each(1),
		`latency_seconds_bucket{le="0.5"}`:                    each(16),
		`latency_seconds_bucket{le="+Inf"}`:                   each(20),
		`latency_seconds_count`:                               each(20),
		`rtt_seconds_count`:                                   each(2),
		`queue_depth`:                                         func(i int) float64 { return float64(3 + i*7%10) },
		`twice_total`:                                         func(i int) float64 { return float64(1000*(i%2) + i) },
		`batch_requests_sum`:                                  func(int) float64 { return 60 },
		`up`:                                                  func(int) float64 { return 1 },
	})
	const all = "sum(rate(http_requests_total[5m]))"
	tests := []struct {
		name            string
		objective       *agreement.Objective
		selects         map[string]string
		groupBy         []string
		severity, field string
		want            []string // empty: nothing is said
	}{
		{name: "a part of the total", objective: ratio("", `http_requests_total{code="500"}`, all)},
		{name: "a bucket as bad", objective: ratio("", `latency_seconds_bucket{le="+Inf"} + http_requests_total{code="500"}`, "latency_seconds_count"), severity: "error", field: "bad",
			want: []string{"bad cannot be: 69096 bad of 57580 in all from 2026-06-02T00:00:00Z to 2026-06-03T00:00:00Z", "bad must be a part"}},
		{name: "a difference the wrong way round", objective: ratio("", `latency_seconds_bucket{le="0.5"} - latency_seconds_bucket{le="+Inf"}`, "latency_seconds_count"), severity: "error", field: "bad",
			want: []string{"bad cannot be: -11516 bad of 57580 in all", "check which of them is the larger"}},
		{name: "a total that gains nothing", objective: ratio("", `http_requests_total{code="500"}`, "batch_requests_sum"), severity: "error", field: "bad",
			want: []string{"bad cannot be: 11516 bad of 0 in all", "where samples are counts of a period, say counter: false"}},
		{name: "a total below zero", objective: ratio("", `http_requests_total{code="500"}`, `http_requests_total{code="500"} - http_requests_total`), severity: "error", field: "bad",
			want: []string{"bad cannot be: 11516 bad of -46064 in all", "total is below zero, which no count is: check its query"}},
		{name: "good beyond total", objective: ratio("http_requests_total", "", `http_requests_total{code="500"}`), severity: "error", field: "good",
			want: []string{"good cannot be: 57580 good of 11516 in all", "good must be a part"}},
		{name: "grouped by a label of the total only", objective: ratio("", "gateway_failures_total", all), groupBy: []string{"consumer"}, severity: "error", field: "groupBy",
			want: []string{"groupBy consumer: no series of the bad query has that label, which those of total have"}},
		{name: "selected by a label of the total only", objective: ratio("", "gateway_failures_total", all), selects: map[string]string{"consumer": "checkout"}, severity: "error", field: "select",
			want: []string{`select consumer="checkout": no series of the bad query has the label consumer`}},
		{name: "a group without errors yet", objective: ratio("", `http_requests_total{code="500"}`, all), selects: map[string]string{"consumer": "search"}},
		{name: "selected by a value that is written in another way", objective: ratio("", "upper_errors_total", "calls_total"), selects: map[string]string{"region": "eu"}, severity: "error", field: "select",
			want: []string{`select region="eu": the bad query has "EU", which total lacks`}},
		{name: "a group without errors yet beside one that is none", objective: ratio("", "other_errors_total", "calls_total"), selects: map[string]string{"region": "eu"}},
		{name: "selected by a label of some of the series", objective: ratio("", "half_errors_total", "calls_total"), selects: map[string]string{"region": "us"}, severity: "error", field: "select",
			want: []string{`select region="us": the bad query has series without that label, which total lacks`}},
		{name: "grouped by a label of some of the series", objective: ratio("", "half_errors_total", "calls_total"), groupBy: []string{"region"}, severity: "error", field: "groupBy",
			want: []string{"groupBy region: the bad query has series without that label, which total lacks"}},
		{name: "one of two metrics that nothing is named", objective: ratio("", `http_requests_total{code="500"} + zzz`, all), severity: "warning", field: "bad",
			want: []string{"no series match the bad query: none is named zzz, so none of its events are counted as bad"}},
		{name: "a group that the total lacks", objective: ratio("", "http_requests_total", `http_requests_total{code="500"}`), groupBy: []string{"consumer"}, severity: "error", field: "groupBy",
			want: []string{`groupBy consumer: the bad query has "search", which total lacks`}},
		{name: "a group that the total lacks, hours ago", objective: ratio("", "early_errors_total", "calls_total"), groupBy: []string{"region"}, severity: "error", field: "groupBy",
			want: []string{`groupBy region: the bad query has events of region="it", of which total has no series`}},
		{name: "labels in groups that the total lacks", objective: ratio("", "call_errors_total", "calls_total"), groupBy: []string{"region", "zone"}, severity: "error", field: "groupBy",
			want: []string{`groupBy region, zone: the bad query has events of region="eu",zone="b", of which total has no series`}},
		{name: "a histogram without buckets", objective: ratio(`rtt_seconds_bucket{le="0.5"}`, "", "rtt_seconds_count"), severity: "error", field: "good",
			want: []string{`no series match the bucket rtt_seconds_bucket{le="0.5"}, though there are some of the total`}},
		{name: "grouped by a label of nothing", objective: ratio("", `http_requests_total{code="500"}`, all), groupBy: []string{"region"}, severity: "warning", field: "groupBy",
			want: []string{`groupBy region: no series of the total query has that label; it has "code", "consumer"`}},
		{name: "a mistyped metric", objective: ratio("", "gateway_failuers_total", all), severity: "warning", field: "bad",
			want: []string{"no series match the bad query: none is named gateway_failuers_total (did you mean gateway_failures_total?), so none of its events are counted as bad"}},
		{name: "a label that the metric lacks", objective: ratio("", `http_requests_total{status=~"5.."}`, all), severity: "warning", field: "bad",
			want: []string{`http_requests_total has no label status; it has "code", "consumer"`}},
		{name: "a value that never occurs", objective: ratio("", `http_requests_total{code="501"}`, all), severity: "warning", field: "bad",
			want: []string{`http_requests_total has no code="501", only "200", "500" (did you mean 500?)`}},
		{name: "a total that matches nothing", objective: ratio("", `http_requests_total{code="500"}`, `http_requests_total{consumer="serach"}`), severity: "warning", field: "total",
			want: []string{`no series match the total query: http_requests_total has no consumer="serach", only "checkout", "search" (did you mean search?)`}},
		{name: "a gauge as a counter", objective: ratio("", `http_requests_total{code="500"}`, "sum(queue_depth)"), severity: "warning", field: "total",
			want: []string{"total query: queue_depth fell", "times within an hour", "it is a gauge, its samples are counts of a period (counter: false), or two programs write one series"}},
		{name: "two writers of one series", objective: ratio("", `http_requests_total{code="404"}`, "twice_total"), severity: "warning", field: "total",
			want: []string{"total query: twice_total fell 59 times within an hour"}},
		{name: "a threshold on nothing", objective: &agreement.Objective{Name: "o", Op: agreement.GreaterOrEqual, Value: 1, Budgeting: agreement.Occurrences,
			SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: query("min(queue_dept)")}}, severity: "warning", field: "threshold",
			want: []string{"no series match the threshold query: none is named queue_dept (did you mean queue_depth?)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := service(t, address)
			tt.objective.Select, tt.objective.GroupBy = tt.selects, tt.groupBy
			found, err := s.Diagnose(t.Context(), tt.objective, end.Add(-24*time.Hour), end)
			require.NoError(t, err)
			result, err := s.Count(t.Context(), tt.objective, end.Add(-24*time.Hour), end)
			if len(tt.want) == 0 {
				assert.Empty(t, found)
				require.NoError(t, err)
				assert.Empty(t, result.Warnings)
				return
			}
			i := len(found)
			for j, finding := range found {
				if string(finding.Severity) == tt.severity && finding.Field == tt.field {
					i = j
				}
			}
			require.Less(t, i, len(found), "%v", found)
			said := found[i].Text
			for _, want := range tt.want {
				assert.Contains(t, said, want)
			}
			switch {
			case tt.severity == string(problem.Error):
				assert.ErrorContains(t, err, said, "no figure")
			default:
				require.NoError(t, err)
				assert.Contains(t, append(result.Warnings, result.Missing), said, "beside the figure")
			}
		})
	}
}

// The counts of slots that are cut are told in no more digits than anybody reads.
func TestCountsOfCutSlotsAreRounded(t *testing.T) {
	s := service(t, scraped(t, 30*time.Second, map[string]func(int) float64{"good_total": each(2), "all_total": each(1)}))
	found, err := s.Diagnose(t.Context(), ratio("good_total", "", "all_total"), end.Add(-23*time.Hour-77*time.Second), end.Add(-time.Hour-31*time.Second))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	assert.Regexp(t, `^good cannot be: \d+(\.\d{1,3})? good of \d+(\.\d{1,3})? in all `, found[0].Text)
}

// Samples that are counts of a period are added up; what looks like the other kind
// is told.
func TestSamplesThatAreCountsOfAPeriod(t *testing.T) {
	address := scraped(t, time.Minute, map[string]func(int) float64{
		`requests_sum{lb="flat"}`: func(int) float64 { return 600 },
		`errors_sum{lb="flat"}`: func(i int) float64 {
			if i >= 360 && i < 420 {
				return 60
			}
			return 0
		},
		"requests_total": each(600),
	})
	s := service(t, address)
	o := ratio("", "sum(errors_sum)", "sum_over_time(requests_sum[5m])")
	o.SLI.PerPeriod = true
	from := end.Add(-24 * time.Hour)
	result, err := s.Count(t.Context(), o, from, end)
	require.NoError(t, err)
	sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
	assert.Equal(t, [2]float64{864_000, 3_600}, [2]float64{sum.Total, sum.Bad})
	assert.Empty(t, result.Warnings)

	o = ratio("", "sum(errors_sum)", "requests_total")
	o.SLI.PerPeriod = true
	found, err := s.Diagnose(t.Context(), o, from, end)
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Text, "total query: requests_total rose 59 times within an hour and never fell, as a counter does")
}

// A scrape that is slower than the lookback is told with its interval, where not
// the samples themselves are counted.
func TestASlowScrapeIsTold(t *testing.T) {
	o := ratio("", "errors_total", "requests_total")
	threshold := &agreement.Objective{Name: "o", Op: agreement.GreaterOrEqual, Value: 1, Budgeting: agreement.Occurrences,
		SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: query("min(requests_total)")}}
	from := end.Add(-24 * time.Hour)
	for interval, want := range map[time.Duration]string{
		5 * time.Minute: "", 6 * time.Minute: "samples are 6m apart, more than 5m, and ", 10 * time.Minute: "samples are 10m apart, more than 5m, and ",
		time.Hour: "samples are 1h apart, more than 5m, and "} {
		queried := promserver.Options{Dir: t.TempDir(), WithoutRead: true}
		s := service(t, served(t, queried, interval, map[string]func(int) float64{"requests_total": each(600), "errors_total": each(30)}))
		for _, asked := range []*agreement.Objective{o, threshold} {
			result, err := s.Count(t.Context(), asked, from, end)
			require.NoError(t, err)
			if want == "" {
				assert.Empty(t, result.Warnings, "%s", interval)
				continue
			}
			assert.Contains(t, strings.Join(append(result.Warnings, result.Missing), " "), want)
			if interval == 10*time.Minute && asked == o {
				assert.Contains(t, result.Missing, want, "why there are no events")
			}
		}
	}
}

// A window that was left open is a minute, which a slower scrape leaves without a
// value: that is told, and the minutes in between are no good ones.
func TestASlowScrapeOfAnOpenWindowIsTold(t *testing.T) {
	from := end.Add(-6 * time.Hour)
	for interval, want := range map[time.Duration]string{time.Minute: "",
		2 * time.Minute: "samples are 2m apart, more than 1m, and the minutes in between are unknown: scrape more often, or write the range that is left open"} {
		s := service(t, scraped(t, interval, map[string]func(int) float64{"requests_total": each(600)}))
		for _, expr := range []string{"sum(rate(requests_total[$__rate_interval]))", "min(min_over_time(requests_total[{{.window}}]))"} {
			o := &agreement.Objective{Name: "o", Op: agreement.GreaterOrEqual, Value: 0, Budgeting: agreement.Occurrences,
				SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: query(expr)}}
			result, err := s.Count(t.Context(), o, from, end)
			require.NoError(t, err)
			sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
			assert.InDelta(t, end.Sub(from).Seconds()*float64(time.Minute)/float64(interval), sum.Total, 60, "%s each %s", expr, interval)
			if want == "" {
				assert.Empty(t, result.Warnings, expr)
			} else {
				assert.Contains(t, result.Warnings, want, expr)
			}
		}
	}
}

// Labels have any names, in select and in groupBy.
func TestLabelsOfAnyCharacters(t *testing.T) {
	address := scraped(t, time.Minute, map[string]func(int) float64{
		`requests_total{"service.name"="shop","köln"="a b"}`: each(10),
		`requests_total{"service.name"="cart","köln"="c"}`:   each(20),
		`errors_total{"service.name"="shop","köln"="a b"}`:   each(1),
	})
	s := service(t, address)
	from := end.Add(-24 * time.Hour)
	o := ratio("", "errors_total", "sum by (job) (rate(requests_total[5m]))")
	o.GroupBy, o.Select = []string{"service.name", "köln"}, map[string]string{"köln": "a b"}
	up := &agreement.Objective{Name: "o", Op: agreement.GreaterOrEqual, Budgeting: agreement.Occurrences, GroupBy: o.GroupBy, Select: o.Select,
		SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: query("sum by (job) (requests_total)")}}
	for _, asked := range []*agreement.Objective{o, up} {
		result, err := s.Count(t.Context(), asked, from, end)
		require.NoError(t, err)
		groups := result.Groups(from, end)
		require.Len(t, groups, 1)
		assert.Equal(t, map[string]string{"service.name": "shop", "köln": "a b"}, groups[0].Labels)
		assert.Empty(t, result.Warnings)
	}
}

// What a server does not answer of its metadata harms no figure, and what it says
// is asked once an hour.
func TestDiagnosisIsAskedOnceAnHourAndHarmsNoFigure(t *testing.T) {
	address := scraped(t, 30*time.Second, map[string]func(int) float64{"requests_total": each(10), "errors_total": func(int) float64 { return 0 }})
	asked, broken := atomic.Int64{}, atomic.Bool{}
	answering := proxy.New(t, address, func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		text := r.FormValue("query")
		aside := !strings.HasSuffix(r.URL.Path, "query") && !strings.HasSuffix(r.URL.Path, "query_range") && !strings.HasSuffix(r.URL.Path, "buildinfo") ||
			strings.Contains(text, "[1h]") || strings.Contains(text, "[1d]")
		switch {
		case strings.HasSuffix(r.URL.Path, "/read"):
			http.NotFound(w, r)
		case aside && broken.Load():
			http.Error(w, "the query time range exceeds the limit", http.StatusUnprocessableEntity)
		case strings.HasSuffix(r.URL.Path, "/metadata"):
			asked.Add(1)
			fmt.Fprint(w, `{"status":"success","data":{"requests_total":[{"type":"gauge","help":"","unit":""}]}}`)
		default:
			if aside {
				asked.Add(1)
			}
			return false
		}
		return true
	})
	from := end.Add(-24 * time.Hour)
	s, o := service(t, answering.URL), ratio("", "errors_total", "requests_total")
	for range 3 {
		result, err := s.Count(t.Context(), o, from, end)
		require.NoError(t, err)
		require.Len(t, result.Warnings, 1)
		assert.Contains(t, result.Warnings[0], "total query: requests_total is a gauge, as its metadata say")
	}
	assert.LessOrEqual(t, asked.Load(), int64(6), "for three results")

	broken.Store(true)
	result, err := service(t, answering.URL).Count(t.Context(), o, from, end)
	require.NoError(t, err)
	assert.Empty(t, result.Warnings)
	assert.Equal(t, 28_790.0, result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli()).Total)
}

func TestAServerOfTenantsGetsAHint(t *testing.T) {
	for application, want := range map[string]bool{"Grafana Mimir": true, "": false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/read"):
				http.NotFound(w, r)
			case strings.HasSuffix(r.URL.Path, "/buildinfo"):
				_, _ = w.Write([]byte(`{"status":"success","data":{"application":"` + application + `","version":"3.0.5"}}`))
			case strings.HasSuffix(r.URL.Path, "/query") || strings.HasSuffix(r.URL.Path, "/query_range"):
				_, _ = w.Write([]byte(`{"status":"success","data":{"result":[]}}`))
			default:
				_, _ = w.Write([]byte(`{"status":"success","data":[]}`))
			}
		}))
		t.Cleanup(server.Close)
		found, err := service(t, server.URL).Diagnose(t.Context(), ratio("", "errors_total", "requests_total"), end.Add(-time.Hour), end)
		require.NoError(t, err)
		require.NotEmpty(t, found)
		require.Equal(t, want, strings.Contains(found[0].Text, "X-Scope-OrgID"), found)
	}
}
