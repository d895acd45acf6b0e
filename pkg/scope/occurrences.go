package scope

import (
	"fmt"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Occurrences are the spans of an exclusion that reach into the time between
// from and to, uncut. Each has the elapsed length of the first.
func Occurrences(x *agreement.Exclusion, from, to time.Time) ([]Interval, error) {
	first := Interval{From: x.From.UnixMilli(), To: x.To.UnixMilli()}
	var spans []Interval
	add := func(start int64) bool {
		span := Interval{From: start, To: start + first.Length()}
		if span.To > from.UnixMilli() && span.From < to.UnixMilli() {
			spans = append(spans, span)
		}
		return span.From < to.UnixMilli()
	}
	if !add(first.From) || x.Recurrence == "" {
		return spans, nil
	}
	rule, err := recurrence(x)
	if err != nil {
		return nil, err
	}
	next := rule.Iterator()
	for wall, ok := next(); ok; wall, ok = next() {
		start := OnWallClock(wall, x.Zone).UnixMilli()
		if start == first.From {
			continue
		}
		if !add(start) {
			break
		}
	}
	return spans, nil
}

// recurrence is the exclusion's rule over wall clocks: times of a zone written
// as if they were UTC, so that a clock change can neither move an occurrence
// nor be resolved in a way that is not ours.
func recurrence(x *agreement.Exclusion) (*rrule.RRule, error) {
	option, err := rrule.StrToROption(x.Recurrence)
	if err != nil {
		return nil, fmt.Errorf("recurrence %q: %w", x.Recurrence, err)
	}
	option.Dtstart = wallClock(x.From.In(x.Zone))
	if !option.Until.IsZero() {
		option.Until = wallClock(option.Until.In(x.Zone))
	}
	return rrule.NewRRule(*option)
}

// wallClock is what the clock shows at t, written as UTC.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// OnWallClock is the instant at which the zone's clock shows wall, a time
// written as UTC. A wall clock that does not exist takes the offset before the
// gap (02:30 becomes 03:30); one that exists twice is the first.
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
