package sloth

import (
	"regexp"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// openWindow is how Sloth leaves a window open.
var openWindow = regexp.MustCompile(`\{\{\s*\.window\s*\}\}`)

// filled stands in for it: a point of a ratio looks back over it.
const filled = 5 * time.Minute

// promQL reads what Prometheus does.
var promQL = parser.NewParser(parser.Options{})

// sampledRatio is the ratio at an instant of two queries that add up what a
// gauge was at every step of the window, sum_over_time((…)[{{.window}}:]): that
// of what is added up. ok is false for any other queries.
func sampledRatio(errors, total string) (ratio string, ok bool) {
	bad, badSampled := sampled(errors)
	all, allSampled := sampled(total)
	if !badSampled || !allSampled {
		return "", false
	}
	return (&parser.BinaryExpr{
		Op: parser.DIV, LHS: &parser.ParenExpr{Expr: bad}, RHS: &parser.ParenExpr{Expr: all},
		VectorMatching: &parser.VectorMatching{Card: parser.CardOneToOne},
	}).String(), true
}

// sampled is the query with what it adds up in place of the sum.
func sampled(query string) (tree parser.Expr, found bool) {
	tree, err := promQL.ParseExpr(openWindow.ReplaceAllString(query, "5m"))
	if err != nil || tree.Type() != parser.ValueTypeVector {
		return nil, false
	}
	tree = unwrap(tree, &found)
	return tree, found
}

func unwrap(node parser.Expr, found *bool) parser.Expr {
	switch node := node.(type) {
	case *parser.ParenExpr:
		node.Expr = unwrap(node.Expr, found)
	case *parser.AggregateExpr:
		node.Expr = unwrap(node.Expr, found)
	case *parser.BinaryExpr:
		node.LHS, node.RHS = unwrap(node.LHS, found), unwrap(node.RHS, found)
	case *parser.Call:
		if node.Func.Name != "sum_over_time" {
			return node
		}
		over, ok := node.Args[0].(*parser.SubqueryExpr)
		if !ok || over.Range != filled || over.RangeExpr != nil || over.OriginalOffset != 0 ||
			over.OriginalOffsetExpr != nil || over.Timestamp != nil || over.StartOrEnd != 0 {
			return node
		}
		*found = true
		if _, bracketed := over.Expr.(*parser.ParenExpr); bracketed {
			return over.Expr
		}
		return &parser.ParenExpr{Expr: over.Expr}
	}
	return node
}
