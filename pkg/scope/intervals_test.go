package scope_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/scope"
)

func drawSet(t *rapid.T, name string) scope.Intervals {
	spans := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) scope.Interval {
		from := rapid.Int64Range(0, 200).Draw(t, "from")
		return scope.Interval{From: from, To: from + rapid.Int64Range(0, 30).Draw(t, "length")}
	}), 0, 8).Draw(t, name)
	return scope.Union(spans...)
}

// contains says whether the millisecond (m-1, m] is in the set.
func contains(s scope.Intervals, m int64) bool { return s.Length(m-1, m) == 1 }

func TestSetOperationsAgreeWithMembership(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSet(t, "a"), drawSet(t, "b")
		union, both, rest := a.Union(b), a.Intersect(b), a.Subtract(b)
		for m := int64(0); m < 240; m++ {
			inA, inB := contains(a, m), contains(b, m)
			assert.Equal(t, inA || inB, contains(union, m), "union at %d", m)
			assert.Equal(t, inA && inB, contains(both, m), "intersection at %d", m)
			assert.Equal(t, inA && !inB, contains(rest, m), "difference at %d", m)
		}
	})
}

func TestBetweenIsWhatReachesIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawSet(t, "set")
		length := rapid.Int64Range(0, 60).Draw(t, "length")
		for from := range int64(240) {
			to := from + length
			first, end := set.Between(from, to)
			for i, interval := range set {
				reaches := min(interval.To, to) > max(interval.From, from)
				assert.Equal(t, reaches, first <= i && i < end, "%v in (%d, %d]", interval, from, to)
			}
		}
	})
}

func TestLengthAddsUpOverAPartition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawSet(t, "set")
		cut := rapid.Int64Range(0, 240).Draw(t, "cut")
		assert.Equal(t, set.Length(0, 240), set.Length(0, cut)+set.Length(cut, 240))
	})
}

func TestBackHoldsTheLengthAsked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawSet(t, "set")
		at := rapid.Int64Range(0, 240).Draw(t, "at")
		length := rapid.Int64Range(1, 60).Draw(t, "length")
		limit := rapid.Int64Range(0, at).Draw(t, "limit")
		from := set.Back(at, length, limit)
		assert.GreaterOrEqual(t, from, limit)
		if set.Length(limit, at) >= length {
			assert.Equal(t, length, set.Length(from, at))
		} else {
			assert.Equal(t, limit, from)
		}
	})
}

func TestAheadHoldsTheLengthAsked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawSet(t, "set")
		at := rapid.Int64Range(0, 240).Draw(t, "at")
		length := rapid.Int64Range(1, 60).Draw(t, "length")
		instant, ok := set.Ahead(at, length)
		assert.Equal(t, set.Length(at, 1000) >= length, ok)
		if ok {
			assert.Equal(t, length, set.Length(at, instant))
		}
	})
}
