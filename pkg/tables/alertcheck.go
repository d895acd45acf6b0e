package tables

import (
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/wire"
)

// AlertPage is a row an alert for people.
func AlertPage(heading []string, checked []wire.ObjectiveAlerts) Page {
	page := Page{Title: "Burn-rate alerts of internal SLAs", Heading: heading,
		Rows: Rows{Header: []string{"agreement", "objective", "alert", "factor", "highest", "full outage after", "budget gone", "1 % bad after", "bad to fire", "remark"},
			Numbers: []int{3, 4, 5, 6, 7, 8}, Remark: true, Optional: []int{8, 4}}}
	var reasons footnotes
	for _, of := range checked {
		for i, alert := range of.Alerts {
			remarks := append([]string{}, alert.Problems...)
			if i == 0 && of.Error != nil {
				remarks = append(remarks, "traffic and scrape interval not known "+reasons.mark(*of.Error))
			}
			page.Rows.Blocks = append(page.Rows.Blocks, of.Agreement)
			page.Rows.Body = append(page.Rows.Body, []string{of.Agreement, wire.ObjectiveText(of.Objective, of.Group), alertName(alert.AlertRule),
				Rate(budget.Figure(alert.Factor)), Rate(alert.Highest), after(alert.FullOutage), Share(alert.FullOutage.Consumed), after(alert.OnePercent),
				counted(alert.BadToFire, of.Unit), strings.Join(remarks, "; ")})
		}
	}
	page.Notes = reasons.text()
	return page
}

// after is how long it takes, or never.
func after(d wire.Detection) string {
	if d.AfterSeconds == nil {
		return "never"
	}
	return Amount(budget.Figure(*d.AfterSeconds), agreement.Seconds)
}

// AlertFigures is a row an alert with figures as numbers.
func AlertFigures(checked []wire.ObjectiveAlerts) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "group", "severity", "share", "long", "short", "factor", "highest", "can_fire",
		"full_outage_after_seconds", "full_outage_consumed", "one_percent_after_seconds", "one_percent_consumed", "events", "fewest", "bad_to_fire", "problems", "error"}}
	for _, of := range checked {
		for _, a := range of.Alerts {
			rows.Body = append(rows.Body, []string{of.Agreement, of.Objective, wire.GroupText(of.Group), string(a.Severity), Number(budget.Figure(a.Share)), a.Long, a.Short,
				Number(budget.Figure(a.Factor)), Number(a.Highest), yesNo(a.CanFire), detectedSeconds(a.FullOutage), Number(a.FullOutage.Consumed),
				detectedSeconds(a.OnePercent), Number(a.OnePercent.Consumed), Number(a.Events), Number(a.Fewest), Number(a.BadToFire), strings.Join(a.Problems, "; "), given(of.Error)})
		}
	}
	return rows
}

func detectedSeconds(d wire.Detection) string {
	if d.AfterSeconds == nil {
		return ""
	}
	return Number(budget.Figure(*d.AfterSeconds))
}

func yesNo(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}
