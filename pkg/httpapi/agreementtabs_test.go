package httpapi_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/wire"
)

// contract is an agreement with all that may be agreed.
const contract = `---
apiVersion: accord/v1
kind: Team
metadata: {name: platform, displayName: Platform}
spec: {contacts: [{name: hook, type: webhook, target: "https://hooks.example/s3cr3t"}, {name: mail, type: email, target: p@example.org}]}
---
apiVersion: accord/v1
kind: Calendar
metadata: {name: office, displayName: Office hours}
spec: {timeZone: Europe/Berlin, weekly: [{days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:30"}]}
---
apiVersion: accord/v1
kind: Exclusion
metadata: {name: upgrade, displayName: The upgrade}
spec: {services: [payments-api], from: 2026-04-20T01:00:00Z, to: 2026-04-20T02:00:00Z, category: maintenance, requestedBy: platform, approvedBy: checkout, approvedOn: 2026-04-01}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: whole, displayName: The whole}
spec:
  service: payments-api
  provider: platform
  consumers: [checkout]
  stage: active
  timeZone: Europe/Berlin
  effective: {from: 2026-01-01, until: 2027-01-01}
  supportHours: office
  dependsOn: [{agreement: breached}, {anyOf: [{agreement: met}, {agreement: proposed}]}]
  escalation: [{after: 0m, notify: hook}, {after: 30m, notify: checkout}]
  review: {every: 90d, last: 2026-01-10}
  signatures: [{team: platform, name: Anna Keller, on: 2025-12-15}]
  consequences: We talk.
  objectives:
    - {name: easy, slo: api, target: 0.9, revisions: [{from: 2026-05-01, target: 0.95, reason: more machines}]}
`

func TestTheStatusOfOneAgreement(t *testing.T) {
	handler, o := companyAPI(t, promise("mixed", "checkout", active, easy+", {name: strict, slo: api, target: 0.999}"))
	mixed := answered[httpapi.AgreementStatusTab](t, handler, "/pages/agreement/status/mixed")
	assert.Equal(t, []string{"strict", "easy"}, wire.Each(mixed.Objectives, func(row httpapi.ObjectiveRow) string { return row.Name }), "the worst first")

	tab := answered[httpapi.AgreementStatusTab](t, handler, "/pages/agreement/status/breached")
	require.Len(t, tab.Objectives, 2)
	strict := tab.Objectives[0]
	assert.Equal(t, []budget.Figure{0.999, 0.9982, -0.749}, []budget.Figure{strict.Target, strict.Compliance, strict.Remaining})
	assert.Equal(t, budget.Breached, tab.State)
	assert.Equal(t, "−1,480 of 1,976 events", strict.Amount)
	assert.Equal(t, "The budget was spent on 26 Apr 2026 20:05 UTC", strict.Reason)
	assert.Nil(t, tab.Notice)
	assert.Empty(t, tab.Unmeasured)

	// The number is the one that the alert rule has, and the row has it, too.
	for _, result := range o.Engine.Status(t.Context(), found(t, o, "breached"), measure.Question{At: tab.At}) {
		value, _ := budget.AlertValue(result.Objectives[0].Alerts, agreement.Page)
		assert.Equal(t, []budget.Figure{value.AsRate(), value.AsRate()}, []budget.Figure{tab.AlertValue, strict.AlertValue})
	}
	assert.Equal(t, agreement.Page, tab.Alert)
	assert.Equal(t, "api burns its error budget 321 times too fast over 1h and 5m", tab.AlertReason)
}

func TestEachFigureSaysHowItIsComputedWithTheRealNumbers(t *testing.T) {
	handler, _ := companyAPI(t)
	numbers := map[string]string{}
	rows := answered[httpapi.AgreementStatusTab](t, handler, "/pages/agreement/status/breached").Objectives
	for _, c := range rows[0].Computed {
		numbers[c.Title] = c.Numbers
	}
	assert.Equal(t, map[string]string{
		"Compliance":         "1 − 3,456 ÷ 1,976,496 = 99.82%",
		"Error budget":       "1,976,496 × (1 − 99.9%) = 1,976 events",
		"Budget left":        "1 − 3,456 ÷ 1,976 = −74.9%",
		"Burn rate 1h":       "32.1% ÷ 0.1% = 321",
		"Budget lasts until": "It was spent on 26 Apr 2026 20:05 UTC",
		"Projected":          "Only calendar periods have an end; this window is always 30 days long",
		"Coverage":           "100%",
		"Raw compliance":     "1 − 3,456 ÷ 1,976,496 = 99.82%",
	}, numbers)
	assert.Equal(t, []httpapi.WrittenQuery{{Part: "bad", Text: `http_requests_total{code=~"5.."}`}, {Part: "total", Text: "http_requests_total"}}, rows[0].Written)
	assert.NotEmpty(t, rows[0].Queries)
}

func TestWhatIsNoPromiseOrNotMeasuredSaysSo(t *testing.T) {
	handler, _ := companyAPI(t)
	for name, want := range map[string]struct {
		state  budget.State
		notice string
	}{
		"proposed": {budget.Inactive, "This is proposed: the other party has not agreed yet"},
		"silent":   {budget.NoData, ""},
		"wrong":    {budget.NoData, "This document has errors, so nothing is measured for it"},
		"edge":     {budget.AtRisk, ""},
	} {
		tab := answered[httpapi.AgreementStatusTab](t, handler, "/pages/agreement/status/"+name)
		assert.Equal(t, want.state, tab.State, name)
		if want.notice == "" {
			assert.Nil(t, tab.Notice, name)
		} else if assert.NotNil(t, tab.Notice, name) {
			assert.Equal(t, want.notice, tab.Notice.Title)
		}
	}
	silent := answered[httpapi.AgreementStatusTab](t, handler, "/pages/agreement/status/silent").Objectives[0]
	assert.False(t, silent.Compliance.Known() || silent.Remaining.Known() || silent.AlertValue.Known(), "what was not measured is no 0")
	assert.Equal(t, "Absent: no series match the total query: none is named nothing", silent.Computed[0].Numbers)
	assert.Equal(t, http.StatusNotFound, ask(handler, http.MethodGet, "/pages/agreement/status/brached", "").Code)
}

func TestTheGateOfAnAgreementWithoutObjectivesSaysOnlyWhy(t *testing.T) {
	handler, _ := companyAPI(t, promise("none", "checkout", active, ""))
	gate := answered[wire.Gate](t, handler, "/gate?agreement=none")
	assert.Regexp(t, "^not measured: not read: .* must hold at least one objective$", gate.Reason)
}

func TestWithoutPrometheusAnAgreementIsThereWithTheReason(t *testing.T) {
	handler, o := api(t, "")
	c, err := o.Catalog(t.Context())
	require.NoError(t, err)
	name := c.Agreements[0].Name
	tab := answered[httpapi.AgreementStatusTab](t, handler, "/pages/agreement/status/"+name)
	require.NotEmpty(t, tab.Unmeasured)
	assert.Contains(t, tab.Unmeasured[0], "404 Not Found")
	assert.NotEmpty(t, tab.Objectives)
	assert.NotEmpty(t, answered[httpapi.AgreementHistoryTab](t, handler, "/pages/agreement/history/"+name).Unmeasured)
	assert.NotEmpty(t, answered[httpapi.AgreementContractTab](t, handler, "/pages/agreement/contract/"+name).Promise.Objectives)
}

func TestTheHistoryOfOneAgreement(t *testing.T) {
	handler, _ := companyAPI(t)
	tab := answered[httpapi.AgreementHistoryTab](t, handler, "/pages/agreement/history/breached")
	require.Len(t, tab.Periods, 2, "April of two objectives: before, nothing was measured")
	assert.Equal(t, []string{"2026-04", "2026-04"}, wire.Each(tab.Periods, func(row httpapi.HistoryRow) string { return row.Period }))
	strict := tab.Periods[0]
	assert.Equal(t, budget.Figure(0.9982), strict.Compliance)
	assert.Equal(t, strict.Compliance, strict.Raw)
	require.Len(t, tab.Incidents, 4, "the newest first")
	newest := tab.Incidents[0]
	assert.Equal(t, []string{"api", "5m", "1,700 events"}, []string{newest.Objective, newest.Lasted, newest.Bad})
	assert.Equal(t, []budget.Figure{0.86, 850}, []budget.Figure{newest.Share, newest.PeakBurn})
	assert.Equal(t, "api: 4 incidents, mean time to repair 5m, between incidents 6d 4h", tab.Repair[0])
	assert.Empty(t, tab.Statements)
	assert.Empty(t, tab.Unmeasured)

	before := answered[httpapi.AgreementHistoryTab](t, handler, "/pages/agreement/history/breached?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z")
	assert.Empty(t, before.Incidents)
	for _, query := range []string{"from=2026-04-26T00:00:00Z&to=2026-04-25T00:00:00Z", "from=yesterday"} {
		assert.Equal(t, http.StatusBadRequest, ask(handler, http.MethodGet, "/pages/agreement/history/breached?"+query, "").Code, query)
	}
}

// Grafana's time picker offers five years, and ranges that end in the future.
func TestIncidentsAreThoseOfTheRangeThatCanBeShown(t *testing.T) {
	handler, _ := companyAPI(t)
	for query, want := range map[string]struct {
		from, to, said string
		incidents      int
	}{
		"from=2020-01-01T00:00:00Z": {"2025-03-22T20:05:00Z", "2026-04-26T20:05:00Z",
			"Incidents are shown from 22 March 2025 on: of a longer time range, the last 400 days", 4},
		"from=2026-04-01T00:00:00Z&to=2028-01-01T00:00:00Z": {"2026-04-01T00:00:00Z", "2026-04-26T20:05:00Z", "", 4},
		"from=2027-01-01T00:00:00Z&to=2027-02-01T00:00:00Z": {"2026-04-26T20:05:00Z", "2026-04-26T20:05:00Z", "", 0},
	} {
		tab := answered[httpapi.AgreementHistoryTab](t, handler, "/pages/agreement/history/breached?"+query)
		assert.Equal(t, []string{want.from, want.to}, []string{tab.From.Format(time.RFC3339), tab.To.Format(time.RFC3339)}, query)
		assert.Equal(t, want.said, strings.Join(tab.Unmeasured, "; "), query)
		assert.Len(t, tab.Incidents, want.incidents, query)
		assert.Len(t, tab.Periods, 2, query)
	}
}

func TestTheContractInWords(t *testing.T) {
	handler, _ := companyAPI(t, contract)
	tab := answered[httpapi.AgreementContractTab](t, handler, "/pages/agreement/contract/whole")
	assert.Equal(t, wire.PromiseText{
		Opening: "Platform promises Checkout & Cart for the service Payments API from 1 January 2026 until 31 December 2026:",
		Objectives: []wire.PromiseObjective{{Named: wire.Named{Name: "easy", DisplayName: "api"},
			Sentence: "At least 90% of all events are good, in any 30 days up to now.",
			Notes:    []string{"Changes from 90% to 95% on 1 May 2026: more machines."}}},
		Terms: []string{"Only support hours count: Office hours, Mon–Fri 09:00–17:30 (Europe/Berlin).",
			"It was agreed that this does not count against it: The upgrade.", "If it is broken: We talk."},
	}, tab.Promise)

	assert.Equal(t, []string{"Provider", "Consumer"}, wire.Each(tab.Parties, func(p httpapi.Party) string { return p.Role }))
	assert.Equal(t, []agreement.Contact{{Name: "hook", Type: "webhook"}, {Name: "mail", Type: "email", Target: "p@example.org"}}, tab.Parties[0].Contacts)
	assert.NotContains(t, ask(handler, http.MethodGet, "/pages/agreement/contract/whole", "").Body.String(), "s3cr3t")

	assert.Equal(t, []httpapi.ContractExclusion{{Named: wire.Named{Name: "upgrade", DisplayName: "The upgrade"},
		When: "20 Apr 2026 01:00 UTC – 20 Apr 2026 02:00 UTC", ApprovedBy: "Checkout & Cart on 1 April 2026", Effect: "Does not count", HasEffect: true}}, tab.Exclusions)
	assert.Equal(t, []httpapi.EscalationLine{{When: "At once", Notify: wire.Named{Name: "hook"}},
		{When: "After 30m", Notify: wire.Named{Name: "checkout", DisplayName: "Checkout & Cart"}, IsTeam: true}}, tab.Escalation)
	assert.Equal(t, []httpapi.SignatureLine{{Team: wire.Named{Name: "platform", DisplayName: "Platform"}, Name: "Anna Keller", On: "15 December 2025"},
		{Team: wire.Named{Name: "checkout", DisplayName: "Checkout & Cart"}, Missing: true}}, tab.Signatures)
	assert.Equal(t, "every 90d; overdue since 10 April 2026", tab.Review)
	assert.True(t, tab.ReviewOverdue)
	kinds := make([]string, 0, len(tab.Documents))
	for _, listed := range tab.Documents {
		kinds = append(kinds, listed.Kind+"/"+listed.Name)
	}
	assert.Equal(t, []string{"Agreement/whole", "SLO/api", "Calendar/office", "Exclusion/upgrade"}, kinds)
}

func TestDependenciesComeInBothDirectionsWithTheirStates(t *testing.T) {
	handler, _ := companyAPI(t, contract)
	whole := answered[httpapi.AgreementContractTab](t, handler, "/pages/agreement/contract/whole")
	state := func(r httpapi.Related) string { return r.Name + " " + string(*r.State) }
	require.Len(t, whole.DependsOn, 2)
	assert.Equal(t, []string{"breached breached", "met met", "proposed inactive"}, wire.Each(slices.Concat(whole.DependsOn...), state))
	assert.Empty(t, whole.Dependents)
	breached := answered[httpapi.AgreementContractTab](t, handler, "/pages/agreement/contract/breached")
	assert.Equal(t, []string{"whole met"}, wire.Each(breached.Dependents, state))
	assert.Zero(t, breached.MoreDependents)
}

func TestADependencyThatIsLeftOutIsOneWithoutData(t *testing.T) {
	handler, _ := companyAPI(t, strings.Replace(contract, "[{agreement: breached}, ", "[{agreement: broken}, ", 1),
		strings.Replace(promise("broken", "checkout", active, easy), "target: ", "targt: ", 1))
	whole := answered[httpapi.AgreementContractTab](t, handler, "/pages/agreement/contract/whole")
	broken := whole.DependsOn[0][0]
	require.NotNil(t, broken.State)
	assert.Equal(t, budget.NoData, *broken.State)
	assert.Equal(t, agreement.Active, broken.Stage)
}

// Dates in a test must not run out: what is asked is as of the clock that is handed in.
func TestAnAgreementIsJudgedAsOfTheClockThatIsHandedIn(t *testing.T) {
	for at, want := range map[string]string{
		"2025-12-01T00:00:00Z": "This agreement takes effect on 1 January 2026",
		"2026-06-01T00:00:00Z": "",
		"2026-12-31T23:00:00Z": "This agreement ended: its last day was 31 December 2026",
		"2040-01-01T00:00:00Z": "This agreement ended: its last day was 31 December 2026",
	} {
		_, o := companyAPI(t, contract)
		instant, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		o.Now = func() time.Time { return instant }
		tab := answered[httpapi.AgreementStatusTab](t, httpapi.New(*o), "/pages/agreement/status/whole")
		if want == "" {
			assert.Nil(t, tab.Notice, at)
		} else if assert.NotNil(t, tab.Notice, at) {
			assert.Equal(t, want, tab.Notice.Title)
		}
	}
}

// Objectives of an agreement may be held to periods of several lengths.
func TestPeriodsOfSeveralLengthsComeTheNewestFirst(t *testing.T) {
	handler, _ := companyAPI(t, promise("mixed", "checkout", active,
		"{name: weekly, slo: api, target: 0.9, window: {calendar: week}}, {name: yearly, slo: api, target: 0.9, window: {calendar: year}}, {name: monthly, slo: api, target: 0.9, window: {calendar: month}}"))
	tab := answered[httpapi.AgreementHistoryTab](t, handler, "/pages/agreement/history/mixed")
	periods := wire.Each(tab.Periods, func(row httpapi.HistoryRow) string { return row.Period })
	assert.Equal(t, []string{"2026-W17", "2026-W16", "2026-W15", "2026-04", "2026-W14", "2026"}, periods)
}

func TestAnSLOIsServedByItsKindAlsoIfAnAgreementHasItsName(t *testing.T) {
	dependent := strings.Replace(promise("shop", "storefront", active, easy), "spec: {", "spec: {dependsOn: [{agreement: edge}], ", 1)
	handler, o := companyAPI(t, promise("edge", "checkout", active, easy), dependent)
	require.NoError(t, os.MkdirAll(filepath.Join(o.Folder.Dir, "statements", "2026-03"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(o.Folder.Dir, "statements", "2026-03", "edge.json"), []byte("{"), 0o600))
	kinds := map[string]string{"": "Agreement", "?kind=Agreement": "Agreement", "?kind=SLO": "SLO"}
	for query, kind := range kinds {
		tab := answered[httpapi.AgreementStatusTab](t, handler, "/pages/agreement/status/edge"+query)
		assert.Equal(t, kind, tab.Kind, query)
		assert.Equal(t, kind == "Agreement", tab.Provider != nil, query)
		contract := answered[httpapi.AgreementContractTab](t, handler, "/pages/agreement/contract/edge"+query)
		assert.Equal(t, kind, contract.Documents[0].Kind, query)
		assert.Equal(t, kind == "Agreement", len(contract.Dependents) > 0, "an agreement depends on agreements")
		history := answered[httpapi.AgreementHistoryTab](t, handler, "/pages/agreement/history/edge"+query)
		assert.Equal(t, kind == "Agreement", len(history.Statements)+len(history.Unmeasured) > 0, "a statement is about an agreement")
		assert.Equal(t, kind == "Agreement", answered[wire.Agreement](t, handler, "/agreements/edge"+query).Provider != "", query)
	}
	assert.Equal(t, "Agreement", answered[httpapi.AgreementStatusTab](t, handler, "/pages/agreement/status/met?kind=SLO").Kind,
		"an alert of an agreement that is left out has no provider, and links to it as to an SLO")
	answer := ask(handler, http.MethodGet, "/agreements/met?kind=Team", "")
	assert.Equal(t, http.StatusBadRequest, answer.Code)
	assert.Contains(t, answer.Body.String(), `kind \"Team\": must be Agreement or SLO`)
}
