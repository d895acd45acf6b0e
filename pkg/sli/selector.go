package sli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// mostNames is how many metrics one selector may list.
const mostNames = 50

// knownGauges are gauges by definition; their increase counts nothing.
var knownGauges = []string{"up", "probe_success"}

// recordedRate is the operations part of a recorded rate or ratio, by the
// level:metric:operations convention.
var recordedRate = regexp.MustCompile(`(?:^|_)(?:i?rate|ratio|increase|i?delta|deriv|avg|mean|quantile|p\d+|burnrate)\d*[smhdwy]?(?:_|$)`)

// selector reads one selector: a term for each metric it names.
func (r *reader) selector(node *parser.VectorSelector, negative bool) ([]Term, error) {
	switch {
	case node.Timestamp != nil || node.StartOrEnd != 0:
		return nil, r.refuse(node, "has an @, so every slot would count the same", "leave the @ out")
	case node.OriginalOffsetExpr != nil:
		return nil, r.refuse(node, "computes its offset", "write a plain duration")
	case node.OriginalOffset < 0:
		return nil, r.refuse(node, "looks into the future", "leave the negative offset out")
	}
	for _, m := range node.LabelMatchers {
		if holdsVariable(m) {
			return nil, r.refuse(node, fmt.Sprintf("has %s, and nothing fills that in here", m), "write the value out, or use the objective's select")
		}
	}
	names, matchers, err := r.names(node)
	if err != nil {
		return nil, err
	}
	matchers, bounds := spellBounds(matchers)
	matchers, added, contradiction := r.narrow(matchers)
	if contradiction != nil {
		reason, hint := r.contradicted(contradiction)
		return nil, r.refuse(node, reason, hint)
	}
	var terms []Term
	for _, name := range names {
		if err := r.checkName(node, name, bounds); err != nil {
			return nil, err
		}
		terms = append(terms, Term{
			Negative: negative, name: name, matchers: matchers, added: added,
			bound: bounds.single(), offset: node.OriginalOffset, groupBy: r.groupBy,
		})
	}
	return terms, nil
}

// names lists the metrics of a selector. Each becomes a term of its own,
// because an increase drops the name and two would be told apart no more.
func (r *reader) names(node *parser.VectorSelector) (names []string, others []*labels.Matcher, err error) {
	var byName []*labels.Matcher
	for _, m := range node.LabelMatchers {
		switch {
		case m.Name == model.MetricNameLabel:
			byName = append(byName, m)
		case !slices.ContainsFunc(others, func(o *labels.Matcher) bool { return o.String() == m.String() }):
			others = append(others, m)
		}
	}
	for _, m := range byName {
		switch m.Type {
		case labels.MatchEqual:
			names = []string{m.Value}
		case labels.MatchRegexp:
			if names == nil {
				names = m.SetMatches()
			}
		}
	}
	names = distinct(slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return name == "" || slices.ContainsFunc(byName, func(m *labels.Matcher) bool { return !m.Matches(name) })
	}))
	switch {
	case len(names) == 0 && len(byName) == 0:
		return nil, nil, r.refuse(node, "names no metric", "name the counter")
	case len(names) == 0:
		return nil, nil, r.refuse(node, "does not list its metrics", `name the counter, or list them: {__name__=~"a_total|b_total"}`)
	case len(names) > mostNames:
		return nil, nil, r.refuse(node, fmt.Sprintf("lists %d metrics, at most %d are counted", len(names), mostNames), "record their sum, or write several SLIs")
	}
	return names, others, nil
}

// checkName refuses metrics that hold no count, as far as their name tells.
func (r *reader) checkName(node parser.Node, name string, bounds bounds) error {
	if slices.Contains(knownGauges, name) {
		return r.refuse(node, "is a gauge, 0 or 1, whose increase counts nothing", "use a threshold SLI, or a raw one with avg(…)")
	}
	if holdsSlots(name) {
		return r.refuse(node, "is recorded slot counts, which are no counter", "write the query that they are recorded from, with `recorded: true` beside it")
	}
	if level := strings.LastIndexByte(name, ':'); level >= 0 {
		if recordedRate.MatchString(name[level+1:]) {
			return r.refuse(node, "is a recorded rate or ratio, which holds no count", "use the counter it is recorded from, or a raw SLI")
		}
		r.warn("%s is a recorded sum: it falls when one of its series goes, and that is counted as a restart; the counters themselves are exact", name)
	}
	if strings.HasSuffix(name, "_bucket") {
		switch bounds.count {
		case 0:
			return r.refuse(node, "counts an event once in every bucket it fits into", `pick one with le="…", or use `+strings.TrimSuffix(name, "bucket")+`count; if it is no histogram, add le=""`)
		case 1:
		default:
			return r.refuse(node, "matches several bounds, and buckets hold the ones below them", `pick one with le="…"`)
		}
	}
	return nil
}
