package catalog

import (
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

// recurrence checks a rule of RFC 5545 that starts at from, seen in its zone;
// a zero from is not known.
func recurrence(d *document.Document, field, rule string, from time.Time) {
	upper := strings.ToUpper(rule)
	if strings.Contains(upper, "DTSTART") || strings.Contains(upper, "RRULE") || strings.ContainsAny(rule, "\r\n") {
		d.Errorf(field, "must be the rule alone, as FREQ=WEEKLY;BYDAY=TU; from is where it starts")
		return
	}
	option, err := rrule.StrToROption(rule)
	if err != nil {
		d.Errorf(field, "%q is no rule of RFC 5545 (as FREQ=WEEKLY;BYDAY=TU): %v", rule, err)
		return
	}
	aDay := max(1, len(option.Byhour)) * max(1, len(option.Byminute)) * max(1, len(option.Bysecond))
	switch {
	case option.Freq == rrule.SECONDLY, option.Freq == rrule.MINUTELY:
		d.Errorf(field, "repeats by the minute or second, which is not read; the shortest rhythm is FREQ=HOURLY")
	case option.Freq == rrule.HOURLY && len(option.Byhour) > 0:
		d.Errorf(field, "FREQ=HOURLY with BYHOUR is not read; write FREQ=DAILY with BYHOUR")
	case aDay > mostADay:
		d.Errorf(field, "repeats %d times a day; the limit is %d", aDay, mostADay)
	case option.Interval < 0 || option.Interval > mostInterval:
		d.Errorf(field, "has the interval %d; it must be from 1 to %d", option.Interval, mostInterval)
	case !from.IsZero():
		option.Dtstart = time.Date(from.Year(), from.Month(), from.Day(), from.Hour(), from.Minute(), from.Second(), 0, time.UTC)
		occurs(d, field, rule, option)
	}
}

// occurs refuses a rule that never comes true, as the 31st of every February.
func occurs(d *document.Document, field, rule string, option *rrule.ROption) {
	parsed, err := rrule.NewRRule(*option)
	if err != nil {
		d.Errorf(field, "%q is no rule of RFC 5545 (as FREQ=WEEKLY;BYDAY=TU): %v", rule, err)
		return
	}
	if _, ok := parsed.Iterator()(); !ok {
		d.Errorf(field, "%q never comes true after from", rule)
	}
}
