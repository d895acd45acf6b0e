package document

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Checker is a part of a document with rules that tags do not say.
type Checker interface {
	// Check says in d what is wrong with the part, which stands at field, before
	// its fields are checked.
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
//
// A field with a tag lost is one that has no place: the tag says why, and is a
// warning where the field is there. Rules of a whole part are those of its [Checker].
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
		d.checkFields(value, field)
	case reflect.Slice:
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

// checkFields checks the fields of a struct, which checks inlined ones itself.
func (d *Document) checkFields(value reflect.Value, field string) {
	for i := range value.NumField() {
		of := value.Type().Field(i)
		name, option, _ := strings.Cut(of.Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			d.checkFields(value.Field(i), field)
		case name != "" && name != "-":
			d.check(value.Field(i), join(field, name), of.Tag)
		}
	}
}

// checkItem checks an item of a list, which may be empty only where any text may
// stand.
func (d *Document) checkItem(item reflect.Value, seen map[string]bool, field string, tag reflect.StructTag) {
	kind := referenceKind(tag)
	switch {
	case item.Kind() != reflect.String:
		d.check(item, field, tag)
	case item.Len() == 0 && kind != "":
		d.Errorf(field, "is empty; it must name a %s", kind)
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

// checkBounds says when a number is outside the bounds of its rules.
func (d *Document) checkBounds(field string, value float64, rules string) {
	least, above, most := math.Inf(-1), math.Inf(-1), math.Inf(1)
	for rule := range strings.SplitSeq(rules, ",") {
		name, text, _ := strings.Cut(rule, "=")
		into := map[string]*float64{"minimum": &least, "exclusiveMinimum": &above, "maximum": &most}[name]
		if bound, err := strconv.ParseFloat(text, 64); into != nil && err == nil {
			*into = bound
		}
	}
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
