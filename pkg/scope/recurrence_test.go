package scope_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
)

// followed are the occurrences that the library's own iterator finds, from the
// first one on.
func followed(t require.TestingT, x *agreement.Exclusion, from, to time.Time) []scope.Interval {
	wall := func(at time.Time) time.Time {
		return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
	}
	option, err := rrule.StrToROption(x.Recurrence)
	require.NoError(t, err)
	option.Dtstart = wall(x.From.In(x.Zone))
	if !option.Until.IsZero() {
		option.Until = wall(option.Until.In(x.Zone))
	}
	rule, err := rrule.NewRRule(*option)
	require.NoError(t, err)
	length := x.To.Sub(x.From).Milliseconds()
	starts := []int64{x.From.UnixMilli()}
	next := rule.Iterator()
	for at, ok := next(); ok && at.Before(to.Add(48*time.Hour)); at, ok = next() {
		starts = append(starts, max(starts[0], agreement.OnWallClock(at, x.Zone).UnixMilli()))
	}
	slices.Sort(starts)
	var all []scope.Interval
	for _, start := range slices.Compact(starts) {
		if start < to.UnixMilli() && start+length > from.UnixMilli() {
			all = append(all, scope.Interval{From: start, To: start + length})
		}
	}
	return all
}

// drawRule draws a rule that the library follows as the RFC says. It does not
// where plain and counted weekdays are mixed, in a last week of the year that
// ends in the next, and in positions within a first week.
func drawRule(t *rapid.T) string {
	freq := rapid.SampledFrom([]string{"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"}).Draw(t, "freq")
	rule := "FREQ=" + freq
	maybe := func(part string, least, most int) {
		if !rapid.Bool().Draw(t, part) {
			return
		}
		drawn := rapid.SliceOfNDistinct(rapid.IntRange(least, most).Filter(func(n int) bool { return n != 0 || least == 0 }), 1, 3, rapid.ID).Draw(t, part)
		rule += ";" + part + "=" + strings.Trim(strings.ReplaceAll(fmt.Sprint(drawn), " ", ","), "[]")
	}
	if rapid.Bool().Draw(t, "interval") {
		rule += fmt.Sprintf(";INTERVAL=%d", rapid.IntRange(1, 30).Draw(t, "interval"))
	}
	if rapid.IntRange(0, 3).Draw(t, "months") == 0 {
		maybe("BYMONTH", 1, 12)
	}
	switch rapid.IntRange(0, 4).Draw(t, "days") {
	case 0:
		maybe("BYMONTHDAY", -31, 31)
	case 1:
		maybe("BYYEARDAY", -366, 366)
	case 2:
		if freq == "YEARLY" && !strings.Contains(rule, "BYMONTH") {
			maybe("BYWEEKNO", 1, 51)
		}
	case 3:
		counted := (freq == "YEARLY" || freq == "MONTHLY") && rapid.Bool().Draw(t, "counted")
		days := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}), 1, 3, rapid.ID).Draw(t, "BYDAY")
		for i := range days {
			if counted {
				days[i] = rapid.SampledFrom([]string{"1", "2", "4", "-1", "-2"}).Draw(t, "nth") + days[i]
			}
		}
		rule += ";BYDAY=" + strings.Join(days, ",")
	}
	if rapid.Bool().Draw(t, "weekstart") {
		rule += ";WKST=" + rapid.SampledFrom([]string{"MO", "SU", "WE"}).Draw(t, "WKST")
	}
	if freq != "HOURLY" {
		maybe("BYHOUR", 0, 3)
		maybe("BYMINUTE", 0, 59)
		if freq == "MONTHLY" || freq == "DAILY" {
			maybe("BYSETPOS", -3, 3)
		}
	}
	switch rapid.IntRange(0, 3).Draw(t, "end") {
	case 0:
		rule += fmt.Sprintf(";COUNT=%d", rapid.IntRange(1, 40).Draw(t, "count"))
	case 1:
		rule += fmt.Sprintf(";UNTIL=%d0315T013000Z", rapid.IntRange(2010, 2030).Draw(t, "until"))
	}
	return rule
}

func TestWhatIsExpandedForAWindowIsWhatFollowingTheRuleFromItsStartFinds(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia"}
	rapid.Check(t, func(t *rapid.T) {
		location, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		require.NoError(t, err)
		from := time.Date(2010, 1, 1, 0, 0, 0, 0, location).Add(time.Duration(rapid.IntRange(0, 6*365*24*4).Draw(t, "start")) * 15 * time.Minute)
		x := &agreement.Exclusion{Zone: location, From: from, Recurrence: drawRule(t),
			To: from.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour)}
		if scope.CheckRecurrence(x.Recurrence, x.From.In(location)) != nil {
			t.Skip("refused")
		}
		begin := rapid.SampledFrom([]string{"2009-12-01T00:00:00Z", "2011-12-31T12:00:00Z", "2016-03-13T09:00:00Z", "2018-10-28T00:30:00Z", "2026-04-04T15:00:00Z"}).Draw(t, "window")
		at, err := time.Parse(time.RFC3339, begin)
		require.NoError(t, err)
		at = at.Add(time.Duration(rapid.IntRange(-50, 50).Draw(t, "shift")) * time.Hour)
		end := at.Add(time.Duration(rapid.IntRange(1, 500*24).Draw(t, "length")) * time.Hour)
		got, err := scope.Occurrences(t.Context(), []*agreement.Exclusion{x}, at, end)
		require.NoError(t, err)
		require.Equal(t, followed(t, x, at, end), got[0], "%s from %s in (%s, %s]", x.Recurrence, x.From, at, end)
	})
}

func TestARuleIsFollowedAsTheRFCSays(t *testing.T) {
	for _, test := range []struct{ rule, from, want string }{
		{"FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR", "2009-01-02", "2009-01-02 2010-01-01 2016-01-01 2021-01-01"},
		{"FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2018-01-01", "2018-01-01 2018-12-31 2019-12-30 2021-01-04"},
		{"FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", "2018-01-01", "2018-01-01 2018-12-30 2019-12-29 2021-01-03"},
		{"FREQ=MONTHLY;BYDAY=MO,-1FR;BYMONTH=1", "2026-01-01", "2026-01-01 2026-01-05 2026-01-12 2026-01-19"},
		{"FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1", "2026-03-04", "2026-03-04 2026-03-06 2026-03-13 2026-03-20"},
		{"FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "2026-03-04", "2026-03-04 2026-03-09 2026-03-16 2026-03-23"},
		{"FREQ=MONTHLY;BYDAY=5SU", "2026-01-01", "2026-01-01 2026-03-29 2026-05-31 2026-08-30"},
		{"FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29", "2024-02-29", "2024-02-29 2028-02-29 2032-02-29 2036-02-29"},
		{"FREQ=YEARLY;BYDAY=-1MO;BYMONTH=5", "2026-05-25", "2026-05-25 2027-05-31 2028-05-29 2029-05-28"},
		{"FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997-05-19 1998-05-18 1999-05-17 2000-05-15"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", "2026-03-01", "2026-03-01 2026-03-02 2026-03-15 2026-03-16"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO", "2026-03-01", "2026-03-01 2026-03-09 2026-03-15 2026-03-23"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=WE", "2026-03-03", "2026-03-03 2026-03-12 2026-03-17 2026-03-26"},
		{"FREQ=HOURLY;INTERVAL=25;BYDAY=MO", "2026-03-02", "2026-03-02 2026-03-09 2026-03-16 2026-03-23"},
		{"FREQ=HOURLY;INTERVAL=5;BYMONTHDAY=1", "2026-03-01", "2026-03-01 2026-03-01 2026-03-01 2026-03-01"},
		{"FREQ=YEARLY;BYYEARDAY=-1", "2026-12-31", "2026-12-31 2027-12-31 2028-12-31 2029-12-31"},
	} {
		from := instant(t, test.from+"T00:00:00Z")
		require.NoError(t, scope.CheckRecurrence(test.rule, from), test.rule)
		x := &agreement.Exclusion{Zone: time.UTC, From: from, To: from.Add(time.Hour), Recurrence: test.rule}
		spans, err := occurrences(t, x, from, from.AddDate(15, 0, 0))
		require.NoError(t, err, test.rule)
		var days []string
		for _, span := range spans[:4] {
			days = append(days, time.UnixMilli(span.From).UTC().Format(time.DateOnly))
		}
		assert.Equal(t, test.want, strings.Join(days, " "), test.rule)
	}
}

func TestOccurrencesReachIntoTheTimeThatIsAsked(t *testing.T) {
	from := instant(t, "2026-03-01T10:00:00Z")
	x := &agreement.Exclusion{Zone: time.UTC, From: from, To: from.Add(time.Hour), Recurrence: "FREQ=DAILY"}
	third := from.AddDate(0, 0, 2)
	for _, test := range []struct {
		name     string
		from, to time.Time
		want     int
	}{
		{"it ends where the time begins", third.Add(time.Hour), third.Add(2 * time.Hour), 0},
		{"it ends just after the time begins", third.Add(time.Hour - time.Millisecond), third.Add(2 * time.Hour), 1},
		{"it begins where the time ends", third.Add(-time.Hour), third, 0},
		{"it begins just before the time ends", third.Add(-time.Hour), third.Add(time.Millisecond), 1},
	} {
		spans, err := occurrences(t, x, test.from, test.to)
		require.NoError(t, err)
		assert.Len(t, spans, test.want, test.name)
	}
}

// An occurrence is looked for in the year of its own wall clock, which may be
// another one than that of the time it reaches into.
func TestOccurrencesReachOverTheTurnOfTheYear(t *testing.T) {
	for _, test := range []struct {
		name, zone, first, from, to string
		length                      time.Duration
	}{
		{"for days", "UTC", "2025-12-30T12:00:00Z", "2027-01-02T00:00:00Z", "2027-01-03T00:00:00Z", 72 * time.Hour},
		{"where it is still the old year", "America/New_York", "2025-12-31T21:30:00-05:00", "2027-01-01T03:00:00Z", "2027-01-01T04:00:00Z", time.Hour},
		{"where it is the new year already", "Asia/Tokyo", "2026-01-01T00:30:00+09:00", "2026-12-31T15:00:00Z", "2026-12-31T20:00:00Z", time.Hour},
	} {
		first := instant(t, test.first)
		x := &agreement.Exclusion{Zone: zone(t, test.zone), From: first, To: first.Add(test.length), Recurrence: "FREQ=YEARLY"}
		spans, err := occurrences(t, x, instant(t, test.from), instant(t, test.to))
		require.NoError(t, err)
		assert.Equal(t, []scope.Interval{{From: first.AddDate(1, 0, 0).UnixMilli(), To: first.AddDate(1, 0, 0).Add(test.length).UnixMilli()}}, spans, test.name)
	}
}

func TestOccurrencesBeginAtTheirSecond(t *testing.T) {
	from := instant(t, "2026-03-01T10:20:30Z")
	for rule, want := range map[string]string{"FREQ=DAILY": "10:20:30", "FREQ=DAILY;BYSECOND=7": "10:20:07", "FREQ=DAILY;BYMINUTE=1;BYHOUR=2": "02:01:30"} {
		x := &agreement.Exclusion{Zone: time.UTC, From: from, To: from.Add(time.Minute), Recurrence: rule}
		spans, err := occurrences(t, x, from.AddDate(0, 0, 1), from.AddDate(0, 0, 2))
		require.NoError(t, err)
		assert.Equal(t, want, time.UnixMilli(spans[0].From).UTC().Format(time.TimeOnly), rule)
	}
}

func TestARuleStandsAlone(t *testing.T) {
	for _, text := range []string{"DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY", "rrule:freq=daily", "FREQ=DAILY\nCOUNT=2", "FREQ=DAILY\r"} {
		assert.ErrorContains(t, scope.CheckRecurrence(text, instant(t, "2026-02-02T00:00:00Z")), "must be the rule alone", text)
	}
}

func TestARecurrenceThatWouldKeepItsReaderBusyIsRefused(t *testing.T) {
	for rule, want := range map[string]string{
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30":     "never comes true in the 20 years after from",
		"FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30":     "never comes true in the 20 years after from",
		"FREQ=MONTHLY;BYDAY=-10MO":                "never comes true in the 20 years after from",
		"FREQ=DAILY;INTERVAL=7;BYDAY=TU":          "never comes true in the 20 years after from",
		"FREQ=WEEKLY;COUNT=1045":                  "the COUNT of 1045 is not reached in 20 years, which is the limit; write UNTIL, or a COUNT of at most 1044",
		"FREQ=DAILY;COUNT=10001":                  "has the COUNT 10001; it must be from 1 to 10000",
		"FREQ=DAILY;COUNT=-1":                     "has the COUNT -1",
		"FREQ=DAILY;INTERVAL=1001":                "has the interval 1001; it must be from 1 to 1000",
		"FREQ=HOURLY;BYMINUTE=0,30":               "repeats 48 times a day; the limit is 24",
		"FREQ=DAILY;BYHOUR=1,2,3;BYSECOND=" + seq: "repeats 27 times a day; the limit is 24",
		"FREQ=DAILY;COUNT=0":                      "has the COUNT 0; it must be from 1 to",
		"FREQ=WEEKLY;BYDAY=2SU":                   `"FREQ=WEEKLY;BYDAY=2SU" is no rule of RFC 5545 (as FREQ=WEEKLY;BYDAY=TU): only FREQ=MONTHLY and FREQ=YEARLY have an n-th weekday`,
		"FREQ=WEEKLY;UNTIL=2027-01-01":            "UNTIL is written as 20270131, or 20270131T020000Z",
		"FREQ=DAILY;INTERVAL=0":                   "has the interval 0; it must be from 1 to",
		"FREQ=YEARLY;BYEASTER=0":                  "it knows no BYEASTER",
		"FREQ=YEARLY;BYMONTH=13":                  "bymonth must be between 1 and 12",
		"FREQ=SECONDLY":                           "the shortest rhythm is FREQ=HOURLY",
	} {
		assert.ErrorContains(t, scope.CheckRecurrence(rule, instant(t, "2026-02-02T00:00:00Z")), want, rule)
	}
	for _, rule := range []string{"FREQ=HOURLY", "FREQ=HOURLY;INTERVAL=2;BYMINUTE=0,30", "FREQ=WEEKLY;COUNT=1000", "FREQ=DAILY;COUNT=9999;UNTIL=20270101T000000Z",
		"FREQ=DAILY;COUNT=10000;UNTIL=20270101T000000Z", "FREQ=YEARLY;INTERVAL=1000"} {
		assert.NoError(t, scope.CheckRecurrence(rule, instant(t, "2026-02-02T00:00:00Z")), rule)
	}
}

const seq = "0,1,2,3,4,5,6,7,8"

// BenchmarkCheckNeverTrue is the cost of a check that finds nothing: the days of
// twenty years.
func BenchmarkCheckNeverTrue(b *testing.B) {
	for _, rule := range []string{"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY;BYMONTHDAY=31;BYMONTH=4", "FREQ=WEEKLY;BYYEARDAY=366;BYMONTH=1"} {
		b.Run(rule, func(b *testing.B) {
			for b.Loop() {
				_ = scope.CheckRecurrence(rule, time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC))
			}
		})
	}
}

func TestStartsThatAGapOfTheClockMovesAreInOrderAndOnce(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	x := &agreement.Exclusion{Zone: berlin, From: instant(t, "2026-03-01T02:00:00+01:00"), To: instant(t, "2026-03-01T02:10:00+01:00"),
		Recurrence: "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30"}
	spans, err := occurrences(t, x, instant(t, "2026-03-29T01:00:00+01:00"), instant(t, "2026-03-29T12:00:00+02:00"))
	require.NoError(t, err)
	var clocks []string
	for _, span := range spans {
		clocks = append(clocks, time.UnixMilli(span.From).In(berlin).Format("15:04"))
	}
	assert.Equal(t, []string{"03:00", "03:30"}, clocks)
}

func TestNothingOccursBeforeTheFirstWhoseClockShowsItsTimeTwice(t *testing.T) {
	x := &agreement.Exclusion{Zone: zone(t, "Europe/Berlin"), From: instant(t, "2026-10-25T02:30:00+01:00"), To: instant(t, "2026-10-25T02:40:00+01:00"), Recurrence: "FREQ=DAILY"}
	spans, err := occurrences(t, x, instant(t, "2026-10-24T00:00:00Z"), instant(t, "2026-10-27T00:00:00Z"))
	require.NoError(t, err)
	require.Len(t, spans, 2)
	assert.Equal(t, x.From.UnixMilli(), spans[0].From)
}

func daily(n int, length time.Duration) (all []*agreement.Exclusion) {
	from := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		all = append(all, &agreement.Exclusion{Name: fmt.Sprint("x", i), Zone: time.UTC, From: from.Add(time.Duration(i) * time.Second),
			To: from.Add(time.Duration(i)*time.Second + length), Recurrence: "FREQ=DAILY"})
	}
	return all
}

func TestOccurrencesOfOneQuestionHaveALimit(t *testing.T) {
	at := instant(t, "2026-02-02T00:00:00Z")
	_, err := scope.Occurrences(t.Context(), daily(109, time.Minute), at, at.AddDate(5, 0, 0))
	require.NoError(t, err)
	_, err = scope.Occurrences(t.Context(), daily(100, time.Second), at, at.AddDate(0, 0, 2000))
	require.NoError(t, err, "just as many as the limit")
	_, err = scope.Occurrences(t.Context(), daily(110, time.Minute), at, at.AddDate(5, 0, 0))
	assert.EqualError(t, err, "exclusion x109 and those before it occur more than 200000 times from 2026-02-02T00:00:00Z to 2031-02-02T00:00:00Z, "+
		"which is the limit: ask for less time, or let them repeat less often")
}

func TestExpandingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	at := instant(t, "2026-02-02T00:00:00Z")
	_, err := scope.Occurrences(ctx, daily(1, time.Minute), at, at.AddDate(0, 1, 0))
	assert.ErrorIs(t, err, context.Canceled)
	a := &agreement.Agreement{Provider: "p", Exclusions: daily(1, time.Minute)}
	a.Exclusions[0].ApprovedBy = "p"
	_, err = scope.Of(ctx, a, at, at.AddDate(0, 1, 0))
	assert.ErrorIs(t, err, context.Canceled)
}

func TestExclusionsThatDifferAreNotTakenForEachOther(t *testing.T) {
	x := daily(1, time.Hour)[0]
	at := instant(t, "2026-06-01T12:00:00Z")
	seen := map[string]bool{}
	for _, change := range []func(){func() {}, func() { x.Recurrence = "FREQ=DAILY;BYHOUR=3" }, func() { x.Zone = zone(t, "Europe/Berlin") },
		func() { x.From = x.From.Add(time.Minute) }, func() { x.To = x.To.Add(time.Minute) }} {
		change()
		for _, from := range []time.Time{at, at.AddDate(1, 0, 0)} {
			spans, err := occurrences(t, x, from, from.Add(24*time.Hour))
			require.NoError(t, err)
			require.Len(t, spans, 1)
			key := fmt.Sprint(spans)
			assert.False(t, seen[key], key)
			seen[key] = true
		}
	}
}
