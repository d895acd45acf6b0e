package measure

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

// counted is what was asked for and what it cost.
type counted struct {
	slots.Counts
	cost Cost
	// warnings keep a slot from being closed.
	warnings []string
}

// Cost is what a result cost the engine that was asked.
type Cost struct {
	// Requests sent, and the samples the server says it read for them.
	Requests int
	Samples  int64
	// SlotsRead were asked for, SlotsCached were remembered.
	SlotsRead   int64
	SlotsCached int64
}

func (c *Cost) add(other Cost) {
	c.Requests += other.Requests
	c.Samples += other.Samples
	c.SlotsRead += other.SlotsRead
	c.SlotsCached += other.SlotsCached
}

// count asks for the slots of length step in (from, to]; a stretch shorter
// than a slot is the unfinished one.
func (e *Engine) count(ctx context.Context, t *task, from, to, step int64) (counted, error) {
	switch {
	case t.recording != nil:
		return e.recorded(ctx, t, from, to, step)
	case t.objective.SLI.Kind.TimeBased():
		return e.watch(ctx, t, from, to, step)
	}
	terms := t.terms()
	columns := make([]*columns, len(terms))
	answers := make([]prometheus.Answer, len(terms))
	group, ctx := errgroup.WithContext(ctx)
	for i, term := range terms {
		columns[i] = newColumns(from, step, int((to-from)/step), t.plan.GroupBy)
		group.Go(func() (err error) {
			defer recovered(&err)
			answers[i], err = e.ask(ctx, t.countQuery(term, milliseconds(step)), from+step, to, step, columns[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return counted{}, err
	}
	result := newCounted(from, to, step, answers)
	for _, column := range columns {
		if len(column.groups) > maxGroups {
			return counted{}, tooManyGroups(t.plan.GroupBy, len(column.groups))
		}
	}
	t.combine(&result.Counts, columns)
	return result, nil
}

func (t *task) countQuery(term sli.Term, length time.Duration) string {
	if term.IsHistogram() {
		return term.CountQuery(t.histogramMethod, length)
	}
	return term.CountQuery(t.method, length)
}

// ask sends a range query, or an instant one for a single point.
func (e *Engine) ask(ctx context.Context, query string, first, last, step int64, sink prometheus.Sink) (prometheus.Answer, error) {
	if first == last {
		return e.client.Query(ctx, query, time.UnixMilli(first), sink)
	}
	return e.client.QueryRange(ctx, prometheus.Range{
		Query: query, Start: time.UnixMilli(first), End: time.UnixMilli(last), Step: milliseconds(step),
	}, sink)
}

func newCounted(from, to, step int64, answers []prometheus.Answer) counted {
	result := counted{Counts: slots.Counts{From: from, Length: int((to - from) / step), Groups: map[string]slots.GroupCounts{}}}
	for _, answer := range answers {
		result.cost.Requests++
		result.cost.Samples += answer.SamplesRead
		result.warnings = append(result.warnings, answer.Warnings...)
	}
	result.cost.SlotsRead = int64(result.Length)
	return result
}

// combine makes slots of the terms' counts (measurement.md, §1): a missing
// term is 0, a slot without total is empty, and where good is missing all is
// bad.
func (t *task) combine(result *slots.Counts, terms []*columns) {
	total, part := terms[:len(t.plan.Total)], terms[len(t.plan.Total):]
	for _, column := range total {
		for key, group := range column.groups {
			if _, done := result.Groups[key]; done {
				continue
			}
			run := make([]slots.Slot, result.Length)
			for i := range run {
				run[i] = t.slot(key, i, total, part)
			}
			result.Groups[key] = slots.GroupCounts{Labels: group.labels, Slots: run}
		}
	}
}

func (t *task) slot(key string, i int, total, part []*columns) slots.Slot {
	all, measured := combined(key, i, t.plan.Total, total)
	if !measured {
		return slots.Slot{}
	}
	some, found := combined(key, i, t.plan.Part, part)
	slot := slots.Slot{Total: all, Bad: some, Measured: true}
	if t.plan.PartIsGood {
		slot.Bad = all - some
		if !found {
			slot.Bad = all
		}
	}
	if !slot.Finite() {
		return slots.Slot{}
	}
	return slot
}

// combined is the sum and difference of the terms in one slot; found is false
// when no added term has a value there.
func combined(key string, i int, terms []sli.Term, counts []*columns) (sum float64, found bool) {
	for n, term := range terms {
		group, ok := counts[n].groups[key]
		if !ok || math.IsNaN(group.values[i]) {
			continue
		}
		if term.Negative {
			sum -= group.values[i]
			continue
		}
		sum += group.values[i]
		found = true
	}
	return sum, found
}

// columns takes an answer to a counting query: a value a slot and group.
type columns struct {
	from, step int64
	length     int
	groupBy    []string
	groups     map[string]*column
}

type column struct {
	labels map[string]string
	values []float64 // NaN where there is none
}

func newColumns(from, step int64, length int, groupBy []string) *columns {
	return &columns{from: from, step: step, length: length, groupBy: groupBy, groups: map[string]*column{}}
}

// Series takes the next series of the answer.
func (c *columns) Series(labels map[string]string) (func(int64, float64), error) {
	key, group := groupOf(labels, c.groupBy)
	found, ok := c.groups[key]
	if !ok {
		found = &column{labels: group, values: make([]float64, c.length)}
		for i := range found.values {
			found.values[i] = math.NaN()
		}
		c.groups[key] = found
	}
	return func(at int64, value float64) {
		if i := (at-c.from)/c.step - 1; i >= 0 && i < int64(c.length) {
			found.values[i] = value
		}
	}, nil
}

// groupOf picks the groupBy labels; a label that a series lacks is empty.
func groupOf(labels map[string]string, groupBy []string) (key string, group map[string]string) {
	group = make(map[string]string, len(groupBy))
	for _, name := range groupBy {
		group[name] = labels[name]
	}
	return GroupKey(group), group
}

// GroupKey is a text that is unique to the labels, and sorts like them.
func GroupKey(group map[string]string) string {
	names := make([]string, 0, len(group))
	for name := range group {
		names = append(names, name)
	}
	sort.Strings(names)
	var key strings.Builder
	for _, name := range names {
		fmt.Fprintf(&key, "%s=%q,", name, group[name])
	}
	return strings.TrimSuffix(key.String(), ",")
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }

// judgeMinute is the bad part, 0 to 1, of a minute in which the gauge had the
// value; unknown when the value is none.
func (t *task) judgeMinute(value float64) (bad float64, known bool, err error) {
	if math.IsNaN(value) {
		return 0, false, nil
	}
	switch t.objective.SLI.Kind {
	case agreement.Threshold:
		if t.objective.Op.Holds(value, t.objective.Value) {
			return 0, true, nil
		}
		return 1, true, nil
	case agreement.RawSuccess:
		bad = 1 - value
	default:
		bad = value
	}
	const rounding = 1e-9
	if bad < -rounding || bad > 1+rounding {
		return 0, false, fmt.Errorf("the raw query gave %s, but a ratio lies between 0 and 1: divide by the total, or by 100 if it is a percentage", number(value))
	}
	return min(max(bad, 0), 1), true, nil
}
