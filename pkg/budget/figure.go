package budget

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Figure is a number of a report that may be absent: what could not be
// measured is absent, never 0. It may be infinite (a target of 1 has no budget
// to divide by).
type Figure float64

// Absent is the absent figure.
var Absent = Figure(math.NaN())

// Known reports whether the figure is not absent.
func (f Figure) Known() bool { return !math.IsNaN(float64(f)) }

// MarshalJSON writes a number, null when absent, "+Inf" or "-Inf".
func (f Figure) MarshalJSON() ([]byte, error) {
	switch value := float64(f); {
	case !f.Known():
		return []byte("null"), nil
	case math.IsInf(value, 0):
		return fmt.Appendf(nil, `"%+v"`, value), nil
	default:
		return json.Marshal(value)
	}
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Figure) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "null":
		*f = Absent
	case `"+Inf"`:
		*f = Figure(math.Inf(1))
	case `"-Inf"`:
		*f = Figure(math.Inf(-1))
	default:
		return json.Unmarshal(text, (*float64)(f))
	}
	return nil
}

// AbsentText is shown for an absent figure.
const AbsentText = "–"

// text formats the figure with its unit; write formats a finite value.
func (f Figure) text(unit string, write func(value float64) string) string {
	switch value := float64(f); {
	case !f.Known():
		return AbsentText
	case math.IsInf(value, 1):
		return "∞" + unit
	case math.IsInf(value, -1):
		return "−∞" + unit
	default:
		return write(value) + unit
	}
}

// Percent formats a ratio in percent with two to five decimals: the closer to 100%, the
// more, so that it differs from its target. A value with exactly three decimals, as some
// targets have, is written in full. Decimals are truncated, not rounded: a miss is never
// shown as 100%, nor a breach as the target.
func (f Figure) Percent() string { return f.text("%", percent) }

func percent(ratio float64) string {
	// Larger ratios overflow the units below; their decimals do not matter.
	if math.Abs(ratio) > 90_000 {
		return trimmed(100*ratio, 0)
	}
	// In units of 1e-12%, which rounds off the error of floats: 100 × 0.995 is not
	// exactly 99.5.
	const one, hundred = 1e12, 100e12
	percent := int64(math.Round(ratio * hundred))
	for decimals := 2; ; decimals++ {
		unit := int64(one / math.Pow10(decimals))
		rest := percent % unit
		if rest < 0 {
			rest += unit
		}
		cut := percent - rest
		coarse := hundred-cut < 10*unit || percent%(one/1000) == 0
		if !coarse || rest == 0 || decimals == 5 {
			return trimmed(float64(cut)/one, decimals)
		}
	}
}

// trimmed formats a number without trailing zeros, and with a typographic minus sign.
func trimmed(value float64, decimals int) string {
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	if decimals > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return strings.Replace(text, "-", "−", 1)
}

// Share formats a share of the budget in percent with one decimal. Only 0 is shown as
// 0%, and only 1 as 100%.
func (f Figure) Share() string {
	return (1000 * f).text("%", func(tenths float64) string {
		rounded := math.Round(tenths)
		if over := tenths - rounded; (rounded == 0 || rounded == 1000) && math.Abs(over) > 1e-6 {
			rounded += math.Copysign(1, over)
		}
		return trimmed(rounded/10, 1)
	})
}

// Rate formats a burn rate with three significant digits, or as an integer from 100 on.
func (f Figure) Rate() string {
	return f.text("", func(rate float64) string {
		if rate >= 100 {
			return strconv.FormatFloat(rate, 'f', 0, 64)
		}
		return strconv.FormatFloat(rate, 'g', 3, 64)
	})
}

// AsPercent returns the ratio that [Figure.Percent] shows, for callers that add the
// unit themselves. It is truncated in the same way.
func (f Figure) AsPercent() Figure { return f.written(f.Percent(), "e-2") }

// AsShare returns the ratio that [Figure.Share] shows.
func (f Figure) AsShare() Figure { return f.written(f.Share(), "e-2") }

// AsRate returns the number that [Figure.Rate] shows.
func (f Figure) AsRate() Figure { return f.written(f.Rate(), "") }

// AsCount rounds a count for display: to an integer from 1,000 on, to one decimal
// below, and to one significant digit where that would be 0.
func (f Figure) AsCount() Figure {
	switch size := math.Abs(float64(f)); {
	case size >= 1000:
		return Figure(math.Round(float64(f)))
	case size < 0.05 && size > Tolerance:
		return f.written(strconv.FormatFloat(float64(f), 'e', 0, 64), "")
	}
	return Figure(math.Round(10*float64(f))/10 + 0) // no negative zero
}

// written parses the number in a text; an absent or infinite figure stays as it is.
func (f Figure) written(text, exponent string) Figure {
	number := strings.Replace(strings.TrimSuffix(text, "%"), "−", "-", 1)
	if value, err := strconv.ParseFloat(number+exponent, 64); err == nil && !math.IsInf(float64(f), 0) {
		return Figure(value)
	}
	return f
}
