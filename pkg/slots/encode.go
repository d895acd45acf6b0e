package slots

import (
	"encoding/binary"
	"errors"
)

// A day is encoded as its two columns and, unless the SLI is time-based, the bits of the measured slots.
// Entries of two to four bytes are written as the varint of the difference to the previous one: a slot takes
// about as many bytes as its counts have digits.

var errUnreadable = errors.New("a stored day cannot be read")

func (d *day) encode(b []byte) []byte {
	b = d.bad.encode(d.total.encode(b))
	for _, word := range d.measured {
		b = binary.LittleEndian.AppendUint64(b, word)
	}
	return b
}

func (c *column) encode(b []byte) []byte {
	b = append(b, c.width, c.unit)
	if c.width == 8 {
		return append(b, c.data...)
	}
	for i, previous := 0, int64(0); c.width > 0 && i < len(c.data)/int(c.width); i++ {
		entry := c.entry(i)
		b = binary.AppendVarint(b, entry-previous)
		previous = entry
	}
	return b
}

// entry returns an entry of a column of two to four bytes.
func (c *column) entry(i int) int64 {
	switch c.width {
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(c.data[2*i:])))
	case 3:
		at := c.data[3*i : 3*i+3]
		return int64(int32(uint32(at[0])<<8|uint32(at[1])<<16|uint32(at[2])<<24) >> 8)
	}
	return int64(int32(binary.LittleEndian.Uint32(c.data[4*i:])))
}

// set writes an entry of such a column.
func (c *column) set(i int, entry int64) {
	switch c.width {
	case 2:
		binary.LittleEndian.PutUint16(c.data[2*i:], uint16(entry))
	case 3:
		at := c.data[3*i : 3*i+3]
		at[0], at[1], at[2] = byte(entry), byte(entry>>8), byte(entry>>16)
	default:
		binary.LittleEndian.PutUint32(c.data[4*i:], uint32(entry))
	}
}

// decodeDay reads a day of that many slots, and returns the bytes that follow it.
func decodeDay(b []byte, slots int, timeBased bool) (d *day, rest []byte, err error) {
	d = &day{}
	if d.total, b, err = decodeColumn(b, slots); err != nil {
		return nil, nil, err
	}
	if d.bad, b, err = decodeColumn(b, slots); err != nil || timeBased {
		return d, b, err
	}
	d.measured = make([]uint64, (slots+63)/64)
	if len(b) < 8*len(d.measured) {
		return nil, nil, errUnreadable
	}
	for i := range d.measured {
		d.measured[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return d, b[8*len(d.measured):], nil
}

func decodeColumn(b []byte, slots int) (c column, rest []byte, err error) {
	if len(b) < 2 {
		return c, nil, errUnreadable
	}
	c.width, c.unit, b = b[0], b[1], b[2:]
	switch {
	case c.width == 0:
		return c, b, nil
	case c.width == 8 && len(b) >= 8*slots:
		c.data = append(c.data, b[:8*slots]...)
		return c, b[8*slots:], nil
	case c.width < 2 || c.width > 4:
		return c, nil, errUnreadable
	}
	c.data = make([]byte, int(c.width)*slots)
	entry, unused := int64(0), 64-8*c.width
	for i := range slots {
		var difference int64
		n := 1
		if len(b) > 0 && b[0] < 1<<7 { // the common case, and a start of the process reads millions
			difference = int64(b[0]>>1) ^ -int64(b[0]&1)
		} else {
			difference, n = binary.Varint(b)
		}
		entry += difference
		if n <= 0 || entry != entry<<unused>>unused {
			return c, nil, errUnreadable
		}
		b = b[n:]
		c.set(i, entry)
	}
	return c, b, nil
}
