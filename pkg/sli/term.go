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

// lookback is how far before a slot the sample may lie from which the slot's
// increase starts. After a longer gap a series starts again, as with anchored.
// MetricsQL looks further back at no price: its increase over a window costs
// the same whatever the window.
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
	// Matchers are those of the series beside their name, Selected those of them that
	// only the objective's select asks for.
	Matchers, Selected []*labels.Matcher
	// Offset is how much older the samples are than the slot in which they count.
	Offset time.Duration
	// PerPeriod says that the samples are counts of a period each, and no counter.
	PerPeriod bool
	// Present is, for a term that counts all of a classic histogram of which the SLI
	// counts a bucket, that bucket: in a slot only those series of the term count of
	// which it has a sample, matched by all labels but the name and le (measurement.md
	// §2, «Bounds of classic histograms»). It is nil for all others.
	Present *Term

	bound   []string // spellings of the bucket's le; nil: no bucket
	groupBy []string
	native  *native // nil: a counter
}

// newTerm is of the series that have the matchers. Its name is empty where these
// name no single metric.
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

// String is one text for all terms that count the same: the sign and the
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

// Countable says why an engine of this method cannot count the term; nil when it can.
// Whether Prometheus counts native histograms by [Anchored] has to be tried: earlier 3.x
// refuse it, or leave them out; then they are counted by [Offset].
func (t Term) Countable(m Method) error {
	if t.IsHistogram() && m == MetricsQL {
		return fmt.Errorf("%s is a native histogram, which VictoriaMetrics does not count; use the classic buckets, %s_bucket{le=…} and %s_count", t.Metric, t.Metric, t.Metric)
	}
	return nil
}

// Values lists, as the label of its result, the values that it has among the
// term's series of this length; "" for series without it. Any method.
func (t Term) Values(label string, length time.Duration) string {
	return aggregate(parser.GROUP, []string{label}, call("last_over_time", t.over(length))).String()
}

// Kind is one text for all terms that are asked for by one query when they differ
// in their matchers alone.
func (t Term) Kind() string {
	kind := fmt.Sprintf("%q %s %q %t %+v", t.Metric, t.Offset, t.groupBy, t.PerPeriod, t.native)
	if t.Present != nil {
		kind += fmt.Sprintf(" %q %q", t.Present.Metric, t.Present.bound)
	}
	return kind
}

// Among is the term with the matcher in place of its own of that label, which is
// told apart in the result.
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

// Without is the term without the matchers.
func (t Term) Without(matchers ...*labels.Matcher) Term {
	t.Matchers = slices.DeleteFunc(slices.Clone(t.Matchers), func(m *labels.Matcher) bool { return slices.Contains(matchers, m) })
	return t
}

// Bounds is the term without its bucket bound, whose [Term.Values] of le are the
// bounds that there are. One of spellings, those of the term's own bound, has to
// be among them, or nothing is counted. ok is false for a term that is no bucket.
func (t Term) Bounds() (every Term, spellings []string, ok bool) {
	if len(t.bound) == 0 {
		return Term{}, nil, false
	}
	return t.Without(t.boundMatchers()...), slices.Clone(t.bound), true
}

func (t Term) boundMatchers() []*labels.Matcher {
	return slices.DeleteFunc(slices.Clone(t.Matchers), func(m *labels.Matcher) bool { return m.Name != labels.BucketLabel })
}

// bounded are the counts of those series that have the bucket of [Term.Present]
// in a slot of this length.
func (t Term) bounded(counts parser.Expr, slot time.Duration) parser.Expr {
	if t.Present == nil {
		return counts
	}
	return &parser.BinaryExpr{Op: parser.LAND, LHS: operand(counts), RHS: call("last_over_time", t.Present.over(slot)),
		VectorMatching: &parser.VectorMatching{Card: parser.CardManyToMany, MatchingLabels: []string{labels.BucketLabel}}}
}

// histogram is the classic histogram of which the term counts all observations,
// or those of one bucket; empty where it counts another thing.
func (t Term) histogram() (name string, all bool) {
	if len(t.bound) > 0 {
		return strings.TrimSuffix(t.Metric, "_bucket"), slices.Contains(t.bound, "+Inf")
	}
	if name, all = strings.CutSuffix(t.Metric, "_count"); !all || t.IsHistogram() {
		return "", false
	}
	return name, true
}

// Selector is the term's series as PromQL, with select applied.
func (t Term) Selector() string { return t.selector().String() }

// Expr is what the term counts of each of its series, as PromQL that is read
// as the same term again.
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
	// A name of any characters is printed as a matcher; the parser reads
	// name{…} for the old ones only.
	if legacyName(t.Metric) {
		selector.Name = t.Metric
	}
	return selector
}

func (t Term) over(length time.Duration) *parser.MatrixSelector {
	return &parser.MatrixSelector{VectorSelector: t.selector(), Range: length}
}

// ago is the term with samples that are older by so much.
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

// CountQuery is evaluated at the end of a slot of this resolution, or as an instant
// query for a slot that is not over. Its value is the number of events in the slot by
// the plan's groupBy, and there is one exactly for the groups with a series that has
// a sample in the slot, that is after its beginning and not after its end.
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

// byMetricsQL counts what anchored counts, and over longer gaps. increase itself is
// not used: it may take a first sample's value for events, and whether a sample is
// the first depends on where the query begins, so that after a gap old events would
// be counted again. increase_prometheus is the plain increase between the first and
// the last sample of its window, so that of a window that begins a day before the
// slot, less the part of it before the slot, is that from the last sample before the
// slot to the last in it. Either may be missing, where it would be 0.
func (t Term) byMetricsQL(resolution time.Duration) parser.Expr {
	inSlot := call("last_over_time", t.over(resolution))
	whole := call("increase_prometheus", t.over(resolution+metricsQLLookback))
	before := call("increase_prometheus", t.ago(resolution).over(metricsQLLookback))
	gain := operation(parser.LOR, operation(parser.SUB, whole, before), whole, operation(parser.MUL, number(0), inSlot))
	return operation(parser.LAND, gain, inSlot)
}

// byOffset counts, of every series in the slot, its last value less the last
// before the slot; less its least when there is none before. A fall is put
// right by what it fell from: the value before the slot where even the slot's
// greatest is less, or the slot's greatest where the last is less. Two restarts in
// one slot leave out what the counter gained between them, and a counter that passes
// within the slot the height it fell from shows no fall. The parts hold different
// series, so they are summed by group first and told apart by a label.
func (t Term) byOffset(resolution time.Duration) parser.Expr {
	// Ranges are closed on the left before Prometheus 3: a millisecond less
	// leaves out the sample that lies on the slot's beginning.
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

// Queries are built as trees and printed by the parser's own printer, which
// does the quoting. It writes no parentheses of its own accord, so every
// operand here that is an operation stands in one.

// call is a function by its name; VictoriaMetrics' own are not in the parser's
// list and need none of it to be printed.
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
