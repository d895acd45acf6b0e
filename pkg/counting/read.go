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
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

// maxPoints is the most points of one range query: a week of five-minute slots.
const maxPoints = 2016

// countTask counts in (from, to], with closed slots from the cache where it has them.
func (s *Service) countTask(ctx context.Context, t *task, from, to time.Time) (*Result, error) {
	r := &Result{Measurement: s.measurement(t), Objective: t.objective, From: from, To: to, KnownTo: to}
	first, closed, edge, end := t.edges(from.UnixMilli(), to.UnixMilli())
	if t.recording != nil { // slots that are not recorded yet are not unknown
		r.KnownTo = time.UnixMilli(edge)
	}
	if err := s.close(ctx, t, first, closed, &r.Cost); err != nil {
		return nil, err
	}
	remarks := t.record.Remarks(first, closed)
	r.remember(t, edge, end)
	recent, err := s.readRecent(ctx, t, r, closed, edge, end)
	if err != nil {
		return nil, err
	}
	remarks.Add(recent)
	r.partSeen = r.partLately || t.record.PartSeen()
	return r, t.say(r, remarks)
}

// remember takes the groups from the cache. Their heads reach from the edge of a slot to the end.
func (r *Result) remember(t *task, edge, end int64) {
	r.groups = map[string]Group{}
	for key, known := range t.record.Groups() {
		r.groups[key] = Group{known.Labels, slots.View{Series: known.Series, HeadFrom: edge, HeadTo: end}}
	}
}

// KnownUntil returns the end of the last cached slot before the instant; zero if there is none.
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

// Remembered returns what [Service.Count] would count, from the cache alone. It is an error if a slot
// is not cached. to is the edge of a slot.
func (s *Service) Remembered(ctx context.Context, o *agreement.Objective, from, to time.Time) (*Result, error) {
	t, err := s.newTask(ctx, o, to)
	if err != nil {
		return nil, err
	}
	begin, edge := floor(from.UnixMilli(), t.step()), to.UnixMilli()
	if t.record.Known().Length(begin, edge) < edge-begin {
		return nil, errors.New("not all slots are remembered")
	}
	r := &Result{Measurement: s.measurement(t), Objective: o, From: from, To: to, KnownTo: to}
	r.remember(t, edge, edge)
	return r, t.say(r, t.record.Remarks(begin, edge))
}

// close reads the closed slots that are not cached, and caches each piece as it arrives: a caller that
// gives up leaves less to read for the next.
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
	cost.Add(costs...)
	if GoesOnLater(err) && len(pieces) > 1 {
		needed, remaining := to-from, t.record.Missing(from, to, t.now).Length(from, to)
		return fmt.Errorf("%.0f of %.0f days read: %w", float64(needed-remaining)/float64(day), float64(needed)/float64(day), err)
	}
	return err
}

// GoesOnLater reports whether a retry may succeed and continue where reading stopped.
func GoesOnLater(err error) bool {
	switch prometheus.KindOf(err) {
	case prometheus.Timeout, prometheus.Unreachable, prometheus.Unavailable, prometheus.Canceled:
		return true
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// pieces cuts the missing slots at edges that are the same for all callers: into days for samples, and
// for queries into as many days as maxPoints allows.
func (t *task) pieces(missing scope.Intervals) []scope.Interval {
	length := day
	if t.method != sli.Samples {
		length = max(day, maxPoints*t.interval(t.step())/day*day)
	}
	var pieces []scope.Interval
	for _, span := range missing {
		for from := span.From; from < span.To; {
			to := min(span.To, floor(from, length)+length)
			pieces = append(pieces, scope.Interval{From: from, To: to})
			from = to
		}
	}
	return pieces
}

// closePiece reads one piece and caches it. A piece that is too much for the server is halved.
func (s *Service) closePiece(ctx context.Context, t *task, piece scope.Interval) (Cost, error) {
	result, err := s.calls.do(ctx, t.closingKey(piece), 0, func(ctx context.Context) (pieceCounts, error) {
		if len(t.record.Missing(piece.From, piece.To, t.now)) == 0 { // another call has read it
			return pieceCounts{}, nil
		}
		result, err := s.count(ctx, t, piece, t.step())
		switch {
		case err != nil:
		case t.isGauge() && result.Unusable.Length(piece.From, piece.To) >= max(piece.Length(), 60*minute) && t.refusal.Load() != nil:
			err = *t.refusal.Load() // not cached: it may be gone on a retry
		default:
			t.save(result.Counts)
		}
		return result, err
	})
	if e, refused := errors.AsType[*prometheus.Error](err); refused && e.Kind == prometheus.Cut {
		return s.closeCut(ctx, t, piece, floor(e.From.UnixMilli()+t.step()-1, t.step()))
	}
	if !t.halves(err, piece) {
		return result.cost, err
	}
	middle := floor(piece.From+piece.Length()/2, t.step())
	cost, err := s.closePiece(ctx, t, scope.Interval{From: piece.From, To: middle})
	if err != nil {
		return cost, err
	}
	rest, err := s.closePiece(ctx, t, scope.Interval{From: middle, To: piece.To})
	cost.Add(rest)
	return cost, err
}

// closeCut closes a piece for which the server answers only after the edge: what is before is not measured.
func (s *Service) closeCut(ctx context.Context, t *task, piece scope.Interval, edge int64) (Cost, error) {
	t.save(slots.Counts{From: piece.From, Length: int((min(edge, piece.To) - piece.From) / t.step())})
	if edge >= piece.To {
		return Cost{}, nil
	}
	return s.closePiece(ctx, t, scope.Interval{From: edge, To: piece.To})
}

// halves reports whether the server may answer for each half of the piece what it did not answer for
// the whole. A server that is too slow for six hours is too slow for less.
func (t *task) halves(err error, piece scope.Interval) bool {
	e, refused := errors.AsType[*prometheus.Error](err)
	switch {
	case !refused || piece.Length() < 2*t.step():
		return false
	case e.Kind == prometheus.Timeout: // the server's timeout, not our own
		return e.Status != 0 && piece.Length() > day/4
	}
	return e.Kind == prometheus.TooManySamples
}

// closingKey is the key of a call for closed slots. It includes the record, since one that was
// forgotten meanwhile is not the same.
func (t *task) closingKey(piece scope.Interval) string {
	return fmt.Sprintf("%s %p %d %d", t.key, t.record, piece.From, piece.To)
}

// partial returns an error if the server answered with warnings: the answer may be
// incomplete, so it gives no figure.
func partial(warnings []string) error {
	if len(warnings) == 0 {
		return nil
	}
	return fmt.Errorf("the engine's answer may be partial: %s", warnings[0])
}

// readRecent reads what is not cached: the slots that are not closed yet, and the unfinished one
// from the edge to the end.
func (s *Service) readRecent(ctx context.Context, t *task, r *Result, closed, edge, end int64) (remarks slots.Remarks, err error) {
	pieces := t.recentPieces(closed, edge, end)
	answers := make([]pieceCounts, len(pieces))
	err = parallel.All(ctx, parallel.Objectives, len(pieces), func(ctx context.Context, i int) (err error) {
		piece, length := pieces[i], t.recentLength(pieces[i], edge)
		answers[i], err = s.calls.do(ctx, t.recentKey(piece), sharedFor, func(ctx context.Context) (pieceCounts, error) {
			return s.count(ctx, t, piece, length)
		})
		return err
	})
	for i, answer := range answers {
		r.Cost.Add(answer.cost)
		remarks.Add(answer.Remarks)
		r.partLately = r.partLately || answer.PartSeen
		whole := answer.Length
		if pieces[i].To%t.step() != 0 { // the last slot is not over
			whole--
		}
		for key, counts := range answer.Groups {
			group, known := r.groups[key]
			if !known {
				group = r.empty(counts.Labels, edge, end)
			}
			group.View.Series = group.View.Series.With(answer.From, counts.Slots[:whole])
			if whole < answer.Length {
				group.View.Head = counts.Slots[whole]
			}
			r.groups[key] = group
		}
	}
	return remarks, err
}

// recentPieces returns the pieces to read of the slots from closed to the edge and of the unfinished
// one. Samples of both are read at once.
func (t *task) recentPieces(closed, edge, headTo int64) []scope.Interval {
	head := scope.Interval{From: edge, To: headTo}
	if head.Length() < time.Second.Milliseconds() {
		head.To = edge
	}
	if t.method == sli.Samples && closed < head.To {
		return []scope.Interval{{From: closed, To: head.To}}
	}
	pieces := t.pieces(scope.Union(scope.Interval{From: closed, To: edge}))
	if head.From < head.To {
		pieces = append(pieces, head)
	}
	return pieces
}

func (t *task) recentLength(piece scope.Interval, edge int64) int64 {
	if piece.From < edge || t.method == sli.Samples {
		return t.step()
	}
	return piece.Length()
}

func (t *task) recentKey(piece scope.Interval) string {
	return fmt.Sprintf("%s %d %d", t.key, piece.From, piece.To)
}
