package scope

import (
	"slices"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// SupportHours are the instants between from and to whose local wall clock is
// in a row of their weekday and whose day is no holiday. So an hour that the
// clock repeats counts twice, and one that it skips not at all.
func SupportHours(c *agreement.Calendar, from, to time.Time) Intervals {
	var hours []Interval
	last := agreement.DateOf(to.In(c.Zone))
	for date := agreement.DateOf(from.In(c.Zone)); !after(date, last); date = nextDay(date) {
		if IsHoliday(c, date) {
			continue
		}
		for _, row := range c.Weekly {
			if slices.Contains(row.Days, weekday(date)) {
				hours = append(hours, onWallClock(date, row.From, row.To, c.Zone)...)
			}
		}
	}
	whole := Union(Interval{From: from.UnixMilli(), To: to.UnixMilli()})
	return Union(hours...).Intersect(whole)
}

// onWallClock are the instants of the date at which the zone's wall clock is in
// [from, to): one span, or more on a day on which the clock is changed.
func onWallClock(date agreement.Date, from, to time.Duration, zone *time.Location) []Interval {
	var spans []Interval
	midnight := utc(date)
	end := nextDay(date).Midnight(zone)
	for start := date.Midnight(zone); start.Before(end); {
		_, offset := start.Zone()
		shift := time.Duration(offset) * time.Second
		until := end
		if _, change := start.ZoneBounds(); !change.IsZero() && change.Before(end) {
			until = change
		}
		spans = append(spans, Interval{
			From: max(start.UnixMilli(), midnight.Add(from-shift).UnixMilli()),
			To:   min(until.UnixMilli(), midnight.Add(to-shift).UnixMilli()),
		})
		start = until.In(zone)
	}
	return spans
}

// IsHoliday reports whether the calendar keeps no support hours on the date. A
// holiday that a country observes on another day counts on both.
func IsHoliday(c *agreement.Calendar, date agreement.Date) bool {
	_, is := holidayOn(c, date)
	return is
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
	last := agreement.DateOf(to.In(c.Zone))
	for date := agreement.DateOf(from.In(c.Zone)); !after(date, last); date = nextDay(date) {
		if name, is := holidayOn(c, date); is {
			holidays = append(holidays, Holiday{date, name})
		}
	}
	return holidays
}

// holidayOn is the name of the first holiday on the date.
func holidayOn(c *agreement.Calendar, date agreement.Date) (name string, is bool) {
	for _, holiday := range c.Holidays {
		switch {
		case holiday.Country != "":
			if name, is := nationalHolidayOn(holiday.Country, date); is {
				return name, true
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

func nationalHolidayOn(country string, date agreement.Date) (name string, is bool) {
	// A holiday at the turn of a year may be observed in the other one.
	for year := date.Year - 1; year <= date.Year+1; year++ {
		if name, is := nationalHolidayDates(country, year)[date]; is {
			return name, true
		}
	}
	return "", false
}

type countryYear struct {
	country string
	year    int
}

// holidayDates remembers what nationalHolidayDates found: Easter is dear to
// compute once for every day of a report.
var holidayDates sync.Map // countryYear -> map[agreement.Date]string

// nationalHolidayDates are the names of a country's holidays by their dates.
func nationalHolidayDates(country string, year int) map[agreement.Date]string {
	key := countryYear{country, year}
	if known, ok := holidayDates.Load(key); ok {
		return known.(map[agreement.Date]string)
	}
	dates := map[agreement.Date]string{}
	holidays, _ := NationalHolidays(country)
	for _, holiday := range holidays {
		actual, observed := holiday.Calc(year)
		dates[agreement.DateOf(observed)] = holiday.Name
		dates[agreement.DateOf(actual)] = holiday.Name
	}
	holidayDates.Store(key, dates)
	return dates
}

func utc(d agreement.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

func nextDay(d agreement.Date) agreement.Date { return agreement.DateOf(utc(d).AddDate(0, 0, 1)) }

func weekday(d agreement.Date) time.Weekday { return utc(d).Weekday() }

func after(d, other agreement.Date) bool { return utc(d).After(utc(other)) }
