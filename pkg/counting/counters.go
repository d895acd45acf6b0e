package counting

import (
	"context"
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
)

// metricFacts are what is known about a metric, over all its series.
type metricFacts struct {
	kind string // the type in its metadata
	// odd is true if, in the last hour, a series fell more often than a counter restarts or, for counts
	// of a period, kept rising as a counter does. It is also true if the server does not answer.
	odd bool
	// slow is true if a series had fewer than one sample per five minutes in the last hour, or if
	// the server does not answer.
	slow bool
}

// Series that, in the last hour, fell in more than a quarter of their samples, or that
// rose often and never fell.
const (
	fallsOften  = "resets(%[1]s[1h]) > 0.25 * count_over_time(%[1]s[1h])"
	neverFalls  = "(changes(%[1]s[1h]) > 9) unless (resets(%[1]s[1h]) > 0)"
	fewestTurns = 2
)

// turns returns how often such series of the term fell in the last hour or, for counts of a period, rose.
func (d *diagnosis) turns(ctx context.Context, term sli.Term) (turns float64, err error) {
	expression := fallsOften
	if term.PerPeriod {
		expression = neverFalls
	}
	return d.now(ctx, "sum("+fmt.Sprintf(expression, term.Selector())+")")
}

// now returns the value of the query at the end of the window, 0 if it has none.
func (d *diagnosis) now(ctx context.Context, query string) (value float64, err error) {
	_, err = d.service.client.Query(ctx, query, time.UnixMilli(d.to), prometheus.EachPoint(func(_ int64, found float64) { value = found }))
	return value, err
}

// metric finds the facts once for all SLIs that use the metric: if none of its series is odd, neither
// is one that an SLI selects.
func (d *diagnosis) metric(ctx context.Context, term sli.Term) (metricFacts, error) {
	key := fmt.Sprintf("%s %s %t %d", d.task.method, term.Metric, term.PerPeriod, floor(d.to, hour))
	return d.service.metrics.do(ctx, key, foundFor, func(ctx context.Context) (facts metricFacts, err error) {
		if facts.kind, err = d.service.client.MetricType(ctx, term.Metric); GoesOnLater(err) {
			return facts, err
		}
		all := term.Without(term.Matchers...)
		turns, err := d.turns(ctx, all)
		if GoesOnLater(err) {
			return facts, err
		}
		facts.odd = err != nil || turns > fewestTurns // if refused, each SLI checks its own series
		if d.task.method == sli.Samples {
			return facts, nil
		}
		slow, err := d.now(ctx, fmt.Sprintf("count(count_over_time(%s[1h]) < 12)", all.Selector()))
		facts.slow = err != nil || slow > 0
		return facts, nil
	})
}

// lookAtCounters checks by metadata and by rises and falls that counters are counters, and that
// counts of a period are not.
func (d *diagnosis) lookAtCounters(ctx context.Context) error {
	plan := d.task.plan
	for i, term := range plan.Terms() {
		field := "total"
		if i >= len(plan.Total) {
			field = d.task.plan.PartName()
		}
		facts, err := d.metric(ctx, term)
		if err != nil {
			return err
		}
		switch {
		case facts.kind == "gauge" && !term.PerPeriod:
			d.add(problem.Warning, field, "%s query: %s is a gauge, as its metadata say, which is counted as a counter; if its samples are counts of a period, say counter: false, else use a threshold or a raw SLI",
				field, term.Metric)
		case facts.kind == "counter" && term.PerPeriod:
			d.add(problem.Warning, field, "%s query: %s is a counter, as its metadata say, whose samples are added up for counter: false; say counter: true", field, term.Metric)
		}
		if !facts.odd {
			continue
		}
		turns, err := d.turns(ctx, term)
		if err != nil {
			return err
		}
		switch {
		case turns > fewestTurns && term.PerPeriod:
			d.add(problem.Warning, field, "%s query: %s rose %s times within an hour and never fell, as a counter does, and its samples are added up for counter: false; say counter: true if it is one",
				field, term.Selector(), number(turns))
		case turns > fewestTurns:
			d.add(problem.Warning, field, "%s query: %s fell %s times within an hour, more than once in four samples, and each fall is counted as a restart; "+
				"it is a gauge, its samples are counts of a period (counter: false), or two programs write one series: tell them apart by a label", field, term.Selector(), number(turns))
		}
	}
	return nil
}
