package slots_test

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/slots"
)

// A change waits for others, however often what was written before it had changed.
func TestEachChangeWaitsToBeWrittenWithOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		record := reopened(t, dir).Store("prometheus", 0).Record("0", 5*time.Minute, false)
		defer slots.CloseDisks()
		written := func() string {
			synctest.Wait()
			content, err := os.ReadFile(file(dir))
			require.NoError(t, err)
			return string(content)
		}
		empty := written()
		for i := range int64(4) { // at 0, 1, 2 and 3 seconds
			record.Close(counted(i*r, 1), later)
			time.Sleep(time.Second)
		}
		assert.True(t, written() == empty)
		time.Sleep(time.Second)
		first := written()
		assert.False(t, first == empty, "5 seconds after the first change")
		record.Close(counted(4*r, 1), later)
		time.Sleep(4 * time.Second)
		assert.True(t, written() == first, "4 seconds after the next")
		time.Sleep(time.Second)
		assert.False(t, written() == first)
	})
}
