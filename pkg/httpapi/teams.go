package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// Tally counts agreements by how they stand.
type Tally struct {
	// Count is of all of them; Worst is of those that are active, null without any.
	Count int           `json:"count"`
	Worst *budget.State `json:"worst"`
	// Text says how many stand how, the worst first.
	Text string `json:"text"`

	states   map[budget.State]int
	inactive int
}

// with is the tally with one more.
func (t Tally) with(s standing) Tally {
	t.Count++
	switch {
	case s.Agreement.Stage != agreement.Active:
		t.inactive++
		return t
	case t.states == nil:
		t.states = map[budget.State]int{}
	}
	t.states[s.State]++
	return t
}

// done words what was counted.
func (t Tally) done() Tally {
	var parts []string
	for _, state := range budget.States {
		if n := t.states[state]; n > 0 {
			if t.Worst == nil {
				t.Worst = new(state)
			}
			parts = append(parts, fmt.Sprintf("%d %s", n, tables.StateText(state)))
		}
	}
	if t.inactive > 0 {
		parts = append(parts, fmt.Sprintf("%d not active", t.inactive))
	}
	t.Text = strings.Join(parts, ", ")
	return t
}

func (t Tally) rank() int {
	if t.Worst == nil {
		return len(budget.States)
	}
	return slices.Index(budget.States, *t.Worst)
}

// TeamRows is a page of teams.
type TeamRows struct {
	At   time.Time `json:"at"`
	Rows []TeamRow `json:"rows"`
	Paging
	// All is how many there are, whatever the search.
	All        int      `json:"all"`
	Unmeasured []string `json:"unmeasured"`
}

// TeamRow is a team with what it provides and consumes.
type TeamRow struct {
	wire.Named
	Provides Tally `json:"provides"`
	Consumes Tally `json:"consumes"`
}

func teamList() list[TeamRow] {
	worst := func(of func(TeamRow) Tally) order[TeamRow] {
		return order[TeamRow]{func(a, b TeamRow) int {
			return cmp.Or(cmp.Compare(of(a).rank(), of(b).rank()), cmp.Compare(of(b).Count, of(a).Count))
		}, func(t TeamRow) bool { return of(t).Worst == nil }}
	}
	title := byText(func(t TeamRow) string { return t.Title() })
	return list[TeamRow]{
		text: func(t TeamRow) string { return t.Name + "\n" + t.DisplayName },
		sorts: map[string]order[TeamRow]{
			"": title, "name": title,
			"provides": worst(func(t TeamRow) Tally { return t.Provides }), "consumes": worst(func(t TeamRow) Tally { return t.Consumes }),
		},
	}
}

func (h *handlers) listTeams(r *http.Request, c *catalog.Catalog) (any, error) {
	all, at, unmeasured, err := h.standings(r, c)
	if err != nil {
		return nil, err
	}
	provides, consumes := map[string]Tally{}, map[string]Tally{}
	for _, s := range all {
		provides[s.Agreement.Provider] = provides[s.Agreement.Provider].with(s)
		for _, name := range s.Agreement.Consumers {
			consumes[name] = consumes[name].with(s)
		}
	}
	var rows []TeamRow
	for name := range c.Teams {
		rows = append(rows, TeamRow{names{c}.team(name), provides[name].done(), consumes[name].done()})
	}
	query := r.URL.Query()
	page, paging, err := teamList().page(query, rows)
	return TeamRows{at, page, paging, len(rows), reasons(unmeasured)}, err
}

// Matrix is who promises what to whom, of a page of providers.
type Matrix struct {
	At time.Time `json:"at"`
	// Consumers are the columns: those to whom these providers promise anything,
	// MoreConsumers the number of others beyond the first.
	Consumers     []wire.Named `json:"consumers"`
	MoreConsumers int          `json:"moreConsumers"`
	Rows          []MatrixRow  `json:"rows"`
	Paging
	Unmeasured []string `json:"unmeasured"`
}

// MatrixRow is what one team promises.
type MatrixRow struct {
	wire.Named
	// Cells are by consumer; without those to whom nothing is promised.
	Cells map[string]Tally `json:"cells"`
}

// maxColumns is how many consumers a matrix has.
const maxColumns = 30

// matrix answers a page of who promises what to whom. `search` is for the
// provider, `consumer` keeps what is promised to it.
func (h *handlers) matrix(r *http.Request, c *catalog.Catalog) (any, error) {
	all, at, unmeasured, err := h.standings(r, c)
	if err != nil {
		return nil, err
	}
	query, n := r.URL.Query(), names{c}
	cells := map[string]map[string]Tally{}
	for _, s := range all {
		for _, consumer := range s.Agreement.Consumers {
			if only := query["consumer"]; len(only) > 0 && !slices.Contains(only, consumer) {
				continue
			}
			if cells[s.Agreement.Provider] == nil {
				cells[s.Agreement.Provider] = map[string]Tally{}
			}
			cells[s.Agreement.Provider][consumer] = cells[s.Agreement.Provider][consumer].with(s)
		}
	}
	rows := wire.Each(slices.Collect(maps.Keys(cells)), func(name string) TeamRow { return TeamRow{Named: n.team(name)} })
	asked := url.Values{"search": query["search"], "page": query["page"]}
	page, paging, err := teamList().page(asked, rows)
	if err != nil {
		return nil, err
	}
	answer := Matrix{At: at, Rows: []MatrixRow{}, Paging: paging, Unmeasured: reasons(unmeasured)}
	answer.Consumers, answer.MoreConsumers = n.columns(page, cells)
	for _, provider := range page {
		row := MatrixRow{provider.Named, map[string]Tally{}}
		for _, consumer := range answer.Consumers {
			if t := cells[provider.Name][consumer.Name]; t.Count > 0 {
				row.Cells[consumer.Name] = t.done()
			}
		}
		answer.Rows = append(answer.Rows, row)
	}
	return answer, nil
}

// columns are the consumers of some providers, by name, and how many are left out.
func (n names) columns(providers []TeamRow, cells map[string]map[string]Tally) (columns []wire.Named, more int) {
	found := map[string]bool{}
	for _, provider := range providers {
		for consumer := range cells[provider.Name] {
			found[consumer] = true
		}
	}
	columns = wire.Each(slices.Collect(maps.Keys(found)), n.team)
	slices.SortFunc(columns, func(a, b wire.Named) int {
		return cmp.Compare(strings.ToLower(n.teamText(a.Name)), strings.ToLower(n.teamText(b.Name)))
	})
	return firstOf(maxColumns, columns)
}

// TeamPage is one team.
type TeamPage struct {
	At time.Time `json:"at"`
	wire.Named
	Members []string `json:"members"`
	// Contacts have no target where it is secret.
	Contacts []agreement.Contact `json:"contacts"`
	// Provides and Consumes are the worst of its agreements, how many of them
	// there are stands with them.
	Provides      []AgreementRow `json:"provides"`
	ProvidesTally Tally          `json:"providesTally"`
	Consumes      []AgreementRow `json:"consumes"`
	ConsumesTally Tally          `json:"consumesTally"`
	// Dues are what waits for the team, the first one first.
	Dues       []Due    `json:"dues"`
	Unmeasured []string `json:"unmeasured"`
}

// Due is something that a team should do.
type Due struct {
	// Kind and Name are of the document that it is about.
	Kind string `json:"kind"`
	wire.Named
	Text string `json:"text"`
	// At is when it is due, or when what needs it begins; null: now.
	At *time.Time `json:"at"`
}

func (d Due) instant() time.Time {
	if d.At == nil {
		return time.Time{}
	}
	return *d.At
}

// dueWithin is how far ahead the dues of a team reach.
const dueWithin = 90 * 24 * time.Hour

// team answers one team.
func (h *handlers) team(r *http.Request, c *catalog.Catalog) (any, error) {
	name := r.PathValue("name")
	t := c.Teams[name]
	if t == nil {
		return nil, refuse(http.StatusNotFound, "there is no team %q%s", name, problem.DidYouMean(name, slices.Sorted(maps.Keys(c.Teams))))
	}
	all, at, unmeasured, err := h.standings(r, c)
	if err != nil {
		return nil, err
	}
	n := names{c}
	page := TeamPage{At: at, Named: n.team(name), Members: wire.List(t.Members),
		Contacts: wire.Each(t.Contacts, agreement.Contact.WithoutSecrets), Unmeasured: reasons(unmeasured)}
	party := func(of func(*agreement.Agreement) bool) (rows []AgreementRow, tally Tally) {
		var kept []standing
		for _, s := range all {
			if of(s.Agreement) {
				kept = append(kept, s)
				tally = tally.with(s)
			}
		}
		slices.SortStableFunc(kept, worstFirst)
		return wire.Each(kept[:min(pageSize, len(kept))], n.row), tally.done()
	}
	page.Provides, page.ProvidesTally = party(func(a *agreement.Agreement) bool { return a.Provider == name })
	page.Consumes, page.ConsumesTally = party(func(a *agreement.Agreement) bool { return slices.Contains(a.Consumers, name) })
	page.Dues, err = dues(r.Context(), c, name, at)
	return page, err
}

// dues are reviews, signatures and approvals that wait for the team.
func dues(ctx context.Context, c *catalog.Catalog, team string, at time.Time) ([]Due, error) {
	all := []Due{}
	for _, a := range c.Agreements {
		if !a.IsParty(team) || a.Stage == agreement.Retired {
			continue
		}
		due := Due{Kind: "Agreement", Named: wire.Named{Name: a.Name, DisplayName: a.DisplayName}}
		if a.IsReviewDue(at.Add(dueWithin)) {
			all = append(all, Due{due.Kind, due.Named, "Review it with the other parties", new(a.ReviewDue().UTC())})
		}
		signed := slices.ContainsFunc(a.Signatures, func(s agreement.Signature) bool { return s.Team == team })
		if !signed && (a.Stage == agreement.Proposed || a.Stage == agreement.Active && len(a.Signatures) > 0) {
			due.Text = "Sign it: the others have"
			if len(a.Signatures) == 0 {
				due.Text = "Sign it: it is proposed"
			}
			all = append(all, due)
		}
	}
	occurrences, err := scope.Occurrences(ctx, c.Exclusions, at, at.Add(dueWithin))
	if err != nil {
		return all, err
	}
	for i, x := range c.Exclusions {
		if len(occurrences[i]) > 0 && slices.Contains(wire.Approvers(c.Agreements, x), team) {
			all = append(all, Due{"Exclusion", wire.Named{Name: x.Name, DisplayName: x.DisplayName},
				"Approve it, or say no: it counts until then", new(time.UnixMilli(occurrences[i][0].From).UTC())})
		}
	}
	slices.SortStableFunc(all, func(a, b Due) int { return a.instant().Compare(b.instant()) })
	return all, nil
}
