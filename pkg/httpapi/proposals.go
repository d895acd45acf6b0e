package httpapi

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// Validation lists the problems of proposed documents, and those that they cause in others.
type Validation struct {
	// Valid is true if there are no errors; there may be warnings.
	Valid bool `json:"valid"`
	// File is the file name of the proposed text in the problems: document.yaml, or another if the
	// folder has a file of that name.
	File string `json:"file"`
	// Documents are the proposed documents that have a kind and a name, with the file, hash and
	// permission of those that they would replace.
	Documents []DocumentEntry `json:"documents"`
	// Problems are those of the proposed text and those that it causes in the documents of the folder.
	Problems []problem.Problem `json:"problems"`
	// Alerts are checks of the burn-rate alerts of the affected agreements, by their documents alone.
	Alerts []planning.ObjectiveAlerts `json:"alerts"`
	// Promises are checks of the affected agreements that depend on others.
	Promises []planning.PromiseCheck `json:"promises"`
}

// validate checks documents as if they replaced those of the same kind and name.
func (h *handlers) validate(r *http.Request) (any, error) {
	outcome, err := h.proposed(r)
	if err != nil {
		return nil, err
	}
	return h.validation(r.Context(), outcome, concerned(outcome)), nil
}

func (h *handlers) proposed(r *http.Request) (*catalog.Outcome, error) {
	text, err := readYAML(r)
	if err != nil {
		return nil, err
	}
	return h.propose(r.Context(), text)
}

func (h *handlers) propose(ctx context.Context, text []byte) (*catalog.Outcome, error) {
	outcome, err := h.Folder.Live.Propose(ctx, catalog.Proposal{Text: text})
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	return outcome, nil
}

func (h *handlers) validation(ctx context.Context, outcome *catalog.Outcome, changes []effect) Validation {
	v := Validation{File: outcome.File, Documents: []DocumentEntry{}, Problems: wire.List(outcome.Problems), Promises: []planning.PromiseCheck{}}
	v.Valid = !slices.ContainsFunc(v.Problems, isError)
	for _, l := range outcome.After.Listed {
		if l.File == outcome.File {
			known, _ := outcome.Before.Find(l.ID)
			known.ID, known.DisplayName = l.ID, l.DisplayName
			v.Documents = append(v.Documents, h.entry(ctx, known))
		}
	}
	var after []*agreement.Agreement
	names := map[string]bool{}
	for _, e := range changes {
		if e.after != nil && len(after) < previewsAtOnce {
			after = append(after, e.after)
			names[e.id.Name] = names[e.id.Name] || e.id.Kind == "Agreement"
		}
	}
	v.Alerts = planning.CheckWrittenAlerts(ctx, after, h.Now(), h.Engine.Resolution())
	for _, promise := range planning.CheckPromises(outcome.After.Agreements, h.Now()) {
		if names[promise.Agreement] {
			v.Promises = append(v.Promises, promise)
		}
	}
	return v
}

func isError(p problem.Problem) bool { return p.Severity == problem.Error }

// Preview shows how proposed documents would change the figures.
type Preview struct {
	Validation
	At time.Time `json:"at"`
	// Agreements are the affected agreements, and SLOs that no agreement names, by kind and name; none
	// if the documents are not valid.
	Agreements []Effect `json:"agreements"`
	// More are the names of affected ones beyond the limit, which can be requested by name.
	More []string `json:"more"`
	// Objectives are those for which a backtest can try the documents.
	Objectives []TriedObjective `json:"objectives"`
}

// TriedObjective is an objective of an affected or proposed agreement.
type TriedObjective struct {
	Agreement string `json:"agreement"`
	Objective string `json:"objective"`
}

// Effect is an agreement before and after the change.
type Effect struct {
	Kind        string `json:"kind"` // Agreement or SLO
	Name        string `json:"name"`
	DisplayName string `json:"displayName,omitempty"`
	// Before is null for a new agreement, After for an SLO that an agreement now names.
	Before *wire.EffectFigures `json:"before"`
	After  *wire.EffectFigures `json:"after"`
	// Differences compare both in words, with the changed objectives first.
	Differences []wire.Difference `json:"differences"`
}

const (
	// previewsAtOnce is the maximum number of agreements in one answer.
	previewsAtOnce = 100
	// monthsBack is the number of months that cover 90 days.
	monthsBack = 4
)

var last90Days = agreement.Window{Rolling: 90 * 24 * time.Hour}

// preview measures the affected agreements with and without the documents. Cached slots are not
// queried again, so another target, window or exclusion costs Prometheus little.
func (h *handlers) preview(r *http.Request, _ User) (any, error) {
	q, err := h.question(r.URL.Query())
	if err != nil {
		return nil, err
	}
	q.Window = nil
	outcome, err := h.proposed(r)
	if err != nil {
		return nil, err
	}
	changes := concerned(outcome)
	preview := Preview{Validation: h.validation(r.Context(), outcome, changes), At: q.At, Agreements: []Effect{}, More: []string{}, Objectives: []TriedObjective{}}
	if !preview.Valid {
		return preview, nil
	}
	changes, preview.More, err = chosenEffects(changes, r.URL.Query()["agreement"])
	if err != nil {
		return nil, err
	}
	preview.Agreements = h.effects(r.Context(), changes, q)
	preview.Objectives = tried(outcome.After, changes, preview.Documents)
	return preview, nil
}

// tried returns the objectives of the affected agreements, and of proposed ones without a change.
func tried(after *catalog.Catalog, changes []effect, documents []DocumentEntry) []TriedObjective {
	all := []TriedObjective{}
	for _, a := range after.All() {
		id := idOf(a)
		if slices.ContainsFunc(changes, func(e effect) bool { return e.id == id }) ||
			slices.ContainsFunc(documents, func(d DocumentEntry) bool { return d.ID == id }) {
			for _, o := range a.Objectives {
				all = append(all, TriedObjective{a.Name, o.Name})
			}
		}
	}
	return all
}

// effect is an agreement as it is and as it would be; nil where it does not exist.
type effect struct {
	id            catalog.ID
	before, after *agreement.Agreement
}

// concerned returns the agreements and SLOs that differ between the two catalogs, by kind and name.
func concerned(o *catalog.Outcome) []effect {
	either := map[catalog.ID]effect{}
	for _, a := range o.Before.All() {
		either[idOf(a)] = effect{id: idOf(a), before: a}
	}
	for _, a := range o.After.All() {
		either[idOf(a)] = effect{idOf(a), either[idOf(a)].before, a}
	}
	maps.DeleteFunc(either, func(_ catalog.ID, e effect) bool { return reflect.DeepEqual(e.before, e.after) })
	return slices.SortedFunc(maps.Values(either), func(a, b effect) int {
		return cmp.Or(strings.Compare(a.id.Kind, b.id.Kind), strings.Compare(a.id.Name, b.id.Name))
	})
}

// idOf returns the ID of the document that the agreement or SLO was read from.
func idOf(a *agreement.Agreement) catalog.ID { return catalog.ID{Kind: a.Kind(), Name: a.Name} }

// chosenEffects returns the first effects, only named ones if names are given, and the names of the rest.
func chosenEffects(all []effect, names []string) (picked []effect, more []string, err error) {
	more = []string{}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(e effect) bool { return e.id.Name == name }) {
			return nil, nil, Refuse(http.StatusNotFound, "the proposed documents do not concern an agreement %q", name)
		}
	}
	for _, e := range all {
		switch {
		case len(names) > 0 && !slices.Contains(names, e.id.Name):
		case len(picked) < previewsAtOnce:
			picked = append(picked, e)
		default:
			more = append(more, e.id.Name)
		}
	}
	return picked, more, nil
}

func (h *handlers) effects(ctx context.Context, changes []effect, q measure.Question) []Effect {
	var agreements []*agreement.Agreement
	for _, e := range changes {
		agreements = append(agreements, e.before, e.after)
	}
	figures := h.effectFigures(ctx, slices.DeleteFunc(agreements, func(a *agreement.Agreement) bool { return a == nil }), q)
	return wire.Each(changes, func(e effect) Effect {
		before, after := figures[e.before], figures[e.after]
		return Effect{e.id.Kind, e.id.Name, cmp.Or(e.after, e.before).DisplayName, before, after, wire.List(tables.Differences(before, after))}
	})
}

func (h *handlers) effectFigures(ctx context.Context, agreements []*agreement.Agreement, q measure.Question) map[*agreement.Agreement]*wire.EffectFigures {
	_, q.Unreachable = h.Engine.Server(ctx)
	always := wire.Each(agreements, (*agreement.Agreement).Always)
	current := h.Engine.Status(ctx, agreements, q)
	q.Window = &last90Days
	last := h.Engine.Status(ctx, always, q)
	months := map[*agreement.Agreement][]measure.Period{}
	for _, period := range h.Engine.Histories(ctx, always, q.At, &agreement.Window{Calendar: agreement.Month}, monthsBack) {
		months[period.Agreement] = append(months[period.Agreement], period)
	}
	all := map[*agreement.Agreement]*wire.EffectFigures{}
	for i, a := range agreements {
		all[a] = &wire.EffectFigures{Current: wire.NewAgreementStatus(current[i]), Last90Days: wire.NewAgreementStatus(last[i]),
			Months: wire.Periods(months[always[i]])}
	}
	return all
}
