package conformance

import (
	"sort"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

// Prometheus' lookback: after a longer gap a series is as good as new.
const lookback = 5 * time.Minute

// growth is what a counter gained between two samples, at the later one's time
// in Unix milliseconds; a first sample counts with its whole value.
type growth struct {
	at int64
	by float64
	// unsure is set in every slot in which a counter begins, returns after a
	// gap or restarts: the offset method may miss what was gained there.
	unsure bool
}

// growths are those of a series whose slots have the length r.
func (s Series) growths(r time.Duration) []growth {
	all := make([]growth, len(s.Samples))
	unsure := map[int64]bool{}
	for i, sample := range s.Samples {
		all[i] = growth{at: sample.Time, by: sample.Value}
		if i > 0 && sample.Value >= s.Samples[i-1].Value {
			all[i].by -= s.Samples[i-1].Value
			if sample.Time-s.Samples[i-1].Time <= lookback.Milliseconds() {
				continue
			}
		}
		unsure[slotOf(sample.Time, r)] = true
	}
	for i := range all {
		all[i].unsure = unsure[slotOf(all[i].at, r)]
	}
	return all
}

// slotOf is the k of the slot (k·r, (k+1)·r] that holds t.
func slotOf(t int64, r time.Duration) int64 { return (t - 1) / r.Milliseconds() }

// grownSeries is a series as counting sees it.
type grownSeries struct {
	labels  labels.Labels
	growths []growth
}

// grown expands the scenario once and keeps the result: every entry's every
// window is counted from it.
func (s *Scenario) grown() []grownSeries {
	s.growOnce.Do(func() {
		for _, series := range s.Series() {
			s.growths = append(s.growths, grownSeries{series.Labels, series.growths(s.Resolution)})
		}
	})
	return s.growths
}

// counts are events counted over some time, and how many of them the offset
// method may miss.
type counts struct {
	total, bad float64
	unsure     Tolerance
	measured   bool // a total series has a sample
}

// count counts the events of a ratio in (from, to], whatever is in scope. The
// slot that holds from counts by the part of it that lies inside.
func (i indicator) count(s *Scenario, from, to time.Time) counts {
	var c counts
	good, goodUnsure := 0.0, 0.0
	for _, series := range s.grown() {
		inTotal := i.Total.sign(series.labels, i.narrow)
		inBad, inGood := i.Bad.sign(series.labels, i.narrow), i.Good.sign(series.labels, i.narrow)
		if inTotal == 0 && inBad == 0 && inGood == 0 {
			continue
		}
		by, unsure, any := series.between(from, to, s.Resolution)
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

// between sums what was gained in (from, to], and what of that is unsure.
func (g grownSeries) between(from, to time.Time, r time.Duration) (by, unsure float64, any bool) {
	fromMillis, toMillis, length := from.UnixMilli(), to.UnixMilli(), r.Milliseconds()
	first := sort.Search(len(g.growths), func(i int) bool { return g.growths[i].at > fromMillis-length })
	for _, growth := range g.growths[first:] {
		slotEnd := (slotOf(growth.at, r) + 1) * length
		inside := slotEnd - fromMillis
		if inside <= 0 {
			continue
		}
		if growth.at > toMillis {
			break
		}
		weight := float64(min(inside, length)) / float64(length)
		by += weight * growth.by
		if growth.unsure {
			unsure += weight * growth.by
		}
		any = true
	}
	return by, unsure, any
}
