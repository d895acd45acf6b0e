package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/wire"
)

// Health is how connection and documents are.
type Health struct {
	Connection Connection `json:"connection"`
	Documents  Documents  `json:"documents"`
	// Warnings are what will show in the figures though nothing is broken.
	Warnings []string `json:"warnings"`
	// ReviewsDue are the agreements whose parties should look again.
	ReviewsDue []ReviewDue `json:"reviewsDue"`
	// Promises are those that a dependency cannot hold, and those that rest on
	// what promises nothing.
	Promises []planning.PromiseCheck `json:"promises"`
	// AlertProblems are of burn-rate alerts, by what is written alone.
	AlertProblems []AlertProblem `json:"alertProblems"`
	Cache         Cache          `json:"cache"`
}

// Connection is what answers as Prometheus.
type Connection struct {
	Server string `json:"server"`
	// Error is why it could not be asked; then the rest is empty.
	Error   string     `json:"error,omitempty"`
	Engine  string     `json:"engine,omitempty"`
	Version string     `json:"version,omitempty"`
	Method  sli.Method `json:"method,omitempty"`
	// ReadRefusal is why the samples themselves cannot be counted: how the server
	// refuses remote read, such as "404 Not Found".
	ReadRefusal string `json:"readRefusal,omitempty"`
	// Oldest is how far its data reaches back, to a day, at most 400 days.
	Oldest     *time.Time `json:"oldest,omitempty"`
	Resolution string     `json:"resolution"`
}

// Documents is what was read of the folder.
type Documents struct {
	// Error is why the folder could not be read; with Stale, the last time,
	// and the documents from before are in force.
	Error      string `json:"error,omitempty"`
	Stale      bool   `json:"stale"`
	Served     int    `json:"served"` // documents without errors
	Agreements int    `json:"agreements"`
	SLOs       int    `json:"slos"` // that no agreement names
	// Problems are those of the documents, and what only the data tell of their
	// queries.
	Problems []catalog.Problem `json:"problems"`
}

// ReviewDue is an agreement that should have been looked at.
type ReviewDue struct {
	Agreement string    `json:"agreement"`
	Since     time.Time `json:"since"`
}

// lookTimeout is for how long the data of all objectives are looked at, each time:
// for few that is enough, and what was read of many is there the next time.
const lookTimeout = 3 * time.Second

// Examine asks Prometheus, whatever is remembered of it, and describes the
// documents in force.
func Examine(ctx context.Context, o Options) Health {
	h := Health{Warnings: []string{}, ReviewsDue: []ReviewDue{}, Promises: []planning.PromiseCheck{}, AlertProblems: []AlertProblem{},
		Documents:  Documents{Problems: []catalog.Problem{}},
		Connection: Connection{Server: o.Client.Server(), Resolution: agreement.FormatDuration(o.Engine.Resolution())},
		Cache:      cache{o.Engine, o.User, o.Now}.state(ctx)}
	c, err := o.Catalog(ctx)
	if err != nil {
		h.Documents.Error = err.Error()
		c = &catalog.Catalog{}
	} else {
		h.documents(ctx, c, o)
	}
	h.connection(ctx, c, o)
	return h
}

func (h *Health) documents(ctx context.Context, c *catalog.Catalog, o Options) {
	h.Documents.Served, h.Documents.Agreements, h.Documents.SLOs = c.Documents, len(c.Agreements), len(c.SLOs)
	h.Documents.Problems = wire.List(c.Problems)
	if err := o.Stale(); err != nil {
		h.Documents.Stale, h.Documents.Error = true, err.Error()
	}
	h.Promises, h.AlertProblems = impossible(c, o.Now()), alertProblems(ctx, c, o.Now(), o.Engine.Resolution())
	for _, a := range c.Agreements {
		if due := a.ReviewDue(); a.Stage == agreement.Active && !due.IsZero() && due.Before(o.Now()) {
			h.ReviewsDue = append(h.ReviewsDue, ReviewDue{a.Name, due})
		}
	}
}

func (h *Health) connection(ctx context.Context, c *catalog.Catalog, o Options) {
	ctx, cancel := context.WithTimeout(ctx, o.ProbeTimeout)
	defer cancel()
	// Capabilities may be remembered; Oldest really asks.
	server, err := o.Engine.Capabilities(ctx)
	var oldest time.Time
	longest := longestWindow(c, o.Now())
	if err == nil {
		oldest, err = o.Client.Oldest(ctx, longest.selector, o.Now())
	}
	if err != nil {
		h.Connection.Error = err.Error()
		return
	}
	h.Connection.Engine, h.Connection.Version, h.Connection.Method = server.Name, server.Version, counting.Method(server)
	h.Connection.ReadRefusal = server.ReadRefusal
	h.Connection.Oldest = wire.NullTime(oldest)
	if warning := longest.warning(oldest, o.Now()); warning != "" {
		h.Warnings = append(h.Warnings, warning)
	}
	h.Warnings = append(h.Warnings, blind(ctx, c, o)...)
}

// blind are the objectives in scope of which the server has nothing of the last
// hour.
func blind(ctx context.Context, c *catalog.Catalog, o Options) []string {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	active := slices.DeleteFunc(c.All(), func(a *agreement.Agreement) bool { return a.Stage != agreement.Active })
	lastHour := measure.Question{At: o.Now().UTC().Truncate(instantStep), Window: &agreement.Window{Rolling: budget.BlindAfter}, BurnWindows: []time.Duration{}}
	var names []string
	for _, result := range o.Engine.Status(ctx, active, lastHour) {
		for _, r := range result.Objectives {
			if r.Err == nil && r.Blind >= budget.BlindAfter {
				names = append(names, r.Agreement.Name+"/"+wire.ObjectiveText(r.Objective.Name, r.Group))
			}
		}
	}
	var warnings []string
	if ctx.Err() != nil {
		warnings = []string{"not all objectives were looked at in time for whether they are measured: look again"}
	}
	if len(names) == 0 {
		return warnings
	}
	text := "nothing was measured in the last hour of " + strings.Join(names[:min(len(names), 10)], ", ")
	if more := len(names) - 10; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return append(warnings, text)
}

// health is what is examined, with what only the data can tell of each objective
// among the problems of documents.
func health(r *http.Request, o Options) (any, error) {
	h := Examine(r.Context(), o)
	c, err := o.Catalog(r.Context())
	if err != nil || h.Connection.Error != "" {
		return h, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), lookTimeout)
	defer cancel()
	found, err := planning.Findings(ctx, o.Engine, c.All(), o.Now())
	h.Documents.Problems = document.Sort(slices.Concat(h.Documents.Problems, found))
	if err != nil {
		h.Warnings = append(h.Warnings, "the data of some objectives were not looked at in time: look again, or run accord validate --prometheus")
	}
	return h, r.Context().Err()
}

// long is the objective with the longest window, whose series show how far
// back data has to reach.
type long struct {
	where    string // empty without any objective
	selector string
	length   time.Duration
}

func longestWindow(c *catalog.Catalog, now time.Time) long {
	found := long{selector: "up"}
	consider := func(a *agreement.Agreement) {
		for _, o := range a.Objectives {
			from, end := o.Window.At(now)
			if o.OtherConnection != "" || end.Sub(from) <= found.length {
				continue
			}
			plan, err := sli.NewPlan(o.SLI, o.Select, o.GroupBy)
			if err != nil || len(plan.Total) == 0 {
				continue
			}
			found = long{a.Name + "/" + o.Name, plan.Total[0].Selector(), end.Sub(from)}
		}
	}
	for _, a := range c.All() {
		consider(a)
	}
	return found
}

// warning is about a window that is longer than the data there is.
func (l long) warning(oldest, now time.Time) string {
	switch {
	case l.where == "":
		return ""
	case oldest.IsZero():
		return "no series match " + l.selector + ", which " + l.where + " is measured by"
	}
	return planning.ShortHistory("the window of "+l.where, l.length, now.Sub(oldest))
}

// AlertProblem is an alert that cannot do its work, by what is written alone.
type AlertProblem struct {
	Agreement string `json:"agreement"`
	Objective string `json:"objective"`
	agreement.AlertRule
	Problem string `json:"problem"`
}

func alertProblems(ctx context.Context, c *catalog.Catalog, at time.Time, resolution time.Duration) []AlertProblem {
	problems := []AlertProblem{}
	for _, of := range planning.CheckWrittenAlerts(ctx, c.All(), at, resolution) {
		for _, alert := range of.Alerts {
			for _, problem := range alert.Problems {
				problems = append(problems, AlertProblem{of.Agreement, of.Objective, alert.AlertRule, problem})
			}
		}
	}
	return problems
}

// impossible are the promises that a dependency cannot hold, and those of which
// nobody can tell.
func impossible(c *catalog.Catalog, at time.Time) []planning.PromiseCheck {
	return slices.DeleteFunc(planning.CheckPromises(c.Agreements, at), func(p planning.PromiseCheck) bool { return p.Kept && p.Best.Known() })
}
