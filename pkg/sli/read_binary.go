package sli

import (
	"math"

	"github.com/prometheus/prometheus/promql/parser"
)

// binary reads a sum or a difference, and drops what changes no count.
func (r *reader) binary(node *parser.BinaryExpr, negative bool) ([]Term, error) {
	left, right := node.LHS, node.RHS
	switch node.Op {
	case parser.ADD, parser.SUB:
		return r.sum(node, negative)
	case parser.MUL, parser.DIV:
		switch {
		case isNumber(right, 1):
			return r.counts(left, negative)
		case node.Op == parser.MUL && isNumber(left, 1):
			return r.counts(right, negative)
		case node.Op == parser.MUL:
			if terms, ok := r.countBelow(left, right, negative); ok {
				return terms, nil
			}
		}
		if node.Op == parser.DIV && !isConstant(left) && !isConstant(right) {
			return nil, r.refuse(node, "is a ratio, which holds no counts", "write good and total separately, or use a raw SLI")
		}
		return nil, r.refuse(node, "scales a count", "leave the factor out: events are counted, not rates")
	case parser.LOR:
		if isZero(right) {
			return r.counts(left, negative)
		}
		return nil, r.refuse(node, "takes one counter where the other is missing", "write a + b: a counter that is missing counts as 0")
	case parser.GTR, parser.GTE, parser.NEQ, parser.LSS, parser.LTE:
		return r.comparison(node, negative)
	case parser.LAND, parser.LUNLESS:
		return nil, r.refuse(node, "drops counts while another series is there or not", "select the series by their labels, or agree on an exclusion")
	}
	return nil, r.refuse(node, "is no sum or difference of counts", "write sums and differences of counters")
}

// sum reads both sides; a side that is 0 is dropped.
func (r *reader) sum(node *parser.BinaryExpr, negative bool) ([]Term, error) {
	if m := node.VectorMatching; m != nil && m.Card != parser.CardOneToOne {
		return nil, r.refuse(node, "counts one side as often as it has partners on the other", "leave group_left and group_right out")
	}
	subtract := node.Op == parser.SUB
	if isZero(node.RHS) {
		return r.counts(node.LHS, negative)
	}
	if isZero(node.LHS) {
		return r.counts(node.RHS, negative != subtract)
	}
	for _, side := range []parser.Expr{node.LHS, node.RHS} {
		if _, ok := constantNumber(side); ok {
			return nil, r.refuse(node, "adds a constant to a count", "leave the constant out; of a ratio write good and total separately, or use a raw SLI")
		}
	}
	left, err := r.counts(node.LHS, negative)
	if err != nil {
		return nil, err
	}
	right, err := r.counts(node.RHS, negative != subtract)
	if err != nil {
		return nil, err
	}
	return append(left, right...), nil
}

// comparison reads through a filter that lets every count pass that is not 0.
func (r *reader) comparison(node *parser.BinaryExpr, negative bool) ([]Term, error) {
	above := node.Op == parser.GTR || node.Op == parser.GTE || node.Op == parser.NEQ
	below := node.Op == parser.LSS || node.Op == parser.LTE || node.Op == parser.NEQ
	switch {
	case node.ReturnBool:
	case above && isNumber(node.RHS, 0):
		return r.counts(node.LHS, negative)
	case below && isNumber(node.LHS, 0):
		return r.counts(node.RHS, negative)
	}
	return nil, r.refuse(node, "drops or replaces counts by a comparison", "leave it out (only > 0 may stay), or use a threshold SLI")
}

// isConstant reports whether the node names no series.
func isConstant(node parser.Expr) bool {
	constant := true
	parser.Inspect(node, func(n parser.Node, _ []parser.Node) error {
		if _, ok := n.(*parser.VectorSelector); ok {
			constant = false
		}
		return nil
	})
	return constant
}

func isNumber(node parser.Expr, value float64) bool {
	switch node := node.(type) {
	case *parser.NumberLiteral:
		return node.Val == value
	case *parser.ParenExpr:
		return isNumber(node.Expr, value)
	case *parser.UnaryExpr:
		return node.Op == parser.SUB && isNumber(node.Expr, -value) || node.Op == parser.ADD && isNumber(node.Expr, value)
	}
	return false
}

// isZero reports whether a node is 0 wherever it has a value, as the right
// side of «… or vector(0)» is.
func isZero(node parser.Expr) bool {
	switch node := node.(type) {
	case *parser.NumberLiteral, *parser.UnaryExpr:
		return isNumber(node, 0)
	case *parser.ParenExpr:
		return isZero(node.Expr)
	case *parser.AggregateExpr:
		keepsZero := node.Op == parser.SUM || node.Op == parser.AVG || node.Op == parser.MIN || node.Op == parser.MAX
		return keepsZero && isZero(node.Expr)
	case *parser.Call:
		switch node.Func.Name {
		case "vector", "label_replace", "label_join":
			return isZero(node.Args[0])
		case "clamp_max":
			return isAbsent(node.Args[0]) && isNumber(node.Args[1], 0)
		}
	case *parser.BinaryExpr:
		switch node.Op {
		case parser.MUL:
			return isZero(node.LHS) && isFinite(node.RHS) || isZero(node.RHS) && isFinite(node.LHS)
		case parser.LOR, parser.ADD:
			return isZero(node.RHS) && isZero(node.LHS)
		case parser.SUB:
			return isAbsent(node.LHS) && isNumber(node.RHS, 1) || isZero(node.RHS) && isZero(node.LHS)
		}
	}
	return false
}

// isFinite guards against 0 × Inf; a series' samples are taken for finite.
func isFinite(node parser.Expr) bool {
	number, ok := node.(*parser.NumberLiteral)
	return !ok || !math.IsInf(number.Val, 0) && !math.IsNaN(number.Val)
}

// isAbsent reports whether a node is absent(…), which is 1 or nothing.
func isAbsent(node parser.Expr) bool {
	switch node := node.(type) {
	case *parser.ParenExpr:
		return isAbsent(node.Expr)
	case *parser.Call:
		return node.Func.Name == "absent" || node.Func.Name == "absent_over_time"
	}
	return false
}
