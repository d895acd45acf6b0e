package budget

import (
	"fmt"
	"time"
)

// Notice is the severity of what somebody should know before it becomes an
// alert.
const Notice Severity = "notice"

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notices, each above 1 when it is time.
const (
	// ReviewIsDue is of an agreement, the others are of an objective.
	ReviewIsDue        NoticeKind = "review_due"
	HalfSpent          NoticeKind = "budget_half"
	ThreeQuartersSpent NoticeKind = "budget_three_quarters"
	AllSpent           NoticeKind = "budget_spent"
	BreachProjected    NoticeKind = "projected_breach"
)

// NoticeValue is a notice as of an instant: above 1 it fires.
type NoticeValue struct {
	Kind  NoticeKind
	Value Figure
	// Reason says why the value is absent, or 0 by definition.
	Reason string
}

// Notices are those of an objective: how much of the budget is spent, against
// the share that is worth a notice, and the forecast. What was not measured is
// absent; what promises nothing is 0.
func Notices(s Status) []NoticeValue {
	notices := []NoticeValue{
		{Kind: HalfSpent, Value: s.Consumed / 0.5}, {Kind: ThreeQuartersSpent, Value: s.Consumed / 0.75},
		{Kind: AllSpent, Value: s.Consumed}, {Kind: BreachProjected, Value: s.Forecast},
	}
	for i := range notices {
		n := &notices[i]
		switch {
		case s.State == Inactive:
			n.Value, n.Reason = 0, s.Reason
		case s.State == NoData:
			n.Value, n.Reason = Absent, s.Reason
		case !n.Value.Known():
			n.Reason = "nothing was measured that a forecast could be made from"
		}
	}
	return notices
}

// reviewNotice is how long before a review there is a notice.
const reviewNotice = 14 * 24 * time.Hour

// ReviewNotice is 1 a fortnight before the review is due, 2 when it is, and goes
// on to rise by 1 each fortnight. It does not exist where none is due.
func ReviewNotice(due, at time.Time) (notice NoticeValue, exists bool) {
	if due.IsZero() {
		return NoticeValue{}, false
	}
	value := 2 - due.Sub(at).Seconds()/reviewNotice.Seconds()
	return NoticeValue{Kind: ReviewIsDue, Value: Figure(max(0, value)),
		Reason: fmt.Sprintf("the review is due on %s", due.Format("2 January 2006"))}, true
}
