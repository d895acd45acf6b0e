package demo

import "hash/fnv"

// seed names a source of noise. Equal names give equal noise, on any machine
// and in any year.
type seed uint64

func seedOf(names ...string) seed {
	h := fnv.New64a()
	for _, name := range names {
		h.Write([]byte(name))
		h.Write([]byte{0})
	}
	return seed(h.Sum64())
}

// at is the noise at a point, evenly spread over [0, 1). The mixing is that of
// the SplitMix64 generator.
func (s seed) at(point int64) float64 {
	x := uint64(s) + uint64(point)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

// within is the noise at a point, evenly spread over [low, high).
func (s seed) within(point int64, low, high float64) float64 {
	return low + float64(s.at(point)*(high-low))
}

// among is the noise at a point as one of n numbers from 0.
func (s seed) among(point, n int64) int64 {
	return int64(s.at(point) * float64(n))
}

// and is another source, for noise that has nothing to do with the first.
func (s seed) and(n uint64) seed {
	return s ^ seed((n+1)*0xd6e8feb86659fd93)
}

// bits is the seed as a number that tells one source from another.
func (s seed) bits() uint64 { return uint64(s) }
