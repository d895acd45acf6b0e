package budget

import (
	"fmt"
	"math"
	"sort"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Held is what history says of a target: what was held in 99 % of the past
// windows.
type Held struct {
	// Windows is how many were looked at.
	Windows int
	// Compliance is the best that at least 99 % of them reached; absent when
	// history is too short.
	Compliance Figure
	// Target is Compliance written as a target: its error budget is rounded up
	// to two digits. Absent where it would be none.
	Target Figure
	// Reason says why something is absent.
	Reason string
}

const (
	// missed is the share of the windows that may be worse.
	missed = 0.01
	// heldCoverage is how much of a window must have been measured for it to
	// say something of the promise.
	heldCoverage = 0.9
	// heldStep is how far apart the ends of rolling windows are.
	heldStep = time.Hour
)

// Held looks at the windows that end in (from, to]: whole periods of a calendar
// window, and of a rolling one those that end at each full hour. It takes at
// least two that do not overlap.
func (l *Ledger) Held(window agreement.Window, from, to time.Time) Held {
	held := Held{Compliance: Absent, Target: Absent}
	var reached []float64
	var first, last time.Time
	for _, end := range ends(window, from, to) {
		balance := l.Balance(window, end)
		if !balance.Compliance.Known() || !(float64(balance.Coverage) >= max(heldCoverage, l.objective.MinCoverage)) {
			continue
		}
		if len(reached) == 0 {
			first = end
		}
		last = end
		reached = append(reached, float64(balance.Compliance))
	}
	held.Windows = len(reached)
	if held.Reason = tooShort(window, len(reached), last.Sub(first)); held.Reason != "" {
		return held
	}
	sort.Float64s(reached)
	held.Compliance = Figure(reached[int(missed*float64(len(reached)))])
	held.Target, held.Reason = asTarget(float64(held.Compliance))
	return held
}

// ends are the instants at which whole windows end.
func ends(window agreement.Window, from, to time.Time) []time.Time {
	var all []time.Time
	if !window.IsCalendar() {
		for end := range Instants(from, to, heldStep) {
			all = append(all, end)
		}
		return all
	}
	window.Offset = 0
	for _, end := window.At(from.Add(time.Millisecond)); !end.After(to); _, end = window.At(end.Add(time.Millisecond)) {
		all = append(all, end)
	}
	return all
}

func tooShort(window agreement.Window, windows int, apart time.Duration) string {
	switch {
	case window.IsCalendar() && windows < 2:
		return fmt.Sprintf("history is too short: of the two whole %ss that a proposal takes, each measured to at least %.0f %%, it has %d", window.Calendar, 100*heldCoverage, windows)
	case !window.IsCalendar() && (windows < 2 || apart < window.Rolling):
		length := agreement.FormatDuration(window.Rolling)
		return fmt.Sprintf("history is too short: a proposal takes two windows of %s, measured to at least %.0f %%, that do not overlap", length, 100*heldCoverage)
	}
	return ""
}

// asTarget rounds the compliance down, so that the error budget has two digits.
func asTarget(compliance float64) (target Figure, reason string) {
	budget := agreement.BudgetRatio(compliance)
	switch {
	case budget <= exact:
		return Absent, "nothing was bad in 99 % of the windows, and a target of 100 % leaves no budget: choose one below"
	case budget >= 1-exact:
		return Absent, "hardly anything was good"
	}
	scale := math.Pow(10, math.Ceil(-math.Log10(budget))+1)
	rounded := math.Ceil(budget*scale-exact) / scale
	return Figure(agreement.BudgetRatio(rounded)), ""
}
