package sli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// readable parses what is printed for any engine: VictoriaMetrics' own
// functions are added to the parser's.
var readable = func() parser.Parser {
	for _, name := range []string{"increase_prometheus", "tlast_over_time"} {
		function := *parser.Functions["increase"]
		function.Name = name
		parser.Functions[name] = &function
	}
	return promQL
}()

// requireReadable: whatever was read is printed as something that parses.
func requireReadable(t require.TestingT, plan Plan) {
	parses := func(query string) {
		_, err := readable.ParseExpr(query)
		require.NoError(t, err, query)
	}
	for _, term := range append(slices.Clone(plan.Total), plan.Part...) {
		for _, length := range []time.Duration{time.Second, 90 * time.Second, slot, time.Hour} {
			for _, method := range []Method{Anchored, MetricsQL, Offset} {
				parses(term.CountQuery(method, length))
			}
		}
		parses(term.presenceQuery(slot))
		parses(term.Without(term.Selected...).Values("le", slot))
		if every, _, ok := term.Bounds(); ok {
			parses(every.Values("le", slot))
		}
		parses(term.Selector())
	}
	if plan.Kind.TimeBased() {
		parses(plan.GaugeQuery(Anchored))
		parses(plan.GaugeQuery(MetricsQL))
	}
}

// scrapes draws the life of a counter: scrapes of any distance, with restarts,
// failed scrapes and long gaps.
func scrapes(t *rapid.T) []sample {
	var drawn []sample
	after, value := time.Duration(0), float64(rapid.IntRange(0, 50).Draw(t, "first"))
	for len(drawn) < 60 && after < 40*time.Minute {
		distance := rapid.SampledFrom([]int{15, 15, 15, 30, 60, 97, 300, 400}).Draw(t, "distance")
		after += time.Duration(distance) * time.Second
		switch rapid.SampledFrom([]string{"goes on", "goes on", "goes on", "goes on", "restarts", "fails"}).Draw(t, "scrape") {
		case "fails":
			drawn = append(drawn, sample{after: after, stale: true})
			continue
		case "restarts":
			value = 0
		}
		value += float64(rapid.SampledFrom([]int{0, 0, 1, 3, 20, 500}).Draw(t, "gain"))
		drawn = append(drawn, sample{after: after, value: value})
	}
	return drawn
}

func TestAnyCounterIsCounted(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		data := []series{counter("any", scrapes(rt)...)}
		storage := newInProcess(t, data)
		length := rapid.SampledFrom([]time.Duration{time.Minute, slot, 10 * time.Minute}).Draw(rt, "length")
		slots := int(50 * time.Minute / length)
		end := time.Duration(slots) * length
		want := expected(data, slots, length, lookback)

		anchored, err := storage.query(t, term(t, "c_total", "case").CountQuery(Anchored, length), length, end, length)
		require.NoError(rt, err)
		require.Equal(rt, want, anchored)

		offset, err := storage.query(t, term(t, "c_total", "case").CountQuery(Offset, length), length, end, length)
		require.NoError(rt, err)
		truth, got := want[`{case="any"}`], offset[`{case="any"}`]
		require.Equal(rt, slices.Sorted(maps.Keys(truth)), slices.Sorted(maps.Keys(got)), "slots with a value")
		for at, gain := range got {
			require.GreaterOrEqual(rt, gain, 0.0, "a count is never negative")
			require.LessOrEqual(rt, gain, truth[at], "no event is counted that was not scraped")
			if !fellTwiceOrOver(data[0].samples, at-length, at) {
				require.InDelta(rt, truth[at], gain, 0, "slot that ends at %s", at)
			}
		}
	})
}

// fellTwiceOrOver reports whether a slot is one of those that offset cannot
// count exactly: two restarts, one in the slot in which the series is new, or
// one after which the counter passed the height it fell from.
func fellTwiceOrOver(samples []sample, begin, end time.Duration) bool {
	last, known, before := 0.0, false, false
	falls, from := 0, 0.0
	for _, x := range samples {
		if x.stale || x.after > end || x.after <= begin-lookback {
			continue
		}
		if x.after > begin && known && x.value < last {
			falls++
			from = last
		}
		before = before || x.after <= begin
		last, known = x.value, true
	}
	return falls > 1 || falls == 1 && (!before || last >= from)
}

func TestSlotsTelescope(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var samples []sample
		value := float64(rapid.IntRange(0, 1e6).Draw(rt, "first"))
		for k := range 100 {
			samples = append(samples, sample{after: time.Duration(30*k+rapid.IntRange(1, 29).Draw(rt, "jitter")) * time.Second, value: value})
			value += float64(rapid.IntRange(0, 100).Draw(rt, "gain"))
		}
		e := newInProcess(t, []series{counter("steady", samples...)})
		length := rapid.SampledFrom([]time.Duration{time.Minute, 2 * time.Minute, slot}).Draw(rt, "length")
		for _, method := range []Method{Anchored, Offset} {
			got, err := e.query(t, term(t, "c_total").CountQuery(method, length), length, 50*time.Minute+length, length)
			require.NoError(rt, err)
			sum := 0.0
			for _, gain := range got["{}"] {
				sum += gain
			}
			require.InDelta(rt, samples[len(samples)-1].value-samples[0].value, sum, 0, "%s", method)
		}
	})
}

// drawQuery draws a query in an accepted form, with the terms it must have.
func drawQuery(t *rapid.T, depth int, negative bool) (query string, terms []string) {
	sign := "+"
	if negative {
		sign = "-"
	}
	if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
		name := rapid.SampledFrom([]string{"a_total", "b_total", "job:c:sum"}).Draw(t, "name")
		matchers := rapid.SampledFrom([]string{``, `{x="1"}`, `{x=~"1|2",y!="z"}`}).Draw(t, "matchers")
		canonical := sign + name + matchers
		window := rapid.SampledFrom([]string{"5m", "{{.window}}", "$__rate_interval", "[[w]]", "${w}"}).Draw(t, "window")
		form := rapid.SampledFrom([]string{"%s", "rate(%s[%s])", "increase(%s[%s])", "irate((%s[%s]))", "sum(rate(%s[%s]))"}).Draw(t, "form")
		if form == "%s" {
			return name + matchers, []string{canonical}
		}
		return fmt.Sprintf(form, name+matchers, window), []string{canonical}
	}
	left, terms := drawQuery(t, depth-1, negative)
	switch form := rapid.SampledFrom([]string{"(%s)", "sum(%s)", "sum by (x) (%s)", "sum without (y) (%s)", "(%s or vector(0))",
		"((%s) or on() vector(0))", "((%s) > 0)", "(0 * zero_total + (%s))", "clamp_min(%s, 0)", "+", "-"}).Draw(t, "shape"); form {
	case "+", "-":
		right, more := drawQuery(t, depth-1, negative != (form == "-"))
		return "((" + left + ") " + form + " (" + right + "))", append(terms, more...)
	default:
		return fmt.Sprintf(form, left), terms
	}
}

func TestAnyAcceptedFormIsReadAsItsTerms(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		query, want := drawQuery(rt, 5, false)
		plan, err := NewPlan(ratio(query), nil, nil)
		require.NoError(rt, err, query)
		got := make([]string, len(plan.Total))
		for i, term := range plan.Total {
			got[i] = term.String()
		}
		require.Equal(rt, want, got, query)
		requireReadable(rt, plan)

		selected, err := NewPlan(ratio(query), map[string]string{"consumer": `a "b"`}, []string{"region"})
		require.NoError(rt, err, query)
		require.Len(rt, selected.Total, len(want))
		for _, term := range selected.Total {
			require.Contains(rt, term.CountQuery(Anchored, slot), `consumer="a \"b\""`)
			require.True(rt, strings.HasPrefix(term.CountQuery(Offset, slot), "sum by (region) ("))
		}
		requireReadable(rt, selected)
	})
}

func FuzzRewrite(f *testing.F) {
	for _, entry := range readCorpus(f) {
		f.Add(entry.Query, "checkout", "region")
	}
	for _, c := range gauges {
		f.Add(c.query, "a\"\\\n", "cloud.region")
	}
	f.Fuzz(func(t *testing.T, query, selected, groupBy string) {
		if len(query) > 2000 {
			return
		}
		for _, s := range []agreement.SLI{
			ratio(query),
			{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: query}},
			{Kind: agreement.Ratio, Total: &agreement.Query{Histogram: query}, Good: &agreement.Query{Histogram: query, Below: 0.3}},
		} {
			for _, labels := range []map[string]string{nil, {"consumer": selected}} {
				plan, err := NewPlan(s, labels, []string{groupBy})
				if err != nil {
					require.NotEmpty(t, err.Error())
					continue
				}
				requireReadable(t, plan)
				require.NotEmpty(t, plan.Key())
			}
		}
	})
}

// The terms of a plan say themselves again: reading one gives the same.
func TestTermsAreReadBackAsThemselves(t *testing.T) {
	for _, entry := range readCorpus(t) {
		plan, err := NewPlan(ratio(entry.Query), nil, nil)
		if err != nil {
			continue
		}
		for _, first := range plan.Total {
			again, err := NewPlan(ratio(first.String()[1:]), nil, nil)
			require.NoError(t, err)
			require.Equal(t, first.String()[1:], again.Total[0].String()[1:])
		}
	}
}
