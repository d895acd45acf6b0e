package counting

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/sli"
)

// terms of a selector each.
func terms(t *testing.T, selectors ...string) []sli.Term {
	t.Helper()
	all := make([]sli.Term, len(selectors))
	for i, selector := range selectors {
		plan, err := sli.NewPlan(agreement.SLI{Kind: agreement.Ratio,
			Total: &agreement.Query{Expr: selector}, Bad: &agreement.Query{Expr: "errors"}}, nil, nil)
		require.NoError(t, err)
		all[i] = plan.Total[0]
	}
	return all
}

func gatherTerms(terms []sli.Term) []*gathered {
	var all []*consumer
	for _, term := range terms {
		all = append(all, &consumer{term: term})
	}
	return gather(all, func(c *consumer) string { return c.term.Metric })
}

// selectors are what the sets ask for.
func selectors(sets []*gathered) []string {
	all := make([]string, len(sets))
	for i, set := range sets {
		all[i] = fmt.Sprint(set.matchers())
	}
	slices.Sort(all)
	return all
}

func TestTermsThatDifferInOneLabelAreReadTogether(t *testing.T) {
	for name, c := range map[string]struct{ of, queries, samples []string }{
		"of one template": {
			of:      []string{`r{service="a"}`, `r{service="b"}`, `r{service="c"}`},
			queries: []string{`[service=~"a|b|c"]`}, samples: []string{`[service=~"a|b|c"]`},
		},
		"bad is a part of the total": {
			of:      []string{`r{service="a"}`, `r{service="a",code=~"5.."}`, `r{service="b"}`, `r{service="b",code=~"5.."}`},
			queries: []string{`[code=~"5.." service=~"a|b"]`, `[service=~"a|b"]`}, samples: []string{`[service=~"a|b"]`},
		},
		"one reads all": {
			of:      []string{`r`, `r{service="a"}`, `r{service="b",code="500"}`},
			queries: []string{`[]`, `[code="500" service="b"]`, `[service="a"]`}, samples: []string{`[]`},
		},
		"by the label that leaves the fewest": {
			of:      []string{`r{job="x",service="a"}`, `r{job="x",service="b"}`, `r{job="x",service="c"}`, `r{job="y",service="a"}`},
			queries: []string{`[job="x" service=~"a|b|c"]`, `[job="y" service="a"]`}, samples: []string{`[job="x" service=~"a|b|c"]`, `[job="y" service="a"]`},
		},
		"metrics stay apart":         {of: []string{`a{x="1"}`, `b{x="2"}`}, queries: []string{`[x="1"]`, `[x="2"]`}, samples: []string{`[x="1"]`, `[x="2"]`}},
		"what stands in a regexp":    {of: []string{`r{s="a.b"}`, `r{s="c|d"}`}, queries: []string{`[s=~"a\\.b|c\\|d"]`}, samples: []string{`[s=~"a\\.b|c\\|d"]`}},
		"a series without the label": {of: []string{`r{s=""}`, `r{s="a"}`}, queries: []string{`[s=""]`, `[s="a"]`}, samples: []string{`[s=""]`, `[s="a"]`}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.queries, selectors(gatherTerms(terms(t, c.of...))))
			assert.Equal(t, c.samples, selectors(absorb(gatherTerms(terms(t, c.of...)))))
		})
	}
}

// Large sets are asked for side by side, small ones together.
func TestLargeSetsAreRequestsOfTheirOwn(t *testing.T) {
	sized := func(sizes ...int) (sets []*readSet) {
		for _, size := range sizes {
			members := map[string][]*consumer{}
			for i := range size {
				members[strconv.Itoa(i)] = nil
			}
			sets = append(sets, &readSet{gathered: &gathered{members: members}})
		}
		return sets
	}
	for _, c := range []struct{ sizes, want []int }{
		{nil, nil},
		{[]int{1, 1, 1}, []int{3}},
		{[]int{maxMerged, maxMerged, 1}, []int{1, 1, 1}},
		{[]int{maxMerged - 1, 1, 1}, []int{2, 1}},
		{[]int{1, 1, 1, 1, 1, 1, 1, 1, 1}, []int{maxReadQueries, 1}},
	} {
		var got []int
		var all []*readSet
		for _, request := range inRequests(sized(c.sizes...)) {
			got, all = append(got, len(request)), append(all, request...)
		}
		assert.Equal(t, c.want, got, c.sizes)
		assert.Len(t, all, len(c.sizes), "each set is asked for once")
	}
}

// VictoriaMetrics refuses a query of more than 16 KiB, and a count names the values
// several times.
func TestMergedQueriesAreNoLongerThanVictoriaMetricsTakes(t *testing.T) {
	var queries []*consumer
	for i := range 1000 {
		term := terms(t, fmt.Sprintf(`r{service="service-%05d"}`, i))[0]
		queries = append(queries, &consumer{want: &want{task: &task{method: sli.MetricsQL}, length: 300_000}, term: term})
	}
	set := gather(queries, func(*consumer) string { return "" })[0]
	pieces, members := set.chunks(mostMerged(set)), 0
	for _, piece := range pieces {
		first := piece.all()[0]
		assert.LessOrEqual(t, len(first.query(first.term.Among(piece.oneOf()))), 16<<10)
		members += len(piece.members)
	}
	assert.Equal(t, 1000, members)
	assert.LessOrEqual(t, len(pieces), 6)

	queries[0].want.task.method = sli.Offset
	assert.Equal(t, maxMerged, mostMerged(set), "others take longer ones")
}

// Whatever the terms, each is found in a set, under the value that its series
// have, and the set asks for all of them.
func TestEachTermIsFoundWhereItsSeriesAreRead(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	for range 300 {
		var of []string
		for range 1 + random.IntN(12) {
			selector := pick("r", "q") + "{"
			for _, name := range []string{"a", "b", "c"} {
				if random.IntN(2) == 0 {
					selector += name + pick("=", "=", "=~", "!=") + `"` + pick("1", "2", "3") + `",`
				}
			}
			of = append(of, selector+"}")
		}
		all := terms(t, of...)
		var sets []*gathered
		for _, set := range absorb(gatherTerms(all)) {
			sets = append(sets, set.chunks(1+random.IntN(3))...)
		}
		matches := func(matchers []*labels.Matcher, series labels.Labels) bool {
			return labels.Selector(matchers).Matches(series)
		}
		for range 20 {
			series := labels.FromStrings("a", pick("", "1", "2", "3"), "b", pick("", "1", "2", "3"), "c", pick("", "1", "2", "3"))
			for _, metric := range []string{"r", "q"} {
				var want, found []string
				for _, term := range all {
					if term.Metric == metric && matches(term.Matchers, series) {
						want = append(want, term.Selector())
					}
				}
				for _, set := range sets {
					if set.all()[0].term.Metric != metric || !matches(set.matchers(), series) {
						continue
					}
					for _, c := range set.of(series.Get) {
						if matches(c.term.Matchers, series) {
							found = append(found, c.term.Selector())
						}
					}
				}
				slices.Sort(want)
				slices.Sort(found)
				require.Equal(t, want, found, "%s of %s%s", of, metric, series)
			}
		}
	}
}
