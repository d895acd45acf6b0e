package sli

import (
	"strings"
	"testing"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/stretchr/testify/require"
)

func TestRefusals(t *testing.T) {
	for query, want := range map[string]string{
		``:                                       `total: the query is empty`,
		`sum(rate(a[5m])`:                        `total query at 1:16: this is no PromQL: unclosed left parenthesis`,
		`sum(rate(a[{{ .Window }}])) ,`:          `total query at 1:29: this is no PromQL: unexpected ","`,
		`rate(a[$__rate_interval]) * $factor`:    `total query at 1:29: a placeholder stands outside of […]; only the window of a range is filled in, write the rest out`,
		`a{job="$job"}`:                          `total query at 1:1: a{job="$job"} has job="$job", and nothing fills that in here; write the value out, or use the objective's select`,
		`a{job=~"${job:regex}"}`:                 `total query at 1:1: a{job=~"${job:regex}"} has job=~"${job:regex}", and nothing fills that in here; write the value out, or use the objective's select`,
		`vector(0)`:                              `total query at 1:1: vector(0) is 0 and counts nothing; name a counter`,
		`5`:                                      `total query at 1:1: 5 is a constant, not a count; name a counter`,
		"sum(rate(a[5m]))\n  / sum(rate(b[5m]))": `total query at 1:1: sum(rate(a[5m])) / sum(rate(b[5m])) is a ratio, which holds no counts; write good and total separately, or use a raw SLI`,
		`1 - sum(a) / sum(b)`:                    `total query at 1:1: 1 - sum(a) / sum(b) adds a constant to a count; leave the constant out; of a ratio write good and total separately, or use a raw SLI`,
		`a * on (pod) group_left (team) b{team="x"}`: `total query at 1:1: a * on (pod) group_left (team) b{team="x"} is a join, which counts an event once for each series that it is joined with; select by labels of the counter itself, or use a raw SLI`,
		`sum(rate(a[5m])) * 60`:                      `total query at 1:1: sum(rate(a[5m])) * 60 scales a count; leave the factor out: events are counted, not rates`,
		`avg(rate(a[5m]))`:                           `total query at 1:1: avg(rate(a[5m])) is an average, which holds no count; use sum(…); for the average of a gauge use a raw or a threshold SLI`,
		`count(up)`:                                  `total query at 1:1: count(up) counts series, not events; use sum(…) of a counter; for the share of targets that are up use a raw SLI with avg(up{…})`,
		`sum(up{job="api"})`:                         `total query at 1:5: up{job="api"} is a gauge, 0 or 1, whose increase counts nothing; use a threshold SLI, or a raw one with avg(…)`,
		`ALERTS{alertname="Down"}`:                   `total query at 1:1: ALERTS{alertname="Down"} is a gauge, 0 or 1, whose increase counts nothing; use a threshold SLI, or a raw one with avg(…)`,
		`sum(topk(5, a))`:                            `total query at 1:5: topk(5, a) keeps some series and drops others as they change; name the series by their labels`,
		`max(a)`:                                     `total query at 1:1: max(a) picks a value, which holds no count; use sum(…) of a counter, or a threshold SLI`,
		`sum(increase(sum(a)[30d:1m]))`:              `total query at 1:14: sum(a)[30d:1m] is a subquery, which looks only at every step; put increase(…) on the counter itself, sum(…) around it`,
		`a[5m]`:                                      `total query at 1:1: a[5m] is a range on its own; leave the […] out, or put rate(…) around it`,
		`sum(a @ end())`:                             `total query at 1:5: a @ end() has an @, so every slot would count the same; leave the @ out`,
		`a offset -5m`:                               `total query at 1:1: a offset -5m looks into the future; leave the negative offset out`,
		`a{code="500",code="503"}`:                   `total query at 1:1: a{code="500",code="503"} has both code="500" and code="503", which no series has; write code=~"500|503" for either`,
		`sum(rate(a.b_total[5m]))`:                   `total query at 1:11: this is no PromQL: unexpected character: '.'; a name with dots is written in braces and quotes: {"http.server.requests"}`,
		`a{code=500}`:                                `total query at 1:8: this is no PromQL: unexpected character inside braces: '5'; a value stands in straight quotes, as code="500"`,
		`a{code=~"5\d\d"}`:                           "total query at 1:9: this is no PromQL: unknown escape sequence U+0064 'd'; write each backslash twice, or the value in `backquotes`",
		`-a`:                                         `total query at 1:1: -a turns a count negative; write a difference, a - b`,
		`sum(a) - sum(a offset 5m)`:                  `total query at 1:1: sum(a) - sum(a offset 5m) subtracts a counter of another time from itself, which leaves the change of its rate; write the counter alone, without its offset: what it gained is counted`,
		`sum(a + b{c="d"} - b{c="d"} offset 1h)`:     `total query at 1:1: sum(a + b{c="d"} - b{c="d"} offset 1h) subtracts a counter of another time from itself, which leaves the change of its rate; write the counter alone, without its offset: what it gained is counted`,
		`0 - a`:                                      `total query at 1:1: 0 - a only subtracts; begin with what is added`,
		`a > 10`:                                     `total query at 1:1: a > 10 drops or replaces counts by a comparison; leave it out (only > 0 may stay), or use a threshold SLI`,
		`a or b`:                                     `total query at 1:1: a or b takes one counter where the other is missing; write a + b: a counter that is missing counts as 0`,
		`a and on(job) b`:                            `total query at 1:1: a and on(job) b drops counts while another series is there or not; select the series by their labels, or agree on an exclusion`,
		`a + on(x) group_left b`:                     `total query at 1:1: a + on(x) group_left b counts one side as often as it has partners on the other; leave group_left and group_right out`,
		`sum(delta(a[5m]))`:                          `total query at 1:5: delta(a[5m]) is for gauges and holds no count; use increase(…) if it is a counter`,
		`histogram_quantile(0.99, sum by (le) (rate(d_bucket[5m])))`: `total query at 1:1: histogram_quantile(0.99, sum by (le) (rate(d_bucket[5m]))) is a percentile, which holds no count; count what is fast enough: sum(rate(…_bucket{le="0.3"}[5m])) as good and sum(rate(…_count[5m])) as total`,
		`sum(rate(d_bucket[5m]))`:                                    `total query at 1:10: d_bucket counts an event once in every bucket it fits into; pick one with le="…", or use d_count; if it is no histogram, add le=""`,
		`d_bucket{le=~"0.1|0.3"}`:                                    `total query at 1:1: d_bucket{le=~"0.1|0.3"} matches several bounds, and buckets hold the ones below them; pick one with le="…"`,
		`sum(job:requests:rate5m)`:                                   `total query at 1:5: job:requests:rate5m is a recorded rate or ratio, which holds no count; use the counter it is recorded from, or a raw SLI`,
		`{job="api"}`:                                                `total query at 1:1: {job="api"} names no metric; name the counter`,
		`{__name__=~".+_total"}`:                                     `total query at 1:1: {__name__=~".+_total"} does not list its metrics; name the counter, or list them: {__name__=~"a_total|b_total"}`,
		`sum_over_time(a[30d])`:                                      `total query at 1:1: sum_over_time(a[30d]) is for gauges and holds no count; use a counter, or a raw or threshold SLI for a gauge`,
		`abs(a)`:                                                     `total query at 1:1: abs(a) does not keep counts; leave abs(…) out, or use a raw or threshold SLI`,
		`label_replace(a, "region", "$1", "zone", "(.*)")`:           `total query at 1:1: label_replace(a, "region", "$1", "zone", "(.*)") makes the label "region", which only the counter itself can be selected or grouped by; group by a label that the counter has, or relabel it when it is scraped`,
		`a{consumer="search"}`:                                       `total query at 1:1: a{consumer="search"} has consumer="search", so select consumer="checkout" can match nothing; leave one of the two out`,
		`a{consumer!~"check.*"}`:                                     `total query at 1:1: a{consumer!~"check.*"} has consumer!~"check.*", so select consumer="checkout" can match nothing; leave one of the two out`,
		strings.Repeat(" ", maxQueryBytes) + "a":                     `total: the query has 16385 bytes, at most 16384 are read`,
		`rate(a[5m]) * scalar(b)`:                                    `total query at 1:1: rate(a[5m]) * scalar(b) scales a count; leave the factor out: events are counted, not rates`,
		`scalar(b) * a`:                                              `total query at 1:1: scalar(b) * a scales a count; leave the factor out: events are counted, not rates`,
		strings.Repeat("a + ", maxTerms) + "a":                       `total: 101 counters are added up, at most 100 are counted; record their sum`,
	} {
		name := query
		if len(name) > 60 {
			name = name[:60]
		}
		t.Run(name, func(t *testing.T) {
			s := ratio("a")
			s.Total = &agreement.Query{Expr: query}
			_, err := NewPlan(s, map[string]string{"consumer": "checkout"}, []string{"region"})
			require.EqualError(t, err, want)
		})
	}
}

func TestRefusedTimeBasedQueries(t *testing.T) {
	for query, want := range map[string]string{
		`up[5m]`:                              `threshold query at 1:1: up[5m] is a range vector, not a value at an instant; put a function around the range, avg_over_time(…) for example`,
		`vector(1)`:                           `threshold query at 1:1: vector(1) looks at no series; name a metric`,
		`time()`:                              `threshold query at 1:1: time() looks at no series; name a metric`,
		`up @ 0`:                              `threshold query at 1:1: up @ 0 has an @, so every minute would be the same; leave the @ out`,
		`avg_over_time(up[1h:5m] @ end())`:    `threshold query at 1:15: up[1h:5m] @ end() has an @, so every minute would be the same; leave the @ out`,
		`up offset -1h`:                       `threshold query at 1:1: up offset -1h looks into the future; leave the negative offset out`,
		`avg_over_time(up[1h:] offset -5m)`:   `threshold query at 1:15: up[1h:] offset -5m looks into the future; leave the negative offset out`,
		`up offset -(1h)`:                     `threshold query at 1:1: up offset -(1h) computes its offset; write a plain duration`,
		`avg_over_time(up[1h:] offset -(5m))`: `threshold query at 1:15: up[1h:] offset -(5m) computes its offset; write a plain duration`,
		`up{dc="fra",dc="ams"}`:               `threshold query at 1:1: up{dc="fra",dc="ams"} has both dc="fra" and dc="ams", which no series has; write dc=~"fra|ams" for either`,
		`up{job="[[job]]"}`:                   `threshold query at 1:1: up{job="[[job]]"} has job="[[job]]", and nothing fills that in here; write the value out, or use the objective's select`,
		`max_over_time(up{dc="ams"}[1h:])`:    `threshold query at 1:15: up{dc="ams"} has dc="ams", so select dc="fra" can match nothing; leave one of the two out`,
		``:                                    `threshold: the query is empty`,
	} {
		_, err := NewPlan(agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: query}}, map[string]string{"dc": "fra"}, nil)
		require.EqualError(t, err, want)
	}
	quantile := &agreement.Query{Expr: "histogram_quantile(0.99, sum by (le) (rate(d_bucket[5m])))"}
	_, err := NewPlan(agreement.SLI{Kind: agreement.RawFailure, Gauge: quantile}, nil, nil)
	require.EqualError(t, err, "raw query at 1:1: "+quantile.Expr+" is a percentile, and no ratio of 0 to 1; use a threshold SLI")
	_, err = NewPlan(agreement.SLI{Kind: agreement.Threshold, Gauge: quantile}, nil, nil)
	require.NoError(t, err)
	_, err = NewPlan(agreement.SLI{Kind: agreement.RawSuccess}, nil, nil)
	require.EqualError(t, err, "raw: there is no query; give the PromQL of a gauge")
}

func TestRefusedObjectives(t *testing.T) {
	a := &agreement.Query{Expr: "a"}
	for _, c := range []struct {
		sli      agreement.SLI
		selected map[string]string
		groupBy  []string
		want     string
	}{
		{sli: agreement.SLI{Kind: agreement.Ratio, Good: a}, want: "total: there is none; a ratio needs the query of all events"},
		{sli: agreement.SLI{Kind: agreement.Ratio, Total: a}, want: "good or bad: exactly one of them is needed beside total; give the good events or the bad ones"},
		{sli: agreement.SLI{Kind: agreement.Ratio, Total: a, Good: a, Bad: a}, want: "good or bad: exactly one of them is needed beside total; give the good events or the bad ones"},
		{sli: ratio("max(a)"), want: "total query at 1:1: max(a) picks a value, which holds no count; use sum(…) of a counter, or a threshold SLI\n" +
			"bad query at 1:1: max(a) picks a value, which holds no count; use sum(…) of a counter, or a threshold SLI"},
		{sli: ratio("a"), groupBy: []string{"le"}, want: "groupBy: le is a histogram's bound, which tells no part of the events; put the bound into the query of good"},
		{sli: ratio("a"), selected: map[string]string{"__name__": "b"}, want: "select: __name__ cannot be used; name the metrics in the query"},
		{sli: ratio("a"), groupBy: []string{""}, want: `groupBy: "" is no label name`},
		{sli: agreement.SLI{Kind: agreement.Ratio, Total: a, Good: &agreement.Query{Expr: "max(a)"}},
			want: "good query at 1:1: max(a) picks a value, which holds no count; use sum(…) of a counter, or a threshold SLI"},
	} {
		_, err := NewPlan(c.sli, c.selected, c.groupBy)
		require.EqualError(t, err, c.want)
	}
}

// The place is that in the query as written, not in the one with its windows
// filled, and in characters.
func TestPlaceOfAnError(t *testing.T) {
	_, err := NewPlan(ratio("sum(rate(a{x=\"größe\"}[{{ .window }}]))\n + sum(rate(b[[[window]]]))\n\t+ ü"), nil, nil)
	require.ErrorContains(t, err, "total query at 3:4: ")
	_, err = NewPlan(ratio("rate(a[$__rate_interval]) + rate(b[${__range_s}s]) + avg(c)"), nil, nil)
	require.ErrorContains(t, err, "total query at 1:54: ")
}
