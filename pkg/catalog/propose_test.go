package catalog

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/accord-sla/accord/pkg/problem"
	"github.com/stretchr/testify/require"
)

func propose(t testing.TB, files map[string]string, p Proposal) *Outcome {
	t.Helper()
	outcome, err := NewLive(folderOf(t, files), Options{}, nil).Propose(context.Background(), p)
	require.NoError(t, err)
	return outcome
}

func texts(problems []problem.Problem) (all []string) {
	for _, p := range problems {
		all = append(all, p.String())
	}
	return all
}

func TestAProposedDocumentTakesThePlaceOfTheOld(t *testing.T) {
	o := propose(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a") + "---\n" + fmt.Sprintf(service, "b")},
		Proposal{Text: []byte("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: b, displayName: New}\nspec: {}\n---\n" + fmt.Sprintf(service, "c"))})
	require.Empty(t, texts(o.Problems))
	require.Empty(t, o.Before.Services["b"].DisplayName)
	require.Equal(t, "New", o.After.Services["b"].DisplayName)
	require.Equal(t, []string{"a", "b", "c"}, sortedKeys(o.After.Services))
	require.Equal(t, []string{"a", "b"}, sortedKeys(o.Before.Services))
}

// A name beside one that is misspelled elsewhere is another hint there, and no new error.
func TestAProposalIsNotBlamedForHints(t *testing.T) {
	o := propose(t, map[string]string{"a.yaml": "apiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: x}\nspec: {services: [api-1], from: 2026-11-08T02:00:00Z, to: 2026-11-08T04:00:00Z}\n"},
		Proposal{Text: []byte(fmt.Sprintf(service, "api-2"))})
	require.Contains(t, texts(o.After.Problems)[0], `no Service is named "api-1" (did you mean api-2?)`)
	require.Empty(t, texts(o.NewErrors))
}

// Of a file with many problems the first are listed: one that is mended brings another to light.
func TestAProposalThatMendsOneOfManyProblemsIsNotBlamedForTheRest(t *testing.T) {
	text := fmt.Sprintf(service, "s")
	for i := range 150 {
		text += fmt.Sprintf("---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {name: slo-%d}\nspec: {service: s, indicatorRef: i%d, timeWindow: [{duration: 30d, isRolling: true}], budgetingMethod: Occurrences, objectives: [{target: 0.99, op: lt, value: 1}]}\n", i, i)
	}
	o := propose(t, map[string]string{"a.yaml": text}, Proposal{Text: []byte("apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: i3}\nspec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: up}}}}\n")})
	require.Len(t, o.Before.Problems, 101)
	require.Empty(t, texts(o.Problems))
	require.Empty(t, texts(o.NewErrors))
	require.Empty(t, o.Before.Unread, "all of the file is read")
}

func TestAProposalIsBlamedForWhatItCauses(t *testing.T) {
	files := map[string]string{
		"bad.yaml":       "apiVersion: accord/v1\nkind: Team\nmetadata: {name: old}\nspec: {colour: red}\n",
		"exclusion.yaml": "apiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: x}\nspec:\n  reason: r\n  services: [a]\n  from: 2026-11-08T02:00:00Z\n  to: 2026-11-08T04:00:00Z\n",
		"service.yaml":   fmt.Sprintf(service, "a"),
	}
	o := propose(t, files, Proposal{Deleted: []ID{{"Service", "a"}}})
	require.Equal(t, []string{`exclusion.yaml:6:14: Exclusion x: spec.services[0]: no Service is named "a"`}, texts(o.NewErrors))

	o = propose(t, files, Proposal{Text: []byte("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\nspec: {colour: red}\n")})
	require.Equal(t, []string{
		"document.yaml:4:8: Service a: spec.colour: unknown field; known here: description",
		"exclusion.yaml:6:14: Exclusion x: spec.services[0]: Service a has errors of its own, see document.yaml:1",
	}, texts(o.NewErrors))

	o = propose(t, files, Proposal{Text: []byte(files["bad.yaml"])})
	require.Len(t, o.Problems, 1, "what is typed is told whole")
	require.Empty(t, o.NewErrors, "but is not new")

	o = propose(t, files, Proposal{Text: []byte("kind: [")})
	require.Len(t, o.NewErrors, 1)
}

// An error that is there says what else there is, which a proposal may change.
func TestAProposalIsNotBlamedForWhatAnErrorListsOrWhereItIs(t *testing.T) {
	files := company()
	agreement := files["agreement.yaml"]
	for _, wrong := range []string{"slo: queue-delay", "slo: queue-delay\n      sloObjective: slow"} {
		files["agreement.yaml"] = strings.Replace(agreement, "slo: api-availability", wrong, 1)
		o := propose(t, files, Proposal{Text: []byte(files["delay.yaml"] + "    - {displayName: Endless, op: lte, value: 3000, target: 0.999}\n")})
		require.Contains(t, texts(o.After.Problems)[0], "Endless")
		require.Empty(t, texts(o.NewErrors))
	}

	const twice = "apiVersion: accord/v1\nkind: Team\nmetadata: {name: t}\nspec: {}\nspec: {}\n"
	o := propose(t, map[string]string{"a.yaml": twice}, Proposal{Text: []byte("# a comment\n" + twice)})
	require.Len(t, o.Problems, 1)
	require.Empty(t, texts(o.NewErrors))
}

// An error of another part of the document, or of another document that still has it, is not new.
func TestAProposalIsNotBlamedForAnErrorThatMoves(t *testing.T) {
	files := company()
	files["agreement.yaml"] = strings.Replace(files["agreement.yaml"], "slo: api-availability", "slo: gone", 1)
	first := strings.Replace(files["agreement.yaml"], "  objectives:\n", "  objectives:\n    - {name: first, slo: api-availability}\n", 1)
	o := propose(t, files, Proposal{Text: []byte(first)})
	require.Contains(t, texts(o.Problems)[0], `spec.objectives[1].slo: no SLO is named "gone"`)
	require.Empty(t, texts(o.NewErrors), "the same objective has it")

	second := strings.Replace(first, "slo: api-availability", "slo: gone", 1)
	o = propose(t, files, Proposal{Text: []byte(second)})
	require.Len(t, o.NewErrors, 1, "one more objective has it")

	const team = "apiVersion: accord/v1\nkind: Team\nmetadata: {name: %s}\nspec: {contacts: [{name: oncall, type: email, target: a@example.org}]}\n"
	files = company()
	files["agreement.yaml"] += "  escalation: [{notify: oncall}]\n"
	files["teams.yaml"] += "---\n" + fmt.Sprintf(team, "one") + "---\n" + fmt.Sprintf(team, "two")
	o = propose(t, files, Proposal{Text: []byte(fmt.Sprintf(team, "three"))})
	require.Contains(t, texts(o.After.Problems)[0], "is a contact of the Teams")
	require.Empty(t, texts(o.NewErrors), "the contact was of two teams already")
}

// The first of two with the same name counts, so that is the one replaced.
func TestAProposalReplacesTheFirstOfTwo(t *testing.T) {
	o := propose(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a"), "b.yaml": fmt.Sprintf(service, "a")},
		Proposal{Text: []byte(fmt.Sprintf(service, "a"))})
	require.Equal(t, []string{"b.yaml:3:18: Service a: metadata.name: Service a stands already in document.yaml:1; a name is unique per kind"}, texts(o.After.Problems))
	require.Empty(t, o.NewErrors)
}

func TestAProposedCalendarFindsTheFileBesideIt(t *testing.T) {
	calendar := "apiVersion: accord/v1\nkind: Calendar\nmetadata: {name: %s}\nspec:\n  weekly: [{days: [mon], from: \"08:00\", to: \"18:00\"}]\n  holidays: [{ics: h.ics}]\n"
	files := map[string]string{"calendars/a.yaml": fmt.Sprintf(calendar, "a"),
		"calendars/h.ics": "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"}
	for _, name := range []string{"a", "b"} { // one there is, and a new one beside its siblings
		require.Empty(t, texts(propose(t, files, Proposal{Text: []byte(fmt.Sprintf(calendar, name))}).Problems))
	}
}

func TestEveryNamedDocumentIsListedWithItsHash(t *testing.T) {
	c := load(t, map[string]string{"a.yaml": fmt.Sprintf(service, "a") + "---\n[{kind: Team, metadata: {name: t}}]\n", "b.yaml": "kind: Service\n"}, Options{})
	require.Len(t, c.Listed, 2)
	require.Equal(t, ID{"Service", "a"}, c.Listed[0].ID)
	require.Len(t, c.Listed[0].Hash, 32)
	require.Equal(t, ID{"Team", "t"}, c.Listed[1].ID, "bad ones too")
	require.Empty(t, c.Listed[1].Hash, "it shares its line")
}

func BenchmarkPropose(b *testing.B) {
	files := map[string]string{}
	for i := range 2000 {
		for name, text := range company() {
			files[fmt.Sprintf("%d/%s", i, name)] = text
		}
		if len(files) > 2000 {
			break
		}
	}
	dir := folderOf(b, files)
	for b.Loop() {
		_, err := NewLive(dir, Options{}, nil).Propose(context.Background(), Proposal{Text: []byte(fmt.Sprintf(service, "a"))})
		require.NoError(b, err)
	}
}

func TestAProposalReplacesNoDocumentOfAnotherProgram(t *testing.T) {
	o := propose(t, map[string]string{"a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {}\n", "b.yaml": fmt.Sprintf(service, "s")},
		Proposal{Text: []byte("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: s, displayName: New}\nspec: {}\n")})
	require.Empty(t, texts(o.Problems))
	require.Equal(t, "New", o.After.Services["s"].DisplayName)
	require.Len(t, o.After.Problems, 1, "the manifest is passed over, before and after")
}
