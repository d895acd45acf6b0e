package openslo

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Objectives returns the objectives of a checked SLO. slis has one SLI for all objectives or
// one for each; what depends on a nil SLI is not checked. A missing window is zero.
func Objectives(d *document.Document, slo *SLO, slis []*BuiltSLI, resolution time.Duration) []*agreement.Objective {
	window := window(d, slo.Spec.TimeWindow)
	if slo.Spec.BudgetingMethod == "" && !d.Has("spec.budgetingMethod") { // as in the specification's own examples
		d.Warnf("spec.budgetingMethod", "is required by OpenSLO; Occurrences is taken")
	}
	method := cmp.Or(slo.Spec.BudgetingMethod, agreement.Occurrences)
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

// objectiveName returns a unique name: the display name, or else one with the number.
func objectiveName(displayName string, i int, taken map[string]bool) string {
	name := cmp.Or(displayName, fmt.Sprintf("objective-%d", i+1))
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

// Apply checks the given figures of an objective, except the target, and sets them in o.
// An agreement overrides the same ones.
func (f *Objective) Apply(d *document.Document, field string, o *agreement.Objective) {
	o.Op = cmp.Or(f.Op, o.Op)
	o.Value = *cmp.Or(f.Value, &o.Value)
	o.TimeSliceTarget = *cmp.Or(f.TimeSliceTarget, &o.TimeSliceTarget)
	if f.TimeSliceWindow.Text != "" {
		at := field + ".timeSliceWindow"
		if length, ok := d.Minutes(at, f.TimeSliceWindow); ok && length < agreement.MinSlice {
			d.Errorf(at, "must be at least %s", agreement.FormatDuration(agreement.MinSlice))
		} else if ok {
			o.TimeSliceWindow = length
		}
	}
}

// Complete checks that the figures of an objective fit each other and its SLI, and clears
// those that do not apply: with a warning if d has them at field, silently if they are
// inherited. hasValue reports whether Value was given anywhere; resolution is the slot length.
func Complete(d *document.Document, field string, o *agreement.Objective, hasValue bool, resolution time.Duration) {
	threshold(d, field, o, hasValue)
	at, method := field+".timeSliceTarget", "the budgeting method is "+string(o.Budgeting)
	if o.Budgeting != agreement.Timeslices {
		noPlace(d, at, method)
		o.TimeSliceTarget = 0
	} else if o.TimeSliceTarget == 0 && !d.Has(at) {
		d.Errorf(at, "is required for Timeslices: the ratio from which a slice is good")
	}
	at = field + ".timeSliceWindow"
	switch length := o.TimeSliceWindow; {
	case o.Budgeting != agreement.Timeslices && o.Budgeting != agreement.RatioTimeslices:
		noPlace(d, at, method)
		o.TimeSliceWindow = 0
	case length == 0 && d.Has(at): // already a problem
	case length == 0:
		d.Errorf(at, "is required for %s: the length of a slice", o.Budgeting)
	case length%resolution != 0 && resolution%length != 0:
		d.Errorf(at, "slices of %s do not fit slots of %s: one must divide the other",
			agreement.FormatDuration(length), agreement.FormatDuration(resolution))
	case o.SLI.Kind != "" && o.SLI.Kind.TimeBased() && length%time.Minute != 0:
		d.Errorf(at, "must be whole minutes, got %s: a time-based SLI is looked at once a minute", agreement.FormatDuration(length))
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

// Check checks the indicators of an SLO; [Objectives] checks the numbers.
func (s *SLO) Check(d *document.Document, _ string) {
	spec := &s.Spec
	composite := slices.IndexFunc(spec.Objectives, func(o Objective) bool { return o.Indicator != nil || o.IndicatorRef != "" })
	switch {
	case s.IndicatorEach:
		for i, o := range spec.Objectives {
			if o.Indicator == nil {
				d.Errorf(document.Item("spec.objectives", i)+".indicator", "is required, since the annotation %s says %s", IndicatorAnnotation, EachObjective)
			}
		}
	case composite >= 0:
		d.Errorf(document.Item("spec.objectives", composite), "makes this a composite SLO (an indicator of its own for each objective), "+
			"which has no one number to be held to; write an SLO for each indicator")
	case spec.Indicator != nil && spec.IndicatorRef != "":
		d.Errorf("spec", "has both an SLI written in place and a reference to one; one of them must go")
	case spec.Indicator == nil && spec.IndicatorRef == "":
		d.Errorf("spec", "needs an SLI, written in place or by reference")
	}
}

// Check warns about a weight outside of a composite SLO.
func (o *Objective) Check(d *document.Document, field string) {
	if o.CompositeWeight != nil && o.Indicator == nil && o.IndicatorRef == "" {
		d.Warnf(field+".compositeWeight", "has no place: only composite SLOs have weights")
	}
}

// Check checks the name, if there is one.
func (i *Indicator) Check(d *document.Document, field string) {
	if name := i.Metadata.Name; name != "" {
		d.CheckName(field+".metadata.name", name)
	}
}

// Indicators returns the indicators of a checked SLO and their paths: one, or one per objective.
func (s *SLO) Indicators() (paths []string, indicators []*Indicator) {
	if !s.IndicatorEach {
		return []string{"spec.indicator"}, []*Indicator{s.Spec.Indicator}
	}
	for i, objective := range s.Spec.Objectives {
		paths = append(paths, document.Item("spec.objectives", i)+".indicator")
		indicators = append(indicators, objective.Indicator)
	}
	return paths, indicators
}
