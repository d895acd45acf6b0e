package counting

import (
	"math"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/sli"
)

// Samples are counted by these rules (docs/queries.md, «How it is counted»): the increase between two
// samples of a series at most maxGap apart belongs to the slot of the later one. A piece is read from
// siblingsWithin before it; for series without samples there, lookBack reads further back.
const (
	maxGap         = day
	siblingsWithin = 5 * minute
)

// consumer is a term of a want, and where its counts go.
type consumer struct {
	term    sli.Term
	want    *want
	columns *columns
	// marks is set if the term is only a bound that others need: it counts nothing but notes where the
	// bound has samples. bound is that of the bound the term needs, if any.
	marks, bound presence
	// bounded are the targets of series that are, or need, a bound.
	bounded []*target
	// interpolated are the slots with a count that is not exact; nil if there are none.
	interpolated []bool
	// histograms is the number of samples that are native histograms, which the term cannot count.
	histograms int
}

func (c *consumer) query(term sli.Term) string {
	return c.want.task.query(term, milliseconds(c.want.length))
}

// presence says in which slots the bucket of a bound has a sample, by the labels without name and le.
type presence map[string][]bool

// target is where one consumer counts one series.
type target struct {
	*consumer
	// histogram and perPeriod are what the term counts, at hand because each sample needs them.
	histogram, perPeriod bool
	values               []float64
	from, to, step       int64
	// i is the slot to which gain belongs, end its end; i is -1 if there is none.
	i    int
	end  int64
	gain float64
	// column receives the values once the bounds are known, key identifies the series in a presence.
	column *column
	key    string
}

// isMark reports whether the target only notes where a bound has samples.
func (t *target) isMark() bool { return t.marks != nil }

// counted is a series while its samples are being read.
type counted struct {
	reading *reading
	set     *readSet
	series  labels.Labels
	targets []*target
	// rises is true if it matters to a target what was before the first sample: to
	// all but counts of a period.
	rises bool
	// lastSample is the last one so far; before the first, at is math.MinInt64.
	lastSample
}

// begin returns the series with its targets; nil if there are none.
func (r *reading) begin(set *readSet, series labels.Labels) *counted {
	c := &counted{reading: r, set: set, series: series, lastSample: lastSample{at: math.MinInt64}}
	for _, of := range set.of(series.Get) {
		if labels.Selector(of.term.Matchers).Matches(series) {
			if t := newTarget(of, series); t != nil {
				c.targets = append(c.targets, t)
				c.rises = c.rises || !t.perPeriod
			}
		}
	}
	if len(c.targets) == 0 {
		return nil
	}
	if _, whole := sli.WholeBound(series.Get(labels.BucketLabel)); whole {
		key := identity(series)
		if before := set.spelled[key]; before != nil {
			c.lastSample = before.lastSample
		}
		set.spelled[key] = c
	}
	return c
}

// identity is a key for the series, equal for both spellings of a whole bound: a counter continues
// when le="1" becomes le="1.0".
func identity(series labels.Labels) string {
	if bound, whole := sli.WholeBound(series.Get(labels.BucketLabel)); whole {
		series = labels.NewBuilder(series).Set(labels.BucketLabel, bound).Labels()
	}
	return string(series.Bytes(nil))
}

func newTarget(of *consumer, series labels.Labels) *target {
	w := of.want
	t := &target{consumer: of, histogram: of.term.IsHistogram(), perPeriod: of.term.PerPeriod,
		from: w.piece.From, to: w.piece.To, step: w.length, i: -1, end: math.MinInt64}
	if of.marks == nil {
		if t.column = of.columns.of(series.Get); t.column == nil {
			return nil
		}
		t.values = t.column.values
	}
	if of.marks != nil || of.bound != nil {
		t.key = withoutBound(series)
		t.values = unknown(w.slots())
		of.bounded = append(of.bounded, t)
	}
	return t
}

// withoutBound is a key for the labels that all buckets of one histogram share.
func withoutBound(series labels.Labels) string {
	return string(series.BytesWithoutLabels(nil, model.MetricNameLabel, labels.BucketLabel))
}

// Float counts a sample of a counter, or a count of a period.
func (c *counted) Float(at int64, value float64) {
	if at <= c.at { // both spellings of a bound exist at once
		c.at, c.lost = math.MinInt64, false
	}
	if !isCount(value) {
		c.add(at, math.Inf(1))
		c.lost = true
		return
	}
	last, gain := c.at, value-c.value
	first := (last == math.MinInt64 || at-last > maxGap) && !c.lost
	switch {
	case c.lost:
		gain, c.lost = math.Inf(1), false
	case first:
		gain = 0
	case gain < 0:
		gain = value
	}
	c.at, c.value = at, value
	for _, t := range c.targets {
		switch {
		case t.histogram:
		case t.perPeriod:
			t.add(at+c.set.offset, value)
		default:
			t.add(at+c.set.offset, gain)
		}
	}
	if first && value != 0 {
		c.begins(at, value, nil, last != math.MinInt64)
	}
}

// isCount reports whether the value may be a count.
func isCount(value float64) bool { return math.Abs(value) <= maxCount }

// Histogram counts a sample of a native histogram.
func (c *counted) Histogram(at int64, h *histogram.FloatHistogram) {
	if !isCount(h.Count) {
		c.add(at, math.Inf(1))
		c.lost = true
		return
	}
	last, before, lost := c.at, c.histogram, c.lost
	c.at, c.histogram, c.lost = at, h, false
	first := (last == math.MinInt64 || at-last > maxGap) && !lost
	for _, t := range c.targets {
		switch {
		case !t.histogram:
			t.histograms++
		case lost:
			t.add(at+c.set.offset, math.Inf(1))
		case first:
			t.add(at+c.set.offset, 0)
		default:
			t.observe(at+c.set.offset, h, before)
		}
	}
	if first && h.Count != 0 {
		c.begins(at, h.Count, c.histogram, last != math.MinInt64)
	}
}

// observe adds the observations that are new since before, and records a slot in which they are interpolated.
func (t *target) observe(at int64, now, before *histogram.FloatHistogram) {
	gain, exact := t.term.Observations(now)
	if before != nil && !now.DetectReset(before) {
		old, _ := t.term.Observations(before)
		gain -= old
	}
	t.add(at, gain)
	if !exact && t.i >= 0 {
		if t.interpolated == nil {
			t.interpolated = make([]bool, len(t.values))
		}
		t.interpolated[t.i] = true
	}
}

func (c *counted) add(at int64, gain float64) {
	for _, t := range c.targets {
		t.add(at+c.set.offset, gain)
	}
}

// begins records a first sample, whose events are judged later.
func (c *counted) begins(at int64, value float64, h *histogram.FloatHistogram, known bool) {
	if !c.rises || at+c.set.offset <= c.reading.hull.From { // before the slots, only to count from
		return
	}
	c.set.firsts = append(c.set.firsts, &first{counted: c, at: at, value: value, histogram: h, afterGap: known})
}

// end stores what was counted in the last slots.
func (c *counted) end() {
	if c == nil {
		return
	}
	for _, t := range c.targets {
		t.put()
	}
}

func (t *target) add(at int64, gain float64) {
	if at > t.end || t.i < 0 || at <= t.end-t.step {
		t.put()
		if at <= t.from || at > t.to {
			return
		}
		t.i = int((at - 1 - t.from) / t.step)
		t.end = t.from + int64(t.i+1)*t.step
	}
	if at > t.to {
		return
	}
	t.gain += gain
}

func (t *target) put() {
	if t.i < 0 {
		return
	}
	if math.IsNaN(t.values[t.i]) {
		t.values[t.i] = 0
	}
	t.values[t.i] += t.gain
	t.i, t.gain, t.end = -1, 0, math.MinInt64
}
