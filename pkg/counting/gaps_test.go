package counting_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/proxy"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/sli"
)

// What is there for a part of the window only is said: nobody measured the rest.
func TestWhatIsThereForAPartOfTheTimeIsSaid(t *testing.T) {
	where := func(there func(int) bool, counter func(int) float64) func(int) float64 {
		return func(i int) float64 {
			if !there(i) {
				return math.NaN()
			}
			return counter(i)
		}
	}
	later := func(i int) bool { return i >= 2400 }
	one := func(int) float64 { return 1 }
	address := scraped(t, 30*time.Second, map[string]func(int) float64{
		`calls_total{code="200"}`:     until(2400, each(9)),
		`calls_total{code="500"}`:     until(2400, each(1)),
		`calls_total{status="200"}`:   where(later, each(9)),
		`calls_total{status="500"}`:   where(later, each(1)),
		`all_total`:                   each(10),
		`good_total`:                  until(2400, each(10)),
		`error_total{code="503"}`:     until(2400, each(1)),
		`error_total{code="200"}`:     each(1),
		`alive`:                       until(960, one),
		`x_seconds_count`:             each(1),
		`x_seconds_bucket{le="0.3"}`:  until(2400, each(1)),
		`x_seconds_bucket{le="0.25"}`: where(later, each(1)),
		`slow_total`:                  where(func(i int) bool { return i%20 == 0 }, each(1)),
	})
	gauge := func(kind agreement.SLIKind, expr string) *agreement.Objective {
		return &agreement.Objective{Name: "o", Op: agreement.GreaterOrEqual, Value: 1, Budgeting: agreement.Occurrences, SLI: agreement.SLI{Kind: kind, Gauge: query(expr)}}
	}
	grouped := gauge(agreement.RawFailure, `sum by (code) (rate(error_total{code="503"}[5m])) / sum by (code) (rate(error_total[5m]))`)
	grouped.GroupBy = []string{"code"}
	for name, tt := range map[string]struct {
		objective *agreement.Objective
		want      string // empty: nothing is said
	}{
		"a constant that counts as good":   {gauge(agreement.Threshold, "min(alive) or vector(1)"), "threshold query: for 16h of 1d none of its series is there, and what stands in for them (or vector(…)) counts as good"},
		"a constant in place of all":       {gauge(agreement.RawFailure, "max(nothing) or vector(0)"), "raw query: for 1d of 1d none of its series is there"},
		"a constant that counts as bad":    {gauge(agreement.Threshold, "min(alive) or vector(0)"), ""},
		"what is absent is bad":            {gauge(agreement.Threshold, "1 - (absent(alive) or vector(0))"), ""},
		"a constant for errors so far":     {gauge(agreement.RawFailure, `(sum(rate(error_total{code="503"}[5m])) or vector(0)) / sum(rate(all_total[5m]))`), ""},
		"a constant for what is mistyped":  {gauge(agreement.RawFailure, `(sum(rate(error_total{code="502"}[5m])) or vector(0)) / sum(rate(all_total[5m]))`), `no series match the raw query: error_total has no code="502", only "200", so nothing of it can be bad`},
		"a filter of what is mistyped":     {gauge(agreement.RawFailure, "(count(alife > 1) or 0 * count(all_total)) / count(all_total)"), "no series match the raw query: none is named alife (did you mean alive?), so nothing of it can be bad"},
		"a label of bad that went":         {ratio("", `calls_total{code="500"}`, "calls_total"), `in the last hour calls_total has no label code, as it had before, so none of its events are counted as bad`},
		"no errors any more":               {ratio("", `error_total{code="503"}`, "all_total"), ""},
		"good that went":                   {ratio("good_total", "", "all_total"), "in the last hour no series match the good query, so all events are bad"},
		"a label of total that went":       {ratio("", `calls_total{code="500"}`, `calls_total{code=~".+"}`), "in the last hour no series match the total query: calls_total has no label code"},
		"a gauge that went":                {gauge(agreement.Threshold, "min(alive)"), ""},
		"a bound that went":                {ratio(`x_seconds_bucket{le="0.3"}`, "", "x_seconds_count"), `in the last hour no bucket has le="0.3"; the bounds there are: 0.25`},
		"a group without a value":          {grouped, `groupBy code: the raw query has no value for "200", though error_total has series of it: that is in no figure`},
		"a total of which one is mistyped": {ratio("", `error_total{code="503"}`, "all_total + al_total"), "no series match the total query: none is named al_total (did you mean all_total?), so none of its events are counted as total"},
		"slots without a sample":           {ratio("", `slow_total{code="500"}`, "slow_total"), "samples are 10m apart and slots 5m long"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := service(t, address).Count(t.Context(), tt.objective, end.Add(-24*time.Hour), end)
			require.NoError(t, err)
			if tt.want == "" {
				assert.Empty(t, result.Warnings)
				return
			}
			assert.Contains(t, strings.Join(result.Warnings, "\n"), tt.want)
		})
	}
}

// A metric that went is told of as blind; of one that got another name, which it was.
func TestAMetricThatWentIsToldWhereItMayHaveAnotherName(t *testing.T) {
	address := scraped(t, 30*time.Second, map[string]func(int) float64{
		`calls_total{code="500"}`: until(2400, each(1)), `vanished{code="500"}`: until(2400, each(1)), `call_total{code="500"}`: each(1),
	})
	hourly := proxy.New(t, address, func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		isNames := strings.HasSuffix(r.URL.Path, "/label/__name__/values")
		if isNames { // of the last hour, which a head block does not tell apart
			fmt.Fprint(w, `{"status": "success", "data": ["call_total"]}`)
		}
		return isNames
	})
	for total, want := range map[string][]string{
		"vanished":    nil,
		"calls_total": {"in the last hour no series match the total query: none is named calls_total (did you mean call_total?)"},
	} {
		result, err := service(t, hourly.URL).Count(t.Context(), ratio("", total+`{code="500"}`, total), end.Add(-24*time.Hour), end)
		require.NoError(t, err)
		assert.Equal(t, want, result.Warnings)
	}
}

// Where nothing passes a filter inside of a ratio, what it counts is 0.
func TestNothingPassesAFilterInsideOfARatio(t *testing.T) {
	address := scraped(t, 30*time.Second, map[string]func(int) float64{
		"queue_age_seconds": func(i int) float64 {
			if i >= 2640 {
				return 1000
			}
			return 100
		},
		"queues": func(int) float64 { return 1 },
	})
	s := service(t, address)
	from := end.Add(-24 * time.Hour)
	for expr, kind := range map[string]agreement.SLIKind{
		"count_over_time((queue_age_seconds < 900)[1m:1m]) / count_over_time(queue_age_seconds[1m:1m])": agreement.RawSuccess,
		"count(queue_age_seconds > 900) / count(queue_age_seconds)":                                     agreement.RawFailure,
		"((count(queue_age_seconds > 900))) / ((count(queue_age_seconds)))":                             agreement.RawFailure,
		"avg(queue_age_seconds < bool 900)":                                                             agreement.RawSuccess,
		"count(queue_age_seconds > 900) / 1":                                                            agreement.RawFailure,
		"(count(queue_age_seconds) - count(queue_age_seconds < 900)) / count(queue_age_seconds)":        agreement.RawFailure,
		"count(queue_age_seconds > 900) / on () count(queues)":                                          agreement.RawFailure,
	} {
		o := &agreement.Objective{Name: "o", Budgeting: agreement.Occurrences, SLI: agreement.SLI{Kind: kind, Gauge: query(expr)}}
		result, err := s.Count(t.Context(), o, from, end)
		require.NoError(t, err, expr)
		sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
		assert.Equal(t, [2]float64{1440 * 60, 120 * 60}, [2]float64{sum.Total, sum.Bad}, expr)
	}
	mistyped := &agreement.Objective{Name: "o", Budgeting: agreement.Occurrences, SLI: agreement.SLI{Kind: agreement.RawFailure, Gauge: query("count(queue_age > 900) / count(queues)")}}
	result, err := s.Count(t.Context(), mistyped, from, end)
	require.NoError(t, err)
	assert.Equal(t, "no series match the raw query: none is named queue_age (did you mean queue_age_seconds?)", result.Missing, "what is not there has not passed")
}

// What rules record begins when they are loaded, however old the counters are.
func TestHowFarRecordedCountsReachBack(t *testing.T) {
	o := ratio("", "errors_total", "requests_total")
	plan, err := sli.NewPlan(o.SLI, nil, nil)
	require.NoError(t, err)
	s := service(t, scraped(t, time.Minute, map[string]func(int) float64{
		"requests_total": each(20), "errors_total": each(1),
		plan.Recording(o).Selector(sli.RecordedTotal, counting.DefaultResolution): between(1000, 1440),
	}))
	at := end.Add(time.Minute)
	oldest, err := s.Oldest(t.Context(), o, at)
	require.NoError(t, err)
	assert.Equal(t, at.Add(-24*time.Hour), oldest)
	o.SLI.Recorded = true
	oldest, err = s.Oldest(t.Context(), o, at)
	require.NoError(t, err)
	assert.Equal(t, at, oldest)
}

// The same data always give the same error, though several groups have one.
func TestTheFirstGroupThatCannotBeIsTold(t *testing.T) {
	series := map[string]func(int) float64{}
	for _, region := range []string{"ap", "eu", "us", "za"} {
		series[fmt.Sprintf("requests_total{region=%q}", region)] = each(20)
		series[fmt.Sprintf("errors_total{region=%q}", region)] = each(30)
	}
	s, o := service(t, scraped(t, time.Minute, series)), ratio("", "errors_total", "requests_total")
	o.GroupBy = []string{"region"}
	for range 20 {
		_, err := s.Count(t.Context(), o, end.Add(-2*time.Hour), end)
		require.ErrorContains(t, err, `in region="ap"`)
	}
}
