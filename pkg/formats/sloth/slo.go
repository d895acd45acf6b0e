package sloth

import (
	"fmt"
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
	service     string
	labels      map[string]string
	annotations map[string]string
}

func (w *writer) all(of *definition) {
	if w.service = of.Service; !w.d.Required("service", of.Service) {
		return
	}
	w.plugins("slo_plugins", of.SLOPlugins)
	if len(of.SLOs) == 0 {
		w.d.Errorf("slos", "must hold at least one SLO")
	}
	for i := range of.SLOs {
		w.slo(fmt.Sprintf("slos[%d]", i), &of.SLOs[i])
	}
}

func (w *writer) slo(at string, s *slo) {
	named := w.d.Required(at+".name", s.Name)
	if s.Objective == nil {
		w.d.Errorf(at+".objective", "is required: the target in percent, as 99.9")
		return
	}
	if _, ok := w.d.Percent(at+".objective", *s.Objective); !ok || !named {
		return
	}
	sli, ok := w.indicator(at+".sli", &s.SLI)
	if !ok {
		return
	}
	w.plugins(at+".plugins", s.Plugins)
	w.alerting(at+".alerting", &s.Alerting)
	labels, annotations := maps.Clone(w.labels), maps.Clone(w.annotations)
	maps.Copy(labels, imports.Texts(s.Labels))
	maps.Copy(annotations, imports.Texts(s.Alerting.Annotations))
	w.set.Add(w.d, imports.SLO{
		Name: w.service + "-" + s.Name, Service: w.service, Description: strings.TrimSpace(s.Description),
		Labels: labels, Annotations: annotations, SLI: sli, TargetPercent: *s.Objective, Window: w.window,
		NameField: at + ".name",
	})
}

// indicator is what the SLO measures; ok is false when that was refused.
func (w *writer) indicator(at string, of *indicator) (sli agreement.SLI, ok bool) {
	given := 0
	for _, is := range []bool{of.Raw != nil, of.Events != nil, of.Plugin != nil} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		w.d.Errorf(at, "must hold exactly one of events, raw and plugin, got %d", given)
	case of.Plugin != nil:
		w.set.Refuse(w.d, at+".plugin.id", "the SLI plugin %q is a program that Sloth runs to make the queries; write the queries themselves, as sli.events", of.Plugin.ID)
	case of.Raw != nil:
		return w.raw(at+".raw.error_ratio_query", of.Raw.ErrorRatioQuery)
	default:
		return w.events(at+".events", of.Events)
	}
	return sli, false
}

func (w *writer) raw(at, query string) (sli agreement.SLI, ok bool) {
	if query = strings.TrimSpace(query); !w.d.Required(at, query) {
		return sli, false
	}
	sli = agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: query}}
	if err := w.set.Measurable(sli, nil); err != nil {
		w.set.Refuse(w.d, at, "%s", err)
		return sli, false
	}
	return sli, true
}

func (w *writer) events(at string, e *events) (sli agreement.SLI, ok bool) {
	errorField, totalField := at+".error_query", at+".total_query"
	errors, total := strings.TrimSpace(e.ErrorQuery), strings.TrimSpace(e.TotalQuery)
	hasErrors := w.d.Required(errorField, errors)
	if !w.d.Required(totalField, total) || !hasErrors {
		return sli, false
	}
	sli = agreement.SLI{Kind: agreement.Ratio, Bad: &agreement.Query{Expr: errors}, Total: &agreement.Query{Expr: total}}
	err := w.set.Measurable(sli, nil)
	if err == nil {
		return sli, true
	}
	field := errorField
	if strings.HasPrefix(err.Error(), "total ") {
		field = totalField
	}
	ratio, sampled := sampledRatio(errors, total)
	if sampled {
		sli = agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: ratio}}
		sampled = w.set.Measurable(sli, nil) == nil
	}
	if !sampled {
		w.set.Refuse(w.d, field, "%s", err)
		return sli, false
	}
	w.d.Warnf(at, "adds up a gauge over the window, which counts no events: the ratio is measured once a minute instead, and every minute weighs the same")
	return sli, true
}

// plugins says that SLO plugins have no place: they change the rules that
// Sloth makes, and there are none here.
func (w *writer) plugins(at string, p *plugins) {
	if p == nil || len(p.Chain) == 0 && !p.OverridePrevious {
		return
	}
	ids := make([]string, len(p.Chain))
	for i, plugin := range p.Chain {
		ids[i] = plugin.ID
	}
	w.d.Warnf(at, "has no place: SLO plugins change the rules that Sloth generates, and here none are needed (%s)", strings.Join(ids, ", "))
}

// alerting says what of the alerts' settings has no place.
func (w *writer) alerting(at string, a *alerting) {
	if a.Name != "" {
		w.d.Warnf(at+".name", "has no place: alerts are named after agreement and objective")
	}
	w.alertLabels(at+".labels", a.Labels)
	for name, of := range map[string]*alert{"page_alert": &a.Page, "ticket_alert": &a.Ticket} {
		field := at + "." + name
		if of.Disable {
			w.d.Warnf(field+".disable", "has no place: an SLO has all its alerts; leave it out of the alert rule's query where one is not wanted")
		}
		w.alertLabels(field+".labels", of.Labels)
		if len(of.Annotations) > 0 {
			w.d.Warnf(field+".annotations", "has no place: an SLO has one set of annotations for all its alerts")
		}
	}
}

func (w *writer) alertLabels(field string, of map[string]document.Plain) {
	if len(of) > 0 {
		w.d.Warnf(field, "has no place: an alert has the labels agreement, objective, service, provider, team and severity, on which it is routed")
	}
}
