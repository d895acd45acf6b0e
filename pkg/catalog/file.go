package catalog

import (
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/problem"
)

// file is a document file of a folder. It is parsed when it is resolved first,
// and kept as long as its text is the same.
type file struct {
	path string // relative to the folder, with slashes
	sum  [sha256.Size]byte
	// text is what is still to be parsed; nil afterwards.
	text      []byte
	documents []*parsed
	problems  []problem.Problem
}

// parsed is a document as its text alone says, shared by all catalogs that are
// made of it: resolving works on a [document.Document.Clone].
type parsed struct {
	doc *document.Document
	// value is the decoded document, nil or mistyped when it could not be decoded.
	value any
	// hash is that of its own bytes; empty when it cannot be changed alone.
	hash string
	// within is the hash of the document that it is embedded in.
	within string
	// embedded are the documents of accord/v1 that a Service carries for those
	// who read OpenSLO alone.
	embedded []*parsed
	// problems are those of a text that holds embedded ones.
	problems []problem.Problem
}

func (f *file) parse(o Options) {
	if f.text == nil {
		return
	}
	var documents []*document.Document
	documents, f.problems = document.Read(f.path, f.text, o.Limits)
	for _, d := range documents {
		p := decode(d)
		if extent, alone := d.Extent(); alone {
			p.hash = document.Hash(f.text[extent.From:extent.To])
		}
		if service, ok := p.value.(*openslo.Service); ok {
			p.readEmbedded(service.Metadata.Annotations[openslo.DocumentsAnnotation], o.Limits)
		}
		f.documents = append(f.documents, p)
	}
	f.text = nil
	if o.KeepSources {
		return
	}
	for _, p := range f.documents {
		p.doc.DropTree()
		for _, inner := range p.embedded {
			inner.doc.DropTree()
		}
	}
}

var documentsField = openslo.AnnotationField(openslo.DocumentsAnnotation)

func (p *parsed) readEmbedded(text string, limits Limits) {
	if text == "" {
		return
	}
	var documents []*document.Document
	documents, p.problems = p.doc.Embedded(documentsField, text, limits)
	for _, inner := range documents {
		if inner.APIVersion != APIVersion {
			p.doc.Errorf(documentsField, "holds a document of %q; only those of %s belong there", inner.APIVersion, APIVersion)
			continue
		}
		made := decode(inner)
		made.within = p.hash
		p.embedded = append(p.embedded, made)
	}
}

func decode(d *document.Document) *parsed {
	p := &parsed{doc: d}
	isAccord, isOpenSLO := d.APIVersion == APIVersion, openslo.Reads(d.APIVersion)
	switch {
	case isAccord && slices.Contains(openslo.Kinds, d.Kind):
		d.Errorf("apiVersion", "%s is a kind of OpenSLO: write apiVersion: %s", d.Kind, openslo.V1)
	case isOpenSLO && accordDocuments[d.Kind] != nil:
		d.Errorf("apiVersion", "%s is no kind of OpenSLO: write apiVersion: %s", d.Kind, APIVersion)
	case isAccord:
		p.value = readAccord(d)
	case isOpenSLO:
		p.value = openslo.Read(d)
	case d.APIVersion == "":
		d.Errorf("apiVersion", "is required: %s", readVersions)
	default:
		d.Errorf("apiVersion", "%q is not read here, only %s%s", d.APIVersion, readVersions, problem.DidYouMean(d.APIVersion, versions))
	}
	return p
}

var versions = []string{APIVersion, openslo.V1, openslo.V1Alpha, openslo.V2Alpha}

// isForeign reports whether a document is another program's, such as Kubernetes':
// neither its version nor, without one, its kind is like one that is read here.
func isForeign(d *document.Document) bool {
	if d.APIVersion == "" {
		return !slices.Contains(Kinds(), d.Kind)
	}
	return !strings.HasPrefix(d.APIVersion, "accord/") && !strings.HasPrefix(d.APIVersion, "openslo") && problem.Nearest(d.APIVersion, versions) == ""
}

const readVersions = APIVersion + " and " + openslo.V1 + " (" + openslo.V1Alpha + " and " + openslo.V2Alpha + " are converted)"
