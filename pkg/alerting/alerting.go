// Package alerting defines the names and labels of alerts, the same in the data source and in
// exported rules. It depends on neither Grafana nor Prometheus.
package alerting

import (
	"maps"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
)

// KindLabel distinguishes the notices of an objective, LevelLabel those on its budget, and
// LongWindowLabel exported alerts of the same severity.
const (
	KindLabel       = "kind"
	LevelLabel      = "level"
	LongWindowLabel = "long_window"
)

// reserved are Accord's labels and those that Grafana sets itself.
var reserved = agreement.Names{
	"agreement": true, "objective": true, "service": true, "provider": true, "consumers": true, "severity": true, "team": true,
	KindLabel: true, LevelLabel: true, LongWindowLabel: true, "alertname": true, "grafana_folder": true, "__name__": true,
	"__alert_rule_uid__": true, "__alert_rule_namespace_uid__": true,
}

// Labels returns the labels by which an alert is routed: parties, severity, team (the provider),
// those of the group, and those of the agreement, which labels of the objective's alerts override.
// A group label that collides with a reserved one becomes group_<name>; another that collides with
// a reserved or group label becomes label_<name>. Without a provider the label team may be set by
// the agreement. For an alert of the agreement as a whole, o is nil.
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
	// Group labels get their names first: they distinguish results.
	groupLabels, used := groupLabels(slices.Sorted(maps.Keys(group)))
	for name, value := range group {
		labels[groupLabels[name]] = value
	}
	if a.Provider == "" {
		delete(used, "team") // the labels of an SLO may name its team
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

// GroupLabels maps each label of groupBy to the label that an alert has for it.
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

// Name returns the name of an alert: «payments-for-checkout availability eu page». last is the severity
// or the kind of notice. For an alert of the agreement as a whole, o is nil.
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
