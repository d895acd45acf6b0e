package counting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
)

// The checks in this file are about series that exist for only some of the time.

// lookAtGauge reports why a time-based SLI was not measured, and what in its query hides missing series.
func (d *diagnosis) lookAtGauge(ctx context.Context) error {
	field := d.task.plan.PartName()
	errs := []error{d.lookForSeries(ctx, field, d.task.plan.Looked)}
	if d.measured() && !d.hasBad {
		for _, term := range d.task.plan.StoodInFor() {
			errs = append(errs, d.lookForTerm(ctx, field, term, "nothing of it can be bad"))
		}
	}
	return errors.Join(append(errs, d.lookAtStandIn(ctx, field), d.lookForGroups(ctx, field, d.task.plan.Looked))...)
}

// lookAtStandIn checks whether a time-based query has good values while none of its series exist: what
// stands in for them (or vector(0)) is no measurement.
func (d *diagnosis) lookAtStandIn(ctx context.Context, field string) error {
	if !d.measured() || !d.task.plan.StandsIn() {
		return nil
	}
	step := hour * ((d.to-d.from)/hour/maxPoints + 1)
	there := map[int64]bool{}
	sink := prometheus.EachPoint(func(at int64, _ float64) { there[at] = true })
	first := d.to - (d.to-d.from-1)/step*step
	for _, term := range d.task.plan.Looked {
		if _, err := d.service.query(ctx, term.Values("job", milliseconds(step)), first, d.to, step, sink); err != nil {
			return err
		}
	}
	alone := int64(0)
	for at := d.to; at > d.from; at -= step {
		if !there[at] && d.good(at-step, at) > 0.9*float64(step/1000) { // the lookback covers the first minutes
			alone += step
		}
	}
	if alone > 0 {
		d.add(problem.Warning, field, "%s query: for %s of %s none of its series is there, and what stands in for them (or vector(…)) counts as good: leave that out, and say with noData what such time is",
			field, agreement.FormatDuration(milliseconds(alone)), agreement.FormatDuration(milliseconds(d.to-d.from)))
	}
	return nil
}

// lookForGroups finds groups for which the total, or a time-based query, has series but no
// value: they are in no result.
func (d *diagnosis) lookForGroups(ctx context.Context, field string, terms []sli.Term) error {
	if !d.measured() {
		return nil
	}
	for _, label := range d.task.plan.GroupBy {
		valued := d.groupValues(label)
		valued[""] = true
		for _, term := range terms {
			values, err := d.values(ctx, term, label)
			if err != nil {
				return err
			}
			if values = slices.DeleteFunc(values, func(value string) bool { return valued[value] }); len(values) > 0 {
				d.add(problem.Warning, "groupBy", "groupBy %s: the %s query has no value for %s, though %s has series of it: that is in no figure",
					label, field, listed(values), cmp.Or(term.Metric, term.Selector()))
			}
		}
	}
	return nil
}

// good returns the most that any group counted as good in (from, to].
func (d *diagnosis) good(from, to int64) (most float64) {
	for _, group := range d.groups {
		sum := group.View.Sum(from, to)
		most = max(most, sum.Total-sum.Bad)
	}
	return most
}

// lookAtPartLately checks whether a part that was counted has had no series in the last hour while
// total was measured. A good without series makes all events bad. A bad may have none because there are
// no errors, but not because a label is gone.
func (d *diagnosis) lookAtPartLately(ctx context.Context, part string) error {
	term := d.task.plan.Part[0]
	if _, _, isBucket := term.Bounds(); isBucket || d.partLately || !d.measuredLately() {
		return nil
	}
	lately := d.lately()
	if values, err := lately.values(ctx, term, "job"); err != nil || len(values) > 0 {
		return err
	}
	if d.task.plan.PartIsGood {
		_, reason, err := lately.absence(ctx, term)
		d.add(problem.Warning, part, "in the last hour %s, so all events are bad", noSeries(part, reason))
		return err
	}
	for _, m := range term.Matchers {
		values, err := lately.values(ctx, term.Without(m), m.Name)
		if err != nil {
			return err
		}
		if slices.Equal(values, []string{""}) {
			d.add(problem.Warning, part, "in the last hour %s has no label %s, as it had before, so none of its events are counted as bad", term.Metric, m.Name)
		}
	}
	return nil
}

// lookLately reports why nothing was measured in the last hour of an SLI that was measured before.
func (d *diagnosis) lookLately(ctx context.Context) error {
	if !d.measured() || d.measuredLately() {
		return nil
	}
	lately := d.lately()
	var err error
	if d.task.isGauge() {
		err = lately.lookAtGauge(ctx)
	} else if err = lately.lookAtTotal(ctx); err == nil {
		for _, term := range d.task.plan.Part {
			err = errors.Join(err, lately.lookForBound(ctx, term))
		}
	}
	for _, finding := range lately.found {
		if finding.Text == noSeries(finding.Field, "") { // all series are gone, which is reported as blind anyway
			continue
		}
		d.add(problem.Warning, finding.Field, "in the last hour %s", finding.Text)
	}
	return err
}

// lately returns a diagnosis of only the last hour, with nothing measured in it.
func (d *diagnosis) lately() *diagnosis {
	return &diagnosis{Result: &Result{task: d.task}, service: d.service, from: d.to - hour, to: d.to, isLate: true}
}

func (d *diagnosis) measuredLately() bool { return d.measuredIn(d.to-hour, d.to) }

// lookAtInterval checks whether samples are too far apart to be counted, or to stand for each minute.
func (d *diagnosis) lookAtInterval(ctx context.Context) error {
	most := 5 * time.Minute // the lookback of counters, and how old a sample may be to stand for a minute
	mend := "scrape more often"
	if d.task.plan.ByMinute {
		most, mend = time.Minute, "scrape more often, or write the range that is left open"
	}
	if d.task.plan.PerPeriod() {
		return nil
	}
	if !d.task.isGauge() && (d.task.method == sli.MetricsQL || d.task.method == sli.Samples) {
		return d.lookAtEmptySlots(ctx)
	}
	if !d.task.isGauge() {
		if facts, err := d.metric(ctx, d.task.plan.Total[0]); err != nil || !facts.slow {
			return err
		}
	}
	interval, err := d.service.ScrapeInterval(ctx, d.Objective, d.To)
	if err == nil && interval > most {
		text := "what happened in between is not counted"
		if d.task.isGauge() {
			text = "the minutes in between are unknown"
		}
		d.found = append(d.found, Finding{problem.Warning, "total", fmt.Sprintf("samples are %s apart, more than %s, and %s: %s",
			agreement.FormatDuration(interval), agreement.FormatDuration(most), text, mend), true})
	}
	return err
}

// lookAtEmptySlots checks whether the samples of counters are too far apart for each slot to have one:
// no event is lost, but a part of the time counts as not measured.
func (d *diagnosis) lookAtEmptySlots(ctx context.Context) error {
	most := 0.0
	for _, group := range d.groups {
		most = max(most, group.View.Sum(d.from, d.to).Measured)
	}
	if most == 0 || most > 0.99*float64(d.to-d.from)/1000 {
		return nil
	}
	interval, err := d.service.ScrapeInterval(ctx, d.Objective, d.To)
	if err == nil && interval >= d.task.resolution {
		d.add(problem.Warning, "total", "samples are %s apart and slots %s long: a slot without one counts as not measured, its events in the next one with a sample; scrape more often, or take longer slots",
			agreement.FormatDuration(interval), agreement.FormatDuration(d.task.resolution))
	}
	return err
}
