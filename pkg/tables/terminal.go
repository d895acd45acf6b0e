package tables

import (
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/wire"
)

// Spaces between columns, and before lines below a block title or a row.
const (
	gap          = "  "
	indent       = "  "
	narrowestTop = 12 // fit narrows the first column no further
)

func (p Printer) terminal(page Page) string {
	var b strings.Builder
	for _, line := range page.Heading {
		p.paragraph(&b, line)
	}
	if len(page.Rows.Body) > 0 {
		if len(page.Heading) > 0 {
			b.WriteByte('\n')
		}
		p.rows(&b, page.Rows)
		if len(page.Notes) > 0 {
			b.WriteByte('\n')
		}
	}
	for _, note := range page.Notes {
		p.paragraph(&b, note)
	}
	return b.String()
}

func (p Printer) paragraph(b *strings.Builder, line string) {
	for _, part := range wrapped(line, p.Width) {
		b.WriteString(part + "\n")
	}
}

// wrapped breaks the text into lines of at most width, between words if possible. Width 0 means no limit.
func wrapped(line string, width int) []string {
	if width <= 0 {
		return []string{line}
	}
	lines := strings.Split(text.WrapSoft(line, width), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// rows prints block titles, rows and their remarks; without a width, each row on one line.
func (p Printer) rows(b *strings.Builder, rows Rows) {
	if p.Width <= 0 {
		rows.Blocks, rows.Remark, p.Width = nil, false, math.MaxInt
	}
	before := ""
	if len(rows.Blocks) > 0 {
		before = indent
	}
	columns, dropped := rows.fit(p.Width - len(before))
	p.line(b, before, columns, wire.Each(rows.titles(), upper))
	for i, cells := range rows.Body {
		if len(rows.Blocks) > 0 && (i == 0 || rows.Blocks[i] != rows.Blocks[i-1]) {
			for n, part := range wrapped(rows.Blocks[i], p.Width-2*len(indent)) {
				if n > 0 {
					b.WriteString(indent + indent)
				}
				b.WriteString(p.coloured(part, text.Colors{text.Bold}) + "\n")
			}
		}
		p.line(b, before, columns, cells)
		if remark := cells[len(cells)-1]; rows.Remark && remark != "" {
			for _, part := range wrapped(remark, p.Width-2*len(indent)-len(before)) {
				b.WriteString(before + indent + indent + part + "\n")
			}
		}
	}
	if len(dropped) > 0 {
		b.WriteByte('\n')
		p.paragraph(b, "Left out at this width: "+strings.Join(dropped, ", ")+".")
	}
}

type column struct {
	Head
	index, width int
}

// columns returns the columns with the widths of their cells and titles, or with foldTitles of the longest word
// of a title. It omits the first column if there are block titles, and the remarks.
func (r Rows) columns(foldTitles bool) []column {
	var columns []column
	for i, head := range r.Head {
		if i == 0 && len(r.Blocks) > 0 || i == len(r.Head)-1 && r.Remark {
			continue
		}
		parts := []string{head.Title}
		if foldTitles {
			parts = strings.Fields(head.Title)
		}
		c := column{Head: head, index: i}
		for _, cells := range r.Body {
			parts = append(parts, cells[i])
		}
		for _, part := range parts {
			c.width = max(c.width, text.StringWidth(part))
		}
		columns = append(columns, c)
	}
	return columns
}

// fit makes the columns fit the width: first it folds titles, then it drops the optional columns and returns
// their titles, then it narrows the first column.
func (r Rows) fit(width int) (columns []column, dropped []string) {
	columns = r.columns(false)
	if total(columns) > width {
		columns = r.columns(true)
	}
	for level := 1; level <= 2 && total(columns) > width; level++ {
		if i := slices.IndexFunc(columns, func(c column) bool { return c.Optional == level }); i >= 0 {
			dropped = append(dropped, columns[i].Title)
			columns = slices.Delete(columns, i, i+1)
		}
	}
	if over := total(columns) - width; over > 0 && len(columns) > 0 {
		columns[0].width = max(min(columns[0].width, narrowestTop), columns[0].width-over)
	}
	return columns, dropped
}

func total(columns []column) int {
	width := 0
	for _, c := range columns {
		width += c.width + len(gap)
	}
	return width - len(gap)
}

// line prints a row; cells too wide for their column continue on the next line.
func (p Printer) line(b *strings.Builder, before string, columns []column, cells []string) {
	folded := make([][]string, len(columns))
	height := 1
	for i, c := range columns {
		folded[i] = wrapped(cells[c.index], c.width)
		height = max(height, len(folded[i]))
	}
	for n := range height {
		parts := make([]string, len(columns))
		for i, c := range columns {
			part := ""
			if n < len(folded[i]) {
				part = folded[i][n]
			}
			parts[i] = p.cell(c, part)
		}
		b.WriteString(strings.TrimRight(before+strings.Join(parts, gap), " ") + "\n")
	}
}

// upper returns a title in upper case, except for words with digits: 1m must not become 1M.
func upper(title string) string {
	words := strings.Fields(title)
	for i, word := range words {
		if !strings.ContainsAny(word, "0123456789") {
			words[i] = strings.ToUpper(word)
		}
	}
	return strings.Join(words, " ")
}

func (p Printer) cell(c column, part string) string {
	padding := strings.Repeat(" ", max(0, c.width-text.StringWidth(part)))
	if c.Kind == StateKind {
		part = p.coloured(part, colours[part])
	}
	if c.isNumber() {
		return padding + part
	}
	return part + padding
}

var colours = map[string]text.Colors{
	StateText(budget.Breached): {text.FgRed, text.Bold},
	StateText(budget.AtRisk):   {text.FgYellow},
	StateText(budget.Met):      {text.FgGreen},
	StateText(budget.NoData):   {text.FgMagenta},
	StateText(budget.Inactive): {text.Faint},
}

func (p Printer) coloured(part string, colours text.Colors) string {
	if !p.Colours || part == "" {
		return part
	}
	return colours.Sprint(part)
}
