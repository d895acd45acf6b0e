package statement_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/statement"
)

// remembering is the URL of a Prometheus that has the company's history from
// the instant on.
func remembering(t *testing.T, from string, o promserver.Options) string {
	return serving(t, `(?m)^start: .*$`, "start: "+from, o)
}

// serving is the URL of a Prometheus that has the company's history with what matches replaced.
func serving(t *testing.T, pattern, replacement string, o promserver.Options) string {
	t.Helper()
	text, err := os.ReadFile("testdata/company.yaml")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "company.yaml")
	changed := regexp.MustCompile(pattern).ReplaceAllString(string(text), replacement)
	require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
	s, err := conformance.Read(file)
	require.NoError(t, err)
	o.Dir = t.TempDir()
	require.NoError(t, s.WriteBlocks(o.Dir))
	server, err := promserver.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server.URL()
}

func TestWhatPrometheusHasForgottenIsVerifiedFromTheSlots(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	check := func(url string) *statement.Verification {
		v, err := statement.Verify(t.Context(), s, &statement.Today{Archive: c.archive, Engine: engineOn(t, url), Agreement: c.agreement(subject)})
		require.NoError(t, err)
		return v
	}
	// The last days only: counters go on as they would have, so nothing differs.
	v := check(remembering(t, "2026-04-28T00:00:00Z", promserver.Options{}))
	assert.Empty(t, texts(v))
	assert.Equal(t, statement.OnBoth, v.Basis)
	assert.Contains(t, strings.Join(v.Notes, "\n"), "availability: Prometheus has nothing any more of before 2026-04-28 00:00 UTC; until then verified from the stored slots only")

	v = check(remembering(t, "2026-05-01T12:00:00Z", promserver.Options{}))
	assert.Empty(t, texts(v))
	assert.True(t, v.Verified)
	assert.Equal(t, statement.OnSlots, v.Basis)
	assert.Contains(t, strings.Join(v.Notes, "\n"), "up: Prometheus has nothing of the period any more; verified from the stored slots only")
}

// An exclusion that is approved when Prometheus has forgotten the period changes what
// counts, and no month becomes one without data.
func TestARestatementKeepsWhatPrometheusHasForgotten(t *testing.T) {
	for from, note := range map[string]string{
		"2026-04-28T00:00:00Z": "Prometheus has nothing any more of before 2026-04-28 00:00 UTC: until then the slots are those of statement 1",
		"2026-05-01T12:00:00Z": "Prometheus has nothing any more of before 2026-04-30 22:00 UTC: until then the slots are those of statement 1",
	} {
		c := startCompany(t)
		first := c.freeze(subject)
		engine := engineOn(t, remembering(t, from, promserver.Options{}))
		restate := func() (*statement.Statement, error) {
			return c.archive.Freeze(t.Context(), engine, c.agreement(subject), period(t, "2026-04"), statement.Order{By: "ben", Now: now, Restate: true, Reason: "Agreed"})
		}
		_, err := restate()
		require.True(t, editing.IsRefused(err, statement.Unchanged), err)
		c.change(func(text string) string { return text + another })
		second, err := restate()
		require.NoError(t, err)
		assert.Equal(t, first.Objectives[0].Groups[0].Raw, second.Objectives[0].Groups[0].Raw)
		assert.NotEqual(t, first.Objectives[0].Groups[0].Adjusted, second.Objectives[0].Groups[0].Adjusted)
		assert.Contains(t, second.Objectives[0].Notes, note)
		assert.Empty(t, texts(c.verify(second)), "as one that has it all says")
		_, err = restate()
		require.True(t, editing.IsRefused(err, statement.Unchanged), err)
	}
}

// Counts are recorded from a day on; those of before are in the statement.
func TestARestatementKeepsWhatWasCountedBeforeItWasRecorded(t *testing.T) {
	c := startCompany(t)
	first := c.freeze(subject)
	c.change(func(text string) string {
		return strings.ReplaceAll(text, "[5m]))'}}", "[5m]))', recorded: true}}") + another
	})
	second, err := c.archive.Freeze(t.Context(), c.engine, c.agreement(subject), period(t, "2026-04"), statement.Order{By: "ben", Now: now, Restate: true, Reason: "Agreed"})
	require.NoError(t, err)
	for i := range first.Objectives {
		assert.Equal(t, first.Objectives[i].Groups[0].Raw, second.Objectives[i].Groups[0].Raw, first.Objectives[i].Name)
	}
	assert.Equal(t, budget.Met, second.Objectives[0].Groups[0].State)
	v := c.verify(second)
	assert.Empty(t, texts(v))
	assert.Empty(t, v.Figures)
}

// An objective has the same slots under another name.
func TestARestatementKeepsWhatARenamedObjectiveHadCounted(t *testing.T) {
	c := startCompany(t)
	first := c.freeze(subject)
	c.change(func(text string) string {
		return strings.Replace(text, "{name: up, slo: api-up,", "{name: uptime, slo: api-up,", 1)
	})
	engine := engineOn(t, remembering(t, "2026-05-01T12:00:00Z", promserver.Options{}))
	second, err := c.archive.Freeze(t.Context(), engine, c.agreement(subject), period(t, "2026-04"), statement.Order{By: "ben", Now: now, Restate: true, Reason: "Named as people call it"})
	require.NoError(t, err)
	assert.Equal(t, "uptime", second.Objectives[2].Name)
	assert.Equal(t, first.Objectives[2].Groups[0].Raw, second.Objectives[2].Groups[0].Raw)
	assert.Empty(t, texts(c.verify(second)))
}

// Its series were deleted, or written to another Prometheus.
func TestAGroupThatPrometheusHasNoMoreIsInNoRestatement(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	engine := engineOn(t, serving(t, `job: api, code: "200", region: "=`, `job: gone, code: "200", region: "=`, promserver.Options{}))
	v, err := statement.Verify(t.Context(), s, &statement.Today{Archive: c.archive, Engine: engine, Agreement: c.agreement(subject)})
	require.NoError(t, err)
	second, err := c.archive.Freeze(t.Context(), engine, c.agreement(subject), period(t, "2026-04"), statement.Order{By: "ben", Now: now, Restate: true, Reason: "Moved"})
	require.NoError(t, err)
	require.Len(t, s.Objectives[1].Groups, 2)
	require.Len(t, second.Objectives[1].Groups, 1)
	gone := slices.IndexFunc(v.Figures, func(f statement.FigureChange) bool { return strings.HasPrefix(f.Group["region"], "=") })
	require.GreaterOrEqual(t, gone, 0)
	assert.Nil(t, v.Figures[gone].Now)
}

func TestAnotherMethodIsNamed(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	url := remembering(t, "2026-03-31T00:00:00Z", promserver.Options{WithoutAnchored: true, WithoutRead: true})
	v, err := statement.Verify(t.Context(), s, &statement.Today{Archive: c.archive, Engine: engineOn(t, url), Agreement: c.agreement(subject)})
	require.NoError(t, err)
	assert.Empty(t, texts(v))
	assert.Contains(t, strings.Join(v.Notes, "\n"), "availability: counted by the method samples then, by offset now, with the same result")
}

func TestAPrometheusThatDoesNotAnswerVerifiesNothing(t *testing.T) {
	c := startCompany(t)
	s := c.freeze("payments-in-office-hours")
	v, err := statement.Verify(t.Context(), s, &statement.Today{Archive: c.archive, Engine: engineOn(t, "http://127.0.0.1:1"), Agreement: c.agreement(s.Agreement)})
	require.NoError(t, err)
	assert.False(t, v.Verified)
	require.Len(t, v.Differences, 1)
	assert.Equal(t, statement.NotCompared, v.Differences[0].Kind)
	assert.Equal(t, statement.OnSlots, v.Basis)
}

func TestWhatElseHasChangedIsNamed(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	for name, of := range map[string]struct {
		was, is    string
		said, note string
	}{
		"a query":                {`code=~"5.."}[5m]`, `code=~"4..|5.."}[5m]`, "definition: definition of availability: indicator.bad.query", ""},
		"a revision":             {"target: 0.998, reason", "target: 0.999, reason", "target: target of availability, revisions[2026-04-14T22:00:00Z].target: 0.998 when it was frozen, 0.999 in the documents now", ""},
		"an approval":            {"requestedBy: payments\n---\napiVersion: accord/v1\nkind: Agreement\nmetadata: {name: payments-for-checkout", "requestedBy: payments\n  approvedBy: checkout\n---\napiVersion: accord/v1\nkind: Agreement\nmetadata: {name: payments-for-checkout", "exclusion: exclusion asked-for-late: approvedBy was added since", ""},
		"an approval taken back": {"  approvedBy: checkout\n  approvedOn: 2026-04-20\n", "", "exclusion: exclusion upgrade-april: approvedBy was removed since", ""},
		"words":                  {"No feature releases", "No releases", "", "changed since, without effect on the figures: definition: consequences"},
		"a retired agreement":    {"stage: active\n  timeZone: Europe/Berlin\n  effective: {from: 2026-04-01}\n  consequences", "stage: retired\n  timeZone: Europe/Berlin\n  effective: {from: 2026-04-01}\n  consequences", "", "stage"},
		"an agreement gone":      {"metadata: {name: payments-for-checkout,", "metadata: {name: payments-for-others,", "the documents have no agreement payments-for-checkout any more", ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(c.folder, "company.yaml")
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, os.WriteFile(file, text, 0o600)) })
			require.Contains(t, string(text), of.was)
			changed := strings.Replace(string(text), of.was, of.is, 1)
			if name == "an agreement gone" { // the exclusion that names it goes with it
				changed = strings.ReplaceAll(changed, "agreements: [payments-for-checkout]", "agreements: [payments-for-others]")
			}
			require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
			v := c.verify(s)
			assert.Equal(t, of.said == "", v.Verified, texts(v))
			assert.Contains(t, strings.Join(texts(v), "\n"), of.said)
			assert.Contains(t, strings.Join(v.Notes, "\n"), of.note)
		})
	}
}
