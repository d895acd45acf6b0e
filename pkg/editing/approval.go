package editing

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Approve is the text of an exclusion with its approval by the team on a day, in
// place of one that is there: two lines more in front of its spec, all else as it
// was. Where the text does not allow that, it is written anew.
func Approve(text []byte, team string, day time.Time) ([]byte, error) {
	var by yaml.Node
	by.SetString(team)
	on := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: day.Format(time.DateOnly)}
	return withApproval(text, plain("approvedBy"), &by, plain("approvedOn"), &on)
}

// WithoutApproval is the text of an exclusion as if nobody had approved it.
func WithoutApproval(text []byte) ([]byte, error) { return withApproval(text) }

func plain(word string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: word} }

// withApproval puts the keys and values of an approval in place of those in the spec.
func withApproval(text []byte, approval ...*yaml.Node) ([]byte, error) {
	var whole yaml.Node
	if err := yaml.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	var spec *yaml.Node
	if len(whole.Content) > 0 {
		spec = mapped(whole.Content[0], "spec")
	}
	if spec == nil || spec.Kind != yaml.MappingNode || len(spec.Content) == 0 {
		return nil, refuse(Invalid, "the document has no spec: write one")
	}
	var kept, dropped []*yaml.Node
	for i := 0; i < len(spec.Content); i += 2 {
		if key := spec.Content[i]; key.Value == "approvedBy" || key.Value == "approvedOn" {
			dropped = append(dropped, key)
		} else {
			kept = append(kept, key, spec.Content[i+1])
		}
	}
	edited, err := editedLines(text, spec.Style, kept, dropped, approval)
	if err != nil {
		return nil, err
	}
	spec.Content = slices.Concat(approval, kept)
	written, err := yaml.Marshal(&whole)
	if err != nil || sameMeaning(edited, written) {
		return edited, err
	}
	return written, nil
}

// editedLines takes the lines of the dropped keys out and puts the approval
// before the first kept one. It reads no values: of a text in which one has
// several lines, or several keys share one, it may be wrong.
func editedLines(text []byte, style yaml.Style, kept, dropped, approval []*yaml.Node) ([]byte, error) {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for _, key := range dropped {
		lines[key.Line-1] = nil
	}
	if len(approval) == 0 || len(kept) == 0 {
		return bytes.Join(lines, nil), nil
	}
	line := &lines[kept[0].Line-1]
	at := min(kept[0].Column-1, len(*line))
	separator := "\n" + string((*line)[:at])
	if style&yaml.FlowStyle != 0 {
		separator = ", "
	}
	var entries strings.Builder
	for i := 0; i < len(approval); i += 2 {
		value, err := yaml.Marshal(approval[i+1])
		if err != nil {
			return nil, err
		}
		entries.WriteString(approval[i].Value + ": " + strings.TrimSpace(string(value)) + separator)
	}
	*line = slices.Concat((*line)[:at], []byte(entries.String()), (*line)[at:])
	return bytes.Join(lines, nil), nil
}

func sameMeaning(a, b []byte) bool {
	var x, y any
	return yaml.Unmarshal(a, &x) == nil && yaml.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func mapped(mapping *yaml.Node, name string) *yaml.Node {
	for i := 0; mapping.Kind == yaml.MappingNode && i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i+1]
		}
	}
	return nil
}
