package tables

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/accord-sla/accord/pkg/wire"
)

// RecurrenceText describes an RFC 5545 rule, such as «every month on the 2nd Sunday». It returns the rule
// itself if that has more than a frequency, an interval, days, months and a count.
func RecurrenceText(rule string) string {
	said, err := rrule.StrToROption(rule)
	if err != nil || saysMore(said) {
		return rule
	}
	unit := []string{"year", "month", "week", "day", "hour", "minute", "second"}[said.Freq]
	text := "every " + unit
	if said.Interval > 1 {
		text = "every " + Plural(said.Interval, unit)
	}
	days := wire.Each(said.Byweekday, func(day rrule.Weekday) string {
		name := time.Weekday((day.Day() + 1) % 7).String()
		if n := day.N(); n != 0 {
			return "the " + nth(n) + " " + name
		}
		return name
	})
	if len(days) == 0 {
		days = wire.Each(said.Bymonthday, func(n int) string {
			if n < 0 {
				return "the " + nth(n) + " day"
			}
			return "the " + nth(n)
		})
		said.Bymonthday = nil
	}
	if len(days) > 0 {
		text += " on " + allOf(days)
	}
	if len(said.Bymonth) > 0 {
		text += " in " + allOf(wire.Each(said.Bymonth, func(month int) string { return time.Month(month).String() }))
	}
	if said.Count > 0 {
		text += ", " + Plural(said.Count, "time")
	}
	said.Freq, said.Interval, said.Byweekday, said.Bymonth, said.Count = 0, 0, nil, nil, 0
	if !reflect.DeepEqual(*said, rrule.ROption{}) {
		return rule
	}
	return text
}

// saysMore reports whether the rule means every such weekday, or a day of every month, of the month or year.
func saysMore(o *rrule.ROption) bool {
	isAny := func(day rrule.Weekday) bool { return day.N() == 0 }
	return o.Freq <= rrule.MONTHLY && slices.ContainsFunc(o.Byweekday, isAny) ||
		o.Freq == rrule.YEARLY && len(o.Bymonthday) > 0 && len(o.Bymonth) == 0
}

// nth returns the ordinal of n: «2nd», «last» for -1, «2nd last» for -2.
func nth(n int) string {
	switch {
	case n == -1:
		return "last"
	case n < 0:
		return nth(-n) + " last"
	case n%10 > 3 || n%10 == 0 || n/10%10 == 1:
		return fmt.Sprint(n, "th")
	}
	return fmt.Sprint(n, []string{"st", "nd", "rd"}[n%10-1])
}
