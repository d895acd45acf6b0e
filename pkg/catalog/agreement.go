package catalog

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

var calendarUnits = []string{
	string(agreement.Day), string(agreement.Week), string(agreement.Month), string(agreement.Quarter), string(agreement.Year),
}

// agreement makes an agreement; what it depends on and its exclusions come
// when all agreements are made.
func (r *resolver) agreement(e *entry) {
	v, ok := e.value.(*agreementDocument)
	if !ok {
		return
	}
	d, spec := e.doc, &v.Spec
	zone := d.Zone("spec.timeZone", spec.TimeZone, time.UTC)
	a := &agreement.Agreement{
		Name: d.Name, DisplayName: v.Metadata.DisplayName, Description: spec.Description,
		Labels: v.Metadata.LabelText(), Annotations: v.Metadata.Annotations,
		Service: spec.Service, Provider: spec.Provider, Consumers: spec.Consumers,
		Stage: agreement.Stage(spec.Stage), Zone: zone, Effective: effective(d, spec.Effective, zone),
		Consequences: spec.Consequences, Place: d.Place,
	}
	if spec.Stage == "" {
		a.Stage = agreement.Active
	} else {
		d.OneOf("spec.stage", spec.Stage, "draft", "proposed", "active", "retired")
	}
	r.parties(d, spec)
	if e := r.refer(d, "spec.supportHours", "Calendar", spec.SupportHours); e != nil {
		a.SupportHours, _ = e.built.(*agreement.Calendar)
	}
	a.Objectives = r.objectives(d, spec, zone)
	r.upkeep(d, spec, a)
	e.built = a
}

func (r *resolver) parties(d *document.Document, spec *agreementSpec) {
	if d.Required("spec.service", spec.Service) {
		r.refer(d, "spec.service", "Service", spec.Service)
	}
	if d.Required("spec.provider", spec.Provider) {
		r.refer(d, "spec.provider", "Team", spec.Provider)
	}
	if len(spec.Consumers) == 0 {
		d.Errorf("spec.consumers", "must name at least one Team")
	}
	r.teams(d, "spec.consumers", spec.Consumers)
	if i := slices.Index(spec.Consumers, spec.Provider); i >= 0 && spec.Provider != "" {
		d.Errorf(item("spec.consumers", i), "%s is the provider, and cannot agree with itself", spec.Provider)
	}
}

func effective(d *document.Document, spec effectiveSpec, zone *time.Location) agreement.Period {
	var period agreement.Period
	if spec.From != "" {
		period.From, _ = moment(d, "spec.effective.from", spec.From, zone)
	}
	if spec.Until == "" {
		return period
	}
	until, ok := moment(d, "spec.effective.until", spec.Until, zone)
	if ok && !until.After(period.From) {
		d.Errorf("spec.effective.until", "%s is not after from, %s (until is the first day on which it no longer holds)",
			spec.Until, spec.From)
	}
	period.Until = until
	return period
}

// moment reads a date in the zone, or a date and time with its own offset.
func moment(d *document.Document, field, value string, zone *time.Location) (time.Time, bool) {
	if strings.Contains(value, "T") {
		return d.Instant(field, value)
	}
	return d.Date(field, value, zone)
}

// upkeep is what the parties arranged beside the figures.
func (r *resolver) upkeep(d *document.Document, spec *agreementSpec, a *agreement.Agreement) {
	for i, step := range spec.Escalation {
		at := item("spec.escalation", i)
		after, _ := optionalDuration(d, at+".after", step.After)
		r.notify(d, at+".notify", step.Notify)
		a.Escalation = append(a.Escalation, agreement.EscalationStep{After: after, Notify: step.Notify})
	}
	a.Review.Every, _ = optionalDuration(d, "spec.review.every", spec.Review.Every)
	if spec.Review.Last != "" {
		a.Review.Last, _ = moment(d, "spec.review.last", spec.Review.Last, a.Zone)
	}
	if spec.Report.Every != "" {
		d.OneOf("spec.report.every", spec.Report.Every, calendarUnits...)
	}
	r.teams(d, "spec.report.to", spec.Report.To)
	a.Report = agreement.ReportPlan{Every: agreement.CalendarUnit(spec.Report.Every), To: spec.Report.To}
	for i, signature := range spec.Signatures {
		a.Signatures = append(a.Signatures, r.signature(d, item("spec.signatures", i), signature, a))
	}
	for i, link := range spec.Links {
		at := item("spec.links", i) + ".url"
		// A link is shown to be clicked, so it must not be a script.
		if u, err := url.Parse(link.URL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			d.Errorf(at, "must be an address that begins with https:// or http://, got %q", link.URL)
		}
		a.Links = append(a.Links, agreement.Link(link))
	}
}

func optionalDuration(d *document.Document, field, value string) (time.Duration, bool) {
	if value == "" {
		return 0, true
	}
	return d.Duration(field, value)
}

func (r *resolver) signature(d *document.Document, field string, spec signatureSpec, a *agreement.Agreement) agreement.Signature {
	signature := agreement.Signature{Team: spec.Team, Name: spec.Name}
	if d.Required(field+".team", spec.Team) {
		r.refer(d, field+".team", "Team", spec.Team)
		if !a.IsParty(spec.Team) {
			d.Warnf(field+".team", "%s is no party of this agreement", spec.Team)
		}
	}
	if spec.On != "" {
		signature.On, _ = moment(d, field+".on", spec.On, a.Zone)
	}
	return signature
}
