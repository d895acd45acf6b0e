package document

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/problem"
)

// Extent is the range of a document in its file: data[From:To] are its own bytes. They are whole lines,
// except for the first of a list item, which begins after its dash, and of a document on a --- line.
// Adjacent comment lines, without a blank line between, belong to the document.
//
// It is found by lines alone, so that listing ten thousand documents is cheap. Callers that change the
// bytes must check with [Document.Same] that they mean the same by themselves.
type Extent struct {
	From, To int
	// Indent is the number of spaces before each line of a list item but the first.
	Indent int
}

// Extent returns the range of the document; false if it shares its lines with others (in brackets, or
// by an alias), so that it cannot be changed alone.
func (d *Document) Extent() (Extent, bool) {
	return d.extent, d.extent.To > d.extent.From
}

// Hash returns a hash of a document's own bytes, as 32 hexadecimal digits.
func Hash(own []byte) string {
	sum := sha256.Sum256(own)
	return hex.EncodeToString(sum[:16])
}

// piece is a part of a file that holds at most one document.
type piece struct {
	text   []byte
	starts []int // offsets of its lines, then of its end
}

func (p piece) line(i int) []byte { return p.text[p.starts[i]:p.starts[i+1]] }

// pieces splits a file before each --- line and after each ... line, which YAML does not allow inside a
// document. A piece has at most one document, with the comments and directives before it, and is valid
// or invalid by itself.
func pieces(data []byte) (all []piece) {
	start, at, content := 0, 0, false
	var starts []int
	end := func() {
		all = append(all, piece{data[start:at], append(starts, at-start)})
		start, starts, content = at, nil, false
	}
	for line := range bytes.Lines(data) {
		if content && isMarker(line, "---") {
			end()
		}
		content = content || !isAbove(line)
		starts = append(starts, at-start)
		if at += len(line); isMarker(line, "...") {
			end()
		}
	}
	if content {
		end()
	}
	return all
}

func isMarker(line []byte, marker string) bool {
	after, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(after) == 0 || bytes.IndexByte([]byte(" \t\r\n"), after[0]) >= 0)
}

func isBlank(line []byte) bool { return len(bytes.Trim(line, " \t\r\n")) == 0 }

// indentOf returns the number of leading spaces of the line.
func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

func isComment(line []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("#")) }

// isAside reports whether a line is not part of a document whose fields are indented by indent spaces:
// it is blank, or a comment too far left to be in a block text.
func isAside(line []byte, indent int) bool {
	return isBlank(line) || isComment(line) && indentOf(line) <= indent
}

// isAbove reports whether a line may stand above a document: it is blank, a comment, a directive, or a
// --- without content after it.
func isAbove(line []byte) bool {
	if isMarker(line, "---") {
		line = line[len("---"):]
	}
	return isBlank(line) || isComment(line) || line[0] == '%'
}

// root returns the extent of the document of a piece.
func (p piece) root() Extent {
	first, limit := 0, len(p.starts)-1
	if isMarker(p.line(limit-1), "...") {
		limit--
	}
	for first < limit && isAbove(p.line(first)) {
		first++
	}
	if first == limit {
		return Extent{}
	}
	from := p.starts[first]
	if isMarker(p.line(first), "---") {
		from += len("---")
		return Extent{From: from, To: p.contentEnd(from, first, limit, 0)}
	}
	to := p.contentEnd(from, first, limit, 0)
	for first > 0 && isComment(p.line(first-1)) {
		first--
	}
	return Extent{From: p.starts[first], To: to}
}

var afterOneDash = regexp.MustCompile(`^ *- +$`)

// item returns the extent of the block list item that begins at line (from 0) and column (from 1).
func (p piece) item(line, column int) Extent {
	if line >= len(p.starts)-1 {
		return Extent{}
	}
	from, indent, limit := p.starts[line]+column-1, column-1, line+1
	if from >= len(p.text) || !afterOneDash.Match(p.text[p.starts[line]:from]) {
		return Extent{}
	}
	for ; limit < len(p.starts)-1; limit++ {
		if line := p.line(limit); !isBlank(line) && !isComment(line) && indentOf(line) < indent {
			break
		}
	}
	return Extent{From: from, To: p.contentEnd(from, line, limit, indent), Indent: indent}
}

// keepsBlankLines matches the header of a block text that includes the blank lines at its end.
var keepsBlankLines = regexp.MustCompile(`(?m)[|>][1-9]?\+[1-9]?[ \t]*(#.*)?\r?$`)

// contentEnd returns the end of the document that begins at from, in line first, before line limit.
func (p piece) contentEnd(from, first, limit, indent int) int {
	end := limit
	for end > first+1 && isAside(p.line(end-1), indent) {
		end--
	}
	if keepsBlankLines.Match(p.text[from:p.starts[end]]) {
		for end < limit && isBlank(p.line(end)) {
			end++
		}
	}
	for end < limit && isComment(p.line(end)) && indentOf(p.line(end)) >= indent {
		end++
	}
	return p.starts[end]
}

func scalarAt(node *yaml.Node, path ...string) string {
	node = Find(node, path...)
	if node == nil || node.Kind != yaml.ScalarNode || typeOf(node) == null {
		return ""
	}
	return problem.Clip(node.Value)
}

// Find returns the value at a path of keys, with aliases followed, or nil.
func Find(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		if node == nil || node.Kind != yaml.MappingNode {
			return nil
		}
		var value *yaml.Node
		for i := 0; i+1 < len(node.Content) && value == nil; i += 2 {
			if key := node.Content[i]; key.Kind == yaml.ScalarNode && key.Value == name {
				value = Follow(node.Content[i+1])
			}
		}
		node = value
	}
	return node
}

// merged returns the content of a mapping with its << merged in, as in YAML 1.1: its own names take
// precedence, then those of mappings listed earlier.
func merged(node *yaml.Node) (content []*yaml.Node) {
	var others []*yaml.Node
	named := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], Follow(node.Content[i+1])
		switch {
		case key.Value != "<<" || value.Kind == yaml.ScalarNode:
			content = append(content, key, node.Content[i+1])
			named[key.Value] = true
		case value.Kind == yaml.SequenceNode:
			others = append(others, value.Content...)
		default:
			others = append(others, value)
		}
	}
	for _, other := range others {
		from := merged(Follow(other))
		for i := 0; i+1 < len(from); i += 2 {
			if key := from[i]; !named[key.Value] {
				content = append(content, key, from[i+1])
				named[key.Value] = true
			}
		}
	}
	return content
}

// Follow returns the node that an alias refers to, or else the node itself.
func Follow(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func walk(node *yaml.Node, visit func(*yaml.Node)) {
	visit(node)
	for _, child := range node.Content {
		walk(child, visit)
	}
}

// Same reports whether two documents have the same fields in the same order with the same values,
// aliases expanded, regardless of comments, places and quotes.
func (d *Document) Same(other *Document) bool { return sameNode(d.node, other.node) }

func sameNode(a, b *yaml.Node) bool {
	a, b = Follow(a), Follow(b)
	if a.Kind != b.Kind || a.Value != b.Value || typeOf(a) != typeOf(b) {
		return false
	}
	if (a.Style^b.Style)&yaml.TaggedStyle != 0 || a.Style&yaml.TaggedStyle != 0 && a.Tag != b.Tag {
		return false
	}
	return slices.EqualFunc(a.Content, b.Content, sameNode)
}

// Tree returns a copy of the document's YAML tree, including comments, with aliases expanded.
func (d *Document) Tree() *yaml.Node { return byItself(d.node) }

func byItself(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return byItself(node.Alias)
	}
	own := *node
	own.Anchor = ""
	own.Content = slices.Clone(node.Content)
	for i, child := range own.Content {
		own.Content[i] = byItself(child)
	}
	return &own
}
