package measure

import (
	"context"
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/sli"
)

// CheckedAlerts are the alerts of one objective and group, checked.
type CheckedAlerts struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
	Group     map[string]string
	Checks    []budget.AlertCheck
	// ScrapeInterval is 0 where nobody has measured it.
	ScrapeInterval time.Duration
	// Err is why scrape interval and traffic are not known.
	Err error
}

// CheckUnmeasured checks the alerts of the agreements by what is written alone,
// as of an instant. Retired ones have none.
func CheckUnmeasured(agreements []*agreement.Agreement, at time.Time, resolution time.Duration) []CheckedAlerts {
	var all []CheckedAlerts
	for _, a := range agreements {
		for _, o := range a.Objectives {
			if a.Stage != agreement.Retired && o.OtherConnection == "" {
				all = append(all, checkUnmeasured(a, o, at, resolution))
			}
		}
	}
	return all
}

func checkUnmeasured(a *agreement.Agreement, o *agreement.Objective, at time.Time, resolution time.Duration) CheckedAlerts {
	checked := CheckedAlerts{Agreement: a, Objective: o, Group: map[string]string{}}
	if o.Budgeting != agreement.Occurrences {
		resolution = min(resolution, o.TimeSliceWindow)
	}
	from, end := o.Window.At(at)
	// Also of one that is not in effect yet: how its alerts would be.
	always := *a
	always.Effective = agreement.Period{}
	in, err := scope.Of(&always, from, end)
	if err != nil {
		checked.Err = err
		return checked
	}
	checked.Checks = budget.CheckAlerts(o, budget.Policy(), conditionsOf(o.Window, at, in, resolution))
	return checked
}

// CheckAlerts checks the alerts of the agreements with the traffic and the
// scrape interval there are. Where those cannot be had the check is that of
// [CheckUnmeasured], with the error.
func (e *Engine) CheckAlerts(ctx context.Context, agreements []*agreement.Agreement, at time.Time) []CheckedAlerts {
	_, unreachable := e.Capabilities(ctx)
	plain := CheckUnmeasured(agreements, at, e.options.Resolution)
	found := make([][]CheckedAlerts, len(plain))
	work := make([]func(), len(plain))
	for i, unmeasured := range plain {
		work[i] = func() {
			err := unreachable
			if err == nil && unmeasured.Err == nil {
				found[i], err = e.checkAlerts(ctx, unmeasured.Agreement, unmeasured.Objective, at)
			}
			if len(found[i]) == 0 {
				unmeasured.Err = firstOf(unmeasured.Err, err)
				found[i] = []CheckedAlerts{unmeasured}
			}
		}
	}
	inParallel(work)
	var all []CheckedAlerts
	for _, groups := range found {
		all = append(all, groups...)
	}
	return all
}

func firstOf(errors ...error) error {
	for _, err := range errors {
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) checkAlerts(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, at time.Time) (all []CheckedAlerts, err error) {
	defer recovered(&err)
	always := *a
	always.Effective = agreement.Period{}
	from := budget.Reach(agreement.Window{Rolling: trafficReach}, nil, at)
	if start, _ := o.Window.At(at); start.Before(from) {
		from = start
	}
	// The scope is that of the window, the slots those of the last days.
	reading, err := e.open(ctx, &always, o, from, at, budget.Horizon(o.Window, at), func(scope.Intervals) time.Time { return at.Add(-trafficReach) })
	if err != nil {
		return nil, err
	}
	interval, err := e.scrapeInterval(ctx, o, at)
	if err != nil {
		return nil, err
	}
	for _, ledgers := range reading.groups(at.Add(-trafficReach), at) {
		all = append(all, CheckedAlerts{Agreement: a, Objective: o, Group: ledgers.Group, ScrapeInterval: interval,
			Checks: budget.CheckAlerts(o, budget.Policy(), reading.conditions(ledgers.Adjusted, o.Window, at, interval))})
	}
	return all, nil
}

// trafficReach is what the traffic of seven days takes, of windows that end in
// them and are as long as the longest alert.
const trafficReach = 10 * 24 * time.Hour

// scrapeInterval is how often the series of the SLI that are scraped most have
// a sample, by the hour before the instant; 0 when they have at most one.
func (e *Engine) scrapeInterval(ctx context.Context, o *agreement.Objective, at time.Time) (time.Duration, error) {
	plan, err := sli.NewPlan(o.SLI, o.Select, o.GroupBy)
	if err != nil {
		return 0, err
	}
	most := &greatest{}
	query := fmt.Sprintf("max(count_over_time(%s[1h]))", plan.Selector())
	if _, err := e.client.Query(ctx, query, at, most); err != nil {
		return 0, fmt.Errorf("how often it is scraped: %w", err)
	}
	if most.value < 2 {
		return 0, nil
	}
	return time.Duration(float64(time.Hour) / most.value).Round(time.Second), nil
}

// greatest takes the greatest value of an answer.
type greatest struct{ value float64 }

// Series takes the next series of the answer.
func (g *greatest) Series(map[string]string) (func(int64, float64), error) {
	return func(_ int64, value float64) { g.value = max(g.value, value) }, nil
}
