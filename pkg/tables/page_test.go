package tables_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/tables"
)

// a page with everything a page can have.
func page() tables.Page {
	return tables.Page{
		Title: "Internal SLAs", Heading: []string{"As of today, measured somewhere by some method in slots of some length."},
		Rows: tables.Rows{
			Head: []tables.Head{{Title: "agreement"}, {Title: "objective"}, {Title: "state", Kind: tables.StateKind}, {Title: "compliance", Kind: tables.RatioKind},
				{Title: "budget left", Kind: tables.ShareKind}, {Title: "left of allowed", Optional: 1}, {Title: "window", Optional: 2}, {Title: "remark"}},
			Remark: true,
			Blocks: []string{"checkout-for-storefront · at risk", "checkout-for-storefront · at risk", "search · met"},
			Body: [][]string{
				{"checkout-for-storefront", "availability {region=eu}", "at risk", "99.83%", "15.5%", "794,185 of 1,787,454 events", "this month", "15.5% of the error budget is left; at this rate the budget runs out on 8 Dec 2026 23:20 UTC"},
				{"checkout-for-storefront", "latency", "met", "99.88%", "41.3%", "679.2 of 1,644 events", "last 30d", ""},
				{"search", "fresh", "breached", "9%", "−45.3%", "1h of 2h", "last 7d", ""},
			},
		},
		Notes: []string{"At risk: checkout-for-storefront"},
	}
}

func TestATableFitsTheTerminalAndLosesNothingSilently(t *testing.T) {
	for width := 60; width <= 220; width++ {
		var out bytes.Buffer
		require.NoError(t, tables.Printer{Out: &out, Format: tables.Table, Width: width}.Print(page()))
		for line := range strings.Lines(out.String()) {
			assert.LessOrEqual(t, text.StringWidth(strings.TrimRight(line, "\n")), width, "at width %d: %s", width, line)
		}
		shown := strings.Join(strings.Fields(out.String()), " ")
		dropped := shown[strings.LastIndex(shown, "Left out")+1:]
		for _, cells := range page().Rows.Body {
			for i, cell := range cells[1:] {
				title := page().Rows.Head[i+1].Title
				if i == 0 || strings.Contains(dropped, title) {
					continue // may be folded; or is left out, and the reader told
				}
				assert.Contains(t, shown, cell, "at width %d", width)
			}
		}
		for _, word := range []string{"availability", "{region=eu}", "latency", "fresh"} {
			assert.Contains(t, shown, word, "at width %d", width)
		}
		assert.Equal(t, 1, strings.Count(shown, "checkout-for-storefront · at risk"), "the title stands once")
	}
}

func TestALineOfAPipedTableIsComplete(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, tables.Printer{Out: &out, Format: tables.Table}.Print(page()))
	lines := strings.Split(out.String(), "\n")
	assert.True(t, strings.HasPrefix(lines[3], "checkout-for-storefront"), lines[3])
	assert.True(t, strings.HasPrefix(lines[4], "checkout-for-storefront"), "not only the first of an agreement: %s", lines[4])
	assert.Contains(t, lines[3], "23:20 UTC")
	assert.NotContains(t, out.String(), "\x1b")
}

// What others wrote may be in every text.
const hostile = "<script>alert(1)</script>|`x`[y](javascript:z)\"\n\x1b[31m\u202ered\x00,=1+1"

func hostilePage() tables.Page {
	p := page()
	p.Title, p.Heading, p.Notes = hostile, []string{hostile}, []string{hostile}
	for i := range p.Rows.Body {
		p.Rows.Blocks[i] = hostile
		for j := range p.Rows.Body[i] {
			p.Rows.Body[i][j] = hostile
		}
	}
	return p
}

func TestHostileTextIsOnlyText(t *testing.T) {
	printed := map[tables.Format]string{}
	for _, format := range []tables.Format{tables.Table, tables.CSV, tables.Markdown, tables.HTML} {
		for _, width := range []int{0, 80} {
			var out bytes.Buffer
			require.NoError(t, tables.Printer{Out: &out, Format: format, Width: width}.Print(hostilePage()))
			printed[format] = out.String()
			for _, character := range []string{"\x1b", "\x00", "\u202e"} {
				assert.NotContains(t, out.String(), character, "%s at width %d", format, width)
			}
		}
	}
	assert.NotContains(t, printed[tables.HTML], "<script")
	assert.Contains(t, printed[tables.HTML], "&lt;script&gt;")
	assert.NotContains(t, printed[tables.Markdown], "<script")
	assert.NotContains(t, strings.ReplaceAll(printed[tables.Markdown], `\]`, ""), "](")
	for line := range strings.Lines(printed[tables.Markdown]) {
		if strings.HasPrefix(line, "| ") {
			assert.Equal(t, len(page().Rows.Head)+1, strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"), "columns of %s", line)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(printed[tables.CSV])).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, 4)
}

// A byte that begins a control sequence by itself, as a server's answer may have it.
func TestBytesThatAreNoTextArePrintedAsUnknown(t *testing.T) {
	assert.Equal(t, "a\ufffd31mb", tables.Sanitize("a\x9b31mb"))
}

func TestASpreadsheetCalculatesNothing(t *testing.T) {
	cells := map[string]string{
		"=1+1": "'=1+1", "+SUM(A1)": "'+SUM(A1)", "-2+3": "'-2+3", "@A1": "'@A1",
		"-0.25": "-0.25", "+Inf": "+Inf", "-Inf": "-Inf", "1e-7": "1e-7", "": "", "\t=1": " =1",
	}
	for cell, written := range cells {
		var out bytes.Buffer
		require.NoError(t, tables.Printer{Out: &out, Format: tables.CSV}.Print(tables.Page{
			Rows: tables.Rows{Head: tables.Heads("a", "b"), Body: [][]string{{cell, `say "hi", twice`}}}}))
		rows, err := csv.NewReader(&out).ReadAll()
		require.NoError(t, err)
		assert.Equal(t, []string{written, `say "hi", twice`}, rows[1], fmt.Sprintf("%q", cell))
	}
}

func TestColoursAreForTerminals(t *testing.T) {
	text.EnableColors()
	var plain, coloured bytes.Buffer
	require.NoError(t, tables.Printer{Out: &plain, Format: tables.Table, Width: 100}.Print(page()))
	require.NoError(t, tables.Printer{Out: &coloured, Format: tables.Table, Width: 100, Colours: true}.Print(page()))
	assert.Contains(t, coloured.String(), "\x1b[33mat risk\x1b")
	assert.Equal(t, plain.String(), text.StripEscape(coloured.String()), "colours move nothing")
}
