package counting

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/sli"
)

// want is a run of slots of a task to count: slots of the given length from the piece's start, the last
// of which ends with the piece.
type want struct {
	task   *task
	piece  scope.Interval
	length int64
	// mu guards the fields below while the terms are counted.
	mu sync.Mutex
	// terms are the counts of each term, left is how many of them are still missing.
	terms []*columns
	left  int
	// consumers count the samples of the terms.
	consumers []*consumer
	result    pieceCounts
	err       error
	// done is closed, once, when the want has been counted ahead.
	done chan struct{}
	once sync.Once
}

func (w *want) slots() int { return int((w.piece.Length() + w.length - 1) / w.length) }

// countSamples reads the samples of all wants at once. Wants that the server refuses are read in
// halves, down to the single want that it refuses.
func (s *Service) countSamples(ctx context.Context, wants []*want, done func(*want)) {
	r := newReading(s.client, wants)
	err := r.count(ctx)
	if err != nil && len(wants) > 1 && dividesWants(err) {
		s.countSamples(ctx, wants[:len(wants)/2], done)
		s.countSamples(ctx, wants[len(wants)/2:], done)
		return
	}
	for i, w := range wants {
		if w.err = err; err == nil {
			w.err = r.finish(w)
		}
		if i == 0 {
			w.result.cost.Add(r.cost)
		}
		done(w)
	}
}

// dividesWants reports whether the server may answer for fewer SLIs at once.
func dividesWants(err error) bool {
	switch prometheus.KindOf(err) {
	case prometheus.BadQuery, prometheus.TooManySamples, prometheus.TooManySeries, prometheus.Malformed:
		return true
	}
	return false
}

func newReading(client *prometheus.Client, wants []*want) *reading {
	r := &reading{client: client, hull: wants[0].piece}
	var consumers []*consumer
	for _, w := range wants {
		r.hull.From, r.hull.To = min(r.hull.From, w.piece.From), max(r.hull.To, w.piece.To)
		w.result = pieceCounts{}
		w.consumers = w.withBounds(w.newConsumers())
		consumers = append(consumers, w.consumers...)
	}
	sets := gather(consumers, func(c *consumer) string {
		return c.term.Metric + " " + strconv.FormatInt(c.term.Offset.Milliseconds(), 10)
	})
	for _, set := range absorb(sets) {
		for _, piece := range set.chunks(maxMerged) {
			one := piece.all()[0].term
			r.sets = append(r.sets, &readSet{gathered: piece, metric: one.Metric, offset: one.Offset.Milliseconds(), spelled: map[string]*counted{}})
		}
	}
	return r
}

func (w *want) newConsumers() (all []*consumer) {
	w.terms = nil
	for _, term := range w.task.plan.Terms() {
		columns := w.task.newColumns(w.piece.From, w.length, w.slots())
		w.terms = append(w.terms, columns)
		all = append(all, &consumer{term: term, want: w, columns: columns})
	}
	return all
}

// withBounds returns consumers for the bounds that some terms need, then the terms. A term that counts
// such a bound needs it too, so that both count in the same slots.
func (w *want) withBounds(terms []*consumer) []*consumer {
	bounds := map[string]presence{}
	var marking []*consumer
	for _, c := range terms {
		if c.term.Present == nil {
			continue
		}
		name := bound(*c.term.Present)
		if bounds[name] == nil {
			bounds[name] = presence{}
			marking = append(marking, &consumer{term: *c.term.Present, want: w, marks: bounds[name]})
		}
		c.bound = bounds[name]
	}
	for _, c := range terms {
		if c.bound == nil {
			c.bound = bounds[bound(c.term)]
		}
	}
	return append(marking, terms...)
}

// bound is a key for the bucket that the term counts.
func bound(bucket sli.Term) string {
	_, spellings, _ := bucket.Bounds()
	return fmt.Sprintf("%q %q", bucket.Metric, spellings)
}
