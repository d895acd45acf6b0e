// Package tables prints results for people and spreadsheets, from one list of
// columns for each kind of result. Figures come from package measure; it computes none.
//
// What it prints may come from anyone (names of documents, label values, messages of a
// server), so it is escaped for terminals, spreadsheets, Markdown and HTML.
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

// Format is an output format of pages.
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
	// Title is the title of an HTML page.
	Title   string
	Heading []string
	Rows    Rows
	// Notes are paragraphs below the table.
	Notes []string
	// Figures replace Rows in CSV: more columns, with plain numbers. Without a head, CSV prints Rows.
	Figures Rows
}

// Rows is a table; each row of Body has one cell per item of Head.
type Rows struct {
	Head []Head
	Body [][]string
	// Blocks has a title for each row. A terminal shows it once above successive rows, instead of the first column.
	Blocks []string
	// Remark says that few rows have the last column: a terminal prints it on lines below the row.
	Remark bool
}

// Head is the head of a column; Kind and Optional are those of its [Column].
type Head struct {
	Title    string
	Kind     Kind
	Optional int
}

// Heads returns heads of text columns.
func Heads(titles ...string) []Head {
	return wire.Each(titles, func(title string) Head { return Head{Title: title} })
}

func (h Head) isNumber() bool { return h.Kind >= RatioKind && h.Kind <= NumberKind }

func (r Rows) titles() []string { return wire.Each(r.Head, func(h Head) string { return h.Title }) }

// Printer prints pages.
type Printer struct {
	Out    io.Writer
	Format Format
	// Colours turns on ANSI colors for the Table format.
	Colours bool
	// Width is that of the terminal in columns; if 0, each row is one line, which suits grep.
	Width int
}

// Print prints the page. CSV has only the Figures, or the Rows if there are none.
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

// sanitized applies [Sanitize] to a copy: to all strings in slices and structs, whose fields must be exported.
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

// Sanitize replaces white space by spaces and escapes all other runes that do not print: a terminal
// would execute control characters, and invisible ones can deceive a reader. Bytes that are no UTF-8 become U+FFFD.
func Sanitize(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
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

// Plural formats a number with its noun: «1 agreement», «2 agreements».
func Plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// noFormula quotes a text that a spreadsheet would evaluate as a formula; numbers stay as they are.
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

// plainMarkdown escapes the markup of tables, HTML, links, emphasis and code.
var plainMarkdown = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;")

// htmlPageText is the template of an HTML page without external resources.
//
//go:embed page.gohtml
var htmlPageText string

var (
	htmlPage     = html.Must(html.New("page").Funcs(htmlFuncs).Parse(htmlPageText))
	markdownPage = text.Must(text.New("page").Funcs(markdownFuncs).Parse(
		"{{range .Heading}}{{plain .}}\n\n{{end}}{{table .Rows}}{{range .Notes}}\n{{plain .}}\n{{end}}"))
)
