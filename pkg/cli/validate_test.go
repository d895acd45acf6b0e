package cli_test

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// folders writes files into a folder that the command then runs in.
func folders(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("ACCORD_DEFINITIONS", "")
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
}

const aTeam = "apiVersion: accord/v1\nkind: Team\nmetadata: {name: a}\n"

const days = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260612\nEND:VEVENT\nEND:VCALENDAR\n"

const aCalendar = `apiVersion: accord/v1
kind: Calendar
metadata: {name: office}
spec:
  weekly: [{days: [mon], from: "08:00", to: "18:00"}]
  holidays: [{ics: ../company/days.ics}]
`

func TestValidateReadsTheFoldersAndFilesThatAreNamed(t *testing.T) {
	wrong := aTeam + "spec: {member: [b]}\n"
	folders(t, map[string]string{
		"slas/good.yaml": aTeam, "slas/bad.yaml": wrong, "slas/more/calendar.yaml": aCalendar, "slas/company/days.ics": days, "slas/more/bad.yaml": wrong, "other/good.yaml": aTeam, "other/pod.yaml": "apiVersion: v1\nkind: Pod\n",
	})
	const unknown = ": Team a: spec.member: unknown field (did you mean members?)\n"
	const twice = ": Team a: metadata.name: Team a stands already in "
	const pod = "other/pod.yaml:1:1: warning: 1 document of another program is passed over: its apiVersion is none of accord/v1, openslo/v1, openslo/v1alpha, openslo.com/v2alpha\n"
	for _, test := range []struct {
		args []string
		code int
		out  string
	}{
		{[]string{"slas/good.yaml"}, 0, "1 good document, 0 errors, 0 warnings\n"},
		{[]string{"slas/more/bad.yaml"}, 1, "slas/more/bad.yaml:4:8" + unknown + "0 good documents, 1 error, 0 warnings\n"},
		{[]string{"--no-references", "slas/more/calendar.yaml"}, 0, "1 good document, 0 errors, 0 warnings\n"},
		{[]string{"slas/more/calendar.yaml", "slas/company"}, 0, "1 good document, 0 errors, 0 warnings\n"},
		{[]string{"slas/good.yaml", "slas/more/bad.yaml"}, 1,
			"slas/more/bad.yaml:3:18" + twice + "slas/good.yaml:1; a name is unique per kind\nslas/more/bad.yaml:4:8" + unknown + "1 good document, 2 errors, 0 warnings\n"},
		{[]string{"slas/good.yaml", "other"}, 1,
			pod + "slas/good.yaml:3:18" + twice + "other/good.yaml:1; a name is unique per kind\n1 good document, 1 error, 1 warning\n"},
		{[]string{"--no-references", "other/pod.yaml"}, 0, pod + "0 good documents, 0 errors, 1 warning\n"},
		{[]string{"other/pod.yaml"}, 1, ""},
		{[]string{"nowhere.yaml"}, 1, ""},
	} {
		got := run(t.Context(), append([]string{"validate"}, test.args...)...)
		assert.Equal(t, test.code, got.code, test.args)
		assert.Equal(t, test.out, got.out, test.args)
	}
	assert.Equal(t, strings.TrimSpace(pod)+"; SLOs of Sloth and Pyrra are taken over by accord import\n"+
		"accord: no documents (.yaml, .yml) in \"other/pod.yaml\"; give their folder with --definitions\n", run(t.Context(), "validate", "other/pod.yaml").err)
	assert.Equal(t, "accord: nowhere.yaml cannot be read: no such file or directory\n", run(t.Context(), "validate", "nowhere.yaml").err)
}

func TestTheFolderIsThatOfTheEnvironmentElseSlasElseTheOneOneIsIn(t *testing.T) {
	folders(t, map[string]string{"slas/a.yaml": aTeam, "b.yaml": aTeam + "spec: {}\n---\n" + aTeam, "elsewhere/c.yaml": "- kind: Team\n"})
	assert.Equal(t, "1 good document, 0 errors, 0 warnings\n", run(t.Context(), "validate").out)
	t.Setenv("ACCORD_DEFINITIONS", "elsewhere")
	assert.Contains(t, run(t.Context(), "validate").out, "elsewhere/c.yaml:1:3: Team: apiVersion: is required")
	t.Setenv("ACCORD_DEFINITIONS", "")
	require.NoError(t, os.RemoveAll("slas"))
	assert.Contains(t, run(t.Context(), "validate").out, "b.yaml:8:18: Team a: metadata.name: Team a stands already in b.yaml:1")
}

func TestPrometheusIsThatOfTheEnvironmentUnlessAFlagNamesOne(t *testing.T) {
	folders(t, nil)
	t.Setenv("ACCORD_PROMETHEUS", "prometheus:9090")
	assert.Contains(t, run(t.Context(), "report").err, "--prometheus: the address of Prometheus must begin with http:// or https://")
	assert.Equal(t, 2, run(t.Context(), "report").code)
	assert.Contains(t, run(t.Context(), "report", "--prometheus", "http://127.0.0.1:1").err, "no agreements or SLOs")
}

const wrongByTheData = `apiVersion: openslo/v1
kind: Service
metadata: {name: web}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: NAME}
spec:
  service: web
  indicator:
    metadata: {name: i}
    spec:
      ratioMetric:
        PART: {metricSource: {type: Prometheus, spec: {query: '1'}}}
        total: {metricSource: {type: Prometheus, spec: {query: '2'}}}
  timeWindow: [{duration: 7d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
`

func TestValidateOnAPrometheusTellsWhatOnlyTheDataCan(t *testing.T) {
	c := startCompany(t)
	folders(t, nil)
	const total = `http_requests_total{job="api"}`
	for _, test := range []struct {
		name, part, query, total, edit, says string
		code                                 int
	}{
		{"good", "bad", `http_requests_total{job="api",code=~"5.."}`, total, "", "2 good documents, 0 errors, 0 warnings", 0},
		{"a value that is mistyped", "bad", `http_requests_total{job="api",code="5000"}`, total, "", `slas/a.yaml:14:62: warning: SLO a: objective-1: no series match the bad query: http_requests_total has no code="5000", only "200", "500" (did you mean 500?)`, 0},
		{"a metric that is none", "good", `http_request_total`, total, "", "slas/a.yaml:14:63: warning: SLO a: objective-1: no series match the good query: none is named http_request_total (did you mean http_requests_total?)", 0},
		{"good beyond the total", "good", total, `http_requests_total{code="500"}`, "", "slas/a.yaml:14:63: SLO a: objective-1: good cannot be: 90980 good of 1700 in all", 1},
		{"a bound that is none", "good", `refund_seconds_bucket{le="0.3"}`, "refund_seconds_count", "",
			`slas/a.yaml:14:63: SLO a: objective-1: no bucket has le="0.3"; the bounds there are: 0.5, +Inf`, 1},
		{"less history than the window", "bad", `http_requests_total{job="api",code=~"5.."}`, total, "90d", "slas/a.yaml:18:16: warning: SLO a: objective-1: the data reaches back 33d, but the window is 90d long", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.NewReplacer("NAME", "a", "PART", test.part, "'1'", "'"+test.query+"'", "'2'", "'"+test.total+"'", "7d", cmp.Or(test.edit, "7d")).Replace(wrongByTheData)
			require.NoError(t, os.MkdirAll("slas", 0o700))
			require.NoError(t, os.WriteFile("slas/a.yaml", []byte(text), 0o600))
			got := run(t.Context(), "validate", "--prometheus", c.url)
			assert.Equal(t, test.code, got.code, got.err)
			assert.Contains(t, got.out, test.says)
		})
	}
	got := run(t.Context(), "validate", "--prometheus", c.url, "--no-references")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "--prometheus needs the targets and windows that references lead to")
	got = run(t.Context(), "validate", "--prometheus", "http://127.0.0.1:1")
	assert.Equal(t, 1, got.code, "a Prometheus that does not answer is no «all is well»")
	assert.Contains(t, got.out, "2 good documents, 0 errors, 0 warnings", "what the documents alone tell is told all the same")
	assert.Contains(t, got.err, "accord: cannot be reached")
	t.Setenv("ACCORD_PROMETHEUS", "http://127.0.0.1:1")
	assert.Equal(t, 1, run(t.Context(), "validate").code)
	assert.Zero(t, run(t.Context(), "validate", "--no-references").code, "each document by itself has no window to look at")
}

func TestAConnectionThatMeasuresNothingIsToldOf(t *testing.T) {
	c := company{url: "http://127.0.0.1:1", definitions: t.TempDir()}
	documents := strings.NewReplacer("NAME", "web", "PART", "bad", "{type: Prometheus,", "{metricSourceRef: prod,", "'1'", "a", "'2'", "b").Replace(wrongByTheData) +
		"---\napiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: prod}\nspec: {type: Prometheus, connectionDetails: {}}\n"
	require.NoError(t, os.WriteFile(filepath.Join(c.definitions, "slas.yaml"), []byte(documents), 0o600))
	got := c.asked(t, "report", "--connection", "prdo")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, `--connection "prdo": no SLI is measured by a DataSource of that name`)
	assert.NotContains(t, c.asked(t, "report", "--connection", "prod").err, "--connection")
}
