package catalog

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

func (r *resolver) objectives(d *document.Document, spec *agreementSpec, zone *time.Location) []*agreement.Objective {
	if len(spec.Objectives) == 0 {
		d.Errorf("spec.objectives", "must hold at least one objective")
	}
	first := map[string]int{}
	var objectives []*agreement.Objective
	for i := range spec.Objectives {
		b := objectiveBuilder{
			resolver: r, d: d, at: document.Item("spec.objectives", i), spec: &spec.Objectives[i],
			zone: zone, zoneStated: spec.TimeZone != "",
		}
		name := b.spec.Name
		if before, taken := first[name]; taken {
			d.Errorf(b.at+".name", "%s is already the name of objectives[%d]", name, before)
		} else if d.CheckName(b.at+".name", name) {
			first[name] = i
		}
		if o := b.build(); o != nil {
			objectives = append(objectives, o)
		}
	}
	return objectives
}

type objectiveBuilder struct {
	*resolver
	d          *document.Document
	at         string
	spec       *objectiveSpec
	zone       *time.Location
	zoneStated bool
}

// build makes the objective out of the SLO it names, or of its own indicator,
// and lays over it what the agreement says itself. Without either (references
// not followed, or bad) only what it says itself is checked.
func (b *objectiveBuilder) build() *agreement.Objective {
	o := &agreement.Objective{Budgeting: agreement.Occurrences, NoData: agreement.NoDataIgnore}
	var sli *openslo.BuiltSLI
	hasValue := b.spec.Value != nil
	switch inline := b.spec.Indicator != nil; {
	case inline && b.spec.SLO != "":
		b.d.Errorf(b.at, "has both slo and indicator; one of them must go")
		return nil
	case !inline && b.spec.SLO == "":
		b.d.Errorf(b.at, "needs either slo or indicator")
		return nil
	case inline:
		if sli = b.indicator(); sli != nil {
			o.SLI, o.OtherConnection = sli.SLI, sli.OtherConnection
		}
	default:
		var base *agreement.Objective
		if base, sli = b.base(); base != nil {
			*o, hasValue = *base, true
		}
	}
	known := sli != nil
	o.Name, o.Place = b.spec.Name, b.d.At(b.at)
	if b.spec.DisplayName != "" {
		o.DisplayName = b.spec.DisplayName
	}
	b.figures(o, known)
	b.traffic(o)
	b.revisions(o)
	if known {
		openslo.Complete(b.d, b.at, o, hasValue, b.o.Resolution)
		b.check(sli, o)
	}
	return o
}

// indicator returns the SLI that the agreement writes itself.
func (b *objectiveBuilder) indicator() *openslo.BuiltSLI {
	at, spec := b.at+".indicator", &b.spec.Indicator.SLISpec
	if wrapped := b.spec.Indicator.Spec; wrapped != nil {
		at, spec = at+".spec", wrapped
	}
	if b.spec.SLOObjective != "" {
		b.d.Errorf(b.at+".sloObjective", "goes with slo, not with an indicator")
	}
	return openslo.NewSLI(b.d, at, b.spec.Indicator.Metadata, spec, b.asks)
}

func objectiveNames(objectives []*agreement.Objective) []string {
	return mapped(objectives, func(o *agreement.Objective) string { return o.Name })
}

// base returns the objective of the SLO that the agreement takes up.
func (b *objectiveBuilder) base() (*agreement.Objective, *openslo.BuiltSLI) {
	e := b.find("SLO", b.spec.SLO)
	if e == nil {
		return nil, nil
	}
	slo := e.built.(resolvedSLO)
	names := objectiveNames(slo.Objectives)
	if b.spec.SLOObjective == "" {
		if len(slo.Objectives) == 1 {
			return slo.Objectives[0], slo.slis[0]
		}
		b.d.Errorf(b.at+".sloObjective", "is required, since SLO %s has several objectives: %s",
			slo.Name, strings.Join(names, ", "))
		return nil, nil
	}
	i := slices.Index(names, b.spec.SLOObjective)
	if i < 0 {
		b.d.Errorf(b.at+".sloObjective", "SLO %s has no objective %q; it has %s", slo.Name, b.spec.SLOObjective, strings.Join(names, ", "))
		return nil, nil
	}
	return slo.Objectives[i], slo.slis[i]
}

// figures sets target, window, budgeting and what time without data counts as.
func (b *objectiveBuilder) figures(o *agreement.Objective, known bool) {
	d, spec := b.d, b.spec
	if spec.Target != nil {
		o.Target = *spec.Target
	} else if spec.Indicator != nil {
		d.Errorf(b.at+".target", "is required beside an indicator")
	}
	b.window(o, known)
	o.Budgeting = cmp.Or(spec.BudgetingMethod, o.Budgeting)
	figures := openslo.Objective{
		Op: spec.Op, Value: spec.Value, TimeSliceTarget: spec.TimeSliceTarget, TimeSliceWindow: spec.TimeSliceWindow,
	}
	figures.Apply(d, b.at, o)
	o.NoData = cmp.Or(spec.NoData, o.NoData)
	if spec.MinEvents != nil {
		o.MinEvents = *spec.MinEvents
	}
	if spec.MinCoverage != nil {
		o.MinCoverage = *spec.MinCoverage
	}
}

func (b *objectiveBuilder) window(o *agreement.Objective, known bool) {
	d, at := b.d, b.at+".window"
	switch spec := b.spec.Window; {
	case spec == nil && b.spec.Indicator != nil:
		d.Errorf(at, "is required beside an indicator")
	case spec == nil && known && o.Window == (agreement.Window{}):
		d.Errorf(at, "is required, since SLO %s has no timeWindow", o.SLO)
	case spec == nil:
		if b.zoneStated && o.Window.IsCalendar() {
			o.Window.Zone = b.zone
		}
	case spec.Calendar != "":
		o.Window = agreement.Window{Calendar: spec.Calendar, Zone: b.zone}
	case spec.Rolling != "":
		if window, ok := openslo.RollingWindow(d, at+".rolling", spec.Rolling); ok {
			o.Window = window
		}
	}
}

// traffic sets which part of the SLI's traffic counts, and how it is grouped, by
// labels of any characters.
func (b *objectiveBuilder) traffic(o *agreement.Objective) {
	o.Select, o.GroupBy = b.spec.Select, b.spec.GroupBy
	for _, label := range sortedKeys(o.Select) {
		if label == "" {
			b.d.Errorf(b.at+".select."+label, "%q is no label name", label)
		}
	}
	for i, label := range o.GroupBy {
		if label == "" {
			b.d.Errorf(document.Item(b.at+".groupBy", i), "%q is no label name", label)
		}
	}
}

func (b *objectiveBuilder) revisions(o *agreement.Objective) {
	o.Revisions = nil
	for i, spec := range b.spec.Revisions {
		at := document.Item(b.at+".revisions", i)
		from := b.d.Moment(at+".from", spec.From, b.zone)
		if from.IsZero() || spec.Target == nil {
			continue
		}
		if n := len(o.Revisions); n > 0 && !from.After(o.Revisions[n-1].From) {
			b.d.Errorf(at+".from", "%s is not after the revision before it, %s; revisions stand in the order of their dates",
				spec.From, o.Revisions[n-1].From.Format(time.DateOnly))
		}
		o.Revisions = append(o.Revisions, agreement.Revision{
			From: from, Target: *spec.Target, Reason: spec.Reason, ApprovedBy: spec.ApprovedBy,
		})
	}
}

// check asks about the queries where the agreement changes what is asked; the
// SLO's own were asked about with the SLO.
func (b *objectiveBuilder) check(sli *openslo.BuiltSLI, o *agreement.Objective) {
	switch {
	case b.d.Failed():
	case sli.Document == b.d:
		b.resolver.check(sli, o)
	case len(o.Select) > 0:
		b.checkAt(b.d, b.at+".select", sli, o)
	case len(o.GroupBy) > 0:
		b.checkAt(b.d, b.at+".groupBy", sli, o)
	}
}
