package agreement

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// CalendarPeriod is one whole period of the calendar, such as October 2026.
type CalendarPeriod struct {
	Unit CalendarUnit
	// First is the first day of it.
	First Date
}

var (
	monthText   = regexp.MustCompile(`^(\d{4})-(\d{2})$`)
	quarterText = regexp.MustCompile(`^(\d{4})-[Qq]([1-4])$`)
	weekText    = regexp.MustCompile(`^(\d{4})-[Ww](\d{2})$`)
	yearText    = regexp.MustCompile(`^\d{4}$`)
)

// ParsePeriod reads what [Window.PeriodName] writes: 2026-10-31, 2026-W44,
// 2026-10, 2026-Q4 or 2026.
func ParsePeriod(text string) (CalendarPeriod, error) {
	wrong := fmt.Errorf("period %q: must be a month such as 2026-10, a quarter 2026-Q4, a year 2026, an ISO week 2026-W44, or a day 2026-10-31", text)
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return CalendarPeriod{Day, DateOf(day)}.checked(wrong)
	}
	if parts := monthText.FindStringSubmatch(text); parts != nil {
		month := number(parts[2])
		if month < 1 || month > 12 {
			return CalendarPeriod{}, wrong
		}
		return CalendarPeriod{Month, Date{number(parts[1]), time.Month(month), 1}}.checked(wrong)
	}
	if parts := quarterText.FindStringSubmatch(text); parts != nil {
		return CalendarPeriod{Quarter, Date{number(parts[1]), time.Month(3*number(parts[2]) - 2), 1}}.checked(wrong)
	}
	if parts := weekText.FindStringSubmatch(text); parts != nil {
		return isoWeek(number(parts[1]), number(parts[2]), wrong)
	}
	if yearText.MatchString(text) {
		return CalendarPeriod{Year, Date{number(text), time.January, 1}}.checked(wrong)
	}
	return CalendarPeriod{}, wrong
}

// checked refuses years in which nothing was ever measured.
func (p CalendarPeriod) checked(wrong error) (CalendarPeriod, error) {
	if p.First.Year < 1971 {
		return CalendarPeriod{}, wrong
	}
	return p, nil
}

// isoWeek is the week that holds a year's 4th of January, and those after it.
func isoWeek(year, week int, wrong error) (CalendarPeriod, error) {
	first := Week.next(Week.first(Date{year, time.January, 4}), week-1)
	monday := time.Date(first.Year, first.Month, first.Day, 12, 0, 0, 0, time.UTC)
	if inYear, inWeek := monday.ISOWeek(); inYear != year || inWeek != week {
		return CalendarPeriod{}, wrong
	}
	return CalendarPeriod{Week, first}.checked(wrong)
}

// number reads digits that a pattern has found.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// Span is the period's start and end in the zone: (from, end].
func (p CalendarPeriod) Span(zone *time.Location) (from, end time.Time) {
	return p.First.Midnight(zone), p.Unit.next(p.First, 1).Midnight(zone)
}

// Name is the period as [ParsePeriod] reads it.
func (p CalendarPeriod) Name() string {
	_, end := p.Span(time.UTC)
	return Window{Calendar: p.Unit}.PeriodName(end)
}

// Before is the period before this one.
func (p CalendarPeriod) Before() CalendarPeriod {
	return CalendarPeriod{p.Unit, p.Unit.next(p.First, -1)}
}

// Days are the days of the period.
func (p CalendarPeriod) Days() []Date {
	var days []Date
	for day, end := p.First, p.Unit.next(p.First, 1); day != end; day = Day.next(day, 1) {
		days = append(days, day)
	}
	return days
}
