package datasource

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/slots"
)

// alertMemory knows which alerts there were. Grafana resolves an alert whose
// number goes missing, so one that cannot be measured now has to be given all
// the same: each group of an objective that failed, and each objective of an
// agreement whose document has come to be wrong.
type alertMemory struct {
	mu    sync.Mutex
	known map[alertKey]remembered
}

// alertKey is an objective, and the window that a query overrides its own with:
// a shorter one may have fewer groups.
type alertKey struct{ provider, agreement, objective, window string }

// remembered are the groups of an objective when it was last measured.
type remembered struct {
	agreement *agreement.Agreement
	objective *agreement.Objective
	window    agreement.Window
	groups    []map[string]string
}

// completed are the results, with one for each alert of before that the query
// means and that cannot be measured now.
func (m *alertMemory) completed(rows []measure.Result, t task) []measure.Result {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[alertKey]remembered{}
	}
	window := ""
	if t.window != nil {
		window = t.window.String()
	}
	fresh := map[alertKey]remembered{}
	var completed []measure.Result
	for _, r := range rows {
		key := alertKey{r.Agreement.Provider, r.Agreement.Name, r.Objective.Name, window}
		before, known := m.known[key]
		if r.Err != nil && known {
			completed = append(completed, before.unmeasured(t.at, r.Err)...)
			continue
		}
		completed = append(completed, r)
		if r.Err == nil {
			now := fresh[key]
			now.agreement, now.objective, now.window = r.Agreement, r.Objective, r.Window
			now.groups = append(now.groups, r.Group)
			fresh[key] = now
		}
	}
	maps.Copy(m.known, fresh)
	return append(completed, m.missing(t, window)...)
}

// missing are the alerts of agreements that are in no document any more, though
// something is wrong with the one they were in. The others are forgotten: who
// takes an agreement out of the folder means its alerts to end.
func (m *alertMemory) missing(t task, window string) []measure.Result {
	var missing []measure.Result
	for key, before := range m.known {
		switch problem := lost(t.catalog, before.agreement); {
		case served(t.catalog, before.agreement):
		case problem == nil:
			delete(m.known, key)
		case key.window == window && t.filters.keeps(before.agreement) && t.filters.keepsObjective(key.objective):
			missing = append(missing, before.unmeasured(t.at, errors.New(problem.String()))...)
		}
	}
	slices.SortFunc(missing, func(a, b measure.Result) int {
		return cmp.Or(cmp.Compare(a.Agreement.Name, b.Agreement.Name), cmp.Compare(a.Objective.Name, b.Objective.Name),
			cmp.Compare(slots.GroupKey(a.Group), slots.GroupKey(b.Group)))
	})
	return missing
}

// unmeasured are the results of before, as they are when measuring failed.
func (r remembered) unmeasured(at time.Time, err error) []measure.Result {
	results := make([]measure.Result, len(r.groups))
	for i, group := range r.groups {
		results[i] = measure.Result{Agreement: r.agreement, Objective: r.objective, Group: group,
			Status: budget.EmptyStatus(r.window, at, budget.NoData, err.Error()), Err: err}
	}
	return results
}

// served reports whether the agreement, or the SLO without one, is in the
// catalog.
func served(c *catalog.Catalog, a *agreement.Agreement) bool {
	if a.Provider == "" {
		return slices.ContainsFunc(c.SLOs, func(s *agreement.SLO) bool { return s.Name == a.Name })
	}
	return slices.ContainsFunc(c.Agreements, func(b *agreement.Agreement) bool { return b.Name == a.Name })
}

// lost is the error because of which the agreement is not served: that of its
// document, or of the file it was in.
func lost(c *catalog.Catalog, a *agreement.Agreement) *catalog.Problem {
	return firstError(c, func(p catalog.Problem) bool {
		return isAbout(p, a.Name) || p.Name == "" && p.File == a.Place.File
	})
}
