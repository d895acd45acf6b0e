// Package tables prints results for people and spreadsheets, from one list of
// columns for each result. It computes nothing: every figure comes from package measure.
//
// What it prints may come from anyone (names of documents, values of labels, the words of
// a server), so it reaches a terminal, a spreadsheet, Markdown or HTML only as text.
package tables

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	html "html/template"
	"io"
	"reflect"
	"strconv"
	"strings"
	text "text/template"
	"unicode"

	"github.com/accord-sla/accord/pkg/wire"
)

// Format is how a page is printed.
type Format string

// The formats of pages.
const (
	Table    Format = "table"
	CSV      Format = "csv"
	Markdown Format = "markdown"
	HTML     Format = "html"
)

// Page is a table with the paragraphs before and after it.
type Page struct {
	// Title is that of an HTML page.
	Title   string
	Heading []string
	Rows    Rows
	// Notes are paragraphs below the table.
	Notes []string
	// Figures are what CSV has instead of Rows: all columns, as numbers.
	Figures Rows
}

// Rows is a table: a header and rows as wide.
type Rows struct {
	Head []Head
	Body [][]string
	// Blocks has a title for each row. It stands once above those in succession, instead of the first column.
	Blocks []string
	// Remark says that the last column is one that few rows have: in little space it goes onto its own lines.
	Remark bool
}

// Head is the title of a column, with what its values are and whether it may be left out, as of a [Column].
type Head struct {
	Title    string
	Kind     Kind
	Optional int
}

// Heads are those of columns of texts.
func Heads(titles ...string) []Head {
	return wire.Each(titles, func(title string) Head { return Head{Title: title} })
}

func (h Head) isNumber() bool { return h.Kind >= RatioKind && h.Kind <= NumberKind }

func (r Rows) titles() []string { return wire.Each(r.Head, func(h Head) string { return h.Title }) }

// Printer prints pages.
type Printer struct {
	Out    io.Writer
	Format Format
	// Colours are for a terminal.
	Colours bool
	// Width of the terminal in columns; 0: none, and each row is one whole line, as grep likes it.
	Width int
}

// Print prints the page. CSV is its figures alone, or its rows without figures.
func (p Printer) Print(page Page) error {
	page = sanitized(page)
	switch p.Format {
	case CSV:
		if page.Figures.Head != nil {
			page.Rows = page.Figures
		}
		body := wire.Each(page.Rows.Body, func(cells []string) []string { return wire.Each(cells, noFormula) })
		return csv.NewWriter(p.Out).WriteAll(append([][]string{page.Rows.titles()}, body...))
	case Markdown:
		return markdownPage.Execute(p.Out, page)
	case HTML:
		return htmlPage.Execute(p.Out, page)
	default:
		_, err := io.WriteString(p.Out, p.terminal(page))
		return err
	}
}

// sanitized is a copy in which every text only prints; fields of structs have to be exported.
func sanitized[T any](value T) T {
	sanitize(reflect.ValueOf(&value).Elem())
	return value
}

func sanitize(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(Sanitize(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			sanitize(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		all := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(all, v)
		for i := range v.Len() {
			sanitize(all.Index(i))
		}
		v.Set(all)
	}
}

// Sanitize is text on one line that only prints: a terminal would obey the
// control characters in it, and be misled by those that print nothing.
func Sanitize(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return b.String()
}

// Plural writes a number with its word: 1 agreement, 2 agreements.
func Plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// noFormula keeps a spreadsheet from calculating a text; numbers stay numbers.
func noFormula(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}

func markdownTable(rows Rows) string {
	if len(rows.Head) == 0 {
		return ""
	}
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(wire.Each(rows.titles(), plainMarkdown.Replace))
	line(wire.Each(rows.Head, func(h Head) string { return map[bool]string{false: "---", true: "---:"}[h.isNumber()] }))
	for _, cells := range rows.Body {
		line(wire.Each(cells, plainMarkdown.Replace))
	}
	return b.String()
}

// plainMarkdown takes the meaning from markup: tables, HTML, links, emphasis, code.
var plainMarkdown = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;")

// htmlPage is one file that needs nothing else.
//
//go:embed page.gohtml
var htmlPageText string

var (
	htmlPage     = html.Must(html.New("page").Funcs(htmlFuncs).Parse(htmlPageText))
	markdownPage = text.Must(text.New("page").Funcs(markdownFuncs).Parse(
		"{{range .Heading}}{{plain .}}\n\n{{end}}{{table .Rows}}{{range .Notes}}\n{{plain .}}\n{{end}}"))
)
