package conformance

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// slotTruth is what happened in one slot.
type slotTruth struct {
	total, bad float64
	// measured is in seconds: of a time-based SLI the minutes that have a
	// point, of events the whole slot or nothing.
	measured float64
}

// oracleCounts are the slots of one objective, for one group.
type oracleCounts struct {
	slots map[int64]*slotTruth
	// begins is when the first sample of total was seen, in Unix seconds.
	begins int64
}

// isTime reports whether seconds are counted and not events.
func (m meaning) isTime() bool { return m.Is != "" }

// groupsOf are the values that the groupBy labels have.
func groupsOf(series []Series, m meaning, o oracleObjective) []map[string]string {
	if len(o.GroupBy) == 0 {
		return []map[string]string{nil}
	}
	found := map[string]map[string]string{}
	for _, one := range series {
		if !m.counts(one, o.Select) {
			continue
		}
		group, key := map[string]string{}, ""
		for _, label := range o.GroupBy {
			group[label] = one.Labels.Get(label)
			key += group[label] + "\x00"
		}
		found[key] = group
	}
	var all []map[string]string
	for _, key := range slices.Sorted(maps.Keys(found)) {
		all = append(all, found[key])
	}
	return all
}

// counts reports whether the series is the gauge, or a term of total.
func (m meaning) counts(one Series, narrow matcher) bool {
	if m.isTime() {
		return m.Gauge.matches(one.Labels) && narrow.matches(one.Labels)
	}
	return m.Total.sign(one.Labels, narrow) != 0
}

// countSlots counts up to t, inclusive, in slots of r seconds, what the method
// counts.
func countSlots(series []Series, m meaning, o oracleObjective, group map[string]string, r, t int64, method string) oracleCounts {
	narrow := matcher{}
	maps.Copy(narrow, o.Select)
	maps.Copy(narrow, group)
	c := oracleCounts{slots: map[int64]*slotTruth{}, begins: math.MaxInt64}
	if m.isTime() {
		c.addMinutes(series, m, o, narrow, r, t)
	} else {
		c.addEvents(series, m, narrow, r, t, method)
	}
	return c
}

func (c *oracleCounts) at(k int64) *slotTruth {
	if c.slots[k] == nil {
		c.slots[k] = &slotTruth{}
	}
	return c.slots[k]
}

// addMinutes looks at the gauge on every whole minute.
func (c *oracleCounts) addMinutes(series []Series, m meaning, o oracleObjective, narrow matcher, r, t int64) {
	for _, one := range series {
		if !m.counts(one, narrow) || len(one.Samples) == 0 {
			continue
		}
		first := floorDiv(one.Samples[0].Time, 60_000) * 60
		last := one.Samples[len(one.Samples)-1].Time/1000 + 300
		for minute := first; minute <= min(t, last); minute += 60 {
			value, known := one.at(time.Unix(minute, 0))
			if !known {
				continue
			}
			slot := c.at(floorDiv(minute-1, r))
			slot.measured += 60
			slot.total += 60
			slot.bad += 60 * m.failing(value, o)
			c.begins = min(c.begins, minute-60)
		}
	}
}

// failing is the part of a minute with this value that is bad.
func (m meaning) failing(value float64, o oracleObjective) float64 {
	good := false
	switch m.Is {
	case "success":
		return 1 - value
	case "failure":
		return value
	}
	switch o.Op {
	case "lte":
		good = value <= *o.Value
	case "lt":
		good = value < *o.Value
	case "gte":
		good = value >= *o.Value
	case "gt":
		good = value > *o.Value
	}
	if good {
		return 0
	}
	return 1
}

// addEvents adds the increments, each to the slot of the sample that shows it, as
// far as the method shows them.
func (c *oracleCounts) addEvents(series []Series, m meaning, narrow matcher, r, t int64, method string) {
	good := map[int64]float64{}
	length := time.Duration(r) * time.Second
	for _, one := range series {
		inTotal, inBad, inGood := m.Total.sign(one.Labels, narrow), m.Bad.sign(one.Labels, narrow), m.Good.sign(one.Labels, narrow)
		if inTotal == 0 && inBad == 0 && inGood == 0 {
			continue
		}
		bounded, needed := m.bounded(one, series, length, t*1000)
		for _, g := range one.growths(series, length) {
			k := slotOf(g.at, length)
			if g.at > t*1000 || needed && !bounded[k] {
				continue
			}
			by := g.by - g.missed(method, length)
			slot := c.at(k)
			slot.total += inTotal * by
			slot.bad += inBad * by
			good[k] += inGood * by
			if inTotal > 0 {
				slot.measured = float64(r)
				c.begins = min(c.begins, k*r)
			}
		}
	}
	for k, slot := range c.slots {
		if m.Bad.missing() {
			slot.bad = slot.total - good[k]
		}
		if slot.measured == 0 {
			*slot = slotTruth{}
		}
	}
}

func groupName(group map[string]string) string {
	var parts []string
	for _, label := range slices.Sorted(maps.Keys(group)) {
		parts = append(parts, label+"="+group[label])
	}
	return strings.Join(parts, ",")
}
