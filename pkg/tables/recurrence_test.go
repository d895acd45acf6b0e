package tables_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/tables"
)

func TestRecurrencesAreWords(t *testing.T) {
	for rule, want := range map[string]string{
		"FREQ=DAILY":                         "every day",
		"FREQ=HOURLY;INTERVAL=6":             "every 6 hours",
		"FREQ=WEEKLY;BYDAY=WE":               "every week on Wednesday",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU": "every 2 weeks on Monday and Sunday",
		"FREQ=MONTHLY;BYDAY=2SU":             "every month on the 2nd Sunday",
		"FREQ=MONTHLY;BYDAY=-1FR;COUNT=12":   "every month on the last Friday, 12 times",
		"FREQ=MONTHLY;BYDAY=-2TU":            "every month on the 2nd last Tuesday",
		"FREQ=MONTHLY;BYMONTHDAY=1,11,22,30": "every month on the 1st, the 11th, the 22nd and the 30th",
		"FREQ=MONTHLY;BYMONTHDAY=-1":         "every month on the last day",
		"FREQ=YEARLY;BYMONTH=3;BYDAY=3SA":    "every year on the 3rd Saturday in March",
		"FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1": "every year on the 1st in March",
		// These are every Monday, and the first of every month.
		"FREQ=MONTHLY;BYDAY=MO":    "FREQ=MONTHLY;BYDAY=MO",
		"FREQ=YEARLY;BYDAY=MO":     "FREQ=YEARLY;BYDAY=MO",
		"FREQ=YEARLY;BYMONTHDAY=1": "FREQ=YEARLY;BYMONTHDAY=1",
		// What is said by more than these stays what was written.
		"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13":           "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
		"FREQ=DAILY;UNTIL=20270131":                     "FREQ=DAILY;UNTIL=20270131",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
		"FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU":    "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU",
		"no rule": "no rule",
	} {
		assert.Equal(t, want, tables.RecurrenceText(rule), rule)
	}
}
