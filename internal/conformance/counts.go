package conformance

import (
	"sort"
	"time"
)

// How far back a sample may lie from which one counts: by the law, and for the
// methods that are bound to Prometheus' lookback, before the slot.
const (
	longestGap = 24 * time.Hour
	lookback   = 5 * time.Minute
)

// The names of the methods.
const (
	samplesMethod   = "samples"
	anchoredMethod  = "anchored"
	metricsqlMethod = "metricsql"
	offsetMethod    = "offset"
)

// growth is what a counter gained up to a sample, at its time in Unix
// milliseconds.
type growth struct {
	at int64
	by float64
	// since is the time of the sample before; 0 for a first one, and after a longer
	// time than the longest gap.
	since int64
	// unsure is set in every slot in which a counter begins, returns after a
	// gap or restarts: the offset method may miss what was gained there.
	unsure bool
}

// growths are those of a series among all of its scenario, whose slots have the
// length r.
func (s Series) growths(all []Series, r time.Duration) []growth {
	grown := make([]growth, len(s.Samples))
	unsure := map[int64]bool{}
	for i, sample := range s.Samples {
		g := &grown[i]
		g.at = sample.Time
		if i > 0 && sample.Time-s.Samples[i-1].Time <= longestGap.Milliseconds() {
			g.since, g.by = s.Samples[i-1].Time, sample.Value
			if sample.Value >= s.Samples[i-1].Value {
				g.by -= s.Samples[i-1].Value
				if g.at-g.since <= lookback.Milliseconds() {
					continue
				}
			}
		} else if sample.Value > 0 && s.isBirth(sample.Time, all) {
			g.by = sample.Value
		}
		unsure[slotOf(sample.Time, r)] = true
	}
	for i := range grown {
		grown[i].unsure = unsure[slotOf(grown[i].at, r)]
	}
	return grown
}

// missed is how much of it the method may not count, in slots of the length r.
// But by offset, it is just that much.
func (g growth) missed(method string, r time.Duration) float64 {
	beginsBefore := time.Duration(g.since)*time.Millisecond <= time.Duration(slotOf(g.at, r))*r-lookback
	switch {
	case method == samplesMethod:
	case g.since == 0, method == offsetMethod && g.unsure, method != metricsqlMethod && beginsBefore:
		return g.by
	}
	return 0
}

// slotOf is the k of the slot (k·r, (k+1)·r] that holds t.
func slotOf(t int64, r time.Duration) int64 { return (t - 1) / r.Milliseconds() }

// grownSeries is a series as counting sees it.
type grownSeries struct {
	Series
	growths []growth
}

// grown expands the scenario once and keeps the result: every entry's every
// window is counted from it.
func (s *Scenario) grown() []grownSeries {
	s.growOnce.Do(func() {
		s.expanded = s.Series()
		for _, series := range s.expanded {
			s.growths = append(s.growths, grownSeries{series, series.growths(s.expanded, s.Resolution)})
		}
	})
	return s.growths
}

// counts are events counted over some time, and how many of them a method may
// miss.
type counts struct {
	total, bad float64
	unsure     Tolerance
	measured   bool // a total series has a sample
}

// count counts the events of a ratio in (from, to], whatever is in scope, and
// what the method may miss. The slot that holds from counts by the part of it that
// lies inside.
func (i indicator) count(s *Scenario, from, to time.Time, method string) counts {
	var c counts
	good, goodUnsure := 0.0, 0.0
	for _, series := range s.grown() {
		inTotal := i.Total.sign(series.Labels, i.narrow)
		inBad, inGood := i.Bad.sign(series.Labels, i.narrow), i.Good.sign(series.Labels, i.narrow)
		if inTotal == 0 && inBad == 0 && inGood == 0 {
			continue
		}
		slots, needed := i.bounded(series.Series, s.expanded, s.Resolution, to.UnixMilli())
		by, unsure, any := series.between(from, to, s.Resolution, method, func(slot int64) bool { return !needed || slots[slot] })
		c.total += inTotal * by
		c.bad += inBad * by
		good += inGood * by
		c.measured = c.measured || inTotal != 0 && any
		c.unsure.Total += abs(inTotal) * unsure
		c.unsure.Bad += abs(inBad) * unsure
		goodUnsure += abs(inGood) * unsure
	}
	if i.Bad.missing() {
		c.bad = c.total - good
		c.unsure.Bad = c.unsure.Total + goodUnsure
	}
	return c
}

func abs(v float64) float64 { return max(v, -v) }

// between sums what was gained in (from, to], in the slots that count, and what
// the method may miss in any.
func (g grownSeries) between(from, to time.Time, r time.Duration, method string, counts func(slot int64) bool) (by, unsure float64, any bool) {
	fromMillis, toMillis, length := from.UnixMilli(), to.UnixMilli(), r.Milliseconds()
	first := sort.Search(len(g.growths), func(i int) bool { return g.growths[i].at > fromMillis-length })
	for _, growth := range g.growths[first:] {
		slot := slotOf(growth.at, r)
		inside := (slot+1)*length - fromMillis
		if inside <= 0 {
			continue
		}
		if growth.at > toMillis {
			break
		}
		weight := float64(min(inside, length)) / float64(length)
		unsure += weight * growth.missed(method, r)
		if counts(slot) {
			by += weight * growth.by
			any = true
		}
	}
	return by, unsure, any
}
