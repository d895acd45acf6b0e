package slots

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// The file is a bbolt database with two buckets. They get other names when the format of their values, or the
// way of counting, changes.
var (
	headersBucket = []byte("accord 1 headers") // by record
	daysBucket    = []byte("accord 1 days")    // by record and day
)

const (
	fileName = "counts.db"
	// asideName is the new name of a file that cannot be read.
	asideName = "counts.unreadable.db"
	lockName  = "counts.lock"
)

var (
	errLocked  = errors.New("another process keeps its counts in the cache folder")
	errDamaged = errors.New("the file of remembered counts is damaged, or of another version")
)

// open opens the file if it is not open, and creates it if there is none. A file that cannot be read is set
// aside and replaced.
func (d *Disk) open() error {
	if d.db.Load() != nil {
		return nil
	}
	if err := d.takeLock(); err != nil {
		return err
	}
	path := filepath.Join(d.dir, fileName)
	db, err := openFile(path)
	if errors.Is(err, errDamaged) {
		d.setAside(nil, err)
		db, err = openFile(path)
	}
	if err != nil {
		return err
	}
	d.db.Store(db)
	return nil
}

func (d *Disk) takeLock() error {
	if d.lock.Locked() {
		return nil
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return fmt.Errorf("the cache folder cannot be made: %w", withoutPath(err))
	}
	switch held, err := d.lock.TryLock(); {
	case err != nil:
		return fmt.Errorf("the cache folder cannot be written: %w", withoutPath(err))
	case !held:
		return errLocked
	}
	return nil
}

// withoutPath removes the path from the error, since not everybody may know it.
func withoutPath(err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		return of.Err
	}
	return err
}

func openFile(path string) (db *bbolt.DB, err error) {
	err = guarded(func() error {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 1, FreelistType: bbolt.FreelistMapType})
		switch {
		case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
			return errDamaged
		case err != nil:
			return err
		}
		if err := db.Update(makeBuckets); err != nil {
			return cmp.Or(db.Close(), err)
		}
		return nil
	})
	return db, err
}

// makeBuckets creates the buckets that are missing, and refuses a file with other ones.
func makeBuckets(tx *bbolt.Tx) error {
	for _, name := range [][]byte{headersBucket, daysBucket} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		if !bytes.Equal(name, headersBucket) && !bytes.Equal(name, daysBucket) {
			return errDamaged
		}
		return nil
	})
}

// guarded runs a function that reads or writes the file, and turns a panic into errDamaged: in a damaged
// file, bbolt panics or reads memory that is not mapped.
func guarded(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%w: %v", errDamaged, reason)
		}
	}()
	return do()
}

// setAside renames the file; the next write creates a new one. It does not close the file, since a lock of
// the database may still be held.
func (d *Disk) setAside(db *bbolt.DB, reason error) {
	if !d.db.CompareAndSwap(db, nil) && db != nil {
		return // another goroutine did it
	}
	aside := filepath.Join(d.dir, asideName)
	err := os.Rename(filepath.Join(d.dir, fileName), aside)
	slog.Warn("Remembered counts cannot be read; their file was set aside, and what it held is counted anew",
		"file", aside, "reason", reason, "error", err)
}

// Forget deletes the slots of all connections that touch (from, to], in Unix milliseconds, from the file. It
// is for a process without stores: it does not change what they have in memory. A file that is left without
// records is replaced by a new one.
func (d *Disk) Forget(from, to int64) error {
	if err := d.forget("", from, to); err != nil {
		return err
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	db, left := d.db.Load(), false
	err := guarded(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			id, _ := tx.Bucket(headersBucket).Cursor().First()
			left = id != nil
			return nil
		})
	})
	if err != nil || left {
		return err
	}
	d.db.Store(nil)
	return cmp.Or(db.Close(), os.Remove(filepath.Join(d.dir, fileName)), d.open())
}

// forget deletes the slots from the records of the connection; an empty connection means all.
func (d *Disk) forget(connection string, from, to int64) error {
	if d == nil {
		return nil
	}
	d.Flush()
	d.writing.Lock()
	defer d.writing.Unlock()
	db := d.db.Load()
	if db == nil {
		return errors.New(d.Problem())
	}
	err := guarded(func() error {
		return db.Update(func(tx *bbolt.Tx) error {
			var ids [][]byte
			cursor, prefix := tx.Bucket(headersBucket).Cursor(), []byte(connection)
			for id, _ := cursor.Seek(prefix); bytes.HasPrefix(id, prefix) && id != nil; id, _ = cursor.Next() {
				ids = append(ids, slices.Clone(id))
			}
			for _, id := range ids {
				if err := forgetIn(tx, id, from, to); err != nil {
					return err
				}
			}
			return nil
		})
	})
	d.tell(err)
	return err
}

func forgetIn(tx *bbolt.Tx, id []byte, from, to int64) error {
	h, err := decodeHeader(id, tx.Bucket(headersBucket).Get(id))
	if err != nil {
		return drop(tx, id)
	}
	if h.known = h.known.without(wholeSlots(from, to, h.Resolution)); len(h.Closed)+len(h.Empty) == 0 {
		return drop(tx, id)
	}
	value, err := h.encode(id)
	if err != nil {
		return err
	}
	return tx.Bucket(headersBucket).Put(id, value)
}
