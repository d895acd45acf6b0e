package catalog

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/problem"
)

// agreement builds an agreement without dependencies and exclusions, which need all agreements.
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
	if i := slices.Index(spec.Consumers, spec.Provider); i >= 0 && spec.Provider != "" {
		d.Errorf(document.Item("spec.consumers", i), "%s is the provider, and cannot agree with itself", spec.Provider)
	}
	a.SupportHours, _ = find[*agreement.Calendar](r, "Calendar", spec.SupportHours)
	a.Objectives = r.objectives(d, spec, a)
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

// upkeep reads escalation, review, report, signatures and links.
func upkeep(d *document.Document, spec *agreementSpec, a *agreement.Agreement) {
	for i, step := range spec.Escalation {
		after, _ := d.Duration(document.Item("spec.escalation", i)+".after", step.After)
		if !agreement.IsAddress(step.Notify) { // addresses may be secret; notify reports them
			a.Escalation = append(a.Escalation, agreement.EscalationStep{After: after, Notify: step.Notify})
		}
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
		// Users click links, so schemes such as javascript: are refused.
		if u, err := url.Parse(link.URL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			d.Errorf(at, "must be an address that begins with https:// or http://, got %q", link.URL)
			continue // documents with errors are displayed, too
		}
		a.Links = append(a.Links, agreement.Link(link))
	}
}

func (r *resolver) objectives(d *document.Document, spec *agreementSpec, of *agreement.Agreement) (objectives []*agreement.Objective) {
	first := map[string]int{}
	for i := range spec.Objectives {
		b := objectiveBuilder{resolver: r, d: d, at: document.Item("spec.objectives", i), spec: &spec.Objectives[i], of: of, zoneStated: spec.TimeZone != ""}
		name := b.spec.Name
		if before, taken := first[name]; taken {
			d.Errorf(b.at+".name", "%s is already the name of %s", name, problem.Aside(document.Item("objectives", before)))
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
	of         *agreement.Agreement
	zoneStated bool
}

// build returns the objective of the named SLO, or of the inline indicator, with the agreement's
// overrides applied. If the SLO or indicator is missing (invalid, or references are not followed), only
// the agreement's own fields are checked.
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
	o.Name, o.Place, o.DisplayName = b.spec.Name, b.d.At(b.at), cmp.Or(b.spec.DisplayName, o.DisplayName)
	b.figures(o, known)
	o.Select, o.GroupBy = b.spec.Select, b.spec.GroupBy
	b.alerts(o)
	b.revisions(o)
	if known {
		openslo.Complete(b.d, b.at, o, hasValue, b.o.Resolution)
		b.check(sli, o)
	}
	return o
}

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

// base returns the objective of the named SLO, and its SLI, or nil.
func (b *objectiveBuilder) base() (*agreement.Objective, *openslo.BuiltSLI) {
	slo, ok := find[resolvedSLO](b.resolver, "SLO", b.spec.SLO)
	if !ok {
		return nil, nil
	}
	names, wanted := slo.ObjectiveNames(), b.spec.SLOObjective
	if wanted == "" && len(names) == 1 {
		wanted = names[0]
	}
	switch i := slices.Index(names, wanted); {
	case i >= 0:
		return slo.Objectives[i], slo.slis[i]
	case wanted == "":
		b.d.Errorf(b.at+".sloObjective", "is required, since SLO %s has several objectives: %s",
			slo.Name, problem.Some(names))
	default:
		b.d.Errorf(b.at+".sloObjective", "SLO %s has no objective %q; it has %s", slo.Name, wanted, problem.Some(names))
	}
	return nil, nil
}

// figures applies the agreement's target, window, budgeting, noData and minimums.
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
	o.MinEvents = *cmp.Or(spec.MinEvents, &o.MinEvents)
	o.MinCoverage = *cmp.Or(spec.MinCoverage, &o.MinCoverage)
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
			o.Window.Zone = b.of.Zone
		}
	case spec.Calendar != "":
		o.Window = agreement.Window{Calendar: spec.Calendar, Zone: b.of.Zone}
	case spec.Rolling != "":
		if window, ok := openslo.RollingWindow(d, at+".rolling", spec.Rolling); ok {
			o.Window = window
		}
	}
}

// alerts applies the agreement's alert settings on top of the SLO's alert policies.
func (b *objectiveBuilder) alerts(o *agreement.Objective) {
	spec := b.spec.Alerts
	if spec == nil {
		return
	}
	o.Alerts = maps.Clone(o.Alerts)
	if o.Alerts == nil {
		o.Alerts = map[agreement.Severity]agreement.Alerts{}
	}
	for severity, of := range map[agreement.Severity]*severitySpec{agreement.Page: &spec.Page, agreement.Ticket: &spec.Ticket} {
		alerts, at := o.Alerts[severity], b.at+".alerts."+string(severity)
		alerts.Disabled = *cmp.Or(of.Disabled, spec.Disabled, &alerts.Disabled)
		if rules := b.alertRules(at, severity, of); len(rules) > 0 {
			alerts.Rules, alerts.Disabled = rules, false
		}
		o.Alerts[severity] = alerts.With(spec.Labels, spec.Annotations).With(of.Labels, of.Annotations)
	}
}

func (b *objectiveBuilder) alertRules(at string, severity agreement.Severity, of *severitySpec) (rules []agreement.AlertRule) {
	field, first := at+".rules", map[agreement.Duration]int{}
	switch n := len(of.Rules); {
	case n == 0 && b.d.Has(field):
		b.d.Errorf(field, "holds no rule; to have no alerts, write disabled: true")
	case n > agreement.MaxAlertRules:
		b.d.Errorf(field, "holds %d rules, the limit is %d", n, agreement.MaxAlertRules)
	case n > 0 && of.Disabled != nil && *of.Disabled:
		b.d.Errorf(at, "has both rules and disabled: true; one of them must go")
	}
	for i, spec := range of.Rules {
		at := document.Item(field, i) + ".long"
		length, ok := b.d.Duration(at, spec.Long)
		long := agreement.Duration(length)
		before, taken := first[long]
		switch err := agreement.CheckLong(long); {
		case !ok || spec.Long == "":
		case err != nil:
			b.d.Errorf(at, "%s", err)
		case taken:
			b.d.Errorf(at, "%s is already that of %s", long, problem.Aside(document.Item("rules", before)))
		}
		first[long] = i
		rules = append(rules, agreement.AlertRule{Severity: severity, Long: long,
			Share: *cmp.Or(spec.Share, new(float64)), BurnRate: *cmp.Or(spec.BurnRate, new(float64))})
	}
	return rules
}

func (b *objectiveBuilder) revisions(o *agreement.Objective) {
	o.Revisions = nil
	for i, spec := range b.spec.Revisions {
		at := document.Item(b.at+".revisions", i)
		from := b.d.Moment(at+".from", spec.From, b.of.Zone)
		if from.IsZero() || spec.Target == nil {
			continue
		}
		if n := len(o.Revisions); n > 0 && !from.After(o.Revisions[n-1].From) {
			b.d.Errorf(at+".from", "%s is not after the revision before it, %s; revisions stand in the order of their dates",
				spec.From, o.Revisions[n-1].From.Format(time.DateOnly))
		} else if until := b.of.Effective.Until; !until.IsZero() && !from.Before(until) {
			b.d.Warnf(at+".from", "%s is never in force, since the agreement ends on %s", spec.From, until.Format(time.DateOnly))
		}
		o.Revisions = append(o.Revisions, agreement.Revision{
			From: from, Target: *spec.Target, Reason: spec.Reason, ApprovedBy: spec.ApprovedBy,
		})
	}
}

// check validates queries that the agreement defines, or changes by select or groupBy. Those of an SLO
// are validated with the SLO.
func (b *objectiveBuilder) check(sli *openslo.BuiltSLI, o *agreement.Objective) {
	switch {
	case slices.ContainsFunc(b.d.Problems(), func(p problem.Problem) bool {
		return p.Severity == problem.Error && strings.HasPrefix(p.Field, b.at)
	}):
	case sli.Document == b.d:
		b.resolver.check(b.d, "", sli, o)
	case len(o.Select) > 0:
		b.resolver.check(b.d, b.at+".select", sli, o)
	case len(o.GroupBy) > 0:
		b.resolver.check(b.d, b.at+".groupBy", sli, o)
	}
}
