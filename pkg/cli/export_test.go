package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const lossy = `apiVersion: openslo/v1
kind: Service
metadata: {name: shop}
spec: {}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: shop-answers}
spec:
  service: shop
  indicator:
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{code="500"}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total'}}}
  timeWindow: [{duration: 1M, calendar: {startTime: 2026-01-01 00:00:00, timeZone: UTC}}]
  budgetingMethod: Occurrences
  objectives: [{displayName: answered, target: 0.99}]
`

func documents(t *testing.T, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "documents.yaml"), []byte(text), 0o600))
	return dir
}

func TestWhatAnExportLosesIsToldAndFails(t *testing.T) {
	dir := documents(t, lossy)
	line := filepath.Join(dir, "documents.yaml") + ":19:16: SLO shop-answers/answered: the factors of its alerts are those of 2026-05 (31d), and change with the length of the month: export again then\n"
	got := run(t.Context(), "export", "rules", "--definitions", dir)
	assert.Equal(t, 1, got.code)
	assert.Equal(t, line+"accord: 1 thing not carried over; --allow-loss accepts that\n", got.err)
	assert.Contains(t, got.out, "ErrorBudgetBurnsFast", "what can be carried over is")

	allowed := run(t.Context(), "export", "rules", "--definitions", dir, "--allow-loss")
	assert.Zero(t, allowed.code)
	assert.Equal(t, answer{out: got.out, err: line}, allowed)
}

// A document with errors promises nothing until they are mended, in all forms.
func TestWhatHasErrorsIsLeftOutOfAnExportAndNamed(t *testing.T) {
	broken := strings.NewReplacer("shop-answers", "shop-broken", "0.99}", "99}").Replace(lossy[strings.Index(lossy, "---\n"):])
	dir := documents(t, strings.Replace(lossy, "1M, calendar: {startTime: 2026-01-01 00:00:00, timeZone: UTC}", "30d, isRolling: true", 1)+broken)
	const line = "documents.yaml:34:48: SLO shop-broken: left out, as it has errors; accord validate lists them\n"
	for _, form := range []string{"rules", "grafana", "openslo"} {
		got := run(t.Context(), "export", form, "--definitions", dir)
		assert.Equal(t, 1, got.code, form)
		assert.Contains(t, got.err, line, form)
		assert.Contains(t, got.err, "accord: 1 thing not carried over; --allow-loss accepts that\n", form)
		assert.NotContains(t, got.out, "shop-broken", form)
		assert.NotEmpty(t, got.out, form)
		assert.Zero(t, run(t.Context(), "export", form, "--definitions", dir, "--allow-loss").code, form)
	}
	allowed := run(t.Context(), "export", "rules", "--definitions", dir, "--allow-problems")
	assert.Zero(t, allowed.code)
	assert.Contains(t, allowed.err, line)
	for _, form := range []string{"rules", "grafana"} {
		got := run(t.Context(), "export", form, "--definitions", dir, "--agreement", "shop-broken", "--allow-loss")
		assert.Equal(t, 1, got.code, form)
		assert.Contains(t, got.err, line, form)
		assert.Contains(t, got.err, "accord: there is nothing to export in ", form)
		assert.Empty(t, got.out, form)
	}
}

func TestAnExportIsAFileAsAWhole(t *testing.T) {
	dir, into := documents(t, lossy), t.TempDir()
	got := run(t.Context(), "export", "rules", "--definitions", dir, "--allow-loss", "-o", into)
	assert.Zero(t, got.code)
	assert.Empty(t, got.out)
	path := filepath.Join(into, "accord-rules.yaml")
	assert.Contains(t, got.err, "accord: wrote "+path+"\n")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	printed := run(t.Context(), "export", "rules", "--definitions", dir, "--allow-loss").out
	assert.Equal(t, printed, string(text))

	require.NoError(t, os.Chmod(path, 0o640))
	got = run(t.Context(), "export", "rules", "--definitions", dir, "--allow-loss", "--format", "prometheusrule", "-o", path)
	assert.Zero(t, got.code)
	text, err = os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(text), "kind: PrometheusRule")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm(), "whoever could read it still can")
	entries, err := os.ReadDir(into)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing is left beside it")

	got = run(t.Context(), "export", "rules", "--definitions", dir, "-o", filepath.Join(into, "none", "rules.yaml"))
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "no such file or directory")
	got = run(t.Context(), "export", "rules", "--definitions", dir, "-o", into+"/none/")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "none/ does not exist")
}

// As root, a file that takes the place of /dev/null is one for all programs.
func TestAnExportIsWrittenToWhatIsNoRegularFile(t *testing.T) {
	dir, pipe := documents(t, lossy), filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	read := make(chan string)
	go func() {
		text, _ := os.ReadFile(pipe)
		read <- string(text)
	}()
	got := run(t.Context(), "export", "rules", "--definitions", dir, "--allow-loss", "-o", pipe)
	assert.Zero(t, got.code, got.err)
	info, err := os.Stat(pipe)
	require.NoError(t, err)
	require.False(t, info.Mode().IsRegular())
	assert.Contains(t, <-read, "ErrorBudgetBurnsFast")
	link := filepath.Join(t.TempDir(), "link.yaml")
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, os.Symlink(file, link))
	require.Zero(t, run(t.Context(), "export", "rules", "--definitions", dir, "--allow-loss", "-o", link).code)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "ErrorBudgetBurnsFast", "a link stays one")
}

// What two files hold together may be more than one may have.
func TestAnExportThatIsTooLargeToBeReadAgainSaysSo(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		text := "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: " + name + ", annotations: {text: " + strings.Repeat("x", 700_000) + "}}\nspec: {}\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(text), 0o600))
	}
	got := run(t.Context(), "export", "openslo", "--definitions", dir)
	assert.Zero(t, got.code)
	assert.Regexp(t, "^accord: warning: what is written has 14[0-9]{5} bytes: to be read again by Accord it has to be taken apart, into files of at most 1048576\n$", got.err)
}

// What was read is not written over; what an export wrote before is.
func TestAnExportDoesNotReplaceDocumentsThatItRead(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("../../provisioning/slas")))
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.yaml"))
	require.NoError(t, err)
	before, err := os.ReadFile(files[0])
	require.NoError(t, err)
	for _, format := range []string{"openslo", "rules", "grafana"} {
		got := run(t.Context(), "export", format, "--definitions", dir, "-o", files[0], "--allow-loss")
		assert.Equal(t, 1, got.code, format)
		assert.Contains(t, got.err, files[0]+" belongs to the folder of documents, and would be lost: give another file")
		after, err := os.ReadFile(files[0])
		require.NoError(t, err)
		assert.Equal(t, string(before), string(after), format)
	}
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, link))
	for name, text := range map[string]string{
		"older.yaml": "apiVersion: openslo.com/v2alpha\nkind: Service\nmetadata: {name: old}\n", "torn.yml": aTeam + "---\nspec: [\n",
		"unversioned.yaml": "kind: Team\nmetadata: {name: ours}\n", "holidays.ics": "BEGIN:VCALENDAR\nEND:VCALENDAR\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		for _, path := range []string{filepath.Join(dir, name), filepath.Join(link, name)} {
			got := run(t.Context(), "export", "openslo", "--definitions", dir, "-o", path, "--allow-loss")
			assert.Contains(t, got.err, path+" belongs to the folder of documents, and would be lost: give another file")
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, text, string(after), path)
		}
	}
	for range 2 {
		got := run(t.Context(), "export", "rules", "--definitions", dir, "-o", filepath.Join(dir, "rules.yaml"), "--allow-loss")
		assert.Zero(t, got.code, got.err)
	}
}

// Everything in it would be defined twice.
func TestAnExportOfDocumentsDoesNotGoWhereItWouldBeRead(t *testing.T) {
	dir, links := documents(t, lossy), t.TempDir()
	link := filepath.Join(links, "slas")
	require.NoError(t, os.Symlink(dir, link))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "more"), 0o700))
	for _, path := range []string{dir, filepath.Join(dir, "all.YML"), link, filepath.Join(link, "more", "all.yaml"), filepath.Join(dir, "more")} {
		got := run(t.Context(), "export", "openslo", "--definitions", dir, "-o", path)
		assert.Equal(t, 1, got.code, path)
		assert.Contains(t, got.err, "would be read with the documents in "+dir+", where all of it stands already: give a file elsewhere", path)
	}
	require.Zero(t, run(t.Context(), "export", "openslo", "--definitions", dir, "-o", links).code)
	require.Zero(t, run(t.Context(), "export", "openslo", "--definitions", dir, "-o", filepath.Join(dir, "openslo.txt")).code)
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".build"), 0o700))
	for _, hidden := range []string{".openslo.yaml", filepath.Join(".build", "openslo.yaml")} {
		for range 2 { // the second replaces the first
			got := run(t.Context(), "export", "openslo", "--definitions", dir, "-o", filepath.Join(dir, hidden))
			require.Zero(t, got.code, got.err)
		}
	}
	assert.Zero(t, run(t.Context(), "validate", "--definitions", dir).code)
}

func TestExportsUsedWrongly(t *testing.T) {
	for args, message := range map[string]string{
		"export rulez":                      `there is no export "rulez" (did you mean rules?)`,
		"export rules --method exact":       `--method "exact": must be one of offset, anchored, metricsql`,
		"export rules --format json":        `--format "json": must be one of rules, prometheusrule`,
		"export rules --resolution 7m":      `--resolution "7m": must be whole minutes that divide a day`,
		"export grafana --agreement nobody": `there is no agreement "nobody"`,
		"export grafana --allow-losses":     "(did you mean --allow-loss?)",
		"export grafana some":               `unexpected argument "some"`,
	} {
		got := run(t.Context(), strings.Fields(args)...)
		assert.Equal(t, 2, got.code, args)
		assert.Contains(t, got.err, message)
	}
}

func TestGrafanaIsToldWhichSecretsItNeeds(t *testing.T) {
	got := run(t.Context(), "export", "grafana", "--definitions", "../../provisioning/slas", "--policies")
	assert.Zero(t, got.code)
	assert.Contains(t, got.err, "accord: give Grafana these in its environment: JIRA_API_TOKEN, JIRA_API_URL, JIRA_USER, OPSGENIE_API_KEY_DATABASES_ONCALL")
	assert.Contains(t, got.err, "replace the whole tree")
	assert.Contains(t, got.out, "policies:")
}
