// Package counting fills slots: it asks a Prometheus for the counts of an
// objective's SLI, remembers those of slots that do not change any more, shares
// requests that are equal, and finds out why there is nothing to count. It knows
// no target and no budget.
//
// The clock ([Options].Now) decides which slots are closed. The instant of a
// figure is always an argument.
package counting

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

const (
	// DefaultResolution is that of Options.
	DefaultResolution = 5 * time.Minute
	// Settle is how old a slot must be to be closed: late samples arrive until then.
	Settle = 10 * time.Minute

	minute = int64(time.Minute / time.Millisecond)
	day    = 24 * 60 * minute
)

// ParseResolution reads the length of a slot, such as 5m.
func ParseResolution(text string) (time.Duration, error) {
	parsed, err := model.ParseDuration(text)
	resolution := time.Duration(parsed)
	if err != nil || resolution < time.Minute || day%resolution.Milliseconds() != 0 {
		return 0, fmt.Errorf("%q: must be whole minutes that divide a day, such as 1m, 5m or 15m", text)
	}
	return resolution, nil
}

// Options of a service; a zero field takes the default.
type Options struct {
	// Resolution is the length of a slot, default 5m. It divides a day.
	Resolution time.Duration
	// CacheBytes is how much memory the remembered slots may take; what was
	// used least recently is forgotten beyond it. Default 0: no limit.
	CacheBytes int
	// Cache keeps the remembered slots on disk, too.
	Cache Cache
	// Now is the clock, default time.Now.
	Now func() time.Time
}

// Service counts objectives on one Prometheus. It is safe for concurrent use.
type Service struct {
	client           *prometheus.Client
	histogramMethods *histogramMethods
	options          Options
	store            *slots.Store
	plans            parallel.Memo[string, keyedPlan]
	queries          parallel.Memo[string, []string] // of whole slots of tasks
	calls            calls[pieceCounts]
	// findings are what was found of the queries of late, metrics of the metrics.
	findings *calls[[]Finding]
	metrics  *calls[metricFacts]
}

// New makes a service that asks the client.
func New(client *prometheus.Client, o Options) *Service {
	if o.Resolution == 0 {
		o.Resolution = DefaultResolution
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{client: client, histogramMethods: &histogramMethods{client: client}, options: o,
		store: o.Cache.Disk.Store(o.Cache.Connection, o.CacheBytes), calls: calls[pieceCounts]{now: o.Now, shared: pieceCounts.withoutCost},
		plans: parallel.Memo[string, keyedPlan]{Max: maxRemembered}, queries: parallel.Memo[string, []string]{Max: maxRemembered},
		findings: &calls[[]Finding]{now: o.Now}, metrics: &calls[metricFacts]{now: o.Now}}
}

// WithoutCache is a service on the same Prometheus that remembers nothing yet.
// Its slots have the length given.
func (s *Service) WithoutCache(resolution time.Duration) *Service {
	options := s.options
	options.Resolution, options.Cache = resolution, Cache{}
	fresh := New(s.client, options)
	fresh.histogramMethods, fresh.findings, fresh.metrics = s.histogramMethods, s.findings, s.metrics
	return fresh
}

// Settled is from when on all slots until the instant are closed, and whether
// they are now.
func (s *Service) Settled(until time.Time) (from time.Time, closed bool) {
	from = until.Add(Settle)
	return from, !s.options.Now().Before(from)
}

// Now is the clock's instant.
func (s *Service) Now() time.Time { return s.options.Now() }

// Resolution is the length of a slot of most objectives; one with shorter time
// slices has shorter slots.
func (s *Service) Resolution() time.Duration { return s.options.Resolution }

// CachedBytes is about the memory that the remembered slots take.
func (s *Service) CachedBytes() int { return s.store.Bytes() }

// CacheProblem is why the remembered slots are in memory alone, see [Cache].
func (s *Service) CacheProblem() string { return s.options.Cache.Problem() }

// Forget drops the remembered slots that touch (from, to], in memory and on disk,
// for when history was filled in or mended.
func (s *Service) Forget(from, to time.Time) { s.store.Forget(from.UnixMilli(), to.UnixMilli()) }

// Capabilities are what the server on the connection is and can count with.
func (s *Service) Capabilities(ctx context.Context) (prometheus.Capabilities, error) {
	return s.client.Capabilities(ctx)
}

// Measurement says how counts were had.
type Measurement struct {
	Method     sli.Method
	Resolution time.Duration
	// Queries are the PromQL sent for a whole slot, a line each term.
	Queries []string
	// Warnings are why the figures may not be what their reader takes them for,
	// Notes how they were counted: both are shown beside them.
	Warnings, Notes []string
	Cost            Cost
}

// Cost is what a result cost the server that was asked.
type Cost struct {
	// Requests sent, and the samples the server says it read for them.
	Requests int
	Samples  int64
	// SlotsRead were asked for, SlotsCached were remembered.
	SlotsRead   int64
	SlotsCached int64
}

// Add adds other costs.
func (c *Cost) Add(others ...Cost) {
	for _, other := range others {
		c.Requests += other.Requests
		c.Samples += other.Samples
		c.SlotsRead += other.SlotsRead
		c.SlotsCached += other.SlotsCached
	}
}

// Result is what was counted of an objective in (From, To], by group.
type Result struct {
	Measurement
	Objective *agreement.Objective
	From, To  time.Time
	// KnownTo is until when what was not measured is unknown: To, or the end of
	// the last slot that rules have recorded.
	KnownTo time.Time
	// Missing says why nothing was measured, where that is known.
	Missing string

	// task is what was counted, remarks what is to be said of its slots.
	task    *task
	remarks slots.Remarks
	// unusable says in how many slots something counted is no number, or a gauge
	// had no one value; empty: in none.
	unusable string
	// lacking are groups of which the good or bad counted something and the total
	// has nothing.
	lacking []string
	// partSeen says that series of the good or bad were there, partLately in the
	// slots that are not closed yet.
	partSeen, partLately bool
	groups               map[string]Group
}

// Group is the slots of one group of an objective; Labels is empty, not nil,
// for an objective without groupBy.
type Group struct {
	Labels map[string]string
	View   slots.View
}

// Groups are those that have samples of the total in (from, to], by label, counted
// or not; one without any samples when there is none. What is not grouped is there
// also without samples: its burn rates reach back further.
func (r *Result) Groups(from, to time.Time) []Group {
	var all []Group
	for _, key := range slices.Sorted(maps.Keys(r.groups)) {
		group := r.groups[key]
		if len(r.Objective.GroupBy) == 0 || group.View.Sum(from.UnixMilli(), to.UnixMilli()).Measured > 0 || r.uncounted(key, from, to) {
			all = append(all, group)
		}
	}
	if len(all) == 0 {
		all = append(all, r.empty(map[string]string{}, floor(r.To.UnixMilli(), r.step()), r.To.UnixMilli()))
	}
	return all
}

// uncounted reports whether the group has events in (from, to] that are in no figure.
func (r *Result) uncounted(group string, from, to time.Time) bool {
	return !r.Objective.SLI.Kind.TimeBased() && r.remarks.Lacking[group].Length(from.UnixMilli(), to.UnixMilli()) > 0
}

// empty is a group without samples, up to the head.
func (r *Result) empty(labels map[string]string, headFrom, headTo int64) Group {
	series := slots.NewSeries(r.Resolution, r.Objective.SLI.Kind.TimeBased())
	return Group{labels, slots.View{Series: series, HeadFrom: headFrom, HeadTo: headTo}}
}

func (r *Result) step() int64 { return r.Resolution.Milliseconds() }

func (r *Result) measured() bool { return r.measuredIn(r.From.UnixMilli(), r.To.UnixMilli()) }

func (r *Result) measuredIn(from, to int64) bool {
	for _, group := range r.groups {
		if group.View.Sum(from, to).Measured > 0 {
			return true
		}
	}
	return false
}

// Count counts the objective in (from, to]: closed slots from memory, the rest
// asked for now. What its data make impossible is an error.
func (s *Service) Count(ctx context.Context, o *agreement.Objective, from, to time.Time) (*Result, error) {
	r, err := s.countUnjudged(ctx, o, from, to)
	if err != nil {
		return nil, err
	}
	return r, r.take(s.find(ctx, r))
}

// countUnjudged counts what may make no sense.
func (s *Service) countUnjudged(ctx context.Context, o *agreement.Objective, from, to time.Time) (*Result, error) {
	t, err := s.newTask(ctx, o, to)
	if err != nil {
		return nil, err
	}
	return s.countTask(ctx, t, from, to)
}

// Oldest is the first sample that the server has of the SLI's series, as of the
// instant; zero without one.
func (s *Service) Oldest(ctx context.Context, o *agreement.Objective, at time.Time) (time.Time, error) {
	plan, err := s.planOf(o)
	if err != nil {
		return time.Time{}, err
	}
	return s.client.Oldest(ctx, plan.Selector(), at)
}

// ScrapeInterval is how often the series of the SLI that are scraped most have a
// sample, by the busiest of the six hours before the instant, or by how many of
// these have one; 0 when that is one.
func (s *Service) ScrapeInterval(ctx context.Context, o *agreement.Objective, at time.Time) (time.Duration, error) {
	plan, err := s.planOf(o)
	if err != nil {
		return 0, err
	}
	most, hours := 0.0, 0
	query := fmt.Sprintf("max(count_over_time(%s[1h]))", plan.Selector())
	_, err = s.query(ctx, query, at.UnixMilli()-5*hour, at.UnixMilli(), hour, prometheus.EachPoint(func(_ int64, value float64) {
		most, hours = max(most, value), hours+1
	}))
	switch {
	case err != nil:
		return 0, fmt.Errorf("how often it is scraped: %w", err)
	case hours < 2:
		return 0, nil
	case most < 2:
		return 6 * time.Hour / time.Duration(hours), nil
	}
	return time.Duration(float64(time.Hour) / most).Round(time.Second), nil
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func floor(instant, step int64) int64 { return slots.Floor(instant, step) }
