package conformance

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An hour of scrapes at 00:00:10, 00:10:10 … 00:50:10.
const hour = `
name: hour
start: 2026-03-29T00:00:00Z
end: 2026-03-29T01:00:00Z
interval: 10m
series:
  - labels: {__name__: x}
    offset: 10s
`

func TestExpansion(t *testing.T) {
	for name, c := range map[string]struct {
		series string
		// want are the values at the six scrapes; "-" is no sample.
		want string
	}{
		"an event shows at the next scrape": {`
    generators: [{at: "2026-03-29T00:10:11Z", add: 3}]`, "0 0 3 3 3 3"},
		"an event at the very instant of a scrape shows in it": {`
    generators: [{at: "2026-03-29T00:10:10Z", add: 3}]`, "0 3 3 3 3 3"},
		"an event before the first scrape is in its value": {`
    generators: [{at: "2026-03-29T00:00:01Z", add: 3}]`, "3 3 3 3 3 3"},
		"ticks begin one step after the first scrape": {`
    generators: [{every: 10m, add: 1}]`, "0 1 2 3 4 5"},
		"ticks begin one step after from": {`
    generators: [{every: 10m, add: 1, from: "2026-03-29T00:00:00Z"}]`, "0 1 2 3 4 5"},
		"ticks include until": {`
    generators: [{every: 10m, add: 1, until: "2026-03-29T00:20:10Z"}]`, "0 1 2 2 2 2"},
		"daily is by wall clock, from inclusive, until exclusive": {`
    generators: [{every: 10m, add: 1, from: "2026-03-29T00:00:00Z", daily: {from: "00:10", until: "00:30"}}]`, "0 1 2 2 2 2"},
		"daily goes over midnight": {`
    generators: [{every: 10m, add: 1, from: "2026-03-29T00:00:00Z", daily: {from: "23:00", until: "00:20"}}]`, "0 1 1 1 1 1"},
		"daily in a zone": {`
    generators: [{every: 10m, add: 1, from: "2026-03-29T00:00:00Z", daily: {from: "01:20", until: "01:40", timeZone: Europe/Berlin}}]`, "0 0 1 2 2 2"},
		"a reset forgets": {`
    generators: [{every: 10m, add: 1}, {reset: "2026-03-29T00:25:00Z"}]`, "0 1 2 1 2 3"},
		"events between the last scrape and a reset never were": {`
    generators: [{every: 10m, add: 1}, {at: "2026-03-29T00:24:00Z", add: 9}, {reset: "2026-03-29T00:25:00Z"}]`, "0 1 2 1 2 3"},
		"an event at the instant of a reset comes after it": {`
    generators: [{at: "2026-03-29T00:25:00Z", add: 9}, {reset: "2026-03-29T00:25:00Z"}]`, "0 0 0 9 9 9"},
		"absent hides samples, not events": {`
    generators: [{every: 10m, add: 1}, {absent: {from: "2026-03-29T00:10:10Z", until: "2026-03-29T00:30:10Z"}}]`, "0 - - 3 4 5"},
		"nothing happens before birth": {`
    generators: [{every: 10m, add: 1}, {born: "2026-03-29T00:20:10Z"}]`, "- - 1 2 3 4"},
		"gone is gone": {`
    generators: [{every: 10m, add: 1}, {gone: "2026-03-29T00:20:10Z"}]`, "0 1 - - - -"},
		"a gauge has the last value that holds": {`
    type: gauge
    generators: [{set: 1}, {set: 0, from: "2026-03-29T00:10:10Z", until: "2026-03-29T00:30:10Z"}]`, "1 0 0 1 1 1"},
		"a gauge without a value has no sample": {`
    type: gauge
    generators: [{set: 7, daily: {from: "00:20", until: "00:40"}}]`, "- - 7 7 - -"},
		"a gauge may be absent": {`
    type: gauge
    generators: [{set: 7}, {absent: {from: "2026-03-29T00:00:00Z", until: "2026-03-29T00:20:00Z"}}, {gone: "2026-03-29T00:40:10Z"}]`, "- - 7 7 - -"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := parse([]byte(hour + strings.TrimPrefix(c.series, "\n")))
			require.NoError(t, err)
			var want []Sample
			for i, value := range strings.Fields(c.want) {
				if value != "-" {
					want = append(want, Sample{s.Start.UnixMilli() + 10_000 + int64(i)*600_000, float64(value[0] - '0')})
				}
			}
			require.Equal(t, want, s.Series()[0].Samples)
		})
	}
}

func TestTheLastScrapeIsAtTheEnd(t *testing.T) {
	s, err := parse([]byte(strings.Replace(hour, "10s", "0s", 1)))
	require.NoError(t, err)
	samples := s.Series()[0].Samples
	require.Len(t, samples, 7)
	require.Equal(t, s.End.UnixMilli(), samples[6].Time)

	dir := t.TempDir()
	require.NoError(t, s.WriteBlocks(dir))
	requireHolds(t, clientOf(t, StartEmbedded(t, dir)), s.Series()[0])
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an unknown field":       {hour + "    generator: []", "generator"},
		"a word for a duration":  {strings.Replace(hour, "10m", "often", 1), `"often"`},
		"no interval":            {strings.Replace(hour, "interval: 10m", "", 1), "interval: must be longer than 0"},
		"an unknown zone":        {hour + `    generators: [{every: 1m, add: 1, daily: {from: "08:00", until: "09:00", timeZone: Berlin}}]`, "Berlin"},
		"a generator of nothing": {hour + `    generators: [{from: "2026-03-29T00:00:00Z"}]`, "series[0]: generators[0]: needs exactly one of"},
		"two in one":             {hour + `    generators: [{every: 1m, add: 1, at: "2026-03-29T00:00:00Z"}]`, "needs exactly one of"},
		"no events":              {hour + `    generators: [{every: 1m}]`, "adds nothing"},
		"a gauge that counts":    {hour + "    type: gauge\n" + `    generators: [{every: 1m, add: 1}]`, "are for counters"},
		"a counter that is set":  {hour + `    generators: [{set: 1}]`, "set is for gauges"},
		"an unknown figure": {hour + "expect:\n  - {at: 2026-03-29T00:00:00Z, agreement: a, state: met, totl: 3}",
			"totl: unknown field; there are at, agreement"},
		"an entry without state": {hour + "expect:\n  - {at: 2026-03-29T00:00:00Z, agreement: a}", "needs at, agreement and state"},
		"two documents":          {hour + "---\nname: x", "more than one YAML document"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse([]byte(c.text))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestMatchers(t *testing.T) {
	for pattern, values := range map[string][2]string{ // one that matches, one that does not
		"api":    {"api", "apis"},
		"!api":   {"web", "api"},
		"~5..":   {"503", "5030"},
		"!~5..":  {"200", "500"},
		"~a|b":   {"b", "ab"},
		"!~a|b":  {"ab", "a"},
		"~(|eu)": {"", "us"},
		"!":      {"anything", ""},
	} {
		require.True(t, valueMatches(pattern, values[0]), "%s %s", pattern, values[0])
		require.False(t, valueMatches(pattern, values[1]), "%s %s", pattern, values[1])
	}
}
