package measure

import (
	"context"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/scope"
)

// DefaultPeriods is how many periods a history has.
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

// History is the objective period by period, oldest first: past ones whole,
// the current one to date. A rolling window has no periods, so its history is
// told by month.
func (s *Service) History(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, at time.Time, window *agreement.Window, periods int) []Period {
	unit := o.Window
	if window != nil {
		unit = InZone(*window, a, o)
	}
	unit = agreement.Window{Calendar: unit.Calendar, Zone: unit.Zone}
	if !unit.IsCalendar() {
		unit = agreement.Window{Calendar: agreement.Month, Zone: a.Zone}
	}
	// Past periods are read apart from the current one: their slots are closed,
	// so they are told also while Prometheus cannot be asked.
	ranges := [2][2]int{{1 - periods, -1}, {0, 0}}
	var readings [2]*Reading
	errs := parallel.Each(ctx, len(ranges), len(ranges), func(ctx context.Context, i int) (err error) {
		if first, last := ranges[i][0], ranges[i][1]; o.OtherConnection == "" && first <= last {
			readings[i], err = s.readPeriods(ctx, a, o, unit, at, first, last)
		}
		return err
	})
	var rows []Period
	for offset := 1 - periods; offset <= 0; offset++ {
		window, part := unit, 0
		if window.Offset = offset; offset == 0 {
			part = 1
		}
		question := budget.Question{Window: window, Effective: a.Effective, At: at}
		for _, result := range resultsOf(a, o, question, func() (*Reading, error) { return readings[part], errs[part] }) {
			rows = append(rows, Period{Result: result, Name: window.PeriodName(at), Revision: revisionIn(o, result.To)})
		}
	}
	return rows
}

// readPeriods reads the periods from the one with offset first to that with
// offset last.
func (s *Service) readPeriods(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, unit agreement.Window, at time.Time, first, last int) (*Reading, error) {
	unit.Offset = first
	from, _ := unit.At(at)
	unit.Offset = last
	to := budget.Question{Window: unit, At: at}.To()
	if last == 0 {
		from = budget.LookbackStart(unit, nil, to)
	}
	return s.Read(ctx, a, o, from, to, budget.Horizon(unit, at), func(scope.Intervals) time.Time { return from })
}

func revisionIn(o *agreement.Objective, to time.Time) time.Time {
	var in time.Time
	for _, revision := range o.Revisions {
		if revision.From.Before(to) {
			in = revision.From
		}
	}
	return in
}
