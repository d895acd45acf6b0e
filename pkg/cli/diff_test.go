package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// changed is a copy of the company's documents with something else in them.
func (c company) changed(t *testing.T, replacements ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.definitions, "company.yaml"))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "company.yaml"), []byte(strings.NewReplacer(replacements...).Replace(string(text))), 0o600))
	return dir
}

func TestDiffTellsWhichPromisesFiguresAndStatesChange(t *testing.T) {
	c := startCompany(t)
	mended := []string{"provider: paymnts", "provider: payments", "target: 99.5", "target: 0.995"}
	before := c.changed(t, mended...)
	after := c.changed(t, append(mended, "slo: api-availability, target: 0.98, window: {calendar: month}", "slo: api-availability, target: 0.99, window: {rolling: 10d}",
		"name: never-fails", "name: never-misses", "name: half-written", "name: written")...)
	for name, format := range map[string]string{"diff.txt": "table", "diff.md": "markdown", "diff.json": "json"} {
		got := run(t.Context(), "diff", before, after, "--prometheus", c.url, "-o", format)
		assert.Zero(t, got.code, got.err)
		named := strings.NewReplacer(before, "old", after, "new")
		matchesGolden(t, name, answer{out: named.Replace(got.out), err: got.err})
	}
	got := run(t.Context(), "diff", before, before, "-o", "markdown")
	assert.Zero(t, got.code)
	assert.Contains(t, got.out, "Nothing that is promised changes")
	assert.Contains(t, got.out, "With --prometheus the present states and figures are compared, too.")
	assert.NotContains(t, got.out, "|")
	got = run(t.Context(), "diff", before, c.definitions)
	assert.Equal(t, 1, got.code, "an agreement that cannot be read is no removal in silence")
	assert.Contains(t, got.err, "2 errors in the documents of "+c.definitions)
	assert.Contains(t, got.out, "not read: company.yaml:132:59: Agreement half-written")
	got = run(t.Context(), "diff", before, c.changed(t, append(mended, "slo: api-availability", "slo: elsewhere")...), "-o", "csv")
	assert.Contains(t, got.out, `no SLO is named ""elsewhere"""`)
}

// namesake is an SLO that no agreement names, with the name of an agreement.
const namesake = `---
{apiVersion: openslo/v1, kind: SLO, metadata: {name: payments-for-checkout}, spec: {service: payments-api, budgetingMethod: Occurrences, timeWindow: [{duration: 30d, isRolling: true}],
  indicator: {metadata: {name: up}, spec: {ratioMetric: {rawType: success, raw: {metricSource: {type: Prometheus, spec: {query: up}}}}}}, objectives: [{displayName: availability, target: 0.5}]}}
`

func TestDiffTellsAnSLOFromAnAgreementOfItsName(t *testing.T) {
	c := startCompany(t)
	slo := []string{"target: 99.5", "target: 0.995", "provider: paymnts", "provider: payments", "---\napiVersion: accord/v1\nkind: Agreement\nmetadata: {name: payments-for-checkout}",
		namesake + "---\napiVersion: accord/v1\nkind: Agreement\nmetadata: {name: payments-for-checkout}"}
	before := c.changed(t, slo...)
	after := c.changed(t, append([]string{"target: 0.98, window", "target: 0.99, window"}, slo...)...)
	got := run(t.Context(), "diff", before, after, "-o", "csv")
	assert.Equal(t, answer{out: "agreement,field,before,after\npayments-for-checkout,objectives[in-the-month].target,0.98,0.99\n"}, got)
	got = run(t.Context(), "diff", before, c.changed(t, slo[:4]...), "-o", "csv")
	assert.Equal(t, answer{out: "agreement,field,before,after\nSLO payments-for-checkout,,present,\n"}, got)
	renamed := strings.Replace(slo[5], "metadata: {name: payments-for-checkout}", "metadata: {name: payments-for-basket}", 2)
	renamed = strings.Replace(renamed, "kind: SLO, metadata: {name: payments-for-basket}", "kind: SLO, metadata: {name: payments-for-checkout}", 1)
	got = run(t.Context(), "diff", before, c.changed(t, append(slo[:5:5], renamed)...), "-o", "csv")
	assert.Equal(t, answer{out: "agreement,field,before,after\npayments-for-basket,,,present\npayments-for-checkout,,present,\n"}, got, "the agreement is gone, and the SLO as it was")
}

func TestDiffReadsGitRevisions(t *testing.T) {
	folders(t, map[string]string{"slas/a.yaml": aTeam})
	git := func(args ...string) {
		out, err := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	git("init", "--quiet", "--initial-branch=main")
	git("commit", "--quiet", "--allow-empty", "--message=nothing yet")
	git("tag", "before")
	git("add", ".")
	git("commit", "--quiet", "--message=one")
	require.NoError(t, os.WriteFile("slas/b.yaml", []byte(anSLO), 0o600))
	got := run(t.Context(), "diff", "main", "slas", "-o", "csv")
	assert.Equal(t, answer{out: "agreement,field,before,after\nups,,,present\n"}, got)
	git("add", ".")
	git("commit", "--quiet", "--message=two")
	assert.Equal(t, "agreement,field,before,after\nups,,present,\n", run(t.Context(), "diff", "main", "main~1", "-o", "csv").out)
	require.NoError(t, os.WriteFile(".git/hooks/post-checkout", []byte("#!/bin/sh\nexit 1\n"), 0o700)) // of the work tree, not ours
	require.NoError(t, os.WriteFile("slas/.gitattributes", []byte("b.yaml export-ignore\n"), 0o600))
	git("add", ".")
	git("commit", "--quiet", "--message=three")
	assert.Equal(t, "agreement,field,before,after\nups,,,present\n", run(t.Context(), "diff", "main~2", "main", "-o", "csv").out, "nothing is hidden")
	added := answer{out: "agreement,field,before,after\nups,,,present\n", err: "accord: before has nothing in the folder slas\n"}
	assert.Equal(t, added, run(t.Context(), "diff", "before", "slas", "-o", "csv"), "the change that brings the folder")
	t.Chdir("slas")
	assert.Equal(t, "agreement,field,before,after\nups,,,present\n", run(t.Context(), "diff", "main~2", "main", "-o", "csv", "--definitions", ".").out)
	assert.Equal(t, added.out, run(t.Context(), "diff", "before", "main", "-o", "csv", "--definitions", ".").out)
	t.Chdir("..")
	assert.Contains(t, run(t.Context(), "diff", "nowhere", "slas").err, "nowhere is no folder, and cannot be had from Git as the revision of slas: fatal: ")
	assert.Equal(t, 2, run(t.Context(), "diff", "main").code)
}

const anSLO = `apiVersion: openslo/v1
kind: Service
metadata: {name: web}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: ups}
spec:
  service: web
  budgetingMethod: Timeslices
  indicator:
    metadata: {name: up}
    spec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: up}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  objectives: [{target: 0.99, op: gte, value: 1, timeSliceTarget: 0.9, timeSliceWindow: 5m}]
`
