// Package budget is the arithmetic of Accord: from slots and scope to
// compliance, error budget, burn rates, forecast, alerts and incidents. Every
// formula is that of measurement.md (§4 to §9), named where it stands.
//
// It is pure: no I/O, no clock, no documents beyond the resolved objective. A
// [Ledger] answers what was counted between two instants in the time that
// counts; everything else divides and compares such counts.
package budget

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// Counts is what was counted over a stretch of time, in scope: events, seconds
// of a time-based SLI, or slices of a budgeting method that judges slices.
type Counts struct {
	Total, Bad float64
	// Allowed is the error budget that Total brings: Σ total · (1 − target in
	// force).
	Allowed float64
	// Measured and InScope are seconds.
	Measured, InScope float64
}

func (c *Counts) add(other Counts) {
	c.Total += other.Total
	c.Bad += other.Bad
	c.Allowed += other.Allowed
	c.Measured += other.Measured
	c.InScope += other.InScope
}

func (c Counts) less(other Counts) Counts {
	return Counts{c.Total - other.Total, c.Bad - other.Bad, c.Allowed - other.Allowed,
		c.Measured - other.Measured, c.InScope - other.InScope}
}

// Ledger counts one objective, and one group of it, in one scope.
type Ledger struct {
	objective *agreement.Objective
	view      slots.View
	scope     scope.Scope
	targets   []targetPiece
	slices    *timeSlices // nil for Occurrences
	// inBefore and goodBefore are the sumsBefore of the scope's sets.
	inBefore, goodBefore []Counts
	// begin is the start of the first slot, end the last instant of which anything
	// is known, Unix milliseconds.
	begin, end int64
	// unknownFrom is from when on time that was not measured is unknown: a group
	// owes nothing before its first sample.
	unknownFrom int64
}

// Reading is what a ledger is made of.
type Reading struct {
	Objective *agreement.Objective
	Slots     slots.View
	Scope     scope.Scope
	// From and At bound the slots that were read.
	From, At time.Time
	// Grouped says that this is one of the groups of an objective with groupBy.
	Grouped bool
}

// NewLedger makes the ledger of a reading; not all of it once the context has
// ended, which the caller asks.
func NewLedger(ctx context.Context, reading Reading) *Ledger {
	l := &Ledger{
		objective: reading.Objective, view: reading.Slots, scope: reading.Scope,
		begin: slots.Floor(reading.From.UnixMilli(), reading.Slots.Series.Resolution()),
		end:   reading.At.UnixMilli(), unknownFrom: math.MinInt64,
	}
	l.inBefore, l.goodBefore = l.sumsBefore(l.scope.In), l.sumsBefore(l.scope.CountAsGood)
	if l.timeBased() {
		// A minute that has not ended is not unknown.
		l.end -= l.end % time.Minute.Milliseconds()
	}
	if reading.Grouped {
		l.unknownFrom = l.dueFrom(reading)
	}
	unit := reading.Slots.Series.Resolution()
	if l.objective.Budgeting != agreement.Occurrences {
		unit = l.objective.TimeSliceWindow.Milliseconds()
	}
	l.targets = targetPieces(l.objective, unit)
	if l.objective.Budgeting != agreement.Occurrences {
		l.slices = l.newTimeSlices(ctx, reading.From.UnixMilli())
	}
	return l
}

// dueFrom is when a group's unknown time begins: with its first sample. What
// lies before that in its slot is not unknown, and what lies after is known.
func (l *Ledger) dueFrom(reading Reading) int64 {
	first, ok := reading.Slots.FirstMeasured(reading.From.UnixMilli())
	switch {
	case !ok:
		return math.MaxInt64 // there is no group that could owe anything
	case l.timeBased():
		return first + reading.Slots.Series.Resolution()
	}
	return first
}

func (l *Ledger) timeBased() bool { return l.objective.SLI.Kind.TimeBased() }

// Count is what was counted over (from, to], both Unix milliseconds.
func (l *Ledger) Count(from, to int64) Counts {
	to = min(to, l.end)
	if from >= to {
		return Counts{}
	}
	if l.slices != nil {
		return l.slices.count(from, to)
	}
	return l.occurrences(from, to)
}

// occurrences counts events or seconds: a slot is judged by the target in
// force at its start.
func (l *Ledger) occurrences(from, to int64) Counts {
	var counts Counts
	for _, piece := range l.targets {
		begin, end := max(from, piece.from), min(to, piece.to)
		if begin >= end {
			continue
		}
		part := l.scaled(begin, end)
		part.Allowed = part.Total * piece.budget
		counts.add(part)
	}
	return counts
}

// scaled is the sum of the slots' counts by their part in scope, with unknown
// seconds as the no-data policy has them; without Allowed.
func (l *Ledger) scaled(from, to int64) Counts {
	counts := l.sum(l.scope.In, l.inBefore, from, to)
	counts.Bad -= l.sum(l.scope.CountAsGood, l.goodBefore, from, to).Bad
	if l.timeBased() && l.objective.NoData != agreement.NoDataIgnore {
		// The time in scope in which nothing was measured.
		due := l.sum(l.scope.In, l.inBefore, max(from, l.unknownFrom), to)
		unknown := max(0, due.InScope-due.Measured)
		counts.Total += unknown
		if l.objective.NoData == agreement.NoDataBad {
			counts.Bad += unknown
		}
	}
	return counts
}

// sum is what the slots hold in the part of the set within (from, to]; before
// is that of [Ledger.sumsBefore].
func (l *Ledger) sum(set scope.Intervals, before []Counts, from, to int64) (counts Counts) {
	first, end := set.Between(from, to)
	if first == end {
		return counts
	}
	last := end - 1
	counts = l.whole(max(set[first].From, from), min(set[first].To, to))
	if first < last {
		counts.add(before[last].less(before[first+1]))
		counts.add(l.whole(set[last].From, min(set[last].To, to)))
	}
	return counts
}

// sumsBefore are the sums over all intervals of the set before each: without
// them, each of many questions would look at each of many intervals.
func (l *Ledger) sumsBefore(set scope.Intervals) []Counts {
	before := make([]Counts, len(set)+1)
	for i, span := range set {
		before[i+1] = before[i]
		before[i+1].add(l.whole(span.From, span.To))
	}
	return before
}

// whole is what the slots hold in (from, to], as if all of it were in scope.
func (l *Ledger) whole(from, to int64) Counts {
	sum := l.view.Sum(from, to)
	return Counts{Total: sum.Total, Bad: sum.Bad, Measured: sum.Measured, InScope: float64(to-from) / 1000}
}

// targetPiece is a stretch of time with one target in force.
type targetPiece struct {
	from, to int64 // Unix milliseconds, at edges of slots (or slices)
	target   float64
	budget   float64 // 1 − target
}

// targetPieces are the targets over all time. A slot is judged by the target
// in force at its start, so a revision takes hold at the next edge.
func targetPieces(o *agreement.Objective, unit int64) []targetPiece {
	pieces := []targetPiece{{from: math.MinInt64, to: math.MaxInt64, target: o.Target, budget: agreement.BudgetRatio(o.Target)}}
	for _, revision := range o.Revisions {
		edge := (revision.From.UnixMilli() + unit - 1) / unit * unit
		pieces[len(pieces)-1].to = edge
		pieces = append(pieces, targetPiece{from: edge, to: math.MaxInt64,
			target: revision.Target, budget: agreement.BudgetRatio(revision.Target)})
	}
	return pieces
}

// budgetAt is 1 − the target in force for the slot that begins at the instant.
func (l *Ledger) budgetAt(instant int64) float64 {
	inForce := slices.IndexFunc(l.targets, func(piece targetPiece) bool { return instant < piece.to })
	return l.targets[inForce].budget
}

// timeSlices are the slices of a Timeslices or RatioTimeslices objective, each
// judged once, as prefix sums (measurement.md, §5). Only the slices that a
// window's edge cuts are judged again, by the part inside.
type timeSlices struct {
	ledger *Ledger
	length int64 // milliseconds
	first  int64 // number of the first slice since the epoch
	// before[i] is the sum over the first i slices; Measured and InScope are
	// left out, they come from the slots.
	before []Counts
}

func (l *Ledger) newTimeSlices(ctx context.Context, from int64) *timeSlices {
	s := &timeSlices{ledger: l, length: l.objective.TimeSliceWindow.Milliseconds()}
	s.first = from / s.length
	last := l.end / s.length
	s.before = []Counts{{}}
	var sum Counts
	for number := s.first; number < last && ctx.Err() == nil; number++ {
		sum.add(s.judge(number*s.length, (number+1)*s.length))
		s.before = append(s.before, sum)
	}
	return s
}

// judge is the slice, or the part of one slice, between two instants.
func (s *timeSlices) judge(from, to int64) Counts {
	l := s.ledger
	scaled := l.scaled(from, to)
	weight := scaled.InScope * 1000 / float64(s.length)
	if weight == 0 {
		return Counts{}
	}
	judged := Counts{Total: weight}
	switch {
	case scaled.Total <= 0:
		if l.objective.NoData == agreement.NoDataIgnore || to <= l.unknownFrom {
			return Counts{}
		}
		if l.objective.NoData == agreement.NoDataBad {
			judged.Bad = weight
		}
	case l.objective.Budgeting == agreement.RatioTimeslices:
		judged.Bad = weight * scaled.Bad / scaled.Total
	case Exceeds(scaled.Bad, scaled.Total*agreement.BudgetRatio(l.objective.TimeSliceTarget)):
		judged.Bad = weight
	}
	judged.Allowed = judged.Total * l.budgetAt(from-from%s.length)
	return judged
}

func (s *timeSlices) count(from, to int64) Counts {
	var counts Counts
	first, last := (from+s.length-1)/s.length, to/s.length
	if first > last {
		counts = s.judge(from, to)
	} else {
		counts.add(s.judge(from, first*s.length))
		counts.add(s.whole(first, last))
		counts.add(s.judge(last*s.length, to))
	}
	scaled := s.ledger.scaled(from, to)
	counts.Measured, counts.InScope = scaled.Measured, scaled.InScope
	return counts
}

// whole is the sum over the slices numbered [first, last).
func (s *timeSlices) whole(first, last int64) Counts {
	return s.before[s.place(last)].less(s.before[s.place(first)])
}

func (s *timeSlices) place(number int64) int64 {
	return min(max(number-s.first, 0), int64(len(s.before)-1))
}
