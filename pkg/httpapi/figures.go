package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"golang.org/x/sync/semaphore"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/wire"
)

func readAgreement(r *http.Request, c *catalog.Catalog) (any, error) {
	a, err := findRead(c, r.URL.Query().Get("kind"), r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	text := wire.NewAgreement(a)
	listed, _ := c.Find(idOf(a))
	text.Hash = listed.Hash
	return text, nil
}

// memo caches the last result, since pages request other parts of it with each filter and sort.
type memo[T any] struct {
	turn  *semaphore.Weighted // while one caller measures, the others wait for its result
	of    any                 // the key of value: all that it depends on
	value T
}

func newMemo[T any]() *memo[T] { return &memo[T]{turn: semaphore.NewWeighted(1)} }

// get returns the cached value of the key, or measures it, and caches it if measure reports keep.
func (m *memo[T]) get(ctx context.Context, of any, measure func() (value T, keep bool, err error)) (value T, err error) {
	if err := m.turn.Acquire(ctx, 1); err != nil {
		return value, err
	}
	defer m.turn.Release(1)
	if m.of == of {
		return m.value, nil
	}
	value, keep, err := measure()
	if keep && ctx.Err() == nil {
		m.of, m.value = of, value
	}
	return value, cmp.Or(err, ctx.Err())
}

// everything returns the results of measured for all agreements and SLOs, cached for up to ten
// seconds. Results without the server are not cached.
func (h *handlers) everything(ctx context.Context, c *catalog.Catalog) (results []measure.AgreementResult, at time.Time, unreachable error) {
	at = h.Present()
	results, unreachable = h.status.get(ctx, [2]any{c, at}, func() ([]measure.AgreementResult, bool, error) {
		results, unreachable := h.measured(ctx, c.WithLeftOut(), at)
		return results, unreachable == nil, unreachable
	})
	return results, at, unreachable
}

// measured returns the status, or if the server is unreachable the last known status and the error.
func (h *handlers) measured(ctx context.Context, all []*agreement.Agreement, at time.Time) (results []measure.AgreementResult, unreachable error) {
	_, unreachable = h.Engine.Server(ctx)
	return h.Engine.Status(ctx, all, measure.Question{At: at, LastKnown: true, Unreachable: unreachable}), unreachable
}

func (h *handlers) question(query url.Values) (measure.Question, error) {
	q := measure.Question{At: h.Present()}
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
	return q, h.Engine.Check(q.Window, q.At)
}

// questionAbout reads the parameters at, window and agreement. Without the latter it returns all
// agreements and SLOs, also those that are left out.
func (h *handlers) questionAbout(query url.Values, c *catalog.Catalog, find func(*catalog.Catalog, string, string) (*agreement.Agreement, error)) (q measure.Question, chosen []*agreement.Agreement, err error) {
	if q, err = h.question(query); err != nil || !query.Has("agreement") {
		return q, c.WithLeftOut(), err
	}
	for _, name := range query["agreement"] {
		a, err := find(c, "", name)
		if err != nil {
			return q, nil, err
		}
		chosen = append(chosen, a)
	}
	return q, chosen, nil
}

// report returns what `accord report -o json` prints.
func (h *handlers) report(r *http.Request, c *catalog.Catalog) (any, error) {
	q, all, err := h.questionAbout(r.URL.Query(), c, Find)
	if err != nil {
		return nil, err
	}
	server, err := h.Engine.Server(r.Context())
	if err != nil {
		return nil, err
	}
	return wire.NewReport(q.At, server, h.Engine.Resolution(), h.Engine.Status(r.Context(), all, q), c.Problems), nil
}

// alertCheck returns what burn-rate alerts can do with the actual traffic and scrape intervals.
func (h *handlers) alertCheck(r *http.Request, c *catalog.Catalog) (any, error) {
	q, all, err := h.questionAbout(r.URL.Query(), c, findRead)
	if err != nil {
		return nil, err
	}
	return map[string]any{"at": q.At, "objectives": planning.CheckAlerts(r.Context(), h.Engine, all, q.At)}, nil
}

// promises returns the highest targets that can be promised, given those of upstream agreements.
func (h *handlers) promises(r *http.Request, c *catalog.Catalog) (any, error) {
	q, err := h.question(r.URL.Query())
	if err != nil {
		return nil, err
	}
	return map[string]any{"at": q.At, "promises": planning.CheckPromises(c.Agreements, q.At)}, nil
}

// gate decides whether a release may proceed. If that cannot be measured, it is a decision, not an error.
func (h *handlers) gate(r *http.Request, c *catalog.Catalog) (any, error) {
	query := r.URL.Query()
	q, err := h.question(query)
	if err != nil {
		return nil, err
	}
	if !query.Has("agreement") {
		return nil, badRequest("agreement: is required")
	}
	for name, values := range query { // a misspelled limit must not let a release pass
		if known := []string{"agreement", "objective", "minRemaining", "maxBlind", "at"}; !slices.Contains(known, name) {
			return nil, badRequest("%s: is none of %s%s", name, strings.Join(known, ", "), problem.DidYouMean(name, known))
		} else if len(values) > 1 {
			return nil, badRequest("%s: stands %d times", name, len(values))
		}
	}
	named, err := Find(c, "", query.Get("agreement"))
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
	a := *named
	if name := query.Get("objective"); name != "" && a.NotRead == "" { // the objectives of one that is left out are not known
		o, err := findObjective(&a, name)
		if err != nil {
			return nil, err
		}
		a.Objectives = []*agreement.Objective{o}
	}
	return wire.NewGate(q.At, h.Engine.Status(r.Context(), []*agreement.Agreement{&a}, q)[0], limits, c.Problems), nil
}

// Cache describes the cache of counted slots.
type Cache struct {
	// Bytes is the approximate memory in use.
	Bytes int `json:"bytes"`
	// Problem is why the cache is in memory only, and not on disk.
	Problem string `json:"problem,omitempty"`
	// MayDrop is true if the user may drop the cache.
	MayDrop bool `json:"mayDrop"`
}

func (o Options) cache(ctx context.Context) Cache {
	return Cache{o.Engine.CachedBytes(), o.Engine.CacheProblem(), o.checkAdmin(ctx) == nil}
}

// dropCache drops cached slots. Only Admins may, since Prometheus has to count them again.
func (h *handlers) dropCache(r *http.Request) (any, error) {
	if err := h.checkAdmin(r.Context()); err != nil {
		return nil, err
	}
	span, err := readSpan(r.URL.Query(), wire.Span{From: time.Unix(0, 0), To: h.Now()})
	if err != nil {
		return nil, err
	}
	h.Engine.Forget(span.From, span.To)
	return h.cache(r.Context()), nil
}
