package counting

import (
	"context"
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
)

// metricFacts are what is known of a metric, whatever its labels.
type metricFacts struct {
	kind string // as its metadata have it
	// odd says that one of its series fell more often of late than a counter
	// restarts, or rose more often than counts of a period happen to.
	odd bool
	// slow says that one of its series had fewer samples in the last hour than one
	// each five minutes.
	slow bool
}

// Of the last hour: which series fell in more than a quarter of their samples,
// and which rose often and never fell.
const (
	fallsOften  = "resets(%[1]s[1h]) > 0.25 * count_over_time(%[1]s[1h])"
	neverFalls  = "(changes(%[1]s[1h]) > 9) unless (resets(%[1]s[1h]) > 0)"
	fewestTurns = 2
)

// turns is how often the term's series did so in the last hour.
func (d *diagnosis) turns(ctx context.Context, term sli.Term) (turns float64, err error) {
	expression := fallsOften
	if term.PerPeriod {
		expression = neverFalls
	}
	return d.now(ctx, "sum("+fmt.Sprintf(expression, term.Selector())+")")
}

// now is the value of the query, 0 without one.
func (d *diagnosis) now(ctx context.Context, query string) (value float64, err error) {
	_, err = d.service.client.Query(ctx, query, time.UnixMilli(d.to), prometheus.EachPoint(func(_ int64, found float64) { value = found }))
	return value, err
}

// metric finds the facts once for all SLIs that look at the metric: where none of
// its series is odd, none of an SLI's is.
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
		facts.odd = err != nil || turns > fewestTurns // refused: each SLI looks at its own series
		if d.task.method == sli.Samples {
			return facts, nil
		}
		slow, err := d.now(ctx, fmt.Sprintf("count(count_over_time(%s[1h]) < 12)", all.Selector()))
		facts.slow = err != nil || slow > 0
		return facts, nil
	})
}

// lookAtCounters looks whether the counters are any: by what their metadata say,
// and by how often they fall.
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
