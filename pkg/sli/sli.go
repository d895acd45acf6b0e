// Package sli turns the PromQL of an SLI into the queries that count it.
//
// However an SLI is written, it names a few counters. [NewPlan] finds them in the syntax tree of its
// queries and adds what an objective selects and groups by. For each engine the plan then prints
// queries whose points are the events of one slot. What holds no count is refused, with a reason and a
// hint, when the document is loaded.
//
// Nothing here speaks HTTP, reads a clock or edits PromQL as text. docs/queries.md has
// the rules.
//
// On the offset method: last_over_time costs what a bare selector does, but still has a value when
// the scrape at a slot's edge fails. timestamp() is never used, since in Prometheus 2 it seeks
// from the start at every step.
package sli

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Method is a way to count exactly, reported with every result.
type Method string

// The methods, best first. Which one an engine supports is found with [Method.Probe], never by its
// version; Samples needs no queries.
const (
	Samples   Method = "samples"   // the samples themselves, by remote read
	Anchored  Method = "anchored"  // Prometheus with extended range selectors
	MetricsQL Method = "metricsql" // VictoriaMetrics
	Offset    Method = "offset"    // every other Prometheus, Mimir, Thanos, Cortex
)

// Probe returns a query that an engine answers without error, and without reading a sample, if it
// can count by this method.
func (m Method) Probe() string {
	return Term{Metric: "accord_probe"}.CountQuery(m, lookback)
}

// Plan is what to query of an engine for one SLI, with the objective's select and groupBy applied.
type Plan struct {
	Kind agreement.SLIKind
	// Total and Part are the terms of a ratio, each counted by itself; the count is their signed sum,
	// in which a missing term is 0. Part is the good or the bad.
	Total, Part []Term
	PartIsGood  bool
	// GroupBy are the labels by which results are grouped, in the order given.
	GroupBy []string
	// Warnings are what a reader of the SLI should know, one sentence each.
	Warnings []string

	// Looked are the selectors in the query of a time-based SLI, which are not counted. Metric is empty
	// for one that names no single metric.
	Looked []Term

	// ByMinute is true if a time-based SLI reads only the samples of each minute, since a window was
	// left open: samples further apart leave minutes unknown.
	ByMinute bool

	// PortableGauge is the query of a time-based SLI for other tools: windows that were
	// left open are five minutes.
	PortableGauge string
	gauge         parser.Expr // the same, with open windows of one minute
}

// Check reads the queries of an objective as [NewPlan] does, and returns only warnings and errors.
func Check(s agreement.SLI, o *agreement.Objective) (warnings []string, err error) {
	plan, err := NewPlan(s, o.Select, o.GroupBy)
	return plan.Warnings, err
}

// NewPlan reads the queries of an SLI. The error is that of a query, or those of two joined, and begins
// with its name: good, bad, total, raw or threshold; or with the field of the objective: select or groupBy.
func NewPlan(s agreement.SLI, selectLabels map[string]string, groupBy []string) (Plan, error) {
	plan := Plan{Kind: s.Kind, GroupBy: distinct(groupBy), PartIsGood: s.Good != nil}
	scope, err := newNarrowing(selectLabels, plan.GroupBy)
	if err != nil {
		return Plan{}, err
	}
	part, partName := cmp.Or(s.Good, s.Bad), plan.PartName()
	switch {
	case s.Kind.TimeBased():
		r := &reader{query: partName, narrowing: scope}
		r.readGauge(s, &plan)
		return plan, r.err
	case s.Total == nil:
		return Plan{}, refusal("total", "there is none", "a ratio needs the query of all events")
	case part == nil || s.Good != nil && s.Bad != nil:
		return Plan{}, refusal("good or bad", "exactly one of them is needed beside total", "give the good events or the bad ones")
	}
	total := &reader{query: "total", narrowing: scope, perPeriod: s.PerPeriod}
	goodOrBad := &reader{query: partName, narrowing: scope, perPeriod: s.PerPeriod}
	plan.Total, plan.Part = total.readCounts(*s.Total), goodOrBad.readCounts(*part)
	if err := errors.Join(total.err, goodOrBad.err); err != nil {
		return Plan{}, err
	}
	plan.Warnings = append(total.warnings, goodOrBad.warnings...)
	plan.needBounds()
	switch counted := balance(plan.Part); {
	case len(counted) == 0:
		plan.Warnings = append(plan.Warnings, partName+" takes away all that it counts, so the ratio never changes")
	case maps.Equal(counted, balance(plan.Total)):
		plan.Warnings = append(plan.Warnings, partName+" counts all that total counts, so the ratio never changes")
	}
	if plan.badIsFastEnough() && !plan.totalIsOfTheBucket() {
		plan.Warnings = append(plan.Warnings, "bad query: "+plan.Part[0].Selector()+" counts what is fast enough as bad; if slow is bad, give it as good")
	}
	for _, t := range plan.Part {
		if name, isSum := strings.CutSuffix(t.Metric, "_sum"); isSum && slices.ContainsFunc(plan.Total, func(of Term) bool { return of.Metric == name+"_count" }) {
			plan.Warnings = append(plan.Warnings, fmt.Sprintf("%s query: %s adds up what was observed, which is no part of how often, %s_count; of a latency count %[3]s_bucket{le=…} as good", partName, t.Metric, name))
		}
	}
	return plan, plan.checkParts()
}

// needBounds sets [Term.Present]. If buckets of several bounds of a histogram are counted, none is
// needed: it is not known which series needs which.
func (p Plan) needBounds() {
	for _, terms := range [][]Term{p.Total, p.Part} {
		for i, t := range terms {
			name, all := t.histogram()
			buckets := slices.DeleteFunc(slices.Clone(p.Part), func(part Term) bool {
				of, whole := part.histogram()
				return !all || whole || of != name
			})
			if len(buckets) == 0 || slices.ContainsFunc(buckets, func(b Term) bool { return !slices.Equal(b.bound, buckets[0].bound) }) {
				continue
			}
			terms[i].Present = &Term{Metric: name + "_bucket", bound: buckets[0].bound, Offset: t.Offset, groupBy: t.groupBy,
				Matchers: append(t.Without(t.boundMatchers()...).Matchers, buckets[0].boundMatchers()...)}
		}
	}
}

// balance returns how often each counter is added, less how often it is taken away. The count of a
// histogram and its last bucket are the same.
func balance(terms []Term) map[string]int {
	times := map[string]int{}
	for _, t := range terms {
		sign := map[bool]int{false: 1, true: -1}[t.Negative]
		t.Negative = false
		if name, all := t.histogram(); all {
			t = t.Without(t.boundMatchers()...)
			t.Metric = name + "_count"
		}
		times[t.String()] += sign
	}
	maps.DeleteFunc(times, func(_ string, n int) bool { return n == 0 })
	return times
}

// checkParts refuses terms that cannot be counted together.
func (p Plan) checkParts() error {
	if slices.ContainsFunc(p.Terms(), func(t Term) bool { return t.PerPeriod }) && !p.PerPeriod() {
		return refusal("total", "counters stand beside counts of a period (counter: false)", "write all of them alike, with rate(…) or without")
	}
	if p.badIsFastEnough() && p.totalIsOfTheBucket() {
		return refusal("bad", p.Part[0].Selector()+" counts what is fast enough as bad",
			"give it as good, or as bad the difference: that of all, less that of what is fast enough")
	}
	return nil
}

// badIsFastEnough reports whether bad counts only buckets, which hold what is fast enough.
func (p Plan) badIsFastEnough() bool {
	isPart := func(t Term) bool { return !t.Negative && len(t.bound) > 0 && !slices.Contains(t.bound, "+Inf") }
	return !p.PartIsGood && len(p.Part) > 0 && !slices.ContainsFunc(p.Part, func(t Term) bool { return !isPart(t) })
}

// totalIsOfTheBucket reports whether total counts all of the part's histogram.
func (p Plan) totalIsOfTheBucket() bool {
	count := strings.TrimSuffix(p.Part[0].Metric, "bucket") + "count"
	return slices.ContainsFunc(p.Total, func(t Term) bool { return t.Metric == count || slices.Contains(t.bound, "+Inf") })
}

// PerPeriod reports whether the samples are counts of a period each, not counters.
func (p Plan) PerPeriod() bool {
	return !p.Kind.TimeBased() && !slices.ContainsFunc(p.Terms(), func(t Term) bool { return !t.PerPeriod })
}

// PartName returns the name of the part's query: good or bad, or raw or threshold for a time-based SLI.
func (p Plan) PartName() string {
	switch {
	case p.Kind == agreement.Threshold:
		return "threshold"
	case p.Kind.TimeBased():
		return "raw"
	case p.PartIsGood:
		return "good"
	}
	return "bad"
}

// Terms returns the terms of the total, then those of the good or bad.
func (p Plan) Terms() []Term { return slices.Concat(p.Total, p.Part) }

// Key returns a text that is the same for all plans that count the same. It is part of cache keys,
// beside the engine, the method and the resolution.
func (p Plan) Key() string {
	groupBy := slices.Sorted(slices.Values(p.GroupBy))
	for i, name := range groupBy {
		if strings.ContainsAny(name, `,")`) { // could be taken for several names
			groupBy[i] = strconv.Quote(name)
		}
	}
	key := fmt.Sprintf("%s by(%s) ", p.Kind, strings.Join(groupBy, ","))
	if p.Kind.TimeBased() {
		return key + p.gauge.String()
	}
	return key + fmt.Sprintf("total(%s) %s(%s)", keys(p.Total), p.PartName(), keys(p.Part))
}

func keys(terms []Term) string {
	texts := make([]string, len(terms))
	for i, t := range terms {
		texts[i] = t.String()
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// distinct drops repeated labels and keeps their order.
func distinct(names []string) []string {
	var unique []string
	for _, name := range names {
		if !slices.Contains(unique, name) {
			unique = append(unique, name)
		}
	}
	return unique
}

// Selector returns one selector of the SLI, whose series show how often it is scraped.
func (p Plan) Selector() string { return slices.Concat(p.Total, p.Looked)[0].Selector() }
