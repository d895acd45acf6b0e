package sloth_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
	"github.com/accord-sla/accord/pkg/formats/sloth"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/sli"
)

var update = flag.Bool("update", false, "write the golden files anew")

// imported is what comes out of a text, and what is said about it.
func imported(t testing.TB, file string, text []byte) (*imports.Set, string, []problem.Problem) {
	t.Helper()
	set := &imports.Set{}
	documents, problems := document.Read(file, text)
	var read []*document.Document
	for _, d := range documents {
		read = append(read, imports.Each(d, sloth.Kind, func(d *document.Document) { sloth.Import(set, d, sloth.DefaultWindow) })...)
	}
	texts, err := set.Texts()
	require.NoError(t, err)
	for _, d := range read {
		problems = append(problems, d.Problems()...)
	}
	return set, string(texts[file]), problem.Sort(problems)
}

// loaded checks that all that comes out is good, as documents of a folder.
func loaded(t testing.TB, out string, slos int) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "imported.yaml"), []byte(out), 0o600))
	c, err := catalog.Load(t.Context(), dir, catalog.Options{CheckSLI: sli.Check})
	require.NoError(t, err)
	require.False(t, c.HasErrors(), "%v\n%s", c.Problems, out)
	require.Len(t, c.AllSLOs, slos)
}

func TestWhatComesOut(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			set, out, problems := imported(t, filepath.Base(file), text)
			loaded(t, out, set.Imported)
			var said strings.Builder
			for _, p := range problems {
				said.WriteString(p.String() + "\n")
			}
			got := out + "--- said\n" + said.String()
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err, "go test -update writes it")
			require.Equal(t, string(want), got)
		})
	}
}

// FuzzImport imports any text: never a panic, each problem at a place, and
// whatever comes out without an error is good as a document.
func FuzzImport(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		set, out, problems := imported(t, "fuzzed.yaml", text)
		for _, p := range problems {
			require.NotEmpty(t, p.Message)
			require.Positive(t, p.Line, p.String())
		}
		loaded(t, out, set.Imported)
	})
}
