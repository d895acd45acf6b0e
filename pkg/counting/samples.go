package counting

import (
	"context"
	"math"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
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

// maxReadQueries are the queries of one remote read: the server answers them one
// after the other.
const maxReadQueries = 8

// consumer is a term of what is wanted, and where its counts go.
type consumer struct {
	term    sli.Term
	want    *want
	columns *columns
	// marks says that the term is only a bound that others must have: nothing is
	// counted of it, but where it has samples. bound are those of the term's own.
	marks, bound *presence
}

// presence is in which slots the bucket of a bound has a sample, by the labels
// without name and le.
type presence struct{ slots map[string][]bool }

// reading counts the samples of several wants in one pass.
type reading struct {
	client   *prometheus.Client
	wants    []*want
	hull     scope.Interval
	sets     []*readSet
	firsts   []*first
	cost     Cost
	warnings []string
}

// readSet are the series that are read at once, and who counts them.
type readSet struct {
	*gathered[*consumer]
	metric string
	offset int64
}

func (s *readSet) query(from, to int64, more ...*labels.Matcher) prometheus.ReadQuery {
	name := labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, s.metric)
	matchers := slices.Concat([]*labels.Matcher{name}, s.matchers(), more)
	return prometheus.ReadQuery{Matchers: matchers, From: from - s.offset, To: to - s.offset}
}

// count reads, looks back for the series that begin, and judges their births.
func (r *reading) count(ctx context.Context) error {
	var queries []prometheus.ReadQuery
	for _, set := range r.sets {
		queries = append(queries, set.query(r.hull.From-siblingsWithin, r.hull.To))
	}
	var current *counted
	err := r.read(ctx, queries, func(query int, series labels.Labels) prometheus.Samples {
		current.end()
		current = r.begin(r.sets[query], series)
		if current == nil {
			return nil
		}
		return current
	})
	current.end()
	if err != nil {
		return err
	}
	if err := r.lookBack(ctx); err != nil {
		return err
	}
	return r.judgeBirths(ctx)
}

// read sends the queries, some at a time.
func (r *reading) read(ctx context.Context, queries []prometheus.ReadQuery, series sinkFunc) error {
	for first := 0; first < len(queries); first += maxReadQueries {
		some := queries[first:min(first+maxReadQueries, len(queries))]
		answer, err := r.client.Read(ctx, some, sinkFunc(func(query int, of labels.Labels) prometheus.Samples {
			return series(first+query, of)
		}))
		r.cost.Requests++
		r.cost.Samples += answer.SamplesRead
		r.warnings = append(r.warnings, answer.Warnings...)
		if err != nil {
			return err
		}
	}
	return nil
}

// sinkFunc is a [prometheus.SampleSink] of one function.
type sinkFunc func(query int, series labels.Labels) prometheus.Samples

// Series calls the function.
func (f sinkFunc) Series(query int, series labels.Labels) (prometheus.Samples, error) {
	return f(query, series), nil
}

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
}

// begin finds who counts the series.
func (r *reading) begin(set *readSet, series labels.Labels) *counted {
	c := &counted{reading: r, set: set, series: series, at: math.MinInt64}
	value := ""
	if set.label != "" {
		value = series.Get(set.label)
	}
	for _, of := range set.members[value] {
		if matches(of.term.Matchers(), series) {
			if t := newTarget(of, series); t != nil {
				c.targets = append(c.targets, t)
				c.rises = c.rises || !t.perPeriod
			}
		}
	}
	if len(c.targets) == 0 {
		return nil
	}
	return c
}

func matches(matchers []*labels.Matcher, series labels.Labels) bool {
	for _, m := range matchers {
		if !m.Matches(series.Get(m.Name)) {
			return false
		}
	}
	return true
}

func newTarget(of *consumer, series labels.Labels) *target {
	w := of.want
	t := &target{consumer: of, histogram: of.term.IsHistogram(), perPeriod: of.term.PerPeriod(),
		from: w.piece.From, to: w.piece.To, step: w.length, i: -1, end: math.MinInt64}
	switch {
	case of.marks != nil:
		t.key = withoutBound(series)
		t.values = unknown(w.slots())
		w.bounded = append(w.bounded, t)
	default:
		group := make(map[string]string, len(of.columns.groupBy))
		for _, name := range of.columns.groupBy {
			group[name] = series.Get(name)
		}
		if t.column = of.columns.of(group); t.column == nil {
			return nil
		}
		t.values = t.column.values
		if of.bound != nil {
			t.key = withoutBound(series)
			t.values = unknown(w.slots())
			w.bounded = append(w.bounded, t)
		}
	}
	return t
}

// withoutBound tells the buckets of one histogram's series by all that they have
// in common.
func withoutBound(series labels.Labels) string {
	return string(series.BytesWithoutLabels(nil, model.MetricNameLabel, labels.BucketLabel))
}

func unknown(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.NaN()
	}
	return values
}

// Float takes a sample of a counter, or a count of a period.
func (c *counted) Float(at int64, value float64) {
	if math.IsNaN(value) || math.Abs(value) > maxCount {
		c.add(at, math.Inf(1))
		return
	}
	last, gap := c.at, at-c.at
	before := c.value
	c.at, c.value = at, value
	first := last == math.MinInt64 || gap > maxGap
	for _, t := range c.targets {
		switch {
		case t.histogram:
		case t.perPeriod:
			t.add(at+c.set.offset, value)
		case first:
			t.add(at+c.set.offset, 0)
		case value < before:
			t.add(at+c.set.offset, value)
		default:
			t.add(at+c.set.offset, value-before)
		}
	}
	if first && value != 0 {
		c.begins(at, value, nil, last != math.MinInt64)
	}
}

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
		if t.histogram {
			if first {
				t.add(at+c.set.offset, 0)
				continue
			}
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
	c.reading.firsts = append(c.reading.firsts, &first{counted: c, at: at, value: value, histogram: h, afterGap: known})
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

// add counts in the slot of the instant.
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

// put adds what was gained to its slot.
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

// finish makes slots of what was counted for the want.
func (r *reading) finish(w *want) error {
	if len(r.warnings) > 0 {
		return &PartialError{Warnings: r.warnings}
	}
	w.applyBounds()
	for _, c := range w.terms {
		for _, column := range c.groups {
			for i, value := range column.values {
				if math.Abs(value) > maxCount {
					column.values[i] = math.Inf(1)
				}
			}
		}
	}
	return w.fill()
}

// applyBounds adds the counts of series that must have a bound, in the slots in
// which they have it, and notes those in which some have not.
func (w *want) applyBounds() {
	for _, t := range w.bounded {
		if t.marks == nil {
			continue
		}
		marked := t.marks.slots[t.key]
		if marked == nil {
			marked = make([]bool, len(t.values))
			t.marks.slots[t.key] = marked
		}
		for i, value := range t.values {
			marked[i] = marked[i] || !math.IsNaN(value)
		}
	}
	for _, t := range w.bounded {
		if t.marks != nil {
			continue
		}
		marked := t.bound.slots[t.key]
		var unjudged []scope.Interval
		for i, value := range t.values {
			if math.IsNaN(value) {
				continue
			}
			if marked == nil || !marked[i] {
				if value > 0 {
					from := t.from + int64(i)*t.step
					unjudged = append(unjudged, scope.Interval{From: from, To: from + t.step})
				}
				continue
			}
			if math.IsNaN(t.column.values[i]) {
				t.column.values[i] = 0
			}
			t.column.values[i] += value
		}
		w.result.Unjudged = w.result.Unjudged.Union(scope.Union(unjudged...))
	}
}
