package cli_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatTheDemoCannotStartIsToldAtOnce(t *testing.T) {
	nothing := t.TempDir()
	home := grafanaHome(t, "exit 1")
	for _, of := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--grafana", home, "--once"}, 2, "--once ends after the report, so there is nothing for --grafana to show"},
		{[]string{"--grafana", nothing}, 1, "--grafana: " + nothing + " is not the home path of a Grafana: it has no bin/grafana"},
		{[]string{"--grafana", home, "--plugin", nothing}, 1, "--plugin: there is no built plugin in " + nothing + ": run go tool mage build"},
	} {
		got := run(t.Context(), append([]string{"demo", "--cache", filepath.Join(nothing, "cache")}, of.args...)...)
		assert.Equal(t, of.code, got.code)
		assert.Contains(t, got.err, of.says)
		assert.NoDirExists(t, filepath.Join(nothing, "cache"), "no history was written")
	}
}

func TestTheDemoEndsWithItsGrafana(t *testing.T) {
	home, cache := grafanaHome(t, "echo starting; echo 'no such table'; exit 1"), t.TempDir()
	got := run(t.Context(), "demo", "--cache", cache, "--grafana", home, "--plugin", plugin(t))
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "payments-for-checkout", "the report comes first")
	assert.Contains(t, got.err, "Grafana's log: starting\nGrafana's log: no such table\n")
	assert.Contains(t, got.err, "accord: waiting for Grafana: Grafana has ended; the last it said is: no such table\n")
	left, err := filepath.Glob(filepath.Join(cache, "run-*", "*"))
	require.NoError(t, err)
	assert.Empty(t, left, "nothing of it is left")
}

// grafanaHome is the home path of a Grafana that is a shell script.
func grafanaHome(t *testing.T, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: the Grafana of this test is a shell script, which needs a Unix")
	}
	home := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, "bin"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(home, "bin", "grafana"), []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	return home
}

// plugin is a folder that looks like the built plugin.
func plugin(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "datasource"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "plugin.json"), []byte(`{"id": "accord-sla-app"}`), 0o600))
	backend := "gpx_accord_" + runtime.GOOS + "_" + runtime.GOARCH
	require.NoError(t, os.WriteFile(filepath.Join(dir, "datasource", backend), nil, 0o700))
	return dir
}
