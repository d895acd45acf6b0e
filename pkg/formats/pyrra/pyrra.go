// Package pyrra imports the ServiceLevelObjective resources of Pyrra, with all
// four of their indicators.
//
// [Import] adds what can be measured to an [imports.Set], and says of all else
// in the document's problems where it stands and why it has no place. The
// rules are those of Pyrra's published resource, v1alpha1; docs/importing.md
// tells what becomes of each field.
package pyrra

import (
	"strconv"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

// The documents that are read.
const (
	APIVersion = "pyrra.dev/v1alpha1"
	Kind       = "ServiceLevelObjective"
)

// Import reads one document. What is wrong with it, and what of it is lost, is
// added to the problems of the documents returned: itself, or those in its
// items.
func Import(set *imports.Set, d *document.Document) []*document.Document {
	switch {
	case d.APIVersion == APIVersion && d.Kind == Kind:
		importResource(set, d)
	case d.Kind == "List" || d.Kind == Kind+"List":
		all := []*document.Document{d}
		for _, item := range d.Items() {
			all = append(all, Import(set, item)...)
		}
		return all
	default:
		d.Errorf("kind", "%q of %q is no document of Pyrra: it must have apiVersion: %s and kind: %s", d.Kind, d.APIVersion, APIVersion, Kind)
	}
	return []*document.Document{d}
}

func importResource(set *imports.Set, d *document.Document) {
	var resource imports.Resource[spec]
	if !d.DecodeForeign(&resource) {
		return
	}
	head, spec := &resource.Metadata, &resource.Spec
	d.Check(&resource)
	target := percent(d, spec.Target)
	if spec.Window != "" {
		openslo.RollingWindow(d, "spec.window", spec.Window)
	}
	of := newMeasured(d, &spec.Indicator)
	if d.Failed() {
		return
	}
	if err := set.Measurable(d, of.part, of.sli, of.groupBy); err != nil {
		set.RefuseQuery(d, of.part, of.total, err)
		return
	}
	labels, alerts := imports.Texts(head.Labels), map[agreement.Severity]agreement.Alerts{}
	if burns := spec.Alerting.Burnrates; spec.Alerting.Disabled || burns != nil && !*burns {
		alerts[agreement.Page], alerts[agreement.Ticket] = agreement.Alerts{Disabled: true}, agreement.Alerts{Disabled: true}
	}
	set.Add(d, imports.SLO{
		Name: head.Name, Namespace: head.Namespace, Service: service(head), Description: strings.TrimSpace(spec.Description),
		Labels: labels, Annotations: head.OwnAnnotations(), SLI: of.sli, Alerts: alerts, TargetPercent: target, Window: spec.Window,
		GroupBy: of.groupBy, Provider: labels["pyrra.dev/team"], NameField: "metadata.name",
	})
}

// service is the service of an SLO, which Pyrra does not know: that of the
// label, else the namespace, else the SLO's own name.
func service(head *imports.ObjectMeta) string {
	switch {
	case head.Labels["pyrra.dev/service"] != "":
		return string(head.Labels["pyrra.dev/service"])
	case head.Namespace != "":
		return head.Namespace
	}
	return head.Name
}

// percent reads a target, which is a number in quotes.
func percent(d *document.Document, target document.Plain) float64 {
	const field = "spec.target"
	if target == "" {
		return 0
	}
	value, err := strconv.ParseFloat(string(target), 64)
	if err != nil {
		d.Errorf(field, "%q is no number: it must be a percentage, as \"99.9\"", string(target))
	} else if _, ok := d.Percent(field, value); ok && value < 1 {
		d.Warnf(field, "is in percent: %s is less than one in a hundred, and taken as it stands (did you mean a ratio? 0.999 is written 99.9)", string(target))
	}
	return value
}

// Check warns of settings that are lost by what they say.
func (s *spec) Check(d *document.Document, field string) {
	if strategy := s.PartialResponseStrategy; strategy != "" && strategy != "abort" {
		d.Warnf(field+".partial_response_strategy", "has no place: a partial answer is an error, never a figure")
	}
}
