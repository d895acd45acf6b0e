package slots

import (
	"math"
	"time"

	"github.com/accord-sla/accord/pkg/scope"
)

// lateLooks are the ages at which a closed slot is read again, since samples of remote-write queues and
// uploads arrive late (docs/cache.md, «Late samples»).
var lateLooks = [...]time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, LastLook}

// LastLook is the age of a slot at its last late look, after which it does not change.
const LastLook = 48 * time.Hour

// lookStep is how often closed slots are read again: those that became due meanwhile are read together.
const lookStep = time.Hour

// A slot without samples may still be filled by a remote-write backlog. It is read again, at growing
// intervals, until it is as old as LastLook.
const (
	firstRetry = time.Minute
	lastRetry  = time.Hour
)

// due returns the closed slots that have reached an age of lateLooks and were not read since.
func (k *known) due(now time.Time, resolution int64) (due scope.Intervals) {
	for i, age := range lateLooks {
		of := before(Floor(now.Add(-age).UnixMilli(), lookStep.Milliseconds()), resolution)
		if len(k.Closed) > 0 && k.Closed[0].From < of.To {
			due = due.Union(k.Closed.Intersect(scope.Intervals{of}).Subtract(k.Looked[i]))
		}
	}
	return due
}

// before returns the interval of all whole slots that end at or before the instant.
func before(instant, resolution int64) scope.Interval {
	return scope.Interval{From: math.MinInt64, To: Floor(instant, resolution)}
}

// look records that all of the slots were read now, and which of them were empty: those are closed once no
// late sample can fill them.
func (k *known) look(all, empty scope.Intervals, now time.Time, resolution int64) {
	empty = empty.Subtract(k.Closed).Subtract(scope.Intervals{before(now.Add(-LastLook).UnixMilli(), resolution)})
	k.Closed = k.Closed.Union(all.Subtract(empty))
	for i, age := range lateLooks {
		old := all.Intersect(scope.Intervals{before(now.Add(-age).UnixMilli(), resolution)})
		k.Looked[i] = k.Looked[i].Union(old)
	}
	k.postpone(all, empty, now)
}

// postpone sets when the empty slots are read again. The delay doubles if some of them were read again and
// are still empty.
func (k *known) postpone(asked, empty scope.Intervals, now time.Time) {
	again := len(k.Empty.Intersect(empty)) > 0
	k.Empty = k.Empty.Subtract(asked).Union(empty)
	switch {
	case len(k.Empty) == 0:
		k.Delay, k.RetryAt = 0, time.Time{}
	case k.Delay == 0:
		k.Delay = firstRetry
		k.RetryAt = now.Add(k.Delay)
	case again && !now.Before(k.RetryAt):
		k.Delay = min(2*k.Delay, lastRetry)
		k.RetryAt = now.Add(k.Delay)
	}
}

func emptySlots(counts Counts, resolution int64) scope.Intervals {
	return scope.Steps(counts.From, resolution, counts.Length, func(i int) bool {
		for _, group := range counts.Groups {
			if group.Slots[i].holds() {
				return false
			}
		}
		return true
	})
}
