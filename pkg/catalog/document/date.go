package document

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// ParseDate reads 2026-07-01 as a day of the years 1970 to 2200.
func ParseDate(value string) (agreement.Date, bool) {
	if !dateText.MatchString(value) {
		return agreement.Date{}, false
	}
	day, err := time.Parse(time.DateOnly, value)
	if err != nil || day.Year() < 1970 || day.Year() > 2200 {
		return agreement.Date{}, false
	}
	return agreement.DateOf(day), true
}

// ParseMonthDay reads 12-24 as a day of every year, 29 February included.
func ParseMonthDay(value string) (agreement.MonthDay, bool) {
	day, err := time.Parse(time.DateOnly, "2000-"+value)
	if err != nil {
		return agreement.MonthDay{}, false
	}
	return agreement.MonthDay{Month: day.Month(), Day: day.Day()}, true
}
