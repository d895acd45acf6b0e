package scope

import (
	"cmp"
	"slices"
	"sort"
)

// Sets of time, in Unix milliseconds. An interval is open on the left and closed
// on the right, (From, To], as slots are: a sample on the edge of two slots
// belongs to the earlier one, and adjacent intervals neither overlap nor leave
// an instant out.

// Interval is the time (From, To].
type Interval struct{ From, To int64 }

// Length is the length in milliseconds.
func (i Interval) Length() int64 { return i.To - i.From }

// Intervals is a set of time: intervals in ascending order that neither overlap
// nor touch, none of them empty.
type Intervals []Interval

// Union makes a set of intervals in any order; overlapping and touching ones are
// joined, empty ones dropped.
func Union(intervals ...Interval) Intervals {
	sorted := append([]Interval{}, intervals...)
	slices.SortFunc(sorted, func(a, b Interval) int { return cmp.Compare(a.From, b.From) })
	set := sorted[:0]
	for _, interval := range sorted {
		if interval.From >= interval.To {
			continue
		}
		if last := len(set) - 1; last >= 0 && interval.From <= set[last].To {
			set[last].To = max(set[last].To, interval.To)
			continue
		}
		set = append(set, interval)
	}
	return Intervals(set)
}

// Union is the time in either set.
func (s Intervals) Union(other Intervals) Intervals {
	return Union(slices.Concat(s, other)...)
}

// Intersect is the time in both sets.
func (s Intervals) Intersect(other Intervals) Intervals {
	var both Intervals
	for i, j := 0, 0; i < len(s) && j < len(other); {
		from, to := max(s[i].From, other[j].From), min(s[i].To, other[j].To)
		if from < to {
			both = append(both, Interval{from, to})
		}
		if s[i].To < other[j].To {
			i++
		} else {
			j++
		}
	}
	return both
}

// Subtract is the time in s that is not in other.
func (s Intervals) Subtract(other Intervals) Intervals {
	var rest Intervals
	j := 0
	for _, interval := range s {
		from := interval.From
		for j < len(other) && other[j].To <= from {
			j++
		}
		for k := j; k < len(other) && other[k].From < interval.To; k++ {
			if other[k].From > from {
				rest = append(rest, Interval{from, other[k].From})
			}
			from = max(from, other[k].To)
		}
		if from < interval.To {
			rest = append(rest, Interval{from, interval.To})
		}
	}
	return rest
}

// Between numbers the intervals that reach into (from, to]: from first on and
// before end.
func (s Intervals) Between(from, to int64) (first, end int) {
	if from >= to {
		return 0, 0
	}
	first = sort.Search(len(s), func(i int) bool { return s[i].To > from })
	return first, first + sort.Search(len(s)-first, func(i int) bool { return s[first+i].From >= to })
}

// Length is the time in the set within (from, to], in milliseconds.
func (s Intervals) Length(from, to int64) int64 {
	var length int64
	first, end := s.Between(from, to)
	for _, interval := range s[first:end] {
		length += min(interval.To, to) - max(interval.From, from)
	}
	return length
}

// Back is the last instant from which the set holds length milliseconds, at
// least one, until t; limit where that would lie before it.
func (s Intervals) Back(t, length, limit int64) int64 {
	first := sort.Search(len(s), func(i int) bool { return s[i].From >= t })
	for i := first - 1; i >= 0 && s[i].To > limit; i-- {
		to := min(s[i].To, t)
		from := max(s[i].From, limit)
		if to-from >= length {
			return to - length
		}
		length -= to - from
	}
	return limit
}

// Ahead is the first instant at which the set holds length milliseconds, at
// least one, since t; ok is false when it never holds that many.
func (s Intervals) Ahead(t, length int64) (instant int64, ok bool) {
	for _, interval := range s {
		from := max(interval.From, t)
		held := max(0, interval.To-from)
		if held >= length {
			return from + length, true
		}
		length -= held
	}
	return 0, false
}
