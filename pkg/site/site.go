// Package site serves Accord to people without Grafana: the catalog and each agreement as read-only
// HTML pages without JavaScript, the read-only resources of package httpapi under /api/v1, and the
// figures as metrics for Prometheus to scrape.
//
// It computes nothing: figures come from package measure, their wording from package tables. Text
// from documents is shown as text, never as HTML.
package site

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// New returns the handler of the site. It ignores o.User, so that nobody can change anything.
func New(o httpapi.Options) http.Handler {
	o.User = nil
	s := &site{Options: o, metrics: newMetrics(o), archive: &statement.Archive{Documents: o.Folder}}
	mux := http.NewServeMux()
	mux.Handle("/{$}", s.page(s.overview))
	mux.Handle("/agreements/{name...}", s.page(s.agreement("Agreement")))
	mux.Handle("/slos/{name...}", s.page(s.agreement("SLO")))
	mux.Handle("/api/v1/", http.StripPrefix("/api/v1", httpapi.New(o)))
	mux.Handle("/metrics", s.metrics)
	mux.HandleFunc("/healthz", s.healthz)
	mux.HandleFunc("/style.css", style)
	mux.Handle("/", s.page(func(r *http.Request) (page, error) {
		return page{}, httpapi.Refuse(http.StatusNotFound, "there is no page %s", r.URL.Path)
	}))
	return reading(mux)
}

// reading refuses requests other than GET and HEAD.
func reading(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "here is only read; documents are changed in their files, or in Grafana", http.StatusMethodNotAllowed)
			return
		}
		handler.ServeHTTP(w, r)
	})
}

type site struct {
	httpapi.Options
	metrics http.Handler
	archive *statement.Archive
}

// page is the content of a page and the template that renders it.
type page struct {
	Template string
	Title    string
	Content  any
}

//go:embed pages
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"remark": tables.Remark, "percent": budget.Figure.Percent, "share": budget.Figure.Share, "rate": budget.Figure.Rate, "elapsed": tables.Elapsed,
	"instant": tables.Instant, "minute": tables.Minute, "state": tables.StateText, "group": wire.GroupText,
	"plain": tables.Sanitize, "day": func(t time.Time) string { return t.Format("2 January 2006") },
	"left":  func(r measure.Result) string { return tables.RemainingText(r.Balance, r.Objective.Unit()) },
	"stage": tables.StageText, "window": tables.WindowText, "review": tables.ReviewText, "times": tables.ExclusionTimes, "effect": tables.ExclusionEffect,
	"agreement": func(name string) string { return "/agreements/" + url.PathEscape(name) },
	"statement": statementPath, "address": address,
}).ParseFS(files, "pages/*.html"))

// page renders what content returns, or an error page. Nothing is sent before rendering succeeds.
func (s *site) page(content func(*http.Request) (page, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown, err := content(r)
		status := http.StatusOK
		if err != nil {
			shown, status = page{Template: "error.html", Title: "This page cannot be shown", Content: err.Error()}, httpapi.StatusOf(err)
		}
		if status == http.StatusNotFound {
			shown.Title = "Not found"
		}
		var body bytes.Buffer
		if err := templates.ExecuteTemplate(&body, shown.Template, shown); err != nil {
			http.Error(w, "the page cannot be written: "+err.Error(), http.StatusInternalServerError)
			return
		}
		header := w.Header()
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = w.Write(body.Bytes()) // the client may have disconnected
	})
}

func style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=300")
	http.ServeFileFS(w, r, files, "pages/style.css")
}

// healthz reports ok while there is a catalog. An unreachable Prometheus is reported by the pages and
// by accord_objective_measured instead, since restarting this process would not help.
func (s *site) healthz(w http.ResponseWriter, r *http.Request) {
	if _, err := s.Catalog(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// newMetrics returns a handler that measures the figures at each scrape and adds process metrics.
func newMetrics(o httpapi.Options) http.Handler {
	process := prometheus.NewRegistry()
	process.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		figures := prometheus.NewRegistry()
		if err := collect(r.Context(), o, figures); err != nil {
			http.Error(w, err.Error(), httpapi.StatusOf(err))
			return
		}
		gatherers := prometheus.Gatherers{process, figures}
		promhttp.HandlerFor(gatherers, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}).ServeHTTP(w, r)
	})
}

// objectiveLabels has a single label for the group, since objectives are grouped by different labels.
var objectiveLabels = []string{"agreement", "objective", "group", "service", "provider"}

// metric describes a gauge, which is created for each scrape.
type metric struct {
	name, help string
	labels     []string
}

func objectiveMetric(name, help string, more ...string) *metric {
	return &metric{"accord_objective_" + name, help, slices.Concat(objectiveLabels, more)}
}

var (
	measuredMetric   = objectiveMetric("measured", "1 when the objective could be measured, 0 when not: then its figures are absent. No sample while it is inactive.")
	stateMetric      = objectiveMetric("state", "1 for the state that the objective is in, 0 for every other.", "state")
	targetMetric     = objectiveMetric("target_ratio", "The target in force, a ratio.")
	complianceMetric = objectiveMetric("compliance_ratio", "The compliance of the objective's window, a ratio.")
	remainingMetric  = objectiveMetric("error_budget_remaining_ratio", "The share of the error budget that is left; negative when it is overspent.")
	coverageMetric   = objectiveMetric("coverage_ratio", "The share of the time in scope that was measured.")
	untilMetric      = objectiveMetric("measured_until_timestamp_seconds", "The end of the last slot in scope that was measured, as Unix time.")
	burnMetric       = objectiveMetric("burn_rate", "How many times faster than allowed the budget burns, by wall-clock window.", "window")
	exhaustionMetric = objectiveMetric("exhaustion_timestamp_seconds", "When the error budget runs out at the present rate, or was spent, as Unix time.")
	documentsMetric  = &metric{"accord_documents", "Documents without errors.", nil}
	readableMetric   = &metric{"accord_documents_readable", "1 when the folder could be read when last tried, 0 when the documents of before stay in force.", nil}
	problemsMetric   = &metric{"accord_document_problems", "Errors and warnings in the documents.", []string{"severity"}}
)

// collect sets the figures of one scrape. An agreement with errors may name an objective twice.
func collect(ctx context.Context, o httpapi.Options, into *prometheus.Registry) error {
	read, err := o.Catalog(ctx)
	if err != nil {
		return err
	}
	vectors := map[*metric]*prometheus.GaugeVec{}
	set := func(m *metric, value budget.Figure, labels ...string) {
		if !value.Known() {
			return
		}
		if vectors[m] == nil {
			vectors[m] = promauto.With(into).NewGaugeVec(prometheus.GaugeOpts{Name: m.name, Help: m.help}, m.labels)
		}
		for i, label := range labels {
			if !utf8.ValidString(label) { // the format requires UTF-8; quoted, labels stay distinct
				labels[i] = strconv.Quote(label)
			}
		}
		vectors[m].WithLabelValues(labels...).Set(float64(value))
	}
	set(documentsMetric, budget.Figure(read.Documents))
	set(readableMetric, truth(o.Stale() == nil))
	failed, warnings := problem.Count(read.Problems)
	set(problemsMetric, budget.Figure(failed), string(problem.Error))
	set(problemsMetric, budget.Figure(warnings), string(problem.Warning))
	for _, result := range o.Engine.Status(ctx, read.WithLeftOut(), measure.Question{At: o.Present()}) {
		for _, objective := range result.Objectives {
			collectObjective(objective, set)
		}
	}
	return nil
}

func collectObjective(r measure.Result, set func(*metric, budget.Figure, ...string)) {
	labels := []string{r.Agreement.Name, r.Objective.Name, wire.GroupText(r.Group), r.Agreement.Service, r.Agreement.Provider}
	figure := func(m *metric, value budget.Figure, more ...string) { set(m, value, slices.Concat(labels, more)...) }
	if r.Agreement.Stage != agreement.Active { // nothing is promised, so its figures are informational
		r.State = budget.Inactive
	}
	if r.State != budget.Inactive {
		figure(measuredMetric, truth(r.Err == nil && r.State != budget.NoData))
	}
	for _, state := range budget.States {
		figure(stateMetric, truth(r.State == state), string(state))
	}
	figure(targetMetric, r.Target)
	figure(complianceMetric, r.Compliance)
	figure(remainingMetric, r.Remaining)
	figure(coverageMetric, r.Coverage)
	for _, burn := range r.Burn {
		figure(burnMetric, burn.Rate, agreement.FormatDuration(burn.Window))
	}
	for metric, at := range map[*metric]time.Time{exhaustionMetric: r.Exhaustion, untilMetric: r.MeasuredUntil} {
		if !at.IsZero() {
			figure(metric, budget.Figure(at.UnixMilli())/1000)
		}
	}
}

func truth(is bool) budget.Figure { return map[bool]budget.Figure{true: 1}[is] }
