package httpapi_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/httpapi"
)

// ofPanel asks for the form of a panel's query.
const ofPanel = `{"title": "API of payments", "query": "sum(rate(http_requests_total{job=\"api\",code=~\"5..\"}[$__rate_interval])) / sum(rate(http_requests_total{job=\"api\"}[5m]))"`

func drafted(t *testing.T, handler http.Handler, body string) map[string]any {
	t.Helper()
	answer := send(handler, "POST", "/draft", body)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	return decoded(t, answer)
}

// The form of a query, filled in, saved one document after the other.
func TestFromTheQueryOfAPanelToAnAgreement(t *testing.T) {
	handler, _ := measured(t)
	d := drafted(t, handler, ofPanel+"}")
	form := dig(d, "form").(map[string]any)
	assert.Equal(t, []any{"events", "http_requests_total", "API of payments"}, []any{form["by"], form["metric"], form["displayName"]})
	assert.Equal(t, map[string]any{"label": "code", "op": "=~", "value": "5.."}, dig(form, "part", 0))
	assert.Equal(t, map[string]any{"field": "service", "message": "Required"}, dig(d, "complaints", 0))
	assert.Equal(t, "events", dig(d, "figures", "unit"), "what it measures is shown before the parties are known")
	assert.InDelta(t, 6*360*4+36, dig(d, "figures", "lastHours", "total"), 20)
	assert.Nil(t, dig(d, "figures", "last90Days"), "history is read when it is asked for")
	assert.Equal(t, true, d["writable"])

	form["service"], form["provider"], form["consumers"], form["window"], form["target"] = "new-api", "payments", []string{"shop"}, "1d", "99%"
	d = drafted(t, handler, `{"history": true, "form": `+mustJSON(t, form)+"}")
	document := decoded(t, send(handler, "GET", "/openapi.json", ""))
	check(t, "Draft", document, map[string]any{"$ref": "#/components/schemas/Draft"}, d)
	require.Empty(t, d["complaints"])
	require.Empty(t, d["problems"])
	last := dig(d, "figures", "last90Days").(map[string]any)
	assert.Equal(t, 0.9867, last["compliance"], "cut, as every percent figure is")
	assert.Equal(t, "96.9%", dig(d, "figures", "achievableTarget"))
	assert.Equal(t, []any{"3.3% of the last 90 days was measured.", "With a target of 99% the budget would have been overspent for 1d of the last 90 days.",
		"A target of 96.9% would have held in 99% of the windows of the last 90 days that were measured whole."}, dig(d, "figures", "sentences"))

	documents := d["documents"].([]any)
	require.Len(t, documents, 3, "the provider is there already")
	for _, one := range documents {
		path := "/documents/" + dig(one, "kind").(string) + "/" + dig(one, "name").(string)
		answer := send(handler, "PUT", path, dig(one, "text").(string), "If-None-Match", "*")
		require.Equal(t, http.StatusCreated, answer.Code, answer.Body)
	}
	written := decoded(t, send(handler, "GET", "/agreements/new-api-for-shop", ""))
	assert.Equal(t, []any{"API of payments", "draft"}, []any{written["displayName"], written["stage"]})
	d = drafted(t, handler, `{"form": `+mustJSON(t, form)+"}")
	assert.Equal(t, "name", dig(d, "complaints", 0, "field"), "it is there now")
}

func TestADraftSaysWhatCannotBeMeasured(t *testing.T) {
	handler, _ := measured(t)
	for name, of := range map[string]struct{ form, problem, reason string }{
		"no such metric": {`{"by": "events", "metric": "htp_requests_total", "part": [{"label": "code", "op": "=", "value": "500"}]}`, "http_requests_total", "Nothing was counted"},
		"no PromQL":      {`{"by": "queries", "totalQuery": "sum(", "partQuery": "x"}`, "this is no PromQL", "this is no PromQL"},
		"nothing yet":    {`{"by": "events"}`, "", ""},
	} {
		d := drafted(t, handler, `{"history": true, "form": `+of.form+`}`)
		assert.Contains(t, mustJSON(t, d["problems"]), of.problem, name)
		if of.reason == "" {
			assert.Nil(t, d["figures"], name)
			continue
		}
		for _, of90 := range []string{"lastHours", "last90Days"} {
			counts := dig(d, "figures", of90).(map[string]any)
			assert.Nil(t, counts["compliance"], name)
			assert.Contains(t, counts["reason"], of.reason, name)
		}
		assert.Nil(t, dig(d, "figures").(map[string]any)["achievableTarget"], name)
	}
	unreachable, _ := writer(t, "Editor")
	d := drafted(t, unreachable, ofPanel+`, "history": true}`)
	assert.Contains(t, dig(d, "figures", "lastHours", "reason"), "404 Not Found")
}

// Whoever may not write may copy, and is told why; what Prometheus has stays unseen.
func TestADraftIsForCopyingWhereNobodyMayWrite(t *testing.T) {
	_, o := writer(t, "Editor")
	for _, of := range []struct {
		user httpapi.User
		said string
	}{{httpapi.User{}, "Sign in to change documents"}, {httpapi.User{Login: "v", Role: "Viewer"}, "the role Editor or Admin"}} {
		o.User = func(context.Context) httpapi.User { return of.user }
		handler := httpapi.New(*o)
		d := drafted(t, handler, ofPanel+"}")
		assert.Equal(t, []any{false, nil}, []any{d["writable"], d["figures"]})
		assert.Contains(t, d["reason"], of.said)
		assert.Contains(t, d["text"], `http_requests_total{job="api",code=~"5.."}`)
		assert.Equal(t, http.StatusForbidden, send(handler, "GET", "/offers?of=counter", "").Code)
		assert.Equal(t, http.StatusOK, send(handler, "GET", "/offers?of=team", "").Code)
	}
	o.User = func(context.Context) httpapi.User { return httpapi.User{Login: "anna", Role: "Editor"} }
	linked := filepath.Join(t.TempDir(), "slas")
	require.NoError(t, os.Symlink(o.Folder.Dir, linked))
	o.Folder.Root, o.Folder.Dir = filepath.Dir(linked), linked // leads out of the operator's root
	d := drafted(t, httpapi.New(*o), ofPanel+"}")
	assert.Equal(t, false, d["writable"])
	assert.NotEmpty(t, d["reason"])
	assert.Equal(t, http.StatusBadRequest, send(httpapi.New(*o), "POST", "/draft", `{"frm": {}}`).Code)
}

func TestOffersAreWhatTheSearchFinds(t *testing.T) {
	handler, _ := measured(t)
	for query, want := range map[string][]string{
		"of=team":                    {"checkout", "payments"},
		"of=team&search=PAY+me":      {"payments"},
		"of=service":                 {"payments-api"},
		"of=agreement&search=unap":   {"unapproved"},
		"of=slo&search=avail":        {"api-availability"},
		"of=calendar":                {},
		"of=counter&search=REQ+http": {"http_requests_total"},
		"of=counter&search=" + url.QueryEscape("re.*s"): {},
		"of=histogram":                                             {},
		"of=label&metric=http_requests_total":                      {"code", "job"},
		"of=value&metric=http_requests_total&label=code":           {"200", "500"},
		"of=value&metric=http_requests_total&label=code&search=50": {"500"},
		"of=value&metric=absent_total&label=code":                  {},
	} {
		answer := send(handler, "GET", "/offers?"+query, "")
		require.Equal(t, http.StatusOK, answer.Code, "%s: %s", query, answer.Body)
		got := []string{}
		value := decoded(t, answer)
		for _, offer := range value["offers"].([]any) {
			got = append(got, dig(offer, "value").(string))
		}
		assert.Equal(t, want, got, query)
		if len(want) > 0 && want[0] == "code" {
			assert.Equal(t, []any{map[string]any{"label": "code", "op": "=~", "value": "5.."}}, value["suggested"])
		}
	}
	for query, said := range map[string]string{"of=luck": "must be one of service", "of=label": "metric: is required", "of=value&metric=a": "label: is required"} {
		answer := send(handler, "GET", "/offers?"+query, "")
		assert.Equal(t, http.StatusBadRequest, answer.Code, query)
		assert.Contains(t, decoded(t, answer)["error"], said)
	}
}
