package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/problem"
)

// mostProblems is the number of problems after which the rest of a file is skipped.
const mostProblems = 1000

// Read returns the documents of a file: those separated by --- lines, and the items of lists, including
// nested lists. A document that is not valid YAML does not affect the others.
func Read(file string, data []byte) ([]*Document, []problem.Problem) {
	r := &reader{file: file}
	whole := len(data)
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	r.offset = whole - len(data)
	if at := invalidUTF8(data); at >= 0 {
		line, column := after(data[:at])
		r.problem(line, column, "byte 0x%02x is no UTF-8, so the file is not read; save it as UTF-8", data[at])
		return nil, r.problems
	}
	for _, r.piece = range pieces(data) {
		if len(r.problems) > mostProblems || len(r.documents) > MaxDocuments {
			break
		}
		r.load()
		r.offset += len(r.text)
		r.lines += bytes.Count(r.text, []byte{'\n'})
	}
	return r.documents, r.problems
}

type reader struct {
	file      string
	documents []*Document
	problems  []problem.Problem

	// The current piece, and the number of bytes and lines of the file before it.
	piece
	offset, lines int
}

func (r *reader) problem(line, column int, format string, args ...any) {
	r.problems = append(r.problems, problem.New(agreement.Place{File: r.file, Line: line, Column: column}, problem.Error, format, args...))
}

// load parses the piece. The parser stops before it has built a deeply nested tree.
func (r *reader) load() {
	if at, message := stray(r.text); message != "" {
		line, column := after(r.text[:at])
		r.problem(r.lines+line, column, "%s", message)
		return
	}
	depth := loaderlimits.DepthFunc(func(depth int, _ *loaderlimits.DepthContext) error {
		if depth > maxDepth {
			return fmt.Errorf("nested more than %d levels deep, which is the limit", maxDepth)
		}
		return nil
	})
	loader, err := yaml.NewLoader(bytes.NewReader(r.text), yaml.WithPlugin(loaderlimits.New(depth, loaderlimits.AliasNone())))
	for err == nil {
		var node yaml.Node
		if err = loader.Load(&node); err == nil {
			r.document(&node)
		}
	}
	if !errors.Is(err, io.EOF) {
		r.syntaxError(err)
	}
}

func (r *reader) syntaxError(err error) {
	line, column, message := 1, 1, err.Error()
	if load, ok := errors.AsType[*yaml.LoadError](err); ok {
		message = load.Message
		for _, known := range mends {
			if strings.HasPrefix(message, known.complaint) {
				message += "; " + known.mend
			}
		}
		if message == "found character that cannot start any token" {
			message += mendToken([]rune(string(r.text)), load.Mark.Index)
		}
		if load.ContextMsg != "" {
			message = load.ContextMsg + ": " + message
		}
		if begins := load.ContextMark.Line; begins > 0 && begins != load.Mark.Line {
			message += fmt.Sprintf(" (it begins in line %d)", r.lines+begins)
		}
		if load.Mark.Line > 0 {
			line, column = load.Mark.Line, max(load.Mark.Column, 1)
		} else if at := load.Mark.Index; at > 0 && at < len(r.text) { // of a character that is not allowed
			line, column = after(r.text[:at])
		}
	}
	r.problem(r.lines+line, column, "is not YAML: %s", message)
}

// stray returns the position and description of something other programs left, or of a character that
// ends a line only in YAML; else no message.
func stray(text []byte) (at int, message string) {
	for at, char := range string(text) {
		begins, rest := at == 0 || text[at-1] == '\n', text[at:]
		switch {
		case begins && char == '\ufeff': // it would become part of a name
			return at, "a byte order mark (U+FEFF) stands inside the file, as where files were joined; take it out"
		case begins && bytes.HasPrefix(rest, []byte("<<<<<<< ")):
			return at, "a merge conflict of Git stands here; resolve it"
		case char == '\r' && len(rest) > 1 && rest[1] != '\n' && rest[1] != '\r', char == '\u0085', char == '\u2028', char == '\u2029':
			// The rest looks like part of the line, for example of a comment, but is not.
			return at, fmt.Sprintf("the character %U ends a line to YAML, and to no editor or review: take it out, or end the line with a line feed", char)
		}
	}
	return 0, ""
}

// mends are remedies for parser errors that do not suggest one.
var mends = []struct{ complaint, mend string }{
	{"found incompatible YAML document", "leave out the line %YAML"},
	{"control characters are not allowed", "take it out, and save the file as UTF-8"},
	{"mapping values are not allowed", `put a text with ": " inside in quotes, or look at the indentation here, and at the space after the colon in the line before`},
	{"did not find expected key", "look at the indentation, and at quotes inside of quotes"},
	{"could not find expected ':'", "a field is written as name: value, and an item of a list as - item"},
	{"did not find expected ','", "a comma, a bracket or a quote is missing"},
	{"did not find expected node content", "a value is missing"},
	{"did not find expected <document start>", "write --- between two documents"},
	{"found unknown escape character", `write \\ for each \, or put the text in single quotes`},
	{"unknown anchor", "put a text that begins with * in quotes; an anchor is known in its own document alone"},
}

// mendToken names the character that cannot start a token, with a remedy.
func mendToken(text []rune, at int) string {
	switch {
	case at >= len(text):
		return ""
	case text[at] == '\t':
		return ": a tab; indent with spaces"
	case text[at] == '|' || text[at] == '>':
		return fmt.Sprintf(": %q; inside of {…} or […] put the text in quotes", text[at])
	}
	return fmt.Sprintf(": %q; put the text in quotes", text[at])
}

func (r *reader) document(node *yaml.Node) {
	if node.Kind == yaml.DocumentNode && len(node.Content) == 1 {
		node = node.Content[0]
	}
	if r.lines > 0 {
		walk(node, func(node *yaml.Node) { node.Line += r.lines })
	}
	if at, err := checkSize(node); err != nil {
		r.problem(at.Line, at.Column, "%s", err)
		return
	}
	if typeOf(node) == null {
		return // an empty document: a stray --- or a file of comments
	}
	r.take(node, r.root())
}

// take adds a node as a document, with its extent in the piece, or as a list of documents.
func (r *reader) take(node *yaml.Node, extent Extent) {
	if node.Kind == yaml.AliasNode {
		node, extent = node.Alias, Extent{}
	}
	switch {
	case len(r.documents) > MaxDocuments:
		return // the limit is exceeded, which the folder reports
	case node.Kind == yaml.SequenceNode:
		for _, item := range node.Content {
			var extent Extent
			if node.Style&yaml.FlowStyle == 0 {
				extent = r.item(item.Line-r.lines-1, item.Column)
			}
			r.take(item, extent)
		}
	case node.Kind == yaml.MappingNode:
		d := r.head(node)
		if extent.To > extent.From {
			extent.From, extent.To = extent.From+r.offset, extent.To+r.offset
			d.extent = extent
		}
		r.documents = append(r.documents, d)
	default:
		r.problem(node.Line, node.Column, "must be a document (a mapping with apiVersion, kind, metadata and spec), got %s", describe(node))
	}
}

// Items returns the documents in the field items, as in a list printed by kubectl; nil if the document
// is a single one.
func (d *Document) Items() []*Document {
	items := Find(d.node, "items")
	if items == nil || items.Kind != yaml.SequenceNode {
		return nil
	}
	r := &reader{file: d.Place.File}
	for _, item := range items.Content {
		if item = Follow(item); item.Kind == yaml.MappingNode {
			r.documents = append(r.documents, r.head(item))
		} else {
			d.add(problem.Error, d.placeOf(item), "items", "must be documents, got %s", describe(item))
		}
	}
	return r.documents
}

// Embedded reads the documents in a text of the document, at field. Their place is that of the field,
// and they cannot be changed alone.
func (d *Document) Embedded(field, text string) ([]*Document, []problem.Problem) {
	at := d.At(field)
	documents, problems := Read(at.File, []byte(text))
	for _, inner := range documents {
		walk(inner.node, func(node *yaml.Node) { node.Line, node.Column = at.Line, at.Column })
		inner.Place, inner.extent = at, Extent{}
		for name := range inner.places {
			inner.places[name] = at
		}
	}
	for i := range problems {
		problems[i].Place = at
	}
	return documents, problems
}

// head reads what identifies a document, leniently, so that a document that fails to decode is still
// listed by its name.
func (r *reader) head(node *yaml.Node) *Document {
	whole := &yaml.Node{Kind: yaml.MappingNode, Content: merged(node)} // a merge may be an error, but still identifies the document
	d := &Document{
		APIVersion:  scalarAt(whole, "apiVersion"),
		Kind:        scalarAt(whole, "kind"),
		Name:        scalarAt(whole, "metadata", "name"),
		DisplayName: scalarAt(whole, "metadata", "displayName"),
		Place:       agreement.Place{File: r.file, Line: node.Line, Column: node.Column},
		node:        node,
		places:      map[string]agreement.Place{},
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; key.Value == "apiVersion" || key.Value == "kind" {
			d.places[key.Value] = d.placeOf(node.Content[i+1])
		}
	}
	return d
}

// after returns the line and the column of the position after the text.
func after(text []byte) (line, column int) {
	return 1 + bytes.Count(text, []byte{'\n'}), 1 + utf8.RuneCount(text[bytes.LastIndexByte(text, '\n')+1:])
}

// invalidUTF8 returns the position of the first byte that is not UTF-8, or -1.
func invalidUTF8(data []byte) int {
	for at, char := range string(data) {
		if char == utf8.RuneError && !bytes.HasPrefix(data[at:], []byte("\ufffd")) {
			return at
		}
	}
	return -1
}

// Limits of a folder.
const (
	MaxFileBytes   = 1 << 20  // of one file
	MaxFolderBytes = 64 << 20 // of all files together
	MaxDocuments   = 20_000   // in all files together; also the number of files
	maxNodes       = 200_000  // values in one YAML document, its aliases expanded
	maxDepth       = 100      // nesting in one YAML document
)

// weight is the size of a node with its aliases expanded; circular is an alias in it that refers to a
// node around the alias, if any.
type weight struct {
	nodes, depth int
	circular     *yaml.Node
}

// checkSize returns an error, and its node, if the document with its aliases expanded exceeds the
// limits or contains itself.
func checkSize(node *yaml.Node) (*yaml.Node, error) {
	total := weigh(node, map[*yaml.Node]weight{})
	switch {
	case total.circular != nil:
		return total.circular, fmt.Errorf("the alias *%s stands inside what it stands for", total.circular.Value)
	case total.nodes > maxNodes:
		return node, fmt.Errorf("the document has %d values with its aliases written out; the limit is %d", total.nodes, maxNodes)
	case total.depth > maxDepth:
		return node, fmt.Errorf("the document is nested %d levels deep with its aliases written out; the limit is %d", total.depth, maxDepth)
	}
	return nil, nil
}

// weigh returns the weight of a node. A node with an anchor is weighed once, so that an alias bomb
// costs no more than its text; its weight is zero while it is being weighed.
func weigh(at *yaml.Node, anchored map[*yaml.Node]weight) weight {
	node := Follow(at)
	if known, ok := anchored[node]; ok {
		if known.nodes == 0 {
			known.circular = at
		}
		return known
	}
	if node.Anchor != "" {
		anchored[node] = weight{}
	}
	sum := weight{nodes: 1}
	for _, child := range node.Content {
		part := weigh(child, anchored)
		if part.circular != nil {
			return part
		}
		if sum.nodes += part.nodes; sum.nodes < 0 {
			sum.nodes = math.MaxInt
		}
		sum.depth = max(sum.depth, part.depth)
	}
	sum.depth++
	if node.Anchor != "" {
		anchored[node] = sum
	}
	return sum
}
