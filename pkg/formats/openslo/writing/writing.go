// Package writing exports a catalog as openslo/v1 that any reader of OpenSLO
// understands and that package catalog reads back without a loss.
//
// Documents of openslo/v1 are written unchanged, with their comments; those of
// other versions are converted. OpenSLO has no agreements: each objective becomes
// an SLO, and the document itself is stored in an annotation of its Service; see
// the annotations of package openslo.
package writing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/problem"
)

// order is the order of kinds: those that others refer to come first.
var order = []string{"DataSource", "Service", "SLI", "AlertCondition", "AlertNotificationTarget", "AlertPolicy", "SLO"}

// Write returns the catalog as one text, and what was lost. The catalog must have
// been loaded with KeepSources. Targets are those in force at the instant.
func Write(c *catalog.Catalog, at time.Time) ([]byte, problem.Losses, error) {
	w := &writer{at: at, sources: map[catalog.ID]catalog.Source{}, measured: map[string][]*agreement.Objective{}, slos: map[string]bool{}}
	for _, slo := range c.AllSLOs {
		w.measured[slo.Name] = slo.Objectives
	}
	var ofOpenSLO, ofAccord []catalog.Source
	for _, source := range c.Sources {
		w.sources[catalog.ID{Kind: source.Kind, Name: source.Name}] = source
		if source.Kind == "SLO" {
			w.slos[source.Name] = true
		}
		if source.APIVersion == catalog.APIVersion {
			ofAccord = append(ofAccord, source)
		} else {
			ofOpenSLO = append(ofOpenSLO, source)
		}
	}
	slices.SortStableFunc(ofOpenSLO, func(a, b catalog.Source) int {
		return cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind))
	})
	var services []*yaml.Node
	for _, source := range ofOpenSLO {
		tree, err := w.convert(source)
		if err != nil {
			return nil, nil, err
		}
		w.all = append(w.all, tree)
		if source.Kind == "Service" {
			services = append(services, tree)
			annotate(tree, openslo.DocumentsAnnotation, "")
		}
	}
	if err := w.embed(ofAccord, services); err != nil {
		return nil, nil, err
	}
	for _, a := range c.Agreements {
		for _, o := range a.Objectives {
			w.objective(a, o)
		}
	}
	w.losses.AddLeftOut(c.Problems)
	text, err := join(w.all)
	return text, w.losses.Distinct(), err
}

type writer struct {
	at       time.Time
	sources  map[catalog.ID]catalog.Source
	measured map[string][]*agreement.Objective // of each SLO
	slos     map[string]bool                   // the names in use
	all      []any
	losses   problem.Losses
}

// embed stores the documents of accord/v1 in annotations, from which they are read back:
// an agreement in its Service, all others in the first Service.
func (w *writer) embed(documents []catalog.Source, services []*yaml.Node) error {
	places := map[string]int{}
	for i, service := range services {
		places[text(service, "metadata", "name")] = i
	}
	embedded := make([][]any, len(services))
	for _, source := range documents {
		if len(services) == 0 {
			w.losses.Add(source.Place, source.Kind+" "+source.Name, "has no place: OpenSLO holds it in an annotation of a Service, and there is none")
			continue
		}
		tree := source.Tree()
		about := 0
		if source.Kind == "Agreement" {
			about = places[text(tree, "spec", "service")]
		}
		embedded[about] = append(embedded[about], tree)
		w.besides(source, tree)
	}
	for i, documents := range embedded {
		text, err := join(documents)
		if err != nil {
			return err
		}
		annotate(services[i], openslo.DocumentsAnnotation, string(text))
	}
	return nil
}

// besides adds a loss for each file that a calendar still needs.
func (w *writer) besides(source catalog.Source, tree *yaml.Node) {
	holidays := document.Find(tree, "spec", "holidays")
	if source.Kind != "Calendar" || holidays == nil {
		return
	}
	for _, holiday := range holidays.Content {
		if file := text(holiday, "ics"); file != "" {
			w.losses.Add(source.Place, "Calendar "+source.Name, "its holidays in %s stay in that file: keep it beside what is written here", file)
		}
	}
}

// convert returns the document as an openslo/v1 tree that may be changed.
func (w *writer) convert(d catalog.Source) (*yaml.Node, error) {
	node := d.Tree()
	if d.APIVersion == openslo.V1 {
		return node, nil
	}
	about := d.Kind + " " + d.Name
	for _, warning := range d.Problems() {
		if strings.Contains(warning.Message, "has no place") {
			w.losses.Add(warning.Place, about, "%s %s", warning.Field, warning.Message)
		}
	}
	if d.Kind == "SLI" || d.Kind == "SLO" {
		if mentions(node, "connectionDetails") {
			w.losses.Add(d.Place, about, "connectionDetails have no place in an SLI of openslo/v1: write a DataSource")
		}
		slo, isSLO := d.Value.(*openslo.SLO)
		each := isSLO && slo.IndicatorEach
		if each && len(slo.Spec.Objectives) == 1 { // the SLO can have the indicator itself
			only := *slo
			only.Spec.Indicator, only.Spec.Objectives = slo.Spec.Objectives[0].Indicator, slices.Clone(slo.Spec.Objectives)
			only.Spec.Objectives[0].Indicator = nil
			d.Value, each = &only, false
		}
		node = &yaml.Node{}
		if err := node.Encode(d.Value); err != nil {
			return nil, err
		}
		if each {
			annotate(node, openslo.IndicatorAnnotation, openslo.EachObjective)
		}
	}
	set(node, "apiVersion", scalar(openslo.V1))
	return node, nil
}

func mentions(node *yaml.Node, key string) bool {
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 && child.Value == key || mentions(child, key) {
			return true
		}
	}
	return false
}

// join returns the documents as one text, nil if there are none.
func join(documents []any) ([]byte, error) {
	if len(documents) == 0 {
		return nil, nil
	}
	return yaml.Dump(documents, yaml.WithAllDocuments(), yaml.WithIndent(2), yaml.WithLineWidth(-1))
}

func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

func text(node *yaml.Node, path ...string) string {
	if found := document.Find(node, path...); found != nil && found.Kind == yaml.ScalarNode {
		return found.Value
	}
	return ""
}

// set sets the value of a key, in place if the key exists. A nil value removes it.
func set(node *yaml.Node, key string, to *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		switch {
		case node.Content[i].Value != key:
			continue
		case to == nil:
			node.Content = slices.Delete(node.Content, i, i+2)
		default:
			node.Content[i+1] = to
		}
		return
	}
	if to != nil {
		node.Content = append(node.Content, scalar(key), to)
	}
}

// annotate sets an annotation of a document. An empty text removes it.
func annotate(tree *yaml.Node, name, to string) {
	metadata := document.Find(tree, "metadata")
	annotations := document.Find(metadata, "annotations")
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
		for _, outer := range []*yaml.Node{tree, metadata, annotations} {
			outer.Style &^= yaml.FlowStyle
		}
	}
	if len(annotations.Content) == 0 {
		annotations = nil
	}
	set(metadata, "annotations", annotations)
}
