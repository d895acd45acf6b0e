package tables

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
)

// absent is how a table shows a figure that is not there.
const absent = "–"

// Percent writes a ratio in percent with as many decimals as it takes to differ from its
// target, at least two and at most five. It cuts rather than rounds: a miss is
// never shown as 100 %, nor a breach as the target.
func Percent(ratio budget.Figure) string {
	if !ratio.Known() {
		return absent
	}
	if value := float64(ratio); math.IsInf(value, 0) {
		return infinite(value) + " %"
	}
	// Ratios that the units below cannot hold have no decimals worth telling.
	if math.Abs(float64(ratio)) > 90_000 {
		return trimmed(strconv.FormatFloat(100*float64(ratio), 'f', 0, 64)) + " %"
	}
	// In units of 1e-12 %: 100 × 0.995 is not 99.5 in binary, and what a division
	// adds lies beyond.
	const one, hundred = 1e12, 100e12
	percent := int64(math.Round(float64(ratio) * hundred))
	for decimals := 2; ; decimals++ {
		unit := int64(one / math.Pow10(decimals))
		rest := percent % unit
		if rest < 0 {
			rest += unit
		}
		cut := percent - rest
		coarse := hundred-cut < 10*unit
		if !coarse || rest == 0 || decimals == 5 {
			return trimmed(strconv.FormatFloat(float64(cut)/one, 'f', decimals, 64)) + " %"
		}
	}
}

func infinite(value float64) string {
	if value < 0 {
		return "−∞"
	}
	return "∞"
}

// trimmed is a decimal number without zeros at its end, with a real minus.
func trimmed(text string) string {
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return strings.Replace(text, "-", "−", 1)
}

// Share writes a share of the budget in percent with one decimal. What is
// overspent is never shown as 0 %, nor what is begun as 100 %.
func Share(share budget.Figure) string {
	if !share.Known() {
		return absent
	}
	tenths := 1000 * float64(share)
	if math.IsInf(tenths, 0) {
		return infinite(tenths) + " %"
	}
	switch rounded := math.Round(tenths); {
	case rounded == 0 && tenths < -1e-6:
		tenths = -1
	case rounded == 1000 && tenths < 1000-1e-6:
		tenths = 999
	default:
		tenths = rounded
	}
	return trimmed(strconv.FormatFloat(tenths/10, 'f', 1, 64)) + " %"
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

// Amount writes a count, of seconds as a length of time: «12m 40s», «1,234».
func Amount(amount budget.Figure, unit agreement.Unit) string {
	switch {
	case !amount.Known():
		return absent
	case unit == agreement.Seconds:
		return Elapsed(time.Duration(float64(amount) * float64(time.Second)))
	default:
		return grouped(float64(amount))
	}
}

// countText writes a count with its unit.
func countText(amount budget.Figure, unit agreement.Unit) string {
	text := Amount(amount, unit)
	switch {
	case unit == agreement.Seconds || !amount.Known():
		return text
	case text == "1":
		return text + " " + strings.TrimSuffix(string(unit), "s")
	}
	return text + " " + string(unit)
}

// RemainingText says how much of the error budget is left: «12m 40s of 43m 12s»,
// «−20 of 100 events» when it is overspent.
func RemainingText(b budget.Balance, unit agreement.Unit) string {
	if !b.Remaining.Known() {
		return absent
	}
	switch {
	case b.Allowed <= 0 && b.Bad <= 0:
		return "none allowed"
	case b.Allowed <= 0:
		return "−" + countText(b.Bad, unit) + ", none allowed"
	}
	return Amount(b.Allowed-b.Bad, unit) + " of " + countText(b.Allowed, unit)
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

// Minute writes an instant to the minute: what is forecast is known no better.
func Minute(at time.Time) string { return Instant(at.Truncate(time.Minute)) }

// Instant writes an instant to the second, or to the minute where it is one.
func Instant(at time.Time) string { return local(at, time.UTC) }

// local is an instant on the wall clock of the zone.
func local(at time.Time, zone *time.Location) string {
	if at.Truncate(time.Minute).Equal(at) {
		return at.In(zone).Format("2 Jan 2006 15:04 MST")
	}
	return at.In(zone).Format("2 Jan 2006 15:04:05 MST")
}

// minuteUTC is an instant in a column that says that it is in UTC.
func minuteUTC(at time.Time) string { return at.UTC().Format("2 Jan 2006 15:04") }

// StateText is a state in words.
func StateText(state budget.State) string { return strings.ReplaceAll(string(state), "_", " ") }

// WindowText is a window in words; end is an instant in it, or its end.
func WindowText(window agreement.Window, end time.Time) string {
	switch {
	case !window.IsCalendar():
		return "last " + agreement.FormatDuration(window.Rolling)
	case window.Offset != 0:
		window.Offset = 0
		return window.PeriodName(end)
	case window.Calendar == agreement.Day:
		return "today"
	}
	return "this " + string(window.Calendar)
}

// number writes a figure in full; an absent one is empty.
func number(figure budget.Figure) string {
	if !figure.Known() {
		return ""
	}
	return strconv.FormatFloat(float64(figure), 'f', -1, 64)
}

func capitalized(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
