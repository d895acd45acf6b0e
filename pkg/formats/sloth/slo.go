package sloth

import (
	"maps"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
)

// writer imports the SLOs of one document.
type writer struct {
	set         *imports.Set
	d           *document.Document
	window      string
	namespace   string
	service     string
	labels      map[string]string
	annotations map[string]string
}

func (w *writer) all(of *definition) {
	if w.d.Check(of); of.Service == "" {
		return
	}
	w.service = of.Service
	if len(of.SLOs) == 0 {
		w.d.Errorf("slos", "must hold at least one SLO")
	}
	for i := range of.SLOs {
		w.slo(document.Item("slos", i), &of.SLOs[i])
	}
}

func (w *writer) slo(at string, s *slo) {
	if s.Objective == nil {
		w.d.Errorf(at+".objective", "is required: the target in percent, as 99.9")
		return
	}
	if _, ok := w.d.Percent(at+".objective", *s.Objective); !ok || s.Name == "" {
		return
	}
	sli, groupBy, ok := w.indicator(at+".sli", &s.SLI)
	if !ok {
		return
	}
	labels := maps.Clone(w.labels)
	maps.Copy(labels, imports.Texts(s.Labels))
	w.set.Add(w.d, imports.SLO{
		Name: w.service + "-" + s.Name, Namespace: w.namespace, Service: w.service, GroupBy: groupBy, Description: strings.TrimSpace(s.Description),
		Labels: labels, Annotations: w.annotations, SLI: sli, Alerts: s.Alerting.alerts(), TargetPercent: *s.Objective, Window: w.window,
		NameField: at + ".name",
	})
}

// indicator is what the SLO measures, by which labels; ok is false when that was
// refused.
func (w *writer) indicator(at string, of *indicator) (sli agreement.SLI, groupBy []string, ok bool) {
	switch given := imports.Given(of.Raw != nil, of.Events != nil, of.Plugin != nil); {
	case given != 1:
		w.d.Errorf(at, "must hold exactly one of events, raw and plugin, got %d", given)
	case of.Plugin != nil:
		w.set.Refuse(w.d, at+".plugin.id", "the SLI plugin %q is a program that Sloth runs to make the queries; write the queries themselves, as sli.events", of.Plugin.ID)
	case of.Raw != nil:
		return w.raw(at+".raw.error_ratio_query", of.Raw.ErrorRatioQuery)
	default:
		return w.events(at+".events", of.Events)
	}
	return sli, nil, false
}

func (w *writer) raw(at, query string) (sli agreement.SLI, groupBy []string, ok bool) {
	if query = strings.TrimSpace(query); !w.d.Required(at, query) {
		return sli, nil, false
	}
	groupBy = w.grouping(at, query)
	sli = agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: query}}
	if err := w.set.Measurable(w.d, at, sli, groupBy); err != nil {
		w.set.RefuseQuery(w.d, at, at, err)
		return sli, nil, false
	}
	return sli, groupBy, true
}

func (w *writer) events(at string, e *events) (sli agreement.SLI, groupBy []string, ok bool) {
	errors, total := strings.TrimSpace(e.ErrorQuery), strings.TrimSpace(e.TotalQuery)
	hasErrors := w.d.Required(at+".error_query", errors)
	if !w.d.Required(at+".total_query", total) || !hasErrors {
		return sli, nil, false
	}
	groupBy = w.grouping(at, errors, total)
	sli = agreement.SLI{Kind: agreement.Ratio, Bad: &agreement.Query{Expr: errors}, Total: &agreement.Query{Expr: total}}
	err := w.set.Measurable(w.d, at+".error_query", sli, groupBy)
	if err == nil {
		return sli, groupBy, true
	}
	if ratio, sampled := sampledRatio(errors, total); sampled {
		gauge := agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: ratio}}
		if w.set.Measurable(w.d, at+".error_query", gauge, groupBy) == nil {
			w.d.Warnf(at, "adds up a gauge over the window, which counts no events: the ratio is measured once a minute instead, and every minute weighs the same")
			return gauge, groupBy, true
		}
	}
	w.set.RefuseQuery(w.d, at+".error_query", at+".total_query", err)
	return sli, nil, false
}
