package document

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/problem"
)

// one is the only document of a text.
func one(t require.TestingT, text string) *Document {
	documents, problems := Read("x.yaml", []byte(text))
	require.Empty(t, problems)
	require.Len(t, documents, 1)
	return documents[0]
}

type sample struct {
	Text   string            `yaml:"text"`
	Number float64           `yaml:"number"`
	Bool   *bool             `yaml:"bool"`
	Labels Labels            `yaml:"labels"`
	Scalar Scalar            `yaml:"scalar"`
	Any    Anything          `yaml:"any"`
	Map    map[string]string `yaml:"map"`
	List   []struct {
		Name string `yaml:"name"`
	} `yaml:"list"`
}

// The core schema of YAML 1.2: what is a text without quotes.
func TestPlainScalarsAreReadByTheCoreSchema(t *testing.T) {
	for _, text := range []string{"on", "yes", "no", "y", "2026-01-01", "2026-01-01 12:00:00", "12:30", "1_000", "0b11", "<<", "=", "1.2.3", "+", "e3", ".", "truE", "nUll"} {
		var v sample
		require.True(t, one(t, "text: "+text).Decode(&v), text)
		require.Equal(t, text, v.Text)
	}
	for text, want := range map[string]float64{
		"1": 1, "017": 17, "0o17": 15, "0x1F": 31, "1e3": 1000, "-.5": -0.5, "+2.": 2, "!!float 1": 1,
	} {
		var v sample
		require.True(t, one(t, "number: "+text).Decode(&v), text)
		require.Equal(t, want, v.Number, text)
	}
	for _, text := range []string{"", "~", "null", "Null", "NULL"} {
		var v sample
		d := one(t, "text: "+text)
		require.True(t, d.Decode(&v), text)
		require.Empty(t, v.Text)
		require.True(t, d.Has("text"), "a field that is null is stated, and counts as absent")
	}
}

func TestWrongTypes(t *testing.T) {
	cases := []struct{ text, want string }{
		{"text: 1", `x.yaml:1:7: text: must be a text, got the number 1 (put it in quotes: "1")`},
		{"text: true", `x.yaml:1:7: text: must be a text, got true (put it in quotes: "true")`},
		{"text: [a]", "x.yaml:1:7: text: must be a text, got a list"},
		{"text: {a: b}", "x.yaml:1:7: text: must be a text, got a mapping"},
		{"text: !!binary aGk=", "x.yaml:1:7: text: must be a text, got a value with the tag !!binary"},
		{"number: 1,000", `x.yaml:1:9: number: must be a number, got the text "1,000"`},
		{"number: '1'", `x.yaml:1:9: number: must be a number, got the text "1" (did you mean 1?)`},
		{"number: .nan", "x.yaml:1:9: number: must be a finite number, got the number .nan"},
		{"number: -.INF", "x.yaml:1:9: number: must be a finite number, got the number -.INF"},
		{"number: 1e999", "x.yaml:1:9: number: must be a finite number, got the number 1e999"},
		{"bool: yes", `x.yaml:1:7: bool: must be true or false, got the text "yes"`},
		{"scalar: true", "x.yaml:1:9: scalar: must be a text or a number, got true"},
		{"map: [a]", "x.yaml:1:6: map: must be a mapping, got a list"},
		{"map: {a: 1}", `x.yaml:1:10: map.a: must be a text, got the number 1 (put it in quotes: "1")`},
		{"map: {a: }", "x.yaml:1:10: map.a: must be a text, got nothing"},
		{"labels: {a: b, c: [a, 1]}", `x.yaml:1:23: labels.c[1]: must be a text, got the number 1 (put it in quotes: "1")`},
		{"list: a", `x.yaml:1:7: list: must be a list, got the text "a" (did you mean [a]?)`},
		{"list: [{name: a}, b]", `x.yaml:1:19: list[1]: must be a mapping, got the text "b"`},
		{"list: [{nam: a}]", "x.yaml:1:9: list[0].nam: unknown field (did you mean name?)"},
		{"text: a\ntext: b", "x.yaml:2:1: text: stands twice, first in line 1"},
		{"map: {a: x, a: y}", "x.yaml:1:13: map.a: stands twice, first in line 1"},
		{"text: " + strings.Repeat("x", 500) + ": ", ""},
	}
	for _, c := range cases {
		documents, problems := Read("x.yaml", []byte(c.text))
		if c.want == "" { // nothing but the parser's own words
			require.Len(t, problems, 1)
			continue
		}
		var v sample
		documents[0].Decode(&v)
		require.Len(t, documents[0].Problems(), 1, c.text)
		require.Equal(t, c.want, documents[0].Problems()[0].String())
		require.True(t, documents[0].Failed())
	}
}

func TestAliasesStandForWhatTheyName(t *testing.T) {
	var v sample
	require.True(t, one(t, "text: &a hello\nlabels: {x: [*a, *a], y: *a}\nmap: {x: *a}\nany: [*a]").Decode(&v))
	require.Equal(t, Labels{"x": "hello,hello", "y": "hello"}, v.Labels)
	require.Equal(t, map[string]string{"x": "hello"}, v.Map)
	require.True(t, v.Any.Present)
}

func TestAMissingFieldThatWasMisspeltIsSaidOnce(t *testing.T) {
	var v sample
	d := one(t, "textt: a")
	d.Decode(&v)
	d.Required("text", v.Text)
	require.Len(t, d.Problems(), 1)
	require.Equal(t, "x.yaml:1:1: textt: unknown field (did you mean text?)", d.Problems()[0].String())
}

func TestPercentMovesThePoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// A promise in percent with up to four decimals.
		units := rapid.IntRange(1, 1_000_000).Draw(t, "units")
		d := &Document{}
		ratio, ok := d.Percent("x", float64(units)/1e4)
		require.True(t, ok)
		require.Equal(t, float64(units)/1e6, ratio)
	})
}

func TestADayStandsForItsFirstInstant(t *testing.T) {
	zone, ok := LoadZone("America/Santiago") // whose clocks jump over midnight
	require.True(t, ok)
	d := &Document{}
	at := d.Moment("x", "2025-09-07", zone)
	require.Equal(t, "2025-09-07T01:00:00-03:00", at.Format(time.RFC3339))
}

// However documents are laid out in a file, each is found, at its line.
func TestEachDocumentOfAFileIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		layouts := []string{"---\n%s\n", "--- # why\n%s\n", "%s\n...\n", "---\n# a comment\n\n%s\n...\n", "---\n---\n%s\n", "---\nbad: [\n---\n%s\n", "---\n\"open\n---\n%s\n"}
		var text strings.Builder
		var lines []int
		for range rapid.IntRange(1, 8).Draw(t, "documents") {
			layout := rapid.SampledFrom(layouts).Draw(t, "layout")
			if text.Len() > 0 && strings.HasPrefix(layout, "%s") && !strings.HasSuffix(text.String(), "...\n") {
				text.WriteString("---\n")
			}
			before, after, _ := strings.Cut(layout, "%s")
			text.WriteString(before)
			lines = append(lines, 1+strings.Count(text.String(), "\n"))
			text.WriteString("{kind: x}" + after)
		}
		documents, _ := Read("x.yaml", []byte(text.String()))
		var got []int
		for _, d := range documents {
			got = append(got, d.Place.Line)
		}
		require.Equal(t, lines, got, text.String())
	})
}

func TestTheLongestNameIsReadWhole(t *testing.T) {
	name := strings.Repeat("a", 63)
	d := one(t, "metadata: {name: "+name+"}")
	require.Equal(t, name, d.Name)
	require.True(t, d.CheckName("metadata.name", d.Name))
}

func TestADateIsYearMonthAndDayInFull(t *testing.T) {
	for _, text := range []string{"2026-7-1", "2026-07-1", "26-07-01", "+026-07-01", "2026-07-01 ", "2026-07-01T00:00:00Z", "2026-02-30", "1969-12-31", "2201-01-01", "２026-07-01"} {
		_, ok := ParseDate(text)
		require.False(t, ok, text)
	}
	_, ok := ParseDate("2026-07-01")
	require.True(t, ok)
}

// Everybody sees problems, and an address there lets anyone who knows it act in the name of the team.
func TestNoPartOfAMessageAboutContactsShowsAnAddress(t *testing.T) {
	const address = "hooks.slack.com/services/SECRET"
	for name, part := range map[string]any{"a value": address, "a suggestion": problem.Aside(address), "a reason": errors.New(address)} {
		for field, shown := range map[string]bool{"spec.contacts[0].name": false, "spec.escalation[0].after": false, "spec.service": true} {
			d := &Document{}
			d.Errorf(field, "is wrong: %s", part)
			require.Equal(t, shown, strings.Contains(d.Problems()[0].Message, "SECRET"), "%s in %s", name, field)
		}
	}
}
