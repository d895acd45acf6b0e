// Package measure is the one engine of Accord: from a catalog's agreements and
// a Prometheus to results. It asks each slot once, remembers it when it is
// closed, and leaves all arithmetic to package budget. Data source, command
// line and pages only print what it returns.
//
// The clock is read at the door (Options.Now), never inside: it decides which
// slots are closed. The instant of a figure is always an argument.
package measure

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/common/model"

	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

// Defaults of Options.
const (
	DefaultResolution = 5 * time.Minute
	DefaultSettle     = 10 * time.Minute
	maxGroups         = 1000
	objectivesAtOnce  = 16
)

// ParseResolution reads the length of a slot, such as 5m.
func ParseResolution(text string) (time.Duration, error) {
	parsed, err := model.ParseDuration(text)
	resolution := time.Duration(parsed)
	if err != nil || resolution < time.Minute || (24*time.Hour)%resolution != 0 {
		return 0, fmt.Errorf("%q: must be whole minutes that divide a day, such as 1m, 5m or 15m", text)
	}
	return resolution, nil
}

// DefaultBurnWindows are the burn windows of a report.
func DefaultBurnWindows() []time.Duration {
	return []time.Duration{
		5 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour,
		6 * time.Hour, 24 * time.Hour, 72 * time.Hour,
	}
}

// Options of an engine; a zero field takes the default.
type Options struct {
	// Resolution is the length of a slot, default 5m. It divides a day.
	Resolution time.Duration
	// Settle is how old a slot must be to be closed: late samples arrive until
	// then. Default 10m.
	Settle time.Duration
	// CacheBytes is how much memory the remembered slots may take; what was
	// used least recently is forgotten beyond it. Default 0: no limit.
	CacheBytes int
	// Now is the clock, default time.Now.
	Now func() time.Time
}

// Engine measures objectives on one Prometheus. It is safe for concurrent use.
type Engine struct {
	client           *prometheus.Client
	histogramMethods *counting.HistogramMethods
	options          Options
	store            *slots.Store
	flights          flights
	// bounds remembers the bucket bounds that are known to exist.
	bounds sync.Map
}

// New makes an engine that asks the client.
func New(client *prometheus.Client, o Options) *Engine {
	if o.Resolution == 0 {
		o.Resolution = DefaultResolution
	}
	if o.Settle == 0 {
		o.Settle = DefaultSettle
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Engine{client: client, histogramMethods: counting.NewHistogramMethods(client), options: o, store: slots.NewStore(o.CacheBytes), flights: flights{now: o.Now}}
}

// Anew is an engine on the same Prometheus that remembers nothing: whatever it
// is asked, it asks. Its slots have the length given.
func (e *Engine) Anew(resolution time.Duration) *Engine {
	options := e.options
	options.Resolution = resolution
	fresh := New(e.client, options)
	fresh.histogramMethods = e.histogramMethods
	return fresh
}

// Settled is from when on all slots until the instant are closed, and whether
// they are now.
func (e *Engine) Settled(until time.Time) (from time.Time, closed bool) {
	from = until.Add(e.options.Settle)
	return from, !e.options.Now().Before(from)
}

// Resolution is the length of a slot of most objectives; one with shorter time
// slices has shorter slots.
func (e *Engine) Resolution() time.Duration { return e.options.Resolution }

// CachedBytes is about the memory that the remembered slots take.
func (e *Engine) CachedBytes() int { return e.store.Bytes() }

// Forget makes the engine ask anew for the slots that touch (from, to], for
// when history was filled in or mended behind its back.
func (e *Engine) Forget(from, to time.Time) { e.store.Forget(from.UnixMilli(), to.UnixMilli()) }

// Capabilities are what the server on the connection is and can count with.
func (e *Engine) Capabilities(ctx context.Context) (prometheus.Capabilities, error) {
	return e.client.Capabilities(ctx)
}

// Method is how the connected engine counts.
func (e *Engine) Method(ctx context.Context) (sli.Method, error) {
	server, err := e.client.Capabilities(ctx)
	return sli.Method(server.Dialect), err
}

func floor(instant, step int64) int64 { return instant - ((instant%step)+step)%step }
