package openslo

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// window returns the only window of an SLO's timeWindow list: zero if there is none,
// or, with an error, if it cannot be measured.
func window(d *document.Document, windows []TimeWindow) (none agreement.Window) {
	const field = "spec.timeWindow"
	if len(windows) != 1 {
		if len(windows) > 1 {
			d.Errorf(field, "must hold exactly one window, got %d", len(windows))
		}
		return none
	}
	w, at := windows[0], field+"[0]"
	rolling := w.IsRolling != nil && *w.IsRolling
	switch {
	case !d.Required(at+".duration", w.Duration):
	case rolling && w.Calendar != nil:
		d.Errorf(at+".calendar", "a rolling window has no calendar; set isRolling: false or drop it")
	case rolling:
		window, _ := rollingWindow(d, at+".duration", w.Duration, "1M with a calendar, or 30d")
		return window
	case w.Calendar != nil:
		return calendarWindow(d, at, w)
	default:
		d.Errorf(at, "needs isRolling: true, or a calendar with startTime and timeZone")
	}
	return none
}

// RollingWindow parses the length of a rolling window, 1h to 400d.
func RollingWindow(d *document.Document, field, value string) (agreement.Window, bool) {
	return rollingWindow(d, field, value, "{calendar: month}, or 30d")
}

func rollingWindow(d *document.Document, field, value, month string) (none agreement.Window, ok bool) {
	n, unit := shorthand(value)
	if isCalendarUnit(unit) {
		d.Errorf(field, "a rolling window of %d%c has no fixed length: write it in days, or take a calendar window", n, unit)
		return none, false
	}
	length, ok := d.Duration(field, value)
	if ok && agreement.CheckRolling(length) != nil {
		d.Errorf(field, "must be from 1h to 400d, got %s%s", value, minutesForMonths(value, month))
		ok = false
	}
	if !ok {
		return none, false
	}
	return agreement.Window{Rolling: length}, true
}

// minutesForMonths explains a number of minutes that most likely means months.
func minutesForMonths(value, month string) string {
	switch n, unit := shorthand(value); {
	case unit != 'm':
		return ""
	case n == 1:
		return " (1m is one minute; a month is " + month + ")"
	}
	return " (" + value + " is minutes; a month is " + month + ")"
}

// shorthand splits a duration of one number and one unit. It returns zeros for any other text.
func shorthand(value string) (n int, unit byte) {
	if len(value) < 2 || len(value) > 6 {
		return 0, 0
	}
	n, err := strconv.Atoi(value[:len(value)-1])
	unit = value[len(value)-1]
	if err != nil || n < 0 || strings.IndexByte("mhdwMQY", unit) < 0 {
		return 0, 0
	}
	return n, unit
}

func isCalendarUnit(unit byte) bool { return unit == 'M' || unit == 'Q' || unit == 'Y' }

// calendarPeriod has the duration that OpenSLO writes for a unit, when it begins, and an example.
type calendarPeriod struct {
	duration      string
	unit          agreement.CalendarUnit
	begins, start string
}

var calendarWindows = []calendarPeriod{
	{"1d", agreement.Day, "at 00:00:00", "2026-01-01 00:00:00"},
	{"1w", agreement.Week, "on a Monday at 00:00:00", "2026-01-05 00:00:00"},
	{"1M", agreement.Month, "on the 1st at 00:00:00", "2026-01-01 00:00:00"},
	{"1Q", agreement.Quarter, "on 1 January, April, July or October at 00:00:00", "2026-01-01 00:00:00"},
	{"1Y", agreement.Year, "on 1 January at 00:00:00", "2026-01-01 00:00:00"},
}

// NewTimeWindow returns the window as OpenSLO writes it.
func NewTimeWindow(of agreement.Window) TimeWindow {
	for _, known := range calendarWindows {
		if known.unit == of.Calendar {
			calendar := &Calendar{StartTime: known.start, TimeZone: cmp.Or(of.Zone, time.UTC).String()}
			return TimeWindow{Duration: known.duration, IsRolling: new(false), Calendar: calendar}
		}
	}
	return TimeWindow{Duration: agreement.FormatDuration(of.Rolling), IsRolling: new(true)}
}

func calendarWindow(d *document.Document, field string, w TimeWindow) (none agreement.Window) {
	i := slices.IndexFunc(calendarWindows, func(p calendarPeriod) bool { return p.duration == w.Duration })
	if i < 0 {
		d.Errorf(field+".duration", "a calendar window must be 1d, 1w, 1M, 1Q or 1Y, got %q%s",
			w.Duration, minutesForMonths(w.Duration, "1M"))
		return none
	}
	zoneField, startField := field+".calendar.timeZone", field+".calendar.startTime"
	if !d.Required(zoneField, w.Calendar.TimeZone) || !d.Required(startField, w.Calendar.StartTime) {
		return none
	}
	zone := d.Zone(zoneField, w.Calendar.TimeZone, nil)
	if zone == nil {
		return none
	}
	start, ok := startTime(w.Calendar.StartTime)
	known := calendarWindows[i]
	if !ok {
		d.Errorf(startField, "%q is no date and time without zone: it is written as 2026-01-01 00:00:00", w.Calendar.StartTime)
		return none
	}
	// A period excludes its start, which belongs to the period before.
	if from, _ := (agreement.Window{Calendar: known.unit}).At(start.Add(time.Second)); !from.Equal(start) {
		d.Errorf(startField, "a window of %s begins %s, not at %s", w.Duration, known.begins, start.Format(time.DateTime))
		return none
	}
	return agreement.Window{Calendar: known.unit, Zone: zone}
}

func startTime(value string) (time.Time, bool) {
	for _, layout := range []string{time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, value); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
