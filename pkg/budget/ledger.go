// Package budget computes compliance, error budget, burn rates, forecasts, alerts
// and incidents from slots and scope. All formulas are those of docs/figures.md,
// cited where they are used.
//
// It is pure: no I/O, no clock, no documents beyond the resolved objective. A
// [Ledger] returns what was counted in scope between two instants; everything
// else divides and compares such counts.
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

// Counts is what was counted over a stretch of time, in scope.
type Counts struct {
	// Total and Bad of Sum are events, or seconds for a time-based SLI, or slices for a
	// budgeting method that judges slices.
	slots.Sum
	// Allowed is the error budget of Total: Σ total · (1 − target in force).
	Allowed float64
	InScope float64 // seconds
}

func (c *Counts) add(other Counts, weight float64) {
	c.Sum.Add(other.Sum, weight)
	c.Allowed += weight * other.Allowed
	c.InScope += weight * other.InScope
}

// Ledger counts one group of an objective in one scope.
type Ledger struct {
	objective *agreement.Objective
	view      slots.View
	targets   []targetPiece
	// in is the time in scope, good the part of it whose bad does not count.
	in, good stretches
	// begin is the start of the first slot, end the last instant of which anything is
	// known, in Unix milliseconds.
	begin, end int64
	// unknownFrom is the instant from which unmeasured time counts as unknown: before
	// the first sample of a group it does not.
	unknownFrom int64
	// unit is the length of a slot, or of a slice if slices are judged, in milliseconds.
	unit int64
	// judged[i] is the sum over the first i slices, starting at number firstSlice
	// (docs/figures.md, «Compliance and budget»). Each slice is judged once; only one that a window's edge
	// cuts is judged again, by the part inside. Measured and InScope are not set, they
	// come from the slots. judged is nil for Occurrences.
	judged     []Counts
	firstSlice int64
}

// Reading is the input of a ledger.
type Reading struct {
	Objective *agreement.Objective
	Slots     slots.View
	Scope     scope.Scope
	// From and At bound the slots that were read.
	From, At time.Time
	// Grouped says that this is one of the groups of an objective with groupBy.
	Grouped bool
}

// NewLedger returns the ledger of a reading. It is incomplete if ctx is done before
// NewLedger returns, which the caller must check.
func NewLedger(ctx context.Context, reading Reading) *Ledger {
	l := &Ledger{
		objective: reading.Objective, view: reading.Slots, unit: reading.Slots.Series.Resolution(),
		end: reading.At.UnixMilli(), unknownFrom: math.MinInt64,
	}
	l.begin = slots.Floor(reading.From.UnixMilli(), l.unit)
	l.in, l.good = l.stretches(reading.Scope.In), l.stretches(reading.Scope.CountAsGood)
	if l.timeBased() {
		// A minute that has not ended does not count as unknown.
		l.end -= l.end % time.Minute.Milliseconds()
	}
	if reading.Grouped {
		l.unknownFrom = l.dueFrom(reading.From.UnixMilli())
	}
	judges := l.objective.Budgeting != agreement.Occurrences
	if judges {
		l.unit = l.objective.TimeSliceWindow.Milliseconds()
	}
	l.targets = targetPieces(l.objective, l.unit)
	if judges {
		l.judgeSlices(ctx, reading.From.UnixMilli())
	}
	return l
}

// dueFrom returns when a group's unknown time begins: with the slot of its first sample,
// or after that slot for a time-based SLI, since the time before the sample is not unknown.
func (l *Ledger) dueFrom(from int64) int64 {
	first, ok := l.view.FirstMeasured(from)
	switch {
	case !ok:
		return math.MaxInt64 // no samples, so nothing is unknown
	case l.timeBased():
		return first + l.view.Series.Resolution()
	}
	return first
}

func (l *Ledger) timeBased() bool { return l.objective.SLI.Kind.TimeBased() }

// Count returns what was counted in (from, to], in Unix milliseconds.
func (l *Ledger) Count(from, to int64) Counts {
	to = min(to, l.end)
	switch {
	case from >= to:
		return Counts{}
	case l.judged != nil:
		return l.slices(from, to)
	}
	return l.occurrences(from, to)
}

// occurrences counts events or seconds. A slot is judged by the target in force at
// its start.
func (l *Ledger) occurrences(from, to int64) (counts Counts) {
	for _, piece := range l.targets {
		if begin, end := max(from, piece.from), min(to, piece.to); begin < end {
			part := l.scaled(begin, end)
			part.Allowed = part.Total * piece.budget
			counts.add(part, 1)
		}
	}
	return counts
}

// scaled returns the sum of the slots' counts, weighted by their part in scope, with
// unknown seconds counted as the no-data policy says. Allowed is not set.
func (l *Ledger) scaled(from, to int64) Counts {
	counts := l.sum(l.in, from, to)
	counts.Bad -= l.sum(l.good, from, to).Bad
	if l.timeBased() && l.objective.NoData != agreement.NoDataIgnore {
		// The time in scope in which nothing was measured.
		due := l.sum(l.in, max(from, l.unknownFrom), to)
		unknown := max(0, due.InScope-due.Measured)
		counts.Total += unknown
		if l.objective.NoData == agreement.NoDataBad {
			counts.Bad += unknown
		}
	}
	return counts
}

// stretches is a set of time with the sum over all intervals before each one, so that
// a query need not visit every interval.
type stretches struct {
	scope.Intervals
	before []Counts
}

func (l *Ledger) stretches(set scope.Intervals) stretches {
	before := make([]Counts, len(set))
	for i := 1; i < len(set); i++ {
		before[i] = before[i-1]
		before[i].add(l.whole(set[i-1].From, set[i-1].To), 1)
	}
	return stretches{set, before}
}

// sum returns what the slots hold in the part of the set within (from, to].
func (l *Ledger) sum(of stretches, from, to int64) (counts Counts) {
	first, end := of.Between(from, to)
	if first == end {
		return counts
	}
	last := end - 1
	counts = l.whole(max(of.Intervals[first].From, from), min(of.Intervals[first].To, to))
	if first < last {
		between := of.before[last]
		between.add(of.before[first+1], -1)
		counts.add(between, 1)
		counts.add(l.whole(of.Intervals[last].From, min(of.Intervals[last].To, to)), 1)
	}
	return counts
}

// whole returns what the slots hold in (from, to], as if all of it were in scope.
func (l *Ledger) whole(from, to int64) Counts {
	return Counts{Sum: l.view.Sum(from, to), InScope: float64(to-from) / 1000}
}

// targetPiece is a stretch of time with one target in force.
type targetPiece struct {
	from, to int64 // Unix milliseconds, at edges of slots (or slices)
	target   float64
	budget   float64 // 1 − target
}

// targetPieces returns the targets over all time. A slot is judged by the target in
// force at its start, so a revision takes effect at the next edge.
func targetPieces(o *agreement.Objective, unit int64) (pieces []targetPiece) {
	from, target := int64(math.MinInt64), o.Target
	for _, revision := range o.Revisions {
		edge := (revision.From.UnixMilli() + unit - 1) / unit * unit
		pieces = append(pieces, targetPiece{from, edge, target, agreement.BudgetRatio(target)})
		from, target = edge, revision.Target
	}
	return append(pieces, targetPiece{from, math.MaxInt64, target, agreement.BudgetRatio(target)})
}

// targetAt returns the target of the slot that ends at or holds the instant.
func (l *Ledger) targetAt(at int64) float64 {
	return l.objective.TargetOfSlot(instant(at), milliseconds(l.view.Series.Resolution()))
}

// budgetAt returns 1 − target for the slot that begins at the instant.
func (l *Ledger) budgetAt(instant int64) float64 {
	inForce := slices.IndexFunc(l.targets, func(piece targetPiece) bool { return instant < piece.to })
	return l.targets[inForce].budget
}

func (l *Ledger) judgeSlices(ctx context.Context, from int64) {
	var sum Counts
	l.firstSlice, l.judged = from/l.unit, []Counts{{}}
	for begin := l.firstSlice * l.unit; begin+l.unit <= l.end && ctx.Err() == nil; begin += l.unit {
		sum.add(l.judgeSlice(begin, begin+l.unit), 1)
		l.judged = append(l.judged, sum)
	}
}

// judgeSlice judges the slice, or the part of one slice, between two instants.
func (l *Ledger) judgeSlice(from, to int64) (judged Counts) {
	scaled := l.scaled(from, to)
	weight := scaled.InScope * 1000 / float64(l.unit)
	switch {
	case weight == 0:
		return judged
	case scaled.Total <= 0:
		if l.objective.NoData == agreement.NoDataIgnore || to <= l.unknownFrom {
			return judged
		}
		if l.objective.NoData == agreement.NoDataBad {
			judged.Bad = weight
		}
	case l.objective.Budgeting == agreement.RatioTimeslices:
		judged.Bad = weight * scaled.Bad / scaled.Total
	case Exceeds(scaled.Bad, scaled.Total*agreement.BudgetRatio(l.objective.TimeSliceTarget)):
		judged.Bad = weight
	}
	judged.Total, judged.Allowed = weight, weight*l.budgetAt(from-from%l.unit)
	return judged
}

func (l *Ledger) slices(from, to int64) (counts Counts) {
	first, last := (from+l.unit-1)/l.unit, to/l.unit
	if first > last {
		counts = l.judgeSlice(from, to)
	} else {
		whole := l.judged[l.place(last)]
		whole.add(l.judged[l.place(first)], -1)
		counts.add(l.judgeSlice(from, first*l.unit), 1)
		counts.add(whole, 1)
		counts.add(l.judgeSlice(last*l.unit, to), 1)
	}
	scaled := l.scaled(from, to)
	counts.Measured, counts.InScope = scaled.Measured, scaled.InScope
	return counts
}

// place returns how many of the judged slices precede the one with the number.
func (l *Ledger) place(number int64) int64 {
	return min(max(number-l.firstSlice, 0), int64(len(l.judged)-1))
}
