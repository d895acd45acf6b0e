package conformance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const secondsADay = 86400

// What a second counts as.
const (
	outOfScope = iota
	inScope
	inScopeAsGood
)

// oracleScope says of every second what it counts as. The second s is from s
// up to s + 1; no edge in a scenario is finer.
type oracleScope struct {
	agreement   *oracleAgreement
	calendar    *oracleCalendar
	exclude     [][2]int64
	asGood      [][2]int64
	days        map[int64]*oracleDay
	last        *oracleDay // that was asked for
	from, until int64
}

func newOracleScope(d *oracleDocuments, a *oracleAgreement, begin, end time.Time) *oracleScope {
	s := &oracleScope{agreement: a, calendar: d.calendars[a.SupportHours], days: map[int64]*oracleDay{}}
	s.from, s.until = a.effective()
	for _, x := range d.exclusions {
		if !x.hasEffectIn(a) {
			continue
		}
		if x.Mode == "good" {
			s.asGood = append(s.asGood, x.spells(begin, end)...)
		} else {
			s.exclude = append(s.exclude, x.spells(begin, end)...)
		}
	}
	return s
}

// seconds are those of from ≤ s < to that are in scope, and how many of them
// are forgiven.
func (s *oracleScope) seconds(from, to int64) (in, good int64) {
	for t := from; t < to; {
		minute := floorDiv(t, 60)
		day := s.day(floorDiv(t, secondsADay))
		if t == minute*60 && to >= t+60 {
			whole := day.minutes[minute-floorDiv(t, secondsADay)*1440]
			in, good = in+whole[0], good+whole[1]
			t += 60
			continue
		}
		switch day.seconds[t-floorDiv(t, secondsADay)*secondsADay] {
		case inScopeAsGood:
			good++
			in++
		case inScope:
			in++
		}
		t++
	}
	return in, good
}

// oracleDay is a UTC day, second by second, and the sums of its minutes: those
// in scope, and the forgiven ones of them.
type oracleDay struct {
	number  int64
	seconds [secondsADay]byte
	minutes [1440][2]int64
}

func (s *oracleScope) day(number int64) *oracleDay {
	if s.last == nil || s.last.number != number {
		s.last = s.days[number]
	}
	if s.last != nil {
		return s.last
	}
	day := &oracleDay{number: number}
	for minute := range day.minutes {
		open := s.open(number*secondsADay + int64(minute)*60)
		for i := minute * 60; i < minute*60+60; i++ {
			t := number*secondsADay + int64(i)
			switch {
			case !open || t < s.from || t >= s.until || within(s.exclude, t):
			case within(s.asGood, t):
				day.seconds[i] = inScopeAsGood
				day.minutes[minute][0]++
				day.minutes[minute][1]++
			default:
				day.seconds[i] = inScope
				day.minutes[minute][0]++
			}
		}
	}
	s.days[number] = day
	return day
}

func within(spells [][2]int64, t int64) bool {
	return slices.ContainsFunc(spells, func(x [2]int64) bool { return x[0] <= t && t < x[1] })
}

// open is support hours. No zone's clock and no row changes within a minute.
func (s *oracleScope) open(t int64) bool {
	c := s.calendar
	if c == nil {
		return true
	}
	local := time.Unix(t, 0).In(c.TimeZone.location())
	for _, h := range c.Holidays {
		if string(h.On) == local.Format(time.DateOnly) || string(h.Yearly) == local.Format("01-02") {
			return false
		}
	}
	wall := clock(time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute)
	weekday := strings.ToLower(local.Format("Mon"))
	for _, row := range c.Weekly {
		if slices.Contains(row.Days, weekday) && row.From <= wall && wall < row.To {
			return true
		}
	}
	return false
}

// spells are the occurrences that begin before end and end after begin.
func (x oracleExclusion) spells(begin, end time.Time) [][2]int64 {
	first := time.Time(x.From)
	length := time.Time(x.To).Unix() - first.Unix()
	if x.Recurrence == "" {
		return [][2]int64{{first.Unix(), first.Unix() + length}}
	}
	var all [][2]int64
	in := x.TimeZone.location()
	local := first.In(in)
	rule := readRule(x.Recurrence)
	found := 0
	for day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC); day.Before(end.AddDate(0, 0, 2)); day = day.AddDate(0, 0, 1) {
		if !rule.falls(day, local) {
			continue
		}
		if found++; rule.count > 0 && found > rule.count {
			break
		}
		wall := day.Add(time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second)
		start := max(first.Unix(), instantOfWall(wall, in))
		if start+length > begin.Unix() {
			all = append(all, [2]int64{start, start + length})
		}
	}
	return all
}

// instantOfWall is the first instant at which the zone's clock shows what wall
// shows in UTC; one that is skipped takes the offset before the gap.
func instantOfWall(wall time.Time, in *time.Location) int64 {
	_, before := wall.Add(-36 * time.Hour).In(in).Zone()
	_, after := wall.Add(36 * time.Hour).In(in).Zone()
	for _, offset := range []int{max(before, after), min(before, after)} {
		t := wall.Unix() - int64(offset)
		if time.Unix(t, 0).In(in).Format(time.DateTime) == wall.Format(time.DateTime) {
			return t
		}
	}
	return wall.Unix() - int64(before)
}

// recurrenceRule is as much of RFC 5545 as the scenarios use.
type recurrenceRule struct {
	freq     string
	interval int
	count    int
	byDay    []string
}

func readRule(text string) recurrenceRule {
	r := recurrenceRule{interval: 1}
	for _, part := range strings.Split(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "FREQ":
			r.freq = value
		case "INTERVAL":
			r.interval, _ = strconv.Atoi(value)
		case "COUNT":
			r.count, _ = strconv.Atoi(value)
		case "BYDAY":
			r.byDay = strings.Split(value, ",")
		default:
			panic(fmt.Sprintf("the oracle does not know %s of %s", name, text))
		}
	}
	return r
}

// falls reports whether the rule, first followed on the day of first, is
// followed on the day.
func (r recurrenceRule) falls(day, first time.Time) bool {
	start := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, time.UTC)
	days := int(day.Sub(start) / (24 * time.Hour))
	weekday := strings.ToUpper(day.Format("Mon")[:2])
	switch r.freq {
	case "DAILY":
		return days%r.interval == 0 && (len(r.byDay) == 0 || slices.Contains(r.byDay, weekday))
	case "WEEKLY":
		monday := func(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }
		week := (days + monday(start)) / 7
		onDay := slices.Contains(r.byDay, weekday) || len(r.byDay) == 0 && day.Weekday() == start.Weekday()
		return week%r.interval == 0 && onDay
	case "MONTHLY":
		months := (day.Year()-start.Year())*12 + int(day.Month()) - int(start.Month())
		nth := strconv.Itoa((day.Day()-1)/7+1) + weekday
		last := "-1" + weekday
		isLast := day.AddDate(0, 0, 7).Month() != day.Month()
		onDay := slices.Contains(r.byDay, nth) || slices.Contains(r.byDay, weekday) || isLast && slices.Contains(r.byDay, last) ||
			len(r.byDay) == 0 && day.Day() == start.Day()
		return months%r.interval == 0 && onDay
	}
	panic("the oracle does not know FREQ=" + r.freq)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
