package slots

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// day is one UTC day of slots as packed prefix sums: whole numbers take two to four bytes where they fit, all
// others the eight bytes of a float64.
type day struct {
	total, bad column
	// measured has one bit per slot; nil for a time-based SLI, whose total is the time measured.
	measured []uint64
}

// column is a sequence of prefix sums: entry i is the sum of the first i+1
// slots, divided by unit.
type column struct {
	data  []byte
	width uint8 // bytes per entry; 0: every sum is 0
	unit  uint8 // 1, or 60 for whole minutes of seconds
}

// before returns the sum of the first i slots.
func (c *column) before(i int) float64 {
	if i == 0 || c.width == 0 {
		return 0
	}
	if c.width == 8 {
		return math.Float64frombits(binary.LittleEndian.Uint64(c.data[8*i-8:]))
	}
	return float64(c.entry(i-1)) * float64(c.unit)
}

func packColumn(sums []float64) column {
	largest, whole, minutes := 0.0, true, true
	for _, sum := range sums {
		largest = max(largest, math.Abs(sum))
		whole = whole && sum == math.Trunc(sum)
		minutes = minutes && whole && int64(sum)%60 == 0
	}
	c := column{unit: 1}
	switch {
	case largest == 0:
		return c
	case minutes && largest/60 <= math.MaxInt16:
		c.width, c.unit = 2, 60
	case whole && largest <= math.MaxInt16:
		c.width = 2
	case whole && largest < 1<<23:
		c.width = 3
	case whole && largest <= math.MaxInt32:
		c.width = 4
	default:
		c.width = 8
	}
	c.data = make([]byte, int(c.width)*len(sums))
	for i, sum := range sums {
		if c.width == 8 {
			binary.LittleEndian.PutUint64(c.data[8*i:], math.Float64bits(sum))
		} else {
			c.set(i, int64(sum/float64(c.unit)))
		}
	}
	return c
}

// with returns the column, of that many slots, with the given slots in place of those from first on. Later sums
// are added up again slot by slot, so that a slot with the value 0 still has exactly 0.
func (c *column) with(slots, first int, given []Slot, value func(*Slot) float64) column {
	sums := make([]float64, slots)
	for i := range first {
		sums[i] = c.before(i + 1)
	}
	sum := c.before(first)
	for i := range given {
		sum += value(&given[i])
		sums[first+i] = sum
	}
	for i := first + len(given); i < slots; i++ {
		sum += c.before(i+1) - c.before(i)
		sums[i] = sum
	}
	return packColumn(sums)
}

// with returns the day, of that many slots, with the given slots in place of those from first on; a nil day has
// empty slots.
func (d *day) with(slots, first int, given []Slot, timeBased bool) *day {
	if d == nil {
		d = &day{}
	}
	next := &day{
		total: d.total.with(slots, first, given, func(s *Slot) float64 { return s.Total }),
		bad:   d.bad.with(slots, first, given, func(s *Slot) float64 { return s.Bad }),
	}
	if timeBased {
		return next
	}
	next.measured = make([]uint64, (slots+63)/64)
	copy(next.measured, d.measured)
	for i := range given {
		word, bit := (first+i)/64, uint64(1)<<((first+i)%64)
		if next.measured[word] &^= bit; given[i].Measured {
			next.measured[word] |= bit
		}
	}
	return next
}

// sum returns the sum over the day's slots [i, j).
func (d *day) sum(i, j int, slotSeconds float64) Sum {
	sum := Sum{Total: d.total.before(j) - d.total.before(i), Bad: d.bad.before(j) - d.bad.before(i)}
	if sum.Measured = sum.Total; d.measured != nil {
		sum.Measured = float64(d.measuredBetween(i, j)) * slotSeconds
	}
	return sum
}

// measuredBetween returns the number of measured slots in [i, j).
func (d *day) measuredBetween(i, j int) int {
	count := 0
	for word := i / 64; word*64 < j; word++ {
		mask := ^uint64(0) << max(0, i-word*64) & (1<<min(64, j-word*64) - 1)
		count += bits.OnesCount64(d.measured[word] & mask)
	}
	return count
}

func (d *day) isEmpty() bool {
	return d.total.width == 0 && d.bad.width == 0 && !slices.ContainsFunc(d.measured, func(word uint64) bool { return word != 0 })
}

func (d *day) bytes() int {
	return 120 + len(d.total.data) + len(d.bad.data) + 8*len(d.measured)
}
