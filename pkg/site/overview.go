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

// overview is the catalog, what is worst first.
type overview struct {
	At     time.Time
	Engine string
	Counts []count
	// State narrows the list to one state, Search to names that hold it.
	State  budget.State
	Search string
	Rows   []row
	// Agreements is how many there are without narrowing.
	Agreements int
	Problems   []problem.Problem
	// Stale is why the catalog is older than its folder, empty when it is not.
	Stale string
}

// count is how many agreements are in a state.
type count struct {
	State budget.State
	Count int
	Here  bool // the list is narrowed to it
}

// row is an agreement in the list.
type row struct {
	Agreement *agreement.Agreement
	State     budget.State
	// Parties is who promised to whom.
	Parties string
	// Worst is the objective with the least budget left, or that failed.
	Worst measure.Result
	// Remark is why the state is what it is.
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
