package httpapi_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/internal/proxy"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// frozen is the handler as somebody with the role sees it, in front of the
// traffic of its scenario, of which one whole day is over.
func frozen(t *testing.T, role string) (http.Handler, *httpapi.Options) {
	t.Helper()
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), "exclusions.yaml"))
	require.NoError(t, err)
	stored := t.TempDir()
	require.NoError(t, s.WriteBlocks(stored))
	_, o := writer(t, role)
	url := conformance.StartEmbedded(t, stored)
	_, measured := api(t, url)
	o.Engine, o.Client = measured.Engine, measured.Client
	return httpapi.New(*o), o
}

// over is a day of the scenario that is over.
const over = "2026-11-07"

func TestAStatementIsFrozenListedReadAndVerified(t *testing.T) {
	handler, o := frozen(t, "Editor")
	document := decoded(t, ask(handler, "GET", "/openapi.json", ""))
	list := decoded(t, ask(handler, "GET", "/statements?period="+over, ""))
	check(t, "list", document, schema("StatementList"), list)
	assert.Empty(t, list["statements"])

	answer := send(handler, "POST", "/statements", `{"agreement":"approved","period":"`+over+`"}`)
	require.Equal(t, http.StatusCreated, answer.Code, answer.Body)
	entry := decoded(t, answer)
	check(t, "entry", document, schema("StatementEntry"), entry)
	assert.Equal(t, "statements/"+over+"/approved.json", entry["file"])
	assert.Equal(t, "anna", entry["frozenBy"])

	again := send(handler, "POST", "/statements", `{"agreement":"approved","period":"`+over+`"}`)
	assert.Equal(t, http.StatusConflict, again.Code)
	assert.Contains(t, decoded(t, again)["error"], "was frozen on")
	same := send(handler, "POST", "/statements", `{"agreement":"approved","period":"`+over+`","restate":true,"reason":"Late samples"}`)
	assert.Equal(t, http.StatusConflict, same.Code)
	assert.Contains(t, decoded(t, same)["error"], "nothing to restate")

	list = decoded(t, ask(handler, "GET", "/statements", ""))
	require.Len(t, list["statements"], 1)
	assert.Equal(t, entry, list["statements"].([]any)[0])
	check(t, "list", document, schema("StatementList"), list)

	path := "/statements/" + over + "/approved"
	whole := ask(handler, "GET", path, "")
	check(t, "statement", document, schema("Statement"), decoded(t, whole))
	kept, err := os.ReadFile(filepath.Join(o.Folder.Dir, "statements", over, "approved.json"))
	require.NoError(t, err)
	assert.Equal(t, string(kept), whole.Body.String())
	for format, begins := range map[string]string{"html": "<!doctype html>", "csv": "agreement,period,", "markdown": "# "} {
		answer := ask(handler, "GET", path+"?format="+format, "")
		require.Equal(t, http.StatusOK, answer.Code)
		assert.True(t, strings.HasPrefix(answer.Body.String(), begins), format)
		assert.Contains(t, answer.Header().Get("Content-Security-Policy"), "default-src 'none'")
	}
	verified := decoded(t, ask(handler, "GET", path+"/verify", ""))
	check(t, "verification", document, schema("Verification"), verified)
	assert.Equal(t, true, verified["verified"], verified)
	assert.Equal(t, "engine", verified["basis"])
	assert.Equal(t, "Verified, with every slot counted anew.", verified["verdict"])

	file := filepath.Join(o.Folder.Dir, "statements", over, "approved.json")
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(kept), `"by":"anna"`, `"by":"ben"`)), 0o600))
	assert.Equal(t, http.StatusOK, ask(handler, "GET", path+"?format=html", "").Code, "that is not sealed")
	changed := strings.ReplaceAll(string(kept), `"state":"met"`, `"state":"breached"`)
	require.NotEqual(t, string(kept), changed)
	require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
	for _, format := range []string{"html", "csv", "markdown"} {
		answer := ask(handler, "GET", path+"?format="+format, "")
		assert.Equal(t, http.StatusInternalServerError, answer.Code)
		assert.Contains(t, decoded(t, answer)["error"], "statements/"+over+"/approved.json was changed after it was frozen")
	}
	assert.Equal(t, changed, ask(handler, "GET", path, "").Body.String(), "to be looked at")
	assert.Equal(t, "digest", dig(decoded(t, ask(handler, "GET", path+"/verify", "")), "differences", 0, "kind"))
}

// Whoever reads may ask for it, and Prometheus has to count all of the period.
func TestAVerificationIsMadeOnceForAllWhoAsk(t *testing.T) {
	_, o := frozen(t, "Editor")
	read, err := o.Catalog(t.Context())
	require.NoError(t, err)
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return read, nil }
	var asked atomic.Int64
	counter := proxy.New(t, o.Client.Server(), func(http.ResponseWriter, *http.Request, []byte) bool {
		asked.Add(1)
		return false
	})
	_, counted := api(t, counter.URL)
	o.Engine, o.Client = counted.Engine, counted.Client
	handler := httpapi.New(*o)
	require.Equal(t, http.StatusCreated, send(handler, "POST", "/statements", `{"agreement":"approved","period":"`+over+`"}`).Code)
	var waiting sync.WaitGroup
	before := asked.Load()
	verify := func() int64 {
		answer := ask(handler, "GET", "/statements/"+over+"/approved/verify", "")
		assert.Equal(t, true, decoded(t, answer)["verified"])
		return asked.Load() - before
	}
	once := verify()
	require.Positive(t, once)
	for range 5 {
		waiting.Go(func() { assert.Equal(t, once, verify()) })
	}
	waiting.Wait()
}

// An agreement with errors is not read, and never gone; also where its parties are among
// what cannot be read.
func TestAnAgreementWithErrorsIsToldAsNotRead(t *testing.T) {
	for was, is := range map[string]string{
		"consumers: [checkout]":                        "consumers: [checkuot]",
		"provider: payments\n  consumers: [checkout]":  "provider: []\n  consumers: [checkout]",
		"effective: {from: 2026-01-01}\n  objectives:": "efective: {from: 2026-01-01}\n  objectives:",
	} {
		handler, o := frozen(t, "Editor")
		answer := send(handler, "POST", "/statements", `{"agreement":"approved","period":"`+over+`"}`)
		require.Equal(t, http.StatusCreated, answer.Code, answer.Body)
		file := filepath.Join(o.Folder.Dir, "slas.yaml")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		before, after, _ := strings.Cut(string(text), "metadata: {name: approved}")
		unapproved := strings.Index(after, "metadata: {name: unapproved}")
		require.Contains(t, after[:unapproved], was)
		require.Contains(t, after[unapproved:], was)
		broken := strings.Replace(after[:unapproved], was, is, 1) + strings.Replace(after[unapproved:], was, is, 1)
		require.NoError(t, os.WriteFile(file, []byte(before+"metadata: {name: approved}"+broken), 0o600))

		verified := decoded(t, ask(handler, "GET", "/statements/"+over+"/approved/verify", ""))
		require.Len(t, verified["differences"], 1, verified)
		assert.Equal(t, "error", dig(verified, "differences", 0, "kind"))
		assert.Regexp(t, `^approved is not read: slas.yaml:\d+:\d+: .*; so what was promised could not be compared$`, dig(verified, "differences", 0, "text"))

		answer = send(handler, "POST", "/statements", `{"agreement":"unapproved","period":"`+over+`"}`)
		assert.Equal(t, http.StatusConflict, answer.Code)
		assert.Regexp(t, `^unapproved is not read: slas.yaml:\d+:\d+: `, decoded(t, answer)["error"])
		all := decoded(t, send(handler, "POST", "/statements", `{"period":"`+over+`"}`))
		assert.Equal(t, 3.0, all["frozen"])
		require.Len(t, all["refused"], 1, "what is frozen already is not asked for")
		assert.Equal(t, "unapproved", dig(all, "refused", 0, "agreement", "name"))
		assert.Contains(t, dig(all, "refused", 0, "error"), "Unapproved is not read: slas.yaml:")
	}
}

// What is frozen is what the folder says, though the catalog in force is older: a
// statement is never overwritten.
func TestFreezingReadsTheFolderAgain(t *testing.T) {
	_, o := frozen(t, "Editor")
	older, err := o.Catalog(t.Context())
	require.NoError(t, err)
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return older, nil }
	handler := httpapi.New(*o)
	file := filepath.Join(o.Folder.Dir, "slas.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	changed := strings.ReplaceAll(string(text), "slo: api-availability}", "slo: api-availability, target: 0.5}")
	require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
	for _, body := range []string{`{"agreement":"approved","period":"` + over + `"}`, `{"period":"` + over + `"}`} {
		answer := send(handler, "POST", "/statements", body)
		require.Less(t, answer.Code, 300, answer.Body)
	}
	list := decoded(t, ask(handler, "GET", "/statements", ""))["statements"].([]any)
	require.Len(t, list, 5)
	for _, entry := range list {
		assert.Equal(t, 0.5, dig(entry, "objectives", 0, "target"))
	}

	require.NoError(t, os.Rename(o.Folder.Dir+"/statements", t.TempDir()+"/statements"))
	require.NoError(t, os.Remove(file))
	answer := send(handler, "POST", "/statements", `{"agreement":"approved","period":"`+over+`"}`)
	assert.Equal(t, http.StatusNotFound, answer.Code, "the document is gone")
}

func schema(name string) map[string]any {
	return map[string]any{"$ref": "#/components/schemas/" + name}
}

func TestFreezingIsRefusedWithWords(t *testing.T) {
	handler, _ := frozen(t, "Editor")
	for _, of := range []struct {
		method, path, body string
		status             int
		said               string
	}{
		{"GET", "/statements?period=october", "", 400, "must be a month such as 2026-10"},
		{"GET", "/statements/2026-10/approved", "", 404, "has been frozen"},
		{"GET", "/statements/october/approved", "", 404, "must be a month"},
		{"GET", "/statements/2026-10/..%2f..%2fapproved", "", 404, "has been frozen"},
		{"GET", "/statements/2026-10/approved?number=x", "", 400, "number \"x\""},
		{"POST", "/statements", `{`, 400, "the body must be JSON"},
		{"POST", "/statements", `{"agreement":"approved","period":"2026-10","force":true}`, 400, "unknown field"},
		{"POST", "/statements", `{"agreement":"approved","period":"soon"}`, 400, "must be a month"},
		{"POST", "/statements", `{"period":"2026-10","restate":true}`, 400, "agreement: name the one"},
		{"POST", "/statements", `{"agreement":"approved","period":"` + over + `","restate":true}`, 400, "reason: say why it is restated: the statement tells it to both parties"},
		{"POST", "/statements", `{"agreement":"approved","period":"` + over + `","restate":true,"reason":" \n"}`, 400, "reason: say why it is restated"},
		{"POST", "/statements", `{"agreement":"approved","period":"` + over + `","reason":"Late samples"}`, 400, "reason: goes with a restatement"},
		{"POST", "/statements", `{"period":"` + over + `","reason":"Late samples"}`, 400, "agreement: name the one"},
		{"POST", "/statements", `{"agreement":"approved","period":"` + over + `","restate":true,"reason":"` + strings.Repeat("a", 2001) + `"}`, 400, "reason: has 2001 bytes; the limit is 2000"},
		{"GET", "/pages/statements?by=day", "", 400, "must be one of week, month"},
		{"GET", "/pages/statements?period=" + over, "", 400, "the statement of a day is at statements/"},
		{"GET", "/pages/statements?period=2027-03", "", 400, "has not begun yet"},
		{"GET", "/pages/statements?format=pdf", "", 400, "must be one of html, csv, markdown"},
		{"POST", "/statements", `{"agreement":"aproved","period":"2026-10"}`, 404, "did you mean approved?"},
		{"POST", "/statements", `{"agreement":"approved","period":"2026-12"}`, 422, "is not closed"},
		{"POST", "/statements", `{"agreement":"` + strings.Repeat("a", 20_000) + `"}`, 413, "longer than"},
	} {
		answer := send(handler, of.method, of.path, of.body)
		assert.Equal(t, of.status, answer.Code, "%s %s: %s", of.path, of.body, answer.Body)
		assert.Contains(t, decoded(t, answer)["error"], of.said, of.path)
	}
	viewer, _ := frozen(t, "Viewer")
	answer := send(viewer, "POST", "/statements", `{"agreement":"approved","period":"`+over+`"}`)
	assert.Equal(t, http.StatusForbidden, answer.Code)
	period := decoded(t, ask(viewer, "GET", "/pages/statements", ""))
	assert.Equal(t, false, period["mayFreeze"])
	assert.Contains(t, period["reason"], "that takes the role Editor or Admin")
}

// Days, weeks and months of one agreement: the one that began last comes first.
func TestStatementsComeTheNewestFirst(t *testing.T) {
	handler, _ := frozen(t, "Editor")
	newest := []string{over, "2026-11-06", "2026-W44", "2026-10"}
	for _, period := range newest {
		answer := send(handler, "POST", "/statements", `{"agreement":"approved","period":"`+period+`"}`)
		require.Equal(t, http.StatusCreated, answer.Code, answer.Body)
	}
	periods := func(all []statement.Entry) []string {
		return wire.Each(all, func(one statement.Entry) string { return one.Period })
	}
	assert.Equal(t, newest, periods(answered[httpapi.StatementList](t, handler, "/statements").Statements))
	assert.Equal(t, newest, periods(answered[httpapi.AgreementHistoryTab](t, handler, "/pages/agreement/history/approved").Statements))
}
