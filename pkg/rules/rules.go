// Package rules exports agreements as recording and alerting rules for Prometheus
// ([Prometheus]), and as alert rules for Grafana that query the data source ([Grafana]).
//
// Recorded slot counts equal those that Accord counts itself, and alerts fire by
// docs/figures.md, «Burn rates and alerts». What a rule cannot express is left out and listed in [problem.Losses].
// The package queries no server and reads no clock.
package rules

import (
	"fmt"
	"strconv"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/sli"
)

// Options configures the rules of [Prometheus].
type Options struct {
	// Method is how the server counts.
	Method sli.Method
	// Resolution is the slot length, which must be that of the readers of the counts.
	Resolution time.Duration
	// At is the instant of the targets and windows.
	At time.Time
}

// Group is a group of rules that are evaluated in order.
type Group struct {
	// Objectives are the names of the objectives that use the counts of the group.
	Objectives []string `yaml:"-" json:"-"`
	// Service is the service of the first objective.
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

// window has the counts of an objective over a time range, as PromQL expressions.
type window struct{ total, bad string }

// window returns the counts over length by the budgeting method, with unknown time counted by the no-data
// policy. Both expressions have a value only if something was measured.
func (c *counted) window(o *agreement.Objective, length, lag time.Duration) window {
	total, bad := c.recording.Query(sli.RecordedTotal, c.slot), c.recording.Query(sli.RecordedBad, c.slot)
	var w window
	// whole is the largest possible count, in seconds or slices.
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

// badSlice returns the bad ratio, or 0 or 1 for Timeslices, of a slot as a slice; no value if the total is 0.
func badSlice(o *agreement.Objective, total, bad string) string {
	if o.Budgeting == agreement.RatioTimeslices {
		return fmt.Sprintf("%s / (%s > 0)", bad, total)
	}
	return fmt.Sprintf("(%s - %s * %s > bool 1e-09) and (%s > 0)", bad, number(agreement.BudgetRatio(o.TimeSliceTarget)), total, total)
}

// burnRate returns the burn rate over the window, 0 if nothing bad was counted.
func burnRate(w window, allowance string) string {
	return fmt.Sprintf("((%s) > 0) / ((%s) > 0) / %s or 0 * (%s)", w.bad, w.total, allowance, w.total)
}

// allowance returns 1 − the target of the slot that is read last. Of a revision after at, the first slot
// that begins in force is read when it has ended.
func (c *counted) allowance(o *agreement.Objective, at time.Time) string {
	present, earlier := number(agreement.BudgetRatio(o.TargetAt(at))), ""
	for _, revision := range o.Revisions {
		if revision.From.After(at) {
			from := seconds(revision.From.Add(2*c.slot - time.Second).Truncate(c.slot).Add(c.lag))
			earlier += present + " * (time() < bool " + from + ") + "
			present = number(agreement.BudgetRatio(revision.Target)) + " * (time() >= bool " + from + ")"
		}
	}
	if earlier == "" {
		return present
	}
	return "(" + earlier + present + ")"
}

// inEffect returns the condition that the agreement is in effect, empty if it always is from at on.
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
