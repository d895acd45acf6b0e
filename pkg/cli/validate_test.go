package cli_test

import (
	"os"
	"path/filepath"
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

func TestValidateReadsTheFoldersAndFilesThatAreNamed(t *testing.T) {
	wrong := aTeam + "spec: {member: [b]}\n"
	folders(t, map[string]string{
		"slas/good.yaml": aTeam, "slas/bad.yaml": wrong, "slas/more/bad.yaml": wrong, "other/good.yaml": aTeam, "other/pod.yaml": "apiVersion: v1\nkind: Pod\n",
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
		{[]string{"slas/more"}, 1, "slas/more/bad.yaml:4:8" + unknown + "0 good documents, 1 error, 0 warnings\n"},
		{[]string{"slas/good.yaml", "slas/more/bad.yaml"}, 1,
			"slas/more/bad.yaml:3:18" + twice + "good.yaml:1; a name is unique per kind\nslas/more/bad.yaml:4:8" + unknown + "1 good document, 2 errors, 0 warnings\n"},
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
