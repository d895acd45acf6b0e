package catalog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
)

// office is the company's calendar with other holidays.
func office(t *testing.T, holidays string, more map[string]string) *Catalog {
	t.Helper()
	files := company()
	files["office.yaml"] = strings.Replace(files["office.yaml"], "{yearly: 12-24, name: Christmas Eve}", holidays, 1)
	for name, text := range more {
		files[name] = text
	}
	return load(t, files, Options{})
}

const icsHead = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//company//holidays//EN\r\n"

func event(lines ...string) string {
	return "BEGIN:VEVENT\r\nUID:" + lines[0] + "\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\n"
}

func TestHoursAndHolidays(t *testing.T) {
	c := office(t, "{on: 2026-12-25, name: Christmas Day}\n    - {yearly: 02-29}\n    - {country: DE}", nil)
	require.Empty(t, lines(c))
	calendar := c.Calendars["office"]
	require.Equal(t, "Europe/Berlin", calendar.Zone.String())
	require.Equal(t, []agreement.WeeklyHours{{
		Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
		From: 8 * time.Hour, To: 18 * time.Hour,
	}}, calendar.Weekly)
	require.Equal(t, []agreement.Holiday{
		{Name: "Christmas Day", On: agreement.Date{Year: 2026, Month: 12, Day: 25}},
		{Yearly: agreement.MonthDay{Month: 2, Day: 29}},
		{Country: "DE"},
	}, calendar.Holidays)
}

func TestHolidaysOfAnICSFile(t *testing.T) {
	ics := icsHead +
		event("SUMMARY:Works outing", "DTSTART;VALUE=DATE:20260612") +
		event("SUMMARY:Shutdown", "DTSTART;VALUE=DATE:20261230", "DTEND;VALUE=DATE:20270102") +
		event("SUMMARY:Founders' day", "DTSTART;VALUE=DATE:20200301", "RRULE:FREQ=YEARLY") +
		event("SUMMARY:Anniversary", "DTSTART;VALUE=DATE:20201105", "RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTHDAY=5;BYMONTH=11;WKST=MO") +
		event("SUMMARY:Offsite", "DTSTART;VALUE=DATE:20260914", "DURATION:P2D") +
		event("SUMMARY:Night shift", "DTSTART;TZID=Europe/Berlin:20260920T220000", "DURATION:PT4H30M") +
		event("SUMMARY:Late party", "DTSTART:20260630T210000Z", "DTEND:20260630T230000Z") +
		event("SUMMARY:Called off", "DTSTART;VALUE=DATE:20260505", "STATUS:CANCELLED") +
		event("DTSTART;TZID=America/New_York:20260701T200000") + "END:VCALENDAR\r\n"
	c := office(t, "{ics: holidays.ics, name: Company day}", map[string]string{"holidays.ics": ics})
	require.Empty(t, lines(c))
	on := func(year int, month time.Month, day int) agreement.Date {
		return agreement.Date{Year: year, Month: month, Day: day}
	}
	require.Equal(t, []agreement.Holiday{
		{Name: "Works outing", On: on(2026, 6, 12)},
		{Name: "Shutdown", On: on(2026, 12, 30)}, {Name: "Shutdown", On: on(2026, 12, 31)}, {Name: "Shutdown", On: on(2027, 1, 1)},
		{Name: "Founders' day", Yearly: agreement.MonthDay{Month: 3, Day: 1}},
		{Name: "Anniversary", Yearly: agreement.MonthDay{Month: 11, Day: 5}},
		{Name: "Offsite", On: on(2026, 9, 14)}, {Name: "Offsite", On: on(2026, 9, 15)},
		{Name: "Night shift", On: on(2026, 9, 20)}, {Name: "Night shift", On: on(2026, 9, 21)},
		{Name: "Late party", On: on(2026, 6, 30)}, {Name: "Late party", On: on(2026, 7, 1)}, // 23:00 to 01:00 in Berlin
		{Name: "Company day", On: on(2026, 7, 2)},
	}, c.Calendars["office"].Holidays)
}

func TestBadHolidays(t *testing.T) {
	cases := []struct{ name, holiday, ics, want string }{
		{"unknown country", "{country: de}", "", `field country: "de" is no country whose holidays are known (did you mean DE?); these are: AR, AT, AU`},
		{"no such file", "{ics: holiday.ics}", icsHead, "field ics: there is no readable file holiday.ics in the folder of documents (did you mean holidays.ics?)"},
		{"out of the folder", "{ics: ../holidays.ics}", "", `field ics: "../holidays.ics" leads out of the folder of documents`},
		{"absolute", "{ics: /etc/holidays.ics}", "", `field ics: "/etc/holidays.ics" leads out of the folder of documents`},
		{"no calendar file", "{ics: office.yaml}", "", `field ics: "office.yaml" must be the name of an .ics file`},
		{"no iCalendar", "{ics: holidays.ics}", "hello", "field ics: holidays.ics: is no iCalendar file in UTF-8: "},
		{"another country", "{country: UK}", "", `field country: "UK" is no country whose holidays are known; these are: AR, AT, AU`},
		{"one more date", "{ics: holidays.ics}", icsHead + event("SUMMARY:Easter", "DTSTART;VALUE=DATE:20260405", "RDATE;VALUE=DATE:20270328,20280416") + "END:VCALENDAR\r\n",
			`field ics: holidays.ics: event "Easter": has RDATE, which is not read; write out its dates`},
		{"one date less", "{ics: holidays.ics}", icsHead + event("SUMMARY:Fair", "DTSTART;VALUE=DATE:20260405", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20270405") + "END:VCALENDAR\r\n",
			`field ics: holidays.ics: event "Fair": has EXDATE, which is not read; write out its dates`},
		{"one date called off", "{ics: holidays.ics}", icsHead + event("SUMMARY:Fair", "DTSTART;VALUE=DATE:20270405", "RECURRENCE-ID;VALUE=DATE:20270405", "STATUS:CANCELLED") + "END:VCALENDAR\r\n",
			`field ics: holidays.ics: event "Fair": has RECURRENCE-ID, which is not read; write out its dates`},
		{"another day of the year", "{ics: holidays.ics}", icsHead + event("SUMMARY:Thanks", "DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH") + "END:VCALENDAR\r\n",
			`field ics: holidays.ics: event "Thanks": repeats by FREQ=YEARLY;BYMONTH=11;BYDAY=4TH, which is not read (only FREQ=YEARLY is); write out its dates`},
		{"days and hours", "{ics: holidays.ics}", icsHead + event("SUMMARY:Fair", "DTSTART:20270405T080000Z", "DURATION:P1DT2H") + "END:VCALENDAR\r\n",
			`field ics: holidays.ics: event "Fair": the DURATION "P1DT2H" is not read; write DTEND`},
		{"a zone of Windows", "{ics: holidays.ics}", icsHead + event("SUMMARY:Fair", "DTSTART;TZID=W. Europe Standard Time:20270405T080000") + "END:VCALENDAR\r\n",
			`field ics: holidays.ics: event "Fair": DTSTART has the unknown time zone "W. Europe Standard Time"; it must be an IANA name, as Europe/Berlin`},
		{"no event", "{ics: holidays.ics}", icsHead + "END:VCALENDAR\r\n", "field ics: holidays.ics: holds no event"},
		{"another rhythm", "{ics: holidays.ics}", icsHead + event("SUMMARY:Sprint", "DTSTART;VALUE=DATE:20260612", "RRULE:FREQ=WEEKLY") + "END:VCALENDAR\r\n",
			`field ics: holidays.ics: event "Sprint": repeats by FREQ=WEEKLY, which is not read (only FREQ=YEARLY is); write out its dates`},
		{"a day of a thousand years", "{ics: holidays.ics}", icsHead + event("SUMMARY:Reign", "DTSTART;VALUE=DATE:10000101", "DTEND;VALUE=DATE:30000101") + "END:VCALENDAR\r\n",
			`field ics: holidays.ics: event "Reign": takes more than 5000 days, which is the limit`},
		{"no start", "{ics: holidays.ics}", icsHead + event("SUMMARY:Someday") + "END:VCALENDAR\r\n", `field ics: holidays.ics: event "Someday": has no DTSTART`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, p := range office(t, c.holiday, map[string]string{"holidays.ics": c.ics}).Problems {
				if p.Kind == "Calendar" {
					got = append(got, "field "+strings.TrimPrefix(p.Field, "spec.holidays[0].")+": "+p.Message)
				}
			}
			require.Len(t, got, 1)
			require.True(t, strings.HasPrefix(got[0], c.want), got[0])
		})
	}
}

func TestHolidaysOfACalendarHaveALimit(t *testing.T) {
	of := func(days int) []string {
		ics := icsHead + event("SUMMARY:Reign", "DTSTART;VALUE=DATE:20200101", "DTEND;VALUE=DATE:"+
			time.Date(2020, 1, 1+days, 0, 0, 0, 0, time.UTC).Format("20060102")) + "END:VCALENDAR\r\n"
		return lines(office(t, "{ics: holidays.ics}\n    - {ics: holidays.ics, name: again}", map[string]string{"holidays.ics": ics}))
	}
	require.Empty(t, of(2500))
	require.Contains(t, of(2501), "office.yaml:8:3: Calendar office: spec.holidays: are more than 5000 together, which is the limit; leave out those of years gone by")
}

func TestAnICSLinkDoesNotLeadOutOfTheFolder(t *testing.T) {
	outside := folderOf(t, map[string]string{"h.ics": icsHead + event("DTSTART;VALUE=DATE:20260612") + "END:VCALENDAR\r\n"})
	files := company()
	files["office.yaml"] = strings.Replace(files["office.yaml"], "{yearly: 12-24, name: Christmas Eve}", "{ics: h.ics}", 1)
	dir := folderOf(t, files)
	require.NoError(t, os.Symlink(filepath.Join(outside, "h.ics"), filepath.Join(dir, "h.ics")))
	c, err := Load(t.Context(), dir, Options{})
	require.NoError(t, err)
	require.Contains(t, lines(c), "h.ics:1:1: is not read: it is a link that leads out of the folder of documents")
	require.Contains(t, lines(c), "office.yaml:9:13: Calendar office: spec.holidays[0].ics: there is no readable file h.ics in the folder of documents")
}
