package sloth

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/sli"
)

var openWindow = regexp.MustCompile(`\{\{-?\s*\.window\s*-?\}\}`)

// filled replaces {{.window}}: each point of a ratio looks back over it.
const filled = 5 * time.Minute

var promQL = parser.NewParser(parser.Options{})

func parse(query string) (parser.Expr, error) {
	return promQL.ParseExpr(openWindow.ReplaceAllString(query, "5m"))
}

// grouping returns the labels by which all queries are grouped; Sloth has a result for each
// group. several reports that they group differently or by without, unsummed that a series
// is not aggregated, so that Sloth has a result for each.
func grouping(queries ...string) (labels []string, several, unsummed bool) {
	found := map[string][]string{}
	for _, query := range queries {
		if tree, err := parse(query); err == nil {
			groupings(tree, found)
		}
	}
	_, without := found[notBy]
	_, unsummed = found[eachSeries]
	delete(found, eachSeries)
	if without || len(found) > 1 {
		return nil, true, unsummed
	}
	for _, labels := range found {
		return labels, false, unsummed
	}
	return nil, false, unsummed
}

// Keys of groupings beside those of labels, which begin with "(".
const (
	notBy      = "without"
	eachSeries = "each series"
)

// groupings adds the labels of the outermost groupings of the query to found, by their text.
func groupings(node parser.Expr, found map[string][]string) {
	switch of := node.(type) {
	case *parser.AggregateExpr:
		labels := slices.DeleteFunc(slices.Sorted(slices.Values(of.Grouping)), func(name string) bool { return name == "le" })
		if labels = slices.Compact(labels); of.Without {
			found[notBy] = nil
		} else {
			found["("+strings.Join(labels, ",")] = labels
		}
		return
	case *parser.MatrixSelector:
		found[eachSeries] = nil
	case *parser.Call:
		if name := of.Func.Name; name == "scalar" || strings.HasPrefix(name, "absent") {
			return // one value for any number of series
		}
	}
	for child := range parser.ChildrenIter(node) {
		if child, ok := child.(parser.Expr); ok {
			groupings(child, found)
		}
	}
}

// sampling describes how a query aggregates samples over the window.
type sampling struct {
	// sums and averages report which of the two it takes over the window, constants whether it
	// adds a number or counts series, and missing whether it may have no value if nothing is bad.
	sums, averages, constants, missing bool
}

// sampledSLIs returns SLIs for two queries that aggregate samples over the window, as
// sum_over_time((…)[{{.window}}:]), the best first: counts if the samples are rates, and the
// ratio of the samples at an instant. It returns none for other queries and for those that are
// not linear in the samples. If a filter passes nothing bad, the bad part is 0, an empty sum.
func sampledSLIs(errors, total string) (slis []agreement.SLI) {
	bad, ofBad := sampled(errors)
	all, ofAll := sampled(total)
	sums, averages := ofBad.sums || ofAll.sums, ofBad.averages || ofAll.averages
	if bad == nil || all == nil || sums == averages || sums && (ofBad.constants || ofAll.constants) {
		return nil
	}
	if isOfRates(bad) && isOfRates(all) {
		slis = append(slis, agreement.SLI{Kind: agreement.Ratio, Bad: &agreement.Query{Expr: bad.String()}, Total: &agreement.Query{Expr: all.String()}})
	}
	part := "(" + bad.String() + ")"
	if ofBad.missing {
		part = "(" + bad.String() + " or 0 * " + "(" + all.String() + "))"
	}
	return append(slis, agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: part + " / (" + all.String() + ")"}})
}

// sampled returns the query with each sum replaced by its samples; nil if it has none or is not linear.
func sampled(query string) (tree parser.Expr, of sampling) {
	tree, err := parse(query)
	if err != nil || tree.Type() != parser.ValueTypeVector || !of.isLinear(tree) {
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
	if or, ok := sli.WithoutParens(tree).(*parser.BinaryExpr); ok && or.Op == parser.LOR && sli.IsConstant(or.RHS) {
		return tree, of
	}
	for node := range sli.Nodes[*parser.BinaryExpr](tree) {
		of.missing = of.missing || node.Op.IsComparisonOperator() && !node.ReturnBool || node.Op == parser.LAND || node.Op == parser.LUNLESS
	}
	return tree, of
}

// isLinear reports whether the query applied to sums over the window equals the sum of the
// query applied to each point: it only adds and scales them.
func (s *sampling) isLinear(node parser.Expr) bool {
	switch node := node.(type) {
	case *parser.ParenExpr, *parser.UnaryExpr:
	case *parser.Call:
		name := node.Func.Name
		if !strings.HasPrefix(name, "label_") && !(name == "clamp_min" && sli.IsZero(node.Args[1])) { // the samples of a sum can be anything
			return sli.IsConstant(node) || (&sampling{}).instant(node) != nil
		}
	case *parser.AggregateExpr:
		s.constants = s.constants || node.Op == parser.COUNT
		if node.Op != parser.SUM && node.Op != parser.AVG && node.Op != parser.COUNT {
			return false
		}
	case *parser.BinaryExpr:
		switch node.Op {
		case parser.ADD, parser.SUB:
			s.constants = s.constants || sli.IsConstant(node.LHS) && !sli.IsZero(node.LHS) || sli.IsConstant(node.RHS) && !sli.IsZero(node.RHS)
		case parser.LOR:
		case parser.MUL, parser.DIV:
			if !sli.IsConstant(node.RHS) && (node.Op == parser.DIV || !sli.IsConstant(node.LHS)) {
				return false
			}
		case parser.GTR, parser.NEQ:
			if node.ReturnBool || !sli.IsZero(node.RHS) {
				return false
			}
		default:
			return false
		}
	default:
		return sli.IsConstant(node)
	}
	for child := range parser.ChildrenIter(node) {
		if child, ok := child.(parser.Expr); ok && !s.isLinear(child) {
			return false
		}
	}
	return true
}

// instant returns the value of a sum, count or average over the window for one point: the
// sample, or 1 for a count. It returns nil for other calls.
func (s *sampling) instant(call *parser.Call) parser.Expr {
	name := call.Func.Name
	counts := name == "count_over_time"
	if !counts && name != "sum_over_time" && name != "avg_over_time" {
		return nil
	}
	of := pointOf(call.Args[0])
	if of == nil {
		return nil
	}
	s.sums, s.averages = s.sums || name != "avg_over_time", s.averages || name == "avg_over_time"
	if counts {
		return &parser.ParenExpr{Expr: &parser.BinaryExpr{Op: parser.POW, LHS: of, RHS: &parser.NumberLiteral{Val: 0}}}
	}
	return of
}

// pointOf returns the expression under the range, a subquery's in parentheses; nil unless
// the range is {{.window}} without offset.
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

// countedRatio returns the SLI of a query bad / total or 1 - good / total of counters, which
// Sloth treats like events. It returns none for other queries.
func countedRatio(query string) []agreement.SLI {
	tree, err := parse(query)
	if err != nil || !isOfRates(tree) {
		return nil
	}
	sli := agreement.SLI{Kind: agreement.Ratio}
	part := &sli.Bad
	ratio, ok := unguarded(tree, "vector(0)").(*parser.BinaryExpr)
	if ok && ratio.Op == parser.SUB && ratio.LHS.String() == "1" {
		part = &sli.Good
		ratio, ok = unguarded(ratio.RHS, "vector(1)").(*parser.BinaryExpr)
	}
	if !ok || ratio.Op != parser.DIV {
		return nil
	}
	*part, sli.Total = &agreement.Query{Expr: ratio.LHS.String()}, &agreement.Query{Expr: ratio.RHS.String()}
	return []agreement.SLI{sli}
}

// unguarded returns a ratio without its value for no traffic, allGood, and without bounds
// of 0 and 1, which hold for every ratio.
func unguarded(node parser.Expr, allGood string) parser.Expr {
	node = sli.WithoutParens(node)
	switch of := node.(type) {
	case *parser.BinaryExpr:
		if of.Op == parser.LOR && sli.WithoutParens(of.RHS).String() == allGood {
			return unguarded(of.LHS, allGood)
		}
	case *parser.Call:
		if bounds := clamps[of.Func.Name]; bounds != "" && strings.HasSuffix(of.String(), bounds) {
			return unguarded(of.Args[0], allGood)
		}
	}
	return node
}

var clamps = map[string]string{"clamp": ", 0, 1)", "clamp_min": ", 0)", "clamp_max": ", 1)"}

// dividesSums reports whether the query divides by values over a range: the ratio over a
// month is then not the mean of its minutes.
func dividesSums(query string) bool {
	tree, err := parse(query)
	if err != nil {
		return false
	}
	for node, path := range sli.Nodes[*parser.BinaryExpr](tree) {
		within := slices.ContainsFunc(path, func(around parser.Node) bool { _, is := around.(*parser.SubqueryExpr); return is })
		if node.Op != parser.DIV || within {
			continue
		}
		for by := range sli.Nodes[parser.Expr](node.RHS) {
			if by.Type() == parser.ValueTypeMatrix {
				return true
			}
		}
	}
	return false
}

// isOfRates reports whether every selector is within rate or increase, and so selects counters.
func isOfRates(tree parser.Expr) bool {
	for _, path := range sli.Nodes[*parser.VectorSelector](tree) {
		var call *parser.Call
		if len(path) > 1 {
			call, _ = path[len(path)-2].(*parser.Call) // around the range
		}
		if call == nil || call.Func.Name != "rate" && call.Func.Name != "increase" {
			return false
		}
	}
	return true
}
