package catalog

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// agreement makes an agreement; what it depends on and its exclusions come
// when all agreements are made.
func (r *resolver) agreement(e *entry, v *agreementDocument) {
	d, spec := e.doc, &v.Spec
	zone := d.Zone("spec.timeZone", spec.TimeZone, time.UTC)
	a := &agreement.Agreement{
		Name: d.Name, DisplayName: v.Metadata.DisplayName, Description: spec.Description,
		Labels: v.Metadata.Labels, Annotations: v.Metadata.Annotations,
		Service: spec.Service, Provider: spec.Provider, Consumers: spec.Consumers,
		Stage: cmp.Or(spec.Stage, agreement.Active), Zone: zone, Effective: effective(d, spec.Effective, zone),
		Consequences: spec.Consequences, Place: d.Place,
	}
	if len(spec.Consumers) == 0 {
		d.Errorf("spec.consumers", "must name at least one Team")
	}
	if i := slices.Index(spec.Consumers, spec.Provider); i >= 0 && spec.Provider != "" {
		d.Errorf(document.Item("spec.consumers", i), "%s is the provider, and cannot agree with itself", spec.Provider)
	}
	if e := r.find("Calendar", spec.SupportHours); e != nil {
		a.SupportHours, _ = e.built.(*agreement.Calendar)
	}
	a.Objectives = r.objectives(d, spec, zone)
	upkeep(d, spec, a)
	e.built = a
}

func effective(d *document.Document, spec effectiveSpec, zone *time.Location) agreement.Period {
	period := agreement.Period{
		From:  d.Moment("spec.effective.from", spec.From, zone),
		Until: d.Moment("spec.effective.until", spec.Until, zone),
	}
	if !period.Until.IsZero() && !period.Until.After(period.From) {
		d.Errorf("spec.effective.until", "%s is not after from, %s (until is the first day on which it no longer holds)",
			spec.Until, spec.From)
	}
	return period
}

func mapped[T, U any](all []T, to func(T) U) []U {
	made := make([]U, len(all))
	for i, one := range all {
		made[i] = to(one)
	}
	return made
}

// upkeep reads what the parties arranged beside the figures.
func upkeep(d *document.Document, spec *agreementSpec, a *agreement.Agreement) {
	for i, step := range spec.Escalation {
		after, _ := d.Duration(document.Item("spec.escalation", i)+".after", step.After)
		a.Escalation = append(a.Escalation, agreement.EscalationStep{After: after, Notify: step.Notify})
	}
	a.Review.Every, _ = d.Duration("spec.review.every", spec.Review.Every)
	a.Review.Last = d.Moment("spec.review.last", spec.Review.Last, a.Zone)
	a.Report = agreement.ReportPlan(spec.Report)
	for i, signature := range spec.Signatures {
		at := document.Item("spec.signatures", i)
		if signature.Team != "" && !a.IsParty(signature.Team) {
			d.Warnf(at+".team", "%s is no party of this agreement", signature.Team)
		}
		on := d.Moment(at+".on", signature.On, a.Zone)
		a.Signatures = append(a.Signatures, agreement.Signature{Team: signature.Team, Name: signature.Name, On: on})
	}
	for i, link := range spec.Links {
		at := document.Item("spec.links", i) + ".url"
		// A link is shown to be clicked, so it must not be a script.
		if u, err := url.Parse(link.URL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			d.Errorf(at, "must be an address that begins with https:// or http://, got %q", link.URL)
		}
		a.Links = append(a.Links, agreement.Link(link))
	}
}
