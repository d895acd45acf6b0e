package measure

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/scope"
)

// Evidence is all that the figures of one objective over one whole period are computed
// from. [Evidence.Results] computes them without any request.
type Evidence struct {
	counting.Period
	Agreement *agreement.Agreement
	// Window is the calendar window of the period.
	Window agreement.Window
	// Scope covers the period.
	Scope scope.Scope
}

// PeriodOf returns the period over which the objective is measured: in the zone of
// its calendar window, else in that of its agreement.
func PeriodOf(a *agreement.Agreement, o *agreement.Objective, period agreement.CalendarPeriod) (window agreement.Window, from, to time.Time) {
	window = InZone(agreement.Window{Calendar: period.Unit}, a, o)
	window.Zone = cmp.Or(window.Zone, time.UTC)
	from, to = period.Span(window.Zone)
	return window, from.UTC(), to.UTC()
}

// Evidence counts an objective over a whole period, bypassing the cache. All slots of
// the period must be closed, see [counting.Service.Settled].
func (s *Service) Evidence(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, period agreement.CalendarPeriod) (v Evidence, err error) {
	defer parallel.Recover(&err)
	if o.OtherConnection != "" {
		return v, errors.New(o.OtherConnection)
	}
	window, from, to := PeriodOf(a, o, period)
	if err := s.checkSpan("period "+period.Name(), from, to); err != nil {
		return v, err
	}
	inScope, err := scope.Of(ctx, a, from, to)
	if err != nil {
		return v, err
	}
	counts, err := s.CountPeriod(ctx, o, from, to)
	if err != nil {
		return v, err
	}
	return Evidence{*counts, a, window, inScope}, nil
}

// PeriodResult is the result of one group over the whole period.
type PeriodResult struct {
	Result
	// AdjustedLedger counts what is in scope, RawLedger every slot of the
	// period.
	AdjustedLedger, RawLedger *budget.Ledger
	Incidents                 GroupIncidents
}

// Results returns the result of each group, or of one without samples if there is none.
func (v Evidence) Results(ctx context.Context) (all []PeriodResult, err error) {
	defer parallel.Recover(&err)
	reading := &Reading{v.Period.Result(), v.Agreement, v.Scope, v.To}
	past := v.Window
	past.Offset = -1
	// The period is the last whole one just after its end.
	question := budget.Question{Window: past, Effective: v.Agreement.Effective, At: v.To.Add(time.Millisecond)}
	for ledgers := range reading.Ledgers(ctx, v.From, v.To) {
		result := PeriodResult{AdjustedLedger: ledgers.Adjusted, RawLedger: ledgers.Raw(v.From), Incidents: GroupIncidents{Group: ledgers.Group, Repair: budget.RepairOf(nil)}}
		if reason := question.Inactive(); reason != "" {
			result.Result = single(v.Agreement, v.Objective, question, budget.Inactive, reason)
			result.Group = ledgers.Group
			return append(all, result), nil
		}
		result.Result = reading.result(ledgers, question)
		if result.Incidents, err = reading.incidents(ctx, ledgers, v.Window, v.From, v.To); err != nil {
			return nil, err
		}
		all = append(all, result)
	}
	return all, ctx.Err()
}
