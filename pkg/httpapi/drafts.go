package httpapi

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/draft"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// DraftRequest is the body of POST draft: the form of a new agreement, or the query and title of a
// dashboard panel to make the form from.
type DraftRequest struct {
	Form  *draft.Form `json:"form,omitempty"`
	Query string      `json:"query,omitempty"`
	Title string      `json:"title,omitempty"`
	// History requests the figures of the last 90 days as well, which take longer.
	History bool `json:"history,omitempty"`
}

// Draft is a new agreement as it would be written. Nothing is stored.
type Draft struct {
	// Form is the form with defaults for empty fields.
	Form draft.Form `json:"form"`
	// Notes are what to check in a form that was made from a query.
	Notes []string `json:"notes"`
	// Complaints are what is missing or wrong, by field.
	Complaints []draft.Complaint `json:"complaints"`
	// Problems are those of the documents and of the data that they measure.
	Problems []string `json:"problems"`
	// Documents are those that the folder lacks, as POST documents takes them; Text is all of them as
	// one file.
	Documents []draft.Document `json:"documents"`
	Text      string           `json:"text"`
	// Writable is true if the user may write them; Reason is why not.
	Writable bool   `json:"writable"`
	Reason   string `json:"reason,omitempty"`
	// Figures are null until the indicator is complete, and for users who may not propose documents.
	Figures *DraftFigures `json:"figures"`
}

// DraftFigures are the figures that a draft would have.
type DraftFigures struct {
	At        time.Time      `json:"at"`
	Unit      agreement.Unit `json:"unit"`
	LastHours DraftCounts    `json:"lastHours"` // the last six
	// Last90Days is null if it was not requested.
	Last90Days *DraftCounts `json:"last90Days"`
	// AchievableTarget is the highest target that 99% of the past windows met, as the form takes it;
	// empty if there is none.
	AchievableTarget string `json:"achievableTarget,omitempty"`
	// Sentences describe how the target would have done in the last 90 days.
	Sentences []string `json:"sentences"`
}

// DraftCounts are the counts of a window that ends now.
type DraftCounts struct {
	Total      budget.Figure `json:"total"`
	Bad        budget.Figure `json:"bad"`
	Compliance budget.Figure `json:"compliance"`
	// Reason is why a figure is null.
	Reason string `json:"reason,omitempty"`

	coverage budget.Figure
}

var lastHours = agreement.Window{Rolling: 6 * time.Hour}

// draft returns the documents of a form, and the figures that they would have.
func (h *handlers) draft(r *http.Request, c *catalog.Catalog) (any, error) {
	asked, err := decodeBody[DraftRequest](r, maxProposal)
	if err != nil {
		return nil, err
	}
	var form draft.Form
	var notes []string
	if asked.Form != nil {
		form = *asked.Form
	} else {
		form, notes = draft.FromPanel(asked.Query, asked.Title)
	}
	form = form.WithDefaults()
	known := func(id catalog.ID) bool { _, there := c.Find(id); return there }
	ofIndicator, ofRest := form.Complaints(known)
	documents := form.Documents(known)
	may := h.permission(r.Context(), "", "")
	d := Draft{Form: form, Notes: wire.List(notes), Complaints: append(wire.List(ofIndicator), ofRest...), Problems: []string{},
		Documents: documents, Text: draft.Text(documents), Writable: may.Writable, Reason: may.Reason}
	if len(ofIndicator) > 0 {
		return d, nil
	}
	err = h.tryDraft(r.Context(), &d, form.Trial(known), known, may.MayPropose, asked.History)
	return d, err
}

// tryDraft validates the documents beside those of the folder, and measures them if the user may.
func (h *handlers) tryDraft(ctx context.Context, d *Draft, trial draft.Form, known draft.Known, mayMeasure, history bool) error {
	outcome, err := h.propose(ctx, []byte(draft.Text(trial.Documents(known))))
	if err != nil {
		return err
	}
	isWhole := trial.Name == d.Form.Name
	for _, problem := range outcome.Problems {
		if isWhole || strings.HasPrefix(problem.Field, "spec.objectives") {
			d.Problems = append(d.Problems, problem.Message)
		}
	}
	i := slices.IndexFunc(outcome.After.Agreements, func(a *agreement.Agreement) bool { return a.Name == trial.Name })
	if i < 0 || !mayMeasure {
		return nil
	}
	at := h.Present()
	a := outcome.After.Agreements[i]
	o := a.Objectives[0]
	d.Figures = &DraftFigures{At: at, Unit: o.Unit(), LastHours: h.draftCounts(ctx, a, o, lastHours, at), Sentences: []string{}}
	if !history {
		return nil
	}
	found, err := planning.Findings(ctx, h.Engine, []*agreement.Agreement{a}, at)
	for _, problem := range found {
		d.Problems = append(d.Problems, problem.Message)
	}
	d.Figures.Last90Days = new(h.draftCounts(ctx, a, o, last90Days, at))
	d.Figures.judge(ctx, h.Engine, planning.Present(a, o), at)
	return err
}

// draftCounts counts an objective over the window; on an error the figures are absent with a reason.
func (h *handlers) draftCounts(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, window agreement.Window, at time.Time) DraftCounts {
	counts := DraftCounts{Total: budget.Absent, Bad: budget.Absent, Compliance: budget.Absent}
	from, _ := window.At(at)
	reading, err := h.Engine.Read(ctx, a, o, from, at, at)
	if err != nil {
		counts.Reason = tables.Capitalized(err.Error())
		return counts
	}
	for ledgers := range reading.Ledgers(ctx, from, at) {
		balance := ledgers.Adjusted.Balance(window, at)
		if !balance.Compliance.Known() {
			counts.Reason = "Nothing was counted in this time"
		}
		counts.Total, counts.Bad, counts.Compliance, counts.coverage = wholes(balance.Total), wholes(balance.Bad), balance.Compliance.AsPercent(), balance.Coverage
		break // a draft has no groups, and takes none from an SLO
	}
	return counts
}

// wholes rounds a count, which rates extrapolate. A count above 0 becomes at least 1.
func wholes(count budget.Figure) budget.Figure {
	if count > 0 {
		return max(1, budget.Figure(math.Round(float64(count))))
	}
	return count
}

// judge describes how the target would have done in the last 90 days, and which one was achievable.
func (d *DraftFigures) judge(ctx context.Context, service *measure.Service, definition planning.Definition, at time.Time) {
	const days = "the last 90 days"
	if d.Last90Days.Compliance.Known() && d.Last90Days.coverage < budget.WholeCoverage-budget.Tolerance {
		d.Sentences = append(d.Sentences, d.Last90Days.coverage.Share()+" of "+days+" was measured.")
	}
	q := planning.BacktestQuestion{From: at.Add(-last90Days.Rolling), To: at, Points: 1}
	groups, _, err := planning.RunBacktest(ctx, service, definition, q)
	if err != nil || len(groups) == 0 {
		return // Reason of the counts says why
	}
	tried := groups[0]
	target := budget.Figure(definition.Objective.TargetAt(at)).Percent()
	switch overspent := time.Duration(tried.BreachedSeconds) * time.Second; {
	case !d.Last90Days.Compliance.Known():
	case overspent > 0:
		d.Sentences = append(d.Sentences, fmt.Sprintf("With a target of %s the budget would have been overspent for %s of %s.", target, tables.Elapsed(overspent), days))
	default:
		d.Sentences = append(d.Sentences, fmt.Sprintf("With a target of %s the budget would never have been overspent in %s.", target, days))
	}
	if achievable := tried.Achievable; achievable.Target.Known() {
		d.AchievableTarget = achievable.Target.Percent()
		d.Sentences = append(d.Sentences, fmt.Sprintf("A target of %s would have held in 99%% of the windows of %s that were measured whole.", d.AchievableTarget, days))
	} else {
		d.Sentences = append(d.Sentences, tables.Capitalized(achievable.Reason)+".")
	}
}

const maxOffers = 200

// Offers are values for a field of a form: the first that match the search.
type Offers struct {
	Offers []Offer `json:"offers"`
	// Suggested are matchers that the bad events of a metric with these labels may have.
	Suggested []draft.Matcher `json:"suggested"`
}

// Offer is a value for a field of a form.
type Offer struct {
	Value string `json:"value"`
	// Label is its display name, if that differs.
	Label string `json:"label,omitempty"`
}

// offers returns values of the kind `of` that contain all words of `search`.
func (h *handlers) offers(r *http.Request, c *catalog.Catalog) (any, error) {
	query := r.URL.Query()
	var named []Offer
	switch of := query.Get("of"); of {
	case "service":
		named = wire.ByName(c.Services, func(s *agreement.Service) Offer { return Offer{s.Name, s.DisplayName} })
	case "team":
		named = wire.ByName(c.Teams, func(t *agreement.Team) Offer { return Offer{t.Name, t.DisplayName} })
	case "calendar":
		named = wire.ByName(c.Calendars, func(c *agreement.Calendar) Offer { return Offer{c.Name, c.DisplayName} })
	case "slo":
		named = wire.Each(c.AllSLOs, func(s *agreement.Agreement) Offer { return Offer{s.Name, s.DisplayName} })
	case "agreement":
		named = wire.Each(c.Agreements, func(a *agreement.Agreement) Offer { return Offer{a.Name, a.DisplayName} })
	case "counter", "histogram", "label", "value":
		return h.ofPrometheus(r.Context(), of, query)
	default:
		return nil, badRequest("of %q: must be one of service, team, calendar, slo, agreement, counter, histogram, label, value", of)
	}
	searched := list[Offer]{text: func(o Offer) string { return o.Value + " " + o.Label }}.keep(query, named, "")
	return Offers{wire.List(searched[:min(len(searched), maxOffers)]), []draft.Matcher{}}, nil
}

// ofPrometheus offers metrics and labels of Prometheus, which only Editors and Admins may see.
func (h *handlers) ofPrometheus(ctx context.Context, of string, query url.Values) (any, error) {
	if _, err := h.editor(ctx); err != nil {
		return nil, err
	}
	metric, label := query.Get("metric"), query.Get("label")
	offered := draft.Offered{Client: h.Client, At: h.Present(), Search: query.Get("search"), Limit: maxOffers}
	var names []string
	var err error
	answer := Offers{Suggested: []draft.Matcher{}}
	switch {
	case of == "counter":
		names, err = offered.Metrics(ctx, draft.Events)
	case of == "histogram":
		names, err = offered.Metrics(ctx, draft.Latency)
	case metric == "":
		return nil, badRequest("metric: is required for %ss", of)
	case of == "label":
		names, err = offered.Labels(ctx, metric)
		answer.Suggested = wire.List(draft.BadMatchers(names))
	case label == "":
		return nil, badRequest("label: is required for values")
	default:
		names, err = offered.Values(ctx, metric, label)
	}
	answer.Offers = wire.Each(names, func(name string) Offer {
		if of == "histogram" {
			return Offer{name, strings.TrimSuffix(name, "_bucket")}
		}
		return Offer{Value: name}
	})
	return answer, err
}
