package httpapi

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/wire"
)

func (o Options) catalog(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	text := Catalog{Agreements: []Summary{}, SLOs: []Summary{}, Services: []Named{}, Teams: []Named{}, Calendars: []Named{},
		Exclusions: []Exclusion{}, Problems: list(c.Problems), Documents: c.Documents}
	for _, a := range c.Agreements {
		text.Agreements = append(text.Agreements, summary(a))
	}
	for _, s := range c.SLOs {
		text.SLOs = append(text.SLOs, summary(s.AsAgreement()))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		text.Services = append(text.Services, Named{name, c.Services[name].DisplayName})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Teams)) {
		text.Teams = append(text.Teams, Named{name, c.Teams[name].DisplayName})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Calendars)) {
		text.Calendars = append(text.Calendars, Named{name, c.Calendars[name].DisplayName})
	}
	for _, x := range c.Exclusions {
		text.Exclusions = append(text.Exclusions, exclusion(x))
	}
	return text, nil
}

func (o Options) agreements(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	texts := make([]Agreement, 0, len(c.Agreements))
	for _, a := range c.Agreements {
		texts = append(texts, wholeText(a))
	}
	return map[string]any{"agreements": texts}, nil
}

func (o Options) agreement(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	found, err := named(c, []string{r.PathValue("name")})
	if err != nil {
		return nil, err
	}
	text := wholeText(found[0])
	text.Hash = hashOf(c, found[0])
	return text, nil
}

// named are the agreements, and SLOs that none names, by these names.
func named(c *catalog.Catalog, names []string) ([]*agreement.Agreement, error) {
	known := map[string]*agreement.Agreement{}
	for _, s := range c.SLOs {
		known[s.Name] = s.AsAgreement()
	}
	for _, a := range c.Agreements {
		known[a.Name] = a
	}
	found := make([]*agreement.Agreement, 0, len(names))
	for _, name := range names {
		a, ok := known[name]
		if !ok {
			return nil, failure{http.StatusNotFound, fmt.Errorf("there is no agreement %q%s", name,
				document.DidYouMean(name, slices.Sorted(maps.Keys(known))))}
		}
		found = append(found, a)
	}
	return found, nil
}

// status is the report as `accord report -o json` prints it.
func (o Options) status(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	q, err := o.statusQuestion(r)
	if err != nil {
		return nil, err
	}
	agreements := c.Agreements
	slos := make([]*agreement.Agreement, 0, len(c.SLOs))
	for _, s := range c.SLOs {
		slos = append(slos, s.AsAgreement())
	}
	if names := r.URL.Query()["agreement"]; len(names) > 0 {
		chosen, err := named(c, names)
		if err != nil {
			return nil, err
		}
		isSLO := func(a *agreement.Agreement) bool { return a.Provider == "" }
		slos = slices.DeleteFunc(slices.Clone(chosen), func(a *agreement.Agreement) bool { return !isSLO(a) })
		agreements = slices.DeleteFunc(slices.Clone(chosen), isSLO)
	}
	asked, cancel := context.WithTimeout(r.Context(), o.Patience)
	defer cancel()
	server, err := o.Engine.Capabilities(asked)
	if err != nil {
		return nil, err
	}
	return wire.Status{At: q.At, Server: server, Resolution: o.Engine.Resolution(), Problems: c.Problems,
		Agreements: o.Engine.Status(r.Context(), agreements, q), SLOs: o.Engine.Status(r.Context(), slos, q)}.Report(), nil
}

func (o Options) statusQuestion(r *http.Request) (measure.Question, error) {
	q := measure.Question{At: o.Now().UTC().Truncate(instantStep)}
	if text := r.URL.Query().Get("at"); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return q, failure{http.StatusBadRequest, fmt.Errorf("at %q: must be an instant such as 2026-11-23T09:00:00Z", text)}
		}
		q.At = at
	}
	if text := r.URL.Query().Get("window"); text != "" {
		window, err := agreement.ParseWindow(text)
		if err != nil {
			return q, failure{http.StatusBadRequest, err}
		}
		q.Window = &window
	}
	return q, nil
}

// instantStep is what the present is floored to, so that all who ask within
// ten seconds share the requests for the unfinished slot.
const instantStep = 10 * time.Second

// Team is a party with what it promised and what it was promised.
type Team struct {
	Named
	Labels   map[string]string `json:"labels"`
	Members  []string          `json:"members"`
	Contacts []Contact         `json:"contacts"`
	// Provides and Consumes are names of agreements.
	Provides []string        `json:"provides"`
	Consumes []string        `json:"consumes"`
	Place    agreement.Place `json:"place"`
}

// Contact is a way to reach a team.
type Contact struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Target string `json:"target"`
}

func (o Options) teams(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	teams := make([]Team, 0, len(c.Teams))
	for _, name := range slices.Sorted(maps.Keys(c.Teams)) {
		t := c.Teams[name]
		team := Team{Named: Named{t.Name, t.DisplayName}, Labels: labels(t.Labels), Members: list(t.Members),
			Contacts: []Contact{}, Provides: []string{}, Consumes: []string{}, Place: t.Place}
		for _, contact := range t.Contacts {
			team.Contacts = append(team.Contacts, Contact(contact))
		}
		for _, a := range c.Agreements {
			if a.Provider == name {
				team.Provides = append(team.Provides, a.Name)
			}
			if slices.Contains(a.Consumers, name) {
				team.Consumes = append(team.Consumes, a.Name)
			}
		}
		teams = append(teams, team)
	}
	return map[string]any{"teams": teams}, nil
}
