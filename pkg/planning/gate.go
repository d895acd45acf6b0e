package planning

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/accord-sla/accord/pkg/budget"
)

// Decision is whether a release may go.
type Decision string

// The decisions. What was not measured is never Go: NoData where the engine
// answered and had nothing, Failed where it could not be asked.
const (
	Go     Decision = "go"
	Stop   Decision = "stop"
	NoData Decision = "no_data"
	Failed Decision = "failed"
)

// DefaultMinRemaining is the share of the error budget that a release takes to
// be left, unless said otherwise.
const DefaultMinRemaining = 0.1

// ParseShare reads a share of a budget: 10 % as 10%, or as 0.1.
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

// Gate decides whether a release may go as far as this objective is concerned:
// not while its budget is spent to below minRemaining (a share), nor while an
// alert of severity page fires. What promises nothing holds nothing up.
func Gate(s budget.Status, minRemaining float64) (Decision, string) {
	switch {
	case s.State == budget.Inactive:
		return Go, s.Reason
	case s.State == budget.NoData:
		return NoData, s.Reason
	case s.State == budget.Breached:
		return Stop, "the error budget is spent"
	case !(float64(s.Remaining) >= minRemaining-budget.Tolerance):
		return Stop, fmt.Sprintf("%s of the error budget is left, and a release takes %s", percent(float64(s.Remaining)), percent(minRemaining))
	}
	for _, alert := range s.Alerts {
		if alert.Severity == budget.Page && alert.Fires() {
			return Stop, fmt.Sprintf("the budget burns %.3g times too fast right now", float64(min(alert.LongBurn, alert.ShortBurn)))
		}
	}
	return Go, fmt.Sprintf("%s of the error budget is left", percent(float64(s.Remaining)))
}

// percent cuts to one decimal: what is below the limit never looks like it.
func percent(share float64) string {
	return strconv.FormatFloat(math.Floor(share*1000+budget.Tolerance)/10, 'f', -1, 64) + " %"
}
