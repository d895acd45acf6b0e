// Package planning answers what-if questions: how a definition would have performed in
// the past, what its alerts can detect, what can be promised given the dependencies,
// whether a release may go ahead, and which target history supports.
package planning

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/scope"
)

// Definition is what a backtest judges one objective by.
type Definition struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
}

// Trial is what is tried instead of what was agreed; zero fields keep what was agreed.
type Trial struct {
	// Target applies all the time, whatever revisions there are.
	Target float64
	Window *agreement.Window
	// Exclusions are tried as if a party had approved them.
	Exclusions []agreement.Exclusion
	Alerts     []agreement.AlertRule
}

// IsZero reports whether nothing is tried.
func (t Trial) IsZero() bool {
	return t.Target == 0 && t.Window == nil && len(t.Exclusions) == 0 && len(t.Alerts) == 0
}

// maxExclusions of a trial.
const maxExclusions = 100

// Check returns an error that names the first invalid field.
func (t Trial) Check() error {
	switch {
	case t.Target < 0 || t.Target > 1:
		return fmt.Errorf("target: must be in (0, 1], got %v%s", t.Target, percentMeant(t.Target))
	case t.Window != nil && t.Window.Offset != 0:
		return fmt.Errorf("window: a backtest looks at every window in its range, so there is no offset")
	case len(t.Exclusions) > maxExclusions:
		return fmt.Errorf("exclusions: %d given, the limit is %d", len(t.Exclusions), maxExclusions)
	case len(t.Alerts) > agreement.MaxAlertRules:
		return fmt.Errorf("alerts: %d given, the limit is %d", len(t.Alerts), agreement.MaxAlertRules)
	}
	for _, x := range t.Exclusions {
		if !x.From.Before(x.To) {
			return fmt.Errorf("exclusions: one ends (%s) before it begins (%s)", x.To.Format(time.RFC3339), x.From.Format(time.RFC3339))
		}
	}
	for _, rule := range t.Alerts {
		switch {
		case rule.Severity != agreement.Page && rule.Severity != agreement.Ticket:
			return fmt.Errorf("alerts: severity must be page or ticket, got %q", rule.Severity)
		case rule.BurnRate != 0 && (rule.Share != 0 || !(rule.BurnRate >= 1)):
			return fmt.Errorf("alerts: burnRate must be 1 or more, in place of a share, got %v", rule.BurnRate)
		case rule.BurnRate == 0 && !(rule.Share > 0 && rule.Share <= 1):
			return fmt.Errorf("alerts: share of the budget must be in (0, 1], got %v%s", rule.Share, percentMeant(rule.Share))
		}
		if err := agreement.CheckLong(rule.Long); err != nil {
			return fmt.Errorf("alerts: long %w", err)
		}
	}
	return nil
}

func percentMeant(ratio float64) string {
	if ratio > 1 && ratio <= 100 {
		return fmt.Sprintf(" (did you mean %.12g?)", ratio/100)
	}
	return ""
}

// Present returns the definition as it was agreed, as if it had always been in effect.
func Present(a *agreement.Agreement, o *agreement.Objective) Definition {
	return Definition{Agreement: a.Always(), Objective: o}
}

// tester approves the exclusions of a trial; no Team can have this name.
const tester = "(backtest)"

// Of returns the definition with the trial applied.
func (t Trial) Of(d Definition) Definition {
	a, o := *d.Agreement, *d.Objective
	if t.Target > 0 {
		o.Target, o.Revisions = t.Target, nil
	}
	if t.Window != nil {
		o.Window = measure.InZone(*t.Window, d.Agreement, d.Objective)
	}
	for i, exclusion := range t.Exclusions {
		exclusion.Name = fmt.Sprintf("%s %d", tester, i+1)
		exclusion.ApprovedBy = tester
		a.Exclusions = append(a.Exclusions[:len(a.Exclusions):len(a.Exclusions)], &exclusion)
	}
	if len(t.Exclusions) > 0 {
		a.Consumers = append(a.Consumers[:len(a.Consumers):len(a.Consumers)], tester)
	}
	if len(t.Alerts) > 0 {
		o.Alerts = map[agreement.Severity]agreement.Alerts{agreement.Page: {Disabled: true}, agreement.Ticket: {Disabled: true}}
		for _, rule := range t.Alerts {
			o.Alerts[rule.Severity] = agreement.Alerts{Rules: append(o.Alerts[rule.Severity].Rules, rule)}
		}
	}
	d.Agreement, d.Objective = &a, &o
	return d
}

// Bounds of a backtest.
const (
	maxTriedGroups = 100
	// maxBacktest is the longest history that a definition is tried on.
	maxBacktest = agreement.MaxRolling
	// maxEvaluations of alerts and budget, over all groups: about ten seconds.
	maxEvaluations = 20_000_000
)

// Backtest is a definition tried on history, for one group.
type Backtest struct {
	Group map[string]string `json:"-"`
	// Balance is the window's balance as of the end of the range.
	budget.Balance
	// Lowest is the lowest remaining budget of all evaluations, LowestAt its instant.
	Lowest   budget.Figure `json:"lowest"`
	LowestAt *time.Time    `json:"lowestAt"`
	// BreachedSeconds is how long the window was breached.
	BreachedSeconds float64 `json:"breachedSeconds"`
	// Budget is the remaining share of the window's error budget over time.
	Budget []measure.Point `json:"budget"`
	// Firings says when an alert would have fired.
	Firings []budget.Firing `json:"alerts"`
	// Achievable is the target that history supports.
	Achievable AchievableTarget `json:"held"`
	// Checks says what the alerts can do, with the measured traffic.
	Checks []AlertCheck `json:"checks"`
}

// BacktestQuestion asks how a definition would have performed.
type BacktestQuestion struct {
	From, To time.Time
	// Points is the maximum number of points of the budget over time; default 200.
	Points int
}

// Check returns an error if the range is empty or too long.
func (q BacktestQuestion) Check() error {
	switch length := q.To.Sub(q.From); {
	case length <= 0:
		return fmt.Errorf("the range ends (%s) before it begins (%s)", q.To.Format(time.RFC3339), q.From.Format(time.RFC3339))
	case length > maxBacktest:
		return fmt.Errorf("a backtest reaches over at most %s, got %s", agreement.FormatDuration(maxBacktest), agreement.FormatDuration(length.Truncate(time.Hour)))
	}
	return nil
}

// RunBacktest tries a definition on history and returns a result for each group. The
// question must have been checked. Alerts are evaluated at every slot edge in (From, To].
func RunBacktest(ctx context.Context, service *measure.Service, d Definition, q BacktestQuestion) (all []Backtest, m counting.Measurement, err error) {
	defer parallel.Recover(&err)
	a, o := d.Agreement, d.Objective
	if o.OtherConnection != "" {
		return nil, m, errors.New(o.OtherConnection)
	}
	resolution := service.Resolution()
	if err := checkEvaluations(1, d, q, resolution); err != nil {
		return nil, m, err
	}
	from := readBacktestFrom(o.Window, q)
	readFrom := from
	if traffic := trafficFrom(o.Window, q.To); traffic.Before(from) {
		readFrom = traffic
	}
	reading, err := service.Read(ctx, a, o, readFrom, q.To, budget.Horizon(o.Window, q.To))
	if err != nil {
		return nil, m, err
	}
	interval, err := service.ScrapeInterval(ctx, o, q.To)
	if err != nil {
		return nil, m, err
	}
	groups := len(reading.Groups(from, q.To))
	if groups > maxTriedGroups {
		return nil, m, measure.Limitf("the objective has %d groups, and a backtest tries at most %d: narrow it by select", groups, maxTriedGroups)
	}
	if err := checkEvaluations(groups, d, q, resolution); err != nil {
		return nil, m, err
	}
	for ledgers := range reading.Ledgers(ctx, from, q.To) {
		l := ledgers.Adjusted
		result := Backtest{Group: ledgers.Group, Balance: l.Balance(o.Window, q.To), Achievable: TargetOf(ctx, l, o, o.Window, q.From, q.To),
			Firings: l.Firings(ctx, o.Window, q.From, q.To, resolution)}
		result.overTime(ctx, l, o.Window, q, resolution)
		result.Checks = CheckRules(o, measuredConditions(ctx, reading, l, q.To, interval))
		all = append(all, result)
	}
	return all, reading.Described(), ctx.Err()
}

// checkEvaluations bounds how often alerts and budget are computed: at least once, at each slot edge.
func checkEvaluations(groups int, d Definition, q BacktestQuestion, slot time.Duration) error {
	if q.From.Truncate(slot).Add(slot).After(q.To) {
		return measure.Limitf("alerts and budget are evaluated every %s, and not once from %s to %s: take a longer range",
			agreement.FormatDuration(slot), q.From.Format(time.RFC3339), q.To.Format(time.RFC3339))
	}
	alerts := len(d.Objective.AlertRules())
	if n := groups * (alerts + 1) * int(q.To.Sub(q.From)/slot); n > maxEvaluations {
		return measure.Limitf("the backtest takes %d evaluations (%d alerts and the budget of %d groups every %s), the limit is %d: take a shorter range, fewer alerts or groups",
			n, alerts, groups, agreement.FormatDuration(slot), maxEvaluations)
	}
	return nil
}

// readBacktestFrom returns the instant from which slots are needed, by the window and
// alerts of the first evaluation, and of the first one in the next period, which may be longer.
func readBacktestFrom(window agreement.Window, q BacktestQuestion) time.Time {
	from := budget.LookbackStart(window, nil, q.From)
	if _, end := window.At(q.From); window.IsCalendar() && end.Before(q.To) {
		if next := budget.LookbackStart(window, nil, end.Add(time.Millisecond)); next.Before(from) {
			from = next
		}
	}
	return from
}

// overTime records the remaining budget over time, its minimum, and how long it was overspent.
func (b *Backtest) overTime(ctx context.Context, l *budget.Ledger, window agreement.Window, q BacktestQuestion, slot time.Duration) {
	step := max(slot, (q.To.Sub(q.From)/time.Duration(cmp.Or(q.Points, 200))+slot-1)/slot*slot)
	b.Budget, b.Lowest = []measure.Point{}, budget.Absent
	for at := range budget.Instants(ctx, q.From, q.To, slot) {
		balance := l.Balance(window, at)
		if at.UnixMilli()%step.Milliseconds() == 0 {
			b.Budget = append(b.Budget, measure.Point{At: at, Value: balance.Remaining})
		}
		if balance.Remaining.Known() && (!b.Lowest.Known() || balance.Remaining < b.Lowest) {
			b.Lowest, b.LowestAt = balance.Remaining, &at
		}
		if balance.Breached() {
			b.BreachedSeconds += slot.Seconds()
		}
	}
}

// measuredConditions returns the conditions of a group, with its traffic.
func measuredConditions(ctx context.Context, r *measure.Reading, l *budget.Ledger, at time.Time, scrapeInterval time.Duration) Conditions {
	c := writtenConditions(r.Objective, at, r.Scope, r.Resolution)
	c.ScrapeInterval = scrapeInterval
	c.Traffic = func(long time.Duration) budget.Traffic { return l.Traffic(ctx, long, r.Objective.Window, at) }
	return c
}

// writtenConditions returns the conditions that are known without any measurement.
func writtenConditions(o *agreement.Objective, at time.Time, s scope.Scope, resolution time.Duration) Conditions {
	from, end := o.Window.At(at)
	return Conditions{At: at, Resolution: resolution,
		InScope: time.Duration(s.In.Length(from.UnixMilli(), end.UnixMilli())) * time.Millisecond}
}
