package document

import "go.yaml.in/yaml/v4"

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
