package conformance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Report measures as `accord report -o json` does: the documents of a folder,
// against the engine at url, as of at, with the slot length, for one agreement,
// the window overridden unless it is empty.
type Report func(url, definitions string, at time.Time, resolution time.Duration, agreement, window string) ([]byte, error)

// Folder is testdata/conformance of the module that the test is in: the
// scenarios that came with the rules.
func Folder(t testing.TB) string {
	t.Helper()
	return testdata(t, "conformance")
}

// OwnFolder is testdata/own: scenarios whose figures were made by the oracle of
// this package's tests.
func OwnFolder(t testing.TB) string {
	t.Helper()
	return testdata(t, "own")
}

func testdata(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for parent := dir; ; parent = filepath.Dir(parent) {
		candidate := filepath.Join(parent, "testdata", name)
		if info, err := os.Stat(candidate); err == nil && info.IsDir() {
			return candidate
		}
		require.NotEqual(t, parent, filepath.Dir(parent), "no testdata/%s above %s", name, dir)
	}
}

// Run measures every scenario of the folder through the whole line on each
// engine and fails with every field that is off.
func Run(t *testing.T, folder string, report Report, engines ...Engine) {
	scenarios, err := ReadDir(folder)
	require.NoError(t, err)
	for _, s := range scenarios {
		t.Run(s.Name, func(t *testing.T) {
			blocks := t.TempDir()
			s.written = sync.OnceValues(func() (string, error) { return blocks, s.WriteBlocks(blocks) })
			for _, engine := range engines {
				t.Run(engine.Name, func(t *testing.T) {
					t.Parallel()
					s.run(t, engine, report)
				})
			}
		})
	}
}

func (s *Scenario) run(t *testing.T, engine Engine, report Report) {
	if engine.inThePast {
		moved, err := s.MovedTo2015()
		require.NoError(t, err)
		s = moved
	}
	definitions := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(definitions, s.Name+".yaml"), []byte(s.Documents), 0o600))
	url := engine.start(t, s)
	answers := map[string][]byte{}
	for _, entry := range s.Expect {
		answer, ok := answers[entry.call()]
		if !ok {
			var err error
			answer, err = report(url, definitions, entry.At, s.Resolution, entry.Agreement, entry.Window)
			if !assert.NoError(t, err, "%s", entry) {
				continue
			}
			answers[entry.call()] = answer
		}
		if method := methodOf(answer); method != engine.Method {
			t.Errorf("%s: method: want %s, got %q", entry, engine.Method, method)
		}
		for _, off := range entry.Compare(answer, engine.Method) {
			t.Errorf("%s: %s", entry, off)
		}
	}
}

// call is what the report is asked for; several entries may read its answer.
func (e Entry) call() string {
	return strings.Join([]string{e.Agreement, e.At.String(), e.Window}, " ")
}

// methodOf is the measuring method that the report names; empty where the
// report cannot be read, which Compare then says.
func methodOf(report []byte) string {
	var named struct {
		Method string `json:"method"`
	}
	_ = json.Unmarshal(report, &named)
	return named.Method
}
