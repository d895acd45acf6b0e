package sli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// rewrites are what people write, a line each, with what an objective adds.
var rewrites = []struct {
	query    string
	selected map[string]string
	groupBy  []string
}{
	{query: `http_requests_total{job="api",code=~"5.."}`},
	{query: `sum(rate(http_requests_total{job="api"}[{{.window}}])) or vector(0)`},
	{query: `sum by (code) (increase(http_requests_total[$__rate_interval] offset 1h))`, groupBy: []string{"region", "zone"}},
	{query: `sum(rate(http_requests_total[5m])) - sum(rate(http_requests_total{code=~"5.."}[5m]))`, selected: map[string]string{"consumer": "checkout"}},
	{query: `sum(rate(http_request_duration_seconds_bucket{le="1"}[5m]))`},
	{query: `sum(rate({__name__=~"jobs_done_total|jobs_failed_total",queue="mail"}[${window}]))`},
	{query: `sum(rate({"http.server.requests", "service.name"="shop"}[5m]))`, groupBy: []string{"cloud.region"}},
	{query: `histogram_count(sum(rate(response_seconds[5m])))`},
	{query: `histogram_fraction(-Inf, 0.3, sum(rate(response_seconds[5m]))) * histogram_count(sum(rate(response_seconds[5m])))`},
}

func TestRewrites(t *testing.T) {
	var out strings.Builder
	for _, c := range rewrites {
		fmt.Fprintf(&out, "query      %s\n", c.query)
		plan, err := NewPlan(ratio(c.query), c.selected, c.groupBy)
		require.NoError(t, err)
		for _, term := range plan.Total {
			fmt.Fprintf(&out, "term       %s\n", term)
			for _, m := range []Method{Anchored, MetricsQL, Offset} {
				if term.Countable(m) == nil {
					fmt.Fprintf(&out, "%-10s %s\n", m, term.CountQuery(m, slot))
				}
			}
			fmt.Fprintf(&out, "%-10s %s\n", "presence", term.presenceQuery(slot))
			if selected := term.Selected; len(selected) > 0 {
				fmt.Fprintf(&out, "%-10s %s\n", "unselected", term.Without(selected...).Values(selected[0].Name, slot))
			}
			if every, asked, ok := term.Bounds(); ok {
				fmt.Fprintf(&out, "%-10s %s asked %q\n", "bounds", every.Values("le", time.Hour), asked)
			}
		}
		fmt.Fprintln(&out)
	}
	requireGolden(t, "rewrites.golden", out.String())
}

// gauges are queries of time-based SLIs.
var gauges = []struct {
	kind     agreement.SLIKind
	query    string
	selected map[string]string
	groupBy  []string
}{
	{kind: agreement.Threshold, query: `up{job="api"}`},
	{kind: agreement.Threshold, query: `avg(probe_success{job="blackbox"})`, groupBy: []string{"region"}},
	{kind: agreement.Threshold, query: `max without (pod, region) (queue_delay_seconds{queue="orders"})`, groupBy: []string{"region"}},
	{kind: agreement.Threshold, query: `time() - timestamp(backup_done{job="db"}) > 3600`},
	{kind: agreement.Threshold, query: `histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[$__rate_interval])))`, selected: map[string]string{"consumer": "checkout"}},
	{kind: agreement.RawFailure, query: `sum(rate(http_requests_total{code=~"5.."}[{{.window}}])) / on(job) sum(rate(http_requests_total[{{.window}}]))`, groupBy: []string{"region"}},
	{kind: agreement.RawSuccess, query: `max_over_time(avg(up)[10m:1m]) or on() vector(0)`, selected: map[string]string{"dc": "fra"}, groupBy: []string{"region"}},
	{kind: agreement.Threshold, query: `absent(up{job="api"})`},
}

func TestGaugeRewrites(t *testing.T) {
	var out strings.Builder
	for _, c := range gauges {
		fmt.Fprintf(&out, "query      %s\n", c.query)
		plan, err := NewPlan(agreement.SLI{Kind: c.kind, Gauge: &agreement.Query{Expr: c.query}}, c.selected, c.groupBy)
		require.NoError(t, err)
		fmt.Fprintf(&out, "prometheus %s\n", plan.GaugeQuery(Anchored))
		fmt.Fprintf(&out, "metricsql  %s\n", plan.GaugeQuery(MetricsQL))
		for _, warning := range plan.Warnings {
			fmt.Fprintf(&out, "warning    %s\n", warning)
		}
		fmt.Fprintln(&out)
	}
	requireGolden(t, "gauges.golden", out.String())
}

func requireGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the tests with -update once")
	require.Equal(t, string(want), got)
}

func TestKeyIsEqualForEqualMeaning(t *testing.T) {
	key := func(query string, selected map[string]string, groupBy ...string) string {
		plan, err := NewPlan(ratio(query), selected, groupBy)
		require.NoError(t, err)
		return plan.Key()
	}
	same := key(`sum(rate(a{x="1",y="2"}[5m])) + sum(b)`, nil, "r", "s")
	require.Equal(t, same, key(`sum(b or vector(0)) + sum by (job) (increase(a{y="2",x="1"}[{{.window}}]))`, nil, "s", "r"))
	require.Equal(t, same, key(`a{x="1",y="2"} + b`, nil, "s", "r", "s"))
	require.Equal(t, key(`a{x="1"}`, nil), key(`a`, map[string]string{"x": "1"}))

	require.NotEqual(t, same, key(`a{x="1",y="2"} + b`, nil, "s"))
	require.NotEqual(t, same, key(`a{x="1",y="2"} - b`, nil, "s", "r"))
	require.NotEqual(t, key(`a`, nil), key(`a offset 5m`, nil))
	require.NotEqual(t, key(`histogram_count(a)`, nil), key(`a`, nil))
}

func TestSelectKnownToTheQueryIsNotAdded(t *testing.T) {
	plan, err := NewPlan(ratio(`a{consumer="checkout"}`), map[string]string{"consumer": "checkout"}, nil)
	require.NoError(t, err)
	require.Equal(t, `+a{consumer="checkout"}`, plan.Total[0].String())
	require.Empty(t, plan.Total[0].Selected)
}

func TestIntegerBoundsMatchBothSpellings(t *testing.T) {
	for bound, want := range map[string]string{
		`le="1"`:           `+d_bucket{le=~"1|1\\.0"}`,
		`le="1.0"`:         `+d_bucket{le=~"1|1\\.0"}`,
		`le=~"1"`:          `+d_bucket{le=~"1|1\\.0"}`,
		`le=~"1|1.0"`:      `+d_bucket{le=~"1|1.0"}`,
		`le="0.3"`:         `+d_bucket{le="0.3"}`,
		`le=~"0\\.3|0.30"`: `+d_bucket{le=~"0\\.3|0.30"}`,
		`le="1e+06"`:       `+d_bucket{le="1e+06"}`,
		`le="+Inf"`:        `+d_bucket{le="+Inf"}`,
	} {
		require.Equal(t, want, term(t, "d_bucket{"+bound+"}").String(), bound)
	}
	_, asked, ok := term(t, `d_bucket{le="1.0"}`).Bounds()
	require.True(t, ok)
	require.Equal(t, []string{"1.0", "1"}, asked)
	_, _, ok = term(t, `requests_per_bucket{le=""}`).Bounds()
	require.False(t, ok, "an empty le says that it is no histogram")
}

func TestWarnings(t *testing.T) {
	for query, want := range map[string]string{
		`sum(rate(job:http_requests_total:sum[5m]))`: "total query: job:http_requests_total:sum is a recorded sum: it falls when one of its series goes, and that is counted as a restart; the counters themselves are exact",
		`sum(irate(a[5m]))`:                          "total query: irate looks at the last two samples of a window only; all events are counted",
		`clamp_min(sum(rate(a[5m])) - sum(b), 0)`:    "total query: clamp_min is left out: good and total are scraped at slightly different instants, which evens out",
		`round(sum(increase(a[{{.window}}])))`:       "total query: round is left out: events are counted whole",
	} {
		plan, err := NewPlan(ratio(query), nil, nil)
		require.NoError(t, err)
		require.Contains(t, plan.Warnings, want)
	}
}

// A part of which nothing is left is 0 % for ever, or 100 %.
func TestAPartThatTakesAwayAllThatItCountsIsTold(t *testing.T) {
	for part, told := range map[string]bool{
		`x_count - x_bucket{le="+Inf"}`: true, `x_count - x_bucket{le="0.3"}`: false, `a + b - (b + a)`: true, `a - b`: false, `a + a - a`: false, `a{code="500"} - a`: false,
	} {
		plan, err := NewPlan(agreement.SLI{Kind: agreement.Ratio, Bad: &agreement.Query{Expr: part}, Total: &agreement.Query{Expr: "x_count"}}, nil, nil)
		require.NoError(t, err)
		require.Equal(t, told, slices.Contains(plan.Warnings, "bad takes away all that it counts, so the ratio never changes"), part)
	}
}

// A part that is all of the total is 100 % for ever, or 0 %.
func TestAPartThatIsAllOfTheTotalIsTold(t *testing.T) {
	for _, tt := range []struct {
		part, total string
		told        bool
	}{
		{`sum(rate(a[5m]))`, `a`, true},
		{`a{code!~"5.."}`, `a`, false},
		{`x_bucket{le="+Inf"}`, `x_count`, true},
		{`x_bucket{job="b",le="+Inf"}`, `x_count{job="b"}`, true},
		{`x_bucket{code="200",le="+Inf"}`, `x_count`, false},
		{`x_bucket{le="0.3"}`, `x_count`, false},
		{`x_count offset 1h`, `x_count`, false},
	} {
		s := agreement.SLI{Kind: agreement.Ratio, Good: &agreement.Query{Expr: tt.part}, Total: &agreement.Query{Expr: tt.total}}
		plan, err := NewPlan(s, nil, nil)
		require.NoError(t, err)
		told := slices.Contains(plan.Warnings, "good counts all that total counts, so the ratio never changes")
		require.Equal(t, tt.told, told, tt.part)
		if s.Bad, s.Good = s.Good, nil; tt.part != `x_bucket{le="0.3"}` { // which bad cannot be
			plan, err = NewPlan(s, nil, nil)
			require.NoError(t, err)
			told = slices.Contains(plan.Warnings, "bad counts all that total counts, so the ratio never changes")
			require.Equal(t, tt.told, told, tt.part)
		}
	}
}
