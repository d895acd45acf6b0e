package sli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// lookback is how far before a slot the sample may be from which the increase in the slot starts. After
// a longer gap a series starts again, as with anchored. MetricsQL looks further back at no cost: its
// increase costs the same over any window.
const (
	lookback          = 5 * time.Minute
	metricsQLLookback = 24 * time.Hour
)

// partLabel keeps the parts of a count apart until they are summed.
const partLabel = "__part__"

// Term is one counter of an SLI, or one native histogram, that is added to a
// count or subtracted from it.
type Term struct {
	// Negative terms are subtracted.
	Negative bool
	// Metric is the name of the term's series.
	Metric string
	// Matchers are those beside the name, Selected those of them that only the objective's select asks for.
	Matchers, Selected []*labels.Matcher
	// Offset is how much older the samples are than the slot in which they count.
	Offset time.Duration
	// PerPeriod is true if the samples are counts of a period each, not a counter.
	PerPeriod bool
	// Present is set if the term counts all of a classic histogram of which the SLI counts a bucket. It is
	// that bucket: a series counts in a slot only if the bucket with the same labels, except name and le,
	// has a sample there (docs/queries.md, «How it is counted»). It is nil for other terms.
	Present *Term

	bound   []string // spellings of the bucket's le; nil: no bucket
	groupBy []string
	native  *native // nil: a counter
}

// newTerm returns a term for series with the matchers. Its name is empty if these name no single metric.
func newTerm(all []*labels.Matcher) (t Term) {
	for _, m := range all {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			t.Metric = m.Value
		} else {
			t.Matchers = append(t.Matchers, m)
		}
	}
	return t
}

// String returns a text that is the same for all terms that count the same: the sign and the
// selector, without the grouping.
func (t Term) String() string {
	sign := "+"
	if t.Negative {
		sign = "-"
	}
	switch {
	case t.PerPeriod:
		return sign + call("sum_over_time", t.selector()).String()
	case t.native != nil && *t.native != allObservations:
		return sign + t.native.fraction(t.selector()).String()
	}
	return sign + t.Expr()
}

// IsHistogram reports whether the term counts a native histogram, see [Term.Countable].
func (t Term) IsHistogram() bool { return t.native != nil }

// Countable says why an engine of this method cannot count the term; nil if it can. Whether Prometheus
// counts native histograms by [Anchored] must be tried: earlier 3.x versions refuse them or leave them
// out, and then they are counted by [Offset].
func (t Term) Countable(m Method) error {
	if t.IsHistogram() && m == MetricsQL {
		return fmt.Errorf("%s is a native histogram, which VictoriaMetrics does not count; use the classic buckets, %s_bucket{le=…} and %s_count", t.Metric, t.Metric, t.Metric)
	}
	return nil
}

// Values returns a query whose result has a series for each value of the label among the term's series
// that have a sample in a range of this length; "" for those without the label. It works with any method.
func (t Term) Values(label string, length time.Duration) string {
	return aggregate(parser.GROUP, []string{label}, call("last_over_time", t.over(length))).String()
}

// Kind returns a text that is the same for terms that one query can count if they
// differ only in their matchers.
func (t Term) Kind() string {
	kind := fmt.Sprintf("%q %s %q %t %+v", t.Metric, t.Offset, t.groupBy, t.PerPeriod, t.native)
	if t.Present != nil {
		kind += fmt.Sprintf(" %q %q", t.Present.Metric, t.Present.bound)
	}
	return kind
}

// Among returns the term with the given matcher in place of its own on that label, and
// groups the result by the label.
func (t Term) Among(values *labels.Matcher) Term {
	t.Matchers = slices.Clone(t.Matchers)
	for i, m := range t.Matchers {
		if m.Name == values.Name && m.Type == labels.MatchEqual {
			t.Matchers[i] = values
			break
		}
	}
	if !slices.Contains(t.groupBy, values.Name) {
		t.groupBy = append(slices.Clone(t.groupBy), values.Name)
	}
	if t.Present != nil {
		t.Present = new(t.Present.Among(values))
	}
	return t
}

// Without returns the term without the matchers.
func (t Term) Without(matchers ...*labels.Matcher) Term {
	t.Matchers = slices.DeleteFunc(slices.Clone(t.Matchers), func(m *labels.Matcher) bool { return slices.Contains(matchers, m) })
	return t
}

// Bounds returns the term without its bucket bound, whose [Term.Values] of le are the bounds that
// exist. Unless one of spellings, those of the term's own bound, is among them, nothing is counted. ok
// is false for a term that is no bucket.
func (t Term) Bounds() (every Term, spellings []string, ok bool) {
	if len(t.bound) == 0 {
		return Term{}, nil, false
	}
	return t.Without(t.boundMatchers()...), slices.Clone(t.bound), true
}

func (t Term) boundMatchers() []*labels.Matcher {
	return slices.DeleteFunc(slices.Clone(t.Matchers), func(m *labels.Matcher) bool { return m.Name != labels.BucketLabel })
}

// bounded restricts counts to series that have the bucket of [Term.Present] in a slot of this length.
func (t Term) bounded(counts parser.Expr, slot time.Duration) parser.Expr {
	if t.Present == nil {
		return counts
	}
	return &parser.BinaryExpr{Op: parser.LAND, LHS: operand(counts), RHS: call("last_over_time", t.Present.over(slot)),
		VectorMatching: &parser.VectorMatching{Card: parser.CardManyToMany, MatchingLabels: []string{labels.BucketLabel}}}
}

// histogram returns the classic histogram that the term counts, and whether it counts all observations
// or those of one bucket; empty if it counts anything else.
func (t Term) histogram() (name string, all bool) {
	if len(t.bound) > 0 {
		return strings.TrimSuffix(t.Metric, "_bucket"), slices.Contains(t.bound, "+Inf")
	}
	if name, all = strings.CutSuffix(t.Metric, "_count"); !all || t.IsHistogram() {
		return "", false
	}
	return name, true
}

// Selector returns the term's series as PromQL, with select applied.
func (t Term) Selector() string { return t.selector().String() }

// Expr returns what the term counts of each of its series, as PromQL that is read as the same term again.
func (t Term) Expr() string {
	switch {
	case t.native == nil:
		return t.Selector()
	case *t.native == allObservations:
		return t.native.of(t.selector()).String()
	}
	return operation(parser.MUL, t.native.fraction(t.selector()), allObservations.of(t.selector())).String()
}

func (t Term) selector() *parser.VectorSelector {
	selector := &parser.VectorSelector{LabelMatchers: t.Matchers, OriginalOffset: t.Offset}
	if t.Metric != "" {
		name := labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, t.Metric)
		selector.LabelMatchers = append([]*labels.Matcher{name}, t.Matchers...)
	}
	// Other names than legacy ones are printed as a matcher, since the parser does not read them as name{…}.
	if legacyName(t.Metric) {
		selector.Name = t.Metric
	}
	return selector
}

func (t Term) over(length time.Duration) *parser.MatrixSelector {
	return &parser.MatrixSelector{VectorSelector: t.selector(), Range: length}
}

// ago returns the term with samples that are older by that much.
func (t Term) ago(by time.Duration) Term {
	t.Offset += by
	return t
}

// legacyName reports whether every parser reads the name outside of braces.
func legacyName(name string) bool {
	if strings.EqualFold(name, "nan") || strings.EqualFold(name, "inf") {
		return false
	}
	selector, err := promQL.ParseExpr(name)
	if err != nil {
		return false
	}
	bare, ok := selector.(*parser.VectorSelector)
	return ok && bare.Name == name
}

// CountQuery returns a query to evaluate at the end of a slot of this resolution, or as an instant query
// for an unfinished slot. Its values are the numbers of events in the slot by the plan's groupBy, for
// exactly those groups with a series that has a sample in the slot: after its start and not after its end.
func (t Term) CountQuery(m Method, resolution time.Duration) string {
	return t.countExpr(m, resolution).String()
}

func (t Term) countExpr(m Method, resolution time.Duration) parser.Expr {
	switch {
	case t.PerPeriod: // a millisecond less: see byOffset
		return sumBy(t.groupBy, t.bounded(call("sum_over_time", t.over(resolution-time.Millisecond)), resolution-time.Millisecond))
	case m == Anchored:
		anchored := t.over(resolution)
		anchored.VectorSelector.(*parser.VectorSelector).Anchored = true
		increase := call("increase", anchored)
		if t.IsHistogram() {
			increase = t.native.of(increase)
		}
		return sumBy(t.groupBy, t.bounded(increase, resolution))
	case t.IsHistogram():
		return sumBy(t.groupBy, t.nativeByOffset(resolution))
	case m == MetricsQL:
		return sumBy(t.groupBy, t.bounded(t.byMetricsQL(resolution), resolution))
	}
	return t.byOffset(resolution)
}

// byMetricsQL counts what anchored counts, also across longer gaps. It does not use increase, which may
// take a first sample's value for events; and which sample is the first depends on where the query
// begins, so after a gap old events would be counted again. increase_prometheus is the plain increase
// between the first and last samples of its window. Over a window that begins a day before the slot,
// minus the part of it before the slot, it is the increase from the last sample before the slot to the
// last in it. Either may be missing, where it would be 0.
func (t Term) byMetricsQL(resolution time.Duration) parser.Expr {
	inSlot := call("last_over_time", t.over(resolution))
	whole := call("increase_prometheus", t.over(resolution+metricsQLLookback))
	before := call("increase_prometheus", t.ago(resolution).over(metricsQLLookback))
	gain := operation(parser.LOR, operation(parser.SUB, whole, before), whole, operation(parser.MUL, number(0), inSlot))
	return operation(parser.LAND, gain, inSlot)
}

// byOffset counts, for every series in the slot, its last value minus the last before the slot, or
// minus its least if there is none before. A fall is corrected by the value that it fell from: the one
// before the slot if that is above the slot's greatest, or the slot's greatest if the last is below it;
// neither if the series has no sample before the slot. Two restarts in one slot lose what the counter
// gained between them, and a counter that climbs past the value it fell from within the slot shows no
// fall. The parts hold different series, so they are summed by group first and separated by a label.
func (t Term) byOffset(resolution time.Duration) parser.Expr {
	// Before Prometheus 3 ranges are closed on the left: a millisecond less leaves out the sample
	// at the start of the slot.
	slot := resolution - time.Millisecond
	last := call("last_over_time", t.over(slot))
	least := call("min_over_time", t.over(slot))
	greatest := call("max_over_time", t.over(slot))
	before := call("last_over_time", t.ago(resolution).over(lookback))

	gained := operation(parser.SUB, last, operation(parser.LOR, before, least))
	fellBefore := operation(parser.GTR, before, greatest)
	fellWithin := operation(parser.LAND, operation(parser.GTR, greatest, last), before)
	return sumBy(t.groupBy, operation(parser.LOR,
		labelled(sumBy(t.groupBy, t.bounded(gained, slot)), "gained"),
		labelled(sumBy(t.groupBy, t.bounded(fellBefore, slot)), "fell before"),
		labelled(sumBy(t.groupBy, t.bounded(fellWithin, slot)), "fell within")))
}

// Queries are built as trees and printed by the parser's own printer, which does the quoting. It adds
// no parentheses, so every operand that is an operation is wrapped in them here.

// call returns a call of the named function. Those of VictoriaMetrics are not in the parser's list; to
// be printed they need only a name.
func call(name string, args ...parser.Expr) parser.Expr {
	function := parser.Functions[name]
	if function == nil {
		function = &parser.Function{Name: name}
	}
	return &parser.Call{Func: function, Args: args}
}

func number(value float64) parser.Expr { return &parser.NumberLiteral{Val: value} }

func labelled(of parser.Expr, part string) parser.Expr {
	text := func(value string) parser.Expr { return &parser.StringLiteral{Val: value} }
	return call("label_replace", of, text(partLabel), text(part), text(""), text(""))
}

func aggregate(op parser.ItemType, by []string, over parser.Expr) parser.Expr {
	return &parser.AggregateExpr{Op: op, Grouping: by, Expr: over}
}

func sumBy(by []string, over parser.Expr) parser.Expr { return aggregate(parser.SUM, by, over) }

// operation joins its operands from the left: (a op b) op c.
func operation(op parser.ItemType, first parser.Expr, others ...parser.Expr) parser.Expr {
	for _, other := range others {
		first = &parser.BinaryExpr{Op: op, LHS: operand(first), RHS: operand(other)}
	}
	return first
}

func operand(node parser.Expr) parser.Expr {
	if _, ok := node.(*parser.BinaryExpr); ok {
		return &parser.ParenExpr{Expr: node}
	}
	return node
}
