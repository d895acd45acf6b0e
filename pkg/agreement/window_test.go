package agreement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
)

func instant(t testing.TB, text string) time.Time {
	parsed, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return parsed
}

func TestCalendarWindows(t *testing.T) {
	for _, test := range []struct {
		window, zone, at, from, end string
	}{
		{"month", "Europe/Berlin", "2026-02-28T23:05:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},
		// The stroke that ends a month still belongs to it.
		{"month", "Europe/Berlin", "2026-03-31T22:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},
		{"month:-1", "Europe/Berlin", "2026-04-02T00:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},
		{"month:-2", "UTC", "2026-01-15T00:00:00Z", "2025-11-01T00:00:00Z", "2025-12-01T00:00:00Z"},
		{"day", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"week", "UTC", "2026-11-22T12:00:00Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"},
		{"week", "UTC", "2026-11-23T00:00:01Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"},
		{"quarter", "Europe/Berlin", "2026-04-02T00:00:00Z", "2026-03-31T22:00:00Z", "2026-06-30T22:00:00Z"},
		{"quarter:-1", "UTC", "2026-12-31T23:00:00Z", "2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z"},
		{"year", "Asia/Kathmandu", "2026-06-01T00:00:00Z", "2025-12-31T18:15:00Z", "2026-12-31T18:15:00Z"},
		// Midnight of 6 September 2026 does not exist in Santiago.
		{"day", "America/Santiago", "2026-09-06T12:00:00Z", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"},
		{"1h", "UTC", "2026-06-01T00:00:00Z", "2026-05-31T23:00:00Z", "2026-06-01T00:00:00Z"},
	} {
		t.Run(test.window+" "+test.at, func(t *testing.T) {
			window, err := agreement.ParseWindow(test.window)
			require.NoError(t, err)
			window.Zone, err = time.LoadLocation(test.zone)
			require.NoError(t, err)
			from, end := window.At(instant(t, test.at))
			assert.Equal(t, test.from, from.UTC().Format(time.RFC3339))
			assert.Equal(t, test.end, end.UTC().Format(time.RFC3339))
			assert.Equal(t, test.window, window.String())
		})
	}
}

func TestTheWindowOfWhatWasNotReadHasNoLength(t *testing.T) {
	assert.Empty(t, agreement.Window{}.String())
}

func TestEveryInstantLiesInItsPeriodAndPeriodsFollowEachOther(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		require.NoError(t, err)
		unit := rapid.SampledFrom([]agreement.CalendarUnit{agreement.Day, agreement.Week, agreement.Month, agreement.Quarter, agreement.Year}).Draw(t, "unit")
		at := time.Unix(rapid.Int64Range(1_200_000_000, 2_000_000_000).Draw(t, "at"), 0)
		window := agreement.Window{Calendar: unit, Zone: zone}
		from, end := window.At(at)
		require.True(t, from.Before(at) && !at.After(end), "%s in (%s, %s]", at, from, end)
		window.Offset = -1
		_, previousEnd := window.At(at)
		require.Equal(t, from, previousEnd)
	})
}

func TestWindowsThatAreNone(t *testing.T) {
	for text, message := range map[string]string{
		"30 days":    `window "30 days": must be a duration such as 30d`,
		"0s":         "a rolling window must be between 1h and 400d, got 0s",
		"10y":        "a rolling window must be between 1h and 400d, got 3650d",
		"month:next": `window "month:next": after the colon goes how many periods back, such as month:-1`,
		"month:1":    "how many periods back",
		"":           `window ""`,
	} {
		_, err := agreement.ParseWindow(text)
		assert.ErrorContains(t, err, message)
	}
}

func TestPeriodNames(t *testing.T) {
	at := instant(t, "2026-11-23T09:00:00Z")
	for text, want := range map[string]string{
		"day": "2026-11-23", "week": "2026-W48", "month": "2026-11", "quarter": "2026-Q4", "year": "2026", "quarter:-3": "2026-Q1",
	} {
		window, err := agreement.ParseWindow(text)
		require.NoError(t, err)
		assert.Equal(t, want, window.Period(at).Name())
	}
}

// In Amman the clock went from 01:00 back to 00:00 that night, so midnight was twice.
func TestADayBeginsAtItsFirstMidnight(t *testing.T) {
	amman, err := time.LoadLocation("Asia/Amman")
	require.NoError(t, err)
	day := agreement.Date{Year: 2021, Month: time.October, Day: 29}
	assert.Equal(t, instant(t, "2021-10-28T21:00:00Z"), day.Midnight(amman).UTC())
}

func TestTargetAtFollowsTheRevisions(t *testing.T) {
	o := agreement.Objective{Target: 0.99, Revisions: []agreement.Revision{
		{From: instant(t, "2026-06-01T00:00:00Z"), Target: 0.995}, {From: instant(t, "2026-07-01T00:00:00Z"), Target: 0.999}}}
	for at, want := range map[string]float64{
		"2026-05-31T23:59:59Z": 0.99, "2026-06-01T00:00:00Z": 0.995, "2026-06-30T00:00:00Z": 0.995, "2027-01-01T00:00:00Z": 0.999,
	} {
		assert.Equal(t, want, o.TargetAt(instant(t, at)), at)
	}
	for at, want := range map[string]float64{"2026-06-01T00:00:00Z": 0.99, "2026-06-01T00:00:01Z": 0.995, "2026-06-01T00:05:00Z": 0.995} {
		assert.Equal(t, want, o.TargetOfSlot(instant(t, at), 5*time.Minute), at)
	}
}

func TestAnExclusionNeedsAnotherPartysApproval(t *testing.T) {
	a := &agreement.Agreement{Provider: "payments", Consumers: []string{"checkout", "search"}}
	for _, test := range []struct {
		requested, approved string
		want                bool
	}{
		{"payments", "checkout", true}, {"checkout", "payments", true}, {"", "search", true},
		{"payments", "payments", false}, {"payments", "", false}, {"payments", "legal", false},
	} {
		x := agreement.Exclusion{RequestedBy: test.requested, ApprovedBy: test.approved}
		assert.Equal(t, test.want, x.HasEffectIn(a), "%+v", test)
	}
}
