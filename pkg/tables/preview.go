package tables

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/wire"
)

// tried is an objective, or one group of it, before or after a change: the last 90 days, and months by name.
type tried struct {
	last   *wire.ObjectiveStatus
	months map[string]*wire.ObjectiveStatus
}

// Differences says per objective and group what a change would have meant for an
// agreement, those that it changes first. before is nil for a new agreement, after for a removed one.
func Differences(before, after *wire.EffectFigures) []wire.Difference {
	was, is := triedBy(before), triedBy(after)
	var names []string
	for _, side := range []*wire.EffectFigures{after, before} {
		if side != nil {
			names = append(names, wire.Each(side.Last90Days.Objectives, titleOf)...)
		}
	}
	var changed, same []wire.Difference
	for _, name := range Distinct(names) {
		if d := difference(name, was[name], is[name]); d.Changes {
			changed = append(changed, d)
		} else {
			same = append(same, d)
		}
	}
	return append(changed, same...)
}

func titleOf(o wire.ObjectiveStatus) string { return wire.ObjectiveText(o.Name, o.Group) }

func triedBy(side *wire.EffectFigures) map[string]tried {
	all := map[string]tried{}
	if side == nil {
		return all
	}
	for i := range side.Last90Days.Objectives {
		o := &side.Last90Days.Objectives[i]
		all[titleOf(*o)] = tried{o, map[string]*wire.ObjectiveStatus{}}
	}
	for i := range side.Months {
		month := &side.Months[i]
		if of, known := all[titleOf(month.ObjectiveStatus)]; known {
			of.months[month.Period] = &month.ObjectiveStatus
		}
	}
	return all
}

func difference(name string, before, after tried) wire.Difference {
	d := wire.Difference{Objective: name, Changes: true,
		Periods: []wire.Compared{{Period: "Last 90 days", Before: triedFigures(before.last), After: triedFigures(after.last)}}}
	months := map[string]*wire.ObjectiveStatus{}
	maps.Copy(months, before.months)
	maps.Copy(months, after.months)
	for _, month := range slices.Sorted(maps.Keys(months)) {
		d.Periods = append(d.Periods, wire.Compared{Period: PeriodText(month), Before: triedFigures(before.months[month]), After: triedFigures(after.months[month])})
	}
	sentences := differenceText(before, after, len(months))
	if len(sentences) == 0 {
		d.Changes, sentences = false, []string{"Over the last 90 days it would have made no difference."}
	}
	d.Text = strings.Join(sentences, " ")
	return d
}

func triedFigures(o *wire.ObjectiveStatus) *wire.TriedFigures {
	if o == nil {
		return nil
	}
	return &wire.TriedFigures{State: o.State, Target: o.Target.AsPercent(), Compliance: o.Compliance.AsPercent(),
		Remaining: o.Remaining.AsShare(), Budget: RemainingText(o.Balance, o.Unit)}
}

// differenceText compares the figures as formatted: differences that would not be visible are left out.
func differenceText(before, after tried, months int) (all []string) {
	was, is := before.last, after.last
	switch {
	case is == nil:
		return []string{"It would no longer be promised."}
	case is.Error != nil:
		return []string{"It cannot be measured: " + *is.Error + "."}
	case was == nil && is.State == budget.NoData:
		return []string{"It is new, and nothing of the last 90 days is known: " + cmp.Or(is.Reason, "there are no measurements") + "."}
	case was == nil:
		return []string{fmt.Sprintf("It is new. Over the last 90 days %s was good, with a target of %s: %s.",
			is.Compliance.Percent(), is.Target.Percent(), StateText(is.State))}
	}
	compare := func(format string, of func(*wire.ObjectiveStatus) string) {
		if a, b := of(is), of(was); a != b {
			all = append(all, fmt.Sprintf(format, a, b))
		}
	}
	compare("The target would be %s instead of %s.", func(o *wire.ObjectiveStatus) string { return o.Target.Percent() })
	compare("Over the last 90 days %s would have been good instead of %s.", func(o *wire.ObjectiveStatus) string { return o.Compliance.Percent() })
	compare("Of the error budget %s would be left instead of %s.", func(o *wire.ObjectiveStatus) string { return RemainingText(o.Balance, o.Unit) })
	compare("It would have been %s instead of %s.", func(o *wire.ObjectiveStatus) string { return StateText(o.State) })
	if now, then := met(after), met(before); now != then {
		all = append(all, fmt.Sprintf("Of the last %s %d would have been met instead of %d.", Plural(months, "month"), now, then))
	}
	return all
}

func met(of tried) (n int) {
	for _, month := range of.months {
		if month.State == budget.Met || month.State == budget.AtRisk {
			n++
		}
	}
	return n
}

// ExplainBacktest sets the Text and Fired of each group of b.
func ExplainBacktest(b wire.Backtest) {
	for i := range b.Groups {
		side := cmp.Or(b.Groups[i].Proposed, b.Groups[i].Present)
		b.Groups[i].Text = backtestText(b, b.Groups[i], side)
		if group := wire.GroupText(b.Groups[i].Group); group != "" {
			b.Groups[i].Text = group + ": " + b.Groups[i].Text
		}
		b.Groups[i].Fired = wire.Each(side.Firings, func(f budget.Firing) wire.TriedAlert {
			return wire.TriedAlert{Alert: alertName(f.AlertRule), From: f.From, To: f.To, PeakBurn: f.PeakBurn.AsRate(), Consumed: f.Consumed.AsShare()}
		})
	}
}

func backtestText(b wire.Backtest, group wire.BacktestGroup, side *planning.Backtest) string {
	alerts := Plural(len(side.Firings), "alert") + " would have fired"
	if group.Proposed != nil && group.Present != nil && len(group.Present.Firings) != len(side.Firings) {
		alerts += " instead of " + Plural(len(group.Present.Firings), "alert")
	}
	text := notes{alerts + "."}
	if side.LowestAt != nil {
		text = append(text, fmt.Sprintf("The least budget that was ever left is %s, on %s.", side.Lowest.Share(), minuteIn(*side.LowestAt, zoneNamed(b.TimeZone))))
	}
	missed, known := side.BreachedSeconds > 0, side.LowestAt != nil
	text.when(missed, "The target would have been missed for %s.",
		Amount(budget.Figure(side.BreachedSeconds), agreement.Seconds))
	text.when(!missed && known, "The target would have been met all the time.")
	text.when(!missed && !known, "Nothing was measured, so whether the target would have been met is not known.")
	text = append(text, Capitalized(achievableText(side.Achievable)))
	for _, check := range side.Checks {
		for _, problem := range check.Problems {
			text = append(text, Capitalized(alertName(check.AlertRule))+": "+problem+".")
		}
	}
	return strings.Join(text, " ")
}
