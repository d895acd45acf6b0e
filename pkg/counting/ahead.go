package counting

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

// Ask is an objective that is about to be counted in (From, To].
type Ask struct {
	Objective *agreement.Objective
	From, To  time.Time
}

// Limits of counting ahead: a batch holds at most maxBatch runs of slots, which bounds the memory, and
// parallelBatches batches are counted at a time.
const (
	maxBatch        = 1000
	parallelBatches = 4
)

// keptAhead is how long counts of slots that are not closed yet stay available to the callers for
// which they were counted ahead.
const keptAhead = time.Minute

// Ahead counts what several asks need in as few requests as possible: objectives that use the same
// metric are read together.
type Ahead struct {
	batches []*batch
	byTime  map[string]*batch // the last batch of each time
	known   map[string]bool   // keys of the calls in the batches
	// records are those of the objectives, needed are the runs of slots to count for each record.
	records map[*agreement.Objective]*slots.Record
	needed  map[*slots.Record][]*want

	mu   sync.Mutex
	cost Cost
}

// CountAhead starts to count what the asks need, so that [Service.Count] finds it, and stops when the
// context ends. What cannot be counted this way, and its error, is left to Count.
func (s *Service) CountAhead(ctx context.Context, asks []Ask) *Ahead {
	a := s.newAhead(ctx, asks)
	parallel.Background(func(context.Context) error {
		parallel.Each(ctx, parallelBatches, len(a.batches), func(ctx context.Context, i int) error {
			s.countBatch(ctx, a, a.batches[i])
			return nil
		})
		return nil
	})
	return a
}

// Wait waits until what the objective needs has been counted or the context ends, which must be that of
// [Service.CountAhead]: batches that have not started when it ends are never done.
func (a *Ahead) Wait(ctx context.Context, o *agreement.Objective) {
	for _, w := range a.needed[a.records[o]] {
		select {
		case <-w.done:
		case <-ctx.Done():
			return
		}
	}
}

// Cost returns the cost of what has been counted so far.
func (a *Ahead) Cost() Cost {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cost
}

type batch struct {
	wants []*want
	keys  []string
	// keep is how long the counts are shared with other callers; 0 if they are stored in the record instead.
	keep time.Duration
}

// newAhead divides what has to be counted into batches by time: first closed slots, which are stored,
// then the others, whose counts change soon.
func (s *Service) newAhead(ctx context.Context, asks []Ask) *Ahead {
	type asked struct {
		Ask
		*task
	}
	all := make([]asked, len(asks))
	parallel.Each(ctx, parallel.Objectives, len(asks), func(ctx context.Context, i int) error { // records may be read from disk
		t, err := s.newTask(ctx, asks[i].Objective, asks[i].To)
		if err == nil && t.recording == nil && !t.isGauge() {
			all[i] = asked{asks[i], t}
		}
		return err
	})
	all = slices.DeleteFunc(all, func(of asked) bool { return of.task == nil })
	a := &Ahead{byTime: map[string]*batch{}, known: map[string]bool{}, records: map[*agreement.Objective]*slots.Record{}, needed: map[*slots.Record][]*want{}}
	missing := map[*slots.Record]scope.Intervals{}
	for _, of := range all {
		a.records[of.Objective] = of.record
		if from, closed, _, _ := of.edges(of.From.UnixMilli(), of.To.UnixMilli()); closed > from {
			missing[of.record] = missing[of.record].Union(of.record.Missing(from, closed, of.now))
		}
	}
	for _, of := range all {
		for _, piece := range of.pieces(missing[of.record]) {
			a.add(fmt.Sprintf("%s closed %d", of.method, floor(piece.From, day)), of.closingKey(piece), 0, &want{task: of.task, piece: piece, length: of.step()})
		}
		delete(missing, of.record)
	}
	for _, of := range all {
		_, closed, edge, end := of.edges(of.From.UnixMilli(), of.To.UnixMilli())
		for _, piece := range of.recentPieces(closed, edge, end) {
			a.add(fmt.Sprintf("%s recent %d %t", of.method, end, piece.From < edge), of.recentKey(piece), keptAhead,
				&want{task: of.task, piece: piece, length: of.recentLength(piece, edge)})
		}
	}
	return a
}

func (a *Ahead) add(time, key string, keep time.Duration, w *want) {
	if a.known[key] {
		return
	}
	a.known[key], w.done = true, make(chan struct{})
	a.needed[w.task.record] = append(a.needed[w.task.record], w)
	b := a.byTime[time]
	if b == nil || len(b.wants) == maxBatch {
		b = &batch{keep: keep}
		a.byTime[time] = b
		a.batches = append(a.batches, b)
	}
	b.wants, b.keys = append(b.wants, w), append(b.keys, key)
}

// countBatch counts the wants of the batch that no other call is counting.
func (s *Service) countBatch(ctx context.Context, a *Ahead, b *batch) {
	counted := func(w *want) { w.once.Do(func() { close(w.done) }) }
	defer func() {
		for _, w := range b.wants { // counted by another call, or, as after a panic, not at all
			counted(w)
		}
	}()
	s.calls.doAll(ctx, b.keys, b.keep, func(ctx context.Context, todo []int, finish func(int, pieceCounts, error)) {
		number := map[*want]int{}
		var wants []*want
		for _, i := range todo {
			w := b.wants[i]
			if b.keep == 0 && len(w.task.record.Missing(w.piece.From, w.piece.To, w.task.now)) == 0 { // another call has counted it
				finish(i, pieceCounts{}, nil)
				counted(w)
				continue
			}
			wants, number[w] = append(wants, w), i
		}
		if len(wants) == 0 {
			return
		}
		s.countWants(ctx, wants, func(w *want) {
			if w.err == nil && b.keep == 0 {
				w.task.save(w.result.Counts)
			}
			a.mu.Lock()
			a.cost.Add(w.result.cost)
			a.mu.Unlock()
			finish(number[w], w.result.withoutCost(), w.err)
			counted(w)
		})
	})
}

// countWants counts wants of one method, and calls done for each that is counted or has failed.
func (s *Service) countWants(ctx context.Context, wants []*want, done func(*want)) {
	if wants[0].task.method == sli.Samples {
		s.countSamples(ctx, wants, done)
	} else {
		s.countQueries(ctx, wants, done)
	}
}

// countQueries counts the wants with queries. Terms that differ only in the value of one label share a query.
func (s *Service) countQueries(ctx context.Context, wants []*want, done func(*want)) {
	var consumers []*consumer
	for _, w := range wants {
		consumers = append(consumers, w.newConsumers()...)
		w.left = len(w.terms)
	}
	var pieces []*gathered
	for _, set := range gather(consumers, func(c *consumer) string {
		return fmt.Sprint(c.want.piece, c.want.length, c.want.task.method, c.want.task.histogramMethod, c.term.Kind())
	}) {
		pieces = append(pieces, set.chunks(mostMerged(set))...)
	}
	errs := parallel.Each(ctx, parallel.Objectives, len(pieces), func(ctx context.Context, i int) error {
		s.askMerged(ctx, pieces[i], done)
		return nil
	})
	for i, err := range errs {
		if err != nil {
			answered(pieces[i], prometheus.Answer{}, err, done)
		}
	}
}

// maxMetricsQL is the longest query in bytes: -search.maxQueryLen of VictoriaMetrics, minus a margin
// because some label values are longer than others.
const maxMetricsQL = 15 << 10

// mostMerged returns how many values of the set's label fit into one query.
func mostMerged(set *gathered) int {
	first := set.all()[0]
	if first.want.task.method != sli.MetricsQL || set.label == "" {
		return maxMerged
	}
	whole := first.query(first.term.Among(set.oneOf()))
	return min(maxMerged, max(1, len(set.members)*maxMetricsQL/len(whole)))
}

// askMerged sends one query for all members. If the server refuses it, it sends one for each half of them.
func (s *Service) askMerged(ctx context.Context, set *gathered, done func(*want)) {
	members := set.all()
	first := members[0]
	term, sink := first.term, prometheus.Sink(first.columns.series)
	if len(members) > 1 {
		sink = distributed(set)
	}
	if len(members) > 1 && set.label != "" {
		term = term.Among(set.oneOf())
	}
	w := first.want
	answer, err := s.query(ctx, first.query(term), w.piece.From+w.length, w.piece.To, w.length, sink)
	err = cmp.Or(err, partial(answer.Warnings))
	if err != nil && len(set.members) > 1 && dividesWants(err) {
		for _, c := range members { // drop what came before the error
			clear(c.columns.groups)
			clear(c.columns.excess)
		}
		for _, half := range set.chunks((len(set.members) + 1) / 2) {
			s.askMerged(ctx, half, done)
		}
		return
	}
	answered(set, answer, err, done)
}

// answered adds an answer, or its error, to all members of the set. A want is filled when its last term
// has been answered, so a slow query delays only the objectives that need it.
func answered(set *gathered, answer prometheus.Answer, err error, done func(*want)) {
	for i, c := range set.all() {
		w := c.want
		w.mu.Lock()
		w.err = cmp.Or(w.err, err)
		if i == 0 {
			w.result.cost.Add(Cost{Requests: 1, Samples: answer.SamplesRead})
		}
		w.left--
		last := w.left == 0
		w.mu.Unlock()
		if !last {
			continue
		}
		if w.err == nil {
			w.err = w.fill()
		}
		done(w)
	}
}

// distributed returns a sink that passes each series to the members that want its value of the label.
func distributed(set *gathered) prometheus.Sink {
	return func(labels map[string]string) func(int64, float64) {
		var points []func(int64, float64)
		for _, c := range set.of(func(name string) string { return labels[name] }) {
			if point := c.columns.series(labels); point != nil {
				points = append(points, point)
			}
		}
		return func(at int64, value float64) {
			for _, point := range points {
				point(at, value)
			}
		}
	}
}
