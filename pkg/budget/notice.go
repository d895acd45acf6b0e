package budget

import (
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Notice is the severity of what somebody should know before it becomes an
// alert.
const Notice agreement.Severity = "notice"

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notices, each above 1 when it is time.
const (
	// ReviewIsDue is of an agreement, IsBlind of an objective, BudgetIsSpent of
	// each group of one.
	ReviewIsDue   NoticeKind = "review_due"
	IsBlind       NoticeKind = "blind"
	BudgetIsSpent NoticeKind = "budget"
)

// NoticeLevel says how far it has come with a budget.
type NoticeLevel string

// The levels of BudgetIsSpent, the severest last.
const (
	HalfSpent          NoticeLevel = "half"
	ThreeQuartersSpent NoticeLevel = "three_quarters"
	BreachProjected    NoticeLevel = "projected"
	AllSpent           NoticeLevel = "spent"
)

// BlindNotice is the time in scope without anything measured that is worth a
// notice.
const BlindNotice = 15 * time.Minute

// NoticeValue is a notice as of an instant: above 1 it fires.
type NoticeValue struct {
	Kind  NoticeKind
	Level NoticeLevel // of BudgetIsSpent
	Value Figure
	// Reason says why the value is absent, or 0 by definition.
	Reason string
}

// Notices are those of an objective: how long nothing was measured, how much of
// the budget is spent against the share that is worth a notice, and the forecast.
// Of those on the budget only the severest is above 1. What was not measured is
// absent; what promises nothing is 0.
func Notices(s Status) []NoticeValue {
	notices := []NoticeValue{
		{Kind: IsBlind, Value: Figure(s.Blind.Seconds() / BlindNotice.Seconds()), Reason: s.BlindText()},
		{Kind: BudgetIsSpent, Level: AllSpent, Value: s.Consumed}, {Kind: BudgetIsSpent, Level: BreachProjected, Value: s.Forecast},
		{Kind: BudgetIsSpent, Level: ThreeQuartersSpent, Value: s.Consumed / 0.75}, {Kind: BudgetIsSpent, Level: HalfSpent, Value: s.Consumed / 0.5},
	}
	var severest NoticeLevel
	for i := range notices {
		n := &notices[i]
		switch {
		case s.State == Inactive:
			n.Value, n.Reason = 0, s.Reason
		case s.State == NoData && (n.Kind == BudgetIsSpent || !s.Coverage.Known()):
			n.Value, n.Reason = Absent, s.Reason
		case n.Kind == IsBlind:
		case severest != "":
			n.Value, n.Reason = 0, "the notice on the budget is the severer one: "+string(severest)
		case n.Value > 1:
			severest = n.Level
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
