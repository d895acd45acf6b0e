package httpapi

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/wire"
)

// ExclusionForm is the form of an exclusion, with fields in the order of its document.
type ExclusionForm struct {
	Title      string   `json:"title" yaml:"-"`
	Reason     string   `json:"reason" yaml:"reason,omitempty"`
	Category   string   `json:"category" yaml:"category,omitempty"`
	Services   []string `json:"services" yaml:"services,omitempty"`
	Agreements []string `json:"agreements" yaml:"agreements,omitempty"`
	// From and To are local times in the time zone: 2026-11-08T02:00.
	From     string `json:"from" yaml:"from"`
	To       string `json:"to" yaml:"to"`
	Repeats  string `json:"repeats" yaml:"recurrence,omitempty"` // an RFC 5545 rule; empty: never
	TimeZone string `json:"timeZone" yaml:"timeZone,omitempty"`
	// Mode is exclude or good.
	Mode        agreement.ExclusionMode `json:"mode" yaml:"mode,omitempty"`
	RequestedBy string                  `json:"requestedBy" yaml:"requestedBy"`
}

// ExclusionDraft is the document of a form. Nothing is stored.
type ExclusionDraft struct {
	Name string `json:"name"`
	Text string `json:"text"`
	// Missing says why it cannot be proposed yet; empty if nothing is missing.
	Missing string `json:"missing,omitempty"`
	// Tried is the text as if the first of Approvers had approved it.
	Tried     string       `json:"tried,omitempty"`
	Approvers []wire.Named `json:"approvers"`
	Validation
}

// draftExclusion returns the document of a form, validated beside those of the folder.
func (h *handlers) draftExclusion(r *http.Request, c *catalog.Catalog) (any, error) {
	form, err := decodeBody[ExclusionForm](r, maxProposal)
	if err != nil {
		return nil, err
	}
	draft := ExclusionDraft{Name: form.name(), Approvers: []wire.Named{}, Validation: Validation{Problems: []problem.Problem{}}}
	text, err := form.text(draft.Name)
	if draft.Text = text; err != nil {
		draft.Missing = err.Error()
		return draft, nil
	}
	if _, taken := c.Find(catalog.ID{Kind: "Exclusion", Name: draft.Name}); taken {
		draft.Missing = "There is an exclusion " + draft.Name + ": choose another title"
		return draft, nil
	}
	outcome, err := h.propose(r.Context(), []byte(text))
	if err != nil {
		return nil, err
	}
	draft.Validation = h.validation(r.Context(), outcome, concerned(outcome))
	if !h.user(r.Context()).MayAsk(outcome, form.RequestedBy, draft.Name) {
		draft.Problems = append(draft.Problems, problem.Problem{Severity: problem.Warning, Kind: "Exclusion", Name: draft.Name, Field: "spec.requestedBy",
			Message: "as a member of a provider you ask in its name: choose that, or leave it to another member of " + form.RequestedBy})
	}
	i := slices.IndexFunc(outcome.After.Exclusions, func(x *agreement.Exclusion) bool { return x.Name == draft.Name })
	if i < 0 {
		return draft, nil
	}
	after, x := names{outcome.After}, outcome.After.Exclusions[i]
	draft.Approvers = wire.Each(wire.Approvers(outcome.After.Agreements, x), after.team)
	if len(draft.Approvers) == 0 {
		draft.Missing = "No agreement is concerned by these services and agreements: choose others"
		return draft, nil
	}
	tried, err := editing.Approve([]byte(text), draft.Approvers[0].Name, h.Present().In(x.Zone))
	draft.Tried = string(tried)
	return draft, err
}

// text returns the document. The error says what is missing.
func (f ExclusionForm) text(name string) (string, error) {
	f.Title, f.Reason = strings.TrimSpace(f.Title), strings.TrimSpace(f.Reason)
	zone, err := time.LoadLocation(cmp.Or(f.TimeZone, "UTC"))
	if err != nil {
		return "", fmt.Errorf("time zone %q: there is none, give an IANA name such as Europe/Berlin", f.TimeZone)
	}
	from, err := wallClock(f.From, zone)
	to, errTo := wallClock(f.To, zone)
	switch {
	case f.Reason == "":
		return "", errors.New("reason: say why this time is not to count")
	case len(f.Services)+len(f.Agreements) == 0:
		return "", errors.New("services, agreements: choose those that it is about")
	case err != nil || errTo != nil:
		return "", fmt.Errorf("from %q, to %q: say when it starts and ends, as 2026-11-08T02:00", f.From, f.To)
	case !to.After(from):
		return "", fmt.Errorf("to %s: must be after from, %s", f.To, f.From)
	case f.RequestedBy == "":
		return "", errors.New("requested by: choose the team that asks; another one approves")
	}
	f.From, f.To = from.Format(time.RFC3339), to.Format(time.RFC3339)
	text, err := yaml.Marshal(struct {
		document.Head `yaml:",inline"`
		Spec          ExclusionForm `yaml:"spec"`
	}{document.Head{APIVersion: catalog.APIVersion, Kind: "Exclusion", Metadata: document.Metadata{Name: name, DisplayName: f.Title}}, f})
	return string(text), err
}

// wallClock parses a local time. Times that a clock change skips or repeats are read as in documents.
func wallClock(text string, zone *time.Location) (time.Time, error) {
	wall, err := time.Parse("2006-01-02T15:04", text)
	return agreement.OnWallClock(wall, zone).In(zone), err
}

// name returns a name made from the title, else the reason, else the start: «upgrade-of-the-database».
func (f ExclusionForm) name() string {
	return cmp.Or(document.NameOf(f.Title), document.NameOf(f.Reason), document.NameOf("exclusion "+f.From))
}
