package document

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/problem"
)

// Decode decodes the whole document into target, a pointer to a struct with yaml tags. Every field of
// the text must exist in the struct, have its type, and occur only once; otherwise a problem is added.
// A null field counts as absent. Decode reports whether target can be checked further, because no value
// has the wrong type.
//
// Besides the usual types, a field may be a [Labels], [Plain], [Scalar], [Raw] or [Anything].
func (d *Document) Decode(target any) bool {
	d.places = map[string]agreement.Place{}
	d.meant = map[string]bool{}
	d.value(d.node, reflect.ValueOf(target).Elem(), "")
	return !d.mistyped
}

// DecodeKind decodes the document into a new value of its kind. An unknown kind is an error, and value
// is nil. ok is the result of [Document.Decode].
func (d *Document) DecodeKind(kinds map[string]func() any) (value any, ok bool) {
	made, ok := kinds[d.Kind]
	if !ok {
		d.OneOf("kind", d.Kind, slices.Sorted(maps.Keys(kinds))...)
		return nil, false
	}
	value = made()
	return value, d.Decode(value)
}

// DecodeForeign is [Document.Decode] for the vocabulary of another program: an unknown field is a
// warning, and << is merged.
func (d *Document) DecodeForeign(target any) bool {
	d.foreign = true
	return d.Decode(target)
}

// UseDialect selects a dialect of the vocabulary: a struct tag of that name takes precedence over yaml.
func (d *Document) UseDialect(name string) { d.dialect = name }

// DecodeRaw decodes a raw part once its type is known, and reports whether it has no problems.
func (d *Document) DecodeRaw(raw Raw, target any) bool {
	problems, into := len(d.problems), reflect.ValueOf(target).Elem()
	if raw.node != nil {
		d.value(raw.node, into, raw.field)
	} else if raw.value != nil {
		into.Set(reflect.ValueOf(raw.value))
	}
	return len(d.problems) == problems
}

// Labels are texts by name. A list of texts is joined with commas.
type Labels map[string]string

// Plain is a text, number or boolean as written; many programs accept these as labels.
type Plain string

// Scalar is a text or a number as written.
type Scalar struct {
	Text     string
	IsNumber bool
}

// Raw is a part of a document that is decoded later.
type Raw struct {
	node  *yaml.Node
	field string
	value any
}

// RawOf returns a value as a raw part, for a document that is written or converted.
func RawOf(value any) Raw { return Raw{value: value} }

// IsZero reports whether the part is absent.
func (r Raw) IsZero() bool { return r.node == nil && r.value == nil }

// MarshalYAML writes the scalar as it was read.
func (s Scalar) MarshalYAML() (any, error) {
	if s.IsNumber {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: s.Text}, nil
	}
	return s.Text, nil
}

// MarshalYAML writes the part as it was read, including comments.
func (r Raw) MarshalYAML() (any, error) {
	if r.node == nil {
		return r.value, nil
	}
	return byItself(r.node), nil
}

// Anything is any YAML, for other programs. Its content is dropped, since it may contain secrets.
type Anything struct{ Present bool }

func (d *Document) value(node *yaml.Node, into reflect.Value, field string) {
	node = Follow(node)
	if typeOf(node) == null || d.special(node, into, field) {
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.value(node, into.Elem(), field)
	case reflect.Struct:
		d.structure(node, into, field)
	case reflect.Map:
		d.mapping(node, into, field)
	case reflect.Slice:
		d.list(node, into, field)
	default:
		d.scalar(node, into, field)
	}
}

// special decodes types that need more than their Go kind, and reports whether it did.
func (d *Document) special(node *yaml.Node, into reflect.Value, field string) bool {
	switch target := into.Addr().Interface().(type) {
	case *Anything:
		target.Present = true
	case *Raw:
		*target = Raw{node: node, field: field}
	case *Plain:
		if t := typeOf(node); t == foreign || t == collection {
			d.expected(node, field, "a text, a number, or true or false")
		} else {
			*target = Plain(node.Value)
		}
	case *Scalar:
		if t := typeOf(node); t == text || t == number {
			*target = Scalar{Text: node.Value, IsNumber: t == number}
		} else {
			d.expected(node, field, "a text or a number")
		}
	case *Labels:
		if node.Kind != yaml.MappingNode {
			return false
		}
		*target = Labels{}
		d.entries(node, field, func(key, value *yaml.Node, path string) {
			texts := make([]string, 1)
			if into := reflect.ValueOf(&texts).Elem(); Follow(value).Kind == yaml.SequenceNode {
				d.value(value, into, path)
			} else {
				d.value(value, into.Index(0), path)
			}
			(*target)[key.Value] = strings.Join(texts, ",")
		})
	default:
		return false
	}
	return true
}

// expected adds an error for a value that is not of the field's type, with what was probably meant.
func (d *Document) expected(node *yaml.Node, field, want string) {
	meant, t := "", typeOf(node)
	switch {
	case t == collection || t == foreign:
	case want == "a text" && (t == number || t == boolean):
		meant = fmt.Sprintf(" (put it in quotes: %q)", problem.Clip(node.Value))
		if example := example.FindStringSubmatch(d.tag.Get("jsonschema_description")); example != nil {
			meant = " (it is written as " + example[1] + ")"
		}
	case want == "a number":
		meant = meantNumber(node.Value, d.tag.Get("jsonschema"))
	case want == "a list" && (enum(d.tag) == nil || slices.Contains(enum(d.tag), node.Value)):
		meant = fmt.Sprintf(" (did you mean [%s]?)", problem.Clip(node.Value))
	}
	d.mistyped = true
	d.add(problem.Error, d.placeOf(node), field, "must be %s, got %s%s", want, describe(node), meant)
}

// example matches the example in the description of a field if it begins with a digit: a duration, a
// day or a time.
var example = regexp.MustCompile(`\b[Aa]s ([0-9][0-9A-Za-z:+-]*)`)

// Shorthand is a mapping that people often write as one text.
type Shorthand interface {
	// WrittenOut returns what the text probably means, as YAML.
	WrittenOut(text string) string
}

func (d *Document) placeOf(node *yaml.Node) agreement.Place {
	return agreement.Place{File: d.Place.File, Line: node.Line, Column: node.Column}
}

// entries visits a mapping, in which names must be scalars and occur only once.
func (d *Document) entries(node *yaml.Node, field string, each func(key, value *yaml.Node, field string)) {
	first := map[string]int{}
	content := node.Content
	if d.foreign {
		content = merged(node)
	}
	for i := 0; i+1 < len(content); i += 2 {
		key, value := content[i], content[i+1]
		at := d.placeOf(key)
		if key.Kind != yaml.ScalarNode {
			d.add(problem.Error, at, field, "a name in a mapping must be a text, got %s", describe(Follow(key)))
			continue
		}
		path := join(field, key.Value)
		if line, twice := first[key.Value]; twice {
			d.add(problem.Error, at, path, "stands twice, first in %s", problem.Aside(fmt.Sprint("line ", line)))
			continue
		}
		first[key.Value] = key.Line
		if d.places[path] = at; typeOf(value) != null && (value.Kind == yaml.AliasNode || value.Kind == yaml.ScalarNode) {
			d.places[path] = d.placeOf(value)
		}
		each(key, value, path)
	}
}

func join(field, name string) string {
	name = problem.Clip(name)
	if field == "" {
		return name
	}
	return field + "." + name
}

func (d *Document) structure(node *yaml.Node, into reflect.Value, field string) {
	if node.Kind != yaml.MappingNode {
		want := "a mapping"
		if short, ok := into.Addr().Interface().(Shorthand); ok && node.Kind == yaml.ScalarNode {
			want += " such as " + short.WrittenOut(problem.Clip(node.Value))
		} else if field := d.tag.Get("short"); field != "" && node.Kind == yaml.ScalarNode {
			want += fmt.Sprintf(" such as {%s: %s}", field, problem.Clip(node.Value))
		}
		d.expected(node, field, want)
		return
	}
	known, tagOf := map[string]reflect.Value{}, map[string]reflect.StructTag{}
	eachField(into, d.dialect, func(name string, value reflect.Value, tags reflect.StructTag) {
		known[name], tagOf[name] = value, tags
	})
	d.entries(node, field, func(key, value *yaml.Node, path string) {
		target, ok := known[key.Value]
		switch {
		case ok:
			outer := d.tag
			d.tag = tagOf[key.Value]
			d.value(value, target, path)
			d.tag = outer
		case key.Value == "<<" && d.foreign:
			d.add(problem.Error, d.placeOf(key), path, "must be a mapping whose fields are merged, or a list of them")
		case key.Value == "<<":
			d.add(problem.Error, d.placeOf(key), path, "merging mappings is YAML 1.1, which is not read; write the fields out")
		default:
			message, nearest := unknown(key.Value, known)
			if d.foreign {
				d.add(problem.Warning, d.placeOf(key), path, "%s; it is left out", message)
				return
			}
			d.add(problem.Error, d.placeOf(key), path, "%s", message)
			if nearest != "" {
				d.meant[join(field, nearest)] = true
			}
		}
	})
}

// unknown returns the message for an unknown field, with the nearest known field or else all of them.
func unknown(name string, known map[string]reflect.Value) (message, nearest string) {
	names := slices.Sorted(maps.Keys(known))
	if nearest = problem.Nearest(name, names); nearest != "" {
		return "unknown field" + problem.DidYouMean(name, names), nearest
	}
	return "unknown field; known here: " + strings.Join(names, ", "), ""
}

// eachField visits the fields of a struct, including those of inlined structs, by their names. The tag
// of a dialect takes precedence over yaml.
func eachField(of reflect.Value, dialect string, visit func(name string, value reflect.Value, tags reflect.StructTag)) {
	for i := range of.NumField() {
		tags := of.Type().Field(i).Tag
		tag, ok := tags.Lookup(dialect)
		if !ok {
			tag = tags.Get("yaml")
		}
		switch name, option, _ := strings.Cut(tag, ","); {
		case option == "inline":
			eachField(of.Field(i), dialect, visit)
		case name != "" && name != "-":
			visit(name, of.Field(i), tags)
		}
	}
}

func (d *Document) mapping(node *yaml.Node, into reflect.Value, field string) {
	if node.Kind != yaml.MappingNode {
		d.expected(node, field, "a mapping")
		return
	}
	into.Set(reflect.MakeMap(into.Type()))
	d.entries(node, field, func(key, value *yaml.Node, path string) {
		item := reflect.New(into.Type().Elem()).Elem()
		if !d.foreign && item.Kind() == reflect.String && typeOf(Follow(value)) == null { // null is not an empty label
			d.expected(Follow(value), path, "a text")
		}
		d.value(value, item, path)
		into.SetMapIndex(reflect.ValueOf(key.Value), item)
	})
}

func (d *Document) list(node *yaml.Node, into reflect.Value, field string) {
	if node.Kind != yaml.SequenceNode {
		d.expected(node, field, "a list")
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content)))
	for i, item := range node.Content {
		path := Item(field, i)
		d.places[path] = d.placeOf(item)
		d.value(item, into.Index(i), path)
	}
}

func (d *Document) scalar(node *yaml.Node, into reflect.Value, field string) {
	want := map[reflect.Kind]string{reflect.String: "a text", reflect.Bool: "true or false", reflect.Float64: "a number"}[into.Kind()]
	switch is := typeOf(node); {
	case is == text && into.Kind() == reflect.String:
		into.SetString(node.Value)
	case is == boolean && into.Kind() == reflect.Bool && boolText.MatchString(node.Value):
		into.SetBool(strings.EqualFold(node.Value, "true"))
	case is == number && into.Kind() == reflect.Float64:
		value, err := parseNumber(node.Value)
		if err != nil {
			d.expected(node, field, "a finite number")
		}
		into.SetFloat(value)
	default:
		d.expected(node, field, want)
	}
}
