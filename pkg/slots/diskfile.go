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

// The file is one of bbolt with two buckets. Another version of what lies in them,
// or of how it is counted, has other names.
var (
	headersBucket = []byte("accord 1 headers") // by record
	daysBucket    = []byte("accord 1 days")    // by record and day
)

const (
	fileName = "counts.db"
	// asideName is what a file is renamed to that cannot be read.
	asideName = "counts.unreadable.db"
	lockName  = "counts.lock"
)

var (
	errLocked  = errors.New("another process keeps its counts in the cache folder")
	errDamaged = errors.New("the file of remembered counts is damaged, or of another version")
)

// open opens the file when it is not open, and makes it when there is none. One
// that cannot be read is set aside, and made anew.
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

// withoutPath is the error without the path in it, which not everybody may know.
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

// makeBuckets refuses a file with other buckets.
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

// guarded does what reads or writes the file. Where bbolt meets something else
// than it wrote, it panics, or reads memory that is not there.
func guarded(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%w: %v", errDamaged, reason)
		}
	}()
	return do()
}

// setAside renames the file, which is not closed: it may be locked in itself. The
// next to write makes a new one.
func (d *Disk) setAside(db *bbolt.DB, reason error) {
	if !d.db.CompareAndSwap(db, nil) && db != nil {
		return // it is done
	}
	aside := filepath.Join(d.dir, asideName)
	err := os.Rename(filepath.Join(d.dir, fileName), aside)
	slog.Warn("Remembered counts cannot be read; their file was set aside, and what it held is counted anew",
		"file", aside, "reason", reason, "error", err)
}

// Forget makes the file know nothing of the slots that touch (from, to], Unix
// milliseconds, of any connection. It is for a process without stores: what they
// have in memory stays. A file in which nothing is left is made anew.
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

// forget is Forget for the records of the connection; of all, where it is empty.
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
