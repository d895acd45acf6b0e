package wire

import (
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/planning"
)

// ObjectiveAlerts are the burn-rate alerts of one objective and group, checked.
type ObjectiveAlerts struct {
	Agreement string            `json:"agreement"`
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	Window    string            `json:"window"`
	Unit      agreement.Unit    `json:"unit"`
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
func NewObjectiveAlerts(checked []planning.ObjectiveAlerts) []ObjectiveAlerts {
	all := make([]ObjectiveAlerts, 0, len(checked))
	for _, c := range checked {
		of := ObjectiveAlerts{Agreement: c.Agreement.Name, Objective: c.Objective.Name, Group: c.Group, Window: c.Objective.Window.String(),
			Unit: c.Objective.Unit(), Alerts: alertChecks(c.Checks)}
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

func alertChecks(checks []planning.AlertCheck) []AlertCheck {
	all := make([]AlertCheck, 0, len(checks))
	for _, c := range checks {
		all = append(all, AlertCheck{AlertRule: alertRule(c.AlertRule), Short: agreement.FormatDuration(c.Short), Factor: c.Factor,
			Highest: c.Highest, CanFire: c.CanFire, FullOutage: detection(c.Outages[0]), OnePercent: detection(c.Outages[1]),
			Events: c.Events, Fewest: c.Fewest, BadToFire: c.BadToFire, Problems: append([]string{}, c.Problems...)})
	}
	return all
}

func detection(d planning.Detection) Detection {
	found := Detection{Consumed: d.Consumed}
	if d.Detected {
		seconds := d.After.Seconds()
		found.AfterSeconds = &seconds
	}
	return found
}
