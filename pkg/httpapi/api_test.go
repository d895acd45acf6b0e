package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// api is the handler over a scenario's documents, in front of a server that
// answers nothing unless url says another.
func api(t *testing.T, url string) (http.Handler, *httpapi.Options) {
	t.Helper()
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), "exclusions.yaml"))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slas.yaml"), []byte(s.Documents), 0o600))
	read, err := catalog.Load(context.Background(), dir, catalog.Options{})
	require.NoError(t, err)
	if url == "" {
		silent := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(silent.Close)
		url = silent.URL
	}
	client, err := prometheus.New(url, nil, prometheus.Options{Probes: counting.Probes()})
	require.NoError(t, err)
	now := func() time.Time { return s.End }
	o := httpapi.Options{
		Catalog: func(context.Context) (*catalog.Catalog, error) { return read, nil }, Stale: func() error { return nil },
		Engine: measure.New(client, counting.Options{Now: now}), Client: client, Now: now,
		Folder: &editing.Folder{Dir: dir, Now: now, Live: catalog.NewLive(dir, catalog.Options{}, nil)}, Changed: func(context.Context) {},
	}
	return httpapi.New(o), &o
}

func ask(handler http.Handler, method, path, body string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
	return recorder
}

func decoded(t *testing.T, recorder *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	require.Equal(t, "application/json", recorder.Header().Get("Content-Type"))
	var value map[string]any
	require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &value), recorder.Body.String())
	return value
}

func TestAgreementTellsItsWholeText(t *testing.T) {
	handler, o := api(t, "")
	read, err := o.Catalog(context.Background())
	require.NoError(t, err)
	for _, a := range read.Agreements {
		answer := ask(handler, http.MethodGet, "/agreements/"+a.Name, "")
		require.Equal(t, http.StatusOK, answer.Code)
		value := decoded(t, answer)
		assert.Equal(t, a.Name, value["name"])
		assert.Equal(t, a.Provider, value["provider"])
		assert.Len(t, value["objectives"], len(a.Objectives))
		for _, o := range value["objectives"].([]any) {
			assert.Contains(t, o, "indicator")
		}
		require.Len(t, value["exclusions"], len(a.Exclusions))
		for i, x := range a.Exclusions {
			assert.Equal(t, x.HasEffectIn(a), value["exclusions"].([]any)[i].(map[string]any)["hasEffect"])
		}
	}
}

func TestRefusals(t *testing.T) {
	handler, _ := api(t, "")
	for _, of := range []struct {
		method, path string
		status       int
		said         string
	}{
		{"GET", "/agreements/aproved", 404, `did you mean approved?`},
		{"GET", "/nothing", 404, "see openapi.json"},
		{"GET", "/", 404, "see openapi.json"},
		{"DELETE", "/catalog", 405, "takes GET, HEAD"},
		{"GET", "/validate", 405, "takes POST"},
		{"GET", "/status?at=yesterday", 400, `at "yesterday": must be an instant`},
		{"GET", "/status?window=10y", 400, "a rolling window must be between"},
		{"GET", "/status?agreement=nobody", 404, `there is no agreement "nobody"`},
		{"GET", "/status", 502, "404 Not Found"},
	} {
		answer := ask(handler, of.method, of.path, "")
		assert.Equal(t, of.status, answer.Code, of.path)
		assert.Contains(t, decoded(t, answer)["error"], of.said, of.path)
	}
}

// Whether an agreement is there is not known while a file cannot be read; that it is
// gone would be wrong of all that were in it.
func TestWhatAFileThatCannotBeReadMayHoldIsNotGone(t *testing.T) {
	_, o := api(t, "")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "payments.yaml"), []byte("kind: Agreement\n\tmetadata: {}\n"), 0o600))
	read, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return read, nil }
	handler := httpapi.New(*o)
	for path, status := range map[string]int{
		"/agreements/payments": 409, "/alertcheck?agreement=payments": 409, "/gate?agreement=payments": 200, "/gate?agreement=payments&objective=availability": 200,
		"/pages/agreement/status/payments": 200, "/pages/agreement/contract/payments": 200,
	} {
		answer := ask(handler, "GET", path, "")
		assert.Equal(t, status, answer.Code, path)
		assert.Contains(t, strings.ToLower(answer.Body.String()), "not read, if it is in payments.yaml, which cannot be read", path)
	}
	gate := decoded(t, ask(handler, "GET", "/gate?agreement=payments", ""))
	assert.Equal(t, "failed", gate["decision"], "no release goes by what nobody can read")
	assert.Equal(t, "not measured: not read, if it is in payments.yaml, which cannot be read", gate["reason"])
	for _, o := range gate["objectives"].([]any) {
		assert.Nil(t, o.(map[string]any)["remaining"])
	}
}

func TestWithoutACatalogThereIsAReason(t *testing.T) {
	_, o := api(t, "")
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return nil, errors.New("the folder is gone") }
	handler := httpapi.New(*o)
	for _, path := range []string{"/catalog", "/agreements", "/agreements/a", "/status", "/teams"} {
		answer := ask(handler, http.MethodGet, path, "")
		assert.Equal(t, http.StatusServiceUnavailable, answer.Code, path)
		assert.Equal(t, "the folder is gone", decoded(t, answer)["error"], path)
	}
	health := decoded(t, ask(handler, http.MethodGet, "/health", ""))
	assert.Equal(t, "the folder is gone", health["documents"].(map[string]any)["error"])
	assert.Contains(t, health["connection"].(map[string]any)["error"], "404 Not Found")
}

func TestValidate(t *testing.T) {
	handler, _ := api(t, "")
	for _, of := range []struct {
		name, text string
		valid      bool
		said       string
	}{
		{"good", "apiVersion: accord/v1\nkind: Team\nmetadata: {name: payments}\nspec: {}\n", true, ""},
		{"typo", "apiVersion: accord/v1\nkind: Team\nmetadata: {name: payments}\nspec: {memebers: [anna]}\n", false, "members"},
		{"a reference to what there is not", "apiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: a}\nspec:\n  reason: r\n" +
			"  agreements: [approvd]\n  from: 2026-11-08T02:00:00Z\n  to: 2026-11-08T04:00:00Z\n", false,
			`"field":"spec.agreements[0]","file":"document.yaml","kind":"Exclusion","line":6,"message":"no Agreement is named \"approvd\" (did you mean approved?)"`},
		{"a reference to what there is", "apiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: a}\nspec:\n  reason: r\n" +
			"  agreements: [approved]\n  from: 2026-11-08T02:00:00Z\n  to: 2026-11-08T04:00:00Z\n", true, "has no effect until it is approved"},
		{"a reference within", "apiVersion: accord/v1\nkind: Team\nmetadata: {name: new}\n---\napiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: a}\nspec:\n  reason: r\n" +
			"  agreements: [approved]\n  requestedBy: new\n  from: 2026-11-08T02:00:00Z\n  to: 2026-11-08T04:00:00Z\n", true, ""},
		{"no YAML", "{", false, "document.yaml"},
	} {
		value := decoded(t, ask(handler, http.MethodPost, "/validate", of.text))
		assert.Equal(t, of.valid, value["valid"], "%s: %v", of.name, value)
		problems, err := json.Marshal(value["problems"])
		require.NoError(t, err)
		assert.Contains(t, string(problems), of.said, of.name)
	}
	answer := ask(handler, http.MethodPost, "/validate", strings.Repeat("# too long\n", 100_000))
	assert.Equal(t, http.StatusRequestEntityTooLarge, answer.Code)
}

func TestHealthWarnsOfAWindowLongerThanTheData(t *testing.T) {
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), "states.yaml"))
	require.NoError(t, err)
	stored := t.TempDir()
	require.NoError(t, s.WriteBlocks(stored))
	_, o := api(t, conformance.StartEmbedded(t, stored))
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slas.yaml"), []byte(s.Documents), 0o600))
	read, err := catalog.Load(context.Background(), dir, catalog.Options{})
	require.NoError(t, err)
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return read, nil }
	for at, warned := range map[string]bool{"2026-04-10T00:00:00Z": true, "2026-05-05T00:00:00Z": false} {
		o.Now = func() time.Time { now, _ := time.Parse(time.RFC3339, at); return now }
		warnings := strings.Join(o.Examine(context.Background()).Warnings, "\n")
		assert.Equal(t, warned, strings.Contains(warnings, "the window of payments-for-checkout/availability is 30d long"), "%s: %s", at, warnings)
		assert.NotContains(t, warnings, "nothing was measured", at)
	}
	o.Now = func() time.Time { return s.End.Add(2 * time.Hour) }
	assert.Contains(t, strings.Join(o.Examine(context.Background()).Warnings, "\n"),
		"nothing was measured in the last hour of payments-for-checkout/availability, payments-for-checkout/")
}

// The OpenAPI document names the paths there are, and no others.
func TestOpenAPIIsComplete(t *testing.T) {
	handler, _ := api(t, "")
	document := decoded(t, ask(handler, http.MethodGet, "/openapi.json", ""))
	var documented []string
	for path, methods := range document["paths"].(map[string]any) {
		for method := range methods.(map[string]any) {
			documented = append(documented, strings.ToUpper(method)+" "+path)
			answer := ask(handler, strings.ToUpper(method), strings.NewReplacer("{kind}", "Agreement", "{name}", "approved").Replace(path), "")
			assert.NotEqual(t, 405, answer.Code, path)
			assert.NotContains(t, answer.Body.String(), "there is nothing at", path)
		}
	}
	source, err := os.ReadFile("api.go")
	require.NoError(t, err)
	var handled []string
	for _, found := range regexp.MustCompile(`handle\("([A-Z]+ [^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		handled = append(handled, strings.ReplaceAll(found[1], "...", ""))
	}
	slices.Sort(documented)
	slices.Sort(handled)
	assert.Equal(t, handled, documented)
	for _, reference := range regexp.MustCompile(`#/components/(\w+)/(\w+)`).FindAllStringSubmatch(mustJSON(t, document), -1) {
		assert.Contains(t, document["components"].(map[string]any)[reference[1]], reference[2])
	}
}

// Every field of an answer is one that the OpenAPI document has.
func TestAnswersAreAsDocumented(t *testing.T) {
	handler, _ := api(t, "")
	document := decoded(t, ask(handler, http.MethodGet, "/openapi.json", ""))
	for path, schema := range map[string]string{
		"/catalog": "Catalog", "/agreements/approved": "Agreement", "/health": "Health",
	} {
		check(t, path, document, map[string]any{"$ref": "#/components/schemas/" + schema}, decoded(t, ask(handler, http.MethodGet, path, "")))
	}
	teams := decoded(t, ask(handler, http.MethodGet, "/teams", ""))["teams"].([]any)
	require.NotEmpty(t, teams)
	check(t, "/teams", document, map[string]any{"$ref": "#/components/schemas/Team"}, teams[0])
}

// check compares the names of fields, and that the required ones are there.
func check(t *testing.T, where string, document, schema map[string]any, value any) {
	t.Helper()
	properties, required := fields(document, schema)
	switch value := value.(type) {
	case map[string]any:
		if properties == nil {
			return
		}
		for _, name := range required {
			assert.Contains(t, value, name, where)
		}
		for name, inner := range value {
			if assert.Contains(t, properties, name, where) {
				check(t, where+"."+name, document, properties[name].(map[string]any), inner)
			}
		}
	case []any:
		items, _ := schema["items"].(map[string]any)
		for _, inner := range value {
			check(t, where+"[]", document, items, inner)
		}
	}
}

func fields(document, schema map[string]any) (properties map[string]any, required []string) {
	if reference, ok := schema["$ref"].(string); ok {
		name := reference[strings.LastIndex(reference, "/")+1:]
		return fields(document, document["components"].(map[string]any)["schemas"].(map[string]any)[name].(map[string]any))
	}
	for _, name := range orNone(schema["required"]) {
		required = append(required, name.(string))
	}
	properties, _ = schema["properties"].(map[string]any)
	for _, part := range orNone(schema["allOf"]) {
		inner, more := fields(document, part.(map[string]any))
		required = append(required, more...)
		merged := map[string]any{}
		for _, from := range []map[string]any{properties, inner} {
			for name, of := range from {
				merged[name] = of
			}
		}
		properties = merged
	}
	return properties, required
}

func orNone(value any) []any {
	values, _ := value.([]any)
	return values
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// Grafana's SDK guards no resource: a panic would end the process.
func TestAPanicIsAnErrorOfTheRequest(t *testing.T) {
	_, o := api(t, "")
	o.Now = func() time.Time { panic("the clock has stopped") }
	answer := ask(httpapi.New(*o), http.MethodGet, "/status", "")
	assert.Equal(t, http.StatusInternalServerError, answer.Code)
	assert.Contains(t, decoded(t, answer)["error"], "a fault in Accord itself, please report it with the log: the clock has stopped")
}

func TestWhatAsksTooMuchIsABadRequest(t *testing.T) {
	handler, _ := api(t, "")
	for path, want := range map[string]string{
		"/status?window=year:-100":                         "window year:-100 reaches back to 1926-01-01; at most 5 years",
		"/status?window=year:-70000000":                    "at most 1830 periods back can be asked for, the days of five years",
		"/status?window=day:-99999999999999999999":         "at most 1830 periods back can be asked for",
		"/status?at=9999-12-31T23:59:59Z&window=year":      "more than 5 years ahead of now",
		"/alertcheck?at=0001-01-01T00:00:00Z":              "the instant reaches back to 0001-01-01",
		"/gate?agreement=a&at=1970-01-01T00:00:00%2B00:00": "the instant reaches back to 1970-01-01",
	} {
		answer := ask(handler, http.MethodGet, path, "")
		assert.Equal(t, http.StatusBadRequest, answer.Code, path)
		assert.Contains(t, decoded(t, answer)["error"], want, path)
	}
}

// It is left out, and yet no SLO.
func TestAnAgreementWithoutAProviderIsAnAgreementInTheReport(t *testing.T) {
	handler, dir := afterTheWeek(t)
	text := strings.Replace(promise("open", "checkout", active, easy), "provider: payments, ", "", 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "open.yaml"), []byte(strings.TrimPrefix(text, "---\n")), 0o600))
	report := decoded(t, ask(handler, http.MethodGet, "/status?agreement=open", ""))
	assert.Equal(t, "open", dig(report, "agreements", 0, "name"))
	assert.Empty(t, report["slos"])
}
