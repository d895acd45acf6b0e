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

// The resource as it is written.
type (
	resource struct {
		APIVersion string             `yaml:"apiVersion"`
		Kind       string             `yaml:"kind"`
		Metadata   imports.ObjectMeta `yaml:"metadata"`
		Spec       spec               `yaml:"spec"`
		Status     document.Anything  `yaml:"status"`
	}
	spec struct {
		Description             string            `yaml:"description"`
		Target                  document.Plain    `yaml:"target"`
		Window                  string            `yaml:"window"`
		Indicator               indicators        `yaml:"indicator"`
		Alerting                alerting          `yaml:"alerting"`
		PartialResponseStrategy string            `yaml:"partial_response_strategy"`
		PerformanceOverAccuracy bool              `yaml:"performanceOverAccuracy"`
		RuleOutput              document.Anything `yaml:"ruleOutput"`
	}
	alerting struct {
		Disabled   bool              `yaml:"disabled"`
		Burnrates  *bool             `yaml:"burnrates"`
		Absent     *bool             `yaml:"absent"`
		Name       string            `yaml:"name"`
		AbsentName string            `yaml:"absentName"`
		Severities document.Anything `yaml:"severities"`
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

// field is the one that an error about a query is about.
func (m *measured) field(err error) string {
	if strings.HasPrefix(err.Error(), "total ") {
		return m.total
	}
	return m.part
}

// indicator reads the one indicator there must be; nil when it is wrong, which
// was then said.
func indicator(d *document.Document, of *indicators) *measured {
	const at = "spec.indicator"
	given := 0
	for _, is := range []bool{of.Ratio != nil, of.Latency != nil, of.LatencyNative != nil, of.BoolGauge != nil} {
		if is {
			given++
		}
	}
	r := reader{d: d, ok: true}
	var m measured
	switch {
	case given != 1:
		d.Errorf(at, "must hold exactly one of ratio, latency, latencyNative and bool_gauge, got %d", given)
		return nil
	case of.Ratio != nil:
		m = r.counted(at+".ratio", "errors", of.Ratio.Errors.Metric, of.Ratio.Total.Metric, of.Ratio.Grouping)
		m.sli.Good, m.sli.Bad = nil, m.sli.Good
	case of.Latency != nil:
		m = r.counted(at+".latency", "success", of.Latency.Success.Metric, of.Latency.Total.Metric, of.Latency.Grouping)
	case of.LatencyNative != nil:
		m = r.native(at+".latencyNative", of.LatencyNative.Latency, of.LatencyNative.Total.Metric)
		m.groupBy = r.labels(at+".latencyNative.grouping", of.LatencyNative.Grouping)
	default:
		m = r.gauge(at+".bool_gauge", of.BoolGauge.Metric)
		m.groupBy = r.labels(at+".bool_gauge.grouping", of.BoolGauge.Grouping)
	}
	if !r.ok {
		return nil
	}
	return &m
}

type reader struct {
	d  *document.Document
	ok bool
}

// counted is an indicator of two counters. What is counted beside total is
// given as good; of errors it is the bad.
func (r *reader) counted(at, part, counted, total string, grouping []string) measured {
	m := measured{part: at + "." + part + ".metric", total: at + ".total.metric"}
	m.sli = agreement.SLI{Kind: agreement.Ratio,
		Good: &agreement.Query{Expr: r.selector(m.part, counted)}, Total: &agreement.Query{Expr: r.selector(m.total, total)}}
	m.groupBy = r.labels(at+".grouping", grouping)
	return m
}

func (r *reader) native(at, latency, total string) measured {
	m := measured{part: at + ".total.metric", total: at + ".total.metric"}
	histogram := r.selector(m.total, total)
	below := r.latency(at+".latency", latency)
	m.sli = agreement.SLI{Kind: agreement.Ratio,
		Good: &agreement.Query{Histogram: histogram, Below: below}, Total: &agreement.Query{Histogram: histogram}}
	return m
}

func (r *reader) latency(field, value string) float64 {
	if !r.d.Required(field, value) {
		r.ok = false
		return 0
	}
	latency, err := model.ParseDuration(value)
	if err != nil || latency == 0 {
		r.d.Errorf(field, "%q is no latency: it must be a duration above 0, as 300ms", value)
		r.ok = false
	}
	return time.Duration(latency).Seconds()
}

// gauge is a 0 or 1 of each series; the part of the series at 1 is the ratio
// of success, and each minute weighs the same.
func (r *reader) gauge(at, metric string) measured {
	m := measured{part: at + ".metric", total: at + ".metric"}
	m.sli = agreement.SLI{Kind: agreement.RawSuccess, Gauge: &agreement.Query{Expr: "avg(" + r.selector(m.part, metric) + ")"}}
	return m
}

var promQL = parser.NewParser(parser.Options{})

// selector checks that a metric is one, with or without matchers.
func (r *reader) selector(field, metric string) string {
	if metric = strings.TrimSpace(metric); !r.d.Required(field, metric) {
		r.ok = false
		return metric
	}
	tree, err := promQL.ParseExpr(metric)
	if _, is := tree.(*parser.VectorSelector); err != nil || !is {
		r.d.Errorf(field, "must be a metric with or without label matchers, as http_requests_total{job=\"api\"}, got %q", metric)
		r.ok = false
		return metric
	}
	return tree.String()
}

// labels checks the names that results are told apart by.
func (r *reader) labels(field string, names []string) []string {
	for i, name := range names {
		switch {
		case !model.LegacyValidation.IsValidLabelName(name):
			r.d.Errorf(field, "%q is no label name", name)
			r.ok = false
		case slices.Contains(names[:i], name):
			r.d.Errorf(field, "%s stands twice", name)
			r.ok = false
		}
	}
	return names
}
