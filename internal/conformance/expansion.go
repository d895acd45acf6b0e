package conformance

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sort"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// Series is one series as it was scraped, its samples ascending.
type Series struct {
	Labels  labels.Labels
	Samples []Sample
}

// Sample is a value at a time in Unix milliseconds.
type Sample struct {
	Time  int64
	Value float64
}

// Series expands the scenario: every sample of every series.
func (s *Scenario) Series() []Series {
	all := make([]Series, len(s.series))
	for i, spec := range s.series {
		all[i].Labels = labels.FromMap(spec.Labels)
		if spec.Type == gaugeType {
			all[i].Samples = s.gauge(spec)
		} else {
			all[i].Samples = s.counter(spec)
		}
	}
	return all
}

// scrapes are the instants at which the series would be scraped.
func (s *Scenario) scrapes(spec seriesSpec) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for t := s.firstScrape(spec); !t.After(s.End); t = t.Add(s.Interval) {
			if !yield(t) {
				return
			}
		}
	}
}

func (s *Scenario) firstScrape(spec seriesSpec) time.Time {
	return s.Start.Add(time.Duration(spec.Offset))
}

func (s *Scenario) gauge(spec seriesSpec) []Sample {
	var samples []Sample
	for t := range s.scrapes(spec) {
		if value, holds := spec.valueAt(t); holds && spec.alive(t) {
			samples = append(samples, Sample{t.UnixMilli(), value})
		}
	}
	return samples
}

// valueAt is that of the last generator that holds at t.
func (s seriesSpec) valueAt(t time.Time) (value float64, holds bool) {
	for _, g := range s.Generators {
		if g.Set == nil || !g.Daily.contains(t) ||
			g.From != nil && t.Before(time.Time(*g.From)) ||
			g.Until != nil && !t.Before(time.Time(*g.Until)) {
			continue
		}
		value, holds = *g.Set, true
	}
	return value, holds
}

// event is something that happens to a counter: it grows, or restarts.
type event struct {
	at    time.Time
	reset bool
	add   float64
}

// counter is the sum of the events up to each scrape since the last restart.
func (s *Scenario) counter(spec seriesSpec) []Sample {
	events := s.events(spec)
	var samples []Sample
	value, next := 0.0, 0
	for t := range s.scrapes(spec) {
		for ; next < len(events) && !events[next].at.After(t); next++ {
			if events[next].reset {
				value = 0
			}
			value += events[next].add
		}
		if spec.alive(t) {
			samples = append(samples, Sample{t.UnixMilli(), value})
		}
	}
	return samples
}

// events are in order of time; at the same instant a restart comes first.
func (s *Scenario) events(spec seriesSpec) []event {
	var events []event
	for _, g := range spec.Generators {
		switch {
		case g.At != nil:
			events = append(events, event{at: time.Time(*g.At), add: g.Add})
		case g.Reset != nil:
			events = append(events, event{at: time.Time(*g.Reset), reset: true})
		case g.Every != nil:
			events = append(events, s.ticks(spec, g)...)
		}
	}
	events = slices.DeleteFunc(events, func(e event) bool { return spec.unborn(e.at) })
	slices.SortStableFunc(events, func(x, y event) int {
		return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.rank(), y.rank()))
	})
	return events
}

// rank puts a restart before the events of its instant.
func (e event) rank() int {
	if e.reset {
		return 0
	}
	return 1
}

// ticks are at from + k·every for k ≥ 1: none at from itself.
func (s *Scenario) ticks(spec seriesSpec, g generator) []event {
	from, until := s.firstScrape(spec), s.End
	if g.From != nil {
		from = time.Time(*g.From)
	}
	if g.Until != nil {
		until = time.Time(*g.Until)
	}
	var ticks []event
	every := time.Duration(*g.Every)
	for t := from.Add(every); !t.After(until); t = t.Add(every) {
		if g.Daily.contains(t) {
			ticks = append(ticks, event{at: t, add: g.Add})
		}
	}
	return ticks
}

func (s seriesSpec) unborn(t time.Time) bool {
	return slices.ContainsFunc(s.Generators, func(g generator) bool {
		return g.Born != nil && t.Before(time.Time(*g.Born))
	})
}

// WriteBlocks stores the expanded series as TSDB blocks in dir.
func (s *Scenario) WriteBlocks(dir string) error {
	all := s.Series()
	within := func(from, to time.Time) iter.Seq[promserver.Series] {
		return func(yield func(promserver.Series) bool) {
			for _, one := range all {
				if !yield(promserver.Series{Labels: one.Labels, Samples: one.between(from, to)}) {
					return
				}
			}
		}
	}
	// Blocks end before their end; the scrapes go up to and including it.
	return promserver.WriteBlocks(context.Background(), dir, s.Start, s.End.Add(time.Millisecond), within, nil)
}

// between yields the samples of from ≤ t < to.
func (s Series) between(from, to time.Time) iter.Seq2[int64, float64] {
	first := sort.Search(len(s.Samples), func(i int) bool { return s.Samples[i].Time >= from.UnixMilli() })
	return func(yield func(int64, float64) bool) {
		for _, sample := range s.Samples[first:] {
			if sample.Time >= to.UnixMilli() || !yield(sample.Time, sample.Value) {
				return
			}
		}
	}
}
