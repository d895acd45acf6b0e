package counting

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

// Ask is an objective that will be counted in (From, To].
type Ask struct {
	Objective *agreement.Objective
	From, To  time.Time
}

// Batches of what is counted ahead: how many runs of slots are counted at once,
// which bounds the memory, and how many batches at a time.
const (
	maxBatch        = 1000
	parallelBatches = 4
)

// keptAhead is how long the counts of slots that are not closed are kept for those
// for whom they were made.
const keptAhead = time.Minute

// Ahead is what several asks need, being counted in as few requests as can be:
// objectives that look at one metric are read together.
type Ahead struct {
	batches []*batch
	// of is what each objective needs.
	of map[*agreement.Objective][]*batch

	mu   sync.Mutex
	cost Cost
}

// CountAhead begins to count what the asks need, until the context ends, so that
// [Service.Count] finds it. What cannot be counted so is left to Count, and its
// error too.
func (s *Service) CountAhead(ctx context.Context, asks []Ask) *Ahead {
	a := s.newAhead(ctx, asks)
	go parallel.Each(ctx, parallelBatches, len(a.batches), func(ctx context.Context, i int) error {
		s.countBatch(ctx, a, a.batches[i])
		return nil
	})
	return a
}

// Wait waits until what the objective needs was counted, or the context of
// [Service.CountAhead] ends.
func (a *Ahead) Wait(ctx context.Context, o *agreement.Objective) {
	for _, b := range a.of[o] {
		select {
		case <-b.done:
		case <-ctx.Done():
			return
		}
	}
}

// Cost is that of what was counted so far.
func (a *Ahead) Cost() Cost {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cost
}

// batch is what is counted at once.
type batch struct {
	wants []*want
	keys  []string
	// keep is how long the counts are given to others; 0: they are remembered.
	keep time.Duration
	done chan struct{}
}

// newAhead sorts what has to be counted by the time it is of: first what will be
// remembered, then what changes soon.
func (s *Service) newAhead(ctx context.Context, asks []Ask) *Ahead {
	tasks := map[*slots.Record]*task{}
	missing := map[*slots.Record]scope.Intervals{}
	var records []*slots.Record
	p := planned{byTime: map[string]*batch{}, byKey: map[string]bool{}, byRecord: map[*slots.Record][]*batch{}}
	asked := make([]*task, len(asks))
	parallel.Each(ctx, parallel.Objectives, len(asks), func(ctx context.Context, i int) error { // records may be read from disk
		t, err := s.newTask(ctx, asks[i].Objective, asks[i].To)
		if err == nil && t.recording == nil && !t.isGauge() {
			asked[i] = t
		}
		return err
	})
	for i, ask := range asks {
		t := asked[i]
		if t == nil {
			continue
		}
		if tasks[t.record] == nil {
			tasks[t.record] = t
			records = append(records, t.record)
		}
		if from, closed, _, _ := t.edges(ask.From.UnixMilli(), ask.To.UnixMilli()); closed > from {
			missing[t.record] = missing[t.record].Union(t.record.Missing(from, closed, t.now))
		}
	}
	for _, record := range records {
		t := tasks[record]
		for _, piece := range t.pieces(missing[record]) {
			p.add(fmt.Sprintf("%s closed %d", t.method, floor(piece.From, day)), t.closingKey(piece), 0, &want{task: t, piece: piece, length: t.step()})
		}
	}
	for i, ask := range asks {
		if t := asked[i]; t != nil {
			_, closed, edge, end := t.edges(ask.From.UnixMilli(), ask.To.UnixMilli())
			for _, piece := range t.recentPieces(closed, edge, end) {
				p.add(fmt.Sprintf("%s recent %d %t", t.method, end, piece.From < edge), t.recentKey(piece), keptAhead,
					&want{task: t, piece: piece, length: t.recentLength(piece, edge)})
			}
		}
	}
	a := &Ahead{batches: p.batches, of: map[*agreement.Objective][]*batch{}}
	for i, ask := range asks {
		if asked[i] != nil {
			a.of[ask.Objective] = p.byRecord[asked[i].record]
		}
	}
	return a
}

// planned are the batches while they are made.
type planned struct {
	batches  []*batch
	byTime   map[string]*batch // the last one of each time
	byKey    map[string]bool
	byRecord map[*slots.Record][]*batch
}

func (p *planned) add(time, key string, keep time.Duration, w *want) {
	if p.byKey[key] {
		return
	}
	p.byKey[key] = true
	b := p.byTime[time]
	if b == nil || len(b.wants) == maxBatch {
		b = &batch{keep: keep, done: make(chan struct{})}
		p.byTime[time] = b
		p.batches = append(p.batches, b)
	}
	b.wants, b.keys = append(b.wants, w), append(b.keys, key)
	p.byRecord[w.task.record] = append(p.byRecord[w.task.record], b)
}

// countBatch counts those of the batch that are not being counted already.
func (s *Service) countBatch(ctx context.Context, a *Ahead, b *batch) {
	defer close(b.done)
	s.calls.doAll(ctx, b.keys, b.keep, func(ctx context.Context, todo []int, finish func(int, pieceCounts, error)) {
		number := map[*want]int{}
		var wants []*want
		for _, i := range todo {
			w := b.wants[i]
			if b.keep == 0 && len(w.task.record.Missing(w.piece.From, w.piece.To, w.task.now)) == 0 { // others were faster
				finish(i, pieceCounts{}, nil)
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
		})
	})
}

// countWants counts what is wanted by one method, and tells each when it is done.
func (s *Service) countWants(ctx context.Context, wants []*want, done func(*want)) {
	if wants[0].task.method == sli.Samples {
		s.countSamples(ctx, wants, done)
	} else {
		s.countQueries(ctx, wants, done)
	}
}

// termQuery is one query of what is wanted.
type termQuery struct {
	*want
	term    sli.Term
	columns *columns
}

// merged are queries that are sent as one.
type merged = gathered[*termQuery]

// countQueries asks for the terms that differ in the value of one label in one
// query.
func (s *Service) countQueries(ctx context.Context, wants []*want, done func(*want)) {
	var queries []*termQuery
	for _, w := range wants {
		for _, term := range w.task.plan.Terms() {
			columns := w.task.newColumns(w.piece.From, w.length, w.slots())
			w.terms = append(w.terms, columns)
			queries = append(queries, &termQuery{w, term, columns})
		}
		w.left = len(w.terms)
	}
	var pieces []*merged
	for _, set := range gather(queries, func(q *termQuery) sli.Term { return q.term }, func(q *termQuery) string {
		return fmt.Sprint(q.piece, q.length, q.task.method, q.task.histogramMethod, q.term.Kind())
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

// maxMetricsQL is how long a query may be: -search.maxQueryLen of VictoriaMetrics,
// less room for values that are longer than others.
const maxMetricsQL = 15 << 10

// mostMerged is how many values of the set's label one query takes.
func mostMerged(set *merged) int {
	first := set.all()[0]
	if first.task.method != sli.MetricsQL || set.label == "" {
		return maxMerged
	}
	whole := first.task.query(first.term.Among(set.oneOf()), milliseconds(first.length))
	return min(maxMerged, max(1, len(set.members)*maxMetricsQL/len(whole)))
}

// askMerged sends one query for all members, or, where the server refuses that,
// for each half of them.
func (s *Service) askMerged(ctx context.Context, set *merged, done func(*want)) {
	members := set.all()
	first := members[0]
	term, sink := first.term, prometheus.Sink(first.columns.series)
	if len(members) > 1 {
		sink = distributed(set)
	}
	if len(members) > 1 && set.label != "" {
		term = term.Among(set.oneOf())
	}
	answer, err := s.query(ctx, first.task.query(term, milliseconds(first.length)), first.piece.From+first.length, first.piece.To, first.length, sink)
	if err == nil && len(answer.Warnings) > 0 {
		err = &PartialError{Warnings: answer.Warnings}
	}
	if err != nil && len(set.members) > 1 && dividesWants(err) {
		for _, half := range set.chunks((len(set.members) + 1) / 2) {
			s.askMerged(ctx, half, done)
		}
		return
	}
	answered(set, answer, err, done)
}

// answered makes slots of what all terms were answered for.
func answered(set *merged, answer prometheus.Answer, err error, done func(*want)) {
	for i, q := range set.all() {
		w := q.want
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

// distributed gives each series to those who asked for its value of the label.
func distributed(set *merged) prometheus.Sink {
	return func(labels map[string]string) func(int64, float64) {
		value := ""
		if set.label != "" {
			value = labels[set.label]
		}
		var points []func(int64, float64)
		for _, q := range set.members[value] {
			if point := q.columns.series(labels); point != nil {
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
