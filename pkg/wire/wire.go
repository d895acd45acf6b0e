// Package wire defines the JSON that Accord serves and prints: results, and documents as served.
// The OpenAPI document and the TypeScript types are generated from it. It converts measured
// results and agreements; package tables formats them for people.
package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/scope"
)

// Named is something with a name.
type Named struct {
	Name        string `json:"name"`
	DisplayName string `json:"displayName,omitempty"`
}

// Title returns the display name, or the name without one.
func (n Named) Title() string { return cmp.Or(n.DisplayName, n.Name) }

// Span is the time between two instants.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Spans converts intervals.
func Spans(of []scope.Interval) []Span {
	return Each(of, func(i scope.Interval) Span { return Span{time.UnixMilli(i.From).UTC(), time.UnixMilli(i.To).UTC()} })
}

// JSON encodes the value indented, with a newline at its end.
func JSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return text.Bytes(), err
}

// Each converts every element of a list. The result is never nil, so JSON has [] and not null.
func Each[T, U any](list []T, convert func(T) U) []U {
	all := make([]U, 0, len(list))
	for _, value := range list {
		all = append(all, convert(value))
	}
	return all
}

// Distinct returns the list without duplicates: the first element of each key.
func Distinct[S ~[]T, T any](all S, key func(T) string) S {
	seen := make(map[string]bool, len(all))
	return slices.DeleteFunc(slices.Clone(all), func(one T) bool {
		name := key(one)
		again := seen[name]
		seen[name] = true
		return again
	})
}

// List returns the values, never nil, so JSON has [] and not null.
func List[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}

// NullTime returns a pointer to t, nil for the zero time.
func NullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// ByName converts the values of a map, sorted by name.
func ByName[T, U any](values map[string]T, convert func(T) U) []U {
	return Each(slices.Sorted(maps.Keys(values)), func(name string) U { return convert(values[name]) })
}

// Labels returns the labels, never nil, so JSON has {} and not null.
func Labels(values map[string]string) map[string]string {
	if values == nil {
		return map[string]string{}
	}
	return values
}

func errorText(err error) *string {
	if err == nil {
		return nil
	}
	return new(err.Error())
}

// ObjectiveText names an objective and its group: «latency {region=eu}».
func ObjectiveText(objective string, group map[string]string) string {
	if len(group) == 0 {
		return objective
	}
	return objective + " {" + GroupText(group) + "}"
}

// GroupText formats the labels of a group: «region=eu, tier=1».
func GroupText(group map[string]string) string {
	return strings.Join(Pairs(group), ", ")
}

// Pairs returns the labels as name=value, sorted by name.
func Pairs(labels map[string]string) []string {
	return Each(slices.Sorted(maps.Keys(labels)), func(name string) string { return name + "=" + labels[name] })
}

// Computation explains how a figure of an objective is computed.
type Computation struct {
	Title   string `json:"title"`
	Formula string `json:"formula"`
	// Numbers is the formula with its numbers, or why the figure is absent.
	Numbers string `json:"numbers"`
}

// PromiseText is an agreement in words.
type PromiseText struct {
	// Opening names the provider, the consumers and the service.
	Opening    string             `json:"opening"`
	Objectives []PromiseObjective `json:"objectives"`
	// Terms apply to all objectives: hours, exclusions, reports, consequences.
	Terms []string `json:"terms"`
}

// PromiseObjective is what one objective promises.
type PromiseObjective struct {
	Named
	Sentence string `json:"sentence"`
	// Notes are revisions of the target, and rules for missing data and alerts.
	Notes []string `json:"notes"`
}
