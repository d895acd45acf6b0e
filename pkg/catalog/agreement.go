package catalog

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

var calendarUnits = []agreement.CalendarUnit{agreement.Day, agreement.Week, agreement.Month, agreement.Quarter, agreement.Year}

// agreement makes an agreement; what it depends on and its exclusions come
// when all agreements are made.
func (r *resolver) agreement(e *entry, v *agreementDocument) {
	d, spec := e.doc, &v.Spec
	zone := d.Zone("spec.timeZone", spec.TimeZone, time.UTC)
	a := &agreement.Agreement{
		Name: d.Name, DisplayName: v.Metadata.DisplayName, Description: spec.Description,
		Labels: v.Metadata.LabelText(), Annotations: v.Metadata.Annotations,
		Service: spec.Service, Provider: spec.Provider, Consumers: spec.Consumers,
		Stage: choice(d, "spec.stage", spec.Stage, agreement.Active, agreement.Draft, agreement.Proposed, agreement.Active, agreement.Retired),
		Zone:  zone, Effective: effective(d, spec.Effective, zone),
		Consequences: spec.Consequences, Place: d.Place,
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
	period := agreement.Period{
		From:  optionalMoment(d, "spec.effective.from", spec.From, zone),
		Until: optionalMoment(d, "spec.effective.until", spec.Until, zone),
	}
	if !period.Until.IsZero() && !period.Until.After(period.From) {
		d.Errorf("spec.effective.until", "%s is not after from, %s (until is the first day on which it no longer holds)",
			spec.Until, spec.From)
	}
	return period
}

// moment reads a date in the zone, or a date and time with its own offset.
func moment(d *document.Document, field, value string, zone *time.Location) (time.Time, bool) {
	if strings.Contains(value, "T") {
		return d.Instant(field, value)
	}
	return d.Date(field, value, zone)
}

func optionalMoment(d *document.Document, field, value string, zone *time.Location) time.Time {
	if value == "" {
		return time.Time{}
	}
	at, _ := moment(d, field, value, zone)
	return at
}

// choice reads one of several words; absent, it is the fallback.
func choice[T ~string](d *document.Document, field, value string, fallback T, allowed ...T) T {
	if value == "" || !d.OneOf(field, value, mapped(allowed, func(word T) string { return string(word) })...) {
		return fallback
	}
	return T(value)
}

func mapped[T, U any](all []T, to func(T) U) []U {
	made := make([]U, len(all))
	for i, one := range all {
		made[i] = to(one)
	}
	return made
}

// upkeep reads what the parties arranged beside the figures.
func (r *resolver) upkeep(d *document.Document, spec *agreementSpec, a *agreement.Agreement) {
	for i, step := range spec.Escalation {
		at := item("spec.escalation", i)
		r.notify(d, at+".notify", step.Notify)
		a.Escalation = append(a.Escalation, agreement.EscalationStep{After: optionalDuration(d, at+".after", step.After), Notify: step.Notify})
	}
	a.Review.Every = optionalDuration(d, "spec.review.every", spec.Review.Every)
	a.Review.Last = optionalMoment(d, "spec.review.last", spec.Review.Last, a.Zone)
	r.teams(d, "spec.report.to", spec.Report.To)
	a.Report = agreement.ReportPlan{Every: choice(d, "spec.report.every", spec.Report.Every, "", calendarUnits...), To: spec.Report.To}
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

func optionalDuration(d *document.Document, field, value string) time.Duration {
	if value == "" {
		return 0
	}
	length, _ := d.Duration(field, value)
	return length
}

func (r *resolver) signature(d *document.Document, field string, spec signatureSpec, a *agreement.Agreement) agreement.Signature {
	if d.Required(field+".team", spec.Team) {
		r.refer(d, field+".team", "Team", spec.Team)
		if !a.IsParty(spec.Team) {
			d.Warnf(field+".team", "%s is no party of this agreement", spec.Team)
		}
	}
	return agreement.Signature{Team: spec.Team, Name: spec.Name, On: optionalMoment(d, field+".on", spec.On, a.Zone)}
}
