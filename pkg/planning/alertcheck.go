package planning

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
)

// AlertCheck is the computed behavior of a burn-rate alert.
type AlertCheck struct {
	agreement.AlertRule
	Short  agreement.Duration `json:"short"`
	Factor float64            `json:"factor"`
	// Highest is the burn rate while everything is bad, 1/(1 − target); an alert
	// whose factor is not below it can never fire.
	Highest budget.Figure `json:"highest"`
	CanFire bool          `json:"canFire"`
	// FullOutage and OnePercent are how soon it fires when everything is bad, and
	// when 1% is.
	FullOutage Detection `json:"fullOutage"`
	OnePercent Detection `json:"onePercent"`
	// Events is the total in a long window of average traffic, Fewest that in the
	// quietest one of the last seven days, in the objective's unit; absent if not
	// known.
	Events budget.Figure `json:"events"`
	Fewest budget.Figure `json:"fewest"`
	// BadToFire is how much must be bad in an average long window.
	BadToFire budget.Figure `json:"badToFire"`
	// Problems are the reasons why it may not work as intended, a sentence each.
	Problems []string `json:"problems"`
}

// Detection is how an alert detects an outage at even traffic, after a time without
// anything bad.
type Detection struct {
	// AfterSeconds is the time in scope after which it fires, if evaluated at every
	// instant; null if it never does for so little.
	AfterSeconds *float64 `json:"afterSeconds"`
	// Consumed is the share of the window's budget that is spent by then.
	Consumed budget.Figure `json:"consumed"`
}

// Conditions are the conditions under which alerts are checked.
type Conditions struct {
	At time.Time
	// InScope is the time in scope of the whole window; 0 means all of it.
	InScope time.Duration
	// Resolution is the length of a slot.
	Resolution time.Duration
	// ScrapeInterval is 0 if it is not known.
	ScrapeInterval time.Duration
	// Traffic returns the total in so much time in scope; nil if it is not known.
	Traffic func(long time.Duration) budget.Traffic
}

// CheckRules checks the alerts of an objective, in their order. Default alerts that do
// not exist in a window this short are left out.
func CheckRules(o *agreement.Objective, c Conditions) []AlertCheck {
	from, end := o.Window.At(c.At)
	length := end.Sub(from)
	inScope := cmp.Or(c.InScope, length)
	target := o.TargetAt(c.At)
	errorBudget := agreement.BudgetRatio(target)
	checks := []AlertCheck{}
	for _, rule := range o.AlertRules() {
		alert, exists := budget.AlertOver(rule, length)
		own := o.Alerts[rule.Severity].Rules != nil
		check := AlertCheck{AlertRule: alert.AlertRule, Short: alert.Short, Factor: alert.Factor, Highest: budget.Figure(budget.HighestBurn(target)),
			FullOutage: Detection{Consumed: budget.Absent}, OnePercent: Detection{Consumed: budget.Absent},
			Events: budget.Absent, Fewest: budget.Absent, BadToFire: budget.Absent}
		switch {
		case exists:
			check.CanFire = alert.CanFire(target)
			check.FullOutage, check.OnePercent = detect(o, alert, 1, errorBudget, inScope), detect(o, alert, 0.01, errorBudget, inScope)
			check.traffic(o, c, errorBudget)
			check.Problems = check.problems(o, c, errorBudget)
		case own:
			check.Problems = []string{fmt.Sprintf("it can never fire: there is no alert over %s in a window of %s", rule.Long, agreement.Duration(length))}
		default:
			continue
		}
		onBudget := float64(rule.Long) / float64(length) // the share that a burn rate of 1 spends
		if own && exists && rule.BurnRate == 0 && rule.Share < onBudget*(1-budget.Tolerance) {
			check.Problems = append(check.Problems, fmt.Sprintf(
				"it fires when %s of the budget is spent within %s, not %s: less is a burn rate below 1, which the budget lasts for",
				budget.Figure(onBudget).Share(), rule.Long, budget.Figure(rule.Share).Share()))
		}
		checks = append(checks, check)
	}
	return checks
}

// detect computes when burn(L) exceeds the factor: after the part of L that has to be
// bad. The burn rate of the short window exceeds it by then.
func detect(o *agreement.Objective, alert budget.Alert, bad, errorBudget float64, inScope time.Duration) Detection {
	d := Detection{Consumed: budget.Absent}
	if judged := judgedBad(o, bad); budget.Consumed(judged, errorBudget) > alert.Factor*(1+budget.Tolerance) {
		d.AfterSeconds = new(time.Duration(alert.Factor * errorBudget / judged * float64(alert.Long)).Seconds())
		d.Consumed = budget.Figure(budget.Consumed(1, 0)) // without a budget, the first bad event is too much
		if errorBudget > 0 {
			d.Consumed = budget.Figure(alert.Factor * time.Duration(alert.Long).Seconds() / inScope.Seconds())
		}
	}
	return d
}

// judgedBad returns the bad ratio as the budgeting method counts it: a slice of Timeslices is bad or not.
func judgedBad(o *agreement.Objective, bad float64) float64 {
	if o.Budgeting != agreement.Timeslices {
		return bad
	}
	if budget.Exceeds(bad, agreement.BudgetRatio(o.TimeSliceTarget)) {
		return 1
	}
	return 0
}

// traffic sets the figures on the traffic in a long window.
func (c *AlertCheck) traffic(o *agreement.Objective, under Conditions, errorBudget float64) {
	long := time.Duration(c.Long)
	switch {
	case under.Traffic != nil:
		traffic := under.Traffic(long)
		c.Events, c.Fewest = traffic.Average, traffic.Fewest
	case o.Budgeting != agreement.Occurrences:
		c.Events = budget.Figure(long.Seconds() / o.TimeSliceWindow.Seconds())
	case o.SLI.Kind.TimeBased():
		c.Events = budget.Figure(long.Seconds())
	}
	if c.Events.Known() {
		c.BadToFire = budget.Figure(c.Factor * errorBudget * float64(c.Events))
	}
}

// single returns the least that can be bad: an event, a minute, a slice.
func single(o *agreement.Objective) (amount float64, name string) {
	switch {
	case o.Budgeting != agreement.Occurrences:
		return 1, "slice"
	case o.SLI.Kind.TimeBased():
		return time.Minute.Seconds(), "minute"
	}
	return 1, "event"
}

func (c *AlertCheck) problems(o *agreement.Objective, under Conditions, errorBudget float64) []string {
	all := []string{}
	say := func(format string, values ...any) { all = append(all, fmt.Sprintf(format, values...)) }
	long, short := c.Long, c.Short
	if !c.CanFire {
		say("it can never fire: its factor %s is not below %s, the burn rate while everything is bad", budget.Figure(c.Factor).Rate(), c.Highest.Rate())
		return all
	}
	if time.Duration(short) < under.Resolution {
		say("its short window of %s is shorter than a slot of %s, of which it takes a part as if events came evenly",
			short, agreement.FormatDuration(under.Resolution))
	}
	switch interval := agreement.Duration(under.ScrapeInterval); {
	case interval > short:
		say("scraped every %s, its short window of %s is often empty, and the alert is null then", interval, short)
	case 2*interval > short:
		say("scraped every %s, its short window of %s is empty as soon as one scrape fails", interval, short)
	}
	if float64(c.FullOutage.Consumed) >= 1 && errorBudget > 0 {
		say("by the time it fires the whole error budget is gone")
	}
	amount, name := single(o)
	switch {
	case !c.Events.Known():
	case float64(c.Events) < o.MinEvents:
		say("it keeps quiet: %s of average traffic hold %s, fewer than minEvents %s", long, c.Events.Rate(), budget.Figure(o.MinEvents).Rate())
	case float64(c.BadToFire) < amount && name != "event":
		say("a single bad %s fires it", name)
	case float64(c.BadToFire) < amount:
		say("a single bad %s in %s of average traffic fires it", name, long)
	case c.Fewest.Known() && float64(c.Fewest) >= o.MinEvents && c.Factor*errorBudget*float64(c.Fewest) < amount:
		say("a single bad %s in the quietest %s of the last 7 days would have fired it", name, long)
	}
	return all
}

// ObjectiveAlerts are the checked alerts of one objective and group.
type ObjectiveAlerts struct {
	Agreement string            `json:"agreement"`
	Kind      string            `json:"-"` // of its document
	Objective string            `json:"objective"`
	Title     string            `json:"-"` // shown to people
	Group     map[string]string `json:"group"`
	Window    string            `json:"window"`
	Unit      agreement.Unit    `json:"unit"`
	// ScrapeSeconds is null if it was not measured.
	ScrapeSeconds *float64     `json:"scrapeSeconds"`
	Alerts        []AlertCheck `json:"alerts"`
	// Error is why scrape interval and traffic are not known; null if they are, or
	// were not asked for.
	Error *string `json:"error"`
}

func newObjectiveAlerts(a *agreement.Agreement, o *agreement.Objective, group map[string]string) ObjectiveAlerts {
	return ObjectiveAlerts{Agreement: a.Name, Kind: a.Kind(), Objective: o.Name, Title: titleOf(a, o), Group: group, Window: o.Window.String(), Unit: o.Unit(), Alerts: []AlertCheck{}}
}

// CheckWrittenAlerts checks the alerts of the agreements as of an instant, by their
// definition alone. Agreements that are retired or over have none.
func CheckWrittenAlerts(ctx context.Context, agreements []*agreement.Agreement, at time.Time, resolution time.Duration) []ObjectiveAlerts {
	all := []ObjectiveAlerts{}
	for _, a := range agreements {
		for _, o := range a.Objectives {
			if hasAlerts(a, o, at) {
				all = append(all, checkWritten(ctx, a, o, at, resolution))
			}
		}
	}
	return all
}

func hasAlerts(a *agreement.Agreement, o *agreement.Objective, at time.Time) bool {
	return a.NotRead == "" && !a.IsOver(at) && o.OtherConnection == ""
}

func checkWritten(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, at time.Time, resolution time.Duration) ObjectiveAlerts {
	alerts := newObjectiveAlerts(a, o, map[string]string{})
	from, end := o.Window.At(at)
	if in, err := scope.Of(ctx, a.Always(), from, end); err != nil {
		alerts.Error = new(err.Error())
	} else {
		alerts.Alerts = CheckRules(o, writtenConditions(o, at, in, o.Slot(resolution)))
	}
	return alerts
}

// CheckAlerts checks the alerts of the agreements with the measured traffic and scrape
// interval or, if these cannot be measured, like [CheckWrittenAlerts], with the error.
func CheckAlerts(ctx context.Context, service *measure.Service, agreements []*agreement.Agreement, at time.Time) []ObjectiveAlerts {
	_, unreachable := service.Capabilities(ctx)
	all := []ObjectiveAlerts{}
	answers, _ := measure.Together(ctx, service, agreements, func(ctx context.Context, service *measure.Service, a *agreement.Agreement, o *agreement.Objective) ([]ObjectiveAlerts, error) {
		switch {
		case !hasAlerts(a, o, at):
			return nil, nil
		case unreachable != nil:
			return nil, unreachable
		}
		return checkMeasured(ctx, service, a, o, at)
	})
	for _, answer := range answers {
		if answer.Err != nil {
			written := checkWritten(ctx, answer.Agreement, answer.Objective, at, service.Resolution())
			written.Error = cmp.Or(written.Error, new(answer.Err.Error()))
			answer.Value = []ObjectiveAlerts{written}
		}
		all = append(all, answer.Value...)
	}
	return all
}

const week = 7 * 24 * time.Hour

// trafficFrom returns the earliest instant that [budget.Ledger.Traffic] looks at: the traffic of seven days
// takes windows that end in them, and are not longer than the objective's.
func trafficFrom(window agreement.Window, at time.Time) time.Time {
	start, end := window.At(at)
	return at.Add(start.Sub(end) - week)
}

func checkMeasured(ctx context.Context, service *measure.Service, a *agreement.Agreement, o *agreement.Objective, at time.Time) (all []ObjectiveAlerts, err error) {
	from := trafficFrom(o.Window, at)
	reading, err := service.ReadNeeded(ctx, a.Always(), o, from, at, budget.Horizon(o.Window, at), func(in scope.Intervals) time.Time {
		return time.UnixMilli(in.Back(at.Add(-week).UnixMilli(), max(1, o.LongestAlert().Milliseconds()), from.UnixMilli())).UTC()
	})
	if err != nil {
		return nil, err
	}
	interval, err := service.ScrapeInterval(ctx, o, at)
	if err != nil {
		return nil, err
	}
	for ledgers := range reading.Ledgers(ctx, reading.From, at) {
		alerts := newObjectiveAlerts(a, o, ledgers.Group)
		alerts.Alerts = CheckRules(o, measuredConditions(ctx, reading, ledgers.Adjusted, at, interval))
		if interval > 0 {
			alerts.ScrapeSeconds = new(interval.Seconds())
		}
		all = append(all, alerts)
	}
	return all, ctx.Err()
}
