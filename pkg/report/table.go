package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

// Format is how a table is printed.
type Format string

// The formats of tables.
const (
	Table    Format = "table"
	CSV      Format = "csv"
	Markdown Format = "markdown"
	HTML     Format = "html"
)

// Printer prints tables.
type Printer struct {
	Out    io.Writer
	Format Format
	// Colours are for a terminal.
	Colours bool
	// Width of the terminal in columns; 0 does not limit.
	Width int
}

// Rows is a table: a header and rows as wide.
type Rows struct {
	Header []string
	Body   [][]string
	// Numbers are the columns that are aligned to the right, from 0.
	Numbers []int
	// States are the columns that hold a state, from 0, coloured by it.
	States []int
}

// Print prints the rows.
func (p Printer) Print(rows Rows) {
	writer := table.NewWriter()
	writer.SetOutputMirror(p.Out)
	writer.AppendHeader(row(rows.Header))
	for _, cells := range rows.Body {
		writer.AppendRow(row(cells))
	}
	writer.SetStyle(table.StyleLight)
	style := writer.Style()
	style.Options.DrawBorder = false
	style.Options.SeparateColumns = false
	style.Options.SeparateHeader = false
	style.Format.Header = text.FormatUpper
	if p.Width > 0 {
		style.Size.WidthMax = p.Width
	}
	writer.SetColumnConfigs(p.columns(rows))
	switch p.Format {
	case CSV:
		writer.RenderCSV()
	case Markdown:
		writer.RenderMarkdown()
	case HTML:
		writer.RenderHTML()
	default:
		writer.Render()
	}
}

func row(cells []string) table.Row {
	out := make(table.Row, len(cells))
	for i, cell := range cells {
		out[i] = cell
	}
	return out
}

func (p Printer) columns(rows Rows) []table.ColumnConfig {
	var configs []table.ColumnConfig
	for _, number := range rows.Numbers {
		configs = append(configs, table.ColumnConfig{Number: number + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	if p.Colours && p.Format == Table {
		for _, number := range rows.States {
			configs = append(configs, table.ColumnConfig{Number: number + 1, Transformer: coloured})
		}
	}
	return configs
}

var colours = map[budget.State]text.Colors{
	budget.Breached: {text.FgRed, text.Bold},
	budget.AtRisk:   {text.FgYellow},
	budget.Met:      {text.FgGreen},
	budget.NoData:   {text.FgMagenta},
	budget.Inactive: {text.Faint},
}

func coloured(value any) string {
	state := fmt.Sprint(value)
	return colours[budget.State(state)].Sprint(state)
}

// StatusRows is the status of agreements, a row an objective and group, for
// people.
func StatusRows(results []measure.AgreementResult) Rows {
	rows := Rows{
		Header:  []string{"agreement", "objective", "state", "target", "compliance", "budget left", "", "burn 1h", "window", "remark"},
		Numbers: []int{3, 4, 5, 7}, States: []int{2},
	}
	for _, result := range results {
		name := result.Agreement.Name
		for _, objective := range result.Objectives {
			rows.Body = append(rows.Body, []string{name, objectiveName(objective), string(objective.State),
				Percent(objective.Target), Percent(objective.Compliance), Share(objective.Remaining),
				Left(objective.Status, UnitOf(objective.Objective)), Rate(burnOver(objective, time.Hour)),
				objective.Window.String(), remark(result, objective)})
			name = ""
		}
	}
	return rows
}

func objectiveName(r measure.Result) string { return named(r.Objective.Name, r.Group) }

func burnOver(r measure.Result, window time.Duration) budget.Figure {
	for _, burn := range r.Burn {
		if burn.Window == window {
			return burn.Rate
		}
	}
	return budget.Absent
}

// remark is what a reader should know beside the figures.
func remark(result measure.AgreementResult, r measure.Result) string {
	var parts []string
	if stage := result.Agreement.Stage; stage != agreement.Active {
		parts = append(parts, string(stage))
	}
	if r.Reason != "" {
		parts = append(parts, r.Reason)
	}
	if !r.Exhaustion.IsZero() {
		verb := "runs out"
		if r.State == budget.Breached {
			verb = "spent"
		}
		parts = append(parts, verb+" "+r.Exhaustion.UTC().Format("2 Jan 15:04"))
	}
	return strings.Join(parts, "; ")
}
