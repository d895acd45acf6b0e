package sli

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
)

// native is what is counted of a native histogram: the observations above lower and at or below upper,
// or all of them if both are infinite.
type native struct{ lower, upper float64 }

var allObservations = native{lower: math.Inf(-1), upper: math.Inf(1)}

// Observations returns how many observations of the histogram the term counts. That is exact if its
// threshold is a bucket bound; otherwise the bucket is interpolated as histogram_fraction does,
// linearly around zero and in custom buckets, and exponentially elsewhere.
func (t Term) Observations(h *histogram.FloatHistogram) (within float64, exact bool) {
	if t.native == nil || *t.native == allObservations {
		return h.Count, true
	}
	exact = true
	for buckets := h.AllBucketIterator(); buckets.Next(); {
		bucket := buckets.At()
		part, cut := t.native.part(bucket, h)
		within += bucket.Count * part
		exact = exact && (!cut || bucket.Count == 0)
	}
	return within, exact
}

// part returns the fraction of the bucket, 0 to 1, that is above lower and at or below upper, and
// whether one of these lies inside the bucket.
func (n native) part(b histogram.Bucket[float64], h *histogram.FloatHistogram) (fraction float64, cut bool) {
	from, to := b.Lower, b.Upper
	if b.Lower <= 0 && 0 <= b.Upper { // the zero bucket: its values have the sign of the other buckets
		switch {
		case len(h.NegativeBuckets) == 0 && len(h.PositiveBuckets) > 0:
			from = 0
		case len(h.PositiveBuckets) == 0 && len(h.NegativeBuckets) > 0:
			to = 0
		}
	}
	b.Lower, b.Upper = from, to
	linear := h.UsesCustomBuckets() || from <= 0 && 0 <= to
	below := func(bound float64) float64 {
		switch {
		case bound >= to:
			return 1
		case bound <= from:
			return 0
		case math.IsInf(from, -1): // nothing to interpolate by
			return 1
		}
		return b.FractionBelow(bound, linear)
	}
	inside := func(bound float64) bool { return from < bound && bound < to }
	return below(n.upper) - below(n.lower), inside(n.upper) || inside(n.lower)
}

func (n native) fraction(histograms parser.Expr) parser.Expr {
	return call("histogram_fraction", number(n.lower), number(n.upper), histograms)
}

// of returns the number of wanted observations in a vector of histograms: 0, not
// NaN, if a histogram is empty.
func (n native) of(histograms parser.Expr) parser.Expr {
	count := call("histogram_count", histograms)
	if n == allObservations {
		return count
	}
	return operation(parser.LOR,
		operation(parser.GTR, operation(parser.MUL, n.fraction(histograms), count), number(0)),
		operation(parser.MUL, number(0), count))
}

// nativeByOffset subtracts the cumulative histogram at the start of the slot from that at its end. What
// a series gains in its first slot, before a restart, or in a slot that begins or ends with a failed
// scrape is lost: Prometheus 2 has no function over time that keeps a histogram. A restart shows in the
// count of all observations, since an interpolated part may fall when buckets are made coarser.
func (t Term) nativeByOffset(resolution time.Duration) parser.Expr {
	now, before := t.selector(), t.ago(resolution).selector()
	all, allBefore := allObservations.of(now), allObservations.of(before)
	inSlot := call("count_over_time", t.over(resolution-time.Millisecond))

	gained := operation(parser.SUB, t.native.of(now), t.native.of(before))
	goesOn := operation(parser.GTE, all, allBefore)
	gain := operation(parser.LOR,
		operation(parser.LAND, gained, goesOn),
		operation(parser.LAND, t.native.of(now), allBefore))
	return operation(parser.LOR,
		operation(parser.LAND, gain, inSlot),
		operation(parser.MUL, number(0), inSlot))
}

// Thresholds returns the thresholds of a native histogram's term, less 0, below which a latency has no
// observations. The term is exact where they are bounds of every histogram, and interpolated in a bucket
// that spans one.
func (t Term) Thresholds() (all []float64) {
	if t.native == nil {
		return nil
	}
	return slices.DeleteFunc([]float64{t.native.lower, t.native.upper}, func(bound float64) bool { return bound == 0 || math.IsInf(bound, 0) })
}

func (r *reader) readHistogram(q agreement.Query) []Term {
	tree := r.parse(q.Histogram)
	if tree == nil {
		return nil
	}
	selector, ok := tree.(*parser.VectorSelector)
	if !ok {
		return r.refuse(tree, "is not the selector of a native histogram", "give its name and labels only, or use `query`")
	}
	terms, wanted := r.selector(selector), allObservations
	switch {
	case r.query == "bad":
		r.refuse(tree, "would count what is fast enough as bad", "give it as good")
	case r.query == "good" && (q.Below <= 0 || math.IsInf(q.Below, 0) || math.IsNaN(q.Below)):
		r.refuse(tree, fmt.Sprintf("has no threshold (below: %v)", q.Below), "say from where on it is bad, below: 300ms")
	case r.query == "good":
		wanted.upper = q.Below
	}
	return ofNative(terms, wanted)
}

func (r *reader) histogramCount(node *parser.Call) []Term {
	terms := r.counts(node.Args[0])
	if slices.ContainsFunc(terms, Term.IsHistogram) {
		return r.refuse(node, "counts a count", "leave one histogram_count out")
	}
	return ofNative(terms, allObservations)
}

// countBelow reads histogram_fraction(l, u, h) * histogram_count(h), either
// way round, which is how PromQL counts the observations of a range.
func (r *reader) countBelow(left, right parser.Expr) ([]Term, bool) {
	fraction, count := calledAs(left, "histogram_fraction"), calledAs(right, "histogram_count")
	if fraction == nil || count == nil {
		fraction, count = calledAs(right, "histogram_fraction"), calledAs(left, "histogram_count")
	}
	if fraction == nil || count == nil {
		return nil, false
	}
	lower, lowerOK := constantNumber(fraction.Args[0])
	upper, upperOK := constantNumber(fraction.Args[1])
	// Tried on a copy, so that a failed attempt leaves no warnings.
	trial := *r
	of, whole := trial.counts(fraction.Args[2]), trial.counts(count.Args[0])
	if trial.err != nil || !lowerOK || !upperOK || !(lower < upper) || keys(of) != keys(whole) {
		return nil, false
	}
	r.warnings = trial.warnings
	return ofNative(of, native{lower: lower, upper: upper}), true
}

func ofNative(terms []Term, wanted native) []Term {
	for i := range terms {
		terms[i].native = &wanted
	}
	return terms
}
