package editing

import (
	"bytes"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Approve is the text of an exclusion with its approval by the team on a day: two
// lines more in front of its spec, all else as it was. An approval that is there
// gives way.
func Approve(text []byte, team string, day time.Time) ([]byte, error) {
	text, err := WithoutApproval(text)
	if err != nil {
		return nil, err
	}
	spec, err := specOf(text)
	if err != nil {
		return nil, err
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	first := spec.Content[0]
	line := lines[first.Line-1]
	start, separator := line[:first.Column-1], "\n"+string(line[:first.Column-1])
	if spec.Style&yaml.FlowStyle != 0 {
		separator = ", "
	}
	name, err := yaml.Marshal(team)
	if err != nil {
		return nil, err
	}
	approval := "approvedBy: " + strings.TrimSpace(string(name)) + separator + "approvedOn: " + day.Format(time.DateOnly) + separator
	lines[first.Line-1] = []byte(string(start) + approval + string(line[first.Column-1:]))
	return bytes.Join(lines, nil), nil
}

// WithoutApproval is the text of an exclusion as if nobody had approved it.
func WithoutApproval(text []byte) ([]byte, error) {
	spec, err := specOf(text)
	if err != nil {
		return nil, err
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	var kept []*yaml.Node
	for i := 0; i < len(spec.Content); i += 2 {
		if key := spec.Content[i]; key.Value == "approvedBy" || key.Value == "approvedOn" {
			if spec.Style&yaml.FlowStyle == 0 {
				lines[key.Line-1] = nil
			}
			continue
		}
		kept = append(kept, spec.Content[i], spec.Content[i+1])
	}
	if spec.Style&yaml.FlowStyle == 0 || len(kept) == len(spec.Content) {
		return bytes.Join(lines, nil), nil
	}
	var whole yaml.Node
	if err := yaml.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	*mapped(whole.Content[0], "spec") = yaml.Node{Kind: yaml.MappingNode, Style: spec.Style, Content: kept}
	return yaml.Marshal(&whole)
}

// specOf is the mapping of a document's spec; an error where it has none.
func specOf(text []byte) (*yaml.Node, error) {
	var whole yaml.Node
	if err := yaml.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	if len(whole.Content) > 0 {
		if spec := mapped(whole.Content[0], "spec"); spec != nil && spec.Kind == yaml.MappingNode && len(spec.Content) > 0 {
			return spec, nil
		}
	}
	return nil, refuse(Invalid, "the document has no spec: write one")
}

func mapped(mapping *yaml.Node, name string) *yaml.Node {
	for i := 0; mapping.Kind == yaml.MappingNode && i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i+1]
		}
	}
	return nil
}
