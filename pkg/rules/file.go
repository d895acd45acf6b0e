package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"
)

type groupsSpec struct {
	Groups []Group `yaml:"groups"`
}

// File is the groups as a file that Prometheus (rule_files) and vmalert load.
func File(groups []Group) ([]byte, error) {
	return marshal(groupsSpec{groups}, "accord export rules", "", groups)
}

// maxResource is how large the groups of a resource may be as JSON, in bytes:
// kubectl apply keeps it in an annotation, which may have 262,144.
const maxResource = 240_000

// Resources are the groups as resources of the Prometheus operator: one for
// each service, or several where one would be too large.
func Resources(groups []Group) ([]byte, error) {
	pieces, err := byResource(groups)
	if err != nil {
		return nil, err
	}
	var texts [][]byte
	number := 0 // of the resource among those of its service
	for i, piece := range pieces {
		number++
		if i > 0 && piece[0].Service != pieces[i-1][0].Service {
			number = 1
		}
		name := "accord-" + piece[0].Service
		if number > 1 {
			name += "-" + strconv.Itoa(number)
		}
		text, err := marshal(struct {
			APIVersion string            `yaml:"apiVersion"`
			Kind       string            `yaml:"kind"`
			Metadata   map[string]string `yaml:"metadata"`
			Spec       groupsSpec        `yaml:"spec"`
		}{"monitoring.coreos.com/v1", "PrometheusRule", map[string]string{"name": name}, groupsSpec{piece}}, "accord export rules", "", piece)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return bytes.Join(texts, []byte("---\n")), nil
}

// byResource are the groups of each resource, by service.
func byResource(groups []Group) (pieces [][]Group, err error) {
	groups = slices.Clone(groups)
	slices.SortStableFunc(groups, func(a, b Group) int { return strings.Compare(a.Service, b.Service) })
	size := 0
	for i, group := range groups {
		asWritten := group
		asWritten.Rules = slices.Clone(group.Rules)
		for i := range asWritten.Rules {
			asWritten.Rules[i].Expr = pretty(asWritten.Rules[i].Expr)
		}
		text, err := json.Marshal(asWritten)
		if err != nil {
			return nil, err
		}
		if last := len(pieces) - 1; i > 0 && group.Service == groups[i-1].Service && size+len(text) <= maxResource {
			pieces[last] = append(pieces[last], group)
		} else {
			pieces, size = append(pieces, []Group{group}), 0
		}
		size += len(text)
	}
	return pieces, nil
}

// marshal writes the value, with expressions that people can read and the
// objectives of each group above it, under a comment on what made it.
func marshal(value any, command, more string, groups []Group) ([]byte, error) {
	var root yaml.Node
	if err := root.Encode(value); err != nil {
		return nil, err
	}
	describe(&root, groups)
	root.HeadComment = "# Made by " + command + "; change the documents, not this file." + more
	return yaml.Dump(&root, yaml.WithIndent(2), yaml.WithLineWidth(-1))
}

// describe walks to the groups and their expressions.
func describe(node *yaml.Node, groups []Group) {
	for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch key.Value {
		case "groups":
			for n, group := range value.Content {
				if n < len(groups) && len(groups[n].Objectives) > 1 {
					group.HeadComment = fmt.Sprintf("# For %s.", strings.Join(groups[n].Objectives, ", "))
				}
			}
		case "expr":
			if text := pretty(value.Value); strings.Contains(text, "\n") {
				value.Value, value.Style = text+"\n", yaml.LiteralStyle
			}
		}
	}
	for _, child := range node.Content {
		describe(child, groups)
	}
}

var anyPromQL = parser.NewParser(parser.Options{EnableExtendedRangeSelectors: true})

// mostLines of a broken expression: one that takes more is for machines, and
// stands in one.
const mostLines = 30

// pretty breaks a long expression into lines; what is no PromQL of Prometheus
// stays as it is.
func pretty(expr string) string {
	tree, err := anyPromQL.ParseExpr(expr)
	if err != nil {
		return expr
	}
	text := parser.Prettify(tree)
	if strings.Count(text, "\n") >= mostLines {
		return expr
	}
	// The printer is younger than the language: what it writes must mean the same.
	again, err := anyPromQL.ParseExpr(text)
	if err != nil || again.String() != tree.String() {
		return expr
	}
	return text
}
