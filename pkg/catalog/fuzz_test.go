package catalog

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzLoad reads any text as a file of documents: never a panic, never more
// problems than are listed, and each problem at a place in the file.
func FuzzLoad(f *testing.F) {
	for _, text := range company() {
		f.Add([]byte(text))
	}
	mistakes, err := filepath.Glob("testdata/mistakes/*.yaml")
	require.NoError(f, err)
	examples, err := filepath.Glob("../formats/openslo/testdata/*.yaml")
	require.NoError(f, err)
	for _, path := range append(mistakes, examples...) {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte("a: &a [*a]\n--- [\n...\n- - {apiVersion: accord/v1}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		files := &folder{documents: []*file{{path: "company.yaml", text: []byte(all())}, {path: "fuzzed.yaml", text: data}}, calendars: map[string][]byte{"h.ics": data}}
		for _, alone := range []bool{false, true} {
			c, err := newResolver(files, Options{NoReferences: alone}).resolve(context.Background())
			require.NoError(t, err)
			require.LessOrEqual(t, len(c.Problems), 2*101)
			for _, p := range c.Problems {
				require.NotEmpty(t, p.Message)
				require.Positive(t, p.Line, p.String())
				require.Positive(t, p.Column, p.String())
			}
			for _, a := range c.Agreements {
				require.NotEmpty(t, a.Objectives)
				for _, o := range a.Objectives {
					require.True(t, alone || o.Target > 0 && o.Target <= 1)
				}
			}
		}
	})
}

// all is the company in one file, so that fuzzed documents have something to
// refer to.
func all() string {
	text := ""
	for _, name := range sortedKeys(company()) {
		text += "---\n" + company()[name]
	}
	return text
}
