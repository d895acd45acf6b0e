package tables

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// maxGroupsInFull is how many groups of an objective are printed in full; JSON and CSV have all.
const maxGroupsInFull = 20

// statementText is a statement as the templates of HTML and Markdown print it.
type statementText struct {
	Title, Period string
	State         budget.State
	Verdict       string
	Restates      string
	// Facts are the period, the parties, the hours and the signatures.
	Facts   []fact
	Words   []fact
	Summary Rows
	// Details has a section per objective and group.
	Details []section
	// Exclusions are those that overlap the period.
	Exclusions Rows
	Alerts     Rows
	Measured   []section
	Days       []section
	Seal       []fact
	Parties    []string
}

type fact struct{ Name, Text string }

// section is about an objective or a group; fields that do not apply are empty.
type section struct {
	Title     string
	State     budget.State
	Lines     []string
	Rows      Rows
	Incidents Rows
	// Repair summarizes the incidents.
	Repair  string
	Chart   *burnDown
	Queries []string
}

func newStatementText(s *statement.Statement) (text statementText, err error) {
	promised, err := s.Promised()
	if err != nil {
		return text, err
	}
	zone, rows := promised.Zone, statementRows(s)
	text = statementText{Title: cmp.Or(s.Definition.DisplayName, s.Agreement), Period: PeriodText(s.Period.Name), State: s.State,
		Verdict: verdict(rows), Restates: restates(s), Facts: facts(s, promised),
		Words:      []fact{{"What was promised", s.Definition.Description}, {"When it is broken", s.Definition.Consequences}},
		Summary:    pageRows(rows, statementColumns, "objective state target compliance bad_of_allowed consumed coverage remark", nil),
		Exclusions: exclusionRows(promised),
		Alerts: Rows{Head: append(Heads("alert", "from", "to"), Head{"lasted", NumberKind, 0}),
			Body: wire.Each(s.Alerts, func(a measure.FiredAlert) []string {
				return []string{a.Name, instantIn(a.From, zone), instantIn(a.To, zone), Elapsed(a.To.Sub(a.From))}
			})}}
	text.Words = slices.DeleteFunc(text.Words, func(f fact) bool { return f.Text == "" })
	text.Summary.Head[4].Kind = AmountKind
	for i, o := range s.Objectives {
		text.Measured = append(text.Measured, measured(o, promised.Objectives[i]))
	}
	for _, row := range rows {
		switch {
		case row.objective.OtherConnection != "" || row.nth > maxGroupsInFull:
		case row.nth == maxGroupsInFull:
			text.Details = append(text.Details, section{Title: row.Name, Lines: []string{fmt.Sprintf(
				"%d groups more are told in the table above; their days and incidents are in the JSON and CSV forms.", len(row.objective.Groups)-row.nth)}})
		default:
			text.Details = append(text.Details, detail(row))
			if len(row.group.Days) > 0 {
				days := pageRows(row.days(), statementColumns, "day total bad compliance coverage", nil)
				text.Days = append(text.Days, section{Title: row.title(), Rows: days})
			}
		}
	}
	text.Seal = []fact{
		{"Digest", s.Digest}, {"Of the definition", s.DefinitionHash},
		{strings.TrimSuffix(Capitalized(frozen(s)), ","), fmt.Sprintf("%s by %s, measured on %s", instantIn(s.Frozen.At, zone), s.Frozen.By, s.Frozen.Engine) + lateSamples(s, zone)},
		{"Statement", fmt.Sprintf("number %d of %s for %s, %s", s.Number, s.Agreement, s.Period.Name, s.Format)},
	}
	text.Parties = promised.Parties()
	return text, nil
}

func frozen(s *statement.Statement) string {
	if s.Unkept {
		return "printed, not frozen,"
	}
	return "frozen"
}

// lateSamples says that late samples could still change the figures when the statement was frozen.
func lateSamples(s *statement.Statement, zone *time.Location) string {
	if s.Frozen.LateUntil.IsZero() {
		return ""
	}
	return ", before the last look at late samples (" + instantIn(s.Frozen.LateUntil, zone) + ")"
}

func zoneNamed(name string) *time.Location {
	zone, _ := document.LoadZone(name)
	return cmp.Or(zone, time.UTC)
}

// PeriodText formats the name of a period for people: «October 2026»; other names stay as they are.
func PeriodText(name string) string {
	period, err := agreement.ParsePeriod(name)
	if err != nil {
		return name
	}
	first := period.First.Midnight(time.UTC)
	switch period.Unit {
	case agreement.Day:
		return first.Format("Monday, 2 January 2006")
	case agreement.Week:
		year, week := first.ISOWeek()
		return fmt.Sprintf("Week %d of %d", week, year)
	case agreement.Month:
		return first.Format("January 2006")
	case agreement.Quarter:
		return fmt.Sprintf("Q%d %d", (first.Month()-1)/3+1, first.Year())
	}
	return first.Format("2006")
}

func verdict(rows []statementRow) string {
	count := map[budget.State]int{}
	for _, row := range rows {
		count[row.State]++
	}
	all := len(rows)
	if all > 0 && count[budget.Met] == all {
		if all == 1 {
			return "The promise was kept" + measuredPart(rows) + "."
		}
		return fmt.Sprintf("The promise was kept: all %d figures were met%s.", all, measuredPart(rows))
	}
	var parts notes
	parts.when(count[budget.Breached] > 0, "%d %s", count[budget.Breached], StateText(budget.Breached))
	parts.when(count[budget.NoData] > 0, "%d without data", count[budget.NoData])
	for _, state := range []budget.State{budget.Met, budget.Inactive} {
		parts.when(count[state] > 0, "%d %s", count[state], StateText(state))
	}
	sentence := fmt.Sprintf("Of %s, %s%s.", Plural(all, "figure"), strings.Join(parts, ", "), measuredPart(rows))
	if count[budget.Breached] > 0 {
		return "The promise was broken. " + sentence
	}
	return "The promise cannot be judged in full. " + sentence
}

// measuredPart describes the lowest coverage of the rows with data; empty from [budget.WholeCoverage] on.
func measuredPart(rows []statementRow) string {
	least := budget.Figure(budget.WholeCoverage - budget.Tolerance)
	text := ""
	for _, row := range rows {
		if row.Coverage < least && row.State != budget.NoData {
			least = row.Coverage
			text = ", of the " + least.Share() + " that was measured"
		}
	}
	return text
}

func restates(s *statement.Statement) string {
	if s.Replaces == nil {
		return ""
	}
	text := fmt.Sprintf("This is statement %d of the period. It replaces statement %d (%s)", s.Number, s.Replaces.Number, s.Replaces.Digest)
	if s.Replaces.Reason != "" {
		return text + ": " + s.Replaces.Reason
	}
	return text + "."
}

func facts(s *statement.Statement, a *agreement.Agreement) []fact {
	hours := "around the clock"
	if a.SupportHours != nil {
		hours = calendarText(a.SupportHours)
	}
	all := []fact{
		{"Period", fmt.Sprintf("%s: %s to %s (%s)", PeriodText(s.Period.Name), instantIn(s.Period.From, a.Zone), instantIn(s.Period.To, a.Zone), a.Zone)},
		{"Service", a.Service}, {"Provider", a.Provider}, {"Consumers", strings.Join(a.Consumers, ", ")},
		{"Support hours", hours}, {"In effect", cmp.Or(effectiveText(a), "always")},
	}
	for _, signature := range a.Signatures {
		text := signature.Team
		if signature.Name != "" {
			text += ", " + signature.Name
		}
		if !signature.On.IsZero() {
			text += ", on " + signature.On.In(a.Zone).Format("2 Jan 2006")
		}
		all = append(all, fact{"Agreed by", text})
	}
	return all
}

func detail(row statementRow) section {
	zone := zoneNamed(row.objective.TimeZone)
	text := section{Title: row.title(), State: row.State, Lines: sentences(row, zone), Chart: newBurnDown(row.group),
		Rows: Rows{Head: []Head{{}, {"in scope", NumberKind, 0}, {"all time", NumberKind, 0}}}}
	raw := row
	raw.Balance = row.group.Raw
	for _, c := range Pick(statementColumns, "total bad allowed target compliance remaining coverage") {
		text.Rows.Body = append(text.Rows.Body, []string{c.Title, c.text(row), c.text(raw)})
	}
	incidents := make([]IncidentRow, len(row.group.Incidents.List))
	for i, n := range row.group.Incidents.List {
		incidents[i] = IncidentRow{Agreement: &agreement.Agreement{Zone: zone}, Unit: row.Unit, Incident: measure.Incident{Overlaps: n.Overlaps,
			Incident: budget.Incident{From: n.From, To: n.To, IncidentFigures: n.IncidentFigures}}}
	}
	text.Incidents = pageRows(incidents, IncidentColumns(), "from duration bad share peak_burn remark", nil)
	text.Incidents.Head[0].Title, text.Incidents.Head[1].Kind = "incident from", NumberKind
	text.Repair = repairText(budget.Repair{Count: len(incidents), MeanSecondsToRepair: row.group.Incidents.MeanSecondsToRepair,
		MeanSecondsBetween: row.group.Incidents.MeanSecondsBetween})
	return text
}

func sentences(row statementRow, zone *time.Location) []string {
	f := row.Balance
	var lines notes
	lines.when(f.Compliance.Known(), "%s of %s were good; %s was promised. Spent of the error budget: %s, %s.",
		f.Compliance.Percent(), CountText(f.Total, row.Unit), f.Target.Percent(), ofAllowed(f, row.Unit), f.Consumed.Share())
	lines.when(row.Reason != "" && row.State != budget.Breached, "%s.", Capitalized(row.Reason))
	lines.when(f.Coverage < 0.9995, "%s of the time in scope was measured.", f.Coverage.Share())
	lines = append(lines, wire.Each(row.objective.Notes, Sentence)...)
	targets := row.objective.Targets
	for i := 1; i < len(targets); i++ {
		lines = append(lines, changeText("The target was changed", targets[i-1].Target, targets[i], zone, targets[i].ApprovedBy))
	}
	window, err := agreement.ParseWindow(row.defined.Window)
	lines.when(err == nil && !window.IsCalendar(), "From day to day it is held over the last %s; this statement holds it to the period.",
		agreement.FormatDuration(window.Rolling))
	return lines
}

func exclusionRows(a *agreement.Agreement) Rows {
	rows := Rows{Head: Heads("exclusion", "when", "effect", "asked by", "approved by", "reason")}
	for _, x := range a.Exclusions {
		approved := cmp.Or(x.ApprovedBy, absent)
		if x.ApprovedBy != "" && !x.ApprovedOn.IsZero() {
			approved += " on " + x.ApprovedOn.In(x.Zone).Format("2 Jan 2006")
		}
		if x.Recurrence == "" { // else its days are those of its own zone
			x.Zone = a.Zone // like all instants of a statement
		}
		rows.Body = append(rows.Body, []string{x.Name, ExclusionTimes(x), ExclusionEffect(x, a), cmp.Or(x.RequestedBy, absent), approved,
			strings.TrimPrefix(x.Reason+" ("+x.Category+")", " ")})
	}
	return rows
}

// measured describes how an objective was counted and is judged.
func measured(o statement.Objective, promised *agreement.Objective) section {
	if o.OtherConnection != "" {
		return section{Title: o.Name, Lines: []string{"Not measured here: " + o.OtherConnection}}
	}
	lines := notes{fmt.Sprintf("Counted by the method %s in slots of %s.", o.Method, o.Resolution), goodText(promised, percent(promised.TargetAt(o.To))) + "."}
	lines.when(promised.NoData != agreement.NoDataIgnore, noDataText, promised.NoData)
	return section{Title: o.Name, Lines: append(lines, o.Notes...), Queries: o.Queries}
}

var opWords = map[agreement.Op]string{agreement.LessOrEqual: "at most", agreement.Less: "below", agreement.GreaterOrEqual: "at least", agreement.Greater: "above"}
