package counting_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/proxy"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/sli"
)

// native serves a native histogram, of which each minute 4 observations lie in
// (0.5, 1], 2 in (1, 2] and 1 in (2, 4]; it restarts after 90 minutes.
func native(t *testing.T, o promserver.Options) (address string) {
	t.Helper()
	o.Dir = t.TempDir()
	server, err := promserver.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	app := server.DB.Appender(t.Context())
	for i := range int64(180) {
		n := i % 90
		h := &histogram.Histogram{Schema: 0, ZeroThreshold: 1e-9, Count: uint64(7 * n), Sum: float64(9 * n),
			PositiveSpans: []histogram.Span{{Offset: 0, Length: 3}}, PositiveBuckets: []int64{4 * n, -2 * n, -n}}
		at := end.Add(time.Duration(i-180)*time.Minute + 7*time.Second)
		_, err = app.AppendHistogram(0, labels.FromStrings("__name__", "latency", "job", "api", "instance", "a"), at.UnixMilli(), h, nil)
		require.NoError(t, err)
	}
	require.NoError(t, app.Commit())
	return server.URL()
}

func TestNativeHistogramsAreCountedFromTheSamplesAsByQueries(t *testing.T) {
	sampled, queried := service(t, native(t, promserver.Options{})), service(t, native(t, promserver.Options{WithoutRead: true}))
	for below, good := range map[float64]float64{1: 4, 2: 6, 4: 7, 0.5: 0} {
		o := ratio("", "", "")
		o.SLI = agreement.SLI{Kind: agreement.Ratio, Good: &agreement.Query{Histogram: `latency{job="api"}`, Below: below},
			Total: &agreement.Query{Histogram: `latency{job="api"}`}}
		from := end.Add(-2 * time.Hour)
		exact, err := sampled.Count(t.Context(), o, from, end)
		require.NoError(t, err)
		assert.Equal(t, sli.Samples, exact.Method)
		sum := exact.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
		assert.InDelta(t, 7*119, sum.Total, 1e-9, "all but what would have come between the last sample and the restart")
		assert.InDelta(t, (7-good)*119, sum.Bad, 1e-9)

		before := end.Add(-95 * time.Minute) // neither method loses anything there
		byQueries, err := queried.Count(t.Context(), o, from, before)
		require.NoError(t, err)
		assert.NotEqual(t, sli.Samples, byQueries.Method)
		want := byQueries.Groups(from, before)[0].View.Sum(from.UnixMilli(), before.UnixMilli())
		got := exact.Groups(from, end)[0].View.Sum(from.UnixMilli(), before.UnixMilli())
		assert.InDelta(t, want.Total, got.Total, 1e-9)
		assert.InDelta(t, want.Bad, got.Bad, 1e-9)
	}
}

// A native histogram has no number of which a counter could be read: that is said, by
// the samples as by queries.
func TestANativeHistogramIsNoCounter(t *testing.T) {
	for _, o := range []promserver.Options{{}, {WithoutRead: true}} {
		_, err := service(t, native(t, o)).Count(t.Context(), ratio("", `latency{code="500"}`, "latency"), end.Add(-2*time.Hour), end)
		assert.ErrorContains(t, err, "ask for histogram_count or histogram_fraction of")
	}
}

// An interpolated bucket is the one that histogram_fraction tells.
func TestABucketIsInterpolatedAsByQueries(t *testing.T) {
	sampled, queried := service(t, native(t, promserver.Options{})), service(t, native(t, promserver.Options{WithoutRead: true}))
	o := ratio("", "", "")
	o.SLI = agreement.SLI{Kind: agreement.Ratio, Good: &agreement.Query{Histogram: "latency", Below: 1.3}, Total: &agreement.Query{Histogram: "latency"}}
	from, to := end.Add(-60*time.Minute), end.Add(-5*time.Minute)
	var bad []float64
	for _, s := range []*counting.Service{sampled, queried} {
		result, err := s.Count(t.Context(), o, from, to)
		require.NoError(t, err)
		assert.Contains(t, fmt.Sprint(result.Notes), "interpolated: 1.3 lies inside a bucket")
		bad = append(bad, result.Groups(from, to)[0].View.Sum(from.UnixMilli(), to.UnixMilli()).Bad)
	}
	assert.Positive(t, bad[0])
	assert.InDelta(t, bad[1], bad[0], 1e-6)

	o.SLI.Good, o.SLI.Bad = nil, query("histogram_fraction(1.3, +Inf, latency) * histogram_count(latency)")
	result, err := sampled.Count(t.Context(), o, from, to)
	require.NoError(t, err)
	assert.Contains(t, fmt.Sprint(result.Notes), "interpolated: 1.3 lies inside a bucket", "what is above the threshold")
}

// Powers of two are bounds of a native histogram on both sides of zero.
func TestOnlyAThresholdInsideABucketIsInterpolated(t *testing.T) {
	s := service(t, native(t, promserver.Options{}))
	for _, threshold := range []string{"0.25", "-0.25", "2", "-2"} {
		o := ratio("", fmt.Sprintf("histogram_fraction(%s, +Inf, latency) * histogram_count(latency)", threshold), "histogram_count(latency)")
		result, err := s.Count(t.Context(), o, end.Add(-time.Hour), end)
		require.NoError(t, err)
		assert.NotContains(t, fmt.Sprint(result.Notes), "interpolated", threshold)
	}
}

// Two hundred agreements of one template cost as many requests as one, by each
// method, and count the same as each alone.
func TestObjectivesOfOneTemplateAreReadTogether(t *testing.T) {
	series := map[string]func(int) float64{}
	for i := range 200 {
		name := fmt.Sprintf("{service=\"s%d\",code=\"200\"}", i)
		series["requests_total"+name] = each(float64(i + 1))
		series["requests_total"+strings.Replace(name, "200", "500", 1)] = each(float64(i%7 + 1))
	}
	for _, withoutRead := range []bool{false, true} {
		t.Run(fmt.Sprintf("without remote read %t", withoutRead), func(t *testing.T) {
			address := served(t, promserver.Options{Dir: t.TempDir(), WithoutRead: withoutRead}, time.Minute, series)
			var requests atomic.Int64
			counter := proxy.New(t, address, func(http.ResponseWriter, *http.Request, []byte) bool {
				requests.Add(1)
				return false
			})
			from := end.Add(-12 * time.Hour)
			var asks []counting.Ask
			for i := range 200 {
				o := ratio("", fmt.Sprintf(`requests_total{service="s%d",code="500"}`, i), fmt.Sprintf(`requests_total{service="s%d"}`, i))
				asks = append(asks, counting.Ask{Objective: o, From: from, To: end})
			}
			s, alone := service(t, counter.URL), service(t, address)
			_, err := s.Capabilities(t.Context())
			require.NoError(t, err)
			_, err = s.Count(t.Context(), asks[0].Objective, end.Add(-2*time.Hour), end) // so that it needs less than the others
			require.NoError(t, err)
			requests.Store(0)
			ahead := s.CountAhead(t.Context(), asks)
			for i, ask := range asks {
				ahead.Wait(t.Context(), ask.Objective)
				together, err := s.Count(t.Context(), ask.Objective, from, end)
				require.NoError(t, err)
				got := together.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
				assert.InDelta(t, 720*(i+1+i%7+1), got.Total, 1e-9)
				assert.InDelta(t, 720*(i%7+1), got.Bad, 1e-9)
				if i%50 == 0 {
					single, err := alone.Count(t.Context(), ask.Objective, from, end)
					require.NoError(t, err)
					assert.Equal(t, single.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli()), got)
				}
			}
			assert.LessOrEqual(t, requests.Load(), int64(12))
			assert.Positive(t, ahead.Cost().Requests)
		})
	}
}

// Selectors of one metric that look at different times are read apart.
func TestWhatIsOffsetIsReadApart(t *testing.T) {
	hour := 60
	address := served(t, promserver.Options{Dir: t.TempDir()}, time.Minute, map[string]func(int) float64{
		`requests_total{service="a"}`: func(i int) float64 { return float64(i * i) },
		`requests_total{service="b"}`: func(i int) float64 { return float64(i * i) },
	})
	var asks []counting.Ask
	for _, total := range []string{`requests_total{service="a"}`, `requests_total{service="b"} offset 1h`} {
		asks = append(asks, counting.Ask{Objective: ratio("", `requests_total{service="none"}`, total), From: end.Add(-3 * time.Hour), To: end.Add(-2 * time.Hour)})
	}
	s := service(t, address)
	ahead := s.CountAhead(t.Context(), asks)
	for i, ask := range asks {
		ahead.Wait(t.Context(), ask.Objective)
		result, err := s.Count(t.Context(), ask.Objective, ask.From, ask.To)
		require.NoError(t, err)
		last := (22-i)*hour - 1 // a sample comes seven seconds after each minute
		want := last*last - (last-hour)*(last-hour)
		assert.InDelta(t, want, result.Groups(ask.From, ask.To)[0].View.Sum(ask.From.UnixMilli(), ask.To.UnixMilli()).Total, 1e-9)
	}
}

// What a server refuses for one of many SLIs costs some requests more, not one for
// each of the others.
func TestARefusedSetIsDividedUntilTheOneAtFaultIsAlone(t *testing.T) {
	series := map[string]func(int) float64{}
	for i := range 100 {
		series[fmt.Sprintf("requests_total{service=\"s%d\"}", i)] = each(4)
		series[fmt.Sprintf("errors_total{service=\"s%d\"}", i)] = each(1)
	}
	for _, withoutRead := range []bool{false, true} {
		address := served(t, promserver.Options{Dir: t.TempDir(), WithoutRead: withoutRead}, time.Minute, series)
		var requests atomic.Int64
		refusing := proxy.New(t, address, func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
			requests.Add(1)
			asked := string(body)
			if plain, err := snappy.Decode(nil, body); err == nil {
				asked = string(plain)
			}
			refused := strings.Contains(asked, "s77")
			if refused {
				http.Error(w, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory"}`, http.StatusUnprocessableEntity)
			}
			return refused
		})
		var asks []counting.Ask
		for i := range 100 {
			asks = append(asks, counting.Ask{From: end.Add(-2 * time.Hour), To: end,
				Objective: ratio("", fmt.Sprintf(`errors_total{service="s%d"}`, i), fmt.Sprintf(`requests_total{service="s%d"}`, i))})
		}
		s := service(t, refusing.URL)
		ahead := s.CountAhead(t.Context(), asks)
		for i, ask := range asks {
			ahead.Wait(t.Context(), ask.Objective)
			if i == 77 {
				continue
			}
			result, err := s.Count(t.Context(), ask.Objective, ask.From, end)
			require.NoError(t, err)
			assert.InDelta(t, 480, result.Groups(ask.From, end)[0].View.Sum(ask.From.UnixMilli(), end.UnixMilli()).Total, 1e-9)
		}
		assert.Less(t, requests.Load(), int64(100), "without remote read %t", withoutRead)
		_, err := s.Count(t.Context(), asks[77].Objective, asks[77].From, end)
		require.ErrorContains(t, err, "too many samples")
	}
}

// What counts of one series is what it gained between samples at most a day apart,
// the whole after a restart, and a first sample where its series is known to have
// begun at zero.
func TestASeriesIsCountedByItsSamples(t *testing.T) {
	const minutes = 24 * 60
	has := func(value func(i int) float64, in func(i int) bool) func(int) float64 {
		return func(i int) float64 {
			if !in(i) {
				return math.NaN()
			}
			return value(i)
		}
	}
	constant := func(value float64) func(int) float64 { return func(int) float64 { return value } }
	after := func(begin int) func(int) bool { return func(i int) bool { return i >= begin } }
	sibling := `requests_total{job="api",code="200"}`
	for name, c := range map[string]struct {
		series   map[string]func(int) float64
		total    float64
		measured time.Duration
		note     string
	}{
		"a new child of a running program": {total: 5, measured: time.Hour,
			series: map[string]func(int) float64{sibling: constant(100), `requests_total{job="api",code="500"}`: has(constant(5), after(minutes-30))}},
		"one of nobody knows what": {total: 0, measured: 30 * time.Minute, note: "the first samples of 1 series began with, 5000000 in all",
			series: map[string]func(int) float64{`requests_total{job="other"}`: constant(100), `requests_total{job="api",code="500"}`: has(constant(5e6), after(minutes-30))}},
		"a restart": {total: 30 + 29, measured: time.Hour,
			series: map[string]func(int) float64{sibling: func(i int) float64 {
				if i < minutes-30 {
					return float64(i)
				}
				return float64(i - minutes + 30)
			}}},
		"a gap of hours before the time that is asked for": {total: float64(20*60 + 30), measured: 30 * time.Minute,
			series: map[string]func(int) float64{sibling: has(each(1), func(i int) bool { return i < minutes-30-20*60 || i >= minutes-30 })}},
		"a restart in such a gap": {total: 7 + 29, measured: 30 * time.Minute,
			series: map[string]func(int) float64{sibling: has(func(i int) float64 {
				if i >= minutes-30 {
					return float64(7 + i - (minutes - 30))
				}
				return float64(1000 + i)
			}, func(i int) bool { return i < minutes-30-20*60 || i >= minutes-30 })}},
	} {
		t.Run(name, func(t *testing.T) {
			from := end.Add(-time.Hour)
			result, err := service(t, scraped(t, time.Minute, c.series)).Count(t.Context(), ratio("", "failures_total", `requests_total{job="api"}`), from, end)
			require.NoError(t, err)
			sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
			assert.InDelta(t, c.total, sum.Total, 1e-9)
			assert.Equal(t, c.measured.Seconds(), sum.Measured)
			assert.Contains(t, fmt.Sprint(result.Notes), c.note)
		})
	}
}

// What one side gained while it was no number counts for neither: the other side
// has not counted that time.
func TestWhatACounterGainedWhileItWasNoNumberIsUnknown(t *testing.T) {
	const minutes = 24 * 60
	for _, lost := range [][2]int{{minutes - 50, minutes - 30}, {minutes - 60 - 20*60, minutes - 61}} {
		address := scraped(t, time.Minute, map[string]func(int) float64{"all_total": each(10), "errors_total": func(i int) float64 {
			if i >= lost[0] && i <= lost[1] {
				return math.Inf(1)
			}
			return float64(i)
		}})
		from := end.Add(-time.Hour)
		for part, o := range map[string]*agreement.Objective{"bad": ratio("", "errors_total", "all_total"), "total": ratio("", "all_total", "errors_total*1 + all_total*1")} {
			result, err := service(t, address).Count(t.Context(), o, from, end)
			require.NoError(t, err)
			sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
			assert.InDelta(t, map[string]float64{"bad": 1.0 / 10, "total": 10.0 / 11}[part], sum.Bad/sum.Total, 1e-9, "no number from %d to %d, %s", lost[0], lost[1], part)
		}
	}
}

// So it is with a native histogram, whose count is no number where it is beyond all counts.
func TestWhatAHistogramGainedWhileItWasNoNumberIsUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		lost, gone, back int64 // minutes of three hours, of which the last is counted
		measured         time.Duration
	}{
		"in five slots, and in the one with the next sample": {lost: 130, gone: 155, back: 155, measured: 30 * time.Minute},
		"before a gap": {lost: 90, gone: 100, back: 130, measured: 45 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := promserver.Start(promserver.Options{Dir: t.TempDir()})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, server.Close()) })
			app := server.DB.Appender(t.Context())
			for i := range int64(180) {
				at, n := end.Add(time.Duration(i-180)*time.Minute+7*time.Second).UnixMilli(), 10*i
				if i >= c.lost && i < c.gone {
					n = 1 << 60
				}
				if i < c.gone || i >= c.back {
					h := &histogram.Histogram{Count: uint64(n), PositiveSpans: []histogram.Span{{Length: 1}}, PositiveBuckets: []int64{n}}
					_, err = app.AppendHistogram(0, labels.FromStrings("__name__", "latency"), at, h, nil)
					require.NoError(t, err)
				}
				_, err = app.Append(0, labels.FromStrings("__name__", "errors_total"), at, float64(i))
				require.NoError(t, err)
			}
			require.NoError(t, app.Commit())
			from := end.Add(-time.Hour)
			result, err := service(t, server.URL()).Count(t.Context(), ratio("", "errors_total", "histogram_count(latency)"), from, end)
			require.NoError(t, err)
			sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
			assert.InDelta(t, 1.0/10, sum.Bad/sum.Total, 1e-9)
			assert.Equal(t, c.measured.Seconds(), sum.Measured)
		})
	}
}

// What counts of a period were before does not matter: nothing is looked back for.
func TestCountsOfAPeriodAreReadOnce(t *testing.T) {
	address := scraped(t, 10*time.Minute, map[string]func(int) float64{
		`lb_sum{code="200"}`: func(int) float64 { return 90 }, `lb_sum{code="500"}`: func(int) float64 { return 10 }})
	for counter, most := range map[bool]int{true: 2, false: 1} {
		o := ratio("", `lb_sum{code="500"}`, "lb_sum")
		o.SLI.PerPeriod = !counter
		result, err := service(t, address).Count(t.Context(), o, end.Add(-2*time.Hour), end.Add(-time.Hour))
		require.NoError(t, err)
		assert.Equal(t, most, result.Cost.Requests, "counter %t", counter)
	}
}

// A classic histogram that was converted on scraping has its own bounds, few of which are powers of two.
func TestAThresholdIsComparedWithTheBoundsOfCustomBuckets(t *testing.T) {
	server, err := promserver.Start(promserver.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	app := server.DB.Appender(t.Context())
	for n := range int64(120) {
		h := &histogram.Histogram{Schema: histogram.CustomBucketsSchema, CustomValues: []float64{0.1, 0.3, 1}, Count: uint64(6 * n), Sum: float64(n),
			PositiveSpans: []histogram.Span{{Offset: 0, Length: 3}}, PositiveBuckets: []int64{n, n, n}} // 1, 2 and 3 a minute
		_, err = app.AppendHistogram(0, labels.FromStrings("__name__", "latency"), end.Add(time.Duration(n-120)*time.Minute).UnixMilli(), h, nil)
		require.NoError(t, err)
	}
	require.NoError(t, app.Commit())
	s, from := service(t, server.URL()), end.Add(-time.Hour)
	for below, want := range map[float64]struct {
		bad  float64
		said string
	}{0.3: {bad: 3}, 1: {}, 0.5: {3 * 5.0 / 7, "interpolated: 0.5 lies inside a bucket of the native histogram"}} {
		o := ratio("", "", "")
		o.SLI = agreement.SLI{Kind: agreement.Ratio, Good: &agreement.Query{Histogram: "latency", Below: below}, Total: &agreement.Query{Histogram: "latency"}}
		for range 2 { // counted, and remembered
			result, err := s.Count(t.Context(), o, from, end)
			require.NoError(t, err)
			sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
			assert.InDelta(t, want.bad, sum.Bad*6/sum.Total, 1e-9, "%v", below)
			assert.Equal(t, want.said, strings.Join(result.Notes, "; "), "%v", below)
		}
	}
}
