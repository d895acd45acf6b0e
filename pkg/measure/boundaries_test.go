package measure_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

// steady answers a hundred events a slot, of which one is bad.
func steady(t testing.TB) string {
	return answering(t, points(func(query string, _ int64) string {
		if strings.Contains(query, "errors") {
			return "1"
		}
		return "100"
	}))
}

// nothing answers that there are no series.
func nothing(t testing.TB) string {
	return answering(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
	})
}

func TestWhatMayBeAskedForReachesUpToItsLimit(t *testing.T) {
	e := engineAt(t, nothing(t), noon)
	a := availability()
	o := a.Objectives[0]
	fiveYears := func(moment time.Duration) error { return e.Check(nil, noon.AddDate(-5, 0, 0).Add(moment)) }
	assert.NoError(t, fiveYears(0))
	assert.ErrorContains(t, fiveYears(-time.Millisecond), "the instant reaches back")
	ahead := func(moment time.Duration) error { return e.Check(nil, noon.AddDate(5, 0, 0).Add(moment)) }
	assert.NoError(t, ahead(0))
	assert.ErrorContains(t, ahead(time.Millisecond), "more than 5 years ahead")
	window := func(rolling time.Duration) error { return e.Check(&agreement.Window{Rolling: rolling}, noon) }
	assert.NoError(t, window(noon.Sub(noon.AddDate(-5, 0, 0))))
	assert.ErrorContains(t, window(noon.Sub(noon.AddDate(-5, 0, 0))+1), "reaches back")

	day := &agreement.Window{Calendar: agreement.Day}
	for periods, want := range map[int]int{-1: 0, 0: measure.DefaultPeriods, 1: 1, 2: 2, 400: 400, 401: 0} {
		history := e.History(t.Context(), a, o, noon, day, periods)
		if want == 0 {
			require.Len(t, history, 1)
			assert.ErrorContains(t, history[0].Err, "periods: must be from 1 to 400")
			continue
		}
		assert.Len(t, history, want)
		assert.NoError(t, history[want-1].Err)
		assert.Equal(t, "2026-06-01", history[want-1].Name)
	}

	series := func(q measure.SeriesQuestion) ([]measure.Series, error) {
		q.Kind, q.To = measure.BurnRateSeries, noon
		all, _, err := e.Series(t.Context(), a, o, q)
		return all, err
	}
	all, err := series(measure.SeriesQuestion{From: noon.Add(-50_000 * 5 * time.Minute), Step: 1, BurnWindows: []time.Duration{time.Hour}})
	require.NoError(t, err)
	assert.Len(t, all[0].Points, 50_000)
	_, err = series(measure.SeriesQuestion{From: noon.Add(-50_001 * 5 * time.Minute), Step: 1, BurnWindows: []time.Duration{time.Hour}})
	assert.ErrorContains(t, err, "50001 points asked for")
	_, err = series(measure.SeriesQuestion{From: noon.Add(-time.Hour), Step: time.Hour, BurnWindows: make([]time.Duration, 20)})
	assert.NoError(t, err)
	_, err = series(measure.SeriesQuestion{From: noon, Step: time.Hour})
	assert.ErrorContains(t, err, "before it begins")
	_, err = series(measure.SeriesQuestion{From: noon.Add(-10 * time.Hour), Step: time.Hour, BurnWindows: make([]time.Duration, 2), Points: alreadyAsked(measure.MaxAllPoints - 20)})
	assert.NoError(t, err, "just as many as all series may have")
	_, err = series(measure.SeriesQuestion{From: noon.Add(-10 * time.Hour), Step: time.Hour, BurnWindows: make([]time.Duration, 2), Points: alreadyAsked(measure.MaxAllPoints - 19)})
	assert.ErrorContains(t, err, "the limit is 2000000")
}

func TestAStepIsRoundedUpToSlotsAndSlices(t *testing.T) {
	e := engineAt(t, steady(t), noon)
	a := availability()
	o := a.Objectives[0]
	for step, want := range map[time.Duration]string{0: "5m", time.Second: "5m", 5 * time.Minute: "5m", 5*time.Minute + 1: "10m", time.Hour: "1h"} {
		got, _, err := e.Series(t.Context(), a, o, measure.SeriesQuestion{Kind: measure.SLISeries, From: noon.Add(-2 * time.Hour), To: noon, Step: step})
		require.NoError(t, err)
		assert.Equal(t, want, got[0].Labels["window"], "%s", step)
	}
	o.Budgeting, o.TimeSliceWindow, o.TimeSliceTarget = agreement.Timeslices, 15*time.Minute, 0.9
	got, _, err := e.Series(t.Context(), a, o, measure.SeriesQuestion{Kind: measure.EventsSeries, From: noon.Add(-2 * time.Hour), To: noon, Step: 20 * time.Minute})
	require.NoError(t, err)
	assert.Equal(t, "30m", got[0].Labels["window"])
	for _, point := range got[0].Points {
		assert.Equal(t, 2.0, float64(point.Value), "slices that were good")
	}
}

func TestARangeWithoutAPointIsAnEmptySeries(t *testing.T) {
	a := availability()
	got, _, err := engineAt(t, steady(t), noon).Series(t.Context(), a, a.Objectives[0],
		measure.SeriesQuestion{Kind: measure.SLISeries, From: noon.Add(-4 * time.Minute), To: noon.Add(-time.Minute)})
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.Empty(t, got[0].Points)
}

func TestAWindowIsInTheZoneOfTheObjectiveOrTheAgreement(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	a := availability()
	o := a.Objectives[0]
	day := agreement.Window{Calendar: agreement.Day}
	assert.Equal(t, time.UTC, measure.InZone(day, a, o).Zone)
	o.Window.Zone = berlin
	assert.Equal(t, berlin, measure.InZone(day, a, o).Zone)
	day.Zone = time.UTC
	assert.Equal(t, time.UTC, measure.InZone(day, a, o).Zone, "its own comes first")
}

func TestAStatusHasTheUsualBurnWindows(t *testing.T) {
	e := engineAt(t, steady(t), noon)
	a := []*agreement.Agreement{availability()}
	assert.Len(t, status(e, a, noon)[0].Objectives[0].Burn, len(measure.DefaultBurnWindows()))
	asked := measure.Question{At: noon, BurnWindows: []time.Duration{time.Hour}}
	assert.Len(t, e.Status(t.Context(), a, asked)[0].Objectives[0].Burn, 1)
	asked.Unreachable = errors.New("no route")
	assert.EqualError(t, e.Status(t.Context(), a, asked)[0].Objectives[0].Err, "no route")
}

// The first point of a series is as whole as the last.
func TestASeriesIsReadAsFarBackAsItsFirstPointLooks(t *testing.T) {
	a := availability()
	a.Provider = "team"
	for kind, want := range map[measure.SeriesKind]float64{measure.ComplianceSeries: 0.99, measure.BudgetSeries: 0, measure.BurnRateSeries: 1, measure.SLISeries: 0.99, measure.EventsSeries: 1200 - 12} {
		e := engineAt(t, steady(t), noon)
		got, _, err := e.Series(t.Context(), a, a.Objectives[0], measure.SeriesQuestion{Kind: kind, From: noon.Add(-3 * time.Hour), To: noon,
			Step: time.Hour, BurnWindows: []time.Duration{5 * time.Minute, 7 * time.Hour}})
		require.NoError(t, err)
		require.Len(t, got[0].Points, 3)
		for _, line := range got {
			if line.Labels[measure.CountedLabel] == measure.Bad {
				want = 12
			}
			for _, point := range line.Points {
				assert.InDelta(t, want, float64(point.Value), 1e-9, "%s at %s", kind, point.At)
			}
			assert.Equal(t, "team", line.Labels["provider"])
			assert.Equal(t, kind == measure.EventsSeries, line.Labels[measure.CountedLabel] != "")
		}
	}
}

func TestPointsOutsideOfTheAgreementAreAbsentUnlessRaw(t *testing.T) {
	e := engineAt(t, steady(t), noon)
	a := availability()
	a.Effective.From = noon.Add(-90 * time.Minute)
	for _, raw := range []bool{false, true} {
		got, _, err := e.Series(t.Context(), a, a.Objectives[0], measure.SeriesQuestion{Kind: measure.SLISeries, From: noon.Add(-3 * time.Hour), To: noon, Step: time.Hour, Raw: raw})
		require.NoError(t, err)
		var known []bool
		for _, point := range got[0].Points {
			known = append(known, point.Value.Known())
		}
		assert.Equal(t, []bool{raw, true, true}, known)
		if raw {
			assert.InDelta(t, 0.99, float64(got[0].Points[0].Value), 1e-12)
		}
	}
}

func TestALabelOfAGroupDoesNotHideOneOfOurs(t *testing.T) {
	a := availability()
	a.Service = "payments-api"
	a.Objectives[0].GroupBy = []string{"service", "group_service", "region"}
	e := engineAt(t, answering(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"service":"checkout","group_service":"shop","region":"eu"},"values":[[%s,"5"]]}]}}`, r.FormValue("start"))
	}), noon)
	got, _, err := e.Series(t.Context(), a, a.Objectives[0], measure.SeriesQuestion{Kind: measure.SLISeries, From: noon.Add(-time.Hour), To: noon, Step: time.Hour})
	require.NoError(t, err)
	require.NotEmpty(t, got)
	assert.Equal(t, map[string]string{"agreement": "payments", "objective": "availability", "service": "payments-api", "window": "1h",
		"group_service": "shop", "group_group_service": "checkout", "region": "eu"}, got[0].Labels)
}

// A period shows the last revision in force in it, not one that begins as it ends.
func TestAPeriodNamesItsRevision(t *testing.T) {
	e := engineAt(t, steady(t), noon)
	a := availability()
	midnight := noon.Add(-12 * time.Hour)
	a.Objectives[0].Revisions = []agreement.Revision{{From: midnight.Add(-30 * time.Hour), Target: 0.9}, {From: midnight, Target: 0.8}}
	history := e.History(t.Context(), a, a.Objectives[0], noon, &agreement.Window{Calendar: agreement.Day}, 4)
	var revisions []time.Time
	for _, period := range history {
		require.NoError(t, period.Err)
		revisions = append(revisions, period.Revision)
	}
	first := midnight.Add(-30 * time.Hour)
	assert.Equal(t, []time.Time{{}, first, first, midnight}, revisions)
	assert.Equal(t, []bool{true, true, true, false}, []bool{history[0].Closed, history[1].Closed, history[2].Closed, history[3].Closed})
	for _, period := range history {
		assert.InDelta(t, 0.99, float64(period.Compliance), 1e-12)
		assert.Equal(t, 100.0*float64(period.To.Sub(period.From)/(5*time.Minute)), float64(period.Total), period.Name)
	}
}

func TestAnAgreementThatIsNotActivePromisesNothing(t *testing.T) {
	active, proposed := availability(), availability()
	proposed.Stage = agreement.Proposed
	proposed.Objectives = append(proposed.Objectives, availability().Objectives[0])
	var progress [][2]int
	results := engineAt(t, steady(t), noon).Status(t.Context(), []*agreement.Agreement{active, proposed},
		measure.Question{At: noon, Progress: func(done, total int) { progress = append(progress, [2]int{done, total}) }})
	assert.Equal(t, budget.AtRisk, results[0].State)
	assert.Equal(t, budget.Inactive, results[1].State)
	assert.Len(t, results[1].Objectives, 2)
	assert.Equal(t, [][2]int{{1, 3}, {2, 3}, {3, 3}}, progress)
}

// The evidence of a period is what its history shows.
func TestEvidenceIsTheWholePeriod(t *testing.T) {
	e := engineAt(t, steady(t), noon)
	a := availability()
	period := agreement.CalendarPeriod{Unit: agreement.Day, First: agreement.Date{Year: 2026, Month: 5, Day: 31}}
	evidence, err := e.Evidence(t.Context(), a, a.Objectives[0], period)
	require.NoError(t, err)
	results, err := evidence.Results(t.Context())
	require.NoError(t, err)
	require.Len(t, results, 1)
	history := e.History(t.Context(), a, a.Objectives[0], noon, &agreement.Window{Calendar: agreement.Day}, 2)
	assert.Equal(t, history[0].Balance, results[0].Balance)
	assert.Equal(t, 28800.0, float64(results[0].Total))
	assert.True(t, results[0].Closed)

	a.Effective.From = noon
	results, err = evidence.Results(t.Context())
	require.NoError(t, err)
	assert.Equal(t, budget.Inactive, results[0].State)

	a.Objectives[0].OtherConnection = "measured elsewhere"
	_, err = e.Evidence(t.Context(), a, a.Objectives[0], period)
	assert.EqualError(t, err, "measured elsewhere")
	_, _, err = e.Incidents(t.Context(), a, a.Objectives[0], noon.Add(-time.Hour), noon)
	assert.EqualError(t, err, "measured elsewhere")
	_, _, err = e.Series(t.Context(), a, a.Objectives[0], measure.SeriesQuestion{Kind: measure.SLISeries, From: noon.Add(-time.Hour), To: noon})
	assert.EqualError(t, err, "measured elsewhere")
}

// The unknown time of a group begins with its first sample in what is read: a period has the
// same figures by itself and beside others, in which the group was there before.
func TestAPeriodIsTheSameBesideOthers(t *testing.T) {
	begins, ends := noon.Add(-36*time.Hour).Unix(), noon.Add(-30*time.Hour).Unix()
	e := engineAt(t, answering(t, points(func(_ string, at int64) string {
		if at > begins && at <= ends {
			return "NaN"
		}
		return "0"
	})), noon)
	a := availability()
	a.Objectives[0].SLI = agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: `failing`}}
	a.Objectives[0].GroupBy, a.Objectives[0].NoData = []string{"region"}, agreement.NoDataBad
	yesterday := agreement.Window{Calendar: agreement.Day, Offset: -1}
	alone := e.Status(t.Context(), []*agreement.Agreement{a}, measure.Question{At: noon, Window: &yesterday})[0].Objectives[0]
	require.NoError(t, alone.Err)
	assert.Equal(t, 18*3600.0, float64(alone.Total))
	for _, periods := range []int{2, 3} {
		history := e.History(t.Context(), a, a.Objectives[0], noon, &agreement.Window{Calendar: agreement.Day}, periods)
		assertSame(t, alone, history[len(history)-2].Result)
	}
}

// A day whose counts cannot be costs the days after it nothing.
func TestAPeriodThatCannotBeMeasuredIsOneOfItsHistory(t *testing.T) {
	start := noon.Add(-84 * time.Hour)
	address := history(t, start, noon, map[string]func(time.Time) (float64, bool){
		`requests_total`: func(at time.Time) (float64, bool) { return at.Sub(start).Minutes(), true },
		`errors_total`:   func(at time.Time) (float64, bool) { return 2 * min(24*60, at.Sub(start).Minutes()), true },
	})
	a := availability()
	days := engineAt(t, address, noon).History(t.Context(), a, a.Objectives[0], noon, &agreement.Window{Calendar: agreement.Day}, 4)
	require.Len(t, days, 4)
	assert.ErrorContains(t, days[0].Err, "bad cannot be: 2880 bad of 1440 in all")
	for _, day := range days[1:3] {
		require.NoError(t, day.Err)
		assert.Equal(t, [2]budget.Figure{1440, 0}, [2]budget.Figure{day.Total, day.Bad})
	}
}

func TestAPeriodIsThatOfItsZone(t *testing.T) {
	a := availability()
	period := agreement.CalendarPeriod{Unit: agreement.Month, First: agreement.Date{Year: 2026, Month: 5, Day: 1}}
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		ofAgreement, ofWindow *time.Location
		from                  time.Time
	}{
		"of nobody":        {nil, nil, time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)},
		"of the agreement": {berlin, nil, time.Date(2026, 4, 30, 22, 0, 0, 0, time.UTC)},
		"of the objective": {time.UTC, berlin, time.Date(2026, 4, 30, 22, 0, 0, 0, time.UTC)},
	} {
		a.Zone, a.Objectives[0].Window.Zone = c.ofAgreement, c.ofWindow
		_, from, to := measure.PeriodOf(a, a.Objectives[0], period)
		assert.Equal(t, c.from, from, name)
		assert.Equal(t, c.from.Add(31*24*time.Hour), to, name)
	}
}

func TestNothingIsAskedForWhatIsMeasuredElsewhere(t *testing.T) {
	e, ranges := countingRequests(t)
	a := availability()
	a.Objectives[0].OtherConnection = "measured elsewhere"
	for _, period := range e.History(t.Context(), a, a.Objectives[0], noon, nil, 3) {
		assert.Equal(t, "measured elsewhere", period.Reason)
	}
	assert.Zero(t, ranges.Load())
}

// What fired is told to the minute, in the order in which it began.
func TestFiredAlertsAreTold(t *testing.T) {
	address := answering(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "60", r.FormValue("step"))
		first := noon.Add(-time.Hour).Unix()
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[
			{"metric":{"alertname":"B"},"values":[[%d,"1"],[%d,"1"],[%d,"1"]]},{"metric":{"alertname":"A"},"values":[[%d,"1"],[%d,"1"]]}]}}`,
			first+60, first+120, first+600, first+60, first+3660)
	})
	fired, err := engineAt(t, address, noon).FiredAlerts(t.Context(), availability(), noon.Add(-time.Hour), noon)
	require.NoError(t, err)
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes-60) * time.Minute) }
	assert.Equal(t, []measure.FiredAlert{{Name: "A", From: at(0), To: at(1)}, {Name: "B", From: at(0), To: at(2)}, {Name: "B", From: at(9), To: at(10)}}, fired)
}
