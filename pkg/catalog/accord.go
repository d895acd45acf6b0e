package catalog

import (
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

// APIVersion is the apiVersion of Accord's own documents.
const APIVersion = "accord/v1"

var accordDocuments = map[string]func() any{
	"Agreement": func() any { return &agreementDocument{} },
	"Calendar":  func() any { return &calendarDocument{} },
	"Exclusion": func() any { return &exclusionDocument{} },
	"Team":      func() any { return &teamDocument{} },
}

// The documents of accord/v1 as decoded from YAML.
type (
	agreementDocument = document.Of[agreementSpec]
	exclusionDocument = document.Of[exclusionSpec]

	agreementSpec struct {
		Description  string           `yaml:"description" jsonschema_description:"What the promise is for, in plain words."`
		Service      string           `yaml:"service" check:"required" jsonschema_extras:"x-reference=Service" jsonschema_description:"The Service that is promised, by name."`
		Provider     string           `yaml:"provider" check:"required" jsonschema_extras:"x-reference=Team" jsonschema_description:"The Team that gives the promise."`
		Consumers    []string         `yaml:"consumers" check:"unique" least:"must name at least one Team" jsonschema_extras:"x-reference=Team" jsonschema_description:"The Teams that the promise is given to, one or more."`
		Stage        agreement.Stage  `yaml:"stage" jsonschema:"enum=draft,enum=proposed,enum=active,enum=retired" jsonschema_description:"Where the agreement is in its life. Only active ones count in states and alerts. Default: active."`
		TimeZone     string           `yaml:"timeZone" jsonschema_description:"An IANA name, as Europe/Berlin: for dates below and for calendar windows. Default: UTC."`
		Effective    effectiveSpec    `yaml:"effective" jsonschema_description:"When it is in force."`
		SupportHours string           `yaml:"supportHours" jsonschema_extras:"x-reference=Calendar" jsonschema_description:"The Calendar with the hours that count. Absent: around the clock."`
		Objectives   []objectiveSpec  `yaml:"objectives" least:"must hold at least one objective" jsonschema_description:"What is promised, one entry for each figure."`
		DependsOn    []dependencySpec `yaml:"dependsOn" short:"agreement" jsonschema_description:"Agreements under which the provider is itself a consumer."`
		Escalation   []escalationSpec `yaml:"escalation" short:"notify" jsonschema_description:"Whom to tell, and after how long."`
		Review       reviewSpec       `yaml:"review" jsonschema_description:"How often the agreement is looked at again."`
		Report       reportSpec       `yaml:"report" jsonschema_description:"How often the figures are sent, and to whom."`
		Consequences string           `yaml:"consequences" jsonschema_description:"What happens when the promise is broken."`
		Signatures   []signatureSpec  `yaml:"signatures" short:"team" jsonschema_description:"Who signed for which team."`
		Links        []linkSpec       `yaml:"links" jsonschema_description:"Pages about it, such as a runbook."`
	}
	effectiveSpec struct {
		From  string `yaml:"from" jsonschema_description:"The first day, as 2026-01-01."`
		Until string `yaml:"until" jsonschema_description:"The first day after the end, as 2027-01-01."`
	}
	dependencySpec struct {
		upstreamSpec `yaml:",inline"`
		AnyOf        []upstreamSpec `yaml:"anyOf" jsonschema_description:"In place of agreement: several, of which any one suffices."`
	}
	upstreamSpec struct {
		Agreement string `yaml:"agreement" jsonschema_extras:"x-reference=Agreement" jsonschema_description:"An agreement, by name."`
		Objective string `yaml:"objective" jsonschema_description:"Which of its objectives matters here. Default: the one of the same name, else its strictest."`
	}
	escalationSpec struct {
		After  string `yaml:"after" jsonschema_description:"Time since the alert, as 30m."`
		Notify string `yaml:"notify" check:"required" jsonschema_extras:"x-reference=Contact" jsonschema_description:"A contact of a Team, or a Team."`
	}
	reviewSpec struct {
		Every string `yaml:"every" jsonschema_description:"Time between two reviews, as 90d."`
		Last  string `yaml:"last" jsonschema_description:"The day of the last review, as 2026-09-01."`
	}
	reportSpec struct {
		Every agreement.CalendarUnit `yaml:"every" jsonschema:"enum=day,enum=week,enum=month,enum=quarter,enum=year" jsonschema_description:"A calendar unit."`
		To    []string               `yaml:"to" check:"unique" jsonschema_extras:"x-reference=Team" jsonschema_description:"Teams."`
	}
	signatureSpec struct {
		Team string `yaml:"team" check:"required" jsonschema_extras:"x-reference=Team" jsonschema_description:"A party of the agreement."`
		Name string `yaml:"name" jsonschema_description:"Who signed."`
		On   string `yaml:"on" jsonschema_description:"The day, as 2026-01-31."`
	}
	linkSpec struct {
		Title string `yaml:"title" jsonschema_description:"The text of the link."`
		URL   string `yaml:"url" jsonschema_description:"An address, as https://…."`
	}

	objectiveSpec struct {
		Name            string              `yaml:"name" jsonschema_description:"Unique in the agreement; lower case letters, digits and hyphens."`
		DisplayName     string              `yaml:"displayName" jsonschema_description:"How people call it."`
		SLO             string              `yaml:"slo" jsonschema_extras:"x-reference=SLO" jsonschema_description:"The SLO that is promised, by name: its indicator, target and window, each of which may be overridden here."`
		SLOObjective    string              `yaml:"sloObjective" jsonschema_description:"Which objective of the SLO, when it has several."`
		Indicator       *indicatorSpec      `yaml:"indicator" jsonschema_description:"An indicator written here, in place of an SLO; then target and window are required."`
		Target          *float64            `yaml:"target" jsonschema:"exclusiveMinimum=0,maximum=1" jsonschema_description:"The share of good that is promised, a ratio: 0.999 is 99.9%."`
		Window          *windowSpec         `yaml:"window" jsonschema_description:"The time over which the share is taken: {rolling: 30d} or {calendar: month}."`
		Op              agreement.Op        `yaml:"op" jsonschema:"enum=lte,enum=lt,enum=gte,enum=gt" jsonschema_description:"How a measured value compares with value for it to be good."`
		Value           *float64            `yaml:"value" jsonschema_description:"What the measured value is compared with."`
		BudgetingMethod agreement.Budgeting `yaml:"budgetingMethod" jsonschema:"enum=Occurrences,enum=Timeslices,enum=RatioTimeslices" jsonschema_description:"What is counted: events, or slices of time. Default: Occurrences."`
		TimeSliceTarget *float64            `yaml:"timeSliceTarget" jsonschema:"exclusiveMinimum=0,maximum=1" jsonschema_description:"The share of good from which a slice of time is good."`
		TimeSliceWindow document.Scalar     `yaml:"timeSliceWindow" jsonschema_description:"The length of a slice of time, as 1m."`
		Select          map[string]string   `yaml:"select" check:"labels" jsonschema_description:"Labels added to every selector of the indicator, such as this consumer’s own traffic."`
		GroupBy         []string            `yaml:"groupBy" check:"unique,labels" jsonschema_description:"Labels: one result for each of their values."`
		NoData          agreement.NoData    `yaml:"noData" jsonschema:"enum=ignore,enum=good,enum=bad" jsonschema_description:"What time without data counts as. Default: ignore."`
		MinEvents       *float64            `yaml:"minEvents" jsonschema:"minimum=0" jsonschema_description:"With fewer events a burn-rate alert keeps quiet."`
		MinCoverage     *float64            `yaml:"minCoverage" jsonschema:"minimum=0,maximum=1" jsonschema_description:"With less of the window covered the state is no_data, a ratio."`
		Alerts          *alertsSpec         `yaml:"alerts" jsonschema_description:"What its burn-rate alerts are, where they are not the usual ones."`
		Revisions       []revisionSpec      `yaml:"revisions" jsonschema_description:"Targets in force from a date on; earlier time keeps the earlier target."`
	}
	// indicatorSpec is an inline SLI, with metadata and spec as OpenSLO writes it inside an SLO, or the
	// bare spec.
	indicatorSpec struct {
		Metadata        document.Metadata `yaml:"metadata"`
		Spec            *openslo.SLISpec  `yaml:"spec"`
		openslo.SLISpec `yaml:",inline"`
	}
	// alertsSpec applies to both severities; Page and Ticket override it.
	alertsSpec struct {
		alertSpec `yaml:",inline"`
		Page      severitySpec `yaml:"page" jsonschema_description:"Those that want somebody now."`
		Ticket    severitySpec `yaml:"ticket" jsonschema_description:"Those that may wait for a working day."`
	}
	alertSpec struct {
		Disabled    *bool             `yaml:"disabled" jsonschema_description:"true: there are none."`
		Labels      map[string]string `yaml:"labels" check:"labels" jsonschema_description:"Labels put onto them, to route by."`
		Annotations map[string]string `yaml:"annotations" jsonschema_description:"Annotations put onto them in exported rules for Prometheus."`
	}
	severitySpec struct {
		alertSpec `yaml:",inline"`
		Rules     []alertRuleSpec `yaml:"rules" jsonschema_description:"In place of the usual ones, each with share or burnRate."`
	}
	alertRuleSpec struct {
		Share    *float64 `yaml:"share" jsonschema:"exclusiveMinimum=0,maximum=1" jsonschema_description:"Fires when this share of the budget is spent within long, a ratio: 0.02 is 2%."`
		BurnRate *float64 `yaml:"burnRate" jsonschema:"minimum=1" jsonschema_description:"In place of share: fires above this burn rate; 1 spends the budget exactly within the window."`
		Long     string   `yaml:"long" check:"required" jsonschema_description:"The time over which it is taken, as 6h, and over a twelfth of that."`
	}
	windowSpec struct {
		Rolling  string                 `yaml:"rolling" jsonschema_description:"A length up to now, as 30d."`
		Calendar agreement.CalendarUnit `yaml:"calendar" jsonschema:"enum=day,enum=week,enum=month,enum=quarter,enum=year" jsonschema_description:"A calendar period."`
	}
	revisionSpec struct {
		From       string   `yaml:"from" check:"required" jsonschema_description:"The first day of the new target, as 2026-07-01."`
		Target     *float64 `yaml:"target" check:"required" jsonschema:"exclusiveMinimum=0,maximum=1" jsonschema_description:"The new target, a ratio."`
		Reason     string   `yaml:"reason" jsonschema_description:"Why it was changed."`
		ApprovedBy []string `yaml:"approvedBy" check:"unique" jsonschema_extras:"x-reference=Team" jsonschema_description:"Teams."`
	}

	teamDocument = document.Of[struct {
		Members  []string      `yaml:"members" jsonschema_description:"Grafana logins or e-mail addresses."`
		Contacts []contactSpec `yaml:"contacts" jsonschema_description:"How the team is told."`
	}]
	contactSpec struct {
		Name   string `yaml:"name" jsonschema_description:"Unique; named by escalation.notify."`
		Type   string `yaml:"type" check:"required" jsonschema:"enum=email,enum=slack,enum=opsgenie,enum=jira,enum=pagerduty,enum=teams,enum=webhook" jsonschema_description:"The kind of channel."`
		Target string `yaml:"target" check:"required" jsonschema_description:"The address, channel or service."`
	}

	calendarDocument = document.Of[struct {
		TimeZone string        `yaml:"timeZone" jsonschema_description:"An IANA name, as Europe/Berlin. Default: UTC."`
		Weekly   []weeklySpec  `yaml:"weekly" least:"must hold at least one row of hours" jsonschema_description:"Hours of the week, in as many rows as needed."`
		Holidays []holidaySpec `yaml:"holidays" short:"on" jsonschema_description:"Days without hours."`
	}]
	weeklySpec struct {
		Days []string `yaml:"days" least:"must name at least one day: mon, tue, wed, thu, fri, sat, sun" jsonschema:"enum=mon,enum=tue,enum=wed,enum=thu,enum=fri,enum=sat,enum=sun" jsonschema_description:"Days of the week."`
		From string   `yaml:"from" jsonschema_description:"Time of day, as 08:00."`
		To   string   `yaml:"to" jsonschema_description:"Time of day, up to 24:00."`
	}
	holidaySpec struct {
		Name    string `yaml:"name" jsonschema_description:"How people call it."`
		On      string `yaml:"on" jsonschema_description:"One day, as 2026-12-25."`
		Yearly  string `yaml:"yearly" jsonschema_description:"The same day each year, month and day, as 12-25."`
		Country string `yaml:"country" jsonschema_description:"A country’s national holidays, as DE."`
		ICS     string `yaml:"ics" jsonschema_description:"A file beside this one with the days."`
	}

	exclusionSpec struct {
		Reason      string                  `yaml:"reason" jsonschema_description:"Why this time is not to count."`
		Category    string                  `yaml:"category" jsonschema:"enum=maintenance,enum=third-party,enum=force-majeure,enum=test,enum=other" jsonschema_description:"What kind of time it is. Default: other."`
		Services    []string                `yaml:"services" jsonschema_extras:"x-reference=Service" jsonschema_description:"Services whose agreements are concerned."`
		Agreements  []string                `yaml:"agreements" jsonschema_extras:"x-reference=Agreement" jsonschema_description:"Agreements that are concerned."`
		From        string                  `yaml:"from" check:"required" jsonschema_description:"The first instant, as 2026-11-08T02:00:00+01:00."`
		To          string                  `yaml:"to" check:"required" jsonschema_description:"The first instant after the end."`
		Recurrence  string                  `yaml:"recurrence" jsonschema_description:"When it comes again, RFC 5545, as FREQ=MONTHLY;BYDAY=2SU."`
		TimeZone    string                  `yaml:"timeZone" jsonschema_description:"The time zone of the recurrence, an IANA name. Default: UTC."`
		Mode        agreement.ExclusionMode `yaml:"mode" jsonschema:"enum=exclude,enum=good" jsonschema_description:"exclude: the time does not count; good: it counts as good. Default: exclude."`
		RequestedBy string                  `yaml:"requestedBy" jsonschema_extras:"x-reference=Team" jsonschema_description:"The Team that asks."`
		ApprovedBy  string                  `yaml:"approvedBy" jsonschema_extras:"x-reference=Team" jsonschema_description:"Another Team, party of the agreements concerned. Without it there is no effect."`
		ApprovedOn  string                  `yaml:"approvedOn" jsonschema_description:"The day or instant of the approval."`
	}
)

// Check reports an indicator in both forms, and applies the rules of a bare spec.
func (i *indicatorSpec) Check(d *document.Document, field string) {
	if i.Spec == nil {
		i.SLISpec.Check(d, field)
	} else if i.SLISpec != (openslo.SLISpec{}) {
		d.Errorf(field, "has both a spec and the fields of one; one of them must go")
	}
}

// Check reports a window that is not exactly one of rolling and calendar.
func (w *windowSpec) Check(d *document.Document, field string) {
	if (w.Rolling == "") == (w.Calendar == "") {
		d.Errorf(field, "must be {rolling: 30d} or {calendar: month}")
	}
}

// Check reports a rule that does not have exactly one of share and burnRate.
func (r *alertRuleSpec) Check(d *document.Document, field string) {
	if (r.Share == nil) == (r.BurnRate == nil) {
		d.Errorf(field, "must be {share: 0.02, long: 1h} or {burnRate: 14.4, long: 1h}")
	}
}

// WrittenOut returns the mapping that a word such as off stands for.
func (a *alertSpec) WrittenOut(string) string { return "{disabled: true}" }

// WrittenOut returns the mapping that a text such as 30d or month stands for.
func (w *windowSpec) WrittenOut(text string) string {
	if strings.ContainsAny(text, "0123456789") {
		return "{rolling: " + text + "}"
	}
	return "{calendar: " + text + "}"
}

// readAccord decodes and checks a document of accord/v1. value is nil if a field has the wrong type.
// partial is what could be decoded, nil if the kind is unknown.
func readAccord(d *document.Document) (value, partial any) {
	partial, decoded := d.DecodeKind(accordDocuments)
	if !decoded {
		return nil, partial
	}
	d.CheckName("metadata.name", d.Name)
	d.Check(partial)
	return partial, partial
}
