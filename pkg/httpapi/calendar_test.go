package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const officeHours = `apiVersion: accord/v1
kind: Calendar
metadata: {name: office, displayName: Office hours}
spec:
  timeZone: Europe/Berlin
  weekly: [{days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00"}]
  holidays: [{country: DE}]
`

func TestCalendar(t *testing.T) {
	handler, _ := writer(t, "Editor")
	write := func(path, text string) {
		t.Helper()
		status, said := put(t, handler, path, func(string) string { return text })
		require.Equal(t, http.StatusCreated, status, said)
	}
	write("/documents/Calendar/office", officeHours)
	write("/documents/Exclusion/weekly", `apiVersion: accord/v1
kind: Exclusion
metadata: {name: weekly}
spec:
  reason: Backup
  agreements: [none, good]
  from: 2026-11-04T01:00:00Z
  to: 2026-11-04T02:00:00Z
  recurrence: FREQ=WEEKLY
  requestedBy: payments
`)
	status, said := put(t, handler, "/documents/Agreement/none", replacing("spec:\n", "spec:\n  supportHours: office\n"))
	require.Equal(t, http.StatusOK, status, said)

	answer := send(handler, "GET", "/calendar?from=2026-12-23T01:30:00Z&to=2026-12-30T23:00:00Z", "")
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	got := decoded(t, answer)
	require.Len(t, got["exclusions"], 1, "the others are not in this week")
	weekly := dig(got, "exclusions", 0)
	assert.Equal(t, []any{
		map[string]any{"from": "2026-12-23T01:00:00Z", "to": "2026-12-23T02:00:00Z"},
		map[string]any{"from": "2026-12-30T01:00:00Z", "to": "2026-12-30T02:00:00Z"},
	}, dig(weekly, "occurrences"), "each is whole, also the one that began before")
	assert.Equal(t, []any{
		map[string]any{"agreement": "good", "hasEffect": false}, map[string]any{"agreement": "none", "hasEffect": false},
	}, dig(weekly, "concerns"))
	assert.Equal(t, []any{"checkout"}, dig(weekly, "approvers"), "the party that did not ask for it")
	require.Len(t, got["supportHours"], 1)
	office := dig(got, "supportHours", 0)
	assert.Equal(t, []any{"none"}, dig(office, "agreements"))
	assert.Equal(t, []any{
		map[string]any{"date": "2026-12-25", "name": "Weihnachtstag"}, map[string]any{"date": "2026-12-26", "name": "Zweiter Weihnachtsfeiertag"},
	}, dig(office, "holidays"))
	assert.Equal(t, map[string]any{"from": "2026-12-23T07:00:00Z", "to": "2026-12-23T17:00:00Z"}, dig(office, "spans", 0))
	assert.Len(t, dig(office, "spans"), 5, "Wednesday and Thursday, then Monday to Wednesday")

	document := decoded(t, send(handler, "GET", "/openapi.json", ""))
	check(t, "Calendar", document, map[string]any{"$ref": "#/components/schemas/Calendar"}, got)

	// What is approved has effect, and needs nobody.
	got = decoded(t, send(handler, "GET", "/calendar?from=2026-11-07T00:00:00Z&to=2026-11-08T00:00:00Z", ""))
	for _, one := range got["exclusions"].([]any) {
		if dig(one, "name") == "approved" {
			assert.Equal(t, true, dig(one, "concerns", 0, "hasEffect"))
			assert.Empty(t, dig(one, "approvers"))
		}
	}
}

func TestCalendarRefusesARangeThatItCannotTell(t *testing.T) {
	handler, _ := writer(t, "Viewer")
	for query, said := range map[string]string{
		"":                               `from \"\": must be an instant such as`,
		"from=2026-11-07T00:00:00Z&to=x": `to \"x\": must be an instant such as`,
		"from=2026-11-07T00:00:00Z&to=2026-11-07T00:00:00Z": "must be after from",
		"from=2026-01-01T00:00:00Z&to=2026-11-07T00:00:00Z": "more than 100 days",
	} {
		answer := send(handler, "GET", "/calendar?"+query, "")
		assert.Equal(t, http.StatusBadRequest, answer.Code, query)
		assert.Contains(t, answer.Body.String(), said, query)
	}
}
