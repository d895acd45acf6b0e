package tables

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/wire"
)

type alertRow struct {
	of *planning.ObjectiveAlerts
	planning.AlertCheck
	remark string
}

var alertColumns = []Column[alertRow]{
	{"agreement", "agreement", TextKind, func(r alertRow) any { return r.of.Agreement }, nil, 0},
	{"objective", "objective", TextKind, func(r alertRow) any { return r.of.Objective },
		func(r alertRow) string { return wire.ObjectiveText(r.of.Objective, r.of.Group) }, 0},
	{"group", "", LabelsKind, func(r alertRow) any { return r.of.Group }, nil, 0},
	{"alert", "alert", TextKind, func(r alertRow) any { return alertName(r.AlertRule) }, nil, 0},
	{"severity", "", TextKind, func(r alertRow) any { return r.Severity }, nil, 0},
	{"share", "", ShareKind, func(r alertRow) any { return r.Share }, nil, 0},
	{"long", "", TextKind, func(r alertRow) any { return r.Long }, nil, 0},
	{"short", "", TextKind, func(r alertRow) any { return r.Short }, nil, 0},
	{"factor", "factor", RateKind, func(r alertRow) any { return r.Factor }, nil, 0},
	{"highest", "highest", RateKind, func(r alertRow) any { return r.Highest }, nil, 2},
	{"can_fire", "", FlagKind, func(r alertRow) any { return r.CanFire }, nil, 0},
	{"full_outage_after_seconds", "full outage after", NumberKind,
		func(r alertRow) any { return r.FullOutage.AfterSeconds }, func(r alertRow) string { return after(r.FullOutage) }, 0},
	{"full_outage_consumed", "budget gone", ShareKind, func(r alertRow) any { return r.FullOutage.Consumed }, nil, 0},
	{"one_percent_after_seconds", "1% bad after", NumberKind,
		func(r alertRow) any { return r.OnePercent.AfterSeconds }, func(r alertRow) string { return after(r.OnePercent) }, 0},
	{"one_percent_consumed", "", ShareKind, func(r alertRow) any { return r.OnePercent.Consumed }, nil, 0},
	{"events", "", AmountKind, func(r alertRow) any { return r.Events }, nil, 0},
	{"fewest", "", AmountKind, func(r alertRow) any { return r.Fewest }, nil, 0},
	{"bad_to_fire", "bad to fire", AmountKind, func(r alertRow) any { return r.BadToFire },
		func(r alertRow) string { return CountText(r.BadToFire, r.of.Unit) }, 1},
	{"problems", "", TextKind, func(r alertRow) any { return strings.Join(r.Problems, "; ") }, nil, 0},
	{"error", "", TextKind, func(r alertRow) any { return r.of.Error }, nil, 0},
	{"remark", "remark", TextKind, func(r alertRow) any { return r.remark }, nil, 0},
}

// AlertPage returns a page with a row per burn-rate alert.
func AlertPage(heading []string, checked []planning.ObjectiveAlerts) Page {
	var rows []alertRow
	var reasons footnotes
	for n := range checked {
		of := &checked[n]
		for i, alert := range of.Alerts {
			remarks := append([]string{}, alert.Problems...)
			if i == 0 && of.Error != nil {
				remarks = append(remarks, "traffic and scrape interval not known "+reasons.mark(*of.Error))
			}
			rows = append(rows, alertRow{of, alert, strings.Join(remarks, "; ")})
		}
	}
	return Page{Title: "Burn-rate alerts of internal SLAs", Heading: heading, Notes: reasons.text(),
		Rows: pageRows(rows, alertColumns, "agreement objective alert factor highest full_outage_after_seconds full_outage_consumed "+
			"one_percent_after_seconds bad_to_fire remark", func(r alertRow) string { return r.of.Agreement }),
		Figures: figureRows(rows, alertColumns, "agreement objective group severity share long short factor highest can_fire "+
			"full_outage_after_seconds full_outage_consumed one_percent_after_seconds one_percent_consumed "+
			"events fewest bad_to_fire problems error")}
}

func alertName(rule agreement.AlertRule) string {
	return string(rule.Severity) + " over " + rule.Long.String()
}

func after(d planning.Detection) string {
	if d.AfterSeconds == nil {
		return "never"
	}
	return Amount(budget.Figure(*d.AfterSeconds), agreement.Seconds)
}

var promiseColumns = []Column[planning.PromiseCheck]{
	{"agreement", "agreement", TextKind, func(p planning.PromiseCheck) any { return p.Agreement }, nil, 0},
	{"objective", "objective", TextKind, func(p planning.PromiseCheck) any { return p.Objective }, nil, 0},
	{"window", "", TextKind, func(p planning.PromiseCheck) any { return p.Window }, nil, 0},
	{"target", "promised", RatioKind, func(p planning.PromiseCheck) any { return p.Target }, nil, 0},
	{"best", "at best", RatioKind, func(p planning.PromiseCheck) any { return p.Best }, nil, 0},
	{"kept", "verdict", FlagKind, func(p planning.PromiseCheck) any { return p.Kept }, promiseVerdict, 0},
	{"rests_on", "rests on", TextKind, func(p planning.PromiseCheck) any { return RestsOn(p, upstreamName) }, nil, 0},
	{"reason", "", TextKind, func(p planning.PromiseCheck) any { return p.Reason }, nil, 0},
}

// PromisePage returns a page with a row per objective.
func PromisePage(at time.Time, promises []planning.PromiseCheck) Page {
	page := Page{Title: "Promises and what they rest on",
		Heading: []string{"Promises as of " + Instant(at) + ", and the best that can be promised if the provider itself never fails."},
		Rows: pageRows(promises, promiseColumns, "agreement objective target best kept rests_on",
			func(p planning.PromiseCheck) string { return p.Agreement }),
		Figures: figureRows(promises, promiseColumns, "agreement objective window target best kept rests_on reason")}
	page.Rows.Remark = true
	if len(promises) > 0 {
		page.Notes = []string{"What is needed multiplies; of what can stand in for each other only the failures do, as if they came independently."}
	}
	return page
}

func promiseVerdict(p planning.PromiseCheck) string {
	switch {
	case !p.Best.Known():
		return "unknown"
	case !p.Kept:
		return "too much"
	}
	return "fine"
}

func upstreamName(u planning.Upstream) string {
	if u.Objective == "" {
		return u.Agreement
	}
	return u.Agreement + "/" + u.Objective
}

// RestsOn formats what a promise depends on: «database-for-payments/up 99.95% × (a/up 99% or b/up 99%)».
func RestsOn(p planning.PromiseCheck, name func(planning.Upstream) string) string {
	var factors []string
	for _, need := range p.Needs {
		var any []string
		for _, u := range need.AnyOf {
			text := name(u) + " " + u.Target.Percent()
			switch {
			case u.Reason != "":
				text += " (" + u.Reason + ")"
			case u.Window != p.Window:
				text += " over " + u.Window
			}
			any = append(any, text)
		}
		if len(any) == 1 {
			factors = append(factors, any[0])
		} else {
			factors = append(factors, "("+strings.Join(any, " or ")+")")
		}
	}
	return strings.Join(factors, " × ")
}

// BacktestPage returns a page with a row per group and definition; the alerts are in [FiringPage].
func BacktestPage(server prometheus.Capabilities, resolution time.Duration, b wire.Backtest) Page {
	rows := sidesOf(b)
	page := Page{Title: "Backtest of " + b.Agreement + "/" + b.Objective,
		Heading: []string{fmt.Sprintf("%s/%s tried on %s to %s, %s.", b.Agreement, b.Objective,
			instantIn(b.From, zoneNamed(b.TimeZone)), instantIn(b.To, zoneNamed(b.TimeZone)), ServerText(server, resolution))},
		Rows: pageRows(rows, sideColumns,
			"objective side target window compliance remaining lowest breached pages tickets held remark", side.title),
		Figures: figureRows(firingsOf(b), firingColumns,
			"agreement objective group side severity share long short factor from to consumed peak_burn")}
	for _, side := range rows {
		page.Notes = append(page.Notes, fmt.Sprintf("%s, %s: %s", side.title(), side.name, achievableText(side.Achievable)))
	}
	page.Notes = append(page.Notes, b.Notes...)
	return page
}

// achievableText says which target the history supports.
func achievableText(t planning.AchievableTarget) string {
	if t.Reason != "" {
		return "no target can be proposed: " + t.Reason + "."
	}
	return fmt.Sprintf("in 99%% of %d past windows at least %s was good: a target of %s could have been met.", t.Windows, t.Compliance.Percent(), t.Target.Percent())
}

// side is a group judged by one of the two definitions, present or proposed.
type side struct {
	*planning.Backtest
	test       *wire.Backtest
	name       string
	definition *wire.TriedDefinition
}

func sidesOf(b wire.Backtest) (sides []side) {
	for _, group := range b.Groups {
		if group.Present != nil {
			sides = append(sides, side{group.Present, &b, "present", b.Present})
		}
		if group.Proposed != nil {
			sides = append(sides, side{group.Proposed, &b, "proposed", b.Proposed})
		}
	}
	return sides
}

func (s side) title() string { return wire.ObjectiveText(s.test.Objective, s.Group) }

var sideColumns = []Column[side]{
	{"objective", "objective", TextKind, nil, side.title, 0},
	{"side", "side", TextKind, func(s side) any { return s.name }, nil, 0},
	{"target", "target", RatioKind, func(s side) any { return s.Target }, nil, 0},
	{"window", "window", TextKind, func(s side) any { return s.definition.Window }, nil, 0},
	{"compliance", "compliance", RatioKind, func(s side) any { return s.Compliance }, nil, 1},
	{"remaining", "budget left", RemainingKind, func(s side) any { return s.Remaining }, nil, 0},
	{"lowest", "lowest", ShareKind, func(s side) any { return s.Lowest }, nil, 0},
	{"breached", "breached for", NumberKind, nil,
		func(s side) string { return s.ifCounted(Amount(budget.Figure(s.BreachedSeconds), agreement.Seconds)) }, 2},
	{"pages", "pages", NumberKind, nil, func(s side) string { return s.ifCounted(fmt.Sprint(s.firings(agreement.Page))) }, 0},
	{"tickets", "tickets", NumberKind, nil, func(s side) string { return s.ifCounted(fmt.Sprint(len(s.Firings) - s.firings(agreement.Page))) }, 0},
	{"held", "held in 99%", RatioKind, func(s side) any { return s.Achievable.Compliance }, nil, 0},
	{"remark", "remark", TextKind, nil, side.remark, 0},
}

// counted reports whether any window had a budget figure; otherwise nothing is known of breaches and alerts.
func (s side) counted() bool { return s.Lowest.Known() }

func (s side) ifCounted(text string) string {
	if !s.counted() {
		return absent
	}
	return text
}

func (s side) firings(severity agreement.Severity) (n int) {
	for _, alert := range s.Firings {
		if alert.Severity == severity {
			n++
		}
	}
	return n
}

func (s side) remark() string {
	var remarks notes
	remarks.when(s.definition.Exclusions > 0, "with %s more", Plural(s.definition.Exclusions, "exclusion"))
	for _, check := range s.Checks {
		remarks.when(!check.CanFire, "%s: %s", alertName(check.AlertRule), strings.Join(check.Problems, "; "))
	}
	return strings.Join(remarks, "; ")
}

type firing struct {
	side
	budget.Firing
}

func firingsOf(b wire.Backtest) (rows []firing) {
	for _, side := range sidesOf(b) {
		for _, alert := range side.Firings {
			rows = append(rows, firing{side, alert})
		}
	}
	return rows
}

var firingColumns = []Column[firing]{
	{"agreement", "", TextKind, func(f firing) any { return f.test.Agreement }, nil, 0},
	{"objective", "objective", TextKind, func(f firing) any { return f.test.Objective }, func(f firing) string { return f.title() }, 0},
	{"group", "", LabelsKind, func(f firing) any { return f.Group }, nil, 0},
	{"side", "side", TextKind, func(f firing) any { return f.name }, nil, 0},
	{"alert", "alert", TextKind, func(f firing) any { return alertName(f.AlertRule) }, nil, 0},
	{"severity", "", TextKind, func(f firing) any { return f.Severity }, nil, 0},
	{"share", "", ShareKind, func(f firing) any { return f.Share }, nil, 0},
	{"long", "", TextKind, func(f firing) any { return f.Long }, nil, 0},
	{"short", "", TextKind, func(f firing) any { return f.Short }, nil, 0},
	{"factor", "", RateKind, func(f firing) any { return f.Factor }, nil, 0},
	{"from", "from", TimeKind, func(f firing) any { return f.From }, func(f firing) string { return minuteIn(f.From, zoneNamed(f.test.TimeZone)) }, 0},
	{"to", "", InstantKind, func(f firing) any { return f.To }, nil, 0},
	{"lasted", "lasted", LengthKind, nil, firing.lasted, 0},
	{"consumed", "budget spent by then", ShareKind, func(f firing) any { return f.Firing.Consumed }, nil, 0},
	{"peak_burn", "peak burn", RateKind, func(f firing) any { return f.PeakBurn }, nil, 0},
}

func (f firing) lasted() string {
	if f.To == nil {
		return "still fires"
	}
	return Elapsed(f.To.Sub(f.From))
}

// FiringPage returns a page with a row for each time that an alert would have fired.
func FiringPage(b wire.Backtest) Page {
	page := Page{Title: "Alerts of " + b.Agreement + "/" + b.Objective,
		Heading: []string{"Alerts that would have fired, evaluated every " + b.Step.String() + ":"},
		Rows: pageRows(firingsOf(b), firingColumns, "objective side alert from lasted consumed peak_burn",
			func(f firing) string { return f.title() })}
	if len(page.Rows.Body) == 0 {
		page.Heading = []string{"No alert would have fired."}
		if !slices.ContainsFunc(sidesOf(b), side.counted) {
			page.Heading = []string{"Nothing was counted, so nobody knows which alerts would have fired."}
		}
	}
	return page
}
