package slots

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/scope"
)

// Group is the slots of one group of an objective. Labels is empty, not nil, if there is no groupBy.
type Group struct {
	Labels map[string]string
	Series *Series
}

// Counts are the counts of consecutive slots, by group.
type Counts struct {
	// From is the start of the first slot, in Unix milliseconds.
	From   int64
	Groups map[string]GroupCounts // by a text that is unique to the labels
	// Length is the number of slots.
	Length int
	Remarks
	// PartSeen says that series of the good or bad query had samples.
	PartSeen bool
}

// GroupCounts is one group of a [Counts]; Slots has Counts.Length elements.
type GroupCounts struct {
	Labels map[string]string
	Slots  []Slot
}

// Record stores the closed slots of one key, which are read again only at the late looks. It is safe for
// concurrent use; what it returns never changes.
type Record struct {
	resolution time.Duration
	timeBased  bool
	store      *Store // holds it by key; nil: none
	key        string
	disk       diskRecord

	mu     sync.RWMutex
	groups map[string]Group
	known  known
}

// known is what a record knows about its slots besides the counts.
type known struct {
	Closed scope.Intervals
	// Looked are the closed slots that were read at that age of lateLooks or later.
	Looked [len(lateLooks)]scope.Intervals
	Remarks
	PartSeen bool // in any Counts
	// Empty are slots without a sample, young enough that a late sample may still fill them; they are read
	// again at RetryAt.
	Empty   scope.Intervals
	RetryAt time.Time
	Delay   time.Duration
}

// NewRecord returns a record without slots.
func NewRecord(resolution time.Duration, timeBased bool) *Record {
	return &Record{resolution: resolution, timeBased: timeBased, groups: map[string]Group{}}
}

// Missing returns the slots of (from, to] that must be read as of now.
func (r *Record) Missing(from, to int64, now time.Time) scope.Intervals {
	r.mu.RLock()
	defer r.mu.RUnlock()
	asked := scope.Union(scope.Interval{From: from, To: to})
	missing := asked.Subtract(r.known.Closed)
	if now.Before(r.known.RetryAt) {
		missing = missing.Subtract(r.known.Empty)
	}
	return missing.Union(asked.Intersect(r.known.due(now, r.resolution.Milliseconds())))
}

// Close stores the counts of closed slots as read at now. They replace earlier counts, except those of slots
// that are now empty in every group and usable: lost samples do not change what happened. Empty slots are
// closed only once no late sample can fill them.
func (r *Record) Close(counts Counts, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	resolution := r.resolution.Milliseconds()
	all := scope.Union(scope.Interval{From: counts.From, To: counts.From + int64(counts.Length)*resolution})
	empty := emptySlots(counts, resolution)
	replaced := all.Subtract(empty.Subtract(counts.Unusable).Intersect(r.known.Closed))
	for key, of := range counts.Groups {
		if _, known := r.groups[key]; !known {
			r.groups[key] = Group{Labels: of.Labels, Series: NewSeries(r.resolution, r.timeBased)}
		}
	}
	before := replaced.Intersect(r.known.Closed)
	for key, group := range r.groups {
		if of, counted := counts.Groups[key]; counted {
			for _, part := range replaced {
				group.Series = group.Series.With(part.From, of.Slots[(part.From-counts.From)/resolution:(part.To-counts.From)/resolution])
			}
		} else {
			group.Series = group.Series.cleared(before)
		}
		r.groups[key] = group
	}
	r.known.Remarks = r.known.Remarks.without(replaced)
	for slot := range counts.LeftOut {
		delete(r.known.LeftOut, slot)
	}
	r.known.Remarks.Add(counts.Remarks)
	r.known.PartSeen = r.known.PartSeen || counts.PartSeen
	r.known.look(all, empty, now, resolution)
	r.disk.touch(all)
	if r.resized() {
		r.disk.disk.save(r)
	}
}

// without returns a copy of the record without the slots that touch (from, to].
func (r *Record) without(from, to int64) *Record {
	r.mu.RLock()
	defer r.mu.RUnlock()
	forgotten := wholeSlots(from, to, r.resolution.Milliseconds())
	rest := NewRecord(r.resolution, r.timeBased)
	rest.store, rest.key, rest.known = r.store, r.key, r.known.without(forgotten)
	rest.disk.disk, rest.disk.id = r.disk.disk, r.disk.id
	rest.disk.once.Do(func() {}) // r was loaded
	if len(rest.known.Closed) == 0 {
		return rest
	}
	rest.disk.groups, rest.disk.sums, rest.disk.dirty = slices.Clone(r.disk.groups), r.disk.sums, maps.Clone(r.disk.dirty)
	for key, group := range r.groups {
		group.Series = group.Series.cleared(r.known.Closed.Intersect(forgotten))
		rest.groups[key] = group
	}
	return rest
}

// without returns what is known, less the given slots.
func (k known) without(forgotten scope.Intervals) known {
	k.Closed, k.Empty, k.Remarks = k.Closed.Subtract(forgotten), k.Empty.Subtract(forgotten), k.Remarks.without(forgotten)
	for i, looked := range k.Looked {
		k.Looked[i] = looked.Subtract(forgotten)
	}
	if len(k.Empty) == 0 { // nothing left to read again
		k.RetryAt, k.Delay = time.Time{}, 0
	}
	return k
}

// wholeSlots returns the slots that touch (from, to].
func wholeSlots(from, to, resolution int64) scope.Intervals {
	return scope.Union(scope.Interval{From: Floor(from, resolution), To: Floor(to+resolution-1, resolution)})
}

// Remarks returns the remarks about the stored slots in (from, to].
func (r *Record) Remarks(from, to int64) Remarks {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.known.Remarks.Within(from, to)
}

// PartSeen reports whether series of the good or bad query ever had samples.
func (r *Record) PartSeen() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.known.PartSeen
}

// Known returns the stored slots, including the empty ones that will be read again.
func (r *Record) Known() scope.Intervals {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.known.Closed.Union(r.known.Empty)
}

// Groups returns the groups known so far, with their closed slots.
func (r *Record) Groups() map[string]Group {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return maps.Clone(r.groups)
}

// About what a record takes besides its groups, and a group besides its slots: map entries, keys and labels.
const (
	recordBytes = 512
	groupBytes  = 256
)

// resized updates the record's size in the store, and reports whether the store still holds the record.
func (r *Record) resized() bool { return r.store != nil && r.store.set(r, r, r.bytes()) }

func (r *Record) bytes() int {
	bytes := recordBytes + r.known.Remarks.bytes()
	for key, group := range r.groups {
		bytes += groupBytes + 2*len(key) + group.Series.Bytes()
	}
	return bytes
}
