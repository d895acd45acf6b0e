package writing

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// join is the documents as one text, empty when there are none.
func join(documents []any) ([]byte, error) {
	if len(documents) == 0 {
		return nil, nil
	}
	return yaml.Dump(documents, yaml.WithAllDocuments(), yaml.WithIndent(2), yaml.WithLineWidth(-1))
}

// tree is a document as a tree that can be changed.
func tree(document any) (*yaml.Node, error) {
	text, err := yaml.Dump(document)
	if err != nil {
		return nil, err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return nil, err
	}
	return node.Content[0], nil
}

func mapping(key string, value *yaml.Node) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	set(node, key, value)
	return node
}

func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

// find is the value at the path; nil when there is none.
func find(node *yaml.Node, path ...string) *yaml.Node {
	for _, step := range path {
		if node == nil || node.Kind != yaml.MappingNode {
			return nil
		}
		node = value(node, step)
	}
	return node
}

func value(node *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

func text(node *yaml.Node, path ...string) string {
	if found := find(node, path...); found != nil && found.Kind == yaml.ScalarNode {
		return found.Value
	}
	return ""
}

// set gives the key a value, in its place where it has one; nil takes it away.
func set(node *yaml.Node, key string, to *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		switch {
		case node.Content[i].Value != key:
		case to == nil:
			node.Content = append(node.Content[:i:i], node.Content[i+2:]...)
			return
		default:
			node.Content[i+1] = to
			return
		}
	}
	if to != nil {
		node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, to)
	}
}

// copied is a tree that can be changed alone.
func copied(node *yaml.Node) *yaml.Node {
	if node == nil {
		return nil
	}
	own := *node
	own.Content = make([]*yaml.Node, len(node.Content))
	for i, child := range node.Content {
		own.Content[i] = copied(child)
	}
	return &own
}

func annotate(document *yaml.Node, name, to string) {
	metadata := find(document, "metadata")
	annotations := find(metadata, "annotations")
	if annotations == nil || annotations.Kind != yaml.MappingNode {
		annotations = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		set(metadata, "annotations", annotations)
	}
	annotations.Style &^= yaml.FlowStyle
	metadata.Style &^= yaml.FlowStyle
	document.Style &^= yaml.FlowStyle
	node := scalar(to)
	if strings.Contains(to, "\n") {
		node.Style = yaml.LiteralStyle
	}
	set(annotations, name, node)
}

func clearAnnotation(document *yaml.Node, name string) {
	annotations := find(document, "metadata", "annotations")
	if annotations == nil || annotations.Kind != yaml.MappingNode || value(annotations, name) == nil {
		return
	}
	set(annotations, name, nil)
	if len(annotations.Content) == 0 {
		set(find(document, "metadata"), "annotations", nil)
	}
}
