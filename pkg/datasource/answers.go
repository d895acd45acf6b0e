package datasource

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables/frames"
	"github.com/accord-sla/accord/pkg/wire"
)

func (t task) described(frame *data.Frame, origin frames.Origin, failures []measure.Result) data.Frames {
	frames.Describe(frame, origin)
	t.withNotices(frame, failures)
	return data.Frames{frame}
}

func (t task) exclusions(ctx context.Context, r backend.TimeRange) (data.Frames, error) {
	frame, err := frames.Exclusions(ctx, t.agreements, r.From, r.To)
	if err != nil {
		return nil, measuringErrorf("%w", err)
	}
	return t.described(frame, frames.Origin{Definition: t.definition}, nil), nil
}

// longestHours is the longest range with support hours: in a longer one, nights are too thin to see.
const longestHours = 100 * 24 * time.Hour

// outsideHours returns the time outside of support hours in the range, also ahead of now.
func (t task) outsideHours(r backend.TimeRange) data.Frames {
	agreements := t.agreements
	if r.Duration() > longestHours {
		agreements = nil
	}
	frame := frames.OutsideHours(agreements, r.From, r.To)
	if agreements == nil && len(t.agreements) > 0 {
		frame.AppendNotices(data.Notice{Severity: data.NoticeSeverityInfo, Text: "Support hours are shown for up to 100 days: choose a shorter time range"})
	}
	return t.described(frame, frames.Origin{Definition: t.definition}, nil)
}

func (i *Instance) status(ctx context.Context, t task) (data.Frames, error) {
	results := i.service.Status(ctx, t.agreements, measure.Question{At: t.at, Window: t.window, BurnWindows: t.burnWindows})
	rows := frames.Rows(results)
	return t.table(frames.Status(rows, t.burnWindows, t.raw), rows)
}

func (i *Instance) history(ctx context.Context, t task) (data.Frames, error) {
	periods := i.service.Histories(ctx, t.agreements, t.at, t.window, t.Periods)
	return t.table(frames.History(periods, t.raw), wire.Each(periods, func(p measure.Period) measure.Result { return p.Result }))
}

// table returns one row per result, and also an error if all that should be measured failed.
func (t task) table(frame *data.Frame, rows []measure.Result) (data.Frames, error) {
	origin := frames.Origin{Definition: t.definition, Measurements: frames.Measurements(rows)}
	failures, err := failuresOf(rows, origin.Measurements)
	if err != nil {
		frames.Describe(frame, origin)
		return data.Frames{frame}, err
	}
	return t.described(frame, origin, failures), nil
}

// failuresOf returns the failed rows and counts the cost. It is an error if all objectives failed.
func failuresOf(rows []measure.Result, measurements []counting.Measurement) ([]measure.Result, error) {
	failures := frames.Failures(rows)
	countCost(measurements, failures)
	measurable := slices.DeleteFunc(slices.Clone(rows), func(r measure.Result) bool {
		return r.Err == nil && (r.Objective.OtherConnection != "" || r.State == budget.Inactive)
	})
	return failures, allFailed(failures, len(measurable))
}

// answerBefore is how long before its deadline an evaluation is answered with what
// there is: without any answer the whole rule would fail.
const answerBefore = 2 * time.Second

// alert returns numbers for every objective: also if it cannot be measured now, and 0 if it is retired.
func (i *Instance) alert(ctx context.Context, t task) (data.Frames, error) {
	if deadline, limited := ctx.Deadline(); limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-min(answerBefore, time.Until(deadline)/4)))
		defer cancel()
	}
	active := slices.DeleteFunc(slices.Clone(t.agreements), func(a *agreement.Agreement) bool { return a.Stage == agreement.Retired })
	results := i.service.Status(ctx, active, measure.Question{At: t.at, Window: t.window, BurnWindows: t.burnWindows})
	rows := frames.Rows(results)
	if _, err := failuresOf(rows, frames.Measurements(rows)); err != nil {
		return nil, err
	}
	t.now = i.now()
	rows, unsaved := i.alerts.completed(rows, t)
	if unsaved {
		if again, err := i.alerts.save(); err != nil && !again {
			backend.Logger.FromContext(ctx).Warn("The alerts there are cannot be remembered beside the documents, nor in the folder of the cache: a restart of the plugin may end one that cannot be measured then", "error", err)
		}
	}
	for _, a := range t.agreements {
		if a.Stage == agreement.Retired {
			rows = append(rows, i.retired(a, t)...)
		}
	}
	alerts := frames.Alerts(rows, t.severities, t.at, func(a *agreement.Agreement) string {
		return i.definition(t.catalog, a)
	})
	if len(alerts) == 0 {
		alerts = data.Frames{frames.NoAlerts(i.nothingPromised(t))}
		if len(t.agreements) > 0 {
			alerts[0].AppendNotices(data.Notice{Severity: data.NoticeSeverityWarning,
				Text: "this never fires: none of the objectives has an alert of that severity, or one that is shorter than that window"})
		}
	}
	if len(t.agreements) == 0 || len(t.unknown) > 0 {
		t.withNotices(alerts[0], nil)
	}
	return alerts, nil
}

// nothingPromised reports whether the catalog, free of errors, has no agreement for a
// query that selects all agreements or had alerts before: it has only drafts or teams, say.
func (i *Instance) nothingPromised(t task) bool {
	return len(t.agreements) == 0 && t.catalog.Documents > 0 && !t.catalog.HasErrors() &&
		(t.filters.keeps(&agreement.Agreement{}) || i.alerts.knows(t.filters))
}

// retired returns the results of a retired agreement, one for each alert there was.
func (i *Instance) retired(a *agreement.Agreement, t task) (rows []measure.Result) {
	for _, o := range a.Objectives {
		rows = append(rows, inGroups(i.alerts.groups(keyOf(a, o.Name, t.windowText())), measure.Result{Agreement: a, Objective: o,
			Status: budget.EmptyStatus(o.Window, t.at, budget.Inactive, "not in effect: the agreement is retired")})...)
	}
	return rows
}

// measured is the measured value of one objective.
type measured[T any] struct {
	value       T
	measurement counting.Measurement
}

// measureEach calls ask for each objective of this connection. It fails if none could be measured, or
// if a limit was exceeded, as it is chance which objectives are within it.
func measureEach[T any](ctx context.Context, i *Instance, t task,
	ask func(context.Context, *measure.Service, *agreement.Agreement, *agreement.Objective) (T, counting.Measurement, error),
) (answers []measure.Answer[measured[T]], failures []measure.Result, err error) {
	if !t.from.Before(t.at) {
		return nil, nil, badQueryf("the time range is empty, or lies ahead: it begins %s and can be measured up to %s",
			t.from.Format("2006-01-02 15:04:05 MST"), t.at.Format("2006-01-02 15:04:05 MST"))
	}
	all, cost := measure.Together(ctx, i.service, t.agreements, func(ctx context.Context, service *measure.Service, a *agreement.Agreement, o *agreement.Objective) (m measured[T], err error) {
		if o.OtherConnection == "" {
			m.value, m.measurement, err = ask(ctx, service, a, o)
		}
		return m, err
	})
	measurements := []counting.Measurement{{Cost: cost}}
	for _, answer := range all {
		switch {
		case answer.Objective.OtherConnection != "":
		case kindOf(answer.Err) == "query":
			return nil, nil, answer.Err
		case answer.Err != nil:
			failures = append(failures, measure.Result{Agreement: answer.Agreement, Objective: answer.Objective, Err: answer.Err})
		default:
			answers = append(answers, answer)
			measurements = append(measurements, answer.Value.measurement)
		}
	}
	countCost(measurements, failures)
	if t.rule && len(failures) > 0 { // an objective missing from the answer would end its alerts
		return nil, nil, allFailed(failures, 0)
	}
	return answers, failures, allFailed(failures, len(answers)+len(failures))
}

func (i *Instance) series(ctx context.Context, t task) (data.Frames, error) {
	q := measure.SeriesQuestion{Kind: measure.SeriesKind(t.QueryType), From: t.from, To: t.at, Step: t.step,
		Window: t.window, BurnWindows: t.burnWindows, Raw: t.raw, Points: new(atomic.Int64)}
	lines, failures, err := measureEach(ctx, i, t,
		func(ctx context.Context, service *measure.Service, a *agreement.Agreement, o *agreement.Objective) ([]measure.Series, counting.Measurement, error) {
			return service.Series(ctx, a, o, q)
		})
	if err != nil {
		return nil, err
	}
	var series data.Frames
	for _, l := range lines {
		for _, frame := range frames.Series(l.Objective, q.Kind, l.Value.value, t.at) {
			frames.Describe(frame, frames.Origin{Definition: t.definition, Measurements: []counting.Measurement{l.Value.measurement}})
			series = append(series, frame)
		}
	}
	if len(series) == 0 {
		series = data.Frames{frames.NoSeries()}
		series[0].AppendNotices(otherConnections(t.agreements)...)
	}
	t.withNotices(series[0], failures)
	return series, nil
}

func (i *Instance) incidents(ctx context.Context, t task) (data.Frames, error) {
	lists, failures, err := measureEach(ctx, i, t,
		func(ctx context.Context, service *measure.Service, a *agreement.Agreement, o *agreement.Objective) ([]measure.GroupIncidents, counting.Measurement, error) {
			return service.Incidents(ctx, a, o, t.from, t.at)
		})
	if err != nil {
		return nil, err
	}
	origin := frames.Origin{Definition: t.definition}
	var all []measure.GroupIncidents
	for _, l := range lists {
		all = append(all, l.Value.value...)
		origin.Measurements = append(origin.Measurements, l.Value.measurement)
	}
	return t.described(frames.Incidents(all), origin, failures), nil
}

// otherConnections returns notices on the objectives that this connection does not measure.
func otherConnections(agreements []*agreement.Agreement) []data.Notice {
	var failures []measure.Result
	for _, a := range agreements {
		for _, o := range a.Objectives {
			if o.OtherConnection != "" {
				failures = append(failures, measure.Result{Agreement: a, Objective: o, Err: errors.New(o.OtherConnection)})
			}
		}
	}
	return frames.Unmeasured(failures)
}

// allFailed returns the error of a query if this many objectives failed, nil if fewer did.
func allFailed(failures []measure.Result, objectives int) error {
	if len(failures) == 0 || len(failures) < objectives {
		return nil
	}
	first := failures[0]
	if kindOf(first.Err) == "query" {
		return first.Err
	}
	if len(failures) == 1 {
		return measuringErrorf("%s/%s: not measured: %w", first.Agreement.Name, first.Objective.Name, first.Err)
	}
	return measuringErrorf("%d objectives could not be measured; %s/%s: %w", len(failures), first.Agreement.Name, first.Objective.Name, first.Err)
}
