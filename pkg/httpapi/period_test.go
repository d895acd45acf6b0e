package httpapi_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
)

// afterTheWeek is what an Editor sees in front of the traffic of the scenario,
// an hour after its week is over, and the folder of documents.
func afterTheWeek(t *testing.T) (handler http.Handler, dir string) {
	t.Helper()
	_, o := frozen(t, "Editor")
	now := o.Now().Add(time.Hour)
	o.Now = func() time.Time { return now }
	o.Engine = measure.New(o.Client, counting.Options{Now: o.Now})
	return httpapi.New(*o), o.Folder.Dir
}

func TestAPeriodShowsWhatWasFrozenAsItWasFrozen(t *testing.T) {
	handler, dir := afterTheWeek(t)
	rewrite := func(was, is string) {
		file := filepath.Join(dir, "slas.yaml")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(text), was)
		require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), was, is)), 0o600))
	}
	period := func(query string) map[string]any {
		answer := ask(handler, "GET", "/pages/statements?by=week"+query, "")
		require.Equal(t, http.StatusOK, answer.Code, answer.Body)
		value := decoded(t, answer)
		check(t, "period", decoded(t, ask(handler, "GET", "/openapi.json", "")), schema("PeriodStatements"), value)
		return value
	}
	counts := func(value map[string]any) map[string]any {
		all := map[string]any{"total": value["total"]}
		for _, choice := range value["shown"].([]any) {
			all[dig(choice, "value").(string)] = dig(choice, "count")
		}
		return all
	}
	before := period("")
	assert.Equal(t, []any{"2026-W45", "Week 45 of 2026", true}, []any{before["name"], before["displayName"], before["mayFreeze"]})
	assert.Equal(t, map[string]any{"total": 5.0, "breached": 0.0, "in_part": 5.0, "met": 0.0, "frozen": 0.0, "open": 5.0}, counts(before))
	first := before["rows"].([]any)[0]
	assert.Equal(t, []any{"approved", true, nil}, []any{dig(first, "agreement", "name"), dig(first, "open"), dig(first, "statement")})

	answer := send(handler, "POST", "/statements", `{"period":"2026-W45"}`)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	assert.Equal(t, map[string]any{"frozen": 5.0, "refused": []any{}}, decoded(t, answer))
	after := period("")
	assert.Equal(t, map[string]any{"total": 5.0, "breached": 0.0, "in_part": 5.0, "met": 0.0, "frozen": 5.0, "open": 0.0}, counts(after))
	measured := []any{"met", 0.9934, 0.9867, 674.0, 0.674}
	assert.Equal(t, measured, figuresOf(first))
	for _, row := range []any{first, after["rows"].([]any)[0]} {
		assert.Equal(t, []any{"42.6% of the time was measured."}, dig(row, "objectives", 0, "remarks"), "frozen or not")
	}
	assert.Equal(t, measured, figuresOf(after["rows"].([]any)[0]), "frozen is what was measured")

	rewrite(`code=~"5.."`, `code=~"2.."`)
	rewrite("metadata: {name: good}", "metadata: {name: better}")
	changed := period("&sort=-state")
	assert.Equal(t, map[string]any{"total": 6.0, "breached": 1.0, "in_part": 5.0, "met": 0.0, "frozen": 5.0, "open": 1.0}, counts(changed))
	for _, row := range changed["rows"].([]any) {
		switch name := dig(row, "agreement", "name"); name {
		case "better":
			assert.Nil(t, dig(row, "statement"))
			assert.Less(t, dig(row, "objectives", 0, "raw"), 0.1, "what is not frozen is measured by the definition of now")
		case "approved":
			assert.Equal(t, measured, figuresOf(row), "no live figure stands beside a digest")
		case "good":
			assert.Equal(t, true, dig(row, "gone"), "a statement outlives its document")
		}
	}
	assert.Equal(t, 1.0, period("&show=open&search=BETTER")["total"])
	for format, text := range map[string]string{"csv": "period,agreement,", "html": "Statements of Week 45 of 2026", "markdown": "raw"} {
		answer := ask(handler, "GET", "/pages/statements?by=week&show=frozen&format="+format, "")
		require.Equal(t, http.StatusOK, answer.Code)
		assert.Contains(t, answer.Body.String(), text)
		assert.Contains(t, answer.Body.String(), "approved", "each agreement is named")
		assert.NotContains(t, answer.Body.String(), "better")
		assert.Contains(t, answer.Header().Get("Content-Security-Policy"), "default-src 'none'")
	}
}

func figuresOf(row any) (all []any) {
	for _, name := range []string{"state", "compliance", "raw", "bad", "remaining"} {
		all = append(all, dig(row, "objectives", 0, name))
	}
	return all
}

func TestAStatementOutlivesItsAgreementAlsoBesideAnSLOOfThatName(t *testing.T) {
	handler, dir := afterTheWeek(t)
	require.Equal(t, http.StatusOK, send(handler, "POST", "/statements", `{"period":"2026-W45"}`).Code)
	file := filepath.Join(dir, "slas.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var documents []string
	for _, document := range strings.Split(string(text), "---\n") {
		documents = append(documents, strings.Replace(document, "metadata: {name: good}", "metadata: {name: better}", 1))
		if strings.Contains(document, "kind: SLO") {
			documents = append(documents, strings.Replace(document, "metadata: {name: api-availability}", "metadata: {name: good}", 1))
		}
	}
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(documents, "---\n")), 0o600))
	require.Contains(t, ask(handler, "GET", "/catalog", "").Body.String(), `"slos":[{"name":"good"`)
	row := func() any {
		return dig(decoded(t, ask(handler, "GET", "/pages/statements?by=week&search=good", "")), "rows", 0)
	}
	assert.Equal(t, true, dig(row(), "gone"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "statements", "2026-W45", "good.json"), []byte("{"), 0o600))
	assert.Regexp(t, "^statements/2026-W45/good.json is no statement: [^/]*$", dig(row(), "reason"), "the file is named once")
}

func TestAPeriodThatCannotBeMeasuredSaysWhyAndFreezesNothing(t *testing.T) {
	handler, o := writer(t, "Editor")
	value := decoded(t, ask(handler, "GET", "/pages/statements?period=2026-10", ""))
	rows := value["rows"].([]any)
	require.Len(t, rows, 5)
	for _, row := range rows {
		assert.Equal(t, "no_data", dig(row, "state"))
		assert.Nil(t, dig(row, "objectives", 0, "compliance"), "never a 0")
		assert.Contains(t, dig(row, "objectives", 0, "reason"), "404 Not Found")
	}
	answer := send(handler, "POST", "/statements", `{"period":"2026-10"}`)
	require.Equal(t, http.StatusOK, answer.Code)
	done := decoded(t, answer)
	assert.Equal(t, 0.0, done["frozen"])
	require.Len(t, done["refused"], 5, "each says why")
	assert.Contains(t, dig(done["refused"].([]any)[0], "error"), "could not be measured over 2026-10, so nothing is frozen")
	assert.NoDirExists(t, filepath.Join(o.Folder.Dir, "statements"))

	running := decoded(t, ask(handler, "GET", "/pages/statements?period=2026-11", ""))
	assert.Contains(t, dig(running["rows"].([]any)[0], "reason"), "is not closed")
	assert.Equal(t, "November 2026, to date", dig(running["periods"].([]any)[0], "displayName"))
}

func TestStatementsFromBeforeWhatCanBeMeasuredAreShown(t *testing.T) {
	_, o := frozen(t, "Editor")
	later := func(by time.Duration) http.Handler {
		now := o.Now().Add(by)
		o.Now = func() time.Time { return now }
		o.Engine = measure.New(o.Client, counting.Options{Now: o.Now})
		return httpapi.New(*o)
	}
	frozen := send(later(time.Hour), "POST", "/statements", `{"period":"2026-W45","agreement":"approved"}`)
	require.Equal(t, http.StatusCreated, frozen.Code, frozen.Body)
	answer := ask(later(6*365*24*time.Hour), "GET", "/pages/statements?period=2026-W45", "")
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	rows := decoded(t, answer)["rows"].([]any)
	require.Len(t, rows, 5)
	assert.Equal(t, []any{"met", 0.9934, 0.9867, 674.0, 0.674}, figuresOf(rows[0]))
	for _, row := range rows[1:] {
		assert.Equal(t, false, dig(row, "open"))
		assert.Contains(t, dig(row, "reason"), "at most 5 years")
		assert.Empty(t, dig(row, "objectives"))
	}
}

func TestAnAgreementThatIsNotReadIsInEachFormOfAPeriod(t *testing.T) {
	handler, dir := afterTheWeek(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "wrong.yaml"), []byte(promise("wrong", "checkout", active, "")), 0o600))
	const page, why = "/pages/statements?by=week&search=wrong", "must hold at least one objective"
	row := dig(decoded(t, ask(handler, "GET", page, "")), "rows", 0)
	assert.Equal(t, []any{"no_data", false}, []any{dig(row, "state"), dig(row, "open")})
	assert.Contains(t, dig(row, "reason"), why)
	for _, format := range []string{"csv", "html", "markdown"} {
		text := ask(handler, "GET", page+"&format="+format, "").Body.String()
		assert.Contains(t, text, "wrong one", format)
		assert.Contains(t, text, why, format)
	}
}

// In one zone the week is over, in the other it is not.
func TestObjectivesOfSeveralZonesAreThoseOfThePeriod(t *testing.T) {
	handler, dir := afterTheWeek(t)
	slo := strings.NewReplacer("mistyped", "west", `"50"`, `"500"`, "{duration: 1d, isRolling: true}",
		"{duration: 1w, isRolling: false, calendar: {startTime: '2026-01-05 00:00:00', timeZone: America/Los_Angeles}}").Replace(mistypedSLO)
	text := slo + promise("both", "checkout", active, "{name: west, slo: west}, {name: utc, slo: api-availability}")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "both.yaml"), []byte(text), 0o600))
	row := dig(decoded(t, ask(handler, "GET", "/pages/statements?by=week&period=2026-W45&search=both", "")), "rows", 0)
	assert.Equal(t, "breached", dig(row, "state"))
	assert.Equal(t, []any{"west", "breached", 1391.0}, []any{dig(row, "objectives", 0, "objective"), dig(row, "objectives", 0, "state"), dig(row, "objectives", 0, "bad")})
	assert.Equal(t, []any{"api-availability", "met", 1391.0}, []any{dig(row, "objectives", 1, "objective"), dig(row, "objectives", 1, "state"), dig(row, "objectives", 1, "bad")})
}

// Within the ten seconds for which figures are shown, one statement may take the place of another.
func TestAPeriodMeasuresWhatIsNoLongerFrozen(t *testing.T) {
	_, o := frozen(t, "Editor")
	now := o.Now().Add(time.Hour)
	o.Now = func() time.Time { return now }
	o.Engine = measure.New(o.Client, counting.Options{Now: o.Now})
	read, err := o.Catalog(t.Context())
	require.NoError(t, err)
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return read, nil }
	handler := httpapi.New(*o)
	require.Equal(t, http.StatusOK, send(handler, "POST", "/statements", `{"period":"2026-W45"}`).Code)
	names := []string{"approved", "good"}
	figures := func() (all [][]any) {
		for _, name := range names {
			all = append(all, figuresOf(dig(decoded(t, ask(handler, "GET", "/pages/statements?by=week&search="+name, "")), "rows", 0)))
		}
		return all
	}
	whole := figures()
	for _, name := range names {
		file := filepath.Join(o.Folder.Dir, "statements", "2026-W45", name+".json")
		require.NoError(t, os.Rename(file, file+".was"))
		assert.Equal(t, whole, figures(), "%s is measured", name)
		require.NoError(t, os.Rename(file+".was", file))
	}
}
