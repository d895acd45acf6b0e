package httpapi

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// AgreementList is the table of agreements: of those that the parameters keep, a page.
type AgreementList struct {
	At   time.Time      `json:"at"`
	Rows []AgreementRow `json:"rows"`
	Paging
	// All is how many there are, whatever the filters.
	All int `json:"all"`
	// Tiles are the values of the filter state that are worth a look, with how
	// many rows have them of those that the other filters keep.
	Tiles []Choice `json:"tiles"`
	// Chosen is what the filters keep, in words.
	Chosen map[string]string `json:"chosen"`
	// Findings says how many problems the documents have, or that the folder cannot be read again; empty without any.
	Findings string `json:"findings,omitempty"`
	// Unmeasured are the reasons why figures are missing, or not of now.
	Unmeasured []string `json:"unmeasured"`
}

// AgreementHead is what is said first of an agreement, or of an SLO that none names.
type AgreementHead struct {
	// Kind is that of the document: an SLO is one that no agreement names.
	Kind string `json:"kind"`
	wire.Named
	// LeftOut says that the document has errors.
	LeftOut bool            `json:"leftOut"`
	Stage   agreement.Stage `json:"stage"`
	State   budget.State    `json:"state"`
	Alerting
	Provider *wire.Named `json:"provider"`
	// Consumers are all, or in a row of a table the first.
	Consumers []wire.Named `json:"consumers"`
}

// Alerting is what fires.
type Alerting struct {
	// Alert is the severest burn-rate alert that fires; empty when none does.
	// AlertValue is the number that its alert rule has, above 1.
	Alert      agreement.Severity `json:"alert,omitempty"`
	AlertValue budget.Figure      `json:"alertValue"`
}

// Rounded are figures of an objective as they are written: rounded to nothing better than they are.
type Rounded struct {
	Target     budget.Figure `json:"target"`
	Compliance budget.Figure `json:"compliance"`
	Remaining  budget.Figure `json:"remaining"` // of the budget, a share
	// Amount is the budget that is left in its unit: «12m 40s of 43m 12s».
	Amount string `json:"amount"`
}

func rounded(r measure.Result) Rounded {
	return Rounded{r.Target.AsPercent(), r.Compliance.AsPercent(), r.Remaining.AsShare(), tables.RemainingText(r.Balance, r.Objective.Unit())}
}

// AgreementRow is an agreement, or an SLO that none names, by its worst objective.
type AgreementRow struct {
	Key string `json:"key"`
	AgreementHead
	// Reason says why its state is so, in words; empty where there is nothing to say.
	Reason string `json:"reason,omitempty"`
	Rounded
	Burn   budget.Figure `json:"burn"` // over the last hour
	Window string        `json:"window"`
	// MoreConsumers is the number of those beyond the first.
	MoreConsumers int `json:"moreConsumers"`
}

// Trends are the budgets over time of a page of agreements.
type Trends struct {
	At time.Time `json:"at"`
	// Trends are by the keys of the rows, without those that could not be measured.
	Trends map[string]Trend `json:"trends"`
}

// Trend is the budget left of a row's objective in the last 30 days.
type Trend struct {
	Values []budget.Figure `json:"values"` // shares, evenly apart
	Text   string          `json:"text"`
}

const maxConsumers = 3

func (n names) head(s standing) AgreementHead {
	a := s.Agreement
	return AgreementHead{Kind: idOf(a).Kind, Named: nameOf(a), LeftOut: a.NotRead != "",
		Stage: a.Stage, State: s.State, Alerting: s.Alerting, Provider: n.someTeam(a.Provider), Consumers: wire.Each(a.Consumers, n.team)}
}

func (n names) row(s standing) AgreementRow {
	row := AgreementRow{Key: s.Agreement.Key(), AgreementHead: n.head(s), Reason: s.reason(), Rounded: rounded(s.worst),
		Burn: s.burn().AsRate(), Window: tables.WindowText(s.worst.Window, s.worst.To)}
	row.Consumers, row.MoreConsumers = firstOf(maxConsumers, row.Consumers)
	return row
}

func firstOf[T any](most int, all []T) (first []T, more int) {
	return all[:min(most, len(all))], max(0, len(all)-most)
}

// reason is why it stands so, and of which objective that is where there are several.
func (s standing) reason() string {
	if s.Agreement.NotRead != "" {
		return tables.Capitalized(s.Agreement.NotRead)
	}
	text := tables.Remark(s.worst)
	if text == "" || len(s.Objectives) == 1 {
		return tables.Capitalized(text)
	}
	return wire.ObjectiveText(s.worst.Objective.Title(), s.worst.Group) + ": " + text
}

// standings are all agreements and SLOs as they stand, with the names to show.
type standings struct {
	names
	all        []standing
	at         time.Time
	unmeasured []string // the reasons why figures are missing, or not of now
}

func (h *handlers) standings(r *http.Request, c *catalog.Catalog) standings {
	results, at, unreachable := h.everything(r.Context(), c)
	all := wire.Each(results, func(of measure.AgreementResult) standing { return newStanding(of, at) })
	return standings{names{c}, all, at, unmeasured(results, unreachable)}
}

// unmeasured are the reasons why figures are missing, or not of now; what is left out says so itself.
func unmeasured(results []measure.AgreementResult, unreachable error) []string {
	if unreachable != nil {
		return []string{unreachable.Error()}
	}
	var read []measure.Result
	for _, result := range results {
		if result.Agreement.NotRead == "" {
			read = append(read, result.Objectives...)
		}
	}
	reasons := tables.NotMeasured(read)
	return wire.List(reasons[:min(len(reasons), maxReasons)])
}

const maxReasons = 5

// listAgreements answers a page of rows, or with format=csv the figures of all that are kept.
func (h *handlers) listAgreements(s standings, r *http.Request) (any, error) {
	query, l, labels := r.URL.Query(), s.list(), s.labels()
	if format := query.Get("format"); format == "csv" {
		return h.csv(r, s.c, l.keep(query, s.all, ""), s.at)
	} else if format != "" {
		return nil, badRequest("format %q: csv is the only one", format)
	}
	page, paging, err := l.page(query, s.all)
	if err != nil {
		return nil, err
	}
	answer := AgreementList{At: s.at, Rows: wire.Each(page, s.row), Paging: paging, All: len(s.all), Chosen: map[string]string{},
		Tiles: l.choices(query, s.all, "state", labels["state"], tiles...), Findings: h.faults(s.c), Unmeasured: s.unmeasured}
	for filter, label := range labels {
		if values := slices.DeleteFunc(slices.Clone(query[filter]), func(value string) bool { return value == "" }); len(values) > 0 {
			answer.Chosen[filter] = strings.Join(wire.Each(values, label), ", ")
		}
	}
	return answer, nil
}

func (h *handlers) faults(c *catalog.Catalog) string {
	if h.Stale() != nil {
		return staleText
	}
	faults, warnings := problem.Count(c.Problems)
	var parts []string
	if faults > 0 {
		parts = append(parts, tables.Plural(faults, "error"))
	}
	if warnings > 0 {
		parts = append(parts, tables.Plural(warnings, "warning"))
	}
	if parts == nil {
		return ""
	}
	return "The documents have " + strings.Join(parts, " and ")
}

// csv is what `accord report -o csv` prints of those that are kept.
func (h *handlers) csv(r *http.Request, c *catalog.Catalog, kept []standing, at time.Time) (any, error) {
	server, _ := h.Engine.Server(r.Context()) // what could not be asked is said in each line
	results := wire.Each(kept, func(s standing) measure.AgreementResult { return s.AgreementResult })
	return printedText("csv", "", "agreements-"+at.Format("2006-01-02T1504"), func(p tables.Printer) error {
		return p.Print(tables.StatusPage(wire.NewReport(at, server, h.Engine.Resolution(), results, c.Problems), nil))
	})
}

const maxChoices = 100

// choices are the values of one filter that hold what was typed.
func (s standings) choices(r *http.Request) (any, error) {
	query, labels := r.URL.Query(), s.labels()
	filter, typed := query.Get("filter"), strings.ToLower(query.Get("typed"))
	if labels[filter] == nil {
		known := slices.Sorted(maps.Keys(labels))
		return nil, badRequest("filter %q: must be one of %s%s", filter, strings.Join(known, ", "), problem.DidYouMean(filter, known))
	}
	found := slices.DeleteFunc(s.list().choices(query, s.all, filter, labels[filter]), func(choice Choice) bool {
		return !strings.Contains(strings.ToLower(choice.Label+"\n"+choice.Value), typed)
	})
	return map[string]any{"choices": found[:min(maxChoices, len(found))]}, nil
}

// A trend reaches back as far for every row, so that rows can be compared.
const (
	trendLength = 30 * 24 * time.Hour
	trendStep   = 12 * time.Hour
)

// trends are those of the rows that listAgreements answers to the same parameters.
func (h *handlers) trends(s standings, r *http.Request) (any, error) {
	page, _, err := s.list().page(r.URL.Query(), s.all)
	if err != nil {
		return nil, err
	}
	found := make([]Trend, len(page))
	errs := parallel.Each(r.Context(), parallel.Objectives, len(page), func(ctx context.Context, i int) (err error) {
		found[i], err = h.trend(ctx, page[i].worst, s.at)
		return err
	})
	answer := Trends{At: s.at, Trends: map[string]Trend{}}
	for i, err := range errs {
		if err == nil && len(found[i].Values) > 0 {
			answer.Trends[page[i].Agreement.Key()] = found[i]
		}
	}
	return answer, nil
}

// trend is that of one group of an objective; empty where nothing was measured.
func (h *handlers) trend(ctx context.Context, of measure.Result, at time.Time) (Trend, error) {
	if of.Agreement.NotRead != "" {
		return Trend{}, nil
	}
	groups, _, err := h.Engine.Series(ctx, of.Agreement, of.Objective,
		measure.SeriesQuestion{Kind: measure.BudgetSeries, From: at.Add(-trendLength), To: at, Step: trendStep})
	i := slices.IndexFunc(groups, func(line measure.Series) bool { return maps.Equal(line.Group, of.Group) })
	if err != nil || i < 0 {
		return Trend{}, err
	}
	values := append(wire.Each(groups[i].Points, func(p measure.Point) budget.Figure { return p.Value }), of.Remaining)
	known := slices.DeleteFunc(slices.Clone(values), func(value budget.Figure) bool { return !value.Known() })
	if len(known) < 2 {
		return Trend{}, nil
	}
	return Trend{wire.Each(values, budget.Figure.AsShare),
		fmt.Sprintf("Error budget left over 30 days: from %s to %s", known[0].Share(), known[len(known)-1].Share())}, nil
}
