package scope

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
)

// Limits of recurrences, so that neither a typo nor a hostile document causes excessive work.
const (
	// maxOccurrences bounds those of all exclusions in one question.
	maxOccurrences = 200_000
	maxPerDay      = 24
	maxInterval    = 1000
	maxCount       = 10_000
	// A rule must have an occurrence, and reach its COUNT, within so many years.
	maxYears = 20
)

// Occurrences returns the occurrences of each exclusion that overlap the time between
// from and to, uncut and in order. Each has the elapsed length of the exclusion's first.
// It is an error if ctx is done, if a recurrence cannot be read, or if there are more
// than maxOccurrences in all.
func Occurrences(ctx context.Context, exclusions []*agreement.Exclusion, from, to time.Time) ([][]Interval, error) {
	all := make([][]Interval, len(exclusions))
	total := 0
	for i, x := range exclusions {
		length := x.To.Sub(x.From)
		add := func(starts ...int64) {
			first, _ := slices.BinarySearch(starts, from.Add(-length).UnixMilli()+1)
			end, _ := slices.BinarySearch(starts, to.UnixMilli())
			for _, start := range starts[first:max(first, end)] {
				all[i] = append(all[i], Interval{From: start, To: start + length.Milliseconds()})
			}
		}
		add(x.From.UnixMilli())
		if x.Recurrence == "" {
			continue
		}
		earliest := from.Add(-length)
		if earliest.Before(x.From) {
			earliest = x.From
		}
		// Wall clocks are less than a day away from UTC.
		for year := earliest.UTC().AddDate(0, 0, -1).Year(); year <= to.UTC().AddDate(0, 0, 1).Year(); year++ {
			starts, err := startsIn(year, x)
			if err := cmp.Or(ctx.Err(), err); err != nil {
				return nil, fmt.Errorf("exclusion %s: %w", x.Name, err)
			}
			add(starts...)
			if total+len(all[i]) > maxOccurrences {
				return nil, fmt.Errorf("exclusion %s and those before it occur more than %d times from %s to %s, which is the limit: "+
					"ask for less time, or let them repeat less often",
					x.Name, maxOccurrences, from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))
			}
		}
		total += len(all[i])
	}
	return all, nil
}

// expansion is what determines the starts of a recurrence in a year.
type expansion struct {
	from       int64
	recurrence string
	zone       *time.Location
	year       int
}

type expanded struct {
	starts []int64 // in Unix milliseconds
	err    error
}

// expansions are shared by all agreements, objectives and questions. Their keys are
// values, so that they stay valid when documents are reloaded.
var expansions = parallel.Memo[expansion, expanded]{Max: 1_000_000}

// startsIn returns the instants at which the exclusion's occurrences after the first
// begin, of those whose wall clock is in the year.
func startsIn(year int, x *agreement.Exclusion) ([]int64, error) {
	in := expansions.Get(expansion{x.From.UnixMilli(), x.Recurrence, x.Zone, year}, func() (in expanded, size int) {
		rule, err := newRecurrence(x.Recurrence, x.From.In(x.Zone))
		if err != nil {
			return expanded{err: err}, 1
		}
		january := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
		for wall := range rule.starts(january, january.AddDate(1, 0, 0)) {
			if start := agreement.OnWallClock(wall, x.Zone); start.After(x.From) { // the clock may show the first one's time twice
				in.starts = append(in.starts, start.UnixMilli())
			}
		}
		// Starts that a gap of the clock moves may coincide with others.
		slices.Sort(in.starts)
		in.starts = slices.Compact(in.starts)
		return in, 1 + len(in.starts)
	})
	return in.starts, in.err
}

// CheckRecurrence refuses a text that is no rule of RFC 5545, or takes too much work to expand. The
// rule starts at from, in its zone; if from is zero, only the text is checked.
func CheckRecurrence(text string, from time.Time) error {
	rule, err := newRecurrence(text, from)
	if err != nil || from.IsZero() {
		return err
	}
	found := 0
	for range rule.starts(rule.Dtstart, rule.Dtstart.AddDate(maxYears, 0, 0)) {
		if found++; rule.Count == 0 {
			return nil
		}
	}
	switch {
	case found == 0: // as the 31st of every February
		return fmt.Errorf("%q never comes true in the %d years after from, which is as far as is looked", text, maxYears)
	case found < rule.Count && rule.Until.IsZero():
		return fmt.Errorf("the COUNT of %d is not reached in %d years, which is the limit; write UNTIL, or a COUNT of at most %d",
			rule.Count, maxYears, found)
	}
	return nil
}

// recurrence is a rule over wall clocks: times of a zone written as if they were
// UTC, so that a clock change neither moves an occurrence nor is resolved by the
// library. The library only parses the rule: its iterator begins at the first
// occurrence, searches up to the year 9999 for the next, and cannot be stopped.
type recurrence struct {
	rrule.ROption // with the days that the first occurrence implies
	// origin is the beginning of the period (year, …, hour) of the first occurrence.
	origin time.Time
	// times are when occurrences begin within a day, or within an hour if hourly.
	times []time.Duration
	// longest is the greatest length of a period, in seconds.
	longest int64
}

var longestPeriod = map[rrule.Frequency]int64{
	rrule.YEARLY: 366 * 86400, rrule.MONTHLY: 31 * 86400, rrule.WEEKLY: 7 * 86400, rrule.DAILY: 86400, rrule.HOURLY: 3600,
}

func newRecurrence(text string, from time.Time) (*recurrence, error) {
	upper := strings.ToUpper(text)
	if strings.Contains(upper, "DTSTART") || strings.Contains(upper, "RRULE") || strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("must be the rule alone, as FREQ=WEEKLY;BYDAY=TU; from is where it starts")
	}
	const unread = "%q is no rule of RFC 5545 (as FREQ=WEEKLY;BYDAY=TU): %w"
	option, err := rrule.StrToROption(text)
	if _, isTime := errors.AsType[*time.ParseError](err); isTime {
		err = errors.New("UNTIL is written as 20270131, or 20270131T020000Z")
	}
	if err != nil {
		return nil, fmt.Errorf(unread, text, err)
	}
	perDay := max(1, len(option.Byhour)) * max(1, len(option.Byminute)) * max(1, len(option.Bysecond))
	if option.Freq == rrule.HOURLY && option.Interval < 24 {
		perDay *= 24 / max(1, option.Interval)
	}
	switch {
	case longestPeriod[option.Freq] == 0:
		return nil, errors.New("repeats by the minute or second, which is not read; the shortest rhythm is FREQ=HOURLY")
	case option.Freq == rrule.HOURLY && len(option.Byhour) > 0:
		return nil, errors.New("FREQ=HOURLY with BYHOUR is not read; write FREQ=DAILY with BYHOUR")
	case len(option.Byeaster) > 0:
		return nil, fmt.Errorf(unread, text, errors.New("it knows no BYEASTER"))
	case option.Freq > rrule.MONTHLY && slices.ContainsFunc(option.Byweekday, func(w rrule.Weekday) bool { return w.N() != 0 }):
		return nil, fmt.Errorf(unread, text, errors.New("only FREQ=MONTHLY and FREQ=YEARLY have an n-th weekday"))
	case perDay > maxPerDay:
		return nil, fmt.Errorf("repeats %d times a day; the limit is %d", perDay, maxPerDay)
	case option.Interval < 1 && strings.Contains(upper, "INTERVAL=") || option.Interval > maxInterval:
		return nil, fmt.Errorf("has the interval %d; it must be from 1 to %d", option.Interval, maxInterval)
	case option.Count < 1 && strings.Contains(upper, "COUNT=") || option.Count > maxCount:
		return nil, fmt.Errorf("has the COUNT %d; it must be from 1 to %d, or an UNTIL takes its place", option.Count, maxCount)
	}
	option.Dtstart = wallClock(from)
	if _, until, has := strings.Cut(upper, "UNTIL="); has {
		until, _, _ = strings.Cut(until, ";")
		switch {
		case strings.HasSuffix(until, "Z"):
			option.Until = wallClock(option.Until.In(from.Location()))
		case !strings.Contains(until, "T"): // all of a day; the library reads its first second
			option.Until = option.Until.AddDate(0, 0, 1).Add(-time.Second)
		}
	}
	parsed, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, fmt.Errorf(unread, text, err)
	}
	r := &recurrence{ROption: parsed.Options, longest: longestPeriod[option.Freq]}
	year, month, day := r.Dtstart.Date()
	hour := r.Dtstart.Hour()
	switch r.Freq {
	case rrule.YEARLY:
		month, day = time.January, 1
	case rrule.MONTHLY:
		day = 1
	case rrule.WEEKLY:
		day -= r.dayOfWeek(r.Dtstart)
	}
	r.origin = time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if r.Freq == rrule.HOURLY {
		r.origin = r.Dtstart.Truncate(time.Hour)
		hour = 0
	}
	for _, hour := range orElse(r.Byhour, hour) {
		for _, minute := range orElse(r.Byminute, r.Dtstart.Minute()) {
			for _, second := range orElse(r.Bysecond, r.Dtstart.Second()) {
				r.times = append(r.times, time.Duration(hour*3600+minute*60+second)*time.Second)
			}
		}
	}
	slices.Sort(r.times)
	r.times = slices.Compact(r.times)
	return r, nil
}

func orElse(by []int, implied int) []int {
	if len(by) == 0 {
		return []int{implied}
	}
	return by
}

// wallClock returns what the clock shows at t, written as UTC.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// starts yields the wall clocks in [from, to) at which occurrences begin, in order. Its cost
// grows with the days in between or, with a COUNT, with those since the first occurrence.
func (r *recurrence) starts(from, to time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		n, left := 0, r.Count
		if r.Count == 0 {
			left = -1
			n = max(0, int((from.Unix()-r.origin.Unix())/r.longest)/r.Interval*r.Interval)
		} else if last := r.Dtstart.AddDate(maxYears, 0, 0); last.Before(to) {
			to = last
		}
		var found []time.Time
		for begin := r.period(n); begin.Before(to); begin = r.period(n) {
			found = found[:0]
			end := r.period(n + 1)
			for day := begin; day.Before(end); day = day.Add(24 * time.Hour) {
				if r.holdsOn(day) {
					for _, t := range r.times {
						found = append(found, day.Add(t))
					}
				} else if r.Freq == rrule.HOURLY { // nor in the day's other hours
					n += (23 - day.Hour()) / r.Interval * r.Interval
				}
			}
			n += r.Interval
			for i, start := range found {
				if !named(r.Bysetpos, i+1, len(found)) || start.Before(r.Dtstart) {
					continue
				}
				if left == 0 || !start.Before(to) || !r.Until.IsZero() && start.After(r.Until) {
					return
				}
				left--
				if !start.Before(from) && !yield(start) {
					return
				}
			}
		}
	}
}

// period returns the beginning of the n-th period after the first.
func (r *recurrence) period(n int) time.Time {
	switch r.Freq {
	case rrule.YEARLY:
		return r.origin.AddDate(n, 0, 0)
	case rrule.MONTHLY:
		return r.origin.AddDate(0, n, 0)
	default:
		return time.Unix(r.origin.Unix()+int64(n)*r.longest, 0).UTC()
	}
}

// holdsOn reports whether the day is one that the rule names.
func (r *recurrence) holdsOn(day time.Time) bool {
	year, month, dayOfMonth := day.Date()
	if len(r.Bymonth) > 0 && !slices.Contains(r.Bymonth, int(month)) {
		return false
	}
	daysOfMonth := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	daysOfYear := time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC).YearDay()
	if !named(r.Bymonthday, dayOfMonth, daysOfMonth) || !named(r.Byyearday, day.YearDay(), daysOfYear) {
		return false
	}
	if len(r.Byweekno) > 0 { // a week belongs to the year of its fourth day
		fourth := day.AddDate(0, 0, 3-r.dayOfWeek(day))
		week := (fourth.YearDay() + 6) / 7
		rest := time.Date(fourth.Year(), time.December, 31, 0, 0, 0, 0, time.UTC).YearDay() - fourth.YearDay()
		if !named(r.Byweekno, week, week+rest/7) {
			return false
		}
	}
	place, days := dayOfMonth, daysOfMonth
	if r.Freq == rrule.YEARLY && len(r.Bymonth) == 0 {
		place, days = day.YearDay(), daysOfYear
	}
	return len(r.Byweekday) == 0 || slices.ContainsFunc(r.Byweekday, func(w rrule.Weekday) bool {
		nth := w.N()
		return time.Weekday(w.Day()+1)%7 == day.Weekday() &&
			(nth == 0 || nth == (place+6)/7 || nth == -(days-place)/7-1)
	})
}

// named reports whether the list contains n out of last; negative entries count from
// the end. An empty list contains all.
func named(list []int, n, last int) bool {
	return len(list) == 0 || slices.Contains(list, n) || slices.Contains(list, n-last-1)
}

// dayOfWeek returns 0 for the day on which the rule's weeks begin.
func (r *recurrence) dayOfWeek(day time.Time) int {
	return (int(day.Weekday()) + 6 - r.Wkst.Day()) % 7
}
