package writing

import (
	"bytes"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/catalog/document"
)

// join is the documents as one text.
func join(documents []*yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	for i, tree := range documents {
		if i > 0 {
			out.WriteString("---\n")
		}
		text, err := yaml.Dump(tree, yaml.WithIndent(2), yaml.WithLineWidth(-1))
		if err != nil {
			return nil, err
		}
		out.Write(bytes.TrimSuffix(text, []byte("...\n")))
	}
	return out.Bytes(), nil
}

func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i < len(pairs); i += 2 {
		if value := tree(reflect.ValueOf(pairs[i+1])); value != nil {
			set(node, pairs[i].(string), value)
		}
	}
	return node
}

func list(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
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
		annotations = mapping()
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

// tree is a value of the documents' own types as a tree; nil when it is not
// stated.
func tree(of reflect.Value) *yaml.Node {
	switch known := of.Interface().(type) {
	case *yaml.Node:
		return known
	case document.Raw:
		return known.Tree()
	case document.Anything:
		return nil
	case document.Scalar:
		if known.Text == "" {
			return nil
		}
		if known.IsNumber {
			return &yaml.Node{Kind: yaml.ScalarNode, Value: known.Text}
		}
		return scalar(known.Text)
	case document.Texts:
		if len(known) == 1 {
			return scalar(known[0])
		}
	}
	switch of.Kind() {
	case reflect.Pointer:
		if of.IsNil() {
			return nil
		}
		if of.Elem().Kind() == reflect.Struct {
			return fields(of.Elem(), mapping())
		}
		return plain(of.Elem())
	case reflect.Struct:
		if node := fields(of, mapping()); len(node.Content) > 0 {
			return node
		}
		return nil
	case reflect.Slice:
		return items(of)
	case reflect.Map:
		return entries(of)
	}
	if of.IsZero() {
		return nil
	}
	return plain(of)
}

func plain(of reflect.Value) *yaml.Node {
	switch of.Kind() {
	case reflect.Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(of.Bool())}
	case reflect.Float64:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatFloat(of.Float(), 'g', -1, 64)}
	}
	return scalar(of.String())
}

func fields(of reflect.Value, into *yaml.Node) *yaml.Node {
	for i := range of.NumField() {
		name, option, _ := strings.Cut(of.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			fields(of.Field(i), into)
		case name != "":
			if value := tree(of.Field(i)); value != nil {
				set(into, name, value)
			}
		}
	}
	return into
}

func items(of reflect.Value) *yaml.Node {
	if of.Len() == 0 {
		return nil
	}
	all := list()
	for i := range of.Len() {
		item := tree(of.Index(i))
		if item == nil {
			item = mapping()
		}
		all.Content = append(all.Content, item)
	}
	return all
}

func entries(of reflect.Value) *yaml.Node {
	if of.Len() == 0 {
		return nil
	}
	node := mapping()
	for _, key := range sortedKeys(of) {
		value := tree(of.MapIndex(reflect.ValueOf(key)))
		if value == nil {
			value = scalar("")
		}
		set(node, key, value)
	}
	return node
}

func sortedKeys(of reflect.Value) []string {
	var keys []string
	for _, key := range of.MapKeys() {
		keys = append(keys, key.String())
	}
	slices.Sort(keys)
	return keys
}
