package counting

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// maxReadQueries is the most queries in one remote read: the server answers them one after another, so
// the rest are sent in parallel requests.
const maxReadQueries = 8

// reading counts the samples of several wants in one pass.
type reading struct {
	client   *prometheus.Client
	hull     scope.Interval
	sets     []*readSet
	firsts   []*first
	mu       sync.Mutex // guards the fields below
	cost     Cost
	warnings []string
}

// readSet is a set of series that are read at once, with the consumers that count them.
type readSet struct {
	*gathered
	metric string
	offset int64
	// current is the series whose samples are being read, spelled are the series with a whole bound so
	// far, firsts the first samples in the set.
	current *counted
	spelled map[string]*counted
	firsts  []*first
}

func (s *readSet) query(from, to int64, more ...*labels.Matcher) prometheus.ReadQuery {
	name := labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, s.metric)
	matchers := slices.Concat([]*labels.Matcher{name}, s.matchers(), more)
	return prometheus.ReadQuery{Matchers: matchers, From: from - s.offset, To: to - s.offset}
}

// count reads the samples, looks further back for series that begin in them, and judges births.
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

// read reads the sets in parallel, each with its query. The series of one set come one after another.
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

// inRequests puts sets together into requests, which it limits in queries and in label values.
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

func (r *reading) ask(ctx context.Context, queries []prometheus.ReadQuery, series prometheus.SampleSink) error {
	answer, err := r.client.Read(ctx, queries, series)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cost.Requests++
	r.cost.Samples += answer.SamplesRead
	r.warnings = append(r.warnings, answer.Warnings...)
	return err
}

func (r *reading) finish(w *want) error {
	if err := partial(r.warnings); err != nil {
		return err
	}
	for _, c := range w.consumers {
		if c.histograms > 0 && c.marks == nil {
			return fmt.Errorf("%s is a native histogram, whose samples are no numbers: ask for histogram_count or histogram_fraction of it", c.term.Selector())
		}
		w.result.Interpolated = w.result.Interpolated.Union(scope.Steps(w.piece.From, w.length, len(c.interpolated), func(i int) bool { return c.interpolated[i] }))
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

// applyBounds adds the counts of series that need a bound, in the slots in which they have it, and
// records the slots in which some lack it.
func (w *want) applyBounds() {
	for _, c := range w.consumers { // bounds come first
		for _, t := range c.bounded {
			if t.isMark() {
				t.mark()
			} else {
				unjudged := t.judged()
				w.result.Unjudged = w.result.Unjudged.Union(unjudged)
				w.result.Lack(slots.GroupKey(t.column.labels), unjudged)
			}
		}
	}
}

func (t *target) mark() {
	marked := t.marks[t.key]
	if marked == nil {
		marked = make([]bool, len(t.values))
		t.marks[t.key] = marked
	}
	for i, value := range t.values {
		marked[i] = marked[i] || !math.IsNaN(value)
	}
}

// judged adds the counts in slots that have the bound, and returns the other slots with counts.
func (t *target) judged() scope.Intervals {
	marked := t.bound[t.key]
	return scope.Steps(t.from, t.step, len(t.values), func(i int) bool {
		value := t.values[i]
		if marked == nil || !marked[i] {
			return value > 0
		}
		if !math.IsNaN(value) {
			if math.IsNaN(t.column.values[i]) {
				t.column.values[i] = 0
			}
			t.column.values[i] += value
		}
		return false
	})
}
