package measure_test

import (
	"iter"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/measure"
)

// history stores series with a sample a minute in an embedded Prometheus.
func history(t testing.TB, from, to time.Time, series map[string]func(at time.Time) (float64, bool)) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, from, to, func(from, to time.Time) iter.Seq[promserver.Series] {
		return func(yield func(promserver.Series) bool) {
			for selector, value := range series {
				metric, err := parseMetric(selector)
				require.NoError(t, err)
				samples := func(yield func(int64, float64) bool) {
					for at := from; at.Before(to); at = at.Add(time.Minute) {
						if v, ok := value(at); ok && !yield(at.UnixMilli(), v) {
							return
						}
					}
				}
				if !yield(promserver.Series{Labels: metric, Samples: samples}) {
					return
				}
			}
		}
	}, nil))
	return conformance.StartEmbedded(t, dir)
}

func parseMetric(selector string) (labels.Labels, error) {
	return parser.NewParser(parser.Options{}).ParseMetric(selector)
}

func TestIncidentsNameWhatOverlapsThem(t *testing.T) {
	start := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	outage := start.Add(30 * time.Hour)
	end := start.Add(72 * time.Hour)
	address := history(t, start, end.Add(time.Minute), map[string]func(time.Time) (float64, bool){
		`requests_total`: func(at time.Time) (float64, bool) { return at.Sub(start).Minutes() * 60, true },
		`errors_total`: func(at time.Time) (float64, bool) {
			return 50 * max(0, min(20, at.Sub(outage).Minutes())), true
		},
		`ALERTS{alertname="PaymentsDown",alertstate="firing",service="payments-api"}`: func(at time.Time) (float64, bool) {
			return 1, at.After(outage.Add(2*time.Minute)) && at.Before(outage.Add(40*time.Minute))
		},
		`ALERTS{alertname="Elsewhere",alertstate="firing",service="search"}`: func(time.Time) (float64, bool) { return 1, true },
		`ALERTS{alertname="Earlier",alertstate="firing",service="payments-api"}`: func(at time.Time) (float64, bool) {
			return 1, at.Before(outage.Add(-time.Hour))
		},
	})
	a := availability()
	a.Service = "payments-api"
	a.Exclusions = []*agreement.Exclusion{
		{Name: "upgrade", Zone: time.UTC, From: outage.Add(-time.Hour), To: outage.Add(10 * time.Minute)},
		{Name: "later", Zone: time.UTC, From: outage.Add(2 * time.Hour), To: outage.Add(3 * time.Hour)},
	}
	found, _, err := engineAt(t, address, end).Incidents(t.Context(), a, a.Objectives[0], start, end)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Len(t, found[0].Incidents, 1)
	incident := found[0].Incidents[0]
	assert.Equal(t, outage, incident.From)
	assert.Equal(t, outage.Add(20*time.Minute), incident.To)
	assert.InDelta(t, 1000, float64(incident.Bad), 1e-9)
	assert.Equal(t, []string{"upgrade"}, incident.Exclusions)
	assert.Equal(t, []string{"PaymentsDown"}, incident.Alerts)
	assert.Equal(t, budget.Figure(1200), found[0].Repair.MeanSecondsToRepair)
}

// An incident over the turn of a month, and one that goes on after the range, are
// told as what they were.
func TestAnIncidentIsTheSameWhicheverRangeIsAskedFor(t *testing.T) {
	begin := time.Date(2026, 4, 29, 22, 0, 0, 0, time.UTC)
	end := begin.Add(70 * time.Hour)
	address := answering(t, points(func(query string, at int64) string {
		if when := time.Unix(at, 0); strings.Contains(query, "errors") && when.After(begin) && !when.After(end) {
			return "50"
		} else if strings.Contains(query, "errors") {
			return "0"
		} else if when.After(end) { // a range that ends later is of busier windows
			return "1000"
		}
		return "100"
	}))
	may := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for name, window := range map[string]agreement.Window{"rolling": {Rolling: 24 * time.Hour}, "calendar": {Calendar: agreement.Month}} {
		a := availability()
		a.Objectives[0].Window = window
		shares := map[float64]bool{}
		for part, asked := range map[string][2]time.Time{
			"whole":                  {begin.Add(-time.Hour), end.Add(time.Hour)},
			"from the turn on":       {may, end.Add(time.Hour)},
			"an hour of the turn":    {may, may.Add(time.Hour)},
			"an hour of its last":    {end.Add(-time.Hour), end},
			"its first ten minutes":  {begin, begin.Add(10 * time.Minute)},
			"up to inside it, later": {begin.AddDate(0, 0, -20), begin.Add(69 * time.Hour)},
			"too little to be told":  {begin.AddDate(0, 0, -1), begin.Add(5 * time.Minute)},
			"of a whole budget":      {end.Add(-5 * time.Minute), end},
		} {
			found, _, err := engineAt(t, address, noon).Incidents(t.Context(), a, a.Objectives[0], asked[0], asked[1])
			require.NoError(t, err)
			require.Len(t, found[0].Incidents, 1, "%s, %s", name, part)
			incident := found[0].Incidents[0]
			assert.Equal(t, begin, incident.From, "%s, %s", name, part)
			assert.Equal(t, end, incident.To, "%s, %s", name, part)
			assert.Equal(t, 70*12*50.0, float64(incident.Bad), "%s, %s", name, part)
			assert.False(t, incident.Ongoing)
			shares[math.Round(1e9*float64(incident.Share))] = true
		}
		assert.Len(t, shares, 1, "it took one share of the budget, whatever was asked: %s", name)
	}
}

// One without an end or a beginning is told as far as may be asked for.
func TestAnIncidentWithoutAnEndIsToldUpToNow(t *testing.T) {
	address := answering(t, points(func(string, int64) string { return "100" }))
	a := availability()
	found, _, err := engineAt(t, address, noon).Incidents(t.Context(), a, a.Objectives[0], noon.Add(-time.Hour), noon)
	require.NoError(t, err)
	require.Len(t, found[0].Incidents, 1)
	assert.Equal(t, noon.AddDate(-measure.MaxYears, 0, 0), found[0].Incidents[0].From)
	assert.Equal(t, noon, found[0].Incidents[0].To)
	assert.True(t, found[0].Incidents[0].Ongoing)
}

// The clock goes on while the answer is computed, and the first slot begins before the limit.
func TestAnIncidentWithoutABeginningIsToldWhileTheClockRuns(t *testing.T) {
	address := answering(t, points(func(string, int64) string { return "100" }))
	a := availability()
	var looks atomic.Int64
	service := measure.New(connect(t, address), counting.Options{Now: func() time.Time {
		return noon.Add(3*time.Minute + time.Duration(looks.Add(1))*time.Millisecond)
	}})
	found, _, err := service.Incidents(t.Context(), a, a.Objectives[0], noon.Add(-time.Hour), noon)
	require.NoError(t, err)
	require.Len(t, found[0].Incidents, 1)
	assert.Equal(t, noon.AddDate(-measure.MaxYears, 0, 0), found[0].Incidents[0].From)
}
