package writing

import (
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

// converted is the document as openslo/v1.
func (w *writer) converted(d catalog.Source) *yaml.Node {
	if d.APIVersion == openslo.V1 {
		return copied(d.Tree)
	}
	about := d.Kind + " " + d.Name
	for _, warning := range d.Warnings {
		if strings.Contains(warning.Message, "has no place") {
			w.lost.Add(warning.Place, about, "%s %s", warning.Field, warning.Message)
		}
	}
	if d.Kind != "SLI" && d.Kind != "SLO" {
		same := copied(d.Tree)
		set(same, "apiVersion", scalar(openslo.V1))
		return same
	}
	if mentions(d.Tree, "connectionDetails") {
		w.lost.Add(d.Place, about, "connectionDetails have no place in an SLI of openslo/v1: write a DataSource")
	}
	node := tree(reflect.ValueOf(d.Value))
	set(node, "apiVersion", scalar(openslo.V1))
	if slo, ok := d.Value.(*openslo.SLO); ok && slo.IndicatorEach() {
		annotate(node, openslo.IndicatorAnnotation, openslo.EachObjective)
	}
	return node
}

// mentions reports whether the key stands anywhere in the tree.
func mentions(node *yaml.Node, key string) bool {
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 && child.Value == key || mentions(child, key) {
			return true
		}
	}
	return false
}
