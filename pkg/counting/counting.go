// Package counting fills slots: it queries Prometheus for the counts of an objective's SLI, caches
// those of closed slots, shares equal requests, and finds out why there is nothing to count. It knows
// neither targets nor budgets.
//
// The clock ([Options].Now) decides which slots are closed. The instant of a figure is always an argument.
package counting

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/common/model"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

const (
	// DefaultResolution is the default of [Options].Resolution.
	DefaultResolution = 5 * time.Minute
	// Settle is the age at which a slot is closed, which leaves time for late samples to arrive.
	Settle = 10 * time.Minute

	minute = int64(time.Minute / time.Millisecond)
	day    = 24 * 60 * minute
)

// ParseResolution parses the length of a slot, such as 5m.
func ParseResolution(text string) (time.Duration, error) {
	parsed, err := model.ParseDuration(text)
	resolution := time.Duration(parsed)
	if err != nil || resolution < time.Minute || resolution%time.Minute != 0 || day%resolution.Milliseconds() != 0 {
		return 0, fmt.Errorf("%q: must be whole minutes that divide a day, such as 1m, 5m or 15m", text)
	}
	return resolution, nil
}

// Options configures a [Service]. A zero field takes its default.
type Options struct {
	// Resolution is the length of a slot, default 5m. It divides a day.
	Resolution time.Duration
	// CacheBytes limits the memory of cached slots, beyond which the least recently used are
	// dropped. Default 0: no limit.
	CacheBytes int
	// Cache stores the cached slots on disk as well.
	Cache Cache
	// Now is the clock, default time.Now.
	Now func() time.Time
}

// Service counts objectives on one Prometheus. It is safe for concurrent use.
type Service struct {
	client     *prometheus.Client
	histograms *atomic.Pointer[tried] // how native ones are counted
	options    Options
	store      *slots.Store
	plans      parallel.Memo[string, keyedPlan]
	queries    parallel.Memo[string, []string] // of whole slots of tasks
	calls      calls[pieceCounts]
	// findings and metrics cache what was found about queries and metrics, see foundFor.
	findings *calls[[]Finding]
	metrics  *calls[metricFacts]
}

// New returns a service that queries the client's server.
func New(client *prometheus.Client, o Options) *Service {
	if o.Resolution == 0 {
		o.Resolution = DefaultResolution
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{client: client, histograms: &atomic.Pointer[tried]{}, options: o,
		store: o.Cache.Disk.Store(o.Cache.Connection, o.CacheBytes), calls: calls[pieceCounts]{now: o.Now, shared: pieceCounts.withoutCost},
		plans: parallel.Memo[string, keyedPlan]{Max: maxRemembered}, queries: parallel.Memo[string, []string]{Max: maxRemembered},
		findings: &calls[[]Finding]{now: o.Now}, metrics: &calls[metricFacts]{now: o.Now}}
}

// WithoutCache returns a service on the same Prometheus with an empty cache in memory and
// slots of the given length.
func (s *Service) WithoutCache(resolution time.Duration) *Service {
	options := s.options
	options.Resolution, options.Cache = resolution, Cache{}
	fresh := New(s.client, options)
	fresh.histograms, fresh.findings, fresh.metrics = s.histograms, s.findings, s.metrics
	return fresh
}

// Settled returns the instant from which all slots up to until are closed, and whether they are closed now.
func (s *Service) Settled(until time.Time) (from time.Time, closed bool) {
	from = until.Add(Settle)
	return from, !s.options.Now().Before(from)
}

// Now returns the current time of the service's clock.
func (s *Service) Now() time.Time { return s.options.Now() }

// Resolution returns the slot length of most objectives; those with shorter time slices have shorter slots.
func (s *Service) Resolution() time.Duration { return s.options.Resolution }

// CachedBytes returns the approximate memory of the cached slots.
func (s *Service) CachedBytes() int { return s.store.Bytes() }

// CacheProblem says why cached slots are in memory only, see [Cache.Problem].
func (s *Service) CacheProblem() string { return s.options.Cache.Problem() }

// Forget drops the cached slots that touch (from, to], in memory and on disk. It is for history that
// was backfilled or corrected.
func (s *Service) Forget(from, to time.Time) { s.store.Forget(from.UnixMilli(), to.UnixMilli()) }

// Capabilities returns what the server is and what it can count with.
func (s *Service) Capabilities(ctx context.Context) (prometheus.Capabilities, error) {
	return s.client.Capabilities(ctx)
}

// Measurement describes how counts were made.
type Measurement struct {
	Method     sli.Method
	Resolution time.Duration
	// Queries are the PromQL for a whole slot, one per term.
	Queries []string
	// Warnings say why the figures may be misleading, Notes how they were counted. Both
	// are shown with the figures.
	Warnings, Notes []string
	Cost            Cost
}

// Cost is what a result cost the server.
type Cost struct {
	// Requests were sent; Samples were read for them, by the server's own account or, with
	// remote read, as received.
	Requests int
	Samples  int64
	// SlotsRead were requested from the server, SlotsCached came from the cache.
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
	// KnownTo is the end of the time in which slots that were not measured are unknown: To, or the end
	// of the last slot that rules have recorded.
	KnownTo time.Time
	// Missing says why nothing was measured, where that is known.
	Missing string

	// task is what was counted, remarks are those on its slots.
	task    *task
	remarks slots.Remarks
	// unusable says in how many slots something counted is no number, or a gauge has no
	// single value; empty if in none.
	unusable string
	// lacking are groups of which good or bad counted something and total has nothing.
	lacking []string
	// partSeen is true if good or bad had series, partLately if in slots that are not closed yet.
	partSeen, partLately bool
	groups               map[string]Group
}

// Group is the slots of one group of an objective; Labels is empty, not nil,
// for an objective without groupBy.
type Group struct {
	Labels map[string]string
	View   slots.View
}

// Groups returns the groups that have samples of the total, or events in no figure, in (from, to],
// sorted by label. An objective without groupBy keeps its group in any case, since its burn rates reach
// further back. If there is no group, Groups returns an empty one.
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

// empty returns a group without samples and with an empty head.
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

// Count counts the objective in (from, to], with closed slots from the cache where it has them. Data
// that rule out any figure are an error.
func (s *Service) Count(ctx context.Context, o *agreement.Objective, from, to time.Time) (*Result, error) {
	r, err := s.countUnjudged(ctx, o, from, to)
	if err != nil {
		return nil, err
	}
	return r, r.take(s.find(ctx, r))
}

// countUnjudged counts without checking that the counts make sense.
func (s *Service) countUnjudged(ctx context.Context, o *agreement.Objective, from, to time.Time) (*Result, error) {
	t, err := s.newTask(ctx, o, to)
	if err != nil {
		return nil, err
	}
	return s.countTask(ctx, t, from, to)
}

// Selector returns a selector of series that are read for the objective.
func (s *Service) Selector(o *agreement.Objective) (string, error) {
	plan, err := s.planOf(o)
	switch {
	case err != nil:
		return "", err
	case o.SLI.Recorded:
		return plan.Recording(o).Selector(sli.RecordedTotal, o.Slot(s.options.Resolution)), nil
	}
	return plan.Selector(), nil
}

// Oldest returns how far back the server has samples of the objective's series, in steps of a day before
// the instant; zero if it has none.
func (s *Service) Oldest(ctx context.Context, o *agreement.Objective, at time.Time) (time.Time, error) {
	selector, err := s.Selector(o)
	if err != nil {
		return time.Time{}, err
	}
	return s.client.Oldest(ctx, selector, at)
}

// ScrapeInterval returns how far apart the samples of the SLI's most often scraped series are: by the
// busiest of the six hours before the instant or, if none has two samples, by how many of these hours
// have one. It is 0 if fewer than two hours have samples.
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
