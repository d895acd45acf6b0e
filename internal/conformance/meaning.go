package conformance

import (
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"go.yaml.in/yaml/v4"
)

// meaning says what an SLI counts, in labels rather than PromQL.
type meaning struct {
	Total sum `yaml:"total"`
	Good  sum `yaml:"good"`
	Bad   sum `yaml:"bad"`

	Gauge matcher `yaml:"gauge"`
	// Is says how the gauge is read: threshold, success or failure.
	Is string `yaml:"is"`
}

// sum is the series that match any of Plus, less those that match any of
// Minus.
type sum struct {
	Plus  []matcher `yaml:"plus"`
	Minus []matcher `yaml:"minus"`
}

// UnmarshalYAML takes a list for what is added.
func (s *sum) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.SequenceNode {
		return node.Decode(&s.Plus)
	}
	type plain sum
	return node.Decode((*plain)(s))
}

func (s sum) missing() bool { return len(s.Plus) == 0 && len(s.Minus) == 0 }

// sign is how often the series counts: 1, -1, or 0 where it is not meant.
func (s sum) sign(series labels.Labels, narrow matcher) float64 {
	sign := 0.0
	if anyMatches(s.Plus, series, narrow) {
		sign++
	}
	if anyMatches(s.Minus, series, narrow) {
		sign--
	}
	return sign
}

func anyMatches(matchers []matcher, series labels.Labels, narrow matcher) bool {
	for _, m := range matchers {
		if m.matches(series) && narrow.matches(series) {
			return true
		}
	}
	return false
}

// matcher is a pattern for each label: an exact value, !value, ~re or !~re.
type matcher map[string]string

func (m matcher) matches(series labels.Labels) bool {
	for name, pattern := range m {
		if !valueMatches(pattern, series.Get(name)) {
			return false
		}
	}
	return true
}

func valueMatches(pattern, value string) bool {
	pattern, negated := strings.CutPrefix(pattern, "!")
	re, isRegexp := strings.CutPrefix(pattern, "~")
	matched := pattern == value
	if isRegexp {
		matched = regexp.MustCompile("^(?:" + re + ")$").MatchString(value)
	}
	return matched != negated
}

// indicator is what an entry's objective counts: a meaning, narrowed to its
// select and its group.
type indicator struct {
	meaning
	objective objectiveSpec
	narrow    matcher
}

func (e Entry) indicator() (indicator, error) {
	objective, err := e.scenario.promises.objective(e.Agreement, e.Objective)
	if err != nil {
		return indicator{}, err
	}
	key := objective.SLO
	if key == "" {
		key = e.Agreement + "/" + e.Objective
	}
	meant, known := e.scenario.meaning[key]
	if !known {
		return indicator{}, fmt.Errorf("no meaning of %s", key)
	}
	narrow := matcher{}
	maps.Copy(narrow, objective.Select)
	maps.Copy(narrow, e.Group)
	return indicator{meaning: meant, objective: objective, narrow: narrow}, nil
}
