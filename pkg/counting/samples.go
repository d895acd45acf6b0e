package counting

import (
	"math"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/sli"
)

// Samples are counted by these rules (measurement.md, §2): what lies between two
// samples of a series at most maxGap apart is counted in the slot of the later
// one. A piece is read from siblingsWithin before it; series that had none then
// are looked back for.
const (
	maxGap         = day
	siblingsWithin = 5 * minute
)

// consumer is a term of what is wanted, and where its counts go.
type consumer struct {
	term    sli.Term
	want    *want
	columns *columns
	// marks says that the term is only a bound that others must have: nothing is
	// counted of it, but where it has samples. bound are those of the term's own.
	marks, bound presence
	// bounded are its series that have a bound, or must have one.
	bounded []*target
	// histograms are the native ones among its samples that it cannot count.
	histograms int
}

func (c *consumer) query(term sli.Term) string {
	return c.want.task.query(term, milliseconds(c.want.length))
}

// presence is in which slots the bucket of a bound has a sample, by the labels
// without name and le.
type presence map[string][]bool

// target is where one consumer counts one series.
type target struct {
	*consumer
	// histogram and perPeriod are what its term counts; both are asked for each sample.
	histogram, perPeriod bool
	values               []float64
	from, to, step       int64
	// i is the slot that gain belongs to, end its end; i is -1 before the first.
	i    int
	end  int64
	gain float64
	// column and key are where the values go, slot by slot, once the bounds are
	// known.
	column *column
	key    string
}

// isMark reports whether the target only says where a bound has samples.
func (t *target) isMark() bool { return t.marks != nil }

// counted is one series while its samples come.
type counted struct {
	reading *reading
	set     *readSet
	series  labels.Labels
	targets []*target
	// rises says that what was before its first sample matters to a target: to all
	// but counts of a period.
	rises bool
	// at and value are the last sample; none yet: at is math.MinInt64.
	at        int64
	value     float64
	histogram *histogram.FloatHistogram
	// lost says that it was no number since: what the next sample gained is not
	// known of any one slot, and the other side of the ratio has not counted it.
	lost bool
}

// begin finds who counts the series.
func (r *reading) begin(set *readSet, series labels.Labels) *counted {
	c := &counted{reading: r, set: set, series: series, at: math.MinInt64}
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
			c.at, c.value, c.lost = before.at, before.value, before.lost
		}
		set.spelled[key] = c
	}
	return c
}

// identity tells series apart: a counter goes on when le="1" becomes le="1.0".
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

// withoutBound tells the buckets of one histogram's series by all that they have
// in common.
func withoutBound(series labels.Labels) string {
	return string(series.BytesWithoutLabels(nil, model.MetricNameLabel, labels.BucketLabel))
}

// Float takes a sample of a counter, or a count of a period.
func (c *counted) Float(at int64, value float64) {
	if at <= c.at { // both spellings of a bound are there at once
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

// isCount reports whether a value may be one of a counter.
func isCount(value float64) bool { return math.Abs(value) <= maxCount }

// Histogram takes a sample of a native histogram.
func (c *counted) Histogram(at int64, h *histogram.FloatHistogram) {
	if math.IsNaN(h.Count) || h.Count > maxCount {
		c.add(at, math.Inf(1))
		return
	}
	last, before := c.at, c.histogram
	c.at, c.histogram = at, h
	first := last == math.MinInt64 || at-last > maxGap
	for _, t := range c.targets {
		switch {
		case !t.histogram:
			t.histograms++
		case first:
			t.add(at+c.set.offset, 0)
		default:
			t.add(at+c.set.offset, observed(t.term, h, before))
		}
	}
	if first && h.Count != 0 {
		c.begins(at, h.Count, c.histogram, last != math.MinInt64)
	}
}

// observed is how many of the observations that the term counts came since.
func observed(term sli.Term, now, before *histogram.FloatHistogram) float64 {
	if before == nil || now.DetectReset(before) {
		return term.Observations(now)
	}
	return term.Observations(now) - term.Observations(before)
}

func (c *counted) add(at int64, gain float64) {
	for _, t := range c.targets {
		t.add(at+c.set.offset, gain)
	}
}

// begins notes a first sample whose events are to be judged.
func (c *counted) begins(at int64, value float64, h *histogram.FloatHistogram, known bool) {
	if !c.rises || at+c.set.offset <= c.reading.hull.From { // only to count from
		return
	}
	c.set.firsts = append(c.set.firsts, &first{counted: c, at: at, value: value, histogram: h, afterGap: known})
}

// end puts away what was counted of the last slots.
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
