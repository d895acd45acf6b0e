package planning

import (
	"cmp"
	"context"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
)

// ObjectiveAlerts are the alerts of one objective and group, checked.
type ObjectiveAlerts struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
	Group     map[string]string
	Checks    []AlertCheck
	// ScrapeInterval is 0 where nobody has measured it.
	ScrapeInterval time.Duration
	// Err is why scrape interval and traffic are not known.
	Err error
}

// CheckWrittenAlerts checks the alerts of the agreements by what is written
// alone, as of an instant. Retired ones have none.
func CheckWrittenAlerts(agreements []*agreement.Agreement, at time.Time, resolution time.Duration) []ObjectiveAlerts {
	var all []ObjectiveAlerts
	for _, a := range agreements {
		for _, o := range a.Objectives {
			if hasAlerts(a, o) {
				all = append(all, checkWritten(a, o, at, resolution))
			}
		}
	}
	return all
}

func hasAlerts(a *agreement.Agreement, o *agreement.Objective) bool {
	return a.Stage != agreement.Retired && o.OtherConnection == ""
}

func checkWritten(a *agreement.Agreement, o *agreement.Objective, at time.Time, resolution time.Duration) ObjectiveAlerts {
	alerts := ObjectiveAlerts{Agreement: a, Objective: o, Group: map[string]string{}}
	if o.Budgeting != agreement.Occurrences {
		resolution = min(resolution, o.TimeSliceWindow)
	}
	from, end := o.Window.At(at)
	in, err := scope.Of(always(a), from, end)
	if err != nil {
		alerts.Err = err
		return alerts
	}
	alerts.Checks = CheckRules(o, budget.Policy(), writtenConditions(o.Window, at, in, resolution))
	return alerts
}

// always is the agreement as if it had been in effect all the time.
func always(a *agreement.Agreement) *agreement.Agreement {
	inEffect := *a
	inEffect.Effective = agreement.Period{}
	return &inEffect
}

// CheckAlerts checks the alerts of the agreements with the traffic and the
// scrape interval there are. Where those cannot be had the check is that of
// [CheckWrittenAlerts], with the error.
func CheckAlerts(ctx context.Context, service *measure.Service, agreements []*agreement.Agreement, at time.Time) []ObjectiveAlerts {
	_, unreachable := service.Capabilities(ctx)
	var all []ObjectiveAlerts
	for _, answer := range measure.Each(ctx, agreements, func(ctx context.Context, a *agreement.Agreement, o *agreement.Objective) ([]ObjectiveAlerts, error) {
		if unreachable != nil || !hasAlerts(a, o) {
			return nil, unreachable
		}
		return checkMeasured(ctx, service, a, o, at)
	}) {
		switch a, o := answer.Agreement, answer.Objective; {
		case !hasAlerts(a, o):
		case answer.Err != nil:
			written := checkWritten(a, o, at, service.Resolution())
			written.Err = cmp.Or(written.Err, answer.Err)
			all = append(all, written)
		default:
			all = append(all, answer.Value...)
		}
	}
	return all
}

func checkMeasured(ctx context.Context, service *measure.Service, a *agreement.Agreement, o *agreement.Objective, at time.Time) (all []ObjectiveAlerts, err error) {
	from := budget.LookbackStart(agreement.Window{Rolling: trafficLookback}, nil, at)
	if start, _ := o.Window.At(at); start.Before(from) {
		from = start
	}
	// The scope is that of the window, the slots those of the last days.
	reading, err := service.Read(ctx, always(a), o, from, at, budget.Horizon(o.Window, at), func(scope.Intervals) time.Time { return at.Add(-trafficLookback) })
	if err != nil {
		return nil, err
	}
	interval, err := service.ScrapeInterval(ctx, o, at)
	if err != nil {
		return nil, err
	}
	for _, ledgers := range reading.Ledgers(at.Add(-trafficLookback), at) {
		all = append(all, ObjectiveAlerts{Agreement: a, Objective: o, Group: ledgers.Group, ScrapeInterval: interval,
			Checks: CheckRules(o, budget.Policy(), measuredConditions(reading, ledgers.Adjusted, at, interval))})
	}
	return all, nil
}

// trafficLookback is what the traffic of seven days takes, of windows that end in
// them and are as long as the longest alert.
const trafficLookback = 10 * 24 * time.Hour
