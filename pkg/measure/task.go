package measure

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

// task is one objective made ready to be asked for.
type task struct {
	objective *agreement.Objective
	plan      sli.Plan
	method    sli.Method
	// recording is read instead of the plan's own counters; nil: they are
	// counted.
	recording *sli.Recording
	// histogramMethod counts native histograms; empty when the SLI has none.
	histogramMethod sli.Method
	resolution      time.Duration
	// settled is the instant until which slots are closed.
	settled int64
	now     time.Time
	key     string
	record  *slots.Record
	// keep takes closed slots as they were counted: to be remembered.
	keep func(slots.Counts)
}

func (e *Engine) newTask(ctx context.Context, o *agreement.Objective, at time.Time) (*task, error) {
	plan, err := sli.NewPlan(o.SLI, o.Select, o.GroupBy)
	if err != nil {
		return nil, err
	}
	method, err := e.Method(ctx)
	if err != nil {
		return nil, err
	}
	t := &task{objective: o, plan: plan, method: method, resolution: e.options.Resolution, now: e.options.Now()}
	if o.SLI.Recorded {
		recording := plan.Recording(o)
		t.recording = &recording
	} else if err := e.chooseHistogramMethod(ctx, t, at); err != nil {
		return nil, err
	}
	if o.Budgeting != agreement.Occurrences {
		t.resolution = min(t.resolution, o.TimeSliceWindow)
	}
	t.settled = floor(t.now.Add(-e.options.Settle).UnixMilli(), t.step())
	t.key = fmt.Sprintf("%s%s %s %s", method, t.histogramMethod, agreement.FormatDuration(t.resolution), plan.Key())
	if o.SLI.Kind == agreement.Threshold {
		t.key += " " + string(o.Op) + " " + number(o.Value)
	}
	if t.recording != nil {
		t.key += " recorded"
	}
	t.record = e.store.Record(t.key, t.resolution, o.SLI.Kind.TimeBased())
	t.keep = func(counted slots.Counts) { t.record.Close(counted, t.now) }
	return t, nil
}

// chooseHistogramMethod tries how the engine counts native histograms, where
// the SLI has some: an engine that counts counters may refuse these.
func (e *Engine) chooseHistogramMethod(ctx context.Context, t *task, at time.Time) error {
	for _, term := range t.terms() {
		if !term.IsHistogram() {
			continue
		}
		if err := term.Countable(t.method); err != nil {
			return err
		}
		method, err := e.histogramMethods.Method(ctx, term.Selector(), at)
		if err != nil {
			return err
		}
		if method == "" {
			return fmt.Errorf("this engine has no native histograms, which %s is; use the classic buckets, or Prometheus from 2.40 with native histograms", term.Selector())
		}
		t.histogramMethod = method
	}
	return nil
}

// terms are those of the total, then those of the good or bad.
func (t *task) terms() []sli.Term {
	return append(append([]sli.Term{}, t.plan.Total...), t.plan.Part...)
}

// notes are what a reader of the figures should know.
func (t *task) notes() []string {
	notes := append([]string{}, t.plan.Warnings...)
	if t.recording != nil {
		return append(notes, "read from the slot counts that rules recorded: whole slots, up to the last one that is over")
	}
	for _, term := range t.terms() {
		if _, threshold, ok := term.BoundQuery(); ok && !isPowerOfTwo(threshold) {
			notes = append(notes, fmt.Sprintf("interpolated: %s lies inside a bucket of the native histogram", number(threshold)))
		}
	}
	return notes
}

// isPowerOfTwo reports whether the value is a bucket bound of every exponential
// histogram of schema 0 or finer.
func isPowerOfTwo(value float64) bool {
	fraction, _ := math.Frexp(value)
	return fraction == 0.5
}

// step is the length of a slot in milliseconds.
func (t *task) step() int64 { return t.resolution.Milliseconds() }
