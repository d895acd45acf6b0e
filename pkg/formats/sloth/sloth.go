// Package sloth imports the SLOs of Sloth: its own file, prometheus/v1, and
// the Kubernetes resource PrometheusServiceLevel, which say the same in two
// spellings.
//
// [Import] adds what can be measured to an [imports.Set], and says of all else
// in the document's problems where it stands and why it has no place. Rules of
// the two forms are those of Sloth's published API; docs/importing.md tells
// what becomes of each field.
package sloth

import (
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

// The forms that are read.
const (
	Version    = "prometheus/v1"
	APIVersion = "sloth.slok.dev/v1"
	Kind       = "PrometheusServiceLevel"
)

// DefaultWindow is the period of Sloth's SLOs where nothing else is said; its
// files never say.
const DefaultWindow = "30d"

// Import reads one document. What is wrong with it, and what of it is lost, is
// added to the problems of the documents returned: itself, or those in its
// items.
func Import(set *imports.Set, d *document.Document, window string) []*document.Document {
	switch {
	case d.APIVersion == "" && d.Kind == "":
		importFile(set, d, window)
	case d.APIVersion == APIVersion && d.Kind == Kind:
		importResource(set, d, window)
	case d.APIVersion == APIVersion && d.Kind == "AlertWindows":
		d.Warnf("spec", "has no place: the burn-rate alerts are those of the SRE workbook, scaled to the window of each SLO (--window)")
	case d.Kind == "List" || d.Kind == Kind+"List":
		all := []*document.Document{d}
		for _, item := range d.Items() {
			all = append(all, Import(set, item, window)...)
		}
		return all
	case openslo.Reads(d.APIVersion):
		d.Errorf("apiVersion", "%s needs no import: put the file into the folder of documents as it is", d.APIVersion)
	default:
		d.Errorf("kind", "%s of %s is no document of Sloth: it must have version: %s, or apiVersion: %s and kind: %s",
			orNone(d.Kind), orNone(d.APIVersion), Version, APIVersion, Kind)
	}
	return []*document.Document{d}
}

func orNone(text string) string {
	if text == "" {
		return "(nothing)"
	}
	return text
}

// importFile reads Sloth's own form.
func importFile(set *imports.Set, d *document.Document, window string) {
	var file fileSpec
	if !d.DecodeForeign(&file) {
		return
	}
	if d.OneOf("version", file.Version, Version); d.Failed() {
		return
	}
	d.Kind, d.Name = Version, file.Service
	w := writer{set: set, d: d, window: window, spelling: fileSpelling,
		service: file.Service, labels: merged(file.Labels)}
	if !d.Required("service", file.Service) {
		return
	}
	w.plugins("slo_plugins", file.SLOPlugins)
	slos := make([]slo, len(file.SLOs))
	for i, s := range file.SLOs {
		slos[i] = slo{slosCommon: s.slosCommon, alerting: s.Alerting.alerting}
		slos[i].alerting.page, slos[i].alerting.ticket = s.Alerting.Page, s.Alerting.Ticket
		slos[i].sli = indicator{plugin: s.SLI.Plugin}
		if e := s.SLI.Events; e != nil {
			slos[i].sli.events = &events{e.ErrorQuery, e.TotalQuery}
		}
		if r := s.SLI.Raw; r != nil {
			slos[i].sli.raw = &r.ErrorRatioQuery
		}
	}
	w.all(slos)
}

// importResource reads the Kubernetes resource.
func importResource(set *imports.Set, d *document.Document, window string) {
	var resource resource
	if !d.DecodeForeign(&resource) {
		return
	}
	spec, head := &resource.Spec, &resource.Metadata
	w := writer{set: set, d: d, window: window, spelling: resourceSpelling,
		service: spec.Service, labels: merged(head.Labels, spec.Labels), annotations: head.Kept(),
	}
	if !d.Required("metadata.name", head.Name) || !d.Required("spec.service", spec.Service) {
		return
	}
	w.annotations["sloth.slok.dev/resource"] = head.FullName()
	w.plugins("spec.sloPlugins", spec.SLOPlugins)
	slos := make([]slo, len(spec.SLOs))
	for i, s := range spec.SLOs {
		slos[i] = slo{slosCommon: s.slosCommon, alerting: s.Alerting.alerting}
		slos[i].alerting.page, slos[i].alerting.ticket = s.Alerting.Page, s.Alerting.Ticket
		slos[i].sli = indicator{plugin: s.SLI.Plugin}
		if e := s.SLI.Events; e != nil {
			slos[i].sli.events = &events{e.ErrorQuery, e.TotalQuery}
		}
		if r := s.SLI.Raw; r != nil {
			slos[i].sli.raw = &r.ErrorRatioQuery
		}
	}
	w.all(slos)
}
