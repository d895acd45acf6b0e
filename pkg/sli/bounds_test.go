package sli

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
)

// latency is an SLI of two queries.
func latency(t require.TestingT, partIsGood bool, part, total string, groupBy ...string) Plan {
	s := agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: total}, Bad: &agreement.Query{Expr: part}}
	if partIsGood {
		s.Good, s.Bad = s.Bad, nil
	}
	plan, err := NewPlan(s, map[string]string{"job": "api"}, groupBy)
	require.NoError(t, err)
	return plan
}

// What counts all of a histogram needs the good bucket, by its own matchers: a
// further filter of good is no missing bound.
func TestWhichBucketATermNeeds(t *testing.T) {
	const needed = `d_bucket{job="api",le="0.3"}`
	for _, c := range []struct {
		good        bool
		part, total string
		want        []string // of all terms; empty: none
	}{
		{true, `d_bucket{le="0.3"}`, `d_count`, []string{needed, ""}},
		{true, `d_bucket{le="0.3",code!~"5.."}`, `d_count`, []string{needed, ""}},
		{true, `d_bucket{le="0.3"}`, `d_count{route="/"}`, []string{`d_bucket{job="api",le="0.3",route="/"}`, ""}},
		{true, `d_bucket{le="0.3"}`, `d_bucket{le="+Inf"}`, []string{needed, ""}},
		{true, `d_bucket{le="1"}`, `d_count offset 5m`, []string{`d_bucket{job="api",le=~"1|1\\.0"} offset 5m`, ""}},
		{false, `d_count - d_bucket{le="0.3"}`, `d_count`, []string{needed, needed, ""}},
		{true, `d_bucket{le="0.3"} + other_total`, `d_count + other_total`, []string{needed, "", "", ""}},
		{true, `d_bucket{le="+Inf"}`, `d_count`, []string{"", ""}},
		{true, `d_bucket{le="0.3"}`, `d_bucket{le="5"}`, []string{"", ""}},
		{true, `d_bucket{le="0.3"}`, `e_count`, []string{"", ""}},
		{true, `ok_total`, `d_count`, []string{"", ""}},
		{true, `d_bucket{le="1"} - d_bucket{le="0.1"}`, `d_count`, []string{"", "", ""}},
	} {
		var got []string
		for _, term := range latency(t, c.good, c.part, c.total).Terms() {
			if term.Present == nil {
				got = append(got, "")
				continue
			}
			got = append(got, term.Present.Selector())
		}
		for i, want := range c.want {
			if want == "" {
				require.Empty(t, got[i], "%s of %s", c.part, c.total)
				continue
			}
			require.Equal(t, matcherTexts(t, want), matcherTexts(t, got[i]), "%s of %s", c.part, c.total)
		}
	}
}

// matcherTexts are the parts of a selector, whatever their order.
func matcherTexts(t *testing.T, selector string) []string {
	read := term(t, selector)
	texts := []string{read.Offset.String()}
	for _, m := range append(read.Matchers, labels.MustNewMatcher(labels.MatchEqual, "__name__", read.Metric)) {
		texts = append(texts, m.String())
	}
	slices.Sort(texts)
	return texts
}

// target draws the life of a histogram of one target: its count, and a bucket
// that comes late, goes, or is written the other way from some time on.
func target(t *rapid.T, name string) []series {
	bucket := func(metric, le string) series {
		all := map[string]string{"__name__": metric, "job": "api", "pod": name}
		if le != "" {
			all["le"] = le
		}
		return series{labels: labels.FromMap(all)}
	}
	count, inf := bucket("d_count", ""), bucket("d_bucket", "+Inf")
	whole, spelled, other := bucket("d_bucket", "1"), bucket("d_bucket", "1.0"), bucket("d_bucket", "0.5")
	phase := rapid.IntRange(0, 59).Draw(t, "phase")
	all, fast, respelled := 0.0, 0.0, rapid.IntRange(0, 60).Draw(t, "respelled")
	from, until := rapid.IntRange(0, 60).Draw(t, "from"), rapid.IntRange(0, 90).Draw(t, "until")
	for k := range 60 {
		gained := float64(rapid.IntRange(0, 9).Draw(t, "gain"))
		all, fast = all+gained, fast+float64(rapid.IntRange(0, int(gained)).Draw(t, "fast"))
		count.samples = append(count.samples, at(60*k+phase, all))
		inf.samples = append(inf.samples, at(60*k+phase, all))
		other.samples = append(other.samples, at(60*k+phase, 0))
		switch {
		case k < from || k > until:
		case k < respelled:
			whole.samples = append(whole.samples, at(60*k+phase, fast))
		default:
			spelled.samples = append(spelled.samples, at(60*k+phase, fast))
		}
	}
	var scraped []series
	for _, one := range []series{count, inf, whole, spelled, other} {
		if len(one.samples) > 0 {
			scraped = append(scraped, one)
		}
	}
	return scraped
}

// inBound is what the whole of each target gained in the slots in which it had
// the bound: the law, without a query.
func inBound(data []series, length time.Duration, slots int) points {
	want := points{}
	for _, whole := range data {
		if whole.labels.Get("__name__") != "d_count" {
			continue
		}
		for k := range slots {
			begin, end := time.Duration(k)*length, time.Duration(k+1)*length
			bounded := false
			for _, one := range data {
				if le := one.labels.Get("le"); one.labels.Get("pod") != whole.labels.Get("pod") || le != "1" && le != "1.0" {
					continue
				}
				_, there := increments(one.samples, begin, end, lookback)
				bounded = bounded || there
			}
			if gain, measured := increments(whole.samples, begin, end, lookback); measured && bounded {
				want.set(labels.FromStrings("pod", whole.labels.Get("pod")), end, gain)
			}
		}
	}
	return want
}

func TestOnlyWhatHasTheBoundIsCounted(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var data []series
		for i := range rapid.IntRange(1, 3).Draw(rt, "targets") {
			data = append(data, target(rt, fmt.Sprint(i))...)
		}
		e := newInProcess(t, data)
		length := rapid.SampledFrom([]time.Duration{time.Minute, slot, 10 * time.Minute}).Draw(rt, "length")
		slots := int(time.Hour / length)
		want := inBound(data, length, slots)
		for _, total := range []string{`d_count`, `d_bucket{le="+Inf"}`} {
			whole := latency(rt, true, `d_bucket{le="1"}`, total, "pod").Total[0]
			for _, method := range []Method{Anchored, Offset} {
				got, err := e.query(t, whole.CountQuery(method, length), length, time.Duration(slots)*length, length)
				require.NoError(rt, err)
				require.Equal(rt, want, got, "%s by %s", total, method)
			}
		}
	})
}

// A restart within a slot, and one between slots, of a target without the bound
// counts nothing; of one with it, all that was scraped.
func TestBoundsAcrossRestartsOnEveryEngine(t *testing.T) {
	life := []sample{at(10, 10), at(280, 30), at(310, 3), at(340, 9), at(590, 20), at(610, 25), at(640, 2), at(670, 7), at(890, 9)}
	whole := func(pod string) series {
		return series{labels: labels.FromStrings("__name__", "d_count", "job", "api", "pod", pod), samples: life}
	}
	bucket := func(pod, le string, samples ...sample) series {
		return series{labels: labels.FromStrings("__name__", "d_bucket", "job", "api", "pod", pod, "le", le), samples: samples}
	}
	data := []series{
		whole("always"), bucket("always", "1", life...),
		whole("never"), bucket("never", "2", life...),
		whole("late"), bucket("late", "1.0", at(610, 1), at(640, 1), at(670, 2), at(890, 3)),
		whole("gone"), bucket("gone", "1", at(10, 1), at(280, 2), at(310, 1), at(340, 1)),
	}
	want := inBound(data, slot, 3)
	require.NotContains(t, want, `{pod="never"}`)
	for _, c := range engines {
		t.Run(c.name, func(t *testing.T) {
			e := c.start(t, data)
			for _, total := range latency(t, false, `d_count - d_bucket{le="1"}`, `d_count`, "pod").Terms()[:2] {
				got, err := e.query(t, total.CountQuery(c.method, slot), slot, 3*slot, slot)
				require.NoError(t, err)
				requirePoints(t, want, got, c.name)
			}
		})
	}
}
