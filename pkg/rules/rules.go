// Package rules makes alerting out of agreements: recording and alerting rules of
// Prometheus ([Prometheus]), and alert rules of Grafana that ask the data source ([Grafana]).
//
// Recorded slot counts equal those that Accord counts itself, and an alert fires when the
// one of measurement.md (§8) does. What a rule cannot say is left out and listed, see
// [problem.Losses]. Nothing here asks a server or reads the clock.
package rules

import (
	"fmt"
	"strconv"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/sli"
)

// Options say for which engine, and as of when, rules are made.
type Options struct {
	// Method is how the engine counts.
	Method sli.Method
	// Resolution is the length of a slot, that of those who read the counts.
	Resolution time.Duration
	// At is the instant as of which targets and windows are taken.
	At time.Time
}

// Group is a group of rules that are evaluated one after the other.
type Group struct {
	// Objectives are all that are made of what the group counts.
	Objectives []string `yaml:"-" json:"-"`
	// Service is that of the first of them.
	Service string `yaml:"-" json:"-"`

	Name     string `yaml:"name"`
	Interval string `yaml:"interval"`
	Rules    []Rule `yaml:"rules"`
}

// Rule records a series or alerts.
type Rule struct {
	Record      string            `yaml:"record,omitempty"`
	Alert       string            `yaml:"alert,omitempty"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

func subject(a *agreement.Agreement, o *agreement.Objective) string {
	return a.Kind() + " " + a.Name + "/" + o.Name
}

// window is what an objective counted over a stretch of time, as expressions.
type window struct{ total, bad string }

// window counts by the budgeting method over the length, with unknown time as the no-data policy has it.
// Both have a value only when something was measured.
func (c *counted) window(o *agreement.Objective, length, lag time.Duration) window {
	total, bad := c.recording.Query(sli.RecordedTotal, c.slot), c.recording.Query(sli.RecordedBad, c.slot)
	var w window
	// whole is all that could have been counted: seconds or slices.
	var whole float64
	if o.Budgeting == agreement.Occurrences {
		w = window{c.over("sum_over_time", total, length, lag), c.over("sum_over_time", bad, length, lag)}
		whole = length.Seconds()
	} else {
		slice := badSlice(o, total, bad)
		w = window{c.over("count_over_time", slice, length, lag), c.over("sum_over_time", slice, length, lag)}
		whole = float64(length / c.slot)
	}
	if o.Budgeting == agreement.Occurrences && !o.SLI.Kind.TimeBased() {
		return w
	}
	switch o.NoData {
	case agreement.NoDataGood:
		w.total = fmt.Sprintf("0 * %s + %s", w.total, number(whole))
	case agreement.NoDataBad:
		w.bad = fmt.Sprintf("%s + %s - %s", w.bad, number(whole), w.total)
		w.total = fmt.Sprintf("0 * %s + %s", w.total, number(whole))
	}
	return w
}

// badSlice is the bad part of the slot that is a slice, where it has a total.
func badSlice(o *agreement.Objective, total, bad string) string {
	if o.Budgeting == agreement.RatioTimeslices {
		return fmt.Sprintf("%s / (%s > 0)", bad, total)
	}
	return fmt.Sprintf("(%s - %s * %s > bool 1e-09) and (%s > 0)", bad, number(agreement.BudgetRatio(o.TimeSliceTarget)), total, total)
}

// burnRate is the burn rate of the window: 0 where nothing bad was counted.
func burnRate(w window, allowance string) string {
	return fmt.Sprintf("((%s) > 0) / ((%s) > 0) / %s or 0 * (%s)", w.bad, w.total, allowance, w.total)
}

// allowance is 1 − the target in force, which may change by date.
func allowance(o *agreement.Objective, at time.Time) string {
	present, earlier := number(agreement.BudgetRatio(o.TargetAt(at))), ""
	for _, revision := range o.Revisions {
		if revision.From.After(at) {
			from := seconds(revision.From)
			earlier += present + " * (time() < bool " + from + ") + "
			present = number(agreement.BudgetRatio(revision.Target)) + " * (time() >= bool " + from + ")"
		}
	}
	if earlier == "" {
		return present
	}
	return "(" + earlier + present + ")"
}

// inEffect is the condition that the agreement is in effect; empty when it is, from at on.
func inEffect(a *agreement.Agreement, at time.Time) string {
	var conditions string
	if from := a.Effective.From; from.After(at) {
		conditions += " and on () (vector(time()) >= " + seconds(from) + ")"
	}
	if until := a.Effective.Until; !until.IsZero() {
		conditions += " and on () (vector(time()) < " + seconds(until) + ")"
	}
	return conditions
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }
