package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/wire"
)

// Preview is what proposed documents would do to the figures.
type Preview struct {
	Validation
	At time.Time `json:"at"`
	// Agreements are those concerned, and SLOs that no agreement names, by
	// name; none when the documents are not valid.
	Agreements []Effect `json:"agreements"`
	// More are names of those concerned beyond the limit, to be asked for by
	// name.
	More []string `json:"more"`
}

// Effect is an agreement before and after.
type Effect struct {
	Kind string `json:"kind"` // Agreement or SLO
	Name string `json:"name"`
	// Before is null for a new one, After for an SLO that now has an
	// agreement.
	Before *Figures `json:"before"`
	After  *Figures `json:"after"`
}

// Figures are those of one agreement.
type Figures struct {
	// Current is the status over the windows that were agreed.
	Current wire.AgreementStatus `json:"current"`
	// Last90Days and Months are as if it had been in force all the time, so
	// that a promise can be tried on history before it is given.
	Last90Days wire.AgreementStatus `json:"last90Days"`
	// Months are the present one to date and the three before, oldest first.
	Months []wire.PeriodStatus `json:"months"`
}

const (
	// previewsAtOnce is how many agreements have their figures in one answer.
	previewsAtOnce = 100
	// monthsBack reach back as far as the 90 days.
	monthsBack = 4
	// historiesAtOnce bounds how many objectives are told by month at once.
	historiesAtOnce = 16
)

var last90Days = agreement.Window{Rolling: 90 * 24 * time.Hour}

// preview measures the agreements that the body's documents concern, with and
// without them. Counts are remembered by query, so a change of target, window,
// calendar or exclusion asks Prometheus for nothing that is known already.
func (o Options) preview(r *http.Request) (any, error) {
	// What is typed may hold any query, so it is not for those who only read.
	if _, err := o.editor(r.Context()); err != nil {
		return nil, err
	}
	q, err := o.statusQuestion(r)
	if err != nil {
		return nil, err
	}
	q.Window = nil
	text, err := typed(r)
	if err != nil {
		return nil, err
	}
	outcome, err := o.propose(r, text)
	if err != nil {
		return nil, err
	}
	p := Preview{Validation: o.validation(outcome), At: q.At, Agreements: []Effect{}, More: []string{}}
	if !p.Valid {
		return p, nil
	}
	changes, more, err := chosen(concerned(outcome), r.URL.Query()["agreement"])
	if err != nil {
		return nil, err
	}
	p.More = append(p.More, more...)
	p.Agreements = o.effects(r.Context(), changes, q)
	return p, nil
}

// effect is an agreement as it is and as it would be; nil where there is none.
type effect struct {
	kind, name    string
	before, after *agreement.Agreement
}

// concerned are the agreements, and SLOs without one, that are not the same in
// both catalogs.
func concerned(o *catalog.Outcome) []effect {
	found := map[[2]string]*effect{}
	visit := func(c *catalog.Catalog, put func(*effect, *agreement.Agreement)) {
		each := func(kind string, a *agreement.Agreement) {
			key := [2]string{kind, a.Name}
			if found[key] == nil {
				found[key] = &effect{kind: kind, name: a.Name}
			}
			put(found[key], a)
		}
		for _, a := range c.Agreements {
			each("Agreement", a)
		}
		for _, s := range c.SLOs {
			each("SLO", s.AsAgreement())
		}
	}
	visit(o.Before, func(e *effect, a *agreement.Agreement) { e.before = a })
	visit(o.After, func(e *effect, a *agreement.Agreement) { e.after = a })
	var all []effect
	for _, e := range found {
		if !reflect.DeepEqual(e.before, e.after) {
			all = append(all, *e)
		}
	}
	slices.SortFunc(all, func(a, b effect) int {
		if by := strings.Compare(a.kind, b.kind); by != 0 {
			return by
		}
		return strings.Compare(a.name, b.name)
	})
	return all
}

// chosen are those asked for by name, or the first; and the names of the rest.
func chosen(all []effect, names []string) (picked []effect, more []string, err error) {
	for _, name := range names {
		if !slices.ContainsFunc(all, func(e effect) bool { return e.name == name }) {
			return nil, nil, failure{http.StatusNotFound, fmt.Errorf("the proposed documents do not concern an agreement %q", name)}
		}
	}
	for _, e := range all {
		switch {
		case len(names) > 0 && !slices.Contains(names, e.name):
		case len(picked) < previewsAtOnce:
			picked = append(picked, e)
		default:
			more = append(more, e.name)
		}
	}
	return picked, more, nil
}

func (o Options) effects(ctx context.Context, changes []effect, q measure.Question) []Effect {
	var sides []*agreement.Agreement
	for _, e := range changes {
		for _, a := range []*agreement.Agreement{e.before, e.after} {
			if a != nil {
				sides = append(sides, a)
			}
		}
	}
	figures := o.figures(ctx, sides, q)
	next := func(a *agreement.Agreement) *Figures {
		if a == nil {
			return nil
		}
		f := figures[0]
		figures = figures[1:]
		return &f
	}
	effects := make([]Effect, 0, len(changes))
	for _, e := range changes {
		before := next(e.before)
		effects = append(effects, Effect{Kind: e.kind, Name: e.name, Before: before, After: next(e.after)})
	}
	return effects
}

// figures are those of each agreement, in order.
func (o Options) figures(ctx context.Context, agreements []*agreement.Agreement, q measure.Question) []Figures {
	asked, cancel := context.WithTimeout(ctx, o.Patience)
	_, q.Unreachable = o.Engine.Capabilities(asked)
	cancel()
	always := make([]*agreement.Agreement, len(agreements))
	for i, a := range agreements {
		inForce := *a
		inForce.Effective = agreement.Period{}
		always[i] = &inForce
	}
	statusOver := func(agreements []*agreement.Agreement, window *agreement.Window) []wire.AgreementStatus {
		q.Window = window
		return wire.Status{At: q.At, Agreements: o.Engine.Status(ctx, agreements, q)}.Report().Agreements
	}
	current, ninety := statusOver(agreements, nil), statusOver(always, &last90Days)
	all := make([]Figures, len(agreements))
	for i := range agreements {
		all[i] = Figures{Current: current[i], Last90Days: ninety[i]}
	}
	var work errgroup.Group
	work.SetLimit(historiesAtOnce)
	for i, a := range always {
		work.Go(func() error {
			all[i].Months = o.months(ctx, a, q.At)
			return nil
		})
	}
	_ = work.Wait() // each objective carries its own error
	return all
}

func (o Options) months(ctx context.Context, a *agreement.Agreement, at time.Time) []wire.PeriodStatus {
	month := agreement.Window{Calendar: agreement.Month}
	months := []wire.PeriodStatus{}
	for _, objective := range a.Objectives {
		months = append(months, wire.Periods(o.Engine.History(ctx, a, objective, at, &month, monthsBack))...)
	}
	return months
}
