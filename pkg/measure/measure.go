// Package measure answers questions about agreements: status, series, history,
// incidents and the evidence of a period. Package counting fills the slots,
// package scope says which time counts, package budget does all arithmetic. Data
// source, command line and pages only print the answers.
package measure

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
)

// DefaultBurnWindows returns the burn windows of a question that names none.
func DefaultBurnWindows() []time.Duration {
	return []time.Duration{
		5 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour,
		6 * time.Hour, 24 * time.Hour, 72 * time.Hour,
	}
}

// Service measures objectives on one Prometheus. It is safe for concurrent use.
type Service struct {
	*counting.Service
	client *prometheus.Client
	plan   *plan // nil unless readings are only planned, see [Together]
}

// New returns a service that queries through the client.
func New(client *prometheus.Client, o counting.Options) *Service {
	return &Service{counting.New(client, o), client, nil}
}

// WithoutCache returns a service on the same Prometheus with an empty cache and slots of
// the given length.
func (s *Service) WithoutCache(resolution time.Duration) *Service {
	return &Service{s.Service.WithoutCache(resolution), s.client, nil}
}

// Floor rounds an instant down to ten seconds, so that questions asked within the same ten
// seconds share the requests for the unfinished slot.
func Floor(at time.Time) time.Time { return at.UTC().Truncate(10 * time.Second) }

// Server returns the [prometheus.Capabilities] of the server, but waits no longer than the
// timeout of one request: if the server hangs, callers would otherwise wait in turn.
func (s *Service) Server(ctx context.Context) (prometheus.Capabilities, error) {
	ctx, cancel := context.WithTimeout(ctx, s.client.Timeout())
	defer cancel()
	return s.Capabilities(ctx)
}

// Reading is what was counted of an objective, with its scope.
type Reading struct {
	*counting.Result
	Agreement *agreement.Agreement
	Scope     scope.Scope
	end       time.Time // of the scope
}

// Read counts an objective in (from, to]. Its scope extends to the horizon.
func (s *Service) Read(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, from, to, horizon time.Time) (*Reading, error) {
	return s.ReadNeeded(ctx, a, o, from, to, horizon, func(scope.Intervals) time.Time { return from })
}

// ReadNeeded counts an objective up to the instant to, from the one that need returns
// for the time in scope since earliest.
func (s *Service) ReadNeeded(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, earliest, to, horizon time.Time,
	need func(in scope.Intervals) time.Time) (*Reading, error) {
	return s.readBy(ctx, a, o, earliest, to, horizon, need, s.Count)
}

// counter is [counting.Service.Count] or [counting.Service.Remembered].
type counter func(ctx context.Context, o *agreement.Objective, from, to time.Time) (*counting.Result, error)

func (s *Service) readBy(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, earliest, to, horizon time.Time,
	need func(in scope.Intervals) time.Time, count counter) (*Reading, error) {
	if a.NotRead != "" {
		return nil, errors.New(a.NotRead)
	}
	if err := s.checkSpan("what is asked for", earliest, to); err != nil {
		return nil, err
	}
	if horizon.Before(to) {
		horizon = to
	}
	inScope, err := scope.Of(ctx, a, earliest, horizon)
	if err != nil {
		return nil, err
	}
	if s.plan != nil {
		count = s.plan.count
	}
	result, err := count(ctx, o, need(inScope.In), to)
	if err != nil {
		return nil, err
	}
	return &Reading{result, a, inScope, horizon}, nil
}

// Described returns the measurement with the reason why nothing was counted, for answers that have no state beside it.
func (r *Reading) Described() counting.Measurement {
	m := r.Measurement
	if r.Missing != "" {
		m.Notes = append(slices.Clone(m.Notes), r.Missing)
	}
	return m
}

// Ledgers are the ledgers of one group of an objective.
type Ledgers struct {
	Group    map[string]string
	Adjusted *budget.Ledger
	// Raw returns the ledger in which all time from the instant on is in scope.
	Raw func(from time.Time) *budget.Ledger
}

// Ledgers yields the ledgers of the groups that have samples between the instants, see
// [counting.Result.Groups]. Each is made when it is yielded. The sequence ends early if
// ctx is done, which the caller must check.
func (r *Reading) Ledgers(ctx context.Context, from, to time.Time) iter.Seq[Ledgers] {
	return func(yield func(Ledgers) bool) {
		for _, group := range r.Groups(from, to) {
			if ctx.Err() != nil || !yield(r.ledgers(ctx, group)) {
				return
			}
		}
	}
}

func (r *Reading) ledgers(ctx context.Context, group counting.Group) Ledgers {
	basis := budget.Reading{Objective: r.Objective, Slots: group.View, Scope: r.Scope,
		From: r.From, At: r.KnownTo, Grouped: len(r.Objective.GroupBy) > 0}
	return Ledgers{
		Group:    group.Labels,
		Adjusted: budget.NewLedger(ctx, basis),
		Raw: func(from time.Time) *budget.Ledger {
			raw := basis
			raw.Scope = scope.Raw(from, r.end)
			return budget.NewLedger(ctx, raw)
		},
	}
}

// InZone returns the window with a zone: its own, else that of the objective's window,
// else, as a rolling window has none, that of the agreement.
func InZone(window agreement.Window, a *agreement.Agreement, o *agreement.Objective) agreement.Window {
	window.Zone = cmp.Or(window.Zone, o.Window.Zone, a.Zone)
	return window
}

// Answer is the answer for one objective.
type Answer[T any] struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
	Value     T
	Err       error
}

// Each calls ask for every objective of the agreements, a bounded number at once. The
// answers are in the order of the documents. Once ctx is done, its error is that of the
// objectives left; a panic is the error of its objective.
func Each[T any](ctx context.Context, agreements []*agreement.Agreement,
	ask func(context.Context, *agreement.Agreement, *agreement.Objective) (T, error)) []Answer[T] {
	var answers []Answer[T]
	for _, a := range agreements {
		for _, o := range a.Objectives {
			answers = append(answers, Answer[T]{Agreement: a, Objective: o})
		}
	}
	errs := parallel.Each(ctx, parallel.Objectives, len(answers), func(ctx context.Context, i int) (err error) {
		answers[i].Value, err = ask(ctx, answers[i].Agreement, answers[i].Objective)
		return err
	})
	for i, err := range errs {
		answers[i].Err = err
	}
	return answers
}

// Together is like [Each], but counts together what all objectives need, and returns the
// cost of that. ask is called twice for each objective, first to find out what it reads:
// in that call, every reading of the service passed to it fails.
func Together[T any](ctx context.Context, s *Service, agreements []*agreement.Agreement,
	ask func(context.Context, *Service, *agreement.Agreement, *agreement.Objective) (T, error)) ([]Answer[T], counting.Cost) {
	p := &plan{}
	planning := &Service{s.Service, s.client, p}
	Each(ctx, agreements, func(ctx context.Context, a *agreement.Agreement, o *agreement.Objective) (T, error) {
		return ask(ctx, planning, a, o)
	})
	if len(p.asks) < 2 {
		p.asks = nil
	}
	ahead := s.CountAhead(ctx, p.asks)
	answers := Each(ctx, agreements, func(ctx context.Context, a *agreement.Agreement, o *agreement.Objective) (T, error) {
		ahead.Wait(ctx, o)
		return ask(ctx, s, a, o)
	})
	return answers, ahead.Cost()
}

// plan records what readings would count, instead of counting it.
type plan struct {
	mu   sync.Mutex
	asks []counting.Ask
}

var errPlanned = errors.New("it is only planned")

func (p *plan) count(_ context.Context, o *agreement.Objective, from, to time.Time) (*counting.Result, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asks = append(p.asks, counting.Ask{Objective: o, From: from, To: to})
	return nil, errPlanned
}
