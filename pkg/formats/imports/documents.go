package imports

import (
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

// The documents of accord/v1 as they are printed: the fields that imports fill,
// in the order in which people write them.
type (
	printed struct {
		document.Head `yaml:",inline"`
		Spec          any `yaml:"spec"`
	}
	agreementSpec struct {
		Description string     `yaml:"description"`
		Service     string     `yaml:"service"`
		Provider    string     `yaml:"provider"`
		Consumers   []string   `yaml:"consumers"`
		Stage       string     `yaml:"stage"`
		Objectives  []promised `yaml:"objectives"`
	}
	promised struct {
		Name    string   `yaml:"name"`
		SLO     string   `yaml:"slo"`
		GroupBy []string `yaml:"groupBy,flow"`
	}
)

// head begins a document, whose name may differ from the one it had.
func head(version, kind, name, original string) document.Head {
	head := document.Head{APIVersion: version, Kind: kind, Metadata: document.Metadata{Name: name}}
	if original != name {
		head.Metadata.DisplayName = original
	}
	return head
}

func serviceDocument(name, original string) any {
	return openslo.Service{Head: head(openslo.V1, "Service", name, original)}
}

func teamDocument(name string) any {
	return printed{head("accord/v1", "Team", name, name), struct{}{}}
}

func sloDocument(name, service string, slo *SLO) any {
	out := openslo.SLO{Head: head(openslo.V1, "SLO", name, slo.Name)}
	out.Metadata.Labels, out.Metadata.Annotations = slo.Labels, slo.Annotations
	indicator := &openslo.Indicator{Spec: openslo.SLISpec{RatioMetric: newRatioMetric(slo.SLI)}}
	indicator.Metadata.Name = name
	out.Spec = openslo.SLOSpec{
		Description: openslo.Description(slo.Description), Service: service, Indicator: indicator, BudgetingMethod: agreement.Occurrences,
		TimeWindow: []openslo.TimeWindow{{Duration: slo.Window, IsRolling: new(true)}},
		Objectives: []openslo.Objective{{TargetPercent: &slo.TargetPercent}},
	}
	if window, err := agreement.ParseWindow(slo.Window); err == nil {
		out.Spec.AlertPolicies = openslo.NewAlertPolicies(&agreement.Objective{Alerts: slo.Alerts}, window.Rolling)
	}
	return out
}

func newRatioMetric(sli agreement.SLI) *openslo.RatioMetric {
	switch sli.Kind {
	case agreement.RawSuccess:
		return &openslo.RatioMetric{RawType: "success", Raw: newMetric(sli.Gauge)}
	case agreement.RawFailure:
		return &openslo.RatioMetric{RawType: "failure", Raw: newMetric(sli.Gauge)}
	}
	return &openslo.RatioMetric{
		Counter: new(true), Good: newMetric(sli.Good), Bad: newMetric(sli.Bad), Total: newMetric(sli.Total),
	}
}

func newMetric(q *agreement.Query) *openslo.Metric {
	if q == nil {
		return nil
	}
	return &openslo.Metric{MetricSource: openslo.MetricSource{Type: "Prometheus", Spec: openslo.NewQuery(q, false)}}
}

func agreementDocument(name, service, provider string, groupBy []string) any {
	return printed{head("accord/v1", "Agreement", name, name), agreementSpec{
		Description: "Drafted by an import, because a result for each group needs an agreement. Name the parties to make it one.",
		Service:     service, Provider: provider, Consumers: []string{unnamedConsumer}, Stage: string(agreement.Draft),
		Objectives: []promised{{name, name, groupBy}},
	}}
}
