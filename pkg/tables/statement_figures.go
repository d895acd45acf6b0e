package tables

import (
	"io"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// StatementFigures are statements with figures as numbers, for spreadsheets: of
// each objective and group a row for the period, then one for each day.
func StatementFigures(all []*statement.Statement) Rows {
	rows := Rows{Header: []string{"agreement", "period", "statement", "objective", "group", "day", "from", "to", "state", "unit", "target",
		"total", "bad", "compliance", "allowed", "consumed", "remaining", "coverage", "in_scope_seconds", "measured_seconds",
		"raw_total", "raw_bad", "raw_compliance", "incidents", "definition", "digest"}}
	for _, s := range all {
		for _, o := range s.Objectives {
			if o.OtherConnection != "" {
				o.Groups = []statement.Group{unmeasured}
			}
			for _, g := range o.Groups {
				head := []string{s.Agreement, s.Period.Name, Number(budget.Figure(s.Number)), o.Name, wire.GroupText(g.Labels)}
				tail := []string{s.DefinitionHash, s.Digest}
				rows.Body = append(rows.Body, periodFigures(head, tail, o, g))
				for _, d := range g.Days {
					rows.Body = append(rows.Body, dayFigures(head, tail, o, d))
				}
			}
		}
	}
	return rows
}

// unmeasured is what is known of an objective that is not measured here.
var unmeasured = statement.Group{State: budget.NoData, Adjusted: noFigures, Raw: noFigures}

var noFigures = statement.Figures{Target: budget.Absent, Total: budget.Absent, Bad: budget.Absent, Compliance: budget.Absent,
	Allowed: budget.Absent, Consumed: budget.Absent, Remaining: budget.Absent, Coverage: budget.Absent}

func periodFigures(head, tail []string, o statement.Objective, g statement.Group) []string {
	f := g.Adjusted
	var inScope, measuredSeconds budget.Figure
	for _, d := range g.Days {
		inScope += d.InScopeSeconds
		measuredSeconds += d.MeasuredSeconds
	}
	cells := append([]string{}, head...)
	cells = append(cells, "", o.From.Format(time.RFC3339), o.To.Format(time.RFC3339), string(g.State), string(o.Unit), Number(f.Target),
		Number(f.Total), Number(f.Bad), Number(f.Compliance), Number(f.Allowed), Number(f.Consumed), Number(f.Remaining), Number(f.Coverage),
		Number(inScope), Number(measuredSeconds), Number(g.Raw.Total), Number(g.Raw.Bad), Number(g.Raw.Compliance), Number(budget.Figure(len(g.Incidents.List))))
	return append(cells, tail...)
}

func dayFigures(head, tail []string, o statement.Objective, d statement.Day) []string {
	from, to := daySpan(o, d.Date)
	cells := append([]string{}, head...)
	cells = append(cells, d.Date, from, to, "", string(o.Unit), "",
		Number(d.Total), Number(d.Bad), Number(ratio(d.Bad, d.Total)), "", "", "", Number(part(d.MeasuredSeconds, d.InScopeSeconds)),
		Number(d.InScopeSeconds), Number(d.MeasuredSeconds), Number(d.RawTotal), Number(d.RawBad), Number(ratio(d.RawBad, d.RawTotal)), "")
	return append(cells, tail...)
}

func daySpan(o statement.Objective, date string) (from, to string) {
	day, err := agreement.ParsePeriod(date)
	if err != nil {
		return "", ""
	}
	begin, end := day.Span(zoneNamed(o.TimeZone))
	return begin.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339)
}

// WriteStatementCSV writes statements for spreadsheets.
func WriteStatementCSV(out io.Writer, all []*statement.Statement) error {
	return Printer{Out: out, Format: CSV}.Print(Page{Rows: StatementFigures(all)})
}

// WriteStatementMarkdown writes statements for people, as GitHub has Markdown.
func WriteStatementMarkdown(out io.Writer, all []*statement.Statement) error {
	var b strings.Builder
	for i, s := range all {
		if i > 0 {
			b.WriteString("\n---\n\n")
		}
		markdownStatement(&b, newStatementText(s), periodText(s.Period.Name))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func markdownStatement(b *strings.Builder, t statementText, period string) {
	say := func(parts ...string) {
		for _, part := range parts {
			b.WriteString(part)
		}
		b.WriteString("\n\n")
	}
	plain := plainMarkdown.Replace
	say("# ", plain(t.Title), ", ", plain(period))
	say("**", plain(t.Verdict), "**")
	if t.Restates != "" {
		say(plain(t.Restates))
	}
	for _, f := range t.Facts {
		b.WriteString("- " + f.Name + ": " + plain(f.Text) + "\n")
	}
	b.WriteString("\n")
	for _, f := range t.Words {
		say(f.Name, ": ", plain(f.Text))
	}
	markdownTable(b, t.Summary)
	for _, d := range t.Details {
		say("## ", plain(d.Title))
		for _, line := range d.Lines {
			say(plain(line))
		}
		markdownTable(b, d.Figures)
		markdownTable(b, d.Incidents)
		if len(d.Incidents.Body) > 0 {
			say(plain(d.Repair), ".")
		}
	}
	for _, table := range []struct {
		title string
		rows  Rows
	}{{"Exclusions", t.Exclusions}, {"Alerts that fired", t.Alerts}} {
		if len(table.rows.Body) > 0 {
			say("## ", table.title)
			markdownTable(b, table.rows)
		}
	}
	say("## How it was measured")
	for _, m := range t.Measured {
		say("**", plain(m.Title), "**: ", plain(strings.Join(m.Lines, " ")))
		for _, query := range m.Queries {
			say("    ", query)
		}
	}
	say("## Day by day")
	for _, d := range t.Days {
		say("**", plain(d.Title), "**")
		markdownTable(b, d.Rows)
	}
	say("## Seal")
	for _, f := range t.Seal {
		b.WriteString("- " + f.Name + ": " + plain(f.Text) + "\n")
	}
}

// markdownTable writes a table, unless it is empty.
func markdownTable(b *strings.Builder, rows Rows) {
	if len(rows.Body) == 0 {
		return
	}
	writeMarkdownRows(b, rows)
	b.WriteString("\n")
}
