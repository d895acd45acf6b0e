package tables

import (
	"fmt"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/wire"
)

// BacktestPage is how both sides did, by what they were judged; every alert is in [FiringPage].
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
		note := fmt.Sprintf("%s, %s: no target proposed: %s.", side.title(), side.name, side.Achievable.Reason)
		if held := side.Achievable; held.Reason == "" {
			note = fmt.Sprintf("%s, %s: %s was held in 99%% of %d windows (%s), which makes a target of %s.",
				side.title(), side.name, held.Compliance.Percent(), held.Windows, side.definition.Window, held.Target.Percent())
		}
		page.Notes = append(page.Notes, note)
	}
	page.Notes = append(page.Notes, b.Notes...)
	return page
}

// side is a group by one of the two definitions, present or proposed.
type side struct {
	*planning.Backtest
	test       *wire.Backtest
	name       string
	group      map[string]string
	definition *wire.TriedDefinition
}

func sidesOf(b wire.Backtest) (sides []side) {
	for _, group := range b.Groups {
		if group.Present != nil {
			sides = append(sides, side{group.Present, &b, "present", group.Group, b.Present})
		}
		if group.Proposed != nil {
			sides = append(sides, side{group.Proposed, &b, "proposed", group.Group, b.Proposed})
		}
	}
	return sides
}

func (s side) title() string { return wire.ObjectiveText(s.test.Objective, s.group) }

var sideColumns = []Column[side]{
	{"objective", "objective", TextKind, nil, side.title, 0},
	{"side", "side", TextKind, func(s side) any { return s.name }, nil, 0},
	{"target", "target", RatioKind, func(s side) any { return s.Target }, nil, 0},
	{"window", "window", TextKind, func(s side) any { return s.definition.Window }, nil, 0},
	{"compliance", "compliance", RatioKind, func(s side) any { return s.Compliance }, nil, 1},
	{"remaining", "budget left", RemainingKind, func(s side) any { return s.Remaining }, nil, 0},
	{"lowest", "lowest", ShareKind, func(s side) any { return s.Lowest }, nil, 0},
	{"breached", "breached for", NumberKind, nil,
		func(s side) string { return Amount(budget.Figure(s.BreachedSeconds), agreement.Seconds) }, 2},
	{"pages", "pages", NumberKind, nil, func(s side) string { return fmt.Sprint(s.firings(agreement.Page)) }, 0},
	{"tickets", "tickets", NumberKind, nil, func(s side) string { return fmt.Sprint(len(s.Firings) - s.firings(agreement.Page)) }, 0},
	{"held", "held in 99%", RatioKind, func(s side) any { return s.Achievable.Compliance }, nil, 0},
	{"remark", "remark", TextKind, nil, side.remark, 0},
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
	{"group", "", LabelsKind, func(f firing) any { return f.group }, nil, 0},
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

// FiringPage is a row each time that an alert would have fired, for people.
func FiringPage(b wire.Backtest) Page {
	page := Page{Title: "Alerts of " + b.Agreement + "/" + b.Objective,
		Heading: []string{"Alerts that would have fired, evaluated every " + b.Step.String() + ":"},
		Rows: pageRows(firingsOf(b), firingColumns, "objective side alert from lasted consumed peak_burn",
			func(f firing) string { return f.title() })}
	if len(page.Rows.Body) == 0 {
		page.Heading = []string{"No alert would have fired."}
	}
	return page
}
