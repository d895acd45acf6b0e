package sli

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// bounds are the bounds that a selector's le matchers let pass.
type bounds struct {
	// count is how many: 0 without a le matcher, 2 also for «many».
	count int
	// spellings are how the one bound may be written, as written first.
	spellings []string
}

// single is the one bound; none for le="", which is written to say that a
// metric is no histogram.
func (b bounds) single() []string {
	if b.count != 1 || b.spellings[0] == "" {
		return nil
	}
	return b.spellings
}

var (
	integerBound = regexp.MustCompile(`^(-?\d+)(?:\.0)?$`)
	numericBound = regexp.MustCompile(`^[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|Inf)$`)
)

// spellings of a bound. Prometheus 3 stores le="1" as "1.0", so history has
// both.
func spellings(bound string) []string {
	integer := integerBound.FindStringSubmatch(bound)
	if integer == nil {
		return []string{bound}
	}
	return distinct([]string{bound, integer[1], integer[1] + ".0"})
}

// spellBounds makes matchers on le match both spellings of an integer, and
// tells which bounds they let pass.
func spellBounds(matchers []*labels.Matcher) ([]*labels.Matcher, bounds) {
	spelled := slices.Clone(matchers)
	var found bounds
	for i, m := range spelled {
		if m.Name != labels.BucketLabel {
			continue
		}
		listed := listedBounds(m)
		var all []string
		for _, bound := range listed {
			all = append(all, spellings(bound)...)
		}
		all = distinct(all)
		if len(all) > len(listed) {
			spelled[i] = boundMatcher(m.Type, all)
		}
		if m.Type == labels.MatchNotEqual || m.Type == labels.MatchNotRegexp || !sameBound(listed) {
			found.count = 2
			continue
		}
		found.count = max(found.count, 1)
		found.spellings = all
	}
	return spelled, found
}

// listedBounds are the bounds a matcher names; none for an open expression.
func listedBounds(m *labels.Matcher) []string {
	if m.Type == labels.MatchEqual || m.Type == labels.MatchNotEqual {
		return []string{m.Value}
	}
	value := m.Value
	if strings.HasPrefix(value, "(") && strings.HasSuffix(value, ")") {
		value = strings.TrimPrefix(value[1:len(value)-1], "?:")
	}
	var listed []string
	for _, bound := range strings.Split(value, "|") {
		// «0.3» is meant as a number, though its dot matches any character.
		bound = strings.ReplaceAll(strings.ReplaceAll(bound, `\.`, "."), `\+`, "+")
		if !numericBound.MatchString(bound) {
			return nil
		}
		listed = append(listed, bound)
	}
	return distinct(listed)
}

// sameBound reports whether the spellings are of one bound.
func sameBound(listed []string) bool {
	if len(listed) == 0 {
		return false
	}
	first, err := strconv.ParseFloat(listed[0], 64)
	for _, other := range listed[1:] {
		value, otherErr := strconv.ParseFloat(other, 64)
		if err != nil || otherErr != nil || value != first {
			return false
		}
	}
	return true
}

// boundMatcher matches any of the spellings, or none of them.
func boundMatcher(kind labels.MatchType, all []string) *labels.Matcher {
	quoted := make([]string, len(all))
	for i, spelling := range all {
		quoted[i] = regexp.QuoteMeta(spelling)
	}
	slices.Sort(quoted)
	switch kind {
	case labels.MatchEqual:
		kind = labels.MatchRegexp
	case labels.MatchNotEqual:
		kind = labels.MatchNotRegexp
	}
	return labels.MustNewMatcher(kind, labels.BucketLabel, strings.Join(quoted, "|"))
}
