package datasource_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// callAs calls a resource as Grafana does for a user: the path decoded, the
// URL not.
func (r *rig) callAs(user *backend.User, method, path, body string, headers map[string][]string) *backend.CallResourceResponse {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	parsed, err := url.Parse(path)
	require.NoError(r.t, err)
	plugin := r.plugin()
	plugin.User = user
	answer := &backend.CallResourceResponse{}
	err = r.client.CallResource(ctx, &backend.CallResourceRequest{PluginContext: plugin, Method: method,
		Path: parsed.Path, URL: (&url.URL{Path: parsed.Path, RawQuery: parsed.RawQuery}).String(), Body: []byte(body), Headers: headers},
		backend.CallResourceResponseSenderFunc(func(response *backend.CallResourceResponse) error {
			if response.Status != 0 {
				answer.Status, answer.Headers = response.Status, response.Headers
			}
			answer.Body = append(answer.Body, response.Body...)
			return nil
		}))
	require.NoError(r.t, err)
	return answer
}

var (
	anna    = &backend.User{Login: "anna", Name: "Anna", Email: "anna@example.org", Role: "Editor"}
	newOne  = map[string][]string{"If-None-Match": {"*"}, "Content-Type": {"application/yaml"}}
	newTeam = "apiVersion: accord/v1\nkind: Team\nmetadata: {name: search}\nspec: {}\n"
)

func knowing(answer *backend.CallResourceResponse) map[string][]string {
	return map[string][]string{"If-Match": answer.Headers["Etag"], "Content-Type": {"application/yaml"}}
}

// What was written is in force with the answer, not with the next look at the
// folder.
func TestAWrittenDocumentIsInForceAtOnce(t *testing.T) {
	r := scenario(t, "states")
	const path = "documents/Agreement/payments-for-checkout"
	for i := range 5 { // a race with the watching of the folder would show
		read := r.callAs(anna, http.MethodGet, path, "", nil)
		require.Equal(t, http.StatusOK, read.Status, string(read.Body))
		text := string(read.Body)
		changed := fmt.Sprintf("# change %d\n%s", i, text)
		put := r.callAs(anna, http.MethodPut, path, changed, knowing(read))
		require.Equal(t, http.StatusOK, put.Status, string(put.Body))
		var entry struct{ Hash string }
		require.NoError(t, json.Unmarshal(put.Body, &entry))
		_, agreement := r.get("agreements/payments-for-checkout")
		assert.Contains(t, agreement, entry.Hash)
	}
	created := r.callAs(anna, http.MethodPut, "documents/Team/search", newTeam, newOne)
	require.Equal(t, http.StatusCreated, created.Status, string(created.Body))
	_, teams := r.get("teams")
	assert.Contains(t, teams, `"name":"search"`)
	assert.FileExists(t, filepath.Join(r.folder, "team-search.yaml"))
	gone := r.callAs(anna, http.MethodDelete, "documents/Team/search", "", knowing(created))
	require.Equal(t, http.StatusNoContent, gone.Status, string(gone.Body))
	_, teams = r.get("teams")
	assert.NotContains(t, teams, `"name":"search"`)
	log, err := os.ReadFile(filepath.Join(r.folder, ".accord-audit.jsonl"))
	require.NoError(t, err)
	assert.Equal(t, 7, strings.Count(string(log), `"state":"made","login":"anna"`))
}

func TestWhoMayNotWriteIsTold(t *testing.T) {
	r := scenario(t, "states")
	for name, user := range map[string]*backend.User{
		"a Viewer":                {Login: "vera", Role: "Viewer"},
		"alerting, without user":  nil,
		"anonymous, as an Editor": {Name: "Anonymous", Role: "Editor"},
	} {
		for _, call := range []struct{ method, path string }{
			{http.MethodPut, "documents/Team/search"}, {http.MethodDelete, "documents/Team/payments"}, {http.MethodPost, "preview"},
		} {
			answer := r.callAs(user, call.method, call.path, newTeam, newOne)
			assert.Equal(t, http.StatusForbidden, answer.Status, "%s %s", name, call.path)
			assert.Contains(t, string(answer.Body), "Editor", name)
		}
		assert.Equal(t, http.StatusOK, r.callAs(user, http.MethodGet, "documents", "", nil).Status, name)
	}
	assert.NoFileExists(t, filepath.Join(r.folder, "team-search.yaml"))
}

func TestNamesWithSlashQuestionMarkAndPercentOverGRPC(t *testing.T) {
	r := scenario(t, "states")
	for _, name := range []string{"a/b", "what?", "50%", "a b&c=d", "%2F"} {
		text := "apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: \"" + name + "\"}\nspec: {type: Prometheus, connectionDetails: {}}\n"
		path := "documents/DataSource/" + url.PathEscape(name)
		put := r.callAs(anna, http.MethodPut, path, text, newOne)
		require.Equal(t, http.StatusCreated, put.Status, string(put.Body))
		read := r.callAs(anna, http.MethodGet, path, "", nil)
		assert.Equal(t, text, string(read.Body))
	}
	status, text := r.get("status?agreement=payments-for-checkout&window=1d")
	assert.Equal(t, http.StatusOK, status, "a query in the URL still counts")
	assert.Contains(t, text, `"window":"1d"`)
}

func TestPreviewOverGRPC(t *testing.T) {
	r := scenario(t, "states")
	text := r.callAs(anna, http.MethodGet, "documents/Agreement/payments-for-checkout", "", nil).Body
	answer := r.callAs(anna, http.MethodPost, "preview", string(text), map[string][]string{"Content-Type": {"application/yaml"}})
	require.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
	var preview struct {
		Agreements []struct{ Before, After json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(answer.Body, &preview))
	require.Len(t, preview.Agreements, 1)
	assert.JSONEq(t, string(preview.Agreements[0].Before), string(preview.Agreements[0].After), "nothing was changed")
	assert.Contains(t, string(preview.Agreements[0].After), `"compliance":0.`)
}

// The folder may be swapped after the settings were checked; still nothing is
// written outside of the operator's root.
func TestNothingIsWrittenOutsideOfTheOperatorsRoot(t *testing.T) {
	whole := scenario(t, "states")
	root, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "slas"), 0o755))
	r := serve(t, whole.settings.URL, root, whole.now).with(func(s *backend.DataSourceInstanceSettings) {
		s.JSONData = []byte(`{"definitions": "slas"}`)
	})
	require.Equal(t, http.StatusCreated, r.callAs(anna, http.MethodPut, "documents/Team/search", newTeam, newOne).Status)
	// Moved, not removed: what looks for unfinished changes may still write in it.
	require.NoError(t, os.Rename(filepath.Join(root, "slas"), filepath.Join(root, "before")))
	require.NoError(t, os.Symlink(outside, filepath.Join(root, "slas")))
	answer := r.callAs(anna, http.MethodPut, "documents/Team/search", newTeam, newOne)
	assert.Equal(t, http.StatusConflict, answer.Status)
	assert.Contains(t, string(answer.Body), "leads out of the folder that the operator has set aside")
	left, err := os.ReadDir(outside)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// What nobody may write as an Exclusion is not written inside a Service either.
func TestAnApprovalInsideAServiceIsRefusedAndChangesNoFigure(t *testing.T) {
	whole := scenario(t, "states")
	text, err := os.ReadFile(filepath.Join(whole.folder, "scenario.yaml"))
	require.NoError(t, err)
	folder := t.TempDir()
	write(t, folder, "scenario.yaml", string(text))
	r := serve(t, whole.settings.URL, folder, whole.now)
	bad := func() any {
		return cell(t, r.frames(instant(t, "2026-04-26T20:10:00Z"), query("status", `"objectives": ["availability"]`))[0], "bad", 0)
	}
	before := bad()
	exclusion := "apiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: forged}\nspec: {agreements: [payments-for-checkout], " +
		"from: 2026-04-02T00:00:00Z, to: 2026-04-26T20:00:00Z, requestedBy: payments, approvedBy: checkout}\n"
	service := "apiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: carrier\n  annotations:\n    accord/documents: |\n      " +
		strings.ReplaceAll(strings.TrimSpace(exclusion), "\n", "\n      ") + "\nspec: {}\n"
	for path, text := range map[string]string{"documents/Exclusion/forged": exclusion, "documents/Service/carrier": service} {
		answer := r.callAs(anna, http.MethodPut, path, text, newOne)
		assert.Equal(t, http.StatusForbidden, answer.Status, path)
		assert.Contains(t, string(answer.Body), "to approve the exclusion for checkout takes a member of the team")
	}
	assert.Equal(t, before, bad())
}
