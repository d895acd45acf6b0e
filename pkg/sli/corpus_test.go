package sli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// corpusEntry is a published query and what it counts, told without PromQL.
type corpusEntry struct {
	Query   string
	Counts  []labelSet
	Less    []labelSet
	Gauge   bool
	Refused string
}

// labelSet names series by their labels; n is the metric's name. A value is
// exact, or ~re, !~re, !value.
type labelSet map[string]string

func readCorpus(t testing.TB) []corpusEntry {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "corpus.yaml"))
	require.NoError(t, err)
	var corpus []corpusEntry
	require.NoError(t, yaml.Unmarshal(raw, &corpus))
	require.GreaterOrEqual(t, len(corpus), 200)
	return corpus
}

func fits(pattern, value string) bool {
	negated := strings.HasPrefix(pattern, "!")
	pattern = strings.TrimPrefix(pattern, "!")
	if expression, ok := strings.CutPrefix(pattern, "~"); ok {
		return regexp.MustCompile("^(?s:"+expression+")$").MatchString(value) != negated
	}
	return (pattern == value) != negated
}

func (s labelSet) fits(series labels.Labels) bool {
	for label, pattern := range s {
		if label == "n" {
			label = model.MetricNameLabel
		}
		if !fits(pattern, series.Get(label)) {
			return false
		}
	}
	return true
}

// values are some that fit a pattern, and some that do not.
func values(pattern string) (fitting, others []string) {
	bare := strings.TrimPrefix(strings.TrimPrefix(pattern, "!"), "~")
	candidates := []string{bare, bare + "x", "x" + bare, "something else", ""}
	if strings.Contains(pattern, "~") {
		parsed, err := syntax.Parse(bare, syntax.Perl)
		if err == nil {
			candidates = append(candidates, examples(parsed.Simplify())...)
		}
	}
	for _, value := range candidates {
		if fits(pattern, value) {
			fitting = append(fitting, value)
		} else {
			others = append(others, value)
		}
	}
	return fitting, others
}

// examples are short texts that an expression matches: one of each branch.
func examples(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass:
		return []string{string(re.Rune[:1])}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []string{"7"}
	case syntax.OpCapture, syntax.OpPlus:
		return examples(re.Sub[0])
	case syntax.OpStar, syntax.OpQuest:
		return append([]string{""}, examples(re.Sub[0])...)
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			all = append(all, examples(sub)...)
		}
		return all
	case syntax.OpConcat:
		all := []string{""}
		for _, sub := range re.Sub {
			var longer []string
			for _, tail := range examples(sub) {
				for _, head := range all {
					longer = append(longer, head+tail)
				}
			}
			all = longer
		}
		return all
	}
	return []string{""}
}

// wanted are series that fit a set, in two pods each, and decoys: ones that
// miss it in a single label, or bear another name.
func (s labelSet) wanted() []labels.Labels {
	base := map[string]string{}
	for label, pattern := range s {
		fitting, _ := values(pattern)
		base[label] = fitting[0]
	}
	all := []map[string]string{base}
	vary := func(label, value string) {
		varied := map[string]string{}
		for l, v := range base {
			varied[l] = v
		}
		varied[label] = value
		all = append(all, varied)
	}
	vary("n", base["n"]+"_decoy")
	vary("pod", "other")
	for label, pattern := range s {
		fitting, others := values(pattern)
		for _, value := range append(fitting, others...) {
			if label != "n" {
				vary(label, value)
			}
		}
	}
	var made []labels.Labels
	for _, one := range all {
		builder := labels.NewBuilder(labels.EmptyLabels())
		for label, value := range one {
			if label == "n" {
				label = model.MetricNameLabel
			}
			builder.Set(label, value)
		}
		made = append(made, builder.Labels())
	}
	return made
}

// corpusSeries are the series of all entries: what one counts is a decoy to
// the others. Each gains a number of its own between two scrapes.
func corpusSeries(corpus []corpusEntry) []series {
	byKey := map[string]labels.Labels{}
	for _, entry := range corpus {
		for _, set := range append(slices.Clone(entry.Counts), entry.Less...) {
			for _, made := range set.wanted() {
				byKey[made.String()] = made
			}
		}
	}
	var data []series
	for i, key := range sortedKeys(byKey) {
		s := series{labels: byKey[key]}
		for k := range 12 {
			s.samples = append(s.samples, at(100*k+50, float64(k*gain(i))))
		}
		data = append(data, s)
	}
	return data
}

// gain of the i-th series between two scrapes, of which a slot has three.
func gain(i int) int { return 1 + i*7919%100_003 }

func TestCorpusCountsWhatWasGenerated(t *testing.T) {
	corpus := readCorpus(t)
	data := corpusSeries(corpus)
	for _, c := range engines {
		t.Run(c.name, func(t *testing.T) {
			e := c.start(t, data)
			for _, entry := range corpus {
				if entry.Refused == "" && !entry.Gauge && !(strings.Contains(c.name, "installed") && strings.Contains(entry.Query, `{"`)) {
					entry.requireCount(t, e, c.method, data)
				}
			}
		})
	}
}

func (entry corpusEntry) requireCount(t *testing.T, e engine, method Method, data []series) {
	t.Helper()
	want, matched := 0, 0
	for i, s := range data {
		for _, set := range entry.Counts {
			if set.fits(s.labels) {
				want += 3 * gain(i)
				matched++
			}
		}
		for _, set := range entry.Less {
			if set.fits(s.labels) {
				want -= 3 * gain(i)
				matched++
			}
		}
	}
	require.GreaterOrEqual(t, matched, 2, "no series for %s", entry.Query)
	plan, err := NewPlan(ratio(entry.Query), nil, nil)
	require.NoError(t, err, entry.Query)
	got := 0.0
	for _, term := range plan.Total {
		result, err := e.query(t, term.CountQuery(method, slot), 3*slot, 3*slot, slot)
		require.NoError(t, err, entry.Query)
		if term.Negative {
			got -= result["{}"][3*slot]
		} else {
			got += result["{}"][3*slot]
		}
	}
	require.InDelta(t, want, got, 0, "%s: %s", entry.Query, plan.Total)
}

func TestCorpusTimeBasedQueriesAreEvaluated(t *testing.T) {
	e := newInProcess(t, []series{{labels: labels.FromStrings("__name__", "up", "job", "api"), samples: []sample{at(0, 1)}}})
	for _, entry := range readCorpus(t) {
		if !entry.Gauge {
			continue
		}
		plan, err := NewPlan(agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: entry.Query}}, nil, nil)
		require.NoError(t, err, entry.Query)
		_, err = e.query(t, plan.GaugeQuery(Anchored), 0, time.Minute, time.Minute)
		require.NoError(t, err, entry.Query)
	}
}

func TestCorpusRefusalsAreFewAndTold(t *testing.T) {
	corpus := readCorpus(t)
	refused := 0
	var told strings.Builder
	for _, entry := range corpus {
		if entry.Gauge {
			continue
		}
		_, err := NewPlan(ratio(entry.Query), nil, nil)
		if entry.Refused == "" {
			require.NoError(t, err, entry.Query)
			continue
		}
		require.ErrorContains(t, err, entry.Refused, entry.Query)
		refused++
		fmt.Fprintf(&told, "%s\n\t%v\n", entry.Query, err)
	}
	t.Logf("%d of %d queries are refused:\n%s", refused, len(corpus), &told)
	require.Less(t, float64(refused), 0.1*float64(len(corpus)))
}
