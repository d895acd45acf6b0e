package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest is the known name that a mistyped one most likely means; empty when
// none is near.
func Nearest(name string, known []string) string {
	lower := strings.ToLower(clip(name))
	best, distance := "", max(1, len(lower)/3)+1
	for _, candidate := range slices.Sorted(slices.Values(known)) {
		if len(lower) >= 3 && strings.HasPrefix(strings.ToLower(candidate), lower) && distance > 1 {
			best, distance = candidate, 1 // a name cut short: pager for pagerduty
		}
		if d := levenshtein.Distance(lower, strings.ToLower(candidate), nil); d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

// DidYouMean is the nearest known name as the end of a message, or nothing.
func DidYouMean(name string, known []string) string {
	if nearest := Nearest(name, known); nearest != "" {
		return fmt.Sprintf(" (did you mean %s?)", nearest)
	}
	return ""
}
