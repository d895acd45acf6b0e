package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/problem"
)

// withAgreements is the company with more agreements, each with a line of its
// own in the spec.
func withAgreements(lines map[string]string) map[string]string {
	files := company()
	for name, line := range lines {
		files[name+".yaml"] = fmt.Sprintf(`apiVersion: accord/v1
kind: Agreement
metadata: {name: %s}
spec:
  %s
  service: payments-api
  provider: payments
  consumers: [checkout]
  objectives: [{name: all, slo: api-availability}]
`, name, line)
	}
	return files
}

func namesOf(c *Catalog) []string {
	var names []string
	for _, a := range c.Agreements {
		names = append(names, a.Name)
	}
	return names
}

func TestACircleIsShown(t *testing.T) {
	c := load(t, withAgreements(map[string]string{
		"a": "dependsOn: [{agreement: b}]", "b": "dependsOn: [{agreement: c}]", "c": "dependsOn: [{agreement: a}]",
		"d": "dependsOn: [{agreement: a}]",
	}), Options{})
	require.Equal(t, []string{
		"a.yaml:5:27: Agreement a: spec.dependsOn[0].agreement: makes a circle: a → b → c → a",
		"b.yaml:5:27: Agreement b: spec.dependsOn[0].agreement: makes a circle: b → c → a → b",
		"c.yaml:5:27: Agreement c: spec.dependsOn[0].agreement: makes a circle: c → a → b → c",
		"d.yaml:5:27: Agreement d: spec.dependsOn[0].agreement: Agreement a has errors of its own, see a.yaml:1",
	}, lines(c))
	require.Equal(t, []string{"d", "payments-for-checkout"}, namesOf(c), "d is none of the circle")
	require.Equal(t, []string{"a"}, c.Agreements[0].Upstreams(), "what d rests on is not known, and not nothing")
	require.True(t, c.HasErrors())
}

func TestExactlyThoseThatDependOnThemselvesAreOnACircle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, reach := newResolver(&folder{}, Options{}), map[[2]string]bool{}
		names := []string{"a", "b", "c", "d", "e", "f", "g"}
		r.hints = rapid.SampledFrom([]int{0, mostHints}).Draw(t, "hints")
		for _, name := range names {
			e := &entry{parsed: &parsed{}, doc: &document.Document{Name: name}}
			for i, on := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 3).Draw(t, "on") {
				e.upstreams = append(e.upstreams, upstream{upstreamSpec{Agreement: on}, document.Item("spec.dependsOn", i), i})
				reach[[2]string{name, on}] = true
			}
			r.entries["Agreement"][name] = e
		}
		for _, by := range names {
			for _, from := range names {
				for _, to := range names {
					pair := [2]string{from, to}
					reach[pair] = reach[pair] || reach[[2]string{from, by}] && reach[[2]string{by, to}]
				}
			}
		}
		r.dependencies(context.Background())
		for _, name := range names {
			require.Equal(t, reach[[2]string{name, name}], r.entries["Agreement"][name].doc.Failed(), name)
		}
	})
}

func TestMessagesAboutManyDocumentsNameAFew(t *testing.T) {
	const many = 300
	names, teams, exclusion := map[string]string{}, "", "apiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: x}\nspec: {reason: r, services: [payments-api], from: 2026-11-08T02:00:00Z, to: 2026-11-08T04:00:00Z, requestedBy: payments, approvedBy: platform}\n"
	for i := range many {
		names[fmt.Sprintf("a%d", i)] = fmt.Sprintf("dependsOn: [{agreement: a%d}]\n  escalation: [{notify: oncall}]", (i+1)%many)
		names[fmt.Sprintf("b%d", i)] = "stage: active"
		teams += fmt.Sprintf("---\napiVersion: accord/v1\nkind: Team\nmetadata: {name: t%d}\nspec: {contacts: [{name: oncall, type: email, target: a@example.org}]}\n", i)
	}
	files := withAgreements(names)
	files["oncall.yaml"], files["x.yaml"] = teams, exclusion
	all := strings.Join(lines(load(t, files, Options{})), "\n")
	for _, want := range []string{
		"oncall is a contact of the Teams t0, t1, t10, t100, t101, t102, t103, t104, t105, t106 and 290 more; give each its own name",
		"makes a circle: a0 → a1 → a2 → a3 → a4 → a5 → a6 → a7 → a8 → … → a0\n",
		"makes a circle: a99 → a100 → … → a99\n", // a few are searched
		"none of the agreements concerned (payments-for-checkout, b0, b1, b10, b100, b101, b102, b103, b104, b105 and 291 more)",
	} {
		require.True(t, strings.Contains(all, want), want)
	}
}

func TestADependencyUnderWhichNothingIsPromisedIsAWarning(t *testing.T) {
	c := load(t, withAgreements(map[string]string{"a": "dependsOn: [{agreement: payments-for-checkout}]"}), Options{})
	require.Equal(t, []string{
		"a.yaml:5:27: warning: Agreement a: spec.dependsOn[0].agreement: payments is no consumer of payments-for-checkout, so is promised nothing under it",
	}, lines(c))
	require.Equal(t, []string{"payments-for-checkout"}, c.Agreements[0].Upstreams())
	require.False(t, c.HasErrors())
}

func TestAnyOneOfSeveralMaySuffice(t *testing.T) {
	c := load(t, withAgreements(map[string]string{
		"a": "dependsOn: [{agreement: payments-for-checkout}, {anyOf: [{agreement: b, objective: all}, {agreement: payments-for-checkout}]}]", "b": "stage: active",
	}), Options{})
	require.Equal(t, []agreement.Dependency{
		{AnyOf: []agreement.Upstream{{Agreement: "payments-for-checkout"}}},
		{AnyOf: []agreement.Upstream{{Agreement: "b", Objective: "all"}, {Agreement: "payments-for-checkout"}}},
	}, c.Agreements[0].DependsOn)
	require.Equal(t, []string{"payments-for-checkout", "b"}, c.Agreements[0].Upstreams())

	c = load(t, withAgreements(map[string]string{
		"a": "dependsOn: [{agreement: b, anyOf: [{agreement: b}]}]", "b": "stage: active",
		"c": "dependsOn: [{anyOf: [{agreement: b, objective: al}, {agreement: bb}]}]",
		"d": "dependsOn: [{anyOf: [{agreement: e}, {agreement: b}]}]", "e": "dependsOn: [{agreement: d}]",
		"f": "dependsOn: [{}]",
	}), Options{})
	require.Equal(t, []string{
		"a.yaml:5:15: Agreement a: spec.dependsOn[0]: has both agreement and anyOf; give one of them",
		`c.yaml:5:50: Agreement c: spec.dependsOn[0].anyOf[0].objective: b has no objective "al" (did you mean all?); it has all`,
		`c.yaml:5:67: Agreement c: spec.dependsOn[0].anyOf[1].agreement: no Agreement is named "bb" (did you mean b?)`,
		"d.yaml:5:36: Agreement d: spec.dependsOn[0].anyOf[0].agreement: makes a circle: d → e → d",
		"e.yaml:5:27: Agreement e: spec.dependsOn[0].agreement: makes a circle: e → d → e",
		"f.yaml:5:15: Agreement f: spec.dependsOn[0].agreement: is required",
	}, warningless(lines(c)))
}

func warningless(all []string) []string {
	return slices.DeleteFunc(all, func(line string) bool { return strings.Contains(line, " warning: ") })
}

func TestOfTwoWithOneNameTheSecondIsBad(t *testing.T) {
	files := company()
	files["z.yaml"] = files["services.yaml"] + "---\n" + strings.Replace(files["services.yaml"], "kind: Service", "kind: DataSource", 1)
	c := load(t, files, Options{})
	require.Equal(t, []string{
		"z.yaml:3:18: Service payments-api: metadata.name: Service payments-api stands already in services.yaml:1; a name is unique per kind",
		"z.yaml:9:1: DataSource payments-api: spec.type: is required",
	}, lines(c), "another kind may have the name")
	require.Equal(t, "services.yaml", c.Services["payments-api"].Place.File)
	require.Len(t, c.Agreements, 1)
}

func TestABadAgreementDoesNotTakeAnExclusionFromTheOthers(t *testing.T) {
	files := withAgreements(map[string]string{"a": "stage: lively"})
	files["exclusion.yaml"] = strings.Replace(files["exclusion.yaml"], "services: [payments-api]", "agreements: [a, payments-for-checkout]", 1)
	c := load(t, files, Options{})
	require.Equal(t, []string{
		`a.yaml:5:10: Agreement a: spec.stage: must be draft, proposed, active or retired, got "lively"`,
		"exclusion.yaml:6:16: Exclusion upgrade: spec.agreements[0]: Agreement a has errors of its own, see a.yaml:1; in the others the exclusion holds",
	}, lines(c))
	require.Len(t, c.Agreements[0].Exclusions, 1)
}

func TestAnExclusionNamedTwiceAppliesOnce(t *testing.T) {
	files := company()
	files["exclusion.yaml"] = strings.Replace(files["exclusion.yaml"], "services: [payments-api]",
		"services: [payments-api, payments-api]\n  agreements: [payments-for-checkout, payments-for-checkout]", 1)
	files["again.yaml"] = strings.Replace(files["exclusion.yaml"], "name: upgrade", "name: another", 1)
	c := load(t, files, Options{})
	require.Empty(t, lines(c))
	require.Equal(t, c.Exclusions, c.Agreements[0].Exclusions)
}

func TestAContactStatedTwiceInATeamIsAnErrorOfTheTeam(t *testing.T) {
	files := company()
	files["twice.yaml"] = "apiVersion: accord/v1\nkind: Team\nmetadata: {name: t}\nspec: {contacts: [{name: c, type: slack, target: a}, {name: c, type: slack, target: b}]}\n"
	files["agreement.yaml"] = strings.Replace(files["agreement.yaml"], "stage: active", "escalation: [{after: 0m, notify: c}]", 1)
	require.Equal(t, []string{
		"agreement.yaml:8:36: Agreement payments-for-checkout: spec.escalation[0].notify: Team t has errors of its own, see twice.yaml:1",
		"twice.yaml:4:61: Team t: spec.contacts[1].name: c is already a contact of this team",
	}, lines(load(t, files, Options{}))[:2])
}

func TestAContactOfTwoTeamsIsNobodys(t *testing.T) {
	files := company()
	files["teams.yaml"] = strings.Replace(files["teams.yaml"], "metadata: {name: checkout}\n  spec: {}",
		"metadata: {name: checkout}\n  spec: {contacts: [{name: payments-oncall, type: email, target: a@example.org}]}", 1)
	files["agreement.yaml"] = strings.Replace(files["agreement.yaml"], "stage: active",
		"escalation: [{after: 0m, notify: platform}, {after: 30m, notify: payments-oncall}]", 1)
	require.Equal(t, []string{
		"agreement.yaml:8:68: Agreement payments-for-checkout: spec.escalation[1].notify: payments-oncall is a contact of the Teams checkout, payments; give each its own name",
	}, lines(load(t, files, Options{})))
}

func TestDanglingReferencesOfAnSLO(t *testing.T) {
	files := company()
	files["slo.yaml"] = strings.NewReplacer("type: Prometheus", "metricSourceRef: eu-prometheus", "service: payments-api", "service: payment-api",
		"  budgetingMethod", "  alertPolicies: [{alertPolicyRef: fast-burn}]\n  budgetingMethod").Replace(files["slo.yaml"])
	got := lines(load(t, files, Options{}))
	require.Equal(t, []string{
		"agreement.yaml:14:12: Agreement payments-for-checkout: spec.objectives[0].slo: SLO api-availability has errors of its own, see slo.yaml:1",
		`slo.yaml:5:12: SLO api-availability: spec.service: no Service is named "payment-api" (did you mean payments-api?)`,
		`slo.yaml:11:47: SLO api-availability: spec.indicator.spec.ratioMetric.bad.metricSource.metricSourceRef: no DataSource is named "eu-prometheus"`,
		`slo.yaml:12:49: SLO api-availability: spec.indicator.spec.ratioMetric.total.metricSource.metricSourceRef: no DataSource is named "eu-prometheus"`,
		`slo.yaml:15:36: SLO api-availability: spec.alertPolicies[0].alertPolicyRef: no AlertPolicy is named "fast-burn"`,
	}, got)
}

// policies are OpenSLO's of a page over 1h, and of no ticket.
const policies = `
- apiVersion: openslo/v1
  kind: AlertCondition
  metadata: {name: fast}
  spec: {severity: page, condition: {kind: burnrate, op: gt, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}}
- apiVersion: openslo/v1
  kind: AlertNotificationTarget
  metadata: {name: OnCall}
  spec: {target: opsgenie}
- apiVersion: openslo/v1
  kind: AlertPolicy
  metadata: {name: pages, labels: {tier: "1", channel: [a, b]}, annotations: {runbook: slow}}
  spec:
    alertWhenBreaching: true
    conditions: [{conditionRef: fast}]
    notificationTargets: [{targetRef: OnCall}]
- apiVersion: openslo/v1
  kind: AlertPolicy
  metadata: {name: no-tickets}
  spec:
    alertWhenBreaching: false
    conditions: [{kind: AlertCondition, metadata: {name: slow}, spec: {severity: ticket, condition: {op: gt, threshold: 1, lookbackWindow: 3d}}}]
    notificationTargets: [{targetRef: OnCall}]
`

// inPlace is a policy of a page over 1h that is written inside an SLO.
const inPlace = "{kind: AlertPolicy, metadata: {name: p}, spec: {conditions: [{kind: AlertCondition, metadata: {name: c}, " +
	"spec: {severity: page, condition: {op: gte, threshold: 9, lookbackWindow: 1h}}}], notificationTargets: [{targetRef: OnCall}]}}"

func TestAlertsAreThoseOfThePoliciesAndOverThemOfTheAgreement(t *testing.T) {
	const hour = agreement.Duration(time.Hour)
	usual := (&agreement.Objective{}).AlertRules()
	paged := agreement.AlertRule{Severity: agreement.Page, BurnRate: 14.4, Long: hour}
	for name, of := range map[string]struct {
		policies, alerts string
		want             []agreement.AlertRule
		labels           map[string]string // of pages
	}{
		"nothing said":       {"", "", usual, nil},
		"a page":             {"{alertPolicyRef: pages}", "", append([]agreement.AlertRule{paged}, usual[2:]...), map[string]string{"tier": "1", "channel": "a,b"}},
		"a page, no tickets": {"{alertPolicyRef: pages}, {alertPolicyRef: no-tickets}", "", []agreement.AlertRule{paged}, map[string]string{"tier": "1", "channel": "a,b"}},
		"a page that is not asked for, too": {"{alertPolicyRef: pages}, " + strings.Replace(inPlace, "spec: {conditions", "spec: {alertWhenBreaching: false, conditions", 1), "",
			append([]agreement.AlertRule{paged}, usual[2:]...), map[string]string{"tier": "1", "channel": "a,b"}},
		"two over one time":   {inPlace + ", {alertPolicyRef: pages}", "", append([]agreement.AlertRule{{Severity: agreement.Page, BurnRate: 9, Long: hour}}, usual[2:]...), map[string]string{"tier": "1", "channel": "a,b"}},
		"labels on top":       {"{alertPolicyRef: pages}", "labels: {tier: gold, all: yes}, page: {labels: {tier: platinum}}", append([]agreement.AlertRule{paged}, usual[2:]...), map[string]string{"tier": "platinum", "channel": "a,b", "all": "yes"}},
		"other rules":         {"{alertPolicyRef: pages}", "page: {rules: [{share: 0.05, long: 6h}, {burnRate: 20, long: 1h}]}", append([]agreement.AlertRule{{Severity: agreement.Page, Share: 0.05, Long: 6 * hour}, {Severity: agreement.Page, BurnRate: 20, Long: hour}}, usual[2:]...), map[string]string{"tier": "1", "channel": "a,b"}},
		"none":                {"{alertPolicyRef: pages}", "disabled: true", nil, map[string]string{"tier": "1", "channel": "a,b"}},
		"none but tickets":    {"{alertPolicyRef: no-tickets}", "disabled: true, ticket: {disabled: false}", usual[2:], nil},
		"none but these":      {"", "disabled: true, page: {rules: [{burnRate: 14.4, long: 1h}]}", []agreement.AlertRule{paged}, nil},
		"those of the other":  {"{alertPolicyRef: no-tickets}", "ticket: {rules: [{share: 0.1, long: 1d}]}", usual[:3], nil},
		"pages are not asked": {"", "page: {disabled: true}", usual[2:], nil},
	} {
		files := company()
		files["alerts.yaml"] = policies
		files["slo.yaml"] = strings.Replace(files["slo.yaml"], "  budgetingMethod", "  alertPolicies: ["+of.policies+"]\n  budgetingMethod", 1)
		files["agreement.yaml"] += "      alerts: {" + of.alerts + "}\n"
		c := load(t, files, Options{})
		require.Len(t, c.Problems, 1, name)
		require.Equal(t, problem.Warning, c.Problems[0].Severity, "the published examples have names such as OnCall")
		o := c.Agreements[0].Objectives[0]
		require.Equal(t, of.want, o.AlertRules(), name)
		labels := o.Alerts[agreement.Page].Labels
		if len(of.labels) == 0 {
			require.Empty(t, labels, name)
		} else {
			require.Equal(t, of.labels, labels, name)
		}
	}
}

// Alerts of a severity have one set of labels, and what never alerts adds none.
func TestPoliciesOfASeverityShareTheirLabels(t *testing.T) {
	policy := func(window, breaching, labels string) string {
		return strings.NewReplacer("name: p}", "name: p, labels: {"+labels+"}, annotations: {run: book}}", "1h", window, "spec: {conditions", "spec: {alertWhenBreaching: "+breaching+", conditions").Replace(inPlace)
	}
	files := company()
	files["alerts.yaml"] = policies
	files["slo.yaml"] = strings.Replace(files["slo.yaml"], "  budgetingMethod", "  alertPolicies: ["+strings.Join([]string{
		policy("1h", "true", "channel: a, only: fast"), policy("6h", "true", "channel: b"), policy("1d", "false", "channel: c"),
	}, ", ")+"]\n  budgetingMethod", 1)
	c := load(t, files, Options{})
	require.Len(t, c.Problems, 2)
	require.Contains(t, c.Problems[1].String(), "spec.alertPolicies[1]: its channel is another than that of a policy before it: all alerts of severity page have this one; give the policies of a severity the same")
	require.Equal(t, map[string]string{"channel": "b", "only": "fast"}, c.Agreements[0].Objectives[0].Alerts[agreement.Page].Labels)
}

func TestWhatIsLeftOutSaysWhyAndItsSLOsDoNotStandAlone(t *testing.T) {
	for name, broken := range map[string][2]string{
		"a wrong word":            {"stage: active", "stage: lively"},
		"a value of a wrong type": {"stage: active", "stage: [active]"},
	} {
		files := company()
		standalone := load(t, files, Options{}).SLOs
		files["agreement.yaml"] = strings.Replace(files["agreement.yaml"], broken[0], broken[1], 1)
		files["delay.yaml"] = strings.Replace(files["delay.yaml"], "metadata: {name: queue-delay}", "metadata: {name: alone}", 1) +
			"---\n" + strings.Replace(files["slo.yaml"], "name: api-availability", "name: broken, labels: 1", 1)
		c := load(t, files, Options{})
		require.Empty(t, c.Agreements, name)
		require.NotEmpty(t, standalone)
		for _, slo := range c.SLOs {
			require.NotEqual(t, "api-availability", slo.Name, name)
		}
		all := c.WithLeftOut()
		require.Equal(t, "payments-for-checkout", all[0].Name, name)
		require.Equal(t, "payments", all[0].Provider)
		require.NotEmpty(t, all[0].Objectives, "a row needs one")
		require.Regexp(t, `^not read: agreement.yaml:\d+:\d+: Agreement payments-for-checkout: spec.stage`, all[0].NotRead)
		require.True(t, slices.ContainsFunc(c.LeftOut, func(a *agreement.Agreement) bool {
			return a.Name == "broken" && strings.HasPrefix(a.NotRead, "not read: delay.yaml:")
		}), "an SLO that nobody names is a promise, too")
		require.False(t, slices.ContainsFunc(c.All(), func(a *agreement.Agreement) bool { return a.NotRead != "" }))
	}
}

// An Agreement is one though its provider is missing, and an SLO of its name is none.
func TestAnAgreementWithoutAProviderIsNoSLO(t *testing.T) {
	files := company()
	files["agreement.yaml"] = strings.Replace(files["agreement.yaml"], "  provider: payments\n", "", 1)
	files["agreement.yaml"] = strings.Replace(files["agreement.yaml"], "name: payments-for-checkout", "name: queue-delay", 1)
	kinds, keys := map[string]bool{}, map[string]bool{}
	for _, a := range load(t, files, Options{}).WithLeftOut() {
		if a.Name == "queue-delay" {
			kinds[a.Kind()], keys[a.Key()] = a.NotRead == "", true
		}
	}
	require.Equal(t, map[string]bool{"Agreement": false, "SLO": true}, kinds)
	require.Len(t, keys, 2, "each has a row of its own")

	files["a.yaml"] = strings.Replace(files["delay.yaml"], "service: payments-api", "service: [payments-api]", 1)
	delete(files, "delay.yaml")
	require.Equal(t, "Agreement", load(t, files, Options{}).Named("queue-delay").Kind(), "also if both are left out")
}

// Where a file is lost thousands of references lead nowhere, and to look for the nearest
// of thousands of names for each would keep every writer waiting.
func TestOfManyReferencesToNothingTheFirstHaveAHint(t *testing.T) {
	files := map[string]string{"s.yaml": fmt.Sprintf(service, "api")}
	for _, name := range []string{"a", "b"} {
		for i := range 80 {
			files[name+".yaml"] += fmt.Sprintf("---\napiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: %s%d}\nspec: {services: [apy], from: 2026-11-08T02:00:00Z, to: 2026-11-08T04:00:00Z}\n", name, i)
		}
	}
	all := lines(load(t, files, Options{}))
	require.Equal(t, 160, strings.Count(strings.Join(all, "\n"), `no Service is named "apy"`))
	require.Equal(t, mostHints, strings.Count(strings.Join(all, "\n"), "(did you mean api?)"))
}
