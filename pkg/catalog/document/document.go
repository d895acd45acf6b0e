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
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
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
	// tag is that of the field that is being read.
	tag reflect.StructTag
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

// Of is a document of the kind that has such a spec, as it is written.
type Of[Spec any] struct {
	Head `yaml:",inline"`
	Spec Spec `yaml:"spec"`
}

// Clone returns the document to be judged further: new problems are the clone's alone.
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

// Warnf says what the reader should know of a field; the document is served.
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
	for field = d.spelled(field); field != ""; field = parent(field) {
		if place, ok := d.places[field]; ok {
			return place
		}
	}
	return d.Place
}

// Has reports whether the document states the field.
func (d *Document) Has(field string) bool {
	_, ok := d.places[d.spelled(field)]
	return ok
}

// Rename makes later messages of a converted document name fields as the text spells
// them: rename maps the paths of the structs to those of the text.
func (d *Document) Rename(rename func(string) string) { d.rename = rename }

// TextAt is the scalar at the path, as it is written; empty where there is none.
func (d *Document) TextAt(path ...string) string { return scalarAt(d.node, path...) }

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
	if d.Required(field, name) && !IsName(name) {
		d.Errorf(field, "%q is no name: %s", name, NameRule)
	}
	return IsName(name)
}

// Checker is a part of a document with rules that tags do not say.
type Checker interface {
	// Check says in d what is wrong with the part at field, before its fields are checked.
	Check(d *Document, field string)
}

// Reference is the name of another document, of the kind, that stands at field.
type Reference struct{ Field, Kind, Name string }

// References returns those that [Document.Check] met.
func (d *Document) References() []Reference { return d.references }

// Check applies the rules that a decoded value, to which it is a pointer, has
// in the tags of its fields: those of the JSON Schema (enum, minimum,
// exclusiveMinimum, maximum, x-reference), and in the tag check
//
//	required  the field must be there
//	unique    no item of the list may stand twice
//	free      the enum lists the usual words; others are taken
//	labels    the items of the list, or the keys of the mapping, are label names
//
// A list with a tag least must have an item: the tag says so. A field with a tag
// lost has no place: the tag says why, and is a warning where the field is there.
// Rules of a whole part are those of its [Checker].
func (d *Document) Check(value any) { d.check(reflect.ValueOf(value).Elem(), "", "") }

func (d *Document) check(value reflect.Value, field string, tag reflect.StructTag) {
	if lost := tag.Get("lost"); lost != "" && !value.IsZero() {
		d.Warnf(field, "%s", lost)
		return
	}
	if checker, ok := value.Addr().Interface().(Checker); ok {
		checker.Check(d, field)
	}
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() {
			d.check(value.Elem(), field, tag)
		} else if hasRule(tag, "required") {
			d.Errorf(field, "is required")
		}
	case reflect.Struct:
		eachField(value, "", func(name string, value reflect.Value, tags reflect.StructTag) {
			d.check(value, join(field, name), tags)
		})
	case reflect.Map:
		if hasRule(tag, "labels") && value.MapIndex(reflect.ValueOf("")).IsValid() {
			d.Errorf(field+".", `"" is no label name`)
		}
	case reflect.Slice:
		if least := tag.Get("least"); least != "" && value.Len() == 0 {
			d.Errorf(field, "%s", least)
		}
		seen := map[string]bool{}
		for i := range value.Len() {
			d.checkItem(value.Index(i), seen, Item(field, i), tag)
		}
	case reflect.Float64:
		d.checkBounds(field, value.Float(), tag.Get("jsonschema"))
	case reflect.String:
		d.checkText(field, value, tag, hasRule(tag, "required"))
	}
}

func hasRule(tag reflect.StructTag, rule string) bool {
	return slices.Contains(strings.Split(tag.Get("check"), ","), rule)
}

// checkItem checks an item of a list; only one of any text may be empty.
func (d *Document) checkItem(item reflect.Value, seen map[string]bool, field string, tag reflect.StructTag) {
	kind := referenceKind(tag)
	switch {
	case item.Kind() != reflect.String:
		d.check(item, field, tag)
	case item.Len() == 0 && kind != "":
		d.Errorf(field, "is empty; it must name a %s", kind)
	case item.Len() == 0 && hasRule(tag, "labels"):
		d.Errorf(field, `"" is no label name`)
	case hasRule(tag, "unique") && seen[item.String()]:
		d.Errorf(field, "%s stands twice", item)
	default:
		seen[item.String()] = true
		d.checkText(field, item, tag, enum(tag) != nil)
	}
}

// enum returns the words that a field takes; nil for any.
func enum(tag reflect.StructTag) (words []string) {
	for rule := range strings.SplitSeq(tag.Get("jsonschema"), ",") {
		if word, ok := strings.CutPrefix(rule, "enum="); ok && !hasRule(tag, "free") {
			words = append(words, word)
		}
	}
	return words
}

func referenceKind(tag reflect.StructTag) string {
	kind, _ := strings.CutPrefix(tag.Get("jsonschema_extras"), "x-reference=")
	return kind
}

func (d *Document) checkText(field string, into reflect.Value, tag reflect.StructTag, required bool) {
	value, kind, words := into.String(), referenceKind(tag), enum(tag)
	switch {
	case value == "" && !required:
	case len(words) > 0:
		if !d.OneOf(field, value, words...) {
			into.SetString("") // so that what follows is about the rest
		}
	case kind != "" && value != "":
		d.references = append(d.references, Reference{field, kind, value})
	case value == "":
		d.Errorf(field, "is required")
	}
}

// bounds are those of a number by the rules of its field.
func bounds(rules string) (least, above, most float64) {
	least, above, most = math.Inf(-1), math.Inf(-1), math.Inf(1)
	for rule := range strings.SplitSeq(rules, ",") {
		name, text, _ := strings.Cut(rule, "=")
		into := map[string]*float64{"minimum": &least, "exclusiveMinimum": &above, "maximum": &most}[name]
		if bound, err := strconv.ParseFloat(text, 64); into != nil && err == nil {
			*into = bound
		}
	}
	return least, above, most
}

// checkBounds says when a number is outside the bounds of its rules.
func (d *Document) checkBounds(field string, value float64, rules string) {
	least, above, most := bounds(rules)
	hint := ""
	if value > 1 && value <= 100 && most == 1 && (above != 0 || value >= 50) { // nobody promises less than half
		hint = " (did you mean " + number12(percent(value)) + "?)"
	}
	switch {
	case value >= least && value > above && value <= most:
	case math.IsInf(most, 1):
		d.Errorf(field, "must be %v or more, got %s", least, number12(value))
	case math.IsInf(above, -1):
		d.Errorf(field, "must be in [%v, %v], got %s%s", least, most, number12(value), hint)
	default:
		d.Errorf(field, "must be in (%v, %v], got %s%s", above, most, number12(value), hint)
	}
}

// Item returns the path of an item of the list at field.
func Item(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }
