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

// task is an objective prepared for counting.
type task struct {
	objective *agreement.Objective
	plan      sli.Plan
	method    sli.Method
	// recording is read instead of the plan's counters; nil: these are counted.
	recording *sli.Recording
	// histogramMethod counts native histograms; empty when the SLI has none.
	histogramMethod sli.Method
	// ahead is true if the query of a gauge goes through [sli.Ahead].
	ahead      bool
	resolution time.Duration
	now        time.Time
	key        string
	record     *slots.Record
	// refusal is why a minute of a gauge is unusable: the engine refused it, or it is no ratio.
	refusal atomic.Pointer[error]
	// save stores the counts of closed slots.
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
		t.recording = new(plan.Recording(o))
	} else if t.countsSamples(server) {
		t.method = sli.Samples
	} else if err := s.chooseHistogramMethod(ctx, t, at); err != nil {
		return nil, err
	}
	t.ahead = t.isGauge() && t.method == sli.Offset && server.Has(negativeOffsets)
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

// maxRemembered is how many plans, and how many tasks' queries, are cached.
const maxRemembered = 50_000

// keyedPlan is a plan with its [sli.Plan.Key], or why there is none.
type keyedPlan struct {
	sli.Plan
	key string
	err error
}

// planOf returns how the objective's SLI is counted. Plans are cached: parsing a query takes longer
// than summing the slots of a month.
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

// countsSamples reports whether raw samples are counted: the server serves remote read, and the plan
// uses no external label, which the server adds to samples but which no query sees.
func (t *task) countsSamples(server prometheus.Capabilities) bool {
	if !server.Reads || t.isGauge() {
		return false
	}
	asked := slices.Clone(t.plan.GroupBy)
	for _, term := range t.plan.Terms() {
		for _, m := range term.Matchers {
			asked = append(asked, m.Name)
		}
	}
	return !slices.ContainsFunc(asked, func(name string) bool { _, added := server.External[name]; return added })
}

// chooseHistogramMethod finds how the server counts the native histograms of the SLI, if it has any: a
// method that works for counters may not work for these.
func (s *Service) chooseHistogramMethod(ctx context.Context, t *task, at time.Time) error {
	for _, term := range t.plan.Terms() {
		if !term.IsHistogram() {
			continue
		}
		if err := term.Countable(t.method); err != nil {
			return err
		}
		method, err := s.histogramMethodAt(ctx, term.Selector(), at)
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

// isGauge reports whether the SLI is evaluated once a minute.
func (t *task) isGauge() bool { return t.recording == nil && t.objective.SLI.Kind.TimeBased() }

// queries returns the PromQL that counts slots of the given length.
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

// query returns the PromQL that counts the term, or selects its samples if these are counted.
func (t *task) query(term sli.Term, length time.Duration) string {
	switch {
	case t.method == sli.Samples:
		return term.Selector()
	case term.IsHistogram():
		return term.CountQuery(t.histogramMethod, length)
	}
	return term.CountQuery(t.method, length)
}

// measurement describes how the task is counted, without its cost.
func (s *Service) measurement(t *task) Measurement {
	queries := s.queries.Get(t.key, func() ([]string, int) { return t.queries(t.resolution), 1 })
	return Measurement{Method: t.method, Resolution: t.resolution, Queries: queries, Notes: t.notes()}
}

// notes returns what a reader of the figures should know.
func (t *task) notes() []string {
	notes := append([]string{}, t.plan.Warnings...)
	if t.recording != nil {
		return append(notes, "read from the slot counts that rules recorded: whole slots, up to the last one that is over")
	}
	if t.method == sli.Samples { // whose remarks say it
		return notes
	}
	return append(notes, t.interpolated(func(threshold float64) bool {
		fraction, _ := math.Frexp(math.Abs(threshold))
		return fraction != 0.5 // powers of two are bounds of schema 0 and finer
	})...)
}

// interpolated returns a note on each threshold of a native histogram that lies inside a bucket.
func (t *task) interpolated(inside func(threshold float64) bool) (notes []string) {
	for _, term := range t.plan.Terms() {
		for _, threshold := range term.Thresholds() {
			if inside(threshold) {
				notes = append(notes, fmt.Sprintf("interpolated: %s lies inside a bucket of the native histogram", number(threshold)))
			}
		}
	}
	return notes
}

// step is the length of a slot in milliseconds.
func (t *task) step() int64 { return t.resolution.Milliseconds() }

// recordedWithin is how long after its end a slot is recorded at the latest: the interval of the rules,
// and as long again for their evaluation.
const recordedWithin = 2 * time.Minute

// edges returns the edges of the slots in (from, to]: the start of the first, the end of the closed
// ones, the end of the last that can be read whole, and the end of what can be read of the one after
// it. Of recorded counts that is nothing: they appear a little after their slot.
func (t *task) edges(from, to int64) (first, closed, edge, end int64) {
	first, edge, end = floor(from, t.step()), floor(to, t.step()), to
	switch {
	case t.recording != nil:
		edge = max(first, floor(min(to, t.now.Add(-recordedWithin).UnixMilli()), t.step()))
		end = edge
	case t.isGauge():
		end = floor(to, minute)
	}
	settled := floor(t.now.Add(-Settle).UnixMilli(), t.step())
	return first, max(first, min(edge, settled)), edge, end
}

func number(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
