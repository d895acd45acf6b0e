package catalog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog/document"
)

const service = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: %s}\nspec: {}\n"

func TestTheFolderItself(t *testing.T) {
	dir := folderOf(t, map[string]string{"a.yaml": ""})
	_, err := Load(context.Background(), filepath.Join(dir, "slas"), Options{})
	require.EqualError(t, err, fmt.Sprintf("the folder of documents %q does not exist", filepath.Join(dir, "slas")))
	_, err = Load(context.Background(), filepath.Join(dir, "a.yaml"), Options{})
	require.EqualError(t, err, fmt.Sprintf("the folder of documents %q is a file, not a folder", filepath.Join(dir, "a.yaml")))

	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Load(cancelled, dir, Options{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestWhichFilesAreRead(t *testing.T) {
	c := load(t, map[string]string{
		"a.yaml": fmt.Sprintf(service, "a"), "sub/deep/b.yml": fmt.Sprintf(service, "b"), "C.YAML": fmt.Sprintf(service, "c"),
		"README.md": "# no: [yaml", "notes.txt": ":", ".hidden.yaml": "{", ".git/config.yaml": "{", "empty.yaml": "", "comment.yaml": "# nothing\n---\n",
	}, Options{})
	require.Empty(t, lines(c))
	require.Equal(t, []string{"a", "b", "c"}, sortedKeys(c.Services))
	require.Equal(t, "sub/deep/b.yml", c.Services["b"].Place.File)
}

// A mounted ConfigMap shows each file as a link through ..data.
func TestAMountedConfigMapIsReadOnce(t *testing.T) {
	dir := folderOf(t, map[string]string{"..2026_11_01/a.yaml": fmt.Sprintf(service, "a")})
	require.NoError(t, os.Symlink("..2026_11_01", filepath.Join(dir, "..data")))
	require.NoError(t, os.Symlink("..data/a.yaml", filepath.Join(dir, "a.yaml")))
	c, err := Load(context.Background(), dir, Options{})
	require.NoError(t, err)
	require.Empty(t, lines(c))
	require.Equal(t, 1, c.Documents)
}

func TestLinks(t *testing.T) {
	outside := folderOf(t, map[string]string{"secret.yaml": fmt.Sprintf(service, "secret"), "notes.md": ""})
	dir := folderOf(t, map[string]string{"sub/a.yaml": fmt.Sprintf(service, "a")})
	for link, to := range map[string]string{
		"again.yaml": "sub/a.yaml", "loop": ".", "sub2": "sub", "gone.yaml": "nothing.yaml",
		"out.yaml": filepath.Join(outside, "secret.yaml"), "out": outside, "NOTES.md": filepath.Join(outside, "notes.md"),
	} {
		require.NoError(t, os.Symlink(to, filepath.Join(dir, link)))
	}
	c, err := Load(context.Background(), dir, Options{})
	require.NoError(t, err)
	require.Equal(t, []string{
		"gone.yaml:1:1: is not read: no such file or directory",
		"out:1:1: is not read: it is a link that leads out of the folder of documents",
		"out.yaml:1:1: is not read: it is a link that leads out of the folder of documents",
	}, lines(c))
	require.Equal(t, 1, c.Documents, "a file reached three times is read once")
}

func TestListsAndSeveralDocumentsInAFile(t *testing.T) {
	item := func(name string) string {
		return "{apiVersion: openslo/v1, kind: Service, metadata: {name: " + name + "}}"
	}
	c := load(t, map[string]string{
		"list.yaml": "- " + item("a") + "\n- [" + item("b") + ", [" + item("c") + "]]\n--- " + item("d") + "\n...\n---\n" + item("e") + "\n",
		"json.yaml": `{"apiVersion": "openslo/v1", "kind": "Service", "metadata": {"name": "f"}}`,
		"bom.yaml":  "\ufeff" + item("g") + "\r\n---\r\n" + item("h") + "\r\n",
		"same.yaml": "- &x " + item("i") + "\n",
	}, Options{})
	require.Empty(t, lines(c))
	require.Equal(t, []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}, sortedKeys(c.Services))
}

func TestADocumentThatIsNoYAMLDoesNotTakeAwayTheOthersOfItsFile(t *testing.T) {
	c := load(t, map[string]string{
		"mixed.yaml": fmt.Sprintf(service, "a") + "---\nkind: [Service\n---\n" + fmt.Sprintf(service, "b") + "---\nspec:\n\tx: y\n---\n" + fmt.Sprintf(service, "c") + "---\nname: 'open\n",
	}, Options{})
	require.Equal(t, []string{
		"mixed.yaml:7:1: is not YAML: while parsing a flow sequence: did not find expected ',' or ']'; a comma, a bracket or a quote is missing (it begins in line 6)",
		"mixed.yaml:14:1: is not YAML: while scanning for the next token: found character that cannot start any token: a tab; indent with spaces",
		"mixed.yaml:22:1: is not YAML: while scanning a quoted scalar: found unexpected end of stream (it begins in line 21)",
	}, lines(c))
	require.Equal(t, []string{"a", "b", "c"}, sortedKeys(c.Services))
	require.Equal(t, 8, c.Services["b"].Place.Line)
	require.Equal(t, 16, c.Services["c"].Place.Line)
}

func TestACharacterThatYAMLForbidsIsSaidWhereItStands(t *testing.T) {
	c := load(t, map[string]string{"bell.yaml": fmt.Sprintf(service, "a") + "---\nkind: Service\nname: ä\a\n"}, Options{})
	require.Equal(t, []string{"bell.yaml:7:8: is not YAML: control characters are not allowed (value: 7); take it out, and save the file as UTF-8"}, lines(c))
}

// A review shows one line, a comment, where the parser would see a field after it.
func TestWhatLooksLikeAPartOfTheLineIsNotInForce(t *testing.T) {
	for _, end := range []string{"\r", "\u0085", "\u2028", "\u2029"} {
		c := load(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a") + "---\napiVersion: accord/v1\nkind: Team\nmetadata: {name: b}\nspec:\n  # ü" + end + "  members: [eve]\n"}, Options{})
		require.Equal(t, []string{fmt.Sprintf("a.yaml:10:6: the character %U ends a line to YAML, and to no editor or review: take it out, or end the line with a line feed", []rune(end)[0])}, lines(c))
		require.Equal(t, 1, c.Documents)
		require.Equal(t, []string{"a.yaml"}, c.Unread)
	}
	c := load(t, map[string]string{"a.yaml": strings.ReplaceAll(fmt.Sprintf(service, "a"), "\n", "\r\r\n") + "# end\r"}, Options{})
	require.Empty(t, lines(c), "an empty line")
}

func TestACharacterThatBeginsNothingIsNamed(t *testing.T) {
	for text, want := range map[string]string{"ä: @b": "4: '@'; put the text in quotes", "a: %b": "4: '%'; put the text in quotes", "a: {b: |\n c}": "8: '|'; inside of {…} or […] put the text in quotes"} {
		column, what, _ := strings.Cut(want, ": ")
		c := load(t, map[string]string{"a.yaml": text}, Options{})
		require.Equal(t, []string{"a.yaml:1:" + column + ": is not YAML: while scanning for the next token: found character that cannot start any token: " + what}, lines(c))
	}
}

func TestWhatIsNoYAMLSaysTheMend(t *testing.T) {
	for text, want := range map[string]string{
		"# first\n%YAML 1.2\n---\n" + fmt.Sprintf(service, "a"): "2:1: is not YAML: found incompatible YAML document; leave out the line %YAML",
		"note: Note: not quoted\n":                              `1:11: is not YAML: mapping values are not allowed in this context; put a text with ": " inside in quotes, or look at`,
		"a: 1\n  b: 2\n":                                        `2:4: is not YAML: mapping values are not allowed in this context; put a text with ": " inside in quotes, or look at`,
		"q: \"x{code=\"5..\"}\"\n":                              "1:13: is not YAML: while parsing a block mapping: did not find expected key; look at the indentation, and at quotes inside of quotes",
		"a: 1\n-b\n":                                            "3:1: is not YAML: while scanning a simple key: could not find expected ':'; a field is written as name: value, and an item of a list as - item",
		`q: "5\d\d"`:                                            `1:6: is not YAML: while scanning a quoted scalar: found unknown escape character; write \\ for each \, or put the text in single quotes`,
		"note: *all*\n":                                         "1:7: is not YAML: unknown anchor 'all*' referenced; put a text that begins with * in quotes; an anchor is known in its own document alone",
		"{a: 1}\n{a: 2}\n":                                      "2:1: is not YAML: did not find expected <document start>; write --- between two documents",
		"a: [b, , c]\n":                                         "1:8: is not YAML: while parsing a flow node: did not find expected node content; a value is missing",
		"a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n": "2:1: a merge conflict of Git stands here; resolve it",
		"\xff\xfea\x00": "1:1: byte 0xff is no UTF-8, so the file is not read; save it as UTF-8",
		"a\x00:\x00":    "1:2: is not YAML: control characters are not allowed (value: 0); take it out, and save the file as UTF-8",
		fmt.Sprintf(service, "a") + "---\n\ufeffkind: Service\n": "6:1: a byte order mark (U+FEFF) stands inside the file, as where files were joined; take it out",
	} {
		c := load(t, map[string]string{"a.yaml": text}, Options{})
		require.Contains(t, strings.Join(lines(c), "\n"), "a.yaml:"+want)
	}
}

// A document that gets its version and kind from another is one that is read here.
func TestADocumentIsNotMergedWithAnother(t *testing.T) {
	c := load(t, map[string]string{
		"a.yaml": "- &t {apiVersion: openslo/v1, kind: Service, metadata: {name: a}, spec: {}}\n- <<: *t\n  metadata: {name: b}\n",
		"b.yaml": "- &t {apiVersion: v1, kind: Pod}\n- <<: *t\n",
	}, Options{})
	require.Equal(t, []string{
		"a.yaml:2:3: Service b: <<: merging mappings is YAML 1.1, which is not read; write the fields out",
		"b.yaml:1:3: warning: 2 documents of other programs, of which this is the first, are passed over: their apiVersion is none of accord/v1, openslo/v1, openslo/v1alpha, openslo.com/v2alpha",
	}, lines(c))
}

func TestAFolderOfOtherYAML(t *testing.T) {
	c := load(t, map[string]string{
		"pod.yaml":    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: []}\n",
		"values.yaml": "image: {tag: 1}\n",
		"text.yaml":   "just a text\n---\n- 1\n- two\n",
		"merge.yaml":  "apiVersion: openslo/v1\nkind: Service\nmetadata: {<<: {name: a}, name: b}\n? {a: b}\n: c\n",
		"latin.yaml":  "kind: Service\nname: Gr\xfc\xdfe\n",
	}, Options{})
	require.Equal(t, []string{
		"latin.yaml:2:9: byte 0xfc is no UTF-8, so the file is not read; save it as UTF-8",
		"merge.yaml:3:12: Service b: metadata.<<: merging mappings is YAML 1.1, which is not read; write the fields out",
		"merge.yaml:4:3: Service b: a name in a mapping must be a text, got a mapping",
		"pod.yaml:1:1: warning: 2 documents of other programs, of which this is the first, are passed over: their apiVersion is none of accord/v1, openslo/v1, openslo/v1alpha, openslo.com/v2alpha",
		`text.yaml:1:1: must be a document (a mapping with apiVersion, kind, metadata and spec), got the text "just a text"`,
		"text.yaml:3:3: must be a document (a mapping with apiVersion, kind, metadata and spec), got the number 1",
		`text.yaml:4:3: must be a document (a mapping with apiVersion, kind, metadata and spec), got the text "two"`,
	}, lines(c))
	require.Zero(t, c.Documents)
}

func TestAFileOfFiftyMegabytesIsNotRead(t *testing.T) {
	dir := folderOf(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a"), "big.yaml": ""})
	require.NoError(t, os.Truncate(filepath.Join(dir, "big.yaml"), 50_000_000))
	var c *Catalog
	var err error
	bytes := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			c, err = Load(context.Background(), dir, Options{})
		}
	}).AllocedBytesPerOp()
	require.NoError(t, err)
	require.Equal(t, []string{"big.yaml:1:1: has 50000000 bytes; the limit is 1048576"}, lines(c))
	require.Equal(t, 1, c.Documents)
	require.Less(t, bytes, int64(1<<20), "the file is judged by its size, not by its text")
}

func TestLimits(t *testing.T) {
	services := func(from, to int) string {
		var b strings.Builder
		for i := from; i < to; i++ {
			fmt.Fprintf(&b, "--- {apiVersion: openslo/v1, kind: Service, metadata: {name: s%d}}\n", i)
		}
		return b.String()
	}
	files, large := map[string]string{}, map[string]string{}
	for i := range document.MaxDocuments + 1 {
		files[fmt.Sprintf("%05d.yaml", i)] = ""
	}
	for i := range document.MaxFolderBytes/document.MaxFileBytes + 1 {
		large[fmt.Sprintf("%02d.yaml", i)] = "#" + strings.Repeat("x", document.MaxFileBytes-1)
	}
	cases := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"files", files, "20000.yaml:1:1: is not read, nor is any file after it: the folder has more than 20000 files, which is the limit"},
		{"bytes together", large, "64.yaml:1:1: is not read: with it the folder has 68157440 bytes; the limit is 67108864"},
		{"documents", map[string]string{"a.yaml": services(0, 10_000), "b.yaml": services(10_000, 20_001)},
			"b.yaml:10001:5: the folder has more than 20000 documents, which is the limit; from here on none is read"},
		{"depth", map[string]string{"a.yaml": strings.Repeat("[", 200) + strings.Repeat("]", 200)},
			"a.yaml:1:101: is not YAML: while increasing flow level: nested more than 100 levels deep, which is the limit"},
		{"depth by aliases", map[string]string{"a.yaml": chain(110)},
			"a.yaml:1:1: the document is nested 112 levels deep with its aliases written out; the limit is 100"},
		{"values", map[string]string{"a.yaml": "[" + strings.Repeat("1,", 200_000) + "]"},
			"a.yaml:1:1: the document has 200001 values with its aliases written out; the limit is 200000"},
		{"an alias inside itself", map[string]string{"a.yaml": "a: &a\n  b: [*a]\n"},
			"a.yaml:2:7: the alias *a stands inside what it stands for"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, []string{c.want}, lines(load(t, c.files, Options{})))
		})
	}
}

// chain nests n levels, one alias each.
func chain(n int) string {
	var b strings.Builder
	b.WriteString("- &a0 [x]\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "- &a%d [*a%d]\n", i, i-1)
	}
	return b.String()
}

func TestAnAliasBombIsCheap(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for name := 'b'; name <= 'z'; name++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", name, name, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", name-1), 9), ","))
	}
	start := time.Now()
	c := load(t, map[string]string{"bomb.yaml": bomb, "a.yaml": fmt.Sprintf(service, "a")}, Options{})
	require.Equal(t, []string{
		"bomb.yaml:1:1: the document has 9223372036854775807 values with its aliases written out; the limit is 200000",
	}, lines(c))
	require.Equal(t, 1, c.Documents)
	require.Less(t, time.Since(start), time.Minute)
}

func TestAFileWithManyProblemsDoesNotBuryTheOthers(t *testing.T) {
	c := load(t, map[string]string{"heap.yaml": strings.Repeat("- 1\n", 5000), "z.yaml": "x"}, Options{})
	require.Len(t, c.Problems, 102)
	require.Equal(t, "heap.yaml:5000:3: 4900 problems more in this file are not listed", c.Problems[100].String())
	require.Equal(t, "z.yaml", c.Problems[101].File)

	var warned strings.Builder
	for i := range 102 {
		fmt.Fprintf(&warned, "---\napiVersion: accord/v1\nkind: Team\nmetadata: {name: team-%d}\nspec: {members: [a, A]}\n", i)
	}
	c = load(t, map[string]string{"warned.yaml": warned.String()}, Options{})
	require.Len(t, c.Problems, 101)
	require.False(t, c.HasErrors(), "of which none is an error: %s", c.Problems[100])
}

func TestWhatIsNoRegularFileIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	if err := mkfifo(filepath.Join(dir, "pipe.yaml")); err != nil {
		t.Skipf("SKIPPED: needs a system with named pipes: %v", err)
	}
	c, err := Load(context.Background(), dir, Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"pipe.yaml:1:1: is not read: it is no regular file"}, lines(c))
}
