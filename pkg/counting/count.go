package counting

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

const maxGroups = 1000

// interval returns the distance between the points of an answer for slots of the given length, in
// milliseconds. A point of a gauge stands for the minute that ends there.
func (t *task) interval(length int64) int64 {
	if t.isGauge() {
		return minute
	}
	return length
}

// count counts the slots of the given length in the piece. The unfinished slot is counted by
// itself, with its shorter length.
func (s *Service) count(ctx context.Context, t *task, piece scope.Interval, length int64) (pieceCounts, error) {
	w := &want{task: t, piece: piece, length: length}
	if t.recording == nil && !t.isGauge() {
		s.countWants(ctx, []*want{w}, func(*want) {})
		return w.result, w.err
	}
	queries, interval := t.queries(milliseconds(length)), t.interval(length)
	w.terms = make([]*columns, len(queries))
	answers := make([]prometheus.Answer, len(queries))
	err := parallel.All(ctx, parallel.Objectives, len(queries), func(ctx context.Context, i int) (err error) {
		w.terms[i] = t.newColumns(piece.From, interval, int(piece.Length()/interval))
		first, last := piece.From+interval, piece.To
		if t.isGauge() {
			answers[i], err = s.queryMinutes(ctx, queries[i], first, last, interval, w.terms[i])
		} else {
			answers[i], err = s.query(ctx, queries[i], first, last, interval, w.terms[i].series)
		}
		return err
	})
	if err != nil {
		return pieceCounts{}, err
	}
	for i, answer := range answers {
		if err := partial(answer.Warnings); err != nil {
			return pieceCounts{}, err
		}
		w.result.cost.Add(Cost{Requests: 1, Samples: answer.SamplesRead})
		w.result.Unusable = w.result.Unusable.Union(scope.Union(w.terms[i].refused...))
		if w.terms[i].refusal != nil {
			t.refusal.Store(&w.terms[i].refusal)
		}
	}
	err = w.fill()
	return w.result, err
}

// queryMinutes queries a gauge without the minutes that the engine refuses: for one minute in which a
// join is many-to-many it refuses the whole range. The range is halved until those minutes are found; a
// range that is refused at both ends and in the middle is unknown as a whole.
func (s *Service) queryMinutes(ctx context.Context, query string, first, last, step int64, c *columns) (prometheus.Answer, error) {
	answer, err := s.query(ctx, query, first, last, step, c.series)
	if prometheus.KindOf(err) != prometheus.BadQuery {
		return answer, err
	}
	refused := func(at int64) bool {
		_, err := s.query(ctx, query, at, at, step, prometheus.Discard)
		return prometheus.KindOf(err) == prometheus.BadQuery
	}
	middle := first + floor(last-first, 2*step)/2
	if first == last || refused(first) && refused(middle) && refused(last) {
		c.refused, c.refusal = append(c.refused, scope.Interval{From: first - step, To: last}), err
		return prometheus.Answer{}, nil
	}
	answer, err = s.queryMinutes(ctx, query, first, middle, step, c)
	if err != nil {
		return answer, err
	}
	rest, err := s.queryMinutes(ctx, query, middle+step, last, step, c)
	rest.SamplesRead += answer.SamplesRead
	rest.Warnings = append(rest.Warnings, answer.Warnings...)
	return rest, err
}

// query sends a range query, or an instant one for a single point.
func (s *Service) query(ctx context.Context, query string, first, last, step int64, sink prometheus.Sink) (prometheus.Answer, error) {
	if first == last {
		return s.client.Query(ctx, query, time.UnixMilli(first), sink)
	}
	return s.client.QueryRange(ctx, prometheus.Range{
		Query: query, Start: time.UnixMilli(first), End: time.UnixMilli(last), Step: milliseconds(step),
	}, sink)
}

// fill converts the counts of the terms to slots, for each group that has a total.
func (w *want) fill() error {
	t, answers, length := w.task, w.terms, w.length
	for _, c := range answers {
		if err := c.tooMany(); err != nil {
			return err
		}
	}
	w.result.Counts = slots.Counts{From: w.piece.From, Length: w.slots(), Groups: map[string]slots.GroupCounts{}, Remarks: w.result.Remarks}
	w.result.cost.SlotsRead = int64(w.slots())
	result, totals := &w.result.Counts, answers[:1]
	if t.recording == nil && !t.isGauge() {
		totals = answers[:len(t.plan.Total)]
	}
	for _, total := range totals {
		for _, key := range slices.Sorted(maps.Keys(total.groups)) {
			if _, filled := result.Groups[key]; filled {
				continue
			}
			group := total.groups[key]
			run := make([]slots.Slot, result.Length)
			values := make([][]float64, len(answers))
			for i, answer := range answers {
				if column, ok := answer.groups[key]; ok {
					values[i] = column.values
				}
			}
			switch {
			case t.recording != nil:
				if err := t.fillRecorded(run, values[0], values[1], result.From); err != nil {
					return err
				}
			case t.isGauge():
				if err := t.fillMinutes(run, group, result.From, length); err != nil {
					return err
				}
				unusable := scope.Union(group.unusable...)
				result.Unusable = result.Unusable.Union(unusable)
				result.Lack(key, unusable)
			default:
				result.PartSeen = t.fillTerms(run, values) || result.PartSeen
			}
			if !t.isGauge() {
				unusable := withoutNumber(run, values, result.From, length)
				result.Unusable = result.Unusable.Union(unusable)
				result.Lack(key, unusable)
			}
			result.Groups[key] = slots.GroupCounts{Labels: group.labels, Slots: run}
		}
	}
	if t.recording == nil && len(t.plan.GroupBy) > 0 {
		noteLacking(result, answers[len(totals):], length)
	}
	return nil
}

// noteLacking records the slots in which good or bad counted events of groups that total does not have.
func noteLacking(result *slots.Counts, parts []*columns, length int64) {
	for _, part := range parts {
		for key, column := range part.groups {
			if _, has := result.Groups[key]; !has {
				result.Lack(key, scope.Steps(result.From, length, len(column.values), func(i int) bool { return column.values[i] > 0 }))
			}
		}
	}
}

// fillTerms combines the counts of the terms into slots (docs/queries.md, «What counts events»): a
// missing term is 0, a slot without total is empty, and if good is missing all events are bad. It
// reports whether good or bad had a value in any measured slot.
func (t *task) fillTerms(run []slots.Slot, values [][]float64) (partSeen bool) {
	n := len(t.plan.Total)
	for i := range run {
		total, measured := combined(t.plan.Total, values[:n], i)
		if !measured {
			continue
		}
		part, found := combined(t.plan.Part, values[n:], i)
		partSeen = partSeen || found
		run[i] = slots.Slot{Total: total, Bad: part, Measured: true}
		if t.plan.PartIsGood {
			run[i].Bad = total
			if found {
				run[i].Bad -= part
			}
		}
	}
	return partSeen
}

// withoutNumber clears and returns the slots in which a term is no number: such a slot is unknown,
// whichever side of the ratio the term is on (docs/figures.md, «Time that was not measured»).
func withoutNumber(run []slots.Slot, values [][]float64, from, length int64) scope.Intervals {
	return scope.Steps(from, length, len(run), func(i int) bool {
		for _, column := range values {
			if column != nil && math.IsInf(column[i], 0) {
				run[i] = slots.Slot{}
				return true
			}
		}
		return false
	})
}

// combined returns the signed sum of the terms in one slot; found is false if no
// added term has a value there.
func combined(terms []sli.Term, values [][]float64, i int) (sum float64, found bool) {
	for n, term := range terms {
		switch {
		case values[n] == nil || math.IsNaN(values[n][i]):
		case term.Negative:
			sum -= values[n][i]
		default:
			sum += values[n][i]
			found = true
		}
	}
	return sum, found
}

// fillRecorded converts recorded counts to slots. A slot without a recorded bad is unknown:
// its rule was not evaluated. As in fillMinutes, a ratio worse than all bad is an error: it is
// recorded as infinite seconds.
func (t *task) fillRecorded(run []slots.Slot, total, bad []float64, from int64) error {
	for i := range run {
		if bad == nil || math.IsNaN(total[i]) || math.IsNaN(bad[i]) {
			continue
		}
		if t.plan.Kind.TimeBased() && math.IsInf(bad[i], 0) {
			return fmt.Errorf("in the slot until %s: the raw query gave more than all bad, %s", instantText(from+int64(i+1)*t.step()), whatRatiosAre)
		}
		run[i] = slots.Slot{Total: total[i], Bad: bad[i], Measured: true}
	}
	return nil
}

const whatRatiosAre = "but a ratio lies between 0 and 1: divide by the total, or by 100 if it is a percentage"

func instantText(at int64) string { return time.UnixMilli(at).UTC().Format(time.RFC3339) }

// fillMinutes converts the values of a gauge, one per minute, to slots. A minute in which a group
// has two series is unknown, since either may be meant; so is one in which a ratio is infinite or
// better than all good. A ratio worse than all bad is an error: an outage given as a percentage must
// not become unmeasured time.
func (t *task) fillMinutes(run []slots.Slot, c *column, from, length int64) error {
	for _, minutes := range c.unusable {
		c.values[(minutes.From-from)/minute] = math.NaN()
	}
	for i, value := range c.values {
		if math.IsNaN(value) {
			continue
		}
		at := from + int64(i+1)*minute
		bad, err := t.judgeMinute(value)
		if err != nil {
			err = fmt.Errorf("at %s: %w", instantText(at), err)
			if bad > 1 && !math.IsInf(value, 0) {
				return err
			}
			c.unusable = append(c.unusable, scope.Interval{From: at - minute, To: at})
			t.refusal.Store(&err)
			continue
		}
		slot := &run[(at-from-1)/length]
		slot.Total += 60
		slot.Bad += 60 * bad
		slot.Measured = true
	}
	return nil
}

// judgeMinute returns the bad fraction, 0 to 1, of a minute in which the gauge has the value. If the
// value is no ratio, it returns an error and the fraction outside of that range.
func (t *task) judgeMinute(value float64) (bad float64, err error) {
	switch t.objective.SLI.Kind {
	case agreement.Threshold:
		if t.objective.Op.Holds(value, t.objective.Value) {
			return 0, nil
		}
		return 1, nil
	case agreement.RawSuccess:
		bad = 1 - value
	default:
		bad = value
	}
	const rounding = 1e-9
	if bad < -rounding || bad > 1+rounding {
		return bad, fmt.Errorf("the raw query gave %s, %s", number(value), whatRatiosAre)
	}
	return min(max(bad, 0), 1), nil
}

// maxCount is the largest count up to which a float64 holds every integer.
const maxCount = 1 << 53

// columns collects an answer as one value per point and group.
type columns struct {
	from, step int64
	length     int
	groupBy    []string
	// counts is true for counts and false for a gauge, whose values may be of any
	// size and are unknown if NaN.
	counts bool
	groups map[string]*column
	// refused are the minutes that the engine refuses to answer, refusal is its last error.
	refused []scope.Interval
	refusal error
	// excess are the groups beyond maxGroups.
	excess map[string]bool
}

type column struct {
	labels map[string]string
	values []float64 // NaN where there is none, +Inf for a count that is no number
	// unusable are the steps with more than one value, or with a value that is no ratio.
	unusable []scope.Interval
}

// unknown returns n absent values.
func unknown(n int) []float64 { return slices.Repeat([]float64{math.NaN()}, n) }

func (t *task) newColumns(from, step int64, length int) *columns {
	return &columns{from: from, step: step, length: length, groupBy: t.plan.GroupBy, counts: !t.isGauge(),
		groups: map[string]*column{}, excess: map[string]bool{}}
}

// of returns the column for a series with the labels, with an empty value for each that it lacks; nil
// if there are too many groups.
func (c *columns) of(label func(name string) string) *column {
	group := make(map[string]string, len(c.groupBy))
	for _, name := range c.groupBy {
		group[name] = label(name)
	}
	key := slots.GroupKey(group)
	known, ok := c.groups[key]
	if !ok {
		if len(c.groups) == maxGroups {
			c.excess[key] = true
			return nil
		}
		known = &column{labels: group, values: unknown(c.length)}
		c.groups[key] = known
	}
	return known
}

func (c *columns) tooMany() error {
	if len(c.excess) == 0 {
		return nil
	}
	return fmt.Errorf("groupBy %s gives %d groups, the limit is %d: group by a label with fewer values",
		strings.Join(c.groupBy, ", "), maxGroups+len(c.excess), maxGroups)
}

func (c *columns) series(labels map[string]string) func(int64, float64) {
	known := c.of(func(name string) string { return labels[name] })
	if known == nil {
		return nil
	}
	return func(at int64, value float64) {
		i := (at-c.from)/c.step - 1
		switch {
		case i < 0 || i >= int64(c.length):
			return
		case c.counts && (math.IsNaN(value) || math.Abs(value) > maxCount):
			value = math.Inf(1)
		case math.IsNaN(value):
			return
		}
		if !math.IsNaN(known.values[i]) {
			known.unusable = append(known.unusable, scope.Interval{From: at - c.step, To: at})
		}
		known.values[i] = value
	}
}
