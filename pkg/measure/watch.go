package measure

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/slots"
)

const minute = int64(time.Minute / time.Millisecond)

// watch looks at a time-based SLI once a minute, on whole minutes: a point
// stands for the minute that ends there (measurement.md, §1).
func (e *Engine) watch(ctx context.Context, t *task, from, to, step int64) (counted, error) {
	sink := &minutes{task: t, from: from, step: step, length: int((to - from) / step), groups: map[string]*watched{}}
	answer, err := e.ask(ctx, t.plan.GaugeQuery(t.method), from+minute, to, minute, sink)
	if err == nil {
		err = sink.err
	}
	if err != nil {
		return counted{}, err
	}
	result := newCounted(from, to, step, []prometheus.Answer{answer})
	for key, group := range sink.groups {
		result.Groups[key] = slots.GroupCounts{Labels: group.labels, Slots: group.slots}
	}
	return result, nil
}

// minutes takes an answer to a gauge's query: a value a minute and group.
type minutes struct {
	task       *task
	from, step int64
	length     int
	groups     map[string]*watched
	err        error
}

type watched struct {
	labels map[string]string
	slots  []slots.Slot
	seen   map[int64]bool
}

// Series takes the next series of the answer. Two series of a group may not
// have a value at the same minute: which one is meant?
func (m *minutes) Series(labels map[string]string) (func(int64, float64), error) {
	key, group := groupOf(labels, m.task.plan.GroupBy)
	found, ok := m.groups[key]
	if !ok {
		if len(m.groups) == maxGroups {
			return nil, fmt.Errorf("groupBy %s gives more than %d groups, which is the limit: group by a label with fewer values",
				strings.Join(m.task.plan.GroupBy, ", "), maxGroups)
		}
		found = &watched{labels: group, slots: make([]slots.Slot, m.length), seen: map[int64]bool{}}
		m.groups[key] = found
	}
	return func(at int64, value float64) {
		bad, known, err := m.task.judgeMinute(value)
		switch {
		case m.err != nil || !known && err == nil:
			return
		case err != nil:
			m.err = fmt.Errorf("at %s: %w", time.UnixMilli(at).UTC().Format(time.RFC3339), err)
			return
		case found.seen[at]:
			m.err = m.severalSeries(key, at)
			return
		}
		found.seen[at] = true
		if i := (at - m.from - 1) / m.step; at > m.from && i < int64(m.length) {
			found.slots[i].Total += 60
			found.slots[i].Bad += 60 * bad
			found.slots[i].Measured = true
		}
	}, nil
}

func (m *minutes) severalSeries(key string, at int64) error {
	what := "the query gives several series"
	if key != "" {
		what += " for " + key
	}
	return fmt.Errorf("%s at %s, but a time-based SLI needs one a group: wrap it in min(…), max(…) or avg(…), or add groupBy",
		what, time.UnixMilli(at).UTC().Format(time.RFC3339))
}
