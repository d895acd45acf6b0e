package measure

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/parallel"
)

// Answer is what asking for one objective gave.
type Answer[T any] struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
	Value     T
	Err       error
}

// Each asks for every objective of the agreements, a bounded number at once. The
// answers keep the order of the documents. Once the context has ended no more
// are asked for; a panic is the error of its objective.
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

// Together is as [Each] for what is read of the service: what all of the objectives
// need is counted together, and the cost is that of it. ask is called twice for
// each, first to learn what it reads: every reading of the service it is then given
// fails.
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

// plan takes what readings would count, in their place.
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
