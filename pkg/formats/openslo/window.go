package openslo

import (
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Window is the one window of an SLO's timeWindow list. ok is false when
// there is none, or none that can be measured, which is then said.
func Window(d *document.Document, windows []TimeWindow) (window agreement.Window, ok bool) {
	const field = "spec.timeWindow"
	switch len(windows) {
	case 0:
		return window, false
	case 1:
	default:
		d.Errorf(field, "must hold exactly one window, got %d", len(windows))
		return window, false
	}
	w, at := windows[0], field+"[0]"
	rolling := w.IsRolling != nil && *w.IsRolling
	switch {
	case !d.Required(at+".duration", w.Duration):
	case rolling && w.Calendar != nil:
		d.Errorf(at+".calendar", "a rolling window has no calendar; set isRolling: false or drop it")
	case rolling:
		return rollingWindow(d, at+".duration", w.Duration, "1M with a calendar, or 30d")
	case w.Calendar != nil:
		return calendarWindow(d, at, w)
	default:
		d.Errorf(at, "needs isRolling: true, or a calendar with startTime and timeZone")
	}
	return window, false
}

// RollingWindow reads the length of a rolling window, 1h to 400d.
func RollingWindow(d *document.Document, field, value string) (agreement.Window, bool) {
	return rollingWindow(d, field, value, "{calendar: month}, or 30d")
}

func rollingWindow(d *document.Document, field, value, month string) (agreement.Window, bool) {
	var none agreement.Window
	if n, unit, ok := shorthand(value); ok && isCalendarUnit(unit) {
		d.Errorf(field, "a rolling window of %d%c has no fixed length: write it in days, or take a calendar window", n, unit)
		return none, false
	}
	length, ok := d.Duration(field, value)
	if !ok {
		return none, false
	}
	if length < agreement.MinRolling || length > agreement.MaxRolling {
		d.Errorf(field, "must be from 1h to 400d, got %s%s", value, minutesForMonths(value, month))
		return none, false
	}
	return agreement.Window{Rolling: length}, true
}

// minutesForMonths is said where a month was most likely meant.
func minutesForMonths(value, month string) string {
	n, unit, ok := shorthand(value)
	switch {
	case !ok || unit != 'm':
		return ""
	case n == 1:
		return " (1m is one minute; a month is " + month + ")"
	}
	return " (" + value + " is minutes; a month is " + month + ")"
}

// shorthand splits a duration of one number and one unit.
func shorthand(value string) (n int, unit byte, ok bool) {
	if len(value) < 2 || len(value) > 6 {
		return 0, 0, false
	}
	n, err := strconv.Atoi(value[:len(value)-1])
	unit = value[len(value)-1]
	return n, unit, err == nil && n >= 0 && strings.IndexByte("mhdwMQY", unit) >= 0
}

func isCalendarUnit(unit byte) bool { return unit == 'M' || unit == 'Q' || unit == 'Y' }

// calendarUnits are the periods that a calendar window may have.
var calendarUnits = map[string]agreement.CalendarUnit{
	"1d": agreement.Day, "1w": agreement.Week, "1M": agreement.Month, "1Q": agreement.Quarter, "1Y": agreement.Year,
}

func calendarWindow(d *document.Document, field string, w TimeWindow) (agreement.Window, bool) {
	window := agreement.Window{Calendar: calendarUnits[w.Duration]}
	if window.Calendar == "" {
		d.Errorf(field+".duration", "a calendar window must be 1d, 1w, 1M, 1Q or 1Y, got %q%s",
			w.Duration, minutesForMonths(w.Duration, "1M"))
		return window, false
	}
	zoneField, startField := field+".calendar.timeZone", field+".calendar.startTime"
	if !d.Required(zoneField, w.Calendar.TimeZone) || !d.Required(startField, w.Calendar.StartTime) {
		return window, false
	}
	if window.Zone = d.Zone(zoneField, w.Calendar.TimeZone, nil); window.Zone == nil {
		return window, false
	}
	start, ok := startTime(w.Calendar.StartTime)
	if !ok {
		d.Errorf(startField, "%q is no date and time without zone: it is written as 2026-01-01 00:00:00", w.Calendar.StartTime)
		return window, false
	}
	if begins := periodStart(window.Calendar); !begins.is(start) {
		d.Errorf(startField, "a window of %s begins %s, not at %s", w.Duration, begins.words, start.Format(time.DateTime))
		return window, false
	}
	return window, true
}

func startTime(value string) (time.Time, bool) {
	for _, layout := range []string{time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, value); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// anchor is where the periods of a unit begin.
type anchor struct {
	words string
	on    func(time.Time) bool
}

func (a anchor) is(start time.Time) bool {
	return start.Equal(start.Truncate(24*time.Hour)) && a.on(start)
}

func periodStart(unit agreement.CalendarUnit) anchor {
	switch unit {
	case agreement.Week:
		return anchor{"on a Monday at 00:00:00", func(t time.Time) bool { return t.Weekday() == time.Monday }}
	case agreement.Month:
		return anchor{"on the 1st at 00:00:00", func(t time.Time) bool { return t.Day() == 1 }}
	case agreement.Quarter:
		return anchor{"on 1 January, April, July or October at 00:00:00",
			func(t time.Time) bool { return t.Day() == 1 && (t.Month()-1)%3 == 0 }}
	case agreement.Year:
		return anchor{"on 1 January at 00:00:00", func(t time.Time) bool { return t.YearDay() == 1 }}
	}
	return anchor{"at 00:00:00", func(time.Time) bool { return true }}
}
