package openslo_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
)

const plain = `apiVersion: openslo/v1
kind: Service
metadata: {name: s}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: o}
spec:
  service: s
  indicator: {metadata: {name: i}, spec: {INDICATOR}}
  timeWindow: [{WINDOW}]
  budgetingMethod: Occurrences
  objectives: [{OBJECTIVE}]
`

// plainSLO is an SLO with these parts; empty parts are good ones.
func plainSLO(indicator, window, objective string) string {
	or := func(given, usual string) string {
		if given == "" {
			return usual
		}
		return given
	}
	return strings.NewReplacer(
		"{INDICATOR}", or(indicator, "{ratioMetric: {good: "+source("query: a")+", total: "+source("query: b")+"}}"),
		"{WINDOW}", or(window, "{duration: 30d, isRolling: true}"),
		"{OBJECTIVE}", or(objective, "{target: 0.9}"),
	).Replace(plain)
}

func source(spec string) string {
	return "{metricSource: {type: Prometheus, spec: {" + spec + "}}}"
}

// said is the problems without their places and the document's name.
func said(t *testing.T, text string) []string {
	t.Helper()
	_, problems := load(t, text)
	var messages []string
	for _, problem := range problems {
		place, message, _ := strings.Cut(problem, "SLO o: ")
		if strings.Contains(place, "warning") {
			message = "warning: " + message
		}
		messages = append(messages, message)
	}
	return messages
}

func TestWindows(t *testing.T) {
	const at = "spec.timeWindow[0]"
	const startTime = at + ".calendar.startTime: "
	calendar := func(duration, start string) string {
		return "{duration: " + duration + ", calendar: {startTime: " + start + ", timeZone: UTC}}"
	}
	cases := []struct{ window, is, want string }{
		{"{duration: 1d, isRolling: true}", "1d", ""},
		{"{duration: 28d, isRolling: true}", "28d", ""},
		{"{duration: 1w, isRolling: true}", "7d", ""},
		{"{duration: 1h, isRolling: true}", "1h", ""},
		{calendar("1d", "2026-01-21 00:00:00"), "day", ""},
		{calendar("1w", "2026-01-05 00:00:00"), "week", ""},
		{calendar("1M", "2026-02-01 00:00:00"), "month", ""},
		{calendar("1Q", "2026-10-01 00:00:00"), "quarter", ""},
		{calendar("1Y", "2026-01-01 00:00:00"), "year", ""},
		{calendar("1d", "2026-01-21 12:00:00"), "", startTime + "a window of 1d begins at 00:00:00, not at 2026-01-21 12:00:00"},
		{calendar("1w", "2026-01-04 00:00:00"), "", startTime + "a window of 1w begins on a Monday at 00:00:00, not at 2026-01-04 00:00:00"},
		{calendar("1M", "2026-01-02 00:00:00"), "", startTime + "a window of 1M begins on the 1st at 00:00:00, not at 2026-01-02 00:00:00"},
		{calendar("1Q", "2026-02-01 00:00:00"), "", startTime + "a window of 1Q begins on 1 January, April, July or October at 00:00:00, not at 2026-02-01 00:00:00"},
		{calendar("1Y", "2026-07-01 00:00:00"), "", startTime + "a window of 1Y begins on 1 January at 00:00:00, not at 2026-07-01 00:00:00"},
		{calendar("1M", "yesterday"), "", startTime + `"yesterday" is no date and time without zone: it is written as 2026-01-01 00:00:00`},
		{calendar("2M", "2026-01-01"), "", at + `.duration: a calendar window must be 1d, 1w, 1M, 1Q or 1Y, got "2M"`},
		{calendar("1m", "2026-01-01"), "", at + `.duration: a calendar window must be 1d, 1w, 1M, 1Q or 1Y, got "1m" (1m is one minute; a month is 1M)`},
		{"{duration: 1M, isRolling: true}", "", at + ".duration: a rolling window of 1M has no fixed length: write it in days, or take a calendar window"},
		{"{duration: 1m, isRolling: true}", "", at + ".duration: must be from 1h to 400d, got 1m (1m is one minute; a month is 1M with a calendar, or 30d)"},
		{"{duration: 3m, isRolling: true}", "", at + ".duration: must be from 1h to 400d, got 3m (3m is minutes; a month is 1M with a calendar, or 30d)"},
		{"{duration: 30d}", "", at + ": needs isRolling: true, or a calendar with startTime and timeZone"},
		{"{duration: 1M, isRolling: true, calendar: {startTime: 2026-01-01, timeZone: UTC}}", "", at + ".calendar: a rolling window has no calendar; set isRolling: false or drop it"},
		{"{duration: 1M, calendar: {startTime: 2026-01-01}}", "", at + ".calendar.timeZone: is required"},
		{"{duration: 1M, calendar: {startTime: 2026-01-01, timeZone: Mars}}", "", at + `.calendar.timeZone: unknown time zone "Mars": it must be an IANA name, as Europe/Berlin or UTC`},
		{"{duration: 1d, isRolling: true}, {duration: 2d, isRolling: true}", "", "spec.timeWindow: must hold exactly one window, got 2"},
	}
	for _, c := range cases {
		t.Run(c.window, func(t *testing.T) {
			loaded, _ := load(t, plainSLO("", c.window, ""))
			if c.want != "" {
				require.Equal(t, []string{c.want}, said(t, plainSLO("", c.window, "")))
				return
			}
			require.Empty(t, said(t, plainSLO("", c.window, "")))
			require.Equal(t, c.is, slo(t, loaded, "o").Objectives[0].Window.String())
		})
	}
}

func TestIndicators(t *testing.T) {
	const at = "spec.indicator.spec"
	a, b := source("query: a"), source("query: b")
	cases := []struct {
		name, indicator string
		want            []string
	}{
		{"nothing", "{}", []string{at + ": needs thresholdMetric or ratioMetric"}},
		{"both", "{thresholdMetric: " + a + ", ratioMetric: {good: " + a + ", total: " + b + "}}",
			[]string{at + ": has both thresholdMetric and ratioMetric; one of them must go"}},
		{"good and bad", "{ratioMetric: {good: " + a + ", bad: " + a + ", total: " + b + "}}", []string{at + ".ratioMetric: needs exactly one of good and bad"}},
		{"no total", "{ratioMetric: {good: " + a + "}}", []string{at + ".ratioMetric: needs total (with good or bad), or raw"}},
		{"raw without its type", "{ratioMetric: {raw: " + a + "}}", []string{at + ".ratioMetric.rawType: is required: success or failure"}},
		{"raw and total", "{ratioMetric: {raw: " + a + ", rawType: success, total: " + b + "}}",
			[]string{at + ".ratioMetric: raw is the whole ratio; good, bad and total must go"}},
		{"a type without raw", "{ratioMetric: {rawType: success, good: " + a + ", total: " + b + "}}",
			[]string{"warning: " + at + ".ratioMetric.rawType: has no place without raw"}},
		{"no counters", "{ratioMetric: {counter: false, good: " + a + ", total: " + b + "}}",
			nil},
		{"no source", "{ratioMetric: {good: {metricSource: {spec: {query: a}}}, total: " + b + "}}",
			[]string{at + ".ratioMetric.good.metricSource: needs a type, as Prometheus, or a reference to a DataSource"}},
		{"no query", "{ratioMetric: {good: " + source("") + ", total: " + b + "}}",
			[]string{at + ".ratioMetric.good.metricSource.spec: needs a query in PromQL, or a native histogram"}},
		{"a misspelt query", "{ratioMetric: {good: " + source("quarry: a") + ", total: " + b + "}}",
			[]string{at + ".ratioMetric.good.metricSource.spec.quarry: unknown field (did you mean query?)"}},
		{"a query as Nobl9 spells it", "{ratioMetric: {good: " + source("promql: a") + ", total: " + b + "}}", nil},
		{"two spellings", "{ratioMetric: {good: " + source("promql: a, query: a") + ", total: " + b + "}}",
			[]string{at + ".ratioMetric.good.metricSource.spec: has both query and promql; one of them must go"}},
		{"dimensions, as in a published example", "{ratioMetric: {good: " + source("query: a, dimensions: [b, c]") + ", total: " + b + "}}",
			[]string{"warning: " + at + ".ratioMetric.good.metricSource.spec.dimensions: has no place: the query says what is counted, and groupBy of an agreement's objective by what"}},
		{"a histogram and a query", "{ratioMetric: {good: " + source("query: a, histogram: h") + ", total: " + b + "}}",
			[]string{at + ".ratioMetric.good.metricSource.spec: has both query and histogram; one of them must go"}},
		{"a histogram without a bound", "{ratioMetric: {good: " + source("histogram: h") + ", total: " + source("histogram: h") + "}}",
			[]string{at + ".ratioMetric.good.metricSource.spec.below: is required: the bound up to which an observation is good, as 300ms"}},
		{"a histogram as bad", "{ratioMetric: {bad: " + source("histogram: h, below: 1") + ", total: " + source("histogram: h") + "}}",
			[]string{at + ".ratioMetric.bad.metricSource.spec.histogram: a native histogram gives good (with below) and total, it cannot be bad"}},
		{"a bound on the total", "{ratioMetric: {good: " + source("histogram: h, below: 1") + ", total: " + source("histogram: h, below: 1") + "}}",
			[]string{at + ".ratioMetric.total.metricSource.spec.below: total is all observations; below belongs to good"}},
		{"a histogram of other events", "{ratioMetric: {good: " + source("histogram: h, below: 1") + ", total: " + b + "}}",
			[]string{at + ".ratioMetric: good and total must both be histograms, or both queries"}},
		{"a bound on a query", "{ratioMetric: {good: " + source("query: a, below: 1") + ", total: " + b + "}}",
			[]string{at + `.ratioMetric.good.metricSource.spec.below: goes with histogram; a query says the bound itself, as le="0.3"`}},
		{"a bound that is none", "{ratioMetric: {good: " + source("histogram: h, below: fast") + ", total: " + source("histogram: h") + "}}",
			[]string{at + `.ratioMetric.good.metricSource.spec.below: "fast" is no duration: a duration is written as 30s, 5m, 1h30m, 7d, 2w`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, said(t, plainSLO(c.indicator, "", "")))
		})
	}
}

func TestTheBoundOfANativeHistogram(t *testing.T) {
	for below, want := range map[string]float64{"300ms": 0.3, "1m30s": 90, "0.25": 0.25, "4096": 4096} {
		c, problems := load(t, plainSLO("{ratioMetric: {good: "+source("histogram: 'h{a=\"b\"}', below: "+below)+", total: "+source("histogram: h")+"}}", "", ""))
		require.Empty(t, problems)
		good := slo(t, c, "o").Objectives[0].SLI.Good
		require.Equal(t, want, good.Below)
		require.Equal(t, `h{a="b"}`, good.Histogram)
		require.Empty(t, good.Expr)
	}
}

func TestObjectives(t *testing.T) {
	const at = "spec.objectives[0]"
	gauge := "{thresholdMetric: " + source("query: a") + "}"
	cases := []struct {
		name, indicator, objective string
		want                       []string
	}{
		{"no target", "", "{displayName: x}", []string{at + ".target: is required (or targetPercent)"}},
		{"two targets", "", "{target: 0.9, targetPercent: 90}", []string{at + ": has both target and targetPercent; one of them must go"}},
		{"more than all", "", "{targetPercent: 101}", []string{at + ".targetPercent: must be in (0, 100], got 101"}},
		{"a ratio for a percent", "", "{targetPercent: 0.999}", []string{
			"warning: " + at + ".targetPercent: is in percent, and 0.999% is taken as it stands (did you mean 99.9?)"}},
		{"a text for a percent", "", "{targetPercent: 99.9%}", []string{at + `.targetPercent: must be a number, got the text "99.9%" (did you mean 99.9?)`}},
		{"a percent with a comma", "", `{target: "99,9"}`, []string{at + `.target: must be a number, got the text "99,9" (did you mean 0.999?)`}},
		{"percent for a ratio", "", "{target: 99.9}", []string{at + ".target: must be in (0, 1], got 99.9 (did you mean 0.999?)"}},
		{"no number", "", "{target: 99.9%}", []string{at + `.target: must be a number, got the text "99.9%" (did you mean 0.999?)`}},
		{"infinite", "", "{target: .inf}", []string{at + ".target: must be a finite number, got the number .inf"}},
		{"an op on a ratio", "", "{target: 0.9, op: lte, value: 1}", []string{
			"warning: " + at + ".op: has no place here: the SLI is a ratio", "warning: " + at + ".value: has no place here: the SLI is a ratio"}},
		{"a threshold without op and value", gauge, "{target: 0.9}", []string{
			at + ".op: is required for a thresholdMetric: lte, lt, gte or gt", at + ".value: is required for a thresholdMetric: the number to compare with"}},
		{"an unknown op", gauge, "{target: 0.9, op: le, value: 0}", []string{at + `.op: must be lte, lt, gte or gt, got "le" (did you mean lte?)`}},
		{"a value of zero", gauge, "{target: 0.9, op: lte, value: 0}", nil},
		{"a weight without a composite", "", "{target: 0.9, compositeWeight: 2}", []string{"warning: " + at + ".compositeWeight: has no place: only composite SLOs have weights"}},
		{"a composite", "", "{target: 0.9, indicatorRef: x}", []string{
			at + ": makes this a composite SLO (an indicator of its own for each objective), which has no one number to be held to; write an SLO for each indicator"}},
		{"none", "", "~", []string{at + ".target: is required (or targetPercent)"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, said(t, plainSLO(c.indicator, "", c.objective)))
		})
	}
}

func TestAnSLOWithoutBudgetingMethodCountsOccurrences(t *testing.T) {
	text := strings.Replace(plainSLO("", "", ""), "  budgetingMethod: Occurrences\n", "", 1)
	c, problems := load(t, text)
	require.Equal(t, []string{"8:1: warning: SLO o: spec.budgetingMethod: is required by OpenSLO; Occurrences is taken"}, problems)
	require.Equal(t, agreement.Occurrences, slo(t, c, "o").Objectives[0].Budgeting)
}

func TestObjectivesOfOneNameAreToldApart(t *testing.T) {
	c, _ := load(t, plainSLO("", "", "{displayName: x, target: 0.9}, {displayName: x, target: 0.99}"))
	o := slo(t, c, "o").Objectives
	require.Equal(t, "x", o[0].Name)
	require.Equal(t, "x-2", o[1].Name)
}

func TestAlerts(t *testing.T) {
	condition := "{severity: page, condition: {op: gt, threshold: 2, lookbackWindow: 1h}}"
	policy := func(conditions, targets string) string {
		return "apiVersion: openslo/v1\nkind: AlertPolicy\nmetadata: {name: p}\nspec: {conditions: [" + conditions + "], notificationTargets: [" + targets + "]}\n"
	}
	inPlace := "{kind: AlertCondition, metadata: {name: c}, spec: " + condition + "}"
	target := "{kind: AlertNotificationTarget, metadata: {name: t}, spec: {target: email}}"
	cases := []struct {
		name, text string
		want       []string
	}{
		{"well", policy(inPlace, target), nil},
		{"a condition by its name alone", policy("slow-burn", target), []string{"4:21: AlertPolicy p: spec.conditions[0]: must be a mapping such as {conditionRef: slow-burn}, got the text \"slow-burn\""}},
		{"no condition", policy("", target), []string{"4:8: AlertPolicy p: spec.conditions: must hold exactly one condition, got 0"}},
		{"an alert on no data", strings.Replace(policy(inPlace, target), "spec: {", "spec: {alertWhenNoData: true, ", 1), []string{
			"4:25: warning: AlertPolicy p: spec.alertWhenNoData: has no place: when nothing is measured, the notice blind says so"}},
		{"no target", policy(inPlace, ""), []string{"4:146: AlertPolicy p: spec.notificationTargets: must hold at least one target"}},
		{"both ways", policy("{conditionRef: c, spec: "+condition+"}", target), []string{
			"4:21: AlertPolicy p: spec.conditions[0]: has both conditionRef and an AlertCondition written in place; one of them must go"}},
		{"neither way", policy("{}", target), []string{
			"4:21: AlertPolicy p: spec.conditions[0]: needs either conditionRef or an AlertCondition written in place (kind, metadata, spec)"}},
		{"dangling", policy("{conditionRef: c}", "{targetRef: t}"), []string{
			`4:36: AlertPolicy p: spec.conditions[0].conditionRef: no AlertCondition is named "c"`,
			`4:75: AlertPolicy p: spec.notificationTargets[0].targetRef: no AlertNotificationTarget is named "t"`}},
		{"a month to look back", policy(strings.Replace(inPlace, "1h", "1M", 1), target), []string{
			"4:138: AlertPolicy p: spec.conditions[0].spec.condition.lookbackWindow: 1M has no fixed length; write it in days"}},
		{"another severity", policy(strings.Replace(inPlace, "page", "critical", 1), target), []string{
			"4:82: warning: AlertPolicy p: spec.conditions[0].spec.severity: is neither page nor ticket; nothing alerts on this condition"}},
		{"what burns slowly", policy(strings.Replace(inPlace, "gt", "lt", 1), target), []string{
			"4:104: warning: AlertPolicy p: spec.conditions[0].spec.condition.op: is not gt or gte: alerts are on what burns too fast; nothing alerts on this condition"}},
		{"what the budget lasts for", policy(strings.Replace(inPlace, "2,", "0.9,", 1), target), []string{
			"4:119: warning: AlertPolicy p: spec.conditions[0].spec.condition.threshold: is below 1, a burn rate that the budget lasts for; nothing alerts on this condition"}},
		{"half an hour to look back", policy(strings.Replace(inPlace, "1h", "30m", 1), target), []string{
			"4:138: warning: AlertPolicy p: spec.conditions[0].spec.condition.lookbackWindow: must be between 1h and 31d, got 30m; nothing alerts on this condition"}},
		{"patience", policy(strings.Replace(inPlace, "1h", "1h, alertAfter: 6m", 1), target), []string{
			"4:154: warning: AlertPolicy p: spec.conditions[0].spec.condition.alertAfter: has no place: the alert fires as soon as the burn rate is too high over 1h and over 5m"}},
		{"as long as the short window", policy(strings.Replace(inPlace, "1h", "1h, alertAfter: 5m", 1), target), nil},
		{"another kind of condition", "apiVersion: openslo/v1\nkind: AlertCondition\nmetadata: {name: c}\nspec: {severity: page, condition: {kind: anomaly, op: gt, threshold: 2, lookbackWindow: 1h}}\n", []string{
			`4:42: AlertCondition c: spec.condition.kind: must be burnrate, got "anomaly"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, problems := load(t, c.text)
			require.Equal(t, c.want, problems)
		})
	}
}

// Otherwise it would be valid, and nothing would be measured.
func TestEachObjectiveNeedsTheIndicatorThatTheAnnotationSays(t *testing.T) {
	each := func(objective string) []string {
		return said(t, strings.Replace(plainSLO("", "", objective), "{name: o}", "{name: o, annotations: {accord/indicator: each-objective}}", 1))
	}
	require.Empty(t, each("{target: 0.9, indicator: {metadata: {name: i}, spec: {thresholdMetric: "+source("query: a")+"}}, op: lt, value: 3}"))
	for _, objective := range []string{"{target: 0.9}", "{target: 0.9, indicatorRef: x}"} {
		require.Equal(t, []string{"spec.objectives[0].indicator: is required, since the annotation accord/indicator says each-objective"}, each(objective))
	}
}
