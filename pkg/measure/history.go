package measure

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
)

// DefaultPeriods is the default number of periods of a history.
const DefaultPeriods = 12

// Period is one objective and group over one calendar period.
type Period struct {
	Result
	// Name of the period: 2026-10, 2026-W41, 2026-Q4, 2026 or 2026-10-31.
	Name string
	// Revision is the start of the target's last revision in force in the
	// period; zero without one.
	Revision time.Time
}

// History returns the results of the objective period by period, oldest first: past
// periods whole, the current one to date. A rolling window has no periods, so its
// history is by month. 0 periods means DefaultPeriods. With 0, or without a window,
// periods that begin more than MaxYears before now are left out; otherwise they are an
// error.
func (s *Service) History(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, at time.Time, window *agreement.Window, periods int) []Period {
	all, err := s.history(ctx, a, o, at, window, periods, new(atomic.Int64))
	if err != nil {
		return failedPeriod(a, o, at, window, err)
	}
	return all
}

// history is History, adding its rows to those of all objectives.
func (s *Service) history(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, at time.Time,
	window *agreement.Window, periods int, rows *atomic.Int64) (all []Period, err error) {
	if s.plan != nil {
		rows = new(atomic.Int64)
	}
	unit := periodUnit(a, o, window)
	fewerWillDo := window == nil || periods == 0
	if periods, err = s.checkPeriods(unit, at, cmp.Or(periods, DefaultPeriods), fewerWillDo); err != nil {
		return nil, err
	}
	// Past periods are read separately from the current one: their slots are closed,
	// so they may be cached when Prometheus is not available.
	past := sync.OnceValues(func() (*Reading, error) { return s.readPeriods(ctx, a, o, unit, at, 1-periods, -1) })
	for unit.Offset = 1 - periods; unit.Offset <= 0; unit.Offset++ {
		question := budget.Question{Window: unit, Effective: a.Effective, At: at}
		results := resultsOf(ctx, a, o, question, func() (reading *Reading, err error) {
			if unit.Offset < 0 {
				reading, err = past()
			}
			if unit.Offset == 0 || err != nil && s.plan == nil && !counting.GoesOnLater(err) { // one that cannot be read must not fail the others
				reading, err = s.readPeriods(ctx, a, o, unit, at, unit.Offset, unit.Offset)
			}
			return reading, err
		})
		if err := count(rows, len(results), maxRows, "periods of all objectives and groups", "take fewer periods or fewer objectives"); err != nil {
			return nil, err
		}
		for _, result := range results {
			period := Period{Result: result, Name: unit.Period(at).Name()}
			for _, revision := range o.Revisions {
				if revision.From.Before(result.To) {
					period.Revision = revision.From
				}
			}
			all = append(all, period)
		}
	}
	return all, nil
}

// Histories returns the histories of all objectives of the agreements, in the order of
// the documents, see [Service.History].
func (s *Service) Histories(ctx context.Context, agreements []*agreement.Agreement, at time.Time, window *agreement.Window, periods int) []Period {
	var all []Period
	var rows atomic.Int64
	answers, cost := Together(ctx, s, agreements, func(ctx context.Context, s *Service, a *agreement.Agreement, o *agreement.Objective) ([]Period, error) {
		return s.history(ctx, a, o, at, window, periods, &rows)
	})
	for _, answer := range answers {
		if answer.Err != nil {
			answer.Value = failedPeriod(answer.Agreement, answer.Objective, at, window, answer.Err)
		}
		all = append(all, answer.Value...)
	}
	if len(all) > 0 {
		all[0].Measurement.Cost.Add(cost)
	}
	return all
}

// periodUnit returns the calendar window of the periods.
func periodUnit(a *agreement.Agreement, o *agreement.Objective, window *agreement.Window) agreement.Window {
	unit := o.Window
	if window != nil {
		unit = InZone(*window, a, o)
	}
	if !unit.IsCalendar() {
		return agreement.Window{Calendar: agreement.Month, Zone: a.Zone}
	}
	return agreement.Window{Calendar: unit.Calendar, Zone: unit.Zone}
}

// failedPeriod returns the current period of an objective whose history failed.
func failedPeriod(a *agreement.Agreement, o *agreement.Objective, at time.Time, window *agreement.Window, err error) []Period {
	unit := periodUnit(a, o, window)
	return []Period{{Result: failed(a, o, budget.Question{Window: unit, At: at}, err)[0], Name: unit.Period(at).Name()}}
}

// readPeriods reads the periods from offset first to offset last.
func (s *Service) readPeriods(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, unit agreement.Window, at time.Time, first, last int) (*Reading, error) {
	unit.Offset = first
	from, _ := unit.At(at)
	unit.Offset = last
	to := budget.Question{Window: unit, At: at}.To()
	if last == 0 {
		from = budget.LookbackStart(unit, nil, to)
	}
	return s.Read(ctx, a, o, from, to, budget.Horizon(unit, at))
}
