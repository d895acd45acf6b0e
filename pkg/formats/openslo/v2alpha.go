package openslo

import (
	"strings"

	"github.com/accord-sla/accord/pkg/catalog/document"
)

// The documents of openslo.com/v2alpha, where they differ from openslo/v1: an
// indicator is called an sli, and a metric names its data source directly.
type (
	v2SLI struct {
		Head `yaml:",inline"`
		Spec v2SLISpec `yaml:"spec"`
	}
	v2SLISpec struct {
		Description     string    `yaml:"description"`
		ThresholdMetric *v2Metric `yaml:"thresholdMetric"`
		RatioMetric     *v2Ratio  `yaml:"ratioMetric"`
	}
	v2Ratio struct {
		Counter *bool     `yaml:"counter"`
		Good    *v2Metric `yaml:"good"`
		Bad     *v2Metric `yaml:"bad"`
		Total   *v2Metric `yaml:"total"`
		RawType string    `yaml:"rawType"`
		Raw     *v2Metric `yaml:"raw"`
	}
	v2Metric struct {
		DataSourceRef  string          `yaml:"dataSourceRef"`
		DataSourceSpec *DataSourceSpec `yaml:"dataSourceSpec"`
		Spec           document.Raw    `yaml:"spec"`
	}
	v2Indicator struct {
		Metadata document.Metadata `yaml:"metadata"`
		Spec     v2SLISpec         `yaml:"spec"`
	}
	v2SLO struct {
		Head `yaml:",inline"`
		Spec struct {
			Description     string           `yaml:"description"`
			Service         string           `yaml:"service"`
			ServiceRef      string           `yaml:"serviceRef"`
			SLI             *v2Indicator     `yaml:"sli"`
			SLIRef          string           `yaml:"sliRef"`
			TimeWindow      []TimeWindow     `yaml:"timeWindow"`
			BudgetingMethod string           `yaml:"budgetingMethod"`
			Objectives      []v2Objective    `yaml:"objectives"`
			AlertPolicies   []AlertPolicyUse `yaml:"alertPolicies"`
		} `yaml:"spec"`
	}
	v2Objective struct {
		DisplayName     string            `yaml:"displayName"`
		Labels          map[string]string `yaml:"labels"`
		Op              string            `yaml:"op"`
		Value           *float64          `yaml:"value"`
		Target          *float64          `yaml:"target"`
		TargetPercent   *float64          `yaml:"targetPercent"`
		TimeSliceTarget *float64          `yaml:"timeSliceTarget"`
		TimeSliceWindow document.Scalar   `yaml:"timeSliceWindow"`
		SLI             *v2Indicator      `yaml:"sli"`
		SLIRef          string            `yaml:"sliRef"`
		CompositeWeight *float64          `yaml:"compositeWeight"`
	}
)

// v2Paths turns the paths of the converted document into those of the text.
var v2Paths = strings.NewReplacer(
	".indicatorRef", ".sliRef",
	".indicator", ".sli",
	".metricSource.spec", ".spec",
	".metricSource.metricSourceRef", ".dataSourceRef",
	".metricSource.type", ".dataSourceSpec.type",
	".metricSource", "",
)

func readV2Alpha(d *document.Document) any {
	sli, slo, value := &v2SLI{}, &v2SLO{}, newDocument(d.Kind)
	switch d.Kind {
	case "SLI":
		value = sli
	case "SLO":
		value = slo
	}
	if !d.Decode(value) {
		return nil
	}
	if d.Has("metadata.displayName") {
		d.Warnf("metadata.displayName", "openslo.com/v2alpha has no such field; it is taken all the same")
	}
	switch d.Kind {
	case "SLI":
		return converted(d, &SLI{Head: sli.Head, Spec: sli.Spec.convert()}, v2Paths.Replace)
	case "SLO":
		return converted(d, slo.slo(d), slo.paths())
	}
	check(d, value)
	return value
}

func converted(d *document.Document, value any, rename func(string) string) any {
	d.Rename(rename)
	check(d, value)
	return value
}

// paths is as v2Paths, with the spelling of service that the text uses: the
// proposal calls it service, the published examples serviceRef.
func (s *v2SLO) paths() func(string) string {
	if s.Spec.ServiceRef == "" {
		return v2Paths.Replace
	}
	return func(field string) string {
		if field == "spec.service" {
			return "spec.serviceRef"
		}
		return v2Paths.Replace(field)
	}
}

func (s *v2SLO) slo(d *document.Document) *SLO {
	service := s.Spec.Service
	if service != "" && s.Spec.ServiceRef != "" {
		d.Errorf("spec", "has both service and serviceRef; one of them must go")
	} else if service == "" {
		service = s.Spec.ServiceRef
	}
	slo := &SLO{Head: s.Head, Spec: SLOSpec{
		Description: s.Spec.Description, Service: service, Indicator: s.Spec.SLI.convert(), IndicatorRef: s.Spec.SLIRef,
		TimeWindow: s.Spec.TimeWindow, BudgetingMethod: s.Spec.BudgetingMethod, AlertPolicies: s.Spec.AlertPolicies,
	}}
	for i, o := range s.Spec.Objectives {
		if len(o.Labels) > 0 {
			d.Warnf(item("spec.objectives", i)+".labels", "has no place: labels belong to the SLO")
		}
		slo.Spec.Objectives = append(slo.Spec.Objectives, Objective{
			DisplayName: o.DisplayName, Op: o.Op, Value: o.Value, Target: o.Target, TargetPercent: o.TargetPercent,
			TimeSliceTarget: o.TimeSliceTarget, TimeSliceWindow: o.TimeSliceWindow,
			Indicator: o.SLI.convert(), IndicatorRef: o.SLIRef, CompositeWeight: o.CompositeWeight,
		})
	}
	return slo
}

func (i *v2Indicator) convert() *Indicator {
	if i == nil {
		return nil
	}
	return &Indicator{Metadata: i.Metadata, Spec: i.Spec.convert()}
}

func (s *v2SLISpec) convert() SLISpec {
	spec := SLISpec{Description: s.Description, ThresholdMetric: s.ThresholdMetric.convert()}
	if r := s.RatioMetric; r != nil {
		spec.RatioMetric = &RatioMetric{
			Counter: r.Counter, RawType: r.RawType,
			Good: r.Good.convert(), Bad: r.Bad.convert(), Total: r.Total.convert(), Raw: r.Raw.convert(),
		}
	}
	return spec
}

func (m *v2Metric) convert() *Metric {
	if m == nil {
		return nil
	}
	source := MetricSource{MetricSourceRef: m.DataSourceRef, Spec: m.Spec}
	if m.DataSourceSpec != nil {
		source.Type = m.DataSourceSpec.Type
	}
	return &Metric{MetricSource: source}
}
