package openslo

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

func checkAlertPolicy(d *document.Document, field string, spec *AlertPolicySpec) {
	checkDescription(d, field+".description", spec.Description)
	if len(spec.Conditions) != 1 {
		d.Errorf(field+".conditions", "must hold exactly one condition, got %d", len(spec.Conditions))
	}
	if len(spec.NotificationTargets) == 0 {
		d.Errorf(field+".notificationTargets", "must hold at least one target")
	}
	for i, use := range spec.Conditions {
		at := item(field+".conditions", i)
		if checkUse(d, at, "conditionRef", use.ConditionRef, "AlertCondition", use.InPlace) {
			checkAlertCondition(d, at+".spec", use.Spec)
		}
	}
	for i, use := range spec.NotificationTargets {
		at := item(field+".notificationTargets", i)
		if checkUse(d, at, "targetRef", use.TargetRef, "AlertNotificationTarget", use.InPlace) {
			checkAlertTarget(d, at+".spec", use.Spec)
		}
	}
}

// checkUse checks that a part is either named or written in place, and
// reports whether its spec is there to be checked.
func checkUse[Spec any](d *document.Document, field, refName, ref, kind string, part InPlace[Spec]) bool {
	inPlace := part.Kind != "" || part.Metadata.Name != "" || part.Spec != nil
	switch {
	case ref != "" && inPlace:
		d.Errorf(field, "has both %s and an %s written in place; one of them must go", refName, kind)
	case ref != "":
		return false
	case part.Spec == nil:
		d.Errorf(field, "needs either %s or an %s written in place (kind, metadata, spec)", refName, kind)
	default:
		d.OneOf(field+".kind", part.Kind, kind)
		checkLooseName(d, field+".metadata.name", part.Metadata.Name)
	}
	return part.Spec != nil
}

func checkAlertCondition(d *document.Document, field string, spec *AlertConditionSpec) {
	checkDescription(d, field+".description", spec.Description)
	d.Required(field+".severity", spec.Severity)
	c, at := &spec.Condition, field+".condition"
	if !d.Has(at) {
		d.Errorf(at, "is required")
		return
	}
	if c.Kind != "" {
		d.OneOf(at+".kind", c.Kind, "burnrate")
	}
	d.OneOf(at+".op", c.Op, operators...)
	if c.Threshold == nil {
		d.Errorf(at+".threshold", "is required")
	}
	if d.Required(at+".lookbackWindow", c.LookbackWindow) {
		duration(d, at+".lookbackWindow", c.LookbackWindow)
	}
	if c.AlertAfter != "" {
		duration(d, at+".alertAfter", c.AlertAfter)
	}
}

func checkAlertTarget(d *document.Document, field string, spec *AlertNotificationTargetSpec) {
	checkDescription(d, field+".description", spec.Description)
	d.Required(field+".target", spec.Target)
}

// duration reads OpenSLO's shorthand. Months, quarters and years have no
// fixed length, so they are windows only.
func duration(d *document.Document, field, value string) (time.Duration, bool) {
	if n, unit := shorthand(value); isCalendarUnit(unit) {
		d.Errorf(field, "%d%c has no fixed length; write it in days", n, unit)
		return 0, false
	}
	return d.Duration(field, value)
}

// Condition is the burn-rate condition that a checked spec describes.
func Condition(d *document.Document, field, name string, spec *AlertConditionSpec) agreement.AlertCondition {
	c := spec.Condition
	condition := agreement.AlertCondition{Name: name, Severity: spec.Severity, Op: agreement.Op(c.Op)}
	if c.Threshold != nil {
		condition.Threshold = *c.Threshold
	}
	if c.LookbackWindow != "" {
		condition.LookbackWindow, _ = duration(d, field+".condition.lookbackWindow", c.LookbackWindow)
	}
	if c.AlertAfter != "" {
		condition.AlertAfter, _ = duration(d, field+".condition.alertAfter", c.AlertAfter)
	}
	return condition
}
