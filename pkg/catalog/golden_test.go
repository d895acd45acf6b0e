package catalog

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/sli"
)

var update = flag.Bool("update", false, "write the golden files anew")

func requireGolden(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestTheListingOfAFolderFullOfMistakes(t *testing.T) {
	c, err := Load(context.Background(), "testdata/mistakes", Options{})
	require.NoError(t, err)
	requireGolden(t, "testdata/mistakes.golden", strings.Join(lines(c), "\n")+"\n")
	require.Equal(t, []string{"good-one"}, namesOf(c), "the good are served beside the bad")
	require.Equal(t, []string{"found", "storage", "web"}, sortedKeys(c.Teams))
}

// What everybody types first, each with the line, a mark under the value, and the
// message.
func TestWhatIsTypedFirstIsAnsweredWithTheMend(t *testing.T) {
	c, err := Load(context.Background(), "testdata/first", Options{CheckSLI: sli.Check})
	require.NoError(t, err)
	var manual strings.Builder
	for _, p := range c.Problems {
		text, err := os.ReadFile(filepath.Join("testdata/first", p.File))
		require.NoError(t, err)
		line := strings.Split(string(text), "\n")[p.Line-1]
		fmt.Fprintf(&manual, "%s\n%s^\n%s\n\n", line, strings.Repeat(" ", p.Column-1), p)
	}
	requireGolden(t, "testdata/first.golden", manual.String())
}
