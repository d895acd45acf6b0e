package catalog

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestTheListingOfAFolderFullOfMistakes(t *testing.T) {
	c, err := Load(context.Background(), "testdata/mistakes", Options{})
	require.NoError(t, err)
	got := strings.Join(lines(c), "\n") + "\n"
	const golden = "testdata/mistakes.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
	require.Equal(t, []string{"good-one"}, namesOf(c), "the good are served beside the bad")
	require.Equal(t, []string{"found", "storage", "web"}, sortedKeys(c.Teams))
}
