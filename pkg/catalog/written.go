package catalog

import (
	"fmt"

	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

func written(e *entry) Written {
	w := Written{ID: ID{e.doc.Kind, e.doc.Name}, APIVersion: e.doc.APIVersion, Place: e.doc.Place,
		Tree: e.doc.Written(), Warnings: e.doc.Problems()}
	if openslo.Reads(e.doc.APIVersion) {
		w.Value = e.value
	}
	return w
}

// tellsOfObjective reports whether the document only tells other tools of an
// objective, which the agreement itself tells us.
func tellsOfObjective(value any) bool {
	slo, ok := value.(*openslo.SLO)
	return ok && slo.Metadata.Annotations[openslo.ObjectiveAnnotation] != ""
}

// embedded reads the documents of accord/v1 that a Service carries for those
// who read OpenSLO alone.
func (r *resolver) embedded(d *document.Document, value any) {
	service, ok := value.(*openslo.Service)
	if !ok || service.Metadata.Annotations[openslo.DocumentsAnnotation] == "" {
		return
	}
	field := openslo.AnnotationField(openslo.DocumentsAnnotation)
	documents, problems := d.Embedded(field, service.Metadata.Annotations[openslo.DocumentsAnnotation], r.o.Limits)
	r.dropped = append(r.dropped, problems...)
	for _, inner := range documents {
		switch {
		case inner.APIVersion != APIVersion:
			d.Errorf(field, "holds a document of %q; only those of %s belong there", inner.APIVersion, APIVersion)
		case len(r.all) >= r.o.Limits.Documents:
			d.Errorf(field, "%s", fmt.Sprintf("the folder has more than %d documents, which is the limit", r.o.Limits.Documents))
			return
		case r.proposed.replaces(inner):
		default:
			r.list(inner, nil)
			r.register(&entry{doc: inner, value: decode(inner)})
		}
	}
}
