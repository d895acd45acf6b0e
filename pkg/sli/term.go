package sli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Term is one counter of an SLI, or one native histogram, that is added to a
// count or subtracted from it.
type Term struct {
	// Negative terms are subtracted.
	Negative bool

	name     string
	matchers []*labels.Matcher // without the name
	added    []*labels.Matcher // those of matchers that only select asks for
	bound    []string          // spellings of the bucket's le; nil: no bucket
	offset   time.Duration
	groupBy  []string

	native *native // nil: a counter
}

// native is what is counted of a native histogram: the observations above
// lower and at or below upper. Both infinite: all of them.
type native struct {
	lower, upper float64
}

// String is one text for all terms that count the same: the sign and the
// selector, without the grouping.
func (t Term) String() string {
	sign := "+"
	if t.Negative {
		sign = "-"
	}
	switch {
	case t.native == nil:
		return sign + t.selector().String()
	case t.native.all():
		return sign + call("histogram_count", t.selector()).String()
	}
	return sign + call("histogram_fraction", number(t.native.lower), number(t.native.upper), t.selector()).String()
}

// IsHistogram reports whether the term counts a native histogram. An engine
// that counts counters by one method may count these by another, or not at
// all; see [Term.Countable].
func (t Term) IsHistogram() bool { return t.native != nil }

// Countable says why an engine of this method cannot count the term; nil when
// it can. That Prometheus counts native histograms by [Anchored] has to be
// tried: earlier 3.x refuse it, or leave them out, while [Term.PresenceQuery]
// finds them; then they are counted by [Offset].
func (t Term) Countable(m Method) error {
	if t.IsHistogram() && m == MetricsQL {
		return fmt.Errorf("%s is a native histogram, which VictoriaMetrics does not count; use the classic buckets, %s_bucket{le=…} and %s_count", t.name, t.name, t.name)
	}
	return nil
}

// PresenceQuery counts the series, by group, that have a sample in the time of
// this length that ends at the evaluation. Any method.
func (t Term) PresenceQuery(length time.Duration) string {
	return aggregate(parser.COUNT, t.groupBy, call("last_over_time", t.over(length))).String()
}

// WithoutSelectQuery counts the series there would be if the objective's
// select were not applied: it has a value when the SLI itself has data of that
// length. ok is false when select changes nothing here. Any method.
func (t Term) WithoutSelectQuery(length time.Duration) (query string, ok bool) {
	if len(t.added) == 0 {
		return "", false
	}
	wide := t.without(func(m *labels.Matcher) bool { return slices.Contains(t.added, m) })
	return aggregate(parser.COUNT, nil, call("last_over_time", wide.over(length))).String(), true
}

// Bounds lists, as the label le of its result, the bounds that the histogram
// of a bucket term had in the time of this length. One of asked, the spellings
// of the term's own bound, has to be among them, or nothing is counted. ok is
// false for a term that is no bucket. Any method.
func (t Term) Bounds(length time.Duration) (query string, asked []string, ok bool) {
	if len(t.bound) == 0 {
		return "", nil, false
	}
	every := t.without(func(m *labels.Matcher) bool { return m.Name == labels.BucketLabel })
	return aggregate(parser.GROUP, []string{labels.BucketLabel}, call("last_over_time", every.over(length))).String(),
		slices.Clone(t.bound), true
}

func (t Term) without(drop func(*labels.Matcher) bool) Term {
	t.matchers = slices.DeleteFunc(slices.Clone(t.matchers), drop)
	return t
}

// Selector is the term's series as PromQL, with select applied.
func (t Term) Selector() string { return t.selector().String() }

// Expr is what the term counts of each of its series, as PromQL that is read
// as the same term again.
func (t Term) Expr() string {
	if t.native == nil {
		return t.Selector()
	}
	count := call("histogram_count", t.selector())
	if t.native.all() {
		return count.String()
	}
	return operation(parser.MUL, call("histogram_fraction", number(t.native.lower), number(t.native.upper), t.selector()), count).String()
}

// selector is the term's series, now.
func (t Term) selector() *parser.VectorSelector {
	matchers := append([]*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, t.name)}, t.matchers...)
	// A name of any characters is printed as a matcher; the parser reads
	// name{…} for the old ones only.
	selector := &parser.VectorSelector{LabelMatchers: matchers, OriginalOffset: t.offset}
	if legacyName(t.name) {
		selector.Name = t.name
	}
	return selector
}

// over is the term's samples of this length up to the evaluation.
func (t Term) over(length time.Duration) *parser.MatrixSelector {
	return &parser.MatrixSelector{VectorSelector: t.selector(), Range: length}
}

// before is the term's samples of this length up to the beginning of a slot.
func (t Term) before(slot, length time.Duration) *parser.MatrixSelector {
	t.offset += slot
	return t.over(length)
}

// legacyName reports whether every parser reads the name outside of braces.
func legacyName(name string) bool {
	if strings.EqualFold(name, "nan") || strings.EqualFold(name, "inf") {
		return false
	}
	selector, err := promQL.ParseExpr(name)
	if err != nil {
		return false
	}
	bare, ok := selector.(*parser.VectorSelector)
	return ok && bare.Name == name
}
