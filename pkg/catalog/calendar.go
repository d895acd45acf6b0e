package catalog

import (
	"path"
	"slices"
	"strings"
	"time"

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
	if len(v.Spec.Weekly) == 0 {
		d.Errorf("spec.weekly", "must hold at least one row of hours")
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
	if len(row.Days) == 0 {
		d.Errorf(field+".days", "must name at least one day: %s", strings.Join(weekdays, ", "))
	}
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

// clock reads a time of day as the time since midnight, 24:00 included.
func clock(d *document.Document, field, value string) (time.Duration, bool) {
	if value == "24:00" {
		return 24 * time.Hour, true
	}
	at, err := time.Parse("15:04", value)
	if err != nil || len(value) != len("15:04") {
		d.Errorf(field, "%q is no time of day: it is written as \"08:00\", from \"00:00\" to \"24:00\"", value)
		return 0, false
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, true
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
		if _, ok = scope.NationalHolidays(spec.Country); !ok {
			d.Errorf(field+".country", "%q is no country whose holidays are known%s; these are: %s", spec.Country,
				problem.DidYouMean(spec.Country, scope.Countries()), strings.Join(scope.Countries(), ", "))
		}
		holiday.Country = spec.Country
	default:
		return r.icsHolidays(d, field+".ics", spec, zone)
	}
	return []agreement.Holiday{holiday}
}

// icsHolidays are those of a file beside the document.
func (r *resolver) icsHolidays(d *document.Document, field string, spec holidaySpec, zone *time.Location) []agreement.Holiday {
	name := path.Join(r.folderOf(d), spec.ICS)
	data, there := r.folder.calendars[name]
	switch {
	case path.IsAbs(spec.ICS) || name == ".." || strings.HasPrefix(name, "../"):
		d.Errorf(field, "%q leads out of the folder of documents", spec.ICS)
	case strings.ToLower(path.Ext(name)) != ".ics":
		d.Errorf(field, "%q must be the name of an .ics file", spec.ICS)
	case !there:
		d.Errorf(field, "there is no readable file %s in the folder of documents%s", name,
			problem.DidYouMean(name, sortedKeys(r.folder.calendars)))
	default:
		file := icsFile{name, spec.Name, zone}
		days, known := r.ics[file]
		if !known {
			days.holidays, days.err = readICS(data, spec.Name, zone)
			r.ics[file] = days
		}
		if days.err != nil {
			d.Errorf(field, "%s: %v", name, days.err)
		}
		return days.holidays
	}
	return nil
}
