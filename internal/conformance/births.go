package conformance

import (
	"sort"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

// isBirth reports whether the events in a series' first sample, at t in Unix
// milliseconds, happened since something that is known: the series had begun at
// zero then.
func (s Series) isBirth(t int64, all []Series) bool {
	span := lookback.Milliseconds()
	there, went := false, false
	for _, other := range all {
		if !s.isSibling(other) {
			continue
		}
		before, after := other.in(t-span, t), other.in(t, t+span)
		switch {
		case len(before) == 0:
		case len(after) == 0:
			there, went = true, true
		case before[len(before)-1].Value > after[0].Value:
			return true // the process restarted
		default:
			there = true
		}
	}
	return there && !went || s.justStarted(t, all)
}

// justStarted reports whether the target says that its process is five minutes
// old at most.
func (s Series) justStarted(t int64, all []Series) bool {
	latest := Sample{Time: t - lookback.Milliseconds()}
	for _, other := range all {
		if other.Labels.Get("__name__") != "process_start_time_seconds" || !s.isOfTarget(other) {
			continue
		}
		if said := other.in(latest.Time+1, t+1); len(said) > 0 {
			latest = said[len(said)-1]
		}
	}
	return float64(t)/1000-latest.Value <= lookback.Seconds()
}

// isSibling reports whether the other is another series of the same metric, or
// histogram, of the same target.
func (s Series) isSibling(other Series) bool {
	return s.isOfTarget(other) && family(s.Labels) == family(other.Labels) && !labels.Equal(s.Labels, other.Labels)
}

func (s Series) isOfTarget(other Series) bool {
	return s.Labels.Get("job") == other.Labels.Get("job") && s.Labels.Get("instance") == other.Labels.Get("instance")
}

// family is the name that the series of a classic histogram share.
func family(series labels.Labels) string {
	name := series.Get("__name__")
	for _, part := range []string{"_bucket", "_count", "_sum"} {
		name = strings.TrimSuffix(name, part)
	}
	return name
}

// in are the samples of from ≤ t < to, in Unix milliseconds.
func (s Series) in(from, to int64) []Sample {
	first := sort.Search(len(s.Samples), func(i int) bool { return s.Samples[i].Time >= from })
	last := sort.Search(len(s.Samples), func(i int) bool { return s.Samples[i].Time >= to })
	return s.Samples[first:max(first, last)]
}

// bounded are the slots of the length r in which a series that
// counts all of a histogram has the bucket that the SLI takes for good, by the
// samples up to t in Unix milliseconds; needed is false for all that need none.
func (m meaning) bounded(whole Series, all []Series, r time.Duration, t int64) (slots map[int64]bool, needed bool) {
	name, isCount := strings.CutSuffix(whole.Labels.Get("__name__"), "_count")
	if !isCount {
		return nil, false
	}
	slots = map[int64]bool{}
	for _, term := range append(append([]matcher{}, m.Good.Plus...), m.Bad.Minus...) {
		if term["__name__"] != name+"_bucket" {
			continue
		}
		needed = true
		for _, one := range all {
			if one.Labels.Get("__name__") != name+"_bucket" || !valueMatches(term["le"], one.Labels.Get("le")) || !alike(one.Labels, whole.Labels) {
				continue
			}
			for _, sample := range one.in(0, t+1) {
				slots[slotOf(sample.Time, r)] = true
			}
		}
	}
	return slots, needed
}

// alike reports whether all labels but the name and le are equal.
func alike(a, b labels.Labels) bool {
	return labels.Equal(labels.NewBuilder(a).Del("__name__", "le").Labels(), labels.NewBuilder(b).Del("__name__", "le").Labels())
}
