package rules_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/formats/loss"
	"github.com/accord-sla/accord/pkg/rules"
	"github.com/accord-sla/accord/pkg/sli"
)

var update = flag.Bool("update", false, "write the golden files anew")

var november = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// alertRules are the rules of testdata/alerts.yaml.
func alertRules(t *testing.T, method sli.Method) ([]rules.Group, loss.List) {
	t.Helper()
	documents, err := os.ReadFile("testdata/alerts.yaml")
	require.NoError(t, err)
	return rules.Prometheus(agreementsOf(t, string(documents)),
		rules.Options{Method: method, Resolution: 5 * time.Minute, At: november})
}

func TestPromtoolFindsThatEachAlertFiresAndKeepsQuietWhenItShould(t *testing.T) {
	promtool := programOrSkip(t, "promtool", "prometheus")
	groups, lost := alertRules(t, sli.Offset)
	require.Len(t, lost, 1, "the first days of an agreement to come are told")
	dir := t.TempDir()
	for name, write := range map[string]func([]rules.Group) ([]byte, error){"rules.yaml": rules.File} {
		text, err := write(groups)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	tests, err := os.ReadFile("testdata/alerts_test.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tests.yaml"), tests, 0o600))
	for _, arguments := range [][]string{{"check", "rules", "rules.yaml"}, {"test", "rules", "tests.yaml"}} {
		command := exec.CommandContext(t.Context(), promtool, arguments...)
		command.Dir = dir
		output, err := command.CombinedOutput()
		assert.NoError(t, err, "%s", output)
	}
}

func TestRuleFiles(t *testing.T) {
	for name, test := range map[string]struct {
		method sli.Method
		write  func([]rules.Group) ([]byte, error)
	}{
		"rules-offset.yaml":    {sli.Offset, rules.File},
		"rules-anchored.yaml":  {sli.Anchored, rules.File},
		"rules-metricsql.yaml": {sli.MetricsQL, rules.File},
		"prometheusrule.yaml":  {sli.Anchored, rules.Resource},
	} {
		t.Run(name, func(t *testing.T) {
			groups, _ := alertRules(t, test.method)
			text, err := test.write(groups)
			require.NoError(t, err)
			golden(t, name, text)
		})
	}
}

// golden compares the text with the golden file of the name.
func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(path, text, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./pkg/rules -update writes it")
	assert.Equal(t, string(want), string(text))
}
