package counting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// maxPoints of one range query: a week of five-minute slots.
const maxPoints = 2016

// read fills the result's groups: closed slots from memory, the rest asked for
// now.
func (s *Service) read(ctx context.Context, t *task, r *Result) error {
	from, at := floor(r.From.UnixMilli(), t.step()), r.To.UnixMilli()
	edge := t.edge(from, at)
	closed := max(from, min(edge, t.settled))
	if err := s.close(ctx, t, from, closed, &r.Cost); err != nil {
		return err
	}
	unusable := t.record.Unusable(from, closed)
	r.remember(t, edge)
	recent, err := s.readRecent(ctx, t, closed, edge, at, &r.Cost)
	if err != nil {
		return err
	}
	for _, settling := range recent.settling {
		unusable = unusable.Union(settling.Unusable)
		for key, counts := range settling.Groups {
			group := r.group(key, counts.Labels, edge)
			group.View.Series = group.View.Series.With(settling.From, counts.Slots)
			r.groups[key] = group
		}
	}
	for key, head := range recent.head.Groups {
		group := r.group(key, head.Labels, edge)
		if len(head.Slots) > 0 {
			group.View.Head = head.Slots[0]
		}
		r.groups[key] = group
	}
	for key, group := range r.groups {
		group.View.HeadTo = max(edge, recent.headTo)
		r.groups[key] = group
	}
	return t.sayUnusable(r, unusable.Union(recent.head.Unusable))
}

// sayUnusable says how much of a result could not be used. It is an error where
// most minutes of a gauge are so: the query is wrong then.
func (t *task) sayUnusable(r *Result, unusable scope.Intervals) error {
	from, to, step := floor(r.From.UnixMilli(), t.step()), r.To.UnixMilli(), t.step()
	what, why := "slots something counted is no number (NaN, infinite or beyond 2^53)", ""
	if t.isGauge() {
		step = minute
		what = "minutes the query gives several series for a group, or the engine refuses it"
		if refusal := t.refusal.Load(); refusal != nil {
			why = ": " + (*refusal).Error()
		}
	}
	n, all := (unusable.Length(from, to)+step-1)/step, (to-from+step-1)/step
	if n == 0 {
		return nil
	}
	r.unusable = fmt.Sprintf("in %d of %d %s: they are unknown", n, all, what)
	if t.isGauge() && float64(60*n) > r.total() {
		return fmt.Errorf("in %d of %d %s, but a time-based SLI needs one a group: wrap it in min(…), max(…) or avg(…), or add groupBy%s", n, all, what, why)
	}
	r.Notes = append(r.Notes, r.unusable)
	return nil
}

// remember takes the remembered groups, up to the edge of a slot.
func (r *Result) remember(t *task, edge int64) {
	r.groups = map[string]Group{}
	for key, known := range t.record.Groups() {
		r.groups[key] = Group{known.Labels, slots.View{Series: known.Series, HeadFrom: edge, HeadTo: edge}}
	}
}

// KnownUntil is the end of the last slot before the instant that is remembered;
// zero where none is.
func (s *Service) KnownUntil(ctx context.Context, o *agreement.Objective, at time.Time) time.Time {
	t, err := s.newTask(ctx, o, at)
	if err != nil {
		return time.Time{}
	}
	known := t.record.Known().Intersect(scope.Union(scope.Interval{From: 0, To: floor(at.UnixMilli(), t.step())}))
	if len(known) == 0 {
		return time.Time{}
	}
	return time.UnixMilli(known[len(known)-1].To).UTC()
}

// Remembered is what [Service.Count] would count, without asking for anything: an
// error where a slot is not remembered. to is the edge of a slot.
func (s *Service) Remembered(ctx context.Context, o *agreement.Objective, from, to time.Time) (*Result, error) {
	t, err := s.newTask(ctx, o, to)
	if err != nil {
		return nil, err
	}
	begin, edge := floor(from.UnixMilli(), t.step()), to.UnixMilli()
	if t.record.Known().Length(begin, edge) < edge-begin {
		return nil, errors.New("not all slots are remembered")
	}
	r := &Result{Measurement: t.measurement(), Objective: o, From: from, To: to, KnownTo: to}
	r.remember(t, edge)
	return r, t.sayUnusable(r, t.record.Unusable(begin, edge))
}

func (r *Result) group(key string, labels map[string]string, edge int64) Group {
	if known, ok := r.groups[key]; ok {
		return known
	}
	return r.empty(labels, edge, edge)
}

// close asks for the closed slots that are not remembered, in pieces, and
// remembers each piece as it comes, so that a reader who gives up leaves the
// next one less to read.
func (s *Service) close(ctx context.Context, t *task, from, to int64, cost *Cost) error {
	if from >= to {
		return nil
	}
	missing := t.record.Missing(from, to, t.now)
	cost.SlotsCached += (to - from - missing.Length(from, to)) / t.step()
	pieces := t.pieces(missing)
	costs := make([]Cost, len(pieces))
	err := parallel.All(ctx, parallel.Objectives, len(pieces), func(ctx context.Context, i int) (err error) {
		costs[i], err = s.closePiece(ctx, t, pieces[i])
		return err
	})
	cost.add(costs...)
	if GoesOnLater(err) && len(pieces) > 1 {
		remaining := t.record.Missing(from, to, t.now).Length(from, to)
		return &IncompleteError{Read: milliseconds(to - from - remaining), Needed: milliseconds(to - from), Cause: err}
	}
	return err
}

// GoesOnLater reports whether reading may go on where it stopped when asked
// again.
func GoesOnLater(err error) bool {
	switch prometheus.KindOf(err) {
	case prometheus.Timeout, prometheus.Unreachable, prometheus.Unavailable, prometheus.Canceled:
		return true
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// IncompleteError says how much of the history that an answer needs was read
// before reading failed. What was read is remembered.
type IncompleteError struct {
	Read, Needed time.Duration
	Cause        error
}

// Error is the cause, with how far reading came.
func (i *IncompleteError) Error() string {
	const day = 24 * time.Hour
	return fmt.Sprintf("%.0f of %.0f days read: %v", i.Read.Hours()/day.Hours(), i.Needed.Hours()/day.Hours(), i.Cause)
}

// Unwrap is the cause.
func (i *IncompleteError) Unwrap() error { return i.Cause }

// pieces cuts what is missing into whole days, which the caches of Mimir and
// Thanos like, and as many of them as one range query may have points.
func (t *task) pieces(missing scope.Intervals) []scope.Interval {
	length := max(day, maxPoints*t.interval(t.step())/day*day)
	var pieces []scope.Interval
	for _, span := range missing {
		for from := span.From; from < span.To; {
			to := min(span.To, floor(from, day)+length)
			pieces = append(pieces, scope.Interval{From: from, To: to})
			from = to
		}
	}
	return pieces
}

// closePiece asks for one piece and remembers it. A piece that is too much for
// the server is halved.
func (s *Service) closePiece(ctx context.Context, t *task, piece scope.Interval) (Cost, error) {
	// The record is part of the key: a call closes into the record of its first
	// caller, which may not be that of others since it was forgotten.
	key := fmt.Sprintf("%s %p %d %d", t.key, t.record, piece.From, piece.To)
	result, err := s.calls.do(ctx, key, 0, func(ctx context.Context) (pieceCounts, error) {
		result, err := s.count(ctx, t, piece, t.step())
		switch {
		case err != nil:
		case t.isGauge() && result.Unusable.Length(piece.From, piece.To) >= max(piece.Length(), 60*minute) && t.refusal.Load() != nil:
			err = *t.refusal.Load() // which may be over by the next time
		default:
			t.save(result.Counts)
		}
		return result, err
	})
	if prometheus.KindOf(err) != prometheus.TooManySamples || piece.Length() < 2*t.step() {
		return result.cost, err
	}
	middle := floor(piece.From+piece.Length()/2, t.step())
	cost, err := s.closePiece(ctx, t, scope.Interval{From: piece.From, To: middle})
	if err != nil {
		return cost, err
	}
	rest, err := s.closePiece(ctx, t, scope.Interval{From: middle, To: piece.To})
	cost.add(rest)
	return cost, err
}

// PartialError says that the server answered with warnings: not everything that
// was asked for may be in the answer, so it is no figure.
type PartialError struct{ Warnings []string }

// Error is the server's own words.
func (p *PartialError) Error() string {
	return fmt.Sprintf("the engine's answer may be partial: %s", p.Warnings[0])
}

// recent is what is not remembered: the slots that are still settling, and the
// one that holds the instant, up to it.
type recent struct {
	settling []slots.Counts
	head     slots.Counts
	headTo   int64
}

// readRecent asks for what is not remembered.
func (s *Service) readRecent(ctx context.Context, t *task, closed, edge, at int64, cost *Cost) (recent, error) {
	result := recent{headTo: at}
	switch {
	case t.recording != nil:
		result.headTo = edge
	case t.isGauge():
		result.headTo = floor(at, minute)
	}
	pieces := t.pieces(scope.Union(scope.Interval{From: closed, To: edge}))
	settling := len(pieces)
	if head := (scope.Interval{From: edge, To: result.headTo}); head.Length() >= time.Second.Milliseconds() {
		pieces = append(pieces, head)
	}
	answers := make([]pieceCounts, len(pieces))
	err := parallel.All(ctx, parallel.Objectives, len(pieces), func(ctx context.Context, i int) (err error) {
		piece, length := pieces[i], t.step()
		if i == settling {
			length = piece.Length()
		}
		key := fmt.Sprintf("%s %d %d %d", t.key, piece.From, piece.To, length)
		answers[i], err = s.calls.do(ctx, key, sharedFor, func(ctx context.Context) (pieceCounts, error) {
			return s.count(ctx, t, piece, length)
		})
		return err
	})
	for i, answer := range answers {
		cost.add(answer.cost)
		if i == settling {
			result.head = answer.Counts
		} else {
			result.settling = append(result.settling, answer.Counts)
		}
	}
	return result, err
}
