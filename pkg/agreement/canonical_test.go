package agreement_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
)

// whole is an agreement with a value in every part that has a time or a zone.
func whole() *agreement.Agreement {
	at := time.Date(2026, 11, 7, 2, 0, 0, 0, time.UTC)
	return &agreement.Agreement{
		Name: "a", Provider: "p", Zone: time.UTC, Effective: agreement.Period{From: at},
		SupportHours: &agreement.Calendar{Name: "c", Zone: time.UTC, Weekly: []agreement.WeeklyHours{{Days: []time.Weekday{1}, To: time.Hour}}},
		Exclusions:   []*agreement.Exclusion{{Name: "x", From: at, Recurrence: "FREQ=WEEKLY", Zone: time.UTC}},
		Objectives: []*agreement.Objective{{Name: "o", Select: map[string]string{"a": "b"}, TimeSliceWindow: time.Minute,
			Window: agreement.Window{Calendar: agreement.Month, Zone: time.UTC}, SLI: agreement.SLI{Total: &agreement.Query{Expr: "up"}}}},
	}
}

func canonical(t *testing.T, change func(*agreement.Agreement)) string {
	t.Helper()
	a := whole()
	change(a)
	return agreement.Canonical(a)
}

func TestTheCanonicalTextTellsApartWhatMeansAnotherThing(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	seen := map[string]string{canonical(t, func(*agreement.Agreement) {}): "nothing"}
	for what, change := range map[string]func(*agreement.Agreement){
		"zone":              func(a *agreement.Agreement) { a.Zone = tokyo },
		"zone of window":    func(a *agreement.Agreement) { a.Objectives[0].Window.Zone = tokyo },
		"zone of exclusion": func(a *agreement.Agreement) { a.Exclusions[0].Zone = tokyo },
		"zone of calendar":  func(a *agreement.Agreement) { a.SupportHours.Zone = tokyo },
		"instant":           func(a *agreement.Agreement) { a.Exclusions[0].From = a.Exclusions[0].From.Add(time.Nanosecond) },
		"length":            func(a *agreement.Agreement) { a.Objectives[0].TimeSliceWindow = time.Hour },
		"query":             func(a *agreement.Agreement) { a.Objectives[0].SLI.Total.Expr = "down" },
		"label":             func(a *agreement.Agreement) { a.Objectives[0].Select["a"] = "c" },
		"day":               func(a *agreement.Agreement) { a.SupportHours.Weekly[0].Days[0] = 2 },
	} {
		text := canonical(t, change)
		assert.Empty(t, seen[text], what)
		seen[text] = what
	}
}

func TestTheCanonicalTextIsTheSameForWhatMeansTheSame(t *testing.T) {
	assert.Equal(t, canonical(t, func(*agreement.Agreement) {}), canonical(t, func(a *agreement.Agreement) {
		a.Exclusions[0].From = a.Exclusions[0].From.In(time.FixedZone("", 3600))
		a.Place = agreement.Place{File: "elsewhere.yaml", Line: 7}
		a.Objectives[0].Place, a.Consumers = agreement.Place{Line: 9}, []string{}
	}))
	assert.NotEqual(t, agreement.Canonical(math.Inf(1)), agreement.Canonical(math.Inf(-1)))
}
