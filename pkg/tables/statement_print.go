package tables

import (
	_ "embed"
	html "html/template"
	"io"
	"slices"
	"strings"
	text "text/template"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/statement"
)

// Both forms of a statement for people print the same [statementText].
var (
	//go:embed statement.gohtml
	htmlText string
	//go:embed statement.gomd
	markdownText string

	statementHTML     = html.Must(html.New("statement").Funcs(htmlFuncs).Parse(htmlText))
	statementMarkdown = text.Must(text.New("statement").Funcs(text.FuncMap{
		"plain": plainMarkdown.Replace,
		"table": func(rows Rows) string {
			var b strings.Builder
			writeMarkdownRows(&b, rows)
			return b.String()
		},
	}).Parse(markdownText))
)

// htmlFuncs are what HTML templates need to print [Rows].
var htmlFuncs = html.FuncMap{
	"number": func(rows Rows, column int) bool { return slices.Contains(rows.Numbers, column) },
	"state": func(rows Rows, column int, cell string) string {
		for _, state := range budget.States {
			if slices.Contains(rows.States, column) && cell == StateText(state) {
				return string(state)
			}
		}
		return ""
	},
	"stateText": StateText,
}

// statementFile is what the templates print: one statement or several.
type statementFile struct {
	Title      string
	Statements []statementText
}

func newStatementFile(all []*statement.Statement) statementFile {
	file := statementFile{Title: "Statements"}
	for _, s := range all {
		text := newStatementText(s)
		file.Statements = append(file.Statements, text)
		if len(all) == 1 {
			file.Title = text.Title + ", " + text.Period
		}
	}
	return sanitized(file)
}

// WriteStatementHTML writes statements to print: one file that needs nothing
// else, without scripts.
func WriteStatementHTML(out io.Writer, all []*statement.Statement) error {
	return statementHTML.Execute(out, newStatementFile(all))
}

// WriteStatementMarkdown writes statements for people, as GitHub has Markdown.
func WriteStatementMarkdown(out io.Writer, all []*statement.Statement) error {
	return statementMarkdown.Execute(out, newStatementFile(all))
}

// WriteStatementCSV writes statements for spreadsheets: of each objective and
// group a row for the period, then one for each day.
func WriteStatementCSV(out io.Writer, all []*statement.Statement) error {
	var rows []statementRow
	for _, s := range all {
		for _, row := range statementRows(s) {
			rows = append(append(rows, row), row.days()...)
		}
	}
	return Printer{Out: out, Format: CSV}.Print(Page{Rows: figureRows(rows, statementColumns,
		"agreement period statement objective group day from to state unit target total bad compliance allowed consumed remaining "+
			"coverage in_scope_seconds measured_seconds raw_total raw_bad raw_compliance incidents definition digest")})
}
