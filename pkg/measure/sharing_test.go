package measure_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
)

// oneSeries answers each range query with a constant.
func oneSeries(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[` + r.Form.Get("start") + `,"5"]]}]}}`))
}

// The panels of a dashboard come one after the other; within ten seconds they
// share also what is not remembered for good.
func TestUnsettledSlotsAreSharedForTenSeconds(t *testing.T) {
	var asked atomic.Int64
	now := noon.Add(3 * time.Minute)
	e := measure.New(connect(t, answering(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		oneSeries(w, r)
	})), counting.Options{Now: func() time.Time { return now }})
	requests := func() int64 {
		before := asked.Load()
		require.NoError(t, status(e, []*agreement.Agreement{availability()}, noon.Add(3*time.Minute))[0].Objectives[0].Err)
		return asked.Load() - before
	}
	assert.Positive(t, requests())
	now = now.Add(9 * time.Second)
	assert.Zero(t, requests(), "within ten seconds nothing is asked again")
	now = now.Add(2 * time.Second)
	assert.EqualValues(t, 2, requests(), "then the settling slots of both terms are")
}

// Three objectives whose queries differ in the value of a label cost as much as one,
// whatever is asked of all of them; and their points are counted once.
func TestObjectivesThatAreAskedForTogetherAreReadTogether(t *testing.T) {
	requests := func(services ...string) int64 {
		var asked atomic.Int64
		e := measure.New(connect(t, answering(t, func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			_ = r.ParseForm()
			w.Header().Set("Content-Type", "application/json")
			var series []string
			for _, service := range services {
				series = append(series, `{"metric":{"service":"`+service+`"},"values":[[`+r.Form.Get("start")+`,"5"]]}`)
			}
			_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"matrix","result":[` + strings.Join(series, ",") + `]}}`))
		})), counting.Options{Now: func() time.Time { return noon }})
		var all []*agreement.Agreement
		for _, service := range services {
			a := availability()
			a.Objectives[0].SLI.Bad.Expr, a.Objectives[0].SLI.Total.Expr = `bad{service="`+service+`"}`, `total{service="`+service+`"}`
			all = append(all, a)
		}
		question := measure.SeriesQuestion{Kind: measure.SLISeries, From: noon.Add(-time.Hour), To: noon, Step: 5 * time.Minute, Points: new(atomic.Int64)}
		answers, _ := measure.Together(t.Context(), e, all, func(ctx context.Context, s *measure.Service, a *agreement.Agreement, o *agreement.Objective) ([]measure.Series, error) {
			lines, _, err := s.Series(ctx, a, o, question)
			return lines, err
		})
		for _, answer := range answers {
			require.NoError(t, answer.Err)
			require.Len(t, answer.Value, 1)
		}
		require.EqualValues(t, 12*len(services), question.Points.Load())
		for _, period := range e.Histories(t.Context(), all, noon, nil, 2) {
			require.NoError(t, period.Err)
		}
		return asked.Load()
	}
	assert.Equal(t, requests("a"), requests("a", "b", "c"))
}

func TestAFailureIsNotShared(t *testing.T) {
	broken := true
	e := measure.New(connect(t, answering(t, func(w http.ResponseWriter, r *http.Request) {
		if broken {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		oneSeries(w, r)
	})), counting.Options{Now: func() time.Time { return noon }})
	require.Error(t, status(e, []*agreement.Agreement{availability()}, noon)[0].Objectives[0].Err)
	broken = false
	require.NoError(t, status(e, []*agreement.Agreement{availability()}, noon)[0].Objectives[0].Err)
}

// A fault of Accord itself fails the objective, not the process.
func TestAPanicIsAnErrorOfTheObjective(t *testing.T) {
	broken := false
	e := measure.New(connect(t, answering(t, oneSeries)), counting.Options{Now: func() time.Time {
		if broken {
			panic("the clock has stopped")
		}
		return noon
	}})
	a := availability()
	require.NoError(t, status(e, []*agreement.Agreement{a}, noon)[0].Objectives[0].Err)
	broken = true
	var fault *parallel.PanicError
	require.ErrorAs(t, status(e, []*agreement.Agreement{a}, noon)[0].Objectives[0].Err, &fault)
	assert.Contains(t, fault.Error(), "the clock has stopped")
	assert.Contains(t, string(fault.Stack), "objectiveStatus")
	_, _, err := e.Series(t.Context(), a, a.Objectives[0], measure.SeriesQuestion{Kind: measure.BudgetSeries, From: noon.Add(-time.Hour), To: noon, Step: time.Minute})
	assert.ErrorAs(t, err, &fault)
	for _, period := range e.History(t.Context(), a, a.Objectives[0], noon, nil, 2) {
		assert.ErrorAs(t, period.Err, &fault)
	}
}
