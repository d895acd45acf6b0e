package wire

import (
	"maps"
	"slices"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
)

// Team is a party with what it promised and what it was promised.
type Team struct {
	Named
	Labels  map[string]string `json:"labels"`
	Members []string          `json:"members"`
	// Contacts have no target where it is secret.
	Contacts []agreement.Contact `json:"contacts"`
	// Provides and Consumes are names of agreements.
	Provides []string        `json:"provides"`
	Consumes []string        `json:"consumes"`
	Place    agreement.Place `json:"place"`
}

// NewTeams lists the teams by name, with their agreements.
func NewTeams(c *catalog.Catalog) []Team {
	return named(c.Teams, func(t *agreement.Team) Team {
		team := Team{Named: Named{t.Name, t.DisplayName}, Labels: labels(t.Labels), Members: List(t.Members),
			Contacts: Each(t.Contacts, agreement.Contact.WithoutSecrets), Provides: []string{}, Consumes: []string{}, Place: t.Place}
		for _, a := range c.Agreements {
			if a.Provider == t.Name {
				team.Provides = append(team.Provides, a.Name)
			}
			if slices.Contains(a.Consumers, t.Name) {
				team.Consumes = append(team.Consumes, a.Name)
			}
		}
		return team
	})
}

// Approvers are the teams whose approval would give the exclusion effect in one of
// the agreements in which it has none, by name.
func Approvers(agreements []*agreement.Agreement, x *agreement.Exclusion) []string {
	approvers := map[string]bool{}
	for _, a := range agreements {
		if !slices.Contains(a.Exclusions, x) || x.HasEffectIn(a) {
			continue
		}
		for _, party := range a.Parties() {
			if party != x.RequestedBy {
				approvers[party] = true
			}
		}
	}
	return List(slices.Sorted(maps.Keys(approvers)))
}
