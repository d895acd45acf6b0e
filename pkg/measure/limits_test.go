package measure_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
)

// countingRequests is a service whose server counts the range queries.
func countingRequests(t testing.TB) (e *measure.Service, ranges *atomic.Int64) {
	ranges = new(atomic.Int64)
	address := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		ranges.Add(1)
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
	})
	return engineAt(t, address, noon), ranges
}

func TestWhatAsksTooMuchIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	year := func(offset int) *agreement.Window { return &agreement.Window{Calendar: agreement.Year, Offset: offset} }
	a := availability()
	o := a.Objectives[0]
	series := func(q measure.SeriesQuestion) func(context.Context, *measure.Service) error {
		if q.To.IsZero() {
			q.To = noon
		}
		return func(ctx context.Context, e *measure.Service) error {
			_, _, err := e.Series(ctx, a, o, q)
			return err
		}
	}
	lastDay := noon.Add(-24 * time.Hour)
	const earliest = "; at most 5 years, from 2021-06-01, can be asked for"
	for name, test := range map[string]struct {
		ask  func(context.Context, *measure.Service) error
		want string
	}{
		"a window of a hundred years ago": {series(measure.SeriesQuestion{Kind: measure.ComplianceSeries, From: lastDay, Step: time.Hour, Window: year(-100)}),
			"window year:-100 reaches back to 1926-01-01" + earliest},
		"a range from 1970 on": {series(measure.SeriesQuestion{Kind: measure.SLISeries, From: time.Unix(0, 0), Step: 24 * time.Hour}),
			"the range reaches back to 1970-01-01" + earliest},
		"a range that lies ahead": {series(measure.SeriesQuestion{Kind: measure.SLISeries, From: lastDay, To: noon.AddDate(900, 0, 0), Step: 50_000 * time.Hour}),
			"the range ends on 2926-06-01, more than 5 years ahead of now, 2026-06-01"},
		"a step beyond all durations": {series(measure.SeriesQuestion{Kind: measure.SLISeries, From: time.Time{}, Step: 1<<63 - 1}),
			"reaches back to"},
		"burn windows": {series(measure.SeriesQuestion{Kind: measure.BurnRateSeries, From: lastDay, Step: time.Hour, BurnWindows: make([]time.Duration, 21)}),
			"21 burn windows given, the limit is 20"},
		"points of all lines": {series(measure.SeriesQuestion{Kind: measure.BurnRateSeries, From: noon.AddDate(0, 0, -150), Step: 5 * time.Minute, BurnWindows: make([]time.Duration, 20), Points: alreadyAsked(1_500_000)}),
			"points of all series asked for, the limit is 2000000: take a longer step, a shorter range, or fewer objectives"},
		"a status of long ago": {func(ctx context.Context, e *measure.Service) error {
			return e.Status(ctx, []*agreement.Agreement{a}, measure.Question{At: noon.AddDate(-6, 0, 0)})[0].Objectives[0].Err
		}, "the instant reaches back to 2020-06-01" + earliest},
		"a status ahead": {func(ctx context.Context, e *measure.Service) error {
			return e.Status(ctx, []*agreement.Agreement{a}, measure.Question{At: noon.AddDate(7000, 0, 0)})[0].Objectives[0].Err
		}, "the instant ends on 9026-06-01, more than 5 years ahead"},
		"incidents of all time": {func(ctx context.Context, e *measure.Service) error {
			_, _, err := e.Incidents(ctx, a, o, time.Time{}, noon)
			return err
		}, "reaches back to"},
		"alerts of all time": {func(ctx context.Context, e *measure.Service) error {
			_, err := e.FiredAlerts(ctx, a, time.Time{}, noon)
			return err
		}, "reaches back to 0001-01-01" + earliest},
		"years of history": {func(ctx context.Context, e *measure.Service) error {
			return e.History(ctx, a, o, noon, year(0), 400)[0].Err
		}, "a history of 400 years reaches back to 1627-01-01" + earliest},
		"too many periods": {func(ctx context.Context, e *measure.Service) error {
			return e.History(ctx, a, o, noon, year(0), 1<<62)[0].Err
		}, "periods: must be from 1 to 400, got 4611686018427387904"},
		"a statement of long ago": {func(ctx context.Context, e *measure.Service) error {
			_, err := e.Evidence(ctx, a, o, agreement.CalendarPeriod{Unit: agreement.Year, First: agreement.Date{Year: 2020, Month: 1, Day: 1}})
			return err
		}, "period 2020 reaches back to 2020-01-01" + earliest},
		"a backtest of long ago": {func(ctx context.Context, e *measure.Service) error {
			_, _, err := planning.RunBacktest(ctx, e, planning.Present(a, o), planning.BacktestQuestion{From: noon.AddDate(-6, 0, 0), To: noon.AddDate(-6, 1, 0)})
			return err
		}, "reaches back to"},
		"a backtest without an evaluation": {func(ctx context.Context, e *measure.Service) error {
			_, _, err := planning.RunBacktest(ctx, e, planning.Present(a, o), planning.BacktestQuestion{From: noon.Add(-4 * time.Minute), To: noon.Add(-time.Minute)})
			return err
		}, "alerts and budget are evaluated every 5m, and not once from "},
		"a backtest of many alerts": {func(ctx context.Context, e *measure.Service) error {
			many := *o
			many.Alerts = map[agreement.Severity]agreement.Alerts{agreement.Page: {Rules: make([]agreement.AlertRule, 200)}, agreement.Ticket: {Disabled: true}}
			d := planning.Present(a, &many)
			_, _, err := planning.RunBacktest(ctx, e, d, planning.BacktestQuestion{From: noon.AddDate(0, 0, -400), To: noon})
			return err
		}, "the backtest takes 23155200 evaluations (200 alerts and the budget of 1 groups every 5m), the limit is 20000000"},
	} {
		t.Run(name, func(t *testing.T) {
			e, ranges := countingRequests(t)
			err := test.ask(t.Context(), e)
			require.ErrorContains(t, err, test.want)
			var limit measure.LimitError
			assert.ErrorAs(t, err, &limit)
			assert.Zero(t, ranges.Load(), "range queries")
		})
	}
}

func alreadyAsked(n int64) *atomic.Int64 {
	sum := new(atomic.Int64)
	sum.Store(n)
	return sum
}

// Who asks for no number of periods gets those that there can be.
func TestAHistoryOfYearsBeginsWithinTheLimit(t *testing.T) {
	a := availability()
	a.Objectives[0].Window = agreement.Window{Calendar: agreement.Year}
	e, _ := countingRequests(t)
	for _, periods := range []int{0, 12} {
		history := e.History(t.Context(), a, a.Objectives[0], noon, nil, periods)
		require.Len(t, history, 5)
		assert.Equal(t, "2022", history[0].Name)
		for _, p := range history {
			assert.NoError(t, p.Err)
		}
	}
}

func TestTheRowsOfAHistoryHaveALimit(t *testing.T) {
	e, _ := countingRequests(t)
	many := make([]*agreement.Agreement, 130)
	for i := range many {
		many[i] = availability()
	}
	var limit measure.LimitError
	told := 0
	for _, p := range e.Histories(t.Context(), many, noon, &agreement.Window{Calendar: agreement.Day}, 400) {
		if p.Err != nil {
			require.ErrorAs(t, p.Err, &limit)
			require.ErrorContains(t, p.Err, "the limit is 50000: take fewer periods or fewer objectives")
		} else {
			told++
		}
	}
	assert.LessOrEqual(t, told, 50_000)
	assert.NotEmpty(t, limit)
}

// 9,999 groups are refused while they are counted, without being kept.
func TestTooManyGroupsAreRefusedWithoutBeingStored(t *testing.T) {
	e := engineAt(t, answering(t, func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, r.ParseForm())
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[`)
		for i := range 9999 {
			if i > 0 {
				fmt.Fprint(w, ",")
			}
			fmt.Fprintf(w, `{"metric":{"g":"%d"},"values":[[%s,"1"]]}`, i, r.Form.Get("start"))
		}
		fmt.Fprint(w, `]}}`)
	}), noon)
	a := availability()
	a.Objectives[0].GroupBy = []string{"g"}
	a.Objectives[0].Window = agreement.Window{Rolling: 30 * 24 * time.Hour}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	result := status(e, []*agreement.Agreement{a}, noon)[0].Objectives[0]
	runtime.ReadMemStats(&after)
	assert.ErrorContains(t, result.Err, "groupBy g gives 9999 groups, the limit is 1000: group by a label with fewer values")
	assert.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(250), "MiB allocated, those of the server included")
}
