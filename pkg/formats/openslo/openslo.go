// Package openslo converts OpenSLO documents to the types of package agreement.
//
// [Read] takes a document of openslo/v1, openslo/v1alpha or openslo.com/v2alpha and
// returns it as openslo/v1, checked by itself; the other functions convert its parts.
// Package catalog resolves references to other documents. What OpenSLO allows but
// Accord cannot measure is an error; known fields that Accord cannot use are warnings.
// The rules are those of the published specification, the README of
// github.com/OpenSLO/OpenSLO.
package openslo

import (
	"maps"
	"path"
	"slices"
	"unicode/utf8"

	"github.com/accord-sla/accord/pkg/catalog/document"
)

// The supported versions.
const (
	V1      = "openslo/v1"
	V1Alpha = "openslo/v1alpha"
	V2Alpha = "openslo.com/v2alpha"
)

var documents = map[string]func() any{
	"AlertCondition":          func() any { return &AlertCondition{} },
	"AlertNotificationTarget": func() any { return &AlertNotificationTarget{} },
	"AlertPolicy":             func() any { return &AlertPolicy{} },
	"DataSource":              func() any { return &DataSource{} },
	"SLI":                     func() any { return &SLI{} },
	"SLO":                     func() any { return &SLO{} },
	"Service":                 func() any { return &Service{} },
}

// Kinds are the kinds of V1 and V2Alpha, sorted.
var Kinds = slices.Sorted(maps.Keys(documents))

var alphaDocuments = map[string]func() any{"SLO": documents["SLO"], "Service": documents["Service"]}

// Annotations for what OpenSLO has no field for, so that exported files can be
// read back without a loss.
const (
	// DocumentsAnnotation of a Service holds documents of accord/v1.
	DocumentsAnnotation = "accord/documents"
	// ObjectiveAnnotation of an SLO names the objective, as agreement/objective, that
	// the SLO represents for other tools. Package catalog skips such SLOs.
	ObjectiveAnnotation = "accord/objective"
	// IndicatorAnnotation of an SLO is EachObjective if each objective has its own
	// indicator and is measured by it alone, as in v1alpha.
	IndicatorAnnotation = "accord/indicator"
	EachObjective       = "each-objective"
)

// Reads reports whether the package reads documents of the version.
func Reads(apiVersion string) bool {
	return apiVersion == V1 || apiVersion == V1Alpha || apiVersion == V2Alpha
}

// Read decodes one document and checks it by itself. It returns a pointer to a document type
// of this package, or nil if it cannot be decoded. Problems are added to d.
func Read(d *document.Document) any {
	kinds := documents
	if d.APIVersion == V1Alpha {
		kinds = alphaDocuments
	}
	d.UseDialect(path.Base(d.APIVersion))
	value, ok := d.DecodeKind(kinds)
	if !ok {
		return nil
	}
	if d.APIVersion == V2Alpha && d.Has("metadata.displayName") {
		d.Warnf("metadata.displayName", "openslo.com/v2alpha has no such field; it is taken all the same")
	}
	switch v := value.(type) {
	case *SLI:
		if d.APIVersion == V2Alpha {
			v.Spec.fromV2Alpha()
			d.Rename(v2Paths.Replace)
		}
	case *SLO:
		switch d.APIVersion {
		case V1Alpha:
			if v.fromV1Alpha(d); d.Failed() {
				return nil
			}
		case V2Alpha:
			v.fromV2Alpha(d)
		default:
			v.IndicatorEach = v.Metadata.Annotations[IndicatorAnnotation] == EachObjective
		}
	}
	if slices.Contains([]string{"SLI", "SLO", "Service"}, d.Kind) {
		d.CheckName("metadata.name", d.Name)
	} else {
		checkLooseName(d, "metadata.name", d.Name)
	}
	d.Check(value)
	return value
}

// checkLooseName only warns about an invalid name: no figure is named by it, and the
// published examples have such names.
func checkLooseName(d *document.Document, field, name string) {
	if d.Required(field, name) && !document.IsName(name) {
		d.Warnf(field, "%q: %s", name, document.NameRule)
	}
}

// Description is a text whose length OpenSLO limits.
type Description string

// Check warns about a text that is too long.
func (text Description) Check(d *document.Document, field string) {
	const most = 1050
	if n := utf8.RuneCountInString(string(text)); n > most {
		d.Warnf(field, "has %d characters; OpenSLO allows %d", n, most)
	}
}
