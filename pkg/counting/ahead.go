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
	byTime  map[string]*batch // the last one of each time
	known   map[string]bool   // by key
	// records are those of the objectives, needed are the runs of slots of each.
	records map[*agreement.Objective]*slots.Record
	needed  map[*slots.Record][]*want

	mu   sync.Mutex
	cost Cost
}

// CountAhead begins to count what the asks need, until the context ends, so that
// [Service.Count] finds it. What cannot be counted so is left to Count, and its
// error too.
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

// Wait waits until what the objective needs was counted, or the context of
// [Service.CountAhead] ends.
func (a *Ahead) Wait(ctx context.Context, o *agreement.Objective) {
	for _, w := range a.needed[a.records[o]] {
		select {
		case <-w.done:
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

type batch struct {
	wants []*want
	keys  []string
	// keep is how long the counts are given to others; 0: they are remembered.
	keep time.Duration
}

// newAhead sorts what has to be counted by the time it is of: first what will be
// remembered, then what changes soon.
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

// countBatch counts those of the batch that are not being counted already.
func (s *Service) countBatch(ctx context.Context, a *Ahead, b *batch) {
	counted := func(w *want) { w.once.Do(func() { close(w.done) }) }
	s.calls.doAll(ctx, b.keys, b.keep, func(ctx context.Context, todo []int, finish func(int, pieceCounts, error)) {
		number := map[*want]int{}
		var wants []*want
		for _, i := range todo {
			w := b.wants[i]
			if b.keep == 0 && len(w.task.record.Missing(w.piece.From, w.piece.To, w.task.now)) == 0 { // others were faster
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
	for _, w := range b.wants { // by others, or not at all
		counted(w)
	}
}

// countWants counts what is wanted by one method, and tells each when it is done.
func (s *Service) countWants(ctx context.Context, wants []*want, done func(*want)) {
	if wants[0].task.method == sli.Samples {
		s.countSamples(ctx, wants, done)
	} else {
		s.countQueries(ctx, wants, done)
	}
}

// countQueries asks for the terms that differ in the value of one label in one
// query.
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

// maxMetricsQL is how long a query may be: -search.maxQueryLen of VictoriaMetrics,
// less room for values that are longer than others.
const maxMetricsQL = 15 << 10

// mostMerged is how many values of the set's label one query takes.
func mostMerged(set *gathered) int {
	first := set.all()[0]
	if first.want.task.method != sli.MetricsQL || set.label == "" {
		return maxMerged
	}
	whole := first.query(first.term.Among(set.oneOf()))
	return min(maxMerged, max(1, len(set.members)*maxMetricsQL/len(whole)))
}

// askMerged sends one query for all members, or, where the server refuses that,
// for each half of them.
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
		for _, c := range members { // of what the answer began with nothing may stay
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

// answered makes slots of what all terms were answered for: one query that takes
// its time holds up no objective that does not need it.
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

// distributed gives each series to those who asked for its value of the label.
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
