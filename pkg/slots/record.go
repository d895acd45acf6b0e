package slots

import (
	"log/slog"
	"maps"
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
	// Unusable are the slots in which something counted is no number, or the
	// minutes at which a gauge had no one value: they are not measured, in the
	// groups concerned.
	Unusable scope.Intervals
	// LeftOut are the first samples whose events were not counted, by the start
	// of their slot.
	LeftOut map[int64]LeftOut
	// PartSeen says that series of the good or bad had samples.
	PartSeen bool
}

// LeftOut are first samples of series that were not counted, since nobody knows
// when their events happened (measurement.md, §2, «Births»).
type LeftOut struct {
	Samples int
	Events  float64 // in all of them
}

// Add adds others to them.
func (l *LeftOut) Add(others LeftOut) {
	l.Samples += others.Samples
	l.Events += others.Events
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
	// resized takes the size after each change; nil outside a store.
	resized func(bytes int)

	mu     sync.RWMutex
	groups map[string]Group
	closed scope.Intervals
	// unusable and leftOut are those of Counts.
	unusable scope.Intervals
	leftOut  map[int64]LeftOut
	partSeen bool
	// empty are slots without a sample, young enough that a late
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
	return &Record{resolution: resolution, timeBased: timeBased, groups: map[string]Group{}, leftOut: map[int64]LeftOut{}}
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

// Close stores closed slots. Slots that are empty in every group are stored
// as such only when no late arrival can fill them any more.
func (r *Record) Close(counts Counts, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	resolution := r.resolution.Milliseconds()
	to := counts.From + int64(counts.Length)*resolution
	for key, of := range counts.Groups {
		group, known := r.groups[key]
		if !known {
			group = Group{Labels: of.Labels, Series: NewSeries(r.resolution, r.timeBased)}
		}
		group.Series = group.Series.With(counts.From, of.Slots)
		r.groups[key] = group
	}
	all := scope.Union(scope.Interval{From: counts.From, To: to})
	r.unusable = r.unusable.Subtract(all).Union(counts.Unusable)
	maps.DeleteFunc(r.leftOut, func(slot int64, _ LeftOut) bool { return counts.From <= slot && slot < to })
	maps.Copy(r.leftOut, counts.LeftOut)
	r.partSeen = r.partSeen || counts.PartSeen
	young := scope.Union(scope.Interval{From: now.Add(-lateFor).UnixMilli(), To: to})
	empty := emptySlots(counts, resolution).Intersect(young)
	r.closed = r.closed.Union(all.Subtract(empty))
	r.postpone(all, empty, now)
	if r.resized != nil {
		r.resized(r.bytes())
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

func emptySlots(counts Counts, resolution int64) scope.Intervals {
	var empty []scope.Interval
	for i := range counts.Length {
		measured := false
		for _, group := range counts.Groups {
			measured = measured || group.Slots[i].Measured || group.Slots[i].Total > 0
		}
		if !measured {
			start := counts.From + int64(i)*resolution
			empty = append(empty, scope.Interval{From: start, To: start + resolution})
		}
	}
	return scope.Union(empty...)
}

// without is a record that knows what this one knows, but for the slots that
// touch (from, to].
func (r *Record) without(from, to int64) *Record {
	resolution := r.resolution.Milliseconds()
	from = from / resolution * resolution
	to = (to + resolution - 1) / resolution * resolution
	forgotten := scope.Union(scope.Interval{From: from, To: to})
	r.mu.RLock()
	defer r.mu.RUnlock()
	rest := &Record{resolution: r.resolution, timeBased: r.timeBased, groups: make(map[string]Group, len(r.groups)),
		closed: r.closed.Subtract(forgotten), unusable: r.unusable.Subtract(forgotten), empty: r.empty.Subtract(forgotten), retryAt: r.retryAt, delay: r.delay,
		leftOut: maps.Clone(r.leftOut), partSeen: r.partSeen}
	maps.DeleteFunc(rest.leftOut, func(slot int64, _ LeftOut) bool { return from <= slot && slot < to })
	for key, group := range r.groups {
		// What is asked again may lack a group that was there.
		for _, interval := range r.closed.Intersect(forgotten) {
			group.Series = group.Series.With(interval.From, make([]Slot, interval.Length()/resolution))
		}
		rest.groups[key] = group
	}
	if len(rest.closed) == 0 {
		rest.groups = map[string]Group{}
	}
	return rest
}

// Unusable are the remembered ones of (from, to], see [Counts].
func (r *Record) Unusable(from, to int64) scope.Intervals {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.unusable.Intersect(scope.Union(scope.Interval{From: from, To: to}))
}

// LeftOut are those of the remembered slots that begin at or after from and
// before to.
func (r *Record) LeftOut(from, to int64) LeftOut {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var all LeftOut
	for slot, of := range r.leftOut {
		if from <= slot && slot < to {
			all.Add(of)
		}
	}
	return all
}

// PartSeen reports whether series of the good or bad ever had samples.
func (r *Record) PartSeen() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.partSeen
}

// Known are the remembered slots, those that are asked for again included.
func (r *Record) Known() scope.Intervals {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.closed.Union(r.empty)
}

// Groups are the groups known so far, with their closed slots.
func (r *Record) Groups() map[string]Group {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return maps.Clone(r.groups)
}

// About what a record takes beside its groups, and a group beside its slots:
// map entries, keys and labels.
const (
	recordBytes = 512
	groupBytes  = 256

	intervalBytes = 16
	leftOutBytes  = 48
)

// bytes is about the memory that the record takes on the heap.
func (r *Record) bytes() int {
	bytes := recordBytes + len(r.unusable)*intervalBytes + len(r.leftOut)*leftOutBytes
	for key, group := range r.groups {
		bytes += groupBytes + 2*len(key) + group.Series.Bytes()
	}
	return bytes
}

// Store is the records by what they count, up to a number of bytes: beyond it
// the record that was asked for least recently is dropped whole. Who holds a
// dropped record can go on with it; the next to ask for its key gets a new one.
// A record's key names the engine's method, the resolution and the query.
type Store struct {
	limit int

	full    sync.Once // was told
	mu      sync.Mutex
	entries map[string]*entry
	bytes   int
	clock   int64 // counts up with each time a record is asked for
}

type entry struct {
	record *Record
	bytes  int
	used   int64
}

// NewStore is an empty store that holds up to the limit of bytes; 0 is no
// limit.
func NewStore(limit int) *Store { return &Store{limit: limit, entries: map[string]*entry{}} }

// Record is the record with the key, made if there is none.
func (s *Store) Record(key string, resolution time.Duration, timeBased bool) *Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock++
	if known, ok := s.entries[key]; ok {
		known.used = s.clock
		return known.record
	}
	made := NewRecord(resolution, timeBased)
	made.resized = func(bytes int) { s.set(key, made, made, bytes) }
	known := &entry{record: made, bytes: recordBytes + 2*len(key), used: s.clock}
	s.entries[key] = known
	s.bytes += known.bytes
	s.shrink()
	return made
}

// set puts a record of so many bytes in place of one with the key; nothing
// happens when that one was dropped.
func (s *Store) set(key string, old, record *Record, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.entries[key]
	if !ok || known.record != old {
		return
	}
	bytes += 2 * len(key)
	s.bytes += bytes - known.bytes
	known.record, known.bytes = record, bytes
	s.shrink()
}

func (s *Store) shrink() {
	for s.limit > 0 && s.bytes > s.limit {
		s.full.Do(func() {
			slog.Warn("The cache of counts is full: what was used least recently is asked for again when it is needed", "bytes", s.limit)
		})
		var oldest string
		for key, e := range s.entries {
			if oldest == "" || e.used < s.entries[oldest].used {
				oldest = key
			}
		}
		s.bytes -= s.entries[oldest].bytes
		delete(s.entries, oldest)
	}
}

// Forget makes the store know nothing of the slots that touch (from, to], Unix
// milliseconds: the next to ask for them gets a new record. Who is reading one
// just now goes on with it as it was.
func (s *Store) Forget(from, to int64) {
	s.mu.Lock()
	known := make(map[string]*Record, len(s.entries))
	for key, e := range s.entries {
		known[key] = e.record
	}
	s.mu.Unlock()
	for key, old := range known {
		// Not under the store's lock: a record that grows holds its own, and
		// then waits for the store's.
		rest := old.without(from, to)
		rest.resized = func(bytes int) { s.set(key, rest, rest, bytes) }
		s.set(key, old, rest, rest.bytes())
	}
}

// Bytes is about the memory that all records take on the heap.
func (s *Store) Bytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}
