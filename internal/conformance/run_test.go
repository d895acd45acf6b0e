package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A program that answers every question rightly passes, and is asked each one once,
// with the documents and the engine of its scenario.
func TestRunAsksEveryEntry(t *testing.T) {
	scenarios, err := ReadDir(Folder(t))
	require.NoError(t, err)
	expected, asked := 0, 0
	for _, s := range scenarios {
		calls := map[string]bool{}
		for _, e := range s.Expect {
			calls[e.call()] = true
		}
		expected += len(calls)
	}
	answer := func(url, definitions string, at time.Time, resolution time.Duration, agreement, window string) ([]byte, error) {
		asked++
		paths, err := filepath.Glob(filepath.Join(definitions, "*.yaml"))
		require.NoError(t, err)
		require.Len(t, paths, 1)
		documents, err := os.ReadFile(paths[0])
		require.NoError(t, err)
		require.NotEmpty(t, url)
		for _, s := range scenarios {
			if s.Documents == string(documents) {
				require.Equal(t, s.Resolution, resolution)
				return encode(t, perfect(s.asked(at, agreement, window)...)), nil
			}
		}
		return nil, fmt.Errorf("no scenario has the documents in %s", definitions)
	}
	engine := Engine{Name: "none", Method: "anchored", start: func(testing.TB, *Scenario) string { return "http://127.0.0.1:0" }}
	Run(t, Folder(t), answer, engine)
	require.Equal(t, expected, asked)
}

// asked are the entries that one call of the report answers.
func (s *Scenario) asked(at time.Time, agreement, window string) []Entry {
	var entries []Entry
	for _, e := range s.Expect {
		if e.At.Equal(at) && e.Agreement == agreement && e.Window == window {
			entries = append(entries, e)
		}
	}
	return entries
}

func TestWindowsAsTheCommandLineTakesThem(t *testing.T) {
	s, err := Read(folder + "/berlin-march.yaml")
	require.NoError(t, err)
	windows := map[string]bool{}
	for _, e := range s.Expect {
		windows[e.Window] = true
	}
	require.Equal(t, map[string]bool{"": true, "month:-1": true, "week:-1": true, "quarter:-1": true}, windows)
}
