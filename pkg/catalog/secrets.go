package catalog

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/problem"
)

// Hidden replaces a secret in a text for users who may not write.
const Hidden = "(shown to those who may write)"

// shortestSecret is the minimum length in bytes of a secret that is also hidden elsewhere in a text:
// shorter values, such as a port or true, occur by chance.
const shortestSecret = 6

// WithoutSecrets returns the YAML with connectionDetails and the addresses of contacts replaced by
// [Hidden], also where the same value occurs again, and without comments. A text without secrets is
// returned unchanged. It fails if the YAML cannot be read.
func WithoutSecrets(text []byte) ([]byte, error) {
	var documents []yaml.Node
	err := yaml.Load(text, &documents, yaml.WithAllDocuments())
	found := secrets{merges: bytes.Contains(text, []byte("<<"))}
	for i := 0; i < len(documents) && err == nil; i++ {
		if err = documents[i].Decode(new(any)); err == nil { // which refuses a text that contains itself
			found.in(&documents[i], false)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("what is secret in the text cannot be told: %w", err)
	}
	if !found.any {
		return text, nil
	}
	var shown bytes.Buffer
	encoder := yaml.NewEncoder(&shown)
	encoder.SetIndent(2)
	for i := range documents {
		found.hide(&documents[i])
		if err := encoder.Encode(&documents[i]); err != nil {
			return nil, err
		}
	}
	return shown.Bytes(), encoder.Close()
}

type secrets struct {
	any bool
	// merges: << may merge a target into a contact of any type.
	merges bool
	values []string
}

// in collects the secrets below node, and replaces them by Hidden. In contacts and escalations, an
// address is secret wherever it stands.
func (s *secrets) in(node *yaml.Node, ofContacts bool) {
	if node.Kind != yaml.MappingNode {
		for i, child := range node.Content {
			if ofContacts && isAddress(child, true) {
				s.replace(node, i)
			}
			s.in(document.Follow(child), ofContacts)
		}
		return
	}
	var contact agreement.Contact
	var targets, addresses []int
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := document.Follow(node.Content[i]), document.Follow(node.Content[i+1])
		if ofContacts && isAddress(key, true) {
			s.replace(node, i)
		}
		inside := ofContacts
		field := problem.Nearest(key.Value, []string{"type", "target", "notify", "contacts", "escalation", "connectionDetails"}) // also misspelled
		switch field {
		case "target":
			targets = append(targets, i+1)
		case "connectionDetails":
			s.replace(node, i+1)
			continue
		case "type", "notify", "contacts", "escalation":
			if inside = inside || agreement.OfAddresses(field) != ""; isAddress(value, inside) {
				s.replace(node, i+1)
			}
		default:
			if isAddress(value, inside) {
				addresses = append(addresses, i+1)
			}
		}
		if field == "type" {
			contact.Type += value.Value // two make an unknown type, whose target is secret
		}
		if key.Value == openslo.DocumentsAnnotation {
			s.annotation(value)
		}
		s.in(value, inside)
	}
	if contact.Type != "" || ofContacts { // an address in an unknown field is meant as the target
		targets = append(targets, addresses...)
	}
	for _, i := range targets {
		value := document.Follow(node.Content[i])
		contact.Target = value.Value
		if contact.HasSecretTarget() || value.Kind != yaml.ScalarNode || s.merges && agreement.IsAddress(value.Value) {
			s.replace(node, i)
		}
	}
}

// isAddress reports whether the text of a node is an address; a path is one only in contacts and escalations.
func isAddress(node *yaml.Node, ofContacts bool) bool {
	text := document.Follow(node).Value
	return strings.Contains(text, "://") || ofContacts && agreement.IsAddress(text)
}

// annotation hides the secrets in the documents of an annotation; all of it if in doubt.
func (s *secrets) annotation(value *yaml.Node) {
	inner, err := WithoutSecrets([]byte(value.Value))
	if err != nil {
		inner = []byte(Hidden)
	}
	if string(inner) != value.Value {
		s.any, value.Value, value.Style = true, string(inner), yaml.LiteralStyle
	}
}

func (s *secrets) replace(mapping *yaml.Node, i int) {
	s.any = true
	s.leaves(mapping.Content[i])
	mapping.Content[i] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: Hidden}
}

func (s *secrets) leaves(node *yaml.Node) {
	node = document.Follow(node)
	if node.Kind == yaml.ScalarNode && len(node.Value) >= shortestSecret {
		s.values = append(s.values, node.Value)
	}
	for i, child := range node.Content {
		if node.Kind != yaml.MappingNode || i%2 == 1 { // keys are not secret
			s.leaves(child)
		}
	}
}

// hide removes comments, and replaces the collected values wherever they occur again.
func (s *secrets) hide(node *yaml.Node) {
	node.HeadComment, node.LineComment, node.FootComment = "", "", ""
	for _, value := range s.values {
		if node.Kind == yaml.ScalarNode && strings.Contains(node.Value, value) {
			node.Value, node.Style = Hidden, 0
		}
	}
	for i, child := range node.Content {
		if child.Kind == yaml.AliasNode { // its anchor may have been replaced
			copied := *child.Alias
			copied.Anchor = ""
			node.Content[i], child = &copied, &copied
		}
		s.hide(child)
	}
}
