// Package pyrra imports the ServiceLevelObjective resources of Pyrra, v1alpha1, with all
// four of their indicators. docs/importing.md describes what each field becomes.
package pyrra

import (
	"cmp"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

// The supported documents.
const (
	APIVersion = "pyrra.dev/v1alpha1"
	Kind       = "ServiceLevelObjective"
)

// Import adds the SLO of a document, which is not a list, to the set.
func Import(set *imports.Set, d *document.Document) {
	if d.APIVersion != "" && !strings.HasPrefix(d.APIVersion, "pyrra") {
		d.Warnf("kind", "%s of %s is no document of Pyrra, and is passed over", d.Kind, d.APIVersion)
		return
	}
	if d.APIVersion != APIVersion || d.Kind != Kind {
		d.Errorf("kind", "%q of %q is no document of Pyrra: it must have apiVersion: %s and kind: %s", d.Kind, d.APIVersion, APIVersion, Kind)
		return
	}
	var resource imports.Resource[spec]
	if !d.DecodeForeign(&resource) {
		return
	}
	head, spec := &resource.Metadata, &resource.Spec
	d.Check(&resource)
	target := percent(d, spec.Target)
	if spec.Window != "" {
		openslo.RollingWindow(d, "spec.window", spec.Window)
	}
	of := newMeasured(d, &spec.Indicator)
	if d.Failed() {
		return
	}
	if err := set.Measurable(d, of.part, of.total, of.sli, of.groupBy); err != nil {
		set.RefuseQuery(d, of.part, of.total, err)
		return
	}
	labels, annotations, alerts := imports.Texts(head.Labels), head.OwnAnnotations(), map[agreement.Severity]agreement.Alerts{}
	own := agreement.Alerts{Disabled: spec.Alerting.Disabled || spec.Alerting.Burnrates != nil && !*spec.Alerting.Burnrates, Annotations: onAlerts(annotations)}
	if own.Disabled || len(own.Annotations) > 0 {
		alerts[agreement.Page], alerts[agreement.Ticket] = own, own
	}
	maps.Copy(labels, onAlerts(labels))
	maps.DeleteFunc(labels, func(name, _ string) bool { return strings.HasPrefix(name, propagated) })
	if head.Namespace != "" {
		annotations["pyrra.dev/resource"] = head.Namespace + "/" + head.Name
	}
	set.Add(d, imports.SLO{
		Name: head.Name, Namespace: head.Namespace, Description: strings.TrimSpace(spec.Description),
		Service: cmp.Or(string(head.Labels[propagated+"service"]), head.Namespace, head.Name), // Pyrra has no services
		Labels:  labels, Annotations: annotations, SLI: of.sli, Alerts: alerts, TargetPercent: target, Window: spec.Window,
		GroupBy: of.groupBy, Provider: string(head.Labels[propagated+"team"]), NameField: "metadata.name",
	})
}

// propagated is the prefix of labels and annotations that Pyrra copies to alerts, without it.
const propagated = "pyrra.dev/"

func onAlerts(of map[string]string) map[string]string {
	all := map[string]string{}
	for name, text := range of {
		if bare, ok := strings.CutPrefix(name, propagated); ok {
			all[bare] = text
		}
	}
	return all
}

func percent(d *document.Document, target document.Plain) float64 {
	const field = "spec.target"
	if target == "" {
		return 0
	}
	value, err := strconv.ParseFloat(string(target), 64)
	if err != nil {
		d.Errorf(field, "%q is no number: it must be a percentage, as \"99.9\"", string(target))
	} else {
		d.Percent(field, value)
	}
	return value
}

// Check warns about a partial response strategy that is lost.
func (s *spec) Check(d *document.Document, field string) {
	if strategy := s.PartialResponseStrategy; strategy != "" && strategy != "abort" {
		d.Warnf(field+".partial_response_strategy", "has no place: a partial answer is an error, never a figure")
	}
}

// The spec of the resource.
type (
	spec struct {
		Description             string            `yaml:"description"`
		Target                  document.Plain    `yaml:"target" check:"required"`
		Window                  string            `yaml:"window" check:"required" jsonschema_description:"As 28d."`
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
			Grouping []string `yaml:"grouping" check:"unique,labels"`
		} `yaml:"ratio"`
		Latency *struct {
			Success  metric   `yaml:"success"`
			Total    metric   `yaml:"total"`
			Grouping []string `yaml:"grouping" check:"unique,labels"`
		} `yaml:"latency"`
		LatencyNative *struct {
			Latency  string   `yaml:"latency" jsonschema_description:"As 300ms."`
			Total    metric   `yaml:"total"`
			Grouping []string `yaml:"grouping" check:"unique,labels"`
		} `yaml:"latencyNative"`
		BoolGauge *struct {
			Metric   string   `yaml:"metric"`
			Grouping []string `yaml:"grouping" check:"unique,labels"`
		} `yaml:"bool_gauge"`
	}
	metric struct {
		Metric string `yaml:"metric"`
	}
)

// measured is an indicator in terms of Accord.
type measured struct {
	sli     agreement.SLI
	groupBy []string
	// part and total are the field paths of the queries.
	part, total string
}

// newMeasured converts the only indicator. Problems are errors of d.
func newMeasured(d *document.Document, of *indicators) (m measured) {
	const at = "spec.indicator"
	switch given := imports.Given(of.Ratio != nil, of.Latency != nil, of.LatencyNative != nil, of.BoolGauge != nil); {
	case given != 1:
		d.Errorf(at, "must hold exactly one of ratio, latency, latencyNative and bool_gauge, got %d", given)
	case of.Ratio != nil:
		m.part, m.total = at+".ratio.errors.metric", at+".ratio.total.metric"
		m.sli = agreement.SLI{Kind: agreement.Ratio, Bad: counter(d, m.part, of.Ratio.Errors), Total: counter(d, m.total, of.Ratio.Total)}
		m.groupBy = of.Ratio.Grouping
	case of.Latency != nil:
		m.part, m.total = at+".latency.success.metric", at+".latency.total.metric"
		m.sli = agreement.SLI{Kind: agreement.Ratio, Good: counter(d, m.part, of.Latency.Success), Total: counter(d, m.total, of.Latency.Total)}
		m.groupBy = of.Latency.Grouping
	case of.LatencyNative != nil:
		m.part, m.total = at+".latencyNative.total.metric", at+".latencyNative.total.metric"
		histogram := selector(d, m.total, of.LatencyNative.Total.Metric)
		m.sli = agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Histogram: histogram},
			Good: &agreement.Query{Histogram: histogram, Below: latency(d, at+".latencyNative.latency", of.LatencyNative.Latency)}}
		m.groupBy = of.LatencyNative.Grouping
	default:
		// Each series is 0 or 1: the average is the ratio of success, and each
		// minute weighs the same.
		m.part, m.total = at+".bool_gauge.metric", at+".bool_gauge.metric"
		m.sli = agreement.SLI{Kind: agreement.RawSuccess,
			Gauge: &agreement.Query{Expr: "avg(" + selector(d, m.part, of.BoolGauge.Metric) + ")"}}
		m.groupBy = of.BoolGauge.Grouping
	}
	return m
}

func counter(d *document.Document, field string, of metric) *agreement.Query {
	return &agreement.Query{Expr: selector(d, field, of.Metric)}
}

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
