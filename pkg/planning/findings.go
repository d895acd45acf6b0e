package planning

import (
	"context"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
)

// Findings returns what only the data reveal about the objectives' queries, over their
// windows as of an instant: what [counting.Service.Diagnose] finds, and windows longer than
// the data reach back. They are problems of the documents, placed at the query. An objective
// that could not be counted is a problem of severity error; the error returned is that of ctx.
func Findings(ctx context.Context, service *measure.Service, agreements []*agreement.Agreement, at time.Time) ([]problem.Problem, error) {
	problems := []problem.Problem{}
	for _, answer := range measure.Each(ctx, agreements, func(ctx context.Context, a *agreement.Agreement, o *agreement.Objective) ([]counting.Finding, error) {
		if o.OtherConnection != "" || a.IsOver(at) {
			return nil, nil
		}
		from, _ := o.Window.At(at)
		if from.Before(a.Effective.From) {
			from = a.Effective.From
		}
		if !from.Before(at) {
			return nil, nil
		}
		found, err := service.Diagnose(ctx, o, from, at)
		return append(found, shortHistory(ctx, service, o, from, at)...), err
	}) {
		if answer.Err != nil && ctx.Err() == nil {
			answer.Value = append(answer.Value, counting.Finding{Severity: problem.Error, Text: "could not be measured: " + answer.Err.Error()})
		}
		for _, finding := range answer.Value {
			problems = append(problems, problemOf(answer.Agreement, answer.Objective, finding))
		}
	}
	return problem.Sort(problems), ctx.Err()
}

// shortHistory finds that the data do not reach back to the instant from. If the server
// does not answer, there is no finding.
func shortHistory(ctx context.Context, service *measure.Service, o *agreement.Objective, from, at time.Time) []counting.Finding {
	oldest, err := service.Oldest(ctx, o, at)
	if err != nil || oldest.IsZero() {
		return nil
	}
	if text := ShortHistory("the window", at.Sub(from), at.Sub(oldest)); text != "" {
		return []counting.Finding{{Severity: problem.Warning, Text: text}}
	}
	return nil
}

// ShortHistory says that a window is longer than the data reach back, to the day; empty
// if it is not. what names the window.
func ShortHistory(what string, window, reach time.Duration) string {
	const day = 24 * time.Hour
	if reach+day >= window {
		return ""
	}
	if reach > day {
		reach = reach.Truncate(day)
	}
	return "the data reaches back " + agreement.FormatDuration(reach.Truncate(time.Minute)) + ", but " + what + " is " +
		agreement.FormatDuration(window.Truncate(day)) + " long: until there is enough, its figures count less time than was agreed; " +
		"Prometheus keeps 15 days unless its retention is set longer"
}

func problemOf(a *agreement.Agreement, o *agreement.Objective, finding counting.Finding) problem.Problem {
	p := problem.Problem{Place: o.Place, Severity: finding.Severity, Kind: a.Kind(), Name: a.Name, Field: o.Name, Message: finding.Text}
	queries := map[string]*agreement.Query{"good": o.SLI.Good, "bad": o.SLI.Bad, "total": o.SLI.Total, "raw": o.SLI.Gauge, "threshold": o.SLI.Gauge}
	if query := queries[finding.Field]; query != nil {
		p.Place = query.Place
	}
	return p
}
