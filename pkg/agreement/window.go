package agreement

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// CalendarUnit is the length of a calendar window.
type CalendarUnit string

// The calendar windows. A week is an ISO week, from Monday.
const (
	Day     CalendarUnit = "day"
	Week    CalendarUnit = "week"
	Month   CalendarUnit = "month"
	Quarter CalendarUnit = "quarter"
	Year    CalendarUnit = "year"
)

// steps are the years, months and days of each unit.
var steps = map[CalendarUnit][3]int{
	Day: {0, 0, 1}, Week: {0, 0, 7}, Month: {0, 1, 0}, Quarter: {0, 3, 0}, Year: {1, 0, 0},
}

// Window is the time over which a target applies: either Rolling, or a Calendar unit in Zone.
type Window struct {
	Rolling  time.Duration
	Calendar CalendarUnit
	// Offset picks a calendar period: 0 is the current one, -1 the last whole one.
	Offset int
	// Zone is the time zone of a calendar window; nil is UTC.
	Zone *time.Location
}

// Bounds of windows.
const (
	minRolling = time.Hour
	MaxRolling = 400 * 24 * time.Hour
	// maxPast is the furthest offset that is accepted; that many years ago is still a valid date.
	maxPast = 5 * 366
)

// IsCalendar reports whether the window is a calendar one.
func (w Window) IsCalendar() bool { return w.Calendar != "" }

func (w Window) zone() *time.Location { return cmp.Or(w.Zone, time.UTC) }

// At returns the window as of t: the span it covers, (from, end]. The current period
// ends at or after t: the instant at which a month ends still belongs to it.
func (w Window) At(t time.Time) (from, end time.Time) {
	if !w.IsCalendar() {
		return t.Add(-w.Rolling), t
	}
	return w.Period(t).Span(w.zone())
}

// Period returns the calendar period that the window covers as of t.
func (w Window) Period(t time.Time) CalendarPeriod {
	first := w.Calendar.first(DateOf(t.In(w.zone())))
	if !t.After(first.Midnight(w.zone())) {
		first = w.Calendar.next(first, -1)
	}
	return CalendarPeriod{w.Calendar, w.Calendar.next(first, w.Offset)}
}

// first returns the first day of the unit's period that holds the day.
func (u CalendarUnit) first(d Date) Date {
	switch u {
	case Week:
		return DateOf(d.UTC().AddDate(0, 0, -(int(d.UTC().Weekday())+6)%7))
	case Month:
		return Date{d.Year, d.Month, 1}
	case Quarter:
		return Date{d.Year, d.Month - (d.Month-1)%3, 1}
	case Year:
		return Date{d.Year, time.January, 1}
	}
	return d
}

// next returns the first day of the n-th period after the one that begins at first.
func (u CalendarUnit) next(first Date, n int) Date {
	step := steps[u]
	return DateOf(first.UTC().AddDate(n*step[0], n*step[1], n*step[2]))
}

// String returns the window in the form of the command line: 30d, month, month:-1.
func (w Window) String() string {
	switch {
	case w.IsCalendar() && w.Offset != 0:
		return fmt.Sprintf("%s:%d", w.Calendar, w.Offset)
	case w.IsCalendar():
		return string(w.Calendar)
	case w.Rolling == 0: // of a document that was not read
		return ""
	}
	return FormatDuration(w.Rolling)
}

// ParseWindow parses what [Window.String] returns: a rolling window of 1h to
// 400d such as 30d, a calendar unit, or one with an offset such as month:-1.
func ParseWindow(text string) (Window, error) {
	unit, offset, past := strings.Cut(text, ":")
	if _, is := steps[CalendarUnit(unit)]; is {
		if !past {
			offset = "0"
		}
		number, err := strconv.Atoi(offset)
		switch {
		case errors.Is(err, strconv.ErrRange) || err == nil && number < -maxPast:
			return Window{}, fmt.Errorf("window %q: at most %d periods back can be asked for, the days of five years", text, maxPast)
		case err != nil || number > 0:
			return Window{}, fmt.Errorf("window %q: after the colon goes how many periods back, such as %s:-1", text, unit)
		}
		return Window{Calendar: CalendarUnit(unit), Offset: number}, nil
	}
	length, err := model.ParseDuration(text)
	if err != nil {
		return Window{}, fmt.Errorf("window %q: must be a duration such as 30d, or day, week, month, quarter, year, or a past period such as month:-1", text)
	}
	return Window{Rolling: time.Duration(length)}, CheckRolling(time.Duration(length))
}

// CheckRolling refuses rolling windows that are too short to mean anything or
// longer than history is kept.
func CheckRolling(length time.Duration) error {
	if length < minRolling || length > MaxRolling {
		return fmt.Errorf("a rolling window must be between %s and %s, got %s",
			FormatDuration(minRolling), FormatDuration(MaxRolling), FormatDuration(length))
	}
	return nil
}

// CalendarPeriod is one whole period of the calendar, such as October 2026.
type CalendarPeriod struct {
	Unit CalendarUnit
	// First is its first day.
	First Date
}

var periodLayouts = map[CalendarUnit]string{Day: time.DateOnly, Month: "2006-01", Year: "2006"}

// ParsePeriod parses what [CalendarPeriod.Name] returns, for 1971 and later.
func ParsePeriod(text string) (CalendarPeriod, error) {
	name := strings.ToUpper(text)
	year, _ := strconv.Atoi(name[:min(len(name), 4)])
	for unit := range steps {
		first := unit.first(Date{year, time.January, 1})
		for p := (CalendarPeriod{unit, first}); year >= 1971 && p.First.Year <= year; p.First = unit.next(p.First, 1) {
			if p.Name() == name {
				return p, nil
			}
		}
	}
	return CalendarPeriod{}, fmt.Errorf("period %q: must be a month such as 2026-10, a quarter 2026-Q4, a year 2026, an ISO week 2026-W44, or a day 2026-10-31", text)
}

// Span returns the period's start and end in the zone: (from, end].
func (p CalendarPeriod) Span(zone *time.Location) (from, end time.Time) {
	return p.First.Midnight(zone), p.Unit.next(p.First, 1).Midnight(zone)
}

// Name returns the period as 2026-10-31, 2026-W44, 2026-10, 2026-Q4 or 2026.
func (p CalendarPeriod) Name() string {
	switch first := p.First.UTC(); p.Unit {
	case Week:
		year, week := first.ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week)
	case Quarter:
		return fmt.Sprintf("%d-Q%d", first.Year(), (first.Month()+2)/3)
	default:
		return first.Format(periodLayouts[p.Unit])
	}
}

// Before returns the period before this one.
func (p CalendarPeriod) Before() CalendarPeriod {
	return CalendarPeriod{p.Unit, p.Unit.next(p.First, -1)}
}

// Days returns the days of the period.
func (p CalendarPeriod) Days() []Date {
	return slices.Collect(p.First.Until(p.Unit.next(p.First, 1)))
}

// Duration is a duration that is serialized in the format of [FormatDuration].
type Duration time.Duration

// String returns the duration as text.
func (d Duration) String() string { return FormatDuration(time.Duration(d)) }

// MarshalText returns the duration as text.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText parses a duration in the format of Prometheus. The error is of the type
// to which encoding/json adds the place.
func (d *Duration) UnmarshalText(text []byte) error {
	length, err := model.ParseDuration(string(text))
	if err != nil {
		return &json.UnmarshalTypeError{Value: fmt.Sprintf("%.40q, no duration such as 1h,", text), Type: reflect.TypeFor[Duration]()}
	}
	*d = Duration(length)
	return nil
}

// FormatInstant formats an instant in its zone to the second, or to the minute if it is a
// whole one: «23 Nov 2026 09:05 UTC».
func FormatInstant(at time.Time) string {
	if at.Truncate(time.Minute).Equal(at) {
		return at.Format("2 Jan 2006 15:04 MST")
	}
	return at.Format("2 Jan 2006 15:04:05 MST")
}

// FormatDuration formats a duration as Prometheus does (1h30m, 5m), but whole
// days in days: 30d, not 4w2d, because readers of an SLA count in days.
func FormatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	return model.Duration(d).String()
}
