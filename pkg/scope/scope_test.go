package scope_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
)

var everyDay = []time.Weekday{0, 1, 2, 3, 4, 5, 6}

func zone(t testing.TB, name string) *time.Location {
	loaded, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loaded
}

func instant(t testing.TB, text string) time.Time {
	parsed, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return parsed
}

func occurrences(t testing.TB, x *agreement.Exclusion, from, to time.Time) ([]scope.Interval, error) {
	of, err := scope.Occurrences(t.Context(), []*agreement.Exclusion{x}, from, to)
	if err != nil {
		return nil, err
	}
	return of[0], nil
}

func hours(set scope.Intervals) float64 {
	return float64(set.Length(0, 1<<60)) / float64(time.Hour.Milliseconds())
}

func TestADayOnWhichTheClockChangesHasItsTwentyThreeOrTwentyFiveHours(t *testing.T) {
	for _, test := range []struct {
		zone, day string
		from, to  time.Duration
		want      float64
	}{
		{"Europe/Berlin", "2026-03-29", 0, 24 * time.Hour, 23},
		{"Europe/Berlin", "2026-10-25", 0, 24 * time.Hour, 25},
		{"Europe/Berlin", "2026-06-01", 0, 24 * time.Hour, 24},
		{"Europe/Berlin", "2026-03-29", 2 * time.Hour, 3 * time.Hour, 0}, // the hour that is skipped
		{"Europe/Berlin", "2026-10-25", 2 * time.Hour, 3 * time.Hour, 2}, // the hour that is repeated
		{"Europe/Berlin", "2026-03-29", 8 * time.Hour, 18 * time.Hour, 10},
		{"America/New_York", "2026-03-08", 0, 24 * time.Hour, 23},
		{"Australia/Lord_Howe", "2026-04-05", 0, 24 * time.Hour, 24.5},
		{"America/Santiago", "2026-09-06", 0, 24 * time.Hour, 23}, // midnight itself is skipped
		{"America/Santiago", "2026-04-04", 0, 24 * time.Hour, 25}, // 23:00 is repeated
	} {
		t.Run(test.zone+" "+test.day, func(t *testing.T) {
			location := zone(t, test.zone)
			date, err := time.ParseInLocation("2006-01-02", test.day, time.UTC)
			require.NoError(t, err)
			day := agreement.DateOf(date)
			calendar := &agreement.Calendar{Zone: location, Weekly: []agreement.WeeklyHours{{Days: everyDay, From: test.from, To: test.to}}}
			from := day.Midnight(location)
			to := agreement.DateOf(date.AddDate(0, 0, 1)).Midnight(location)
			assert.Equal(t, test.want, hours(scope.SupportHours(calendar, from, to)))
		})
	}
}

// What counts is defined by the wall clock of each instant; the spans must say
// the same, minute by minute, in any zone and across any change of the clock.
func TestSupportHoursAreWhatTheWallClockSays(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago"}
	rapid.Check(t, func(t *rapid.T) {
		location, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		require.NoError(t, err)
		begin := rapid.IntRange(0, 23).Draw(t, "from")
		end := rapid.IntRange(begin+1, 24).Draw(t, "to")
		day := rapid.SampledFrom([]string{"2026-03-08", "2026-03-29", "2026-04-05", "2026-09-06", "2026-10-04", "2026-10-25", "2026-11-01", "2026-12-24"}).Draw(t, "day")
		start, err := time.Parse("2006-01-02", day)
		require.NoError(t, err)
		start = start.Add(-26 * time.Hour)
		stop := start.Add(72 * time.Hour)
		calendar := &agreement.Calendar{Zone: location,
			Weekly:   []agreement.WeeklyHours{{Days: []time.Weekday{time.Sunday, time.Thursday}, From: time.Duration(begin) * time.Hour, To: time.Duration(end) * time.Hour}},
			Holidays: []agreement.Holiday{{Yearly: agreement.MonthDay{Month: 12, Day: 24}}}}
		set := scope.SupportHours(calendar, start, stop)
		for at := start; at.Before(stop); at = at.Add(15 * time.Minute) {
			local := at.In(location)
			want := (local.Weekday() == time.Sunday || local.Weekday() == time.Thursday) &&
				local.Hour() >= begin && local.Hour() < end && (local.Month() != 12 || local.Day() != 24)
			got := set.Length(at.UnixMilli(), at.UnixMilli()+1) == 1
			require.Equal(t, want, got, "%s", local)
		}
	})
}

func TestHolidays(t *testing.T) {
	calendar := &agreement.Calendar{Zone: time.UTC, Holidays: []agreement.Holiday{
		{On: agreement.Date{Year: 2026, Month: 7, Day: 3}},
		{Yearly: agreement.MonthDay{Month: 1, Day: 1}},
		{Country: "DE"},
	}}
	for date, want := range map[agreement.Date]bool{
		{Year: 2026, Month: 7, Day: 3}:   true,
		{Year: 2027, Month: 7, Day: 3}:   false,
		{Year: 2031, Month: 1, Day: 1}:   true,
		{Year: 2026, Month: 4, Day: 3}:   true,  // Good Friday
		{Year: 2026, Month: 10, Day: 3}:  true,  // German Unity Day
		{Year: 2026, Month: 6, Day: 4}:   false, // Corpus Christi: some states only
		{Year: 2026, Month: 12, Day: 24}: false,
	} {
		noon := date.Midnight(time.UTC).Add(12 * time.Hour)
		assert.Equal(t, want, len(maps.Collect(scope.Holidays(calendar, noon, noon))) > 0, "%v", date)
	}
}

func TestHolidaysOfARangeHaveTheirNames(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	calendar := &agreement.Calendar{Zone: berlin, Holidays: []agreement.Holiday{
		{On: agreement.Date{Year: 2026, Month: 12, Day: 24}, Name: "Closed"},
		{Yearly: agreement.MonthDay{Month: 1, Day: 1}, Name: "Start of the year"},
		{Country: "DE"},
	}}
	// The last instant is the midnight that begins 1 January in Berlin.
	got := scope.Holidays(calendar, time.Date(2026, 12, 24, 12, 0, 0, 0, berlin), time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC))
	var told []string
	for date, name := range got {
		told = append(told, fmt.Sprintf("%02d-%02d %s", date.Month, date.Day, name))
	}
	assert.Equal(t, []string{"12-24 Closed", "12-25 Weihnachtstag", "12-26 Zweiter Weihnachtsfeiertag", "01-01 Start of the year"}, told)
	assert.Empty(t, maps.Collect(scope.Holidays(calendar, time.Date(2026, 12, 1, 0, 0, 0, 0, berlin), time.Date(2026, 12, 2, 0, 0, 0, 0, berlin))))
}

// A country that observes a holiday on another day, because it falls on a
// weekend, keeps both; the day may lie in the year before.
func TestAHolidayIsObservedOnAnotherDay(t *testing.T) {
	calendar := &agreement.Calendar{Zone: time.UTC, Holidays: []agreement.Holiday{{Country: "US"}}}
	for day, want := range map[string]string{
		"2026-07-03": "Independence Day", "2026-07-04": "Independence Day", "2026-07-05": "",
		"2027-12-31": "New Year's Day", "2028-01-01": "New Year's Day", "2028-01-03": "", "2026-12-31": "",
	} {
		noon := instant(t, day+"T12:00:00Z")
		var names []string
		for _, name := range scope.Holidays(calendar, noon, noon) {
			names = append(names, name)
		}
		assert.Equal(t, want, strings.Join(names, ", "), day)
	}
}

func TestAWallClockThatIsSkippedOrRepeated(t *testing.T) {
	berlin, newYork := zone(t, "Europe/Berlin"), zone(t, "America/New_York")
	for _, test := range []struct {
		wall string
		zone *time.Location
		want string
	}{
		{"2026-03-29T02:30:00Z", berlin, "2026-03-29T03:30:00+02:00"}, // skipped: the offset before the gap
		{"2026-10-25T02:30:00Z", berlin, "2026-10-25T02:30:00+02:00"}, // twice: the first
		{"2026-10-25T03:00:00Z", berlin, "2026-10-25T03:00:00+01:00"},
		{"2026-03-29T03:00:00Z", berlin, "2026-03-29T03:00:00+02:00"},
		{"2026-03-29T01:59:59Z", berlin, "2026-03-29T01:59:59+01:00"},
		{"2026-11-01T01:30:00Z", newYork, "2026-11-01T01:30:00-04:00"},
		{"2026-03-08T02:00:00Z", newYork, "2026-03-08T03:00:00-04:00"},
		{"2026-07-01T12:00:00Z", newYork, "2026-07-01T12:00:00-04:00"},
	} {
		assert.Equal(t, instant(t, test.want).UTC(), agreement.OnWallClock(instant(t, test.wall), test.zone).UTC(), test.wall)
	}
}

func TestOccurrencesKeepTheirWallClockAndTheirLength(t *testing.T) {
	weekly := &agreement.Exclusion{Zone: zone(t, "America/New_York"), Recurrence: "FREQ=WEEKLY;BYDAY=TU",
		From: instant(t, "2026-02-24T02:00:00-05:00"), To: instant(t, "2026-02-24T04:00:00-05:00")}
	spans, err := occurrences(t, weekly, instant(t, "2026-03-03T08:00:00Z"), instant(t, "2026-03-17T00:00:00Z"))
	require.NoError(t, err)
	span := func(from, to string) scope.Interval {
		return scope.Interval{From: instant(t, from).UnixMilli(), To: instant(t, to).UnixMilli()}
	}
	assert.Equal(t, []scope.Interval{
		span("2026-03-03T02:00:00-05:00", "2026-03-03T04:00:00-05:00"), // begun before, reaches in
		span("2026-03-10T02:00:00-04:00", "2026-03-10T04:00:00-04:00"),
	}, spans)
}

func TestARecurrenceEndsWhenItsRuleSays(t *testing.T) {
	daily := &agreement.Exclusion{Zone: zone(t, "Europe/Berlin"),
		From: instant(t, "2026-03-27T01:00:00+01:00"), To: instant(t, "2026-03-27T02:00:00+01:00")}
	count := func(rule string) int {
		daily.Recurrence = rule
		spans, err := occurrences(t, daily, instant(t, "2026-01-01T00:00:00Z"), instant(t, "2027-01-01T00:00:00Z"))
		require.NoError(t, err)
		return len(spans)
	}
	assert.Equal(t, 1, count(""))
	assert.Equal(t, 4, count("FREQ=DAILY;COUNT=4"))
	assert.Equal(t, 4, count("FREQ=DAILY;UNTIL=20260329T230000Z")) // 30 March 01:00 in Berlin is included
	assert.Equal(t, 3, count("FREQ=DAILY;UNTIL=20260329T225959Z"))
	assert.Equal(t, 4, count("FREQ=DAILY;UNTIL=20260330T010000"), "without a Z it is what the clock there shows")
	assert.Equal(t, 3, count("FREQ=DAILY;UNTIL=20260330T005959"))
	assert.Equal(t, 4, count("UNTIL=20260330;FREQ=DAILY"), "a day is in it whole")
	assert.Equal(t, 3, count("FREQ=DAILY;UNTIL=20260329;INTERVAL=1"))
	daily.Recurrence = "FREQ=SOMETIMES"
	_, err := occurrences(t, daily, daily.From, daily.To)
	assert.ErrorContains(t, err, "FREQ=SOMETIMES")
}

func TestOfIsEffectiveTimeWithinSupportHoursLessExclusionsInEffect(t *testing.T) {
	a := &agreement.Agreement{Provider: "payments", Consumers: []string{"checkout"},
		Effective: agreement.Period{From: instant(t, "2026-06-02T06:00:00Z"), Until: instant(t, "2026-06-04T00:00:00Z")},
		SupportHours: &agreement.Calendar{Zone: time.UTC,
			Weekly: []agreement.WeeklyHours{{Days: everyDay, From: 8 * time.Hour, To: 18 * time.Hour}}}}
	exclusion := func(mode agreement.ExclusionMode, approver, from, to string) *agreement.Exclusion {
		return &agreement.Exclusion{Mode: mode, RequestedBy: "payments", ApprovedBy: approver, Zone: time.UTC,
			From: instant(t, from), To: instant(t, to)}
	}
	of := func(exclusions ...*agreement.Exclusion) scope.Scope {
		a.Exclusions = exclusions
		got, err := scope.Of(t.Context(), a, instant(t, "2026-06-01T00:00:00Z"), instant(t, "2026-06-08T00:00:00Z"))
		require.NoError(t, err)
		return got
	}
	const from, to = "2026-06-02T10:00:00Z", "2026-06-02T12:00:00Z"

	plain := of()
	assert.Equal(t, 20.0, hours(plain.In))
	assert.Equal(t, 18.0, hours(of(exclusion(agreement.Exclude, "checkout", from, to)).In))
	for name, approver := range map[string]string{"nobody": "", "its requester": "payments", "a stranger": "search"} {
		assert.Equal(t, plain, of(exclusion(agreement.Exclude, approver, from, to)), "approved by %s", name)
	}

	good := of(exclusion(agreement.CountAsGood, "checkout", from, to))
	assert.Equal(t, 20.0, hours(good.In))
	assert.Equal(t, 2.0, hours(good.CountAsGood))

	both := of(exclusion(agreement.CountAsGood, "checkout", from, to), exclusion(agreement.Exclude, "checkout", "2026-06-02T11:00:00Z", to))
	assert.Equal(t, 19.0, hours(both.In), "where the two overlap, exclude wins")
	assert.Equal(t, 1.0, hours(both.CountAsGood))
}
