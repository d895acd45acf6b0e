package counting

import (
	"context"
	"iter"
	"math"
	"slices"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/parallel"
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
// after the other, so sets that are large are asked for side by side.
const maxReadQueries = 8

// consumer is a term of what is wanted, and where its counts go.
type consumer struct {
	term    sli.Term
	want    *want
	columns *columns
	// marks says that the term is only a bound that others must have: nothing is
	// counted of it, but where it has samples. bound are those of the term's own.
	marks, bound *presence
	// bounded are its series that have a bound, or must have one.
	bounded []*target
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
	mu       sync.Mutex // guards what follows
	cost     Cost
	warnings []string
}

// readSet are the series that are read at once, and who counts them.
type readSet struct {
	*gathered[*consumer]
	metric string
	offset int64
	// current is the series whose samples come, firsts what begins in the set.
	current *counted
	firsts  []*first
}

func (s *readSet) query(from, to int64, more ...*labels.Matcher) prometheus.ReadQuery {
	name := labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, s.metric)
	matchers := slices.Concat([]*labels.Matcher{name}, s.matchers(), more)
	return prometheus.ReadQuery{Matchers: matchers, From: from - s.offset, To: to - s.offset}
}

// count reads, looks back for the series that begin, and judges their births.
func (r *reading) count(ctx context.Context) error {
	err := r.read(ctx, r.sets, func(set *readSet) prometheus.ReadQuery {
		return set.query(r.hull.From-siblingsWithin, r.hull.To)
	}, func(set *readSet, series labels.Labels) prometheus.Samples {
		set.current.end()
		if set.current = r.begin(set, series); set.current == nil {
			return nil
		}
		return set.current
	})
	if err != nil {
		return err
	}
	for _, set := range r.sets {
		set.current.end()
		r.firsts = append(r.firsts, set.firsts...)
	}
	if err := r.lookBack(ctx); err != nil {
		return err
	}
	return r.judgeBirths(ctx)
}

// read asks for the sets, side by side, each with its query. The series of one set
// come one after the other.
func (r *reading) read(ctx context.Context, sets []*readSet, query func(*readSet) prometheus.ReadQuery,
	series func(*readSet, labels.Labels) prometheus.Samples) error {
	requests := inRequests(sets)
	return parallel.All(ctx, parallel.Objectives, len(requests), func(ctx context.Context, i int) error {
		var queries []prometheus.ReadQuery
		for _, set := range requests[i] {
			queries = append(queries, query(set))
		}
		return r.ask(ctx, queries, func(n int, of labels.Labels) prometheus.Samples { return series(requests[i][n], of) })
	})
}

// inRequests puts sets together up to so many, or so large.
func inRequests(sets []*readSet) (requests [][]*readSet) {
	size := 0
	for i, set := range sets {
		if i == 0 || size >= maxMerged || len(requests[len(requests)-1]) == maxReadQueries {
			requests, size = append(requests, nil), 0
		}
		last := len(requests) - 1
		requests[last] = append(requests[last], set)
		size += len(set.members)
	}
	return requests
}

// ask sends one request.
func (r *reading) ask(ctx context.Context, queries []prometheus.ReadQuery, series sinkFunc) error {
	answer, err := r.client.Read(ctx, queries, series)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cost.Requests++
	r.cost.Samples += answer.SamplesRead
	r.warnings = append(r.warnings, answer.Warnings...)
	return err
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
		of.bounded = append(of.bounded, t)
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
			of.bounded = append(of.bounded, t)
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
	last, gain := c.at, value-c.value
	first := last == math.MinInt64 || at-last > maxGap
	switch {
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
	for t := range w.bounded(true) {
		marked := t.marks.slots[t.key]
		if marked == nil {
			marked = make([]bool, len(t.values))
			t.marks.slots[t.key] = marked
		}
		for i, value := range t.values {
			marked[i] = marked[i] || !math.IsNaN(value)
		}
	}
	for t := range w.bounded(false) {
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

// bounded are the series that have a bound, or those that must have one.
func (w *want) bounded(marks bool) iter.Seq[*target] {
	return func(yield func(*target) bool) {
		for _, c := range w.consumers {
			for _, t := range c.bounded {
				if t.isMark() == marks && !yield(t) {
					return
				}
			}
		}
	}
}
