package sli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Recording is the slot counts of a plan as recording rules write them and as they are read back.
//
// A rule is evaluated at instants that the server chooses, while slots are aligned to the epoch. So it
// records the counts of the last finished slot: a subquery that is as long as its step is evaluated at
// exactly one multiple of the step. A sample in [e, e+r) holds the counts of the slot of length r that ended
// at e. There are two or more of these, equal except for samples that came late, and the last is read.
type Recording struct {
	plan  Plan
	op    agreement.Op // of a threshold
	value float64
}

// RecordedPart is one of the two numbers of a slot.
type RecordedPart string

// The parts of a slot: events, or seconds of a time-based SLI.
const (
	RecordedTotal RecordedPart = "total"
	RecordedBad   RecordedPart = "bad"
)

// CountsLabel is the label that identifies recorded counts by [Recording.ID].
const CountsLabel = "counts"

const recordedPrefix = "accord:slot_"

// Recording returns the recording of the plan, with the threshold of the objective.
func (p Plan) Recording(o *agreement.Objective) Recording { return Recording{p, o.Op, o.Value} }

// ID returns the value of [CountsLabel]. It is the same for exactly those recordings that count the
// same, so that counts of an earlier definition are never read for the present one.
func (r Recording) ID() string {
	key := r.plan.Key()
	if r.plan.Kind == agreement.Threshold {
		key += fmt.Sprintf(" %s %s", r.op, strconv.FormatFloat(r.value, 'g', -1, 64))
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:8])
}

// Name returns the metric that holds the part, in slots of this length.
func (r Recording) Name(part RecordedPart, slot time.Duration) string {
	return recordedPrefix + string(part) + ":sum" + agreement.FormatDuration(slot)
}

// RuleInterval returns how often the rules are evaluated: at least twice a slot, so that a slot has a
// sample that is not on its edge.
func RuleInterval(slot time.Duration) time.Duration { return min(time.Minute, slot/2) }

// Selector returns the selector of the recorded series of the part.
func (r Recording) Selector(part RecordedPart, slot time.Duration) string {
	return r.series(part, slot).Selector()
}

func (r Recording) series(part RecordedPart, slot time.Duration) Term {
	counts := labels.MustNewMatcher(labels.MatchEqual, CountsLabel, r.ID())
	return Term{Metric: r.Name(part, slot), Matchers: []*labels.Matcher{counts}}
}

// Query returns the query of the part, whose value at the end of a slot of this length is what was
// recorded of the slot. If several servers recorded it, the largest value is taken.
func (r Recording) Query(part RecordedPart, slot time.Duration) string {
	// A millisecond less: before Prometheus 3 ranges are closed on the left, and the sample on the left
	// edge belongs to another slot.
	length := slot - time.Millisecond
	recorded := r.series(part, slot)
	recorded.Offset = -length
	return aggregate(parser.MAX, r.plan.GroupBy, call("last_over_time", recorded.over(length))).String()
}

// Rule returns the expression that records the part on an engine of the method.
func (r Recording) Rule(part RecordedPart, m Method, slot time.Duration) (string, error) {
	for _, term := range r.plan.Terms() {
		if err := term.Countable(m); err != nil {
			return "", err
		}
	}
	var counts parser.Expr
	switch {
	case r.plan.Kind.TimeBased():
		counts = r.seconds(part, m, slot)
	case part == RecordedBad:
		counts = r.bad(m, slot)
	default:
		counts = r.added(r.plan.Total, m, slot)
	}
	return call("last_over_time", subquery(counts, slot, slot)).String(), nil
}

// bad combines the counts of the terms as counting does: a missing bad is 0, a missing good makes all
// events bad, and without a total there is no value.
func (r Recording) bad(m Method, slot time.Duration) parser.Expr {
	total := r.added(r.plan.Total, m, slot)
	nothing := operation(parser.MUL, number(0), total)
	if r.plan.PartIsGood {
		good := r.added(r.plan.Part, m, slot)
		return operation(parser.SUB, total, operation(parser.LOR, good, nothing))
	}
	bad := r.summed(r.plan.Part, m, slot)
	return operation(parser.LOR, operation(parser.LAND, bad, total), nothing)
}

// added is the signed sum of the terms, where a term that is added has a value.
func (r Recording) added(terms []Term, m Method, slot time.Duration) parser.Expr {
	sum := r.summed(terms, m, slot)
	var added []parser.Expr
	for _, term := range terms {
		if !term.Negative {
			added = append(added, term.countExpr(m, slot))
		}
	}
	if len(added) == len(terms) {
		return sum
	}
	return operation(parser.LAND, sum, operation(parser.LOR, added[0], added[1:]...))
}

// summed is the signed sum of the terms, in which a missing one is 0.
func (r Recording) summed(terms []Term, m Method, slot time.Duration) parser.Expr {
	if len(terms) == 1 && !terms[0].Negative {
		return terms[0].countExpr(m, slot)
	}
	parts := make([]parser.Expr, len(terms))
	for i, term := range terms {
		count := term.countExpr(m, slot)
		if term.Negative {
			count = operation(parser.MUL, number(-1), count)
		}
		parts[i] = labelled(count, strconv.Itoa(i))
	}
	return sumBy(r.plan.GroupBy, operation(parser.LOR, parts[0], parts[1:]...))
}

// seconds are those of a slot in which a gauge, evaluated once a minute, was measured, or bad. Two
// series of a group make the rule fail, since the match is one-to-one, and the slot is not recorded.
// With a ratio worse than all bad, such as a percentage, the bad seconds are infinite.
func (r Recording) seconds(part RecordedPart, m Method, slot time.Duration) parser.Expr {
	const rounding = 1e-9
	known := r.plan.gaugeExpr(m)
	if known.Type() == parser.ValueTypeScalar {
		known = call("vector", known)
	}
	var judged parser.Expr
	if r.plan.Kind == agreement.Threshold {
		known = operation(parser.GTE, known, number(math.Inf(-1))) // NaN is no value
		judged = r.fails(known)
	} else {
		bad := known
		if r.plan.Kind == agreement.RawSuccess {
			bad = operation(parser.SUB, number(1), known)
		}
		known = operation(parser.LSS, operation(parser.GTE, bad, number(-rounding)), number(math.Inf(1)))
		isRatio := &parser.BinaryExpr{Op: parser.LTE, ReturnBool: true, LHS: operand(known), RHS: number(1 + rounding)}
		judged = operation(parser.DIV, call("clamp", bad, number(0), number(1)), isRatio)
	}
	one := aggregate(parser.GROUP, r.plan.GroupBy, known)
	single := &parser.BinaryExpr{Op: parser.MUL, LHS: operand(judged), RHS: one,
		VectorMatching: &parser.VectorMatching{Card: parser.CardOneToOne, On: true, MatchingLabels: r.plan.GroupBy}}
	over := "sum_over_time"
	if part == RecordedTotal {
		over = "count_over_time"
	}
	// The minute that ends where the slot begins belongs to the slot before.
	return operation(parser.MUL, number(60), call(over, subquery(single, slot-time.Millisecond, time.Minute)))
}

func (r Recording) fails(known parser.Expr) parser.Expr {
	op := map[agreement.Op]parser.ItemType{
		agreement.LessOrEqual: parser.GTR, agreement.Less: parser.GTE,
		agreement.GreaterOrEqual: parser.LSS, agreement.Greater: parser.LTE,
	}[r.op]
	return &parser.BinaryExpr{Op: op, ReturnBool: true, LHS: operand(known), RHS: number(r.value)}
}

func subquery(of parser.Expr, length, step time.Duration) parser.Expr {
	return &parser.SubqueryExpr{Expr: &parser.ParenExpr{Expr: of}, Range: length, Step: step}
}
