package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/draft"
	"github.com/accord-sla/accord/pkg/httpapi"
)

// writer is the handler as somebody with the role sees it, whose catalog is
// always that of the folder.
func writer(t *testing.T, role string) (http.Handler, *httpapi.Options) {
	t.Helper()
	_, o := api(t, "")
	o.Catalog = func(ctx context.Context) (*catalog.Catalog, error) {
		return catalog.Load(ctx, o.Folder.Dir, catalog.Options{})
	}
	o.User = func(context.Context) httpapi.User { return httpapi.User{Login: "anna", Role: role} }
	return httpapi.New(*o), o
}

func send(handler http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

const newTeam = "apiVersion: accord/v1\nkind: Team\nmetadata: {name: new}\nspec: {}\n"

func TestADocumentIsWrittenReadAndDeleted(t *testing.T) {
	_, o := writer(t, "Editor")
	changes := 0
	o.Changed = func(context.Context) { changes++ }
	handler := httpapi.New(*o)
	put := send(handler, "PUT", "/documents/Team/new", newTeam, "If-None-Match", "*", "Content-Type", "application/yaml")
	require.Equal(t, http.StatusCreated, put.Code, put.Body)
	entry := decoded(t, put)
	assert.Equal(t, "new", entry["name"])
	assert.Equal(t, true, entry["writable"])
	hash := put.Header().Get("ETag")
	assert.Equal(t, fmt.Sprintf("%q", entry["hash"]), hash)

	read := send(handler, "GET", "/documents/Team/new", "")
	require.Equal(t, http.StatusOK, read.Code)
	assert.Equal(t, newTeam, read.Body.String())
	assert.Equal(t, hash, read.Header().Get("ETag"))
	assert.Contains(t, read.Header().Get("Content-Type"), "application/yaml")

	changed := strings.Replace(newTeam, "{}", "{members: [anna]}", 1)
	put = send(handler, "PUT", "/documents/Team/new", changed, "If-Match", hash)
	require.Equal(t, http.StatusOK, put.Code, put.Body)
	conflict := send(handler, "PUT", "/documents/Team/new", newTeam, "If-Match", hash)
	assert.Equal(t, http.StatusPreconditionFailed, conflict.Code)
	assert.Equal(t, put.Header().Get("ETag"), conflict.Header().Get("ETag"), "the hash as it is now")
	assert.Contains(t, decoded(t, conflict)["error"], "has changed since you read it")

	gone := send(handler, "DELETE", "/documents/Team/new", "", "If-Match", "W/"+put.Header().Get("ETag"))
	assert.Equal(t, http.StatusNoContent, gone.Code)
	assert.Equal(t, http.StatusNotFound, send(handler, "GET", "/documents/Team/new", "").Code)
	assert.Equal(t, 3, changes, "the catalog in force was told of each")
	log, err := os.ReadFile(filepath.Join(o.Folder.Dir, ".accord-audit.jsonl"))
	require.NoError(t, err)
	assert.Equal(t, 3, strings.Count(string(log), `"state":"made","login":"anna"`))
}

func TestWritingIsRefusedWithWords(t *testing.T) {
	handler, o := writer(t, "Admin")
	before, err := os.ReadFile(filepath.Join(o.Folder.Dir, "slas.yaml"))
	require.NoError(t, err)
	for name, of := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		said               string
	}{
		"no condition":         {"PUT", "/documents/Team/new", newTeam, nil, 428, "If-None-Match: *"},
		"no hash":              {"DELETE", "/documents/Agreement/approved", "", nil, 428, "If-Match with the hash"},
		"any hash":             {"DELETE", "/documents/Agreement/approved", "", []string{"If-Match", "*"}, 400, "give the hash"},
		"both conditions":      {"PUT", "/documents/Team/new", newTeam, []string{"If-Match", `"1"`, "If-None-Match", "*"}, 400, "send one of them"},
		"another none":         {"PUT", "/documents/Team/new", newTeam, []string{"If-None-Match", `"1"`}, 400, "only * is known"},
		"another hash":         {"DELETE", "/documents/Agreement/approved", "", []string{"If-Match", `"1"`}, 412, "has changed"},
		"nobody of that name":  {"DELETE", "/documents/Agreement/aproved", "", []string{"If-Match", `"1"`}, 404, "did you mean approved?"},
		"a kind there is not":  {"PUT", "/documents/Pod/new", strings.Replace(newTeam, "Team", "Pod", 1), []string{"If-None-Match", "*"}, 422, "kind: must be"},
		"another name":         {"PUT", "/documents/Team/other", newTeam, []string{"If-None-Match", "*"}, 422, `the text is Team "new"`},
		"a form":               {"PUT", "/documents/Team/new", newTeam, []string{"Content-Type", "application/json"}, 415, "application/yaml"},
		"too long":             {"PUT", "/documents/Team/new", strings.Repeat("# too long\n", 100_000), []string{"If-None-Match", "*"}, 413, "1048576 bytes, the limit"},
		"another method":       {"PATCH", "/documents/Team/new", "", nil, 405, "takes DELETE, GET, HEAD, PUT"},
		"a list that is read":  {"PUT", "/documents", "", nil, 405, "takes GET, HEAD, POST"},
		"several, not as JSON": {"POST", "/documents", newTeam, nil, 400, "the body must be JSON, see openapi.json"},
		"a kind without name":  {"GET", "/documents/Team/", "", nil, 404, `there is no Team ""`},
		"a preview of nothing": {"GET", "/preview", "", nil, 405, "takes POST"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := send(handler, of.method, of.path, of.body, of.headers...)
			assert.Equal(t, of.status, answer.Code)
			assert.Contains(t, decoded(t, answer)["error"], of.said)
		})
	}
	after, err := os.ReadFile(filepath.Join(o.Folder.Dir, "slas.yaml"))
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
	problems := decoded(t, send(handler, "PUT", "/documents/Team/new", strings.Replace(newTeam, "{}", "{colour: red}", 1), "If-None-Match", "*"))["problems"].([]any)
	assert.Equal(t, 4.0, problems[0].(map[string]any)["line"])
}

func TestOnlyEditorsAndAdminsProposeAndWrite(t *testing.T) {
	for _, of := range []struct {
		user    httpapi.User
		allowed bool
		said    string
	}{
		{httpapi.User{Login: "anna", Role: "Admin"}, true, ""},
		{httpapi.User{Login: "anna", Role: "Editor"}, true, ""},
		{httpapi.User{Login: "anna", Role: "Viewer"}, false, `anna has the role "Viewer"`},
		{httpapi.User{Login: "anna", Role: "None"}, false, "Editor or Admin"},
		{httpapi.User{Login: "anna"}, false, "Editor or Admin"},
		{httpapi.User{Role: "Admin"}, false, "nobody is signed in"},
		{httpapi.User{}, false, "nobody is signed in"},
	} {
		t.Run(of.user.Login+" "+of.user.Role, func(t *testing.T) {
			_, o := writer(t, "")
			o.User = func(context.Context) httpapi.User { return of.user }
			handler := httpapi.New(*o)
			for _, answer := range []*httptest.ResponseRecorder{
				send(handler, "PUT", "/documents/Team/new", newTeam, "If-None-Match", "*"),
				send(handler, "POST", "/preview", newTeam),
				send(handler, "POST", "/documents", inJSON(t, [2]string{"another", strings.Replace(newTeam, "name: new", "name: another", 1)})),
				send(handler, "DELETE", "/documents/Team/new", "", "If-Match", hashOf(t, handler, "Team", "new")),
			} {
				if of.allowed {
					assert.Less(t, answer.Code, 300, answer.Body)
					continue
				}
				assert.Equal(t, http.StatusForbidden, answer.Code)
				assert.Contains(t, decoded(t, answer)["error"], of.said)
			}
			list := decoded(t, send(handler, "GET", "/documents", ""))
			assert.Equal(t, of.allowed, list["writable"], "all may read, and are told what they may not")
			for _, entry := range list["rows"].([]any) {
				assert.Equal(t, of.allowed, entry.(map[string]any)["writable"])
			}
			assert.Equal(t, http.StatusOK, send(handler, "POST", "/validate", newTeam).Code)
			assert.Equal(t, http.StatusOK, send(handler, "GET", "/documents/Agreement/approved", "").Code)
		})
	}
	_, o := writer(t, "")
	o.User = nil // accord serve
	assert.Equal(t, http.StatusForbidden, send(httpapi.New(*o), "PUT", "/documents/Team/new", newTeam, "If-None-Match", "*").Code)
}

// inJSON is the body of POST documents with these texts of teams, by name.
func inJSON(t *testing.T, texts ...[2]string) string {
	t.Helper()
	var body httpapi.NewDocuments
	for _, text := range texts {
		body.Documents = append(body.Documents, draft.Document{ID: catalog.ID{Kind: "Team", Name: text[0]}, Text: text[1]})
	}
	written, err := json.Marshal(body)
	require.NoError(t, err)
	return string(written)
}

func TestSeveralDocumentsAreWrittenAllOrNone(t *testing.T) {
	_, o := writer(t, "Editor")
	changes := 0
	o.Changed = func(context.Context) { changes++ }
	handler := httpapi.New(*o)
	other := strings.Replace(newTeam, "name: new", "name: other", 1)
	there := [2]string{"checkout", strings.Replace(newTeam, "name: new", "name: checkout", 1)}

	conflict := send(handler, "POST", "/documents", inJSON(t, [2]string{"new", newTeam}, there))
	require.Equal(t, http.StatusPreconditionFailed, conflict.Code, conflict.Body)
	problem := decoded(t, conflict)["problems"].([]any)[0].(map[string]any)
	assert.Equal(t, []any{"Team", "checkout", "slas.yaml"}, []any{problem["kind"], problem["name"], problem["file"]})
	assert.Empty(t, conflict.Header().Get("ETag"), "of one document only")
	assert.Zero(t, changes)
	assert.NoFileExists(t, filepath.Join(o.Folder.Dir, "team-new.yaml"))

	created := send(handler, "POST", "/documents", inJSON(t, [2]string{"new", newTeam}, [2]string{"other", other}))
	require.Equal(t, http.StatusCreated, created.Code, created.Body)
	assert.Equal(t, 1, changes)
	for i, entry := range decoded(t, created)["documents"].([]any) {
		of := entry.(map[string]any)
		assert.Equal(t, []any{[]string{"new", "other"}[i], true}, []any{of["name"], of["writable"]})
		assert.Equal(t, hashOf(t, handler, "Team", of["name"].(string)), of["hash"])
	}
}

func hashOf(t *testing.T, handler http.Handler, kind, name string) string {
	t.Helper()
	for _, entry := range decoded(t, send(handler, "GET", "/documents", ""))["rows"].([]any) {
		if e := entry.(map[string]any); e["kind"] == kind && e["name"] == name {
			return e["hash"].(string)
		}
	}
	return ""
}

func TestTheHashIsTheSameEverywhere(t *testing.T) {
	handler, _ := writer(t, "Editor")
	hash := hashOf(t, handler, "Agreement", "approved")
	require.Len(t, hash, 32)
	assert.Equal(t, hash, decoded(t, send(handler, "GET", "/agreements/approved", ""))["hash"])
	assert.Equal(t, `"`+hash+`"`, send(handler, "GET", "/documents/Agreement/approved", "").Header().Get("ETag"))
}

func TestAReadOnlyFolderIsAConflict(t *testing.T) {
	handler, o := writer(t, "Editor")
	dir := o.Folder.Dir
	require.NoError(t, os.Mkdir(filepath.Join(dir, "..data"), 0o755))
	require.NoError(t, os.Rename(filepath.Join(dir, "slas.yaml"), filepath.Join(dir, "..data", "slas.yaml")))
	require.NoError(t, os.Symlink("..data/slas.yaml", filepath.Join(dir, "slas.yaml")))
	answer := send(handler, "DELETE", "/documents/Agreement/approved", "", "If-Match", hashOf(t, handler, "Agreement", "approved"))
	assert.Equal(t, http.StatusConflict, answer.Code)
	assert.Contains(t, decoded(t, answer)["error"], "ConfigMap")
	list := decoded(t, send(handler, "GET", "/documents", ""))["rows"].([]any)
	assert.Contains(t, list[0].(map[string]any)["reason"], "is a link")
}

// Names are in the path as they are encoded; Grafana hands a slash on as one.
func TestNamesOfAnyKindInPaths(t *testing.T) {
	handler, _ := writer(t, "Editor")
	for name, path := range map[string]string{
		"a/b": "/documents/DataSource/a%2Fb", "c/d": "/documents/DataSource/c/d", "50%": "/documents/DataSource/50%25",
		"what?": "/documents/DataSource/what%3F", "e f#g": "/documents/DataSource/e%20f%23g", "größe": "/documents/DataSource/gr%C3%B6%C3%9Fe",
	} {
		text := "apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: \"" + name + "\"}\nspec: {type: Prometheus, connectionDetails: {}}\n"
		put := send(handler, "PUT", path, text, "If-None-Match", "*")
		require.Equal(t, http.StatusCreated, put.Code, put.Body)
		assert.Equal(t, name, decoded(t, put)["name"])
		read := send(handler, "GET", path, "")
		require.Equal(t, http.StatusOK, read.Code, read.Body)
		assert.Equal(t, text, read.Body.String())
		assert.Equal(t, http.StatusNoContent, send(handler, "DELETE", path, "", "If-Match", read.Header().Get("ETag")).Code)
	}
}

func TestAnswersOfWritingAreAsDocumented(t *testing.T) {
	handler, _ := writer(t, "Editor")
	document := decoded(t, send(handler, "GET", "/openapi.json", ""))
	for schema, answer := range map[string]*httptest.ResponseRecorder{
		"DocumentList":  send(handler, "GET", "/documents", ""),
		"DocumentEntry": send(handler, "PUT", "/documents/Team/new", newTeam, "If-None-Match", "*"),
		"DocumentEntries": send(handler, "POST", "/documents",
			inJSON(t, [2]string{"another", strings.Replace(newTeam, "name: new", "name: another", 1)})),
		"Refusal":        send(handler, "PUT", "/documents/Team/bad", "kind: [", "If-None-Match", "*"),
		"Validation":     send(handler, "POST", "/validate", newTeam+"colour: red\n"),
		"EditedDocument": send(handler, "GET", "/editor/Team", ""),
	} {
		check(t, schema, document, map[string]any{"$ref": "#/components/schemas/" + schema}, decoded(t, answer))
	}
}

func TestAChangeForAPullRequest(t *testing.T) {
	handler, o := writer(t, "Viewer")
	read := send(handler, "GET", "/documents/Team/checkout", "").Body.String()
	file, err := os.ReadFile(filepath.Join(o.Folder.Dir, "slas.yaml"))
	require.NoError(t, err)
	changed := strings.Replace(read, "name: checkout-mail", "name: mail", 1)
	answer := send(handler, "POST", "/change/Team/checkout", changed, "Content-Type", "application/yaml")
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	got := decoded(t, answer)
	after := strings.Replace(string(file), "name: checkout-mail", "name: mail", 1)
	assert.Regexp(t, `(?s)^--- a/slas\.yaml\n\+\+\+ b/slas\.yaml\n@@ .*\n-[^\n]*name: checkout-mail.*\n\+[^\n]*name: mail`, got["patch"])
	assert.Equal(t, map[string]any{"file": "slas.yaml", "before": string(file), "after": after, "patch": got["patch"]}, got)
	document := decoded(t, send(handler, "GET", "/openapi.json", ""))
	check(t, "Change", document, map[string]any{"$ref": "#/components/schemas/Change"}, got)

	fresh := decoded(t, send(handler, "POST", "/change/Team/new", newTeam))
	assert.Contains(t, fresh["patch"], "--- /dev/null\n+++ b/team-new.yaml\n@@ -0,0 +1")
	assert.Equal(t, map[string]any{"file": "team-new.yaml", "before": nil, "after": newTeam, "patch": fresh["patch"]}, fresh)
	assert.Empty(t, decoded(t, send(handler, "POST", "/change/Team/checkout", read))["patch"], "nothing changes")
	assert.Equal(t, http.StatusUnprocessableEntity, send(handler, "POST", "/change/Team/new", "{").Code)
}
