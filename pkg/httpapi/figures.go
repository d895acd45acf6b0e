package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/common/model"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/wire"
)

func readAgreement(r *http.Request, c *catalog.Catalog) (any, error) {
	found, err := find(c.All(), r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	text := wire.NewAgreement(found[0])
	listed, _ := c.Find(idOf(found[0]))
	text.Hash = listed.Hash
	return text, nil
}

// longestTimeline bounds how many occurrences an answer may have.
const longestTimeline = 100 * 24 * time.Hour

// readSpan reads the range of a timeline.
func readSpan(r *http.Request) (wire.Span, error) {
	var from, to time.Time
	err := readRange(r.URL.Query(), &from, &to)
	from, to = from.UTC(), to.UTC()
	switch {
	case err != nil:
	case !from.Before(to):
		err = badRequest("to %s: must be after from, %s", to.Format(time.RFC3339), from.Format(time.RFC3339))
	case to.Sub(from) > longestTimeline:
		err = badRequest("from %s to %s are more than 100 days, the limit: ask for less at once", from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	return wire.Span{From: from, To: to}, err
}

// figures answers what is measured as of an instant.
type figures struct {
	engine       *measure.Service
	now          func() time.Time
	probeTimeout time.Duration
	last         *memo[[]measure.AgreementResult]
}

// memo is what was measured last: pages ask for other parts of the same answer
// with each filter and sort.
type memo[T any] struct {
	turn  chan struct{} // holds one while somebody measures: the others wait for the answer
	of    memoKey
	value T
}

// memoKey is what an answer was measured of; the status of all has no period.
type memoKey struct {
	catalog *catalog.Catalog
	period  agreement.CalendarPeriod
	at      time.Time
}

func newMemo[T any]() *memo[T] { return &memo[T]{turn: make(chan struct{}, 1)} }

// lock waits for the turn, which unlock gives back.
func (m *memo[T]) lock(ctx context.Context) error {
	select {
	case m.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *memo[T]) unlock() { <-m.turn }

// everything is the status of all agreements and SLOs, those left out too, as of
// an instant of the last ten seconds. With an unreachable server the results are
// what is known without it, or carry its error.
func (f figures) everything(ctx context.Context, c *catalog.Catalog) (results []measure.AgreementResult, at time.Time, unreachable error) {
	if err := f.last.lock(ctx); err != nil {
		return nil, f.present(), err
	}
	defer f.last.unlock()
	at = f.present()
	key := memoKey{catalog: c, at: at}
	if f.last.of == key {
		return f.last.value, at, nil
	}
	_, unreachable = f.server(ctx)
	results = f.engine.Status(ctx, c.WithLeftOut(), measure.Question{At: at, LastKnown: true, Unreachable: unreachable})
	if unreachable == nil && ctx.Err() == nil {
		f.last.of, f.last.value = key, results
	}
	return results, at, unreachable
}

// Floor is the instant at or before one that is measured in its place, so that
// all who ask within ten seconds share the requests for the unfinished slot.
func Floor(at time.Time) time.Time { return at.UTC().Truncate(10 * time.Second) }

func (f figures) present() time.Time { return Floor(f.now()) }

// question reads the parameters at and window.
func (f figures) question(query url.Values) (measure.Question, error) {
	q := measure.Question{At: f.present()}
	if err := readInstant(query, "at", &q.At); err != nil {
		return q, err
	}
	if text := query.Get("window"); text != "" {
		window, err := agreement.ParseWindow(text)
		if err != nil {
			return q, failure{http.StatusBadRequest, err}
		}
		q.Window = &window
	}
	return q, f.engine.Check(q.Window, q.At)
}

// Server tells which engine answers. It does not wait longer than for one
// request: a Prometheus that hangs would otherwise keep each who asks waiting in turn.
func Server(ctx context.Context, engine *measure.Service, timeout time.Duration) (prometheus.Capabilities, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return engine.Capabilities(ctx)
}

func (f figures) server(ctx context.Context) (prometheus.Capabilities, error) {
	return Server(ctx, f.engine, f.probeTimeout)
}

// chosen are those of all agreements and SLOs that the parameters name, or all.
func chosen(all []*agreement.Agreement, query url.Values) ([]*agreement.Agreement, error) {
	if names := query["agreement"]; len(names) > 0 {
		return find(all, names...)
	}
	return all, nil
}

// status is the report as `accord report -o json` prints it.
func (f figures) status(r *http.Request, c *catalog.Catalog) (any, error) {
	q, err := f.question(r.URL.Query())
	if err != nil {
		return nil, err
	}
	all, err := chosen(c.WithLeftOut(), r.URL.Query())
	if err != nil {
		return nil, err
	}
	server, err := f.server(r.Context())
	if err != nil {
		return nil, err
	}
	q.LastKnown = true
	return wire.NewReport(q.At, server, f.engine.Resolution(), f.engine.Status(r.Context(), all, q), c.Problems), nil
}

// AlertChecks is what the burn-rate alerts can do, with the traffic and the
// scrape intervals there are.
type AlertChecks struct {
	At         time.Time                  `json:"at"`
	Objectives []planning.ObjectiveAlerts `json:"objectives"`
}

// alertCheck checks the alerts of the agreements that are named, or of all.
func (f figures) alertCheck(r *http.Request, c *catalog.Catalog) (any, error) {
	q, err := f.question(r.URL.Query())
	if err != nil {
		return nil, err
	}
	all, err := chosen(c.All(), r.URL.Query())
	if err != nil {
		return nil, err
	}
	return AlertChecks{At: q.At, Objectives: planning.CheckAlerts(r.Context(), f.engine, all, q.At)}, nil
}

// promises is what can be promised at best, given what is promised upstream.
func (f figures) promises(r *http.Request, c *catalog.Catalog) (any, error) {
	q, err := f.question(r.URL.Query())
	if err != nil {
		return nil, err
	}
	return map[string]any{"at": q.At, "promises": planning.CheckPromises(c.Agreements, q.At)}, nil
}

// gate decides whether a release may go. A decision is an answer, whichever it
// is; that something could not be measured, too.
func (f figures) gate(r *http.Request, c *catalog.Catalog) (any, error) {
	query := r.URL.Query()
	q, err := f.question(query)
	if err != nil {
		return nil, err
	}
	if !query.Has("agreement") {
		return nil, badRequest("agreement: is required")
	}
	found, err := find(c.WithLeftOut(), query.Get("agreement"))
	if err != nil {
		return nil, err
	}
	limits := planning.Limits{MinRemaining: planning.DefaultMinRemaining, MaxBlind: budget.BlindAfter}
	if text := query.Get("minRemaining"); text != "" {
		if limits.MinRemaining, err = planning.ParseShare(text); err != nil {
			return nil, badRequest("minRemaining: %w", err)
		}
	}
	if text := query.Get("maxBlind"); text != "" {
		parsed, err := model.ParseDuration(text)
		if err != nil || parsed <= 0 {
			return nil, badRequest("maxBlind %q: must be a duration such as 1h", text)
		}
		limits.MaxBlind = time.Duration(parsed)
	}
	a := *found[0]
	if name := query.Get("objective"); name != "" {
		o, err := findObjective(&a, name)
		if err != nil {
			return nil, err
		}
		a.Objectives = []*agreement.Objective{o}
	}
	return wire.NewGate(q.At, f.engine.Status(r.Context(), []*agreement.Agreement{&a}, q)[0], limits, c.Problems), nil
}

// Cache is the remembered counts.
type Cache struct {
	// Bytes is about the memory that they take.
	Bytes int `json:"bytes"`
	// Problem is why they are in memory alone, and not on disk, too.
	Problem string `json:"problem,omitempty"`
	// MayDrop says that whoever asks may make them forgotten.
	MayDrop bool `json:"mayDrop"`
}

// cache answers about the remembered counts.
type cache struct {
	engine *measure.Service
	users  users
	now    func() time.Time
}

func (c cache) state(ctx context.Context) Cache {
	return Cache{c.engine.CachedBytes(), c.engine.CacheProblem(), c.users.checkAdmin(ctx) == nil}
}

// drop forgets what was counted in a stretch of time, all of it by default. To
// count much again is dear to Prometheus: that is for Admins.
func (c cache) drop(r *http.Request) (any, error) {
	if err := c.users.checkAdmin(r.Context()); err != nil {
		return nil, err
	}
	from, to := time.Unix(0, 0), c.now()
	if err := readRange(r.URL.Query(), &from, &to); err != nil {
		return nil, err
	}
	if !from.Before(to) {
		return nil, badRequest("from %s: must be before to %s", from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))
	}
	c.engine.Forget(from, to)
	return c.state(r.Context()), nil
}
