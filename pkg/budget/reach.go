package budget

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
)

// EarliestNeeded is how far back slots must be read to answer a question: the window
// itself, its burn windows, the base of its projection, and the in-scope time
// that alerts and forecast look at.
func EarliestNeeded(q Question, in scope.Intervals) time.Time {
	s := spanAt(q.Window, q.At)
	if s.to < q.At.UnixMilli() {
		return instant(s.from)
	}
	from := s.from
	for _, window := range q.BurnWindows {
		from = min(from, s.to-window.Milliseconds())
	}
	if q.Window.IsCalendar() {
		from = min(from, s.to-projectionBase.Milliseconds())
	}
	length := s.end - s.from
	longest := max(longestAlert, paceLength(length))
	return time.UnixMilli(min(from, in.Back(s.to, longest.Milliseconds(), s.to-length)))
}

// LookbackStart is the furthest that [EarliestNeeded] can be before at, whatever the
// scope.
func LookbackStart(window agreement.Window, burnWindows []time.Duration, at time.Time) time.Time {
	s := spanAt(window, at)
	from := min(s.from, s.to-(s.end-s.from), s.to-projectionBase.Milliseconds())
	for _, burn := range burnWindows {
		from = min(from, s.to-burn.Milliseconds())
	}
	return instant(from)
}

// Horizon is how far ahead of at the scope must be known: the end of a calendar
// period, or a rolling window's length, over which its exhaustion is sought.
func Horizon(window agreement.Window, at time.Time) time.Time {
	_, end := window.At(at)
	return end.Add(window.Rolling)
}
