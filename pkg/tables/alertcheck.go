package tables

import (
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

// ObjectiveAlerts are the burn-rate alerts of one objective and group, checked.
type ObjectiveAlerts struct {
	Agreement string            `json:"agreement"`
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	Window    string            `json:"window"`
	Unit      Unit              `json:"unit"`
	// ScrapeSeconds is null where it was not measured.
	ScrapeSeconds *float64     `json:"scrapeSeconds"`
	Alerts        []AlertCheck `json:"alerts"`
	// Error is why scrape interval and traffic are not known; null when they
	// are, or were not asked for.
	Error *string `json:"error"`
}

// AlertCheck is what one alert can do.
type AlertCheck struct {
	AlertRule
	Short  string  `json:"short"`
	Factor float64 `json:"factor"`
	// Highest is the burn rate while everything is bad.
	Highest budget.Figure `json:"highest"`
	CanFire bool          `json:"canFire"`
	// FullOutage and OnePercent are how soon it fires when everything is bad,
	// and 1 %.
	FullOutage Detection `json:"fullOutage"`
	OnePercent Detection `json:"onePercent"`
	// Events are in a long window of average traffic, Fewest in the quietest of
	// the last seven days; in the objective's unit.
	Events budget.Figure `json:"events"`
	Fewest budget.Figure `json:"fewest"`
	// BadToFire is how much has to be bad in an average long window.
	BadToFire budget.Figure `json:"badToFire"`
	Problems  []string      `json:"problems"`
}

// Detection is how an alert finds an outage.
type Detection struct {
	// AfterSeconds of time in scope; null when it never fires.
	AfterSeconds *float64 `json:"afterSeconds"`
	// Consumed is the share of the window's budget that is gone by then.
	Consumed budget.Figure `json:"consumed"`
}

// NewObjectiveAlerts are checked alerts as JSON prints them.
func NewObjectiveAlerts(checked []measure.CheckedAlerts) []ObjectiveAlerts {
	all := make([]ObjectiveAlerts, 0, len(checked))
	for _, c := range checked {
		of := ObjectiveAlerts{Agreement: c.Agreement.Name, Objective: c.Objective.Name, Group: c.Group, Window: c.Objective.Window.String(),
			Unit: UnitOf(c.Objective), Alerts: alertChecks(c.Checks)}
		if c.ScrapeInterval > 0 {
			seconds := c.ScrapeInterval.Seconds()
			of.ScrapeSeconds = &seconds
		}
		if c.Err != nil {
			reason := c.Err.Error()
			of.Error = &reason
		}
		all = append(all, of)
	}
	return all
}

func alertChecks(checks []budget.AlertCheck) []AlertCheck {
	all := make([]AlertCheck, 0, len(checks))
	for _, c := range checks {
		all = append(all, AlertCheck{AlertRule: alertRule(c.AlertRule), Short: agreement.FormatDuration(c.Short), Factor: c.Factor,
			Highest: c.Highest, CanFire: c.CanFire, FullOutage: detection(c.Outages[0]), OnePercent: detection(c.Outages[1]),
			Events: c.Events, Fewest: c.Fewest, BadToFire: c.BadToFire, Problems: append([]string{}, c.Problems...)})
	}
	return all
}

func detection(d budget.Detection) Detection {
	found := Detection{Consumed: d.Consumed}
	if d.Detected {
		seconds := d.After.Seconds()
		found.AfterSeconds = &seconds
	}
	return found
}

// AlertPage is a row an alert for people.
func AlertPage(heading []string, checked []ObjectiveAlerts) Page {
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
			page.Rows.Body = append(page.Rows.Body, []string{of.Agreement, named(of.Objective, of.Group), alertName(alert.AlertRule),
				Rate(budget.Figure(alert.Factor)), Rate(alert.Highest), after(alert.FullOutage), Share(alert.FullOutage.Consumed), after(alert.OnePercent),
				counted(alert.BadToFire, of.Unit), strings.Join(remarks, "; ")})
		}
	}
	page.Notes = reasons.text()
	return page
}

// after is how long it takes, or never.
func after(d Detection) string {
	if d.AfterSeconds == nil {
		return "never"
	}
	return Amount(budget.Figure(*d.AfterSeconds), Seconds)
}

// AlertFigures is a row an alert with figures as numbers.
func AlertFigures(checked []ObjectiveAlerts) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "group", "severity", "share", "long", "short", "factor", "highest", "can_fire",
		"full_outage_after_seconds", "full_outage_consumed", "one_percent_after_seconds", "one_percent_consumed", "events", "fewest", "bad_to_fire", "problems", "error"}}
	for _, of := range checked {
		for _, a := range of.Alerts {
			rows.Body = append(rows.Body, []string{of.Agreement, of.Objective, GroupText(of.Group), string(a.Severity), Number(budget.Figure(a.Share)), a.Long, a.Short,
				Number(budget.Figure(a.Factor)), Number(a.Highest), yesNo(a.CanFire), detectedSeconds(a.FullOutage), Number(a.FullOutage.Consumed),
				detectedSeconds(a.OnePercent), Number(a.OnePercent.Consumed), Number(a.Events), Number(a.Fewest), Number(a.BadToFire), strings.Join(a.Problems, "; "), given(of.Error)})
		}
	}
	return rows
}

func detectedSeconds(d Detection) string {
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
