package sli

import (
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// reach is how far before a slot the sample may lie from which the slot's
// increase starts. After a longer gap a series starts anew, as with anchored.
// MetricsQL looks further back at no price: its increase over a window costs
// the same whatever the window.
const (
	reach          = 5 * time.Minute
	metricsQLReach = 24 * time.Hour
)

// partLabel keeps the parts of a count apart until they are summed.
const partLabel = "__part__"

// CountQuery is evaluated at the end of a slot of this length: as a range
// query with the length as its step, or as an instant query for a slot that
// is not over. Its value is the number of events in the slot by the plan's
// groupBy, and there is one exactly for the groups with a series that has a
// sample in the slot, that is after its beginning and not after its end.
func (t Term) CountQuery(m Method, length time.Duration) string {
	return t.countExpr(m, length).String()
}

func (t Term) countExpr(m Method, length time.Duration) parser.Expr {
	switch {
	case t.IsHistogram() && m == Anchored:
		return sumBy(t.groupBy, t.native.of(call("increase", t.anchored(length))))
	case t.IsHistogram():
		return sumBy(t.groupBy, t.nativeByOffset(length))
	case m == Anchored:
		return sumBy(t.groupBy, call("increase", t.anchored(length)))
	case m == MetricsQL:
		return sumBy(t.groupBy, t.byMetricsQL(length))
	}
	return t.byOffset(length)
}

func (t Term) anchored(length time.Duration) *parser.MatrixSelector {
	matrix := t.over(length)
	matrix.VectorSelector.(*parser.VectorSelector).Anchored = true
	return matrix
}

// byMetricsQL counts what anchored counts, and over longer gaps. increase itself is not used: it
// takes a first sample's value for events when that looks likely, and whether
// a sample is the first depends on where the query begins, so that after a
// gap old events would be counted again. increase_prometheus is the plain
// increase between the first and the last sample of its window, so the
// increase of a window that begins a day before the slot, less the part of it
// before the slot, is that from the last sample before the slot to the last
// in it. Either may be missing, where it would be 0.
func (t Term) byMetricsQL(length time.Duration) parser.Expr {
	inSlot := call("last_over_time", t.over(length))
	whole := call("increase_prometheus", t.over(length+metricsQLReach))
	before := call("increase_prometheus", t.before(length, metricsQLReach))
	gain := operation(parser.LOR, operation(parser.SUB, whole, before), whole, operation(parser.MUL, number(0), inSlot))
	return operation(parser.LAND, gain, inSlot)
}

// byOffset counts, of every series in the slot, its last value less the last
// before the slot; less its least when there is none before. A fall is put
// right by what it fell from: the value before the slot where even the slot's
// greatest is less, or the slot's greatest where the last is less.
//
// Two restarts in one slot leave out what the counter gained between them,
// and a counter that passes within the slot the height it fell from shows no
// fall. The parts hold different series, so they are summed by group first
// and told apart by a label.
func (t Term) byOffset(length time.Duration) parser.Expr {
	// Ranges are closed on the left before Prometheus 3: a millisecond less
	// leaves out the sample that lies on the slot's beginning.
	slot := length - time.Millisecond
	last := call("last_over_time", t.over(slot))
	least := call("min_over_time", t.over(slot))
	greatest := call("max_over_time", t.over(slot))
	before := call("last_over_time", t.before(length, reach))

	gained := operation(parser.SUB, last, operation(parser.LOR, before, least))
	fellBefore := operation(parser.GTR, before, greatest)
	fellWithin := operation(parser.LAND, operation(parser.GTR, greatest, last), before)
	return sumBy(t.groupBy, operation(parser.LOR,
		t.part("gained", gained), t.part("fell before", fellBefore), t.part("fell within", fellWithin)))
}

func (t Term) part(name string, of parser.Expr) parser.Expr {
	return call("label_replace", sumBy(t.groupBy, of), text(partLabel), text(name), text(""), text(""))
}
