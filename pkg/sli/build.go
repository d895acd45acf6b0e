package sli

import (
	"github.com/prometheus/prometheus/promql/parser"
)

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

func text(value string) parser.Expr { return &parser.StringLiteral{Val: value} }

func aggregate(op parser.ItemType, by []string, over parser.Expr) parser.Expr {
	return &parser.AggregateExpr{Op: op, Grouping: by, Expr: over}
}

func sumBy(by []string, over parser.Expr) parser.Expr { return aggregate(parser.SUM, by, over) }

// operation joins its operands from the left: (a op b) op c.
func operation(op parser.ItemType, first parser.Expr, others ...parser.Expr) parser.Expr {
	joined := operand(first)
	for i, other := range others {
		if i > 0 {
			joined = operand(joined)
		}
		joined = &parser.BinaryExpr{Op: op, LHS: joined, RHS: operand(other)}
	}
	return joined
}

func operand(node parser.Expr) parser.Expr {
	if _, ok := node.(*parser.BinaryExpr); ok {
		return &parser.ParenExpr{Expr: node}
	}
	return node
}
