package slots

import (
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/scope"
)

// Group is the slots of one group of an objective; Labels is empty, not nil,
// for an objective without groupBy.
type Group struct {
	Labels map[string]string
	Series *Series
}

// Counts is what was counted in a run of slots, by group.
type Counts struct {
	// From is the start of the first slot, Unix milliseconds.
	From   int64
	Groups map[string]GroupCounts // by a text that is unique to the labels
	// Length is the number of slots.
	Length int
}

// GroupCounts is one group of a [Counts]; Slots has Counts.Length elements.
type GroupCounts struct {
	Labels map[string]string
	Slots  []Slot
}

// Record remembers the closed slots of one counted thing: those that never
// change, so that they are not asked for again. It is safe for concurrent use;
// what it gives out never changes.
type Record struct {
	resolution time.Duration
	timeBased  bool
	// grown is told the size after each change; nil outside a store.
	grown func(bytes int)

	mu     sync.RWMutex
	groups map[string]Group
	closed scope.Intervals
	// empty are slots in which nothing was found, young enough that a late
	// arrival may still fill them; they are asked for again at retryAt.
	empty   scope.Intervals
	retryAt time.Time
	delay   time.Duration
}

// A slot without samples may be filled by a remote-write backlog: it is asked
// for again, ever more seldom, until it is lateFor old.
const (
	lateFor    = 48 * time.Hour
	firstRetry = time.Minute
	lastRetry  = time.Hour
)

// NewRecord is a record that knows nothing yet.
func NewRecord(resolution time.Duration, timeBased bool) *Record {
	return &Record{resolution: resolution, timeBased: timeBased, groups: map[string]Group{}}
}

// Missing are the slots of (from, to] that must be asked for as of now.
func (r *Record) Missing(from, to int64, now time.Time) scope.Intervals {
	r.mu.RLock()
	defer r.mu.RUnlock()
	missing := scope.Union(scope.Interval{From: from, To: to}).Subtract(r.closed)
	if now.Before(r.retryAt) {
		missing = missing.Subtract(r.empty)
	}
	return missing
}

// Close keeps closed slots. Slots that are empty in every group are kept as
// such only when no late arrival can fill them any more.
func (r *Record) Close(counted Counts, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	step := r.resolution.Milliseconds()
	to := counted.From + int64(counted.Length)*step
	for key, found := range counted.Groups {
		group, known := r.groups[key]
		if !known {
			group = Group{Labels: found.Labels, Series: NewSeries(r.resolution, r.timeBased)}
		}
		group.Series = group.Series.With(counted.From, found.Slots)
		r.groups[key] = group
	}
	all := scope.Union(scope.Interval{From: counted.From, To: to})
	young := scope.Union(scope.Interval{From: now.Add(-lateFor).UnixMilli(), To: to})
	empty := emptySlots(counted, step).Intersect(young)
	r.closed = r.closed.Union(all.Subtract(empty))
	r.postpone(all, empty, now)
	if r.grown != nil {
		r.grown(r.bytes())
	}
}

// postpone notes when the empty slots are asked for again: twice as late as
// the last time if some of them were asked for again in vain.
func (r *Record) postpone(asked, empty scope.Intervals, now time.Time) {
	again := len(r.empty.Intersect(empty)) > 0
	r.empty = r.empty.Subtract(asked).Union(empty)
	switch {
	case len(r.empty) == 0:
		r.delay, r.retryAt = 0, time.Time{}
	case r.delay == 0:
		r.delay = firstRetry
		r.retryAt = now.Add(r.delay)
	case again && !now.Before(r.retryAt):
		r.delay = min(2*r.delay, lastRetry)
		r.retryAt = now.Add(r.delay)
	}
}

func emptySlots(counted Counts, step int64) scope.Intervals {
	var spans []scope.Interval
	for i := range counted.Length {
		measured := false
		for _, group := range counted.Groups {
			measured = measured || group.Slots[i].Measured || group.Slots[i].Total > 0
		}
		if !measured {
			start := counted.From + int64(i)*step
			spans = append(spans, scope.Interval{From: start, To: start + step})
		}
	}
	return scope.Union(spans...)
}

// without is a record that knows what this one knows, but for the slots that
// touch (from, to].
func (r *Record) without(from, to int64) *Record {
	step := r.resolution.Milliseconds()
	from = from / step * step
	to = (to + step - 1) / step * step
	forgotten := scope.Union(scope.Interval{From: from, To: to})
	r.mu.RLock()
	defer r.mu.RUnlock()
	rest := &Record{resolution: r.resolution, timeBased: r.timeBased, groups: make(map[string]Group, len(r.groups)),
		closed: r.closed.Subtract(forgotten), empty: r.empty.Subtract(forgotten), retryAt: r.retryAt, delay: r.delay}
	for key, group := range r.groups {
		// What is asked anew may lack a group that was there.
		for _, span := range r.closed.Intersect(forgotten) {
			group.Series = group.Series.With(span.From, make([]Slot, span.Length()/step))
		}
		rest.groups[key] = group
	}
	if len(rest.closed) == 0 {
		rest.groups = map[string]Group{}
	}
	return rest
}

// Groups are the groups known so far, with their closed slots.
func (r *Record) Groups() map[string]Group {
	r.mu.RLock()
	defer r.mu.RUnlock()
	groups := make(map[string]Group, len(r.groups))
	for key, group := range r.groups {
		groups[key] = group
	}
	return groups
}

// Bytes is about the memory that the record takes on the heap.
func (r *Record) Bytes() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.bytes()
}

// groupBytes is about what a group takes beside its slots: map entries, keys
// and labels.
const groupBytes = 256

func (r *Record) bytes() int {
	bytes := 0
	for key, group := range r.groups {
		bytes += groupBytes + 2*len(key) + group.Series.Bytes()
	}
	return bytes
}
