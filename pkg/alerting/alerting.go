// Package alerting names alerts and labels them, the same for the alerts that the data source
// answers with and for the rules that are exported. It knows neither Grafana nor Prometheus.
package alerting

import (
	"maps"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
)

// KindLabel tells notices of one objective apart, LevelLabel those on its budget, and
// LongWindowLabel exported alerts of one severity.
const (
	KindLabel       = "kind"
	LevelLabel      = "level"
	LongWindowLabel = "long_window"
)

// reserved are the labels of ours, and those that Grafana sets itself.
var reserved = agreement.Names{
	"agreement": true, "objective": true, "service": true, "provider": true, "consumers": true, "severity": true, "team": true,
	KindLabel: true, LevelLabel: true, LongWindowLabel: true, "alertname": true, "grafana_folder": true, "__name__": true,
	"__alert_rule_uid__": true, "__alert_rule_namespace_uid__": true,
}

// Labels are what an alert is routed by: parties, severity, the team that is called (the
// provider), and the labels of the agreement, of the objective's alerts, which win over
// them, and of the group. One that collides with one of ours appears as label_<name>,
// one of the group as group_<name>; team does not where no team gives the promise. Of an
// agreement as a whole the objective is nil.
func Labels(a *agreement.Agreement, o *agreement.Objective, group map[string]string, severity agreement.Severity) map[string]string {
	labels := map[string]string{"agreement": a.Name, "service": a.Service, "severity": string(severity)}
	if o != nil {
		labels["objective"] = o.Name
	}
	if a.Provider != "" {
		labels["provider"], labels["team"] = a.Provider, a.Provider
	}
	if len(a.Consumers) > 0 {
		labels["consumers"] = strings.Join(a.Consumers, ",")
	}
	// First those of the group: they tell results apart.
	groupLabels, used := groupLabels(slices.Sorted(maps.Keys(group)))
	for name, value := range group {
		labels[groupLabels[name]] = value
	}
	if a.Provider == "" {
		delete(used, "team") // of an SLO that nobody promised it is who it says
	}
	own := agreement.Alerts{Labels: a.Labels}
	if o != nil {
		own = own.With(o.Alerts[severity].Labels, nil)
	}
	for _, name := range slices.Sorted(maps.Keys(own.Labels)) {
		labels[used.Add(name, "label_")] = own.Labels[name]
	}
	return labels
}

// GroupLabels returns the label that an alert has for each one of a grouping.
func GroupLabels(groupBy []string) map[string]string {
	labels, _ := groupLabels(slices.Sorted(slices.Values(groupBy)))
	return labels
}

func groupLabels(sorted []string) (labels map[string]string, used agreement.Names) {
	labels, used = map[string]string{}, maps.Clone(reserved)
	for _, name := range sorted {
		labels[name] = used.Add(name, "group_")
	}
	return labels, used
}

// Name is «payments-for-checkout availability eu page», with the severity or the kind
// of notice last. Of an agreement as a whole the objective is nil.
func Name(a *agreement.Agreement, o *agreement.Objective, group map[string]string, last string) string {
	parts := []string{a.Name}
	if o != nil {
		parts = append(parts, o.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(group)) {
		parts = append(parts, group[name])
	}
	return strings.Join(append(parts, last), " ")
}
