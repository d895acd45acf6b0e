package pyrra

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
)

// The spec of the resource as it is written.
type (
	spec struct {
		Description             string            `yaml:"description"`
		Target                  document.Plain    `yaml:"target" check:"required"`
		Window                  string            `yaml:"window" check:"required"`
		Indicator               indicators        `yaml:"indicator"`
		Alerting                alerting          `yaml:"alerting"`
		PartialResponseStrategy string            `yaml:"partial_response_strategy"`
		PerformanceOverAccuracy bool              `yaml:"performanceOverAccuracy" lost:"has no place: every event is counted, and closed slots are asked for once"`
		RuleOutput              document.Anything `yaml:"ruleOutput" lost:"has no place: no recording rules are needed"`
	}
	alerting struct {
		Disabled   bool              `yaml:"disabled"`
		Burnrates  *bool             `yaml:"burnrates"`
		Absent     bool              `yaml:"absent" lost:"has no place: an alert has no value while nothing is measured, and what then happens is the alert rule's state for no data; minCoverage of an agreement's objective makes its state no_data"`
		Name       string            `yaml:"name" lost:"has no place: alerts are named after agreement and objective"`
		AbsentName string            `yaml:"absentName" lost:"has no place: alerts are named after agreement and objective"`
		Severities document.Anything `yaml:"severities" lost:"has no place: the severities are page and ticket"`
	}
	indicators struct {
		Ratio *struct {
			Errors   metric   `yaml:"errors"`
			Total    metric   `yaml:"total"`
			Grouping []string `yaml:"grouping"`
		} `yaml:"ratio"`
		Latency *struct {
			Success  metric   `yaml:"success"`
			Total    metric   `yaml:"total"`
			Grouping []string `yaml:"grouping"`
		} `yaml:"latency"`
		LatencyNative *struct {
			Latency  string   `yaml:"latency"`
			Total    metric   `yaml:"total"`
			Grouping []string `yaml:"grouping"`
		} `yaml:"latencyNative"`
		BoolGauge *struct {
			Metric   string   `yaml:"metric"`
			Grouping []string `yaml:"grouping"`
		} `yaml:"bool_gauge"`
	}
	metric struct {
		Metric string `yaml:"metric"`
	}
)

// measured is an indicator in the words of Accord.
type measured struct {
	sli     agreement.SLI
	groupBy []string
	// part and total are the fields that the queries of a ratio stand in.
	part, total string
}

// newMeasured reads the one indicator there must be. What is wrong with it is
// an error of the document.
func newMeasured(d *document.Document, of *indicators) (m measured) {
	const at = "spec.indicator"
	switch given := imports.Given(of.Ratio != nil, of.Latency != nil, of.LatencyNative != nil, of.BoolGauge != nil); {
	case given != 1:
		d.Errorf(at, "must hold exactly one of ratio, latency, latencyNative and bool_gauge, got %d", given)
	case of.Ratio != nil:
		m.part, m.total = at+".ratio.errors.metric", at+".ratio.total.metric"
		m.sli = agreement.SLI{Kind: agreement.Ratio, Bad: counter(d, m.part, of.Ratio.Errors), Total: counter(d, m.total, of.Ratio.Total)}
		m.groupBy = labels(d, at+".ratio.grouping", of.Ratio.Grouping)
	case of.Latency != nil:
		m.part, m.total = at+".latency.success.metric", at+".latency.total.metric"
		m.sli = agreement.SLI{Kind: agreement.Ratio, Good: counter(d, m.part, of.Latency.Success), Total: counter(d, m.total, of.Latency.Total)}
		m.groupBy = labels(d, at+".latency.grouping", of.Latency.Grouping)
	case of.LatencyNative != nil:
		m.part, m.total = at+".latencyNative.total.metric", at+".latencyNative.total.metric"
		histogram := selector(d, m.total, of.LatencyNative.Total.Metric)
		m.sli = agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Histogram: histogram},
			Good: &agreement.Query{Histogram: histogram, Below: latency(d, at+".latencyNative.latency", of.LatencyNative.Latency)}}
		m.groupBy = labels(d, at+".latencyNative.grouping", of.LatencyNative.Grouping)
	default:
		// A 0 or 1 of each series: the part of the series at 1 is the ratio of
		// success, and each minute weighs the same.
		m.part, m.total = at+".bool_gauge.metric", at+".bool_gauge.metric"
		m.sli = agreement.SLI{Kind: agreement.RawSuccess,
			Gauge: &agreement.Query{Expr: "avg(" + selector(d, m.part, of.BoolGauge.Metric) + ")"}}
		m.groupBy = labels(d, at+".bool_gauge.grouping", of.BoolGauge.Grouping)
	}
	return m
}

func counter(d *document.Document, field string, of metric) *agreement.Query {
	return &agreement.Query{Expr: selector(d, field, of.Metric)}
}

// latency is a bound in seconds.
func latency(d *document.Document, field, value string) float64 {
	if !d.Required(field, value) {
		return 0
	}
	latency, err := model.ParseDuration(value)
	if err != nil || latency == 0 {
		d.Errorf(field, "%q is no latency: it must be a duration above 0, as 300ms", value)
	}
	return time.Duration(latency).Seconds()
}

var promQL = parser.NewParser(parser.Options{})

// selector checks that a metric is one, with or without matchers.
func selector(d *document.Document, field, metric string) string {
	if metric = strings.TrimSpace(metric); !d.Required(field, metric) {
		return metric
	}
	tree, err := promQL.ParseExpr(metric)
	if _, is := tree.(*parser.VectorSelector); err != nil || !is {
		d.Errorf(field, "must be a metric with or without label matchers, as http_requests_total{job=\"api\"}, got %q", metric)
		return metric
	}
	return tree.String()
}

// labels checks the names that results are told apart by.
func labels(d *document.Document, field string, names []string) []string {
	for i, name := range names {
		switch {
		case !model.UTF8Validation.IsValidLabelName(name):
			d.Errorf(field, "%q is no label name", name)
		case slices.Contains(names[:i], name):
			d.Errorf(field, "%s stands twice", name)
		}
	}
	return names
}
