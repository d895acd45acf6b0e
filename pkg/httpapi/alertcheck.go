package httpapi

import (
	"net/http"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/wire"
)

// AlertChecks is what the burn-rate alerts can do, with the traffic and the
// scrape intervals there are.
type AlertChecks struct {
	At         time.Time              `json:"at"`
	Objectives []wire.ObjectiveAlerts `json:"objectives"`
}

// alertCheck checks the alerts of the agreements that are named, or of all.
func (o Options) alertCheck(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	q, err := o.statusQuestion(r)
	if err != nil {
		return nil, err
	}
	chosen := everything(c)
	if names := r.URL.Query()["agreement"]; len(names) > 0 {
		if chosen, err = named(c, names); err != nil {
			return nil, err
		}
	}
	return AlertChecks{At: q.At, Objectives: wire.NewObjectiveAlerts(planning.CheckAlerts(r.Context(), o.Engine, chosen, q.At))}, nil
}

// everything are the agreements, then the SLOs that none names.
func everything(c *catalog.Catalog) []*agreement.Agreement {
	all := append([]*agreement.Agreement{}, c.Agreements...)
	for _, s := range c.SLOs {
		all = append(all, s.AsAgreement())
	}
	return all
}

// AlertProblem is an alert that cannot do its work, by what is written alone.
type AlertProblem struct {
	Agreement string `json:"agreement"`
	Objective string `json:"objective"`
	wire.AlertRule
	Problem string `json:"problem"`
}

func alertProblems(c *catalog.Catalog, at time.Time, resolution time.Duration) []AlertProblem {
	problems := []AlertProblem{}
	for _, of := range wire.NewObjectiveAlerts(planning.CheckWrittenAlerts(everything(c), at, resolution)) {
		for _, alert := range of.Alerts {
			for _, problem := range alert.Problems {
				problems = append(problems, AlertProblem{of.Agreement, of.Objective, alert.AlertRule, problem})
			}
		}
	}
	return problems
}

// promises is what can be promised at best, given what is promised upstream.
func (o Options) promises(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	q, err := o.statusQuestion(r)
	if err != nil {
		return nil, err
	}
	return map[string]any{"at": q.At, "promises": wire.NewPromises(planning.CheckPromises(c.Agreements, q.At))}, nil
}

// unkept are the promises that a dependency cannot hold, and those of which
// nobody can tell.
func unkept(c *catalog.Catalog, at time.Time) []wire.Promise {
	bad := []planning.PromiseCheck{}
	for _, p := range planning.CheckPromises(c.Agreements, at) {
		if !p.Achievable() || !p.Best.Known() {
			bad = append(bad, p)
		}
	}
	return wire.NewPromises(bad)
}
