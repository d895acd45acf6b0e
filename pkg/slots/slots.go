// Package slots stores what Prometheus counted, per slot. Time is divided into slots (k·r, (k+1)·r] of a
// resolution r, aligned to the Unix epoch (docs/figures.md, «From events to slots»).
//
// All figures are sums over slots. Slots are stored as prefix sums, so that a sum takes one subtraction per
// day. They start again each UTC day, since differences of long sums of floats lose digits. The package knows
// neither queries nor scope nor targets. A [Series] is immutable, so it is read without locks.
//
// Instants are Unix milliseconds.
package slots

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/scope"
)

// Slot is what was counted in one slot of one objective and group.
type Slot struct {
	// Total and Bad are events, or seconds for a time-based SLI. Bad is not
	// clamped: two counters are scraped at slightly different instants.
	Total, Bad float64
	// Measured says that a series of the total had a sample in the slot. For a time-based SLI, Total says it:
	// it is the seconds measured.
	Measured bool
}

// holds reports whether something was measured in the slot.
func (s Slot) holds() bool { return s.Measured || s.Total > 0 }

// Floor returns the last multiple of step that is not after the instant.
func Floor(instant, step int64) int64 { return instant - ((instant%step)+step)%step }

// GroupKey returns a text that is unique to the labels of a group, and sorts much like them.
func GroupKey(group map[string]string) string {
	var key strings.Builder
	for i, name := range slices.Sorted(maps.Keys(group)) {
		if i > 0 {
			key.WriteByte(',')
		}
		fmt.Fprintf(&key, "%s=%q", name, group[name])
	}
	return key.String()
}

// Sum is the sum over a range of slots. A slot at the edge counts by the part of it in the range.
type Sum struct {
	Total, Bad float64 // events, or seconds
	Measured   float64 // seconds measured
}

// Add adds another sum, multiplied by weight.
func (s *Sum) Add(other Sum, weight float64) {
	s.Total += weight * other.Total
	s.Bad += weight * other.Bad
	s.Measured += weight * other.Measured
}

const dayMillis = int64(24 * time.Hour / time.Millisecond)

// Series is the finished slots of one objective and group. It is immutable.
type Series struct {
	resolution int64 // milliseconds, divides a day
	timeBased  bool
	firstDay   int64 // of days[0], in days since the epoch
	days       []*day
}

// NewSeries returns a series without slots. The resolution must divide a day.
func NewSeries(resolution time.Duration, timeBased bool) *Series {
	return &Series{resolution: resolution.Milliseconds(), timeBased: timeBased}
}

// Resolution returns the length of a slot in milliseconds.
func (s *Series) Resolution() int64 { return s.resolution }

// With returns the series with its slots from the instant from on replaced by the given ones. It shares the
// days that do not change.
func (s *Series) With(from int64, given []Slot) *Series {
	if len(given) == 0 {
		return s
	}
	perDay := dayMillis / s.resolution
	firstSlot := from / s.resolution
	firstDay, lastDay := firstSlot/perDay, (firstSlot+int64(len(given))-1)/perDay
	next := s.spanning(firstDay, lastDay)
	for number := firstDay; number <= lastDay; number++ {
		begin := max(firstSlot, number*perDay)
		end := min(firstSlot+int64(len(given)), (number+1)*perDay)
		chunk := &next.days[number-next.firstDay]
		*chunk = (*chunk).with(int(perDay), int(begin-number*perDay), given[begin-firstSlot:end-firstSlot], s.timeBased)
	}
	return next
}

// cleared returns the series with empty slots in the set, which must consist of whole slots.
func (s *Series) cleared(set scope.Intervals) *Series {
	for _, span := range set {
		for number := max(Floor(span.From, dayMillis)/dayMillis, s.firstDay); number < s.firstDay+int64(len(s.days)); number++ {
			from, to := max(span.From, number*dayMillis), min(span.To, (number+1)*dayMillis)
			if from >= to {
				break
			}
			if chunk := s.days[number-s.firstDay]; chunk != nil && !chunk.isEmpty() {
				s = s.With(from, make([]Slot, (to-from)/s.resolution))
			}
		}
	}
	return s
}

// spanning returns a copy of the series that has room for the days.
func (s *Series) spanning(firstDay, lastDay int64) *Series {
	next := &Series{resolution: s.resolution, timeBased: s.timeBased, firstDay: firstDay}
	if len(s.days) > 0 {
		next.firstDay = min(firstDay, s.firstDay)
		lastDay = max(lastDay, s.firstDay+int64(len(s.days))-1)
	}
	next.days = make([]*day, lastDay-next.firstDay+1)
	if len(s.days) > 0 {
		copy(next.days[s.firstDay-next.firstDay:], s.days)
	}
	return next
}

// day returns the day that holds the slot with that number since the epoch, nil if the day has no counts, and
// the index of the slot in it. The slot must lie within the series.
func (s *Series) day(slot int64) (*day, int) {
	perDay := dayMillis / s.resolution
	return s.days[slot/perDay-s.firstDay], int(slot % perDay)
}

// Sum returns the sum over (from, to].
func (s *Series) Sum(from, to int64) Sum {
	var sum Sum
	if from >= to {
		return sum
	}
	first, last := from/s.resolution, to/s.resolution
	if first == last {
		sum.Add(s.whole(first, first+1), float64(to-from)/float64(s.resolution))
		return sum
	}
	if part := from % s.resolution; part > 0 {
		sum.Add(s.whole(first, first+1), float64(s.resolution-part)/float64(s.resolution))
		first++
	}
	sum.Add(s.whole(first, last), 1)
	if part := to % s.resolution; part > 0 {
		sum.Add(s.whole(last, last+1), float64(part)/float64(s.resolution))
	}
	return sum
}

// whole returns the sum over the slots numbered [first, last).
func (s *Series) whole(first, last int64) Sum {
	var sum Sum
	perDay := dayMillis / s.resolution
	first = max(first, s.firstDay*perDay)
	last = min(last, (s.firstDay+int64(len(s.days)))*perDay)
	for first < last {
		end := min(last, (first/perDay+1)*perDay)
		if chunk, place := s.day(first); chunk != nil {
			sum.Add(chunk.sum(place, place+int(end-first), float64(s.resolution)/1000), 1)
		}
		first = end
	}
	return sum
}

// FirstMeasured returns the start of the first slot that ends after from and in which something was measured;
// ok is false when there is none.
func (s *Series) FirstMeasured(from int64) (first int64, ok bool) {
	perDay := dayMillis / s.resolution
	slot := max(from/s.resolution, s.firstDay*perDay)
	for end := (s.firstDay + int64(len(s.days))) * perDay; slot < end; slot++ {
		chunk, place := s.day(slot)
		if chunk == nil {
			slot += perDay - slot%perDay - 1
			continue
		}
		if chunk.sum(place, place+1, 1).Measured > 0 {
			return slot * s.resolution, true
		}
	}
	return 0, false
}

// LastMeasured returns the end of the last slot that begins before to and in which something was measured; ok
// is false when there is none.
func (s *Series) LastMeasured(to int64) (end int64, ok bool) {
	perDay := dayMillis / s.resolution
	slot := min((to+s.resolution-1)/s.resolution, (s.firstDay+int64(len(s.days)))*perDay)
	for slot > s.firstDay*perDay {
		slot--
		chunk, place := s.day(slot)
		switch {
		case chunk == nil || chunk.sum(0, place+1, 1).Measured == 0:
			slot -= int64(place) // nothing earlier on that day
		case chunk.sum(place, place+1, 1).Measured > 0:
			return (slot + 1) * s.resolution, true
		}
	}
	return 0, false
}

// Bytes returns about the memory that the slots take on the heap.
func (s *Series) Bytes() int {
	bytes := 48 + 8*len(s.days)
	for _, chunk := range s.days {
		if chunk != nil {
			bytes += chunk.bytes()
		}
	}
	return bytes
}

// View is the slots of one objective and group as of an instant: the finished ones, and the head, the slot
// that contains the instant, measured up to it.
type View struct {
	Series *Series
	// HeadFrom and HeadTo bound the head. They are equal if the instant is the edge of a slot.
	HeadFrom, HeadTo int64
	Head             Slot
}

// Sum returns the sum over (from, to] like [Series.Sum], including the head.
func (v View) Sum(from, to int64) Sum {
	if to <= v.HeadFrom {
		return v.Series.Sum(from, to)
	}
	sum := v.Series.Sum(from, v.HeadFrom)
	if from, to = max(from, v.HeadFrom), min(to, v.HeadTo); from < to {
		head := Sum{Total: v.Head.Total, Bad: v.Head.Bad}
		switch {
		case v.Series.timeBased:
			head.Measured = v.Head.Total
		case v.Head.Measured:
			head.Measured = float64(v.HeadTo-v.HeadFrom) / 1000
		}
		sum.Add(head, float64(to-from)/float64(v.HeadTo-v.HeadFrom))
	}
	return sum
}

// FirstMeasured is like [Series.FirstMeasured], including the head.
func (v View) FirstMeasured(from int64) (first int64, ok bool) {
	if first, ok = v.Series.FirstMeasured(from); ok && first < v.HeadFrom {
		return first, true
	}
	return v.HeadFrom, v.HeadFrom < v.HeadTo && v.Head.holds()
}

// LastMeasured is like [Series.LastMeasured], including the head.
func (v View) LastMeasured(to int64) (end int64, ok bool) {
	if v.HeadFrom < to && v.Head.holds() {
		return v.HeadTo, true
	}
	return v.Series.LastMeasured(min(to, v.HeadFrom))
}
