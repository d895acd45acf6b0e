package sli

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
)

// recent is how old a sample may be to stand for a minute: (t - recent, t].
const recent = 5 * time.Minute

// readGauge reads the query of a time-based SLI. It may be any PromQL that
// looks at series: it is evaluated, not counted.
func (r *reader) readGauge(s agreement.SLI) (parser.Expr, error) {
	if s.Gauge == nil || s.Gauge.Histogram != "" {
		return nil, &QueryError{Query: r.query, Reason: "there is no query", Hint: "give the PromQL of a gauge"}
	}
	tree, err := r.parse(s.Gauge.Expr)
	if err != nil {
		return nil, err
	}
	switch kind := tree.Type(); {
	case kind != parser.ValueTypeVector && kind != parser.ValueTypeScalar:
		return nil, r.refuse(tree, fmt.Sprintf("is a %s, not a value at an instant", parser.DocumentedType(kind)),
			"put a function around the range, avg_over_time(…) for example")
	case isConstant(tree):
		return nil, r.refuse(tree, "looks at no series", "name a metric")
	}
	if err := r.narrowTree(tree); err != nil {
		return nil, err
	}
	if _, err := promQL.ParseExpr(tree.String()); err != nil {
		return nil, r.refuse(tree, "cannot be written out again ("+err.Error()+")", "write it in a simpler way")
	}
	r.warnOfGaps(tree)
	return tree, nil
}

// warnOfGaps warns of queries that have no value just when things are bad, or
// just when they are good: that time would be unknown.
func (r *reader) warnOfGaps(tree parser.Expr) {
	switch node := withoutParens(tree).(type) {
	case *parser.BinaryExpr:
		if node.Op.IsComparisonOperator() && !node.ReturnBool {
			r.warn("a comparison has no value where it fails, and that time is unknown; write %q with bool, or give the threshold as op and value", node.Op.String())
		}
	case *parser.Call:
		if isAbsent(node) {
			r.warn("%s has no value while there are series, and that time is unknown; a threshold on up tells both", node.Func.Name)
		}
	}
}

// narrowTree adds select to every selector and groupBy to every grouping.
func (r *reader) narrowTree(tree parser.Expr) error {
	var refused error
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if refused != nil {
			return refused
		}
		switch node := node.(type) {
		case *parser.VectorSelector:
			if refused = r.checkMatchers(node, "minute would be the same"); refused == nil {
				var added []*labels.Matcher
				node.LabelMatchers, added, _, refused = r.narrowed(node, node.LabelMatchers)
				r.looked = append(r.looked, looked(node, added))
			}
		case *parser.SubqueryExpr:
			if node.Timestamp != nil || node.StartOrEnd != 0 {
				refused = r.refuse(node, "has an @, so every minute would be the same", "leave the @ out")
			}
		case *parser.AggregateExpr:
			// The labels that results are split by are kept.
			if node.Without {
				grouped := func(label string) bool { return slices.Contains(r.groupBy, label) }
				node.Grouping = slices.DeleteFunc(slices.Clone(node.Grouping), grouped)
			} else {
				node.Grouping = distinct(slices.Concat(node.Grouping, r.groupBy))
			}
		case *parser.BinaryExpr:
			// on(…) tells groups apart. A side without series, vector(0), has none.
			if m := node.VectorMatching; m != nil && m.On && !isConstant(node.LHS) && !isConstant(node.RHS) {
				m.MatchingLabels = distinct(slices.Concat(m.MatchingLabels, r.groupBy))
			}
		}
		return refused
	})
	return refused
}

// looked is the selector of a gauge's query as a term, of which nothing is
// counted.
func looked(node *parser.VectorSelector, added []*labels.Matcher) Term {
	t := Term{added: added}
	for _, m := range node.LabelMatchers {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			t.name = m.Value
		} else {
			t.matchers = append(t.matchers, m)
		}
	}
	return t
}

// GaugeQuery is the query of a time-based SLI, evaluated once a minute as a
// range query with a step of 60 s. Empty for a ratio.
//
// VictoriaMetrics guesses from the distance of the samples how long one is
// recent, so there every bare selector says it: a point has a value exactly
// when a sample lies in the five minutes that end there. On Prometheus the
// engine's lookback says it, which callers send where the engine takes it.
func (p Plan) GaugeQuery(m Method) string {
	if p.gauge == nil {
		return ""
	}
	return p.gaugeExpr(m).String()
}

func (p Plan) gaugeExpr(m Method) parser.Expr {
	if m != MetricsQL {
		return p.gauge
	}
	// The copy is the tree's own text, read again.
	copied, err := promQL.ParseExpr(p.gauge.String())
	if err != nil {
		return p.gauge
	}
	return recentOnly(copied)
}

// recentOnly puts last_over_time around the bare selectors of a tree.
func recentOnly(node parser.Expr) parser.Expr {
	switch node := node.(type) {
	case *parser.VectorSelector:
		return call("last_over_time", &parser.MatrixSelector{VectorSelector: node, Range: recent})
	case *parser.Call:
		if node.Func.Name == "timestamp" {
			if bare, ok := node.Args[0].(*parser.VectorSelector); ok {
				return call("tlast_over_time", &parser.MatrixSelector{VectorSelector: bare, Range: recent})
			}
		}
		for i, arg := range node.Args {
			node.Args[i] = recentOnly(arg)
		}
	case *parser.AggregateExpr:
		node.Expr = recentOnly(node.Expr)
		if node.Param != nil {
			node.Param = recentOnly(node.Param)
		}
	case *parser.BinaryExpr:
		node.LHS, node.RHS = recentOnly(node.LHS), recentOnly(node.RHS)
	case *parser.ParenExpr:
		node.Expr = recentOnly(node.Expr)
	case *parser.UnaryExpr:
		node.Expr = recentOnly(node.Expr)
	case *parser.SubqueryExpr:
		node.Expr = recentOnly(node.Expr)
	}
	return node
}
