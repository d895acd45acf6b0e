package budget

import (
	"encoding/json"
	"math"
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

// Tolerance is how far two equal figures may lie apart: sums of floats differ by
// less from what they stand for.
const Tolerance = 1e-9

// Exceeds reports whether the bad is more than the budget, not merely by the
// rounding of a float.
func Exceeds(bad, allowed float64) bool {
	return bad-allowed > Tolerance*max(1, allowed)
}

// Consumed is the share of a budget that the bad takes: without a budget,
// nothing bad is 0 and anything else infinite.
func Consumed(bad, allowed float64) float64 {
	if allowed > 0 {
		return bad / allowed
	}
	if Exceeds(bad, 0) {
		return math.Inf(1)
	}
	return 0
}
