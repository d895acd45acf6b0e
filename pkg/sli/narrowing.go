package sli

import (
	"fmt"
	"maps"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// narrowing is what an objective asks of an SLI: which part, and by what it
// is split.
type narrowing struct {
	selected []*labels.Matcher
	groupBy  []string
}

func (n narrowing) selects(label string) bool {
	return slices.ContainsFunc(n.selected, func(m *labels.Matcher) bool { return m.Name == label })
}

// selectMatchers are the equality matchers of an objective's select, by name.
func selectMatchers(selectLabels map[string]string) []*labels.Matcher {
	var matchers []*labels.Matcher
	for _, name := range slices.Sorted(maps.Keys(selectLabels)) {
		matchers = append(matchers, labels.MustNewMatcher(labels.MatchEqual, name, selectLabels[name]))
	}
	return matchers
}

// checkLabels refuses labels that no part of the events can be told by.
func checkLabels(selectLabels map[string]string, groupBy []string) error {
	for _, name := range slices.Sorted(maps.Keys(selectLabels)) {
		if err := checkLabel("select", name); err != nil {
			return err
		}
	}
	for _, name := range groupBy {
		if err := checkLabel("groupBy", name); err != nil {
			return err
		}
	}
	return nil
}

func checkLabel(field, name string) error {
	switch {
	case name == labels.BucketLabel:
		return &QueryError{Query: field, Reason: "le is a histogram's bound, which tells no part of the events",
			Hint: "put the bound into the query of good"}
	case name == model.MetricNameLabel || name == partLabel:
		return &QueryError{Query: field, Reason: fmt.Sprintf("%s cannot be used", name), Hint: "name the metrics in the query"}
	case !model.UTF8Validation.IsValidLabelName(name):
		return &QueryError{Query: field, Reason: fmt.Sprintf("%q is no label name", name)}
	}
	return nil
}

// narrow adds the objective's select to a selector's matchers. It returns all
// and those that were added, or the matcher that lets no selected series pass.
func (n narrowing) narrow(matchers []*labels.Matcher) (all, added []*labels.Matcher, contradiction *labels.Matcher) {
	all = slices.Clone(matchers)
	for _, wanted := range n.selected {
		known := false
		for _, m := range matchers {
			if m.Name != wanted.Name {
				continue
			}
			if !m.Matches(wanted.Value) {
				return nil, nil, m
			}
			known = known || m.Type == labels.MatchEqual
		}
		if !known {
			all, added = append(all, wanted), append(added, wanted)
		}
	}
	return all, added, nil
}

// contradicted tells of a select that can match nothing.
func (n narrowing) contradicted(m *labels.Matcher) (reason, hint string) {
	for _, wanted := range n.selected {
		if wanted.Name == m.Name {
			return fmt.Sprintf("has %s, so select %s can match nothing", m, wanted), "leave one of the two out"
		}
	}
	return "", ""
}
