package editing

import (
	"bytes"
	"context"
	"crypto/rand"
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

// lockAgain is the time between two attempts to have what another process has.
const lockAgain = 10 * time.Millisecond

// writing lets one change be made at a time in this process: two folders may be
// one, on a file system that knows no locks too.
var writing = semaphore.NewWeighted(1)

// lock opens the folder for the only writer of all processes, until unlock. What
// a killed one left half done is closed first. who is what is to be written.
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
		slog.WarnContext(ctx, "The file system of the documents knows no locks: only one process may write there", "error", cause(err))
		return nil, nil
	case err != nil:
		return nil, notWritten(catalog.LockFile, err)
	}
	return lock, nil
}

// Recover closes what a killed process has left half done, and removes its
// temporary files. A folder in which Accord never wrote is left alone.
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
			return fs.SkipDir // as the documents in it are
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
	for _, name := range left { // those that are still there now belong to nobody
		_ = root.Remove(name)
	}
	return nil
}

// AuditLog is the file in the folder of documents that records every change, one
// JSON object a line. It begins with a dot, so it is never read as a document.
const AuditLog = ".accord-audit.jsonl"

// The states of a change in the audit log: each has a line when it is begun, and
// one when it has ended.
const (
	begun   = "begun"
	made    = "made"
	failed  = "failed"
	unknown = "unknown" // the document is another one than before and after
)

// auditEntry is one line of the audit log.
type auditEntry struct {
	Time time.Time `json:"time"`
	// Change is the same in both lines of a change.
	Change string `json:"change"`
	State  string `json:"state"`
	Login  string `json:"login"`
	Action string `json:"action"`
	catalog.ID
	File string `json:"file"`
	// Before and After are hashes of the document; empty where there is none.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Failed is why a change was not made, or not ended by who began it.
	Failed string `json:"failed,omitempty"`
}

func newAuditEntry(login string, c change) auditEntry {
	return auditEntry{
		Change: rand.Text()[:12], State: begun, Login: login, Action: c.action,
		ID: c.id, File: c.file, Before: c.before, After: c.after,
	}
}

// temporary is the file in which the change is prepared.
func (e auditEntry) temporary() string { return path.Join(path.Dir(e.File), temporaryName(e.Change)) }

func temporaryName(change string) string { return ".accord-" + change + ".tmp" }

// record adds a line to the audit log, and makes sure that it is on the disk. One
// of which the disk takes only a part is taken back.
func (f *Folder) record(root *os.Root, line auditEntry) error {
	if err := f.step(line.State); err != nil {
		return err
	}
	line.Time = f.Now().UTC()
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	file, err := catalog.OpenRegular(root, AuditLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		if _, err = file.Write(append(text, '\n')); err == nil {
			err = file.Sync()
		}
		if err != nil {
			_ = file.Truncate(info.Size()) // else the next writer does
		}
	}
	return errors.Join(err, file.Close())
}

// closeBegun ends the change that a killed process had begun, if any, by what is
// on the disk. Since one process writes at a time, it is in the last line.
func (f *Folder) closeBegun(root *os.Root) error {
	line, err := lastEntry(root)
	if err != nil {
		return notWritten(AuditLog, err)
	}
	if line.State != begun {
		return nil
	}
	_ = root.Remove(line.temporary())
	line.State, line.Failed = unknown, "the process that began it ended; the document is now neither as before nor as after"
	switch hash, err := f.hashOf(root, line); {
	case err != nil:
		line.Failed = fmt.Sprintf("the process that began it ended; the file cannot be read: %v", cause(err))
	case hash == line.After:
		line.State, line.Failed = made, ""
	case hash == line.Before:
		line.State, line.Failed = failed, "the process that began it ended before it was made"
	}
	if err := f.record(root, line); err != nil {
		return notWritten(AuditLog, err)
	}
	return nil
}

// hashOf returns the hash of the line's document as it is on the disk; empty when
// there is none.
func (f *Folder) hashOf(root *os.Root, line auditEntry) (string, error) {
	text, err := f.readFile(root, line.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !slices.Contains(catalog.Kinds(), line.Kind): // a whole file, see Keep
		return document.Hash(text), nil
	}
	file := parse(text, f.Options.Limits)
	if i := file.find(line.ID); i >= 0 {
		return document.Hash(file.own(i)), nil
	}
	return "", nil
}

// lastEntry returns the last line of the audit log, zero when it has none. A half
// line after it, as a full disk leaves, is cut off: its change was not begun.
func lastEntry(root *os.Root) (line auditEntry, err error) {
	file, err := catalog.OpenRegular(root, AuditLog, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return line, nil
	} else if err != nil {
		return line, err
	}
	defer file.Close()
	text, from, err := tail(file)
	if err != nil {
		return line, err
	}
	end := bytes.LastIndexByte(text, '\n') + 1
	if rest := text[end:]; json.Valid(rest) {
		if _, err = file.WriteString("\n"); err == nil {
			err = file.Sync()
		}
		return line, errors.Join(err, json.Unmarshal(rest, &line))
	} else if len(rest) > 0 {
		err = file.Truncate(from + int64(end))
	}
	if end > 0 && err == nil {
		start := bytes.LastIndexByte(text[:end-1], '\n') + 1
		_ = json.Unmarshal(text[start:end], &line) // what is no line of ours began nothing
	}
	return line, err
}

// tail returns the end of a file, with at least a whole line if it has one, and
// where it begins.
func tail(file *os.File) (text []byte, from int64, err error) {
	info, err := file.Stat()
	for length := int64(64 << 10); err == nil; length *= 8 {
		from = max(info.Size()-length, 0)
		text = make([]byte, info.Size()-from)
		if _, err = file.ReadAt(text, from); from == 0 || bytes.Count(text, []byte("\n")) > 1 {
			break
		}
	}
	return text, from, err
}
