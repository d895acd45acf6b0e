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

// DiskBytes is how large the counts on disk may grow before those that were used
// least recently are dropped.
const DiskBytes = 512 << 20

const (
	// writeAfter is how long a change waits for others to be written with it.
	writeAfter = 5 * time.Second
	// batchBytes are written in one transaction, or a little more.
	batchBytes = 4 << 20
)

// Disk keeps the records of all stores of a process in one file of a folder. It
// writes behind: a crash loses what was changed last, and never makes what is
// there wrong. While the file cannot be used, stores work from memory.
//
// A nil Disk keeps nothing.
type Disk struct {
	dir   string
	limit int
	db    atomic.Pointer[bbolt.DB] // nil while it cannot be used

	mu              sync.Mutex
	stores          map[string]weak.Pointer[Store] // by connection
	unsaved, saving map[recordID]*Record
	problem         string
	closed          bool

	writing sync.Mutex // one at a time opens, writes and drops
	lock    *flock.Flock
}

// disks are those of the process, by folder.
var disks = struct {
	sync.Mutex
	open map[string]*Disk
}{open: map[string]*Disk{}}

// OpenDisk is the one of the process in the folder, which is made if there is
// none. It always answers: what is wrong with the file is its [Disk.Problem].
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

// CloseDisks writes what is not written yet, and lets other processes have the
// files. Stores that are still used go on in memory.
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
	_ = d.lock.Unlock() // the system does it when the process ends
}

// Store is the one store of the process for the connection, a text that tells
// servers and tenants apart. Its limit is the largest that was asked for. A nil
// Disk gives a new store in memory.
func (d *Disk) Store(connection string, limit int) *Store {
	if d == nil {
		return NewStore(limit)
	}
	store := d.store(connection, limit)
	store.raise(limit) // not under the lock of the disk, which a store waits for
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

// Problem is why counts are not kept on disk now; empty when they are.
func (d *Disk) Problem() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.problem
}

// tell notes what is wrong, nil when nothing is, and logs what is new of it.
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

// unsavedRecord is the one that waits to be written; nil without one.
func (d *Disk) unsavedRecord(id recordID) *Record {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return cmp.Or(d.unsaved[id], d.saving[id])
}

// save has the record written after a while.
func (d *Disk) save(r *Record) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.unsaved[r.disk.id] = r
	if len(d.unsaved) == 1 {
		time.AfterFunc(writeAfter, d.Flush)
	}
}

// load reads the record. One that is damaged is as one that is not there.
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
			d.save(r) // it was used
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

// write writes the records, to a new file where the one that is there turns out to
// be damaged. Of those that could not be written nothing is on disk as far as they
// know: they are written whole the next time.
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
			rest = records // also those that were written to it
		default:
			err = fmt.Errorf("counts cannot be written to disk: %w", err)
		}
	}
	for _, r := range rest {
		r.saved(nil)
	}
	return err
}

// putBatch writes as many of the records as one transaction takes, and notes the
// sums of each.
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

// put writes what has changed of the record, and returns about the bytes of it and
// the sums of all its days.
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

// drop deletes the records whose keys have the prefix.
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

// evict drops the records that were written least recently while there are more
// bytes than may be.
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

// dropOldest drops a tenth of the records, and all days when there is no record.
func dropOldest(tx *bbolt.Tx) error {
	type written struct {
		id     []byte
		number uint64
	}
	var all []written
	err := tx.Bucket(headersBucket).ForEach(func(id, value []byte) error {
		number := uint64(0) // one that is damaged goes first
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
