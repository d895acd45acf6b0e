package catalog

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	ical "github.com/arran4/golang-ical"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/scope"
)

func (r *resolver) calendar(e *entry, v *calendarDocument) {
	d := e.doc
	calendar := &agreement.Calendar{
		Name: d.Name, DisplayName: v.Metadata.DisplayName,
		Zone: d.Zone("spec.timeZone", v.Spec.TimeZone, time.UTC), Place: d.Place,
	}
	for i, row := range v.Spec.Weekly {
		calendar.Weekly = append(calendar.Weekly, weekly(d, document.Item("spec.weekly", i), row))
	}
	for i, holiday := range v.Spec.Holidays {
		calendar.Holidays = append(calendar.Holidays, r.holiday(d, document.Item("spec.holidays", i), holiday, calendar.Zone)...)
		if len(calendar.Holidays) > maxHolidays {
			d.Errorf("spec.holidays", "are more than %d together, which is the limit; leave out those of years gone by", maxHolidays)
			break
		}
	}
	e.built = calendar
}

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func weekly(d *document.Document, field string, row weeklySpec) agreement.WeeklyHours {
	var hours agreement.WeeklyHours
	for _, name := range row.Days {
		hours.Days = append(hours.Days, time.Weekday((slices.Index(weekdays, name)+1)%7))
	}
	from, fromOK := clock(d, field+".from", row.From)
	to, toOK := clock(d, field+".to", row.To)
	if fromOK && toOK && from >= to {
		d.Errorf(field+".to", "%s is not after from, %s; a night is written as two rows, one to 24:00 and one from 00:00", row.To, row.From)
	}
	hours.From, hours.To = from, to
	return hours
}

// clock parses a time of day, up to 24:00, as the time since midnight.
func clock(d *document.Document, field, value string) (time.Duration, bool) {
	at, ok := agreement.ParseClock(value)
	if !ok {
		d.Errorf(field, "%q is no time of day: it is written as \"08:00\", from \"00:00\" to \"24:00\"", value)
	}
	return at, ok
}

func (r *resolver) holiday(d *document.Document, field string, spec holidaySpec, zone *time.Location) []agreement.Holiday {
	stated := slices.DeleteFunc([]string{spec.On, spec.Yearly, spec.Country, spec.ICS}, func(value string) bool { return value == "" })
	holiday := agreement.Holiday{Name: spec.Name}
	var ok bool
	switch {
	case len(stated) != 1:
		d.Errorf(field, "needs exactly one of on, yearly, country and ics")
	case spec.On != "":
		holiday.On, _ = d.Date(field+".on", spec.On)
	case spec.Yearly != "":
		if holiday.Yearly, ok = document.ParseMonthDay(spec.Yearly); !ok {
			d.Errorf(field+".yearly", "%q is no day of the year: it is written as 12-24 (month, then day)", spec.Yearly)
		}
	case spec.Country != "":
		if known := scope.Countries(); !slices.Contains(known, spec.Country) {
			upper := slices.DeleteFunc([]string{strings.ToUpper(spec.Country)}, func(code string) bool { return !slices.Contains(known, code) })
			d.Errorf(field+".country", "%q is no country whose holidays are known%s; these are: %s", spec.Country,
				problem.DidYouMean(spec.Country, upper), strings.Join(known, ", "))
		}
		holiday.Country = spec.Country
	default:
		return r.icsHolidays(d, field+".ics", spec, zone)
	}
	return []agreement.Holiday{holiday}
}

// icsHolidays returns the holidays of the .ics file, whose name is relative to the document's folder.
func (r *resolver) icsHolidays(d *document.Document, field string, spec holidaySpec, zone *time.Location) []agreement.Holiday {
	name := path.Join(r.folderOf(d), spec.ICS)
	data, there := r.folder.calendars[name]
	switch {
	case strings.ToLower(path.Ext(name)) != ".ics":
		d.Errorf(field, "%q must be the name of an .ics file", spec.ICS)
	case r.o.NoReferences && !there: // it may be in a part of the folder that is not read
	case path.IsAbs(spec.ICS) || name == ".." || strings.HasPrefix(name, "../"):
		d.Errorf(field, "%q leads out of the folder of documents", spec.ICS)
	case !there:
		d.Errorf(field, "there is no readable file %s in the folder of documents%s", name,
			problem.DidYouMean(name, sortedKeys(r.folder.calendars)))
	default:
		file := icsFile{name, spec.Name, zone}
		if r.ics[file] == nil {
			r.ics[file] = sync.OnceValues(func() ([]agreement.Holiday, error) { return readICS(data, spec.Name, zone) })
		}
		holidays, err := r.ics[file]()
		if err != nil {
			d.Errorf(field, "%s: %v", name, err)
		}
		return holidays
	}
	return nil
}

// maxHolidays limits the holidays of a calendar and the days of an .ics file, so that an event of a
// thousand years is an error.
const maxHolidays = 5000

// icsFile is the cache key of the holidays of an .ics file, which several calendars may use.
type icsFile struct {
	path     string
	fallback string
	zone     *time.Location
}

// readICS returns the days in the zone on which the events of an .ics file fall. fallback is the name
// of events without a summary.
func readICS(data []byte, fallback string, zone *time.Location) ([]agreement.Holiday, error) {
	calendar, err := ical.ParseCalendar(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("is no iCalendar file in UTF-8: %w", err)
	}
	var holidays []agreement.Holiday
	for _, event := range calendar.Events() {
		isCancelled := property(event, ical.ComponentPropertyStatus) == string(ical.ObjectStatusCancelled)
		if isCancelled && event.GetProperty(ical.ComponentPropertyRecurrenceId) == nil {
			continue
		}
		name := cmp.Or(property(event, ical.ComponentPropertySummary), fallback)
		yearly := false
		days, err := eventDays(event, zone)
		if err == nil {
			yearly, err = repeatsYearly(event, days[0])
		}
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

// eventDays returns the days from DTSTART until DTEND (exclusive), but at least one.
func eventDays(event *ical.VEvent, zone *time.Location) ([]agreement.Date, error) {
	start, err := eventTime(event, ical.ComponentPropertyDtStart, zone)
	last := start
	length := property(event, ical.ComponentPropertyDuration)
	switch {
	case err != nil:
	case property(event, ical.ComponentPropertyDtEnd) != "":
		last, err = eventTime(event, ical.ComponentPropertyDtEnd, zone)
	case length != "":
		last, err = after(start, length)
	}
	switch {
	case err != nil:
		return nil, err
	case last.Before(start):
		return nil, errors.New("DTEND is before DTSTART")
	case last.After(start):
		last = last.Add(-time.Second)
	}
	var days []agreement.Date
	for day := range agreement.DateOf(start).Until(agreement.DateOf(last).Next()) {
		if len(days) > maxHolidays {
			return nil, fmt.Errorf("takes more than %d days, which is the limit", maxHolidays)
		}
		days = append(days, day)
	}
	return days, nil
}

// after returns the end of an event with a DURATION in days or weeks (P1D), or as a time (PT8H).
func after(start time.Time, length string) (time.Time, error) {
	var n int
	var unit rune
	if _, err := fmt.Sscanf(length, "P%d%c\n", &n, &unit); err == nil && (unit == 'D' || unit == 'W') {
		return start.AddDate(0, 0, n*map[rune]int{'D': 1, 'W': 7}[unit]), nil
	}
	elapsed, isTime := strings.CutPrefix(length, "PT")
	duration, err := time.ParseDuration(strings.ToLower(elapsed))
	if !isTime || err != nil {
		return start, fmt.Errorf("the DURATION %q is not read; write DTEND", length)
	}
	return start.Add(duration), nil
}

// eventTime returns midnight in the zone for a DATE, and the instant, in the zone, for a DATE-TIME.
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
			return time.Time{}, fmt.Errorf("%s has the unknown time zone %q; it must be an IANA name, as Europe/Berlin", name, ids[0])
		}
		in = loaded
	}
	at, err := time.ParseInLocation("20060102T150405", value, in)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s %q is no date", name, value)
	}
	return at.In(zone), nil
}

// repeatsYearly reports whether the event, which begins on day, repeats every year. It accepts the
// equivalent rules that different calendars write. Any other repetition is an error, so that no day is
// dropped silently.
func repeatsYearly(event *ical.VEvent, day agreement.Date) (bool, error) {
	for _, name := range []ical.ComponentProperty{ical.ComponentPropertyRdate, ical.ComponentPropertyExdate, ical.ComponentPropertyExrule, ical.ComponentPropertyRecurrenceId} {
		if event.GetProperty(name) != nil {
			return false, fmt.Errorf("has %s, which is not read; write out its dates", name)
		}
	}
	rule := strings.ToUpper(property(event, ical.ComponentPropertyRrule))
	meant := []string{"FREQ=YEARLY", "INTERVAL=1", fmt.Sprintf("BYMONTH=%d", day.Month), fmt.Sprintf("BYMONTHDAY=%d", day.Day)}
	unread := slices.ContainsFunc(strings.Split(rule, ";"), func(part string) bool {
		return !slices.Contains(meant, part) && !strings.HasPrefix(part, "WKST=")
	})
	if rule != "" && (unread || !strings.Contains(rule, meant[0])) {
		return false, fmt.Errorf("repeats by %s, which is not read (only FREQ=YEARLY is); write out its dates", rule)
	}
	return rule != "", nil
}
