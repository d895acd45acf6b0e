package measure

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
	"golang.org/x/sync/errgroup"
)

// recordedWithin is how long after the end of a slot its counts are recorded:
// the interval of the rules, and as much again for their evaluation.
const recordedWithin = 2 * time.Minute

// recordedParts are what is asked for of recorded slot counts.
var recordedParts = []sli.RecordedPart{sli.RecordedTotal, sli.RecordedBad}

// edge is the end of the last slot that can be read whole. The slot that holds
// the instant is measured up to it, unless the counts are those that rules
// record: of slots that are over, a little later.
func (t *task) edge(from, at int64) int64 {
	if t.recording == nil {
		return floor(at, t.step())
	}
	return max(from, floor(min(at, t.now.Add(-recordedWithin).UnixMilli()), t.step()))
}

// recorded reads the slots in (from, to] that rules recorded.
func (e *Engine) recorded(ctx context.Context, t *task, from, to, step int64) (counted, error) {
	parts := make([]*columns, len(recordedParts))
	answers := make([]prometheus.Answer, len(recordedParts))
	group, ctx := errgroup.WithContext(ctx)
	for i, part := range recordedParts {
		parts[i] = newColumns(from, step, int((to-from)/step), t.plan.GroupBy)
		group.Go(func() (err error) {
			defer recovered(&err)
			answers[i], err = e.ask(ctx, t.recording.Query(part, t.resolution), from+step, to, step, parts[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return counted{}, err
	}
	result := newCounted(from, to, step, answers)
	total, bad := parts[0], parts[1]
	if len(total.groups) > maxGroups {
		return counted{}, tooManyGroups(t.plan.GroupBy, len(total.groups))
	}
	for key, found := range total.groups {
		run := make([]slots.Slot, result.Length)
		for i, all := range found.values {
			if math.IsNaN(all) {
				continue
			}
			if some, ok := bad.groups[key]; ok && !math.IsNaN(some.values[i]) {
				run[i] = slots.Slot{Total: all, Bad: some.values[i], Measured: true}
			} // else the rule of the bad was not evaluated: the slot is unknown
		}
		result.Groups[key] = slots.GroupCounts{Labels: found.labels, Slots: run}
	}
	return result, nil
}

func tooManyGroups(groupBy []string, n int) error {
	return fmt.Errorf("groupBy %s gives %d groups, the limit is %d: group by a label with fewer values",
		strings.Join(groupBy, ", "), n, maxGroups)
}

// notRecorded says why there are no recorded counts to read.
func (t *task) notRecorded() string {
	return fmt.Sprintf("no slot counts are recorded as %s: load the rules of `accord export rules` into Prometheus, anew when the definition has changed",
		t.recording.Selector(sli.RecordedTotal, t.resolution))
}
