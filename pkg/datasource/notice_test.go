package datasource_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// noticed are the numbers of a query for notices by «objective group kind level»,
// having kept what Grafana asks of alerts.
func noticed(t *testing.T, found data.Frames) map[string]*float64 {
	t.Helper()
	alerts(t, found) // one number a frame, no labels twice
	numbers := map[string]*float64{}
	for _, frame := range found {
		labels := frame.Fields[0].Labels
		assert.Equal(t, "notice", labels["severity"])
		assert.Equal(t, labels["provider"], labels["team"])
		name := strings.TrimSpace(labels["objective"] + " " + labels["region"])
		numbers[strings.Join(strings.Fields(name+" "+labels["kind"]+" "+labels["level"]), " ")], _ = frame.Fields[0].At(0).(*float64)
	}
	return numbers
}

var notices4 = []string{"budget half", "budget three_quarters", "budget spent", "budget projected"}

func TestNoticesInEveryState(t *testing.T) {
	r := scenario(t, "states")
	for _, of := range []struct {
		name, at string
		fire     []any // half, three quarters, all, projected: nil: null
	}{
		{"inactive", "2026-04-02T12:00:00Z", []any{false, false, false, false}},
		{"no events, though measured", "2026-04-03T12:00:00Z", []any{nil, nil, nil, nil}},
		{"met", "2026-04-06T00:00:00Z", []any{false, false, false, false}},
		{"breached: only the severest", "2026-04-26T20:10:00Z", []any{false, false, true, false}},
	} {
		t.Run(of.name, func(t *testing.T) {
			numbers := noticed(t, r.frames(instant(t, of.at), query("alert", `"severity": "notice"`, `"objectives": ["availability"]`)))
			require.Len(t, numbers, 5, "no review was agreed")
			assert.False(t, fires(numbers["availability blind"]), "something was measured of late")
			for i, kind := range notices4 {
				value := numbers["availability "+kind]
				if of.fire[i] == nil {
					assert.Nil(t, value, kind)
				} else if assert.NotNil(t, value, kind) {
					assert.Equal(t, of.fire[i], fires(value), "%s: %v", kind, *value)
				}
			}
		})
	}
}

// The numbers are those of the status: what is spent, against the share.
func TestNoticesAreSharesOfWhatIsSpent(t *testing.T) {
	r := scenario(t, "states")
	at := instant(t, "2026-04-22T12:05:00Z")
	numbers := noticed(t, r.frames(at, query("alert", `"severity": "notice"`)))
	status := r.frames(at, query("status"))[0]
	consumed, ok := cell(t, status, "consumed", 0).(float64)
	require.True(t, ok)
	assert.InDelta(t, consumed/0.5, *numbers["availability budget half"], 1e-12)
	assert.InDelta(t, consumed/0.75, *numbers["availability budget three_quarters"], 1e-12)
	assert.InDelta(t, consumed, *numbers["availability budget spent"], 1e-12)
	assert.True(t, math.IsInf(*numbers["never-fails budget spent"], 1), "a target of 1 is spent by the first bad event")
	asked := r.frames(at, query("alert", `"severity": "both"`))
	assert.Len(t, asked, 4, "notices come only when they are asked for")
}

// A review is of the agreement as a whole, and needs nothing to be measured.
func TestAReviewIsANoticeOfTheAgreement(t *testing.T) {
	whole := scenario(t, "states")
	documents, err := os.ReadFile(filepath.Join(whole.folder, "scenario.yaml"))
	require.NoError(t, err)
	folder := t.TempDir()
	write(t, folder, "scenario.yaml", strings.Replace(string(documents), "  stage: active", "  stage: active\n  review: {every: 90d, last: 2026-02-01}", 1))
	r := serve(t, whole.settings.URL, folder, whole.now)
	for at, want := range map[string]float64{ // due on 2 May
		"2026-04-11T00:00:00Z": 0.5, "2026-04-18T00:00:00Z": 1, "2026-04-25T00:00:00Z": 1.5, "2026-05-02T00:00:00Z": 2, "2026-04-04T00:00:00Z": 0,
	} {
		found := r.frames(instant(t, at), query("alert", `"severity": "notice"`))
		value := noticed(t, found)["review_due"]
		require.NotNil(t, value, at)
		assert.InDelta(t, want, *value, 1e-9, at)
		assert.Equal(t, data.Labels{"agreement": "payments-for-checkout", "service": "payments-api", "provider": "payments", "consumers": "checkout",
			"team": "payments", "severity": "notice", "kind": "review_due"}, found[0].Fields[0].Labels)
		assert.Equal(t, "the review is due on 2 May 2026", custom(t, found[0])["reason"])
	}
}

// What failed is null, each kind by itself; the review still is a number.
func TestPartialFailureOfNoticesIsNull(t *testing.T) {
	r, f := brokenPrometheus(t)
	at := instant(t, "2026-08-04T09:05:03Z")
	ask := query("alert", `"severity": "notice"`)
	before := noticed(t, r.frames(at, ask))
	f.failWhen(func(query string) bool { return strings.Contains(query, "by (region)") })
	after := noticed(t, r.frames(at.Add(10e9), ask))
	require.Len(t, after, len(before))
	for name := range before {
		value, there := after[name]
		assert.True(t, there, name)
		assert.Equal(t, strings.HasPrefix(name, "by-region"), value == nil, name)
	}
}
