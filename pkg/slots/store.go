package slots

import (
	"sync"
	"time"
)

// Store is the records by what they count, up to a number of bytes: beyond it
// the record that was asked for least recently is dropped whole. Who holds a
// dropped record can go on with it; the next to ask for its key begins anew.
// A record's key names the engine's method, the resolution and the query.
type Store struct {
	limit int

	mu      sync.Mutex
	records map[string]*kept
	bytes   int
	turn    int64 // counts up with each time a record is asked for
}

type kept struct {
	record *Record
	bytes  int
	used   int64
}

// recordBytes is about what a record takes beside its groups.
const recordBytes = 512

// NewStore is an empty store that holds up to the limit of bytes; 0 is no
// limit.
func NewStore(limit int) *Store { return &Store{limit: limit, records: map[string]*kept{}} }

// Record is the record with the key, made if there is none.
func (s *Store) Record(key string, resolution time.Duration, timeBased bool) *Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	if known, ok := s.records[key]; ok {
		known.used = s.turn
		return known.record
	}
	made := NewRecord(resolution, timeBased)
	made.grown = func(bytes int) { s.account(key, made, bytes) }
	s.records[key] = &kept{record: made, bytes: recordBytes + 2*len(key), used: s.turn}
	s.bytes += s.records[key].bytes
	s.shrink()
	return made
}

// account takes the size of a record's groups; one that was dropped does not
// count any more.
func (s *Store) account(key string, r *Record, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.records[key]
	if !ok || known.record != r {
		return
	}
	bytes += recordBytes + 2*len(key)
	s.bytes += bytes - known.bytes
	known.bytes = bytes
	s.shrink()
}

func (s *Store) shrink() {
	for s.limit > 0 && s.bytes > s.limit && len(s.records) > 0 {
		var oldest string
		for key, r := range s.records {
			if oldest == "" || r.used < s.records[oldest].used {
				oldest = key
			}
		}
		s.bytes -= s.records[oldest].bytes
		delete(s.records, oldest)
	}
}

// Forget makes the store know nothing of the slots that touch (from, to], Unix
// milliseconds: those who ask for them anew begin a record anew. Who is reading
// one just now goes on with it as it was.
func (s *Store) Forget(from, to int64) {
	s.mu.Lock()
	known := make(map[string]*Record, len(s.records))
	for key, kept := range s.records {
		known[key] = kept.record
	}
	s.mu.Unlock()
	for key, record := range known {
		// Not under the store's lock: a record that grows holds its own, and
		// then waits for the store's.
		s.replace(key, record, record.without(from, to))
	}
}

// replace puts a record in place of one that is still kept.
func (s *Store) replace(key string, old, made *Record) {
	made.grown = func(bytes int) { s.account(key, made, bytes) }
	bytes := recordBytes + 2*len(key) + made.Bytes()
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.records[key]
	if !ok || known.record != old {
		return
	}
	s.bytes += bytes - known.bytes
	known.record, known.bytes = made, bytes
}

// Bytes is about the memory that all records take on the heap.
func (s *Store) Bytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}
