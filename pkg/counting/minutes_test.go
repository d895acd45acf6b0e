package counting_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
)

// between is a gauge of 1 from one scrape to another.
func between(from, to int) func(int) float64 {
	return func(i int) float64 {
		if i < from || i > to {
			return math.NaN()
		}
		return 1
	}
}

// A minute at which a time-based query gives several series, or which the engine
// refuses, is unknown and said: one rolling update must not cost the week. Where
// most are so, it is an error with the mend.
func TestAMinuteWithoutOneValueIsUnknown(t *testing.T) {
	const last = 2880
	address := scraped(t, 30*time.Second, map[string]func(int) float64{
		`ready{pod="web-0"}`:                   between(0, last),
		`labelled{pod="web-0",instance="old"}`: between(0, 1000),
		`labelled{pod="web-0",instance="new"}`: between(999, last),
		`twins{instance="a"}`:                  between(2000, last),
		`twins{instance="b"}`:                  between(2000, last),
	})
	for name, tt := range map[string]struct {
		query, note, err string
		unknown          int // minutes
	}{
		"a join with two partners for some minutes": {query: "avg(ready * on (pod) group_left () labelled)", unknown: 6, note: "in 6 of 1440 minutes the query gives several series for a group, or the engine refuses it"},
		"two series for some minutes":               {query: "labelled", unknown: 6, note: "in 6 of 1440 minutes the query gives several series"},
		"two series always":                         {query: "twins", err: "in 440 of 1440 minutes the query gives several series for a group, or the engine refuses it, but a time-based SLI needs one a group: wrap it in min(…)"},
		"a join that never works":                   {query: "ready * on () group_left () twins", err: "in 440 of 1440 minutes"},
		"no function of the engine":                 {query: "mad_over_time(ready[5m])", err: "mad_over_time"},
	} {
		t.Run(name, func(t *testing.T) {
			s := service(t, address)
			o := &agreement.Objective{Name: "o", Op: agreement.GreaterOrEqual, Value: 1, Budgeting: agreement.Occurrences,
				SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: query(tt.query)}}
			from := end.Add(-24 * time.Hour)
			for range 2 { // the second from memory
				result, err := s.Count(t.Context(), o, from, end)
				if tt.err != "" {
					assert.ErrorContains(t, err, tt.err)
					continue
				}
				require.NoError(t, err)
				sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
				assert.Equal(t, float64(86400-60*tt.unknown), sum.Total, "seconds measured")
				assert.Zero(t, sum.Bad)
				require.Len(t, result.Notes, 1)
				assert.Contains(t, result.Notes[0], tt.note)
			}
		})
	}
}

// A group of which most minutes have several series is in no figure: an error, though
// the other groups have one value each. One with two for a rolling update is none.
func TestAGroupWithoutOneValueIsAnError(t *testing.T) {
	const last = 2880
	address := scraped(t, 30*time.Second, map[string]func(int) float64{
		`depth{region="eu",pod="a"}`:   between(0, last),
		`depth{region="eu",pod="b"}`:   between(0, last),
		`depth{region="us",pod="a"}`:   between(0, last),
		`depth{region="ap",pod="a"}`:   between(0, last),
		`rolled{region="eu",pod="a"}`:  between(0, 1000),
		`rolled{region="eu",pod="b"}`:  between(990, last),
		`rolled{region="us",pod="a"}`:  between(0, last),
		`rolled{region="new",pod="a"}`: between(last-8, last),
		`rolled{region="new",pod="b"}`: between(last-8, last),
	})
	s := service(t, address)
	from := end.Add(-24 * time.Hour)
	count := func(expr string) error {
		_, err := s.Count(t.Context(), &agreement.Objective{Name: "o", Op: agreement.GreaterOrEqual, Value: 1, Budgeting: agreement.Occurrences,
			GroupBy: []string{"region"}, SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: query(expr)}}, from, end)
		return err
	}
	for range 2 { // the second from memory
		assert.ErrorContains(t, count("depth"), `in 1440 of 1440 minutes the query gives several series for a group, or the engine refuses it (region="eu"), but a time-based SLI needs one a group: wrap it in min(…)`)
		assert.NoError(t, count("rolled"))
		assert.NoError(t, count("min(depth)"))
	}
}

// Of two counters that are scraped a moment apart a ratio may be better than all good
// for a minute, or infinite: that minute is unknown and said, and the rest counts. A
// percentage of good is none in most minutes, one of bad in the worst ones: both are an
// error with the mend.
func TestAMinuteAtWhichARatioIsNoneIsUnknown(t *testing.T) {
	address := scraped(t, 30*time.Second, map[string]func(int) float64{
		"failures": func(i int) float64 {
			switch {
			case i >= 1000 && i < 1004:
				return -0.02
			case i >= 1100 && i < 1104:
				return math.Inf(1)
			}
			return 0.25
		},
		"percent": func(int) float64 { return 99.5 },
		"percent_lately": func(i int) float64 {
			if i < 2000 {
				return math.NaN()
			}
			return 99.5
		},
		"percent_failed": func(i int) float64 {
			if i >= 1000 && i < 1004 {
				return 5
			}
			return 0
		},
	})
	s := service(t, address)
	from := end.Add(-24 * time.Hour)
	count := func(kind agreement.SLIKind, expr string) (*counting.Result, error) {
		return s.Count(t.Context(), &agreement.Objective{Name: "o", Budgeting: agreement.Occurrences,
			SLI: agreement.SLI{Kind: kind, Gauge: query(expr)}}, from, end)
	}
	for range 2 { // the second from memory
		result, err := count(agreement.RawFailure, "failures")
		require.NoError(t, err)
		sum := result.Groups(from, end)[0].View.Sum(from.UnixMilli(), end.UnixMilli())
		assert.Equal(t, float64(86400-4*60), sum.Total, "seconds measured")
		assert.Equal(t, sum.Total/4, sum.Bad)
		assert.Equal(t, []string{"in 4 of 1440 minutes the query gives several series for a group or no ratio of 0 to 1, or the engine refuses it: they are unknown"}, result.Notes)
		assert.Empty(t, result.MeasurementIn(end.Add(-6*time.Hour), end).Notes, "of the last six hours there is nothing to say")
		_, err = count(agreement.RawSuccess, "percent")
		assert.ErrorContains(t, err, "the raw query gave 99.5, but a ratio lies between 0 and 1: divide by the total, or by 100 if it is a percentage")
		_, err = count(agreement.RawSuccess, "percent_lately")
		assert.ErrorContains(t, err, "or add groupBy; divide a percentage by 100")
		_, err = count(agreement.RawFailure, "percent_failed")
		assert.ErrorContains(t, err, "the raw query gave 5, but a ratio lies between 0 and 1")
	}
}

func TestASlotIsWholeMinutes(t *testing.T) {
	for _, text := range []string{"1m", "60s", "15m", "1h", "1d"} {
		_, err := counting.ParseResolution(text)
		assert.NoError(t, err, text)
	}
	for _, text := range []string{"30s", "90s", "7m", "7m30s", "2d", "0", "five"} { // 90 s divide a day, but cut its minutes
		_, err := counting.ParseResolution(text)
		assert.ErrorContains(t, err, "must be whole minutes that divide a day", text)
	}
}
