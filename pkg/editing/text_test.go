package editing

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/catalog"
)

func team(name string) catalog.ID { return catalog.ID{Kind: "Team", Name: name} }

const b = "apiVersion: accord/v1\nkind: Team\nmetadata: {name: b}\nspec: {}\n"

func TestWhatOfAFileIsADocument(t *testing.T) {
	for name, c := range map[string]struct{ file, text string }{
		"the only one":                {b, b},
		"without a newline":           {strings.TrimSuffix(b, "\n"), b},
		"between others":              {"kind: A\n---\n" + b + "---\nkind: C\n", b},
		"its comments":                {"# of the file\n\n# of b\n" + b + "# still of b\n\n# of nobody\n---\n", "# of b\n" + b + "# still of b\n"},
		"comments inside":             {"---\nkind: Team # team\n\n# name\nmetadata:\n  # the name\n  name: b\n\n", "kind: Team # team\n\n# name\nmetadata:\n  # the name\n  name: b\n"},
		"line ends of Windows":        {"kind: A\r\n---\r\n" + strings.ReplaceAll(b, "\n", "\r\n"), b},
		"a byte order mark":           {"\ufeff" + b, b},
		"on the marker's line":        {"kind: A\n--- {kind: Team, metadata: {name: b}}\n---\nkind: C\n", "{kind: Team, metadata: {name: b}}\n"},
		"a comment on the marker":     {"--- # next\n" + b, b},
		"JSON":                        {"{\n  \"kind\": \"Team\",\n  \"metadata\": {\"name\": \"b\"}\n}\n", "{\n  \"kind\": \"Team\",\n  \"metadata\": {\"name\": \"b\"}\n}\n"},
		"before an end":               {b + "...\n# other\n", b},
		"in a list":                   {"# teams\n- kind: A\n- kind: Team\n  metadata:\n    name: b\n  # of b\n# of the list\n- kind: C\n", "kind: Team\nmetadata:\n  name: b\n# of b\n"},
		"in an indented list":         {"  -   kind: Team\n      metadata: {name: b}\n\n  -   kind: C\n", "kind: Team\nmetadata: {name: b}\n"},
		"a block text at the end":     {"kind: Team\nmetadata: {name: b}\nspec: |\n  one\n  # no comment\n\n---\nkind: C\n", "kind: Team\nmetadata: {name: b}\nspec: |\n  one\n  # no comment\n"},
		"a text that keeps its lines": {"kind: Team\nmetadata: {name: b}\nspec: |+\n  one\n\n\n---\nkind: C\n", "kind: Team\nmetadata: {name: b}\nspec: |+\n  one\n\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			h := parse([]byte(c.file))
			i := h.find(team("b"))
			require.GreaterOrEqual(t, i, 0)
			text, err := h.read(i)
			require.NoError(t, err)
			require.Equal(t, c.text, string(text))
		})
	}
}

func TestADocumentThatSharesItsLinesIsLeftAlone(t *testing.T) {
	for name, file := range map[string]string{
		"in brackets":            "[{kind: Team, metadata: {name: b}}, {kind: C}]\n",
		"an anchor of another":   "- &m\n  kind: C\n- kind: Team\n  metadata: {name: b, labels: *m}\n",
		"an alias":               "- &t {kind: Team, metadata: {name: b}}\n- *t\n",
		"a list on the same row": "- - kind: Team\n    metadata: {name: b}\n",
		"doubled line ends":      "kind: Team\r\r\nmetadata: {name: b}\r\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			h := parse([]byte(file))
			i := h.find(team("b"))
			require.GreaterOrEqual(t, i, 0)
			_, err := h.read(i)
			if name == "an alias" { // the first can be read, and is not changed since the second would follow
				_, err = h.with(i, []byte(b), parse([]byte(b)).documents[0])
			}
			require.Error(t, err)
		})
	}
}

func TestOneDocumentIsReplaced(t *testing.T) {
	typed := "apiVersion: accord/v1\nkind: Team\nmetadata:\n  name: b\nspec: {}\n"
	windows := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
	for name, c := range map[string]struct{ file, want string }{
		"between others":       {"# head\n\nkind: A # a\n---\n" + b + "\n# tail\n---\nkind: C", "# head\n\nkind: A # a\n---\n" + typed + "\n# tail\n---\nkind: C"},
		"without a newline":    {"kind: A\n---\n" + strings.TrimSuffix(b, "\n"), "kind: A\n---\n" + strings.TrimSuffix(typed, "\n")},
		"line ends of Windows": {windows("kind: A\n---\n" + b + "---\nkind: C\n"), windows("kind: A\n---\n" + typed + "---\nkind: C\n")},
		"mixed line ends":      {"kind: A\n---\n" + windows(b) + "---\nkind: C\n", "kind: A\n---\n" + windows(typed) + "---\nkind: C\n"},
		"a byte order mark":    {"\ufeff" + b, "\ufeff" + typed},
		"on the marker's line": {"--- {kind: Team, metadata: {name: b}}\n---\nkind: C\n", "---\n" + typed + "---\nkind: C\n"},
		"in a list": {"- kind: A\n- kind: Team\n  metadata: {name: b}\n# tail\n- kind: C\n",
			"- kind: A\n- apiVersion: accord/v1\n  kind: Team\n  metadata:\n    name: b\n  spec: {}\n# tail\n- kind: C\n"},
	} {
		t.Run(name, func(t *testing.T) {
			h := parse([]byte(c.file))
			text, wanted, err := proposal([]byte(typed))
			require.NoError(t, err)
			made, err := h.with(h.find(team("b")), text, wanted)
			require.NoError(t, err)
			require.Equal(t, c.want, string(made.text))
		})
	}
}

func TestOneDocumentIsDeleted(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"the only one":         {b, ""},
		"with empty documents": {"---\n" + b + "---\n\n", ""},
		"the first":            {"# head\n\n" + b + "---\nkind: C\n", "# head\n\n---\nkind: C\n"},
		"the last":             {"kind: A\n---\n" + b, "kind: A\n"},
		"between others":       {"kind: A\n\n---\n# of b\n" + b + "\n# tail\n---\nkind: C\n", "kind: A\n\n\n# tail\n---\nkind: C\n"},
		"after a directive":    {"%TAG !e! tag:e\n---\n" + b + "---\nkind: C\n", "%TAG !e! tag:e\n---\nkind: C\n"},
		"on the marker's line": {"kind: A\n--- {kind: Team, metadata: {name: b}}\n---\nkind: C\n", "kind: A\n---\nkind: C\n"},
		"in a list":            {"- kind: A\n- kind: Team\n  metadata: {name: b}\n- kind: C\n", "- kind: A\n- kind: C\n"},
		"alone in a list":      {"# teams\n- kind: Team\n  metadata: {name: b}\n", "# teams\n"},
		"after a mark":         {"\ufeff---\n" + b + "---\nkind: C\n", "\ufeff---\nkind: C\n"},
	} {
		t.Run(name, func(t *testing.T) {
			h := parse([]byte(c.file))
			text, err := h.without(h.find(team("b")))
			require.NoError(t, err)
			require.Equal(t, c.want, string(text))
		})
	}
}

func TestWhatMayBeTyped(t *testing.T) {
	for name, c := range map[string]struct{ typed, text, said string }{
		"as it is":            {b, b, ""},
		"no newline":          {strings.TrimSuffix(b, "\n"), b, ""},
		"markers and spaces":  {"\n---\n\n" + b + "\n\n---\n", b, ""},
		"line ends":           {strings.ReplaceAll(b, "\n", "\r\n"), b, ""},
		"comments around":     {"# one\n\n# two\n---\n\n" + b + "\n# three\n", "# one\n# two\n" + b + "# three\n", ""},
		"two":                 {b + "---\n" + b, "", "the text must be one document, got 2"},
		"none":                {"# nothing\n", "", "the text must be one document, got 0"},
		"a list":              {"- kind: Team\n", "", "the text must be one document, got a list"},
		"no YAML":             {"kind: [", "", "the text is not YAML"},
		"a directive":         {"%TAG !e! tag:example.org,2026:\n---\n" + b, "", "the directive %TAG"},
		"no UTF-8":            {"kind: \xff\n", "", "no UTF-8"},
		"on the marker's row": {"--- {kind: Team}\n", "{kind: Team}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text, _, err := proposal([]byte(c.typed))
			if c.said != "" {
				require.ErrorContains(t, err, c.said)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.text, string(text))
		})
	}
}

// aFile is a file of teams as people write them, with the names in it.
func aFile(t *rapid.T) (text string, names []string) {
	aside := rapid.SampledFrom([]string{"", "", "\n", "# aside\n", "\n# aside\n\n", "   # far\n"})
	end := rapid.SampledFrom([]string{"", "", "\n# after\n", "# touching\n"})
	var parts strings.Builder
	inList := rapid.Bool().Draw(t, "in a list")
	for i := range rapid.IntRange(1, 5).Draw(t, "documents") {
		name := fmt.Sprintf("team-%d", i)
		names = append(names, name)
		doc := aTeam(t, name)
		if inList {
			doc = strings.TrimPrefix(doc, "# of it\n")
			parts.WriteString(rapid.SampledFrom([]string{"", "# aside\n", "\n"}).Draw(t, "aside"))
			parts.WriteString("- " + string(indented([]byte(doc), 2)))
			continue
		}
		if i > 0 || rapid.Bool().Draw(t, "marker") {
			parts.WriteString(rapid.SampledFrom([]string{"---\n", "--- # next\n", "...\n---\n"}).Draw(t, "between"))
		}
		parts.WriteString(aside.Draw(t, "before") + doc + end.Draw(t, "after"))
	}
	text = parts.String()
	if rapid.Bool().Draw(t, "no newline") {
		text = strings.TrimRight(text, "\n")
	}
	if rapid.Bool().Draw(t, "line ends of Windows") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if rapid.Bool().Draw(t, "byte order mark") {
		text = "\ufeff" + text
	}
	return text, names
}

// aTeam is a document, in one of the ways to write it.
func aTeam(t *rapid.T, name string) string {
	members := rapid.SampledFrom([]string{
		"spec: {}\n", "spec:\n  members:\n    - anna # the first\n    # none\n\n    - ben\n", "spec: {members: [anna,\n  ben]}\n",
		"spec:\n  members: ['a\n  b', \"---\"]\n", "spec:\n  members:\n  - |\n    one\n\n    # two\n", "spec:\n  members:\n  - >-\n    one\n      --- two\n",
		"# before\nspec:\n  members: [\n    anna\n  ]\n",
	})
	return rapid.SampledFrom([]string{"", "# of it\n"}).Draw(t, "comment") +
		"apiVersion: accord/v1\nkind: Team\nmetadata:\n  name: " + name + "\n" + members.Draw(t, "spec")
}

// Put then read gives the same document and leaves every other byte.
func TestAReplacedDocumentLeavesEveryOtherByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file, names := aFile(t)
		name := rapid.SampledFrom(names).Draw(t, "name")
		h := parse([]byte(file))
		require.Empty(t, h.problems)
		i := h.find(team(name))
		extent, alone := h.documents[i].Extent()
		require.True(t, alone)
		_, err := h.read(i)
		require.NoError(t, err)

		typed, wanted, err := proposal([]byte(aTeam(t, name)))
		require.NoError(t, err)
		if extent.Indent > 0 {
			typed = bytes.TrimPrefix(typed, []byte("# of it\n"))
		}
		made, err := h.with(i, typed, wanted)
		require.NoError(t, err, "%q", file)
		require.True(t, bytes.HasPrefix(made.text, h.text[:extent.From]))
		require.True(t, bytes.HasSuffix(made.text, h.text[extent.To:]))
		text, err := made.read(i)
		require.NoError(t, err)
		require.Equal(t, string(typed), string(text))

		gone, err := made.without(i)
		require.NoError(t, err)
		if gone != nil {
			left := parse(gone)
			require.Len(t, left.documents, len(names)-1)
			require.Equal(t, -1, left.find(team(name)))
		}
	})
}

// FuzzSplit splits any text: extents lie in the file in order, and what can be
// read can be put back without harm to the others.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{b, "\ufeff# a\n---\n" + b + "...\n--- {kind: Team, metadata: {name: c}}\n", "- kind: Team\n  metadata: {name: b}\n# x\n- - a: b\n- [c]\n",
		"kind: |+\n  a\n\n# b\n---\r\nkind: C\r\n", "--- !!map\nkind: Team\n", "a: &a {b: c}\nd: *a\n", "kind: A\rb: c\u0085d: e\u2028f: g", "? a\n: b\n", "--- |\n text\n", "%TAG !e! tag:e\n---\na: b\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h := parse(data)
		end := 0
		for i, d := range h.documents {
			extent, alone := d.Extent()
			if !alone {
				continue
			}
			require.LessOrEqual(t, 0, extent.From)
			require.LessOrEqual(t, extent.To, len(data))
			text, err := h.read(i)
			if err != nil {
				continue
			}
			require.LessOrEqual(t, end, extent.From, "two documents that stand alone share no byte")
			end = extent.To
			made, err := h.with(i, text, d)
			if err != nil {
				continue // refused, so nothing is written
			}
			require.True(t, bytes.HasPrefix(made.text, data[:extent.From]))
			require.True(t, bytes.HasSuffix(made.text, data[extent.To:]))
			again, err := made.read(i)
			require.NoError(t, err)
			require.Equal(t, string(text), string(again))
			if gone, err := h.without(i); err == nil && gone != nil {
				require.Len(t, parse(gone).documents, len(h.documents)-1)
			}
		}
	})
}
