package wire

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/planning"
)

// Backtest is a definition tried on history, beside the present one.
type Backtest struct {
	Agreement string    `json:"agreement"`
	Objective string    `json:"objective"`
	TimeZone  string    `json:"timeZone,omitempty"` // in which people are shown instants
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	// Step is how far apart alerts are evaluated.
	Step   agreement.Duration `json:"step"`
	Unit   agreement.Unit     `json:"unit"`
	Method string             `json:"method"`
	Notes  []string           `json:"notes"`
	// Present is null for a new objective, Proposed when nothing was tried.
	Present  *TriedDefinition `json:"present"`
	Proposed *TriedDefinition `json:"proposed"`
	Groups   []BacktestGroup  `json:"groups"`
}

// TriedDefinition is what one side was judged by.
type TriedDefinition struct {
	Target float64               `json:"target"` // in force at the end
	Window string                `json:"window"`
	Alerts []agreement.AlertRule `json:"alerts"`
	// Exclusions is how many were tried beside those of the documents.
	Exclusions int `json:"exclusions"`
}

// BacktestGroup is one group of the objective, on both sides.
type BacktestGroup struct {
	Group    map[string]string  `json:"group"`
	Present  *planning.Backtest `json:"present"`
	Proposed *planning.Backtest `json:"proposed"`
	// Text is what the history says, in sentences, and Fired each alert of it, for
	// the page.
	Text  string       `json:"text,omitempty"`
	Fired []TriedAlert `json:"fired,omitempty"`
}

// TriedAlert is a time that an alert would have fired, its figures rounded as
// they are written.
type TriedAlert struct {
	Alert string    `json:"alert"` // such as «page over 1h»
	From  time.Time `json:"from"`
	// To is null where it fires at the end.
	To       *time.Time    `json:"to"`
	PeakBurn budget.Figure `json:"peakBurn"`
	// Consumed is the share of the budget that was spent by then.
	Consumed budget.Figure `json:"consumed"`
}

// BacktestTrial is one side of a backtest as it was measured.
type BacktestTrial struct {
	Definition planning.Definition
	Exclusions int
	Groups     []planning.Backtest
}

// tried is what the side was judged by, with the target in force at the end.
func (b *BacktestTrial) tried(end time.Time) *TriedDefinition {
	if b == nil {
		return nil
	}
	o := b.Definition.Objective
	return &TriedDefinition{Target: o.TargetAt(end), Window: o.Window.String(), Alerts: List(o.AlertRules()), Exclusions: b.Exclusions}
}

// NewBacktest is a backtest as JSON prints it; one side may be nil.
func NewBacktest(q planning.BacktestQuestion, step time.Duration, m counting.Measurement, present, proposed *BacktestTrial) Backtest {
	d := cmp.Or(present, proposed).Definition
	b := Backtest{Agreement: d.Agreement.Name, Objective: d.Objective.Name, TimeZone: d.Agreement.Zone.String(), From: q.From.UTC(), To: q.To.UTC(),
		Step: agreement.Duration(step), Unit: d.Objective.Unit(), Method: string(m.Method), Notes: List(m.Notes),
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
