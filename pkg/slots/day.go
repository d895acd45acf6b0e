package slots

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// day is one UTC day of slots as prefix sums, packed: whole numbers take two to
// four bytes where they fit, and anything else the eight of a float64.
type day struct {
	total, bad column
	// measured has a bit a slot; nil for a time-based SLI, whose total says it.
	measured []uint64
}

// column is a sequence of prefix sums: entry i is the sum of the first i+1
// slots, divided by unit.
type column struct {
	data  []byte
	width uint8 // bytes an entry; 0: every sum is 0
	unit  uint8 // 1, or 60 for whole minutes of seconds
}

// before is the sum of the first i slots.
func (c *column) before(i int) float64 {
	if i == 0 || c.width == 0 {
		return 0
	}
	if c.width == 8 {
		return math.Float64frombits(binary.LittleEndian.Uint64(c.data[8*i-8:]))
	}
	return float64(c.entry(i-1)) * float64(c.unit)
}

func packColumn(slots []Slot, value func(Slot) float64) column {
	sum, largest, whole, minutes := 0.0, 0.0, true, true
	for _, slot := range slots {
		sum += value(slot)
		largest = max(largest, math.Abs(sum))
		whole = whole && sum == math.Trunc(sum)
		minutes = minutes && math.Mod(sum, 60) == 0
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
	c.data = make([]byte, 0, int(c.width)*len(slots))
	sum = 0
	for _, slot := range slots {
		sum += value(slot)
		if c.width == 8 {
			c.data = binary.LittleEndian.AppendUint64(c.data, math.Float64bits(sum))
		} else {
			c.append(int64(sum / float64(c.unit)))
		}
	}
	return c
}

func pack(slots []Slot, timeBased bool) *day {
	packed := &day{
		total: packColumn(slots, func(s Slot) float64 { return s.Total }),
		bad:   packColumn(slots, func(s Slot) float64 { return s.Bad }),
	}
	if timeBased {
		return packed
	}
	packed.measured = make([]uint64, (len(slots)+63)/64)
	for i, slot := range slots {
		if slot.Measured {
			packed.measured[i/64] |= 1 << (i % 64)
		}
	}
	return packed
}

// unpack writes the day's slots into slots; a nil day has empty ones.
func (d *day) unpack(slots []Slot, timeBased bool) {
	clear(slots)
	if d == nil {
		return
	}
	var total, bad float64
	for i := range slots {
		nextTotal, nextBad := d.total.before(i+1), d.bad.before(i+1)
		slots[i] = Slot{Total: nextTotal - total, Bad: nextBad - bad}
		slots[i].Measured = timeBased && nextTotal > total || !timeBased && d.measured[i/64]&(1<<(i%64)) != 0
		total, bad = nextTotal, nextBad
	}
}

// sum is the sum over the day's slots [i, j).
func (d *day) sum(i, j int, slotSeconds float64, timeBased bool) Sum {
	sum := Sum{
		Total: d.total.before(j) - d.total.before(i),
		Bad:   d.bad.before(j) - d.bad.before(i),
	}
	if timeBased {
		sum.Measured = sum.Total
	} else {
		sum.Measured = float64(d.measuredBetween(i, j)) * slotSeconds
	}
	return sum
}

// measuredBetween is the number of measured slots in [i, j).
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
