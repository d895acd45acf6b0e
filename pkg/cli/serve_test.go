package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/cli"
)

// served is accord serve over a folder, until it is stopped.
type served struct {
	url  string
	stop func() (code int)
}

func serve(t testing.TB, prometheus, definitions string) served {
	t.Helper()
	now, err := time.Parse(time.RFC3339, at)
	require.NoError(t, err)
	ctx, interrupt := context.WithCancel(context.Background())
	said, saying := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--prometheus", prometheus, "--definitions", definitions},
			cli.Streams{Out: io.Discard, Err: saying, Now: func() time.Time { return now }})
		saying.Close()
	}()
	lines := bufio.NewScanner(said)
	require.True(t, lines.Scan(), "it says where it serves")
	url := regexp.MustCompile(`http://\S+`).FindString(lines.Text())
	require.NotEmpty(t, url, lines.Text())
	go func() { _, _ = io.Copy(io.Discard, said) }()
	stop := func() int {
		interrupt()
		code := <-ended
		ended <- code
		return code
	}
	t.Cleanup(func() { stop() })
	return served{url, stop}
}

func (s served) get(t testing.TB, path string) (status int, body string) {
	t.Helper()
	response, err := http.Get(s.url + path)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

func TestServeShowsWhatTheReportSays(t *testing.T) {
	c := startCompany(t)
	site := serve(t, c.url, c.definitions)
	printed := run(t.Context(), "report", "-o", "json", "--prometheus", c.url, "--definitions", c.definitions)

	status, body := site.get(t, "/api/v1/status")
	require.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, printed.out, body)

	var report struct {
		Agreements []struct {
			Name, State string
			Objectives  []struct {
				Name       string
				Group      map[string]string
				Compliance *float64
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(printed.out), &report))
	_, overview := site.get(t, "/")
	_, metrics := site.get(t, "/metrics")
	for _, a := range report.Agreements {
		assert.Contains(t, overview, `href="/agreements/`+a.Name+`"`)
		_, page := site.get(t, "/agreements/"+a.Name)
		assert.Contains(t, page, `<span class="state `+a.State+`">`)
		for _, o := range a.Objectives {
			if o.Compliance == nil {
				continue
			}
			assert.Contains(t, page, "<svg", "%s has a chart", o.Name)
			number, err := json.Marshal(*o.Compliance)
			require.NoError(t, err)
			assert.Regexp(t, `accord_objective_compliance_ratio\{agreement="`+a.Name+`",group="[^}]*",objective="`+o.Name+`"[^}]*\} `+regexp.QuoteMeta(string(number)), metrics)
		}
	}
	status, body = site.get(t, "/healthz")
	assert.Equal(t, http.StatusOK, status, body)
	assert.Zero(t, site.stop(), "Ctrl-C ends it in peace")
}

func TestServeNarrowsItsList(t *testing.T) {
	c := startCompany(t)
	site := serve(t, c.url, c.definitions)
	_, found := site.get(t, "/?search=PAYMENTS-FOR")
	assert.Contains(t, found, `href="/agreements/payments-for-checkout"`)
	_, nothing := site.get(t, "/?search=nobody&state=met")
	assert.NotContains(t, nothing, `href="/agreements/`)
	assert.Contains(t, nothing, "Show all")
}

func TestServeOnlyReads(t *testing.T) {
	c := startCompany(t)
	site := serve(t, c.url, c.definitions)
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPost} {
		for _, path := range []string{"/", "/api/v1/documents/Team/payments", "/api/v1/preview", "/metrics"} {
			request, err := http.NewRequest(method, site.url+path, strings.NewReader("kind: Team"))
			require.NoError(t, err)
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			response.Body.Close()
			assert.Equal(t, http.StatusMethodNotAllowed, response.StatusCode, "%s %s", method, path)
		}
	}
}

// A page elsewhere could have its own name point to this machine, and read what
// is served on the loopback address.
func TestServeOnALoopbackAddressAnswersForLoopbackNamesAlone(t *testing.T) {
	s := serve(t, "http://127.0.0.1:1", t.TempDir())
	port := s.url[strings.LastIndex(s.url, ":"):]
	for host, status := range map[string]int{
		"127.0.0.1" + port: http.StatusNotFound, "localhost" + port: http.StatusNotFound, "LOCALHOST": http.StatusNotFound,
		"[::1]" + port: http.StatusNotFound, "127.9.9.9": http.StatusNotFound,
		"evil.example" + port: http.StatusForbidden, "localhost.evil.example": http.StatusForbidden, "127.0.0.1.evil.example": http.StatusForbidden,
		"192.168.1.1" + port: http.StatusForbidden,
	} {
		request, err := http.NewRequest(http.MethodGet, s.url+"/no-such-page", nil)
		require.NoError(t, err)
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		response.Body.Close()
		assert.Equal(t, status, response.StatusCode, host)
		if status == http.StatusForbidden {
			assert.Contains(t, string(text), "--listen", "the mend")
		}
	}
}

func TestServeSaysWhatIsNotThere(t *testing.T) {
	c := startCompany(t)
	site := serve(t, c.url, c.definitions)
	for path, said := range map[string]string{
		"/agreements/payments-for-chekout": "did you mean payments-for-checkout?",
		"/nowhere":                         "there is no page /nowhere",
		"/agreements/%2e%2e%2fetc":         "there is no agreement",
	} {
		status, body := site.get(t, path)
		assert.Equal(t, http.StatusNotFound, status, path)
		assert.Contains(t, body, said)
		assert.Contains(t, body, `href="/"`, "there is a way back")
	}
}

// Without Prometheus nothing is 0 and nothing is green.
func TestServeWithoutPrometheus(t *testing.T) {
	site := serve(t, "http://127.0.0.1:1", "../../provisioning/slas")
	status, overview := site.get(t, "/")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, overview, "not measured")
	assert.NotContains(t, overview, `<span class="state met">`)
	_, metrics := site.get(t, "/metrics")
	assert.Contains(t, metrics, "accord_objective_measured{")
	assert.NotRegexp(t, `accord_objective_measured\{[^}]*\} 1`, metrics)
	for _, figure := range []string{"compliance_ratio", "error_budget_remaining_ratio", "burn_rate"} {
		assert.NotContains(t, metrics, "accord_objective_"+figure+"{")
	}
}

func TestServeWithoutAFolder(t *testing.T) {
	site := serve(t, "http://127.0.0.1:1", filepath.Join(t.TempDir(), "gone"))
	for _, path := range []string{"/", "/healthz"} {
		status, body := site.get(t, path)
		assert.Equal(t, http.StatusServiceUnavailable, status, path)
		assert.Contains(t, body, "gone")
	}
}

func TestServeShowsHostileTextAsText(t *testing.T) {
	const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	dir := t.TempDir()
	documents := strings.NewReplacer("HOSTILE", strings.ReplaceAll(hostile, `'`, `''`)).Replace(`
apiVersion: openslo/v1
kind: Service
metadata: {name: api}
spec: {description: 'HOSTILE'}
---
apiVersion: accord/v1
kind: Team
metadata: {name: a, displayName: 'HOSTILE'}
spec: {contacts: [{name: on-call, type: opsgenie, target: 'HOSTILE'}]} # an e-mail address with a slash is hidden
---
apiVersion: accord/v1
kind: Team
metadata: {name: b}
spec: {}
---
apiVersion: accord/v1
kind: Exclusion
metadata: {name: x}
spec: {reason: 'HOSTILE', category: other, agreements: [promise], from: 2026-05-01T00:00:00Z, to: 2026-05-01T01:00:00Z, requestedBy: a}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: promise, displayName: 'HOSTILE'}
spec:
  description: 'HOSTILE'
  consequences: 'HOSTILE'
  service: api
  provider: a
  consumers: [b]
  signatures: [{team: a, name: 'HOSTILE', on: 2026-01-01}]
  objectives:
    - name: up
      displayName: 'HOSTILE'
      target: 0.9
      window: {calendar: month}
      indicator: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: 'up{job="api"}'}}}}
      op: gte
      value: 1
`)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slas.yaml"), []byte(documents), 0o600))
	site := serve(t, "http://127.0.0.1:1", dir)
	for _, path := range []string{"/", "/agreements/promise", "/?search=" + "%3Cscript%3E&state=%22%3E%3Cscript%3E"} {
		status, body := site.get(t, path)
		require.Equal(t, http.StatusOK, status, body)
		assert.NotContains(t, body, "<script", path)
		assert.NotContains(t, body, "<img", path)
	}
	_, page := site.get(t, "/agreements/promise")
	assert.Equal(t, 8, strings.Count(page, "&lt;script&gt;"), "every text is shown")
}

func TestMetricsAreAsPrometheusLikesThem(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("SKIPPED: needs promtool, which comes with Debian's package prometheus")
	}
	c := startCompany(t)
	_, metrics := serve(t, c.url, c.definitions).get(t, "/metrics")
	check := exec.Command(promtool, "check", "metrics")
	check.Stdin = strings.NewReader(metrics)
	said, err := check.CombinedOutput()
	assert.NoError(t, err, string(said))
}

// A template that fails does so only when it is shown: every page of the
// example company is, with all that its documents can hold.
func TestServeShowsEveryAgreementOfTheExampleCompany(t *testing.T) {
	site := serve(t, "http://127.0.0.1:1", "../../provisioning/slas")
	_, overview := site.get(t, "/")
	links := regexp.MustCompile(`href="(/agreements/[^"]+)"`).FindAllStringSubmatch(overview, -1)
	require.Greater(t, len(links), 10)
	relies := 0
	for _, link := range links {
		status, body := site.get(t, link[1])
		assert.Equal(t, http.StatusOK, status, "%s: %s", link[1], body)
		relies += strings.Count(body, "Relies on")
	}
	assert.NotZero(t, relies)
}

// The incidents name the alerts that fired, which is a question of its own.
func TestAPageSaysThatIncidentsAreNotKnown(t *testing.T) {
	c := startCompany(t).behind(t, func(text string) bool { return strings.Contains(text, "ALERTS") })
	_, page := serve(t, c.url, c.definitions).get(t, "/agreements/payments-for-checkout")
	assert.Contains(t, page, "The incidents in this window are not known: which alerts fired: 503 Service Unavailable")
	_, page = serve(t, c.url, c.definitions).get(t, "/agreements/refunds-quick")
	assert.NotContains(t, page, "The incidents in this window are not known")
}

func TestAnSLOHasAPageBesideTheAgreementOfItsName(t *testing.T) {
	c := startCompany(t)
	named, err := os.ReadFile(filepath.Join(c.definitions, "company.yaml"))
	require.NoError(t, err)
	text := strings.ReplaceAll(string(named), "name: refunds-quick}", "name: payments-for-checkout}")
	require.NotEqual(t, text, string(named))
	require.NoError(t, os.WriteFile(filepath.Join(c.definitions, "company.yaml"), []byte(text), 0o600))
	site := serve(t, c.url, c.definitions)
	_, overview := site.get(t, "/")
	for address, says := range map[string]string{"/agreements/payments-for-checkout": "Provided by payments to checkout", "/slos/payments-for-checkout": "<h2>quick", "/agreements/app-crash-free": "<h2>crash-free"} {
		status, page := site.get(t, address)
		assert.Equal(t, http.StatusOK, status, address)
		assert.True(t, strings.Contains(page, says), address)
		assert.Equal(t, address != "/agreements/app-crash-free", strings.Contains(overview, `href="`+address+`"`), "%s: an address of before leads there, too", address)
	}
	status, _ := site.get(t, "/slos/app-crash-fre")
	assert.Equal(t, http.StatusNotFound, status)
}
