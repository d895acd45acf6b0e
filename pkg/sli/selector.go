package sli

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

const maxNames = 50

// knownGauges are gauges by definition; their increase counts nothing.
var knownGauges = []string{"up", "probe_success", "ALERTS"}

// recordedRate matches the operations part of a recorded rate or ratio, by the
// level:metric:operations convention.
var recordedRate = regexp.MustCompile(`(?:^|_)(?:i?rate|ratio|increase|i?delta|deriv|avg|mean|quantile|p\d+|burnrate)\d*[smhdwy]?(?:_|$)`)

// narrowing is what an objective selects of an SLI, and by what it is grouped.
type narrowing struct {
	selected []*labels.Matcher
	groupBy  []string
}

// newNarrowing refuses labels by which events cannot be selected or grouped.
func newNarrowing(selectLabels map[string]string, groupBy []string) (n narrowing, err error) {
	n.groupBy = groupBy
	for _, name := range slices.Sorted(maps.Keys(selectLabels)) {
		err = cmp.Or(err, checkLabel("select", name))
		n.selected = append(n.selected, labels.MustNewMatcher(labels.MatchEqual, name, selectLabels[name]))
	}
	for _, name := range groupBy {
		err = cmp.Or(err, checkLabel("groupBy", name))
	}
	return n, err
}

func checkLabel(field, name string) error {
	switch {
	case name == labels.BucketLabel:
		return refusal(field, "le is a histogram's bound, which tells no part of the events", "put the bound into the query of good")
	case name == model.MetricNameLabel || name == partLabel:
		return refusal(field, name+" cannot be used", "name the metrics in the query")
	case !model.UTF8Validation.IsValidLabelName(name):
		return refusal(field, strconv.Quote(name)+" is no label name", "")
	}
	return nil
}

func (n narrowing) selects(label string) bool {
	return slices.ContainsFunc(n.selected, func(m *labels.Matcher) bool { return m.Name == label })
}

// narrowed adds the objective's select, and the spellings of bounds, to matchers of the node. added are
// those that only select asks for.
func (r *reader) narrowed(node *parser.VectorSelector, matchers []*labels.Matcher) (all, added []*labels.Matcher, b bounds) {
	all, b = spellBounds(matchers)
	for _, wanted := range r.selected {
		known := false
		for _, m := range matchers {
			if m.Name == wanted.Name && !m.Matches(wanted.Value) {
				r.refuse(node, fmt.Sprintf("has %s, so select %s can match nothing", m, wanted), "leave one of the two out")
			}
			known = known || m.Name == wanted.Name && m.Type == labels.MatchEqual
		}
		if !known {
			all, added = append(all, wanted), append(added, wanted)
		}
	}
	return all, added, b
}

// checkMatchers refuses variables, two values of one label, and what checkTime does. each completes the
// reason «has an @, so every …».
func (r *reader) checkMatchers(node *parser.VectorSelector, each string) {
	r.checkTime(node, node.Timestamp != nil || node.StartOrEnd != 0, node.OriginalOffset, node.OriginalOffsetExpr, each)
	for i, m := range node.LabelMatchers {
		if !r.isPanel && holdsVariable(m) {
			r.refuse(node, fmt.Sprintf("has %s, and nothing fills that in here", m), "write the value out, or use the objective's select")
		}
		for _, other := range node.LabelMatchers[:i] {
			if m.Name == other.Name && m.Type == labels.MatchEqual && other.Type == labels.MatchEqual && m.Value != other.Value {
				r.refuse(node, fmt.Sprintf("has both %s and %s, which no series has", other, m), fmt.Sprintf("write %s=~%q for either", m.Name, other.Value+"|"+m.Value))
			}
		}
	}
}

// checkTime refuses an @, which fixes the time that a node looks at, the future, and a computed offset.
func (r *reader) checkTime(node parser.Node, isFixed bool, offset time.Duration, computed *parser.DurationExpr, each string) {
	switch {
	case isFixed:
		r.refuse(node, "has an @, so every "+each, "leave the @ out")
	case offset < 0:
		r.refuse(node, "looks into the future", "leave the negative offset out")
	case computed != nil:
		r.refuse(node, "computes its offset", "write a plain duration")
	}
}

// selector reads a selector and returns a term for each metric that it names.
func (r *reader) selector(node *parser.VectorSelector) (terms []Term) {
	r.checkMatchers(node, "slot would count the same")
	names, matchers := r.names(node)
	matchers, added, bounds := r.narrowed(node, matchers)
	for _, name := range names {
		r.checkName(node, name, bounds)
		terms = append(terms, Term{
			Metric: name, Matchers: matchers, Selected: added,
			bound: bounds.spellings, Offset: node.OriginalOffset, groupBy: r.groupBy, PerPeriod: r.perPeriod,
		})
	}
	return terms
}

// names lists the metrics of a selector. Each becomes its own term, because an increase drops the name
// and two could not be told apart.
func (r *reader) names(node *parser.VectorSelector) (names []string, others []*labels.Matcher) {
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
		switch {
		case m.Type == labels.MatchEqual:
			names = []string{m.Value}
		case m.Type == labels.MatchRegexp && names == nil:
			names = m.SetMatches()
		}
	}
	names = distinct(slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return name == "" || slices.ContainsFunc(byName, func(m *labels.Matcher) bool { return !m.Matches(name) })
	}))
	switch {
	case len(names) == 0 && len(byName) == 0:
		r.refuse(node, "names no metric", "name the counter")
	case len(names) == 0:
		r.refuse(node, "does not list its metrics", `name the counter, or list them: {__name__=~"a_total|b_total"}`)
	case len(names) > maxNames:
		r.refuse(node, fmt.Sprintf("lists %d metrics, at most %d are counted", len(names), maxNames), "record their sum, or write several SLIs")
	}
	return names, others
}

// checkName refuses metrics that hold no count, as far as their name tells.
func (r *reader) checkName(node parser.Node, name string, b bounds) {
	level := strings.LastIndexByte(name, ':')
	switch {
	case slices.Contains(knownGauges, name):
		r.refuse(node, "is a gauge, 0 or 1, whose increase counts nothing", "use a threshold SLI, or a raw one with avg(…)")
	case strings.HasPrefix(name, recordedPrefix):
		r.refuse(node, "is recorded slot counts, which are no counter",
			"write the query that they are recorded from, with `recorded: true` beside it")
	case level >= 0 && recordedRate.MatchString(name[level+1:]):
		r.refuse(node, "is a recorded rate or ratio, which holds no count", "use the counter it is recorded from, or a raw SLI")
	case level >= 0:
		r.warn("%s is a recorded sum: it falls when one of its series goes, and that is counted as a restart; the counters themselves are exact", name)
	}
	switch {
	case !strings.HasSuffix(name, "_bucket") || b.count == 1:
	case b.count == 0:
		r.refuse(node, "counts an event once in every bucket it fits into",
			`pick one with le="…", or use `+strings.TrimSuffix(name, "bucket")+`count; if it is no histogram, add le=""`)
	default:
		r.refuse(node, "matches several bounds, and buckets hold the ones below them", `pick one with le="…"`)
	}
}

// bounds are the bounds that a selector's le matchers let pass.
type bounds struct {
	// count is how many: 0 without a le matcher, 2 also for «many».
	count int
	// spellings are the ways to write the one bound, the written one first; none for le="", which says
	// that a metric is no histogram.
	spellings []string
}

var numericBound = regexp.MustCompile(`^[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|Inf)$`)

// WholeBound returns the bound of a bucket without a trailing .0, and whether it is a whole number:
// Prometheus 3 stores le="1" as le="1.0", so history has both spellings.
func WholeBound(le string) (bound string, whole bool) {
	bound = strings.TrimSuffix(le, ".0")
	_, err := strconv.Atoi(bound)
	return bound, err == nil
}

// spellBounds makes matchers on le match both spellings of a [WholeBound], and
// returns which bounds they let pass.
func spellBounds(matchers []*labels.Matcher) ([]*labels.Matcher, bounds) {
	spelled := slices.Clone(matchers)
	var b bounds
	for i, m := range spelled {
		if m.Name != labels.BucketLabel {
			continue
		}
		listed := listedBounds(m)
		var all []string
		for _, bound := range listed {
			all = append(all, bound)
			if whole, ok := WholeBound(bound); ok {
				all = append(all, whole, whole+".0")
			}
		}
		excludes := m.Type == labels.MatchNotEqual || m.Type == labels.MatchNotRegexp
		if all = distinct(all); len(all) > len(listed) {
			spelled[i] = OneOf(labels.BucketLabel, slices.Values(all))
			if excludes {
				spelled[i].Type = labels.MatchNotRegexp
			}
		}
		if excludes || !sameBound(listed) {
			b.count = 2
			continue
		}
		b = bounds{count: max(b.count, 1), spellings: all}
	}
	if b.count != 1 || b.spellings[0] == "" {
		b.spellings = nil
	}
	return spelled, b
}

// listedBounds returns the bounds that a matcher lists; none for an open expression.
func listedBounds(m *labels.Matcher) []string {
	if m.Type == labels.MatchEqual || m.Type == labels.MatchNotEqual {
		return []string{m.Value}
	}
	value := m.Value
	if strings.HasPrefix(value, "(") && strings.HasSuffix(value, ")") {
		value = strings.TrimPrefix(value[1:len(value)-1], "?:")
	}
	var listed []string
	for bound := range strings.SplitSeq(value, "|") {
		// «0.3» is meant as a number, though its dot matches any character.
		bound = strings.NewReplacer(`\.`, ".", `\+`, "+").Replace(bound)
		if !numericBound.MatchString(bound) {
			return nil
		}
		listed = append(listed, bound)
	}
	return distinct(listed)
}

// BoundValue returns the number that is written as a bound.
func BoundValue(le string) float64 {
	value, _ := strconv.ParseFloat(le, 64)
	return value
}

func sameBound(listed []string) bool {
	return len(listed) > 0 && !slices.ContainsFunc(listed[1:], func(other string) bool { return BoundValue(other) != BoundValue(listed[0]) })
}

// OneOf returns a matcher for the label having one of the values.
func OneOf(label string, values iter.Seq[string]) *labels.Matcher {
	all := slices.Collect(values)
	if len(all) == 1 {
		return labels.MustNewMatcher(labels.MatchEqual, label, all[0])
	}
	for i, value := range all {
		all[i] = regexp.QuoteMeta(value)
	}
	slices.Sort(all)
	return labels.MustNewMatcher(labels.MatchRegexp, label, strings.Join(all, "|"))
}
