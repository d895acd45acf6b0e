package catalog

import (
	"fmt"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

func (r *resolver) condition(e *entry) {
	if v, ok := e.value.(*openslo.AlertCondition); ok && !e.doc.Failed() {
		e.built = openslo.Condition(e.doc, "spec", v.Metadata.Name, &v.Spec)
	}
}

func (r *resolver) policy(e *entry) {
	if v, ok := e.value.(*openslo.AlertPolicy); ok && !e.doc.Failed() {
		e.built = r.policySpec(e.doc, "spec", v.Metadata.Name, &v.Spec)
	}
}

// policySpec resolves the conditions and targets of a checked policy.
func (r *resolver) policySpec(d *document.Document, field, name string, spec *openslo.AlertPolicySpec) agreement.AlertPolicy {
	policy := agreement.AlertPolicy{Name: name}
	for i, use := range spec.Conditions {
		at := fmt.Sprintf("%s.conditions[%d]", field, i)
		if use.ConditionRef == "" {
			policy.Conditions = append(policy.Conditions, openslo.Condition(d, at+".spec", use.Metadata.Name, use.Spec))
		} else if e := r.refer(d, at+".conditionRef", "AlertCondition", use.ConditionRef); e != nil {
			policy.Conditions = append(policy.Conditions, e.built.(agreement.AlertCondition))
		}
	}
	for i, use := range spec.NotificationTargets {
		name := use.Metadata.Name
		if use.TargetRef != "" {
			name = use.TargetRef
			r.refer(d, fmt.Sprintf("%s.notificationTargets[%d].targetRef", field, i), "AlertNotificationTarget", name)
		}
		policy.Targets = append(policy.Targets, name)
	}
	return policy
}

// policies is the alert policies of an SLO.
func (r *resolver) policies(d *document.Document, slo *openslo.SLO) []agreement.AlertPolicy {
	var policies []agreement.AlertPolicy
	for i, use := range slo.Spec.AlertPolicies {
		at := fmt.Sprintf("spec.alertPolicies[%d]", i)
		switch {
		case use.AlertPolicyRef != "":
			if e := r.refer(d, at+".alertPolicyRef", "AlertPolicy", use.AlertPolicyRef); e != nil {
				policies = append(policies, e.built.(agreement.AlertPolicy))
			}
		case use.Spec != nil && !d.Failed():
			policies = append(policies, r.policySpec(d, at+".spec", use.Metadata.Name, use.Spec))
		}
	}
	return policies
}
