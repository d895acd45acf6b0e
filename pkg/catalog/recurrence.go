package catalog

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Bounds of a rule, so that a slip of the pen does not keep whoever follows
// it busy for ever.
const (
	mostADay     = 24
	mostInterval = 1000
)

// recurrence checks a rule that starts at from, seen in its zone; a zero from
// is not known.
func recurrence(d *document.Document, field, rule string, from time.Time) {
	if err := CheckRecurrence(rule, from); err != nil {
		d.Errorf(field, "%v", err)
	}
}

// CheckRecurrence refuses what is no rule of RFC 5545, or one that would keep
// whoever follows it busy. It starts at from, seen in its zone; a zero from is
// not known.
func CheckRecurrence(rule string, from time.Time) error {
	upper := strings.ToUpper(rule)
	if strings.Contains(upper, "DTSTART") || strings.Contains(upper, "RRULE") || strings.ContainsAny(rule, "\r\n") {
		return errors.New("must be the rule alone, as FREQ=WEEKLY;BYDAY=TU; from is where it starts")
	}
	option, err := rrule.StrToROption(rule)
	if err != nil {
		return fmt.Errorf("%q is no rule of RFC 5545 (as FREQ=WEEKLY;BYDAY=TU): %w", rule, err)
	}
	aDay := max(1, len(option.Byhour)) * max(1, len(option.Byminute)) * max(1, len(option.Bysecond))
	switch {
	case option.Freq == rrule.SECONDLY, option.Freq == rrule.MINUTELY:
		return errors.New("repeats by the minute or second, which is not read; the shortest rhythm is FREQ=HOURLY")
	case option.Freq == rrule.HOURLY && len(option.Byhour) > 0:
		return errors.New("FREQ=HOURLY with BYHOUR is not read; write FREQ=DAILY with BYHOUR")
	case aDay > mostADay:
		return fmt.Errorf("repeats %d times a day; the limit is %d", aDay, mostADay)
	case option.Interval < 0 || option.Interval > mostInterval:
		return fmt.Errorf("has the interval %d; it must be from 1 to %d", option.Interval, mostInterval)
	case from.IsZero():
		return nil
	}
	option.Dtstart = time.Date(from.Year(), from.Month(), from.Day(), from.Hour(), from.Minute(), from.Second(), 0, time.UTC)
	return occurs(rule, option)
}

// occurs refuses a rule that never comes true, as the 31st of every February.
func occurs(rule string, option *rrule.ROption) error {
	parsed, err := rrule.NewRRule(*option)
	if err != nil {
		return fmt.Errorf("%q is no rule of RFC 5545 (as FREQ=WEEKLY;BYDAY=TU): %w", rule, err)
	}
	if _, ok := parsed.Iterator()(); !ok {
		return fmt.Errorf("%q never comes true after from", rule)
	}
	return nil
}
