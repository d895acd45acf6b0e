package httpapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// Health is the state of the connection, the documents and the cache.
type Health struct {
	Connection Connection `json:"connection"`
	Documents  Documents  `json:"documents"`
	// Warnings are what affects the figures although nothing is broken.
	Warnings []string `json:"warnings"`
	Cache    Cache    `json:"cache"`
}

// Connection describes the connection to Prometheus.
type Connection struct {
	Server string `json:"server"`
	// Error is why it could not be queried; then only Server and Resolution are set.
	Error   string     `json:"error,omitempty"`
	Engine  string     `json:"engine,omitempty"`
	Version string     `json:"version,omitempty"`
	Method  sli.Method `json:"method,omitempty"`
	// ReadRefusal is how the server refuses remote read, such as "404 Not Found", so that the samples
	// themselves cannot be counted.
	ReadRefusal string `json:"readRefusal,omitempty"`
	// Oldest is how far back its data reaches, to within a day, at most 400 days.
	Oldest     *time.Time `json:"oldest,omitempty"`
	Resolution string     `json:"resolution"`
}

// Documents describes what was read from the folder.
type Documents struct {
	// Error is why the folder could not be read. With Stale, earlier reads succeeded, and their
	// documents are in force.
	Error      string            `json:"error,omitempty"`
	Stale      bool              `json:"stale"`
	Served     int               `json:"served"` // documents without errors
	Agreements int               `json:"agreements"`
	SLOs       int               `json:"slos"` // that no agreement names
	Problems   []problem.Problem `json:"problems"`
}

// Text returns a sentence on how many documents were read.
func (d Documents) Text() string {
	return fmt.Sprintf("%s read: %s, %s without one.", tables.Plural(d.Served, "document"), tables.Plural(d.Agreements, "agreement"), tables.Plural(d.SLOs, "SLO"))
}

// lookTimeout limits the check of the last hour of all objectives. It is enough for few objectives;
// with many, what was read is cached for the next check.
const lookTimeout = 3 * time.Second

// Examine queries Prometheus, describes the documents in force, and looks for objectives without data.
func (o Options) Examine(ctx context.Context) Health {
	h, c := o.examine(ctx)
	if h.Connection.Error == "" {
		h.Warnings = append(h.Warnings, o.blind(ctx, c)...)
	}
	return h
}

// examine is Examine without the check of each objective.
func (o Options) examine(ctx context.Context) (Health, *catalog.Catalog) {
	h := Health{Warnings: []string{}, Documents: Documents{Problems: []problem.Problem{}}, Cache: o.cache(ctx),
		Connection: Connection{Server: o.Client.Server(), Resolution: agreement.FormatDuration(o.Engine.Resolution())}}
	c, err := o.Catalog(ctx)
	if err != nil {
		h.Documents.Error = err.Error()
		c = &catalog.Catalog{}
	} else {
		h.Documents = Documents{Served: c.Documents, Agreements: len(c.Agreements), SLOs: len(c.SLOs), Problems: wire.List(c.Problems)}
		if err := o.Stale(); err != nil {
			h.Documents.Stale, h.Documents.Error = true, err.Error()
		}
	}
	o.connect(ctx, c, &h)
	return h, c
}

// connect detects the server and how far back its data reaches.
func (o Options) connect(ctx context.Context, c *catalog.Catalog, h *Health) {
	ctx, cancel := context.WithTimeout(ctx, o.Client.Timeout())
	defer cancel()
	// Capabilities may be cached; Oldest always queries.
	server, err := o.Engine.Capabilities(ctx)
	var oldest time.Time
	where, selector, length := longestWindow(o.Engine, c, o.Now())
	if err == nil {
		oldest, err = o.Client.Oldest(ctx, selector, o.Now())
	}
	if err != nil {
		h.Connection.Error = err.Error()
		return
	}
	h.Connection.Engine, h.Connection.Version, h.Connection.Method = server.Name, server.Version, counting.Method(server)
	h.Connection.ReadRefusal, h.Connection.Oldest = server.ReadRefusal, wire.NullTime(oldest)
	switch {
	case where == "":
	case oldest.IsZero():
		h.Warnings = append(h.Warnings, "no series match "+selector+", which "+where+" is measured by")
	default:
		if short := planning.ShortHistory("the window of "+where, length, o.Now().Sub(oldest)); short != "" {
			h.Warnings = append(h.Warnings, short)
		}
	}
}

// blind returns warnings on objectives without data in the last hour in scope.
func (o Options) blind(ctx context.Context, c *catalog.Catalog) (warnings []string) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	active := slices.DeleteFunc(c.All(), func(a *agreement.Agreement) bool { return a.Stage != agreement.Active })
	lastHour := measure.Question{At: o.Present(), Window: &agreement.Window{Rolling: budget.BlindAfter}, BurnWindows: []time.Duration{}}
	var names []string
	for _, result := range o.Engine.Status(ctx, active, lastHour) {
		for _, r := range result.Objectives {
			if r.Err == nil && r.Blind >= budget.BlindAfter {
				names = append(names, r.Agreement.Name+"/"+wire.ObjectiveText(r.Objective.Name, r.Group))
			}
		}
	}
	if ctx.Err() != nil {
		warnings = []string{"not all objectives were looked at in time for whether they are measured: look again"}
	}
	if len(names) > 0 {
		warnings = append(warnings, "nothing was measured in the last hour of "+tables.Some(10, names, ", ", " and"))
	}
	return warnings
}

// longestWindow returns the objective with the longest window, a selector of its series, and the length.
func longestWindow(engine *measure.Service, c *catalog.Catalog, now time.Time) (where, selector string, length time.Duration) {
	selector = "up"
	for _, a := range c.All() {
		for _, o := range a.Objectives {
			from, end := o.Window.At(now)
			if a.IsOver(now) || o.OtherConnection != "" || end.Sub(from) <= length {
				continue
			}
			if read, err := engine.Selector(o); err == nil && o.SLI.Kind == agreement.Ratio {
				where, selector, length = a.Name+"/"+o.Name, read, end.Sub(from)
			}
		}
	}
	return where, selector, length
}
