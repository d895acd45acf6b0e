package openslo

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// The documents of openslo/v1alpha, as they are written.
type (
	alphaSLO struct {
		Head `yaml:",inline"`
		Spec struct {
			Description string `yaml:"description"`
			Service     string `yaml:"service"`
			Indicator   *struct {
				ThresholdMetric *alphaMetric `yaml:"thresholdMetric"`
			} `yaml:"indicator"`
			TimeWindows     []alphaWindow    `yaml:"timeWindows"`
			BudgetingMethod string           `yaml:"budgetingMethod"`
			Objectives      []alphaObjective `yaml:"objectives"`
		} `yaml:"spec"`
	}
	alphaMetric struct {
		Source    string            `yaml:"source"`
		QueryType string            `yaml:"queryType"`
		Query     document.Raw      `yaml:"query"`
		Metadata  document.Anything `yaml:"metadata"`
	}
	alphaWindow struct {
		Unit      string    `yaml:"unit"`
		Count     *float64  `yaml:"count"`
		IsRolling *bool     `yaml:"isRolling"`
		Calendar  *Calendar `yaml:"calendar"`
	}
	alphaObjective struct {
		DisplayName     string      `yaml:"displayName"`
		Op              string      `yaml:"op"`
		Value           *float64    `yaml:"value"`
		Target          *float64    `yaml:"target"`
		TimeSliceTarget *float64    `yaml:"timeSliceTarget"`
		RatioMetrics    *alphaRatio `yaml:"ratioMetrics"`
	}
	alphaRatio struct {
		Good        *alphaMetric `yaml:"good"`
		Bad         *alphaMetric `yaml:"bad"`
		Total       *alphaMetric `yaml:"total"`
		Incremental *bool        `yaml:"incremental"`
		Counter     *bool        `yaml:"counter"`
	}
)

// alphaPaths turns the paths of the converted document into those of the text.
var alphaPaths = strings.NewReplacer(
	"spec.timeWindow[", "spec.timeWindows[",
	"].duration", "].count",
	".indicator.spec.ratioMetric", ".ratioMetrics",
	"spec.indicator.spec.thresholdMetric", "spec.indicator.thresholdMetric",
	".metricSource.spec.query", ".query",
	".metricSource.spec", ".query",
	".metricSource", ".source",
)

func readV1Alpha(d *document.Document) any {
	if d.Kind == "Service" {
		service := &Service{}
		if !d.Decode(service) {
			return nil
		}
		check(d, service)
		return service
	}
	alpha := &alphaSLO{}
	if !d.Decode(alpha) {
		return nil
	}
	slo := &SLO{Head: alpha.Head, Spec: SLOSpec{
		Description: alpha.Spec.Description, Service: alpha.Spec.Service, BudgetingMethod: alpha.Spec.BudgetingMethod,
	}}
	for i, window := range alpha.Spec.TimeWindows {
		slo.Spec.TimeWindow = append(slo.Spec.TimeWindow, window.convert(d, item("spec.timeWindows", i)))
	}
	alpha.indicators(d, slo)
	for i, objective := range alpha.Spec.Objectives {
		slo.Spec.Objectives[i].TimeSliceWindow = objective.slice(d, item("spec.objectives", i), alpha.Spec.BudgetingMethod)
	}
	if d.Failed() {
		return nil
	}
	d.Rename(alphaPaths.Replace)
	check(d, slo)
	return slo
}

// indicators carries over the objectives with what they measure: a threshold
// that they share, or a ratio each.
func (a *alphaSLO) indicators(d *document.Document, slo *SLO) {
	shared := a.Spec.Indicator != nil && a.Spec.Indicator.ThresholdMetric != nil
	if shared {
		metric := a.Spec.Indicator.ThresholdMetric.convert(d, "spec.indicator.thresholdMetric")
		slo.Spec.Indicator = &Indicator{Spec: SLISpec{ThresholdMetric: metric}}
	}
	for i, objective := range a.Spec.Objectives {
		at := item("spec.objectives", i)
		converted := Objective{
			DisplayName: objective.DisplayName, Op: objective.Op, Value: objective.Value,
			Target: objective.Target, TimeSliceTarget: objective.TimeSliceTarget,
		}
		switch ratio := objective.RatioMetrics; {
		case ratio != nil && shared:
			d.Errorf(at+".ratioMetrics", "stands beside spec.indicator.thresholdMetric; one of them must go")
		case ratio != nil:
			converted.Indicator = &Indicator{Spec: SLISpec{RatioMetric: ratio.convert(d, at+".ratioMetrics")}}
		case !shared:
			d.Errorf(at, "needs ratioMetrics, or a thresholdMetric in spec.indicator")
		}
		slo.Spec.Objectives = append(slo.Spec.Objectives, converted)
	}
	slo.indicatorEach = !shared && len(slo.Spec.Objectives) > 0
}

// slice is the length of a slice, for which v1alpha has no field.
func (o *alphaObjective) slice(d *document.Document, field, method string) document.Scalar {
	if method != string(agreement.Timeslices) {
		return document.Scalar{}
	}
	d.Warnf(field, "openslo/v1alpha has no timeSliceWindow; slices of 1m are taken (openslo/v1 can say another length)")
	return document.Scalar{Text: "1m"}
}

func (r *alphaRatio) convert(d *document.Document, field string) *RatioMetric {
	counter := r.Counter
	if counter == nil {
		counter = r.Incremental
	}
	if counter != nil && !*counter {
		at := field + ".incremental"
		if r.Counter != nil {
			at = field + ".counter"
		}
		d.Warnf(at, "false has no effect: good, bad and total are counted as counters all the same")
	}
	return &RatioMetric{
		Good:  r.Good.convert(d, field+".good"),
		Bad:   r.Bad.convert(d, field+".bad"),
		Total: r.Total.convert(d, field+".total"),
	}
}

func (m *alphaMetric) convert(d *document.Document, field string) *Metric {
	if m == nil {
		return nil
	}
	if m.Metadata.Present {
		d.Warnf(field+".metadata", "has no place: the query says all")
	}
	switch strings.ToLower(m.QueryType) {
	case "", "query", "promql":
	default:
		d.Warnf(field+".queryType", "has no place: the query is read as PromQL, whatever its type")
	}
	if m.Query.IsZero() {
		d.Errorf(field+".query", "is required")
	}
	return &Metric{MetricSource: MetricSource{Type: m.Source, Spec: m.Query.Under("query")}}
}

// alphaUnits are v1alpha's units of a window in v1's shorthand.
var alphaUnits = map[string]string{
	"Minute": "m", "Hour": "h", "Day": "d", "Week": "w", "Month": "M", "Quarter": "Q", "Year": "Y",
}

var wholeCount = regexp.MustCompile(`^[1-9][0-9]{0,4}$`)

func (w alphaWindow) convert(d *document.Document, field string) TimeWindow {
	window := TimeWindow{IsRolling: w.IsRolling, Calendar: w.Calendar}
	if w.IsRolling == nil && w.Calendar == nil {
		// Written so by many, and only one reading makes sense of it.
		d.Warnf(field, "says neither isRolling nor a calendar; a rolling window is taken")
		rolling := true
		window.IsRolling = &rolling
	}
	unit, ok := alphaUnits[w.Unit]
	if !ok {
		if w.Unit == "Second" {
			d.Errorf(field+".unit", "no window is counted in seconds: it must be from 1h to 400d")
		} else {
			d.OneOf(field+".unit", w.Unit, "Minute", "Hour", "Day", "Week", "Month", "Quarter", "Year")
		}
		return window
	}
	count := ""
	if w.Count != nil {
		count = strconv.FormatFloat(*w.Count, 'f', -1, 64)
	}
	if !wholeCount.MatchString(count) {
		d.Errorf(field+".count", "must be a whole number above 0")
		return window
	}
	window.Duration = count + unit
	return window
}
