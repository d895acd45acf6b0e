package wire

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/slots"
)

// Backtest is a definition tried on history, beside the present one.
type Backtest struct {
	Agreement string    `json:"agreement"`
	Objective string    `json:"objective"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	// Step is how far apart alerts are evaluated.
	Step   string         `json:"step"`
	Unit   agreement.Unit `json:"unit"`
	Method string         `json:"method"`
	Notes  []string       `json:"notes"`
	// Present is null for a new objective, Proposed when nothing was tried.
	Present  *TriedDefinition `json:"present"`
	Proposed *TriedDefinition `json:"proposed"`
	Groups   []BacktestGroup  `json:"groups"`
}

// TriedDefinition is what one side was judged by.
type TriedDefinition struct {
	Target float64     `json:"target"` // in force at the end
	Window string      `json:"window"`
	Alerts []AlertRule `json:"alerts"`
	// Exclusions is how many were tried beside those of the documents.
	Exclusions int `json:"exclusions"`
}

// AlertRule is a burn-rate alert: it fires when share of the budget is spent
// within long.
type AlertRule struct {
	Severity budget.Severity `json:"severity"`
	Share    float64         `json:"share"`
	Long     string          `json:"long"`
}

// BacktestGroup is one group of the objective, on both sides.
type BacktestGroup struct {
	Group    map[string]string `json:"group"`
	Present  *BacktestSide     `json:"present"`
	Proposed *BacktestSide     `json:"proposed"`
}

// BacktestSide is how one definition would have done.
type BacktestSide struct {
	// Figures of the window as of the end.
	Figures
	// Lowest is the least that was ever left of the budget, and when.
	Lowest   budget.Figure `json:"lowest"`
	LowestAt *time.Time    `json:"lowestAt"`
	// BreachedSeconds is how long more was bad than the budget allows.
	BreachedSeconds float64 `json:"breachedSeconds"`
	// Budget is the share that was left over time.
	Budget []Point          `json:"budget"`
	Alerts []BacktestAlert  `json:"alerts"`
	Held   AchievableTarget `json:"held"`
	// Checks are what the alerts can do.
	Checks []AlertCheck `json:"checks"`
}

// BacktestAlert is one time that an alert would have fired.
type BacktestAlert struct {
	AlertRule
	Short  string        `json:"short"`
	Factor budget.Figure `json:"factor"`
	From   time.Time     `json:"from"`
	// To is null when it still fires at the end.
	To *time.Time `json:"to"`
	// Consumed is the share of the window's budget that was spent when it began.
	Consumed budget.Figure `json:"consumed"`
	PeakBurn budget.Figure `json:"peakBurn"`
}

// AchievableTarget is what was held in 99 % of the past windows.
type AchievableTarget struct {
	Windows    int           `json:"windows"`
	Compliance budget.Figure `json:"compliance"`
	// Target is the compliance rounded down to a target that can be written.
	Target budget.Figure `json:"target"`
	Reason string        `json:"reason,omitempty"`
}

// BacktestTrial is one side of a backtest as it was measured.
type BacktestTrial struct {
	Definition planning.Definition
	Exclusions int
	Groups     []planning.Backtest
}

// NewBacktest is a backtest as JSON prints it; one side may be nil.
func NewBacktest(q planning.BacktestQuestion, step time.Duration, m counting.Measurement, present, proposed *BacktestTrial) Backtest {
	either := present
	if either == nil {
		either = proposed
	}
	d := either.Definition
	b := Backtest{Agreement: d.Agreement.Name, Objective: d.Objective.Name, From: q.From.UTC(), To: q.To.UTC(),
		Step: agreement.FormatDuration(step), Unit: d.Objective.Unit(), Method: string(m.Method), Notes: List(m.Notes),
		Groups: []BacktestGroup{}}
	places := map[string]int{}
	put := func(side *BacktestTrial, into func(*BacktestGroup, *BacktestSide)) *TriedDefinition {
		if side == nil {
			return nil
		}
		for _, tried := range side.Groups {
			key := slots.GroupKey(tried.Group)
			place, known := places[key]
			if !known {
				place = len(b.Groups)
				places[key] = place
				b.Groups = append(b.Groups, BacktestGroup{Group: tried.Group})
			}
			into(&b.Groups[place], newBacktestSide(tried))
		}
		return &TriedDefinition{Target: side.Definition.Objective.TargetAt(q.To), Window: side.Definition.Objective.Window.String(),
			Alerts: Each(side.Definition.Alerts, newAlertRule), Exclusions: side.Exclusions}
	}
	b.Present = put(present, func(g *BacktestGroup, s *BacktestSide) { g.Present = s })
	b.Proposed = put(proposed, func(g *BacktestGroup, s *BacktestSide) { g.Proposed = s })
	return b
}

func newAlertRule(rule budget.AlertRule) AlertRule {
	return AlertRule{rule.Severity, rule.Share, agreement.FormatDuration(rule.Long)}
}

func newBacktestSide(tried planning.Backtest) *BacktestSide {
	side := BacktestSide{Figures: NewFigures(tried.Balance), Lowest: tried.Lowest.Value, BreachedSeconds: tried.Breached.Seconds(),
		Budget: points(tried.Budget), Alerts: Each(tried.Firings, newBacktestAlert),
		Held: AchievableTarget(tried.Achievable), Checks: Each(tried.Checks, newAlertCheck)}
	if tried.Lowest.Value.Known() {
		side.LowestAt = &tried.Lowest.At
	}
	return &side
}

func newBacktestAlert(f budget.Firing) BacktestAlert {
	return BacktestAlert{AlertRule: newAlertRule(budget.AlertRule{Severity: f.Severity, Share: f.Share, Long: f.Long}),
		Short: agreement.FormatDuration(f.Short), Factor: budget.Figure(f.Factor), From: f.From, To: NullTime(f.To),
		Consumed: f.Consumed, PeakBurn: f.Peak}
}
