package slots

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/gofrs/flock"
	"go.etcd.io/bbolt"
)

// DiskBytes is the size of the counts on disk above which those that were used least recently are dropped.
const DiskBytes = 512 << 20

const (
	// writeAfter is how long a change waits, so that others are written with it.
	writeAfter = 5 * time.Second
	// batchBytes is about how many bytes are written in one transaction.
	batchBytes = 4 << 20
)

// Disk stores the records of all stores of a process in one file of a folder. It writes with a delay: a crash
// loses the last changes, but never makes what is in the file wrong. While the file cannot be used, stores
// work in memory.
//
// A nil Disk stores nothing.
type Disk struct {
	dir   string
	limit int
	db    atomic.Pointer[bbolt.DB] // nil while it cannot be used

	mu              sync.Mutex
	stores          map[string]weak.Pointer[Store] // by connection
	unsaved, saving map[recordID]*Record
	problem         string
	closed          bool

	writing sync.Mutex // held while the file is opened, written or replaced
	lock    *flock.Flock
}

// disks are the open disks of the process, by folder.
var disks = struct {
	sync.Mutex
	open map[string]*Disk
}{open: map[string]*Disk{}}

// OpenDisk returns the process's one Disk in the folder, opening it if necessary. It never fails: what is
// wrong with the file is returned by [Disk.Problem].
func OpenDisk(dir string, limit int) *Disk {
	disks.Lock()
	defer disks.Unlock()
	d := disks.open[dir]
	if d == nil {
		d = &Disk{dir: dir, limit: limit, lock: flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600)),
			stores: map[string]weak.Pointer[Store]{}, unsaved: map[recordID]*Record{}}
		disks.open[dir] = d
		d.writing.Lock()
		defer d.writing.Unlock()
		d.tell(d.open())
	}
	return d
}

// Open opens the folder.
func (d *Disk) Open() (*os.Root, error) { return os.OpenRoot(d.dir) }

// CloseDisks writes what is not written yet, and releases the files for other processes. Stores that are
// still in use continue in memory.
func CloseDisks() {
	disks.Lock()
	defer disks.Unlock()
	for _, d := range disks.open {
		d.close()
	}
	clear(disks.open)
}

func (d *Disk) close() {
	d.Flush()
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.writing.Lock()
	defer d.writing.Unlock()
	if db := d.db.Swap(nil); db != nil {
		if err := db.Close(); err != nil {
			slog.Warn("The file of remembered counts was not closed", "folder", d.dir, "error", err)
		}
	}
	_ = d.lock.Unlock() // if it fails, the system does it when the process ends
}

// Store returns the process's one store for the connection, a text that is unique to a server and tenant. Its
// limit is the largest of all calls. A nil Disk returns a new store in memory.
func (d *Disk) Store(connection string, limit int) *Store {
	if d == nil {
		return NewStore(limit)
	}
	store := d.store(connection, limit)
	store.raise(limit) // not under the disk's lock, for which a store may wait while it holds its own
	return store
}

func (d *Disk) store(connection string, limit int) *Store {
	d.mu.Lock()
	defer d.mu.Unlock()
	if store := d.stores[connection].Value(); store != nil {
		return store
	}
	store := NewStore(limit)
	store.disk, store.connection = d, digest(8, connection)
	d.stores[connection] = weak.Make(store)
	return store
}

// Problem returns why counts are currently not stored on disk; empty when they are.
func (d *Disk) Problem() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.problem
}

// tell sets the problem to the error, nil for none, and logs a change.
func (d *Disk) tell(err error) {
	problem := ""
	if err != nil { // without the folder, which not everybody may know
		problem = strings.ReplaceAll(err.Error(), d.dir+string(filepath.Separator), "")
	}
	d.mu.Lock()
	before := d.problem
	d.problem = problem
	d.mu.Unlock()
	switch {
	case problem == before:
	case problem == "":
		slog.Info("Counts are kept on disk again", "folder", d.dir)
	default:
		slog.Warn("Counts are remembered in memory alone", "folder", d.dir, "error", err)
	}
}

// unsavedRecord returns the record with the id that waits to be written; nil if there is none.
func (d *Disk) unsavedRecord(id recordID) *Record {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return cmp.Or(d.unsaved[id], d.saving[id])
}

// save schedules the record to be written.
func (d *Disk) save(r *Record) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	if len(d.unsaved) == 0 {
		time.AfterFunc(writeAfter, d.Flush)
	}
	d.unsaved[r.disk.id] = r
}

// load reads the record. A damaged one counts as missing.
func (d *Disk) load(r *Record) {
	db := d.db.Load()
	if db == nil {
		return
	}
	err := guarded(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			headers, days := tx.Bucket(headersBucket), tx.Bucket(daysBucket)
			id := []byte(r.disk.id)
			value := headers.Get(id)
			if value == nil {
				return nil
			}
			h, err := decodeHeader(id, value)
			if err != nil {
				slog.Warn("Remembered counts are damaged, and counted anew", "folder", d.dir, "error", err)
				return nil
			}
			r.restore(h, func(day int64) []byte { return days.Get(dayKey(r.disk.id, day)) })
			d.save(r) // notes that it was used
			return nil
		})
	})
	if errors.Is(err, errDamaged) {
		d.writing.Lock()
		defer d.writing.Unlock()
		d.setAside(db, err)
	}
}

// Flush writes what is not written yet.
func (d *Disk) Flush() {
	d.writing.Lock()
	defer d.writing.Unlock()
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return
	}
	d.saving, d.unsaved = d.unsaved, map[recordID]*Record{}
	waiting := slices.Collect(maps.Values(d.saving))
	d.mu.Unlock()
	if len(waiting) > 0 {
		d.tell(d.write(waiting))
	}
	d.mu.Lock()
	d.saving = nil
	d.mu.Unlock()
}

// write writes the records, to a new file if the present one turns out to be damaged. Records that could not
// be written are marked as not on disk, so that they are written completely the next time.
func (d *Disk) write(records []*Record) error {
	err := d.writeOnce(records)
	if errors.Is(err, errDamaged) {
		err = d.writeOnce(records)
	}
	return err
}

func (d *Disk) writeOnce(records []*Record) error {
	err := d.open()
	rest := records
	for db := d.db.Load(); err == nil && len(rest) > 0; {
		written := map[*Record]map[int64]uint32{}
		err = guarded(func() error {
			if err := db.Update(func(tx *bbolt.Tx) error { return putBatch(tx, rest, written) }); err != nil {
				return err
			}
			return d.evict(db)
		})
		switch {
		case err == nil:
			for r, sums := range written {
				r.saved(sums)
			}
			rest = rest[len(written):]
		case errors.Is(err, errDamaged):
			d.setAside(db, err)
			rest = records // including those written to the damaged file
		default:
			err = fmt.Errorf("counts cannot be written to disk: %w", err)
		}
	}
	for _, r := range rest {
		r.saved(nil)
	}
	return err
}

// putBatch writes about batchBytes of the records, and stores the checksums of each in written.
func putBatch(tx *bbolt.Tx, records []*Record, written map[*Record]map[int64]uint32) error {
	number, err := tx.Bucket(headersBucket).NextSequence()
	for size := 0; err == nil && len(written) < len(records) && size < batchBytes; {
		var more int
		r := records[len(written)]
		more, written[r], err = put(tx, r, number)
		size += more
	}
	return err
}

// put writes what has changed of the record, and returns about its size in bytes and the checksums of all
// days of the record.
func put(tx *bbolt.Tx, r *Record, number uint64) (size int, sums map[int64]uint32, err error) {
	h, changed, whole := r.unsaved()
	h.written = number
	headers, days, id := tx.Bucket(headersBucket), tx.Bucket(daysBucket), []byte(r.disk.id)
	if whole {
		if err := drop(tx, id); err != nil || len(h.Sums) == 0 {
			return 0, nil, err
		}
	}
	value, err := h.encode(id)
	if err != nil {
		return 0, nil, drop(tx, id)
	}
	size = len(value)
	for day, value := range changed {
		size += len(value)
		if err := days.Put(dayKey(r.disk.id, day), value); err != nil {
			return 0, nil, err
		}
	}
	return size, h.Sums, headers.Put(id, value)
}

// drop deletes the records whose ids have the prefix.
func drop(tx *bbolt.Tx, prefix []byte) error {
	for _, name := range [][]byte{headersBucket, daysBucket} {
		cursor := tx.Bucket(name).Cursor()
		for key, _ := cursor.Seek(prefix); key != nil && bytes.HasPrefix(key, prefix); key, _ = cursor.Seek(prefix) {
			if err := cursor.Delete(); err != nil {
				return err
			}
		}
	}
	return nil
}

// evict drops the records that were written least recently while the file holds more bytes than the limit.
func (d *Disk) evict(db *bbolt.DB) error {
	for {
		var size int64
		if err := db.View(func(tx *bbolt.Tx) error { size = tx.Size(); return nil }); err != nil {
			return err
		}
		stats := db.Stats()
		used := size - int64(stats.FreePageN+stats.PendingPageN)*int64(db.Info().PageSize)
		if used <= int64(d.limit) {
			return nil
		}
		if err := db.Update(dropOldest); err != nil {
			return err
		}
	}
}

// dropOldest drops the oldest tenth of the records, or all days when there is no record.
func dropOldest(tx *bbolt.Tx) error {
	type written struct {
		id     []byte
		number uint64
	}
	var all []written
	err := tx.Bucket(headersBucket).ForEach(func(id, value []byte) error {
		number := uint64(0) // a damaged record is dropped first
		if len(value) >= 12 {
			number = binary.BigEndian.Uint64(value[4:])
		}
		all = append(all, written{slices.Clone(id), number})
		return nil
	})
	if err != nil || len(all) == 0 {
		return cmp.Or(err, drop(tx, nil))
	}
	slices.SortFunc(all, func(a, b written) int { return cmp.Compare(a.number, b.number) })
	for _, of := range all[:(len(all)+9)/10] {
		if err := drop(tx, of.id); err != nil {
			return err
		}
	}
	return nil
}
