package tables

import (
	_ "embed"
	"html/template"
	"io"
	"slices"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/statement"
)

//go:embed statement.gohtml
var statementTemplate string

var statementPage = template.Must(template.New("statement").Funcs(template.FuncMap{
	"number": func(rows Rows, column int) bool { return slices.Contains(rows.Numbers, column) },
	"state": func(rows Rows, column int, cell string) string {
		for _, state := range budget.States {
			if slices.Contains(rows.States, column) && cell == StateText(state) {
				return string(state)
			}
		}
		return ""
	},
	"stateText":   func(s budget.State) string { return StateText(s) },
	"chartWidth":  func() float64 { return chartWidth },
	"chartHeight": func() float64 { return chartHeight },
	"chartSpace":  func() float64 { return chartHeight + 34 },
	"chartLabel":  func() float64 { return chartHeight + 15 },
}).Parse(statementTemplate))

// statementSheet is one statement on an HTML page.
type statementSheet struct {
	statementText
	Period string
}

// WriteStatementHTML writes statements to print: one file that needs nothing
// else, without scripts.
func WriteStatementHTML(out io.Writer, all []*statement.Statement) error {
	page := struct {
		Title  string
		Sheets []statementSheet
	}{Title: "Statements"}
	for _, s := range all {
		sheet := statementSheet{newStatementText(s), periodText(s.Period.Name)}
		page.Sheets = append(page.Sheets, sheet)
		if len(all) == 1 {
			page.Title = sheet.Title + ", " + sheet.Period
		}
	}
	return statementPage.Execute(out, page)
}
