package datasource_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/freeport"
)

func (r *rig) health() *backend.CheckHealthResult {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	result, err := r.client.CheckHealth(ctx, &backend.CheckHealthRequest{PluginContext: r.plugin()})
	require.NoError(r.t, err)
	return result
}

func (r *rig) call(method, path, body string) (status int, text string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := r.client.CallResource(ctx, &backend.CallResourceRequest{PluginContext: r.plugin(), Method: method,
		Path: path, URL: path, Body: []byte(body)},
		backend.CallResourceResponseSenderFunc(func(response *backend.CallResourceResponse) error {
			if response.Status != 0 {
				status = response.Status
			}
			text += string(response.Body)
			return nil
		}))
	require.NoError(r.t, err)
	return status, text
}

func (r *rig) get(path string) (status int, text string) {
	r.t.Helper()
	return r.call(http.MethodGet, path, "")
}

func TestNamesAreThoseThatTheOtherFiltersKeep(t *testing.T) {
	r := scenario(t, "consumers-and-groups")
	for query, want := range map[string]string{
		"of=agreements":                          `payments-for-checkout payments-for-search`,
		"of=agreements&consumers=search":         `payments-for-search`,
		"of=agreements&search=CHECK":             `payments-for-checkout`,
		"of=consumers&agreements=/checkout$/":    `checkout`,
		"of=consumers&consumers=checkout":        `checkout search`,
		"of=providers&providers=nobody":          `payments`,
		"of=objectives&agreements=none":          ``,
		"of=agreements&services=/./&consumers=x": ``,
	} {
		status, text := r.get("names?" + query)
		require.Equal(t, http.StatusOK, status, text)
		var answer struct{ Names []struct{ Name string } }
		require.NoError(t, json.Unmarshal([]byte(text), &answer))
		names := []string{}
		for _, one := range answer.Names {
			names = append(names, one.Name)
		}
		assert.Equal(t, want, strings.Join(names, " "), query)
	}
	for query, said := range map[string]string{"of=teams": "of \\\"teams\\\": must be one of agreements",
		"of=services&agreements=$agrement": "agreements: the variable $agrement has no value here", "of=services&services=/(/": "does not compile"} {
		status, text := r.get("names?" + query)
		assert.Equal(t, http.StatusBadRequest, status)
		assert.Contains(t, text, said)
	}
}

func TestResourcesOverGRPC(t *testing.T) {
	r := scenario(t, "consumers-and-groups")
	for path, has := range map[string]string{
		"catalog": `"name":"payments-for-checkout"`, "agreements": `"indicator":`,
		"agreements/payments-for-search": `"kind":"ratio"`, "status": `"compliance":`, "teams": `"provides":["payments-for-checkout","payments-for-search"]`,
		"health": `"engine":"Prometheus"`, "openapi.json": `"openapi":"3.`,
	} {
		status, text := r.get(path)
		assert.Equal(t, http.StatusOK, status, path)
		assert.Contains(t, text, has, path)
		assert.True(t, json.Valid([]byte(text)), path)
	}
	status, text := r.call(http.MethodPost, "validate", "apiVersion: accord/v1\nkind: Team\nmetadata: {name: payments}\nspec: {colour: red}\n")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, text, `"valid":false`)
}

func TestSaveAndTest(t *testing.T) {
	r := scenario(t, "states")
	health := r.health()
	assert.Equal(t, backend.HealthStatusOk, health.Status, health.Message)
	assert.Contains(t, health.Message, "Prometheus 3.16.0 answers, counting by the method samples in slots of 5m; its data reaches back to 1 April 2026.")
	assert.Contains(t, health.Message, "1 agreement, 0 SLOs without one")
	var details struct {
		Documents struct{ Served int }
	}
	require.NoError(t, json.Unmarshal(health.JSONDetails, &details))
	assert.Equal(t, 5, details.Documents.Served)
	withoutRead := serve(t, newFaulty(t, r.settings.URL).URL, r.folder, r.now).health()
	assert.Contains(t, withoutRead.Message, "counting by the method anchored in slots of 5m, since remote read is refused: 404 Not Found; its data")
}

func TestSaveAndTestOfABadDocument(t *testing.T) {
	r := scenario(t, "states")
	write(t, r.folder, "bad.yaml", "apiVersion: accord/v1\nkind: Team\nmetadata: {name: one}\nspec: {colour: red}\n")
	health := r.health()
	assert.Equal(t, backend.HealthStatusOk, health.Status, "the others are served")
	assert.Contains(t, health.Message, "1 error: bad.yaml:4:")

	folder := t.TempDir()
	write(t, folder, "bad.yaml", "apiVersion: accord/v1\nkind: Team\nmetadata: {name: one}\nspec: {}\n---\napiVersion: accord/v1\nkind: Agreement\nmetadata: {name: two}\nspec: {}\n")
	health = serve(t, r.settings.URL, folder, r.now).health()
	assert.Equal(t, backend.HealthStatusError, health.Status, "nothing that could be measured is left: %s", health.Message)
}

func TestSaveAndTestWithoutPrometheus(t *testing.T) {
	whole := scenario(t, "states")
	r := serve(t, "http://"+freeport.Address(t), whole.folder, whole.now)
	health := r.health()
	assert.Equal(t, backend.HealthStatusError, health.Status)
	assert.Contains(t, health.Message, "cannot be reached")
	assert.Contains(t, health.Message, "5 documents read")
}

// Changed settings make a new instance, which takes the place of the old one.
func TestChangedSettingsAreTakenUp(t *testing.T) {
	r := scenario(t, "states")
	at := instant(t, "2026-04-20T12:05:00Z")
	assert.Equal(t, 2, r.frames(at, query("status"))[0].Rows())
	changed := r.with(definitions("elsewhere"))
	assert.Error(t, changed.ask(at, query("status")).Error)
}

func TestRequestsCarryTheHeadersOfTheSettings(t *testing.T) {
	whole := scenario(t, "states")
	tenant := make(chan string, 1)
	server := newFaulty(t, whole.settings.URL)
	inner := server.Config.Handler
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case tenant <- r.Header.Get("X-Scope-OrgID"):
		default:
		}
		inner.ServeHTTP(w, r)
	})
	r := serve(t, server.URL, whole.folder, whole.now).with(func(s *backend.DataSourceInstanceSettings) {
		s.JSONData = []byte(`{"httpHeaderName1": "X-Scope-OrgID", "parallelQueries": 2, "resolution": "15m"}`)
		s.DecryptedSecureJSONData = map[string]string{"httpHeaderValue1": "shop"}
	})
	frame := r.frames(instant(t, "2026-04-20T12:05:00Z"), query("status"))[0]
	assert.Equal(t, "shop", <-tenant)
	assert.Contains(t, frame.Meta.ExecutedQueryString, "[15m]")
}
