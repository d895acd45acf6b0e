// Package imports is what imports from other SLO tools share: the resulting documents,
// their names, and how they are printed.
//
// Each SLO whose queries can be measured becomes OpenSLO v1 and, if it has results by
// group, accord/v1. The problems of the source documents are what was lost (warnings)
// and invalid input (errors). The package reads no files and does not query Prometheus.
package imports

import (
	"cmp"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/sli"
)

// SLO is an SLO of another tool in terms of Accord.
type SLO struct {
	// Name and Service are those of the other tool; [document.NameOf] converts them.
	Name, Service string
	// Namespace is prepended to a name that SLOs of several namespaces have.
	Namespace     string
	Description   string
	Labels        map[string]string
	Annotations   map[string]string
	SLI           agreement.SLI
	Alerts        map[agreement.Severity]agreement.Alerts
	TargetPercent float64 // in (0, 100]
	Window        string  // rolling, such as 30d
	// GroupBy are the labels by which there are results.
	GroupBy []string
	// Provider is the team that provides the service, if the tool knows it.
	Provider string

	// NameField is the path of the name in the source document.
	NameField string
	from      *document.Document
}

// Set collects the SLOs of an import of one or more files; the zero value has none.
type Set struct {
	// Imported and Refused count SLOs, Drafted those imported with a draft of an
	// agreement, which alerts nobody yet.
	Imported, Refused, Drafted int

	written map[string]string // original names of Services and Teams, by kind and name
	slos    map[string]agreement.Place
	added   []SLO
}

// Each calls read for the document, or for each of a list, and returns all documents
// whose problems are to be reported. kind is that of the other tool's resources.
func Each(d *document.Document, kind string, read func(*document.Document)) []*document.Document {
	all := []*document.Document{d}
	switch {
	case d.Kind == "List" || d.Kind == kind+"List":
		for _, item := range d.Items() {
			all = append(all, Each(item, kind, read)...)
		}
	case openslo.Reads(d.APIVersion):
		d.Errorf("apiVersion", "%s needs no import: put the file into the folder of documents as it is", d.APIVersion)
	default:
		read(d)
	}
	return all
}

// Measurable returns an error if a query of the SLI cannot be measured. Doubts about
// a query are warnings of the document at the fields part and total.
func (s *Set) Measurable(d *document.Document, part, total string, of agreement.SLI, groupBy []string) error {
	warnings, err := sli.Check(of, &agreement.Objective{GroupBy: groupBy})
	if err != nil { // no problem yet: the caller may try another SLI
		return err
	}
	for _, warning := range warnings {
		d.Warnf(fieldOf(warning, part, total), "%s", warning)
	}
	return nil
}

// RefuseQuery refuses an SLO for an error of [Set.Measurable], which is about one
// or both of its queries.
func (s *Set) RefuseQuery(d *document.Document, part, total string, err error) {
	reasons := strings.Split(err.Error(), "\n")
	for i, reason := range reasons {
		if field := fieldOf(reason, part, total); i < len(reasons)-1 {
			d.Warnf(field, "%s", reason)
		} else {
			s.Refuse(d, field, "%s", reason)
		}
	}
}

// fieldOf returns the field of the query that a message of package sli is about.
func fieldOf(message, part, total string) string {
	if strings.HasPrefix(message, "total ") {
		return total
	}
	return part
}

// Refuse counts an SLO of the document that is left out, and warns why.
func (s *Set) Refuse(d *document.Document, field, format string, args ...any) {
	s.Refused++
	d.Warnf(field, "%s; this SLO is not imported", fmt.Sprintf(format, args...))
}

// Add adds an SLO of the document. Its queries must be measurable.
func (s *Set) Add(d *document.Document, slo SLO) {
	slo.from = d
	s.added = append(s.added, slo)
}

// Texts returns the documents of all SLOs as YAML, by source file. Only then are all
// names known: a name that is already taken is an error of the later document.
func (s *Set) Texts() (map[string][]byte, error) {
	s.written, s.slos = map[string]string{}, map[string]agreement.Place{}
	first := map[string]string{} // the namespace of each name
	several := map[string]bool{}
	for _, slo := range s.added {
		name := document.NameOf(slo.Name)
		namespace, known := first[name]
		several[name] = several[name] || known && namespace != slo.Namespace
		first[name] = slo.Namespace
	}
	files := map[string][]any{}
	for _, slo := range s.added {
		if several[document.NameOf(slo.Name)] {
			slo.Name = strings.TrimPrefix(slo.Namespace+"/"+slo.Name, "/")
		}
		file := slo.from.Place.File
		files[file] = append(files[file], s.documents(&slo)...)
	}
	texts := map[string][]byte{}
	for file, documents := range files {
		if len(documents) == 0 {
			continue
		}
		text, err := yaml.Dump(documents, yaml.WithAllDocuments(),
			yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1))
		if err != nil {
			return nil, err
		}
		texts[file] = text
	}
	return texts, nil
}

// documents returns the documents of an SLO, none if its name is invalid or taken.
func (s *Set) documents(slo *SLO) (all []any) {
	d := slo.from
	name, service := document.NameOf(slo.Name), document.NameOf(slo.Service)
	if name == "" || service == "" {
		d.Errorf(slo.NameField, "%q and the service %q need a letter or a digit each, of which names are made", slo.Name, slo.Service)
		return nil
	}
	if first, taken := s.slos[name]; taken {
		d.Errorf(slo.NameField, "would be imported as SLO %s, and so would that at %s:%d; give one of them another name", name, first.File, first.Line)
		return nil
	}
	s.slos[name] = d.At(slo.NameField)
	s.Imported++
	if original, known := s.written["Service "+service]; known && original != slo.Service {
		d.Warnf(slo.NameField, "its service %q becomes one with %q: both are named %s", slo.Service, original, service)
	}
	all = append(s.once(openslo.V1, "Service", service, slo.Service), sloDocument(name, service, slo))
	if len(slo.GroupBy) > 0 {
		s.Drafted++
		all = append(all, s.agreement(name, service, slo)...)
	}
	return all
}

// once returns a document with only a head, or none if it exists already.
func (s *Set) once(version, kind, name, original string) []any {
	if _, known := s.written[kind+" "+name]; known {
		return nil
	}
	s.written[kind+" "+name] = original
	return []any{document.Of[struct{}]{Head: head(version, kind, name, original)}}
}

// Placeholders for the parties of drafted agreements.
const (
	unnamedProvider = "provider-to-be-named"
	unnamedConsumer = "consumers-to-be-named"
)

// agreement drafts an agreement for results by group, which OpenSLO does not have.
func (s *Set) agreement(name, service string, slo *SLO) (all []any) {
	provider := document.NameOf(slo.Provider)
	if provider == "" || provider == unnamedConsumer {
		provider = unnamedProvider
	}
	all = append(s.once("accord/v1", "Team", provider, cmp.Or(slo.Provider, provider)),
		s.once("accord/v1", "Team", unnamedConsumer, unnamedConsumer)...)
	draft := document.Of[agreementSpec]{Head: head("accord/v1", "Agreement", name, name), Spec: agreementSpec{
		Description: "Drafted by an import, because a result for each group needs an agreement. Name the parties to make it one.",
		Service:     service, Provider: provider, Consumers: []string{unnamedConsumer}, Stage: string(agreement.Draft),
		Objectives: []promised{{name, name, slo.GroupBy}},
	}}
	draft.Metadata.Labels = slo.Labels // labels of its alerts
	return append(all, draft)
}

// Given returns how many of the parts are given.
func Given(parts ...bool) (n int) {
	for _, given := range parts {
		if given {
			n++
		}
	}
	return n
}

// An agreement as it is printed: the fields that imports set, in their usual order.
type (
	agreementSpec struct {
		Description string     `yaml:"description"`
		Service     string     `yaml:"service"`
		Provider    string     `yaml:"provider"`
		Consumers   []string   `yaml:"consumers"`
		Stage       string     `yaml:"stage"`
		Objectives  []promised `yaml:"objectives"`
	}
	promised struct {
		Name    string   `yaml:"name"`
		SLO     string   `yaml:"slo"`
		GroupBy []string `yaml:"groupBy,flow"`
	}
)

// head returns the head of a document. An original name that differs becomes the display name.
func head(version, kind, name, original string) document.Head {
	head := document.Head{APIVersion: version, Kind: kind, Metadata: document.Metadata{Name: name}}
	if original != name {
		head.Metadata.DisplayName = original
	}
	return head
}

func sloDocument(name, service string, slo *SLO) any {
	out := openslo.SLO{Head: head(openslo.V1, "SLO", name, slo.Name)}
	out.Metadata.Labels, out.Metadata.Annotations = slo.Labels, slo.Annotations
	indicator := &openslo.Indicator{Spec: openslo.SLISpec{RatioMetric: newRatioMetric(slo.SLI)}}
	indicator.Metadata.Name = name
	out.Spec = openslo.SLOSpec{
		Description: openslo.Description(slo.Description), Service: service, Indicator: indicator, BudgetingMethod: agreement.Occurrences,
		TimeWindow: []openslo.TimeWindow{{Duration: slo.Window, IsRolling: new(true)}},
		Objectives: []openslo.Objective{{TargetPercent: &slo.TargetPercent}},
	}
	if window, err := agreement.ParseWindow(slo.Window); err == nil {
		out.Spec.AlertPolicies = openslo.NewAlertPolicies(&agreement.Objective{Alerts: slo.Alerts}, window.Rolling)
	}
	return out
}

func newRatioMetric(sli agreement.SLI) *openslo.RatioMetric {
	if sli.Kind.TimeBased() {
		rawType := map[agreement.SLIKind]string{agreement.RawSuccess: "success", agreement.RawFailure: "failure"}
		return &openslo.RatioMetric{RawType: rawType[sli.Kind], Raw: newMetric(sli.Gauge)}
	}
	return &openslo.RatioMetric{Counter: new(!sli.PerPeriod), Good: newMetric(sli.Good), Bad: newMetric(sli.Bad), Total: newMetric(sli.Total)}
}

func newMetric(q *agreement.Query) *openslo.Metric {
	if q == nil {
		return nil
	}
	return &openslo.Metric{MetricSource: openslo.MetricSource{Type: "Prometheus", Spec: openslo.NewQuery(q, false)}}
}

// Resource is a Kubernetes resource.
type Resource[Spec any] struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   ObjectMeta        `yaml:"metadata"`
	Spec       Spec              `yaml:"spec"`
	Status     document.Anything `yaml:"status"`
}

// ObjectMeta is the metadata of a Kubernetes resource. Fields that the cluster
// sets are accepted and ignored.
type ObjectMeta struct {
	Name        string                    `yaml:"name" check:"required"`
	Namespace   string                    `yaml:"namespace"`
	Labels      map[string]document.Plain `yaml:"labels"`
	Annotations map[string]document.Plain `yaml:"annotations"`

	UID               document.Anything `yaml:"uid"`
	ResourceVersion   document.Anything `yaml:"resourceVersion"`
	Generation        document.Anything `yaml:"generation"`
	CreationTimestamp document.Anything `yaml:"creationTimestamp"`
	DeletionTimestamp document.Anything `yaml:"deletionTimestamp"`
	ManagedFields     document.Anything `yaml:"managedFields"`
	OwnerReferences   document.Anything `yaml:"ownerReferences"`
	Finalizers        document.Anything `yaml:"finalizers"`
	SelfLink          document.Anything `yaml:"selfLink"`
}

// OwnAnnotations returns the annotations that people wrote, without that of kubectl.
func (m *ObjectMeta) OwnAnnotations() map[string]string {
	own := Texts(m.Annotations)
	delete(own, "kubectl.kubernetes.io/last-applied-configuration")
	return own
}

// Texts merges maps of plain values. Later ones win.
func Texts(of ...map[string]document.Plain) map[string]string {
	all := map[string]string{}
	for _, values := range of {
		for name, value := range values {
			all[name] = string(value)
		}
	}
	return all
}
