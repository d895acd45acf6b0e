package sli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Two pods are scraped every 15 s; all errors lie in the tenth minute, and in the
// twentieth one pod restarts. A window that was left open shows errors in the tenth
// minute only: none is carried into the minutes after it, which may lie outside of
// an exclusion.
func TestAnOpenWindowIsTheMinuteOnEveryEngine(t *testing.T) {
	counter := func(name, pod string, shift int, worth func(second int) float64) series {
		s := series{labels: labels.FromStrings("__name__", name, "pod", pod)}
		for second := shift; second < 1800; second += 15 {
			s.samples = append(s.samples, at(second, worth(second)))
		}
		return s
	}
	var data []series
	for i, pod := range []string{"a", "b"} {
		restart := 10_000
		if pod == "b" {
			restart = 1150
		}
		since := func(second int) int {
			if second >= restart {
				return second - restart
			}
			return second
		}
		data = append(data,
			counter("requests", pod, 3+i, func(second int) float64 { return float64(10 * since(second)) }),
			counter("errors", pod, 3+i, func(second int) float64 {
				if second >= restart {
					return 0
				}
				return float64(min(max(second-540, 0), 60))
			}))
	}
	for _, c := range engines {
		t.Run(c.name, func(t *testing.T) {
			e := c.start(t, data)
			for _, function := range []string{"rate(%s[$__rate_interval])", "increase(%s[{{.window}}])", "rate(%s[[[interval]]])"} {
				written := fmt.Sprintf("sum("+function+") / sum("+function+")", "errors", "requests")
				plan, err := NewPlan(agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: written}}, nil, nil)
				require.NoError(t, err, written)
				require.Empty(t, plan.Warnings, written)
				got, err := e.query(t, plan.GaugeQuery(c.method), 2*time.Minute, 29*time.Minute, time.Minute)
				require.NoError(t, err, written)
				require.Len(t, got["{}"], 28, written)
				for minute, share := range got["{}"] {
					// The scrapes of a minute see its errors up to some seconds of its end.
					switch minute {
					case 10 * time.Minute:
						require.InDelta(t, 0.1, share, 0.03, "%s at %s", written, minute)
					case 11 * time.Minute:
						require.Less(t, share, 0.03, "%s at %s", written, minute)
					default:
						require.Zero(t, share, "%s at %s", written, minute)
					}
				}
			}
		})
	}
}

// Where a function has no value of one minute, or the engine may not anchor it,
// the longer window stays and is told.
func TestWhichOpenWindowsAreTheMinute(t *testing.T) {
	for query, want := range map[string]struct{ asked, told string }{
		"rate(a[$w])":                     {"rate(a[1m] anchored)", ""},
		"delta(a[$w] offset 1h)":          {"delta(a[1m] anchored offset 1h)", ""},
		"rate(a[5m])":                     {"rate(a[5m])", ""},
		"avg_over_time(a[$w])":            {"avg_over_time(a[1m])", ""},
		"rate(a[$w * 2])":                 {"rate(a[5m * 2])", "taken as 5m"},
		"deriv(a[$w])":                    {"deriv(a[5m])", "taken as 5m"},
		"rate(a[$w]) + deriv(b[$w])":      {"rate(a[1m] anchored) + deriv(b[5m])", "taken as 5m"},
		"max_over_time(a[$w:])":           {"max_over_time(a[5m:])", "taken as 5m"},
		"rate(a[$w]) / rate(b[10m])":      {"rate(a[1m] anchored) / rate(b[10m])", ""},
		"histogram_avg(rate(a[$w]))":      {"histogram_avg(rate(a[5m]))", "taken as 5m"},
		"absent_over_time(a[$w]) * a":     {"absent_over_time(a[5m]) * a", "taken as 5m"},
		"max_over_time(rate(a[$w])[1h:])": {"max_over_time(rate(a[1m] anchored)[1h:])", ""},
		"histogram_quantile(0.9, sum by (le) (rate(a_bucket[$w])))": {"histogram_quantile(0.9, sum by (le) (rate(a_bucket[1m] anchored)))", ""},
	} {
		plan, err := NewPlan(agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: query}}, nil, nil)
		require.NoError(t, err, query)
		require.Equal(t, want.asked, plan.GaugeQuery(Anchored), query)
		if want.told == "" {
			require.Empty(t, plan.Warnings, query)
		} else {
			require.Contains(t, strings.Join(plan.Warnings, "\n"), want.told, query)
		}
	}
}

// Engines without the modifier are asked for the same in their own way; other
// tools are given a window that any of them reads.
func TestAnchoredChangesInOtherWords(t *testing.T) {
	plan, err := NewPlan(agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: "increase(a[$w] offset 1h) - delta(b[2m] anchored)"}}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, "(((last_over_time(a[59s999ms] offset 1h) - (last_over_time(a[5m] offset 1h1m) or min_over_time(a[59s999ms] offset 1h))) >= 0) or last_over_time(a[59s999ms] offset 1h)) - "+
		"(last_over_time(b[1m59s999ms]) - last_over_time(b[5m] offset 2m))", plan.GaugeQuery(Offset))
	require.Equal(t, "(rate(a[1m] offset 1h) * 60) - delta(b[2m])", plan.GaugeQuery(MetricsQL))
	require.Equal(t, "increase(a[5m] offset 1h) - delta(b[2m] anchored)", plan.PortableGauge)
	require.Equal(t, "a", plan.Selector(), "which is asked for by itself")

	computed := "rate(a[2 * 1m] anchored)"
	plan, err = NewPlan(agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: computed}}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, computed, plan.GaugeQuery(Offset), "only an engine knows the range, and it says what it cannot do")
}
