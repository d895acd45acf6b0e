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

// AgreementList is a page of the agreements and SLOs that match the parameters.
type AgreementList struct {
	At   time.Time      `json:"at"`
	Rows []AgreementRow `json:"rows"`
	Paging
	// All is the number of agreements and SLOs, whatever the filters.
	All int `json:"all"`
	// Tiles are selected values of the filter state, with the number of rows that have them and match
	// the other filters.
	Tiles []Choice `json:"tiles"`
	// Chosen are the chosen values of each filter, in words.
	Chosen map[string]string `json:"chosen"`
	// Findings says how many problems the documents have, or that the folder cannot be read; else empty.
	Findings string `json:"findings,omitempty"`
	// Unmeasured are the reasons why figures are missing or out of date.
	Unmeasured []string `json:"unmeasured"`
}

// AgreementHead identifies an agreement, or an SLO that no agreement names, with its state.
type AgreementHead struct {
	// Kind is the kind of the document: Agreement, or SLO for one that no agreement names.
	Kind string `json:"kind"`
	wire.Named
	// LeftOut is true if the document is left out because of errors.
	LeftOut bool            `json:"leftOut"`
	Stage   agreement.Stage `json:"stage"`
	State   budget.State    `json:"state"`
	Alerting
	Provider *wire.Named `json:"provider"`
	// Consumers are all consumers, or in a row of a table the first.
	Consumers []wire.Named `json:"consumers"`
}

// Alerting is the alert that fires.
type Alerting struct {
	// Alert is the severity of the severest burn-rate alert that fires; empty if none does.
	// AlertValue is the value of its alert rule, above 1; null if none fires.
	Alert      agreement.Severity `json:"alert,omitempty"`
	AlertValue budget.Figure      `json:"alertValue"`
}

// Rounded are figures of an objective as displayed. Rounding never makes them look better.
type Rounded struct {
	Target     budget.Figure `json:"target"`
	Compliance budget.Figure `json:"compliance"`
	Remaining  budget.Figure `json:"remaining"` // of the budget, a share
	// Amount is the remaining budget in its unit: «12m 40s of 43m 12s».
	Amount string `json:"amount"`
}

func rounded(r measure.Result) Rounded {
	return Rounded{r.Target.AsPercent(), r.Compliance.AsPercent(), r.Remaining.AsShare(), tables.RemainingText(r.Balance, r.Objective.Unit())}
}

// AgreementRow is an agreement, or an SLO that no agreement names, with figures of its worst objective.
type AgreementRow struct {
	Key string `json:"key"`
	AgreementHead
	// Reason explains the state in words; empty if there is nothing to explain.
	Reason string `json:"reason,omitempty"`
	Rounded
	Burn   budget.Figure `json:"burn"` // over the last hour
	Window string        `json:"window"`
	// MoreConsumers is the number of consumers that are not in Consumers.
	MoreConsumers int `json:"moreConsumers"`
}

// Trends are the remaining budgets over time of a page of agreements.
type Trends struct {
	At time.Time `json:"at"`
	// Trends are keyed by the keys of the rows, without those that could not be measured.
	Trends map[string]Trend `json:"trends"`
}

// Trend is the remaining budget of a row's objective over the last 30 days.
type Trend struct {
	Values []budget.Figure `json:"values"` // shares, every 12 hours, and the present one last
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

// reason explains the state, and names the objective if there are several.
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

// standings are all agreements and SLOs with their status, and the names to show.
type standings struct {
	names
	all        []standing
	at         time.Time
	unmeasured []string // the reasons why figures are missing or out of date
}

func (h *handlers) standings(r *http.Request, c *catalog.Catalog) standings {
	results, at, unreachable := h.everything(r.Context(), c)
	all := wire.Each(results, func(of measure.AgreementResult) standing { return newStanding(of, at) })
	return standings{names{c}, all, at, unmeasured(results, unreachable)}
}

// unmeasured returns the reasons why figures are missing or out of date, except of what is left out.
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

// listAgreements returns a page of rows, or with format=csv the figures of all rows that match.
func (h *handlers) listAgreements(s standings, r *http.Request) (any, error) {
	query, l, labels := r.URL.Query(), s.list(), s.labels()
	if format := query.Get("format"); format == "csv" {
		kept, err := l.kept(query, s.all)
		if err != nil {
			return nil, err
		}
		return h.csv(r, s.c, kept, s.at)
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

// csv returns what `accord report -o csv` prints for the rows that match.
func (h *handlers) csv(r *http.Request, c *catalog.Catalog, kept []standing, at time.Time) (any, error) {
	server, _ := h.Engine.Server(r.Context()) // each line has the error
	results := wire.Each(kept, func(s standing) measure.AgreementResult { return s.AgreementResult })
	return printedText("csv", "", "agreements-"+at.Format("2006-01-02T1504"), func(p tables.Printer) error {
		return p.Print(tables.StatusPage(wire.NewReport(at, server, h.Engine.Resolution(), results, c.Problems), nil))
	})
}

const maxChoices = 100

// choices returns the values of one filter that contain the parameter typed.
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

// Every trend covers the same time, so that rows can be compared.
const (
	trendLength = 30 * 24 * time.Hour
	trendStep   = 12 * time.Hour
)

// trends returns the trends of the rows that listAgreements returns for the same parameters.
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

// trend returns the trend of one group of an objective; empty with fewer than two measured values.
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
