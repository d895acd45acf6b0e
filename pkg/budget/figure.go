package budget

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Figure is a number of a report that may be absent: what could not be
// measured is absent, never 0. It may be infinite (a target of 1 has no budget
// to divide by).
type Figure float64

// Absent is the figure that is not there.
var Absent = Figure(math.NaN())

// Known reports whether the figure is there.
func (f Figure) Known() bool { return !math.IsNaN(float64(f)) }

// MarshalJSON writes a number, null when absent, "+Inf" or "-Inf".
func (f Figure) MarshalJSON() ([]byte, error) {
	switch value := float64(f); {
	case math.IsNaN(value):
		return []byte("null"), nil
	case math.IsInf(value, 1):
		return []byte(`"+Inf"`), nil
	case math.IsInf(value, -1):
		return []byte(`"-Inf"`), nil
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

// AbsentText is how people read a figure that is not there.
const AbsentText = "–"

// Percent writes a ratio in percent with as many decimals as it takes to differ from its
// target, at least two and at most five. It cuts rather than rounds: a miss is
// never shown as 100%, nor a breach as the target.
func (f Figure) Percent() string {
	if !f.Known() {
		return AbsentText
	}
	if value := float64(f); math.IsInf(value, 0) {
		return infinite(value) + "%"
	}
	// Ratios that the units below cannot hold have no decimals worth telling.
	if math.Abs(float64(f)) > 90_000 {
		return trimmed(strconv.FormatFloat(100*float64(f), 'f', 0, 64)) + "%"
	}
	// In units of 1e-12%: 100 × 0.995 is not 99.5 in binary, and what a division
	// adds lies beyond.
	const one, hundred = 1e12, 100e12
	percent := int64(math.Round(float64(f) * hundred))
	for decimals := 2; ; decimals++ {
		unit := int64(one / math.Pow10(decimals))
		rest := percent % unit
		if rest < 0 {
			rest += unit
		}
		cut := percent - rest
		coarse := hundred-cut < 10*unit
		if !coarse || rest == 0 || decimals == 5 {
			return trimmed(strconv.FormatFloat(float64(cut)/one, 'f', decimals, 64)) + "%"
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
// overspent is never shown as 0%, nor what is begun as 100%.
func (f Figure) Share() string {
	if !f.Known() {
		return AbsentText
	}
	tenths := 1000 * float64(f)
	if math.IsInf(tenths, 0) {
		return infinite(tenths) + "%"
	}
	switch rounded := math.Round(tenths); {
	case rounded == 0 && tenths < -1e-6:
		tenths = -1
	case rounded == 1000 && tenths < 1000-1e-6:
		tenths = 999
	default:
		tenths = rounded
	}
	return trimmed(strconv.FormatFloat(tenths/10, 'f', 1, 64)) + "%"
}

// Rate writes a burn rate with three significant digits.
func (f Figure) Rate() string {
	switch value := float64(f); {
	case !f.Known():
		return AbsentText
	case math.IsInf(value, 0):
		return infinite(value)
	case value >= 100:
		return strconv.FormatFloat(value, 'f', 0, 64)
	default:
		return strconv.FormatFloat(value, 'g', 3, 64)
	}
}

// AsPercent is the ratio that [Figure.Percent] writes, for whoever adds the unit:
// it looks no better than the figure either.
func (f Figure) AsPercent() Figure { return f.written(f.Percent(), "e-2") }

// AsShare is the number that [Figure.Share] writes.
func (f Figure) AsShare() Figure { return f.written(f.Share(), "e-2") }

// AsRate is the number that [Figure.Rate] writes.
func (f Figure) AsRate() Figure { return f.written(f.Rate(), "") }

// AsCount is a count as people read it: whole, and below 1,000 to one decimal.
func (f Figure) AsCount() Figure {
	if math.Abs(float64(f)) >= 1000 {
		return Figure(math.Round(float64(f)))
	}
	return Figure(math.Round(10*float64(f))/10 + 0) // no negative zero
}

// written reads the number of a text; what is absent or infinite stays as it is.
func (f Figure) written(text, exponent string) Figure {
	number := strings.Replace(strings.TrimSuffix(text, "%"), "−", "-", 1)
	if value, err := strconv.ParseFloat(number+exponent, 64); err == nil && !math.IsInf(float64(f), 0) {
		return Figure(value)
	}
	return f
}
