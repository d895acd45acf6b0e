package writing

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/sli"
)

// objective writes an objective as an SLO for other tools.
func (w *writer) objective(a *agreement.Agreement, o *agreement.Objective) {
	out := openslo.SLO{Head: document.Head{APIVersion: openslo.V1, Kind: "SLO", Metadata: document.Metadata{
		Name: w.name(a.Name + "-" + o.Name), DisplayName: o.DisplayName, Labels: a.Labels,
		Annotations: map[string]string{openslo.ObjectiveAnnotation: a.Name + "/" + o.Name},
	}}}
	out.Spec = openslo.SLOSpec{
		Description: openslo.Description(a.Description), Service: a.Service,
		TimeWindow: []openslo.TimeWindow{openslo.NewTimeWindow(o.Window)}, BudgetingMethod: o.Budgeting,
		Objectives: []openslo.Objective{w.figures(o)},
	}
	if w.indicator(&out.Spec, a, o); out.Spec.Indicator == nil && out.Spec.IndicatorRef == "" {
		return
	}
	if len(o.Select) > 0 && o.OtherConnection == "" {
		w.narrow(&out.Spec, a, o)
	}
	w.all = append(w.all, out)
}

// indicator sets the SLI and the alert policies of an objective.
func (w *writer) indicator(spec *openslo.SLOSpec, a *agreement.Agreement, o *agreement.Objective) {
	if o.SLO == "" {
		spec.Indicator = w.sources[catalog.ID{Kind: "Agreement", Name: a.Name}].Indicators[o.Name]
		spec.AlertPolicies = w.policies(o)
		return
	}
	slo := w.sources[catalog.ID{Kind: "SLO", Name: o.SLO}].Value.(*openslo.SLO)
	spec.Indicator, spec.IndicatorRef, spec.AlertPolicies = slo.Spec.Indicator, slo.Spec.IndicatorRef, slo.Spec.AlertPolicies
	for i, base := range w.measured[o.SLO] {
		if base.SLI.Place != o.SLI.Place {
			continue
		}
		if slo.IndicatorEach {
			spec.Indicator = slo.Spec.Objectives[i].Indicator
		}
		if !reflect.DeepEqual(base.Alerts, o.Alerts) {
			spec.AlertPolicies = w.policies(o)
		}
	}
}

// policies returns the alerts of an objective that differ from the defaults.
func (w *writer) policies(o *agreement.Objective) []openslo.AlertPolicyUse {
	from, end := o.Window.At(w.at)
	return openslo.NewAlertPolicies(o, end.Sub(from))
}

// narrow writes the indicator in place, with the objective's select in its queries.
func (w *writer) narrow(spec *openslo.SLOSpec, a *agreement.Agreement, o *agreement.Objective) {
	plan, err := sli.NewPlan(o.SLI, o.Select, o.GroupBy)
	if err != nil {
		w.losses.Add(o.Place, "Agreement "+a.Name+"/"+o.Name, "other tools are told nothing of its select: %s", err)
		return
	}
	var indicator openslo.Indicator
	if spec.IndicatorRef != "" {
		named := w.sources[catalog.ID{Kind: "SLI", Name: spec.IndicatorRef}].Value.(*openslo.SLI)
		indicator.Metadata.Name, indicator.Spec = spec.IndicatorRef, named.Spec
	} else {
		indicator = *spec.Indicator
	}
	spec.Indicator, spec.IndicatorRef = &indicator, ""
	narrowed := func(metric *openslo.Metric, query *agreement.Query, terms []sli.Term) *openslo.Metric {
		if metric == nil {
			return nil
		}
		to := *query
		switch {
		case o.SLI.Kind.TimeBased():
			to.Expr = plan.PortableGauge
		case to.Histogram != "":
			to.Histogram = terms[0].Selector()
		default:
			to.Expr = counter(terms)
		}
		source := metric.MetricSource
		source.Spec = openslo.NewQuery(&to, o.SLI.Recorded)
		return &openslo.Metric{MetricSource: source}
	}
	indicator.Spec.ThresholdMetric = narrowed(indicator.Spec.ThresholdMetric, o.SLI.Gauge, nil)
	if indicator.Spec.RatioMetric != nil {
		ratio := *indicator.Spec.RatioMetric
		if ratio.Counter != nil {
			ratio.Counter = new(!plan.PerPeriod())
		}
		ratio.Raw = narrowed(ratio.Raw, o.SLI.Gauge, nil)
		ratio.Good = narrowed(ratio.Good, o.SLI.Good, plan.Part)
		ratio.Bad = narrowed(ratio.Bad, o.SLI.Bad, plan.Part)
		ratio.Total = narrowed(ratio.Total, o.SLI.Total, plan.Total)
		indicator.Spec.RatioMetric = &ratio
	}
}

func counter(terms []sli.Term) string {
	var b strings.Builder
	for i, term := range terms {
		switch {
		case term.Negative:
			b.WriteString(" - ")
		case i > 0:
			b.WriteString(" + ")
		}
		b.WriteString("sum(" + term.Expr() + ")")
	}
	return b.String()
}

func (w *writer) figures(o *agreement.Objective) openslo.Objective {
	figures := openslo.Objective{DisplayName: o.DisplayName, Target: new(o.TargetAt(w.at))}
	if o.SLI.Kind == agreement.Threshold {
		figures.Op, figures.Value = o.Op, &o.Value
	}
	if o.TimeSliceTarget > 0 {
		figures.TimeSliceTarget = &o.TimeSliceTarget
	}
	if o.TimeSliceWindow > 0 {
		figures.TimeSliceWindow.Text = agreement.FormatDuration(o.TimeSliceWindow)
	}
	return figures
}

// name returns a new name for an SLO: wanted, or cut and with a hash if it is too long or taken.
func (w *writer) name(wanted string) string {
	const most = 63
	name := wanted
	for hashed := wanted; len(name) > most || w.slos[name]; hashed += "/" {
		sum := sha256.Sum256([]byte(hashed))
		name = strings.TrimRight(wanted[:min(len(wanted), most-9)], "-") + "-" + hex.EncodeToString(sum[:4])
	}
	w.slos[name] = true
	return name
}
