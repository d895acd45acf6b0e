package conformance

import (
	"fmt"
	"math"
)

// precision is how closely numbers must agree, relative or absolute, whichever
// is larger.
const precision = 1e-9

// band is every value from lo to hi.
type band struct{ lo, hi float64 }

func exactly(v float64) band { return band{v, v} }

// around is v give or take by.
func around(v, by float64) band { return band{v - by, v + by} }

// over divides; a divisor that may be 0 or less leaves everything possible.
func (b band) over(divisor band) band {
	if divisor.lo <= 0 {
		return band{math.Inf(-1), math.Inf(1)}
	}
	return band{
		min(b.lo/divisor.lo, b.lo/divisor.hi),
		max(b.hi/divisor.lo, b.hi/divisor.hi),
	}
}

// oneLess is 1 − b.
func (b band) oneLess() band { return band{1 - b.hi, 1 - b.lo} }

// contains allows for the precision at both ends.
func (b band) contains(v float64) bool {
	return b.lo == v || b.hi == v || v >= b.lo-slack(b.lo) && v <= b.hi+slack(b.hi)
}

// straddles reports whether it is open on which side of the edge a value in
// the band lies.
func (b band) straddles(edge float64) bool { return b.lo < b.hi && b.lo <= edge && b.hi >= edge }

func slack(v float64) float64 {
	if math.IsInf(v, 0) {
		return 0
	}
	return precision * max(1, math.Abs(v))
}

// String is a value with its tolerance, or the bounds where the two differ.
func (b band) String() string {
	if b.lo == b.hi {
		return fmt.Sprintf("tolerance %.3g", slack(b.lo))
	}
	return fmt.Sprintf("tolerance %.14g to %.14g", b.lo, b.hi)
}
