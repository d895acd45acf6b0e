package wire

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/problem"
)

// Catalog is what there is to choose from.
type Catalog struct {
	Agreements []Summary `json:"agreements"`
	// SLOs are those that no agreement names.
	SLOs       []Summary         `json:"slos"`
	Services   []Named           `json:"services"`
	Teams      []Named           `json:"teams"`
	Calendars  []Named           `json:"calendars"`
	Exclusions []Exclusion       `json:"exclusions"`
	Problems   []problem.Problem `json:"problems"`
	// Documents is the number of those without errors.
	Documents int `json:"documents"`
}

// Summary is an agreement, or an SLO that none names, in a list.
type Summary struct {
	Named
	Stage      agreement.Stage   `json:"stage"`
	Service    string            `json:"service"`
	Provider   string            `json:"provider,omitempty"`
	Consumers  []string          `json:"consumers"`
	Labels     map[string]string `json:"labels"`
	Objectives []Objective       `json:"objectives"`
	// ReviewDue is when the parties of an active agreement should look at it
	// again; null without a rhythm.
	ReviewDue *time.Time `json:"reviewDue"`
}

// Objective is what was promised, in words that a program can read.
type Objective struct {
	Named
	SLO    string  `json:"slo,omitempty"`
	Target float64 `json:"target"` // ratio, in force until the first revision
	Window string  `json:"window"`
	// TimeSliceWindow and TimeSliceTarget are of time slices only.
	Budgeting       agreement.Budgeting  `json:"budgeting"`
	TimeSliceWindow string               `json:"timeSliceWindow,omitempty"`
	TimeSliceTarget float64              `json:"timeSliceTarget,omitempty"`
	Select          map[string]string    `json:"select,omitempty"`
	GroupBy         []string             `json:"groupBy,omitempty"`
	NoData          agreement.NoData     `json:"noData,omitempty"`
	MinEvents       float64              `json:"minEvents,omitempty"`
	MinCoverage     float64              `json:"minCoverage,omitempty"`
	Revisions       []agreement.Revision `json:"revisions,omitempty"`
	// OtherConnection says why this connection never asks for it.
	OtherConnection string `json:"unmeasured,omitempty"`
}

// Exclusion is time that does not count once the other party agreed.
type Exclusion struct {
	Named
	Reason     string                  `json:"reason,omitempty"`
	Category   string                  `json:"category"`
	Mode       agreement.ExclusionMode `json:"mode"`
	Services   []string                `json:"services,omitempty"`
	Agreements []string                `json:"agreements,omitempty"`
	// From and To are the first occurrence, Recurrence an RFC 5545 rule.
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	Recurrence  string    `json:"recurrence,omitempty"`
	TimeZone    string    `json:"timeZone"`
	RequestedBy string    `json:"requestedBy,omitempty"`
	ApprovedBy  string    `json:"approvedBy,omitempty"`
	ApprovedOn  time.Time `json:"approvedOn,omitzero"`
}

// AppliedExclusion is an exclusion as it is to one agreement.
type AppliedExclusion struct {
	Exclusion
	// HasEffect says whether it changes this agreement's figures.
	HasEffect bool `json:"hasEffect"`
}

// Agreement is the whole text of one.
type Agreement struct {
	Summary
	Description    string            `json:"description"`
	Annotations    map[string]string `json:"annotations"`
	TimeZone       string            `json:"timeZone"`
	EffectiveFrom  *time.Time        `json:"effectiveFrom"`
	EffectiveUntil *time.Time        `json:"effectiveUntil"`
	SupportHours   string            `json:"supportHours,omitempty"` // a Calendar; empty: around the clock
	// Definitions are the indicators of the objectives, by objective.
	Definitions []Definition       `json:"definitions"`
	Exclusions  []AppliedExclusion `json:"exclusions"`
	// DependsOn are the agreements that this one rests on; Dependencies tells
	// which of them can stand in for each other.
	DependsOn    []string               `json:"dependsOn"`
	Dependencies []agreement.Dependency `json:"dependencies"`
	Escalation   []Escalation           `json:"escalation"`
	Review       Review                 `json:"review"`
	ReportEvery  agreement.CalendarUnit `json:"reportEvery,omitempty"`
	ReportTo     []string               `json:"reportTo"`
	Consequences string                 `json:"consequences,omitempty"`
	Signatures   []agreement.Signature  `json:"signatures"`
	Links        []agreement.Link       `json:"links"`
	Place        agreement.Place        `json:"place"`
	// Hash is that of the document; empty where it cannot be changed alone.
	Hash string `json:"hash,omitempty"`
}

// Definition is the indicator of an objective as it is written.
type Definition struct {
	Objective string            `json:"objective"`
	SLI       string            `json:"sli,omitempty"`
	Kind      agreement.SLIKind `json:"kind"`
	Op        agreement.Op      `json:"op,omitempty"`
	Value     *float64          `json:"value,omitempty"`
	Good      string            `json:"good,omitempty"`
	Bad       string            `json:"bad,omitempty"`
	Total     string            `json:"total,omitempty"`
	Gauge     string            `json:"gauge,omitempty"`
}

// Escalation says who is told how many seconds after an alert began.
type Escalation struct {
	AfterSeconds float64 `json:"afterSeconds"`
	Notify       string  `json:"notify"`
}

// Review is when the parties look at the agreement again.
type Review struct {
	Every string     `json:"every,omitempty"`
	Last  *time.Time `json:"last"`
	Due   *time.Time `json:"due"`
}

// NewCatalog lists what the catalog holds, by name.
func NewCatalog(c *catalog.Catalog) Catalog {
	return Catalog{Agreements: Each(c.Agreements, NewSummary), SLOs: Each(c.SLOs, NewSummary),
		Services:   ByName(c.Services, func(s *agreement.Service) Named { return Named{s.Name, s.DisplayName} }),
		Teams:      ByName(c.Teams, func(t *agreement.Team) Named { return Named{t.Name, t.DisplayName} }),
		Calendars:  ByName(c.Calendars, func(c *agreement.Calendar) Named { return Named{c.Name, c.DisplayName} }),
		Exclusions: Each(c.Exclusions, NewExclusion), Problems: List(c.Problems), Documents: c.Documents}
}

// NewSummary converts an agreement for a list.
func NewSummary(a *agreement.Agreement) Summary {
	s := Summary{Named: Named{a.Name, a.DisplayName}, Stage: a.Stage, Service: a.Service, Provider: a.Provider,
		Consumers: List(a.Consumers), Labels: Labels(a.Labels), Objectives: Each(a.Objectives, newObjective)}
	if a.Stage == agreement.Active {
		s.ReviewDue = NullTime(a.ReviewDue())
	}
	return s
}

func newObjective(o *agreement.Objective) Objective {
	text := Objective{Named: Named{o.Name, o.DisplayName}, SLO: o.SLO, Target: o.Target, Window: o.Window.String(),
		Budgeting: o.Budgeting, TimeSliceTarget: o.TimeSliceTarget, Select: o.Select, GroupBy: o.GroupBy, NoData: o.NoData,
		MinEvents: o.MinEvents, MinCoverage: o.MinCoverage, Revisions: o.Revisions, OtherConnection: o.OtherConnection}
	if o.TimeSliceWindow > 0 {
		text.TimeSliceWindow = agreement.FormatDuration(o.TimeSliceWindow)
	}
	return text
}

// NewExclusion converts an exclusion; its instants keep their zone.
func NewExclusion(x *agreement.Exclusion) Exclusion {
	return Exclusion{Named: Named{x.Name, x.DisplayName}, Reason: x.Reason, Category: x.Category, Mode: x.Mode,
		Services: x.Services, Agreements: x.Agreements, From: x.From, To: x.To, Recurrence: x.Recurrence,
		TimeZone: x.Zone.String(), RequestedBy: x.RequestedBy, ApprovedBy: x.ApprovedBy, ApprovedOn: x.ApprovedOn}
}

// UTC is the exclusion with its instants in UTC.
func (x Exclusion) UTC() Exclusion {
	x.From, x.To, x.ApprovedOn = x.From.UTC(), x.To.UTC(), x.ApprovedOn.UTC()
	return x
}

// NewAgreement converts the whole text of an agreement, without its hash.
func NewAgreement(a *agreement.Agreement) Agreement {
	text := Agreement{Summary: NewSummary(a), Description: a.Description, Annotations: Labels(a.Annotations),
		TimeZone: a.Zone.String(), EffectiveFrom: NullTime(a.Effective.From), EffectiveUntil: NullTime(a.Effective.Until),
		Definitions: Each(a.Objectives, NewDefinition), DependsOn: List(a.Upstreams()), Dependencies: List(a.DependsOn),
		Review: Review{Last: NullTime(a.Review.Last)}, ReportEvery: a.Report.Every, ReportTo: List(a.Report.To),
		Consequences: a.Consequences, Signatures: List(a.Signatures), Links: List(a.Links), Place: a.Place}
	text.Exclusions = Each(a.Exclusions, func(x *agreement.Exclusion) AppliedExclusion {
		return AppliedExclusion{NewExclusion(x), x.HasEffectIn(a)}
	})
	text.Escalation = Each(a.Escalation, func(step agreement.EscalationStep) Escalation {
		return Escalation{step.After.Seconds(), step.Notify}
	})
	if a.SupportHours != nil {
		text.SupportHours = a.SupportHours.Name
	}
	if a.Review.Every > 0 {
		text.Review.Every, text.Review.Due = agreement.FormatDuration(a.Review.Every), NullTime(a.ReviewDue())
	}
	return text
}

// NewDefinition converts the indicator of an objective.
func NewDefinition(o *agreement.Objective) Definition {
	query := func(q *agreement.Query) string {
		if q == nil {
			return ""
		}
		return cmp.Or(q.Expr, q.Histogram)
	}
	d := Definition{Objective: o.Name, SLI: o.SLI.Name, Kind: o.SLI.Kind, Op: o.Op,
		Good: query(o.SLI.Good), Bad: query(o.SLI.Bad), Total: query(o.SLI.Total), Gauge: query(o.SLI.Gauge)}
	if o.SLI.Kind == agreement.Threshold {
		d.Value = &o.Value
	}
	return d
}

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
	provides, consumes := map[string][]string{}, map[string][]string{}
	for _, a := range c.Agreements {
		provides[a.Provider] = append(provides[a.Provider], a.Name)
		for _, consumer := range a.Consumers {
			consumes[consumer] = append(consumes[consumer], a.Name)
		}
	}
	return ByName(c.Teams, func(t *agreement.Team) Team {
		return Team{Named: Named{t.Name, t.DisplayName}, Labels: Labels(t.Labels), Members: List(t.Members),
			Contacts: t.ShownContacts(), Provides: List(provides[t.Name]), Consumes: List(consumes[t.Name]), Place: t.Place}
	})
}

// Approvers are the teams whose approval would give the exclusion effect in one of
// the agreements in which it has none, by name; none where nobody asks for it.
func Approvers(agreements []*agreement.Agreement, x *agreement.Exclusion) []string {
	approvers := map[string]bool{}
	for _, a := range agreements {
		if x.RequestedBy == "" || !slices.Contains(a.Exclusions, x) || x.HasEffectIn(a) {
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
