package writing

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/sli"
)

// slo is an SLO as it is written, with the indicator and the policies as they
// stand in the documents.
type slo struct {
	document.Head `yaml:",inline"`
	Spec          struct {
		Description     string               `yaml:"description,omitempty"`
		Service         string               `yaml:"service"`
		IndicatorRef    string               `yaml:"indicatorRef,omitempty"`
		Indicator       *yaml.Node           `yaml:"indicator,omitempty"`
		TimeWindow      []openslo.TimeWindow `yaml:"timeWindow"`
		BudgetingMethod string               `yaml:"budgetingMethod"`
		Objectives      []openslo.Objective  `yaml:"objectives"`
		AlertPolicies   *yaml.Node           `yaml:"alertPolicies,omitempty"`
	} `yaml:"spec"`
}

// objective writes an objective for other tools: an SLO with what was agreed.
func (w *writer) objective(a *agreement.Agreement, o *agreement.Objective) {
	indicator, ref := w.indicator(a, o)
	switch {
	case indicator == nil && ref == "":
		return
	case len(o.Select) > 0 && ref != "":
		indicator = mapping("metadata", mapping("name", scalar(ref)))
		set(indicator, "spec", copied(find(w.trees[catalog.ID{Kind: "SLI", Name: ref}], "spec")))
		ref = ""
	}
	if len(o.Select) > 0 && o.OtherConnection == "" {
		w.narrow(indicator, a, o)
	}
	out := slo{Head: document.Head{APIVersion: openslo.V1, Kind: "SLO", Metadata: document.Metadata{
		Name: w.name(a.Name + "-" + o.Name), DisplayName: o.DisplayName, Labels: document.LabelsOf(a.Labels),
		Annotations: map[string]string{openslo.ObjectiveAnnotation: a.Name + "/" + o.Name},
	}}}
	spec := &out.Spec
	spec.Description, spec.Service, spec.IndicatorRef, spec.Indicator = a.Description, a.Service, ref, indicator
	spec.TimeWindow, spec.BudgetingMethod = []openslo.TimeWindow{openslo.NewTimeWindow(o.Window)}, string(o.Budgeting)
	spec.Objectives = []openslo.Objective{w.figures(o)}
	if o.SLO != "" {
		spec.AlertPolicies = find(w.trees[catalog.ID{Kind: "SLO", Name: o.SLO}], "spec", "alertPolicies")
	}
	w.all = append(w.all, out)
}

// indicator is what an objective measures: an indicator, or a reference to one.
func (w *writer) indicator(a *agreement.Agreement, o *agreement.Objective) (indicator *yaml.Node, ref string) {
	if o.SLO == "" {
		indicator = inline(w.trees[catalog.ID{Kind: "Agreement", Name: a.Name}], o.Name)
		if indicator != nil && find(indicator, "spec") == nil {
			indicator = mapping("spec", indicator)
		}
		return indicator, ""
	}
	spec := find(w.trees[catalog.ID{Kind: "SLO", Name: o.SLO}], "spec")
	if ref := text(spec, "indicatorRef"); ref != "" {
		return nil, ref
	}
	if shared := find(spec, "indicator"); shared != nil {
		return copied(shared), ""
	}
	for _, s := range w.catalog.AllSLOs {
		for i, base := range s.Objectives {
			if s.Name == o.SLO && base.SLI.Place == o.SLI.Place {
				return copied(find(find(spec, "objectives").Content[i], "indicator")), ""
			}
		}
	}
	return nil, ""
}

// inline is the indicator that an agreement writes itself.
func inline(a *yaml.Node, objective string) *yaml.Node {
	objectives := find(a, "spec", "objectives")
	if objectives == nil {
		return nil
	}
	for _, o := range objectives.Content {
		if text(o, "name") == objective {
			return copied(find(o, "indicator"))
		}
	}
	return nil
}

// narrow puts the objective's select into the queries of its indicator.
func (w *writer) narrow(indicator *yaml.Node, a *agreement.Agreement, o *agreement.Objective) {
	plan, err := sli.NewPlan(o.SLI, o.Select, o.GroupBy)
	if err != nil {
		w.losses.Add(o.Place, "Agreement "+a.Name+"/"+o.Name, "other tools are told nothing of its select: %s", err)
		return
	}
	ratio := find(indicator, "spec", "ratioMetric")
	if o.SLI.Kind.TimeBased() {
		metric := find(indicator, "spec", "thresholdMetric")
		if metric == nil {
			metric = find(ratio, "raw")
		}
		requery(metric, plan.GaugeQuery(sli.Offset), "")
		return
	}
	for name, terms := range map[string][]sli.Term{"total": plan.Total, "good": plan.Part, "bad": plan.Part} {
		if metric := find(ratio, name); metric != nil {
			requery(metric, counter(terms), terms[0].Selector())
		}
	}
}

// requery changes the query of a metric, or the selector of its histogram.
func requery(metric *yaml.Node, query, selector string) {
	spec := find(metric, "metricSource", "spec")
	if find(spec, "histogram") != nil {
		set(spec, "histogram", scalar(selector))
		return
	}
	set(spec, "query", scalar(query))
}

// counter is the sum and difference of the terms as a query.
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

// name is the SLO's, shortened where it is too long, and none that is taken.
func (w *writer) name(wanted string) string {
	const most = 63
	_, taken := w.trees[catalog.ID{Kind: "SLO", Name: wanted}]
	if len(wanted) <= most && !taken {
		return wanted
	}
	sum := sha256.Sum256([]byte(wanted))
	return strings.TrimRight(wanted[:min(len(wanted), most-9)], "-") + "-" + hex.EncodeToString(sum[:4])
}
