// Package agreement is the data model of Accord: what two teams of one company
// promised each other, as plain values.
//
// Nothing here does I/O, knows Grafana or Prometheus, or reads the clock. The
// values are resolved: package catalog makes them from documents, with every
// reference followed and every default filled in, so that other packages look up
// no names. What the values mean is defined in package scope (time) and package
// budget (figures). Values that are served unchanged have their JSON names here;
// the others are converted in package wire.
package agreement

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Place is where in the documents a value is defined. Line and Column count from 1.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// Stage is the stage of an agreement. Only active agreements count in states and alerts.
type Stage string

// The stages of an agreement, in their usual order.
const (
	Draft    Stage = "draft"
	Proposed Stage = "proposed"
	Active   Stage = "active"
	Retired  Stage = "retired"
)

// Agreement is a promise of one provider to one or more consumers about one
// service. An SLO of OpenSLO is represented as one without parties that is always in
// effect: promised to nobody in particular until an agreement names it.
type Agreement struct {
	Name string
	// IsSLO says that its document is an SLO, which no agreement names.
	IsSLO       bool `json:"-"`
	DisplayName string
	Description string
	Labels      map[string]string
	Annotations map[string]string

	Service   string
	Provider  string
	Consumers []string
	Stage     Stage

	// Zone is the time zone of the agreement's dates and calendar windows.
	Zone *time.Location
	// Effective is when the agreement is in effect.
	Effective Period
	// SupportHours is nil if the agreement covers all hours.
	SupportHours *Calendar
	// Exclusions are all that name this agreement or its service, including those
	// without effect here; see [Exclusion.HasEffectIn].
	Exclusions []*Exclusion

	Objectives []*Objective

	DependsOn    []Dependency
	Escalation   []EscalationStep
	Review       Review
	Report       ReportPlan
	Consequences string
	Signatures   []Signature
	Links        []Link

	Place Place

	// NotRead says why the document is left out. Nothing is measured then, and the other
	// fields hold what could be read. It is empty for an agreement in force.
	NotRead string `json:",omitzero"`
}

// Period is a span of time, From inclusive and Until exclusive. A zero Until
// means without end; a zero From, without beginning.
type Period struct {
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Contains reports whether t lies within the period.
func (p Period) Contains(t time.Time) bool {
	return !t.Before(p.From) && (p.Until.IsZero() || t.Before(p.Until))
}

// LastDay names the day on which it ends: for an Until at midnight, the day before.
func (p Period) LastDay() string { return p.Until.Add(-time.Nanosecond).Format("2 January 2006") }

// Title returns the name shown to people.
func (a *Agreement) Title() string { return cmp.Or(a.DisplayName, a.Name) }

// Kind returns the kind of its document.
func (a *Agreement) Kind() string {
	if a.IsSLO {
		return "SLO"
	}
	return "Agreement"
}

// IsOver reports whether the agreement is retired or has ended.
func (a *Agreement) IsOver(at time.Time) bool {
	until := a.Effective.Until
	return a.Stage == Retired || !until.IsZero() && !at.Before(until)
}

// Always returns the agreement as if it had always been in effect.
func (a *Agreement) Always() *Agreement {
	inEffect := *a
	inEffect.Effective = Period{}
	return &inEffect
}

// Parties returns the provider and the consumers.
func (a *Agreement) Parties() []string { return append([]string{a.Provider}, a.Consumers...) }

// IsParty reports whether the team is the provider or one of the consumers.
func (a *Agreement) IsParty(team string) bool {
	return team != "" && (team == a.Provider || slices.Contains(a.Consumers, team))
}

// ObjectiveNames returns the names of its objectives, in the order of the document.
func (a *Agreement) ObjectiveNames() []string {
	names := make([]string, len(a.Objectives))
	for i, o := range a.Objectives {
		names[i] = o.Name
	}
	return names
}

// Dependency is something that the provider needs to fulfill the agreement: another
// agreement, or any one of several.
type Dependency struct {
	AnyOf []Upstream `json:"anyOf"` // one or more
}

// Upstream is an agreement under which the provider is itself a consumer.
type Upstream struct {
	Agreement string `json:"agreement"`
	// Objective is the one that matters; empty if none is named.
	Objective string `json:"objective,omitempty"`
}

// Upstreams returns the names of the agreements that this one depends on, each once.
func (a *Agreement) Upstreams() []string {
	var names []string
	for _, dependency := range a.DependsOn {
		for _, upstream := range dependency.AnyOf {
			if !slices.Contains(names, upstream.Agreement) {
				names = append(names, upstream.Agreement)
			}
		}
	}
	return names
}

// EscalationStep says who is notified how long after an alert began.
type EscalationStep struct {
	After  time.Duration
	Notify string // a Team, or a contact of one
}

// Review is how often the parties review the agreement.
type Review struct {
	Every time.Duration // 0: none agreed
	Last  time.Time     // zero: never yet
}

// Key identifies the agreement across reloads of the documents. It differs between an
// SLO and an agreement of the same name.
func (a *Agreement) Key() string { return a.Kind() + "/" + a.Name }

// ReviewDue returns when the next review is due: Every after the last one or, without
// one, after the agreement began; zero if neither is known, no review was agreed, or the
// agreement ends before it.
func (a *Agreement) ReviewDue() time.Time {
	since := cmp.Or(a.Review.Last, a.Effective.From)
	if a.Review.Every == 0 || since.IsZero() {
		return time.Time{}
	}
	const day = 24 * time.Hour
	due := since.AddDate(0, 0, int(a.Review.Every/day)).Add(a.Review.Every % day) // a change of the clocks moves no day
	until := a.Effective.Until
	if !until.IsZero() && !due.Before(until) {
		return time.Time{}
	}
	return due
}

// IsReviewDue reports whether a review of an active agreement is due before by.
func (a *Agreement) IsReviewDue(by time.Time) bool {
	due := a.ReviewDue()
	return a.Stage == Active && !due.IsZero() && due.Before(by)
}

// ReportPlan is how often a statement is sent, and to which teams.
type ReportPlan struct {
	Every CalendarUnit // "": none agreed
	To    []string
}

// Signature is a party's consent.
type Signature struct {
	Team string    `json:"team"`
	Name string    `json:"name,omitempty"`
	On   time.Time `json:"on,omitzero"`
}

// Link is a titled address, shown and never rendered as HTML.
type Link struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Team is a party, with the people who act for it and the ways to reach it.
type Team struct {
	Name        string
	DisplayName string
	Labels      map[string]string
	Members     []string // Grafana logins or e-mail addresses
	Contacts    []Contact
	Place       Place
}

// Service is what a provider runs, an OpenSLO Service.
type Service struct {
	Name        string
	DisplayName string
	Labels      map[string]string
	Place       Place
}

// Canonical returns a text that is equal for two plain values exactly if they mean the
// same. It has time zones by name and instants in UTC, and ignores each [Place].
func Canonical(value any) string {
	text, err := json.Marshal(value, json.Deterministic(true), jsontext.AllowInvalidUTF8(true), canonicalTypes)
	if err != nil {
		panic(fmt.Sprintf("%T is no plain value: %v", value, err))
	}
	return string(text)
}

var canonicalTypes = json.WithMarshalers(json.JoinMarshalers(
	asText((*time.Location).String),
	asText(func(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }),
	asText(time.Duration.String),
	asText(func(number float64) string { return strconv.FormatFloat(number, 'g', -1, 64) }), // JSON has no infinity
	asText(func(Place) string { return "" }),
))

func asText[T any](text func(T) string) *json.Marshalers {
	return json.MarshalToFunc(func(out *jsontext.Encoder, value T) error { return out.WriteToken(jsontext.String(text(value))) })
}

// Names are label or column names in use, so that one of Accord never hides one of a document.
type Names map[string]bool

// Add adds the name, with the prefix as often as it takes to be new, and returns it.
func (n Names) Add(name, prefix string) string {
	for n[name] {
		name = prefix + name
	}
	n[name] = true
	return name
}
