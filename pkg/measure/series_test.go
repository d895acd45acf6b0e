package measure_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

// A line in a chart and a row in a report must never disagree.
func TestEveryPointOfASeriesIsTheStatusAsOfThatInstant(t *testing.T) {
	for _, name := range []string{"exclusions", "timeslices", "threshold-unknown-time", "consumers-and-groups"} {
		t.Run(name, func(t *testing.T) {
			s, address := scenario(t, name)
			found := read(t, s.Documents)
			e := engineAt(t, address, s.End)
			for _, a := range found.Agreements {
				for _, o := range a.Objectives {
					compareWithStatus(t, e, a, o, s.End)
				}
			}
		})
	}
}

func compareWithStatus(t *testing.T, e *measure.Service, a *agreement.Agreement, o *agreement.Objective, end time.Time) {
	series := func(kind measure.SeriesKind) []measure.Series {
		got, _, err := e.Series(t.Context(), a, o, measure.SeriesQuestion{Kind: kind, From: end.Add(-20 * time.Hour), To: end,
			Step: 4 * time.Hour, BurnWindows: []time.Duration{time.Hour}})
		require.NoError(t, err)
		return got
	}
	compliance, left, burn := series(measure.ComplianceSeries), series(measure.BudgetSeries), series(measure.BurnRateSeries)
	for i, point := range compliance[0].Points {
		only := *a
		only.Objectives = []*agreement.Objective{o}
		results := e.Status(t.Context(), []*agreement.Agreement{&only}, measure.Question{At: point.At, BurnWindows: []time.Duration{time.Hour}})[0].Objectives
		require.Len(t, compliance, len(results))
		for group, result := range results {
			assertFigure(t, result.Compliance, compliance[group].Points[i].Value)
			assertFigure(t, result.Remaining, left[group].Points[i].Value)
			assertFigure(t, result.Burn[0].Rate, burn[group].Points[i].Value)
		}
	}
}

func assertFigure(t *testing.T, want, got budget.Figure) {
	t.Helper()
	require.Equal(t, want.Known(), got.Known())
	if want.Known() {
		assert.InDelta(t, float64(want), float64(got), 1e-12)
	}
}

func TestPointsLieOnSlotEdgesAndAreBounded(t *testing.T) {
	s, address := scenario(t, "silent-night")
	found := read(t, s.Documents)
	a := found.Agreements[0]
	e := engineAt(t, address, s.End)
	got, _, err := e.Series(t.Context(), a, a.Objectives[0], measure.SeriesQuestion{Kind: measure.SLISeries,
		From: s.End.Add(-time.Hour - 7*time.Second), To: s.End.Add(-time.Second), Step: time.Second})
	require.NoError(t, err)
	for _, point := range got[0].Points {
		assert.Zero(t, point.At.Unix()%300)
	}
	assert.Len(t, got[0].Points, 12)

	_, _, err = e.Series(t.Context(), a, a.Objectives[0], measure.SeriesQuestion{Kind: measure.SLISeries,
		From: s.End.AddDate(-1, 0, 0), To: s.End, Step: time.Second})
	assert.ErrorContains(t, err, "105120 points asked for, the limit is 50000: take a longer step or a shorter range")
}

// What was good and bad from point to point adds up to the window's balance, in
// either scope.
func TestGoodAndBadAddUpToTheBalance(t *testing.T) {
	for _, name := range []string{"exclusions", "berlin-march"} {
		s, address := scenario(t, name)
		found := read(t, s.Documents)
		end := s.End.Truncate(15 * time.Minute)
		e := engineAt(t, address, end)
		for _, a := range found.Agreements {
			for _, o := range a.Objectives {
				only := *a
				only.Objectives = []*agreement.Objective{o}
				window := agreement.Window{Rolling: 24 * time.Hour}
				result := e.Status(t.Context(), []*agreement.Agreement{&only}, measure.Question{At: end, Window: &window})[0].Objectives[0]
				if !result.Compliance.Known() {
					continue
				}
				for _, raw := range []bool{false, true} {
					series, _, err := e.Series(t.Context(), a, o, measure.SeriesQuestion{Kind: measure.EventsSeries,
						From: end.Add(-24 * time.Hour), To: end, Step: 15 * time.Minute, Raw: raw})
					require.NoError(t, err)
					want := result.Balance
					if raw {
						want = result.Raw
					}
					assert.Equal(t, measure.Good, series[0].Labels[measure.CountedLabel])
					assert.InDelta(t, float64(want.Total-want.Bad), sum(series[0]), 1e-6, "%s/%s", a.Name, o.Name)
					assert.InDelta(t, float64(want.Bad), sum(series[1]), 1e-6, "%s/%s", a.Name, o.Name)
				}
			}
		}
	}
}

func sum(s measure.Series) (sum float64) {
	for _, point := range s.Points {
		if point.Value.Known() {
			sum += float64(point.Value)
		}
	}
	return sum
}

func TestHistoryTellsPastPeriodsWholeAndTheCurrentOneToDate(t *testing.T) {
	s, address := scenario(t, "berlin-march")
	found := read(t, s.Documents)
	a := found.Agreements[0]
	at := time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)
	e := engineAt(t, address, at)
	periods := e.History(t.Context(), a, a.Objectives[2], at, nil, 3)
	require.Len(t, periods, 3)
	assert.Equal(t, "2026-02", periods[0].Name)
	assert.Equal(t, "2026-03", periods[1].Name)
	assert.True(t, periods[1].Closed)
	assert.Equal(t, 1564739.0, float64(periods[1].Total))
	assert.Equal(t, budget.Met, periods[1].State)
	assert.False(t, periods[2].Closed)
	assert.Equal(t, 52678.0, float64(periods[2].Total))
	assert.Equal(t, budget.Breached, periods[2].State)
}
