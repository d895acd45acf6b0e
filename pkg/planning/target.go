package planning

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
)

// AchievableTarget is the target that history supports: the best that 99% of the past
// windows reached.
type AchievableTarget struct {
	// Windows is the number of windows examined.
	Windows int `json:"windows"`
	// Compliance is the best that at least 99% of them reached; null if history is
	// too short.
	Compliance budget.Figure `json:"compliance"`
	// Target is Compliance with its error budget rounded up to two significant
	// digits. Null if that is no target, as 0% or 100%.
	Target budget.Figure `json:"target"`
	// Reason says why something is null.
	Reason string `json:"reason,omitempty"`
}

const (
	// missed is the share of the windows that may be worse.
	missed = 0.01
	// between is the time between the ends of rolling windows.
	between = time.Hour
)

// TargetOf examines the windows that end in (from, to], until ctx is done: whole periods
// of a calendar window, or the rolling windows that end on each full hour. It requires at
// least two that do not overlap, and skips those with too little coverage.
func TargetOf(ctx context.Context, l *budget.Ledger, o *agreement.Objective, window agreement.Window, from, to time.Time) AchievableTarget {
	achievable := AchievableTarget{Compliance: budget.Absent, Target: budget.Absent}
	var reached []float64
	var first, last time.Time
	for end := range ends(ctx, window, from, to) {
		balance := l.Balance(window, end)
		if !balance.Compliance.Known() || !(float64(balance.Coverage) >= max(budget.EnoughMeasured, o.MinCoverage)) {
			continue
		}
		if len(reached) == 0 {
			first = end
		}
		last = end
		reached = append(reached, float64(balance.Compliance))
	}
	achievable.Windows = len(reached)
	if achievable.Reason = tooShort(window, len(reached), last.Sub(first)); achievable.Reason != "" {
		return achievable
	}
	slices.Sort(reached)
	achievable.Compliance = budget.Figure(reached[int(missed*float64(len(reached)))])
	achievable.Target, achievable.Reason = asTarget(float64(achievable.Compliance))
	return achievable
}

// ends yields the instants at which whole windows end.
func ends(ctx context.Context, window agreement.Window, from, to time.Time) iter.Seq[time.Time] {
	if !window.IsCalendar() {
		return budget.Instants(ctx, from, to, between)
	}
	window.Offset = 0
	return func(yield func(time.Time) bool) {
		_, end := window.At(from.Add(time.Millisecond))
		for !end.After(to) && ctx.Err() == nil && yield(end) {
			_, end = window.At(end.Add(time.Millisecond))
		}
	}
}

func tooShort(window agreement.Window, windows int, apart time.Duration) string {
	enough := budget.Figure(budget.EnoughMeasured).Share()
	switch {
	case windows >= 2 && apart >= window.Rolling: // 0 for a calendar window
		return ""
	case window.IsCalendar():
		return fmt.Sprintf("history is too short: of the two whole %ss that a proposal takes, each measured to at least %s, it has %d", window.Calendar, enough, windows)
	}
	return fmt.Sprintf("history is too short: a proposal takes two windows of %s, measured to at least %s, that do not overlap", window, enough)
}

// asTarget rounds the compliance down, so that the error budget has two significant digits.
func asTarget(compliance float64) (target budget.Figure, reason string) {
	errorBudget := agreement.BudgetRatio(compliance)
	switch {
	case errorBudget <= budget.Tolerance:
		return budget.Absent, "nothing was bad in 99% of the windows, and a target of 100% leaves no budget: choose one below"
	case errorBudget >= 1-budget.Tolerance:
		return budget.Absent, "hardly anything was good"
	}
	scale := math.Pow(10, math.Ceil(-math.Log10(errorBudget))+1)
	rounded := math.Ceil(errorBudget*scale-budget.Tolerance) / scale
	return budget.Figure(agreement.BudgetRatio(rounded)), ""
}
