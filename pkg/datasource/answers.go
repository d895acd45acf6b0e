package datasource

import (
	"context"
	"errors"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/tables/frames"
)

func (i *Instance) agreements(t task) data.Frames {
	frame := frames.Agreements(t.agreements)
	frames.Describe(frame, frames.Origin{Definition: t.definition})
	t.withNotices(data.Frames{frame}, nil)
	return data.Frames{frame}
}

// exclusions are those of the whole range, also where it lies ahead.
func (t task) exclusions(r backend.TimeRange) (data.Frames, error) {
	frame, err := frames.Exclusions(t.agreements, r.From, r.To)
	if err != nil {
		return nil, measureError{err}
	}
	frames.Describe(frame, frames.Origin{Definition: t.definition})
	t.withNotices(data.Frames{frame}, nil)
	return data.Frames{frame}, nil
}

func (i *Instance) status(ctx context.Context, t task) (data.Frames, error) {
	results := i.engine.Status(ctx, t.agreements, measure.Question{At: t.at, Window: t.window, BurnWindows: t.burnWindows})
	rows := frames.Rows(results)
	return t.table(frames.Status(rows, t.burnWindows, t.raw), rows)
}

func (i *Instance) history(ctx context.Context, t task) (data.Frames, error) {
	periods := i.engine.Histories(ctx, t.agreements, t.at, t.window, t.Periods)
	var rows []measure.Result
	for _, p := range periods {
		rows = append(rows, p.Result)
	}
	return t.table(frames.History(periods, t.raw), rows)
}

// table is the answer of a query with a row a result: with an error, too, when
// none of what should have been measured was.
func (t task) table(frame *data.Frame, rows []measure.Result) (data.Frames, error) {
	origin := frames.Origin{Definition: t.definition, Measurements: frames.Measurements(rows)}
	failures := frames.Failures(rows)
	frames.Describe(frame, origin)
	countCost(origin, failures)
	found := data.Frames{frame}
	if err := allFailed(failures, measurable(rows)); err != nil {
		return found, err
	}
	t.withNotices(found, failures)
	return found, nil
}

// measurable is how many of the results should have been measured.
func measurable(rows []measure.Result) int {
	n := 0
	for _, r := range rows {
		if r.Err != nil || r.Objective.OtherConnection == "" && r.State != budget.Inactive {
			n++
		}
	}
	return n
}

// alert gives each objective its numbers, also those of before that cannot be
// measured now.
func (i *Instance) alert(ctx context.Context, t task) (data.Frames, error) {
	results := i.engine.Status(ctx, t.agreements, measure.Question{At: t.at, Window: t.window, BurnWindows: t.burnWindows})
	rows := frames.Rows(results)
	failures := frames.Failures(rows)
	countCost(frames.Origin{Measurements: frames.Measurements(rows)}, failures)
	if err := allFailed(failures, measurable(rows)); err != nil {
		return nil, err
	}
	rows = i.alerts.completed(rows, t)
	found := frames.Alerts(rows, t.severities, t.at, func(a *agreement.Agreement) string {
		return i.documents.definition([]*agreement.Agreement{a})
	})
	if len(found) == 0 {
		found = data.Frames{frames.NoAlerts()}
		t.withNotices(found, nil)
	}
	return found, nil
}

// measuredValue is what was measured of one objective.
type measuredValue[T any] struct {
	value       T
	measurement counting.Measurement
}

var seriesKinds = map[QueryType]measure.SeriesKind{
	ComplianceQuery: measure.ComplianceSeries, BudgetQuery: measure.BudgetSeries,
	BurnRateQuery: measure.BurnRateSeries, SLIQuery: measure.SLISeries,
	EventsQuery: measure.EventsSeries,
}

func (i *Instance) series(ctx context.Context, t task) (data.Frames, error) {
	if err := t.checkRange(); err != nil {
		return nil, err
	}
	kind := seriesKinds[t.QueryType]
	asked := measure.SeriesQuestion{Kind: kind, From: t.from, To: t.at, Step: t.step,
		Window: t.window, BurnWindows: t.burnWindows, Raw: t.raw}
	answers := measure.Each(ctx, t.agreements, func(ctx context.Context, a *agreement.Agreement, o *agreement.Objective) (m measuredValue[[]measure.Series], err error) {
		if o.OtherConnection == "" {
			m.value, m.measurement, err = i.engine.Series(ctx, a, o, asked)
		}
		return m, err
	})
	var found data.Frames
	var all []frames.Failure
	var measurements []counting.Measurement
	measured := 0
	for _, of := range answers {
		if of.Objective.OtherConnection != "" {
			continue
		}
		measured++
		if of.Err != nil {
			all = append(all, frames.Failure{Agreement: of.Agreement.Name, Objective: of.Objective.Name, Err: of.Err})
			continue
		}
		measurements = append(measurements, of.Value.measurement)
		for _, frame := range frames.Series(of.Objective, kind, of.Value.value, t.at) {
			frames.Describe(frame, frames.Origin{Definition: t.definition, Measurements: []counting.Measurement{of.Value.measurement}})
			found = append(found, frame)
		}
	}
	countCost(frames.Origin{Measurements: measurements}, all)
	if err := allFailed(all, measured); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		found = data.Frames{frames.NoSeries()}
		found[0].AppendNotices(elsewhere(t.agreements)...)
	}
	t.withNotices(found, all)
	return found, nil
}

func (i *Instance) incidents(ctx context.Context, t task) (data.Frames, error) {
	if err := t.checkRange(); err != nil {
		return nil, err
	}
	answers := measure.Each(ctx, t.agreements, func(ctx context.Context, a *agreement.Agreement, o *agreement.Objective) (m measuredValue[[]measure.GroupIncidents], err error) {
		if o.OtherConnection == "" {
			m.value, m.measurement, err = i.engine.Incidents(ctx, a, o, t.from, t.at)
		}
		return m, err
	})
	var all []tables.IncidentList
	var failures []frames.Failure
	origin := frames.Origin{Definition: t.definition}
	measured := 0
	for _, of := range answers {
		if of.Objective.OtherConnection != "" {
			continue
		}
		measured++
		if of.Err != nil {
			failures = append(failures, frames.Failure{Agreement: of.Agreement.Name, Objective: of.Objective.Name, Err: of.Err})
			continue
		}
		for _, group := range of.Value.value {
			all = append(all, tables.IncidentList{Agreement: of.Agreement, Objective: of.Objective, GroupIncidents: group})
		}
		origin.Measurements = append(origin.Measurements, of.Value.measurement)
	}
	countCost(origin, failures)
	if err := allFailed(failures, measured); err != nil {
		return nil, err
	}
	frame := frames.Incidents(all)
	frames.Describe(frame, origin)
	t.withNotices(data.Frames{frame}, failures)
	return data.Frames{frame}, nil
}

// elsewhere says why objectives that this connection does not measure have no
// series, where that leaves none.
func elsewhere(agreements []*agreement.Agreement) []data.Notice {
	var failures []frames.Failure
	for _, a := range agreements {
		for _, o := range a.Objectives {
			if o.OtherConnection != "" {
				failures = append(failures, frames.Failure{Agreement: a.Name, Objective: o.Name, Err: errors.New(o.OtherConnection)})
			}
		}
	}
	return frames.Unmeasured(failures)
}

func (t task) checkRange() error {
	if !t.from.Before(t.at) {
		return badQueryf("the time range is empty, or lies ahead: it begins %s and can be measured up to %s",
			t.from.Format("2006-01-02 15:04:05 MST"), t.at.Format("2006-01-02 15:04:05 MST"))
	}
	return nil
}
