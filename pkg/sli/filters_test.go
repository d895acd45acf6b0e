package sli

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
)

// A comparison without bool has no value where it fails. A count of what passes is
// 0 then; elsewhere that time would be unknown just when all is bad: a warning.
func TestComparisonsInsideARatio(t *testing.T) {
	for query, want := range map[string]struct{ warning, asked string }{
		"count(x > 900) / count(x)": {"raw query: count(x > 900) is taken as 0 where nothing passes its comparison",
			"(count(x > 900) or (0 * count(x))) / count(x)"},
		"count_over_time((x < 900)[5m:1m]) / count_over_time(x[5m:1m])": {"raw query: count_over_time((x < 900)[5m:1m]) is taken as 0 where nothing passes its comparison",
			"(count_over_time((x < 900)[5m:1m]) or (0 * count_over_time((x)[5m:1m]))) / count_over_time(x[5m:1m])"},
		"1 - (sum(x == 0)) / (count(x))": {"raw query: (sum(x == 0)) is taken as 0 where nothing passes its comparison",
			"1 - (sum(x == 0) or (0 * count(x))) / (count(x))"},
		"(count(x) - count(x == 1)) / count(x)": {"raw query: count(x == 1) is taken as 0 where nothing passes its comparison",
			"(count(x) - (count(x == 1) or (0 * count(x)))) / count(x)"},
		"count by (job) (x > 9) / on (job) count by (job) (y)": {"raw query: count by (job) (x > 9) is taken as 0 where nothing passes its comparison",
			"(count by (job) (x > 9) or (0 * count by (job) (x))) / on (job) count by (job) (y)"},
		"count by (job, pod) (x > bool 9) / on (job) group_left () count by (job) (y)": {"", "count by (job, pod) (x > bool 9) / on (job) group_left () count by (job) (y)"},
		"count(x and on (pod) (5 < late)) / count(x)": {"raw query: count(x and on (pod) (5 < late)) is taken as 0 where nothing passes its comparison",
			"(count(x and on (pod) (5 < late)) or (0 * count(x and on (pod) (late)))) / count(x)"}, // late may not have been scraped
		"100 * count(x > 9) / count(x) / 100": {"raw query: count(x > 9) is taken as 0 where nothing passes its comparison",
			"100 * (count(x > 9) or (0 * count(x))) / count(x) / 100"},
		"avg(x < 900) / 900": {"raw query: x < 900 has no value where it fails, and where it does for all series that time may be unknown, just when all is bad (or good); write \"<\" with bool, or add `or vector(0)`", "avg(x < 900) / 900"},
		"a / (b > 0)":        {"raw query: b > 0 has no value where it fails, and where it does for all series that time may be unknown, just when all is bad (or good); write \">\" with bool, or add `or vector(0)`", "a / (b > 0)"},
		"(count(x > 900) or vector(0)) / count(x)": {"", "(count(x > 900) or vector(0)) / count(x)"},
		"(a / (b > 0)) or on () vector(1)":         {"", "(a / (b > 0)) or on () vector(1)"},
		"avg(up unless (maintenance == 1))":        {"", "avg(up unless (maintenance == 1))"},
		"count(up unless (maintenance == 1)) / count(up)": {"raw query: count(up unless (maintenance == 1)) is taken as 0 where nothing passes its unless",
			"(count(up unless (maintenance == 1)) or (0 * count(up))) / count(up)"},
		"sum(x and on (pod) late) / count(x)": {"", "sum(x and on (pod) late) / count(x)"}, // late may not have been scraped
		"count(x > 900) / 10":                 {"raw query: count(x > 900) is taken as 0 where nothing passes its comparison", "(count(x > 900) or (0 * count(x))) / 10"},
		"1 - absent(x)":                       {"raw query: absent has no value while there are series, and that time is unknown; a threshold on up tells both", "1 - absent(x)"},
		"1 - (absent(x) or vector(0))":        {"", "1 - (absent(x) or vector(0))"},
		"avg(x) or (absent(x) - 1)":           {"", "avg(x) or (absent(x) - 1)"},
		"avg(x) unless absent(y)":             {"", "avg(x) unless absent(y)"},
		"avg(x < bool 900)":                   {"", "avg(x < bool 900)"},
	} {
		plan, err := NewPlan(agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: query}}, nil, nil)
		require.NoError(t, err, query)
		if want.warning == "" {
			require.Empty(t, plan.Warnings, query)
		} else {
			require.Equal(t, []string{want.warning}, plan.Warnings, query)
		}
		require.Equal(t, want.asked, plan.GaugeQuery(Anchored), query)
	}
}

// The sum of latencies is no part of their count, though both are counters.
func TestASumOfWhatWasObservedIsNoPartOfTheirCount(t *testing.T) {
	plan, err := NewPlan(agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: "x_count"}, Bad: &agreement.Query{Expr: "sum(rate(x_sum[5m]))"}}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"bad query: x_sum adds up what was observed, which is no part of how often, x_count; of a latency count x_bucket{le=…} as good"}, plan.Warnings)
	plan, err = NewPlan(agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: "bytes_sum"}, Bad: &agreement.Query{Expr: "lost_bytes_sum"}}, nil, nil)
	require.NoError(t, err)
	require.Empty(t, plan.Warnings)
}

// So it is with a count that is compared with a limit.
func TestACountOfNothingIsWithinALimit(t *testing.T) {
	for query, asked := range map[string]string{
		"count(up == 1)":             "count by (job) (up == 1) or (0 * count by (job) (up))",
		"sum(up == 1) - count(up)":   "(sum by (job) (up == 1) or (0 * count by (job) (up))) - count by (job) (up)",
		"count(up == 0) / count(up)": "(count by (job) (up == 0) or (0 * count by (job) (up))) / count by (job) (up)",
		"max(up == 1)":               "max by (job) (up == 1)",
	} {
		plan, err := NewPlan(agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: query}}, nil, []string{"job"})
		require.NoError(t, err, query)
		require.Equal(t, asked, plan.GaugeQuery(Anchored), query)
		require.Len(t, plan.Warnings, 1, query)
	}
}

// A bucket holds what is fast enough: alone as bad, it would turn the SLI around.
func TestALoneBucketIsNotBad(t *testing.T) {
	total := &agreement.Query{Expr: "x_count"}
	for bad, want := range map[string]string{
		`sum(rate(x_bucket{le="0.3"}[5m]))`:                     `bad: x_bucket{le="0.3"} counts what is fast enough as bad; give it as good, or as bad the difference: that of all, less that of what is fast enough`,
		`x_bucket{le="0.3"} + y_bucket{le="1"}`:                 `bad: x_bucket{le="0.3"} counts what is fast enough as bad; give it as good, or as bad the difference: that of all, less that of what is fast enough`,
		`x_bucket{le="+Inf"} - ignoring(le) x_bucket{le="0.3"}`: "",
		"x_count - x_bucket{le=\"0.3\"}":                        "",
	} {
		_, err := NewPlan(agreement.SLI{Kind: agreement.Ratio, Total: total, Bad: &agreement.Query{Expr: bad}}, nil, nil)
		if want == "" {
			require.NoError(t, err, bad)
		} else {
			require.EqualError(t, err, want)
		}
		_, err = NewPlan(agreement.SLI{Kind: agreement.Ratio, Total: total, Good: &agreement.Query{Expr: bad}}, nil, nil)
		require.NoError(t, err, bad)
	}
}

// Beside another total it is most likely not bad, either.
func TestALoneBucketBesideAnotherTotalIsTold(t *testing.T) {
	plan, err := NewPlan(agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: "requests_total"}, Bad: &agreement.Query{Expr: `x_bucket{le="0.3"}`}}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, []string{`bad query: x_bucket{le="0.3"} counts what is fast enough as bad; if slow is bad, give it as good`}, plan.Warnings)
}

// So it is in a ratio that is taken as it stands.
func TestALoneBucketIsNoRatioOfFailures(t *testing.T) {
	check := func(kind agreement.SLIKind, query string) error {
		_, err := NewPlan(agreement.SLI{Kind: kind, Gauge: &agreement.Query{Expr: query}}, nil, nil)
		return err
	}
	const fast = `sum(rate(x_bucket{le="0.3"}[{{.window}}])) / sum(rate(x_count[{{.window}}]))`
	require.EqualError(t, check(agreement.RawFailure, fast), "raw query at 1:1: sum(rate(x_bucket{le=\"0.3\"}[{{.window}}])) / sum(rate(x_coun… "+
		"is the ratio of what is fast enough, which is good; subtract it from 1, or say rawType: success")
	require.Error(t, check(agreement.RawFailure, `(sum by (le) (rate(x_bucket{le="0.3"}[5m])) / on () sum(rate(x_bucket{le="+Inf"}[5m])))`))
	require.NoError(t, check(agreement.RawSuccess, fast))
	require.NoError(t, check(agreement.RawFailure, "1 - "+fast))
	require.NoError(t, check(agreement.RawFailure, `(sum(rate(x_count[5m])) - sum(rate(x_bucket{le="0.3"}[5m]))) / sum(rate(x_count[5m]))`))
}

// Samples that are counts of a period are added up, by every method alike.
func TestCountsOfAPeriodAreAddedUp(t *testing.T) {
	plan := func(bad, total string, perPeriod bool) (Plan, error) {
		return NewPlan(agreement.SLI{Kind: agreement.Ratio, PerPeriod: perPeriod, Bad: &agreement.Query{Expr: bad}, Total: &agreement.Query{Expr: total}}, nil, []string{"lb"})
	}
	counters, err := plan("bad", "all", false)
	require.NoError(t, err)
	for _, total := range []string{"all", "sum(all)", "sum_over_time(all[5m])", "sum(sum_over_time(all[{{.window}}]))"} {
		p, err := plan("bad", total, true)
		require.NoError(t, err)
		require.True(t, p.PerPeriod())
		for _, m := range []Method{Anchored, MetricsQL, Offset} {
			require.Equal(t, "sum by (lb) (sum_over_time(all[4m59s999ms]))", p.Total[0].CountQuery(m, slot))
		}
		require.NotEqual(t, counters.Key(), p.Key(), "they count another thing")
	}
	p, err := plan("rate(bad[5m])", "increase(all[5m])", true)
	require.NoError(t, err, "what is under rate is a counter, whatever the document says")
	require.Equal(t, counters.Key(), p.Key())
	require.Contains(t, p.Warnings, "total query: increase is of a counter, so counter: false has no effect")
	_, err = plan("rate(bad[5m])", "all", true)
	require.EqualError(t, err, "total: counters stand beside counts of a period (counter: false); write all of them alike, with rate(…) or without")
	_, err = plan("bad", "sum_over_time(all[5m])", false)
	require.ErrorContains(t, err, "sum_over_time(all[5m]) is for gauges")
}

// A constant beside a time-based query is a value of none of the groups.
func TestAConstantIsNoValueOfAGroup(t *testing.T) {
	for query, told := range map[string]bool{
		"max(x) or vector(0)":                            true,
		"max(x) or on() vector(0)":                       false,
		"max by (region) (x) or 0 * sum by (region) (y)": false,
	} {
		s := agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: query}}
		plan, err := NewPlan(s, nil, []string{"region"})
		require.NoError(t, err)
		require.Equal(t, told, slices.Contains(plan.Warnings, "raw query: vector(0) has no labels, so it makes a group of its own where others have a value, and is no value of theirs; leave it out"), query)
	}
}
