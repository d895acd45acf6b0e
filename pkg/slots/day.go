package slots

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// day is one UTC day of slots as prefix sums, packed: whole numbers take two or
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
	switch c.width {
	case 2:
		return float64(int16(binary.LittleEndian.Uint16(c.data[2*i-2:]))) * float64(c.unit)
	case 4:
		return float64(int32(binary.LittleEndian.Uint32(c.data[4*i-4:]))) * float64(c.unit)
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(c.data[8*i-8:]))
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
	case whole && largest <= math.MaxInt32:
		c.width = 4
	default:
		c.width = 8
	}
	c.data = make([]byte, 0, int(c.width)*len(slots))
	sum = 0
	for _, slot := range slots {
		sum += value(slot)
		c.data = c.append(sum)
	}
	return c
}

func (c *column) append(sum float64) []byte {
	switch c.width {
	case 2:
		return binary.LittleEndian.AppendUint16(c.data, uint16(int16(sum/float64(c.unit))))
	case 4:
		return binary.LittleEndian.AppendUint32(c.data, uint32(int32(sum)))
	}
	return binary.LittleEndian.AppendUint64(c.data, math.Float64bits(sum))
}

func pack(slots []Slot, timeBased bool) *day {
	chunk := &day{
		total: packColumn(slots, func(s Slot) float64 { return s.Total }),
		bad:   packColumn(slots, func(s Slot) float64 { return s.Bad }),
	}
	if timeBased {
		return chunk
	}
	chunk.measured = make([]uint64, (len(slots)+63)/64)
	for i, slot := range slots {
		if slot.Measured {
			chunk.measured[i/64] |= 1 << (i % 64)
		}
	}
	return chunk
}

// unpack writes the day's slots into slots; a nil day has empty ones.
func (d *day) unpack(slots []Slot, slotSeconds float64, timeBased bool) {
	for i := range slots {
		slots[i] = Slot{}
		if d != nil {
			sum := d.sum(i, i+1, slotSeconds, timeBased)
			slots[i] = Slot{Total: sum.Total, Bad: sum.Bad, Measured: sum.Measured > 0}
		}
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
		mask := ^uint64(0)
		if low := i - word*64; low > 0 {
			mask <<= low
		}
		if high := j - word*64; high < 64 {
			mask &= 1<<high - 1
		}
		count += bits.OnesCount64(d.measured[word] & mask)
	}
	return count
}

func (d *day) bytes() int {
	return 120 + len(d.total.data) + len(d.bad.data) + 8*len(d.measured)
}
