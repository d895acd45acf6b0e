package imports

import (
	"bytes"
	"errors"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
)

// The documents as they are printed: the fields of openslo/v1 and accord/v1
// that imports fill, in the order in which people write them.
type (
	printed struct {
		APIVersion string   `yaml:"apiVersion"`
		Kind       string   `yaml:"kind"`
		Metadata   metadata `yaml:"metadata"`
		Spec       any      `yaml:"spec"`
	}
	metadata struct {
		Name        string            `yaml:"name"`
		DisplayName string            `yaml:"displayName,omitempty"`
		Labels      map[string]string `yaml:"labels,omitempty"`
		Annotations map[string]string `yaml:"annotations,omitempty"`
	}
	sloSpec struct {
		Description     string       `yaml:"description,omitempty"`
		Service         string       `yaml:"service"`
		Indicator       indicator    `yaml:"indicator"`
		TimeWindow      []timeWindow `yaml:"timeWindow"`
		BudgetingMethod string       `yaml:"budgetingMethod"`
		Objectives      []objective  `yaml:"objectives"`
	}
	indicator struct {
		Metadata metadata `yaml:"metadata"`
		Spec     struct {
			RatioMetric ratioMetric `yaml:"ratioMetric"`
		} `yaml:"spec"`
	}
	ratioMetric struct {
		Counter *bool   `yaml:"counter,omitempty"`
		RawType string  `yaml:"rawType,omitempty"`
		Raw     *metric `yaml:"raw,omitempty"`
		Good    *metric `yaml:"good,omitempty"`
		Bad     *metric `yaml:"bad,omitempty"`
		Total   *metric `yaml:"total,omitempty"`
	}
	metric struct {
		MetricSource struct {
			Type string `yaml:"type"`
			Spec query  `yaml:"spec"`
		} `yaml:"metricSource"`
	}
	query struct {
		Query     string  `yaml:"query,omitempty"`
		Histogram string  `yaml:"histogram,omitempty"`
		Below     float64 `yaml:"below,omitempty"`
	}
	timeWindow struct {
		Duration  string `yaml:"duration"`
		IsRolling bool   `yaml:"isRolling"`
	}
	objective struct {
		TargetPercent float64 `yaml:"targetPercent"`
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
	nothing struct{}
)

// titled is the metadata of a document whose name may differ from the one it
// had.
func titled(name, original string) metadata {
	m := metadata{Name: name}
	if original != name {
		m.DisplayName = original
	}
	return m
}

func serviceDocument(name, original string) any {
	return printed{"openslo/v1", "Service", titled(name, original), nothing{}}
}

func teamDocument(name string) any {
	return printed{"accord/v1", "Team", metadata{Name: name}, nothing{}}
}

func sloDocument(name, service string, slo *SLO) any {
	head := titled(name, slo.Name)
	head.Labels, head.Annotations = slo.Labels, slo.Annotations
	spec := sloSpec{
		Description: slo.Description, Service: service, BudgetingMethod: string(agreement.Occurrences),
		TimeWindow: []timeWindow{{slo.Window, true}}, Objectives: []objective{{slo.TargetPercent}},
	}
	spec.Indicator.Metadata.Name = name
	spec.Indicator.Spec.RatioMetric = newRatioMetric(slo.SLI)
	return printed{"openslo/v1", "SLO", head, spec}
}

func newRatioMetric(sli agreement.SLI) ratioMetric {
	switch sli.Kind {
	case agreement.RawSuccess:
		return ratioMetric{RawType: "success", Raw: newMetric(sli.Gauge)}
	case agreement.RawFailure:
		return ratioMetric{RawType: "failure", Raw: newMetric(sli.Gauge)}
	}
	counter := true
	return ratioMetric{Counter: &counter, Good: newMetric(sli.Good), Bad: newMetric(sli.Bad), Total: newMetric(sli.Total)}
}

func newMetric(q *agreement.Query) *metric {
	if q == nil {
		return nil
	}
	m := &metric{}
	m.MetricSource.Type = "Prometheus"
	m.MetricSource.Spec = query{q.Expr, q.Histogram, q.Below}
	return m
}

func agreementDocument(name, service, provider string, groupBy []string) any {
	return printed{"accord/v1", "Agreement", metadata{Name: name}, agreementSpec{
		Description: "Drafted by an import, because a result for each group needs an agreement. Name the parties to make it one.",
		Service:     service, Provider: provider, Consumers: []string{unnamedConsumer}, Stage: string(agreement.Draft),
		Objectives: []promised{{name, name, groupBy}},
	}}
}

// print writes the documents one after the other.
func print(documents []any) ([]byte, error) {
	if len(documents) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	dumper, err := yaml.NewDumper(&out, yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1))
	if err != nil {
		return nil, err
	}
	for _, document := range documents {
		if err := dumper.Dump(document); err != nil {
			return nil, errors.Join(err, dumper.Close())
		}
	}
	if err := dumper.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
