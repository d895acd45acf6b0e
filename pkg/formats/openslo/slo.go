package openslo

import (
	"cmp"
	"slices"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Check checks what an SLO is made of; its numbers are checked when its
// objectives are made.
func (s *SLO) Check(d *document.Document, _ string) {
	spec := &s.Spec
	if len(spec.Objectives) == 0 {
		d.Errorf("spec.objectives", "must hold at least one objective")
	}
	composite := slices.IndexFunc(spec.Objectives, func(o Objective) bool { return o.Indicator != nil || o.IndicatorRef != "" })
	switch {
	case s.indicatorEach:
	case composite >= 0:
		d.Errorf(document.Item("spec.objectives", composite), "makes this a composite SLO (an indicator of its own for each objective), "+
			"which has no one number to be held to; write an SLO for each indicator")
	case spec.Indicator != nil && spec.IndicatorRef != "":
		d.Errorf("spec", "has both an SLI written in place and a reference to one; one of them must go")
	case spec.Indicator == nil && spec.IndicatorRef == "":
		d.Errorf("spec", "needs an SLI, written in place or by reference")
	}
}

// Check warns of a weight that nothing is weighed by.
func (o *Objective) Check(d *document.Document, field string) {
	if o.CompositeWeight != nil && o.Indicator == nil && o.IndicatorRef == "" {
		d.Warnf(field+".compositeWeight", "has no place: only composite SLOs have weights")
	}
}

// Check checks the name, where there is one.
func (i *Indicator) Check(d *document.Document, field string) {
	if name := i.Metadata.Name; name != "" {
		d.CheckName(field+".metadata.name", name)
	}
}

// Indicators is the indicators of a checked SLO with their paths: one for all
// objectives, or one each.
func (s *SLO) Indicators() (paths []string, indicators []*Indicator) {
	if !s.indicatorEach {
		return []string{"spec.indicator"}, []*Indicator{s.Spec.Indicator}
	}
	for i, objective := range s.Spec.Objectives {
		paths = append(paths, document.Item("spec.objectives", i)+".indicator")
		indicators = append(indicators, objective.Indicator)
	}
	return paths, indicators
}

// budgeting reads budgetingMethod. The specification requires it and its own
// examples leave it out, so its absence is a warning.
func budgeting(d *document.Document, spec *SLOSpec) agreement.Budgeting {
	const field = "spec.budgetingMethod"
	if spec.BudgetingMethod == "" && !d.Has(field) {
		d.Warnf(field, "is required by OpenSLO; Occurrences is taken")
	}
	return cmp.Or(spec.BudgetingMethod, agreement.Occurrences)
}

// IndicatorEach reports whether each objective has an indicator of its own, and
// is held to it alone.
func (s *SLO) IndicatorEach() bool { return s.indicatorEach }
