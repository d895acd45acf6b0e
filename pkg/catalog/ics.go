package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// maxHolidays bounds what a calendar may mean, and one .ics file, so that an
// event of a thousand years is an error and not a list of days.
const maxHolidays = 5000

// icsFile is what the holidays of a file follow from: many calendars may name
// the same one.
type icsFile struct {
	path     string
	fallback string
	zone     *time.Location
}

type icsDays struct {
	holidays []agreement.Holiday
	err      error
}

// readICS returns the days of the events in an .ics file. An event with times
// takes the days it touches in the zone. fallback names those without a
// summary.
func readICS(data []byte, fallback string, zone *time.Location) ([]agreement.Holiday, error) {
	calendar, err := ical.ParseCalendar(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("is no iCalendar file: %w", err)
	}
	var holidays []agreement.Holiday
	for _, event := range calendar.Events() {
		if property(event, ical.ComponentPropertyStatus) == string(ical.ObjectStatusCancelled) {
			continue
		}
		name := property(event, ical.ComponentPropertySummary)
		if name == "" {
			name = fallback
		}
		days, err := eventDays(event, zone)
		if err != nil {
			return nil, fmt.Errorf("event %q: %w", name, err)
		}
		yearly, err := repeatsYearly(event)
		if err != nil {
			return nil, fmt.Errorf("event %q: %w", name, err)
		}
		for _, day := range days {
			holiday := agreement.Holiday{Name: name, On: day}
			if yearly {
				holiday.On, holiday.Yearly = agreement.Date{}, agreement.MonthDay{Month: day.Month, Day: day.Day}
			}
			holidays = append(holidays, holiday)
		}
		if len(holidays) > maxHolidays {
			return nil, fmt.Errorf("holds more than %d days, which is the limit", maxHolidays)
		}
	}
	if len(holidays) == 0 {
		return nil, errors.New("holds no event")
	}
	return holidays, nil
}

func property(event *ical.VEvent, name ical.ComponentProperty) string {
	if p := event.GetProperty(name); p != nil {
		return strings.TrimSpace(p.Value)
	}
	return ""
}

// eventDays returns the days from DTSTART up to, not including, DTEND; one day
// without a DTEND.
func eventDays(event *ical.VEvent, zone *time.Location) ([]agreement.Date, error) {
	start, err := eventTime(event, ical.ComponentPropertyDtStart, zone)
	if err != nil {
		return nil, err
	}
	last := start
	if property(event, ical.ComponentPropertyDtEnd) != "" {
		end, err := eventTime(event, ical.ComponentPropertyDtEnd, zone)
		if err != nil {
			return nil, err
		}
		if end.Before(start) {
			return nil, errors.New("DTEND is before DTSTART")
		}
		if end.After(start) {
			last = end.Add(-time.Second)
		}
	}
	var days []agreement.Date
	for day, end := agreement.DateOf(start), agreement.DateOf(last).Next(); day != end; day = day.Next() {
		if len(days) > maxHolidays {
			return nil, fmt.Errorf("takes more than %d days, which is the limit", maxHolidays)
		}
		days = append(days, day)
	}
	return days, nil
}

// eventTime returns a DATE as its midnight in the zone, and a DATE-TIME as the
// instant it means, seen in the zone.
func eventTime(event *ical.VEvent, name ical.ComponentProperty, zone *time.Location) (time.Time, error) {
	value := property(event, name)
	if value == "" {
		return time.Time{}, fmt.Errorf("has no %s", name)
	}
	if at, err := time.ParseInLocation("20060102", value, zone); err == nil {
		return at, nil
	}
	if at, err := time.Parse("20060102T150405Z", value); err == nil {
		return at.In(zone), nil
	}
	in := zone
	if ids := event.GetProperty(name).ICalParameters["TZID"]; len(ids) > 0 {
		loaded, known := document.LoadZone(ids[0])
		if !known {
			return time.Time{}, fmt.Errorf("%s has the unknown time zone %q", name, ids[0])
		}
		in = loaded
	}
	at, err := time.ParseInLocation("20060102T150405", value, in)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s %q is no date", name, value)
	}
	return at.In(zone), nil
}

// repeatsYearly reports whether the event is one of every year. Other
// repetitions are refused: what is left out must not be left out silently.
func repeatsYearly(event *ical.VEvent) (bool, error) {
	rule := strings.ToUpper(property(event, ical.ComponentPropertyRrule))
	switch rule {
	case "":
		return false, nil
	case "FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=1":
		return true, nil
	}
	return false, fmt.Errorf("repeats by %s, which is not read (only FREQ=YEARLY is); write out its dates", rule)
}
