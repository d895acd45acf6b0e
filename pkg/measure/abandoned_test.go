package measure_test

import (
	"context"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
)

// patience is a context that has ended when it was asked so many times.
type patience struct {
	context.Context
	left, asked atomic.Int64
}

func (p *patience) Err() error {
	p.asked.Add(1)
	if p.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// Arithmetic over many instants ends with its asker: the context is asked on the
// way, and little is done once it has ended.
func TestArithmeticEndsWithItsAsker(t *testing.T) {
	e := engineAt(t, answering(t, points(func(string, int64) string { return "5" })), noon)
	a := availability()
	o := a.Objectives[0]
	sliced := availability()
	sliced.Objectives[0].Budgeting, sliced.Objectives[0].TimeSliceWindow, sliced.Objectives[0].TimeSliceTarget = agreement.Timeslices, 5*time.Minute, 0.9
	from := noon.AddDate(0, 0, -20)
	for name, ask := range map[string]func(context.Context) error{
		"backtest": func(ctx context.Context) error {
			_, _, err := planning.RunBacktest(ctx, e, planning.Present(a, o), planning.BacktestQuestion{From: from, To: noon})
			return err
		},
		"series": func(ctx context.Context) error {
			_, _, err := e.Series(ctx, a, o, measure.SeriesQuestion{Kind: measure.BudgetSeries, From: from, To: noon, Step: 5 * time.Minute})
			return err
		},
		"history of slices": func(ctx context.Context) error {
			history := e.History(ctx, sliced, sliced.Objectives[0], noon, nil, 2)
			return history[len(history)-1].Err
		},
	} {
		t.Run(name, func(t *testing.T) {
			whole := &patience{Context: t.Context()}
			whole.left.Store(math.MaxInt64)
			require.NoError(t, ask(whole))
			total := whole.asked.Load()
			require.Greater(t, total, int64(1000), "the context is asked on the way")

			short := &patience{Context: t.Context()}
			short.left.Store(total / 2)
			require.ErrorIs(t, ask(short), context.Canceled)
			assert.Less(t, short.asked.Load(), total/2+20, "nothing goes on")
		})
	}
}
