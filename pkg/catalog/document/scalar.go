package document

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/accord-sla/accord/pkg/problem"
	"go.yaml.in/yaml/v4"
)

// scalarType is what a scalar is by the core schema of YAML 1.2.
type scalarType int

const (
	text scalarType = iota
	number
	boolean
	null
	foreign // an explicit tag that no document of ours has
)

// The core schema, §10.3.2. The parser resolves by older rules, in which some
// dates and numbers with underscores are more than text, so it is not asked.
var (
	nullText   = regexp.MustCompile(`^(null|Null|NULL|~|)$`)
	boolText   = regexp.MustCompile(`^(true|True|TRUE|false|False|FALSE)$`)
	numberText = regexp.MustCompile(`^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

var tagTypes = map[string]scalarType{
	"!!str": text, "!": text, "!!int": number, "!!float": number, "!!bool": boolean, "!!null": null,
}

func typeOf(node *yaml.Node) scalarType {
	if node.Style&yaml.TaggedStyle != 0 {
		if t, known := tagTypes[node.Tag]; known {
			return t
		}
		return foreign
	}
	switch {
	case node.Style&quoted != 0:
		return text
	case nullText.MatchString(node.Value):
		return null
	case boolText.MatchString(node.Value):
		return boolean
	case numberText.MatchString(node.Value):
		return number
	}
	return text
}

// parseNumber reads a number of the core schema. Infinity and NaN are no
// figures that anything in a document can have.
func parseNumber(value string) (float64, error) {
	if strings.HasPrefix(value, "0o") || strings.HasPrefix(value, "0x") {
		n, err := strconv.ParseUint(value, 0, 64)
		return float64(n), err
	}
	f, err := strconv.ParseFloat(strings.Replace(value, ".inf", "inf", 1), 64)
	if err == nil && (math.IsInf(f, 0) || math.IsNaN(f)) {
		err = strconv.ErrRange
	}
	return f, err
}

// meantNumber offers the number that a text is written for: 99.9%, 0,995 or "0.5".
func meantNumber(text string) string {
	bare, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	bare = strings.Replace(strings.TrimSpace(bare), ",", ".", 1)
	value, err := parseNumber(bare)
	if err != nil || !numberText.MatchString(bare) {
		return ""
	}
	if isPercent {
		value = percent(value)
	}
	return fmt.Sprintf(" (did you mean %s?)", number12(value))
}

// describe says what a node is, for a reader who expected something else.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch typeOf(node) {
	case number:
		return "the number " + problem.Clip(node.Value)
	case boolean:
		return problem.Clip(node.Value)
	case null:
		return "nothing"
	case foreign:
		return "a value with the tag " + problem.Clip(node.Tag)
	}
	return fmt.Sprintf("the text %q", problem.Clip(node.Value))
}
