package editing

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// held is a file's text with the documents in it.
type held struct {
	text      []byte
	documents []*document.Document
	problems  []document.Problem
}

func hold(text []byte, limits document.Limits) held {
	documents, problems := document.Read("", text, limits)
	return held{text, documents, problems}
}

// find is the place in h.documents of the first by that name; -1 without one.
func (h held) find(id catalog.ID) int {
	for i, d := range h.documents {
		if d.Kind == id.Kind && d.Name == id.Name {
			return i
		}
	}
	return -1
}

// own is the bytes of a document, which stands alone on its lines.
func (h held) own(i int) []byte {
	extent, _ := h.documents[i].Extent()
	return h.text[extent.From:extent.To]
}

// onMarker reports whether a document begins on the --- line itself.
func (h held) onMarker(i int) bool {
	extent, _ := h.documents[i].Extent()
	return bytes.HasSuffix(h.text[:extent.From], []byte("---"))
}

// ErrShared is why a document cannot be changed alone.
var ErrShared = errors.New("does not stand on lines of its own (it is in a list in brackets, or shares an anchor), so it can only be changed in the file itself")

// read is the text of a document by itself: with line feeds, without the
// indentation of a list. Only what means the same by itself can be changed.
func (h held) read(i int, limits document.Limits) ([]byte, error) {
	extent, alone := h.documents[i].Extent()
	if !alone {
		return nil, ErrShared
	}
	text := withLineFeeds(h.own(i))
	if bytes.IndexByte(text, '\r') >= 0 { // a line end to YAML, but to nobody else
		return nil, ErrShared
	}
	if h.onMarker(i) {
		text = bytes.TrimLeft(text, " \t")
	}
	if extent.Indent > 0 {
		lines := bytes.SplitAfter(text, []byte("\n"))
		for j, line := range lines[1:] {
			spaces := len(line) - len(bytes.TrimLeft(line, " "))
			lines[j+1] = line[min(spaces, extent.Indent):]
		}
		text = bytes.Join(lines, nil)
	}
	// A newline that is missing at the end may be missing in a block text too.
	for _, text := range [][]byte{ended(text), text} {
		by := hold(text, limits)
		if len(by.problems) == 0 && len(by.documents) == 1 && by.documents[0].Same(h.documents[i]) {
			return text, nil
		}
	}
	return nil, ErrShared
}

// proposal is one document as somebody typed it, made ready to stand in a
// file: without --- lines and without blank lines around it or between it and
// its comments.
func proposal(typed []byte, limits document.Limits) (text []byte, d *document.Document, err error) {
	typed = bytes.ReplaceAll(withLineFeeds(typed), []byte("\r"), []byte("\n"))
	h := hold(ended(bytes.TrimPrefix(typed, bom)), limits)
	switch {
	case len(h.problems) > 0:
		return nil, nil, errors.New("the text " + h.problems[0].Message)
	case len(h.documents) != 1:
		return nil, nil, fmt.Errorf("the text must be one document, got %d", len(h.documents))
	}
	extent, alone := h.documents[0].Extent()
	if !alone || extent.Indent > 0 {
		return nil, nil, errors.New("the text must be one document, got a list")
	}
	before, err := comments(h.text[:extent.From])
	if err != nil {
		return nil, nil, err
	}
	after, err := comments(h.text[extent.To:])
	if err != nil {
		return nil, nil, err
	}
	own := h.own(0)
	if h.onMarker(0) {
		own = bytes.TrimLeft(own, " \t")
	}
	text = bytes.Join([][]byte{before, own, after}, nil)
	return text, h.documents[0], nil
}

// comments are the lines of comment in what surrounds a document.
func comments(around []byte) ([]byte, error) {
	var kept []byte
	for line := range bytes.Lines(around) {
		trimmed := bytes.TrimSpace(line)
		switch {
		case bytes.HasPrefix(trimmed, []byte("#")):
			kept = append(append(kept, trimmed...), '\n')
		case bytes.HasPrefix(trimmed, []byte("%")):
			return nil, fmt.Errorf("the text has the directive %s, which cannot be kept: write the document without it", trimmed)
		}
	}
	return kept, nil
}

// replaced is the file with the document's bytes replaced by the text. A
// newline that is missing at the end of the file stays missing, unless ended.
func (h held) replaced(i int, text []byte, ended bool) []byte {
	extent, _ := h.documents[i].Extent()
	if extent.Indent > 0 {
		text = indented(text, extent.Indent)
	}
	own := h.own(i)
	if bytes.Contains(firstLine(own, h.text), []byte("\r\n")) {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	if !ended && !bytes.HasSuffix(own, []byte("\n")) {
		text = bytes.TrimRight(text, "\r\n")
	}
	before, after := h.text[:extent.From], h.text[extent.To:]
	if h.onMarker(i) { // where only some documents may stand
		before = append(bytes.Clone(before), lineEnding(h.text)...)
	}
	return bytes.Join([][]byte{before, text, after}, nil)
}

var bom = []byte("\ufeff")

func firstLine(own, file []byte) []byte {
	if n := bytes.IndexByte(own, '\n'); n >= 0 {
		return own[:n+1]
	}
	return lineEnding(file)
}

// lineEnding is that of the file's first line.
func lineEnding(file []byte) []byte {
	if n := bytes.IndexByte(file, '\n'); n > 0 && file[n-1] == '\r' {
		return []byte("\r\n")
	}
	return []byte("\n")
}

// indented puts spaces before each line but the first and those without text.
func indented(text []byte, spaces int) []byte {
	var b bytes.Buffer
	first := true
	for line := range bytes.Lines(text) {
		if !first && len(bytes.TrimSpace(line)) > 0 {
			b.WriteString(strings.Repeat(" ", spaces))
		}
		first = false
		b.Write(line)
	}
	return b.Bytes()
}

// removed is the file without the document, and without the dash or the bare
// --- line right before it.
func (h held) removed(i int) []byte {
	extent, _ := h.documents[i].Extent()
	from := extent.From
	start := bytes.LastIndexByte(h.text[:from], '\n') + 1
	above := bytes.LastIndexByte(h.text[:max(start-1, 0)], '\n') + 1
	if above == 0 && bytes.HasPrefix(h.text, bom) {
		above = len(bom)
	}
	switch {
	case extent.Indent > 0, h.onMarker(i):
		from = start
	case above < start && string(bytes.TrimSpace(h.text[above:start])) == "---":
		from = above
	}
	return bytes.Join([][]byte{h.text[:from], h.text[extent.To:]}, nil)
}

// keeps checks that a file that was made from h means what it should: the
// document at i is now as wanted (gone when nil), and the others are as they
// were.
func (h held) keeps(made held, i int, wanted *document.Document) error {
	expected := make([]*document.Document, 0, len(h.documents))
	expected = append(expected, h.documents[:i]...)
	if wanted != nil {
		expected = append(expected, wanted)
	}
	expected = append(expected, h.documents[i+1:]...)
	if len(made.documents) != len(expected) || len(made.problems) != len(h.problems) {
		return errNotKept
	}
	for j, d := range expected {
		if !d.Same(made.documents[j]) {
			return errNotKept
		}
	}
	return nil
}

var errNotKept = errors.New("the file would not mean the same in other places after this change, so change the file itself")

// isEmpty reports whether nothing is left that anybody wrote: blank lines and
// --- lines only.
func isEmpty(text []byte) bool {
	for line := range bytes.Lines(bytes.TrimPrefix(text, bom)) {
		if trimmed := string(bytes.TrimSpace(line)); trimmed != "" && trimmed != "---" && trimmed != "..." {
			return false
		}
	}
	return true
}

func withLineFeeds(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// ended has a line feed at its end.
func ended(text []byte) []byte {
	if bytes.HasSuffix(text, []byte("\n")) {
		return text
	}
	return append(bytes.Clone(text), '\n')
}
