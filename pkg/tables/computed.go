package tables

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/wire"
)

// Computations explains how each figure of an objective is computed, with its numbers,
// in the order of the computation (docs/figures.md).
func Computations(r measure.Result) []wire.Computation {
	c := computed{r, r.Objective.Unit()}
	all := []wire.Computation{{Title: "Compliance", Formula: "1 − bad ÷ total", Numbers: c.good(r.Balance)}}
	changed := func(revision agreement.Revision) bool {
		return revision.From.After(r.From) && revision.From.Before(r.To)
	}
	if r.Target.Known() && slices.ContainsFunc(r.Objective.Revisions, changed) {
		all = append(all, wire.Computation{Title: "Target",
			Formula: "1 − error budget ÷ total: it was changed within the window, and everything is judged by the target of its time", Numbers: r.Target.Percent()})
	}
	budgetFormula, budgetNumbers := c.allowed()
	return append(all,
		wire.Computation{Title: "Error budget", Formula: budgetFormula, Numbers: budgetNumbers},
		wire.Computation{Title: "Budget left", Formula: "1 − bad ÷ error budget", Numbers: c.left()},
		wire.Computation{Title: "Burn rate 1h", Formula: "share of bad in the last hour, as far as it counts ÷ (1 − target)", Numbers: c.burn()},
		wire.Computation{Title: "Budget lasts until",
			Formula: "when bad reaches the error budget, at the rate of the last hour that counts, or of the last thirtieth of the window if that is longer",
			Numbers: c.exhaustion()},
		wire.Computation{Title: "Projected", Formula: "compliance at the end of the period if the rest goes like the last seven days", Numbers: c.projected()},
		wire.Computation{Title: "Coverage", Formula: "time measured ÷ time that counts", Numbers: c.orMissing(r.Coverage, r.Coverage.Share())},
		wire.Computation{Title: "Raw compliance", Formula: "1 − bad ÷ total, of the whole window", Numbers: c.good(r.Raw)})
}

type computed struct {
	measure.Result
	unit agreement.Unit
}

func (c computed) missing() string {
	switch {
	case c.Err != nil:
		return "Absent: " + c.Err.Error()
	case c.Reason != "":
		return "Absent: " + c.Reason
	}
	return "Absent: nothing was counted"
}

func (c computed) orMissing(figure budget.Figure, text string) string {
	if !figure.Known() {
		return c.missing()
	}
	return text
}

func (c computed) good(b budget.Balance) string {
	return c.orMissing(b.Compliance, fmt.Sprintf("1 − %s ÷ %s = %s", Amount(b.Bad, c.unit), Amount(b.Total, c.unit), b.Compliance.Percent()))
}

// allowed explains the error budget. In a calendar window the budget of seconds or slices
// follows from the whole period; otherwise it follows from what was counted so far.
func (c computed) allowed() (formula, numbers string) {
	formula, of := "total × (1 − target)", c.Total
	if c.unit != agreement.Events && c.Window.IsCalendar() {
		formula = "the whole " + string(c.Window.Calendar) + ", as far as it counts × (1 − target)"
		of = c.Allowed / (1 - c.Target)
	}
	switch {
	case c.Target == 1:
		return formula, "A target of 100% allows nothing bad"
	case !c.Allowed.Known() || !c.Target.Known() || !c.Total.Known():
		return formula, c.missing()
	}
	return formula, fmt.Sprintf("%s × (1 − %s) = %s", Amount(of, c.unit), c.Target.Percent(), CountText(c.Allowed, c.unit))
}

func (c computed) left() string {
	switch {
	case !c.Remaining.Known():
		return c.missing()
	case c.Allowed == 0 && c.Bad == 0:
		return "Nothing was bad, so all of it, though it is nothing"
	case c.Allowed == 0:
		return "There is no budget to divide by: " + CountText(c.Bad, c.unit) + " bad breaks the promise"
	}
	return fmt.Sprintf("1 − %s ÷ %s = %s", Amount(c.Bad, c.unit), Amount(c.Allowed, c.unit), c.Remaining.Share())
}

// burn uses the target in force at the end, which may differ from the window's mean target.
func (c computed) burn() string {
	rate, target := BurnOver(c.Burn, time.Hour), c.Objective.TargetOfSlot(c.To, c.Measurement.Resolution)
	switch {
	case !rate.Known():
		return "Absent: nothing is known of the last hour"
	case target == 1 && rate == 0:
		return "0, as nothing was bad in the last hour"
	case target == 1:
		return "∞: a target of 100% has no budget to spend"
	}
	return fmt.Sprintf("%s ÷ %s = %s", fine(float64(rate)*(1-target)), fine(1-target), rate.Rate())
}

// fine formats a small ratio in percent with three significant digits.
func fine(ratio float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(100*ratio, 'g', 3, 64), 64) // FormatFloat's output always parses
	return strconv.FormatFloat(rounded, 'f', -1, 64) + "%"
}

func (c computed) exhaustion() string {
	at := minuteIn(c.Exhaustion, c.Agreement.Zone)
	switch {
	case c.Exhaustion.IsZero() && !c.Remaining.Known():
		return c.missing()
	case c.Exhaustion.IsZero():
		return "At this rate it lasts"
	case c.Breached():
		return "It was spent on " + at
	}
	return at
}

func (c computed) projected() string {
	switch {
	case c.Projected.Known():
		return c.Projected.Percent()
	case c.Window.IsCalendar():
		return c.missing()
	}
	return "Only calendar periods have an end; this window is always " + lengthText(c.Window.Rolling) + " long"
}

// lengthText formats a configured duration: «30 days», «1h30m».
func lengthText(length time.Duration) string {
	const day = 24 * time.Hour
	if length >= day && length%day == 0 {
		return Plural(int(length/day), "day")
	}
	return agreement.FormatDuration(length)
}
