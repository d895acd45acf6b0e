package site

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables"
)

// overview is the content of the first page: agreements and SLOs, worst first.
type overview struct {
	At     time.Time
	Engine string
	Counts []count
	// State limits the rows to one state, Search to names that contain it.
	State  budget.State
	Search string
	Rows   []row
	// Agreements is the number of agreements and SLOs, whatever State and Search.
	Agreements int
	Problems   []problem.Problem
	// Stale is why the catalog may be older than its folder; empty if it is current.
	Stale string
}

// count is the number of agreements in a state.
type count struct {
	State budget.State
	Count int
	Here  bool // the rows are limited to this state
}

// row is an agreement or SLO in the list.
type row struct {
	Agreement *agreement.Agreement
	State     budget.State
	// Parties names the provider and its consumers.
	Parties string
	// Worst is the objective in the worst state; of several, the one with the least budget left.
	Worst measure.Result
	// Remark explains the state.
	Remark string
}

func (s *site) overview(r *http.Request) (page, error) {
	c, err := s.Catalog(r.Context())
	if err != nil {
		return page{}, err
	}
	at := s.Present()
	results := s.status(r, c.WithLeftOut(), at)
	view := overview{At: at, Engine: s.engine(r), Problems: c.Problems, Agreements: len(results),
		State: budget.State(r.FormValue("state")), Search: r.FormValue("search")}
	if why := s.Stale(); why != nil {
		view.Stale = why.Error()
	}
	counts := map[budget.State]int{}
	for _, result := range results {
		counts[result.State]++
		if view.shows(result) {
			view.Rows = append(view.Rows, newRow(result))
		}
	}
	for _, state := range budget.States {
		if n := counts[state]; n > 0 {
			view.Counts = append(view.Counts, count{state, n, state == view.State})
		}
	}
	slices.SortStableFunc(view.Rows, func(a, b row) int { return budget.ByWorst(a.State, b.State) })
	return page{Template: "overview.html", Title: "Internal SLAs", Content: view}, nil
}

func (s *site) status(r *http.Request, agreements []*agreement.Agreement, at time.Time) []measure.AgreementResult {
	return s.Engine.Status(r.Context(), agreements, measure.Question{At: at, LastKnown: true})
}

func (s *site) engine(r *http.Request) string {
	server, err := s.Engine.Server(r.Context())
	if err != nil {
		return "not measured: " + err.Error()
	}
	return tables.ServerText(server, s.Engine.Resolution())
}

func (o overview) shows(result measure.AgreementResult) bool {
	a := result.Agreement
	names := append([]string{a.Name, a.DisplayName, a.Service, a.Provider}, a.Consumers...)
	return (o.State == "" || o.State == result.State) && slices.ContainsFunc(names, func(name string) bool {
		return strings.Contains(strings.ToLower(name), strings.ToLower(o.Search))
	})
}

func newRow(result measure.AgreementResult) row {
	shown := row{Agreement: result.Agreement, State: result.State, Parties: parties(result.Agreement),
		Worst: slices.MinFunc(result.Objectives, measure.ByWorst)}
	remarks := []string{tables.Remark(shown.Worst)}
	for _, o := range result.Objectives {
		if o.Objective != shown.Worst.Objective && o.Blind >= budget.BlindAfter {
			remarks = append(remarks, o.Objective.Name+": "+o.BlindText())
		}
	}
	shown.Remark = strings.Trim(strings.Join(tables.Distinct(remarks), "; "), "; ")
	return shown
}

const namedConsumers = 3

func parties(a *agreement.Agreement) string {
	if len(a.Consumers) > namedConsumers {
		return fmt.Sprintf("%s → %d teams", a.Provider, len(a.Consumers))
	}
	return tables.PartiesText(a.Provider, a.Consumers)
}
