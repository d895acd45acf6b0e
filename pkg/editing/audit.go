package editing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sync/semaphore"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/parallel"
)

// lockAgain is the time between two attempts to get the lock.
const lockAgain = 10 * time.Millisecond

// writing serializes changes within this process, also where the file system has no locks.
var writing = semaphore.NewWeighted(1)

// lock opens the folder as the only writer of all processes, until unlock. It first closes changes that
// a killed process left unfinished. who is what is to be written, for messages.
func (f *Folder) lock(ctx context.Context, who string) (root *os.Root, unlock func(), err error) {
	if err := writing.Acquire(ctx, 1); err != nil {
		return nil, nil, err
	}
	var locked *flock.Flock
	unlock = func() {
		if locked != nil {
			_ = locked.Close()
		}
		if root != nil {
			_ = root.Close()
		}
		writing.Release(1)
	}
	if root, err = f.Open(); err == nil {
		if locked, err = lockFile(ctx, root, who); err == nil {
			err = f.closeBegun(root)
		}
	}
	if err != nil {
		unlock()
		return nil, nil, err
	}
	return root, unlock, nil
}

func lockFile(ctx context.Context, root *os.Root, who string) (*flock.Flock, error) {
	if info, err := root.Lstat(catalog.LockFile); err == nil && !info.Mode().IsRegular() {
		return nil, refuse(ReadOnly, "%s cannot be changed here: %s in the folder of documents is no regular file", who, catalog.LockFile)
	}
	lock := flock.New(filepath.Join(root.Name(), catalog.LockFile), flock.SetPermissions(0o644))
	_, err := lock.TryLockContext(ctx, lockAgain)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return nil, readOnly(who, err)
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK):
		slog.WarnContext(ctx, "The file system of the documents knows no locks: only one process may write there", "error", catalog.Cause(err))
		return nil, nil
	case err != nil:
		return nil, notWritten(catalog.LockFile, err)
	}
	return lock, nil
}

// Recover closes the changes that a killed process left unfinished, and removes its temporary files. A
// folder in which Accord never wrote is not touched.
func (f *Folder) Recover(ctx context.Context) (err error) {
	defer parallel.Recover(&err)
	root, err := f.Open()
	if err != nil {
		return err
	}
	defer root.Close()
	var left []string
	err = fs.WalkDir(root.FS(), ".", func(name string, _ fs.DirEntry, err error) error {
		if temporary, _ := path.Match(temporaryName("*"), path.Base(name)); temporary {
			left = append(left, name)
		}
		if err != nil {
			return fs.SkipDir // its documents are skipped, too
		}
		return ctx.Err()
	})
	if _, missing := root.Lstat(AuditLog); err != nil || missing != nil && len(left) == 0 {
		return err
	}
	root, unlock, err := f.lock(ctx, "what a killed process has left")
	if err != nil {
		return err
	}
	defer unlock()
	for _, name := range left { // no change is in progress while the folder is locked
		_ = root.Remove(name)
	}
	return nil
}

// AuditLog is the file in the folder of documents that records every change, one JSON object per line.
// It begins with a dot, so it is never read as a document.
const AuditLog = ".accord-audit.jsonl"

// The states of a change in the audit log, which has a line when it begins and one when it ends.
const (
	begun   = "begun"
	made    = "made"
	failed  = "failed"
	unknown = "unknown" // the document is neither as before nor as after
)

// auditEntry is one line of the audit log.
type auditEntry struct {
	Time time.Time `json:"time"`
	// Change identifies the change in both of its lines.
	Change string `json:"change"`
	State  string `json:"state"`
	Login  string `json:"login"`
	Action string `json:"action"` // create, change or delete; for [Folder.Keep], its action
	catalog.ID
	File string `json:"file"`
	// Before and After are hashes of the document; empty if there is none.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Failed is why a change was not made, or why its state is unknown.
	Failed string `json:"failed,omitempty"`
}

// temporary returns the name of the file in which the change is prepared.
func (e auditEntry) temporary() string { return path.Join(path.Dir(e.File), temporaryName(e.Change)) }

func temporaryName(change string) string { return ".accord-" + change + ".tmp" }

// record appends a line for each change to the audit log and syncs it to disk. If the lines cannot be
// written completely, they are removed.
func (f *Folder) record(root *os.Root, changes []change) error {
	var text bytes.Buffer
	for _, c := range changes {
		c.Time = f.Now().UTC()
		err := f.step(c.State)
		if err == nil {
			err = json.NewEncoder(&text).Encode(c.auditEntry)
		}
		if err != nil {
			return err
		}
	}
	file, err := catalog.OpenRegular(root, AuditLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		if _, err = file.Write(text.Bytes()); err == nil {
			err = file.Sync()
		}
		if err != nil {
			_ = file.Truncate(info.Size()) // else the next writer does it
		}
	}
	return errors.Join(err, file.Close())
}

// closeBegun ends the changes that a killed process began together, according to the files on disk. If
// one of them was made, all were prepared, so the others are made now.
func (f *Folder) closeBegun(root *os.Root) error {
	open, err := openEntries(root)
	if err != nil {
		return notWritten(AuditLog, err)
	}
	if slices.ContainsFunc(open, func(c change) bool {
		hash, err := f.hashOf(root, c)
		return err == nil && hash == c.After
	}) {
		for _, c := range open {
			if _, err := root.Lstat(c.File); errors.Is(err, fs.ErrNotExist) && c.After != "" {
				_ = root.Rename(c.temporary(), c.File) // closeEntry checks the result
				syncFolder(root, path.Dir(c.File))
			}
		}
	}
	for i := range open {
		f.closeEntry(root, &open[i])
	}
	if len(open) == 0 {
		return nil
	}
	if err := f.record(root, open); err != nil {
		return notWritten(AuditLog, err)
	}
	return nil
}

// closeEntry sets the final state of a change, and removes its temporary file.
func (f *Folder) closeEntry(root *os.Root, c *change) {
	_ = root.Remove(c.temporary())
	c.State, c.Failed = unknown, "the process that began it ended; the document is now neither as before nor as after"
	switch hash, err := f.hashOf(root, *c); {
	case err != nil:
		c.Failed = fmt.Sprintf("the process that began it ended; the file cannot be read: %v", catalog.Cause(err))
	case hash == c.After:
		c.State, c.Failed = made, ""
	case hash == c.Before:
		c.State, c.Failed = failed, "the process that began it ended before it was made"
	}
}

// hashOf returns the hash of the changed document on disk; empty if there is none.
func (f *Folder) hashOf(root *os.Root, c change) (string, error) {
	text, err := f.readFile(root, c.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !slices.Contains(catalog.Kinds(), c.Kind): // a whole file, see Keep
		return document.Hash(text), nil
	}
	file := parse(text)
	if i := file.find(c.ID); i >= 0 {
		return document.Hash(file.own(i)), nil
	}
	return "", nil
}

// openEntries returns the changes that have begun but not ended according to the audit log. As one
// process writes at a time, they are among the last lines. An incomplete line at the end, as a full
// disk leaves, is cut off: its change had not begun or is still open.
func openEntries(root *os.Root) (open []change, err error) {
	file, err := catalog.OpenRegular(root, AuditLog, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer file.Close()
	text, from, err := tail(file)
	if err != nil {
		return nil, err
	}
	end := bytes.LastIndexByte(text, '\n') + 1
	if rest := text[end:]; json.Valid(rest) {
		if _, err = file.WriteString("\n"); err == nil {
			err = file.Sync()
		}
		end = len(text)
	} else if len(rest) > 0 {
		err = file.Truncate(from + int64(end))
	}
	for text := range bytes.Lines(text[:end]) {
		var c change
		if json.Unmarshal(text, &c.auditEntry) != nil {
			continue // not a line of an audit log
		}
		open = slices.DeleteFunc(open, func(other change) bool { return other.Change == c.Change })
		if c.State == begun {
			open = append(open, c)
		}
	}
	return open, err
}

// tail returns the end of a file, with at least the lines of one set of changes made together.
func tail(file *os.File) (text []byte, from int64, err error) {
	info, err := file.Stat()
	for length := int64(64 << 10); err == nil; length *= 8 {
		from = max(info.Size()-length, 0)
		text = make([]byte, info.Size()-from)
		if _, err = file.ReadAt(text, from); from == 0 || bytes.Count(text, []byte("\n")) > 2*mostTogether {
			break
		}
	}
	return text, from, err
}
