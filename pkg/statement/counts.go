package statement

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/accord-sla/accord/pkg/slots"
)

// nothing stands for a slot in which nothing was measured.
const nothing = "_"

// writeCounts writes a count a slot; equal ones in succession once.
func writeCounts(counted []slots.Slot, count func(slots.Slot) float64) string {
	var text strings.Builder
	for i := 0; i < len(counted); {
		word := countText(counted[i], count)
		n := 1
		for i+n < len(counted) && countText(counted[i+n], count) == word {
			n++
		}
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(word)
		if n > 1 {
			text.WriteString("x" + strconv.Itoa(n))
		}
		i += n
	}
	return text.String()
}

func countText(slot slots.Slot, count func(slots.Slot) float64) string {
	if !slot.Measured {
		return nothing
	}
	return exactText(count(slot))
}

// exactText is the shortest text that is read as the very same number.
func exactText(value float64) string {
	if value == float64(int64(value)) && value < 1e15 && value > -1e15 {
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

func totalOf(slot slots.Slot) float64 { return slot.Total }
func badOf(slot slots.Slot) float64   { return slot.Bad }

// readCounts reads what writeCounts wrote of as many slots as are wanted.
func readCounts(total, bad string, wanted int) ([]slots.Slot, error) {
	counted := make([]slots.Slot, 0, wanted)
	err := eachCount(total, wanted, func(value float64, measured bool) {
		counted = append(counted, slots.Slot{Total: value, Measured: measured})
	})
	if err != nil {
		return nil, fmt.Errorf("total: %w", err)
	}
	i, agree := 0, true
	err = eachCount(bad, wanted, func(value float64, measured bool) {
		agree = agree && measured == counted[i].Measured
		counted[i].Bad = value
		i++
	})
	if err != nil {
		return nil, fmt.Errorf("bad: %w", err)
	}
	if !agree {
		return nil, errors.New("bad: has a count where total has none, or none where total has one")
	}
	return counted, nil
}

// eachCount gives the count of each slot; there must be as many as wanted.
func eachCount(text string, wanted int, take func(value float64, measured bool)) error {
	found := 0
	for word := range strings.FieldsSeq(text) {
		number, times, repeated := strings.Cut(word, "x")
		n := 1
		if repeated {
			var err error
			if n, err = strconv.Atoi(times); err != nil || n < 1 {
				return fmt.Errorf("%.40q: after x goes how many slots have that count", word)
			}
		}
		var value float64
		if number != nothing {
			var err error
			value, err = strconv.ParseFloat(number, 64)
			if err != nil || value-value != 0 {
				return fmt.Errorf("%.40q is no count", word)
			}
		}
		if n > wanted-found {
			return fmt.Errorf("has more than the %d slots of the period", wanted)
		}
		for range n {
			take(value, number != nothing)
		}
		found += n
	}
	if found < wanted {
		return fmt.Errorf("has %d slots, and the period has %d", found, wanted)
	}
	return nil
}
