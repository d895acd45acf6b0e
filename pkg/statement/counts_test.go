package statement

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/slots"
)

func TestCountsAreText(t *testing.T) {
	counted := []slots.Slot{
		{Total: 60, Measured: true}, {Total: 60, Measured: true}, {}, {}, {Total: 0.1, Bad: -2, Measured: true},
		{Total: 12345678, Bad: 1.0000000000000002, Measured: true}, {Total: 0, Measured: true},
	}
	text := countsOf(time.Time{}, counted)
	assert.Equal(t, "60x2 _x2 0.1 12345678 0", text.Total)
	assert.Equal(t, "0x2 _x2 -2 1.0000000000000002 0", text.Bad)
}

// No count is lost, to the last bit.
func TestCountsAreReadAsTheyWereWritten(t *testing.T) {
	slot := rapid.Custom(func(t *rapid.T) slots.Slot {
		if rapid.Bool().Draw(t, "empty") {
			return slots.Slot{}
		}
		count := rapid.OneOf(rapid.Float64Range(-1e308, 1e308), rapid.Map(rapid.IntRange(0, 3), func(n int) float64 { return float64(n) }))
		return slots.Slot{Total: count.Draw(t, "total"), Bad: count.Draw(t, "bad"), Measured: true}
	})
	rapid.Check(t, func(t *rapid.T) {
		counted := rapid.SliceOfN(slot, 1, 50).Draw(t, "slots")
		read, err := countsOf(time.Time{}, counted).read(len(counted))
		require.NoError(t, err)
		require.Equal(t, counted, read)
	})
}
