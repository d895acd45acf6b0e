package statement

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Change is a field that differs between two values of the same form. Was and
// Now are JSON; empty where the field is absent.
type Change struct{ Path, Was, Now string }

// changes are the fields in which two values differ as JSON. Numbers that
// differ by no more than tolerance, relative above 1, are the same. Items of a
// list are told apart by their name, else by their place.
func changes(was, now any, tolerance float64) ([]Change, error) {
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
	found     []Change
}

// none is a field or an item that is not there.
type none struct{}

func (d *differ) value(path string, was, now any) {
	left, right := partsOf(was), partsOf(now)
	if left.path != "" && left.path == right.path {
		for _, key := range left.keysWith(right) {
			d.value(strings.TrimPrefix(fmt.Sprintf(left.path, path, key), "."), left.part(key), right.part(key))
		}
		return
	}
	a, isNumber := was.(float64)
	b, areNumbers := now.(float64)
	if isNumber && areNumbers && math.Abs(a-b) <= d.tolerance*max(1, math.Abs(a), math.Abs(b)) || !(isNumber && areNumbers) && was == now {
		return
	}
	d.found = append(d.found, Change{path, text(was), text(now)})
}

// parts are the fields of an object, or the items of a list by what tells them
// apart, in their order.
type parts struct {
	path   string // of a part, given that of the whole and the key; empty: there are none
	keys   []string
	values map[string]any
}

func (p parts) part(key string) any {
	if value, there := p.values[key]; there {
		return value
	}
	return none{}
}

// keysWith are those of both, of objects by name.
func (p parts) keysWith(other parts) []string {
	keys := slices.Clone(p.keys)
	for _, key := range other.keys {
		if _, both := p.values[key]; !both {
			keys = append(keys, key)
		}
	}
	if p.path == ofObject {
		slices.Sort(keys)
	}
	return keys
}

const (
	ofObject = "%s.%s"
	ofList   = "%s[%s]"
)

// partsOf takes a value apart: a list by name where each item has one of its
// own, or by another field that tells them apart, else by place.
func partsOf(value any) parts {
	switch v := value.(type) {
	case map[string]any:
		return parts{ofObject, slices.Collect(maps.Keys(v)), v}
	case []any:
		for _, field := range []string{"name", "date", "from", "team"} {
			if by, ok := itemsBy(v, func(_ int, item any) any { object, _ := item.(map[string]any); return object[field] }); ok {
				return by
			}
		}
		by, _ := itemsBy(v, func(i int, _ any) any { return fmt.Sprint(i) })
		return by
	}
	return parts{}
}

func itemsBy(list []any, key func(int, any) any) (parts, bool) {
	by := parts{ofList, nil, map[string]any{}}
	for i, item := range list {
		name, ok := key(i, item).(string)
		if _, taken := by.values[name]; !ok || taken {
			return by, false
		}
		by.keys, by.values[name] = append(by.keys, name), item
	}
	return by, true
}

// text is the value as JSON, cut where it is long; empty where it is not there.
func text(value any) string {
	if value == (none{}) {
		return ""
	}
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
