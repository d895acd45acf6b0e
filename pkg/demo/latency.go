package demo

import (
	"math"

	"github.com/prometheus/prometheus/model/histogram"
)

// latency is how long things take: most are quick, a share of them is slow,
// and either kind scatters around its median by a lognormal law. The unit is
// that of the histogram: seconds, or hours for people.
type latency struct {
	seed      seed
	count     func(*moment) float64 // how many end in the minute
	quick     law
	slow      law
	slowShare float64
	// atPeak is the slow share that is added at twice the mean load.
	atPeak float64
	shape  *shape
}

type law struct{ median, spread float64 }

// upTo is the ratio that takes at most so long.
func (l law) upTo(bound float64) float64 {
	if math.IsInf(bound, 1) {
		return 1
	}
	return 0.5 * math.Erfc(-math.Log(bound/l.median)/l.spread/math.Sqrt2)
}

func (l law) mean() float64 { return l.median * math.Exp(l.spread*l.spread/2) }

func (l *latency) slowRatio(mo *moment) float64 {
	load := math.Max(0, l.shape[mo.week]-1)
	return math.Min(0.95, l.slowShare+l.atPeak*load+mo.strength[slow])
}

// upTo is how many of the minute's took at most bound. The rounding is the
// same for every bound, so that buckets never contradict each other.
func (l *latency) upTo(bound float64) func(*moment) float64 {
	quick, slow := l.quick.upTo(bound), l.slow.upTo(bound)
	return func(mo *moment) float64 { return l.round(mo, l.count(mo), quick, slow) }
}

func (l *latency) round(mo *moment, n, quick, slow float64) float64 {
	s := l.slowRatio(mo)
	return math.Min(n, math.Floor(n*((1-s)*quick+s*slow)+l.seed.at(mo.minute)))
}

// sum is how long the minute's took together.
func (l *latency) sum(mo *moment) float64 {
	s := l.slowRatio(mo)
	return l.count(mo) * ((1-s)*l.quick.mean() + s*l.slow.mean())
}

// Exponential buckets of a native histogram: eight for each doubling, from
// 2^-7 (8 ms) to 2^3 (8 s). Whole powers of two are bounds, so 0.25 is one.
const (
	nativeSchema = 3
	firstBucket  = -7*8 + 1
	nativeCount  = 10 * 8
)

// native is a latency as a native histogram.
type native struct {
	latency *latency
	// The ratios up to each bucket's upper bound, of the quick and the slow.
	quick, slow [nativeCount]float64
}

func newNative(l *latency) *native {
	n := &native{latency: l}
	for i := range n.quick {
		bound := math.Exp2(float64(firstBucket+i) / (1 << nativeSchema))
		n.quick[i], n.slow[i] = l.quick.upTo(bound), l.slow.upTo(bound)
	}
	// What would take longer still is counted in the last bucket.
	n.quick[nativeCount-1], n.slow[nativeCount-1] = 1, 1
	return n
}

// observations are those since the last restart.
type observations struct {
	buckets [nativeCount]int64
	count   uint64
	sum     float64
}

func (n *native) empty() observations { return observations{} }

func (n *native) observe(total *observations, mo *moment) {
	count, below := n.latency.count(mo), 0.0
	for i := range n.quick {
		upTo := n.latency.round(mo, count, n.quick[i], n.slow[i])
		total.buckets[i] += int64(upTo - below)
		below = upTo
	}
	total.count += uint64(count)
	total.sum += n.latency.sum(mo)
}

func (n *native) sample(total *observations) *histogram.Histogram {
	h := &histogram.Histogram{
		Schema:          nativeSchema,
		ZeroThreshold:   1.0 / (1 << 20), // nothing is that quick
		Count:           total.count,
		Sum:             total.sum,
		PositiveSpans:   []histogram.Span{{Offset: firstBucket, Length: nativeCount}},
		PositiveBuckets: make([]int64, nativeCount),
	}
	before := int64(0)
	for i, count := range total.buckets {
		h.PositiveBuckets[i] = count - before
		before = count
	}
	return h
}
