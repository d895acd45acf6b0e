package demo

import "time"

// Time in this package is counted in whole minutes and days since the Unix
// epoch, in UTC: the scrape of minute m shows all events up to m.
const (
	minutesPerDay  = 24 * 60
	minutesPerWeek = 7 * minutesPerDay
)

// floorDiv is a/b rounded down, so that time before the epoch is continuous
// with time after it.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func dayOf(minute int64) int64 { return floorDiv(minute, minutesPerDay) }

// weekdayOf is the weekday of a day since the epoch, which was a Thursday.
func weekdayOf(day int64) time.Weekday {
	return time.Weekday(((day+int64(time.Thursday))%7 + 7) % 7)
}

// minuteOfWeek counts from Monday 00:00 UTC.
func minuteOfWeek(minute int64) int {
	sinceMonday := minute + 3*minutesPerDay // the epoch's Monday came three days before it
	return int(sinceMonday - floorDiv(sinceMonday, minutesPerWeek)*minutesPerWeek)
}

// span is a stretch of minutes, first inclusive and last exclusive.
type span struct{ from, to int64 }

func (s span) contains(minute int64) bool { return s.from <= minute && minute < s.to }
func (s span) overlaps(o span) bool       { return s.from < o.to && o.from < s.to }

func spanOfDay(day int64) span {
	return span{day * minutesPerDay, (day + 1) * minutesPerDay}
}

// occurrence is one time that something recurring happens. draw is a number
// of its own, from which its strength is drawn.
type occurrence struct {
	span
	draw int64
}

// recurrence says when something happens again and again.
type recurrence interface {
	// on calls yield for every occurrence that overlaps the day.
	on(day int64, yield func(occurrence))
}

// workdays and anyDay are sets of weekdays, a bit for each.
const (
	anyDay   = 0b1111111
	workdays = 0b0111110 // Sunday is bit 0
)

// scattered happens once in every block of so many days, at an instant that is
// drawn anew for each block.
type scattered struct {
	seed    seed
	every   int64    // days of a block
	first   int64    // it begins within so many first days of it; 0: on any
	days    int      // set of weekdays on which it may begin
	hours   [2]int64 // it begins between these hours, UTC
	minutes [2]int64 // it takes between so many minutes; less than a block
}

func (s scattered) on(day int64, yield func(occurrence)) {
	block := floorDiv(day, s.every)
	for _, b := range [2]int64{block - 1, block} {
		o := s.in(b)
		if o.overlaps(spanOfDay(day)) {
			yield(o)
		}
	}
}

// in is the block's one occurrence.
func (s scattered) in(block int64) occurrence {
	choice := s.every
	if s.first > 0 {
		choice = s.first
	}
	day := s.seed.and(1).among(block, choice)
	for range choice {
		if s.days&(1<<weekdayOf(block*s.every+day)) != 0 {
			break
		}
		day = (day + 1) % choice
	}
	begin := s.hours[0]*60 + s.seed.and(2).among(block, (s.hours[1]-s.hours[0])*60)
	length := s.minutes[0] + s.seed.and(3).among(block, s.minutes[1]-s.minutes[0]+1)
	from := (block*s.every+day)*minutesPerDay + begin
	return occurrence{span{from, from + length}, block}
}

// planned happens by the wall clock of a zone: on each such weekday, or only
// on the nth of a month.
type planned struct {
	zone    *time.Location
	weekday time.Weekday
	nth     int   // 0: every week
	begin   int64 // minutes after midnight
	minutes int64
}

func (p planned) on(day int64, yield func(occurrence)) {
	for d := day - 1; d <= day+1; d++ { // a zone's day begins up to 14 hours off
		date := time.Unix(d*minutesPerDay*60, 0).UTC()
		if date.Weekday() != p.weekday || p.nth != 0 && (date.Day()-1)/7+1 != p.nth {
			continue
		}
		start := time.Date(date.Year(), date.Month(), date.Day(), 0, int(p.begin), 0, 0, p.zone)
		from := floorDiv(start.Unix(), 60)
		if o := (occurrence{span{from, from + p.minutes}, d}); o.overlaps(spanOfDay(day)) {
			yield(o)
		}
	}
}
