package sli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/prometheus/prometheus/promql/parser"
)

// longestQuery bounds what is parsed, in bytes, because the parser's time grows
// with the square of the nesting; mostTerms what is asked of an engine.
const (
	longestQuery = 16 << 10
	mostTerms    = 100
)

// promQL reads what any Prometheus of today reads, so that what is refused is
// refused by us, with a reason.
var promQL = parser.NewParser(parser.Options{
	EnableExperimentalFunctions:  true,
	ExperimentalDurationExpr:     true,
	EnableExtendedRangeSelectors: true,
	EnableBinopFillModifiers:     true,
})

// reader reads one query of an SLI.
type reader struct {
	narrowing
	query    string // good, bad, total, raw or threshold
	source   *source
	warnings []string
}

func (r *reader) warn(format string, values ...any) {
	warning := r.query + " query: " + fmt.Sprintf(format, values...)
	if !slices.Contains(r.warnings, warning) {
		r.warnings = append(r.warnings, warning)
	}
}

// parse makes the tree of a query, with its windows filled.
func (r *reader) parse(text string) (parser.Expr, error) {
	r.source = &source{text: text}
	if len(text) > longestQuery {
		return nil, &QueryError{Query: r.query, Text: text,
			Reason: fmt.Sprintf("the query has %d bytes, at most %d are read", len(text), longestQuery)}
	}
	if strings.TrimSpace(text) == "" {
		return nil, &QueryError{Query: r.query, Text: text, Reason: "the query is empty"}
	}
	filled, stray := fill(text)
	if stray >= 0 {
		return nil, queryErrorAt(r.query, text, stray, "a placeholder stands outside of […]",
			"only the window of a range is filled in, write the rest out")
	}
	r.source = filled
	tree, err := promQL.ParseExpr(filled.parsed)
	if err != nil {
		return nil, r.parseError(err)
	}
	return tree, nil
}

// readQuery reads a query that counts events.
func (r *reader) readQuery(q agreement.Query) ([]Term, error) {
	if q.Histogram != "" {
		return r.readHistogram(q)
	}
	tree, err := r.parse(q.Expr)
	if err != nil {
		return nil, err
	}
	terms, err := r.counts(tree, false)
	if err != nil {
		return nil, err
	}
	if len(terms) > mostTerms {
		return nil, &QueryError{Query: r.query, Text: q.Expr, Hint: "record their sum",
			Reason: fmt.Sprintf("%d counters are added up, at most %d are counted", len(terms), mostTerms)}
	}
	if !slices.ContainsFunc(terms, func(t Term) bool { return !t.Negative }) {
		return nil, r.refuse(tree, "only subtracts", "begin with what is added")
	}
	return terms, nil
}

// counts reads the counters that a node adds and, when negative, subtracts.
func (r *reader) counts(node parser.Expr, negative bool) ([]Term, error) {
	if isZero(node) {
		return nil, r.refuse(node, "is 0 and counts nothing", "name a counter")
	}
	switch node := node.(type) {
	case *parser.ParenExpr:
		return r.counts(node.Expr, negative)
	case *parser.VectorSelector:
		return r.selector(node, negative)
	case *parser.AggregateExpr:
		if node.Op == parser.SUM {
			return r.counts(node.Expr, negative)
		}
		reason, hint := refusedAggregation(node)
		return nil, r.refuse(node, reason, hint)
	case *parser.Call:
		return r.call(node, negative)
	case *parser.BinaryExpr:
		return r.binary(node, negative)
	case *parser.UnaryExpr:
		if node.Op == parser.ADD {
			return r.counts(node.Expr, negative)
		}
		return nil, r.refuse(node, "turns a count negative", "write a difference, a - b")
	case *parser.NumberLiteral:
		return nil, r.refuse(node, "is a constant, not a count", "name a counter")
	case *parser.MatrixSelector:
		return nil, r.refuse(node, "is a range on its own", "leave the […] out, or put rate(…) around it")
	case *parser.SubqueryExpr:
		return nil, r.refuse(node, "is a subquery, which looks only at every step", "put rate(…) on the counter itself")
	}
	return nil, r.refuse(node, "is no count", "name a counter")
}

// refusedAggregation says why an aggregation holds no count.
func refusedAggregation(node *parser.AggregateExpr) (reason, hint string) {
	switch node.Op {
	case parser.AVG:
		return "is an average, which holds no count", "use sum(…); for the average of a gauge use a raw or a threshold SLI"
	case parser.COUNT, parser.GROUP, parser.COUNT_VALUES:
		return "counts series, not events", "use sum(…) of a counter; for the share of targets that are up use a raw SLI with avg(up{…})"
	case parser.MIN, parser.MAX, parser.QUANTILE, parser.STDDEV, parser.STDVAR:
		return "picks a value, which holds no count", "use sum(…) of a counter, or a threshold SLI"
	}
	return "keeps some series and drops others as they change", "name the series by their labels"
}

// call reads a function call.
func (r *reader) call(node *parser.Call, negative bool) ([]Term, error) {
	switch name := node.Func.Name; name {
	case "rate", "increase", "irate", "last_over_time":
		if name == "irate" {
			r.warn("irate looks at the last two samples of a window only; all events are counted")
		}
		return r.ranged(node, negative)
	case "histogram_count":
		return r.histogramCount(node, negative)
	case "clamp_min":
		if isNumber(node.Args[1], 0) {
			r.warn("clamp_min is left out: good and total are scraped at slightly different instants, which evens out")
			return r.counts(node.Args[0], negative)
		}
		return nil, r.refuse(node, "replaces small values", "leave clamp_min out, or clamp at 0")
	case "round", "ceil", "floor":
		if len(node.Args) == 1 {
			r.warn("%s is left out: events are counted whole", name)
			return r.counts(node.Args[0], negative)
		}
		return nil, r.refuse(node, "rounds counts away", "leave round out")
	case "label_replace", "label_join":
		return r.relabelled(node, negative)
	default:
		reason, hint := refusedFunction(name)
		return nil, r.refuse(node, reason, hint)
	}
}

// ranged reads a function over a range of one counter.
func (r *reader) ranged(node *parser.Call, negative bool) ([]Term, error) {
	arg := node.Args[0]
	for {
		paren, ok := arg.(*parser.ParenExpr)
		if !ok {
			break
		}
		arg = paren.Expr
	}
	matrix, ok := arg.(*parser.MatrixSelector)
	if !ok {
		return nil, r.refuse(arg, "is a subquery, which looks only at every step", "put "+node.Func.Name+"(…) on the counter itself, sum(…) around it")
	}
	return r.selector(matrix.VectorSelector.(*parser.VectorSelector), negative)
}

// relabelled reads through a change of labels, unless the changed one matters.
func (r *reader) relabelled(node *parser.Call, negative bool) ([]Term, error) {
	target, ok := node.Args[1].(*parser.StringLiteral)
	if !ok {
		return nil, r.refuse(node, "does not name the label it sets", "")
	}
	if slices.Contains(r.groupBy, target.Val) || r.selects(target.Val) {
		return nil, r.refuse(node, fmt.Sprintf("makes the label %q, which only the counter itself can be selected or grouped by", target.Val),
			"group by a label that the counter has, or relabel it when it is scraped")
	}
	return r.counts(node.Args[0], negative)
}

// refusedFunction says why a function holds no count.
func refusedFunction(name string) (reason, hint string) {
	switch {
	case name == "delta" || name == "idelta" || name == "deriv" || name == "predict_linear":
		return "is for gauges and holds no count", "use increase(…) if it is a counter"
	case name == "histogram_quantile":
		return "is a percentile, which holds no count", `count what is fast enough: sum(rate(…_bucket{le="0.3"}[5m])) as good and sum(rate(…_count[5m])) as total`
	case name == "histogram_fraction":
		return "is a fraction, which holds no count", "multiply it by histogram_count(…) of the same histogram, or use `histogram` and `below`"
	case name == "histogram_sum" || name == "histogram_avg":
		return "measures, it does not count", "use histogram_count(…)"
	case name == "absent" || name == "absent_over_time":
		return "says that there are no series, which is no count", "use a threshold SLI"
	case strings.HasSuffix(name, "_over_time"):
		return "is for gauges and holds no count", "use a counter, or a raw or threshold SLI for a gauge"
	}
	return "does not keep counts", "leave " + name + "(…) out, or use a raw or threshold SLI"
}
