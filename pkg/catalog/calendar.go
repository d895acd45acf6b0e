package catalog

import (
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/scope"
)

func (r *resolver) calendar(e *entry) {
	v, ok := e.value.(*calendarDocument)
	if !ok {
		return
	}
	d := e.doc
	calendar := &agreement.Calendar{
		Name: d.Name, DisplayName: v.Metadata.DisplayName,
		Zone: d.Zone("spec.timeZone", v.Spec.TimeZone, time.UTC), Place: d.Place,
	}
	if len(v.Spec.Weekly) == 0 {
		d.Errorf("spec.weekly", "must hold at least one row of hours")
	}
	for i, row := range v.Spec.Weekly {
		calendar.Weekly = append(calendar.Weekly, weekly(d, item("spec.weekly", i), row))
	}
	for i, holiday := range v.Spec.Holidays {
		calendar.Holidays = append(calendar.Holidays, r.holiday(d, item("spec.holidays", i), holiday, calendar.Zone)...)
	}
	e.built = calendar
}

var weekdays = map[string]time.Weekday{
	"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday,
	"fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday,
}

func weekly(d *document.Document, field string, row weeklySpec) agreement.WeeklyHours {
	var hours agreement.WeeklyHours
	if len(row.Days) == 0 {
		d.Errorf(field+".days", "must name at least one day: mon, tue, wed, thu, fri, sat, sun")
	}
	for i, name := range row.Days {
		if d.OneOf(item(field+".days", i), name, "mon", "tue", "wed", "thu", "fri", "sat", "sun") {
			hours.Days = append(hours.Days, weekdays[name])
		}
	}
	from, fromOK := clock(d, field+".from", row.From)
	to, toOK := clock(d, field+".to", row.To)
	if fromOK && toOK && from >= to {
		d.Errorf(field+".to", "%s is not after from, %s; a night is written as two rows, one to 24:00 and one from 00:00", row.To, row.From)
	}
	hours.From, hours.To = from, to
	return hours
}

// clock reads a time of day as the time since midnight, 24:00 included.
func clock(d *document.Document, field, value string) (time.Duration, bool) {
	hour, minute, ok := strings.Cut(value, ":")
	h, errH := strconv.Atoi(hour)
	m, errM := strconv.Atoi(minute)
	if !ok || errH != nil || errM != nil || len(hour) != 2 || len(minute) != 2 ||
		h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		d.Errorf(field, "%q is no time of day: it is written as \"08:00\", from \"00:00\" to \"24:00\"", value)
		return 0, false
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, true
}

func (r *resolver) holiday(d *document.Document, field string, spec holidaySpec, zone *time.Location) []agreement.Holiday {
	stated := 0
	for _, value := range []string{spec.On, spec.Yearly, spec.Country, spec.ICS} {
		if value != "" {
			stated++
		}
	}
	holiday := agreement.Holiday{Name: spec.Name}
	var ok bool
	switch {
	case stated != 1:
		d.Errorf(field, "needs exactly one of on, yearly, country and ics")
	case spec.On != "":
		if holiday.On, ok = document.ParseDate(spec.On); !ok {
			d.Errorf(field+".on", "%q is no date: a date is written as 2026-12-25", spec.On)
		}
	case spec.Yearly != "":
		if holiday.Yearly, ok = document.ParseMonthDay(spec.Yearly); !ok {
			d.Errorf(field+".yearly", "%q is no day of the year: it is written as 12-24 (month, then day)", spec.Yearly)
		}
	case spec.Country != "":
		if _, ok = scope.NationalHolidays(spec.Country); !ok {
			d.Errorf(field+".country", "%q is no country whose holidays are known%s; these are: %s", spec.Country,
				document.DidYouMean(spec.Country, scope.Countries()), strings.Join(scope.Countries(), ", "))
		}
		holiday.Country = spec.Country
	default:
		return r.ics(d, field+".ics", spec, zone)
	}
	return []agreement.Holiday{holiday}
}

// ics reads the holidays of a file beside the document.
func (r *resolver) ics(d *document.Document, field string, spec holidaySpec, zone *time.Location) []agreement.Holiday {
	name := path.Join(r.folderOf(d), spec.ICS)
	data, there := r.folder.calendars[name]
	switch {
	case path.IsAbs(spec.ICS) || name == ".." || strings.HasPrefix(name, "../"):
		d.Errorf(field, "%q leads out of the folder of documents", spec.ICS)
	case strings.ToLower(path.Ext(name)) != ".ics":
		d.Errorf(field, "%q must be the name of an .ics file", spec.ICS)
	case !there:
		d.Errorf(field, "there is no readable file %s in the folder of documents%s", name,
			document.DidYouMean(name, sortedKeys(r.folder.calendars)))
	default:
		holidays, err := icsHolidays(data, spec.Name, zone)
		if err != nil {
			d.Errorf(field, "%s: %v", name, err)
		}
		return holidays
	}
	return nil
}
