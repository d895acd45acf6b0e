package sloth

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/sli"
)

var openWindow = regexp.MustCompile(`\{\{\s*\.window\s*\}\}`)

// filled stands in for it: a point of a ratio looks back over it.
const filled = 5 * time.Minute

var promQL = parser.NewParser(parser.Options{})

func parse(query string) (parser.Expr, error) {
	return promQL.ParseExpr(openWindow.ReplaceAllString(query, "5m"))
}

// grouping is the labels by which all of the queries are grouped, which Sloth
// makes a result each of. Other groupings are lost, which is a warning at field.
func (w *writer) grouping(field string, queries ...string) []string {
	found := map[string][]string{}
	for _, query := range queries {
		if tree, err := parse(query); err == nil {
			groupings(tree, found)
		}
	}
	if len(found) > 1 || found["without"] != nil {
		w.d.Warnf(field, "groups in several ways or by without (…), which has no place: all is counted as one; group each query by (…) of the same labels for a result each")
		return nil
	}
	for _, labels := range found {
		return labels
	}
	return nil
}

// groupings adds the labels of the outermost groupings of the query, by their text.
func groupings(node parser.Expr, found map[string][]string) {
	if of, ok := node.(*parser.AggregateExpr); ok {
		labels := slices.DeleteFunc(slices.Sorted(slices.Values(of.Grouping)), func(name string) bool { return name == "le" })
		if labels = slices.Compact(labels); of.Without {
			found["without"] = labels
		} else {
			found[strings.Join(labels, ",")] = labels
		}
		return
	}
	for child := range parser.ChildrenIter(node) {
		if child, ok := child.(parser.Expr); ok {
			groupings(child, found)
		}
	}
}

// sampling is what a query adds up of a gauge, with that in place of the sums.
type sampling struct {
	// sums and averages say which of the two it takes over the window, filters
	// whether what is bad may have no value, and or whether that is filled in.
	sums, averages, filters, or bool
}

// sampledRatio is the ratio at an instant of two queries that add up what a
// gauge was over the window, as sum_over_time((…)[{{.window}}:]): that of what is
// added up. ok is false for any other queries. Where nothing bad passes a filter,
// its sum has nothing to add: 0.
func sampledRatio(errors, total string) (ratio string, ok bool) {
	bad, ofBad := sampled(errors)
	all, ofAll := sampled(total)
	if sums, averages := ofBad.sums || ofAll.sums, ofBad.averages || ofAll.averages; bad == nil || all == nil || sums == averages {
		return "", false
	}
	part := "(" + bad.String() + ")"
	if ofBad.filters && !ofBad.or {
		part = "(" + bad.String() + " or 0 * " + "(" + all.String() + "))"
	}
	return part + " / (" + all.String() + ")", true
}

// sampled is the query with what it adds up in place of the sum; nil if nothing.
func sampled(query string) (tree parser.Expr, of sampling) {
	tree, err := parse(query)
	if err != nil || tree.Type() != parser.ValueTypeVector {
		return nil, of
	}
	tree = sli.Rewrite(tree, func(node parser.Expr) parser.Expr {
		if call, ok := node.(*parser.Call); ok {
			return of.instant(call)
		}
		return nil
	})
	if !of.sums && !of.averages {
		return nil, of
	}
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if node, ok := node.(*parser.BinaryExpr); ok {
			of.or = of.or || node.Op == parser.LOR
			of.filters = of.filters || node.Op.IsComparisonOperator() && !node.ReturnBool
		}
		return nil
	})
	return tree, of
}

// instant is what a sum, count or average over the window is of one point: what
// it is taken of, and 1 for a count.
func (s *sampling) instant(call *parser.Call) parser.Expr {
	name := call.Func.Name
	counts := name == "count_over_time"
	if !counts && name != "sum_over_time" && name != "avg_over_time" {
		return call
	}
	of := pointOf(call.Args[0])
	if of == nil {
		return call
	}
	s.sums, s.averages = s.sums || name != "avg_over_time", s.averages || name == "avg_over_time"
	if counts {
		return &parser.ParenExpr{Expr: &parser.BinaryExpr{Op: parser.POW, LHS: of, RHS: &parser.NumberLiteral{Val: 0}}}
	}
	return of
}

// pointOf is what the range is of, in brackets; nil unless it is the open window to now.
func pointOf(node parser.Expr) parser.Expr {
	switch over := node.(type) {
	case *parser.MatrixSelector:
		of := over.VectorSelector.(*parser.VectorSelector)
		if over.Range == filled && of.OriginalOffset == 0 && of.Timestamp == nil && of.StartOrEnd == 0 {
			return of
		}
	case *parser.SubqueryExpr:
		if over.Range != filled || over.RangeExpr != nil || over.OriginalOffset != 0 ||
			over.OriginalOffsetExpr != nil || over.Timestamp != nil || over.StartOrEnd != 0 {
			return nil
		}
		if _, bracketed := over.Expr.(*parser.ParenExpr); bracketed {
			return over.Expr
		}
		return &parser.ParenExpr{Expr: over.Expr}
	}
	return nil
}
