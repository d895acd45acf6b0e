package budget

import (
	"github.com/accord-sla/accord/pkg/agreement"
)

// timeSlices are the slices of a Timeslices or RatioTimeslices objective, each
// judged once, as prefix sums (measurement.md, §5). Only the slices that a
// window's edge cuts are judged anew, by the part inside.
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
