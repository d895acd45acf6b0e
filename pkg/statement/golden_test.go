package statement_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
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

// A statement says what was promised in the words of the contract, each change by what was before it.
func TestAStatementTellsThePromise(t *testing.T) {
	s, err := statement.Decode([]byte(golden(t)))
	require.NoError(t, err)
	o := &s.Objectives[0]
	noon := o.Targets[1].From.Add(12 * time.Hour)
	o.Targets = append(o.Targets, agreement.Revision{From: noon, Target: 0.999})
	s.Definition.Effective = agreement.Period{Until: noon}
	approved := slices.IndexFunc(s.Definition.Exclusions, func(x wire.AppliedExclusion) bool { return x.HasEffect })
	exclusion := &s.Definition.Exclusions[approved]
	exclusion.TimeZone, exclusion.ApprovedOn = "Asia/Tokyo", time.Date(2026, 4, 19, 15, 0, 0, 0, time.UTC)
	weekly := *exclusion
	weekly.Name, weekly.Recurrence, weekly.From, weekly.To = "weekly", "FREQ=WEEKLY;BYDAY=SU", time.Date(2026, 4, 4, 16, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 17, 0, 0, 0, time.UTC)
	s.Definition.Exclusions = append(s.Definition.Exclusions, weekly)
	var out bytes.Buffer
	require.NoError(t, tables.Printer{Out: &out, Format: tables.Markdown}.PrintStatements([]*statement.Statement{s}))
	assert.Contains(t, out.String(), "The target was changed from 99.5% to 99.8% on 15 April 2026, approved by payments and checkout: New storage tier.")
	assert.Contains(t, out.String(), "The target was changed from 99.8% to 99.9% on 15 Apr 2026 12:00 CEST.")
	assert.Contains(t, out.String(), "In effect: until 15 Apr 2026 12:00 CEST\n")
	assert.Contains(t, out.String(), "| checkout on 20 Apr 2026 |", "which begins earlier in Tokyo")
	assert.Contains(t, out.String(), "| weekly | 5 Apr 2026 01:00 JST – 5 Apr 2026 02:00 JST, repeats ", "on Sundays, which is Saturday in Berlin")
}

// What looks good since its query matches nothing says so beside every figure.
func TestAWarningStandsBesideTheFigure(t *testing.T) {
	c := startCompany(t)
	c.change(func(text string) string { return strings.ReplaceAll(text, `code=~"5.."`, `code=~"9.."`) })
	s := c.freeze("payments-in-office-hours")
	require.Len(t, s.Objectives[0].Notes, 1)
	warning := s.Objectives[0].Notes[0]
	assert.Contains(t, warning, "no series match the bad query")
	assert.Equal(t, []string{warning}, s.Entry().Objectives[0].Remarks)
	for format, row := range map[tables.Format]string{tables.Table: " met ", tables.CSV: ",met,", tables.Markdown: "| met | 99.9% | 100% |", tables.HTML: ">met</span>"} {
		var out bytes.Buffer
		require.NoError(t, tables.Printer{Out: &out, Format: format}.PrintStatements([]*statement.Statement{s}))
		plain := strings.NewReplacer("&#34;", `"`, "&#43;", "+", `""`, `"`, `\`, "").Replace(out.String())
		lines := slices.DeleteFunc(strings.Split(plain, "\n"), func(line string) bool { return !strings.Contains(line, row) })
		require.NotEmpty(t, lines, format)
		assert.Contains(t, lines[0], warning, format)
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
