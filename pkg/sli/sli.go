// Package sli turns the PromQL of an SLI into the queries that count it.
//
// However people write an SLI, it names a few counters. [NewPlan] reads them off the
// query's syntax tree, adds what an objective selects and groups by, and prints, for
// each engine, queries whose points are the events of one slot. Whatever holds no
// count is refused with the reason and the hint, when the document is loaded.
//
// Nothing here speaks HTTP, reads a clock or edits PromQL as text. The rules are
// measurement.md §1 and §2 and «The PromQL in an SLI» of documents.md;
// docs/queries.md explains them to users.
//
// Of the offset method: last_over_time costs what a bare selector does, and unlike
// one it is not blind when a scrape fails at a slot's edge. timestamp() of
// Prometheus 2 seeks from the start at every step, and is never used.
package sli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Method is a way to count exactly, named with every result.
type Method string

// The methods, best first. Which one an engine takes is found by asking it
// [Method.Probe], never by its version; Samples takes no queries.
const (
	Samples   Method = "samples"   // the samples themselves, by remote read
	Anchored  Method = "anchored"  // Prometheus with extended range selectors
	MetricsQL Method = "metricsql" // VictoriaMetrics
	Offset    Method = "offset"    // every other Prometheus, Mimir, Thanos, Cortex
)

// Probe is a query that an engine answers without error, and without reading
// a sample, when it can count by this method.
func (m Method) Probe() string {
	return Term{Metric: "accord_probe"}.CountQuery(m, lookback)
}

// Plan is what is asked of an engine for one SLI, with the objective's select
// and groupBy applied.
type Plan struct {
	Kind agreement.SLIKind
	// Total and Part are the terms of a ratio, each counted by itself; the
	// count is their signed sum, in which a missing term is 0. Part is the
	// good or the bad.
	Total, Part []Term
	PartIsGood  bool
	// GroupBy are the labels of one result each, in the order given.
	GroupBy []string
	// Warnings are what a reader of the SLI should know, a sentence each.
	Warnings []string

	// Looked are the selectors of a time-based SLI's query; nothing is counted of
	// them. Metric is empty where one names no single metric.
	Looked []Term

	// ByMinute says that a time-based SLI looks at the samples of each minute alone,
	// since a window was left open: samples further apart leave minutes unknown.
	ByMinute bool

	// PortableGauge is the query of a time-based SLI for other tools: windows that
	// were left open are five minutes.
	PortableGauge string
	gauge         parser.Expr // the same, with its open windows as minutes
}

// Check reads the queries that an objective counts, as [NewPlan] does, for its
// warnings and errors alone.
func Check(s agreement.SLI, o *agreement.Objective) (warnings []string, err error) {
	plan, err := NewPlan(s, o.Select, o.GroupBy)
	return plan.Warnings, err
}

// NewPlan reads the queries of an SLI. The error is of one query, or one of each of
// two, joined; it begins with which: good, bad, total, raw or threshold.
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
	if keys(plan.Total) == keys(plan.Part) || plan.partIsWhole() {
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

// needBounds sets what [Term.Present] is. Where buckets of several bounds are
// counted of one histogram, none is needed: which series has to have which is not
// known.
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

// partIsWhole reports whether the part counts all of the histogram that the total
// counts, by its count or its last bucket.
func (p Plan) partIsWhole() bool {
	if len(p.Total) != 1 || len(p.Part) != 1 {
		return false
	}
	name, all := p.Total[0].histogram()
	other, whole := p.Part[0].histogram()
	total, part := p.Total[0].Without(p.Total[0].boundMatchers()...), p.Part[0].Without(p.Part[0].boundMatchers()...)
	part.Metric = total.Metric
	return all && whole && name == other && total.Offset == part.Offset && total.Selector() == part.Selector()
}

// checkParts refuses terms that cannot be counted beside each other.
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

// badIsFastEnough reports whether buckets alone, of what is fast enough, are counted as bad.
func (p Plan) badIsFastEnough() bool {
	isPart := func(t Term) bool { return !t.Negative && len(t.bound) > 0 && !slices.Contains(t.bound, "+Inf") }
	return !p.PartIsGood && len(p.Part) > 0 && !slices.ContainsFunc(p.Part, func(t Term) bool { return !isPart(t) })
}

// totalIsOfTheBucket reports whether the total is all of the histogram of the part.
func (p Plan) totalIsOfTheBucket() bool {
	count := strings.TrimSuffix(p.Part[0].Metric, "bucket") + "count"
	return slices.ContainsFunc(p.Total, func(t Term) bool { return t.Metric == count || slices.Contains(t.bound, "+Inf") })
}

// PerPeriod reports whether the samples are counts of a period each, and no
// counters.
func (p Plan) PerPeriod() bool {
	return !p.Kind.TimeBased() && !slices.ContainsFunc(p.Terms(), func(t Term) bool { return !t.PerPeriod })
}

// PartName is which part of the total is counted, or how a gauge is read.
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

// Terms are those of the total, then those of the good or bad.
func (p Plan) Terms() []Term { return slices.Concat(p.Total, p.Part) }

// Key is one text for all plans that count the same: what a cache is keyed by,
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

// distinct drops repeated labels; the order stays.
func distinct(names []string) []string {
	var unique []string
	for _, name := range names {
		if !slices.Contains(unique, name) {
			unique = append(unique, name)
		}
	}
	return unique
}

// Selector is one selector that the SLI looks at: its series show how often it
// is scraped.
func (p Plan) Selector() string { return slices.Concat(p.Total, p.Looked)[0].Selector() }
