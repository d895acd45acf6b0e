package site

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

const historyPeriods = 6

// agreementPage is an agreement with its figures.
type agreementPage struct {
	At         time.Time
	Engine     string
	Agreement  *agreement.Agreement
	State      budget.State
	Objectives []objectiveView
	Contacts   []contactView
	// Statements are the frozen statements, latest first; StatementsError is why they cannot be listed.
	Statements      []statement.Entry
	StatementsError string
}

// objectiveView is an objective, or one group of it.
type objectiveView struct {
	measure.Result
	Charts []chart
	// NoChart is why there is no chart; empty if there is one.
	NoChart   string
	History   []measure.Period
	Incidents []measure.Incident
	// NoIncidents is why the incidents are not known, beside figures that are.
	NoIncidents string
}

// address returns the path of the page. An agreement and an SLO that no agreement names may have one name.
func address(a *agreement.Agreement) string {
	if a.IsSLO {
		return "/slos/" + url.PathEscape(a.Name)
	}
	return "/agreements/" + url.PathEscape(a.Name)
}

// agreement returns the content of the page of what has the name in the path, of the kind if there are two.
func (s *site) agreement(kind string) func(*http.Request) (page, error) {
	return func(r *http.Request) (page, error) {
		c, err := s.Catalog(r.Context())
		if err != nil {
			return page{}, err
		}
		a, err := httpapi.Find(c, kind, r.PathValue("name"))
		if err != nil {
			return page{}, err
		}
		at := s.Present()
		result := s.status(r, []*agreement.Agreement{a}, at)[0]
		view := agreementPage{At: at, Engine: s.engine(r), Agreement: a, State: result.State, Contacts: contacts(c, a)}
		if !a.IsSLO { // statements are about agreements
			if view.Statements, err = s.archive.List("", a.Name); err != nil {
				view.StatementsError = err.Error()
			}
		}
		for _, o := range a.Objectives {
			view.Objectives = append(view.Objectives, s.objective(r, result, o, at)...)
		}
		return page{Template: "agreement.html", Title: a.Title(), Content: view}, nil
	}
}

// objective returns what the page shows of an objective, one view per group.
func (s *site) objective(r *http.Request, result measure.AgreementResult, o *agreement.Objective, at time.Time) (views []objectiveView) {
	charts, noChart := s.charts(r, result.Agreement, o, at)
	history := s.Engine.History(r.Context(), result.Agreement, o, at, nil, historyPeriods)
	incidents, noIncidents := s.incidents(r, result.Agreement, o, at)
	for _, one := range result.Objectives {
		if one.Objective != o {
			continue
		}
		key := wire.GroupText(one.Group)
		view := objectiveView{Result: one, Charts: charts[key], NoChart: noChart, Incidents: incidents[key]}
		if one.Err == nil && o.OtherConnection == "" {
			view.NoIncidents = noIncidents
		}
		if noChart == "" && len(view.Charts) == 0 {
			view.NoChart = "there is nothing to draw in " + tables.WindowText(one.Window, one.To)
		}
		for _, period := range slices.Backward(history) {
			if wire.GroupText(period.Group) == key || period.Err != nil {
				view.History = append(view.History, period)
			}
		}
		views = append(views, view)
	}
	return views
}

func (s *site) charts(r *http.Request, a *agreement.Agreement, o *agreement.Objective, at time.Time) (byGroup map[string][]chart, noChart string) {
	from, _ := o.Window.At(at)
	occurrences, err := scope.Occurrences(r.Context(), a.ExclusionsInEffect(), from, at)
	if err != nil {
		return nil, err.Error()
	}
	shaded := scope.Union(slices.Concat(occurrences...)...)
	byGroup = map[string][]chart{}
	for _, kind := range []measure.SeriesKind{measure.ComplianceSeries, measure.BudgetSeries} {
		series, _, err := s.Engine.Series(r.Context(), a, o, measure.SeriesQuestion{Kind: kind, From: from, To: at, Step: at.Sub(from) / chartPoints})
		if err != nil {
			return nil, err.Error()
		}
		for _, line := range series {
			drawn := newChart(kind, o, line.Points, from, at, shaded)
			if drawn.Empty() {
				continue
			}
			key := wire.GroupText(line.Group)
			byGroup[key] = append(byGroup[key], drawn)
		}
	}
	return byGroup, ""
}

// incidents returns the incidents that overlap the window by group, latest first.
func (s *site) incidents(r *http.Request, a *agreement.Agreement, o *agreement.Objective, at time.Time) (byGroup map[string][]measure.Incident, unknown string) {
	from, _ := o.Window.At(at)
	groups, _, err := s.Engine.Incidents(r.Context(), a, o, from, at)
	if err != nil {
		return nil, err.Error()
	}
	byGroup = map[string][]measure.Incident{}
	for _, group := range groups {
		latest := slices.Clone(group.Incidents)
		slices.Reverse(latest)
		byGroup[wire.GroupText(group.Group)] = latest
	}
	return byGroup, ""
}

// contactView is an escalation step or a contact of a party.
type contactView struct {
	Who, How string
}

func contacts(c *catalog.Catalog, a *agreement.Agreement) (all []contactView) {
	for _, step := range a.Escalation {
		all = append(all, contactView{step.Notify, "told " + tables.EscalationTime(step)})
	}
	for _, party := range a.Parties() {
		team := c.Teams[party]
		if team == nil {
			continue
		}
		for _, contact := range team.ShownContacts() {
			all = append(all, contactView{party + ": " + contact.Name, strings.TrimSpace(contact.Type + " " + contact.Target)})
		}
	}
	return all
}

// Parties returns a sentence on who provides the service to whom.
func (p agreementPage) Parties() string {
	a := p.Agreement
	switch {
	case a.IsSLO:
		return "An SLO that no agreement names: promised to nobody in particular."
	case len(a.Consumers) == 0:
		return "Provided by " + a.Provider + "."
	}
	return "Provided by " + a.Provider + " to " + strings.Join(a.Consumers, ", ") + "."
}

// statementPath returns the URL of a frozen statement as HTML.
func statementPath(e statement.Entry) string {
	return fmt.Sprintf("/api/v1/statements/%s/%s?format=html&number=%d", url.PathEscape(e.Period), url.PathEscape(e.Agreement), e.Number)
}
