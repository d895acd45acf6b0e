package scope_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

// everySet calls with each set within (0, end].
func everySet(end int64, with func(scope.Intervals)) {
	for members := range int64(1) << end {
		var milliseconds []scope.Interval
		for m := range end {
			if members>>m&1 == 1 {
				milliseconds = append(milliseconds, scope.Interval{From: m, To: m + 1})
			}
		}
		with(scope.Union(milliseconds...))
	}
}

// requireSet fails unless the intervals are in order, apart, and none is empty.
func requireSet(t *testing.T, set scope.Intervals) {
	t.Helper()
	for i, interval := range set {
		require.Positive(t, interval.Length(), "%v", set)
		require.True(t, i == 0 || set[i-1].To < interval.From, "%v", set)
	}
}

// All pairs of small sets meet in each way that intervals can: apart, touching,
// overlapping, one within the other.
func TestEveryTwoSmallSetsAreCombinedInstantByInstant(t *testing.T) {
	const end = 6
	everySet(end, func(a scope.Intervals) {
		everySet(end, func(b scope.Intervals) {
			union, both, rest := a.Union(b), a.Intersect(b), a.Subtract(b)
			for _, set := range []scope.Intervals{a, union, both, rest} {
				requireSet(t, set)
			}
			for m := range int64(end) {
				inA, inB := contains(a, m+1), contains(b, m+1)
				if contains(union, m+1) != (inA || inB) || contains(both, m+1) != (inA && inB) || contains(rest, m+1) != (inA && !inB) {
					t.Fatalf("%v with %v: union %v, intersection %v, difference %v", a, b, union, both, rest)
				}
			}
		})
	})
}

func TestBackAndAheadAreTheNearestInstantsThatHoldTheLength(t *testing.T) {
	const end = 7
	everySet(end, func(set scope.Intervals) {
		for at := range int64(end + 2) {
			for length := int64(1); length <= end; length++ {
				for limit := range at + 1 {
					want := at
					for want > limit && set.Length(want, at) < length {
						want--
					}
					require.Equal(t, want, set.Back(at, length, limit), "%d back from %d to %d in %v", length, at, limit, set)
				}
				want := at
				for want < end && set.Length(at, want) < length {
					want++
				}
				got, ok := set.Ahead(at, length)
				require.Equal(t, set.Length(at, end) >= length, ok, "%d ahead of %d in %v", length, at, set)
				if ok {
					require.Equal(t, want, got, "%d ahead of %d in %v", length, at, set)
				}
			}
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
