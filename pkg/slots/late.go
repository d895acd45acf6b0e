package slots

import (
	"math"
	"time"

	"github.com/accord-sla/accord/pkg/scope"
)

// lateLooks are how old a closed slot is when it is looked at again, since
// remote-write queues and uploads arrive late (measurement.md, §2, «Late samples»).
var lateLooks = [...]time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, LastLook}

// LastLook is how old a slot is at the last late look: it does not change then.
const LastLook = 48 * time.Hour

// lookStep is how often closed slots are looked at again: what has become due
// since the last time is read as one piece.
const lookStep = time.Hour

// A slot without samples may be filled by a remote-write backlog: it is asked
// for again, ever more seldom, until it is as old as at the last look.
const (
	firstRetry = time.Minute
	lastRetry  = time.Hour
)

// due are the closed slots that were not looked at since they came of an age to
// be.
func (k *known) due(now time.Time, resolution int64) (due scope.Intervals) {
	for i, age := range lateLooks {
		of := before(Floor(now.Add(-age).UnixMilli(), lookStep.Milliseconds()), resolution)
		if len(k.Closed) > 0 && k.Closed[0].From < of.To {
			due = due.Union(k.Closed.Intersect(scope.Intervals{of}).Subtract(k.Looked[i]))
		}
	}
	return due
}

// before are the whole slots that are over at the instant.
func before(instant, resolution int64) scope.Interval {
	return scope.Interval{From: math.MinInt64, To: Floor(instant, resolution)}
}

// look notes that all of the slots were read now, and which were empty: those
// are closed once no late arrival can fill them.
func (k *known) look(all, empty scope.Intervals, now time.Time, resolution int64) {
	empty = empty.Subtract(k.Closed).Subtract(scope.Intervals{before(now.Add(-LastLook).UnixMilli(), resolution)})
	k.Closed = k.Closed.Union(all.Subtract(empty))
	for i, age := range lateLooks {
		old := all.Intersect(scope.Intervals{before(now.Add(-age).UnixMilli(), resolution)})
		k.Looked[i] = k.Looked[i].Union(old)
	}
	k.postpone(all, empty, now)
}

// postpone notes when the empty slots are asked for again: twice as late as
// the last time if some of them were asked for again in vain.
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
