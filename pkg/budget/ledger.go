// Package budget is the arithmetic of Accord: from slots and scope to
// compliance, error budget, burn rates, forecast, alerts and incidents. Every
// formula is that of measurement.md (§4 to §9), named where it stands.
//
// It is pure: no I/O, no clock, no documents beyond the resolved objective. A
// [Ledger] answers what was counted between two instants in the time that
// counts; everything else divides and compares such counts.
package budget

import (
	"math"
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

// Ledger counts one objective, and one group of it, in one scope.
type Ledger struct {
	objective *agreement.Objective
	view      slots.View
	scope     scope.Scope
	targets   []targetPiece
	slices    *timeSlices // nil for Occurrences
	// end is the last instant of which anything is known, Unix milliseconds.
	end int64
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

// NewLedger makes the ledger of a reading.
func NewLedger(reading Reading) *Ledger {
	l := &Ledger{
		objective: reading.Objective, view: reading.Slots, scope: reading.Scope,
		end: reading.At.UnixMilli(), unknownFrom: math.MinInt64,
	}
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
		l.slices = l.newTimeSlices(reading.From.UnixMilli())
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
	var counts Counts
	for _, span := range l.scope.In.Between(from, to) {
		begin, end := max(span.From, from), min(span.To, to)
		sum := l.view.Sum(begin, end)
		counts.Total += sum.Total
		counts.Bad += sum.Bad
		counts.Measured += sum.Measured
		counts.InScope += float64(end-begin) / 1000
	}
	for _, span := range l.scope.CountAsGood.Between(from, to) {
		counts.Bad -= l.view.Sum(max(span.From, from), min(span.To, to)).Bad
	}
	if l.timeBased() && l.objective.NoData != agreement.NoDataIgnore {
		if unknown := l.unknown(max(from, l.unknownFrom), to); unknown > 0 {
			counts.Total += unknown
			if l.objective.NoData == agreement.NoDataBad {
				counts.Bad += unknown
			}
		}
	}
	return counts
}

// unknown is the time in scope, in seconds, in which nothing was measured.
func (l *Ledger) unknown(from, to int64) float64 {
	var unknown float64
	for _, span := range l.scope.In.Between(from, to) {
		begin, end := max(span.From, from), min(span.To, to)
		unknown += float64(end-begin)/1000 - l.view.Sum(begin, end).Measured
	}
	return unknown
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
	for _, piece := range l.targets {
		if instant < piece.to {
			return piece.budget
		}
	}
	return l.targets[len(l.targets)-1].budget
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

func (l *Ledger) newTimeSlices(from int64) *timeSlices {
	s := &timeSlices{ledger: l, length: l.objective.TimeSliceWindow.Milliseconds()}
	s.first = from / s.length
	last := l.end / s.length
	s.before = make([]Counts, 1, max(1, last-s.first+1))
	var sum Counts
	for number := s.first; number < last; number++ {
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
		if edge := first * s.length; from < edge {
			counts.add(s.judge(from, edge))
		}
		counts.add(s.whole(first, last))
		if edge := last * s.length; edge < to {
			counts.add(s.judge(edge, to))
		}
	}
	scaled := s.ledger.scaled(from, to)
	counts.Measured, counts.InScope = scaled.Measured, scaled.InScope
	return counts
}

// whole is the sum over the slices numbered [first, last).
func (s *timeSlices) whole(first, last int64) Counts {
	first, last = s.place(first), s.place(last)
	a, b := s.before[first], s.before[last]
	return Counts{Total: b.Total - a.Total, Bad: b.Bad - a.Bad, Allowed: b.Allowed - a.Allowed}
}

func (s *timeSlices) place(number int64) int64 {
	return min(max(number-s.first, 0), int64(len(s.before)-1))
}
