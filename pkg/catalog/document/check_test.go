package document

import (
	"testing"

	"github.com/stretchr/testify/require"
)

type ruled struct {
	Need   string   `yaml:"need" check:"required"`
	Word   string   `yaml:"word" jsonschema:"enum=red,enum=green"`
	Usual  string   `yaml:"usual" check:"free" jsonschema:"enum=red"`
	Words  []string `yaml:"words" jsonschema:"enum=red,enum=green"`
	Share  *float64 `yaml:"share" jsonschema:"exclusiveMinimum=0,maximum=1"`
	Cover  *float64 `yaml:"cover" jsonschema:"minimum=0,maximum=1"`
	Count  *float64 `yaml:"count" check:"required" jsonschema:"minimum=0"`
	Team   string   `yaml:"team" jsonschema_extras:"x-reference=Team"`
	Teams  []string `yaml:"teams" check:"unique" jsonschema_extras:"x-reference=Team"`
	Labels []string `yaml:"labels" check:"unique"`
	Lost   string   `yaml:"lost" lost:"has no place"`
	part   `yaml:",inline"`
	Parts  []part `yaml:"parts"`
}

type part struct {
	Low  float64 `yaml:"low"`
	High float64 `yaml:"high"`
}

func (p *part) Check(d *Document, field string) {
	if p.Low > p.High {
		d.Errorf(field, "is upside down")
	}
}

func TestEachFieldKeepsTheRulesOfItsTags(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil,
		"word: blue, usual: blue, words: [red, '', blu]": {
			`word: must be red or green, got "blue"`, "words[1]: is required: red or green", `words[2]: must be red or green, got "blu"`},
		"share: 0":              {"share: must be in (0, 1], got 0"},
		"share: 99.9":           {"share: must be in (0, 1], got 99.9 (did you mean 0.999?)"},
		"share: 1, cover: 0":    nil,
		"cover: -1":             {"cover: must be in [0, 1], got -1"},
		"cover: 80":             {"cover: must be in [0, 1], got 80 (did you mean 0.8?)"},
		"teams: [a, '', b, a]":  {"teams[1]: is empty; it must name a Team", "teams[3]: a stands twice"},
		"labels: [a, '', b, a]": {"labels[3]: a stands twice"},
		"parts: [{low: 1, high: 2}, {low: 2, high: 1}]": {"parts[1]: is upside down"},
		"lost: it": {"lost: has no place"},
		"low: 2":   {": is upside down"},
	} {
		v, d := ruled{}, one(t, "{need: it, count: 0, "+text+"}")
		require.True(t, d.Decode(&v))
		d.Check(&v)
		var got []string
		for _, p := range d.Problems() {
			got = append(got, p.Field+": "+p.Message)
		}
		require.ElementsMatch(t, want, got, text)
	}
	v, d := ruled{}, one(t, "count: -1")
	require.True(t, d.Decode(&v))
	d.Check(&v)
	require.Equal(t, "x.yaml:1:1: need: is required", d.Problems()[0].String())
	require.Equal(t, "x.yaml:1:8: count: must be 0 or more, got -1", d.Problems()[1].String())
}

func TestReferencesAreThoseOfTheTags(t *testing.T) {
	v, d := ruled{}, one(t, "{need: it, count: 1, word: no, team: a, teams: [b, c]}")
	require.True(t, d.Decode(&v))
	d.Check(&v)
	require.Equal(t, []Reference{{"team", "Team", "a"}, {"teams[0]", "Team", "b"}, {"teams[1]", "Team", "c"}}, d.References())
	require.Empty(t, v.Word, "a word that is none of those allowed counts as absent")
}
