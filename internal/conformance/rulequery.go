package conformance

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
)

// RuleQuery answers the rule manager, which asks the same queries at every step
// up to end, from one range query each: the engine's answer at an instant is the
// same, and the history is read once. It is for queries of what does not change.
func RuleQuery(engine *promql.Engine, history storage.Queryable, end time.Time, step time.Duration) rules.QueryFunc {
	type asked struct {
		query string
		phase int64 // of the steps, which each group of rules has its own of
	}
	var mutex sync.Mutex
	answers := map[asked]map[int64]promql.Vector{}
	return func(ctx context.Context, query string, at time.Time) (promql.Vector, error) {
		mutex.Lock()
		defer mutex.Unlock()
		key := asked{query, at.UnixMilli() % step.Milliseconds()}
		if answers[key] == nil {
			found, err := rangeAnswers(ctx, engine, history, query, at, end, step)
			if err != nil {
				return nil, err
			}
			answers[key] = found
		}
		answer, ok := answers[key][at.UnixMilli()]
		if !ok {
			return nil, fmt.Errorf("%s is asked at %s, which is before the first time or after %s", query, at, end)
		}
		return slices.Clone(answer), nil // recording rules write the labels of theirs into it
	}
}

func rangeAnswers(ctx context.Context, engine *promql.Engine, history storage.Queryable,
	query string, start, end time.Time, step time.Duration,
) (map[int64]promql.Vector, error) {
	asked, err := engine.NewRangeQuery(ctx, history, nil, query, start, end, step)
	if err != nil {
		return nil, err
	}
	defer asked.Close()
	matrix, err := asked.Exec(ctx).Matrix()
	if err != nil {
		return nil, err
	}
	answers := map[int64]promql.Vector{}
	for at := start; !at.After(end); at = at.Add(step) {
		answers[at.UnixMilli()] = nil
	}
	for _, series := range matrix {
		for _, point := range series.Floats {
			answers[point.T] = append(answers[point.T], promql.Sample{T: point.T, F: point.F, Metric: series.Metric})
		}
	}
	return answers, nil
}
