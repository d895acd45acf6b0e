package report

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
)

// absent is how a table shows a figure that is not there.
const absent = "–"

// Percent writes a ratio in percent with as many decimals as tell it from its
// target, at least two and at most five, and never rounds a miss up to 100 %.
func Percent(ratio budget.Figure) string {
	if !ratio.Known() {
		return absent
	}
	percent := 100 * float64(ratio)
	if math.IsInf(percent, 0) {
		return infinite(percent) + " %"
	}
	for decimals := 2; decimals <= 5; decimals++ {
		scale := math.Pow(10, float64(decimals))
		cut := math.Floor(percent*scale+1e-6) / scale
		if cut < 100 && (100-cut)*scale >= 10 || cut == percent || decimals == 5 {
			return trimmed(cut, decimals) + " %"
		}
	}
	return absent
}

func infinite(value float64) string {
	if value < 0 {
		return "−∞"
	}
	return "∞"
}

func trimmed(value float64, decimals int) string {
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return strings.Replace(text, "-", "−", 1)
}

// Share writes a share of the budget in percent with one decimal.
func Share(share budget.Figure) string {
	switch value := 100 * float64(share); {
	case !share.Known():
		return absent
	case math.IsInf(value, 0):
		return infinite(value) + " %"
	default:
		return trimmed(value, 1) + " %"
	}
}

// Rate writes a burn rate with three significant digits.
func Rate(rate budget.Figure) string {
	switch value := float64(rate); {
	case !rate.Known():
		return absent
	case math.IsInf(value, 0):
		return infinite(value)
	case value >= 100:
		return strconv.FormatFloat(value, 'f', 0, 64)
	default:
		return strconv.FormatFloat(value, 'g', 3, 64)
	}
}

// Amount writes a count in its unit: «12m 40s», «1,234.5 events».
func Amount(amount budget.Figure, unit Unit) string {
	switch {
	case !amount.Known():
		return absent
	case unit == Seconds:
		return Elapsed(time.Duration(float64(amount) * float64(time.Second)))
	default:
		return grouped(float64(amount))
	}
}

// Left says how much of the error budget is left: «12m 40s of 43m 12s».
func Left(s budget.Status, unit Unit) string {
	if !s.Remaining.Known() {
		return absent
	}
	left := s.Allowed - s.Bad
	text := Amount(left, unit) + " of " + Amount(s.Allowed, unit)
	if unit != Seconds {
		text += " " + string(unit)
	}
	return text
}

// grouped writes a number with thousands set apart, and one decimal below
// 1,000 when it is no whole number.
func grouped(value float64) string {
	sign := ""
	if value < 0 {
		sign, value = "−", -value
	}
	decimals := 0
	if value < 1000 && math.Abs(value-math.Round(value)) > 0.05 {
		decimals = 1
	}
	digits := strconv.FormatFloat(value, 'f', decimals, 64)
	whole, rest, _ := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	if whole == "0" {
		sign = ""
	}
	return sign + whole
}

// Elapsed writes a length of time in its two largest units: «2d 3h», «43m 12s».
func Elapsed(length time.Duration) string {
	if length < 0 {
		return "−" + Elapsed(-length)
	}
	seconds := int64(length.Round(time.Second) / time.Second)
	units := []struct {
		name   string
		length int64
	}{{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}
	for i, unit := range units {
		if seconds < unit.length && unit.length > 1 {
			continue
		}
		text := fmt.Sprintf("%d%s", seconds/unit.length, unit.name)
		if i+1 < len(units) {
			if rest := seconds % unit.length / units[i+1].length; rest > 0 {
				text += fmt.Sprintf(" %d%s", rest, units[i+1].name)
			}
		}
		return text
	}
	return "0s"
}

// GroupText writes a group's labels: «region=eu, tier=1».
func GroupText(group map[string]string) string {
	parts := make([]string, 0, len(group))
	for name, value := range group {
		parts = append(parts, name+"="+value)
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}
