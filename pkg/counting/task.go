package counting

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/prometheus"
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
	// ahead says that a gauge is asked for by [sli.Ahead].
	ahead      bool
	resolution time.Duration
	// settled is the instant until which slots are closed.
	settled int64
	now     time.Time
	key     string
	record  *slots.Record
	// refusal is why a minute of a gauge is of no use: the engine refused it, or it
	// is no ratio.
	refusal atomic.Pointer[error]
	// save takes the counts of closed slots, to be remembered.
	save func(slots.Counts)
}

func (s *Service) newTask(ctx context.Context, o *agreement.Objective, at time.Time) (*task, error) {
	plan, err := s.planOf(o)
	if err != nil {
		return nil, err
	}
	server, err := s.Capabilities(ctx)
	if err != nil {
		return nil, err
	}
	t := &task{objective: o, plan: plan.Plan, method: sli.Method(server.Dialect), resolution: o.Slot(s.options.Resolution), now: s.options.Now()}
	if o.SLI.Recorded {
		recording := plan.Recording(o)
		t.recording = &recording
	} else if t.countsSamples(server) {
		t.method = sli.Samples
	} else if err := s.chooseHistogramMethod(ctx, t, at); err != nil {
		return nil, err
	}
	t.ahead = t.isGauge() && t.method == sli.Offset && server.Has(negativeOffsets)
	t.settled = floor(t.now.Add(-Settle).UnixMilli(), t.step())
	t.key = string(t.method+t.histogramMethod) + " " + agreement.FormatDuration(t.resolution) + " " + plan.key
	if o.SLI.Kind == agreement.Threshold {
		t.key += " " + string(o.Op) + " " + number(o.Value)
	}
	if t.recording != nil {
		t.key += " recorded"
	}
	t.record = s.store.Record(t.key, t.resolution, o.SLI.Kind.TimeBased())
	t.save = func(counted slots.Counts) { t.record.Close(counted, t.now) }
	return t, nil
}

// maxRemembered are how many plans, and queries of tasks, are remembered.
const maxRemembered = 50_000

// keyedPlan is a plan with its [sli.Plan.Key], or why there is none.
type keyedPlan struct {
	sli.Plan
	key string
	err error
}

// planOf is how the objective's SLI is counted. It is remembered: to read a query
// takes longer than to sum up the slots of a month.
func (s *Service) planOf(o *agreement.Objective) (keyedPlan, error) {
	parts := []string{string(o.SLI.Kind), strconv.FormatBool(o.SLI.PerPeriod), slots.GroupKey(o.Select), fmt.Sprintf("%q", o.GroupBy)}
	for _, q := range []*agreement.Query{o.SLI.Total, o.SLI.Good, o.SLI.Bad, o.SLI.Gauge} {
		if parts = append(parts, ""); q != nil {
			parts = append(parts, q.Expr, q.Histogram, number(q.Below))
		}
	}
	plan := s.plans.Get(strings.Join(parts, "\x00"), func() (plan keyedPlan, size int) {
		if plan.Plan, plan.err = sli.NewPlan(o.SLI, o.Select, o.GroupBy); plan.err == nil {
			plan.key = plan.Key()
		}
		return plan, 1
	})
	return plan, plan.err
}

// countsSamples reports whether the samples themselves are counted: the server gives
// them out, and no label is asked for that it adds to them, which no query sees.
func (t *task) countsSamples(server prometheus.Capabilities) bool {
	if !server.Reads || t.isGauge() || len(server.External) == 0 {
		return server.Reads && !t.isGauge()
	}
	asked := slices.Clone(t.plan.GroupBy)
	for _, term := range t.plan.Terms() {
		for _, m := range term.Matchers {
			asked = append(asked, m.Name)
		}
	}
	return !slices.ContainsFunc(asked, func(name string) bool { _, added := server.External[name]; return added })
}

// chooseHistogramMethod tries how the server counts native histograms, where the
// SLI has some: one that counts counters may refuse these.
func (s *Service) chooseHistogramMethod(ctx context.Context, t *task, at time.Time) error {
	for _, term := range t.plan.Terms() {
		if !term.IsHistogram() {
			continue
		}
		if err := term.Countable(t.method); err != nil {
			return err
		}
		method, err := s.histogramMethods.method(ctx, term.Selector(), at)
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

// isGauge reports whether the SLI is looked at once a minute.
func (t *task) isGauge() bool { return t.recording == nil && t.objective.SLI.Kind.TimeBased() }

// queries are the PromQL that counts slots of the length.
func (t *task) queries(length time.Duration) []string {
	switch {
	case t.recording != nil:
		return []string{t.recording.Query(sli.RecordedTotal, t.resolution), t.recording.Query(sli.RecordedBad, t.resolution)}
	case t.ahead:
		return []string{sli.Ahead(t.plan.GaugeQuery(t.method))}
	case t.isGauge():
		return []string{t.plan.GaugeQuery(t.method)}
	}
	var queries []string
	for _, term := range t.plan.Terms() {
		queries = append(queries, t.query(term, length))
	}
	return queries
}

// query counts the term, or selects the samples that are counted.
func (t *task) query(term sli.Term, length time.Duration) string {
	switch {
	case t.method == sli.Samples:
		return term.Selector()
	case term.IsHistogram():
		return term.CountQuery(t.histogramMethod, length)
	}
	return term.CountQuery(t.method, length)
}

// measurement says how the task is counted, before it has cost anything.
func (s *Service) measurement(t *task) Measurement {
	queries := s.queries.Get(t.key, func() ([]string, int) { return t.queries(t.resolution), 1 })
	return Measurement{Method: t.method, Resolution: t.resolution, Queries: queries, Notes: t.notes()}
}

// notes are what a reader of the figures should know.
func (t *task) notes() []string {
	notes := append([]string{}, t.plan.Warnings...)
	if t.recording != nil {
		return append(notes, "read from the slot counts that rules recorded: whole slots, up to the last one that is over")
	}
	for _, term := range t.plan.Terms() {
		threshold, ok := term.Threshold()
		if fraction, _ := math.Frexp(threshold); ok && fraction != 0.5 { // powers of two are bounds of schema 0 and finer
			notes = append(notes, fmt.Sprintf("interpolated: %s lies inside a bucket of the native histogram", number(threshold)))
		}
	}
	return notes
}

// step is the length of a slot in milliseconds.
func (t *task) step() int64 { return t.resolution.Milliseconds() }

// recordedWithin is how long after the end of a slot its counts are recorded:
// the interval of the rules, and as much again for their evaluation.
const recordedWithin = 2 * time.Minute

// edges are where slots begin and end in (from, to]: the first of them, the end of
// the closed ones, that of the last one that can be read whole, and that of what can
// be read of the one after it: nothing of counts that rules record, which are there a
// little after their slot.
func (t *task) edges(from, to int64) (first, closed, edge, end int64) {
	first, edge, end = floor(from, t.step()), floor(to, t.step()), to
	switch {
	case t.recording != nil:
		edge = max(first, floor(min(to, t.now.Add(-recordedWithin).UnixMilli()), t.step()))
		end = edge
	case t.isGauge():
		end = floor(to, minute)
	}
	return first, max(first, min(edge, t.settled)), edge, end
}

func number(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
