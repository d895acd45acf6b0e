package tables

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/wire"
)

// StatusPage returns a page with a row per objective and group. If zone is nil, it is that of each agreement.
func StatusPage(report wire.Report, zone *time.Location) Page {
	var reasons footnotes
	var rows []ResultRow
	titles := map[*agreement.Agreement]string{}
	all := report.All()
	for _, s := range all {
		a := &agreement.Agreement{Name: s.Name, Stage: s.Stage, Service: s.Service, Provider: s.Provider, Consumers: s.Consumers, Zone: cmp.Or(zone, zoneNamed(s.TimeZone))}
		titles[a] = blockTitle(s)
		for _, o := range s.Objectives {
			o.Window.Zone = cmp.Or(o.Window.Zone, zoneNamed(cmp.Or(o.TimeZone, s.TimeZone))) // JSON has none
			rows = append(rows, ResultRow{Agreement: a, ObjectiveStatus: o, remark: remark(a, o, reasons.unmeasured(s.LeftOut, o.Error))})
		}
	}
	var server prometheus.Capabilities
	if report.Engine != nil && report.Method != nil {
		server = prometheus.Capabilities{Server: prometheus.Server{Name: *report.Engine}, Dialect: *report.Method}
	}
	windows := measure.DefaultBurnWindows()
	columns := ResultColumns(windows)
	asOf := instantIn(report.At, zoneOfAll(rows, ResultRow.zone))
	page := Page{Title: "Internal SLAs as of " + asOf,
		Heading: []string{"As of " + asOf + ", " + ServerText(server, time.Duration(report.Resolution)) + ".",
			counts(all[:len(report.Agreements)], all[len(report.Agreements):])},
		Rows: pageRows(rows, columns, "agreement objective state target compliance remaining remaining_of burn coverage window remark",
			func(r ResultRow) string { return titles[r.Agreement] }),
		Figures: figureRows(rows, columns, "agreement objective group service provider consumers stage state alert reason "+
			"window from to unit target total bad compliance allowed consumed remaining exhaustion projected coverage measuredUntil "+
			"raw_total raw_bad raw_compliance method remarks error "+BurnNames(windows)),
		Notes: reasons.text()}
	if len(rows) >= manyRows {
		page.Heading = append(page.Heading, namedStates(all)...)
	} else {
		page.Notes = append(page.Notes, namedStates(all)...)
	}
	return page
}

// manyRows is the number of rows from which [namedStates] are printed above the table, where they are seen.
const manyRows = 100

func blockTitle(a wire.AgreementStatus) string {
	title := a.Name + " · " + StateText(a.State)
	if a.Stage != agreement.Active {
		title += " (" + string(a.Stage) + ")"
	}
	return title + " · " + PartiesText(a.Provider, a.Consumers)
}

// PartiesText names the provider and the consumers: «payments → checkout, storefront».
func PartiesText(provider string, consumers []string) string {
	switch {
	case provider == "":
		return "SLO without agreement"
	case len(consumers) == 0:
		return provider
	}
	return provider + " → " + strings.Join(consumers, ", ")
}

// ServerText names the server, the method of counting and the resolution.
func ServerText(server prometheus.Capabilities, resolution time.Duration) string {
	if server.Name == "" {
		return "not measured: Prometheus could not be asked"
	}
	return fmt.Sprintf("measured on %s by the method %s in slots of %s",
		server, counting.Method(server), agreement.FormatDuration(resolution))
}

func counts(agreements, slos []wire.AgreementStatus) string {
	text := Plural(len(agreements), "agreement") + statesText(agreements)
	if len(slos) > 0 {
		text += "; " + Plural(len(slos), "SLO") + " without agreement" + statesText(slos)
	}
	return text + "."
}

func statesText(results []wire.AgreementStatus) string {
	var parts []string
	for _, state := range budget.States {
		if names := inState(results, state); len(names) > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", len(names), StateText(state)))
		}
	}
	if parts == nil {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

func inState(results []wire.AgreementStatus, state budget.State) (names []string) {
	for _, result := range results {
		if result.State == state {
			names = append(names, result.Name)
		}
	}
	return names
}

// namedStates lists what is breached, at risk or without data by name; nil if all has fewer than two items.
func namedStates(all []wire.AgreementStatus) (lines []string) {
	if len(all) < 2 {
		return nil
	}
	for _, state := range []budget.State{budget.Breached, budget.AtRisk, budget.NoData} {
		if names := inState(all, state); len(names) > 0 {
			lines = append(lines, Capitalized(StateText(state))+": "+strings.Join(names, ", "))
		}
	}
	return lines
}

// BurnOver returns the burn rate over the window; absent if rates do not include it.
func BurnOver(rates []budget.Burn, window time.Duration) budget.Figure {
	for _, burn := range rates {
		if burn.Window == window {
			return burn.Rate
		}
	}
	return budget.Absent
}

// remark returns what a reader should know besides the figures. If o has an error, unmeasured stands for it.
func remark(a *agreement.Agreement, o wire.ObjectiveStatus, unmeasured string) string {
	var parts notes
	stage := StageText(a.Stage)
	parts.when(stage != "", "%s", stage)
	spent := o.State == budget.Breached && o.Exhaustion != nil
	switch {
	case o.Error != nil:
		parts = append(parts, unmeasured)
	case spent:
		parts = append(parts, "the budget was spent on "+minuteIn(*o.Exhaustion, a.Zone))
	case o.Reason != "":
		parts = append(parts, o.Reason)
	}
	if !spent && o.Exhaustion != nil {
		parts = append(parts, "at this rate the budget runs out on "+minuteIn(*o.Exhaustion, a.Zone))
	}
	return strings.Join(append(parts, o.Remarks...), "; ")
}

// Remark returns what a reader should know besides the figures of an objective; it may be empty.
func Remark(r measure.Result) string {
	return remark(r.Agreement, wire.NewObjectiveStatus(r), notMeasured(r))
}

// notMeasured says why a result has no figures; empty if it has.
func notMeasured(r measure.Result) string {
	switch {
	case r.Err == nil:
		return ""
	case r.Agreement.NotRead != "":
		return r.Err.Error()
	}
	return "not measured: " + r.Err.Error()
}

// StageText explains the stage of an agreement that is not active; empty for an active one.
func StageText(stage agreement.Stage) string {
	return map[agreement.Stage]string{agreement.Draft: "a draft, which promises nothing yet",
		agreement.Proposed: "proposed, and not in force until it is active", agreement.Retired: "retired, and no longer in force"}[stage]
}

// NotMeasured returns a line per distinct error of the results, with the objectives that have it.
func NotMeasured(results []measure.Result) (lines []string) {
	return linesOf(results, func(r measure.Result) []string { return []string{notMeasured(r)} })
}

// Measurements returns a line per distinct warning and note of the measurements, with the objectives that have it.
func Measurements(results []measure.Result) []string {
	return linesOf(results, func(r measure.Result) []string { return slices.Concat(r.Measurement.Warnings, r.Measurement.Notes) })
}

// linesOf returns a line per distinct text of the results, with the objectives that have it.
func linesOf(results []measure.Result, texts func(measure.Result) []string) (lines []string) {
	var all []string
	places := map[string][]string{}
	for _, r := range results {
		for _, text := range texts(r) {
			if text != "" {
				all = append(all, text)
				places[text] = append(places[text], strings.TrimSuffix(r.Agreement.Name+"/"+r.Objective.Name, "/"))
			}
		}
	}
	for _, text := range Distinct(all) {
		lines = append(lines, Some(1, Distinct(places[text]), "", " and")+": "+text)
	}
	return lines
}

// Distinct returns the texts without duplicates; the first of equal texts stays.
func Distinct(texts []string) []string {
	return wire.Distinct(texts, func(text string) string { return text })
}

// footnotes numbers the reasons for missing figures, so that one shared by many rows is printed once.
type footnotes struct{ reasons []string }

// unmeasured returns a text with the footnote mark of the reason; empty if reason is nil.
func (f *footnotes) unmeasured(leftOut bool, reason *string) string {
	switch {
	case reason == nil:
		return ""
	case leftOut: // each document has its own
		return *reason
	}
	return "not measured " + f.mark(*reason)
}

func (f *footnotes) mark(reason string) string {
	if !slices.Contains(f.reasons, reason) {
		f.reasons = append(f.reasons, reason)
	}
	return fmt.Sprintf("(%d)", slices.Index(f.reasons, reason)+1)
}

func (f *footnotes) text() (lines []string) {
	for i, reason := range f.reasons {
		lines = append(lines, fmt.Sprintf("(%d) %s", i+1, reason))
	}
	return lines
}
