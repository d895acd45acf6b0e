package catalog

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/accord-sla/accord/pkg/problem"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// folderOf writes files into a new folder.
func folderOf(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return dir
}

func load(t testing.TB, files map[string]string, o Options) *Catalog {
	t.Helper()
	c, err := Load(context.Background(), folderOf(t, files), o)
	require.NoError(t, err)
	return c
}

// lines is the problems as the command line prints them.
func lines(c *Catalog) []string {
	var all []string
	for _, p := range c.Problems {
		all = append(all, p.String())
	}
	return all
}

func TestConformanceDocumentsLoadWithoutProblems(t *testing.T) {
	scenarios, err := filepath.Glob("../../testdata/conformance/*.yaml")
	require.NoError(t, err)
	if len(scenarios) == 0 {
		t.Fatal("testdata/conformance holds no scenarios")
	}
	for _, path := range scenarios {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			var scenario struct {
				Documents string `yaml:"documents"`
			}
			require.NoError(t, yaml.Unmarshal(data, &scenario))
			c := load(t, map[string]string{"scenario.yaml": scenario.Documents}, Options{})
			for _, p := range c.Problems {
				require.NotEqual(t, problem.Error, p.Severity, p.String())
				require.Contains(t, p.Message, "has no effect", p.String())
			}
			require.NotEmpty(t, c.Agreements)
		})
	}
}
