package statement

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/wire"
)

// comparison compares an objective's slots as stored with those that Prometheus has now.
type comparison struct {
	then, now measure.Evidence
	// forgotten is the number of measured slots that Prometheus no longer has,
	// known that of slots it has; knownFrom is the start of the first of these.
	forgotten, known int
	knownFrom        time.Time
	// days has a difference per group and day.
	days []Difference
	// merged is now, with the forgotten slots from then; without groups of which it would have none.
	merged measure.Evidence
}

// newComparison compares two measurements. Slots before the first one that Prometheus
// has of the objective count as forgotten, not as different; so does that first slot
// if earlier ones were forgotten and it counts less than before.
func newComparison(then, now measure.Evidence) comparison {
	c := comparison{then: then, now: now, merged: now, knownFrom: then.To}
	first := firstMeasured(now)
	c.merged.Groups = nil
	if first < now.SlotCount() {
		c.knownFrom = then.FirstSlot().Add(time.Duration(first) * then.Measurement.Resolution)
	}
	cut := firstMeasured(then) < first
	key := func(g counting.GroupSlots) string { return slots.GroupKey(g.Labels) }
	for _, either := range wire.Distinct(slices.Concat(then.Groups, now.Groups), key) {
		c.group(groupOf(then, either.Labels), groupOf(now, either.Labels), first, cut)
	}
	if c.known == 0 && c.forgotten > 0 {
		c.merged.Measurement, c.merged.Missing = then.Measurement, then.Missing
	}
	return c
}

// firstMeasured returns the index of the first slot measured in any group; the slot count if there is none,
// and more without groups.
func firstMeasured(v measure.Evidence) int {
	first := v.SlotCount()
	if len(v.Groups) == 0 {
		return first + 1
	}
	for _, g := range v.Groups {
		if i := slices.IndexFunc(g.Slots[:min(first, len(g.Slots))], func(s slots.Slot) bool { return s.Measured }); i >= 0 {
			first = i
		}
	}
	return first
}

// groupOf returns the group with the labels, with empty slots if there is none.
func groupOf(v measure.Evidence, labels map[string]string) counting.GroupSlots {
	i := slices.IndexFunc(v.Groups, func(g counting.GroupSlots) bool { return maps.Equal(g.Labels, labels) })
	if i < 0 {
		return counting.GroupSlots{Labels: labels, Slots: make([]slots.Slot, v.SlotCount())}
	}
	return v.Groups[i]
}

// group compares one group from the slot first on; cut says that earlier slots were forgotten.
func (c *comparison) group(then, now counting.GroupSlots, first int, cut bool) {
	merged := counting.GroupSlots{Labels: then.Labels, Slots: make([]slots.Slot, len(then.Slots)), Head: now.Head}
	length := c.then.Measurement.Resolution
	for i := range then.Slots {
		was, is := then.Slots[i], now.Slots[i]
		merged.Slots[i] = is
		switch {
		case i < first || i == first && cut && is.Total < was.Total:
			merged.Slots[i] = was
			if was.Measured {
				c.forgotten++
			}
			continue
		case is.Measured:
			c.known++
		}
		from := c.then.FirstSlot().Add(time.Duration(i) * length)
		c.slot(merged.Labels, from, from.Add(length), was, is)
	}
	if from := c.then.HeadFrom(); from.Before(c.then.To) {
		if first > len(then.Slots) { // Prometheus no longer has any group
			merged.Head = then.Head
		} else {
			c.slot(merged.Labels, from, c.then.To, then.Head, now.Head)
		}
	}
	measured := merged.Head.Measured || slices.ContainsFunc(merged.Slots, func(s slots.Slot) bool { return s.Measured })
	if measured || slices.ContainsFunc(c.now.Groups, func(g counting.GroupSlots) bool { return maps.Equal(g.Labels, merged.Labels) }) {
		c.merged.Groups = append(c.merged.Groups, merged)
	}
}

// slot adds a slot that differs to the difference of its day.
func (c *comparison) slot(labels map[string]string, from, to time.Time, was, is slots.Slot) {
	if was.Measured == is.Measured && isSame(was.Total, is.Total, tolerance) && isSame(was.Bad, is.Bad, tolerance) {
		return
	}
	day := from.In(c.then.Window.Zone).Format(time.DateOnly)
	last := len(c.days) - 1
	if last < 0 || c.days[last].Day != day || slots.GroupKey(c.days[last].Group) != slots.GroupKey(labels) {
		c.days = append(c.days, Difference{Kind: Samples, Group: labels, Day: day})
		last++
	}
	d := &c.days[last]
	d.Slots = append(d.Slots, SlotChange{from, to, counted(was, was.Total), counted(was, was.Bad), counted(is, is.Total), counted(is, is.Bad)})
	d.MoreTotal += is.Total - was.Total
	d.MoreBad += is.Bad - was.Bad
	round((*budget.Figure)(&d.MoreTotal), (*budget.Figure)(&d.MoreBad))
}

func counted(slot slots.Slot, count float64) budget.Figure {
	if !slot.Measured {
		return budget.Absent
	}
	return budget.Figure(count)
}

func (v *verifier) compared(o *agreement.Objective, c comparison) {
	objective, unit := o.Name, o.SLI.Kind.Unit()
	switch {
	case c.forgotten > 0 && c.known == 0:
		v.note("%s: Prometheus has nothing of the period any more; verified from the stored slots only", objective)
	case c.forgotten > 0:
		v.note("%s: Prometheus has nothing any more of before %s; until then verified from the stored slots only",
			objective, c.knownFrom.Format("2006-01-02 15:04 UTC"))
	}
	if c.then.Measurement.Method != c.now.Measurement.Method && c.known > 0 {
		was, now := string(c.then.Measurement.Method), string(c.now.Measurement.Method)
		if len(c.days) == 0 {
			v.note("%s: counted by the method %s then, by %s now, with the same result", objective, was, now)
		} else {
			v.differs(Difference{Kind: MethodKind, Objective: objective, Field: "method", Was: text(was), Now: text(now),
				Text: fmt.Sprintf("%s was counted by the method %s, and this Prometheus is by %s: the slots below may differ by that alone",
					objective, was, now)})
		}
	}
	for _, day := range c.days {
		day.Objective = objective
		day.Text = day.samplesText(unit)
		v.differs(day)
	}
}

// samplesText describes in one line how the counts of a day differ.
func (d Difference) samplesText(unit agreement.Unit) string {
	var parts []string
	for _, part := range []struct {
		more float64
		what string
	}{{d.MoreTotal, string(unit)}, {d.MoreBad, "bad " + string(unit)}} {
		switch {
		case part.more > 0:
			parts = append(parts, fmt.Sprintf("%s %s more", exactText(part.more), part.what))
		case part.more < 0:
			parts = append(parts, fmt.Sprintf("%s %s fewer", exactText(-part.more), part.what))
		}
	}
	if parts == nil {
		parts = []string{"the same in sum, in other slots"}
	}
	first, last := d.Slots[0], d.Slots[len(d.Slots)-1]
	clock := func(at time.Time) string { // the day is one of the objective's zone
		return strings.TrimPrefix(at.UTC().Format("2006-01-02 15:04"), d.Day+" ")
	}
	where := fmt.Sprintf("the slot %s–%s UTC", clock(first.From), first.To.UTC().Format("15:04"))
	if len(d.Slots) > 1 {
		where = fmt.Sprintf("%d slots between %s and %s UTC", len(d.Slots), clock(first.From), clock(last.To))
	}
	why := "late samples"
	if d.MoreTotal < 0 {
		why = "samples are gone, or were written anew"
	}
	return fmt.Sprintf("%s: on %s %s, in %s: %s", wire.ObjectiveText(d.Objective, d.Group), d.Day, strings.Join(parts, " and "), where, why)
}

// nothing is the text of a slot in which nothing was measured.
const nothing = "_"

// countsOf encodes the counts of slots from the instant on.
func countsOf(from time.Time, all []slots.Slot) Counts {
	return Counts{from, writeCounts(all, func(s slots.Slot) float64 { return s.Total }),
		writeCounts(all, func(s slots.Slot) float64 { return s.Bad })}
}

// writeCounts encodes one count per slot, with runs of equal ones joined.
func writeCounts(all []slots.Slot, count func(slots.Slot) float64) string {
	var words []string
	text := func(slot slots.Slot) string {
		if !slot.Measured {
			return nothing
		}
		return exactText(count(slot))
	}
	for len(all) > 0 {
		word, n := text(all[0]), 1
		for n < len(all) && text(all[n]) == word {
			n++
		}
		if all = all[n:]; n > 1 {
			word += "x" + strconv.Itoa(n)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// exactText returns the shortest text that parses as exactly the same number.
func exactText(value float64) string {
	if value == float64(int64(value)) && value < 1e15 && value > -1e15 {
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

// read decodes what countsOf encoded; an error unless there are wanted slots.
func (c Counts) read(wanted int) ([]slots.Slot, error) {
	total, err := readCounts(c.Total, wanted)
	if err != nil {
		return nil, fmt.Errorf("total: %w", err)
	}
	bad, err := readCounts(c.Bad, wanted)
	if err != nil {
		return nil, fmt.Errorf("bad: %w", err)
	}
	all := make([]slots.Slot, wanted)
	for i := range all {
		measured := total[i].Known()
		switch {
		case measured != bad[i].Known():
			return nil, errors.New("bad: has a count where total has none, or none where total has one")
		case measured:
			all[i] = slots.Slot{Total: float64(total[i]), Bad: float64(bad[i]), Measured: true}
		}
	}
	return all, nil
}

// readCounts decodes exactly wanted counts, absent where nothing was measured.
func readCounts(text string, wanted int) ([]budget.Figure, error) {
	counts := make([]budget.Figure, 0, wanted)
	for word := range strings.FieldsSeq(text) {
		number, times, repeated := strings.Cut(word, "x")
		count, n := budget.Absent, 1
		if repeated {
			var err error
			if n, err = strconv.Atoi(times); err != nil || n < 1 {
				return nil, fmt.Errorf("%.40q: after x goes how many slots have that count", word)
			}
		}
		if number != nothing {
			value, err := strconv.ParseFloat(number, 64)
			if err != nil || value-value != 0 {
				return nil, fmt.Errorf("%.40q is no count", word)
			}
			count = budget.Figure(value)
		}
		if n > wanted-len(counts) {
			return nil, fmt.Errorf("has more than the %d slots of the period", wanted)
		}
		counts = append(counts, slices.Repeat([]budget.Figure{count}, n)...)
	}
	if len(counts) < wanted {
		return nil, fmt.Errorf("has %d slots, and the period has %d", len(counts), wanted)
	}
	return counts, nil
}
