package httpapi

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// AgreementContractTab describes in words what was agreed.
type AgreementContractTab struct {
	At          time.Time         `json:"at"`
	Description string            `json:"description,omitempty"`
	Promise     wire.PromiseText  `json:"promise"`
	Parties     []Party           `json:"parties"`
	Labels      map[string]string `json:"labels"`
	// Exclusions are all that name it or its service, also those without effect.
	Exclusions []ContractExclusion `json:"exclusions"`
	// DependsOn are the agreements that it depends on: any one of each inner list is enough.
	DependsOn [][]Related `json:"dependsOn"`
	// Dependents are the first agreements that depend on it; MoreDependents is the number of the others.
	Dependents     []Related        `json:"dependents"`
	MoreDependents int              `json:"moreDependents"`
	Escalation     []EscalationLine `json:"escalation"`
	Signatures     []SignatureLine  `json:"signatures"`
	// Review says when the parties review it; empty if no reviews were agreed.
	Review        string           `json:"review,omitempty"`
	ReviewOverdue bool             `json:"reviewOverdue"`
	Links         []agreement.Link `json:"links"`
	// Documents are the documents that it is made of.
	Documents []catalog.Listed `json:"documents"`
}

// Party is a team of an agreement with its contacts, without their secret addresses.
type Party struct {
	wire.Named
	Role     string              `json:"role"` // Provider or Consumer
	Contacts []agreement.Contact `json:"contacts"`
}

// ContractExclusion is an exclusion and its effect in one agreement.
type ContractExclusion struct {
	wire.Named
	Reason string `json:"reason,omitempty"`
	// When is the first occurrence and the rule by which it repeats.
	When       string `json:"when"`
	ApprovedBy string `json:"approvedBy,omitempty"`
	Effect     string `json:"effect"`
	HasEffect  bool   `json:"hasEffect"`
}

// Related is an agreement that another one depends on, or that depends on it.
type Related struct {
	wire.Named
	Objective string          `json:"objective,omitempty"`
	Stage     agreement.Stage `json:"stage"`
	// State is null if there is no such agreement.
	State *budget.State `json:"state"`
}

// EscalationLine says who is notified, and when.
type EscalationLine struct {
	When   string     `json:"when"`
	Notify wire.Named `json:"notify"`
	IsTeam bool       `json:"isTeam"`
}

// SignatureLine is the signature of a party, or a party that has not signed.
type SignatureLine struct {
	Team wire.Named `json:"team"`
	Name string     `json:"name,omitempty"`
	On   string     `json:"on,omitempty"`
	// Missing is true if the party has not signed.
	Missing bool `json:"missing"`
}

func (h *handlers) contractTab(r *http.Request, c *catalog.Catalog, a *agreement.Agreement) (any, error) {
	at, n := h.Present(), names{c}
	tab := AgreementContractTab{At: at, Description: a.Description, Promise: tables.PromiseInWords(a, at, n.teamText, n.serviceText), Parties: n.parties(a),
		Labels: wire.Labels(a.Labels), Escalation: wire.Each(a.Escalation, n.escalation), Signatures: n.signatures(a), Review: tables.ReviewText(a, at), ReviewOverdue: a.IsReviewDue(at),
		Links: wire.List(a.Links), Documents: n.documents(a)}
	tab.Exclusions = wire.Each(a.Exclusions, func(x *agreement.Exclusion) ContractExclusion {
		return ContractExclusion{Named: wire.Named{Name: x.Name, DisplayName: x.DisplayName}, Reason: x.Reason, When: tables.ExclusionTimes(x),
			ApprovedBy: n.approvedBy(x), Effect: tables.Capitalized(tables.ExclusionEffect(x, a)), HasEffect: x.HasEffectIn(a)}
	})
	h.relate(r, c, a, &tab)
	return tab, nil
}

// relate fills in the dependencies in both directions, with their states.
func (h *handlers) relate(r *http.Request, c *catalog.Catalog, a *agreement.Agreement, tab *AgreementContractTab) {
	var shown, dependents []*agreement.Agreement
	for _, other := range c.WithLeftOut() {
		if other.IsSLO {
			continue
		}
		if slices.Contains(a.Upstreams(), other.Name) {
			shown = append(shown, other)
		}
		if !a.IsSLO && slices.Contains(other.Upstreams(), a.Name) {
			dependents = append(dependents, other)
		}
	}
	dependents, tab.MoreDependents = firstOf(pageSize, dependents)
	all, _ := h.measured(r.Context(), append(shown, dependents...), tab.At)
	related := func(name, objective string) Related {
		i := slices.IndexFunc(all, func(of measure.AgreementResult) bool { return of.Agreement.Name == name })
		if i < 0 {
			return Related{Named: wire.Named{Name: name}, Objective: objective, Stage: agreement.Active}
		}
		return Related{wire.Named{Name: name, DisplayName: all[i].Agreement.DisplayName}, objective, all[i].Agreement.Stage, &all[i].State}
	}
	tab.Dependents = wire.Each(dependents, func(d *agreement.Agreement) Related { return related(d.Name, "") })
	slices.SortFunc(tab.Dependents, byText(Related.Title).compare)
	tab.DependsOn = wire.Each(a.DependsOn, func(d agreement.Dependency) []Related {
		return wire.Each(d.AnyOf, func(u agreement.Upstream) Related { return related(u.Agreement, u.Objective) })
	})
}

func (n names) parties(a *agreement.Agreement) []Party {
	party := func(name, role string) Party {
		team := cmp.Or(n.c.Teams[name], &agreement.Team{})
		return Party{Named: n.team(name), Role: role, Contacts: team.ShownContacts()}
	}
	all := wire.Each(a.Consumers, func(name string) Party { return party(name, "Consumer") })
	if a.Provider == "" {
		return all
	}
	return append([]Party{party(a.Provider, "Provider")}, all...)
}

// approvedBy returns who approved the exclusion, and on which day if that is stated; empty if nobody did.
func (n names) approvedBy(x *agreement.Exclusion) string {
	if x.ApprovedBy == "" || x.ApprovedOn.IsZero() {
		return n.teamText(x.ApprovedBy)
	}
	return n.teamText(x.ApprovedBy) + " on " + tables.Date(x.ApprovedOn, x.Zone)
}

func (n names) escalation(step agreement.EscalationStep) EscalationLine {
	return EscalationLine{tables.Capitalized(tables.EscalationTime(step)), n.team(step.Notify), n.c.Teams[step.Notify] != nil}
}

// signatures returns the signatures, then the parties without one.
func (n names) signatures(a *agreement.Agreement) []SignatureLine {
	all := wire.Each(a.Signatures, func(s agreement.Signature) SignatureLine {
		one := SignatureLine{Team: n.team(s.Team), Name: s.Name}
		if !s.On.IsZero() {
			one.On = tables.Date(s.On, a.Zone)
		}
		return one
	})
	for _, party := range append(filled(a.Provider), a.Consumers...) {
		if !slices.ContainsFunc(a.Signatures, func(s agreement.Signature) bool { return s.Team == party }) {
			all = append(all, SignatureLine{Team: n.team(party), Missing: true})
		}
	}
	return all
}

// documents returns the documents of the agreement, its objectives, support hours and exclusions.
func (n names) documents(a *agreement.Agreement) []catalog.Listed {
	ids := []catalog.ID{idOf(a)}
	for _, o := range a.Objectives {
		ids = append(ids, catalog.ID{Kind: "SLO", Name: o.SLO})
	}
	if a.SupportHours != nil {
		ids = append(ids, catalog.ID{Kind: "Calendar", Name: a.SupportHours.Name})
	}
	for _, x := range a.Exclusions {
		ids = append(ids, catalog.ID{Kind: "Exclusion", Name: x.Name})
	}
	var all []catalog.Listed
	for i, id := range ids {
		if listed, ok := n.c.Find(id); ok && !slices.Contains(ids[:i], id) {
			all = append(all, listed)
		}
	}
	return wire.List(all)
}
