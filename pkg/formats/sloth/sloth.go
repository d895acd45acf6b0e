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
	"cmp"

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
		d.Warnf("spec", "has no place: the burn-rate alerts are those of the SRE workbook, scaled to the window of each SLO (--window); an objective of an agreement may say others (alerts)")
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
			cmp.Or(d.Kind, "(nothing)"), cmp.Or(d.APIVersion, "(nothing)"), Version, APIVersion, Kind)
	}
	return []*document.Document{d}
}

// importFile reads Sloth's own form.
func importFile(set *imports.Set, d *document.Document, window string) {
	var file file
	if !d.DecodeForeign(&file) {
		return
	}
	if d.OneOf("version", file.Version, Version); d.Failed() {
		return
	}
	d.Kind, d.Name = Version, file.Service
	w := writer{set: set, d: d, window: window, labels: imports.Texts(file.Labels), annotations: map[string]string{}}
	w.all(&file.definition)
}

// importResource reads the Kubernetes resource.
func importResource(set *imports.Set, d *document.Document, window string) {
	var resource imports.Resource[definition]
	d.UseDialect(resourceDialect)
	if !d.DecodeForeign(&resource) {
		return
	}
	d.Rename(resourcePaths.Replace)
	spec, head := &resource.Spec, &resource.Metadata
	if !d.Required("metadata.name", head.Name) {
		return
	}
	w := writer{set: set, d: d, window: window, namespace: head.Namespace,
		labels: imports.Texts(head.Labels, spec.Labels), annotations: head.OwnAnnotations()}
	w.annotations["sloth.slok.dev/resource"] = head.FullName()
	w.all(spec)
}
