package tables

import (
	_ "embed"
	"encoding/csv"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
)

// writeCSV writes the rows as RFC 4180 has them, with lines that end in \n.
func writeCSV(out io.Writer, rows Rows) error {
	writer := csv.NewWriter(out)
	if err := writer.Write(rows.Header); err != nil {
		return err
	}
	for _, cells := range rows.Body {
		plain := make([]string, len(cells))
		for i, cell := range cells {
			plain[i] = noFormula(cell)
		}
		if err := writer.Write(plain); err != nil {
			return err
		}
	}
	writer.Flush()
	return writer.Error()
}

// noFormula keeps a spreadsheet from calculating a text that begins like a
// formula; numbers stay numbers.
func noFormula(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}

// writeMarkdown writes the page with a table as GitHub has them.
func writeMarkdown(out io.Writer, page Page) error {
	var b strings.Builder
	for _, line := range page.Heading {
		b.WriteString(plainMarkdown.Replace(line) + "\n\n")
	}
	writeMarkdownRows(&b, page.Rows)
	for _, note := range page.Notes {
		b.WriteString("\n" + plainMarkdown.Replace(note) + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func writeMarkdownRows(b *strings.Builder, rows Rows) {
	if len(rows.Header) == 0 {
		return
	}
	markdownRow(b, rows.Header)
	for i := range rows.Header {
		if slices.Contains(rows.Numbers, i) {
			b.WriteString("| ---: ")
		} else {
			b.WriteString("| --- ")
		}
	}
	b.WriteString("|\n")
	for _, cells := range rows.Body {
		markdownRow(b, cells)
	}
}

func markdownRow(b *strings.Builder, cells []string) {
	for _, cell := range cells {
		b.WriteString("| " + plainMarkdown.Replace(cell) + " ")
	}
	b.WriteString("|\n")
}

// plainMarkdown takes the meaning from what would be markup: tables, HTML,
// links, emphasis, code.
var plainMarkdown = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;")

// writeHTML writes the page as one file that needs nothing else.
func writeHTML(out io.Writer, page Page) error {
	return htmlPage.Execute(out, page)
}

//go:embed page.gohtml
var htmlPageText string

var htmlPage = template.Must(template.New("page").Funcs(htmlFuncs).Parse(htmlPageText))
