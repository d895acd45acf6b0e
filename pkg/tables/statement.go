package tables

import (
	"fmt"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// maxGroupsInFull is how many groups of an objective a printed statement tells
// in full; of all the others the figures are told. JSON and CSV have them all.
const maxGroupsInFull = 20

// statementText is a statement in words and tables, for whatever form it is
// printed in.
type statementText struct {
	Title    string
	State    budget.State
	Verdict  string
	Restates string
	// Facts are who, what and when.
	Facts   []fact
	Words   []fact
	Summary Rows
	Details []objectiveText
	// Exclusions that reach into the period, HasExclusions that there are some.
	Exclusions Rows
	Alerts     Rows
	Measured   []measuredText
	Days       []daysText
	Seal       []fact
	Parties    []string
}

// fact is a thing with its name.
type fact struct{ Name, Text string }

// objectiveText is how one objective, or one group of it, stood.
type objectiveText struct {
	Title     string
	State     budget.State
	Lines     []string
	Figures   Rows
	Incidents Rows
	// Repair sums the incidents up.
	Repair string
	Chart  *burnDown
}

// measuredText is how an objective was measured.
type measuredText struct {
	Title   string
	Lines   []string
	Queries []string
}

// daysText is the days of an objective.
type daysText struct {
	Title string
	Rows  Rows
}

func newStatementText(s *statement.Statement) statementText {
	zone := zoneNamed(s.Period.TimeZone)
	text := statementText{Title: titleOf(s), State: s.State, Verdict: verdict(s), Restates: restates(s),
		Facts: facts(s, zone), Words: words(s), Summary: summaryRows(s), Exclusions: exclusionRows(s, zone), Alerts: alertRows(s, zone)}
	for _, o := range s.Objectives {
		text.Measured = append(text.Measured, measured(s, o))
		for i, g := range o.Groups {
			if i == maxGroupsInFull {
				text.Details = append(text.Details, objectiveText{Title: o.Name, Lines: []string{fmt.Sprintf(
					"%d groups more are told in the table above; their days and incidents are in the JSON and CSV forms.", len(o.Groups)-i)}})
				break
			}
			text.Details = append(text.Details, detail(s, o, g))
			if len(g.Days) > 0 {
				text.Days = append(text.Days, daysText{wire.ObjectiveText(o.Name, g.Labels), dayRows(o, g)})
			}
		}
	}
	text.Seal = []fact{
		{"Digest", s.Digest}, {"Of the definition", s.DefinitionHash},
		{"Frozen", fmt.Sprintf("%s by %s, measured on %s", local(s.Frozen.At, zone), s.Frozen.By, s.Frozen.Engine)},
		{"Statement", fmt.Sprintf("number %d of %s for %s, %s", s.Number, s.Agreement, s.Period.Name, s.Format)},
	}
	for _, team := range append([]string{s.Definition.Provider}, s.Definition.Consumers...) {
		if team != "" {
			text.Parties = append(text.Parties, team)
		}
	}
	return text.inert()
}

// inert is the text without characters that do something.
func (t statementText) inert() statementText {
	t.Title, t.Verdict, t.Restates = Inert(t.Title), Inert(t.Verdict), Inert(t.Restates)
	t.Facts, t.Words, t.Seal = inertFacts(t.Facts), inertFacts(t.Words), inertFacts(t.Seal)
	t.Summary, t.Exclusions, t.Alerts = t.Summary.inert(), t.Exclusions.inert(), t.Alerts.inert()
	t.Parties = inertAll(t.Parties)
	for i, d := range t.Details {
		d.Title, d.Repair, d.Lines = Inert(d.Title), Inert(d.Repair), inertAll(d.Lines)
		d.Figures, d.Incidents = d.Figures.inert(), d.Incidents.inert()
		t.Details[i] = d
	}
	for i, m := range t.Measured {
		t.Measured[i] = measuredText{Inert(m.Title), inertAll(m.Lines), inertAll(m.Queries)}
	}
	for i, d := range t.Days {
		t.Days[i] = daysText{Inert(d.Title), d.Rows.inert()}
	}
	return t
}

func inertFacts(facts []fact) []fact {
	inert := make([]fact, len(facts))
	for i, f := range facts {
		inert[i] = fact{Inert(f.Name), Inert(f.Text)}
	}
	return inert
}

// inert is the table without characters that do something.
func (r Rows) inert() Rows {
	return Page{Rows: r}.inert().Rows
}

func zoneNamed(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// local is an instant on the wall clock of the zone.
func local(at time.Time, zone *time.Location) string {
	at = at.In(zone)
	layout := "2 Jan 2006 15:04:05 MST"
	if at.Second() == 0 {
		layout = "2 Jan 2006 15:04 MST"
	}
	return at.Format(layout)
}

func titleOf(s *statement.Statement) string {
	if s.Definition.DisplayName != "" {
		return s.Definition.DisplayName
	}
	return s.Agreement
}

// periodText is a period in words: October 2026.
func periodText(name string) string {
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
		return fmt.Sprintf("%s quarter of %d", []string{"First", "Second", "Third", "Fourth"}[(first.Month()-1)/3], first.Year())
	}
	return first.Format("2006")
}

// verdict is the statement in one sentence.
func verdict(s *statement.Statement) string {
	count := map[budget.State]int{}
	all := 0
	for _, o := range s.Objectives {
		if o.OtherConnection != "" {
			count[budget.NoData]++
			all++
		}
		for _, g := range o.Groups {
			count[g.State]++
			all++
		}
	}
	if all > 0 && count[budget.Met] == all {
		if all == 1 {
			return "The promise was kept."
		}
		return fmt.Sprintf("The promise was kept: all %d figures were met.", all)
	}
	var parts []string
	for _, state := range []budget.State{budget.Breached, budget.NoData, budget.Met, budget.Inactive} {
		if n := count[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, stateOfPeriod(state)))
		}
	}
	sentence := fmt.Sprintf("Of %s, %s.", plural(all, "figure"), strings.Join(parts, ", "))
	if count[budget.Breached] > 0 {
		return "The promise was broken. " + sentence
	}
	return "The promise cannot be judged in full. " + sentence
}

// stateOfPeriod is the state of a period that is over, in words.
func stateOfPeriod(state budget.State) string {
	if state == budget.NoData {
		return "without data"
	}
	return StateText(state)
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

func facts(s *statement.Statement, zone *time.Location) []fact {
	d := s.Definition
	hours := "around the clock"
	if d.SupportHours != nil {
		hours = supportHoursText(d.SupportHours)
	}
	all := []fact{
		{"Period", fmt.Sprintf("%s: %s to %s (%s)", periodText(s.Period.Name), local(s.Period.From, zone), local(s.Period.To, zone), s.Period.TimeZone)},
		{"Service", d.Service}, {"Provider", d.Provider}, {"Consumers", strings.Join(d.Consumers, ", ")},
		{"Support hours", hours},
	}
	switch from, until := d.Effective.From, d.Effective.Until; {
	case from != nil && until != nil:
		all = append(all, fact{"In effect", "from " + local(*from, zone) + " until " + local(*until, zone)})
	case from != nil:
		all = append(all, fact{"In effect", "since " + local(*from, zone)})
	}
	for _, signature := range d.Signatures {
		text := signature.Team
		if signature.Name != "" {
			text += ", " + signature.Name
		}
		if signature.On != nil {
			text += ", on " + signature.On.In(zone).Format("2 Jan 2006")
		}
		all = append(all, fact{"Agreed by", text})
	}
	return all
}

func words(s *statement.Statement) (all []fact) {
	if s.Definition.Description != "" {
		all = append(all, fact{"What was promised", s.Definition.Description})
	}
	if s.Definition.Consequences != "" {
		all = append(all, fact{"When it is broken", s.Definition.Consequences})
	}
	return all
}

func supportHoursText(h *statement.SupportHours) string {
	var parts []string
	for _, row := range h.Weekly {
		parts = append(parts, strings.Join(row.Days, ", ")+" "+row.From+"–"+row.To)
	}
	text := h.Name + ": " + strings.Join(parts, "; ") + " (" + h.TimeZone + ")"
	var holidays []string
	for _, holiday := range h.Holidays {
		switch {
		case holiday.Country != "":
			holidays = append(holidays, "the national holidays of "+holiday.Country)
		case holiday.Name != "":
			holidays = append(holidays, holiday.Name+" ("+holiday.On+holiday.Yearly+")")
		default:
			holidays = append(holidays, holiday.On+holiday.Yearly)
		}
	}
	if holidays != nil {
		text += ", but for " + strings.Join(holidays, ", ")
	}
	return text
}

func summaryRows(s *statement.Statement) Rows {
	rows := Rows{Header: []string{"objective", "state", "target", "compliance", "bad of allowed", "budget spent", "measured"},
		Numbers: []int{2, 3, 4, 5, 6}, States: []int{1}}
	for _, o := range s.Objectives {
		if o.OtherConnection != "" {
			rows.Body = append(rows.Body, []string{o.Name, StateText(budget.NoData), absent, absent, absent, absent, absent})
		}
		for _, g := range o.Groups {
			f := g.Adjusted
			rows.Body = append(rows.Body, []string{wire.ObjectiveText(o.Name, g.Labels), StateText(g.State), Percent(f.Target), Percent(f.Compliance),
				badOfAllowed(f, o.Unit), Share(f.Consumed), Share(f.Coverage)})
		}
	}
	return rows
}

// badOfAllowed is how much was bad of how much was allowed to be.
func badOfAllowed(f statement.Figures, unit agreement.Unit) string {
	if !f.Bad.Known() {
		return absent
	}
	return Amount(f.Bad, unit) + " of " + counted(f.Allowed, unit)
}

func detail(s *statement.Statement, o statement.Objective, g statement.Group) objectiveText {
	zone := zoneNamed(o.TimeZone)
	text := objectiveText{Title: wire.ObjectiveText(o.Name, g.Labels), State: g.State, Lines: sentences(s, o, g, zone),
		Figures: Rows{Header: []string{"", "in scope", "all time"}, Numbers: []int{1, 2}}}
	for _, row := range []struct {
		name  string
		write func(statement.Figures) string
	}{
		{"total", func(f statement.Figures) string { return counted(f.Total, o.Unit) }},
		{"bad", func(f statement.Figures) string { return counted(f.Bad, o.Unit) }},
		{"allowed", func(f statement.Figures) string { return counted(f.Allowed, o.Unit) }},
		{"target", func(f statement.Figures) string { return Percent(f.Target) }},
		{"compliance", func(f statement.Figures) string { return Percent(f.Compliance) }},
		{"budget left", func(f statement.Figures) string { return Share(f.Remaining) }},
		{"measured", func(f statement.Figures) string { return Share(f.Coverage) }},
	} {
		text.Figures.Body = append(text.Figures.Body, []string{row.name, row.write(g.Adjusted), row.write(g.Raw)})
	}
	text.Incidents = Rows{Header: []string{"incident from", "lasted", "bad", "of the budget", "peak burn", "remark"}, Numbers: []int{1, 2, 3, 4}}
	for _, i := range g.Incidents.List {
		var remarks []string
		if len(i.Exclusions) > 0 {
			remarks = append(remarks, "overlaps exclusion "+strings.Join(i.Exclusions, ", "))
		}
		if len(i.Alerts) > 0 {
			remarks = append(remarks, "alert "+strings.Join(i.Alerts, ", ")+" fired")
		}
		text.Incidents.Body = append(text.Incidents.Body, []string{local(i.From, zone), Elapsed(i.To.Sub(i.From)), counted(i.Bad, o.Unit),
			Share(i.Share), Rate(i.PeakBurn), strings.Join(remarks, "; ")})
	}
	text.Repair = plural(len(g.Incidents.List), "incident")
	if g.Incidents.MeanSecondsToRepair.Known() {
		text.Repair += ", mean time to repair " + Elapsed(seconds(float64(g.Incidents.MeanSecondsToRepair)))
	}
	if g.Incidents.MeanSecondsBetween.Known() {
		text.Repair += ", between incidents " + Elapsed(seconds(float64(g.Incidents.MeanSecondsBetween)))
	}
	text.Chart = newBurnDown(g)
	return text
}

// sentences say how the group stood.
func sentences(s *statement.Statement, o statement.Objective, g statement.Group, zone *time.Location) []string {
	f := g.Adjusted
	var lines []string
	if f.Compliance.Known() {
		lines = append(lines, fmt.Sprintf("%s of %s were good; %s was promised. Spent of the error budget: %s, %s.",
			Percent(f.Compliance), counted(f.Total, o.Unit), Percent(f.Target), badOfAllowed(f, o.Unit), Share(f.Consumed)))
	}
	if g.Reason != "" && g.State != budget.Breached {
		lines = append(lines, strings.ToUpper(g.Reason[:1])+g.Reason[1:]+".")
	}
	if f.Coverage.Known() && f.Coverage < 0.9995 {
		lines = append(lines, fmt.Sprintf("%s of the time in scope was measured.", Share(f.Coverage)))
	}
	if len(o.Targets) > 1 {
		for _, target := range o.Targets[1:] {
			line := fmt.Sprintf("From %s on the target was %s", local(target.From, zone), Percent(budget.Figure(target.Target)))
			if target.Reason != "" {
				line += " (" + target.Reason + ")"
			}
			if len(target.ApprovedBy) > 0 {
				line += ", approved by " + strings.Join(target.ApprovedBy, " and ")
			}
			lines = append(lines, line+fmt.Sprintf("; before that it was %s.", Percent(budget.Figure(o.Targets[0].Target))))
		}
	}
	for _, d := range s.Definition.Objectives {
		if d.Name == o.Name && d.Window != "" {
			if window, err := agreement.ParseWindow(d.Window); err == nil && !window.IsCalendar() {
				lines = append(lines, "From day to day it is held over the last "+agreement.FormatDuration(window.Rolling)+"; this statement holds it to the period.")
			}
		}
	}
	return lines
}

func exclusionRows(s *statement.Statement, zone *time.Location) Rows {
	rows := Rows{Header: []string{"exclusion", "when", "what becomes of the time", "asked by", "approved by", "reason"}}
	for _, x := range s.Definition.Exclusions {
		becomes := "it does not count"
		if x.Mode == agreement.CountAsGood {
			becomes = "it counts as good"
		}
		if !x.HasEffect {
			becomes = "nothing: not approved by the other party"
		}
		approved := absent
		if x.ApprovedBy != "" {
			approved = x.ApprovedBy
			if x.ApprovedOn != nil {
				approved += " on " + x.ApprovedOn.In(zone).Format("2 Jan 2006")
			}
		}
		rows.Body = append(rows.Body, []string{x.Name, when(x, zone), becomes, orAbsent(x.RequestedBy), approved,
			strings.TrimPrefix(x.Reason+" ("+x.Category+")", " ")})
	}
	return rows
}

// when is the first occurrence of an exclusion, and how it recurs.
func when(x statement.Exclusion, zone *time.Location) string {
	from, to := x.From.In(zone), x.To.In(zone)
	end := to.Format("15:04 MST")
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		end = to.Format("2 Jan 2006 15:04 MST")
	}
	text := from.Format("2 Jan 2006 15:04") + "–" + end
	if x.Recurrence != "" {
		text += ", and again by " + x.Recurrence
	}
	return text
}

func orAbsent(text string) string {
	if text == "" {
		return absent
	}
	return text
}

func alertRows(s *statement.Statement, zone *time.Location) Rows {
	rows := Rows{Header: []string{"alert", "from", "to", "lasted"}, Numbers: []int{3}}
	for _, a := range s.Alerts {
		rows.Body = append(rows.Body, []string{a.Name, local(a.From, zone), local(a.To, zone), Elapsed(a.To.Sub(a.From))})
	}
	return rows
}

func measured(s *statement.Statement, o statement.Objective) measuredText {
	text := measuredText{Title: o.Name}
	if o.OtherConnection != "" {
		text.Lines = []string{"Not measured here: " + o.OtherConnection}
		return text
	}
	text.Lines = append(text.Lines, fmt.Sprintf("Counted by the method %s in slots of %s.", o.Method, o.Resolution))
	for _, d := range s.Definition.Objectives {
		if d.Name == o.Name {
			text.Lines = append(text.Lines, budgetingText(d)...)
		}
	}
	text.Lines = append(text.Lines, o.Notes...)
	text.Queries = o.Queries
	return text
}

func budgetingText(d statement.ObjectiveDefinition) (lines []string) {
	switch d.BudgetingMethod {
	case agreement.Timeslices:
		lines = append(lines, fmt.Sprintf("Judged by slices of %s, each good when %s of it is.", d.TimeSliceWindow, Percent(budget.Figure(*d.TimeSliceTarget))))
	case agreement.RatioTimeslices:
		lines = append(lines, fmt.Sprintf("Judged by slices of %s, each by its own ratio.", d.TimeSliceWindow))
	}
	if d.Op != "" && d.Value != nil {
		lines = append(lines, fmt.Sprintf("A minute is good when the value is %s %v.", opWords[d.Op], *d.Value))
	}
	if d.NoData != agreement.NoDataIgnore {
		lines = append(lines, "Time without data counts as "+string(d.NoData)+".")
	}
	return lines
}

var opWords = map[agreement.Op]string{agreement.LessOrEqual: "at most", agreement.Less: "below", agreement.GreaterOrEqual: "at least", agreement.Greater: "above"}

func dayRows(o statement.Objective, g statement.Group) Rows {
	rows := Rows{Header: []string{"day", "total", "bad", "compliance", "measured"}, Numbers: []int{1, 2, 3, 4}}
	for _, d := range g.Days {
		rows.Body = append(rows.Body, []string{dayText(d.Date), Amount(d.Total, o.Unit), Amount(d.Bad, o.Unit), Percent(ratio(d.Bad, d.Total)), Share(part(d.MeasuredSeconds, d.InScopeSeconds))})
	}
	return rows
}

func dayText(date string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day.Format("Mon 2 Jan")
}

// ratio is the good part; absent when there is nothing.
func ratio(bad, total budget.Figure) budget.Figure {
	if total > 0 {
		return 1 - bad/total
	}
	return budget.Absent
}

func part(some, all budget.Figure) budget.Figure {
	if all > 0 {
		return min(1, some/all)
	}
	return budget.Absent
}
