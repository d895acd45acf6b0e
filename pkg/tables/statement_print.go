package tables

import (
	_ "embed"
	"fmt"
	html "html/template"
	"math"
	"slices"
	"strings"
	text "text/template"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// Both templates print the same [statementText].
var (
	//go:embed statement.gohtml
	htmlText string
	//go:embed statement.gomd
	markdownText string

	statementHTML     = html.Must(html.New("statement").Funcs(htmlFuncs).Parse(htmlText))
	statementMarkdown = text.Must(text.New("statement").Funcs(markdownFuncs).Parse(markdownText))
)

var markdownFuncs = text.FuncMap{"plain": plainMarkdown.Replace, "table": markdownTable}

var htmlFuncs = html.FuncMap{
	"number": func(rows Rows, column int) bool { return rows.Head[column].isNumber() },
	"state": func(rows Rows, column int, cell string) string {
		if rows.Head[column].Kind != StateKind {
			return ""
		}
		return strings.ReplaceAll(cell, " ", "_")
	},
	"stateText": StateText,
}

// statementFile is the input of the templates: one statement or several.
type statementFile struct {
	Title      string
	Statements []statementText
}

// PrintStatements prints statements: HTML as one file without scripts, CSV with a row per objective and
// group over the period, followed by a row per day.
func (p Printer) PrintStatements(all []*statement.Statement) error {
	if p.Format != HTML && p.Format != Markdown {
		return p.Print(StatementPage(all))
	}
	file := statementFile{Title: "Statements"}
	for _, s := range all {
		text, err := newStatementText(s)
		if err != nil {
			return err
		}
		file.Statements = append(file.Statements, text)
		if len(all) == 1 {
			file.Title = text.Title + ", " + text.Period
		}
	}
	if p.Format == HTML {
		return statementHTML.Execute(p.Out, sanitized(file))
	}
	return statementMarkdown.Execute(p.Out, sanitized(file))
}

// statementRow is an objective and group of a statement over the period, or on one day of it.
type statementRow struct {
	statement *statement.Statement
	defined   wire.Objective
	objective statement.Objective
	group     statement.Group
	nth       int // index of the group in the objective
	statement.EntryGroup
	day               string // 2026-10-31; empty for the whole period
	from, to          time.Time
	inScope, measured budget.Figure // seconds
	incidents         budget.Figure
}

func statementRows(s *statement.Statement) (rows []statementRow) {
	entries := s.Entry().Objectives
	for i, o := range s.Objectives {
		for n, g := range o.Shown() {
			row := statementRow{statement: s, nth: n, defined: s.Definition.Objectives[i], objective: o, group: g, EntryGroup: entries[len(rows)],
				from: o.From, to: o.To, incidents: budget.Figure(len(g.Incidents.List))}
			for _, d := range g.Days {
				row.inScope += d.InScopeSeconds
				row.measured += d.MeasuredSeconds
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (r statementRow) days() (rows []statementRow) {
	for _, d := range r.group.Days {
		day := r
		day.day, day.State, day.Reason, day.inScope, day.measured, day.incidents = d.Date, "", "", d.InScopeSeconds, d.MeasuredSeconds, budget.Absent
		day.from, day.to = time.Time{}, time.Time{}
		if period, err := agreement.ParsePeriod(d.Date); err == nil {
			from, to := period.Span(zoneNamed(r.objective.TimeZone))
			day.from, day.to = from.UTC(), to.UTC()
		}
		counts := budget.Counts{InScope: float64(d.InScopeSeconds),
			Sum: slots.Sum{Total: float64(d.Total), Bad: float64(d.Bad), Measured: float64(d.MeasuredSeconds)}}
		raw := budget.Counts{Sum: slots.Sum{Total: float64(d.RawTotal), Bad: float64(d.RawBad)}}
		day.Balance, day.Raw = budget.Unmeasured, wire.RawBalance{Total: d.RawTotal, Bad: d.RawBad, Compliance: raw.Compliance()}
		day.Total, day.Bad, day.Compliance, day.Coverage = d.Total, d.Bad, counts.Compliance(), counts.Coverage()
		rows = append(rows, day)
	}
	return rows
}

func (r statementRow) title() string { return wire.ObjectiveText(r.Name, r.Group) }

// count formats a count, with its unit except in the table of days.
func (r statementRow) count(amount budget.Figure) string {
	if r.day != "" {
		return Amount(amount, r.Unit)
	}
	return CountText(amount, r.Unit)
}

func ofAllowed(b budget.Balance, unit agreement.Unit) string {
	if !b.Compliance.Known() { // without a total, 0 bad would look like a good result
		return absent
	}
	return Amount(b.Bad, unit) + " of " + CountText(b.Allowed, unit)
}

// beside joins the reason and the remarks on figures. A breach needs no reason: the figures show it.
func beside(state budget.State, reason string, remarks []string) string {
	var all notes
	all.when(state != budget.Breached && reason != "", "%s", reason)
	return strings.Join(append(all, remarks...), "; ")
}

// standingColumns returns the columns of the figures of a group in a period.
func standingColumns[R any](of func(R) statement.EntryGroup) []Column[R] {
	return append([]Column[R]{
		{"group", "", LabelsKind, func(r R) any { return of(r).Group }, nil, 0},
		{"state", "state", StateKind, func(r R) any { return of(r).State }, nil, 0},
		{"unit", "", TextKind, func(r R) any { return of(r).Unit }, nil, 0},
		{"bad_of_allowed", "bad of allowed", TextKind, nil, func(r R) string { return ofAllowed(of(r).Balance, of(r).Unit) }, 1},
		{"reason", "", TextKind, func(r R) any { return of(r).Reason }, nil, 0},
		{"remarks", "", TextKind, func(r R) any { return strings.Join(of(r).Remarks, "; ") }, nil, 0},
		{"remark", "remark", TextKind, nil, func(r R) string { return beside(of(r).State, of(r).Reason, of(r).Remarks) }, 0},
	}, balanceColumns(func(r R) budget.Balance { return of(r).Balance }, func(r R) wire.RawBalance { return of(r).Raw })...)
}

func dayText(date string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day.Format("Mon 2 Jan")
}

var statementColumns = append([]Column[statementRow]{
	{"agreement", "agreement", TextKind, func(r statementRow) any { return r.statement.Agreement }, nil, 0},
	{"period", "", TextKind, func(r statementRow) any { return r.statement.Period.Name }, nil, 0},
	{"statement", "", NumberKind, func(r statementRow) any { return r.statement.Number }, nil, 0},
	{"objective", "objective", TextKind, func(r statementRow) any { return r.Name }, statementRow.title, 0},
	{"day", "day", TextKind, func(r statementRow) any { return r.day }, func(r statementRow) string { return dayText(r.day) }, 0},
	{"from", "", InstantKind, func(r statementRow) any { return r.from }, nil, 0},
	{"to", "", InstantKind, func(r statementRow) any { return r.to }, nil, 0},
	{"total", "total", AmountKind, func(r statementRow) any { return r.Total },
		func(r statementRow) string { return r.count(r.Total) }, 0},
	{"bad", "bad", AmountKind, func(r statementRow) any { return r.Bad },
		func(r statementRow) string { return r.count(r.Bad) }, 0},
	{"allowed", "allowed", AmountKind, func(r statementRow) any { return r.Allowed },
		func(r statementRow) string { return r.count(r.Allowed) }, 0},
	{"coverage", "measured", ShareKind, func(r statementRow) any { return r.Coverage }, nil, 2},
	{"in_scope_seconds", "", NumberKind, func(r statementRow) any { return r.inScope }, nil, 0},
	{"measured_seconds", "", NumberKind, func(r statementRow) any { return r.measured }, nil, 0},
	{"incidents", "", NumberKind, func(r statementRow) any { return r.incidents }, nil, 0},
	{"definition", "", TextKind, func(r statementRow) any { return r.statement.DefinitionHash }, nil, 0},
	{"digest", "", TextKind, func(r statementRow) any { return r.statement.Digest }, nil, 0},
}, standingColumns(func(r statementRow) statement.EntryGroup { return r.EntryGroup })...)

// StatementPage returns a page with a row per objective and group of the statements.
func StatementPage(all []*statement.Statement) Page {
	page := Page{Title: "Statements"}
	var rows, withDays []statementRow
	titles := map[*statement.Statement]string{}
	for _, s := range all {
		page.Heading = []string{"Statements of " + PeriodText(s.Period.Name) + "."}
		own := statementRows(s)
		titles[s] = s.Agreement + " · " + StateText(s.State) + measuredPart(own) + " · " + PartiesText(s.Definition.Provider, s.Definition.Consumers)
		for _, row := range own {
			rows, withDays = append(rows, row), append(append(withDays, row), row.days()...)
		}
		page.Notes = append(page.Notes, fmt.Sprintf("%s: statement %d, %s on %s by %s, %s",
			s.Agreement, s.Number, frozen(s), Instant(s.Frozen.At), s.Frozen.By, s.Digest)+lateSamples(s, time.UTC))
		if s.State == budget.NoData {
			page.Notes = append(page.Notes, s.Agreement+" cannot be judged in full: something was not measured.")
		}
	}
	page.Rows = pageRows(rows, statementColumns, "agreement objective state target compliance remaining bad_of_allowed coverage remark",
		func(r statementRow) string { return titles[r.statement] })
	page.Figures = figureRows(withDays, statementColumns, "agreement period statement objective group day from to state unit target "+
		"total bad compliance allowed consumed remaining coverage in_scope_seconds measured_seconds "+
		"raw_total raw_bad raw_compliance incidents reason remarks definition digest")
	return page
}

// VerificationLines formats a verification, with a line per difference, note and changed figure.
func VerificationLines(v *statement.Verification) []string {
	lines := []string{fmt.Sprintf("%s for %s, statement %d, frozen on %s: %s", v.Agreement, v.Period, v.Number, Instant(v.FrozenAt), Verdict(v))}
	for _, d := range v.Differences {
		lines = append(lines, "  - "+d.Text)
	}
	for _, note := range v.Notes {
		lines = append(lines, "  note: "+note)
	}
	if len(v.Figures) > 0 {
		lines = append(lines, "  A restatement would say:")
	}
	for _, f := range v.Figures {
		lines = append(lines, "  - "+FigureChangeText(f))
	}
	return lines
}

// Verdict says whether the statement was verified and against what.
func Verdict(v *statement.Verification) string {
	if v.Verified {
		return "verified, " + bases[v.Basis]
	}
	return "NOT verified: " + Plural(len(v.Differences), "difference")
}

// FigureChangeText compares the figures of a group in a restatement with the frozen ones.
func FigureChangeText(f statement.FigureChange) string {
	return fmt.Sprintf("%s: %s; it was %s", wire.ObjectiveText(f.Objective, f.Group), resultText(f.Now), resultText(f.Was))
}

var bases = map[statement.Basis]string{
	statement.OnEngine: "with every slot counted anew",
	statement.OnBoth:   "with the slots that Prometheus still has counted anew, the others as they are stored",
	statement.OnSlots:  "from the stored slots alone",
}

func resultText(s *statement.GroupStatus) string {
	if s == nil {
		return "not there"
	}
	return fmt.Sprintf("%s, %s against %s, %s of the budget spent", StateText(s.State), s.Compliance.Percent(), s.Target.Percent(), s.Consumed.Share())
}

// GateLine formats the decision in one line.
func GateLine(g wire.Gate) string {
	words := map[planning.Decision]string{planning.Go: "go", planning.Stop: "stop", planning.NoData: "stop, not measured", planning.Failed: "undecided"}
	return fmt.Sprintf("%s: %s: %s", words[g.Decision], g.Agreement, g.Reason)
}

// burnDown is an SVG chart of the error budget left at the end of each day.
type burnDown struct {
	// Line is the path of the budget left, Ideal that of a budget spent evenly.
	Line, Ideal string
	// Zero is the y coordinate of an empty budget.
	Zero  float64
	Marks []dayMark
	// Bottom labels the lower end of the axis, whose upper end is 100%. Text describes the chart.
	Bottom, Text string
}

type dayMark struct {
	X    float64
	Text string
}

const (
	chartWidth  = 340.0
	chartHeight = 120.0
)

// newBurnDown returns the chart of a group; nil without a budget or consumption, or with fewer than two days.
func newBurnDown(g statement.Group) *burnDown {
	allowed := float64(g.Adjusted.Allowed)
	if !g.Adjusted.Consumed.Known() || math.IsInf(float64(g.Adjusted.Consumed), 0) || allowed <= 0 || len(g.Days) < 2 {
		return nil
	}
	left, spent := []float64{1}, 0.0
	for _, day := range g.Days {
		spent += float64(day.Bad)
		left = append(left, 1-spent/allowed)
	}
	bottom := min(0, slices.Min(left))
	x := func(i int) float64 { return chartWidth * float64(i) / float64(len(g.Days)) }
	y := func(share float64) float64 { return chartHeight * (1 - share) / (1 - bottom) }
	points := make([]string, len(left))
	for i, share := range left {
		points[i] = fmt.Sprintf("%.1f,%.1f", x(i), y(share))
	}
	return &burnDown{Zero: y(0), Bottom: budget.Figure(bottom).Share(),
		Ideal: fmt.Sprintf("M0,0 L%.1f,%.1f", chartWidth, y(0)),
		Line:  "M" + strings.Join(points, " L"), Marks: dayMarks(g.Days, x),
		Text: fmt.Sprintf("Error budget left by day: %s at the end", g.Adjusted.Remaining.Share())}
}

// dayMarks returns up to four evenly spaced days for the x axis.
func dayMarks(days []statement.Day, x func(int) float64) []dayMark {
	every := max(1, (len(days)+3)/4)
	var marks []dayMark
	for i := 0; i < len(days); i += every {
		if day, err := time.Parse(time.DateOnly, days[i].Date); err == nil {
			marks = append(marks, dayMark{x(i), day.Format("2 Jan")})
		}
	}
	return marks
}
