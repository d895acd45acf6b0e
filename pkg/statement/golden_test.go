package statement_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A statement is the same bytes on any machine and day.
func TestWhatIsFrozen(t *testing.T) {
	c := startCompany(t)
	both := []*statement.Statement{c.freeze(subject), c.freeze("payments-in-office-hours")}
	for _, s := range both {
		text, err := s.Encode()
		require.NoError(t, err)
		matchesGolden(t, s.Agreement+".json", text)
		kept, err := os.ReadFile(filepath.Join(c.folder, "statements", "2026-04", s.Agreement+".json"))
		require.NoError(t, err)
		assert.Equal(t, string(text), string(kept), "what is kept is what was made")
	}
	for name, print := range map[string]func(*bytes.Buffer) error{
		"statements.html": func(out *bytes.Buffer) error {
			return tables.Printer{Out: out, Format: tables.HTML}.PrintStatements(both)
		},
		"statements.csv": func(out *bytes.Buffer) error {
			return tables.Printer{Out: out, Format: tables.CSV}.PrintStatements(both)
		},
		"statements.md": func(out *bytes.Buffer) error {
			return tables.Printer{Out: out, Format: tables.Markdown}.PrintStatements(both)
		},
	} {
		var out bytes.Buffer
		require.NoError(t, print(&out))
		matchesGolden(t, name, out.Bytes())
	}
}

func matchesGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	golden := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(golden, got, 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err, "go test ./pkg/statement -update writes it")
	assert.Equal(t, string(want), string(got), name)
}
