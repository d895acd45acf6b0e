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
	var resource resource
	if !d.DecodeForeign(&resource) {
		return
	}
	head, spec := &resource.Metadata, &resource.Spec
	d.Required("metadata.name", head.Name)
	target := percent(d, spec.Target)
	if d.Required("spec.window", spec.Window) {
		openslo.RollingWindow(d, "spec.window", spec.Window)
	}
	of := newMeasured(d, &spec.Indicator)
	if d.Failed() {
		return
	}
	if err := set.Measurable(of.sli, of.groupBy); err != nil {
		set.Refuse(d, of.field(err), "%s", err)
		return
	}
	settings(d, spec)
	labels := imports.Texts(head.Labels)
	set.Add(d, imports.SLO{
		Name: head.Name, Service: service(head), Description: strings.TrimSpace(spec.Description),
		Labels: labels, Annotations: head.OwnAnnotations(), SLI: of.sli, TargetPercent: target, Window: spec.Window,
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
	if !d.Required(field, string(target)) {
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

const allAlerts = "has no place: an SLO has all its alerts; leave it out of the alert rule's query where one is not wanted"

// settings says what of the settings beside the figures has no place.
func settings(d *document.Document, spec *spec) {
	a := &spec.Alerting
	if a.Disabled {
		d.Warnf("spec.alerting.disabled", allAlerts)
	} else if a.Burnrates != nil && !*a.Burnrates {
		d.Warnf("spec.alerting.burnrates", allAlerts)
	}
	if a.Absent != nil && *a.Absent {
		d.Warnf("spec.alerting.absent", "has no place: an alert has no value while nothing is measured, and what then happens is the alert rule's state for no data; minCoverage of an agreement's objective makes its state no_data")
	}
	for field, value := range map[string]string{
		"spec.alerting.name": a.Name, "spec.alerting.absentName": a.AbsentName,
	} {
		if value != "" {
			d.Warnf(field, "has no place: alerts are named after agreement and objective")
		}
	}
	if a.Severities.Present {
		d.Warnf("spec.alerting.severities", "has no place: the severities are page and ticket")
	}
	if strategy := spec.PartialResponseStrategy; strategy != "" && strategy != "abort" {
		d.Warnf("spec.partial_response_strategy", "has no place: a partial answer is an error, never a figure")
	}
	if spec.PerformanceOverAccuracy {
		d.Warnf("spec.performanceOverAccuracy", "has no place: every event is counted, and closed slots are asked for once")
	}
	if spec.RuleOutput.Present {
		d.Warnf("spec.ruleOutput", "has no place: no recording rules are needed")
	}
}
