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

// processStart is the metric that holds the start time of a process.
const processStart = "process_start_time_seconds"

// first is the first sample of a series in the data that was read; its value is not 0.
type first struct {
	*counted
	at        int64
	value     float64
	histogram *histogram.FloatHistogram
	// afterGap is true if the series is known to have had no sample for maxGap before.
	afterGap bool
	// before is the sample before this one; nil if the series was not found further back.
	before *lastSample
}

// lookBack looks further back, up to maxGap, for an earlier sample of the series that begin in the
// data. What such a series has gained since that sample is counted.
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

// hasBefore reports whether there was a sample within maxGap before. A server may return
// a series without samples.
func (f *first) hasBefore() bool {
	return f.before != nil && f.before.at != math.MinInt64 && f.at-f.before.at <= maxGap
}

type lastSample struct {
	at        int64
	value     float64
	histogram *histogram.FloatHistogram
	// lost is true if the sample was no number. The gain up to the next one is unknown then: it
	// belongs to no single slot, and the other side of the ratio has not counted all of it.
	lost bool
}

// Float stores a sample of a counter.
func (l *lastSample) Float(at int64, value float64) {
	if at < l.at { // of the other spelling of a bound, which has ended
		return
	}
	l.at, l.value, l.lost = at, value, !isCount(value)
}

// Histogram stores a sample of a native histogram.
func (l *lastSample) Histogram(at int64, h *histogram.FloatHistogram) {
	l.at, l.value, l.histogram, l.lost = at, h.Count, h, !isCount(h.Count)
}

// maxNarrowed is the most label values to which lookBack narrows a query.
const maxNarrowed = 200

// narrowing returns a matcher for the instances or pods whose series begin, or nil if these are too
// many: a rollout starts a few among many.
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

// goesOn counts what the series has gained since the sample before.
func (f *first) goesOn() {
	gain := f.value - f.before.value
	switch {
	case f.before.lost:
		gain = math.Inf(1)
	case gain < 0:
		gain = f.value
	}
	f.count(gain, f.before.histogram)
}

// count adds the gain, or what the histogram has gained since before.
func (f *first) count(gain float64, before *histogram.FloatHistogram) {
	at := f.at + f.set.offset
	for _, t := range f.targets {
		switch {
		case t.perPeriod || t.histogram != (f.histogram != nil):
			continue
		case t.histogram && isCount(gain):
			t.observe(at, f.histogram, before)
		default:
			t.add(at, gain)
		}
		t.put()
	}
}

// judgeBirths counts the first samples of series that are known to have begun at zero
// (docs/queries.md, «How it is counted»), and records those that are left out.
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

// beginning is when the series of one histogram, its count, sum and buckets, began: their labels
// without name and le, and the time.
type beginning struct {
	key string
	at  int64
}

func (f *first) beginning() beginning { return beginning{withoutBound(f.series), f.at} }

// judge reads the siblings of births in a few processes around one time. begun are the beginnings of
// series other than bounds: a new bound that is not among them belongs to an older histogram.
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
			f.count(f.value, nil)
			continue
		}
		f.leaveOut(!begun[f.beginning()])
	}
	return nil
}

// leaveOut records the sample once for each want that would have counted it. A new bound in an older
// histogram holds an unknown number of old events, so its slot is treated as lacking the bound.
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

// process is a key for the scrape target of a series.
func process(series labels.Labels) string {
	return strconv.Quote(series.Get(model.JobLabel)) + series.Get(model.InstanceLabel)
}

// moments are the samples of a series near the births in its process.
type moments struct {
	near   []int64 // times of the births, ascending
	at     []int64
	values []float64
}

// Float stores a sample that is close to a birth.
func (m *moments) Float(at int64, value float64) {
	for len(m.near) > 0 && m.near[0]+siblingsWithin <= at {
		m.near = m.near[1:]
	}
	if len(m.near) > 0 && m.near[0]-siblingsWithin <= at {
		m.at, m.values = append(m.at, at), append(m.values, value)
	}
}

// Histogram stores the count of a native histogram.
func (m *moments) Histogram(at int64, h *histogram.FloatHistogram) { m.Float(at, h.Count) }

// around returns the values of the last sample in [t − 5m, t) and of the first in [t, t + 5m).
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

// beganAtZero reports whether a series born at t began at zero (docs/queries.md, «How it is counted»): a
// sibling fell at t, so the process restarted; siblings were there before and none disappeared, so it
// is a new child of a running program; or the process has just started. The latest start time decides,
// since one under other labels may be that of an earlier process.
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

// Births of one metric are judged together if they are at most birthsWithin apart and in at most
// maxProcesses processes, which bounds the samples in memory.
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

// family returns a matcher for the metric or, for a part of a classic histogram, for all its parts:
// _bucket, _count and _sum.
func family(metric string) *labels.Matcher {
	if base := histogramPart.ReplaceAllString(metric, ""); base != metric {
		return sli.OneOf(model.MetricNameLabel, slices.Values([]string{base + "_bucket", base + "_count", base + "_sum"}))
	}
	return labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, metric)
}

var histogramPart = regexp.MustCompile(`_(bucket|count|sum)$`)
