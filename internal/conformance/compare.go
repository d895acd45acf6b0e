package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Compare compares a report, the JSON of `accord report -o json`, with the
// entry, as the measuring method allows. It returns a message for each field
// that is off: the field, what was wanted, what is there, the tolerance.
func (e Entry) Compare(reportJSON []byte, method string) []string {
	var report struct {
		Agreements []struct {
			Name       string           `json:"name"`
			State      string           `json:"state"`
			Objectives []map[string]any `json:"objectives"`
		} `json:"agreements"`
	}
	if err := json.Unmarshal(reportJSON, &report); err != nil {
		return []string{fmt.Sprintf("report: %v: %.200s", err, reportJSON)}
	}
	for _, a := range report.Agreements {
		switch {
		case a.Name != e.Agreement:
		case e.Objective == "":
			return e.compareState(a.State, method)
		default:
			return e.compareObjectives(a.Objectives, method)
		}
	}
	return []string{"agreement: want " + e.Agreement + ", got none of this name"}
}

// compareObjectives wants exactly one objective of the name and group.
func (e Entry) compareObjectives(objectives []map[string]any, method string) []string {
	var found []map[string]any
	for _, o := range objectives {
		group, _ := o["group"].(map[string]any)
		if o["name"] == e.Objective && e.isGroup(group) {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		return []string{fmt.Sprintf("objective: want one %s %v, got %d", e.Objective, e.Group, len(found))}
	}
	objective := found[0]
	if message, _ := objective["error"].(string); message != "" {
		return []string{"error: want none, got " + message}
	}
	state, _ := objective["state"].(string)
	off := e.compareState(state, method)
	off = append(off, compareInstant("from", e.From, objective["from"])...)
	off = append(off, compareInstant("to", e.To, objective["to"])...)
	bands := e.bands(method)
	for _, path := range slices.Sorted(maps.Keys(e.Figures)) {
		off = append(off, compareFigure(path, e.Figures[path], bands[path], objective)...)
	}
	return off
}

func (e Entry) isGroup(group map[string]any) bool {
	if len(group) != len(e.Group) {
		return false
	}
	for label, value := range e.Group {
		if group[label] != value {
			return false
		}
	}
	return true
}

func (e Entry) compareState(got, method string) []string {
	states := e.states(method)
	if slices.Contains(states, got) {
		return nil
	}
	return []string{fmt.Sprintf("state: want %s, got %q", strings.Join(states, " or "), got)}
}

func compareInstant(field string, want time.Time, got any) []string {
	if want.IsZero() {
		return nil
	}
	text, _ := got.(string)
	if t, err := time.Parse(time.RFC3339, text); err == nil && t.Equal(want) {
		return nil
	}
	return []string{fmt.Sprintf("%s: want %s, got %v", field, want.Format(time.RFC3339), got)}
}

func compareFigure(path string, want *float64, tolerated band, objective map[string]any) []string {
	value, there := lookUp(objective, path)
	switch {
	case !there:
		return []string{fmt.Sprintf("%s: want %s, but the report has no such field", path, written(want))}
	case want == nil && value == nil:
		return nil
	case want == nil:
		return []string{fmt.Sprintf("%s: want null, got %v", path, value)}
	}
	got, isNumber := number(value)
	if isNumber && tolerated.contains(got) {
		return nil
	}
	return []string{fmt.Sprintf("%s: want %s, got %s, %s", path, written(want), shown(value), tolerated)}
}

// lookUp follows a path such as raw.total into nested objects.
func lookUp(object map[string]any, path string) (value any, there bool) {
	name, rest, nested := strings.Cut(path, ".")
	value, there = object[name]
	if !nested || !there {
		return value, there
	}
	inner, isObject := value.(map[string]any)
	if !isObject {
		return nil, false
	}
	return lookUp(inner, rest)
}

// number reads a JSON number, or the text that stands for an infinite one.
func number(value any) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case string:
		switch v {
		case "+Inf":
			return math.Inf(1), true
		case "-Inf":
			return math.Inf(-1), true
		}
	}
	return 0, false
}

func written(want *float64) string {
	if want == nil {
		return "null"
	}
	return fmt.Sprintf("%.14g", *want)
}

func shown(value any) string {
	if v, isNumber := value.(float64); isNumber {
		return fmt.Sprintf("%.14g", v)
	}
	return fmt.Sprintf("%#v", value)
}
