package catalog

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/scope"
)

// exclusion builds an exclusion and adds it to the agreements it applies to.
func (r *resolver) exclusion(e *entry, v *exclusionDocument) {
	d, spec := e.doc, &v.Spec
	zone := d.Zone("spec.timeZone", spec.TimeZone, time.UTC)
	x := &agreement.Exclusion{
		Name: d.Name, DisplayName: v.Metadata.DisplayName, Reason: spec.Reason,
		Category: cmp.Or(spec.Category, "other"),
		Services: spec.Services, Agreements: spec.Agreements, Recurrence: spec.Recurrence, Zone: zone,
		Mode:        cmp.Or(spec.Mode, agreement.Exclude),
		RequestedBy: spec.RequestedBy, ApprovedBy: spec.ApprovedBy, Place: d.Place,
	}
	span(d, spec, x)
	approval(d, spec, x)
	if len(spec.Services) == 0 && len(spec.Agreements) == 0 {
		d.Errorf("spec", "must name at least one of services or agreements")
	}
	for i, name := range spec.Agreements {
		// An agreement with errors must not disable the exclusion for the others.
		if _, there := r.entries["Agreement"][name]; !there {
			r.refer(d, document.Item("spec.agreements", i), "Agreement", name)
		}
	}
	if d.Failed() {
		return
	}
	e.built = x
	var concerned []*entry
	for _, name := range spec.Agreements {
		concerned = append(concerned, r.about[ID{"Agreement", name}]...)
	}
	for _, name := range spec.Services {
		concerned = append(concerned, r.about[ID{"Service", name}]...)
	}
	var targets []*agreement.Agreement
	for _, other := range concerned {
		a := other.built.(*agreement.Agreement)
		if n := len(a.Exclusions); n > 0 && a.Exclusions[n-1] == x {
			continue // it is named as well as its service
		}
		a.Exclusions = append(a.Exclusions, x) // also to those with errors, see [Bad]
		if !other.doc.Failed() {
			targets = append(targets, a)
		}
	}
	r.warnNoEffect(d, x, targets)
	for i, name := range spec.Agreements {
		if other := r.entries["Agreement"][name]; other != nil && other.doc.Failed() {
			d.Listf(document.Item("spec.agreements", i), ownErrors+"; in the others the exclusion holds", named(other.doc)...)
		}
	}
}

func span(d *document.Document, spec *exclusionSpec, x *agreement.Exclusion) {
	x.From, x.To = d.Instant("spec.from", spec.From), d.Instant("spec.to", spec.To)
	if !x.From.IsZero() && !x.To.IsZero() && !x.From.Before(x.To) {
		d.Errorf("spec.to", "%s is not after from, %s", spec.To, spec.From)
	}
	if spec.Recurrence != "" {
		if err := scope.CheckRecurrence(spec.Recurrence, x.From.In(x.Zone)); err != nil {
			d.Errorf("spec.recurrence", "%v", err)
		}
	}
}

func approval(d *document.Document, spec *exclusionSpec, x *agreement.Exclusion) {
	if spec.ApprovedBy != "" && spec.RequestedBy == "" {
		d.Errorf("spec.requestedBy", "is required beside approvedBy, since nobody approves what they asked for themselves")
	}
	if spec.ApprovedOn != "" && spec.ApprovedBy == "" {
		d.Errorf("spec.approvedOn", "needs approvedBy")
	}
	x.ApprovedOn = d.Moment("spec.approvedOn", spec.ApprovedOn, x.Zone)
}

// warnNoEffect warns of an exclusion without effect (yet), with the reason.
func (r *resolver) warnNoEffect(d *document.Document, x *agreement.Exclusion, targets []*agreement.Agreement) {
	switch {
	case x.ApprovedBy == "":
		d.Warnf("spec", "has no effect until it is approved (approvedBy)")
	case x.ApprovedBy == x.RequestedBy:
		d.Warnf("spec.approvedBy", "has no effect: %s asked for it itself", x.ApprovedBy)
	case r.o.NoReferences:
	case len(targets) == 0 && r.badAgreement:
		// It may apply to one with errors.
	case len(targets) == 0:
		d.Warnf("spec.services", "has no effect: no agreement is about it")
	case !slices.ContainsFunc(targets, func(a *agreement.Agreement) bool { return a.IsParty(x.ApprovedBy) }):
		var names []string
		for _, a := range targets {
			names = append(names, a.Name)
		}
		d.Warnf("spec.approvedBy", "has no effect: %s is party of none of the agreements concerned (%s)", x.ApprovedBy, problem.Some(names))
	}
}

// index lists the agreements by name and by service, for exclusions.
func (r *resolver) index(context.Context) {
	for _, e := range r.all {
		kind := e.doc.Kind
		r.badAgreement = r.badAgreement || e.doc.Failed() && (kind == "Agreement" || !slices.Contains(Kinds(), kind))
		if a, ok := e.built.(*agreement.Agreement); ok {
			for _, id := range []ID{{"Agreement", a.Name}, {"Service", a.Service}} {
				r.about[id] = append(r.about[id], e)
			}
		}
	}
}
