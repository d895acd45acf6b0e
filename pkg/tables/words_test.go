package tables_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/tables"
)

var inf = budget.Figure(math.Inf(1))

func TestPercent(t *testing.T) {
	for ratio, text := range map[budget.Figure]string{
		1: "100 %", 0: "0 %", 0.5: "50 %", 0.995: "99.5 %", 0.9995: "99.95 %", 0.99999: "99.999 %",
		0.123456: "12.34 %", 0.99949: "99.949 %", 0.99951: "99.951 %",
		0.99999999: "99.99999 %", 0.9999999999: "99.99999 %", -0.0001: "−0.01 %", -0.5: "−50 %", -inf: "−∞ %",
		-250_000: "−25000000 %", 1e17: "10000000000000000000 %",
	} {
		assert.Equal(t, text, tables.Percent(ratio), float64(ratio))
	}
	assert.Equal(t, "–", tables.Percent(budget.Absent))
	assert.Equal(t, "99.9 %", tables.Percent(1-1.0/1000), "what the division adds is not shown as a miss")
}

// A reader who compares two cells of a row must not be misled by rounding.
func TestPercentShowsNoMissAsWholeAndNoBreachAsTheTarget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(1, 1e9).Draw(t, "total")
		bad := rapid.Int64Range(0, min(total, 1e6)).Draw(t, "bad")
		compliance := budget.Figure(1 - float64(bad)/float64(total))
		shown := percent(tables.Percent(compliance))
		if bad > 0 && shown >= 100 {
			t.Fatalf("%d of %d bad is shown as %v %%", bad, total, shown)
		}
		if bad == 0 && shown != 100 {
			t.Fatalf("none of %d bad is shown as %v %%", total, shown)
		}
		target := rapid.SampledFrom([]float64{0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999}).Draw(t, "target")
		allowed := float64(total) * math.Round((1-target)*1e6) / 1e6
		// Up to five decimals are shown, which tell no less than this.
		if float64(bad) > allowed+1e-6 && shown >= percent(tables.Percent(budget.Figure(target))) {
			t.Fatalf("a breach, %d bad of %v allowed, is shown as %v %% of %v", bad, allowed, shown, target)
		}
	})
}

func percent(text string) float64 {
	value, err := strconv.ParseFloat(strings.TrimSuffix(strings.Replace(text, "−", "-", 1), " %"), 64)
	if err != nil {
		panic(err)
	}
	return value
}

func TestShare(t *testing.T) {
	for share, text := range map[budget.Figure]string{
		1: "100 %", 0: "0 %", 0.2308: "23.1 %", 0.9999: "99.9 %", -0.00001: "−0.1 %", -0.4534: "−45.3 %", -inf: "−∞ %", 0.5: "50 %",
	} {
		assert.Equal(t, text, tables.Share(share), float64(share))
	}
	assert.Equal(t, "–", tables.Share(budget.Absent))
}

func TestRate(t *testing.T) {
	for rate, text := range map[budget.Figure]string{0: "0", 1: "1", 14.44: "14.4", 0.74321: "0.743", 1234.5: "1234", inf: "∞"} {
		assert.Equal(t, text, tables.Rate(rate), float64(rate))
	}
	assert.Equal(t, "–", tables.Rate(budget.Absent))
}

func TestElapsed(t *testing.T) {
	for length, text := range map[time.Duration]string{
		0: "0s", 59*time.Second + 400*time.Millisecond: "59s", time.Minute: "1m", 43*time.Minute + 12*time.Second: "43m 12s",
		51 * time.Hour: "2d 3h", 24*time.Hour + time.Minute: "1d", -90 * time.Second: "−1m 30s", 59*time.Minute + 59600*time.Millisecond: "1h",
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

func TestInstant(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 5, 7, 0, time.FixedZone("CET", 3600))
	assert.Equal(t, "23 Nov 2026 09:05:07 UTC", tables.Instant(at))
	assert.Equal(t, "23 Nov 2026 09:05 UTC", tables.Minute(at))
}
