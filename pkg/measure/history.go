package measure

import (
	"context"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
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
func (e *Engine) History(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, at time.Time, window *agreement.Window, periods int) []Period {
	unit := o.Window
	if window != nil {
		unit = overridden(*window, a, o)
	}
	unit = agreement.Window{Calendar: unit.Calendar, Zone: unit.Zone}
	if !unit.IsCalendar() {
		unit = agreement.Window{Calendar: agreement.Month, Zone: a.Zone}
	}
	// Past periods are read apart from the current one: their slots are closed,
	// so they are told also while Prometheus cannot be asked.
	var rows []Period
	past := e.openPeriods(ctx, a, o, unit, at, 1-periods, -1)
	current := e.openPeriods(ctx, a, o, unit, at, 0, 0)
	for offset := 1 - periods; offset <= 0; offset++ {
		window := unit
		window.Offset = offset
		opened := past
		if offset == 0 {
			opened = current
		}
		for _, result := range opened.results(a, o, window, at) {
			rows = append(rows, Period{Result: result, Name: window.PeriodName(at), Revision: revisionIn(o, result.To)})
		}
	}
	return rows
}

// opened are the slots of some periods, or why they could not be read.
type opened struct {
	reading *reading
	err     error
}

// openPeriods reads the periods from the one with offset first to that with
// offset last.
func (e *Engine) openPeriods(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, unit agreement.Window, at time.Time, first, last int) opened {
	if o.OtherConnection != "" || first > last {
		return opened{}
	}
	unit.Offset = first
	from, _ := unit.At(at)
	unit.Offset = last
	to := budget.Question{Window: unit, At: at}.To()
	reach := from
	if last == 0 {
		reach = budget.Reach(unit, nil, to)
	}
	read, err := e.open(ctx, a, o, reach, to, budget.Horizon(unit, at), func(scope.Intervals) time.Time { return reach })
	return opened{read, err}
}

// results are those of one of the periods.
func (p opened) results(a *agreement.Agreement, o *agreement.Objective, window agreement.Window, at time.Time) []Result {
	question := budget.Question{Window: window, Effective: a.Effective, At: at}
	single := func(status budget.Status) []Result {
		return []Result{{Agreement: a, Objective: o, Group: map[string]string{}, Status: status, Raw: absentBalance(status), Err: p.err}}
	}
	switch reason := question.Inactive(); {
	case reason != "":
		return single(budget.InactiveStatus(window, at, reason))
	case p.err != nil:
		return single(budget.UnmeasuredStatus(window, at, p.err.Error()))
	case p.reading == nil:
		return single(budget.UnmeasuredStatus(window, at, o.OtherConnection))
	}
	from, _ := window.At(at)
	var results []Result
	for _, ledgers := range p.reading.groups(from, question.To()) {
		results = append(results, p.reading.result(ledgers, question))
	}
	return results
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
