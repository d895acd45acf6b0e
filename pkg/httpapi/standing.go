package httpapi

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// standing is an agreement with its status, and what it is sorted and filtered by.
type standing struct {
	measure.AgreementResult
	Alerting
	worst     measure.Result
	blind     bool // an objective is blind or has no data
	reviewDue bool
}

func newStanding(result measure.AgreementResult, at time.Time) standing {
	blind := func(r measure.Result) bool { return r.State == budget.NoData || r.Blind >= budget.BlindAfter }
	return standing{AgreementResult: result, worst: slices.MinFunc(result.Objectives, measure.ByWorst),
		Alerting:  slices.MinFunc(wire.Each(result.Objectives, alerting), bySeverest),
		blind:     result.Agreement.Stage == agreement.Active && slices.ContainsFunc(result.Objectives, blind),
		reviewDue: result.Agreement.IsReviewDue(at)}
}

// alerting returns the alert that fires for an objective; none does unless the agreement is active.
func alerting(r measure.Result) Alerting {
	severity := budget.FiringSeverity(r.Alerts)
	if severity == "" || r.Agreement.Stage != agreement.Active {
		return Alerting{AlertValue: budget.Absent}
	}
	value, _ := budget.AlertValue(r.Alerts, severity)
	return Alerting{severity, value.AsRate()}
}

var severityRanks = map[agreement.Severity]int{agreement.Page: 0, agreement.Ticket: 1, "": 2}

func bySeverity(a, b Alerting) int {
	return cmp.Compare(severityRanks[a.Alert], severityRanks[b.Alert])
}

func bySeverest(a, b Alerting) int {
	return cmp.Or(bySeverity(a, b), cmp.Compare(b.AlertValue, a.AlertValue))
}

// The values of the filter state in addition to the states themselves.
const (
	isFiring    = "firing"
	isBlind     = "blind"
	isReviewDue = "review_due"
)

// tiles are the values of the filter state that every answer counts.
var tiles = []string{string(budget.Breached), string(budget.AtRisk), isFiring, isBlind, string(budget.Met), isReviewDue}

func (s standing) states() []string {
	is := map[string]bool{string(s.State): true, isFiring: s.Alert != "", isBlind: s.blind, isReviewDue: s.reviewDue}
	maps.DeleteFunc(is, func(_ string, is bool) bool { return !is })
	return slices.Collect(maps.Keys(is))
}

// standaloneSLO is the value of the filter stage for an SLO that no agreement names.
const standaloneSLO = "none"

func (s standing) stage() string {
	if s.Agreement.IsSLO {
		return standaloneSLO
	}
	return string(s.Agreement.Stage)
}

// names looks up the display names of teams and services.
type names struct{ c *catalog.Catalog }

func nameOf(a *agreement.Agreement) wire.Named {
	return wire.Named{Name: a.Name, DisplayName: a.DisplayName}
}

func (n names) team(name string) wire.Named {
	return wire.Named{Name: name, DisplayName: cmp.Or(n.c.Teams[name], &agreement.Team{}).DisplayName}
}

// someTeam returns nil for an empty name.
func (n names) someTeam(name string) *wire.Named {
	if name == "" {
		return nil
	}
	return new(n.team(name))
}

func (n names) service(name string) wire.Named {
	return wire.Named{Name: name, DisplayName: cmp.Or(n.c.Services[name], &agreement.Service{}).DisplayName}
}

func (n names) teamText(name string) string { return n.team(name).Title() }

func (n names) serviceText(name string) string { return n.service(name).Title() }

// labels returns, for each filter, a function that names its values for people.
func (n names) labels() map[string]func(string) string {
	words := map[string]string{isFiring: "Firing", isBlind: "Blind or no data", isReviewDue: "Review due", standaloneSLO: "SLO without agreement"}
	word := func(value string) string {
		return cmp.Or(words[value], tables.Capitalized(tables.StateText(budget.State(value))))
	}
	return map[string]func(string) string{"state": word, "stage": word, "provider": n.teamText, "consumer": n.teamText,
		"service": n.serviceText, "label": func(pair string) string { return pair }}
}

func (n names) list() list[standing] {
	return list[standing]{
		text: n.text,
		filters: map[string]func(standing) []string{
			"state":    standing.states,
			"stage":    func(s standing) []string { return []string{s.stage()} },
			"service":  func(s standing) []string { return []string{s.Agreement.Service} },
			"provider": func(s standing) []string { return filled(s.Agreement.Provider) },
			"consumer": func(s standing) []string { return s.Agreement.Consumers },
			"label":    func(s standing) []string { return wire.Pairs(s.Agreement.Labels) },
		},
		sorts: map[string]order[standing]{
			"":           {compare: worstFirst},
			"state":      {compare: worstFirst},
			"name":       byTitle,
			"alert":      byFigure(func(s standing) budget.Figure { return s.AlertValue }),
			"compliance": byFigure(func(s standing) budget.Figure { return s.worst.Compliance }),
			"remaining":  byRemaining,
			"burn":       byFigure(standing.burn),
		},
	}
}

var (
	byRemaining = byFigure(func(s standing) budget.Figure { return s.worst.Remaining })
	byTitle     = byText(func(s standing) string { return s.Agreement.Title() })
)

// worstFirst orders by state, severity of the firing alert, remaining budget and title.
func worstFirst(a, b standing) int {
	return cmp.Or(budget.ByWorst(a.State, b.State), bySeverity(a.Alerting, b.Alerting),
		byRemaining.directed(a, b, false), byTitle.compare(a, b))
}

func (n names) text(s standing) string {
	a := s.Agreement
	words := []string{a.Name, a.DisplayName, a.Service, n.serviceText(a.Service)}
	for _, team := range a.Parties() {
		words = append(words, team, n.teamText(team))
	}
	for _, o := range a.Objectives {
		words = append(words, o.Name, o.DisplayName)
	}
	return strings.Join(append(words, wire.Pairs(a.Labels)...), "\n")
}

func filled(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func (s standing) burn() budget.Figure { return tables.BurnOver(s.worst.Burn, time.Hour) }
