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

// maxPoints of one range query: a week of five-minute slots.
const maxPoints = 2016

// countTask counts in (from, to]: closed slots from memory, the rest asked for now.
func (s *Service) countTask(ctx context.Context, t *task, from, to time.Time) (*Result, error) {
	r := &Result{Measurement: s.measurement(t), Objective: t.objective, From: from, To: to, KnownTo: to}
	first, closed, edge, end := t.edges(from.UnixMilli(), to.UnixMilli())
	if t.recording != nil { // what was not recorded yet is not unknown
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

// remember takes the remembered groups, up to the edge of a slot; what comes after
// it reaches to the end.
func (r *Result) remember(t *task, edge, end int64) {
	r.groups = map[string]Group{}
	for key, known := range t.record.Groups() {
		r.groups[key] = Group{known.Labels, slots.View{Series: known.Series, HeadFrom: edge, HeadTo: end}}
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
	r := &Result{Measurement: s.measurement(t), Objective: o, From: from, To: to, KnownTo: to}
	r.remember(t, edge, edge)
	return r, t.say(r, t.record.Remarks(begin, edge))
}

// close asks for the closed slots that are not remembered, and remembers each piece as
// it comes: a reader who gives up leaves the next one less to read.
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

// GoesOnLater reports whether reading may go on where it stopped when asked
// again.
func GoesOnLater(err error) bool {
	switch prometheus.KindOf(err) {
	case prometheus.Timeout, prometheus.Unreachable, prometheus.Unavailable, prometheus.Canceled:
		return true
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// pieces cuts what is missing at edges that are the same whoever asks, into whole
// days: one of samples; of queries as many as one may have points.
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

// closePiece asks for one piece and remembers it. A piece that is too much for
// the server is halved.
func (s *Service) closePiece(ctx context.Context, t *task, piece scope.Interval) (Cost, error) {
	result, err := s.calls.do(ctx, t.closingKey(piece), 0, func(ctx context.Context) (pieceCounts, error) {
		if len(t.record.Missing(piece.From, piece.To, t.now)) == 0 { // others were faster
			return pieceCounts{}, nil
		}
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

// closeCut closes a piece of which the server answers only what is after the edge:
// what is before is not measured.
func (s *Service) closeCut(ctx context.Context, t *task, piece scope.Interval, edge int64) (Cost, error) {
	t.save(slots.Counts{From: piece.From, Length: int((min(edge, piece.To) - piece.From) / t.step())})
	if edge >= piece.To {
		return Cost{}, nil
	}
	return s.closePiece(ctx, t, scope.Interval{From: edge, To: piece.To})
}

// halves reports whether the server may answer for each half of the piece what it
// did not answer for the whole. One that is too slow for a few hours is so for less.
func (t *task) halves(err error, piece scope.Interval) bool {
	e, refused := errors.AsType[*prometheus.Error](err)
	switch {
	case !refused || piece.Length() < 2*t.step():
		return false
	case e.Kind == prometheus.Timeout: // of the server, not of this program
		return e.Status != 0 && piece.Length() > day/4
	}
	return e.Kind == prometheus.TooManySamples
}

// closingKey tells calls for closed slots apart, also those into a record that was
// forgotten since.
func (t *task) closingKey(piece scope.Interval) string {
	return fmt.Sprintf("%s %p %d %d", t.key, t.record, piece.From, piece.To)
}

// partial is an error where the server answered with warnings: not everything that
// was asked for may be in the answer, so it is no figure.
func partial(warnings []string) error {
	if len(warnings) == 0 {
		return nil
	}
	return fmt.Errorf("the engine's answer may be partial: %s", warnings[0])
}

// readRecent asks for what is not remembered: the slots that are still settling, and
// the one that holds the instant, from the edge to the end.
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

// recentPieces are what is to be asked for of the slots up to the edge, and of
// the one that holds the instant: of samples both at once.
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
