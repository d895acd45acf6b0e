package counting

import (
	"cmp"
	"context"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

// processStart is the metric that says when a process began.
const processStart = "process_start_time_seconds"

// first is the first sample of a series in what was read, with events in it.
type first struct {
	*counted
	at        int64
	value     float64
	histogram *histogram.FloatHistogram
	// afterGap says that it is known that nothing was before for maxGap.
	afterGap bool
	// before is the last sample before; nil without one.
	before *lastSample
}

// lookBack finds the last sample, within maxGap, of the series that had none when
// reading began: what they gained since counts.
func (r *reading) lookBack(ctx context.Context) error {
	bySet := map[*readSet]map[string][]*first{}
	var sets []*readSet
	for _, f := range r.firsts {
		if f.afterGap {
			continue
		}
		if bySet[f.set] == nil {
			bySet[f.set] = map[string][]*first{}
			sets = append(sets, f.set)
		}
		key := identity(f.series)
		bySet[f.set][key] = append(bySet[f.set][key], f)
	}
	err := r.read(ctx, sets, func(set *readSet) prometheus.ReadQuery {
		return set.query(r.hull.From-maxGap, r.hull.From-siblingsWithin-1, narrowing(bySet[set])...)
	}, func(set *readSet, series labels.Labels) prometheus.Samples {
		begun := bySet[set][identity(series)]
		if begun == nil {
			return nil
		}
		before := cmp.Or(begun[0].before, &lastSample{at: math.MinInt64})
		for _, f := range begun {
			f.before = before
		}
		return before
	})
	if err != nil {
		return err
	}
	r.firsts = slices.DeleteFunc(r.firsts, func(f *first) bool {
		if !f.hasBefore() {
			return false
		}
		f.goesOn()
		return true
	})
	return nil
}

// hasBefore reports whether there was a sample within maxGap: a series may be
// answered without any.
func (f *first) hasBefore() bool {
	return f.before != nil && f.before.at != math.MinInt64 && f.at-f.before.at <= maxGap
}

type lastSample struct {
	at        int64
	value     float64
	histogram *histogram.FloatHistogram
	lost      bool
}

// Float takes a sample of a counter.
func (l *lastSample) Float(at int64, value float64) {
	if at < l.at { // of the other spelling of a bound, which is there no more
		return
	}
	if l.lost = !isCount(value); l.lost {
		value = math.Inf(1)
	}
	l.at, l.value = at, value
}

// Histogram takes a sample of a native histogram.
func (l *lastSample) Histogram(at int64, h *histogram.FloatHistogram) {
	l.at, l.value, l.histogram = at, h.Count, h
}

// maxNarrowed are the values that narrow what is looked back for.
const maxNarrowed = 200

// narrowing matches the processes whose series begin, where they are few: a
// rollout makes some new ones among many.
func narrowing(begun map[string][]*first) []*labels.Matcher {
	for _, name := range []string{model.InstanceLabel, "pod"} {
		values := map[string]bool{}
		for _, all := range begun {
			values[all[0].series.Get(name)] = true
		}
		if !values[""] && len(values) <= maxNarrowed {
			return []*labels.Matcher{sli.OneOf(name, maps.Keys(values))}
		}
	}
	return nil
}

// goesOn counts what the series gained since its last sample.
func (f *first) goesOn() {
	f.count(func(t *target) float64 {
		switch {
		case f.before.lost:
			return f.before.value
		case f.histogram != nil:
			return observed(t.term, f.histogram, f.before.histogram)
		case f.value < f.before.value:
			return f.value
		}
		return f.value - f.before.value
	})
}

func (f *first) count(gain func(*target) float64) {
	for _, t := range f.targets {
		if t.perPeriod || t.histogram != (f.histogram != nil) {
			continue
		}
		t.add(f.at+f.set.offset, gain(t))
		t.put()
	}
}

// judgeBirths counts the first samples of series that are known to have begun at
// zero (measurement.md, §2, «Births»), and notes those that are left out.
func (r *reading) judgeBirths(ctx context.Context) error {
	begun := map[beginning]bool{}
	for _, f := range r.firsts {
		if !slices.ContainsFunc(f.targets, (*target).isMark) {
			begun[f.beginning()] = true
		}
	}
	for _, group := range birthGroups(r.firsts) {
		if err := r.judge(ctx, group, begun); err != nil {
			return err
		}
	}
	return nil
}

// beginning is when a histogram began: its count, its sum and its buckets.
type beginning struct {
	key string
	at  int64
}

func (f *first) beginning() beginning { return beginning{withoutBound(f.series), f.at} }

// judge reads the siblings of the births of some processes around one time. What
// has begun besides bounds says which bounds are new in an old histogram.
func (r *reading) judge(ctx context.Context, births []*first, begun map[beginning]bool) error {
	jobs, instances := map[string]bool{}, map[string]bool{}
	from, to := births[0].at, births[0].at
	for _, f := range births {
		jobs[f.series.Get(model.JobLabel)], instances[f.series.Get(model.InstanceLabel)] = true, true
		from, to = min(from, f.at), max(to, f.at)
	}
	query := func(names *labels.Matcher, to int64) prometheus.ReadQuery {
		return prometheus.ReadQuery{From: from - siblingsWithin, To: to,
			Matchers: []*labels.Matcher{names, sli.OneOf(model.JobLabel, maps.Keys(jobs)), sli.OneOf(model.InstanceLabel, maps.Keys(instances))}}
	}
	siblings, starts := map[string][]*moments{}, map[string][]*moments{}
	near := map[string][]int64{}
	for _, f := range births {
		near[process(f.series)] = append(near[process(f.series)], f.at)
	}
	err := r.ask(ctx, []prometheus.ReadQuery{
		query(family(births[0].set.metric), to+siblingsWithin-1),
		query(labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, processStart), to),
	}, func(query int, series labels.Labels) prometheus.Samples {
		key := process(series)
		of := &moments{near: near[key]}
		into := []map[string][]*moments{siblings, starts}[query]
		into[key] = append(into[key], of)
		return of
	})
	if err != nil {
		return err
	}
	for _, f := range births {
		key := process(f.series)
		if beganAtZero(f.at, siblings[key], starts[key]) {
			f.count(func(t *target) float64 {
				if f.histogram != nil {
					return t.term.Observations(f.histogram)
				}
				return f.value
			})
			continue
		}
		f.leaveOut(!begun[f.beginning()])
	}
	return nil
}

// leaveOut notes the sample once for each of those who would have counted it. A
// bound that is new in an old histogram, with unknown events in it, is not known in
// its slot.
func (f *first) leaveOut(newBound bool) {
	told := map[*want]bool{}
	for _, t := range f.targets {
		at := f.at + f.set.offset
		if at <= t.from || at > t.to {
			continue
		}
		if t.isMark() && newBound {
			t.values[(at-1-t.from)/t.step] = math.NaN()
		}
		if !told[t.want] && !t.isMark() && !t.perPeriod {
			told[t.want] = true
			t.want.result.Leave(floor(at-1, t.step), slots.LeftOut{Samples: 1, Events: f.value})
		}
	}
}

// process tells the targets of scrapes apart.
func process(series labels.Labels) string {
	return strconv.Quote(series.Get(model.JobLabel)) + series.Get(model.InstanceLabel)
}

// moments are the samples of a series near the births in its process.
type moments struct {
	near   []int64 // the births, in order of time
	at     []int64
	values []float64
}

// Float takes a sample.
func (m *moments) Float(at int64, value float64) {
	for len(m.near) > 0 && m.near[0]+siblingsWithin <= at {
		m.near = m.near[1:]
	}
	if len(m.near) > 0 && m.near[0]-siblingsWithin <= at {
		m.at, m.values = append(m.at, at), append(m.values, value)
	}
}

// Histogram takes the count of a native histogram.
func (m *moments) Histogram(at int64, h *histogram.FloatHistogram) { m.Float(at, h.Count) }

// around are the last sample in [t − 5m, t) and the first in [t, t + 5m).
func (m *moments) around(t int64) (last, next float64, hasLast, hasNext bool) {
	i, _ := slices.BinarySearch(m.at, t)
	if i > 0 && m.at[i-1] >= t-siblingsWithin {
		last, hasLast = m.values[i-1], true
	}
	if i < len(m.at) && m.at[i] < t+siblingsWithin {
		next, hasNext = m.values[i], true
	}
	return last, next, hasLast, hasNext
}

// beganAtZero is the rule of measurement.md, §2: a sibling fell at t, so the
// process restarted; siblings were there before and none went, so it is a new
// child of a running program; or the process has just started, by the latest sample
// that says so: the one before it, under another name, may have said when it did.
func beganAtZero(t int64, siblings, starts []*moments) bool {
	there, went := false, false
	for _, sibling := range siblings {
		last, next, hasLast, hasNext := sibling.around(t)
		if hasLast && hasNext && last > next {
			return true
		}
		there, went = there || hasLast, went || hasLast && !hasNext
	}
	if there && !went {
		return true
	}
	said, started := t-siblingsWithin, 0.0
	for _, start := range starts {
		if i, _ := slices.BinarySearch(start.at, t+1); i > 0 && start.at[i-1] > said {
			said, started = start.at[i-1], start.values[i-1]
		}
	}
	return started*1000 >= float64(t-siblingsWithin)
}

// Births are judged together that are of one metric and at most birthsWithin
// apart, in at most maxProcesses: what is read for them is held.
const (
	birthsWithin = 60 * minute
	maxProcesses = 50
)

func birthGroups(births []*first) (groups [][]*first) {
	slices.SortStableFunc(births, func(a, b *first) int {
		return cmp.Or(cmp.Compare(a.set.metric, b.set.metric), cmp.Compare(a.at, b.at))
	})
	start, processes := 0, map[string]bool{}
	for i, f := range births {
		processes[process(f.series)] = true
		earliest := births[start]
		if f.set.metric != earliest.set.metric || len(processes) > maxProcesses || f.at-earliest.at > birthsWithin {
			groups = append(groups, births[start:i])
			start, processes = i, map[string]bool{process(f.series): true}
		}
	}
	if len(births) > 0 {
		groups = append(groups, births[start:])
	}
	return groups
}

// family matches the metric, and those that a histogram is exposed as with it.
func family(metric string) *labels.Matcher {
	if base := histogramPart.ReplaceAllString(metric, ""); base != metric {
		return sli.OneOf(model.MetricNameLabel, slices.Values([]string{base + "_bucket", base + "_count", base + "_sum"}))
	}
	return labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, metric)
}

var histogramPart = regexp.MustCompile(`_(bucket|count|sum)$`)
