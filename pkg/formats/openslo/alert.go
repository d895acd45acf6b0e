package openslo

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Check requires one condition and at least one notification target.
func (spec *AlertPolicySpec) Check(d *document.Document, field string) {
	if len(spec.Conditions) != 1 {
		d.Errorf(field+".conditions", "must hold exactly one condition, got %d", len(spec.Conditions))
	}
	if len(spec.NotificationTargets) == 0 {
		d.Errorf(field+".notificationTargets", "must hold at least one target")
	}
	if spec.AlertWhenNoData != nil && *spec.AlertWhenNoData {
		d.Warnf(field+".alertWhenNoData", "has no place: when nothing is measured, the notice blind says so")
	}
}

// Check requires either a name or a policy written in place.
func (use *AlertPolicyUse) Check(d *document.Document, field string) {
	checkUse(d, field, "alertPolicyRef", &use.AlertPolicyRef, "AlertPolicy", use.InPlace)
}

// Check requires either a name or a condition written in place.
func (use *ConditionUse) Check(d *document.Document, field string) {
	checkUse(d, field, "conditionRef", &use.ConditionRef, "AlertCondition", use.InPlace)
}

// Check requires either a name or a target written in place.
func (use *TargetUse) Check(d *document.Document, field string) {
	checkUse(d, field, "targetRef", &use.TargetRef, "AlertNotificationTarget", use.InPlace)
}

// WrittenOut returns the reference that a bare name stands for.
func (*AlertPolicyUse) WrittenOut(name string) string { return "{alertPolicyRef: " + name + "}" }

// WrittenOut returns the reference that a bare name stands for.
func (*ConditionUse) WrittenOut(name string) string { return "{conditionRef: " + name + "}" }

// WrittenOut returns the reference that a bare name stands for.
func (*TargetUse) WrittenOut(name string) string { return "{targetRef: " + name + "}" }

func checkUse[Spec any](d *document.Document, field, refName string, ref *string, kind string, part InPlace[Spec]) {
	inPlace := part.Kind != "" || part.Metadata.Name != "" || part.Spec != nil
	switch {
	case *ref != "" && inPlace:
		*ref = ""
		d.Errorf(field, "has both %s and an %s written in place; one of them must go", refName, kind)
	case *ref != "":
	case part.Spec == nil:
		d.Errorf(field, "needs either %s or an %s written in place (kind, metadata, spec)", refName, kind)
	default:
		d.OneOf(field+".kind", part.Kind, kind)
		checkLooseName(d, field+".metadata.name", part.Metadata.Name)
	}
}

// duration parses OpenSLO's shorthand. Months, quarters and years are valid
// for windows only, because they have no fixed length.
func duration(d *document.Document, field, value string) time.Duration {
	if n, unit := shorthand(value); isCalendarUnit(unit) {
		d.Errorf(field, "%d%c has no fixed length; write it in days", n, unit)
		return 0
	}
	length, _ := d.Duration(field, value)
	return length
}

// AlertRule returns the alert of a condition, or nil, with a problem of d, if there is none.
func AlertRule(d *document.Document, field string, spec *AlertConditionSpec) *agreement.AlertRule {
	c := spec.Condition
	if c == nil || c.Threshold == nil || c.Op == "" {
		return nil
	}
	at := field + ".condition"
	length, after := duration(d, at+".lookbackWindow", c.LookbackWindow), duration(d, at+".alertAfter", c.AlertAfter)
	rule := &agreement.AlertRule{Severity: agreement.Severity(spec.Severity), BurnRate: *c.Threshold, Long: agreement.Duration(length)}
	const none = "; nothing alerts on this condition"
	switch err := agreement.CheckLong(rule.Long); {
	case d.Failed():
	case rule.Severity != agreement.Page && rule.Severity != agreement.Ticket:
		d.Warnf(field+".severity", "is neither page nor ticket"+none)
	case c.Op != agreement.Greater && c.Op != agreement.GreaterOrEqual:
		d.Warnf(at+".op", "is not gt or gte: alerts are on what burns too fast"+none)
	case rule.BurnRate < 1:
		d.Warnf(at+".threshold", "is below 1, a burn rate that the budget lasts for"+none)
	case err != nil:
		d.Warnf(at+".lookbackWindow", "%s"+none, err)
	default:
		if short := rule.Short(); agreement.Duration(after) > short {
			d.Warnf(at+".alertAfter", "has no place: the alert fires as soon as the burn rate is too high over %s and over %s", rule.Long, short)
		}
		return rule
	}
	return nil
}

// Alerts returns the alerts of a policy whose condition is the rule, by severity.
func (spec *AlertPolicySpec) Alerts(head document.Metadata, rule agreement.AlertRule) map[agreement.Severity]agreement.Alerts {
	alerts := agreement.Alerts{Labels: head.Labels, Annotations: head.Annotations}
	if breaching := spec.AlertWhenBreaching; breaching == nil || *breaching {
		alerts.Rules = []agreement.AlertRule{rule}
	} else {
		alerts.Disabled = true
	}
	return map[agreement.Severity]agreement.Alerts{rule.Severity: alerts}
}

// NewAlertPolicies returns policies, written in place, for the alerts of an objective
// that differ from the defaults, in a window of that length.
func NewAlertPolicies(o *agreement.Objective, window time.Duration) (policies []AlertPolicyUse) {
	for _, severity := range []agreement.Severity{agreement.Page, agreement.Ticket} {
		alerts, said := o.Alerts[severity]
		if !said {
			continue
		}
		of := agreement.Objective{Alerts: map[agreement.Severity]agreement.Alerts{severity: {Rules: alerts.Rules}}}
		for _, rule := range of.AlertRules() {
			if rule.Severity != severity || time.Duration(rule.Long) >= window && !alerts.Disabled {
				continue
			}
			policies = append(policies, newAlertPolicy(rule, alerts, window))
			if alerts.Disabled {
				break // one policy is enough to disable them
			}
		}
	}
	return policies
}

func newAlertPolicy(rule agreement.AlertRule, of agreement.Alerts, window time.Duration) AlertPolicyUse {
	head := document.Metadata{Name: string(rule.Severity) + "-" + rule.Long.String()}
	condition := AlertConditionSpec{Severity: string(rule.Severity), Condition: &BurnRate{Kind: "burnrate", Op: agreement.Greater,
		Threshold: new(rule.Factor(window)), LookbackWindow: rule.Long.String(), AlertAfter: rule.Short().String()}}
	target := AlertNotificationTargetSpec{Target: "alertmanager"} // OpenSLO requires one
	policy := AlertPolicySpec{AlertWhenBreaching: new(!of.Disabled),
		Conditions:          []ConditionUse{{InPlace: inPlace("AlertCondition", head, condition)}},
		NotificationTargets: []TargetUse{{InPlace: inPlace("AlertNotificationTarget", document.Metadata{Name: target.Target}, target)}}}
	head.Labels, head.Annotations = of.Labels, of.Annotations
	return AlertPolicyUse{InPlace: inPlace("AlertPolicy", head, policy)}
}

func inPlace[Spec any](kind string, head document.Metadata, spec Spec) InPlace[Spec] {
	return InPlace[Spec]{Kind: kind, Metadata: head, Spec: &spec}
}
