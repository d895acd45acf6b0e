package counting

import (
	"cmp"
	"context"
	"fmt"
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
	// of are the batches of each objective.
	of map[*agreement.Objective][]*batch
}

// CountAhead begins to count what the asks need, until the context ends, so that
// [Service.Count] finds it. What cannot be counted so is left to Count, and its
// error too.
func (s *Service) CountAhead(ctx context.Context, asks []Ask) *Ahead {
	a := s.newAhead(ctx, asks)
	go parallel.Each(ctx, parallelBatches, len(a.batches), func(ctx context.Context, i int) error {
		defer close(a.batches[i].done)
		a.batches[i].cost = s.countBatch(ctx, a.batches[i])
		return nil
	})
	return a
}

// Wait waits until what the objective needs was counted, or the context ends.
func (a *Ahead) Wait(ctx context.Context, o *agreement.Objective) {
	for _, b := range a.of[o] {
		select {
		case <-b.done:
		case <-ctx.Done():
			return
		}
	}
}

// Cost is that of the batches that are done.
func (a *Ahead) Cost() (cost Cost) {
	for _, b := range a.batches {
		select {
		case <-b.done:
			cost.Add(b.cost)
		default:
		}
	}
	return cost
}

// batch is what is counted at once.
type batch struct {
	wants []*want
	keys  []string
	// keep is how long the counts are given to others; 0: they are remembered.
	keep time.Duration
	done chan struct{}
	cost Cost
}

// newAhead sorts what has to be counted by the time it is of: first what will be
// remembered, then what changes soon.
func (s *Service) newAhead(ctx context.Context, asks []Ask) *Ahead {
	tasks := map[*slots.Record]*task{}
	missing := map[*slots.Record]scope.Intervals{}
	var records []*slots.Record
	p := planned{byTime: map[string]*batch{}, byKey: map[string]*batch{}, byRecord: map[*slots.Record][]*batch{}}
	asked := make([]*task, len(asks))
	for i, ask := range asks {
		t, err := s.newTask(ctx, ask.Objective, ask.To)
		if err != nil || t.recording != nil || t.isGauge() {
			continue
		}
		asked[i] = t
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
			_, closed, edge, at := t.edges(ask.From.UnixMilli(), ask.To.UnixMilli())
			for _, piece := range t.recentPieces(closed, edge, at) {
				p.add(fmt.Sprintf("%s recent %d %t", t.method, at, piece.From < edge), t.recentKey(piece), keptAhead,
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
	byKey    map[string]*batch
	byRecord map[*slots.Record][]*batch
}

func (p *planned) add(time, key string, keep time.Duration, w *want) {
	if p.byKey[key] == nil {
		b := p.byTime[time]
		if b == nil || len(b.wants) == maxBatch {
			b = &batch{keep: keep, done: make(chan struct{})}
			p.byTime[time] = b
			p.batches = append(p.batches, b)
		}
		b.wants, b.keys = append(b.wants, w), append(b.keys, key)
		p.byKey[key] = b
	}
	if b, of := p.byKey[key], p.byRecord[w.task.record]; len(of) == 0 || of[len(of)-1] != b {
		p.byRecord[w.task.record] = append(of, b)
	}
}

// countBatch counts those of the batch that are not being counted already.
func (s *Service) countBatch(ctx context.Context, b *batch) (cost Cost) {
	results, _ := s.calls.doAll(ctx, b.keys, b.keep, func(ctx context.Context, todo []int) ([]pieceCounts, []error) {
		wants := make([]*want, len(todo))
		for n, i := range todo {
			wants[n] = b.wants[i]
		}
		s.countWants(ctx, wants)
		results, errs := make([]pieceCounts, len(todo)), make([]error, len(todo))
		for n, w := range wants {
			if results[n], errs[n] = w.result, w.err; w.err == nil && b.keep == 0 {
				w.task.save(w.result.Counts)
			}
		}
		return results, errs
	})
	for _, result := range results {
		cost.Add(result.cost)
	}
	return cost
}

// countWants counts what is wanted by one method.
func (s *Service) countWants(ctx context.Context, wants []*want) {
	if wants[0].task.method == sli.Samples {
		s.countSamples(ctx, wants)
	} else {
		s.countQueries(ctx, wants)
	}
}

// termQuery is one query of what is wanted.
type termQuery struct {
	*want
	term    sli.Term
	columns *columns
}

// countQueries asks for the terms that differ in the value of one label in one
// query.
func (s *Service) countQueries(ctx context.Context, wants []*want) {
	var queries []*termQuery
	for _, w := range wants {
		for _, term := range w.task.plan.Terms() {
			queries = append(queries, &termQuery{w, term, w.task.newColumns(w.piece.From, w.length, w.slots())})
		}
	}
	var pieces []*gathered[*termQuery]
	for _, set := range gather(queries, func(q *termQuery) sli.Term { return q.term }, func(q *termQuery) string {
		return fmt.Sprint(q.piece, q.length, q.task.method, q.task.histogramMethod, q.term.Kind())
	}) {
		pieces = append(pieces, set.chunks(maxMerged)...)
	}
	parallel.Each(ctx, parallel.Objectives, len(pieces), func(ctx context.Context, i int) error {
		s.askMerged(ctx, pieces[i])
		return nil
	})
	columnsOf := map[*want][]*columns{}
	for _, q := range queries {
		columnsOf[q.want] = append(columnsOf[q.want], q.columns)
	}
	for _, w := range wants {
		if w.err = cmp.Or(w.err, ctx.Err()); w.err == nil {
			w.err = w.fill(columnsOf[w])
		}
	}
}

// askMerged sends one query for all members, or, where the server refuses that,
// for each half of them.
func (s *Service) askMerged(ctx context.Context, set *gathered[*termQuery]) {
	members := set.all()
	first := members[0]
	term, sink := first.term, prometheus.Sink(first.columns)
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
			s.askMerged(ctx, half)
		}
		return
	}
	for i, q := range members {
		q.task.mu.Lock()
		q.want.err = cmp.Or(q.want.err, err)
		if i == 0 {
			q.want.result.cost.Add(Cost{Requests: 1, Samples: answer.SamplesRead})
		}
		q.task.mu.Unlock()
	}
}

// distributed gives each series to those who asked for its value of the label.
func distributed(set *gathered[*termQuery]) prometheus.Sink {
	return prometheus.SinkFunc(func(labels map[string]string) (func(int64, float64), error) {
		value := ""
		if set.label != "" {
			value = labels[set.label]
		}
		var points []func(int64, float64)
		for _, q := range set.members[value] {
			point, err := q.columns.Series(labels)
			if err != nil {
				return nil, err
			}
			if point != nil {
				points = append(points, point)
			}
		}
		return func(at int64, value float64) {
			for _, point := range points {
				point(at, value)
			}
		}, nil
	})
}
