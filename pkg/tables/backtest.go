package tables

import (
	"fmt"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/wire"
)

// BacktestPage is both sides for people: what they were judged by and how they
// did. Every alert is in [FiringPage].
func BacktestPage(server prometheus.Capabilities, resolution time.Duration, b wire.Backtest) Page {
	page := Page{Title: "Backtest of " + b.Agreement + "/" + b.Objective, Heading: []string{
		fmt.Sprintf("%s/%s tried on %s to %s, %s.", b.Agreement, b.Objective, Instant(b.From), Instant(b.To), ServerText(server, resolution)),
	},
		Rows: Rows{Header: []string{"objective", "side", "target", "window", "compliance", "budget left", "lowest", "breached for", "pages", "tickets", "held in 99 %", "remark"},
			Numbers: []int{2, 4, 5, 6, 7, 8, 9, 10}, Remark: true, Optional: []int{4, 7}}}
	for _, group := range b.Groups {
		for _, side := range sidesOf(b, group) {
			page.Rows.Blocks = append(page.Rows.Blocks, wire.ObjectiveText(b.Objective, group.Group))
			page.Rows.Body = append(page.Rows.Body, sideCells(b, group, side))
		}
	}
	for _, group := range b.Groups {
		for _, side := range sidesOf(b, group) {
			if held := side.of.Held; held.Reason != "" {
				page.Notes = append(page.Notes, fmt.Sprintf("%s, %s: no target proposed: %s.", wire.ObjectiveText(b.Objective, group.Group), side.name, held.Reason))
			} else {
				page.Notes = append(page.Notes, fmt.Sprintf("%s, %s: %s was held in 99 %% of %d windows (%s), which makes a target of %s.",
					wire.ObjectiveText(b.Objective, group.Group), side.name, Percent(held.Compliance), held.Windows, side.definition.Window, Percent(held.Target)))
			}
		}
	}
	page.Notes = append(page.Notes, b.Notes...)
	return page
}

// side is one of the two, with its name.
type side struct {
	name       string
	definition *wire.TriedDefinition
	of         *wire.BacktestSide
}

func sidesOf(b wire.Backtest, group wire.BacktestGroup) (sides []side) {
	if group.Present != nil {
		sides = append(sides, side{"present", b.Present, group.Present})
	}
	if group.Proposed != nil {
		sides = append(sides, side{"proposed", b.Proposed, group.Proposed})
	}
	return sides
}

func sideCells(b wire.Backtest, group wire.BacktestGroup, side side) []string {
	pages, tickets := 0, 0
	for _, alert := range side.of.Alerts {
		if alert.Severity == budget.Page {
			pages++
		} else {
			tickets++
		}
	}
	var remarks []string
	if side.definition.Exclusions > 0 {
		remarks = append(remarks, "with "+plural(side.definition.Exclusions, "exclusion")+" more")
	}
	for _, check := range side.of.Checks {
		if !check.CanFire {
			remarks = append(remarks, alertName(check.AlertRule)+": "+strings.Join(check.Problems, "; "))
		}
	}
	return []string{wire.ObjectiveText(b.Objective, group.Group), side.name, Percent(side.of.Target), side.definition.Window, Percent(side.of.Compliance), Share(side.of.Remaining),
		Share(side.of.Lowest), Elapsed(time.Duration(side.of.BreachedSeconds * float64(time.Second))),
		fmt.Sprint(pages), fmt.Sprint(tickets), Percent(side.of.Held.Compliance), strings.Join(remarks, "; ")}
}

func alertName(rule wire.AlertRule) string { return string(rule.Severity) + " over " + rule.Long }

// FiringPage is a row each time that an alert would have fired, for people.
func FiringPage(b wire.Backtest) Page {
	page := Page{Title: "Alerts of " + b.Agreement + "/" + b.Objective,
		Rows: Rows{Header: []string{"objective", "side", "alert", "from (UTC)", "lasted", "budget spent by then", "peak burn"}, Numbers: []int{5, 6}}}
	rows := &page.Rows
	for _, group := range b.Groups {
		for _, side := range sidesOf(b, group) {
			for _, alert := range side.of.Alerts {
				lasted := "still fires"
				if alert.To != nil {
					lasted = Elapsed(alert.To.Sub(alert.From))
				}
				rows.Blocks = append(rows.Blocks, wire.ObjectiveText(b.Objective, group.Group))
				rows.Body = append(rows.Body, []string{wire.ObjectiveText(b.Objective, group.Group), side.name, alertName(alert.AlertRule), alert.From.Format("2 Jan 2006 15:04"), lasted,
					Share(alert.Consumed), Rate(alert.PeakBurn)})
			}
		}
	}
	page.Heading = []string{"Alerts that would have fired, evaluated every " + b.Step + ":"}
	if len(rows.Body) == 0 {
		page.Heading = []string{"No alert would have fired."}
	}
	return page
}

// BacktestFigures is a row each time that an alert would have fired, with
// figures as numbers.
func BacktestFigures(b wire.Backtest) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "group", "side", "severity", "share", "long", "short", "factor", "from", "to", "consumed", "peak_burn"}}
	for _, group := range b.Groups {
		for _, side := range sidesOf(b, group) {
			for _, alert := range side.of.Alerts {
				to := ""
				if alert.To != nil {
					to = alert.To.Format(time.RFC3339)
				}
				rows.Body = append(rows.Body, []string{b.Agreement, b.Objective, wire.GroupText(group.Group), side.name, string(alert.Severity),
					Number(budget.Figure(alert.Share)), alert.Long, alert.Short, Number(alert.Factor), alert.From.Format(time.RFC3339), to,
					Number(alert.Consumed), Number(alert.PeakBurn)})
			}
		}
	}
	return rows
}
