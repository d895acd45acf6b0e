package counting

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/sli"
)

// maxMerged is the most values of a label in one query: servers and proxies refuse longer matchers.
const maxMerged = 500

// gathered is a set of consumers whose terms are read together. They differ at most
// in the value of one label.
type gathered struct {
	// kind is what the terms have in common beside their matchers.
	kind string
	// label is the one whose values differ; if it is empty, all terms have the same matchers.
	label string
	// rest are the other matchers, sorted by their text.
	rest    []written
	members map[string][]*consumer // by value of the label
}

func (g *gathered) all() []*consumer {
	var all []*consumer
	for _, value := range slices.Sorted(maps.Keys(g.members)) {
		all = append(all, g.members[value]...)
	}
	return all
}

// of returns the members whose term may select a series with the labels.
func (g *gathered) of(label func(name string) string) []*consumer {
	if g.label == "" {
		return g.members[""]
	}
	return g.members[label(g.label)]
}

// gather groups consumers whose terms are equal except for the value of one label: the label that gives
// the fewest sets. kind separates consumers that cannot be read together for another reason.
func gather(all []*consumer, kind func(*consumer) string) []*gathered {
	kinds := map[string][]*consumer{}
	for _, member := range all {
		name := kind(member)
		kinds[name] = append(kinds[name], member)
	}
	var sets []*gathered
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		members := kinds[name]
		texts, labels := make([][]written, len(members)), map[string]bool{}
		for i, member := range members {
			texts[i] = writtenOf(member.term.Matchers)
			for _, m := range texts[i] {
				if m.hasOneValue() {
					labels[m.Name] = true
				}
			}
		}
		best := gatherBy(name, members, texts, "")
		for _, label := range slices.Sorted(maps.Keys(labels)) {
			if found := gatherBy(name, members, texts, label); len(found) < len(best) {
				best = found
			}
		}
		sets = append(sets, best...)
	}
	return sets
}

// gatherBy groups members that are equal except for the value of the label.
func gatherBy(kind string, all []*consumer, texts [][]written, label string) []*gathered {
	byRest := map[string]*gathered{}
	var key []byte
	for i, member := range all {
		rest, of, value := texts[i], "", ""
		if by := slices.IndexFunc(rest, func(m written) bool { return m.Name == label && m.hasOneValue() }); by >= 0 {
			of, value, rest = label, rest[by].Value, slices.Concat(rest[:by], rest[by+1:])
		}
		key = append(key[:0], of...)
		for _, m := range rest {
			key = append(append(key, 0), m.text...)
		}
		set := byRest[string(key)]
		if set == nil {
			set = &gathered{kind: kind, label: of, rest: rest, members: map[string][]*consumer{}}
			byRest[string(key)] = set
		}
		set.members[value] = append(set.members[value], member)
	}
	var sets []*gathered
	for _, key := range slices.Sorted(maps.Keys(byRest)) {
		sets = append(sets, byRest[key])
	}
	return sets
}

// written is a matcher with its text, which is compared often.
type written struct {
	*labels.Matcher
	text string
}

func (w written) hasOneValue() bool { return w.Type == labels.MatchEqual && w.Value != "" }

// writtenOf returns the matchers sorted by their text, without duplicates.
func writtenOf(matchers []*labels.Matcher) []written {
	all := make([]written, len(matchers))
	for i, m := range matchers {
		all[i] = written{m, m.String()}
	}
	slices.SortFunc(all, func(a, b written) int { return strings.Compare(a.text, b.text) })
	return slices.CompactFunc(all, func(a, b written) bool { return a.text == b.text })
}

// holds reports whether each series of the other set is in this set, so that reading
// this one is enough for both.
func (g *gathered) holds(other *gathered) bool {
	if g.kind != other.kind {
		return false
	}
	for _, m := range g.rest {
		if !slices.ContainsFunc(other.rest, func(wanted written) bool { return wanted.text == m.text }) {
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

// absorb merges sets into others that hold them.
func absorb(sets []*gathered) []*gathered {
	slices.SortStableFunc(sets, func(a, b *gathered) int {
		return cmp.Or(cmp.Compare(len(a.rest), len(b.rest)), cmp.Compare(a.label, b.label))
	})
	var widest []*gathered
	for _, set := range sets {
		wider := slices.IndexFunc(widest, func(w *gathered) bool { return w.holds(set) })
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

// chunks splits the set into pieces of at most the given number of values.
func (g *gathered) chunks(most int) []*gathered {
	if len(g.members) <= most {
		return []*gathered{g}
	}
	var pieces []*gathered
	for values := range slices.Chunk(slices.Sorted(maps.Keys(g.members)), most) {
		piece := &gathered{kind: g.kind, label: g.label, rest: g.rest, members: map[string][]*consumer{}}
		for _, value := range values {
			piece.members[value] = g.members[value]
		}
		pieces = append(pieces, piece)
	}
	return pieces
}

// matchers returns the matchers that select the series of all members.
func (g *gathered) matchers() (all []*labels.Matcher) {
	for _, m := range g.rest {
		all = append(all, m.Matcher)
	}
	if g.label != "" {
		all = append(all, g.oneOf())
	}
	return all
}

func (g *gathered) oneOf() *labels.Matcher { return sli.OneOf(g.label, maps.Keys(g.members)) }
