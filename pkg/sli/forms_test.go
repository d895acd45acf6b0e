package sli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/stretchr/testify/require"
)

// Of two queries that differ by little, one counts and the other does not.
func TestFormsThatCountAndTheirNeighbours(t *testing.T) {
	lists := func(n int) string {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprint("a", i)
		}
		return `{__name__=~"` + strings.Join(names, "|") + `"}`
	}
	for _, c := range []struct {
		counts, refused []string
		because         string // of all refusals
	}{
		{counts: []string{"a" + strings.Repeat(" + a", maxTerms-1)}, refused: []string{"a" + strings.Repeat(" + a", maxTerms)}, because: "at most 100 are counted"},
		{counts: []string{"a" + strings.Repeat(" ", maxQueryBytes-1)}, refused: []string{"a" + strings.Repeat(" ", maxQueryBytes)}, because: "at most 16384 are read"},
		{counts: []string{lists(maxNames)}, refused: []string{lists(maxNames + 1)}, because: "lists 51 metrics, at most 50 are counted"},
		{counts: []string{"a > 0", "a >= 0", "a != 0", "a > -0", "0 < a", "0 <= a", "0 != a"},
			refused: []string{"a < 0", "a <= 0", "a == 0", "a > bool 0", "a > 1", "0 > a", "0 >= a", "0 == a", "1 < a", "1 != a"}, because: "comparison"},
		{counts: []string{"a * 1", "1 * a", "a / 1"}, refused: []string{"a * -1", "-1 * a", "a / -1", "a * 2", "1 / a"}, because: "scales a count"},
		{counts: []string{"a or vector(0)", "a or sum(vector(0))", "a or avg(vector(0))", "a or min(vector(0))", "a or max(vector(0))",
			"a or clamp_max(absent(a), 0)", "a or (absent(a) - 1)", "a or (absent_over_time(a[5m]) - 1)", "a or (vector(0) - vector(0))",
			"a or (vector(0) + vector(0))", "a or (vector(0) or vector(0))", "a or (b * 0)", "a or (0 * b)", "a or (vector(0) * 5)",
			`a or label_replace(vector(0), "x", "y", "", "")`, "a or vector(-0)"},
			refused: []string{"a or count(vector(0))", "a or sum(vector(1))", "a or clamp_max(absent(a), 1)", "a or clamp_max(b, 0)",
				"a or (absent(a) - 2)", "a or (b - 1)", "a or (vector(0) - b)", "a or (b - vector(0))", "a or (vector(0) + b)", "a or (b + vector(0))",
				"a or (vector(0) * Inf)", "a or (vector(0) * -Inf)", "a or (NaN * vector(0))", "a or (b * 2)", "a or (vector(0) or b)"}, because: "takes one counter where the other is missing"},
		{counts: []string{"histogram_fraction(0, 1, h) * histogram_count(h)", "histogram_count(h) * histogram_fraction(-1, 1, h)"},
			refused: []string{"histogram_fraction(0, 1, h) * b", "b * histogram_fraction(0, 1, h)", "histogram_count(h) * b", "b * histogram_count(h)",
				"histogram_fraction(1, 1, h) * histogram_count(h)", "histogram_fraction(2, 1, h) * histogram_count(h)",
				"histogram_fraction(scalar(x), 1, h) * histogram_count(h)", "histogram_fraction(0, scalar(x), h) * histogram_count(h)",
				"histogram_fraction(0, 1, h) * histogram_count(g)", "histogram_fraction(0, 1, avg(h)) * histogram_count(h)",
				"histogram_fraction(0, 1, h) * histogram_count(avg(h))", "histogram_fraction(0, 1, avg(h)) * histogram_count(avg(h))"}, because: "scales a count"},
		{counts: []string{"rate(a[ $w ])", "rate(a[[w]])", "a # all of them", "a # $x\n+ b", `a{x="\"$1"}`, `a{x='\'$1'}`, "a{x=`\\`,y=\"$1\"}"},
			refused: []string{"$a", "{{a}}", "rate(a[5m]) * $w", `a{x="\\"} $1`}, because: "a placeholder stands outside of […]"},
		{counts: []string{`a{route="/users/$id"}`, `a{route!="/users/$id"}`, `a{x=~"api$"}`},
			refused: []string{`a{route="$id"}`, `a{route!="$id"}`, `a{job=~"api-$job"}`, `a{job!~"api-${job}"}`}, because: "nothing fills that in here"},
		{counts: []string{`{__name__=~"a|b",__name__!="b"}`, `{__name__=~"|a",x="1"}`, `{__name__=~"a|b",__name__=~"a.*"}`, `{__name__=~"a.*",__name__=~"a|b"}`,
			`{__name__="a",__name__=~"a.*"}`},
			refused: []string{`{__name__=~"a.*"}`, `{__name__=~"a|b",__name__!~"a|b"}`, `{__name__=~"|",x="1"}`}, because: "does not list its metrics"},
		{counts: []string{`a{x="1",x="1"}`, `a{x="1",x!="2"}`}, refused: []string{`{__name__="a",__name__="b"}`, `a{x="1",x="2"}`}, because: "which no series has"},
		{counts: []string{":requests:sum", "requests_rate_total"}, refused: []string{":rate5m", "job:requests:rate5m", "job:requests:ratio_rate1h"}, because: "is a recorded rate or ratio"},
		{counts: []string{`d_bucket{le="1"}`, `d_bucket{le=~"(0.3)"}`, `d_bucket{le=~"(?:0.3|0.30)"}`, `d_bucket{le=""}`},
			refused: []string{`d_bucket{le!="1"}`, `d_bucket{le!~"1"}`, `d_bucket{le=~".+"}`, `d_bucket{le=~"0.3|1"}`, `d_bucket{le="1",le!="2"}`}, because: "matches several bounds"},
		{counts: []string{`label_replace(a, "other", "$1", "zone", "(.*)")`, `label_join(a, "other", "-", "x", "y")`},
			refused: []string{`label_replace(a, "consumer", "$1", "zone", "(.*)")`, `label_join(a, "region", "-", "x", "y")`}, because: "which only the counter itself can be selected or grouped by"},
		{refused: []string{`a{x="b`, `a{x='`}, because: "this is no PromQL"},
	} {
		for _, query := range c.counts {
			plan, err := NewPlan(ratio(query), map[string]string{"consumer": "checkout"}, []string{"region"})
			require.NoError(t, err, query)
			require.NotEmpty(t, plan.Total)
		}
		for _, query := range c.refused {
			_, err := NewPlan(ratio(query), map[string]string{"consumer": "checkout"}, []string{"region"})
			require.ErrorContains(t, err, c.because, query)
		}
	}
}

func TestWhichMetricsASelectorLists(t *testing.T) {
	for query, want := range map[string]string{
		`{__name__=~"a|b",__name__!="b"}`:            "+a",
		`{__name__=~"|a",x="1"}`:                     `+a{x="1"}`,
		`{__name__=~"a|b|c",__name__=~"b|c|d"}`:      "+b +c",
		`{__name__=~"a_total|b",__name__=~".+_t.*"}`: "+a_total",
		`{__name__="a",__name__=~"a|b"}`:             "+a",
		`{__name__=~"a|b",__name__="a"}`:             "+a",
	} {
		plan, err := NewPlan(ratio(query), nil, nil)
		require.NoError(t, err, query)
		require.Equal(t, want, keys(plan.Total), query)
	}
}

// A long excerpt is cut after sixty characters, and a place behind a window
// that was filled in is that in the query as written.
func TestAnErrorShowsWhereItIs(t *testing.T) {
	text := func(length int) string { return "max(" + strings.Repeat("a", length-5) + ")" }
	for query, want := range map[string]string{
		text(60):                      "total query at 1:1: " + text(60) + " picks",
		text(61):                      "total query at 1:1: " + text(61)[:60] + "… picks",
		"rate(a[$__rate_interval)":    "total query at 1:24: this is no PromQL",
		"rate(a[$w] $__rate_interval": "total query at 1:12: a placeholder",
		"max(rate(a[[interval]]))":    "total query at 1:1: max(rate(a[[interval]])) picks",
	} {
		_, err := NewPlan(ratio(query), nil, nil)
		require.ErrorContains(t, err, want)
	}
}

func TestEverySelectorLooksAhead(t *testing.T) {
	for query, want := range map[string]string{
		`max(a{x="1"}) / b offset 5m`:             `max(a{x="1"} offset -1ms) / b offset 4m59s999ms`,
		`rate(a[1m]) > bool scalar(timestamp(b))`: `rate(a[1m] offset -1ms) > bool scalar(timestamp(b offset -1ms))`,
		`max_over_time(a[1h:1m])`:                 `max_over_time(a offset -1ms[59m59s999ms:1m])`,
	} {
		require.Equal(t, want, Ahead(query))
	}
}

func TestGroupsStayApartInAGauge(t *testing.T) {
	for query, want := range map[string]string{
		`sum(a) / sum(b)`:          `sum by (region) (a) / sum by (region) (b)`,
		`sum(a) / on() sum(b)`:     `sum by (region) (a) / on (region) sum by (region) (b)`,
		`sum(a) / ignoring(x) b`:   `sum by (region) (a) / ignoring (x) b`,
		`sum(a) or on() vector(0)`: `sum by (region) (a) or on () vector(0)`,
		`vector(0) - on() sum(a)`:  `vector(0) - on () sum by (region) (a)`,
		`1 - sum(a)`:               `1 - sum by (region) (a)`,
		`quantile by (x) (0.5, a)`: `quantile by (x, region) (0.5, a)`,
	} {
		plan, err := NewPlan(agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: query}}, nil, []string{"region"})
		require.NoError(t, err, query)
		require.Equal(t, want, plan.GaugeQuery(Anchored), query)
	}
	plan, err := NewPlan(agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: "quantile(scalar(b), a)"}}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, "quantile(scalar(last_over_time(b[5m])), last_over_time(a[5m]))", plan.GaugeQuery(MetricsQL))
}

// recordings are what rules record, of each kind of SLI.
var recordings = []agreement.Objective{
	{SLI: agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: "a"}, Bad: &agreement.Query{Expr: "b"}}},
	{SLI: agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: "a"}, Good: &agreement.Query{Expr: "g"}}, GroupBy: []string{"region"}},
	{SLI: agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: "a + c"}, Bad: &agreement.Query{Expr: "b - d"}}},
	{SLI: agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: "a + c - d"}, Good: &agreement.Query{Expr: "g"}}},
	{SLI: agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: "d_count"}, Good: &agreement.Query{Expr: `d_bucket{le="0.3"}`}}},
	{SLI: agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: "f"}}},
	{SLI: agreement.SLI{Kind: agreement.RawSuccess, Gauge: &agreement.Query{Expr: "s"}}, GroupBy: []string{"region"}},
	{SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: "t"}}, Op: agreement.Less, Value: 5},
	{SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: "t"}}, Op: agreement.LessOrEqual, Value: -5},
	{SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: "t"}}, Op: agreement.Greater, Value: 5},
	{SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: "scalar(t)"}}, Op: agreement.GreaterOrEqual, Value: 5},
}

func TestRecordings(t *testing.T) {
	var out strings.Builder
	ids := map[string]bool{}
	for _, o := range recordings {
		plan, err := NewPlan(o.SLI, nil, o.GroupBy)
		require.NoError(t, err)
		recording := plan.Recording(&o)
		ids[recording.ID()] = true
		fmt.Fprintf(&out, "counts     %s of %s\n", recording.ID(), plan.Key())
		for _, part := range []RecordedPart{RecordedTotal, RecordedBad} {
			for _, m := range []Method{Anchored, MetricsQL} {
				rule, err := recording.Rule(part, m, slot)
				require.NoError(t, err)
				fmt.Fprintf(&out, "%-10s %s = %s\n", m, recording.Name(part, slot), rule)
			}
			fmt.Fprintf(&out, "read       %s\n", recording.Query(part, slot))
		}
		fmt.Fprintln(&out)
	}
	requireGolden(t, "recordings.golden", out.String())
	require.Len(t, ids, len(recordings), "what counts differently is told apart")
	require.Equal(t, time.Minute, RuleInterval(slot))
	require.Equal(t, time.Minute, RuleInterval(2*time.Minute))
	require.Equal(t, 30*time.Second, RuleInterval(time.Minute))

	plan, err := NewPlan(agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Histogram: "h"}, Good: &agreement.Query{Histogram: "h", Below: 1}}, nil, nil)
	require.NoError(t, err)
	_, err = plan.Recording(&agreement.Objective{}).Rule(RecordedTotal, MetricsQL, slot)
	require.ErrorContains(t, err, "native histogram", "VictoriaMetrics counts none")
}
