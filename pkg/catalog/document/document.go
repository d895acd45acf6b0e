// Package document reads YAML files as documents: apiVersion, kind, metadata
// and a spec, with the line and column of every field.
//
// It knows no vocabulary. A vocabulary is a set of Go structs with yaml tags;
// [Document.Decode] reads a document into one of them strictly, and what is
// wrong becomes a [problem.Problem] that names place, field, value and remedy. Scalars
// are read by the core schema of YAML 1.2 (yes, on and dates are text).
// Nothing here follows a reference, touches the disk or reads the clock.
package document

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/problem"
)

// Document is one document of a file, with the problems found in it so far.
type Document struct {
	APIVersion string
	Kind       string
	Name       string
	// DisplayName is how people call it; it may be empty.
	DisplayName string
	Place       agreement.Place

	node     *yaml.Node
	extent   Extent
	places   map[string]agreement.Place
	rename   func(string) string
	problems []problem.Problem
	// references are those that were met by Check.
	references []Reference
	failed     bool
	mistyped   bool
	// foreign: an unknown field is a warning.
	foreign bool
	// dialect is the tag of struct fields that is read before yaml.
	dialect string
	// meant is the fields that are missing because an unknown one, which was
	// said, most likely is a misspelling of them.
	meant map[string]bool
}

// Head is what every document of accord/v1 and openslo/v1 begins with.
type Head struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   Metadata `yaml:"metadata"`
}

// Metadata names a document in accord/v1 and openslo/v1.
type Metadata struct {
	Name        string            `yaml:"name,omitempty"`
	DisplayName string            `yaml:"displayName,omitempty"`
	Labels      Labels            `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

// Clone returns the document for one who judges it further, whose problems come
// to the clone alone.
func (d *Document) Clone() *Document {
	clone := *d
	clone.problems, clone.references = slices.Clip(d.problems), slices.Clip(d.references)
	return &clone
}

// DropTree gives up the text of the document, once nobody asks for its Items, its
// Tree or whether it is the Same, to save memory.
func (d *Document) DropTree() { d.node = nil }

// Failed reports whether the document has an error, so is not served.
func (d *Document) Failed() bool { return d.failed }

// Problems returns those found so far, in the order in which they were found.
func (d *Document) Problems() []problem.Problem { return d.problems }

// Errorf says what is wrong with a field; the document is not served.
func (d *Document) Errorf(field, format string, args ...any) {
	d.add(problem.Error, d.At(field), field, fmt.Sprintf(format, args...))
}

// Warnf says what about a field the reader should know; the document is
// served.
func (d *Document) Warnf(field, format string, args ...any) {
	d.add(problem.Warning, d.At(field), field, fmt.Sprintf(format, args...))
}

// Listf says what is wrong with a field without taking the document away:
// for errors of others that the document's own figures do not need.
func (d *Document) Listf(field, format string, args ...any) {
	failed := d.failed
	d.Errorf(field, format, args...)
	d.failed = failed
}

func (d *Document) add(severity problem.Severity, at agreement.Place, field, message string) {
	d.failed = d.failed || severity == problem.Error
	field = d.spelled(field)
	if _, stated := d.places[field]; d.meant[field] && !stated {
		return
	}
	d.problems = append(d.problems, problem.Problem{
		Place: at, Severity: severity, Kind: d.Kind, Name: d.Name, Field: field, Message: message,
	})
}

// At returns where the field stands: its name, or the item for a place in a list.
// For a field that is not there it is the nearest field around it that is.
func (d *Document) At(field string) agreement.Place {
	field = d.spelled(field)
	for field != "" {
		if place, ok := d.places[field]; ok {
			return place
		}
		field = parent(field)
	}
	return d.Place
}

// Has reports whether the document states the field.
func (d *Document) Has(field string) bool {
	_, ok := d.places[d.spelled(field)]
	return ok
}

// Rename makes later messages name fields as the document spells them, for a
// vocabulary that was converted on reading: rename maps the paths of the
// converted structs to those of the text.
func (d *Document) Rename(rename func(string) string) { d.rename = rename }

func (d *Document) spelled(field string) string {
	if d.rename == nil {
		return field
	}
	return d.rename(field)
}

// parent returns the path without its last step.
func parent(field string) string {
	return field[:max(strings.LastIndexByte(field, '.'), strings.LastIndexByte(field, '['), 0)]
}

var rfc1123Label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// IsName reports whether a name is an RFC 1123 label.
func IsName(name string) bool { return rfc1123Label.MatchString(name) }

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// NameOf is the name nearest to a text; empty when no letter or digit is in it.
func NameOf(text string) string {
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(text), "-"), "-")
	return strings.TrimRight(name[:min(len(name), 63)], "-")
}

// NameRule is the rule for names in words.
const NameRule = "a name has at most 63 lower-case letters, digits and -, and begins and ends with a letter or digit"

// CheckName reports whether the field holds a name, and says so if not.
func (d *Document) CheckName(field, name string) bool {
	switch {
	case name == "":
		d.Errorf(field, "is required")
	case !IsName(name):
		d.Errorf(field, "%q is no name: %s", name, NameRule)
	default:
		return true
	}
	return false
}
