package editing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/problem"
)

func TestTemplatesAreDocumentsThatFitTogether(t *testing.T) {
	dir := t.TempDir()
	require.Contains(t, Templates(), "Agreement")
	for _, kind := range Templates() {
		text, ok := Template(kind)
		require.True(t, ok, kind)
		text = strings.NewReplacer("from: #", "from: 2026-11-08T02:00:00+01:00 #", "  to:\n", "  to: 2026-11-08T04:00:00+01:00\n").Replace(text)
		require.NoError(t, os.WriteFile(filepath.Join(dir, kind+".yaml"), []byte(text), 0o600))
	}
	team, _ := Template("Team")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.yaml"), []byte(strings.ReplaceAll(team, "my-team", "other-team")), 0o600))
	c, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	for _, p := range c.Problems {
		assert.Equal(t, problem.Warning, p.Severity, p)
	}
	assert.Len(t, c.Listed, len(Templates())+1)
	_, ok := Template("../templates")
	assert.False(t, ok)
}
