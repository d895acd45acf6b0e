package statement

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// change is a field that differs between two values of the same form. Was and
// Now are JSON; empty where the field is absent.
type change struct{ Path, Was, Now string }

// changes are the fields in which two values differ as JSON. Numbers that
// differ by no more than tolerance, relative above 1, are the same. Items of a
// list are told apart by their name, else by their place.
func changes(was, now any, tolerance float64) ([]change, error) {
	a, err := plain(was)
	if err != nil {
		return nil, err
	}
	b, err := plain(now)
	if err != nil {
		return nil, err
	}
	d := differ{tolerance: tolerance}
	d.value("", a, b)
	return d.found, nil
}

// plain is the value as encoding/json reads JSON into any.
func plain(value any) (any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var read any
	err = json.Unmarshal(text, &read)
	return read, err
}

type differ struct {
	tolerance float64
	found     []change
}

func (d *differ) value(path string, was, now any) {
	switch a := was.(type) {
	case map[string]any:
		if b, ok := now.(map[string]any); ok {
			d.object(path, a, b)
			return
		}
	case []any:
		if b, ok := now.([]any); ok {
			d.list(path, a, b)
			return
		}
	case float64:
		if b, ok := now.(float64); ok && math.Abs(a-b) <= d.tolerance*max(1, math.Abs(a), math.Abs(b)) {
			return
		}
	default:
		if was == now {
			return
		}
	}
	d.found = append(d.found, change{path, text(was), text(now)})
}

func (d *differ) object(path string, was, now map[string]any) {
	names := slices.Collect(maps.Keys(was))
	for name := range now {
		if _, both := was[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		inner := name
		if path != "" {
			inner = path + "." + name
		}
		a, hadIt := was[name]
		b, hasIt := now[name]
		switch {
		case !hadIt:
			d.found = append(d.found, change{inner, "", text(b)})
		case !hasIt:
			d.found = append(d.found, change{inner, text(a), ""})
		default:
			d.value(inner, a, b)
		}
	}
}

func (d *differ) list(path string, was, now []any) {
	left, right := keyed(was), keyed(now)
	for _, key := range left.keys {
		inner := fmt.Sprintf("%s[%s]", path, key)
		if other, there := right.values[key]; there {
			d.value(inner, left.values[key], other)
		} else {
			d.found = append(d.found, change{inner, text(left.values[key]), ""})
		}
	}
	for _, key := range right.keys {
		if _, there := left.values[key]; !there {
			d.found = append(d.found, change{fmt.Sprintf("%s[%s]", path, key), "", text(right.values[key])})
		}
	}
}

// items are those of a list by what tells them apart, in their order.
type items struct {
	keys   []string
	values map[string]any
}

// keyed are the items of a list: by name where each has one of its own, or by
// another field that tells them apart, else by place.
func keyed(values []any) items {
	for _, field := range []string{"name", "date", "from", "team"} {
		if by, ok := keyedBy(field, values); ok {
			return by
		}
	}
	by := items{values: map[string]any{}}
	for i, value := range values {
		by.add(fmt.Sprint(i), value)
	}
	return by
}

func keyedBy(field string, values []any) (items, bool) {
	by := items{values: map[string]any{}}
	for _, value := range values {
		object, _ := value.(map[string]any)
		key, ok := object[field].(string)
		if _, taken := by.values[key]; !ok || taken {
			return by, false
		}
		by.add(key, value)
	}
	return by, true
}

func (i *items) add(key string, value any) {
	i.keys = append(i.keys, key)
	i.values[key] = value
}

// text is the value as JSON, cut where it is long.
func text(value any) string {
	written, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	const most = 200
	if runes := []rune(string(written)); len(runes) > most {
		return strings.TrimSpace(string(runes[:most])) + "…"
	}
	return string(written)
}
