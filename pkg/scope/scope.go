// Package scope says which time counts: the effective period of an agreement,
// less what lies outside its support hours, less exclusions in effect
// (measurement.md, §3). It turns dates, wall clocks and recurrences into sets
// of instants; it knows no counts and no targets.
//
// A slot's weight is never stored: it is the slot's share of the set, and sums
// over slots are cut at the set's edges.
package scope

import (
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Scope is the time that counts.
type Scope struct {
	// In is the time in scope.
	In Intervals
	// CountAsGood is the part of In whose bad does not count (an exclusion of
	// mode good).
	CountAsGood Intervals
}

// Raw is the scope in which everything counts.
func Raw(from, to time.Time) Scope { return Scope{In: between(from, to)} }

// Of is the agreement's scope between from and to. The error is that of an
// exclusion's recurrence that cannot be read.
func Of(a *agreement.Agreement, from, to time.Time) (Scope, error) {
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
	var excluded, good []Interval
	for _, exclusion := range a.Exclusions {
		if !exclusion.HasEffectIn(a) {
			continue
		}
		occurrences, err := Occurrences(exclusion, from, to)
		if err != nil {
			return Scope{}, fmt.Errorf("exclusion %s: %w", exclusion.Name, err)
		}
		if exclusion.Mode == agreement.CountAsGood {
			good = append(good, occurrences...)
		} else {
			excluded = append(excluded, occurrences...)
		}
	}
	in = in.Subtract(Union(excluded...))
	return Scope{In: in, CountAsGood: in.Intersect(Union(good...))}, nil
}

// between is the whole time (from, to].
func between(from, to time.Time) Intervals {
	return Union(Interval{From: from.UnixMilli(), To: to.UnixMilli()})
}

// Occurrences are the intervals of an exclusion that reach into the time between
// from and to, uncut. Each has the elapsed length of the first.
func Occurrences(x *agreement.Exclusion, from, to time.Time) ([]Interval, error) {
	first := Interval{From: x.From.UnixMilli(), To: x.To.UnixMilli()}
	var occurrences []Interval
	add := func(start int64) (more bool) {
		if end := start + first.Length(); end > from.UnixMilli() && start < to.UnixMilli() {
			occurrences = append(occurrences, Interval{From: start, To: end})
		}
		return start < to.UnixMilli()
	}
	if !add(first.From) || x.Recurrence == "" {
		return occurrences, nil
	}
	rule, err := recurrence(x)
	if err != nil {
		return nil, err
	}
	next := rule.Iterator()
	for wall, ok := next(); ok; wall, ok = next() {
		start := OnWallClock(wall, x.Zone).UnixMilli()
		if start != first.From && !add(start) {
			break
		}
	}
	return occurrences, nil
}

// recurrence is the exclusion's rule over wall clocks: times of a zone written
// as if they were UTC, so that a clock change can neither move an occurrence
// nor be resolved in a way that is not ours.
func recurrence(x *agreement.Exclusion) (*rrule.RRule, error) {
	option, err := rrule.StrToROption(x.Recurrence)
	if err != nil {
		return nil, fmt.Errorf("recurrence %q: %w", x.Recurrence, err)
	}
	option.Dtstart = wallClock(x.From.In(x.Zone))
	if !option.Until.IsZero() {
		option.Until = wallClock(option.Until.In(x.Zone))
	}
	return rrule.NewRRule(*option)
}

// wallClock is what the clock shows at t, written as UTC.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// OnWallClock is the instant at which the zone's clock shows wall, a time
// written as UTC. A wall clock that does not exist takes the offset before the
// gap (02:30 becomes 03:30); one that exists twice is the first.
func OnWallClock(wall time.Time, zone *time.Location) time.Time {
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	// No zone changes twice within two days.
	before, after := offset(wall.Add(-24*time.Hour)), offset(wall.Add(24*time.Hour))
	early, late := wall.Add(-before), wall.Add(-after)
	if offset(early) != before && offset(late) == after {
		return late
	}
	return early
}

// SupportHours are the instants between from and to whose local wall clock is
// in a row of their weekday and whose day is no holiday. So an hour that the
// clock repeats counts twice, and one that it skips not at all.
func SupportHours(c *agreement.Calendar, from, to time.Time) Intervals {
	var hours []Interval
	for date := range days(c.Zone, from, to) {
		if _, is := holidayOn(c, date); is {
			continue
		}
		for _, row := range c.Weekly {
			if slices.Contains(row.Days, utc(date).Weekday()) {
				hours = append(hours, onWallClock(date, row.From, row.To, c.Zone)...)
			}
		}
	}
	return Union(hours...).Intersect(between(from, to))
}

// days are the dates in the zone on which from and to lie and those between.
func days(zone *time.Location, from, to time.Time) iter.Seq[agreement.Date] {
	return func(yield func(agreement.Date) bool) {
		last := utc(agreement.DateOf(to.In(zone)))
		for day := utc(agreement.DateOf(from.In(zone))); !day.After(last); day = day.AddDate(0, 0, 1) {
			if !yield(agreement.DateOf(day)) {
				return
			}
		}
	}
}

func utc(d agreement.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// onWallClock are the instants of the date at which the zone's wall clock is in
// [from, to): one interval, or more on a day on which the clock is changed.
func onWallClock(date agreement.Date, from, to time.Duration, zone *time.Location) []Interval {
	var intervals []Interval
	midnight := utc(date)
	end := agreement.DateOf(midnight.AddDate(0, 0, 1)).Midnight(zone)
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

// Holiday is a day without support hours.
type Holiday struct {
	Date agreement.Date
	// Name is empty where the calendar gives the day none.
	Name string
}

// Holidays are those on the days that from and to lie on and between, in the
// calendar's zone. A day outside of all weekly rows counts, too.
func Holidays(c *agreement.Calendar, from, to time.Time) []Holiday {
	var holidays []Holiday
	for date := range days(c.Zone, from, to) {
		if name, is := holidayOn(c, date); is {
			holidays = append(holidays, Holiday{date, name})
		}
	}
	return holidays
}

// holidayOn is the name of the first holiday on the date. A holiday that a
// country observes on another day counts on both.
func holidayOn(c *agreement.Calendar, date agreement.Date) (name string, is bool) {
	for _, holiday := range c.Holidays {
		switch {
		case holiday.Country != "":
			// A holiday at the turn of a year may be observed in the other one.
			for year := date.Year - 1; year <= date.Year+1; year++ {
				if name, is := nationalHolidayDates(holiday.Country, year)[date]; is {
					return name, true
				}
			}
		case holiday.Yearly.Day != 0:
			if holiday.Yearly == (agreement.MonthDay{Month: date.Month, Day: date.Day}) {
				return holiday.Name, true
			}
		case holiday.On == date:
			return holiday.Name, true
		}
	}
	return "", false
}

type countryYear struct {
	country string
	year    int
}

// holidayDates caches nationalHolidayDates: Easter is expensive to compute
// once for every day of a report.
var holidayDates sync.Map // countryYear -> map[agreement.Date]string

// nationalHolidayDates are the names of a country's holidays by their dates.
func nationalHolidayDates(country string, year int) map[agreement.Date]string {
	key := countryYear{country, year}
	if known, ok := holidayDates.Load(key); ok {
		return known.(map[agreement.Date]string)
	}
	dates := map[agreement.Date]string{}
	for _, holiday := range nationalHolidays[country] {
		actual, observed := holiday.Calc(year)
		dates[agreement.DateOf(observed)] = holiday.Name
		dates[agreement.DateOf(actual)] = holiday.Name
	}
	holidayDates.Store(key, dates)
	return dates
}
