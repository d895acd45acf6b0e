package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A run gives the same figures from what the one before has kept as by counting all
// of history, and takes what it needs again after it was dropped.
func TestCountsAreKeptBetweenRuns(t *testing.T) {
	c, dir := startCompany(t), t.TempDir()
	file := filepath.Join(dir, "counts.db")
	report := func(flags ...string) string {
		got := c.asked(t, append([]string{"report", "-o", "csv"}, flags...)...)
		assert.Equal(t, 1, got.code, got.err)
		return got.out
	}
	want := report()
	t.Setenv("ACCORD_CACHE_DIR", dir)
	assert.Equal(t, want, report("--no-cache"))
	assert.NoFileExists(t, file)
	assert.Equal(t, want, report())
	kept, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, want, report())

	assert.Equal(t, answer{out: "Forgotten. What is needed of it is counted anew.\n"}, run(t.Context(), "cache", "drop"))
	dropped, err := os.Stat(file)
	require.NoError(t, err)
	assert.Less(t, dropped.Size(), kept.Size())
	assert.Equal(t, want, report())
	assert.Zero(t, run(t.Context(), "cache", "drop", "--from", "2026-05-01", "--to", "2026-05-02").code)
	assert.Equal(t, want, report())
}

func TestWhatCannotBeDropped(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("ACCORD_CACHE_DIR", dir)
	for _, test := range []struct {
		args []string
		code int
		said string
	}{
		{[]string{"cache", "drop", "--from", "2026-05-02", "--to", "2026-05-01"}, 2, "--from 2026-05-02T00:00:00Z is not before --to 2026-05-01T00:00:00Z"},
		{[]string{"cache", "drap"}, 2, `cache has no command "drap" (did you mean drop?)`},
		{[]string{"cache", "drop", "all"}, 2, `unexpected argument "all"`},
	} {
		got := run(t.Context(), test.args...)
		assert.Equal(t, test.code, got.code, test.args)
		assert.Contains(t, got.err, test.said)
	}
	other := flock.New(filepath.Join(dir, "counts.lock"))
	held, err := other.TryLock()
	require.True(t, held && err == nil)
	defer other.Unlock()
	got := run(t.Context(), "cache", "drop")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "nothing was forgotten: another process keeps its counts in the cache folder")
}
