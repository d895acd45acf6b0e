package document

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Written is the document as it is written, comments included, as a tree that
// stands by itself: what an alias stands for is written out.
func (d *Document) Written() *yaml.Node { return byItself(d.node) }

// Written is the part as it is written; nil when there is none.
func (r Raw) Written() *yaml.Node {
	if r.node == nil {
		return nil
	}
	return byItself(r.node)
}

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

// Embedded reads documents that a text of the document holds, at field. They
// stand where that field stands, and cannot be changed alone.
func (d *Document) Embedded(field, text string, limits Limits) ([]*Document, []Problem) {
	at := d.At(field)
	documents, problems := Read(at.File, []byte(text), limits)
	for _, inner := range documents {
		place(inner.node, at.Line, at.Column)
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

func place(node *yaml.Node, line, column int) {
	node.Line, node.Column = line, column
	for _, child := range node.Content {
		place(child, line, column)
	}
}
