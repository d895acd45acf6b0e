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

// annotate gives a document an annotation; an empty text takes it away.
func annotate(document *yaml.Node, name, to string) {
	metadata := find(document, "metadata")
	annotations := find(metadata, "annotations")
	if annotations == nil || annotations.Kind != yaml.MappingNode {
		annotations = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	}
	if to == "" {
		set(annotations, name, nil)
	} else {
		node := scalar(to)
		if strings.Contains(to, "\n") {
			node.Style = yaml.LiteralStyle
		}
		set(annotations, name, node)
		for _, outer := range []*yaml.Node{document, metadata, annotations} {
			outer.Style &^= yaml.FlowStyle
		}
	}
	if len(annotations.Content) == 0 {
		annotations = nil
	}
	set(metadata, "annotations", annotations)
}
