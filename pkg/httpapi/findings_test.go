package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/httpapi"
)

const mistypedSLO = `apiVersion: openslo/v1
kind: SLO
metadata: {name: mistyped}
spec:
  service: payments-api
  budgetingMethod: Occurrences
  timeWindow: [{duration: 1d, isRolling: true}]
  objectives: [{target: 0.99}]
  indicator:
    metadata: {name: mistyped}
    spec:
      ratioMetric:
        bad: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="api",code="50"}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="api"}'}}}
`

// wanting are an agreement that rests on one that promises less, has an alert that
// never fires and an overdue review, and one with an error.
const wanting = mistypedSLO + `---
apiVersion: accord/v1
kind: Agreement
metadata: {name: strict, displayName: Strict}
spec:
  service: payments-api
  provider: payments
  consumers: [checkout]
  stage: active
  effective: {from: 2026-01-01}
  dependsOn: [{agreement: approved}]
  review: {every: 30d, last: 2026-10-01}
  objectives:
    - name: availability
      displayName: Answered
      slo: api-availability
      target: 0.999
      alerts: {page: {rules: [{burnRate: 2000, long: 1h}]}}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: broken}
spec: {service: payments-api, provider: payments, consumers: [nobody], objectives: [{name: availability, slo: api-availability}]}
`

// linesOf are the rows in a line each.
func linesOf(value map[string]any) []string {
	var lines []string
	for _, row := range value["rows"].([]any) {
		lines = append(lines, fmt.Sprint(dig(row, "severity"), " ", dig(row, "kind"), ", ", dig(row, "where", "text"), ": ", dig(row, "text")))
	}
	return lines
}

func TestFindingsAreWhatWantsMendingTheSeverestFirst(t *testing.T) {
	handler, dir := afterTheWeek(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "wanting.yaml"), []byte(wanting), 0o600))
	value := decoded(t, ask(handler, "GET", "/pages/findings", ""))
	check(t, "findings", decoded(t, ask(handler, "GET", "/openapi.json", "")), schema("Findings"), value)
	blind := func(where string) string {
		return "error data, " + where + ": Nothing was measured in the last 1h that count."
	}
	assert.Equal(t, []string{
		`error documents, wanting.yaml:37:63: spec.consumers[0]: no Team is named "nobody"`,
		blind("Strict / Answered"), blind("approved / api-availability"), blind("good / api-availability"), blind("half-slot / api-availability"),
		blind("mistyped / objective-1"), blind("none / api-availability"), blind("unapproved / api-availability"),
		"error alerts, Strict / Answered: The page alert over 1h: it can never fire: its factor 2000 is not below 1000, the burn rate while everything is bad.",
		"error dependencies, Strict / Answered: 99.9% is promised, and what it depends on holds 98% at best: approved / api-availability 98%.",
		"warning documents, slas.yaml:120:1: spec: has no effect until it is approved (approvedBy)",
		"warning documents, wanting.yaml:25:27: spec.dependsOn[0].agreement: payments is no consumer of approved, so is promised nothing under it",
		`warning data, wanting.yaml:13:62: objective-1: no series match the bad query: http_requests_total has no code="50", only "200", "500" ` +
			"(did you mean 500?), so none of its events are counted as bad",
		"warning reviews, Strict: The review was due on 31 October 2026.",
		"warning owners, checkout: It has no members: nobody can approve or sign for it in approved, good, half-slot, 3 more.",
		"warning owners, payments: It has no members: nobody can approve or sign for it in approved, good, half-slot, 3 more.",
		"info owners, mistyped: No agreement names it: nobody has promised it.",
	}, linesOf(value))
	rows := value["rows"].([]any)
	for i, where := range map[int][]any{0: {"document", "Agreement", "broken"}, 1: {"agreement", "Agreement", "strict"}, 14: {"team", nil, "checkout"}} {
		assert.Equal(t, where, []any{dig(rows[i], "where", "page"), dig(rows[i], "where", "kind"), dig(rows[i], "where", "name")})
		assert.NotEmpty(t, dig(rows[i], "mend"))
	}
	assert.Equal(t, "15 documents read: 6 agreements, 1 SLO without one.", value["documents"])
	assert.Equal(t, map[string]any{"value": "error", "label": "Error", "count": 10.0}, value["severities"].([]any)[0])
	for query, count := range map[string]float64{"severity=error&severity=info": 11, "kind=data&severity=warning": 1, "search=STRICT": 5, "sort=-where": 17} {
		assert.Equal(t, count, decoded(t, ask(handler, "GET", "/pages/findings?"+query, ""))["total"], query)
	}
}

func TestWhatHasEndedWantsNoMending(t *testing.T) {
	handler, dir := afterTheWeek(t)
	ended := strings.NewReplacer("effective: {from: 2026-01-01}", "effective: {from: 2026-01-01, until: 2026-02-01}", "slo: api-availability\n", "slo: mistyped\n").Replace(wanting)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "wanting.yaml"), []byte(ended), 0o600))
	lines := strings.Join(linesOf(decoded(t, ask(handler, "GET", "/pages/findings", ""))), "\n")
	assert.NotContains(t, lines, "Strict")
	assert.NotContains(t, lines, "no series match")
}

func TestAFindingInTheQueryOfAnotherFileLeadsToTheAgreement(t *testing.T) {
	handler, dir := afterTheWeek(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slo.yaml"), []byte(mistypedSLO), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "agreement.yaml"), []byte(promise("typing", "checkout", active, "{name: typed, slo: mistyped, target: 0.9}")), 0o600))
	value := decoded(t, ask(handler, "GET", "/pages/findings?kind=data&severity=warning", ""))
	require.Equal(t, 1.0, value["total"], linesOf(value))
	where := dig(value["rows"].([]any)[0], "where")
	assert.Equal(t, []any{"slo.yaml:13:62", "agreement", "typing"}, []any{dig(where, "text"), dig(where, "page"), dig(where, "name")})
}

func TestAnObjectiveWithoutDataIsOneFinding(t *testing.T) {
	handler, dir := afterTheWeek(t)
	documents := strings.ReplaceAll(mistypedSLO, "http_requests_total", "nothing_total") + "---\n" + promise("silent", "checkout", active, "{name: one, slo: mistyped, target: 0.9}") +
		promise("planned", "checkout", "stage: draft", "{name: one, slo: mistyped, target: 0.9}")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "silent.yaml"), []byte(documents), 0o600))
	assert.Equal(t, []string{
		"error data, The silent one / one: No series match the total query: none is named nothing_total.",
		"warning data, silent.yaml:14:64: one: no series match the total query: none is named nothing_total",
	}, linesOf(decoded(t, ask(handler, "GET", "/pages/findings?kind=data&search=nothing_total", ""))), "of the draft the query alone")
}

func TestAnEmptyFolderIsNotInOrder(t *testing.T) {
	handler, dir := afterTheWeek(t)
	require.NoError(t, os.RemoveAll(dir))
	require.NoError(t, os.Mkdir(dir, 0o700))
	assert.Equal(t, []string{"warning documents, Settings of the data source: Nothing is measured: no agreement and no SLO was read."},
		linesOf(decoded(t, ask(handler, "GET", "/pages/findings", ""))))
}

// It is so each morning, before the office opens.
func TestAWindowWithNothingInScopeIsNoFinding(t *testing.T) {
	handler, _ := companyAPI(t, contract, promise("closed", "checkout", active+", supportHours: office", "{name: daily, slo: api, target: 0.9, window: {calendar: day}}"))
	closed := answered[httpapi.AgreementStatusTab](t, handler, "/pages/agreement/status/closed")
	require.Equal(t, "Nothing in the window is in scope", closed.Objectives[0].Reason)
	assert.Zero(t, decoded(t, ask(handler, "GET", "/pages/findings?kind=data&search=closed", ""))["total"])
}

func TestAnApprovalInTheFutureIsAFinding(t *testing.T) {
	for on, want := range map[string][]string{
		"2031-01-01":           {"warning documents, slas.yaml:81:1: Exclusion upgrade: approvedOn 2031-01-01 is in the future."},
		"2026-04-27T01:00:00Z": {"warning documents, slas.yaml:81:1: Exclusion upgrade: approvedOn 2026-04-27 is in the future."},
		"2026-04-26":           nil,
	} {
		approved := strings.Replace(planned, "T03:00:00Z\n  requestedBy: payments\n", "T03:00:00Z\n  requestedBy: payments\n  approvedBy: checkout\n  approvedOn: "+on+"\n", 1)
		value := decoded(t, ask(exclusionsOf(t, company+promise("met", "checkout, members", active, easy)+approved, "anna"), "GET", "/pages/findings?search=approvedOn", ""))
		assert.Equal(t, want, linesOf(value), on)
		for _, row := range value["rows"].([]any) {
			assert.Equal(t, []any{"document", "Exclusion", "upgrade"}, []any{dig(row, "where", "page"), dig(row, "where", "kind"), dig(row, "where", "name")})
			assert.Equal(t, "Write the day of the approval into approvedOn.", dig(row, "mend"))
		}
	}
}

func TestWithoutPrometheusFindingsAreWhatIsKnownWithoutIt(t *testing.T) {
	handler, o := writer(t, "Viewer")
	require.NoError(t, os.WriteFile(filepath.Join(o.Folder.Dir, "wanting.yaml"), []byte(wanting), 0o600))
	lines := linesOf(decoded(t, ask(handler, "GET", "/pages/findings", "")))
	assert.Contains(t, lines[0], "error connection, Settings of the data source: Prometheus cannot be asked: ")
	text := strings.Join(lines, "\n")
	assert.Contains(t, text, "it can never fire")
	assert.Contains(t, text, "holds 98% at best")
	assert.NotContains(t, text, " data, ", "one row says that nothing can be measured")
	_, o = writer(t, "Viewer")
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return nil, errors.New("the folder is gone") }
	lines = linesOf(decoded(t, ask(httpapi.New(*o), "GET", "/pages/findings", "")))
	assert.Contains(t, lines[1], "The folder of documents cannot be read: the folder is gone.")
}

func TestAnSLOWithTheNameOfAnAgreementIsAFinding(t *testing.T) {
	for _, objectives := range []string{easy, ""} { // without one the agreement is left out
		handler, _ := companyAPI(t, promise("edge", "checkout", active, objectives))
		rows := answered[httpapi.Findings](t, handler, "/pages/findings?kind=owners&search=edge").Rows
		last := rows[len(rows)-1]
		assert.Equal(t, "An agreement has the same name: queries and alert rules that name it are about both, gates about the agreement.", last.Text)
		assert.Equal(t, httpapi.Where{Text: "edge", Page: httpapi.OpensAgreement, Kind: "SLO", Name: "edge"}, last.Where)
	}
}
