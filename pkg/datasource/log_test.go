package datasource_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/datasource"
)

// logbook is Grafana's log, all levels.
type logbook struct {
	mu   *sync.Mutex
	text *strings.Builder
	with []any
}

func (l logbook) line(level, message string, about []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.text, append([]any{level, message}, append(l.with, about...)...)...)
}

func (l logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l logbook) Debug(message string, about ...any) { l.line("debug", message, about) }
func (l logbook) Info(message string, about ...any)  { l.line("info", message, about) }
func (l logbook) Warn(message string, about ...any)  { l.line("warn", message, about) }
func (l logbook) Error(message string, about ...any) { l.line("error", message, about) }
func (l logbook) Level() log.Level                   { return log.Debug }
func (l logbook) FromContext(ctx context.Context) log.Logger {
	return l.With(log.ContextualAttributesFromContext(ctx)...)
}
func (l logbook) With(about ...any) log.Logger {
	l.with = append(append([]any{}, l.with...), about...)
	return l
}

// logged is Grafana's log until the test ends.
func logged(t *testing.T) logbook {
	t.Helper()
	book := logbook{mu: &sync.Mutex{}, text: &strings.Builder{}}
	grafana, standard := backend.Logger, slog.Default()
	backend.Logger = book
	slog.SetDefault(slog.New(datasource.Log{}))
	t.Cleanup(func() {
		backend.Logger = grafana
		slog.SetDefault(standard)
	})
	return book
}

func TestGrafanasLogSaysWhatAnOperatorMustKnowAndNoSecret(t *testing.T) {
	book := logged(t)
	whole := scenario(t, "states")
	write(t, whole.folder, "secrets.yaml", `apiVersion: openslo/v1
kind: DataSource
metadata: {name: other}
spec: {type: Prometheus, connectionDetails: {password: secret-of-details}}
---
apiVersion: accord/v1
kind: Team
metadata: {name: on-call}
spec:
  contacts:
    - {name: calls, type: slack, target: "https://hooks.slack.com/services/secret-of-slack"}
    - {name: pages, type: webhook, target: "no-address/secret-of-webhook"}
`)
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = fmt.Fprint(w, r.Header, r.URL)
	}))
	t.Cleanup(echo.Close)
	withSecrets := func(address string) func(*backend.DataSourceInstanceSettings) {
		return func(s *backend.DataSourceInstanceSettings) {
			s.URL = strings.Replace(address, "http://", "http://reader:secret-of-address@", 1) + "?token=secret-of-parameter"
			s.BasicAuthEnabled, s.BasicAuthUser = true, "reader"
			s.JSONData = []byte(`{"httpHeaderName1": "Authorization", "httpHeaderName2": "X-Key"}`)
			s.DecryptedSecureJSONData = map[string]string{"basicAuthPassword": "secret-of-basic",
				"httpHeaderValue1": "Bearer secret-of-bearer", "httpHeaderValue2": "secret-of-header"}
		}
	}
	at := instant(t, "2026-04-20T12:05:00Z")

	good := whole.with(withSecrets(whole.settings.URL))
	require.NoError(t, good.ask(at, query("status")).Error)
	answer := good.callAs(&backend.User{Login: "vera", Role: "Viewer"}, http.MethodPut, "documents/Team/search", newTeam, newOne)
	require.Equal(t, http.StatusForbidden, answer.Status)
	good.callAs(anna, http.MethodPut, "documents/Team/search", "url: secret-of-draft: [", newOne)
	serve(t, "", whole.folder, whole.now).with(withSecrets(echo.URL)).ask(at, query("status"))
	serve(t, "", whole.folder, whole.now).with(withSecrets("http://127.0.0.1:1")).ask(at, query("status"))
	serve(t, "", whole.folder, whole.now).with(withSecrets("http://%zz")).ask(at, query("status"))

	text := book.String()
	for _, line := range []string{
		`info What Prometheus can do .*dsUid accord-\d+ server http://127\S+ engine Prometheus version 3\S+ dialect anchored`,
		`debug Prometheus was asked .*server http://127\S+ request remote read of .* seconds \S+ samples [1-9]\d* bytes [1-9]\d* error <nil>`,
		`debug Prometheus was asked .*error unavailable, HTTP status 502`,
		`warn Prometheus does not answer: until it does, requests fail at once .*dsUid accord-\d+ server http://127.0.0.1:1 error unreachable: .*refused`,
		`info The documents were taken up datasource accord-\d+ documents [1-9]\d* errors 0 warnings 0`,
		`warn The data source cannot work as it is set up .*datasource accord-\d+ error the address of Prometheus is no URL`,
		`info A request got an error for an answer .*method PUT path /documents/Team/search status 403`,
		`info A request got an error for an answer .*method PUT path /documents/Team/search status 422`,
	} {
		if !regexp.MustCompile("(?m)^" + line).MatchString(text) {
			t.Errorf("not in the log: %s", line)
		}
	}
	for line := range strings.Lines(text) {
		assert.NotContains(t, line, "secret-of-")
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestLogKeepsLevelAndAttributes(t *testing.T) {
	book := logged(t)
	to := slog.With("of", "all")
	to.Error("a", "error", errors.New("why"))
	to.Warn("b")
	to.Info("c", "n", 3)
	to.Debug("d")
	assert.Equal(t, "error a of all error why\nwarn b of all\ninfo c of all n 3\ndebug d of all\n", book.String())
}
