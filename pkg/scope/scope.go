// Package scope determines which time counts: the effective period of an
// agreement, within its support hours, less the exclusions in effect
// (docs/documents.md, «Keep office hours», «Exclude time»). It turns dates, wall
// clocks and recurrences into sets of instants; it knows no counts and no targets.
//
// A slot's weight is never stored: it is the slot's share of the set, and sums
// over slots are cut at the set's edges.
package scope

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
)

// Scope is the time that counts.
type Scope struct {
	// In is the time in scope.
	In Intervals
	// CountAsGood is the part of In whose bad does not count.
	CountAsGood Intervals
}

// Raw returns the scope in which all time counts.
func Raw(from, to time.Time) Scope { return Scope{In: between(from, to)} }

// Of returns the agreement's scope between from and to. The error is that of [Occurrences].
func Of(ctx context.Context, a *agreement.Agreement, from, to time.Time) (Scope, error) {
	in := between(from, to)
	if a.Effective.From.After(from) {
		in = between(a.Effective.From, to)
	}
	if until := a.Effective.Until; !until.IsZero() {
		in = in.Intersect(between(from, until))
	}
	if a.SupportHours != nil {
		in = in.Intersect(SupportHours(a.SupportHours, from, to))
	}
	inEffect := a.ExclusionsInEffect()
	occurrences, err := Occurrences(ctx, inEffect, from, to)
	if err != nil {
		return Scope{}, err
	}
	var excluded, good []Interval
	for i, x := range inEffect {
		if x.Mode == agreement.CountAsGood {
			good = append(good, occurrences[i]...)
		} else {
			excluded = append(excluded, occurrences[i]...)
		}
	}
	in = in.Subtract(Union(excluded...))
	return Scope{In: in, CountAsGood: in.Intersect(Union(good...))}, nil
}

// between returns the whole time (from, to].
func between(from, to time.Time) Intervals {
	return Union(Interval{From: from.UnixMilli(), To: to.UnixMilli()})
}

// SupportHours returns the instants between from and to at which the local wall clock is
// in a row of the weekday and the day is no holiday. So an hour that the clock repeats
// counts twice, and one that it skips not at all.
func SupportHours(c *agreement.Calendar, from, to time.Time) Intervals {
	var hours []Interval
	holidays := namesByDate(c, from, to)
	for date := range days(c.Zone, from, to) {
		if _, is := holidays[date]; is {
			continue
		}
		for _, row := range c.Weekly {
			if slices.Contains(row.Days, date.UTC().Weekday()) {
				hours = append(hours, onWallClock(date, row.From, row.To, c.Zone)...)
			}
		}
	}
	return Union(hours...).Intersect(between(from, to))
}

// days yields the dates in the zone from that of from to that of to.
func days(zone *time.Location, from, to time.Time) iter.Seq[agreement.Date] {
	return agreement.DateOf(from.In(zone)).Until(agreement.DateOf(to.In(zone)).Next())
}

// onWallClock returns the instants of the date at which the zone's wall clock is in
// [from, to): one interval, or more on a day on which the clock changes.
func onWallClock(date agreement.Date, from, to time.Duration, zone *time.Location) []Interval {
	var intervals []Interval
	midnight := date.UTC()
	end := date.Next().Midnight(zone)
	for start := date.Midnight(zone); start.Before(end); {
		_, offset := start.Zone()
		shift := time.Duration(offset) * time.Second
		until := end
		if _, change := start.ZoneBounds(); !change.IsZero() && change.Before(end) {
			until = change
		}
		intervals = append(intervals, Interval{
			From: max(start.UnixMilli(), midnight.Add(from-shift).UnixMilli()),
			To:   min(until.UnixMilli(), midnight.Add(to-shift).UnixMilli()),
		})
		start = until.In(zone)
	}
	return intervals
}

// Holidays yields the holidays from the day of from to that of to, in the calendar's zone,
// on any day of the week, with their names, which may be empty.
func Holidays(c *agreement.Calendar, from, to time.Time) iter.Seq2[agreement.Date, string] {
	names := namesByDate(c, from, to)
	return func(yield func(agreement.Date, string) bool) {
		for date := range days(c.Zone, from, to) {
			if name, is := names[date]; is && !yield(date, name) {
				return
			}
		}
	}
}

// namesByDate returns the names of the calendar's holidays by date, in all years from
// that of from to that of to. The first holiday in the calendar names a date; one that
// a country observes on another day counts on both.
func namesByDate(c *agreement.Calendar, from, to time.Time) map[agreement.Date]string {
	names := map[agreement.Date]string{}
	first, last := from.In(c.Zone).Year(), to.In(c.Zone).Year()
	for _, holiday := range slices.Backward(c.Holidays) {
		switch {
		case holiday.Country != "":
			// A holiday at the turn of a year may be observed in the other one.
			for year := last + 1; year >= first-1; year-- {
				maps.Copy(names, nationalHolidayDates(holiday.Country, year))
			}
		case holiday.Yearly.Day != 0:
			for year := first; year <= last; year++ {
				names[agreement.Date{Year: year, Month: holiday.Yearly.Month, Day: holiday.Yearly.Day}] = holiday.Name
			}
		default:
			names[holiday.On] = holiday.Name
		}
	}
	return names
}

type countryYear struct {
	country string
	year    int
}

// holidayDates is a cache: Easter is expensive to compute.
var holidayDates = parallel.Memo[countryYear, map[agreement.Date]string]{Max: 100_000}

// nationalHolidayDates returns the names of a country's holidays by date.
func nationalHolidayDates(country string, year int) map[agreement.Date]string {
	return holidayDates.Get(countryYear{country, year}, func() (map[agreement.Date]string, int) {
		dates := map[agreement.Date]string{}
		for _, holiday := range nationalHolidays[country] {
			actual, observed := holiday.Calc(year)
			dates[agreement.DateOf(observed)] = holiday.Name
			dates[agreement.DateOf(actual)] = holiday.Name
		}
		return dates, 1 + len(dates)
	})
}

// Sets of time, in Unix milliseconds. An interval is open on the left and closed
// on the right, (From, To], as slots are: a sample on the edge of two slots
// belongs to the earlier one, and adjacent intervals neither overlap nor leave
// an instant out.

// Interval is the time (From, To].
type Interval struct{ From, To int64 }

// Length returns the length in milliseconds.
func (i Interval) Length() int64 { return i.To - i.From }

// Intervals is a set of time: ascending, none empty, and none overlaps or touches another.
type Intervals []Interval

// Union makes a set of any intervals: it joins those that overlap or touch, and drops empty ones.
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

// Steps returns those of n consecutive steps, from on and each of the given length, that hold.
func Steps(from, length int64, n int, holds func(i int) bool) Intervals {
	var steps []Interval
	for i := range n {
		if at := from + int64(i)*length; holds(i) {
			steps = append(steps, Interval{at, at + length})
		}
	}
	return Union(steps...)
}

// Union returns the time in either set.
func (s Intervals) Union(other Intervals) Intervals {
	return Union(slices.Concat(s, other)...)
}

// Intersect returns the time in both sets.
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

// Subtract returns the time in s that is not in other.
func (s Intervals) Subtract(other Intervals) Intervals {
	around, from := make(Intervals, 0, len(other)+1), int64(math.MinInt64)
	for _, gone := range other {
		around = append(around, Interval{from, gone.From})
		from = gone.To
	}
	return s.Intersect(append(around, Interval{from, math.MaxInt64}))
}

// Between returns the range of the intervals that overlap (from, to]: s[first:end].
func (s Intervals) Between(from, to int64) (first, end int) {
	if from >= to {
		return 0, 0
	}
	first = sort.Search(len(s), func(i int) bool { return s[i].To > from })
	return first, first + sort.Search(len(s)-first, func(i int) bool { return s[first+i].From >= to })
}

// Length returns the time in the set within (from, to], in milliseconds.
func (s Intervals) Length(from, to int64) int64 {
	var length int64
	first, end := s.Between(from, to)
	for _, interval := range s[first:end] {
		length += min(interval.To, to) - max(interval.From, from)
	}
	return length
}

// Back returns the last instant since which the set holds length milliseconds up to t, or
// limit if that is later. length must be at least 1.
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

// Ahead returns the first instant by which the set holds length milliseconds since t; ok
// is false if it never does. length must be at least 1.
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
