package counting

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// say adds the remarks on slots to the result. It is an error if most minutes of a gauge are
// unusable: then the query is wrong.
func (t *task) say(r *Result, remarks slots.Remarks) error {
	r.task, r.remarks = t, remarks
	from, to := r.From.UnixMilli(), r.To.UnixMilli()
	r.Notes = append(r.Notes, t.told(remarks, from, to)...)
	text, unusable := t.unusable(remarks.Unusable, from, to)
	mostly := float64(60*unusable) > r.total()
	for _, group := range slices.Sorted(maps.Keys(remarks.Lacking)) {
		of, has := r.groups[group]
		switch {
		case !t.isGauge() && !has:
			r.lacking = append(r.lacking, group)
		case t.isGauge() && len(t.plan.GroupBy) > 0:
			// A shorter time may be a rolling update.
			inGroup, n := t.unusable(remarks.Lacking[group], from, to)
			if n*minute > hour && (!has || float64(60*n) > of.View.Sum(from, to).Total) {
				text, unusable, mostly = fmt.Sprintf("%s (%s)", inGroup, group), n, true
			}
		}
	}
	if t.isGauge() && unusable > 0 && mostly {
		why := ""
		if refusal := t.refusal.Load(); refusal != nil {
			why = ": " + (*refusal).Error()
		}
		divide := ""
		if t.objective.SLI.Kind != agreement.Threshold {
			divide = "; divide a percentage by 100"
		}
		return fmt.Errorf("%s, but a time-based SLI needs one a group: wrap it in min(…), max(…) or avg(…), or add groupBy%s%s", text, divide, why)
	}
	if unusable > 0 {
		r.unusable = text + unknownSlots
	}
	return nil
}

// MeasurementIn describes how the counts in (from, to] were made, with notes on these slots only: for
// burn rates a result reaches back further than a figure.
func (r *Result) MeasurementIn(from, to time.Time) Measurement {
	m := r.Measurement
	if r.task != nil {
		m.Notes = append(r.task.notes(), r.task.told(r.remarks, from.UnixMilli(), to.UnixMilli())...)
	}
	return m
}

const unknownSlots = ": they are unknown"

// told returns the notes on the slots in (from, to].
func (t *task) told(remarks slots.Remarks, from, to int64) (told []string) {
	from = floor(from, t.step())
	remarks = remarks.Within(from, to)
	if all := remarks.AllLeftOut(); all.Samples > 0 { // events may be missing
		told = append(told, fmt.Sprintf("not counted: what the first samples of %d series began with, %s in all: nobody knows when it happened "+
			"(the target was scraped late, or its series got other labels)", all.Samples, number(all.Events)))
	}
	if n := slotsIn(remarks.Unjudged, from, to, t.step()); n > 0 {
		told = append(told, fmt.Sprintf("in %d of %d slots events are not measured: their histograms have no bucket %s there",
			n, (to-from+t.step()-1)/t.step(), t.wantedBound()))
	}
	if len(remarks.Interpolated) > 0 {
		told = append(told, t.interpolated(func(float64) bool { return true })...)
	}
	if text, n := t.unusable(remarks.Unusable, from, to); n > 0 {
		told = append(told, text+unknownSlots)
	}
	return told
}

func slotsIn(set scope.Intervals, from, to, step int64) int64 {
	return (set.Length(from, to) + step - 1) / step
}

// wantedBound returns the bucket that counts of histograms need.
func (t *task) wantedBound() string {
	for _, term := range t.plan.Terms() {
		if term.Present != nil {
			_, spellings, _ := term.Present.Bounds()
			return fmt.Sprintf("le=%q", spellings[0])
		}
	}
	return ""
}

// unusable returns how many slots, or minutes of a gauge, in (from, to] are in the
// set, and a text that says so.
func (t *task) unusable(set scope.Intervals, from, to int64) (text string, n int64) {
	step, what := t.step(), "slots something counted is no number (NaN, infinite or beyond 2^53)"
	switch {
	case t.isGauge() && t.objective.SLI.Kind == agreement.Threshold:
		step, what = minute, "minutes the query gives several series for a group, or the engine refuses it"
	case t.isGauge():
		step, what = minute, "minutes the query gives several series for a group or no ratio of 0 to 1, or the engine refuses it"
	}
	from = floor(from, t.step())
	n = slotsIn(set, from, to, step)
	return fmt.Sprintf("in %d of %d %s", n, (to-from+step-1)/step, what), n
}
