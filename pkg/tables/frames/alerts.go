package frames

import (
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
)

// Alerts is a number for each result and severity: above 1 it fires. What was
// not measured is a number that is null, never a missing one, because Grafana
// resolves an alert that goes missing. A severity that has no alert in a window
// so short is left out; a promise that is not in effect is 0.
//
// definition is the hash of an agreement, see [Origin].
func Alerts(rows []measure.Result, severities []budget.Severity, at time.Time, definition func(*agreement.Agreement) string) data.Frames {
	var frames data.Frames
	reviewed := map[*agreement.Agreement]bool{}
	for _, r := range rows {
		for _, severity := range severities {
			if severity == budget.Notice {
				if !reviewed[r.Agreement] {
					reviewed[r.Agreement] = true
					frames = append(frames, reviewNotice(r.Agreement, at, definition)...)
				}
				frames = append(frames, notices(r, definition)...)
				continue
			}
			if value, reason, exists := alert(r, severity); exists {
				labels := AlertLabels(r.Agreement, r.Objective, r.Group, severity)
				frames = append(frames, alertFrame(r, labels, alertName(r, string(severity)), value, reason, definition))
			}
		}
	}
	return frames
}

// alertFrame is one number, and where it comes from.
func alertFrame(r measure.Result, labels data.Labels, name string, value budget.Figure, reason string, definition func(*agreement.Agreement) string) *data.Frame {
	config := firingConfig()
	config.DisplayNameFromDS = name
	frame := typed("alert", data.FrameTypeNumericMulti,
		data.NewField("value", labels, []*float64{figure(value)}).SetConfig(config))
	frame.Meta.Custom = &Custom{Reason: reason}
	Describe(frame, Origin{definition(r.Agreement), []counting.Measurement{r.Measurement}})
	frame.AppendNotices(Unmeasured(Failures([]measure.Result{r}))...)
	return frame
}

// notices are those of one result; their label kind tells them apart.
func notices(r measure.Result, definition func(*agreement.Agreement) string) (frames data.Frames) {
	for _, notice := range budget.Notices(r.Status) {
		labels := AlertLabels(r.Agreement, r.Objective, r.Group, budget.Notice)
		labels["kind"] = string(notice.Kind)
		frames = append(frames, alertFrame(r, labels, alertName(r, string(notice.Kind)), notice.Value, notice.Reason, definition))
	}
	return frames
}

// reviewNotice is that of an agreement, which has no objective; it needs
// nothing to be measured.
func reviewNotice(a *agreement.Agreement, at time.Time, definition func(*agreement.Agreement) string) data.Frames {
	notice, exists := budget.ReviewNotice(a.ReviewDue(), at)
	if !exists {
		return nil
	}
	labels := AlertLabels(a, nil, nil, budget.Notice)
	labels["kind"] = string(notice.Kind)
	of := measure.Result{Agreement: a}
	return data.Frames{alertFrame(of, labels, a.Name+" "+string(notice.Kind), notice.Value, notice.Reason, definition)}
}

// NoAlerts is the answer when no objective is meant: typed, without fields.
func NoAlerts() *data.Frame { return typed("", data.FrameTypeNumericMulti) }

// alert is the value of the severity's alerts, and why it is quiet or null.
func alert(r measure.Result, severity budget.Severity) (value budget.Figure, reason string, exists bool) {
	if r.State == budget.Inactive {
		return 0, r.Reason, true
	}
	if r.Err != nil || r.Objective.OtherConnection != "" {
		return budget.Absent, r.Reason, true
	}
	for _, a := range r.Alerts {
		if a.Severity != severity {
			continue
		}
		exists = true
		if reason == "" {
			reason = a.Reason
		}
	}
	return budget.AlertValue(r.Alerts, severity), reason, exists
}

// reserved are the labels of ours, and those that Grafana sets itself.
var reserved = []string{
	"agreement", "objective", "service", "provider", "consumers", "severity", "team", "kind",
	"alertname", "grafana_folder", "__name__", "__alert_rule_uid__", "__alert_rule_namespace_uid__",
}

// AlertLabels are what an alert is routed by: the parties, the severity, the
// team that is called (the provider), the labels of the agreement, and those of
// the group. A label of the agreement that collides with one of ours appears as
// label_<name>, one of the group as group_<name>, so that no two are the same.
// Of an agreement as a whole the objective is nil.
func AlertLabels(a *agreement.Agreement, o *agreement.Objective, group map[string]string, severity budget.Severity) data.Labels {
	labels := data.Labels{"agreement": a.Name, "service": a.Service, "severity": string(severity)}
	if o != nil {
		labels["objective"] = o.Name
	}
	if a.Provider != "" {
		labels["provider"], labels["team"] = a.Provider, a.Provider
	}
	if len(a.Consumers) > 0 {
		labels["consumers"] = strings.Join(a.Consumers, ",")
	}
	used := taken(reserved...)
	add := func(from map[string]string, prefix string) {
		for _, name := range sorted(from) {
			labels[free(name, prefix, used)] = from[name]
		}
	}
	add(group, "group_") // first: groups tell results apart
	add(a.Labels, "label_")
	return labels
}

// alertName is «payments-for-checkout availability eu page».
func alertName(r measure.Result, last string) string {
	parts := []string{r.Agreement.Name, r.Objective.Name}
	for _, name := range sorted(r.Group) {
		parts = append(parts, r.Group[name])
	}
	return strings.Join(append(parts, last), " ")
}
