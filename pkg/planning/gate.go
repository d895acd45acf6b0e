package planning

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
)

// Decision says whether a release may go ahead.
type Decision string

// The decisions. What was not measured is never Go, but NoData if the server answered
// without data, and Failed if it could not be queried.
const (
	Go     Decision = "go"
	Stop   Decision = "stop"
	NoData Decision = "no_data"
	Failed Decision = "failed"
)

// DefaultMinRemaining is the default share of the error budget that must remain for a
// release.
const DefaultMinRemaining = 0.1

// ParseShare reads a share of a budget, as 10% or as 0.1.
func ParseShare(text string) (float64, error) {
	number, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if isPercent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) {
		return 0, fmt.Errorf("%q must be a share of the error budget from 0%% to 100%%, such as 10%% or 0.1", text)
	}
	return share, nil
}

// Limits are the conditions of a release.
type Limits struct {
	// MinRemaining is the share of the error budget that must remain.
	MinRemaining float64
	// MaxBlind is the time in scope without measurements from which on it is NoData.
	MaxBlind time.Duration
}

// Gate decides whether the objective allows a release: not while less of its budget
// remains than the limit, nor while a page alert fires, nor if nothing was measured
// recently. An inactive objective allows every release.
func Gate(s budget.Status, limits Limits) (Decision, string) {
	least := budget.Figure(limits.MinRemaining)
	switch {
	case s.State == budget.Inactive:
		return Go, s.Reason
	case s.State == budget.NoData:
		return NoData, s.Reason
	case s.Blind >= limits.MaxBlind:
		return NoData, s.BlindText()
	case s.State == budget.Breached:
		return Stop, "the error budget is spent"
	case !(s.Remaining >= least-budget.Tolerance):
		left := s.Remaining
		if left.Share() == least.Share() { // a value below the limit must not look equal to it
			left = least - 0.001
		}
		return Stop, fmt.Sprintf("%s of the error budget is left, and a release takes %s", left.Share(), least.Share())
	}
	for _, alert := range s.Alerts {
		if alert.Severity == agreement.Page && alert.Fires() {
			return Stop, fmt.Sprintf("the budget burns %s times too fast right now", min(alert.LongBurn, alert.ShortBurn).Rate())
		}
	}
	return Go, s.Remaining.Share() + " of the error budget is left"
}
