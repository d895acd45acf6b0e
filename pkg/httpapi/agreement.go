package httpapi

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

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
	Dependencies []Dependency           `json:"dependencies"`
	Escalation   []Escalation           `json:"escalation"`
	Review       Review                 `json:"review"`
	ReportEvery  agreement.CalendarUnit `json:"reportEvery,omitempty"`
	ReportTo     []string               `json:"reportTo"`
	Consequences string                 `json:"consequences,omitempty"`
	Signatures   []Signature            `json:"signatures"`
	Links        []Link                 `json:"links"`
	Place        agreement.Place        `json:"place"`
	// Hash is that of the document, see [DocumentEntry].
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

// AppliedExclusion is an exclusion as it is to one agreement.
type AppliedExclusion struct {
	Exclusion
	// HasEffect says whether it changes this agreement's figures.
	HasEffect bool `json:"hasEffect"`
}

// Dependency is one agreement, or several of which any one suffices.
type Dependency struct {
	AnyOf []Upstream `json:"anyOf"`
}

// Upstream is an agreement that another depends on, and the objective that
// matters, where it is said.
type Upstream struct {
	Agreement string `json:"agreement"`
	Objective string `json:"objective,omitempty"`
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

// Signature is a party's consent.
type Signature struct {
	Team string     `json:"team"`
	Name string     `json:"name"`
	On   *time.Time `json:"on"`
}

// Link is a titled address.
type Link struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

func wholeText(a *agreement.Agreement) Agreement {
	text := Agreement{Summary: summary(a), Description: a.Description, Annotations: labels(a.Annotations),
		TimeZone: a.Zone.String(), EffectiveFrom: given(a.Effective.From), EffectiveUntil: given(a.Effective.Until),
		Definitions: []Definition{}, Exclusions: []AppliedExclusion{}, DependsOn: list(a.Upstreams()), Dependencies: []Dependency{},
		Escalation: []Escalation{}, Review: review(a), ReportEvery: a.Report.Every, ReportTo: list(a.Report.To),
		Consequences: a.Consequences, Signatures: []Signature{}, Links: []Link{}, Place: a.Place}
	if a.SupportHours != nil {
		text.SupportHours = a.SupportHours.Name
	}
	for _, o := range a.Objectives {
		text.Definitions = append(text.Definitions, definition(o))
	}
	for _, x := range a.Exclusions {
		text.Exclusions = append(text.Exclusions, AppliedExclusion{exclusion(x), x.HasEffectIn(a)})
	}
	for _, d := range a.DependsOn {
		dependency := Dependency{}
		for _, upstream := range d.AnyOf {
			dependency.AnyOf = append(dependency.AnyOf, Upstream(upstream))
		}
		text.Dependencies = append(text.Dependencies, dependency)
	}
	for _, step := range a.Escalation {
		text.Escalation = append(text.Escalation, Escalation{step.After.Seconds(), step.Notify})
	}
	for _, s := range a.Signatures {
		text.Signatures = append(text.Signatures, Signature{s.Team, s.Name, given(s.On)})
	}
	for _, l := range a.Links {
		text.Links = append(text.Links, Link(l))
	}
	return text
}

func definition(o *agreement.Objective) Definition {
	d := Definition{Objective: o.Name, SLI: o.SLI.Name, Kind: o.SLI.Kind, Op: o.Op,
		Good: query(o.SLI.Good), Bad: query(o.SLI.Bad), Total: query(o.SLI.Total), Gauge: query(o.SLI.Gauge)}
	if o.SLI.Kind == agreement.Threshold {
		d.Value = &o.Value
	}
	return d
}

func query(q *agreement.Query) string {
	switch {
	case q == nil:
		return ""
	case q.Expr != "":
		return q.Expr
	}
	return q.Histogram
}

func review(a *agreement.Agreement) Review {
	r := Review{Last: given(a.Review.Last)}
	if a.Review.Every > 0 {
		r.Every = agreement.FormatDuration(a.Review.Every)
		r.Due = given(a.ReviewDue())
	}
	return r
}
