package tables_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/tables"
)

var inf = budget.Figure(math.Inf(1))

func TestElapsed(t *testing.T) {
	for length, text := range map[time.Duration]string{
		0: "0s", 59*time.Second + 400*time.Millisecond: "59s", time.Minute: "1m", 43*time.Minute + 12*time.Second: "43m 12s",
		51 * time.Hour: "2d 3h", 24*time.Hour + time.Minute: "1d", -90 * time.Second: "−1m 30s", 59*time.Minute + 59600*time.Millisecond: "1h",
		300 * time.Millisecond: "0.3s", -4 * time.Millisecond: "−0.004s", 999 * time.Millisecond: "1s", time.Nanosecond: "0s",
	} {
		assert.Equal(t, text, tables.Elapsed(length))
	}
}

func TestRemainingText(t *testing.T) {
	balance := func(allowed, bad float64) budget.Balance {
		remaining := budget.Figure(1 - bad/allowed)
		if allowed == 0 {
			remaining = 1
			if bad > 0 {
				remaining = -inf
			}
		}
		return budget.Balance{Allowed: budget.Figure(allowed), Bad: budget.Figure(bad), Remaining: remaining}
	}
	assert.Equal(t, "12m 40s of 43m 12s", tables.RemainingText(balance(2592, 1832), agreement.Seconds))
	assert.Equal(t, "1,234 of 12,340 events", tables.RemainingText(balance(12340, 11106), agreement.Events))
	assert.Equal(t, "0.5 of 1 event", tables.RemainingText(balance(1, 0.5), agreement.Events))
	assert.Equal(t, "0.03 of 0.03 events", tables.RemainingText(balance(0.03, 0), agreement.Events), "of 30 events, a thousandth may be bad")
	assert.Equal(t, "−0.04 of 5 events", tables.RemainingText(balance(5, 5.04), agreement.Events))
	assert.Equal(t, "0.4s of 43m 12s", tables.RemainingText(balance(2592, 2591.6), agreement.Seconds))
	assert.Equal(t, "2.5 of 10 slices", tables.RemainingText(balance(10, 7.5), agreement.Slices))
	assert.Equal(t, "−20 of 100 events", tables.RemainingText(balance(100, 120), agreement.Events))
	assert.Equal(t, "none allowed", tables.RemainingText(balance(0, 0), agreement.Events))
	assert.Equal(t, "−5 events, none allowed", tables.RemainingText(balance(0, 5), agreement.Events))
	assert.Equal(t, "–", tables.RemainingText(budget.Balance{Remaining: budget.Absent}, agreement.Events))
}

func TestWindowText(t *testing.T) {
	end := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		window agreement.Window
		text   string
	}{
		{agreement.Window{Rolling: 720 * time.Hour}, "last 30d"},
		{agreement.Window{Rolling: 90 * time.Minute}, "last 1h30m"},
		{agreement.Window{Calendar: agreement.Month}, "this month"},
		{agreement.Window{Calendar: agreement.Day}, "today"},
		{agreement.Window{Calendar: agreement.Month, Offset: -1}, "2026-10"},
		{agreement.Window{Calendar: agreement.Quarter, Offset: -3}, "2026-Q4"},
	} {
		assert.Equal(t, test.text, tables.WindowText(test.window, end))
	}
}

func TestPeriodText(t *testing.T) {
	for name, want := range map[string]string{"2026": "2026", "2026-Q3": "Q3 2026", "2026-10": "October 2026", "2026-W44": "Week 44 of 2026", "2026-10-31": "Saturday, 31 October 2026"} {
		assert.Equal(t, want, tables.PeriodText(name))
	}
}

func TestInstant(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 5, 7, 0, time.FixedZone("CET", 3600))
	assert.Equal(t, "23 Nov 2026 09:05:07 UTC", tables.Instant(at))
	assert.Equal(t, "23 Nov 2026 09:05 UTC", tables.Minute(at))
}

// A filter may hold what anyone typed, and the name of a connection begins with any letter.
func TestCapitalizedIsWhole(t *testing.T) {
	for text, want := range map[string]string{"": "", "met": "Met", "übrig": "Übrig", "3 days": "3 days", "→ met": "→ met"} {
		assert.Equal(t, want, tables.Capitalized(text))
	}
}
