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

// Tally counts agreements by state.
type Tally struct {
	// Count is the number of agreements; Worst is the worst state of the active ones, null without any.
	Count int           `json:"count"`
	Worst *budget.State `json:"worst"`
	// Text lists the number of agreements in each state, worst first.
	Text string `json:"text"`
}

func newTally(of []standing) Tally {
	t, states, inactive := Tally{Count: len(of)}, map[budget.State]int{}, 0
	for _, s := range of {
		if s.Agreement.Stage == agreement.Active {
			states[s.State]++
		} else {
			inactive++
		}
	}
	var parts []string
	for _, state := range budget.States {
		if n := states[state]; n > 0 {
			t.Worst = cmp.Or(t.Worst, &state)
			parts = append(parts, fmt.Sprintf("%d %s", n, tables.StateText(state)))
		}
	}
	if inactive > 0 {
		parts = append(parts, fmt.Sprintf("%d not active", inactive))
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
	// All is the number of teams, whatever the search.
	All        int      `json:"all"`
	Unmeasured []string `json:"unmeasured"`
}

// TeamRow is a team with tallies of what it provides and consumes.
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

func (s standings) teams(r *http.Request) (any, error) {
	provides, consumes := map[string][]standing{}, map[string][]standing{}
	for _, one := range s.all {
		provides[one.Agreement.Provider] = append(provides[one.Agreement.Provider], one)
		for _, name := range one.Agreement.Consumers {
			consumes[name] = append(consumes[name], one)
		}
	}
	var rows []TeamRow
	for name := range s.c.Teams {
		rows = append(rows, TeamRow{s.team(name), newTally(provides[name]), newTally(consumes[name])})
	}
	page, paging, err := teamList().page(r.URL.Query(), rows)
	return TeamRows{s.at, page, paging, len(rows), s.unmeasured}, err
}

// Matrix is a page of providers, with what they promise to each consumer.
type Matrix struct {
	At time.Time `json:"at"`
	// Consumers are the columns: the teams to which these providers promise anything. MoreConsumers is
	// the number of those beyond the limit.
	Consumers     []wire.Named `json:"consumers"`
	MoreConsumers int          `json:"moreConsumers"`
	Rows          []MatrixRow  `json:"rows"`
	Paging
	Unmeasured []string `json:"unmeasured"`
}

// MatrixRow is what one provider promises.
type MatrixRow struct {
	wire.Named
	// Cells are keyed by consumer, without those to which nothing is promised.
	Cells map[string]Tally `json:"cells"`
}

const maxColumns = 30

// matrix returns providers that match `search`, with what they promise to the consumers in `consumer`.
func (s standings) matrix(r *http.Request) (any, error) {
	query := r.URL.Query()
	cells := map[string]map[string][]standing{}
	for _, one := range s.all {
		for _, consumer := range one.Agreement.Consumers {
			if !hasEach(query["consumer"], []string{consumer}) {
				continue
			}
			if cells[one.Agreement.Provider] == nil {
				cells[one.Agreement.Provider] = map[string][]standing{}
			}
			cells[one.Agreement.Provider][consumer] = append(cells[one.Agreement.Provider][consumer], one)
		}
	}
	providers := wire.Each(slices.Collect(maps.Keys(cells)), func(name string) TeamRow { return TeamRow{Named: s.team(name)} })
	page, paging, err := teamList().page(url.Values{"search": query["search"], "page": query["page"]}, providers)
	if err != nil {
		return nil, err
	}
	consumers := map[string]wire.Named{}
	for _, provider := range page {
		for name := range cells[provider.Name] {
			consumers[name] = s.team(name)
		}
	}
	answer := Matrix{At: s.at, Paging: paging, Unmeasured: s.unmeasured}
	answer.Consumers, answer.MoreConsumers = firstOf(maxColumns, slices.SortedFunc(maps.Values(consumers), byText(wire.Named.Title).compare))
	answer.Consumers = wire.List(answer.Consumers)
	answer.Rows = wire.Each(page, func(provider TeamRow) MatrixRow {
		row := MatrixRow{provider.Named, map[string]Tally{}}
		for _, consumer := range answer.Consumers {
			if of := cells[provider.Name][consumer.Name]; len(of) > 0 {
				row.Cells[consumer.Name] = newTally(of)
			}
		}
		return row
	})
	return answer, nil
}

// TeamPage is one team.
type TeamPage struct {
	At time.Time `json:"at"`
	wire.Named
	Members []string `json:"members"`
	// Contacts have an empty target where it is secret.
	Contacts []agreement.Contact `json:"contacts"`
	// Provides and Consumes are the worst of its agreements; the tallies count all of them.
	Provides      []AgreementRow `json:"provides"`
	ProvidesTally Tally          `json:"providesTally"`
	Consumes      []AgreementRow `json:"consumes"`
	ConsumesTally Tally          `json:"consumesTally"`
	// Dues are what the team should do, the earliest first.
	Dues       []Due    `json:"dues"`
	Unmeasured []string `json:"unmeasured"`
}

// Due is something that a team should do.
type Due struct {
	// Kind and Name identify the document that it is about.
	Kind string `json:"kind"`
	wire.Named
	Text string `json:"text"`
	// At is when it is due, or when the exclusion to approve begins; null means now. Its date is in TimeZone.
	At       *time.Time `json:"at"`
	TimeZone string     `json:"timeZone,omitempty"`
}

// dueWithin is how far ahead the dues of a team reach.
const dueWithin = 90 * 24 * time.Hour

func (s standings) teamPage(r *http.Request) (any, error) {
	name := r.PathValue("name")
	t := s.c.Teams[name]
	_, known := s.c.Find(catalog.ID{Kind: "Team", Name: name})
	switch where := s.c.MaybeIn(); {
	case t != nil:
	case known:
		return nil, Refuse(http.StatusConflict, "the team %s has errors: see it among the documents", name)
	case where != "":
		return nil, Refuse(http.StatusConflict, "the team %s is not read, if it is in %s", name, where)
	default:
		return nil, Refuse(http.StatusNotFound, "there is no team %q%s", name, problem.DidYouMean(name, slices.Sorted(maps.Keys(s.c.Teams))))
	}
	page := TeamPage{At: s.at, Named: s.team(name), Members: wire.List(t.Members),
		Contacts: t.ShownContacts(), Unmeasured: s.unmeasured}
	party := func(of func(*agreement.Agreement) bool) ([]AgreementRow, Tally) {
		kept := slices.DeleteFunc(slices.Clone(s.all), func(one standing) bool { return !of(one.Agreement) })
		slices.SortStableFunc(kept, worstFirst)
		return wire.Each(kept[:min(pageSize, len(kept))], s.row), newTally(kept)
	}
	page.Provides, page.ProvidesTally = party(func(a *agreement.Agreement) bool { return a.Provider == name })
	page.Consumes, page.ConsumesTally = party(func(a *agreement.Agreement) bool { return slices.Contains(a.Consumers, name) })
	var err error
	page.Dues, err = dues(r.Context(), s.c, name, s.at)
	return page, err
}

// dues returns the reviews, signatures and approvals that are due from the team.
func dues(ctx context.Context, c *catalog.Catalog, team string, at time.Time) ([]Due, error) {
	all := []Due{}
	for _, a := range c.Agreements {
		if !a.IsParty(team) || a.Stage == agreement.Retired {
			continue
		}
		due := Due{Kind: "Agreement", Named: nameOf(a)}
		if a.IsReviewDue(at.Add(dueWithin)) {
			all = append(all, Due{due.Kind, due.Named, "Review it with the other parties", new(a.ReviewDue().UTC()), a.Zone.String()})
		}
		signed := slices.ContainsFunc(a.Signatures, func(s agreement.Signature) bool { return s.Team == team })
		if !signed && !a.IsOver(at) && (a.Stage == agreement.Proposed || a.Stage == agreement.Active && len(a.Signatures) > 0) {
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
	concerned := concernedBy(c)
	for i, x := range c.Exclusions {
		if slices.ContainsFunc(concerned[x], x.HasEffectIn) { // a second approval would replace the one of another team
			continue
		}
		counts := slices.DeleteFunc(concerned[x], func(a *agreement.Agreement) bool { return a.Stage == agreement.Draft || a.IsOver(at) })
		if len(occurrences[i]) > 0 && slices.Contains(wire.Approvers(counts, x), team) {
			all = append(all, Due{"Exclusion", wire.Named{Name: x.Name, DisplayName: x.DisplayName},
				"Approve it, or say no: it counts until then", new(time.UnixMilli(occurrences[i][0].From).UTC()), x.Zone.String()})
		}
	}
	now := &time.Time{}
	slices.SortStableFunc(all, func(a, b Due) int { return cmp.Or(a.At, now).Compare(*cmp.Or(b.At, now)) })
	return all, nil
}
