package tables

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/wire"
)

// PromiseInWords returns the agreement in words, with the targets in force at the instant. team and service
// return the display names of teams and services.
func PromiseInWords(a *agreement.Agreement, at time.Time, team, service func(string) string) wire.PromiseText {
	if a.NotRead != "" {
		return wire.PromiseText{Opening: Sentence(a.NotRead), Objectives: []wire.PromiseObjective{}, Terms: []string{}}
	}
	return wire.PromiseText{Opening: opening(a, team, service), Terms: terms(a, team),
		Objectives: wire.Each(a.Objectives, func(o *agreement.Objective) wire.PromiseObjective {
			return wire.PromiseObjective{Named: wire.Named{Name: o.Name, DisplayName: o.DisplayName}, Sentence: promiseText(a, o, at), Notes: promiseNotes(a, o, at)}
		})}
}

func opening(a *agreement.Agreement, team, service func(string) string) string {
	if a.IsSLO {
		return "No agreement names this SLO; it is measured for the service " + service(a.Service) + ":"
	}
	verb := map[agreement.Stage]string{agreement.Draft: "would promise", agreement.Proposed: "offers to promise", agreement.Retired: "promised"}[a.Stage]
	text := team(a.Provider) + " " + cmp.Or(verb, "promises") + " " + allOf(wire.Each(a.Consumers, team)) + " for the service " + service(a.Service)
	return strings.TrimSpace(text+" "+effectiveText(a)) + ":"
}

// effectiveText says when an agreement is in effect; empty if always.
func effectiveText(a *agreement.Agreement) string {
	switch from, until := a.Effective.From, a.Effective.Until; {
	case !from.IsZero() && !until.IsZero():
		return "from " + dayOrInstant(from, a.Zone) + " until " + LastDay(until, a.Zone)
	case !from.IsZero():
		return "from " + dayOrInstant(from, a.Zone) + " on"
	case !until.IsZero():
		return "until " + LastDay(until, a.Zone)
	}
	return ""
}

// Date formats the date of an instant in the zone; nil means UTC.
func Date(at time.Time, zone *time.Location) string {
	return at.In(cmp.Or(zone, time.UTC)).Format("2 January 2006")
}

// LastDay formats the last day before an exclusive end, or the instant itself if it is not midnight.
func LastDay(end time.Time, zone *time.Location) string {
	if !isMidnight(end, zone) {
		return instantIn(end, zone)
	}
	return Date(end.Add(-time.Nanosecond), zone)
}

// dayOrInstant formats the day that begins at the instant, or the instant itself if it is not midnight.
func dayOrInstant(at time.Time, zone *time.Location) string {
	if !isMidnight(at, zone) {
		return instantIn(at, zone)
	}
	return Date(at, zone)
}

func isMidnight(at time.Time, zone *time.Location) bool {
	zone = cmp.Or(zone, time.UTC)
	return agreement.DateOf(at.In(zone)).Midnight(zone).Equal(at)
}

func allOf(texts []string) string { return problem.Listed(texts, "and") }

func percent(ratio float64) string { return budget.Figure(ratio).Percent() }

func promiseText(a *agreement.Agreement, o *agreement.Objective, at time.Time) string {
	parts := notes{goodText(o, percent(o.TargetAt(at)))}
	only := wire.Each(slices.Sorted(maps.Keys(o.Select)), func(label string) string {
		return label + " = " + o.Select[label]
	})
	parts.when(len(only) > 0, "counting only %s", allOf(only))
	parts.when(len(o.GroupBy) > 0, "in each %s on its own", allOf(o.GroupBy))
	parts.when(o.Window.IsCalendar(), "each calendar %s (%s)", o.Window.Calendar, cmp.Or(o.Window.Zone, a.Zone))
	parts.when(!o.Window.IsCalendar(), "in any %s up to now", lengthText(o.Window.Rolling))
	return strings.Join(parts, ", ") + "."
}

func goodText(o *agreement.Objective, target string) string {
	slice := lengthText(o.TimeSliceWindow)
	switch {
	case o.Budgeting == agreement.RatioTimeslices:
		return fmt.Sprintf("At least %s is good, with every %s counting the same", target, slice)
	case o.Budgeting == agreement.Timeslices && o.SLI.Kind == agreement.Threshold:
		return fmt.Sprintf("At least %s of all stretches of %s are good: for %s of each the value is %s", target, slice, percent(o.TimeSliceTarget), limitText(o))
	case o.Budgeting == agreement.Timeslices:
		return fmt.Sprintf("At least %s of all stretches of %s are good: in each at least %s goes well", target, slice, percent(o.TimeSliceTarget))
	case o.SLI.Kind == agreement.Threshold:
		return fmt.Sprintf("For at least %s of the time the value is %s", target, limitText(o))
	case o.SLI.Kind.TimeBased():
		return fmt.Sprintf("On average over time at least %s is good", target)
	}
	return fmt.Sprintf("At least %s of all events are good", target)
}

func limitText(o *agreement.Objective) string {
	return opWords[o.Op] + " " + strconv.FormatFloat(o.Value, 'f', -1, 64)
}

func promiseNotes(a *agreement.Agreement, o *agreement.Objective, at time.Time) []string {
	all := notes{}
	all.when(o.OtherConnection != "", "It is not measured here: %s.", o.OtherConnection)
	before := o.Target
	for _, revision := range o.Revisions {
		verb := "Changed"
		if revision.From.After(at) {
			verb = "Changes"
		}
		all, before = append(all, changeText(verb, before, revision, a.Zone, nil)), revision.Target
	}
	all.when(o.NoData != agreement.NoDataIgnore, noDataText, o.NoData)
	all.when(o.MinCoverage > 0, "It is judged only when at least %s of the time was measured.",
		budget.Figure(o.MinCoverage).Share())
	all.when(o.MinEvents > 0, "Alerts keep quiet with fewer than %s.",
		CountText(budget.Figure(o.MinEvents), o.SLI.Kind.Unit()))
	return all
}

// changeText describes a revision of a target, with the approvers and the reason.
func changeText(verb string, before float64, r agreement.Revision, zone *time.Location, approved []string) string {
	text := fmt.Sprintf("%s from %s to %s on %s", verb, percent(before), percent(r.Target), dayOrInstant(r.From, zone))
	if len(approved) > 0 {
		text += ", approved by " + allOf(approved)
	}
	if r.Reason != "" {
		text += ": " + r.Reason
	}
	return text + "."
}

const noDataText = "Time that was not measured counts as %s."

func terms(a *agreement.Agreement, team func(string) string) []string {
	all := notes{"It counts around the clock."}
	if a.SupportHours != nil {
		all = notes{"Only support hours count: " + calendarText(a.SupportHours) + "."}
	}
	exclusions := wire.Each(a.ExclusionsInEffect(), func(x *agreement.Exclusion) string { return cmp.Or(x.DisplayName, x.Name) })
	all.when(len(exclusions) > 0, "It was agreed that this does not count against it: %s.", allOf(exclusions))
	all.when(a.Report.Every != "" && len(a.Report.To) > 0, "Each %s a report goes to %s.",
		a.Report.Every, allOf(wire.Each(a.Report.To, team)))
	all.when(a.Consequences != "", "If it is broken: %s", a.Consequences)
	return all
}

// calendarText describes a calendar: «Office hours, Mon–Fri 09:00–17:00 (Europe/Berlin), but for Boxing Day (12-26)».
func calendarText(c *agreement.Calendar) string {
	text := []string{cmp.Or(c.DisplayName, c.Name)}
	for _, row := range c.Weekly {
		text = append(text, daysText(row.Days)+" "+agreement.ClockText(row.From)+"–"+agreement.ClockText(row.To))
	}
	hours := strings.Join(text, ", ") + " (" + c.Zone.String() + ")"
	if len(c.Holidays) == 0 {
		return hours
	}
	return hours + ", but for " + Some(10, wire.Each(c.Holidays, holidayText), ", ", " and")
}

func holidayText(h agreement.Holiday) string {
	day := h.On.UTC().Format(time.DateOnly)
	switch {
	case h.Country != "":
		return "the national holidays of " + h.Country
	case h.Yearly.Day != 0:
		day = fmt.Sprintf("%02d-%02d", h.Yearly.Month, h.Yearly.Day)
	}
	if h.Name == "" {
		return day
	}
	return h.Name + " (" + day + ")"
}

func daysText(days []time.Weekday) string {
	names := wire.Each(days, func(day time.Weekday) string { return day.String()[:3] })
	inRow := len(days) > 2
	for i := 1; i < len(days); i++ {
		inRow = inRow && days[i] == (days[i-1]+1)%7
	}
	if inRow {
		return names[0] + "–" + names[len(names)-1]
	}
	return strings.Join(names, ", ")
}

// ExclusionEffect describes the effect of an exclusion on the figures of the agreement.
func ExclusionEffect(x *agreement.Exclusion, a *agreement.Agreement) string {
	switch {
	case x.HasEffectIn(a) && x.Mode == agreement.CountAsGood:
		return "counts as good"
	case x.HasEffectIn(a):
		return "does not count"
	case x.ApprovedBy == "":
		return "no effect: not approved"
	}
	return "no effect: not approved by the other party"
}

// ExclusionTimes formats the first occurrence of an exclusion and its recurrence.
func ExclusionTimes(x *agreement.Exclusion) string {
	text := instantIn(x.From, x.Zone) + " – " + instantIn(x.To, x.Zone)
	if x.Recurrence != "" {
		text += ", repeats " + RecurrenceText(x.Recurrence)
	}
	return text
}

// EscalationTime says how long after the start of an alert the step notifies: «at once», «after 30m».
func EscalationTime(step agreement.EscalationStep) string {
	if step.After == 0 {
		return "at once"
	}
	return "after " + Elapsed(step.After)
}

// ReviewText says how often the agreement is reviewed and when next; empty without a review interval.
func ReviewText(a *agreement.Agreement, at time.Time) string {
	if a.Review.Every == 0 {
		return ""
	}
	every := "every " + Elapsed(a.Review.Every)
	if a.Review.Last.IsZero() {
		every += "; never reviewed yet"
	}
	switch due := a.ReviewDue(); {
	case due.IsZero():
		return every
	case due.Before(at):
		return every + "; overdue since " + Date(due, a.Zone)
	default:
		return every + "; next on " + Date(due, a.Zone)
	}
}
