package sli

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
)

// recent is how old a sample may be to stand for a minute: (t - recent, t].
const recent = 5 * time.Minute

// readGauge reads the query of a time-based SLI. It may be any PromQL that reads series: it
// is evaluated, not counted.
func (r *reader) readGauge(s agreement.SLI, into *Plan) {
	if s.Gauge == nil || s.Gauge.Histogram != "" {
		r.fail(r.query, "there is no query", "give the PromQL of a gauge")
		return
	}
	tree := r.parse(s.Gauge.Expr)
	if tree == nil {
		return
	}
	switch kind := tree.Type(); {
	case kind != parser.ValueTypeVector && kind != parser.ValueTypeScalar:
		r.refuse(tree, fmt.Sprintf("is a %s, not a value at an instant", parser.DocumentedType(kind)),
			"put a function around the range, avg_over_time(…) for example")
	case IsConstant(tree):
		r.refuse(tree, "looks at no series", "name a metric")
	case s.Kind != agreement.Threshold && calledAs(tree, "histogram_quantile") != nil:
		r.refuse(tree, "is a percentile, and no ratio of 0 to 1", "use a threshold SLI")
	case s.Kind == agreement.RawFailure && isFastEnough(tree):
		r.refuse(tree, "is the ratio of what is fast enough, which is good", "subtract it from 1, or say rawType: success")
	}
	r.narrowTree(tree)
	if _, err := promQL.ParseExpr(tree.String()); err != nil {
		r.refuse(tree, "cannot be written out again ("+err.Error()+")", "write it in a simpler way")
	}
	if r.err != nil {
		return
	}
	tree = r.countNothing(tree)
	r.warnOfGaps(tree)
	into.PortableGauge = tree.String()
	into.ByMinute = r.fillMinutes(tree, s.Kind)
	into.gauge, into.Warnings, into.Looked = tree, r.warnings, r.looked
}

// isFastEnough reports whether the tree is the ratio of a bucket to all events, as a good ratio is.
func isFastEnough(tree parser.Expr) bool {
	ratio, ok := WithoutParens(tree).(*parser.BinaryExpr)
	if !ok || ratio.Op != parser.DIV {
		return false
	}
	counts, _ := NewPlan(agreement.SLI{Kind: agreement.Ratio, Bad: &agreement.Query{Expr: ratio.LHS.String()}, Total: &agreement.Query{Expr: ratio.RHS.String()}}, nil, nil)
	return counts.badIsFastEnough() && counts.totalIsOfTheBucket()
}

// countNothing makes a count 0 where nothing passes its filter but the filtered series exist:
// count(x > 5), alone or as a dividend, would have no value just when all is good, or bad. For x and y
// it is not known whether y was there, so that stays without a value.
func (r *reader) countNothing(tree parser.Expr) parser.Expr {
	for ratio := range Nodes[*parser.BinaryExpr](tree) {
		if ratio.Op == parser.DIV {
			ratio.LHS = r.orNothing(ratio.LHS)
		}
	}
	return WithoutParens(r.orNothing(tree))
}

// orNothing makes a count 0 where its filter leaves nothing, also inside sums, differences and products.
func (r *reader) orNothing(node parser.Expr) parser.Expr {
	if sum, ok := WithoutParens(node).(*parser.BinaryExpr); ok && (sum.Op == parser.ADD || sum.Op == parser.SUB || sum.Op == parser.MUL) {
		sum.LHS, sum.RHS = r.orNothing(sum.LHS), r.orNothing(sum.RHS)
	}
	if !isFiltered(node) {
		return node
	}
	passed := "comparison"
	if len(filters(node, isComparison)) == 0 {
		passed = "unless"
	}
	r.warn("%s is taken as 0 where nothing passes its %s", r.excerpt(node), passed)
	return &parser.ParenExpr{Expr: operation(parser.LOR, WithoutParens(node), operation(parser.MUL, number(0), unfiltered(node)))}
}

// unfiltered returns how many series or samples there are before the filters of a count.
func unfiltered(node parser.Expr) parser.Expr {
	all, err := promQL.ParseExpr(WithoutParens(node).String())
	if err != nil { // not expected: it is the text of a tree
		return node
	}
	var strip func(parser.Expr) parser.Expr
	strip = func(node parser.Expr) parser.Expr {
		filter, ok := node.(*parser.BinaryExpr)
		switch {
		case !ok || !isComparison(filter) && filter.Op != parser.LUNLESS:
			return nil
		case IsConstant(filter.LHS):
			return Rewrite(filter.RHS, strip)
		}
		return Rewrite(filter.LHS, strip)
	}
	all = Rewrite(all, strip)
	if sum, ok := all.(*parser.AggregateExpr); ok {
		sum.Op = parser.COUNT // whatever the values
	}
	return all
}

func isFiltered(node parser.Expr) bool {
	counted := calledAs(node, "count_over_time", "sum_over_time") != nil
	if sum, ok := WithoutParens(node).(*parser.AggregateExpr); ok {
		counted = sum.Op == parser.SUM || sum.Op == parser.COUNT
	}
	return counted && len(filters(node, func(node *parser.BinaryExpr) bool {
		return isComparison(node) || node.Op == parser.LUNLESS
	})) > 0
}

func isComparison(node *parser.BinaryExpr) bool {
	return node.Op.IsComparisonOperator() && !node.ReturnBool
}

// filters returns the operations without which a tree has no value. An operation on the left of an or
// has an alternative, and one on the right of an unless need not have a value.
func filters(tree parser.Node, is func(*parser.BinaryExpr) bool) (found []*parser.BinaryExpr) {
	for filter, path := range Nodes[*parser.BinaryExpr](tree) {
		counts := is(filter)
		for i, outer := range path {
			inner := parser.Node(filter)
			if i+1 < len(path) {
				inner = path[i+1]
			}
			if set, ok := outer.(*parser.BinaryExpr); ok && (set.Op == parser.LOR && set.LHS == inner || set.Op == parser.LUNLESS && set.RHS == inner) {
				counts = false
			}
		}
		if counts {
			found = append(found, filter)
		}
	}
	return found
}

// Nodes returns the nodes of the type in a tree, from the outside in, each with the nodes around it.
func Nodes[T parser.Node](tree parser.Node) iter.Seq2[T, []parser.Node] {
	return func(yield func(T, []parser.Node) bool) {
		parser.Inspect(tree, func(node parser.Node, path []parser.Node) error {
			if of, is := node.(T); is && !yield(of, path) {
				return io.EOF // ends the traversal
			}
			return nil
		})
	}
}

// warnOfGaps warns of queries that have no value just when things are bad, or
// just when they are good: that time would be unknown.
func (r *reader) warnOfGaps(tree parser.Expr) {
	for _, filter := range filters(tree, isComparison) {
		if parser.Node(filter) == WithoutParens(tree) {
			r.warn("a comparison has no value where it fails, and that time is unknown; write %q with bool, or give the threshold as op and value", filter.Op.String())
		} else {
			r.warn("%s has no value where it fails, and where it does for all series that time may be unknown, just when all is bad (or good); write %q with bool, or add `or vector(0)`",
				r.excerpt(filter), filter.Op.String())
		}
	}
	if or, ok := WithoutParens(tree).(*parser.BinaryExpr); ok && or.Op == parser.LOR && IsConstant(or.RHS) && !or.VectorMatching.On && len(r.groupBy) > 0 {
		r.warn("%s has no labels, so it makes a group of its own where others have a value, and is no value of theirs; leave it out", or.RHS)
	}
	for call, path := range Nodes[*parser.Call](tree) {
		if isAbsent(call) && !slices.ContainsFunc(path, func(outer parser.Node) bool {
			set, ok := outer.(*parser.BinaryExpr)
			return ok && (set.Op == parser.LOR || set.Op == parser.LUNLESS)
		}) {
			r.warn("%s has no value while there are series, and that time is unknown; a threshold on up tells both", call.Func.Name)
		}
	}
}

// narrowTree adds select to every selector and groupBy to every grouping.
func (r *reader) narrowTree(tree parser.Expr) {
	const everyMinute = "minute would be the same"
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		switch node := node.(type) {
		case *parser.VectorSelector:
			r.checkMatchers(node, everyMinute)
			var added []*labels.Matcher
			node.LabelMatchers, added, _ = r.narrowed(node, node.LabelMatchers)
			seen := newTerm(node.LabelMatchers)
			seen.Selected = added
			r.looked = append(r.looked, seen)
		case *parser.SubqueryExpr:
			r.checkTime(node, node.Timestamp != nil || node.StartOrEnd != 0, node.OriginalOffset, node.OriginalOffsetExpr, everyMinute)
		case *parser.AggregateExpr:
			// The labels that split results must stay.
			if node.Without {
				grouped := func(label string) bool { return slices.Contains(r.groupBy, label) }
				node.Grouping = slices.DeleteFunc(slices.Clone(node.Grouping), grouped)
			} else {
				node.Grouping = distinct(slices.Concat(node.Grouping, r.groupBy))
			}
		case *parser.BinaryExpr:
			// on(…) must separate groups. A side without series, such as vector(0), has none.
			if m := node.VectorMatching; m != nil && m.On && !IsConstant(node.LHS) && !IsConstant(node.RHS) {
				m.MatchingLabels = distinct(slices.Concat(m.MatchingLabels, r.groupBy))
			}
		}
		return r.err
	})
}

// GaugeQuery returns the query of a time-based SLI, which is evaluated once a minute, as a range query
// with a step of 60 s. It is empty for a ratio.
//
// VictoriaMetrics guesses from the distance between samples how long one is recent, so there every bare
// selector gets a range: the five minutes that end at the point. On Prometheus that is the lookback,
// which callers send where the engine accepts it.
func (p Plan) GaugeQuery(m Method) string {
	if p.gauge == nil {
		return ""
	}
	return p.gaugeExpr(m).String()
}

// StandsIn reports whether a time-based query may have a value where there are no series: from a
// constant beside an or, or from absent.
func (p Plan) StandsIn() bool {
	for node := range Nodes[parser.Expr](p.gauge) {
		or, _ := node.(*parser.BinaryExpr)
		if isAbsent(node) || or != nil && or.Op == parser.LOR && (IsConstant(or.LHS) || IsConstant(or.RHS)) {
			return true
		}
	}
	return false
}

// StoodInFor returns the selectors of a time-based query that a constant, or a constant times an
// expression, replaces where they have no series: (x or vector(0)) / y is 0 for ever if x is misspelled.
func (p Plan) StoodInFor() []Term {
	selectors := map[string]bool{}
	for or := range Nodes[*parser.BinaryExpr](p.gauge) {
		product, _ := WithoutParens(or.RHS).(*parser.BinaryExpr)
		isZero := product != nil && product.Op == parser.MUL && IsConstant(product.LHS)
		if or.Op != parser.LOR || !isZero && !IsConstant(or.RHS) {
			continue
		}
		for selector := range Nodes[*parser.VectorSelector](or.LHS) {
			selectors[newTerm(selector.LabelMatchers).Selector()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(p.Looked), func(t Term) bool { return !selectors[t.Selector()] })
}

func (p Plan) gaugeExpr(m Method) parser.Expr {
	// Copied by parsing its text.
	copied, err := promQL.ParseExpr(p.gauge.String())
	if err != nil || m == Anchored {
		return p.gauge
	}
	copied = withoutAnchored(copied, m)
	if m == MetricsQL {
		return recentOnly(copied)
	}
	return copied
}

// Ahead returns the query of a gauge with selectors that look a millisecond ahead and subqueries that
// are a millisecond shorter. Before Prometheus 3 the lookback and ranges are closed on the left, so a
// sample that is exactly five minutes old would still have a value.
func Ahead(query string) string {
	tree, err := promQL.ParseExpr(query)
	if err != nil {
		return query
	}
	for selector := range Nodes[*parser.VectorSelector](tree) {
		selector.OriginalOffset -= time.Millisecond
	}
	for subquery := range Nodes[*parser.SubqueryExpr](tree) {
		subquery.Range -= time.Millisecond
	}
	return tree.String()
}

// recentOnly puts last_over_time around the bare selectors of a tree.
func recentOnly(tree parser.Expr) parser.Expr {
	return Rewrite(tree, func(node parser.Expr) parser.Expr {
		switch node := node.(type) {
		case *parser.VectorSelector:
			return call("last_over_time", &parser.MatrixSelector{VectorSelector: node, Range: recent})
		case *parser.MatrixSelector:
			return node
		case *parser.Call:
			if node.Func.Name == "timestamp" {
				if bare, ok := node.Args[0].(*parser.VectorSelector); ok {
					return call("tlast_over_time", &parser.MatrixSelector{VectorSelector: bare, Range: recent})
				}
			}
		}
		return nil
	})
}

// Rewrite replaces each node with what change returns for it, and descends into nodes for which that is nil.
func Rewrite(node parser.Expr, change func(parser.Expr) parser.Expr) parser.Expr {
	if changed := change(node); changed != nil {
		return changed
	}
	switch node := node.(type) {
	case *parser.Call:
		for i, arg := range node.Args {
			node.Args[i] = Rewrite(arg, change)
		}
	case *parser.AggregateExpr:
		node.Expr = Rewrite(node.Expr, change)
		if node.Param != nil {
			node.Param = Rewrite(node.Param, change)
		}
	case *parser.BinaryExpr:
		node.LHS, node.RHS = Rewrite(node.LHS, change), Rewrite(node.RHS, change)
	case *parser.ParenExpr:
		node.Expr = Rewrite(node.Expr, change)
	case *parser.UnaryExpr:
		node.Expr = Rewrite(node.Expr, change)
	case *parser.SubqueryExpr:
		node.Expr = Rewrite(node.Expr, change)
	}
	return node
}
