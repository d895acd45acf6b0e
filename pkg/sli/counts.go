package sli

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
)

const maxTerms = 100

func (r *reader) readCounts(q agreement.Query) []Term {
	if q.Histogram != "" {
		return r.readHistogram(q)
	}
	tree := r.parse(q.Expr)
	if tree == nil {
		return nil
	}
	terms := r.counts(tree)
	switch {
	case len(terms) > maxTerms:
		r.fail(r.query, fmt.Sprintf("%d counters are added up, at most %d are counted", len(terms), maxTerms), "record their sum")
	case !slices.ContainsFunc(terms, func(t Term) bool { return !t.Negative }):
		r.refuse(tree, "only subtracts", "begin with what is added")
	case cancels(terms):
		r.refuse(tree, "subtracts a counter of another time from itself, which leaves the change of its rate", "write the counter alone, without its offset: what it gained is counted")
	}
	return terms
}

// cancels reports whether a term is subtracted from itself at another offset: the author of
// x - x offset 5m means an increase.
func cancels(terms []Term) bool {
	now := func(t Term) string {
		t.Negative, t.Offset = false, 0
		return t.String()
	}
	return slices.ContainsFunc(terms, func(t Term) bool {
		return t.Negative && slices.ContainsFunc(terms, func(added Term) bool {
			return !added.Negative && added.Offset != t.Offset && now(added) == now(t)
		})
	})
}

// counts returns the counters that a node adds up.
func (r *reader) counts(node parser.Expr) []Term {
	if IsZero(node) {
		return r.refuse(node, "is 0 and counts nothing", "name a counter")
	}
	switch node := node.(type) {
	case *parser.ParenExpr:
		return r.counts(node.Expr)
	case *parser.VectorSelector:
		return r.selector(node)
	case *parser.AggregateExpr:
		if node.Op == parser.SUM {
			return r.counts(node.Expr)
		}
		return r.refuseNamed(node, node.Op.String(), "keeps some series and drops others as they change", "name the series by their labels")
	case *parser.Call:
		return r.call(node)
	case *parser.BinaryExpr:
		return r.binary(node)
	case *parser.UnaryExpr:
		if node.Op == parser.ADD {
			return r.counts(node.Expr)
		}
		return r.refuse(node, "turns a count negative", "write a difference, a - b")
	case *parser.NumberLiteral:
		return r.refuse(node, "is a constant, not a count", "name a counter")
	case *parser.MatrixSelector:
		return r.refuse(node, "is a range on its own", "leave the […] out, or put rate(…) around it")
	case *parser.SubqueryExpr:
		return r.refuse(node, "is a subquery, which looks only at every step", "put rate(…) on the counter itself")
	}
	return r.refuse(node, "is no count", "name a counter")
}

// holdsNoCount lists functions and aggregations, with the reason and what to write instead.
var holdsNoCount = []struct{ names, reason, hint string }{
	{"avg", "is an average, which holds no count", "use sum(…); for the average of a gauge use a raw or a threshold SLI"},
	{"count group count_values", "counts series, not events",
		"use sum(…) of a counter; for the share of targets that are up use a raw SLI with avg(up{…})"},
	{"min max quantile stddev stdvar", "picks a value, which holds no count", "use sum(…) of a counter, or a threshold SLI"},
	{"delta idelta deriv predict_linear", "is for gauges and holds no count", "use increase(…) if it is a counter"},
	{"histogram_quantile", "is a percentile, which holds no count",
		`count what is fast enough: sum(rate(…_bucket{le="0.3"}[5m])) as good and sum(rate(…_count[5m])) as total`},
	{"histogram_fraction", "is a fraction, which holds no count",
		"multiply it by histogram_count(…) of the same histogram, or use `histogram` and `below`"},
	{"histogram_sum histogram_avg", "measures, it does not count", "use histogram_count(…)"},
	{"absent absent_over_time", "says that there are no series, which is no count", "use a threshold SLI"},
}

// refuseNamed refuses a function or an aggregation, for the given reason if it is not in [holdsNoCount].
func (r *reader) refuseNamed(node parser.Expr, name, reason, hint string) []Term {
	for _, known := range holdsNoCount {
		if slices.Contains(strings.Fields(known.names), name) {
			reason, hint = known.reason, known.hint
		}
	}
	return r.refuse(node, reason, hint)
}

func (r *reader) call(node *parser.Call) []Term {
	name := node.Func.Name
	if name == "sum_over_time" && r.perPeriod {
		if matrix, ok := WithoutParens(node.Args[0]).(*parser.MatrixSelector); ok {
			return r.selector(matrix.VectorSelector.(*parser.VectorSelector))
		}
	}
	switch name {
	case "rate", "increase", "irate", "last_over_time":
		if name == "irate" {
			r.warn("irate looks at the last two samples of a window only; all events are counted")
		}
		if r.perPeriod {
			r.warn("%s is of a counter, so counter: false has no effect", name)
			r.perPeriod = false
			defer func() { r.perPeriod = true }()
		}
		matrix, ok := WithoutParens(node.Args[0]).(*parser.MatrixSelector)
		if !ok {
			return r.refuse(WithoutParens(node.Args[0]), "is a subquery, which looks only at every step",
				"put "+name+"(…) on the counter itself, sum(…) around it")
		}
		return r.selector(matrix.VectorSelector.(*parser.VectorSelector))
	case "histogram_count":
		return r.histogramCount(node)
	case "clamp_min":
		if !isNumber(node.Args[1], 0) {
			return r.refuse(node, "replaces small values", "leave clamp_min out, or clamp at 0")
		}
		r.warn("clamp_min is left out: good and total are scraped at slightly different instants, which evens out")
	case "round", "ceil", "floor":
		if len(node.Args) > 1 {
			return r.refuse(node, "rounds counts away", "leave round out")
		}
		r.warn("%s is left out: events are counted whole", name)
	case "label_replace", "label_join":
		// The counts are those of its argument, unless the changed label matters.
		label, ok := node.Args[1].(*parser.StringLiteral)
		switch {
		case !ok:
			return r.refuse(node, "does not name the label it sets", "")
		case slices.Contains(r.groupBy, label.Val) || r.selects(label.Val):
			return r.refuse(node, fmt.Sprintf("makes the label %q, which only the counter itself can be selected or grouped by", label.Val),
				"group by a label that the counter has, or relabel it when it is scraped")
		}
	default:
		reason, hint := "does not keep counts", "leave "+name+"(…) out, or use a raw or threshold SLI"
		if strings.HasSuffix(name, "_over_time") {
			reason, hint = "is for gauges and holds no count", "use a counter, or a raw or threshold SLI for a gauge"
		}
		return r.refuseNamed(node, name, reason, hint)
	}
	return r.counts(node.Args[0])
}

// binary reads a sum or a difference, and drops what changes no count.
func (r *reader) binary(node *parser.BinaryExpr) []Term {
	left, right := node.LHS, node.RHS
	switch node.Op {
	case parser.ADD, parser.SUB:
		return r.sum(node)
	case parser.MUL, parser.DIV:
		switch {
		case isNumber(right, 1):
			return r.counts(left)
		case node.Op == parser.DIV && !IsConstant(left) && !IsConstant(right):
			return r.refuse(node, "is a ratio, which holds no counts", "write good and total separately, or use a raw SLI")
		case node.Op == parser.MUL && isNumber(left, 1):
			return r.counts(right)
		case node.Op == parser.MUL:
			if terms, ok := r.countBelow(left, right); ok {
				return terms
			}
			if m := node.VectorMatching; m != nil && m.Card != parser.CardOneToOne && !IsConstant(left) && !IsConstant(right) {
				return r.refuse(node, "is a join, which counts an event once for each series that it is joined with", "select by labels of the counter itself, or use a raw SLI")
			}
		}
		return r.refuse(node, "scales a count", "leave the factor out: events are counted, not rates")
	case parser.LOR:
		if IsZero(right) || r.query == "total" && isGuard(left, right) {
			return r.counts(left)
		}
		return r.refuse(node, "takes one counter where the other is missing", "write a + b: a counter that is missing counts as 0")
	case parser.GTR, parser.GTE, parser.NEQ, parser.LSS, parser.LTE, parser.EQLC:
		// A filter that drops only counts of 0 changes nothing.
		switch {
		case node.ReturnBool:
		case isNumber(right, 0) && (node.Op == parser.GTR || node.Op == parser.GTE || node.Op == parser.NEQ):
			return r.counts(left)
		case isNumber(left, 0) && (node.Op == parser.LSS || node.Op == parser.LTE || node.Op == parser.NEQ):
			return r.counts(right)
		}
		return r.refuse(node, "drops or replaces counts by a comparison", "leave it out (only > 0 may stay), or use a threshold SLI")
	case parser.LAND, parser.LUNLESS:
		return r.refuse(node, "drops counts while another series is there or not", "select the series by their labels, or agree on an exclusion")
	}
	return r.refuse(node, "is no sum or difference of counts", "write sums and differences of counters")
}

// sum reads both sides; a side that is 0 is dropped.
func (r *reader) sum(node *parser.BinaryExpr) []Term {
	if m := node.VectorMatching; m != nil && m.Card != parser.CardOneToOne {
		return r.refuse(node, "counts one side as often as it has partners on the other", "leave group_left and group_right out")
	}
	if IsZero(node.RHS) {
		return r.counts(node.LHS)
	}
	var terms []Term
	if !IsZero(node.LHS) {
		for _, side := range []parser.Expr{node.LHS, node.RHS} {
			if _, ok := constantNumber(side); ok {
				return r.refuse(node, "adds a constant to a count",
					"leave the constant out; of a ratio write good and total separately, or use a raw SLI")
			}
		}
		terms = r.counts(node.LHS)
	}
	for _, term := range r.counts(node.RHS) {
		term.Negative = term.Negative != (node.Op == parser.SUB)
		terms = append(terms, term)
	}
	return terms
}

// WithoutParens returns the expression inside the parentheses around a query, if there are any.
func WithoutParens(node parser.Expr) parser.Expr {
	for {
		paren, ok := node.(*parser.ParenExpr)
		if !ok {
			return node
		}
		node = paren.Expr
	}
}

// IsConstant reports whether an expression reads no series.
func IsConstant(node parser.Expr) bool { return len(parser.ExtractSelectors(node)) == 0 }

// constantNumber returns the value of a number, which may have signs and parentheses.
func constantNumber(node parser.Expr) (float64, bool) {
	switch node := WithoutParens(node).(type) {
	case *parser.NumberLiteral:
		return node.Val, true
	case *parser.UnaryExpr:
		value, ok := constantNumber(node.Expr)
		if node.Op == parser.SUB {
			value = -value
		}
		return value, ok
	}
	return 0, false
}

func isNumber(node parser.Expr, value float64) bool {
	number, ok := constantNumber(node)
	return ok && number == value
}

// IsZero reports whether a node is 0 wherever it has a value, as the right
// side of «… or vector(0)» is.
func IsZero(node parser.Expr) bool {
	switch node := WithoutParens(node).(type) {
	case *parser.NumberLiteral, *parser.UnaryExpr:
		return isNumber(node, 0)
	case *parser.AggregateExpr:
		keepsZero := node.Op == parser.SUM || node.Op == parser.AVG || node.Op == parser.MIN || node.Op == parser.MAX
		return keepsZero && IsZero(node.Expr)
	case *parser.Call:
		switch node.Func.Name {
		case "vector", "label_replace", "label_join":
			return IsZero(node.Args[0])
		case "clamp_max":
			return isAbsent(node.Args[0]) && isNumber(node.Args[1], 0)
		}
	case *parser.BinaryExpr:
		switch node.Op {
		case parser.MUL:
			return IsZero(node.LHS) && isFinite(node.RHS) || IsZero(node.RHS) && isFinite(node.LHS)
		case parser.LOR, parser.ADD:
			return IsZero(node.RHS) && IsZero(node.LHS)
		case parser.SUB:
			return isAbsent(node.LHS) && isNumber(node.RHS, 1) || IsZero(node.RHS) && IsZero(node.LHS)
		}
	}
	return false
}

// isGuard reports whether «left or right» only prevents a division by 0 where there are no events, as
// (… > 0) or on() vector(1) does.
func isGuard(left, right parser.Expr) bool {
	filter, ok := WithoutParens(left).(*parser.BinaryExpr)
	vector := calledAs(right, "vector")
	return ok && filter.Op == parser.GTR && !filter.ReturnBool && isNumber(filter.RHS, 0) && vector != nil && IsConstant(vector)
}

// isFinite guards against 0 × Inf; samples of series are assumed to be finite.
func isFinite(node parser.Expr) bool {
	number, ok := node.(*parser.NumberLiteral)
	return !ok || !math.IsInf(number.Val, 0) && !math.IsNaN(number.Val)
}

func isAbsent(node parser.Expr) bool { return calledAs(node, "absent", "absent_over_time") != nil }

// calledAs returns the node if it is a call of one of the functions, else nil.
func calledAs(node parser.Expr, functions ...string) *parser.Call {
	if call, ok := WithoutParens(node).(*parser.Call); ok && slices.Contains(functions, call.Func.Name) {
		return call
	}
	return nil
}
