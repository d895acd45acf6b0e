package document

import (
	"slices"

	"github.com/accord-sla/accord/pkg/problem"
	"go.yaml.in/yaml/v4"
)

func scalarAt(node *yaml.Node, path ...string) string {
	for _, step := range path {
		if node = child(node, step); node == nil {
			return ""
		}
	}
	if node.Kind != yaml.ScalarNode || typeOf(node) == null {
		return ""
	}
	return problem.Clip(node.Value)
}

func child(node *yaml.Node, name string) *yaml.Node {
	if node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; key.Kind == yaml.ScalarNode && key.Value == name {
			return follow(node.Content[i+1])
		}
	}
	return nil
}

// merged is the content of a mapping with what <<: merges into it, as YAML 1.1
// has it: its own names win, then those of mappings named earlier.
func merged(node *yaml.Node) (content []*yaml.Node) {
	var others []*yaml.Node
	named := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], follow(node.Content[i+1])
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
		from := merged(follow(other))
		for i := 0; i+1 < len(from); i += 2 {
			if key := from[i]; !named[key.Value] {
				content = append(content, key, from[i+1])
				named[key.Value] = true
			}
		}
	}
	return content
}

func follow(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// walk calls visit with each node of a tree.
func walk(node *yaml.Node, visit func(*yaml.Node)) {
	visit(node)
	for _, child := range node.Content {
		walk(child, visit)
	}
}

// Same reports whether two documents say the same: the same fields in the same
// order with the same values, aliases written out. Comments, places, quotes
// and line breaks between tokens may differ.
func (d *Document) Same(other *Document) bool { return sameNode(d.node, other.node) }

func sameNode(a, b *yaml.Node) bool {
	a, b = follow(a), follow(b)
	if a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind == yaml.ScalarNode && typeOf(a) != typeOf(b) {
		return false
	}
	if (a.Style^b.Style)&yaml.TaggedStyle != 0 || a.Style&yaml.TaggedStyle != 0 && a.Tag != b.Tag {
		return false
	}
	for i := range a.Content {
		if !sameNode(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// Tree returns the document as it is written, comments included, as a tree that
// stands by itself: what an alias stands for is written out.
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
