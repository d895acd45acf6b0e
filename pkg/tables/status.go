package tables

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/wire"
)

// StatusPage is the status for people, a row an objective and group.
func StatusPage(s wire.Status) Page {
	var reasons footnotes
	var rows []ResultRow
	titles := map[*agreement.Agreement]string{}
	for _, result := range s.All() {
		titles[result.Agreement] = blockTitle(result)
		for _, r := range result.Objectives {
			rows = append(rows, ResultRow{measure.Period{Result: r}, remark(r, reasons.unmeasured(r))})
		}
	}
	windows := measure.DefaultBurnWindows()
	columns := ResultColumns(windows)
	return Page{Title: "Internal SLAs as of " + Instant(s.At),
		Heading: []string{"As of " + Instant(s.At) + ", " + ServerText(s.Server, s.Resolution) + ".", counts(s)},
		Rows: pageRows(rows, columns, "agreement objective state target compliance remaining remaining_of burn window remark",
			func(r ResultRow) string { return titles[r.Agreement] }),
		Figures: figureRows(rows, columns, "agreement objective group service provider consumers stage state reason "+
			"window from to unit target total bad compliance allowed consumed remaining exhaustion projected coverage "+
			"raw_total raw_bad raw_compliance method error "+BurnNames(windows)),
		Notes: append(reasons.text(), namedStates(s)...)}
}

// blockTitle is the agreement with its state and parties.
func blockTitle(result measure.AgreementResult) string {
	a := result.Agreement
	title := a.Name + " · " + StateText(result.State)
	if a.Stage != agreement.Active {
		title += " (" + string(a.Stage) + ")"
	}
	switch {
	case a.Provider == "":
		return title + " · SLO without agreement"
	case len(a.Consumers) == 0:
		return title + " · " + a.Provider
	}
	return title + " · " + a.Provider + " → " + strings.Join(a.Consumers, ", ")
}

// ServerText names the server, the method of counting and the resolution.
func ServerText(server prometheus.Capabilities, resolution time.Duration) string {
	if server.Name == "" {
		return "not measured: Prometheus could not be asked"
	}
	return fmt.Sprintf("measured on %s by the method %s in slots of %s",
		strings.TrimSpace(server.Name+" "+server.Version), server.Dialect, agreement.FormatDuration(resolution))
}

// counts says how many agreements are in which state.
func counts(s wire.Status) string {
	text := Plural(len(s.Agreements), "agreement") + statesText(s.Agreements)
	if len(s.SLOs) > 0 {
		text += "; " + Plural(len(s.SLOs), "SLO") + " without agreement" + statesText(s.SLOs)
	}
	return text + "."
}

func statesText(results []measure.AgreementResult) string {
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

func inState(results []measure.AgreementResult, state budget.State) (names []string) {
	for _, result := range results {
		if result.State == state {
			names = append(names, result.Agreement.Name)
		}
	}
	return names
}

// namedStates are those that somebody should look at, by name, where there are so
// many that one would have to look for them.
func namedStates(s wire.Status) (lines []string) {
	if len(s.All()) < 2 {
		return nil
	}
	for _, state := range []budget.State{budget.Breached, budget.AtRisk, budget.NoData} {
		if names := inState(s.All(), state); len(names) > 0 {
			lines = append(lines, capitalized(StateText(state))+": "+strings.Join(names, ", "))
		}
	}
	return lines
}

func objectiveName(r measure.Result) string { return wire.ObjectiveText(r.Objective.Name, r.Group) }

// burnText is the burn rate of the last hour. Where nothing was measured it is
// 0 by definition, which a reader would take for good news.
func burnText(r measure.Result) string {
	if r.State == budget.NoData {
		return absent
	}
	return Rate(burnOver(r, time.Hour))
}

func burnOver(r measure.Result, window time.Duration) budget.Figure {
	for _, burn := range r.Burn {
		if burn.Window == window {
			return burn.Rate
		}
	}
	return budget.Absent
}

// stages say what a stage means to a reader of figures.
var stages = map[agreement.Stage]string{
	agreement.Draft:    "a draft, which promises nothing yet",
	agreement.Proposed: "proposed, and not in force until it is active",
	agreement.Retired:  "retired, and no longer in force",
}

// remark is what a reader should know beside the figures; unmeasured says that
// there are none.
func remark(r measure.Result, unmeasured string) string {
	var parts []string
	if stage, ok := stages[r.Agreement.Stage]; ok {
		parts = append(parts, stage)
	}
	spent := r.State == budget.Breached && !r.Exhaustion.IsZero()
	switch {
	case r.Err != nil:
		parts = append(parts, unmeasured)
	case spent:
		parts = append(parts, "the budget was spent on "+Minute(r.Exhaustion))
	case r.Reason != "":
		parts = append(parts, r.Reason)
	}
	if !spent && !r.Exhaustion.IsZero() {
		parts = append(parts, "at this rate the budget runs out on "+Minute(r.Exhaustion))
	}
	return strings.Join(append(parts, r.Measurement.Notes...), "; ")
}

// Remark is what a reader should know beside the figures of an objective,
// empty when they say it all.
func Remark(r measure.Result) string { return remark(r, "not measured: "+errorText(r.Err)) }

// StageText says what it means that an agreement is not active; empty when it
// is.
func StageText(stage agreement.Stage) string { return stages[stage] }

// NotMeasured are sentences on the results with an error: each reason once,
// with where it applies.
func NotMeasured(results []measure.Result) (lines []string) {
	var reasons []string
	places := map[string][]string{}
	for _, r := range results {
		if r.Err != nil {
			reason := r.Err.Error()
			reasons = append(reasons, reason)
			places[reason] = append(places[reason], r.Agreement.Name+"/"+r.Objective.Name)
		}
	}
	for _, reason := range Distinct(reasons) {
		where := Distinct(places[reason])
		more := ""
		if n := len(where) - 1; n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		lines = append(lines, where[0]+more+": not measured: "+reason)
	}
	return lines
}

// Distinct is the texts without those that came before.
func Distinct(texts []string) []string {
	seen := make(map[string]bool, len(texts))
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool {
		again := seen[text]
		seen[text] = true
		return again
	})
}

// footnotes list a reason once that many rows share.
type footnotes struct{ reasons []string }

// unmeasured is the mark of why there are no figures, empty where there are.
func (f *footnotes) unmeasured(r measure.Result) string {
	if r.Err == nil {
		return ""
	}
	return "not measured " + f.mark(r.Err.Error())
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
