// Package document reads YAML files as documents: apiVersion, kind, metadata and a spec, with the line
// and column of every field.
//
// It knows no vocabulary. A vocabulary is a set of Go structs with yaml tags; [Document.Decode] decodes
// a document strictly into one of them, and whatever is wrong becomes a [problem.Problem] with place,
// field, value and remedy. Scalars follow the core schema of YAML 1.2 (yes, on and dates are text).
// Nothing here follows a reference, opens a document file or reads the clock.
package document

import (
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
	// DisplayName is the name for display; it may be empty.
	DisplayName string
	Place       agreement.Place

	node     *yaml.Node
	extent   Extent
	places   map[string]agreement.Place
	rename   func(string) string
	problems []problem.Problem
	// references are those found by Check.
	references []Reference
	failed     bool
	mistyped   bool
	// foreign makes an unknown field a warning.
	foreign bool
	// dialect is the struct tag that takes precedence over yaml.
	dialect string
	// tag is the struct tag of the field being decoded.
	tag reflect.StructTag
	// meant are missing fields of which an unknown field, reported already, is probably a misspelling.
	meant map[string]bool
}

// Head is the beginning of every document of accord/v1 and openslo/v1.
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

// Of is a document with such a spec, as written.
type Of[Spec any] struct {
	Head `yaml:",inline"`
	Spec Spec `yaml:"spec"`
}

// Clone returns a copy of the document; new problems of one are not added to the other.
func (d *Document) Clone() *Document {
	clone := *d
	clone.problems, clone.references = slices.Clip(d.problems), slices.Clip(d.references)
	return &clone
}

// DropTree releases the YAML tree to save memory; Items, Tree and Same cannot be used afterwards.
func (d *Document) DropTree() { d.node = nil }

// Failed reports whether the document has an error, and so is not served.
func (d *Document) Failed() bool { return d.failed }

// Problems returns the problems in the order in which they were found.
func (d *Document) Problems() []problem.Problem { return d.problems }

// Errorf adds an error about a field; the document is not served.
func (d *Document) Errorf(field, format string, args ...any) {
	d.add(problem.Error, d.At(field), field, format, args...)
}

// Warnf adds a warning about a field; the document is served.
func (d *Document) Warnf(field, format string, args ...any) {
	d.add(problem.Warning, d.At(field), field, format, args...)
}

// Listf adds an error about a field, but the document is still served: for errors in other documents
// that its figures do not need.
func (d *Document) Listf(field, format string, args ...any) {
	failed := d.failed
	d.Errorf(field, format, args...)
	d.failed = failed
}

func (d *Document) add(severity problem.Severity, at agreement.Place, field, format string, args ...any) {
	d.failed = d.failed || severity == problem.Error
	field = d.spelled(field)
	if _, stated := d.places[field]; d.meant[field] && !stated {
		return
	}
	if outer := agreement.OfAddresses(field); outer != "" { // everybody sees problems
		field, args = outer+agreement.WithoutAddresses(field[len(outer):]), slices.Clone(args)
		for i, arg := range args {
			switch text := arg.(type) {
			case string:
				args[i] = agreement.WithoutAddresses(text)
			case problem.Aside:
				args[i] = problem.Aside(agreement.WithoutAddresses(string(text)))
			case error:
				args[i] = agreement.WithoutAddresses(text.Error())
			}
		}
	}
	p := problem.New(at, severity, format, args...)
	p.Kind, p.Name, p.Field = d.Kind, d.Name, field
	d.problems = append(d.problems, p)
}

// At returns the place of a field or list item: for a scalar or alias its value, else the name. For an
// absent field it is that of the nearest field around it.
func (d *Document) At(field string) agreement.Place {
	for field = d.spelled(field); field != ""; field = parent(field) {
		if place, ok := d.places[field]; ok {
			return place
		}
	}
	return d.Place
}

// Has reports whether the document contains the field.
func (d *Document) Has(field string) bool {
	_, ok := d.places[d.spelled(field)]
	return ok
}

// Rename makes later problems of a converted document name fields as its text does: rename maps paths
// in the structs to paths in the text.
func (d *Document) Rename(rename func(string) string) { d.rename = rename }

// TextAt returns the scalar at the path, shortened by [problem.Clip]; empty if there is none.
func (d *Document) TextAt(path ...string) string { return scalarAt(d.node, path...) }

func (d *Document) spelled(field string) string {
	if d.rename == nil {
		return field
	}
	return d.rename(field)
}

// parent returns the path without its last element.
func parent(field string) string {
	return field[:max(strings.LastIndexByte(field, '.'), strings.LastIndexByte(field, '['), 0)]
}

var rfc1123Label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// IsName reports whether a name is an RFC 1123 label.
func IsName(name string) bool { return rfc1123Label.MatchString(name) }

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// NameOf converts a text to a name; empty if it has no ASCII letter or digit. A long one ends with a
// hash, so that names that begin alike stay different.
func NameOf(text string) string {
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(text), "-"), "-")
	if len(name) > 63 {
		return strings.TrimRight(name[:54], "-") + "-" + Hash([]byte(name))[:8]
	}
	return name
}

// NameRule describes the rule for names, for messages.
const NameRule = "a name has at most 63 lower-case letters, digits and -, and begins and ends with a letter or digit"

// CheckName reports whether the field is a name, and adds an error if not.
func (d *Document) CheckName(field, name string) bool {
	if d.Required(field, name) && !IsName(name) {
		d.Errorf(field, "%q is no name: %s", name, NameRule)
	}
	return IsName(name)
}

// Checker is a part of a document with rules that tags cannot express.
type Checker interface {
	// Check adds the problems of the part at field to d, before its fields are checked.
	Check(d *Document, field string)
}

// Reference is the name of another document of the kind, at field.
type Reference struct{ Field, Kind, Name string }

// References returns the references found by [Document.Check].
func (d *Document) References() []Reference { return d.references }

// Check applies the rules in the struct tags of a decoded value, to which value is a pointer: those of
// the JSON Schema (enum, minimum, exclusiveMinimum, maximum, x-reference), and in the tag check
//
//	required  the field must be present
//	unique    the items of the list must differ
//	free      the enum lists the usual words; others are allowed
//	labels    the items of the list, or the keys of the mapping, are label names
//
// A list with a tag least must not be empty; the tag is the error. The tag short of a list names the field
// of an item that is written as a text. A field with a tag lost is not used;
// the tag is the warning if the field is present. A [Checker] adds rules for a whole part.
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

// checkItem checks an item of a list. Only items without enum, reference or label rules may be empty.
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

// enum returns the words that a field allows; nil for any.
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
			into.SetString("") // so that later checks ignore it
		}
	case kind != "" && value != "":
		d.references = append(d.references, Reference{field, kind, value})
	case value == "":
		d.Errorf(field, "is required")
	}
}

// bounds returns the limits of a number by the rules of its field.
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

// checkBounds adds an error if a number is outside the limits of its rules.
func (d *Document) checkBounds(field string, value float64, rules string) {
	least, above, most := bounds(rules)
	hint := ""
	if value > 1 && value <= 100 && most == 1 && (above != 0 || value >= 50) { // a target below half is unlikely
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
