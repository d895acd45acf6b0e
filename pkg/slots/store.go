package slots

import (
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// Store is the records by what they count, up to a number of bytes: beyond it
// the record that was asked for least recently is dropped whole. Who holds a
// dropped record can go on with it; the next to ask for its key gets a new one.
// A record's key names the engine's method, the resolution and the query.
type Store struct {
	disk       *Disk // nil: in memory alone
	connection string

	full    sync.Once // was told
	mu      sync.Mutex
	limit   int
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

// BoundGarbage makes garbage a smaller share of a long-running process than Go's
// default allows, unless the environment (GOGC) says how large: most of its memory
// is slots, which hold no pointers, so that collecting costs little.
func BoundGarbage() {
	const percent = 40
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// Record is the record with the key, made if there is none. What is on disk of
// it is read now.
func (s *Store) Record(key string, resolution time.Duration, timeBased bool) *Record {
	record, unsaved := s.record(key, resolution, timeBased)
	record.load()
	if unsaved {
		record.mu.RLock()
		defer record.mu.RUnlock()
		record.resized()
	}
	return record
}

// record also reports whether the record is one that was dropped before it was
// written to disk.
func (s *Store) record(key string, resolution time.Duration, timeBased bool) (record *Record, unsaved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock++
	if known, ok := s.entries[key]; ok {
		known.used = s.clock
		return known.record, false
	}
	id := recordID(s.connection + digest(16, key, resolution.String(), strconv.FormatBool(timeBased)))
	record = s.disk.unsavedRecord(id)
	if unsaved = record != nil; !unsaved {
		record = NewRecord(resolution, timeBased)
		record.store, record.key, record.disk.disk, record.disk.id = s, key, s.disk, id
	}
	known := &entry{record: record, bytes: recordBytes + 2*len(key), used: s.clock}
	s.entries[key] = known
	s.bytes += known.bytes
	s.shrink()
	return record, unsaved
}

// set puts a record of so many bytes in place of one with its key; nothing
// happens when that one was dropped.
func (s *Store) set(old, record *Record, bytes int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.entries[record.key]
	if !ok || known.record != old {
		return false
	}
	bytes += 2 * len(record.key)
	s.bytes += bytes - known.bytes
	known.record, known.bytes = record, bytes
	s.shrink()
	return true
}

// raise makes the limit at least the bytes; 0 is no limit.
func (s *Store) raise(limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if limit == 0 || s.limit > 0 && limit > s.limit {
		s.limit = limit
	}
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
// milliseconds, in memory and on disk: the next to ask for them gets a new
// record. Who is reading one just now goes on with it as it was.
func (s *Store) Forget(from, to int64) {
	_ = s.disk.forget(s.connection, from, to) // the disk tells it
	s.mu.Lock()
	var known []*Record
	for _, e := range s.entries {
		known = append(known, e.record)
	}
	s.mu.Unlock()
	for _, old := range known {
		// Not under the store's lock: a record that grows holds its own, and
		// then waits for the store's.
		old.load()
		if rest := old.without(from, to); s.set(old, rest, rest.bytes()) {
			s.disk.save(rest)
		}
	}
}

// Bytes is about the memory that all records take on the heap.
func (s *Store) Bytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}
