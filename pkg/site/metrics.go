package site

import (
	"context"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/wire"
)

// newMetrics serves the figures as of each scrape, and those of the process.
// A figure that is absent has no sample.
func newMetrics(o httpapi.Options) http.Handler {
	process := prometheus.NewRegistry()
	process.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		figures := prometheus.NewRegistry()
		figures.MustRegister(&collector{Options: o, ctx: r.Context()})
		gatherers := prometheus.Gatherers{process, figures}
		promhttp.HandlerFor(gatherers, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}).ServeHTTP(w, r)
	})
}

// objectiveLabels are those of every metric of an objective. A group is one
// label, since objectives are grouped by labels of their own.
var objectiveLabels = []string{"agreement", "objective", "group", "service", "provider"}

func objectiveMetric(name, help string, more ...string) *prometheus.Desc {
	return prometheus.NewDesc("accord_objective_"+name, help, append(append([]string{}, objectiveLabels...), more...), nil)
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
	documentsMetric  = prometheus.NewDesc("accord_documents", "Documents without errors.", nil, nil)
	problemsMetric   = prometheus.NewDesc("accord_document_problems", "Errors and warnings in the documents.", []string{"severity"}, nil)
)

// collector collects the figures as of one scrape.
type collector struct {
	httpapi.Options
	ctx context.Context
}

// Describe is that of [prometheus.Collector].
func (c *collector) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{measuredMetric, stateMetric, targetMetric, complianceMetric, remainingMetric,
		coverageMetric, untilMetric, burnMetric, exhaustionMetric, documentsMetric, problemsMetric} {
		descriptions <- d
	}
}

// Collect is that of [prometheus.Collector].
func (c *collector) Collect(metrics chan<- prometheus.Metric) {
	read, err := c.Catalog(c.ctx)
	if err != nil {
		metrics <- prometheus.NewInvalidMetric(documentsMetric, err)
		return
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		for i, label := range labels {
			if !utf8.ValidString(label) { // which the format cannot carry; escaped, two stay two
				labels[i] = strconv.Quote(label)
			}
		}
		metrics <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(documentsMetric, float64(read.Documents))
	failed, warnings := problem.Count(read.Problems)
	gauge(problemsMetric, float64(failed), string(problem.Error))
	gauge(problemsMetric, float64(warnings), string(problem.Warning))
	for _, result := range c.Engine.Status(c.ctx, read.WithLeftOut(), measure.Question{At: httpapi.Floor(c.Now())}) {
		for _, objective := range result.Objectives {
			collectObjective(objective, gauge)
		}
	}
}

func collectObjective(r measure.Result, gauge func(*prometheus.Desc, float64, ...string)) {
	labels := []string{r.Agreement.Name, r.Objective.Name, wire.GroupText(r.Group), r.Agreement.Service, r.Agreement.Provider}
	with := func(more ...string) []string { return append(append([]string{}, labels...), more...) }
	figure := func(d *prometheus.Desc, value budget.Figure, more ...string) {
		if value.Known() {
			gauge(d, float64(value), with(more...)...)
		}
	}
	if r.State != budget.Inactive {
		gauge(measuredMetric, truth(r.Err == nil && r.State != budget.NoData), labels...)
	}
	for _, state := range budget.States {
		gauge(stateMetric, truth(r.State == state), with(string(state))...)
	}
	figure(targetMetric, r.Target)
	figure(complianceMetric, r.Compliance)
	figure(remainingMetric, r.Remaining)
	figure(coverageMetric, r.Coverage)
	for _, burn := range r.Burn {
		figure(burnMetric, burn.Rate, agreement.FormatDuration(burn.Window))
	}
	for metric, at := range map[*prometheus.Desc]time.Time{exhaustionMetric: r.Exhaustion, untilMetric: r.MeasuredUntil} {
		if !at.IsZero() {
			gauge(metric, float64(at.UnixMilli())/float64(time.Second/time.Millisecond), labels...)
		}
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
