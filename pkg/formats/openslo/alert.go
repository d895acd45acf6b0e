package openslo

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Check says when there is not one condition, or nobody to tell.
func (spec *AlertPolicySpec) Check(d *document.Document, field string) {
	if len(spec.Conditions) != 1 {
		d.Errorf(field+".conditions", "must hold exactly one condition, got %d", len(spec.Conditions))
	}
	if len(spec.NotificationTargets) == 0 {
		d.Errorf(field+".notificationTargets", "must hold at least one target")
	}
}

// Check is that of a part by name or in place.
func (use *AlertPolicyUse) Check(d *document.Document, field string) {
	checkUse(d, field, "alertPolicyRef", &use.AlertPolicyRef, "AlertPolicy", use.InPlace)
}

// Check is that of a part by name or in place.
func (use *ConditionUse) Check(d *document.Document, field string) {
	checkUse(d, field, "conditionRef", &use.ConditionRef, "AlertCondition", use.InPlace)
}

// Check is that of a part by name or in place.
func (use *TargetUse) Check(d *document.Document, field string) {
	checkUse(d, field, "targetRef", &use.TargetRef, "AlertNotificationTarget", use.InPlace)
}

// checkUse checks that a part is either named or written in place.
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

// duration reads OpenSLO's shorthand. Months, quarters and years have no
// fixed length, so they are windows only.
func duration(d *document.Document, field, value string) (time.Duration, bool) {
	if n, unit := shorthand(value); isCalendarUnit(unit) {
		d.Errorf(field, "%d%c has no fixed length; write it in days", n, unit)
		return 0, false
	}
	return d.Duration(field, value)
}

// Condition is the burn-rate condition that a spec describes.
func Condition(d *document.Document, field, name string, spec *AlertConditionSpec) agreement.AlertCondition {
	condition := agreement.AlertCondition{Name: name, Severity: spec.Severity}
	c := spec.Condition
	if c == nil || c.Threshold == nil {
		return condition
	}
	condition.Op, condition.Threshold = c.Op, *c.Threshold
	condition.LookbackWindow, _ = duration(d, field+".condition.lookbackWindow", c.LookbackWindow)
	condition.AlertAfter, _ = duration(d, field+".condition.alertAfter", c.AlertAfter)
	return condition
}
