package slots

import (
	"container/list"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// Store holds records by key, up to a number of bytes; above that, it drops the records that were requested
// least recently. A dropped record stays usable for those who hold it, but the next request for its key gets
// a new one. The key names the counting method, the resolution and the query.
type Store struct {
	disk       *Disk // nil: in memory alone
	connection string

	full    sync.Once // logs that the limit was reached
	mu      sync.Mutex
	limit   int
	entries map[string]*list.Element
	byUse   list.List // of *entry, the one requested last in front
	bytes   int
}

type entry struct {
	record *Record
	bytes  int
}

// NewStore returns an empty store that holds up to limit bytes; 0 means no limit.
func NewStore(limit int) *Store { return &Store{limit: limit, entries: map[string]*list.Element{}} }

// BoundGarbage makes a long-running process collect garbage more often than by default, unless the environment
// variable GOGC is set. That costs little: most of the memory is slots, which contain no pointers.
func BoundGarbage() {
	const percent = 40
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// Record returns the record with the key, creating it if there is none. It loads what is on disk of a record.
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

// record is Record without loading. unsaved means that the record had been dropped but still waits to be
// written to disk.
func (s *Store) record(key string, resolution time.Duration, timeBased bool) (record *Record, unsaved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.entries[key]; ok {
		s.byUse.MoveToFront(known)
		return known.Value.(*entry).record, false
	}
	id := recordID(s.connection + digest(16, key, resolution.String(), strconv.FormatBool(timeBased)))
	record = s.disk.unsavedRecord(id)
	if unsaved = record != nil; !unsaved {
		record = NewRecord(resolution, timeBased)
		record.store, record.key, record.disk.disk, record.disk.id = s, key, s.disk, id
	}
	known := &entry{record: record, bytes: recordBytes + 2*len(key)}
	s.entries[key] = s.byUse.PushFront(known)
	s.bytes += known.bytes
	s.shrink()
	return record, unsaved
}

// set replaces old with a record of that many bytes with the same key. It does nothing, and returns false, if
// old was dropped.
func (s *Store) set(old, record *Record, bytes int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	element, ok := s.entries[record.key]
	if !ok || element.Value.(*entry).record != old {
		return false
	}
	known := element.Value.(*entry)
	bytes += 2 * len(record.key)
	s.bytes += bytes - known.bytes
	known.record, known.bytes = record, bytes
	s.shrink()
	return true
}

// raise raises the limit to at least that many bytes; 0 means no limit.
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
		oldest := s.byUse.Remove(s.byUse.Back()).(*entry)
		s.bytes -= oldest.bytes
		delete(s.entries, oldest.record.key)
	}
}

// Forget deletes the slots that touch (from, to], in Unix milliseconds, in memory and on disk. It replaces
// each record with a new one: whoever still reads the old record sees it unchanged.
func (s *Store) Forget(from, to int64) {
	_ = s.disk.forget(s.connection, from, to) // an error becomes the disk's Problem
	s.mu.Lock()
	var known []*Record
	for _, e := range s.entries {
		known = append(known, e.Value.(*entry).record)
	}
	s.mu.Unlock()
	for _, old := range known {
		// Not under the store's lock: a record that grows holds its own lock
		// while it waits for the store's.
		old.load()
		if rest := old.without(from, to); s.set(old, rest, rest.bytes()) {
			s.disk.save(rest)
		}
	}
}

// Bytes returns about the memory that all records take on the heap.
func (s *Store) Bytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}
