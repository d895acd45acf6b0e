package datasource

import (
	"context"
	"errors"
	"sync"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables/frames"
)

// objectivesAtOnce bounds what is prepared at a time; the client bounds the
// requests.
const objectivesAtOnce = 16

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
	var periods []measure.Period
	var rows []measure.Result
	for _, of := range each(t.agreements, func(a *agreement.Agreement, o *agreement.Objective) []measure.Period {
		return i.engine.History(ctx, a, o, t.at, t.window, t.Periods)
	}) {
		periods = append(periods, of...)
	}
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

// line is the series of one objective.
type line struct {
	series      []measure.Series
	measurement counting.Measurement
	objective   *agreement.Objective
	failure     *frames.Failure
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
	lines := each(t.agreements, func(a *agreement.Agreement, o *agreement.Objective) line {
		if o.OtherConnection != "" {
			return line{objective: o}
		}
		series, measurement, err := i.engine.Series(ctx, a, o, asked)
		return line{series, measurement, o, failureOf(a, o, err)}
	})
	var found data.Frames
	var all []frames.Failure
	var measurements []counting.Measurement
	measured := 0
	for _, l := range lines {
		if l.objective.OtherConnection != "" {
			continue
		}
		measured++
		if l.failure != nil {
			all = append(all, *l.failure)
			continue
		}
		measurements = append(measurements, l.measurement)
		for _, frame := range frames.Series(l.objective, kind, l.series, t.at) {
			frames.Describe(frame, frames.Origin{Definition: t.definition, Measurements: []counting.Measurement{l.measurement}})
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
	type answer struct {
		frames.ObjectiveIncidents
		measurement counting.Measurement
		failure     *frames.Failure
	}
	answers := each(t.agreements, func(a *agreement.Agreement, o *agreement.Objective) answer {
		of := frames.ObjectiveIncidents{Agreement: a, Objective: o}
		if o.OtherConnection != "" {
			return answer{ObjectiveIncidents: of}
		}
		groups, measurement, err := i.engine.Incidents(ctx, a, o, t.from, t.at)
		of.Groups = groups
		return answer{of, measurement, failureOf(a, o, err)}
	})
	var all []frames.ObjectiveIncidents
	var failures []frames.Failure
	origin := frames.Origin{Definition: t.definition}
	measured := 0
	for _, of := range answers {
		if of.Objective.OtherConnection != "" {
			continue
		}
		measured++
		if of.failure != nil {
			failures = append(failures, *of.failure)
			continue
		}
		all = append(all, of.ObjectiveIncidents)
		origin.Measurements = append(origin.Measurements, of.measurement)
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

func failureOf(a *agreement.Agreement, o *agreement.Objective, err error) *frames.Failure {
	if err == nil {
		return nil
	}
	return &frames.Failure{Agreement: a.Name, Objective: o.Name, Err: err}
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

// each asks for every objective, a bounded number at once; the answers keep
// the order of the documents.
func each[T any](agreements []*agreement.Agreement, ask func(*agreement.Agreement, *agreement.Objective) T) []T {
	type place struct {
		a *agreement.Agreement
		o *agreement.Objective
	}
	var places []place
	for _, a := range agreements {
		for _, o := range a.Objectives {
			places = append(places, place{a, o})
		}
	}
	answers := make([]T, len(places))
	turns := make(chan struct{}, objectivesAtOnce)
	var wait sync.WaitGroup
	for n, p := range places {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			answers[n] = ask(p.a, p.o)
		})
	}
	wait.Wait()
	return answers
}
