package counting

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/sli"
)

// maxMerged is how many values of a label are asked for at once: beyond it a
// matcher gets too long for servers and proxies.
const maxMerged = 500

// gathered are members whose terms are read together: those differ at most in
// the value that a label has.
type gathered[T any] struct {
	// kind is what the terms have in common beside their matchers.
	kind string
	// label is the one whose values differ; empty where there is only one member,
	// or all are the same.
	label string
	// rest are the other matchers.
	rest    []*labels.Matcher
	members map[string][]T // by value of the label
}

func (g *gathered[T]) all() []T {
	var all []T
	for _, value := range slices.Sorted(maps.Keys(g.members)) {
		all = append(all, g.members[value]...)
	}
	return all
}

// gather puts members together whose terms are alike but for the value of one
// label: the one that leaves the fewest sets. kind tells those apart that cannot be
// read together for another reason.
func gather[T any](all []T, term func(T) sli.Term, kind func(T) string) []*gathered[T] {
	kinds := map[string][]T{}
	text := texts{}
	for _, member := range all {
		name := kind(member)
		kinds[name] = append(kinds[name], member)
	}
	var sets []*gathered[T]
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		best := gatherBy(kinds[name], term, "", text)
		for _, label := range namesOf(kinds[name], term) {
			if found := gatherBy(kinds[name], term, label, text); len(found) < len(best) {
				best = found
			}
		}
		for _, set := range best {
			set.kind = name
		}
		sets = append(sets, best...)
	}
	return sets
}

// namesOf are the labels that a term wants to have one value.
func namesOf[T any](all []T, term func(T) sli.Term) []string {
	names := map[string]bool{}
	for _, member := range all {
		for _, m := range term(member).Matchers() {
			if hasOneValue(m) {
				names[m.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func hasOneValue(m *labels.Matcher) bool { return m.Type == labels.MatchEqual && m.Value != "" }

func gatherBy[T any](all []T, term func(T) sli.Term, label string, text texts) []*gathered[T] {
	byRest := map[string]*gathered[T]{}
	for _, member := range all {
		value, by := "", ""
		var rest []*labels.Matcher
		for _, m := range term(member).Matchers() {
			if m.Name == label && by == "" && hasOneValue(m) {
				value, by = m.Value, label
				continue
			}
			rest = append(rest, m)
		}
		key := by + "\x00" + strings.Join(text.of(rest), "\x00")
		if byRest[key] == nil {
			byRest[key] = &gathered[T]{label: by, rest: rest, members: map[string][]T{}}
		}
		byRest[key].members[value] = append(byRest[key].members[value], member)
	}
	var sets []*gathered[T]
	for _, key := range slices.Sorted(maps.Keys(byRest)) {
		sets = append(sets, byRest[key])
	}
	return sets
}

// texts are those of matchers, which are asked for several times.
type texts map[*labels.Matcher]string

func (t texts) of(matchers []*labels.Matcher) []string {
	all := make([]string, len(matchers))
	for i, m := range matchers {
		text, ok := t[m]
		if !ok {
			text = m.String()
			t[m] = text
		}
		all[i] = text
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// holds reports whether each series of the other set is one of this set: what is
// read for this one is enough for both.
func (g *gathered[T]) holds(other *gathered[T]) bool {
	if g.kind != other.kind {
		return false
	}
	text := texts{}
	wanted := text.of(other.rest)
	for _, m := range text.of(g.rest) {
		if !slices.Contains(wanted, m) {
			return false
		}
	}
	if g.label == "" {
		return true
	}
	if other.label != g.label {
		return false
	}
	for value := range other.members {
		if _, ok := g.members[value]; !ok {
			return false
		}
	}
	return true
}

// absorb puts sets into others that hold them.
func absorb[T any](sets []*gathered[T]) []*gathered[T] {
	slices.SortStableFunc(sets, func(a, b *gathered[T]) int { return cmp.Compare(len(a.matchers()), len(b.matchers())) })
	var widest []*gathered[T]
	for _, set := range sets {
		wider := slices.IndexFunc(widest, func(w *gathered[T]) bool { return w.holds(set) })
		if wider < 0 {
			widest = append(widest, set)
			continue
		}
		for value, members := range set.members {
			if widest[wider].label == "" {
				value = ""
			}
			widest[wider].members[value] = append(widest[wider].members[value], members...)
		}
	}
	return widest
}

// chunks are the set in pieces of at most so many values.
func (g *gathered[T]) chunks(most int) []*gathered[T] {
	if len(g.members) <= most {
		return []*gathered[T]{g}
	}
	var pieces []*gathered[T]
	for values := range slices.Chunk(slices.Sorted(maps.Keys(g.members)), most) {
		piece := &gathered[T]{kind: g.kind, label: g.label, rest: g.rest, members: map[string][]T{}}
		for _, value := range values {
			piece.members[value] = g.members[value]
		}
		pieces = append(pieces, piece)
	}
	return pieces
}

// matchers select the series of all members.
func (g *gathered[T]) matchers() []*labels.Matcher {
	if g.label == "" {
		return g.rest
	}
	return append(slices.Clone(g.rest), g.oneOf())
}

// oneOf matches the values that the label has.
func (g *gathered[T]) oneOf() *labels.Matcher {
	return oneOf(g.label, slices.Sorted(maps.Keys(g.members)))
}

// oneOf matches the values of a label.
func oneOf(label string, values []string) *labels.Matcher {
	if len(values) == 1 {
		return labels.MustNewMatcher(labels.MatchEqual, label, values[0])
	}
	return sli.OneOf(label, values)
}
