package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
)

const untilNovember8 = `"agreement": "none", "to": "2026-11-07T03:00:00Z", "from": "2026-11-06T00:00:00Z"`

func backtested(t *testing.T, handler http.Handler, body string) map[string]any {
	t.Helper()
	answer := send(handler, "POST", "/backtest", body)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	value := decoded(t, answer)
	check(t, "Backtest", decoded(t, send(handler, "GET", "/openapi.json", "")), map[string]any{"$ref": "#/components/schemas/Backtest"}, value)
	return value
}

func TestBacktestWithoutATrialIsThePresentDefinition(t *testing.T) {
	handler, _ := measured(t)
	b := backtested(t, handler, `{`+untilNovember8+`}`)
	assert.Nil(t, b["proposed"])
	assert.Equal(t, 0.98, dig(b, "present", "target"))
	assert.Nil(t, dig(b, "groups", 0, "proposed"))
	status := decoded(t, send(handler, "GET", "/status?at=2026-11-07T03:00:00Z&agreement=none", ""))
	for _, figure := range []string{"target", "total", "bad", "compliance", "allowed", "consumed", "remaining", "coverage"} {
		assert.Equal(t, dig(status, "agreements", 0, "objectives", 0, figure), dig(b, "groups", 0, "present", figure), figure)
	}
	assert.NotEmpty(t, dig(b, "groups", 0, "present", "budget"))
	assert.Len(t, dig(b, "groups", 0, "present", "checks"), 2, "a window of a day has two")
}

// What is tried gives the figures that it gives as a document.
func TestBacktestOfATrialIsThatOfTheDocument(t *testing.T) {
	handler, _ := measured(t)
	agreement := send(handler, "GET", "/documents/Agreement/none", "").Body.String()
	stricter := strings.Replace(agreement, "slo: api-availability}", "slo: api-availability, target: 0.999, window: {rolling: 7d}}", 1)
	tried := backtested(t, handler, `{`+untilNovember8+`, "target": 0.999, "window": "7d",
		"exclusions": [{"from": "2026-11-07T02:00:00Z", "to": "2026-11-07T02:45:00Z"}]}`)
	typed := backtested(t, handler, fmt.Sprintf(`{%s, "documents": %q}`, untilNovember8, stricter+"---\n"+excluded))
	assert.Equal(t, dig(tried, "groups"), dig(typed, "groups"))
	assert.Equal(t, 1.0, dig(tried, "proposed", "exclusions"))
	side := dig(tried, "groups", 0, "proposed")
	assert.Equal(t, 0.999, dig(side, "target"))
	assert.Greater(t, dig(tried, "groups", 0, "present", "bad"), dig(side, "bad"), "the exclusion holds most of what was bad")

	alone := backtested(t, handler, `{`+untilNovember8+`, "window": "30d", "alerts": [{"severity": "page", "share": 0.02, "long": "1h"}]}`)
	alerts := dig(alone, "groups", 0, "proposed", "alerts").([]any)
	require.Len(t, alerts, 1)
	assert.InDelta(t, 14.4, dig(alerts[0], "factor"), 1e-9)
	assert.Len(t, dig(alone, "groups", 0, "present", "alerts"), 2, "over a day, one over 6h too")
	assert.Contains(t, dig(alone, "groups", 0, "text"), "1 alert would have fired instead of 2 alerts. The least budget that was ever left is ")
	assert.Equal(t, "page over 1h", dig(alone, "groups", 0, "fired", 0, "alert"))
	assert.Len(t, dig(alone, "proposed", "alerts"), 1)
	assert.Len(t, dig(alone, "present", "alerts"), 4)
}

func TestBacktestOfWhatIsNewHasNoPresent(t *testing.T) {
	handler, _ := measured(t)
	agreement := send(handler, "GET", "/documents/Agreement/none", "").Body.String()
	b := backtested(t, handler, fmt.Sprintf(`{%s, "documents": %q}`, strings.Replace(untilNovember8, "none", "next", 1),
		strings.NewReplacer("name: none", "name: next", "2026-01-01", "2027-01-01").Replace(agreement)))
	assert.Nil(t, b["present"])
	assert.Nil(t, dig(b, "groups", 0, "present"))
	assert.Greater(t, dig(b, "groups", 0, "proposed", "total"), 10_000.0, "as if it had been in force")
}

func TestBacktestWithoutDataPromisesNothing(t *testing.T) {
	handler, _ := measured(t)
	b := backtested(t, handler, `{"agreement": "none", "from": "2026-10-01T00:00:00Z", "to": "2026-10-10T00:00:00Z", "target": 0.99}`)
	assert.Nil(t, dig(b, "groups", 0, "proposed", "lowest"))
	assert.Contains(t, dig(b, "groups", 0, "text"), "0 alerts would have fired. Nothing was measured, so whether the target would have been met is not known.")
	assert.NotContains(t, dig(b, "groups", 0, "text"), "met all the time")
}

// A bad query that matches nothing is 100% for ever: whatever shows its figures says so.
func TestABacktestSaysWhatMayMislead(t *testing.T) {
	handler, dir := afterTheWeek(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mistyped.yaml"), []byte(mistypedSLO), 0o600))
	const tried = `"agreement": "mistyped", "from": "2026-11-06T00:00:00Z"`
	b := backtested(t, handler, `{`+tried+`}`)
	assert.Equal(t, 1.0, dig(b, "groups", 0, "present", "compliance"))
	assert.Contains(t, fmt.Sprint(b["notes"]), `[no series match the bad query: `)
	b = backtested(t, handler, fmt.Sprintf(`{%s, "documents": %q}`, tried, strings.Replace(mistypedSLO, `"50"`, `"500"`, 1)))
	assert.Contains(t, fmt.Sprint(b["notes"]), `[the present definition: no series match the bad query: `)
	b = backtested(t, handler, `{`+tried+`, "target": 0.9}`)
	assert.Len(t, b["notes"], 1, "said once for both")
}

func TestBacktestOfDocumentsThatMendAQueryHasNoPresent(t *testing.T) {
	handler, dir := afterTheWeek(t)
	present := strings.NewReplacer("bad: ", "total: ", "total: ", "good: ").Replace(mistypedSLO)
	present = strings.Replace(present, `"50"`, `"500"`, 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mistyped.yaml"), []byte(present), 0o600))
	const tried = `"agreement": "mistyped", "from": "2026-11-06T00:00:00Z"`
	refused := send(handler, "POST", "/backtest", `{`+tried+`, "target": 0.9}`)
	assert.Equal(t, http.StatusUnprocessableEntity, refused.Code, refused.Body)
	b := backtested(t, handler, fmt.Sprintf(`{%s, "documents": %q}`, tried, mistypedSLO))
	assert.Nil(t, b["present"])
	assert.Greater(t, dig(b, "groups", 0, "proposed", "total"), 10_000.0)
	assert.Contains(t, fmt.Sprint(b["notes"]), "the present definition cannot be measured: good cannot be")
}

func TestBacktestOfDocumentsThatMendAQueryThatTheEngineRefuses(t *testing.T) {
	handler, dir := afterTheWeek(t)
	const slo = `apiVersion: openslo/v1
kind: SLO
metadata: {name: joined}
spec:
  service: payments-api
  budgetingMethod: Occurrences
  timeWindow: [{duration: 1d, isRolling: true}]
  indicator:
    metadata: {name: joined}
    spec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: 'sum(http_requests_total / on (job) http_requests_total{%s})'}}}}
  objectives: [{target: 0.99, op: gte, value: 1}]
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "joined.yaml"), fmt.Appendf(nil, slo, ""), 0o600))
	const tried = `"agreement": "joined", "from": "2026-11-06T00:00:00Z"`
	refused := send(handler, "POST", "/backtest", `{`+tried+`, "target": 0.9}`)
	assert.Equal(t, http.StatusBadGateway, refused.Code, refused.Body)
	b := backtested(t, handler, fmt.Sprintf(`{%s, "documents": %q}`, tried, strings.Replace(fmt.Sprintf(slo, `code="200"`), "on (job) ", "on (job) group_left ", 1)))
	assert.Nil(t, b["present"])
	assert.Contains(t, fmt.Sprint(b["notes"]), "the present definition cannot be measured: ")
}

func TestBacktestRefusals(t *testing.T) {
	handler, _ := api(t, "")
	for body, said := range map[string]string{
		``:                         `400 the body is missing: send JSON in it`,
		`{"agrement": "a"}`:        `400 the body must be JSON, see openapi.json: json: unknown field "agrement"`,
		`{}`:                       `400 agreement: is required`,
		`{"agreement": "aproved"}`: `404 did you mean approved?`,
		`{"agreement": "approved", "objective": "avail"}`:                                       `404 approved has no objective "avail"`,
		`{"agreement": "approved", "target": 99.5}`:                                             `400 target: must be in (0, 1], got 99.5 (did you mean 0.995?)`,
		`{"agreement": "approved", "window": "10y"}`:                                            `400 a rolling window must be between`,
		`{"agreement": "approved", "window": "month:-1"}`:                                       `400 window: a backtest looks at every window`,
		`{"agreement": "approved", "from": "2027-01-01T00:00:00Z"}`:                             `400 before it begins`,
		`{"agreement": "approved", "from": "2024-01-01T00:00:00Z"}`:                             `400 at most 400d`,
		`{"agreement": "approved", "alerts": [{"severity": "page", "long": "soon"}]}`:           `400 "soon", no duration such as 1h, into Go struct field AlertRule.alerts.long`,
		`{"agreement": "approved", "alerts": [{"severity": "page", "share": 0.02}]}`:            `400 alerts: long must be between 1h and 31d, got 0s`,
		`{"agreement": "approved", "alerts": [{"severity": "mail", "long": "1h"}]}`:             `400 alerts: severity must be page or ticket, got "mail"`,
		`{"agreement": "approved", "alerts": [{"severity": "page", "long": "1h", "share": 2}]}`: `400 alerts: share of the budget must be in (0, 1], got 2 (did you mean 0.02?)`,
		`{"agreement": "approved", "exclusions": [{"mode": "bad"}]}`:                            `400 exclusions: mode must be exclude or good`,
		`{"agreement": "approved", "exclusions": [{}]}`:                                         `400 exclusions: one ends`,
		`{"agreement": "approved", "points": 100000}`:                                           `400 points: must be from 1 to 2000`,
		`{"agreement": "approved", "documents": "kind: Team"}`:                                  `403 Sign in to change documents`,
		`{"agreement": "approved"}`:                                                             `502 404 Not Found`,
	} {
		answer := send(handler, "POST", "/backtest", body)
		status, text, _ := strings.Cut(said, " ")
		assert.Equal(t, status, fmt.Sprint(answer.Code), "%s: %s", body, answer.Body)
		assert.Contains(t, decoded(t, answer)["error"], text, body)
	}
	editor, _ := writer(t, "Editor")
	answer := send(editor, "POST", "/backtest", `{"agreement": "approved", "documents": "apiVersion: accord/v1\nkind: Team\nmetadata: {name: Ops}\n"}`)
	assert.Equal(t, http.StatusUnprocessableEntity, answer.Code)
	assert.Contains(t, decoded(t, answer)["error"], "documents: document.yaml:3:")
}

// given is an answer that calls a function when it has been read.
type given struct {
	io.ReadCloser
	then func()
}

func (g given) Close() error {
	g.then()
	return g.ReadCloser.Close()
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestABacktestThatIsGivenUpIsNoFaultOfTheObjective(t *testing.T) {
	_, o := frozen(t, "Editor")
	done := func() {}
	client, err := prometheus.New(o.Client.Server(), &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			answer.Body = given{answer.Body, done}
		}
		return answer, err
	})}, prometheus.Options{Probes: counting.Probes()})
	require.NoError(t, err)
	o.Engine = measure.New(client, counting.Options{Now: o.Now})
	handler := httpapi.New(*o)
	require.Equal(t, http.StatusOK, send(handler, "POST", "/backtest", `{`+untilNovember8+`}`).Code)

	ctx, cancel := context.WithCancel(t.Context())
	done = cancel // now that all slots are known, the one answer says how often they are scraped
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, "POST", "/backtest", strings.NewReader(`{`+untilNovember8+`}`)))
	require.Contains(t, recorder.Body.String(), `"error":"context canceled"`)
	assert.NotEqual(t, http.StatusUnprocessableEntity, recorder.Code)
}

func TestAlertCheckTellsTrafficAndScrapeInterval(t *testing.T) {
	handler, _ := measured(t)
	answer := decoded(t, send(handler, "GET", "/alertcheck?agreement=none&at=2026-11-07T02:00:00Z", ""))
	document := decoded(t, send(handler, "GET", "/openapi.json", ""))
	of := dig(answer, "objectives", 0)
	check(t, "ObjectiveAlerts", document, map[string]any{"$ref": "#/components/schemas/ObjectiveAlerts"}, of)
	assert.Equal(t, 30.0, dig(of, "scrapeSeconds"))
	assert.Positive(t, dig(of, "alerts", 0, "events"))
	assert.Nil(t, dig(of, "error"))

	silent, _ := api(t, "")
	answer = decoded(t, send(silent, "GET", "/alertcheck?agreement=none", ""))
	assert.Contains(t, dig(answer, "objectives", 0, "error"), "404 Not Found")
	assert.Nil(t, dig(answer, "objectives", 0, "scrapeSeconds"))
	assert.Equal(t, true, dig(answer, "objectives", 0, "alerts", 0, "canFire"), "what needs no Prometheus is there")
}

func TestGateOverHTTP(t *testing.T) {
	handler, _ := measured(t)
	document := decoded(t, send(handler, "GET", "/openapi.json", ""))
	for path, decision := range map[string]string{
		"/gate?agreement=none&at=2026-11-07T02:00:00Z":                        "go",
		"/gate?agreement=none&at=2026-11-07T02:30:00Z&minRemaining=10%25":     "stop",
		"/gate?agreement=none&at=2026-11-07T02:00:00Z&minRemaining=1":         "stop",
		"/gate?agreement=none&at=2026-06-01T00:00:00Z":                        "no_data",
		"/gate?agreement=none&objective=availability&at=2025-06-01T00:00:00Z": "go",
	} {
		gate := decoded(t, send(handler, "GET", path, ""))
		check(t, path, document, map[string]any{"$ref": "#/components/schemas/Gate"}, gate)
		assert.Equal(t, decision, gate["decision"], "%s: %s", path, gate["reason"])
	}
	silent, _ := api(t, "")
	gate := decoded(t, send(silent, "GET", "/gate?agreement=none", ""))
	assert.Equal(t, "failed", gate["decision"], "not measured is never go")
	assert.Contains(t, gate["reason"], "404 Not Found")
	for path, said := range map[string]string{
		"/gate": "agreement: is required", "/gate?agreement=nobody": "there is no agreement",
		"/gate?agreement=none&minRemaining=110%25": `minRemaining: "110%" must be a share`, "/gate?agreement=none&objective=x": `none has no objective "x"`,
		"/gate?agreement=none&minRemaining=50%": "the parameters cannot be read (% is written %25): ", "/status?at=%": "the parameters cannot be read",
		"/gate?agreement=none&minRemaning=50%25": "minRemaning: is none of agreement, objective, minRemaining, maxBlind, at (did you mean minRemaining?)", "/gate?agreement=none&agreement=b": "agreement: stands 2 times",
	} {
		assert.Contains(t, decoded(t, send(silent, "GET", path, ""))["error"], said)
	}
}

func TestValidateTellsAlertsAndPromisesOfWhatIsTyped(t *testing.T) {
	handler, _ := writer(t, "Editor")
	agreement := send(handler, "GET", "/documents/Agreement/none", "").Body.String()
	loose := strings.NewReplacer("slo: api-availability}", "slo: api-availability, target: 0.9, window: {rolling: 30d}}",
		"spec:\n", "spec:\n  dependsOn: [{anyOf: [{agreement: approved}, {agreement: unapproved}]}]\n").Replace(agreement)
	v := decoded(t, send(handler, "POST", "/validate", loose))
	require.Equal(t, true, v["valid"], v)
	check(t, "Validation", decoded(t, send(handler, "GET", "/openapi.json", "")), map[string]any{"$ref": "#/components/schemas/Validation"}, v)
	require.Len(t, v["alerts"], 1)
	assert.Equal(t, false, dig(v, "alerts", 0, "alerts", 0, "canFire"), "14.4 is above 1/(1 − 0.9)")
	require.Len(t, v["promises"], 1)
	assert.Equal(t, true, dig(v, "promises", 0, "kept"))
}
