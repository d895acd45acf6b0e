package counting

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/sli"
)

// maxMerged is how many values of a label are asked for at once: beyond it a
// matcher gets too long for servers and proxies.
const maxMerged = 500

// gathered are consumers whose terms are read together: those differ at most in
// the value that a label has.
type gathered struct {
	// kind is what the terms have in common beside their matchers.
	kind string
	// label is the one whose values differ; empty where there is only one member,
	// or all are the same.
	label string
	// rest are the other matchers.
	rest    []*labels.Matcher
	members map[string][]*consumer // by value of the label
}

func (g *gathered) all() []*consumer {
	var all []*consumer
	for _, value := range slices.Sorted(maps.Keys(g.members)) {
		all = append(all, g.members[value]...)
	}
	return all
}

// of are those whose term may select a series with the labels.
func (g *gathered) of(label func(name string) string) []*consumer {
	if g.label == "" {
		return g.members[""]
	}
	return g.members[label(g.label)]
}

// gather puts consumers together whose terms are alike but for the value of one
// label: the one that leaves the fewest sets. kind tells those apart that cannot be
// read together for another reason.
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
		best := gatherBy(members, texts, "")
		for _, label := range slices.Sorted(maps.Keys(labels)) {
			if found := gatherBy(members, texts, label); len(found) < len(best) {
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

// gatherBy puts members together that are alike but for the value of the label.
func gatherBy(all []*consumer, texts [][]written, label string) []*gathered {
	byRest := map[string]*gathered{}
	var key []byte
	for i, member := range all {
		by := slices.IndexFunc(texts[i], func(m written) bool { return m.Name == label && m.hasOneValue() })
		key = strconv.AppendBool(key[:0], by >= 0)
		for n, m := range texts[i] {
			if n != by {
				key = append(append(key, 0), m.text...)
			}
		}
		set, ok := byRest[string(key)]
		if !ok {
			set = &gathered{members: map[string][]*consumer{}}
			for n, m := range texts[i] {
				if n != by {
					set.rest = append(set.rest, m.Matcher)
				}
			}
			if by >= 0 {
				set.label = label
			}
			byRest[string(key)] = set
		}
		value := ""
		if by >= 0 {
			value = texts[i][by].Value
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

// writtenOf are the matchers in the order of their texts, each once.
func writtenOf(matchers []*labels.Matcher) []written {
	all := make([]written, len(matchers))
	for i, m := range matchers {
		all[i] = written{m, m.String()}
	}
	slices.SortFunc(all, func(a, b written) int { return strings.Compare(a.text, b.text) })
	return slices.CompactFunc(all, func(a, b written) bool { return a.text == b.text })
}

// holds reports whether each series of the other set is one of this set: what is
// read for this one is enough for both.
func (g *gathered) holds(other *gathered) bool {
	if g.kind != other.kind {
		return false
	}
	wanted := writtenOf(other.rest)
	for _, m := range writtenOf(g.rest) {
		if !slices.ContainsFunc(wanted, func(w written) bool { return w.text == m.text }) {
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
func absorb(sets []*gathered) []*gathered {
	slices.SortStableFunc(sets, func(a, b *gathered) int { return cmp.Compare(len(a.matchers()), len(b.matchers())) })
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

// chunks are the set in pieces of at most so many values.
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

// matchers select the series of all members.
func (g *gathered) matchers() []*labels.Matcher {
	if g.label == "" {
		return g.rest
	}
	return append(slices.Clone(g.rest), g.oneOf())
}

func (g *gathered) oneOf() *labels.Matcher { return sli.OneOf(g.label, maps.Keys(g.members)) }
