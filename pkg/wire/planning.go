package wire

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/problem"
)

// Backtest compares a proposed definition of an objective with the present one on past data.
type Backtest struct {
	Agreement string    `json:"agreement"`
	Objective string    `json:"objective"`
	TimeZone  string    `json:"timeZone,omitempty"` // in which to show instants
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	// Step is the interval at which alerts are evaluated.
	Step   agreement.Duration `json:"step"`
	Unit   agreement.Unit     `json:"unit"`
	Method string             `json:"method"`
	Notes  []string           `json:"notes"`
	// Present is null for a new objective, Proposed if no change was tried.
	Present  *TriedDefinition `json:"present"`
	Proposed *TriedDefinition `json:"proposed"`
	Groups   []BacktestGroup  `json:"groups"`
}

// TriedDefinition is the definition that one side of a backtest was judged by.
type TriedDefinition struct {
	Target float64               `json:"target"` // ratio, in force at the end
	Window string                `json:"window"`
	Alerts []agreement.AlertRule `json:"alerts"`
	// Exclusions is the number of exclusions tried in addition to those of the documents.
	Exclusions int `json:"exclusions"`
}

// BacktestGroup is one group of the objective, judged by both definitions.
type BacktestGroup struct {
	Group    map[string]string  `json:"group"`
	Present  *planning.Backtest `json:"present"`
	Proposed *planning.Backtest `json:"proposed"`
	// Text describes the result in sentences and Fired lists its alerts, both for the page.
	Text  string       `json:"text,omitempty"`
	Fired []TriedAlert `json:"fired,omitempty"`
}

// TriedAlert is a time that an alert would have fired; its figures are rounded for display.
type TriedAlert struct {
	Alert string    `json:"alert"` // such as «page over 1h»
	From  time.Time `json:"from"`
	// To is null if the alert still fires at the end.
	To       *time.Time    `json:"to"`
	PeakBurn budget.Figure `json:"peakBurn"`
	// Consumed is the share of the budget that was spent by From.
	Consumed budget.Figure `json:"consumed"`
}

// BacktestTrial is one side of a backtest as measured.
type BacktestTrial struct {
	Definition planning.Definition
	Exclusions int
	Groups     []planning.Backtest
}

// tried returns the definition of the side, with the target in force at the end; nil without a side.
func (b *BacktestTrial) tried(end time.Time) *TriedDefinition {
	if b == nil {
		return nil
	}
	o := b.Definition.Objective
	return &TriedDefinition{Target: o.TargetAt(end), Window: o.Window.String(), Alerts: List(o.AlertRules()), Exclusions: b.Exclusions}
}

// NewBacktest converts a backtest; one of present and proposed may be nil.
func NewBacktest(q planning.BacktestQuestion, step time.Duration, m counting.Measurement, present, proposed *BacktestTrial) Backtest {
	d := cmp.Or(present, proposed).Definition
	b := Backtest{Agreement: d.Agreement.Name, Objective: d.Objective.Name, TimeZone: d.Agreement.Zone.String(), From: q.From.UTC(), To: q.To.UTC(),
		Step: agreement.Duration(step), Unit: d.Objective.Unit(), Method: string(m.Method), Notes: List(slices.Concat(m.Warnings, m.Notes)),
		Present: present.tried(q.To), Proposed: proposed.tried(q.To), Groups: []BacktestGroup{}}
	if present != nil {
		b.Groups = Each(present.Groups, func(p planning.Backtest) BacktestGroup { return BacktestGroup{Group: p.Group, Present: &p} })
	}
	if proposed == nil {
		return b
	}
	for _, p := range proposed.Groups {
		i := slices.IndexFunc(b.Groups, func(g BacktestGroup) bool { return maps.Equal(g.Group, p.Group) })
		if i < 0 {
			i, b.Groups = len(b.Groups), append(b.Groups, BacktestGroup{Group: p.Group})
		}
		b.Groups[i].Proposed = &p
	}
	return b
}

// Gate is the decision whether a release may go ahead.
type Gate struct {
	Agreement string            `json:"agreement"`
	At        time.Time         `json:"at"`
	Decision  planning.Decision `json:"decision"`
	// Reason is the reason of the deciding objective, in one line.
	Reason string `json:"reason"`
	// MinRemaining is the share of the error budget that must be left.
	MinRemaining float64 `json:"minRemaining"`
	// MaxBlind is the time in scope without data from which the decision is no_data.
	MaxBlind   agreement.Duration `json:"maxBlind"`
	Objectives []GateObjective    `json:"objectives"`
	// LeftOut is the number of errors in the documents; documents with errors are left out.
	LeftOut int `json:"leftOut"`
}

// GateObjective is the decision on one objective, or one group of it.
type GateObjective struct {
	Name      string            `json:"name"`
	Group     map[string]string `json:"group"`
	State     budget.State      `json:"state"`
	Remaining budget.Figure     `json:"remaining"`
	Coverage  budget.Figure     `json:"coverage"`
	// MeasuredUntil is that of [ObjectiveStatus].
	MeasuredUntil *time.Time        `json:"measuredUntil"`
	Decision      planning.Decision `json:"decision"`
	Reason        string            `json:"reason"`
}

// deciding lists the decisions by precedence.
var deciding = []planning.Decision{planning.Stop, planning.NoData, planning.Failed, planning.Go}

// byDeciding orders by precedence of the decision, then by the remaining budget; an absent one comes last.
func byDeciding(a, b GateObjective) int {
	return cmp.Or(slices.Index(deciding, a.Decision)-slices.Index(deciding, b.Decision),
		cmp.Compare(-b.Remaining, -a.Remaining))
}

// NewGate decides by the objective whose decision has precedence: stop before no data
// before failed before go. An agreement that is not active never stops a release.
func NewGate(at time.Time, result measure.AgreementResult, limits planning.Limits, problems []problem.Problem) Gate {
	leftOut, _ := problem.Count(problems)
	gate := Gate{LeftOut: leftOut, Agreement: result.Agreement.Name, At: at.UTC(), Decision: planning.Go, MinRemaining: limits.MinRemaining,
		MaxBlind: agreement.Duration(limits.MaxBlind), Objectives: []GateObjective{}}
	if result.Agreement.Stage != agreement.Active {
		gate.Reason = fmt.Sprintf("the agreement is %s, and promises nothing", result.Agreement.Stage)
		return gate
	}
	for _, r := range result.Objectives {
		o := GateObjective{Name: r.Objective.Name, Group: r.Group, State: r.State, Remaining: r.Remaining, Coverage: r.Coverage, MeasuredUntil: NullTime(r.MeasuredUntil)}
		if o.Decision, o.Reason = planning.Gate(r.Status, limits); r.Err != nil {
			o.Decision, o.Reason = planning.Failed, "not measured: "+r.Err.Error()
		}
		for _, unsure := range append(r.Status.Remarks(), r.Measurement.Warnings...) {
			if unsure != o.Reason {
				o.Reason += "; " + unsure
			}
		}
		gate.Objectives = append(gate.Objectives, o)
	}
	o := slices.MinFunc(gate.Objectives, byDeciding)
	gate.Decision, gate.Reason = o.Decision, o.Reason
	if o.Name != "" { // that of a document with errors may be unknown
		gate.Reason = ObjectiveText(o.Name, o.Group) + ": " + o.Reason
	}
	return gate
}

// EffectFigures are the figures of an agreement before or after a change.
type EffectFigures struct {
	// Current is the status over the windows of the objectives.
	Current AgreementStatus `json:"current"`
	// Last90Days and Months treat the agreement as if it had always been in
	// effect, so that a promise can be tried on past data before it is made.
	Last90Days AgreementStatus `json:"last90Days"`
	// Months are the three months before the present one and that one to date, oldest first.
	Months []PeriodStatus `json:"months"`
}

// Difference is the effect that a change would have had on one objective, or one group
// of it, formatted for people.
type Difference struct {
	// Objective is its name with its group: «latency {region=eu}».
	Objective string `json:"objective"`
	// Changes says whether there would have been an effect.
	Changes bool `json:"changes"`
	// Text describes the effect in sentences.
	Text string `json:"text"`
	// Periods are the last 90 days, then the months, oldest first.
	Periods []Compared `json:"periods"`
}

// Compared has the figures of a period before and after a change; null where there are none.
type Compared struct {
	Period string        `json:"period"`
	Before *TriedFigures `json:"before"`
	After  *TriedFigures `json:"after"`
}

// TriedFigures are the figures of a period, rounded for display.
type TriedFigures struct {
	State      budget.State  `json:"state"`
	Target     budget.Figure `json:"target"`
	Compliance budget.Figure `json:"compliance"`
	// Remaining is the share of the error budget that is left, Budget the amount as text.
	Remaining budget.Figure `json:"remaining"`
	Budget    string        `json:"budget"`
}
