package catalog

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// company is a small folder without a mistake, which the tests change.
func company() map[string]string {
	return map[string]string{
		"services.yaml": `apiVersion: openslo/v1
kind: Service
metadata: {name: payments-api}
spec: {description: Takes the money}
`,
		"teams.yaml": `- apiVersion: accord/v1
  kind: Team
  metadata: {name: payments}
  spec:
    members: [anna, ben@example.org]
    contacts:
      - {name: payments-oncall, type: opsgenie, target: payments}
- apiVersion: accord/v1
  kind: Team
  metadata: {name: checkout}
  spec: {}
- apiVersion: accord/v1
  kind: Team
  metadata: {name: platform}
`,
		"slo.yaml": `apiVersion: openslo/v1
kind: SLO
metadata: {name: api-availability}
spec:
  service: payments-api
  indicator:
    metadata: {name: api-requests}
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: 'errors_total'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'requests_total'}}}
  timeWindow:
    - {duration: 30d, isRolling: true}
  budgetingMethod: Occurrences
  objectives:
    - {displayName: Availability, target: 0.99}
`,
		"delay.yaml": `apiVersion: openslo/v1
kind: SLO
metadata: {name: queue-delay}
spec:
  service: payments-api
  indicator:
    metadata: {name: delay}
    spec:
      thresholdMetric:
        metricSource: {type: Prometheus, spec: {query: delay_seconds}}
  timeWindow:
    - {duration: 1M, isRolling: false, calendar: {startTime: 2026-01-01 00:00:00, timeZone: America/New_York}}
  budgetingMethod: Occurrences
  objectives:
    - {displayName: Quick, op: lte, value: 30, target: 0.95}
    - {displayName: Bearable, op: lte, value: 300, target: 0.99}
`,
		"office.yaml": `apiVersion: accord/v1
kind: Calendar
metadata: {name: office}
spec:
  timeZone: Europe/Berlin
  weekly:
    - {days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00"}
  holidays:
    - {yearly: 12-24, name: Christmas Eve}
`,
		"agreement.yaml": `apiVersion: accord/v1
kind: Agreement
metadata: {name: payments-for-checkout}
spec:
  service: payments-api
  provider: payments
  consumers: [checkout]
  stage: active
  timeZone: Europe/Berlin
  effective: {from: 2026-01-01, until: 2027-01-01}
  supportHours: office
  objectives:
    - name: availability
      slo: api-availability
      target: 0.995
      window: {calendar: month}
`,
		"exclusion.yaml": `apiVersion: accord/v1
kind: Exclusion
metadata: {name: upgrade}
spec:
  reason: Upgrade
  services: [payments-api]
  from: 2026-11-08T02:00:00+01:00
  to: 2026-11-08T04:00:00+01:00
  timeZone: Europe/Berlin
  requestedBy: payments
  approvedBy: checkout
  approvedOn: 2026-11-01
`,
	}
}

func TestACleanFolderHasNoProblems(t *testing.T) {
	c := load(t, company(), Options{})
	require.Empty(t, lines(c))
	require.Equal(t, 9, c.Documents)
}

// Each case changes one text of the company and states every problem there
// then is.
func TestRules(t *testing.T) {
	type change struct {
		name, file, old, new string
		want                 []string
	}
	const agreement = "Agreement payments-for-checkout: "
	cases := []change{
		{"unknown field", "agreement.yaml", "provider: payments", "providor: payments", []string{
			"agreement.yaml:6:3: " + agreement + "spec.providor: unknown field (did you mean provider?)"}},
		{"unknown field far from any", "office.yaml", "timeZone: Europe/Berlin", "color: blue", []string{
			"agreement.yaml:11:17: " + agreement + "spec.supportHours: Calendar office has errors of its own, see office.yaml:1",
			"office.yaml:5:3: Calendar office: spec.color: unknown field; known here: holidays, timeZone, weekly"}},
		{"wrong type", "agreement.yaml", "target: 0.995", "target: high", []string{
			"agreement.yaml:15:15: " + agreement + `spec.objectives[0].target: must be a number, got the text "high"`}},
		{"a number where a text belongs", "agreement.yaml", "service: payments-api", "service: 1.0", []string{
			"agreement.yaml:5:12: " + agreement + `spec.service: must be a text, got the number 1.0 (put it in quotes: "1.0")`}},
		{"a text where a list belongs", "agreement.yaml", "consumers: [checkout]", "consumers: checkout", []string{
			"agreement.yaml:7:14: " + agreement + `spec.consumers: must be a list, got the text "checkout" (did you mean [checkout]?)`}},
		{"a field twice", "agreement.yaml", "stage: active", "service: payments-api", []string{
			"agreement.yaml:8:3: " + agreement + "spec.service: stands twice, first in line 5"}},
		{"a target in percent", "agreement.yaml", "target: 0.995", "target: 99.5", []string{
			"agreement.yaml:15:15: " + agreement + "spec.objectives[0].target: must be in (0, 1], got 99.5 (did you mean 0.995?)"}},
		{"a target of nothing", "agreement.yaml", "target: 0.995", "target: 0", []string{
			"agreement.yaml:15:15: " + agreement + "spec.objectives[0].target: must be in (0, 1], got 0"}},
		{"unknown zone", "agreement.yaml", "timeZone: Europe/Berlin", "timeZone: Europe/Berlinn", []string{
			"agreement.yaml:9:13: " + agreement + `spec.timeZone: unknown time zone "Europe/Berlinn": it must be an IANA name, as Europe/Berlin or UTC`}},
		{"the zone of the machine", "agreement.yaml", "timeZone: Europe/Berlin", "timeZone: Local", []string{
			"agreement.yaml:9:13: " + agreement + `spec.timeZone: unknown time zone "Local": it must be an IANA name, as Europe/Berlin or UTC`}},
		{"1m meant as a month", "agreement.yaml", "{calendar: month}", "{rolling: 1m}", []string{
			"agreement.yaml:16:25: " + agreement + "spec.objectives[0].window.rolling: must be from 1h to 400d, got 1m (1m is one minute; a month is {calendar: month}, or 30d)"}},
		{"a rolling month", "agreement.yaml", "{calendar: month}", "{rolling: 1M}", []string{
			"agreement.yaml:16:25: " + agreement + "spec.objectives[0].window.rolling: a rolling window of 1M has no fixed length: write it in days, or take a calendar window"}},
		{"a rolling window too long", "agreement.yaml", "{calendar: month}", "{rolling: 401d}", []string{
			"agreement.yaml:16:25: " + agreement + "spec.objectives[0].window.rolling: must be from 1h to 400d, got 401d"}},
		{"no duration", "agreement.yaml", "{calendar: month}", "{rolling: a while}", []string{
			"agreement.yaml:16:25: " + agreement + `spec.objectives[0].window.rolling: "a while" is no duration: a duration is written as 30s, 5m, 1h30m, 7d, 2w`}},
		{"both windows", "agreement.yaml", "{calendar: month}", "{calendar: month, rolling: 30d}", []string{
			"agreement.yaml:16:7: " + agreement + "spec.objectives[0].window: must be {rolling: 30d} or {calendar: month}"}},
		{"unknown calendar unit", "agreement.yaml", "{calendar: month}", "{calendar: monthly}", []string{
			"agreement.yaml:16:26: " + agreement + `spec.objectives[0].window.calendar: must be day, week, month, quarter or year, got "monthly" (did you mean month?)`}},
		{"a dangling team", "agreement.yaml", "provider: payments", "provider: paymants", []string{
			"agreement.yaml:6:13: " + agreement + `spec.provider: no Team is named "paymants" (did you mean payments?)`}},
		{"a dangling SLO", "agreement.yaml", "slo: api-availability", "slo: api-availabilty", []string{
			"agreement.yaml:14:12: " + agreement + `spec.objectives[0].slo: no SLO is named "api-availabilty" (did you mean api-availability?)`}},
		{"a dangling calendar", "agreement.yaml", "supportHours: office", "supportHours: nights", []string{
			"agreement.yaml:11:17: " + agreement + `spec.supportHours: no Calendar is named "nights"`}},
		{"a dangling agreement", "agreement.yaml", "stage: active", "dependsOn: [{agreement: payments-for-checkot}]", []string{
			"agreement.yaml:8:27: " + agreement + `spec.dependsOn[0].agreement: no Agreement is named "payments-for-checkot" (did you mean payments-for-checkout?)`}},
		{"an agreement that depends on itself", "agreement.yaml", "stage: active", "dependsOn: [{agreement: payments-for-checkout}]", []string{
			"agreement.yaml:8:27: " + agreement + "spec.dependsOn[0].agreement: makes a circle: payments-for-checkout → payments-for-checkout"}},
		{"a dangling contact", "agreement.yaml", "stage: active", "escalation: [{after: 5m, notify: payments-onkall}]", []string{
			"agreement.yaml:8:36: " + agreement + `spec.escalation[0].notify: no Team, and no contact of one, is named "payments-onkall" (did you mean payments-oncall?)`}},
		{"an address to notify", "agreement.yaml", "stage: active", "escalation: [{after: 5m, notify: 'https://hooks.slack.com/x'}]", []string{
			"agreement.yaml:8:36: " + agreement + "spec.escalation[0].notify: is an address: make it the target of a contact of a Team, and write the name of that here"}},
		{"a service without a name", "agreement.yaml", "service: payments-api", "service:", []string{
			"agreement.yaml:5:3: " + agreement + "spec.service: is required"}},
		{"no consumer", "agreement.yaml", "consumers: [checkout]", "consumers: []", []string{
			"agreement.yaml:7:3: " + agreement + "spec.consumers: must name at least one Team"}},
		{"a promise to oneself", "agreement.yaml", "consumers: [checkout]", "consumers: [checkout, payments]", []string{
			"agreement.yaml:7:25: " + agreement + "spec.consumers[1]: payments is the provider, and cannot agree with itself"}},
		{"unknown stage", "agreement.yaml", "stage: active", "stage: live", []string{
			"agreement.yaml:8:10: " + agreement + `spec.stage: must be draft, proposed, active or retired, got "live"`}},
		{"an end before the start", "agreement.yaml", "until: 2027-01-01", "until: 2026-01-01", []string{
			"agreement.yaml:10:40: " + agreement + "spec.effective.until: 2026-01-01 is not after from, 2026-01-01 (until is the first day on which it no longer holds)"}},
		{"no such day", "agreement.yaml", "from: 2026-01-01", "from: 2026-02-30", []string{
			"agreement.yaml:10:21: " + agreement + `spec.effective.from: "2026-02-30" is no date: February 2026 ends on 2026-02-28`}},
		{"revisions out of order", "agreement.yaml", "target: 0.995",
			"revisions: [{from: 2026-07-01, target: 0.999}, {from: 2026-06-01, target: 0.99}]", []string{
				"agreement.yaml:15:61: " + agreement + "spec.objectives[0].revisions[1].from: 2026-06-01 is not after the revision before it, 2026-07-01; revisions stand in the order of their dates"}},
		{"a number for a duration", "agreement.yaml", "stage: active", "review: {every: 90}", []string{
			"agreement.yaml:8:19: " + agreement + "spec.review.every: must be a text, got the number 90 (it is written as 90d)"}},
		{"a number for a name", "agreement.yaml", "target: 0.995", "select: {code: 500}", []string{
			"agreement.yaml:15:22: " + agreement + `spec.objectives[0].select.code: must be a text, got the number 500 (put it in quotes: "500")`}},
		{"a revision after the end", "agreement.yaml", "target: 0.995", "revisions: [{from: 2027-01-01, target: 0.999}]", []string{
			"agreement.yaml:15:26: warning: " + agreement + "spec.objectives[0].revisions[0].from: 2027-01-01 is never in force, since the agreement ends on 2027-01-01"}},
		{"a revision without a target", "agreement.yaml", "target: 0.995", "revisions: [{from: 2026-07-01}]", []string{
			"agreement.yaml:15:19: " + agreement + "spec.objectives[0].revisions[0].target: is required"}},
		{"coverage above all of it", "agreement.yaml", "target: 0.995", "minCoverage: 80", []string{
			"agreement.yaml:15:20: " + agreement + "spec.objectives[0].minCoverage: must be in [0, 1], got 80 (did you mean 0.8?)"}},
		{"a negative number of events", "agreement.yaml", "target: 0.995", "minEvents: -1", []string{
			"agreement.yaml:15:18: " + agreement + "spec.objectives[0].minEvents: must be 0 or more, got -1"}},
		{"an op on a ratio", "agreement.yaml", "target: 0.995", "op: gt", []string{
			"agreement.yaml:15:11: warning: " + agreement + "spec.objectives[0].op: has no place here: the SLI is a ratio"}},
		{"slices without a length", "agreement.yaml", "target: 0.995", "budgetingMethod: RatioTimeslices", []string{
			"agreement.yaml:13:7: " + agreement + "spec.objectives[0].timeSliceWindow: is required for RatioTimeslices: the length of a slice"}},
		{"slices without a target", "agreement.yaml", "target: 0.995", "budgetingMethod: Timeslices\n      timeSliceWindow: 5", []string{
			"agreement.yaml:13:7: " + agreement + "spec.objectives[0].timeSliceTarget: is required for Timeslices: the ratio from which a slice is good"}},
		{"slices that fit no slot", "agreement.yaml", "target: 0.995", "budgetingMethod: RatioTimeslices\n      timeSliceWindow: 7m", []string{
			"agreement.yaml:16:24: " + agreement + "spec.objectives[0].timeSliceWindow: slices of 7m do not fit slots of 5m: one must divide the other"}},
		{"a slice without its method", "agreement.yaml", "target: 0.995", "timeSliceWindow: 5m", []string{
			"agreement.yaml:15:24: warning: " + agreement + "spec.objectives[0].timeSliceWindow: has no place here: the budgeting method is Occurrences"}},
		{"half minutes of a gauge", "agreement.yaml", "slo: api-availability", "slo: queue-delay\n      sloObjective: Quick\n      budgetingMethod: RatioTimeslices\n      timeSliceWindow: 30s", []string{
			"agreement.yaml:17:24: " + agreement + "spec.objectives[0].timeSliceWindow: must be whole minutes, got 30s: a time-based SLI is looked at once a minute"}},
		{"several objectives, none named", "agreement.yaml", "slo: api-availability", "slo: queue-delay", []string{
			"agreement.yaml:13:7: " + agreement + "spec.objectives[0].sloObjective: is required, since SLO queue-delay has several objectives: Quick, Bearable"}},
		{"an objective the SLO has not", "agreement.yaml", "slo: api-availability", "slo: queue-delay\n      sloObjective: Fast", []string{
			"agreement.yaml:15:21: " + agreement + `spec.objectives[0].sloObjective: SLO queue-delay has no objective "Fast"; it has Quick, Bearable`}},
		{"neither SLO nor indicator", "agreement.yaml", "      slo: api-availability\n", "", []string{
			"agreement.yaml:13:7: " + agreement + "spec.objectives[0]: needs either slo or indicator"}},
		{"an indicator without target and window", "agreement.yaml", "      slo: api-availability\n      target: 0.995\n      window: {calendar: month}\n",
			"      indicator: {thresholdMetric: {metricSource: {type: prometheus, spec: {query: up}}}}\n      op: gte\n      value: 1\n", []string{
				"agreement.yaml:13:7: " + agreement + "spec.objectives[0].target: is required beside an indicator",
				"agreement.yaml:13:7: " + agreement + "spec.objectives[0].window: is required beside an indicator"}},
		{"a label that is none", "agreement.yaml", "target: 0.995", `groupBy: [""]`, []string{
			"agreement.yaml:15:17: " + agreement + `spec.objectives[0].groupBy[0]: "" is no label name`}},
		{"a script for a link", "agreement.yaml", "stage: active", "links: [{title: x, url: 'javascript:alert(1)'}]", []string{
			"agreement.yaml:8:27: " + agreement + `spec.links[0].url: must be an address that begins with https:// or http://, got "javascript:alert(1)"`}},
		{"a name with capitals", "agreement.yaml", "name: payments-for-checkout", "name: Payments", []string{
			`agreement.yaml:3:18: Agreement Payments: metadata.name: "Payments" is no name: a name has at most 63 lower-case letters, digits and -, and begins and ends with a letter or digit`}},
		{"unknown kind", "agreement.yaml", "kind: Agreement", "kind: Agrement", []string{
			`agreement.yaml:2:7: Agrement payments-for-checkout: kind: must be Agreement, Calendar, Exclusion or Team, got "Agrement" (did you mean Agreement?)`}},
		{"another apiVersion", "agreement.yaml", "apiVersion: accord/v1", "apiVersion: acord/v1", []string{
			`agreement.yaml:1:13: Agreement payments-for-checkout: apiVersion: "acord/v1" is not read here, only accord/v1 and openslo/v1 (openslo/v1alpha and openslo.com/v2alpha are converted) (did you mean accord/v1?)`}},

		{"exclusion without approver", "exclusion.yaml", "  approvedBy: checkout\n  approvedOn: 2026-11-01\n", "", []string{
			"exclusion.yaml:4:1: warning: Exclusion upgrade: spec: has no effect until it is approved (approvedBy)"}},
		{"approved by its requester", "exclusion.yaml", "approvedBy: checkout", "approvedBy: payments", []string{
			"exclusion.yaml:11:15: warning: Exclusion upgrade: spec.approvedBy: has no effect: payments asked for it itself"}},
		{"approved by a stranger", "exclusion.yaml", "approvedBy: checkout", "approvedBy: platform", []string{
			"exclusion.yaml:11:15: warning: Exclusion upgrade: spec.approvedBy: has no effect: platform is party of none of the agreements concerned (payments-for-checkout)"}},
		{"approved, but by no request", "exclusion.yaml", "  requestedBy: payments\n", "", []string{
			"exclusion.yaml:4:1: Exclusion upgrade: spec.requestedBy: is required beside approvedBy, since nobody approves what they asked for themselves"}},
		{"excludes nothing", "exclusion.yaml", "  services: [payments-api]\n", "", []string{
			"exclusion.yaml:4:1: Exclusion upgrade: spec: must name at least one of services or agreements"}},
		{"ends before it starts", "exclusion.yaml", "to: 2026-11-08T04:00:00+01:00", "to: 2026-11-08T02:00:00+01:00", []string{
			"exclusion.yaml:8:7: Exclusion upgrade: spec.to: 2026-11-08T02:00:00+01:00 is not after from, 2026-11-08T02:00:00+01:00"}},
		{"a time without offset", "exclusion.yaml", "from: 2026-11-08T02:00:00+01:00", "from: 2026-11-08 02:00:00", []string{
			`exclusion.yaml:7:9: Exclusion upgrade: spec.from: "2026-11-08 02:00:00" is no date and time with offset: it is written as 2026-11-08T02:00:00+01:00`}},
		{"a day that is not", "exclusion.yaml", "from: 2026-11-08T02:00:00+01:00", "from: 2026-09-31T02:00:00+01:00", []string{
			`exclusion.yaml:7:9: Exclusion upgrade: spec.from: "2026-09-31T02:00:00+01:00" is no date and time with offset: September 2026 ends on 2026-09-30`}},
		{"a year that is not read", "exclusion.yaml", "from: 2026-11-08T02:00:00+01:00", "from: 1500-01-01T00:00:00Z", []string{
			`exclusion.yaml:7:9: Exclusion upgrade: spec.from: "1500-01-01T00:00:00Z" is not read: its year must be from 1970 to 2200`}},
		{"a day of such a year", "exclusion.yaml", "approvedOn: 2026-11-01", "approvedOn: 9999-12-31", []string{
			`exclusion.yaml:12:15: Exclusion upgrade: spec.approvedOn: "9999-12-31" is not read: its year must be from 1970 to 2200`}},
		{"no rule", "exclusion.yaml", "timeZone: Europe/Berlin", "recurrence: every tuesday", []string{
			`exclusion.yaml:9:15: Exclusion upgrade: spec.recurrence: "every tuesday" is no rule of RFC 5545 (as FREQ=WEEKLY;BYDAY=TU): wrong format`}},
		{"a rhythm of minutes", "exclusion.yaml", "timeZone: Europe/Berlin", "recurrence: FREQ=MINUTELY", []string{
			"exclusion.yaml:9:15: Exclusion upgrade: spec.recurrence: repeats by the minute or second, which is not read; the shortest rhythm is FREQ=HOURLY"}},
		{"hours that are never reached", "exclusion.yaml", "timeZone: Europe/Berlin", "recurrence: FREQ=HOURLY;INTERVAL=24;BYHOUR=7", []string{
			"exclusion.yaml:9:15: Exclusion upgrade: spec.recurrence: FREQ=HOURLY with BYHOUR is not read; write FREQ=DAILY with BYHOUR"}},
		{"too often", "exclusion.yaml", "timeZone: Europe/Berlin", "recurrence: 'FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,10,20,30,40'", []string{
			"exclusion.yaml:9:15: Exclusion upgrade: spec.recurrence: repeats 25 times a day; the limit is 24"}},
		{"a count that is not reached", "exclusion.yaml", "timeZone: Europe/Berlin", "recurrence: FREQ=YEARLY;COUNT=100", []string{
			"exclusion.yaml:9:15: Exclusion upgrade: spec.recurrence: the COUNT of 100 is not reached in 20 years, which is the limit; write UNTIL, or a COUNT of at most 20"}},
		{"a day that never is", "exclusion.yaml", "timeZone: Europe/Berlin", "recurrence: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", []string{
			`exclusion.yaml:9:15: Exclusion upgrade: spec.recurrence: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" never comes true in the 20 years after from, which is as far as is looked`}},
		{"over before it starts", "exclusion.yaml", "timeZone: Europe/Berlin", "recurrence: FREQ=DAILY;UNTIL=20250101T000000Z", []string{
			`exclusion.yaml:9:15: Exclusion upgrade: spec.recurrence: "FREQ=DAILY;UNTIL=20250101T000000Z" never comes true in the 20 years after from, which is as far as is looked`}},
		{"a start in the rule", "exclusion.yaml", "timeZone: Europe/Berlin", "recurrence: 'DTSTART=20260101T000000Z;FREQ=DAILY'", []string{
			"exclusion.yaml:9:15: Exclusion upgrade: spec.recurrence: must be the rule alone, as FREQ=WEEKLY;BYDAY=TU; from is where it starts"}},
		{"unknown mode", "exclusion.yaml", "reason: Upgrade", "mode: ignore", []string{
			`exclusion.yaml:5:9: Exclusion upgrade: spec.mode: must be exclude or good, got "ignore"`}},

		{"hours across midnight", "office.yaml", `from: "08:00", to: "18:00"`, `from: "22:00", to: "06:00"`, []string{
			"agreement.yaml:11:17: " + agreement + "spec.supportHours: Calendar office has errors of its own, see office.yaml:1",
			"office.yaml:7:60: Calendar office: spec.weekly[0].to: 06:00 is not after from, 22:00; a night is written as two rows, one to 24:00 and one from 00:00"}},
		{"a day of another language", "office.yaml", "[mon, tue, wed, thu, fri]", "[mo]", []string{
			"agreement.yaml:11:17: " + agreement + "spec.supportHours: Calendar office has errors of its own, see office.yaml:1",
			`office.yaml:7:15: Calendar office: spec.weekly[0].days[0]: must be mon, tue, wed, thu, fri, sat or sun, got "mo" (did you mean mon?)`}},
		{"an impossible hour", "office.yaml", `to: "18:00"`, `to: "24:30"`, []string{
			"agreement.yaml:11:17: " + agreement + "spec.supportHours: Calendar office has errors of its own, see office.yaml:1",
			`office.yaml:7:60: Calendar office: spec.weekly[0].to: "24:30" is no time of day: it is written as "08:00", from "00:00" to "24:00"`}},
		{"day before month", "office.yaml", "yearly: 12-24", "yearly: 24-12", []string{
			"agreement.yaml:11:17: " + agreement + "spec.supportHours: Calendar office has errors of its own, see office.yaml:1",
			`office.yaml:9:16: Calendar office: spec.holidays[0].yearly: "24-12" is no day of the year: it is written as 12-24 (month, then day)`}},
		{"two kinds of holiday", "office.yaml", "yearly: 12-24", "yearly: 12-24, country: DE", []string{
			"agreement.yaml:11:17: " + agreement + "spec.supportHours: Calendar office has errors of its own, see office.yaml:1",
			"office.yaml:9:7: Calendar office: spec.holidays[0]: needs exactly one of on, yearly, country and ics"}},
		{"members that match nobody, or stand twice", "teams.yaml", "[anna, ben@example.org]", `[" anna ", anna, ben, ANNA]`, []string{
			`teams.yaml:5:15: warning: Team payments: spec.members[0]: " anna " is nobody, since it has spaces around it: write anna`,
			`teams.yaml:5:25: warning: Team payments: spec.members[1]: anna is a member already, whatever the case of letters: leave it out`,
			`teams.yaml:5:36: warning: Team payments: spec.members[3]: ANNA is a member already, whatever the case of letters: leave it out`}},
		{"an unknown kind of contact", "teams.yaml", "type: opsgenie", "type: pager", []string{
			"agreement.yaml:6:13: " + agreement + "spec.provider: Team payments has errors of its own, see teams.yaml:1",
			"exclusion.yaml:10:16: Exclusion upgrade: spec.requestedBy: Team payments has errors of its own, see teams.yaml:1",
			`teams.yaml:7:39: Team payments: spec.contacts[0].type: must be email, slack, opsgenie, jira, pagerduty, teams or webhook, got "pager" (did you mean pagerduty?)`}},
		{"what a Viewer copied", "teams.yaml", "target: payments", "target: " + Hidden, []string{
			"agreement.yaml:6:13: " + agreement + "spec.provider: Team payments has errors of its own, see teams.yaml:1",
			"exclusion.yaml:10:16: Exclusion upgrade: spec.requestedBy: Team payments has errors of its own, see teams.yaml:1",
			"teams.yaml:7:57: Team payments: spec.contacts[0].target: (shown to those who may write) stands for an address that was not shown to whoever wrote this: write the address"}},
		{"days that are none", "office.yaml", "{days: [mon, tue, wed, thu, fri], from:", "{days: mon-fri, from:", []string{
			"agreement.yaml:11:17: " + agreement + "spec.supportHours: Calendar office has errors of its own, see office.yaml:1",
			`office.yaml:7:14: Calendar office: spec.weekly[0].days: must be a list, got the text "mon-fri"`}},
		{"a day in place of a holiday", "office.yaml", "{yearly: 12-24, name: Christmas Eve}", "2026-12-25", []string{
			"agreement.yaml:11:17: " + agreement + "spec.supportHours: Calendar office has errors of its own, see office.yaml:1",
			`office.yaml:9:7: Calendar office: spec.holidays[0]: must be a mapping such as {on: 2026-12-25}, got the text "2026-12-25"`}},
		{"what an agreement depends on, by its name alone", "agreement.yaml", "stage: active", "dependsOn: [database]", []string{
			"agreement.yaml:8:15: " + agreement + `spec.dependsOn[0]: must be a mapping such as {agreement: database}, got the text "database"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files := company()
			require.Contains(t, files[c.file], c.old, "the case changes nothing")
			files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
			require.Equal(t, c.want, lines(load(t, files, Options{})))
		})
	}
}
