package agreement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
)

func TestAPeriodIsReadAndWritten(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for text, want := range map[string]struct{ name, from, end string }{
		"2026-10":    {"2026-10", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
		"2026-Q4":    {"2026-Q4", "2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z"},
		"2026-q1":    {"2026-Q1", "2025-12-31T23:00:00Z", "2026-03-31T22:00:00Z"},
		"2026":       {"2026", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"},
		"2026-W44":   {"2026-W44", "2026-10-25T23:00:00Z", "2026-11-01T23:00:00Z"},
		"2026-W53":   {"2026-W53", "2026-12-27T23:00:00Z", "2027-01-03T23:00:00Z"},
		"2027-W01":   {"2027-W01", "2027-01-03T23:00:00Z", "2027-01-10T23:00:00Z"},
		"2026-10-25": {"2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
	} {
		period, err := agreement.ParsePeriod(text)
		require.NoError(t, err, text)
		assert.Equal(t, want.name, period.Name(), text)
		from, end := period.Span(berlin)
		assert.Equal(t, want.from, from.UTC().Format(time.RFC3339), text)
		assert.Equal(t, want.end, end.UTC().Format(time.RFC3339), text)
	}
}

func TestNoPeriod(t *testing.T) {
	for _, text := range []string{"", "2026-13", "2026-00", "2026-Q5", "2026-W00", "2025-W53", "2026-02-30", "26-10", "october", "2026-10-", "0001", "../2026"} {
		_, err := agreement.ParsePeriod(text)
		assert.ErrorContains(t, err, `must be a month such as 2026-10`, text)
	}
}

func TestAPeriodHasItsDays(t *testing.T) {
	for text, days := range map[string]int{"2026-02": 28, "2028-02": 29, "2026-W44": 7, "2026-Q3": 92, "2026": 365, "2026-10-31": 1} {
		period, err := agreement.ParsePeriod(text)
		require.NoError(t, err)
		assert.Len(t, period.Days(), days, text)
	}
	period, err := agreement.ParsePeriod("2026-01")
	require.NoError(t, err)
	assert.Equal(t, "2025-12", period.Before().Name())
}

func TestAReviewIsDueOnADayOfTheAgreement(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for _, review := range []struct {
		last  time.Time
		every time.Duration
		due   string
	}{
		{time.Date(2026, 9, 1, 0, 0, 0, 0, berlin), 90 * 24 * time.Hour, "2026-11-30T00:00:00+01:00"},
		{time.Date(2026, 1, 31, 0, 0, 0, 0, berlin), 90 * 24 * time.Hour, "2026-05-01T00:00:00+02:00"},
		{time.Date(2026, 10, 24, 12, 0, 0, 0, berlin), 36 * time.Hour, "2026-10-26T00:00:00+01:00"},
	} {
		a := agreement.Agreement{Review: agreement.Review{Every: review.every, Last: review.last}}
		assert.Equal(t, review.due, a.ReviewDue().Format(time.RFC3339))
	}
}
