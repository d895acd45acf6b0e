package measure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// maxPoints of one range query: a week of five-minute slots.
const maxPoints = 2016

const day = int64(24 * time.Hour / time.Millisecond)

// group is one group of an objective as it was read.
type group struct {
	labels map[string]string
	view   slots.View
}

// read makes sure that the slots of (from, at] are known and returns them by
// group: closed slots from memory, the rest asked for now.
func (e *Engine) read(ctx context.Context, t *task, from, at int64) (map[string]group, Cost, error) {
	from = floor(from, t.step())
	edge := t.edge(from, at)
	closed := max(from, min(edge, t.settled))
	var cost Cost
	if err := e.close(ctx, t, from, closed, &cost); err != nil {
		return nil, cost, err
	}
	groups := map[string]group{}
	for key, known := range t.record.Groups() {
		groups[key] = group{known.Labels, slots.View{Series: known.Series, HeadFrom: edge, HeadTo: edge}}
	}
	tail, err := e.tail(ctx, t, closed, edge, at, &cost)
	if err != nil {
		return nil, cost, err
	}
	for _, settling := range tail.settling {
		t.append(groups, settling, edge)
	}
	t.addHead(groups, tail.head, edge, tail.headTo)
	return groups, cost, nil
}

// close asks for the closed slots that are not remembered, in pieces, and
// remembers each piece as it comes, so that a reader who gives up leaves the
// next one less to read.
func (e *Engine) close(ctx context.Context, t *task, from, to int64, cost *Cost) error {
	if from >= to {
		return nil
	}
	missing := t.record.Missing(from, to, t.now)
	cost.SlotsCached += (to - from - missing.Length(from, to)) / t.step()
	pieces := t.pieces(missing)
	costs := make([]Cost, len(pieces))
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(objectivesAtOnce)
	for i, piece := range pieces {
		work.Go(func() (err error) {
			costs[i], err = e.closePiece(ctx, t, piece)
			return err
		})
	}
	err := work.Wait()
	for _, spent := range costs {
		cost.add(spent)
	}
	if goesOnLater(err) && len(pieces) > 1 {
		left := t.record.Missing(from, to, t.now).Length(from, to)
		return &IncompleteError{Read: milliseconds(to - from - left), Needed: milliseconds(to - from), Cause: err}
	}
	return err
}

// goesOnLater reports whether reading may go on where it stopped when asked
// again.
func goesOnLater(err error) bool {
	switch prometheus.KindOf(err) {
	case prometheus.Timeout, prometheus.Unreachable, prometheus.Unavailable, prometheus.Canceled:
		return true
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// IncompleteError says how much of the history that an answer needs was read
// before reading failed. What was read is kept.
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
	points := t.step()
	if t.objective.SLI.Kind.TimeBased() && t.recording == nil {
		points = minute
	}
	length := max(day, maxPoints*points/day*day)
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
func (e *Engine) closePiece(ctx context.Context, t *task, piece scope.Interval) (Cost, error) {
	// The record is part of the key: a flight closes into the record of its
	// first caller, which may not be that of others since it was forgotten.
	key := fmt.Sprintf("%s %p %d %d", t.key, t.record, piece.From, piece.To)
	result, first, err := e.flights.join(ctx, key, 0, func(ctx context.Context) (counted, error) {
		result, err := e.count(ctx, t, piece.From, piece.To, t.step())
		if err == nil && len(result.warnings) > 0 {
			err = &PartialError{Warnings: result.warnings}
		}
		if err == nil {
			t.keep(result.Counts)
		}
		return result, err
	})
	if prometheus.KindOf(err) == prometheus.TooManySamples && piece.Length() >= 2*t.step() {
		middle := floor(piece.From+piece.Length()/2, t.step())
		cost, err := e.closePiece(ctx, t, scope.Interval{From: piece.From, To: middle})
		if err != nil {
			return cost, err
		}
		rest, err := e.closePiece(ctx, t, scope.Interval{From: middle, To: piece.To})
		cost.add(rest)
		return cost, err
	}
	if !first {
		return Cost{}, err
	}
	return result.cost, err
}

// PartialError says that the engine answered with warnings: not everything
// that was asked for may be in the answer, so it is no figure.
type PartialError struct{ Warnings []string }

// Error is the engine's own words.
func (p *PartialError) Error() string {
	return fmt.Sprintf("the engine's answer may be partial: %s", p.Warnings[0])
}

// tail is what is asked for anew each time.
type tail struct {
	settling []slots.Counts
	head     slots.Counts
	headTo   int64
}

// tail asks for the slots that are still settling, and for the one that holds
// the instant, up to it.
func (e *Engine) tail(ctx context.Context, t *task, closed, edge, at int64, cost *Cost) (tail, error) {
	pieces := t.pieces(scope.Union(scope.Interval{From: closed, To: edge}))
	result := tail{headTo: at, settling: make([]slots.Counts, len(pieces))}
	switch {
	case t.recording != nil:
		result.headTo = edge
	case t.objective.SLI.Kind.TimeBased():
		result.headTo = floor(at, minute)
	}
	costs := make([]Cost, len(pieces)+1)
	work, ctx := errgroup.WithContext(ctx)
	for i, piece := range pieces {
		work.Go(func() (err error) {
			result.settling[i], costs[i], err = e.unsettled(ctx, t, piece, t.step())
			return err
		})
	}
	if head := (scope.Interval{From: edge, To: result.headTo}); head.Length() >= time.Second.Milliseconds() {
		work.Go(func() (err error) {
			result.head, costs[len(pieces)], err = e.unsettled(ctx, t, head, head.Length())
			return err
		})
	}
	err := work.Wait()
	for _, spent := range costs {
		cost.add(spent)
	}
	return result, err
}

// unsettled asks for slots that are not remembered.
func (e *Engine) unsettled(ctx context.Context, t *task, piece scope.Interval, step int64) (slots.Counts, Cost, error) {
	key := fmt.Sprintf("%s %d %d %d", t.key, piece.From, piece.To, step)
	found, first, err := e.flights.join(ctx, key, shared, func(ctx context.Context) (counted, error) {
		return e.count(ctx, t, piece.From, piece.To, step)
	})
	if err == nil && len(found.warnings) > 0 {
		err = &PartialError{Warnings: found.warnings}
	}
	if !first {
		return found.Counts, Cost{}, err
	}
	return found.Counts, found.cost, err
}

// append adds slots to the groups without remembering them.
func (t *task) append(groups map[string]group, settling slots.Counts, edge int64) {
	for key, found := range settling.Groups {
		known := t.known(groups, key, found.Labels, edge)
		known.view.Series = known.view.Series.With(settling.From, found.Slots)
		groups[key] = known
	}
}

func (t *task) addHead(groups map[string]group, head slots.Counts, edge, to int64) {
	for key, found := range head.Groups {
		groups[key] = t.known(groups, key, found.Labels, edge)
	}
	for key, known := range groups {
		known.view.HeadTo = max(edge, to)
		if found, ok := head.Groups[key]; ok && len(found.Slots) > 0 {
			known.view.Head = found.Slots[0]
		}
		groups[key] = known
	}
}

func (t *task) known(groups map[string]group, key string, labels map[string]string, edge int64) group {
	if known, ok := groups[key]; ok {
		return known
	}
	empty := slots.NewSeries(t.resolution, t.objective.SLI.Kind.TimeBased())
	return group{labels, slots.View{Series: empty, HeadFrom: edge, HeadTo: edge}}
}
