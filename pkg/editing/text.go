package editing

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/problem"
)

// parsedFile is a file's text with the documents in it.
type parsedFile struct {
	text      []byte
	documents []*document.Document
	problems  []problem.Problem
}

func parse(text []byte) parsedFile {
	documents, problems := document.Read("", text)
	return parsedFile{text, documents, problems}
}

// find returns the index of the first document with that ID, or -1.
func (p parsedFile) find(id catalog.ID) int {
	return slices.IndexFunc(p.documents, func(d *document.Document) bool {
		return d.Kind == id.Kind && d.Name == id.Name && !catalog.IsForeign(d)
	})
}

// own returns the bytes of a document that has its lines to itself.
func (p parsedFile) own(i int) []byte {
	extent, _ := p.documents[i].Extent()
	return p.text[extent.From:extent.To]
}

// onMarker reports whether a document begins on the --- line itself.
func (p parsedFile) onMarker(i int) bool {
	extent, _ := p.documents[i].Extent()
	return bytes.HasSuffix(p.text[:extent.From], []byte("---"))
}

// ErrShared is the error for a document that cannot be changed alone.
var ErrShared = errors.New("does not stand on lines of its own (it is in a list in brackets or in an annotation, or shares an anchor), so it can only be changed in the file itself")

// read returns the text of a document by itself, with LF line ends and without the indentation of a
// list. It fails if that does not mean the same by itself.
func (p parsedFile) read(i int) ([]byte, error) {
	extent, alone := p.documents[i].Extent()
	if !alone {
		return nil, ErrShared
	}
	text := withLineFeeds(p.own(i))
	if bytes.IndexByte(text, '\r') >= 0 { // a line end in YAML, but not in editors
		return nil, ErrShared
	}
	if p.onMarker(i) {
		text = bytes.TrimLeft(text, " \t")
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for j, line := range lines[1:] {
		spaces := len(line) - len(bytes.TrimLeft(line, " "))
		lines[j+1] = line[min(spaces, extent.Indent):]
	}
	text = bytes.Join(lines, nil)
	// A newline missing at the end may be missing from a block text, too.
	for _, text := range [][]byte{ended(text), text} {
		by := parse(text)
		if len(by.problems) == 0 && len(by.documents) == 1 && by.documents[0].Same(p.documents[i]) {
			return text, nil
		}
	}
	return nil, ErrShared
}

// proposal parses one typed document, and returns its text for use in a file, without --- lines.
func proposal(typed []byte) (text []byte, d *document.Document, err error) {
	typed = bytes.ReplaceAll(withLineFeeds(typed), []byte("\r"), []byte("\n"))
	p := parse(ended(bytes.TrimPrefix(typed, bom)))
	switch {
	case len(p.problems) > 0:
		return nil, nil, errors.New("the text " + p.problems[0].Message)
	case len(p.documents) != 1:
		return nil, nil, fmt.Errorf("the text must be one document, got %d", len(p.documents))
	}
	extent, alone := p.documents[0].Extent()
	if !alone || extent.Indent > 0 {
		return nil, nil, errors.New("the text must be one document, got a list")
	}
	before, err := comments(p.text[:extent.From])
	if err != nil {
		return nil, nil, err
	}
	after, err := comments(p.text[extent.To:])
	if err != nil {
		return nil, nil, err
	}
	own := p.own(0)
	if p.onMarker(0) {
		own = bytes.TrimLeft(own, " \t")
	}
	return slices.Concat(before, own, after), p.documents[0], nil
}

// comments returns the comment lines in the text around a document.
func comments(around []byte) ([]byte, error) {
	var lines []byte
	for line := range bytes.Lines(around) {
		trimmed := bytes.TrimSpace(line)
		switch {
		case bytes.HasPrefix(trimmed, []byte("#")):
			lines = append(append(lines, trimmed...), '\n')
		case bytes.HasPrefix(trimmed, []byte("%")):
			return nil, fmt.Errorf("the text has the directive %s, which cannot be kept: write the document without it", trimmed)
		}
	}
	return lines, nil
}

// with returns the file with text in place of the document at i, or text alone if i is negative.
func (p parsedFile) with(i int, text []byte, wanted *document.Document) (parsedFile, error) {
	if i < 0 {
		return parse(text), nil
	}
	if extent, _ := p.documents[i].Extent(); extent.Indent > 0 && bytes.HasPrefix(text, []byte("#")) {
		return parsedFile{}, errors.New("the text begins with a comment, which a document in a list cannot: put it below the first line")
	}
	made := parse(p.replaced(i, text, false))
	err := p.keeps(made, i, wanted)
	if err != nil { // a block text at the end may need its newline
		made = parse(p.replaced(i, text, true))
		err = p.keeps(made, i, wanted)
	}
	if len(made.text) > document.MaxFileBytes {
		return parsedFile{}, fmt.Errorf("the text makes its file %d bytes long; the limit is %d", len(made.text), document.MaxFileBytes)
	}
	return made, err
}

// without returns the file without the document; nil if nothing else is in it.
func (p parsedFile) without(i int) ([]byte, error) {
	text := p.removed(i)
	if err := p.keeps(parse(text), i, nil); err != nil {
		return nil, err
	}
	for line := range bytes.Lines(bytes.TrimPrefix(text, bom)) {
		if trimmed := string(bytes.TrimSpace(line)); trimmed != "" && trimmed != "---" && trimmed != "..." {
			return text, nil
		}
	}
	return nil, nil
}

// replaced returns the file with text in place of the document. Unless ended, it has a newline at its
// end only if the document had.
func (p parsedFile) replaced(i int, text []byte, ended bool) []byte {
	extent, _ := p.documents[i].Extent()
	text = indented(text, extent.Indent)
	own := p.own(i)
	if lineEnding(own, p.text) == "\r\n" {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	if !ended && !bytes.HasSuffix(own, []byte("\n")) {
		text = bytes.TrimRight(text, "\r\n")
	}
	var marker string
	if p.onMarker(i) { // not every document may begin on that line
		marker = lineEnding(p.text)
	}
	return slices.Concat(p.text[:extent.From], []byte(marker), text, p.text[extent.To:])
}

// removed returns the file without the document and its dash or bare --- line.
func (p parsedFile) removed(i int) []byte {
	extent, _ := p.documents[i].Extent()
	from := extent.From
	start := bytes.LastIndexByte(p.text[:from], '\n') + 1
	above := bytes.LastIndexByte(p.text[:max(start-1, 0)], '\n') + 1
	if above == 0 && bytes.HasPrefix(p.text, bom) {
		above = len(bom)
	}
	switch {
	case extent.Indent > 0, p.onMarker(i):
		from = start
	case above < start && string(bytes.TrimSpace(p.text[above:start])) == "---":
		from = above
	}
	return slices.Concat(p.text[:from], p.text[extent.To:])
}

var errNotKept = errors.New("the file would not mean the same in other places after this change, so change the file itself")

// keeps checks that made is p with the document at i as wanted (nil: removed), and no other changed.
func (p parsedFile) keeps(made parsedFile, i int, wanted *document.Document) error {
	expected := slices.Delete(slices.Clone(p.documents), i, i+1)
	if wanted != nil {
		expected = slices.Insert(expected, i, wanted)
	}
	if len(made.problems) != len(p.problems) || !slices.EqualFunc(expected, made.documents, (*document.Document).Same) {
		return errNotKept
	}
	return nil
}

var bom = []byte("\ufeff")

// lineEnding returns the line ending of the first text that has one.
func lineEnding(texts ...[]byte) string {
	for _, text := range texts {
		if n := bytes.IndexByte(text, '\n'); n > 0 && text[n-1] == '\r' {
			return "\r\n"
		} else if n >= 0 {
			break
		}
	}
	return "\n"
}

// indented indents each line except the first and blank ones.
func indented(text []byte, spaces int) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for i, line := range lines {
		if i > 0 && len(bytes.TrimSpace(line)) > 0 {
			lines[i] = slices.Concat([]byte(strings.Repeat(" ", spaces)), line)
		}
	}
	return bytes.Join(lines, nil)
}

func withLineFeeds(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// ended returns the text with a line feed at its end.
func ended(text []byte) []byte {
	if bytes.HasSuffix(text, []byte("\n")) {
		return text
	}
	return append(bytes.Clone(text), '\n')
}

// Approve returns the text of an exclusion with its approval by the team on a day, replacing an earlier
// one: two fields at the beginning of its spec, with the rest unchanged. If the text does not allow
// that, it is encoded anew.
func Approve(text []byte, team string, day time.Time) ([]byte, error) {
	var by yaml.Node
	by.SetString(team)
	on := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: day.Format(time.DateOnly)}
	return withApproval(text, plain("approvedBy"), &by, plain("approvedOn"), &on)
}

// WithoutApproval returns the text of an exclusion without its approval.
func WithoutApproval(text []byte) ([]byte, error) { return withApproval(text) }

func plain(word string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: word} }

// withApproval replaces the approval in the spec by the given keys and values.
func withApproval(text []byte, approval ...*yaml.Node) ([]byte, error) {
	var whole yaml.Node
	if err := yaml.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	var spec *yaml.Node
	if len(whole.Content) > 0 {
		spec = document.Find(whole.Content[0], "spec")
	}
	if spec == nil || spec.Kind != yaml.MappingNode || len(spec.Content) == 0 {
		return nil, refuse(Invalid, "the document has no spec: write one")
	}
	var kept, dropped []*yaml.Node
	for i := 0; i < len(spec.Content); i += 2 {
		if key := spec.Content[i]; key.Value == "approvedBy" || key.Value == "approvedOn" {
			dropped = append(dropped, key)
		} else {
			kept = append(kept, key, spec.Content[i+1])
		}
	}
	edited := editedLines(text, spec.Style, kept, dropped, approval)
	spec.Content = slices.Concat(approval, kept)
	if means(edited, &whole) {
		return edited, nil
	}
	return yaml.Marshal(&whole)
}

// editedLines replaces the dropped keys by the approval, line by line: the result may be wrong if a
// value has several lines, or several keys share one.
func editedLines(text []byte, style yaml.Style, kept, dropped, approval []*yaml.Node) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for _, key := range dropped {
		lines[key.Line-1] = nil
	}
	if len(approval) == 0 || len(kept) == 0 {
		return bytes.Join(lines, nil)
	}
	line := &lines[kept[0].Line-1]
	at := min(kept[0].Column-1, len(*line))
	separator := "\n" + string((*line)[:at])
	if style&yaml.FlowStyle != 0 {
		separator = ", "
	}
	var entries strings.Builder
	for i := 0; i < len(approval); i += 2 {
		value, _ := yaml.Marshal(approval[i+1]) // a word, or a day
		entries.WriteString(approval[i].Value + ": " + strings.TrimSpace(string(value)) + separator)
	}
	*line = slices.Concat((*line)[:at], []byte(entries.String()), (*line)[at:])
	return bytes.Join(lines, nil)
}

// means reports whether the text has the same content as the document.
func means(text []byte, document *yaml.Node) bool {
	var x, y any
	return yaml.Unmarshal(text, &x) == nil && document.Decode(&y) == nil && reflect.DeepEqual(x, y)
}

//go:embed templates
var templates embed.FS

// Templates returns the kinds that have a template for a new document.
func Templates() (kinds []string) {
	files, _ := templates.ReadDir("templates") // embedded, so there is no error
	for _, file := range files {
		kinds = append(kinds, strings.TrimSuffix(file.Name(), ".yaml"))
	}
	return kinds
}

// Template returns the initial text of a new document of the kind.
func Template(kind string) (text string, ok bool) {
	content, err := templates.ReadFile("templates/" + kind + ".yaml")
	return string(content), err == nil
}
