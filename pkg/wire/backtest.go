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
	Target float64            `json:"target"` // in force at the end
	Window string             `json:"window"`
	Alerts []budget.AlertRule `json:"alerts"`
	// Exclusions is how many were tried beside those of the documents.
	Exclusions int `json:"exclusions"`
}

// BacktestGroup is one group of the objective, on both sides.
type BacktestGroup struct {
	Group    map[string]string  `json:"group"`
	Present  *planning.Backtest `json:"present"`
	Proposed *planning.Backtest `json:"proposed"`
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
	put := func(side *BacktestTrial, into func(*BacktestGroup, *planning.Backtest)) *TriedDefinition {
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
			into(&b.Groups[place], &tried)
		}
		return &TriedDefinition{Target: side.Definition.Objective.TargetAt(q.To), Window: side.Definition.Objective.Window.String(),
			Alerts: side.Definition.Alerts, Exclusions: side.Exclusions}
	}
	b.Present = put(present, func(g *BacktestGroup, s *planning.Backtest) { g.Present = s })
	b.Proposed = put(proposed, func(g *BacktestGroup, s *planning.Backtest) { g.Proposed = s })
	return b
}
