package openslo

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Fields that openslo/v1alpha and openslo.com/v2alpha spell differently have struct
// tags v1alpha and v2alpha. Other differences are converted here.

// alphaPaths converts field paths of the converted document to those of the text.
var alphaPaths = strings.NewReplacer(
	"spec.timeWindow[", "spec.timeWindows[",
	"].duration", "].count",
	".indicator.spec.ratioMetric", ".ratioMetrics",
	"spec.indicator.spec.thresholdMetric", "spec.indicator.thresholdMetric",
	".metricSource.spec.query", ".query",
	".metricSource.spec", ".query",
	".metricSource", ".source",
)

var v2Paths = strings.NewReplacer(
	".indicatorRef", ".sliRef",
	".indicator", ".sli",
	".metricSource.spec", ".spec",
	".metricSource.metricSourceRef", ".dataSourceRef",
	".metricSource.type", ".dataSourceSpec.type",
	".metricSource", "",
)

// fromV1Alpha converts an SLO that was decoded from openslo/v1alpha, which has one
// threshold for all objectives or a ratio for each.
func (s *SLO) fromV1Alpha(d *document.Document) {
	spec := &s.Spec
	for i := range spec.TimeWindow {
		spec.TimeWindow[i].fromV1Alpha(d, document.Item("spec.timeWindows", i))
	}
	shared := spec.Indicator != nil && spec.Indicator.Spec.ThresholdMetric != nil
	if shared {
		spec.Indicator.Spec.ThresholdMetric.fromV1Alpha(d, "spec.indicator.thresholdMetric")
	} else {
		spec.Indicator = nil
	}
	for i := range spec.Objectives {
		o, at := &spec.Objectives[i], document.Item("spec.objectives", i)
		switch {
		case o.RatioMetrics != nil && shared:
			d.Errorf(at+".ratioMetrics", "stands beside spec.indicator.thresholdMetric; one of them must go")
		case o.RatioMetrics != nil:
			o.RatioMetrics.fromV1Alpha(d, at+".ratioMetrics")
			o.Indicator = &Indicator{Spec: SLISpec{RatioMetric: o.RatioMetrics}}
		case !shared:
			d.Errorf(at, "needs ratioMetrics, or a thresholdMetric in spec.indicator")
		}
		if spec.BudgetingMethod == agreement.Timeslices {
			d.Warnf(at, "openslo/v1alpha has no timeSliceWindow; slices of 1m are taken (openslo/v1 can say another length)")
			o.TimeSliceWindow = document.Scalar{Text: "1m"}
		}
	}
	s.IndicatorEach = !shared && len(spec.Objectives) > 0
	d.Rename(alphaPaths.Replace)
}

func (r *RatioMetric) fromV1Alpha(d *document.Document, field string) {
	if r.Counter = cmp.Or(r.Counter, r.Incremental); r.Counter != nil && *r.Counter {
		r.Counter = nil // the default
	}
	for part, metric := range r.metrics() {
		metric.fromV1Alpha(d, field+"."+part)
	}
}

func (m *Metric) fromV1Alpha(d *document.Document, field string) {
	source := &m.MetricSource
	if source.Metadata.Present {
		d.Warnf(field+".metadata", "has no place: the query says all")
	}
	switch strings.ToLower(source.QueryType) {
	case "", "query", "promql":
	default:
		d.Warnf(field+".queryType", "has no place: the query is read as PromQL, whatever its type")
	}
	if d.Required(field+".query", source.Query) {
		source.Spec = document.RawOf(querySpec{Query: source.Query})
	}
}

var alphaUnits = map[string]string{
	"Minute": "m", "Hour": "h", "Day": "d", "Week": "w", "Month": "M", "Quarter": "Q", "Year": "Y",
}

func (w *TimeWindow) fromV1Alpha(d *document.Document, field string) {
	if w.IsRolling == nil && w.Calendar == nil {
		// Many documents omit both, and only a rolling window makes sense.
		d.Warnf(field, "says neither isRolling nor a calendar; a rolling window is taken")
		w.IsRolling = new(true)
	}
	unit, ok := alphaUnits[w.Unit]
	switch {
	case w.Unit == "Second":
		d.Errorf(field+".unit", "no window is counted in seconds: it must be from 1h to 400d")
		return
	case !ok:
		d.OneOf(field+".unit", w.Unit, "Minute", "Hour", "Day", "Week", "Month", "Quarter", "Year")
		return
	}
	if w.Count == nil || *w.Count < 1 || *w.Count > 99_999 || *w.Count != math.Trunc(*w.Count) {
		d.Errorf(field+".count", "must be a whole number above 0")
		return
	}
	w.Duration = fmt.Sprintf("%.0f%s", *w.Count, unit)
}

// fromV2Alpha converts an SLO that was decoded from openslo.com/v2alpha. The
// proposal has the field service, the published examples have serviceRef.
func (s *SLO) fromV2Alpha(d *document.Document) {
	spec, paths := &s.Spec, v2Paths.Replace
	if spec.ServiceRef != "" {
		if spec.Service != "" {
			d.Errorf("spec", "has both service and serviceRef; one of them must go")
		} else {
			spec.Service = spec.ServiceRef
		}
		paths = func(field string) string {
			if field == "spec.service" {
				return "spec.serviceRef"
			}
			return v2Paths.Replace(field)
		}
	}
	indicators := []*Indicator{spec.Indicator}
	for i, o := range spec.Objectives {
		if len(o.Labels) > 0 {
			d.Warnf(document.Item("spec.objectives", i)+".labels", "has no place: labels belong to the SLO")
		}
		indicators = append(indicators, o.Indicator)
	}
	for _, indicator := range indicators {
		if indicator != nil {
			indicator.Spec.fromV2Alpha()
		}
	}
	d.Rename(paths)
}

func (s *SLISpec) fromV2Alpha() {
	all := []*Metric{s.ThresholdMetric}
	if s.RatioMetric != nil {
		all = slices.AppendSeq(all, maps.Values(s.RatioMetric.metrics()))
	}
	for _, metric := range all {
		if metric != nil && metric.MetricSource.DataSourceSpec != nil {
			metric.MetricSource.Type = metric.MetricSource.DataSourceSpec.Type
		}
	}
}
