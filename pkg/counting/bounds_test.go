package counting_test

import (
	"fmt"
	"maps"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// A bound that comes in place of another begins with all that came before: neither
// good nor bad of the time before it, nor of the slot that it comes in.
func TestABoundThatComesInPlaceOfAnotherMakesNothingBad(t *testing.T) {
	const interval, change = 30 * time.Second, 1441 // 12 hours, and 7 s, later
	until := func(from, to int) func(int) float64 {
		return func(i int) float64 {
			if i < from || i >= to {
				return math.NaN()
			}
			return 20 * float64(i)
		}
	}
	address := scraped(t, interval, map[string]func(int) float64{
		`api_seconds_count{job="api"}`: each(20), `api_seconds_bucket{job="api",le="+Inf"}`: each(20),
		`api_seconds_bucket{job="api",le="0.25"}`: until(0, change), `api_seconds_bucket{job="api",le="0.3"}`: until(change, 2880),
	})
	from := end.Add(-24 * time.Hour)
	result, err := service(t, address).Count(t.Context(), ratio(`api_seconds_bucket{le="0.3"}`, "", "api_seconds_count"), from, end)
	require.NoError(t, err)
	sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
	assert.Zero(t, sum.Bad)
	assert.InDelta(t, (12*12-1)*10*20, sum.Total, 1e-9, "12 hours but for the slot of the change")
	const leftOut = "what the first samples of 1 series began with, 28820 in all"
	const unjudged = `in 145 of 288 slots events are not measured: their histograms have no bucket le="0.3" there`
	assert.Contains(t, fmt.Sprint(result.Notes), leftOut)
	assert.Contains(t, fmt.Sprint(result.Notes), unjudged)
	period, err := service(t, address).CountPeriod(t.Context(), ratio(`api_seconds_bucket{le="0.3"}`, "", "api_seconds_count"), from, end)
	require.NoError(t, err)
	assert.Contains(t, fmt.Sprint(period.Measurement.Notes), leftOut, "a statement says so too")
	assert.Contains(t, fmt.Sprint(period.Measurement.Notes), unjudged)
}

// A group of which nothing can be counted, for lack of the bound or of a number, has a
// result without figures: the others do not speak for it. So has a statement.
func TestAGroupThatCannotBeCountedHasAResult(t *testing.T) {
	series := map[string]func(int) float64{}
	for region, le := range map[string]string{"eu": "0.25", "us": "0.3"} {
		name := func(metric, le string) string {
			return fmt.Sprintf(`%s{job="api",instance=%q,region=%q%s}`, metric, region, region, le)
		}
		series[name("api_seconds_count", "")] = each(20)
		series[name("api_seconds_bucket", `,le="+Inf"`)] = each(20)
		series[name("api_seconds_bucket", `,le="`+le+`"`)] = each(20)
		series[name("requests_total", "")] = each(20)
		series[name("failures_total", "")] = each(0)
	}
	series[`failures_total{job="api",instance="eu",region="eu"}`] = func(int) float64 { return math.Inf(1) }
	address := scraped(t, 30*time.Second, series)
	from, to := end.Add(-24*time.Hour), end.Add(-time.Hour)
	for name, o := range map[string]*agreement.Objective{
		"without the bound": ratio(`api_seconds_bucket{le="0.3"}`, "", "api_seconds_count"),
		"without a number":  ratio("", "failures_total", "requests_total"),
	} {
		o.GroupBy = []string{"region"}
		measured := func(groups []counting.Group) map[string]float64 {
			seconds := map[string]float64{}
			for _, group := range groups {
				seconds[group.Labels["region"]] = group.View.Sum(from.UnixMilli(), to.UnixMilli()).Measured
			}
			return seconds
		}
		want := map[string]float64{"eu": 0, "us": 82800}
		s := service(t, address)
		for range 2 { // the second from memory
			result, err := s.Count(t.Context(), o, from, to)
			require.NoError(t, err, name)
			assert.Equal(t, want, measured(result.Groups(from, to)), name)
		}
		period, err := s.CountPeriod(t.Context(), o, from, to)
		require.NoError(t, err, name)
		assert.Equal(t, want, measured(period.Result().Groups(from, to)), "a period %s", name)
	}
	// Queries do not say what they leave out: that is looked for.
	o := ratio(`api_seconds_bucket{le="0.3"}`, "", "api_seconds_count")
	o.GroupBy = []string{"region"}
	byQueries := served(t, promserver.Options{Dir: t.TempDir(), WithoutRead: true}, 30*time.Second, series)
	result, err := service(t, byQueries).Count(t.Context(), o, from, to)
	require.NoError(t, err)
	assert.Equal(t, []string{`groupBy region: the total query has no value for "eu", though api_seconds_count has series of it: that is in no figure`}, result.Warnings)
}

// A bucket goes on where Prometheus 3 writes its bound as «1.0», within a slot, or after
// an outage of hours before what is read.
func TestABoundThatIsWrittenInAnotherWayGoesOn(t *testing.T) {
	for _, change := range []int{1382, 1300} { // of 1440 minutes
		renamed := func(le string, is func(i int) bool) map[string]func(int) float64 {
			return map[string]func(int) float64{`api_seconds_bucket{job="api",le="` + le + `"}`: func(i int) float64 {
				if !is(i) {
					return math.NaN()
				}
				return 15 * float64(i)
			}}
		}
		outage := func(i int) bool { return change == 1300 && i >= change && i < 1385 }
		series := map[string]func(int) float64{}
		maps.Copy(series, renamed("1", func(i int) bool { return i < change }))
		maps.Copy(series, renamed("1.0", func(i int) bool { return i >= change && !outage(i) }))
		for _, name := range []string{`api_seconds_count{job="api"}`, `api_seconds_bucket{job="api",le="+Inf"}`} {
			series[name] = func(i int) float64 {
				if outage(i) {
					return math.NaN()
				}
				return 20 * float64(i)
			}
		}
		from := end.Add(-time.Hour)
		result, err := service(t, scraped(t, time.Minute, series)).Count(t.Context(), ratio(`api_seconds_bucket{le="1"}`, "", "api_seconds_count"), from, end)
		require.NoError(t, err)
		sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
		assert.InDelta(t, 5.0/20, sum.Bad/sum.Total, 1e-9, "changed in minute %d", change)
		assert.NotContains(t, fmt.Sprint(result.Notes), "not counted")
	}
}

// Of traffic half of which has other bounds, the half is counted that has the
// bound; that the other half is not is said.
func TestTrafficWithoutTheBoundIsSaidToBeUnmeasured(t *testing.T) {
	address := scraped(t, time.Minute, map[string]func(int) float64{
		`api_seconds_count{job="api",instance="a"}`: each(20), `api_seconds_bucket{job="api",instance="a",le="0.3"}`: each(15),
		`api_seconds_count{job="api",instance="b"}`: each(20), `api_seconds_bucket{job="api",instance="b",le="0.25"}`: each(20),
	})
	from := end.Add(-2 * time.Hour)
	s, o := service(t, address), ratio(`api_seconds_bucket{le="0.3"}`, "", "api_seconds_count")
	for range 2 { // the second time from what is remembered
		result, err := s.Count(t.Context(), o, from, end)
		require.NoError(t, err)
		sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
		assert.InDelta(t, 120*20, sum.Total, 1e-9)
		assert.InDelta(t, 120*5, sum.Bad, 1e-9)
		assert.Contains(t, fmt.Sprint(result.Notes), `in 24 of 24 slots events are not measured: their histograms have no bucket le="0.3" there`)
	}
}

// A histogram that begins whole, with events of which nobody knows when they
// happened, leaves the slot that it begins in measured.
func TestAHistogramThatBeginsWholeLeavesItsSlotMeasured(t *testing.T) {
	const begin = 1381 // of 1440 minutes: in the slot that begins an hour before the end
	from0 := func(per float64) func(int) float64 {
		return func(i int) float64 {
			if i < begin {
				return math.NaN()
			}
			return per * float64(i)
		}
	}
	address := scraped(t, time.Minute, map[string]func(int) float64{
		`api_seconds_count{job="api"}`: from0(20), `api_seconds_bucket{job="api",le="0.3"}`: from0(15), `api_seconds_bucket{job="api",le="+Inf"}`: from0(20),
	})
	from := end.Add(-2 * time.Hour)
	result, err := service(t, address).Count(t.Context(), ratio(`api_seconds_bucket{le="0.3"}`, "", "api_seconds_count"), from, end)
	require.NoError(t, err)
	sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
	assert.Equal(t, time.Hour.Seconds(), sum.Measured)
	assert.InDelta(t, 5*sum.Total/20, sum.Bad, 1e-9)
	assert.InDelta(t, 58*20, sum.Total, 1e-9)
	assert.NotContains(t, fmt.Sprint(result.Notes), "not measured")
}
