package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Entry is what one objective, or one agreement as a whole, must be reported
// as at an instant.
type Entry struct {
	At        time.Time
	Agreement string
	// Objective is empty for the agreement's own state.
	Objective string
	// Group is set where the objective has groupBy.
	Group map[string]string
	// Window overrides the objective's own, as the command line takes it: 30d,
	// month, month:-1. Empty: no override.
	Window string
	// State holds the states any of which is right.
	State []string
	// From and To are the window's bounds, zero where not to be compared.
	From, To time.Time
	// Figures are by their path in the report (total, burn.5m, raw.bad). A
	// figure that is not to be compared is absent; one that must be null is
	// nil.
	Figures map[string]*float64
	// Tolerance is by the name of the measuring method; a method without an
	// entry counts exactly.
	Tolerance map[string]Tolerance
	// InsideSlot marks an instant that is on no slot edge.
	InsideSlot bool
	Note       string

	window   windowSpec
	scenario *Scenario
}

// Tolerance is how far a method's counts may be off, in events.
type Tolerance struct {
	Total float64 `yaml:"total"`
	Bad   float64 `yaml:"bad"`
}

// String names the entry in messages.
func (e Entry) String() string {
	name := e.At.Format(time.RFC3339) + " " + e.Agreement
	if e.Objective != "" {
		name += "/" + e.Objective
	}
	for _, label := range slices.Sorted(maps.Keys(e.Group)) {
		name += fmt.Sprintf(" %s=%s", label, e.Group[label])
	}
	if e.Window != "" {
		name += " over " + e.Window
	}
	return name
}

// UnmarshalYAML keeps apart what is absent and what is null.
func (e *Entry) UnmarshalYAML(node *yaml.Node) error {
	e.Figures = map[string]*float64{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if err := e.decode(key.Value, value); err != nil {
			return fmt.Errorf("line %d: %s: %w", key.Line, key.Value, err)
		}
	}
	if e.At.IsZero() || e.Agreement == "" || len(e.State) == 0 {
		return fmt.Errorf("line %d: needs at, agreement and state", node.Line)
	}
	return nil
}

func (e *Entry) decode(key string, value *yaml.Node) error {
	switch key {
	case "at":
		return (*instant)(&e.At).UnmarshalYAML(value)
	case "from":
		return (*instant)(&e.From).UnmarshalYAML(value)
	case "to":
		return (*instant)(&e.To).UnmarshalYAML(value)
	case "agreement":
		return value.Decode(&e.Agreement)
	case "objective":
		return value.Decode(&e.Objective)
	case "group":
		return value.Decode(&e.Group)
	case "tolerance":
		return value.Decode(&e.Tolerance)
	case "insideSlot":
		return value.Decode(&e.InsideSlot)
	case "note":
		return value.Decode(&e.Note)
	case "state":
		return e.decodeState(value)
	case "window":
		return e.decodeWindow(value)
	case "burn", "raw":
		return e.decodeFigures(key+".", value)
	}
	return e.decodeFigure(key, value)
}

func (e *Entry) decodeState(value *yaml.Node) error {
	if value.Kind == yaml.SequenceNode {
		return value.Decode(&e.State)
	}
	e.State = []string{value.Value}
	return nil
}

func (e *Entry) decodeWindow(value *yaml.Node) error {
	if err := value.Decode(&e.window); err != nil {
		return err
	}
	e.Window = e.window.in(zone{}).String()
	return nil
}

func (e *Entry) decodeFigures(prefix string, value *yaml.Node) error {
	var figures map[string]*float64
	if err := value.Decode(&figures); err != nil {
		return err
	}
	for name, figure := range figures {
		e.Figures[prefix+name] = figure
	}
	return nil
}

// single are the figures of an objective that stand by themselves.
var single = []string{
	"target", "total", "bad", "compliance", "allowed", "consumed", "remaining", "coverage", "projected", "exhaustion",
}

func (e *Entry) decodeFigure(key string, value *yaml.Node) error {
	if !slices.Contains(single, key) {
		return fmt.Errorf("unknown field; there are at, agreement, objective, group, window, state, from, to, burn, raw, %s",
			strings.Join(single, ", "))
	}
	var figure *float64
	if err := value.Decode(&figure); err != nil {
		return err
	}
	e.Figures[key] = figure
	return nil
}

// measuredWindow is the window the entry is about: its own, or the
// objective's, in the agreement's zone.
func (e Entry) measuredWindow(i indicator) agreement.Window {
	if e.Window == "" {
		return i.objective.window
	}
	return e.window.in(e.scenario.promises.agreements[e.Agreement].TimeZone)
}
