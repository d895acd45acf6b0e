package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// grafana is the data source's own handler where Grafana has it, behind the
// answers that Grafana gives itself. Tokens: good, and blind, which may not
// query.
func (c company) grafana(t *testing.T) *httptest.Server {
	t.Helper()
	now := func() time.Time { parsed, _ := time.Parse(time.RFC3339, at); return parsed }
	read, err := catalog.Load(t.Context(), c.definitions, catalog.Options{})
	require.NoError(t, err)
	client, err := prometheus.New(c.url, nil, prometheus.Options{Probes: counting.Probes()})
	require.NoError(t, err)
	api := httpapi.New(httpapi.Options{
		Catalog: func(context.Context) (*catalog.Catalog, error) { return read, nil }, Stale: func() error { return nil },
		Engine: measure.New(client, counting.Options{Now: now}), Client: client, Now: now,
		Folder: &editing.Folder{Dir: c.definitions, Now: now, Live: catalog.NewLive(c.definitions, catalog.Options{}, nil)}, Changed: func(context.Context) {},
	})
	const data = "/sub/api/datasources/uid/"
	say := func(w http.ResponseWriter, status int, body string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
	mux := http.NewServeMux()
	mux.Handle(data+"accord/resources/", http.StripPrefix(data+"accord/resources", api))
	mux.HandleFunc(data+"prometheus/resources/", func(w http.ResponseWriter, _ *http.Request) { say(w, 200, `{"status": "success", "data": {}}`) })
	mux.HandleFunc(data+"page/resources/", func(w http.ResponseWriter, _ *http.Request) { say(w, 200, `<!doctype html>`) })
	mux.HandleFunc(data+"down/resources/", func(w http.ResponseWriter, _ *http.Request) {
		say(w, 500, `{"message": "plugin unavailable", "error": ""}`)
	})
	mux.HandleFunc(data, func(w http.ResponseWriter, _ *http.Request) {
		say(w, 500, `{"message": "Unable to load datasource meta data", "traceID": ""}`) // as 12.3 does
	})
	mux.HandleFunc(data+"loki/resources/", http.NotFound)
	mux.HandleFunc("/login/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/sub/login", http.StatusFound) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Authorization") {
		case "Bearer good":
			mux.ServeHTTP(w, r)
		case "Bearer blind":
			say(w, 403, `{"message": "You'll need additional permissions to perform this action. Permissions needed: datasources:query"}`)
		default:
			say(w, 401, `{"message": "Invalid API key"}`)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// overGrafana runs a command that asks a data source there.
func overGrafana(t *testing.T, server *httptest.Server, uid, token string, args ...string) answer {
	t.Helper()
	t.Setenv("ACCORD_GRAFANA_TOKEN", token)
	address := server.URL + "/sub"
	if uid == "login" {
		address = server.URL + "/login"
	}
	got := run(t.Context(), append(args, "--grafana", address, "--datasource", uid)...)
	return answer{strings.ReplaceAll(got.out, server.URL, "http://grafana"), strings.ReplaceAll(got.err, server.URL, "http://grafana"), got.code}
}

// What a report says is the same whoever measures it.
func TestAReportOverGrafanaIsThatOfPrometheus(t *testing.T) {
	c := startCompany(t)
	server := c.grafana(t)
	for _, args := range [][]string{
		{"report"}, {"report", "-o", "csv"}, {"report", "-o", "json"}, {"report", "-o", "html"},
		{"report", "--agreement", "payments-for-checkout", "--window", "month:-1"}, {"report", "--objective", "up"},
		{"report", "--agreement", "payments-for-search", "--agreement", "payments-for-checkout", "--agreement", "payments-for-search"},
		{"report", "--agreement", "half-written", "--objective", "elsewhere"}, {"report", "--at", "2026-05-02T08:10:00Z"}, {"report", "--at", "2026-05-02T08:10:00.5Z", "-o", "json"},
		{"gate", "--agreement", "payments-for-checkout"}, {"gate", "--agreement", "payments-for-checkout", "--objective", "up", "--min-remaining", "60%"},
		{"gate", "--agreement", "payments-for-search", "-o", "json"}, {"gate", "--agreement", "refunds-quick"}, {"gate", "--agreement", "refunds-for-checkout"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			direct, over := c.asked(t, args...), overGrafana(t, server, "accord", "good", args...)
			// Paths in problems are relative to the folder of whoever reads it.
			assert.Equal(t, direct.out, c.named(over.out))
			assert.Equal(t, direct.code, over.code, over.err)
			assert.Contains(t, over.err, "accord: 2 errors in the documents of the data source, which are left out")
		})
	}
}

// Of a document with an error there may be no window and no provider.
func TestADocumentWithAnErrorIsARowOverGrafanaToo(t *testing.T) {
	c := startCompany(t)
	broken := "apiVersion: accord/v1\nkind: Agreement\nmetadata: {name: broken}\nspec: {consumers: [shop], objectives: 3}\n"
	require.NoError(t, os.WriteFile(filepath.Join(c.definitions, "broken.yaml"), []byte(broken), 0o600))
	for _, format := range []string{"table", "json"} {
		direct, over := c.asked(t, "report", "-o", format), overGrafana(t, c.grafana(t), "accord", "good", "report", "-o", format)
		assert.Equal(t, direct.code, over.code, over.err)
		agreements, _, _ := strings.Cut(over.out, `"slos"`)
		assert.Contains(t, agreements, "broken")
	}
	assert.Regexp(t, "^undecided: broken: not measured: not read: broken.yaml:", c.asked(t, "gate", "--agreement", "broken").out)
}

// A day of Auckland ends 12 hours before that of UTC, and one of New York 4 hours after it.
func TestAPeriodIsThatOfTheZoneOfItsSLOOverGrafanaToo(t *testing.T) {
	c := startCompany(t)
	text, err := os.ReadFile(filepath.Join(c.definitions, "company.yaml"))
	require.NoError(t, err)
	of := func(slo, zone, unit string) string {
		calendar := fmt.Sprintf("- {duration: 1%s, calendar: {startTime: 2026-01-01 00:00:00, timeZone: %s}}", unit, zone)
		_, document, _ := strings.Cut(string(text), "metadata: {name: api-up}")
		document, _, _ = strings.Cut(document, "---")
		return "---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {name: " + slo + "}" + strings.Replace(document, "- {duration: 30d, isRolling: true}", calendar, 1)
	}
	more := of("auckland", "Pacific/Auckland", "d") + of("york", "America/New_York", "d") + of("berlin", "Europe/Berlin", "M")
	require.NoError(t, os.WriteFile(filepath.Join(c.definitions, "zones.yaml"), []byte(more), 0o600))
	for _, window := range []string{"day:-1", "month:-1"} {
		args := []string{"report", "--agreement", "auckland", "--agreement", "berlin", "--agreement", "york", "--window", window}
		assert.Equal(t, c.asked(t, args...).out, c.named(overGrafana(t, c.grafana(t), "accord", "good", args...).out))
	}
}

func TestAFolderWithoutAgreementsFailsOverGrafanaToo(t *testing.T) {
	c := startCompany(t)
	require.NoError(t, os.WriteFile(filepath.Join(c.definitions, "company.yaml"), []byte(aTeam), 0o600))
	direct, over := c.asked(t, "report"), overGrafana(t, c.grafana(t), "accord", "good", "report")
	assert.Equal(t, 1, direct.code)
	assert.Equal(t, direct.code, over.code)
	assert.Contains(t, over.err, "no agreements or SLOs in the documents of the data source")
}

// behind is the company behind a proxy that refuses requests by their query and body.
func (c company) behind(t *testing.T, refuses func(text string) bool) company {
	t.Helper()
	address, err := url.Parse(c.url)
	require.NoError(t, err)
	company := httputil.NewSingleHostReverseProxy(address)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if refuses(r.URL.RawQuery + string(body)) {
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		company.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// Pages show what was known last; a pipeline must not take it for what is.
func TestWhatCouldNotBeMeasuredFailsOverGrafanaToo(t *testing.T) {
	var down atomic.Bool
	c := startCompany(t).behind(t, func(string) bool { return down.Load() })
	inGrafana := c.grafana(t)
	report := []string{"report", "--agreement", "payments-for-checkout", "--objective", "in-the-month", "--at"}
	got := overGrafana(t, inGrafana, "accord", "good", append(report, at)...)
	assert.NotContains(t, got.err, "could not be measured")
	down.Store(true)
	got = overGrafana(t, inGrafana, "accord", "good", append(report, "2026-05-04T12:30:00Z")...)
	assert.Contains(t, got.err, "1 objective could not be measured")
	assert.Equal(t, 1, got.code)
}

func TestTheTokenIsFoundUnderBothNames(t *testing.T) {
	c := startCompany(t)
	server := c.grafana(t)
	t.Setenv("GRAFANA_TOKEN", "good")
	got := overGrafana(t, server, "accord", "", "gate", "--agreement", "payments-for-checkout", "--objective", "up", "--allow-problems")
	assert.Zero(t, got.code, got.err)
	got = overGrafana(t, server, "accord", "other", "gate", "--agreement", "payments-for-checkout", "--objective", "up")
	assert.Equal(t, 1, got.code, "the own name goes before the general one")
}

func TestWhyGrafanaDoesNotAnswer(t *testing.T) {
	c := startCompany(t)
	server := c.grafana(t)
	for _, of := range []struct{ uid, token, args, said string }{
		{"accord", "stale", "report", "accord: the Grafana at http://grafana/sub does not know the token (401 Unauthorized): it is that of a service account, not expired, of this Grafana and organization"},
		{"accord", "blind", "report", "accord: the token may not query the data source accord (403 Forbidden): its service account needs the role Viewer"},
		{"acord", "good", "gate --agreement a", `accord: the Grafana at http://grafana/sub has no data source with the UID "acord" (500 Internal Server Error: Unable to load datasource meta data)`},
		{"accord", "good", "gate --agreement nobody", `accord: there is no agreement "nobody"`},
		{"accord", "good", "report --agreement nobody", `accord: there is no agreement "nobody"`},
		{"accord", "good", "report --window 10y", "--window: a rolling window must be between"},
		{"prometheus", "good", "report", "accord: the answer of Grafana at http://grafana/sub is not that of this plugin: is prometheus the UID of an Accord data source?"},
		{"prometheus", "good", "gate --agreement a", "is prometheus the UID of an Accord data source?"},
		{"page", "good", "report", "accord: the answer of Grafana at http://grafana/sub is not that of this plugin: is page the UID"},
		{"loki", "good", "report", "accord: the Grafana at http://grafana/sub answered 404 Not Found: is that the address of a Grafana, with its path if it has one, and loki the UID of an Accord data source?"},
		{"down", "good", "report", "accord: the Grafana at http://grafana/sub answered 500 Internal Server Error: plugin unavailable"},
		{"login", "good", "report", "accord: the Grafana at http://grafana/login redirects to /sub/login"},
	} {
		got := overGrafana(t, server, of.uid, of.token, strings.Fields(of.args)...)
		assert.Contains(t, []int{1, 2}, got.code, "never a go: %s", of.args)
		assert.Contains(t, got.err, of.said)
		assert.Empty(t, got.out)
		assert.NotContains(t, got.err, of.token+`"`, "no token in a message")
	}
	for _, args := range []string{"gate --agreement nobody", "gate --agreement payments-for-checkout --objective none", "report --agreement nobody", "report --at 2019-01-01"} {
		over, direct := overGrafana(t, server, "accord", "good", strings.Fields(args)...), c.asked(t, strings.Fields(args)...)
		assert.Equal(t, 2, direct.code, args)
		assert.Equal(t, direct.code, over.code, "a pipeline that goes on when nobody answers does not when the agreement is gone: %s", args)
	}
	server.Close()
	got := overGrafana(t, server, "accord", "good", "gate", "--agreement", "a")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "accord: the Grafana at http://grafana/sub could not be asked: dial tcp")
	secrets := strings.Replace(server.URL, "://", "://user:secret@", 1) + "/?auth_token=secret#secret"
	got = run(t.Context(), "gate", "--agreement", "a", "--grafana", secrets, "--datasource", "accord")
	assert.Contains(t, got.err, "accord: the Grafana at "+server.URL+"/ could not be asked: dial tcp", "no secret in a log")
}
