package budget_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/budget"
)

var inf = budget.Figure(math.Inf(1))

func TestPercent(t *testing.T) {
	for ratio, text := range map[budget.Figure]string{
		1: "100%", 0: "0%", 0.5: "50%", 0.995: "99.5%", 0.9995: "99.95%", 0.99999: "99.999%",
		0.123456: "12.34%", 0.99875: "99.875%", 0.98125: "98.125%", 0.9990123: "99.9%", 0.99911: "99.911%", 0.99949: "99.949%", 0.99951: "99.951%",
		0.99999999: "99.99999%", 0.9999999999: "99.99999%", -0.0001: "−0.01%", -0.5: "−50%", -inf: "−∞%",
		-250_000: "−25000000%", 1e17: "10000000000000000000%",
	} {
		assert.Equal(t, text, ratio.Percent(), float64(ratio))
	}
	assert.Equal(t, "–", budget.Absent.Percent())
	assert.Equal(t, "99.9%", budget.Figure(1-1.0/1000).Percent(), "what the division adds is not shown as a miss")
}

// A reader who compares two cells of a row must not be misled by rounding.
func TestPercentShowsNoMissAsWholeAndNoBreachAsTheTarget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(1, 1e9).Draw(t, "total")
		bad := rapid.Int64Range(0, min(total, 1e6)).Draw(t, "bad")
		compliance := budget.Figure(1 - float64(bad)/float64(total))
		shown := percent(compliance.Percent())
		if bad > 0 && shown >= 100 {
			t.Fatalf("%d of %d bad is shown as %v%%", bad, total, shown)
		}
		if bad == 0 && shown != 100 {
			t.Fatalf("none of %d bad is shown as %v%%", total, shown)
		}
		target := rapid.SampledFrom([]float64{0.9, 0.95, 0.98, 0.98765, 0.99, 0.99375, 0.995, 0.999, 0.9995, 0.9999, 0.99999}).Draw(t, "target")
		allowed := float64(total) * math.Round((1-target)*1e6) / 1e6
		// Up to five decimals are shown, which tell no less than this.
		if float64(bad) > allowed+1e-6 && shown >= percent(budget.Figure(target).Percent()) {
			t.Fatalf("a breach, %d bad of %v allowed, is shown as %v%% of %v", bad, allowed, shown, target)
		}
	})
}

func percent(text string) float64 {
	value, err := strconv.ParseFloat(strings.TrimSuffix(strings.Replace(text, "−", "-", 1), "%"), 64)
	if err != nil {
		panic(err)
	}
	return value
}

func TestNumbersAreThoseThatAreWritten(t *testing.T) {
	for figure, want := range map[budget.Figure][3]budget.Figure{
		0.9990099: {0.999, 0.999, 0.999}, -0.000004: {-0.0001, -0.001, -0.000004}, 0.99999999: {0.9999999, 0.999, 1},
		14.4321: {14.4321, 14.432, 14.4}, 0: {0, 0, 0}, 1: {1, 1, 1}, 0.0004: {0.0004, 0.001, 0.0004}, inf: {inf, inf, inf}, -inf: {-inf, -inf, -inf},
	} {
		assert.Equal(t, want, [3]budget.Figure{figure.AsPercent(), figure.AsShare(), figure.AsRate()}, float64(figure))
	}
	assert.False(t, budget.Absent.AsPercent().Known() || budget.Absent.AsShare().Known() || budget.Absent.AsRate().Known())
}

func TestShare(t *testing.T) {
	for share, text := range map[budget.Figure]string{
		1: "100%", 0: "0%", 0.2308: "23.1%", 0.9999: "99.9%", -0.00001: "−0.1%", -0.4534: "−45.3%", -inf: "−∞%", 0.5: "50%",
		0.0004: "0.1%", 1.0004: "100.1%", 1e-12: "0%", 1 - 1e-12: "100%",
	} {
		assert.Equal(t, text, share.Share(), float64(share))
	}
	assert.Equal(t, "–", budget.Absent.Share())
}

func TestRate(t *testing.T) {
	for rate, text := range map[budget.Figure]string{0: "0", 1: "1", 14.44: "14.4", 0.74321: "0.743", 1234.5: "1234", inf: "∞"} {
		assert.Equal(t, text, rate.Rate(), float64(rate))
	}
	assert.Equal(t, "–", budget.Absent.Rate())
}

func TestCountsAreWholeFromAThousandOn(t *testing.T) {
	for count, want := range map[budget.Figure]budget.Figure{0: 0, 12.04: 12, 12.06: 12.1, -0.5: -0.5, 0.04: 0.04, 0.00523: 0.005, -0.0123: -0.01, 1e-10: 0, 999.96: 1000, 12345.67: 12346, inf: inf} {
		assert.Equal(t, want, count.AsCount(), float64(count))
	}
	assert.False(t, math.Signbit(float64(budget.Figure(-1e-10).AsCount())), "no negative zero")
	assert.False(t, budget.Absent.AsCount().Known())
}
