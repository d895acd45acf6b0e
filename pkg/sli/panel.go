package sli

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Panel is what the query of a dashboard panel would be as an SLI: a ratio of two counts, a count of
// which a part is good or bad, or a histogram.
type Panel struct {
	// Total is the count of all events; for a histogram, that of its bucket counter.
	Total PanelCount
	// Part is the count of good or bad events; its Query is empty if the panel shows none.
	Part        PanelCount
	PartIsGood  bool
	IsHistogram bool
}

// PanelCount is a count in the query of a panel.
type PanelCount struct {
	Query string
	// Metric and Matchers are those of its selector; empty if it has several.
	Metric   string
	Matchers []*labels.Matcher
}

var (
	// counterName matches counters that are used without a rate.
	counterName = regexp.MustCompile(`_(total|count)$`)
	// filling matches the padding that makes a filled window as long as its placeholder.
	filling = regexp.MustCompile(`([\[:]` + filledWindow + `) +`)
	// Guesses at what the numerator of a ratio counts.
	soundsGood = regexp.MustCompile(`(?i)succ|good|ok|2\.\.|2xx|200`)
	soundsBad  = regexp.MustCompile(`(?i)err|fail|5\.\.|5xx|5\d\d|bad|timeout|drop|reject|unavail`)
)

// ReadPanel reads the query of a panel, in which windows may be variables. ok is false if it shows a
// value that is no count, such as that of a gauge.
func ReadPanel(query string) (p Panel, ok bool) {
	r := &reader{query: "total", isPanel: true}
	tree := r.parse(query)
	if tree == nil {
		return p, false
	}
	node, inverted := shownRatio(tree)
	if ratio, is := node.(*parser.BinaryExpr); is && ratio.Op == parser.DIV {
		part, isCount := r.panelCount(ratio.LHS)
		total, alsoCount := r.panelCount(ratio.RHS)
		if isCount && alsoCount {
			// 1 − x / all is usually an availability, so x is what went wrong.
			bad := soundsBad.MatchString(part.Query) || inverted && !soundsGood.MatchString(part.Query)
			return Panel{Total: total, Part: part, PartIsGood: !bad}, true
		}
	}
	for _, matchers := range parser.ExtractSelectors(node) {
		if count := countOf(matchers); strings.HasSuffix(count.Metric, "_bucket") {
			return Panel{Total: count, IsHistogram: true}, true
		}
	}
	p.Total, ok = r.panelCount(node)
	return p, ok
}

// shownRatio strips what only changes how a ratio is shown: parentheses, percent, 1 − …, which inverts it.
func shownRatio(node parser.Expr) (of parser.Expr, inverted bool) {
	for {
		of = WithoutParens(node)
		binary, ok := of.(*parser.BinaryExpr)
		switch {
		case ok && binary.Op == parser.MUL && IsConstant(binary.RHS):
			node = binary.LHS
		case ok && binary.Op == parser.MUL && IsConstant(binary.LHS):
			node = binary.RHS
		case ok && binary.Op == parser.SUB && (isNumber(binary.LHS, 1) || isNumber(binary.LHS, 100)):
			node, inverted = binary.RHS, !inverted
		default:
			return of, inverted
		}
	}
}

// panelCount returns the count that an expression shows, without its grouping, which belongs to the
// objective of an SLI. A selector without a rate needs the name of a counter.
func (r *reader) panelCount(node parser.Expr) (count PanelCount, ok bool) {
	selectors := parser.ExtractSelectors(node)
	counted := len(selectors) > 0
	for selector, path := range Nodes[*parser.VectorSelector](node) {
		counted = counted && (isRated(path) || counterName.MatchString(selector.Name))
	}
	trial := *r
	if trial.counts(node); trial.err != nil || !counted {
		return count, false
	}
	if len(selectors) == 1 {
		count = countOf(selectors[0])
	}
	if count.Query == "" {
		place := node.PositionRange()
		count.Query = filling.ReplaceAllString(r.source.parsed[place.Start:place.End], "$1")
	}
	return count, true
}

func isRated(path []parser.Node) bool {
	return slices.ContainsFunc(path, func(above parser.Node) bool {
		call, is := above.(*parser.Call)
		return is && slices.Contains([]string{"rate", "irate", "increase"}, call.Func.Name)
	})
}

// countOf returns the count of a selector; empty if it names no single metric.
func countOf(matchers []*labels.Matcher) PanelCount {
	t := newTerm(matchers)
	if t.Metric == "" {
		return PanelCount{}
	}
	return PanelCount{Query: Selector(t.Metric, t.Matchers), Metric: t.Metric, Matchers: t.Matchers}
}

// Selector prints the selector of a metric, with its matchers in the given order. metric may be empty.
func Selector(metric string, matchers []*labels.Matcher) string {
	var inside []string
	if metric != "" && !legacyName(metric) {
		metric, inside = "", []string{strconv.Quote(metric)}
	}
	for _, m := range matchers {
		inside = append(inside, m.String())
	}
	if len(inside) == 0 {
		return metric
	}
	return metric + "{" + strings.Join(inside, ",") + "}"
}
