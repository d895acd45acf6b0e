package writing

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/sli"
)

// objective tells other tools of an objective: an SLO with what was agreed.
func (w *writer) objective(a *agreement.Agreement, o *agreement.Objective) {
	indicator, policies := w.indicator(a, o)
	if indicator == nil {
		return
	}
	metadata := mapping("name", w.name(a.Name+"-"+o.Name), "displayName", o.DisplayName, "labels", a.Labels)
	spec := mapping("description", a.Description, "service", a.Service)
	if ref := text(indicator, "indicatorRef"); ref != "" && len(o.Select) == 0 {
		set(spec, "indicatorRef", scalar(ref))
	} else {
		set(spec, "indicator", w.narrowed(a, o, find(indicator, "indicator"), ref))
	}
	set(spec, "timeWindow", list(window(o.Window)))
	set(spec, "budgetingMethod", scalar(string(o.Budgeting)))
	set(spec, "objectives", list(w.figures(o)))
	if policies != nil {
		set(spec, "alertPolicies", policies)
	}
	slo := mapping("apiVersion", openslo.V1, "kind", "SLO", "metadata", metadata, "spec", spec)
	annotate(slo, openslo.ObjectiveAnnotation, a.Name+"/"+o.Name)
	w.all = append(w.all, slo)
}

// indicator is what an objective measures, as an SLO has it: a mapping with
// indicator or indicatorRef; and the alert policies of the SLO.
func (w *writer) indicator(a *agreement.Agreement, o *agreement.Objective) (indicator, policies *yaml.Node) {
	if o.SLO == "" {
		written := inline(w.written(catalog.ID{Kind: "Agreement", Name: a.Name}), o.Name)
		if written == nil {
			return nil, nil
		}
		if find(written, "spec") == nil {
			written = mapping("spec", written)
		}
		return mapping("indicator", written), nil
	}
	slo := w.trees[catalog.ID{Kind: "SLO", Name: o.SLO}]
	policies = copied(find(slo, "spec", "alertPolicies"))
	if ref := text(slo, "spec", "indicatorRef"); ref != "" {
		return mapping("indicatorRef", ref), policies
	}
	if shared := find(slo, "spec", "indicator"); shared != nil {
		return mapping("indicator", copied(shared)), policies
	}
	for i, base := range w.objectivesOf(o.SLO) {
		if base.SLI.Place == o.SLI.Place {
			return mapping("indicator", copied(find(find(slo, "spec", "objectives").Content[i], "indicator"))), policies
		}
	}
	return nil, nil
}

func (w *writer) objectivesOf(slo string) []*agreement.Objective {
	for _, s := range w.catalog.AllSLOs {
		if s.Name == slo {
			return s.Objectives
		}
	}
	return nil
}

func (w *writer) written(id catalog.ID) *yaml.Node {
	for _, document := range w.catalog.Sources {
		if document.ID == id {
			return document.Tree
		}
	}
	return nil
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

// narrowed is the indicator with the objective's select in its queries.
func (w *writer) narrowed(a *agreement.Agreement, o *agreement.Objective, indicator *yaml.Node, ref string) *yaml.Node {
	if ref != "" {
		of := w.trees[catalog.ID{Kind: "SLI", Name: ref}]
		indicator = mapping("metadata", mapping("name", ref), "spec", copied(find(of, "spec")))
	}
	if len(o.Select) == 0 || o.OtherConnection != "" {
		return indicator
	}
	about := "Agreement " + a.Name + "/" + o.Name
	plan, err := sli.NewPlan(o.SLI, o.Select, o.GroupBy)
	if err != nil {
		w.lost.Add(o.Place, about, "other tools are told nothing of its select: %s", err)
		return indicator
	}
	ratio := find(indicator, "spec", "ratioMetric")
	if o.SLI.Kind.TimeBased() {
		metric := find(indicator, "spec", "thresholdMetric")
		if metric == nil {
			metric = find(ratio, "raw")
		}
		requery(metric, plan.GaugeQuery(sli.Offset), "")
		return indicator
	}
	for name, terms := range map[string][]sli.Term{"total": plan.Total, "good": plan.Part, "bad": plan.Part} {
		if metric := find(ratio, name); metric != nil {
			requery(metric, counter(terms), terms[0].Selector())
		}
	}
	return indicator
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

func (w *writer) figures(o *agreement.Objective) *yaml.Node {
	target := o.TargetAt(w.at)
	figures := mapping("displayName", o.DisplayName, "target", &target)
	if o.SLI.Kind == agreement.Threshold {
		set(figures, "op", scalar(string(o.Op)))
		set(figures, "value", find(mapping("value", &o.Value), "value"))
	}
	if o.TimeSliceTarget > 0 {
		set(figures, "timeSliceTarget", find(mapping("value", &o.TimeSliceTarget), "value"))
	}
	if o.TimeSliceWindow > 0 {
		set(figures, "timeSliceWindow", scalar(agreement.FormatDuration(o.TimeSliceWindow)))
	}
	return figures
}

// periods are OpenSLO's words for calendar windows, and a beginning of each.
var periods = map[agreement.CalendarUnit][2]string{
	agreement.Day: {"1d", "2026-01-01 00:00:00"}, agreement.Week: {"1w", "2026-01-05 00:00:00"},
	agreement.Month: {"1M", "2026-01-01 00:00:00"}, agreement.Quarter: {"1Q", "2026-01-01 00:00:00"},
	agreement.Year: {"1Y", "2026-01-01 00:00:00"},
}

func window(of agreement.Window) *yaml.Node {
	rolling := !of.IsCalendar()
	if rolling {
		return mapping("duration", agreement.FormatDuration(of.Rolling), "isRolling", &rolling)
	}
	zone := "UTC"
	if of.Zone != nil {
		zone = of.Zone.String()
	}
	period := periods[of.Calendar]
	return mapping("duration", period[0], "isRolling", &rolling,
		"calendar", mapping("startTime", period[1], "timeZone", zone))
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
