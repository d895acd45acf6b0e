package sli

import (
	"math"
	"testing"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

// observed is a native histogram of schema 0, whose bounds are the powers of
// two, with so many observations in (1, 2], (2, 4] and (4, 8].
func observed(second int, counts ...int64) sample {
	h := &histogram.Histogram{ZeroThreshold: 1e-128}
	previous := int64(0)
	for _, n := range counts {
		h.PositiveBuckets = append(h.PositiveBuckets, n-previous)
		h.Count += uint64(n)
		previous = n
	}
	if len(counts) > 0 {
		h.PositiveSpans = []histogram.Span{{Offset: 1, Length: uint32(len(counts))}}
	}
	x := at(second, 0)
	x.hist = h
	return x
}

func nativeSeries(name string, samples ...sample) series {
	return series{labels: labels.FromStrings("__name__", "response_seconds", "case", name), samples: samples}
}

func TestNativeHistogramsAreCountedAboveAndBelow(t *testing.T) {
	data := []series{
		nativeSeries("grows", observed(10, 1, 0, 0), observed(200, 3, 1, 1), observed(310, 8, 4, 1), observed(590, 9, 4, 4)),
		nativeSeries("restarts", observed(10, 4, 4, 4), observed(290, 5, 5, 5), observed(310, 1, 0, 2), observed(590, 2, 1, 2)),
		nativeSeries("is empty", observed(10), observed(290), observed(310), observed(590)),
		nativeSeries("is not scraped any more", observed(10, 1, 1, 1), observed(290, 1, 1, 1)),
	}
	plan, err := NewPlan(agreement.SLI{
		Kind:  agreement.Ratio,
		Total: &agreement.Query{Histogram: "response_seconds"},
		Good:  &agreement.Query{Histogram: "response_seconds", Below: 4},
	}, nil, []string{"case"})
	require.NoError(t, err)
	require.True(t, plan.PartIsGood)
	for _, c := range withNative {
		t.Run(c.name, func(t *testing.T) {
			e := c.start(t, data)
			total, err := e.query(t, plan.Total[0].CountQuery(c.method, slot), 2*slot, 3*slot, slot)
			require.NoError(t, err)
			require.Equal(t, points{
				`{case="grows"}`:    {2 * slot: 12},
				`{case="restarts"}`: {2 * slot: 5},
				`{case="is empty"}`: {2 * slot: 0},
			}, total)
			good, err := e.query(t, plan.Part[0].CountQuery(c.method, slot), 2*slot, 3*slot, slot)
			require.NoError(t, err)
			require.Equal(t, points{
				`{case="grows"}`:    {2 * slot: 9},
				`{case="restarts"}`: {2 * slot: 3},
				`{case="is empty"}`: {2 * slot: 0},
			}, good)
		})
	}
}

func TestHistogramTerms(t *testing.T) {
	plan, err := NewPlan(agreement.SLI{
		Kind:  agreement.Ratio,
		Total: &agreement.Query{Expr: "sum(histogram_count(rate(h[5m])))"},
		Good:  &agreement.Query{Expr: "histogram_fraction(0, 0.3, sum(rate(h[5m]))) * histogram_count(sum(rate(h[5m])))"},
	}, nil, nil)
	require.NoError(t, err)
	require.True(t, plan.Total[0].IsHistogram())
	require.Equal(t, "+histogram_count(h)", plan.Total[0].String())
	require.Equal(t, "+histogram_fraction(0, 0.3, h)", plan.Part[0].String())

	require.NoError(t, plan.Total[0].Countable(Anchored))
	require.NoError(t, plan.Total[0].Countable(Offset))
	require.ErrorContains(t, plan.Total[0].Countable(MetricsQL), "h_bucket{le=…}")

	require.Empty(t, plan.Total[0].Thresholds(), "all observations need no interpolation")
	require.Equal(t, []float64{0.3}, plan.Part[0].Thresholds())
}

func TestHistogramQueriesAreRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		sli   agreement.SLI
		wants string
	}{
		{"no threshold", agreement.SLI{Total: &agreement.Query{Histogram: "h"}, Good: &agreement.Query{Histogram: "h"}},
			"good query at 1:1: h has no threshold (below: 0); say from where on it is bad, below: 300ms"},
		{"endless threshold", agreement.SLI{Total: &agreement.Query{Histogram: "h"}, Good: &agreement.Query{Histogram: "h", Below: math.Inf(1)}},
			"good query at 1:1: h has no threshold (below: +Inf); say from where on it is bad, below: 300ms"},
		{"as bad", agreement.SLI{Total: &agreement.Query{Histogram: "h"}, Bad: &agreement.Query{Histogram: "h", Below: 1}},
			"bad query at 1:1: h would count what is fast enough as bad; give it as good"},
		{"no selector", agreement.SLI{Total: &agreement.Query{Histogram: "rate(h[5m])"}, Good: &agreement.Query{Histogram: "h", Below: 1}},
			"total query at 1:1: rate(h[5m]) is not the selector of a native histogram; give its name and labels only, or use `query`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.sli.Kind = agreement.Ratio
			_, err := NewPlan(c.sli, nil, nil)
			require.EqualError(t, err, c.wants)
		})
	}
}
