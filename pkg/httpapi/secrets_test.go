package httpapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/site"
)

const withSecrets = `
---
apiVersion: openslo/v1
kind: DataSource
metadata: {name: datadog}
spec:
  type: Datadog
  connectionDetails: {apiKey: TOP-SECRET}
---
apiVersion: accord/v1
kind: Team
metadata: {name: told}
spec:
  contacts:
    - {name: told-hook, type: webhook, target: &hook "https://hooks.example.org/TOP-SECRET"}
    - {name: told-again, type: jira, target: *hook}
    - {name: told-room, type: slack, target: "#told"}
`

// withPlanted is the handler over documents with secrets in them, asked by the
// user.
func withPlanted(t *testing.T, user httpapi.User) (http.Handler, *httpapi.Options) {
	t.Helper()
	_, o := api(t, "")
	file := filepath.Join(o.Folder.Dir, "slas.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(text, withSecrets...), 0o600))
	read, err := catalog.Load(t.Context(), o.Folder.Dir, catalog.Options{})
	require.NoError(t, err)
	require.NotNil(t, read.Teams["told"])
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return read, nil }
	o.User = func(context.Context) httpapi.User { return user }
	return httpapi.New(*o), o
}

func TestNobodyWhoMayNotWriteSeesSecrets(t *testing.T) {
	viewer, o := withPlanted(t, httpapi.User{Login: "vera", Role: "Viewer"})
	pages := site.New(*o)
	const team = "apiVersion: accord/v1\nkind: Team\nmetadata: {name: told}\nspec: {}\n"
	answers := map[string]*httptest.ResponseRecorder{
		"a change of a file with secrets":  ask(viewer, http.MethodPost, "/change/Team/told", team),
		"a validation":                     ask(viewer, http.MethodPost, "/validate", team),
		"the site":                         ask(pages, http.MethodGet, "/", ""),
		"an agreement on the site":         ask(pages, http.MethodGet, "/agreements/approved", ""),
		"a document of the site":           ask(pages, http.MethodGet, "/api/v1/documents/DataSource/datadog", ""),
		"metrics of the site":              ask(pages, http.MethodGet, "/metrics", ""),
		"a document that is not there":     ask(viewer, http.MethodGet, "/documents/DataSource/datado", ""),
		"a validation of broken documents": ask(viewer, http.MethodPost, "/validate", "apiVersion: accord/v1\nkind: Team\nmetadata: {name: told}\nspec: {contacts: 1}\n"),
	}
	for _, path := range []string{"/catalog", "/agreements", "/agreements/approved", "/status", "/teams", "/health", "/documents",
		"/documents/DataSource/datadog", "/documents/Team/told", "/editor/DataSource/datadog", "/editor/Team/told", "/pages/teams/told", "/statements", "/schema", "/openapi.json", "/alertcheck", "/promises"} {
		answers[path] = ask(viewer, http.MethodGet, path, "")
	}
	for name, answer := range answers {
		assert.NotContains(t, answer.Body.String(), "TOP-SECRET", name)
		assert.NotContains(t, answer.Body.String(), o.Folder.Dir, name+": no path of the server")
	}
	assert.Contains(t, answers["/documents/DataSource/datadog"].Body.String(), catalog.Hidden)
	assert.Contains(t, answers["/teams"].Body.String(), `{"name":"told-hook","type":"webhook","target":""}`, "kind and name are shown")
	assert.Contains(t, answers["/teams"].Body.String(), `"#told"`, "the name of a channel is no secret")
	assert.Equal(t, http.StatusForbidden, answers["a change of a file with secrets"].Code)

	editor, _ := withPlanted(t, httpapi.User{Login: "edda", Role: "Editor"})
	for _, path := range []string{"/documents/DataSource/datadog", "/documents/Team/told", "/editor/DataSource/datadog", "/editor/Team/told"} {
		assert.Contains(t, ask(editor, http.MethodGet, path, "").Body.String(), "TOP-SECRET", path+": who may write sees what they write")
	}
}

func TestWhoeverIsNotSignedInIsToldToSignIn(t *testing.T) {
	for _, role := range []string{"Viewer", "Editor", "Admin"} {
		anonymous, _ := withPlanted(t, httpapi.User{Role: role})
		for _, r := range [][2]string{{http.MethodPut, "/documents/Team/told"}, {http.MethodDelete, "/documents/Team/told"},
			{http.MethodPost, "/preview"}, {http.MethodPost, "/statements"}} {
			answer := ask(anonymous, r[0], r[1], "spec: {}")
			assert.Equal(t, http.StatusForbidden, answer.Code, r)
			assert.Contains(t, answer.Body.String(), "Sign in to change documents", r)
		}
		assert.Contains(t, ask(anonymous, http.MethodGet, "/documents", "").Body.String(), "Sign in to change documents")
	}
}

func TestABodyIsThereAndEndsWithWhatIsRead(t *testing.T) {
	editor, _ := withPlanted(t, httpapi.User{Login: "edda", Role: "Editor"})
	for _, r := range [][2]string{{http.MethodPost, "/validate"}, {http.MethodPost, "/preview"}, {http.MethodPost, "/backtest"}, {http.MethodPost, "/statements"},
		{http.MethodPost, "/change/Team/told"}, {http.MethodPut, "/documents/Team/told"}} {
		for _, body := range []string{"", " \n"} {
			answer := ask(editor, r[0], r[1], body)
			assert.Equal(t, http.StatusBadRequest, answer.Code, r)
			assert.Contains(t, answer.Body.String(), "the body is missing", r)
		}
		request := httptest.NewRequest(r[0], r[1], nil)
		request.Body = nil // as the SDK hands it on
		recorder := httptest.NewRecorder()
		editor.ServeHTTP(recorder, request)
		assert.Equal(t, http.StatusBadRequest, recorder.Code, r)
	}
	for path, body := range map[string]string{
		"/statements": `{"agreement": "approved", "period": "2026-01"}`, "/backtest": `{"agreement": "approved"}`,
	} {
		for _, behind := range []string{`{"restate": true}`, `x`, `]`, `{}`} {
			answer := ask(editor, http.MethodPost, path, body+behind)
			assert.Equal(t, http.StatusBadRequest, answer.Code, path+behind)
		}
	}
}
