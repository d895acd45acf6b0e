package httpapi_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/wire"
)

const company = `
apiVersion: openslo/v1
kind: Service
metadata: {name: payments-api, displayName: Payments API}
spec: {description: Takes money}
---
apiVersion: accord/v1
kind: Team
metadata: {name: payments, displayName: Payments}
---
apiVersion: accord/v1
kind: Team
metadata: {name: checkout, displayName: Checkout & Cart}
---
apiVersion: accord/v1
kind: Team
metadata: {name: storefront}
---
apiVersion: accord/v1
kind: Team
metadata: {name: search}
---
apiVersion: accord/v1
kind: Team
metadata: {name: ads}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: api, labels: {tier: "1"}}
spec:
  service: payments-api
  indicator:
    metadata: {name: api}
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{code=~"5.."}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total'}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{displayName: api, target: 0.99}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: edge}
spec:
  service: payments-api
  indicator:
    metadata: {name: edge}
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{code=~"5.."}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total'}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{displayName: edge, target: 0.99}]
`

// promise is an agreement of Payments on a target of its SLO, in flow style behind
// what they have in common.
func promise(name, consumers, more, objectives string) string {
	return `---
apiVersion: accord/v1
kind: Agreement
metadata: {name: ` + name + `, displayName: The ` + name + ` one, labels: {part: ` + name + `, area: shop}}
spec: {service: payments-api, provider: payments, effective: {from: 2026-04-03}, consumers: [` + consumers + `], ` + more + `, objectives: [` + objectives + `]}
`
}

const (
	active  = "stage: active"
	easy    = "{name: easy, slo: api, target: 0.9}"
	nothing = `{name: gone, target: 0.9, window: {rolling: 30d}, indicator: {spec: {ratioMetric: {counter: true,
  bad: {metricSource: {type: Prometheus, spec: {query: 'nothing{code="5"}'}}}, total: {metricSource: {type: Prometheus, spec: {query: nothing}}}}}}}`
)

// companyAPI is the handler over agreements of every state, in the middle of a
// burst of errors, and more documents. Their figures are those of states.yaml.
func companyAPI(t *testing.T, more ...string) (http.Handler, *httpapi.Options) {
	t.Helper()
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), "states.yaml"))
	require.NoError(t, err)
	stored := t.TempDir()
	require.NoError(t, s.WriteBlocks(stored))
	_, o := api(t, conformance.StartEmbedded(t, stored))
	text := company +
		promise("breached", "checkout", active, "{name: strict, slo: api, target: 0.999}, "+easy) +
		promise("met", "checkout, storefront, search, ads", "review: {every: 30d, last: 2026-01-01}, "+active, easy) +
		promise("proposed", "storefront", "stage: proposed", easy) +
		promise("silent", "storefront", active, nothing) +
		promise("wrong", "storefront", active, "{name: easy, slo: api, target: 2}") + strings.Join(more, "")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slas.yaml"), []byte(text), 0o600))
	read, err := catalog.Load(context.Background(), dir, catalog.Options{})
	require.NoError(t, err)
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return read, nil }
	o.Now = func() time.Time { return time.Date(2026, 4, 26, 20, 5, 3, 0, time.UTC) }
	return httpapi.New(*o), o
}

// answered decodes what a path answers.
func answered[T any](t *testing.T, handler http.Handler, path string) (value T) {
	t.Helper()
	answer := ask(handler, http.MethodGet, path, "")
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &value))
	return value
}

func rowNames(list httpapi.AgreementList) []string {
	return wire.Each(list.Rows, func(row httpapi.AgreementRow) string { return row.Name })
}

func TestThePageOfAgreements(t *testing.T) {
	handler, o := companyAPI(t)
	for name, check := range map[string]func(*testing.T, http.Handler, *httpapi.Options){
		"the worst come first, with the reason in words":      checkRows,
		"filtered and sorted by the URL":                      checkFilters,
		"tiles count what the other filters keep":             checkTiles,
		"choices of a filter have the names that people know": checkChoices,
		"trends end with the budget that the row shows":       checkTrends,
		"as CSV": checkCSV,
	} {
		t.Run(name, func(t *testing.T) { check(t, handler, o) })
	}
}

func checkRows(t *testing.T, handler http.Handler, o *httpapi.Options) {
	list := answered[httpapi.AgreementList](t, handler, "/pages/agreements")
	require.Equal(t, []string{"breached", "edge", "silent", "wrong", "met", "proposed"}, rowNames(list))
	assert.Equal(t, httpapi.Paging{Total: 6, Page: 1, PageSize: 50}, list.Paging)
	assert.Equal(t, "The documents have 1 error", list.Findings)
	stale := *o
	stale.Stale = func() error { return errors.New("it is gone") }
	assert.Equal(t, "The folder of documents cannot be read again, and those from before are in force",
		answered[httpapi.AgreementList](t, httpapi.New(stale), "/pages/agreements").Findings)
	assert.Empty(t, list.Unmeasured)

	breached, edge, silent, wrong, met, proposed := list.Rows[0], list.Rows[1], list.Rows[2], list.Rows[3], list.Rows[4], list.Rows[5]
	assert.Equal(t, "api: the budget was spent on 26 Apr 2026 20:05 UTC", breached.Reason, "of the objective that is worst")
	assert.Equal(t, []budget.Figure{0.999, 0.9982, -0.749, 321}, []budget.Figure{breached.Target, breached.Compliance, breached.Remaining, breached.Burn})
	assert.Equal(t, "−1,480 of 1,976 events", breached.Amount)
	assert.Equal(t, wire.Named{Name: "payments", DisplayName: "Payments"}, *breached.Provider)
	assert.Equal(t, []wire.Named{{Name: "checkout", DisplayName: "Checkout & Cart"}}, breached.Consumers)

	assert.Equal(t, "SLO", edge.Kind, "what no agreement names is a row, too")
	assert.Nil(t, edge.Provider)
	assert.Contains(t, edge.Reason, "Burning 32.1 times too fast over 1h and 5m")

	assert.Equal(t, budget.NoData, silent.State)
	assert.Equal(t, "No series match the total query: none is named nothing", silent.Reason)
	assert.False(t, silent.Compliance.Known() || silent.Remaining.Known() || silent.Burn.Known(), "what was not measured is no 0")

	assert.True(t, wrong.LeftOut)
	assert.Contains(t, wrong.Reason, "Not read: slas.yaml:83:")

	assert.Equal(t, budget.Met, met.State)
	assert.Empty(t, met.Reason)
	assert.Len(t, met.Consumers, 3)
	assert.Equal(t, 1, met.MoreConsumers)

	assert.Equal(t, budget.Inactive, proposed.State, "what is only proposed is not met")
	assert.Equal(t, agreement.Proposed, proposed.Stage)

	// The number is the one that the alert rule has.
	for _, result := range o.Engine.Status(t.Context(), found(t, o, "breached"), measure.Question{At: list.At}) {
		value, _ := budget.AlertValue(result.Objectives[0].Alerts, agreement.Page)
		assert.Equal(t, value.AsRate(), breached.AlertValue)
		assert.Equal(t, agreement.Page, breached.Alert)
	}
	assert.Empty(t, met.Alert)
}

func found(t *testing.T, o *httpapi.Options, name string) []*agreement.Agreement {
	t.Helper()
	c, err := o.Catalog(t.Context())
	require.NoError(t, err)
	return slices.DeleteFunc(c.All(), func(a *agreement.Agreement) bool { return a.Name != name })
}

func checkFilters(t *testing.T, handler http.Handler, _ *httpapi.Options) {
	for query, want := range map[string]string{
		"state=breached": "breached", "state=breached&state=met": "breached met", "state=firing": "breached edge", "state=blind": "silent wrong",
		"state=review_due": "met", "state=inactive": "proposed", "stage=proposed": "proposed", "stage=none": "edge",
		"consumer=storefront": "silent wrong met proposed", "provider=payments&consumer=checkout": "breached met", "service=nowhere": "",
		"label=part%3Dmet&label=area%3Dshop": "met", "label=part%3Dmet&label=part%3Dsilent": "silent met", "search=cart+BREACHED": "breached",
		"search=strict": "breached", "search=%3Cb%3E": "", "search=api+one&sort=name": "breached met proposed silent wrong", "sort=-remaining": "met proposed edge breached silent wrong",
		"sort=remaining": "breached edge met proposed silent wrong", "sort=-burn": "breached edge met proposed silent wrong",
		"sort=-alert": "breached edge silent wrong met proposed", "sort=-state": "proposed met wrong silent edge breached",
	} {
		assert.Equal(t, strings.Fields(want), append([]string{}, rowNames(answered[httpapi.AgreementList](t, handler, "/pages/agreements?"+query))...), query)
	}
	answer := ask(handler, http.MethodGet, "/pages/agreements?sort=budgt", "")
	assert.Equal(t, http.StatusBadRequest, answer.Code)
}

func checkTiles(t *testing.T, handler http.Handler, _ *httpapi.Options) {
	for query, want := range map[string][]int{"": {1, 1, 2, 2, 1, 1}, "consumer=checkout&state=met": {1, 0, 1, 0, 1, 1}, "search=nowhere": {0, 0, 0, 0, 0, 0}} {
		list := answered[httpapi.AgreementList](t, handler, "/pages/agreements?"+query)
		assert.Equal(t, want, wire.Each(list.Tiles, func(c httpapi.Choice) int { return c.Count }), query)
		assert.Equal(t, 6, list.All)
	}
	list := answered[httpapi.AgreementList](t, handler, "/pages/agreements?state=blind&consumer=checkout&consumer=ads")
	assert.Equal(t, map[string]string{"state": "Blind or no data", "consumer": "Checkout & Cart, ads"}, list.Chosen)
}

func checkChoices(t *testing.T, handler http.Handler, _ *httpapi.Options) {
	for query, want := range map[string][]httpapi.Choice{
		"filter=consumer&typed=se":        {{Value: "search", Label: "search", Count: 1}},
		"filter=consumer&typed=CART":      {{Value: "checkout", Label: "Checkout & Cart", Count: 2}},
		"filter=service":                  {{Value: "payments-api", Label: "Payments API", Count: 6}},
		"filter=stage&consumer=checkout":  {{Value: "active", Label: "Active", Count: 2}},
		"filter=label&typed=part%3Dme":    {{Value: "part=met", Label: "part=met", Count: 1}},
		"filter=state&provider=nobody":    {},
		"filter=provider&provider=nobody": {{Value: "payments", Label: "Payments", Count: 5}},
	} {
		assert.Equal(t, want, answered[map[string][]httpapi.Choice](t, handler, "/pages/agreements/choices?"+query)["choices"], query)
	}
	answer := ask(handler, http.MethodGet, "/pages/agreements/choices?filter=providr", "")
	assert.Equal(t, http.StatusBadRequest, answer.Code)
	assert.Contains(t, decoded(t, answer)["error"], "did you mean provider?")
}

func checkTrends(t *testing.T, handler http.Handler, _ *httpapi.Options) {
	all := answered[httpapi.Trends](t, handler, "/pages/agreements/trends?state=firing&state=blind").Trends
	require.Len(t, all, 2, "what cannot be measured has none, and the others are there")
	trend := all["Agreement/breached"]
	assert.Len(t, trend.Values, 61)
	assert.False(t, trend.Values[0].Known(), "before there were counts")
	assert.InDelta(t, -0.749, float64(trend.Values[60]), 1e-9)
	assert.Equal(t, "Error budget left over 30 days: from 100% to −74.9%", trend.Text)
}

func checkCSV(t *testing.T, handler http.Handler, _ *httpapi.Options) {
	answer := ask(handler, http.MethodGet, "/pages/agreements?format=csv&state=breached&state=blind", "")
	require.Equal(t, "text/csv; charset=utf-8", answer.Header().Get("Content-Type"))
	assert.Equal(t, `inline; filename="agreements-2026-04-26T2005.csv"`, answer.Header().Get("Content-Disposition"))
	places := func(recorder *httptest.ResponseRecorder) []string {
		lines, err := csv.NewReader(recorder.Body).ReadAll()
		require.NoError(t, err)
		return wire.Each(lines, func(line []string) string { return line[0] + "/" + line[1] })
	}
	assert.Equal(t, []string{"agreement/objective", "breached/strict", "breached/easy", "silent/gone", "wrong/easy"}, places(answer))
	sorted := ask(handler, http.MethodGet, "/pages/agreements?format=csv&state=breached&state=blind&sort=-name", "")
	assert.Equal(t, []string{"agreement/objective", "wrong/easy", "silent/gone", "breached/strict", "breached/easy"}, places(sorted))
	assert.Equal(t, http.StatusBadRequest, ask(handler, http.MethodGet, "/pages/agreements?format=csv&sort=weight", "").Code)
}

func TestWithoutPrometheusTheAgreementsAreThereWithTheReason(t *testing.T) {
	handler, _ := api(t, "")
	list := answered[httpapi.AgreementList](t, handler, "/pages/agreements")
	require.NotEmpty(t, list.Rows)
	require.Len(t, list.Unmeasured, 1)
	assert.Contains(t, list.Unmeasured[0], "404 Not Found")
	for _, row := range list.Rows {
		assert.False(t, row.Compliance.Known() || row.Remaining.Known(), row.Name)
		assert.NotEqual(t, budget.Met, row.State, row.Name)
	}
	assert.Empty(t, answered[httpapi.Trends](t, handler, "/pages/agreements/trends").Trends)
}
