package agreement

import (
	"fmt"
	"iter"
	"slices"
	"time"
)

// Calendar is support hours: weekly rows of wall-clock time in a zone, less holidays.
type Calendar struct {
	Name        string
	DisplayName string
	Zone        *time.Location
	Weekly      []WeeklyHours
	Holidays    []Holiday
	Place       Place
}

// WeeklyHours is one row: on each of Days, the wall clock from From up to but
// not including To, both as time since midnight. From < To ≤ 24h.
type WeeklyHours struct {
	Days     []time.Weekday
	From, To time.Duration
}

// Holiday is a day without support hours. Exactly one of On, Yearly and Country is
// set. An ICS file becomes one Holiday per date.
type Holiday struct {
	Name    string
	On      Date
	Yearly  MonthDay
	Country string // ISO 3166-1 alpha-2; the nationwide holidays
}

// Date is a calendar day in no particular zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// MonthDay is a day of every year.
type MonthDay struct {
	Month time.Month
	Day   int
}

// DateOf returns the day on which t falls in t's own zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// Next returns the day after.
func (d Date) Next() Date { return Day.next(d, 1) }

// Until yields the days from this one up to, not including, end.
func (d Date) Until(end Date) iter.Seq[Date] {
	return func(yield func(Date) bool) {
		for day := d; day.UTC().Before(end.UTC()) && yield(day); day = day.Next() {
		}
	}
}

// UTC returns the start of the day in UTC.
func (d Date) UTC() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Midnight returns the start of the day in the zone: its first instant, also where
// a change of offset removes 00:00, or repeats it.
func (d Date) Midnight(zone *time.Location) time.Time { return OnWallClock(d.UTC(), zone).In(zone) }

// OnWallClock returns the first instant at which the zone's clock shows wall, a time given
// as UTC. One that does not exist takes the offset before the gap: 02:30 becomes 03:30.
func OnWallClock(wall time.Time, zone *time.Location) time.Time {
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	// No zone changes twice within two days.
	before, after := offset(wall.Add(-24*time.Hour)), offset(wall.Add(24*time.Hour))
	early, late := wall.Add(-before), wall.Add(-after)
	if offset(early) != before && offset(late) == after {
		return late
	}
	return early
}

// Exclusion is a span of time that does not count against the provider, once the other
// party has approved it.
type Exclusion struct {
	Name        string
	DisplayName string
	Reason      string
	Category    string // maintenance | third-party | force-majeure | test | other
	Services    []string
	Agreements  []string
	// From and To bound the first occurrence.
	From, To time.Time
	// Recurrence is an RFC 5545 rule read in Zone; empty: it happens once.
	Recurrence string
	Zone       *time.Location
	Mode       ExclusionMode

	RequestedBy string
	ApprovedBy  string
	ApprovedOn  time.Time

	Place Place
}

// ExclusionMode says how excluded time counts.
type ExclusionMode string

// Exclude takes the time out of scope; CountAsGood keeps it in the total but does
// not count its bad.
const (
	Exclude     ExclusionMode = "exclude"
	CountAsGood ExclusionMode = "good"
)

// HasEffectIn reports whether the exclusion changes the agreement's figures:
// it was approved, by a party of this agreement, and not by its requester.
func (x *Exclusion) HasEffectIn(a *Agreement) bool {
	return x.ApprovedBy != "" && x.ApprovedBy != x.RequestedBy && a.IsParty(x.ApprovedBy)
}

// ExclusionsInEffect returns those of its exclusions that change its figures.
func (a *Agreement) ExclusionsInEffect() []*Exclusion {
	return slices.DeleteFunc(slices.Clone(a.Exclusions), func(x *Exclusion) bool { return !x.HasEffectIn(a) })
}

// ClockText formats a time of day as 08:00.
func ClockText(sinceMidnight time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(sinceMidnight.Hours()), int(sinceMidnight.Minutes())%60)
}

// ParseClock parses what [ClockText] returns, from 00:00 to 24:00.
func ParseClock(text string) (sinceMidnight time.Duration, ok bool) {
	var hours, minutes time.Duration
	_, err := fmt.Sscanf(text, "%d:%d", &hours, &minutes)
	sinceMidnight = hours*time.Hour + minutes*time.Minute
	return sinceMidnight, err == nil && sinceMidnight >= 0 && sinceMidnight <= 24*time.Hour && ClockText(sinceMidnight) == text
}
