package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/problem"
)

func (r *resolver) service(e *entry, v *openslo.Service) {
	e.built = &agreement.Service{Name: v.Metadata.Name, DisplayName: v.Metadata.DisplayName, Labels: v.Metadata.Labels, Place: e.doc.Place}
}

func (r *resolver) dataSource(e *entry, v *openslo.DataSource) { e.built = v }

// asks reports whether a metric source belongs to this connection, see [openslo.Asks].
func (r *resolver) asks(d *document.Document, field string, source *openslo.MetricSource) (reason string, ok bool) {
	kind, ref := source.Type, source.MetricSourceRef
	_, described := r.entries["DataSource"][ref]
	switch {
	case ref == "":
	case ref == r.o.Connection && !described:
		kind = cmp.Or(kind, prometheus)
	case r.o.NoReferences:
		if kind == "" {
			return "the type of its DataSource " + ref + " is not known, since references are not followed", true
		}
	default:
		r.refer(d, field+".metricSourceRef", "DataSource", ref)
		of, ok := find[*openslo.DataSource](r, "DataSource", ref)
		if ok && kind != "" && !strings.EqualFold(kind, of.Spec.Type) {
			d.Errorf(field+".type", "is %s, but DataSource %s is of type %s", kind, ref, problem.Aside(of.Spec.Type))
			ok = false
		}
		if !ok {
			return "", false
		}
		kind = of.Spec.Type
	}
	switch {
	case r.o.Connection != "" && ref != "" && ref != r.o.Connection:
		return "it is measured by " + ref + ", and this connection is " + r.o.Connection, true
	case !strings.EqualFold(kind, prometheus):
		if meant := problem.DidYouMean(kind, []string{prometheus}); meant != "" {
			d.Warnf(field+".type", "is %s, so this is not measured here%s", kind, meant)
		}
		return "its metric source is of type " + kind + ", not " + prometheus, true
	}
	return "", true
}

const prometheus = "Prometheus"

func (r *resolver) sli(e *entry, v *openslo.SLI) {
	if e.doc.Failed() {
		return
	}
	built := openslo.NewSLI(e.doc, "spec", v.Metadata, &v.Spec, r.asks)
	if built == nil {
		return
	}
	e.built = built
	r.check(e.doc, "", built, &agreement.Objective{SLI: built.SLI, OtherConnection: built.OtherConnection})
}

// check reports whether the SLI's queries can be counted. Problems are added to d at field; if field is
// empty, at the query that each is about.
func (r *resolver) check(d *document.Document, field string, sli *openslo.BuiltSLI, o *agreement.Objective) bool {
	if r.o.CheckSLI == nil || o.OtherConnection != "" {
		return true
	}
	about := func(message string) string {
		name, _, _ := strings.Cut(strings.Replace(message, ":", " ", 1), " ")
		fields := sli.Fields
		return cmp.Or(field, fields[name], fields["good"], fields["bad"], fields["raw"], fields["threshold"])
	}
	warnings, err := r.o.CheckSLI(sli.SLI, o)
	for _, warning := range warnings {
		d.Warnf(about(warning), "%s", warning)
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range several.Unwrap() {
			d.Errorf(about(err.Error()), "%s", err)
		}
	} else if err != nil {
		d.Errorf(about(err.Error()), "%s", err)
	}
	return err == nil
}

// resolvedSLO is an SLO with the SLI of each objective.
type resolvedSLO struct {
	*agreement.Agreement
	slis []*openslo.BuiltSLI
}

func (r *resolver) slo(e *entry, v *openslo.SLO) {
	d := e.doc
	sources := r.indicators(d, v)
	objectives := openslo.Objectives(d, v, sources, r.o.Resolution)
	alerts := r.alerts(d, v)
	each := make([]*openslo.BuiltSLI, len(objectives))
	for i, o := range objectives {
		o.Alerts = alerts
		each[i] = sources[min(i, len(sources)-1)]
		if each[i] == nil || d.Failed() {
			continue
		}
		if of := each[i].Document; !r.check(of, "", each[i], o) && of != d {
			d.Errorf("spec.indicatorRef", ownErrors, named(of)...)
		}
	}
	others := maps.Clone(v.Metadata.Annotations)
	delete(others, openslo.IndicatorAnnotation)
	e.built = resolvedSLO{slis: each, Agreement: &agreement.Agreement{
		Name: v.Metadata.Name, IsSLO: true, DisplayName: v.Metadata.DisplayName, Description: string(v.Spec.Description),
		Labels: v.Metadata.Labels, Annotations: others,
		Service: v.Spec.Service, Stage: agreement.Active, Zone: time.UTC, Objectives: objectives, Place: d.Place,
	}}
}

// indicators returns the SLIs of an SLO, one for all objectives or one for each; an SLI that is missing
// or invalid is nil.
func (r *resolver) indicators(d *document.Document, slo *openslo.SLO) []*openslo.BuiltSLI {
	if slo.Spec.IndicatorRef != "" {
		sli, _ := find[*openslo.BuiltSLI](r, "SLI", slo.Spec.IndicatorRef)
		return []*openslo.BuiltSLI{sli}
	}
	paths, indicators := slo.Indicators()
	slis := make([]*openslo.BuiltSLI, len(indicators))
	for i, indicator := range indicators {
		if indicator != nil {
			slis[i] = openslo.NewSLI(d, paths[i]+".spec", indicator.Metadata, &indicator.Spec, r.asks)
		}
	}
	return slis
}

// namedSLOs returns the names of the SLOs that agreements, including those with errors, name.
func (r *resolver) namedSLOs() map[string]bool {
	named := map[string]bool{}
	for _, e := range r.all {
		if v, ok := e.partial.(*agreementDocument); ok {
			for _, o := range v.Spec.Objectives {
				named[o.SLO] = true
			}
		}
	}
	return named
}

// windowless reports SLOs without a window that no agreement names: OpenSLO allows them, but nothing
// sets their window.
func (r *resolver) windowless(named map[string]bool) {
	for _, e := range r.all {
		slo, ok := e.built.(resolvedSLO)
		if ok && !e.doc.Failed() && !named[slo.Name] && slo.Objectives[0].Window == (agreement.Window{}) {
			e.doc.Errorf("spec.timeWindow", "is required, since no agreement names this SLO and gives it a window")
		}
	}
}

func (r *resolver) condition(e *entry, v *openslo.AlertCondition) {
	e.built = openslo.AlertRule(e.doc, "spec", &v.Spec)
}

func (r *resolver) policy(e *entry, v *openslo.AlertPolicy) {
	e.built = r.policyAlerts(e.doc, "spec", v.Metadata, &v.Spec)
}

// policyAlerts returns the alerts of a policy by severity; nil if its condition yields no rule.
func (r *resolver) policyAlerts(d *document.Document, field string, head document.Metadata, spec *openslo.AlertPolicySpec,
) map[agreement.Severity]agreement.Alerts {
	for i, use := range spec.Conditions { // exactly one, if valid
		rule, ok := find[*agreement.AlertRule](r, "AlertCondition", use.ConditionRef)
		if !ok && use.Spec != nil {
			rule = openslo.AlertRule(d, document.Item(field+".conditions", i)+".spec", use.Spec)
		}
		if rule != nil {
			return spec.Alerts(head, *rule)
		}
	}
	return nil
}

// others returns the names that have a different text in more.
func others(texts, more map[string]string) (names []string) {
	for _, name := range sortedKeys(texts) {
		if other, both := more[name]; both && other != texts[name] {
			names = append(names, name)
		}
	}
	return names
}

// alerts returns the alerts of an SLO's policies. Of two with the same long window, the one with the
// lower burn rate applies.
func (r *resolver) alerts(d *document.Document, slo *openslo.SLO) map[agreement.Severity]agreement.Alerts {
	all := map[agreement.Severity]agreement.Alerts{}
	for i, use := range slo.Spec.AlertPolicies {
		policy, ok := find[map[agreement.Severity]agreement.Alerts](r, "AlertPolicy", use.AlertPolicyRef)
		if !ok && use.Spec != nil {
			policy = r.policyAlerts(d, document.Item("spec.alertPolicies", i)+".spec", use.Metadata, use.Spec)
		}
		for severity, more := range policy {
			alerts := all[severity]
			for _, rule := range more.Rules {
				same := slices.IndexFunc(alerts.Rules, func(r agreement.AlertRule) bool { return r.Long == rule.Long })
				if same < 0 {
					alerts.Rules = append(alerts.Rules, rule)
				} else {
					alerts.Rules[same].BurnRate = min(alerts.Rules[same].BurnRate, rule.BurnRate)
				}
			}
			if alerts.Disabled = len(alerts.Rules) == 0; len(more.Rules) > 0 {
				for _, name := range append(others(alerts.Labels, more.Labels), others(alerts.Annotations, more.Annotations)...) {
					d.Warnf(document.Item("spec.alertPolicies", i), "its %s is another than that of a policy before it: all alerts of severity %s have this one; give the policies of a severity the same", name, severity)
				}
				alerts = alerts.With(more.Labels, more.Annotations)
			}
			all[severity] = alerts
		}
	}
	return all
}
