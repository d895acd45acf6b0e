package openslo

import (
	"cmp"
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Objectives makes the objectives of a checked SLO. slis are the SLO's, one
// for all objectives or one each; nil entries are not known, and what depends
// on them is not checked. The window is zero where the SLO states none.
func Objectives(d *document.Document, slo *SLO, slis []*BuiltSLI, resolution time.Duration) []*agreement.Objective {
	window := window(d, slo.Spec.TimeWindow)
	method := budgeting(d, &slo.Spec)
	names := map[string]bool{}
	var objectives []*agreement.Objective
	for i, spec := range slo.Spec.Objectives {
		at := document.Item("spec.objectives", i)
		o := &agreement.Objective{
			Name: objectiveName(spec.DisplayName, i, names), DisplayName: spec.DisplayName,
			SLO: slo.Metadata.Name, Window: window, Budgeting: method, NoData: agreement.NoDataIgnore,
			Place: d.At(at),
		}
		sli := slis[min(i, len(slis)-1)]
		if sli != nil {
			o.SLI, o.OtherConnection = sli.SLI, sli.OtherConnection
		}
		target(d, at, &spec, o)
		spec.Apply(d, at, o)
		Complete(d, at, o, spec.Value != nil, resolution)
		objectives = append(objectives, o)
	}
	return objectives
}

// objectiveName is what an objective is called where it has no other name:
// its display name, or its number.
func objectiveName(displayName string, i int, taken map[string]bool) string {
	name := displayName
	if name == "" {
		name = fmt.Sprintf("objective-%d", i+1)
	}
	for taken[name] {
		name = fmt.Sprintf("%s-%d", name, i+1)
	}
	taken[name] = true
	return name
}

func target(d *document.Document, field string, spec *Objective, o *agreement.Objective) {
	switch {
	case spec.Target != nil && spec.TargetPercent != nil:
		d.Errorf(field, "has both target and targetPercent; one of them must go")
	case spec.Target != nil:
		o.Target = *spec.Target
	case spec.TargetPercent != nil:
		o.Target, _ = d.Percent(field+".targetPercent", *spec.TargetPercent)
	default:
		d.Errorf(field+".target", "is required (or targetPercent)")
	}
}

// Apply checks each figure that says how an objective is judged, beside its
// target, and sets it in o. An agreement overrides the same ones.
func (f *Objective) Apply(d *document.Document, field string, o *agreement.Objective) {
	o.Op = cmp.Or(f.Op, o.Op)
	if f.Value != nil {
		o.Value = *f.Value
	}
	if f.TimeSliceTarget != nil {
		o.TimeSliceTarget = *f.TimeSliceTarget
	}
	if f.TimeSliceWindow.Text != "" {
		at := field + ".timeSliceWindow"
		if length, ok := d.Minutes(at, f.TimeSliceWindow); ok && length <= 0 {
			d.Errorf(at, "must be longer than 0")
		} else if ok {
			o.TimeSliceWindow = length
		}
	}
}

// Complete checks that the figures of an objective fit each other and its
// SLI, and takes out those that have no place: silently where they are
// inherited, with a warning where d states them at field. hasValue says
// whether Value was stated anywhere; resolution is the length of a slot.
func Complete(d *document.Document, field string, o *agreement.Objective, hasValue bool, resolution time.Duration) {
	threshold(d, field, o, hasValue)
	slices := o.Budgeting == agreement.Timeslices || o.Budgeting == agreement.RatioTimeslices
	if o.Budgeting != agreement.Timeslices {
		noPlace(d, field+".timeSliceTarget", "the budgeting method is "+string(o.Budgeting))
		o.TimeSliceTarget = 0
	} else if o.TimeSliceTarget == 0 && !d.Has(field+".timeSliceTarget") {
		d.Errorf(field+".timeSliceTarget", "is required for Timeslices: the ratio from which a slice is good")
	}
	if !slices {
		noPlace(d, field+".timeSliceWindow", "the budgeting method is "+string(o.Budgeting))
		o.TimeSliceWindow = 0
		return
	}
	if o.TimeSliceWindow == 0 {
		if !d.Has(field + ".timeSliceWindow") {
			d.Errorf(field+".timeSliceWindow", "is required for %s: the length of a slice", o.Budgeting)
		}
		return
	}
	sliceLength(d, field+".timeSliceWindow", o, resolution)
}

func sliceLength(d *document.Document, field string, o *agreement.Objective, resolution time.Duration) {
	length := o.TimeSliceWindow
	switch {
	case length%resolution != 0 && resolution%length != 0:
		d.Errorf(field, "slices of %s do not fit slots of %s: one must divide the other",
			agreement.FormatDuration(length), agreement.FormatDuration(resolution))
	case o.SLI.Kind != "" && o.SLI.Kind.TimeBased() && length%time.Minute != 0:
		d.Errorf(field, "must be whole minutes, got %s: a time-based SLI is looked at once a minute",
			agreement.FormatDuration(length))
	}
}

func threshold(d *document.Document, field string, o *agreement.Objective, hasValue bool) {
	switch o.SLI.Kind {
	case "":
	case agreement.Threshold:
		if o.Op == "" && !d.Has(field+".op") {
			d.Errorf(field+".op", "is required for a thresholdMetric: lte, lt, gte or gt")
		}
		if !hasValue {
			d.Errorf(field+".value", "is required for a thresholdMetric: the number to compare with")
		}
	default:
		noPlace(d, field+".op", "the SLI is a ratio")
		noPlace(d, field+".value", "the SLI is a ratio")
		o.Op, o.Value = "", 0
	}
}

func noPlace(d *document.Document, field, why string) {
	if d.Has(field) {
		d.Warnf(field, "has no place here: %s", why)
	}
}
