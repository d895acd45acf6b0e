package editing

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Open opens the folder of documents, for reading beside them too. It follows
// links only as far as the operator's root.
func (f *Folder) Open() (*os.Root, error) {
	outer := f.Root
	if outer == "" {
		outer = f.Dir
	}
	outer, err := filepath.EvalSymlinks(outer)
	if err != nil {
		return nil, fmt.Errorf("the operator's folder for documents cannot be read: %w", cause(err))
	}
	dir, err := filepath.EvalSymlinks(f.Dir)
	if err != nil {
		return nil, fmt.Errorf("the folder of documents cannot be read: %w", cause(err))
	}
	relative, err := filepath.Rel(outer, dir)
	if err != nil || !filepath.IsLocal(relative) {
		return nil, refuse(ReadOnly, "the folder of documents leads out of the folder that the operator has set aside for documents")
	}
	root, err := os.OpenRoot(outer)
	if err != nil {
		return nil, fmt.Errorf("the operator's folder for documents cannot be read: %w", cause(err))
	}
	defer root.Close()
	return root.OpenRoot(relative)
}

// Writable returns why the document in the file (relative, with slashes) could
// not be replaced, or with "new.yaml" why none could be added; nil when it could.
func (f *Folder) Writable(file string) error {
	root, err := f.Open()
	if err != nil {
		return err
	}
	defer root.Close()
	return writable(root, file)
}

// writable refuses files that cannot be replaced, or should not: a link is how
// a mounted ConfigMap or a synchronised checkout shows its files, and what is
// written there is gone with the next update.
func writable(root *os.Root, file string) error {
	for at := file; at != "."; at = path.Dir(at) {
		info, err := root.Lstat(at)
		switch {
		case os.IsNotExist(err) && at == file:
		case err != nil:
			return refuse(ReadOnly, "%s cannot be written: %v", at, cause(err))
		case info.Mode()&fs.ModeSymlink != 0:
			return refuse(ReadOnly, "%s cannot be changed here: %s is a link, as in a mounted ConfigMap; change the documents where they come from", file, at)
		}
	}
	if err := mayWrite(filepath.Join(root.Name(), filepath.FromSlash(path.Dir(file)))); err != nil {
		return readOnly(file, err)
	}
	return nil
}

func readOnly(file string, err error) error {
	return refuse(ReadOnly, "%s cannot be changed here: the folder of documents is read-only (%v); change the documents where they come from",
		file, cause(err))
}

// notWritten tells a file system that refuses from one that fails.
func notWritten(file string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return readOnly(file, err)
	}
	return fmt.Errorf("%s is not written: %w", file, cause(err))
}

// ExistsError says that a file which was to be kept is there already: somebody else
// was first.
type ExistsError struct{ File string }

// Error names the file.
func (e *ExistsError) Error() string { return e.File + " is there already, and is never overwritten" }

// Keep writes a new file beside the documents that is never changed again. When
// several try, one succeeds, and the others get an [ExistsError]; a crash at
// any point leaves the whole file or none. The audit log has the login, the
// action and what the file is.
func (f *Folder) Keep(login, action string, id catalog.ID, file string, text []byte) error {
	writing.Lock()
	defer writing.Unlock()
	root, err := f.Open()
	if err != nil {
		return err
	}
	defer root.Close()
	if err := makeFolders(root, path.Dir(file)); err != nil {
		return notWritten(file, err)
	}
	if err := writable(root, file); err != nil {
		return err
	}
	return f.apply(root, login, change{action: action, id: id, file: file, new: text, after: document.Hash(text), once: true})
}

// makeFolders makes a folder and those above it. A link is not followed: what
// is written below it would lie elsewhere.
func makeFolders(root *os.Root, dir string) error {
	if dir == "." {
		return nil
	}
	if err := makeFolders(root, path.Dir(dir)); err != nil {
		return err
	}
	err := root.Mkdir(dir, 0o755)
	if err == nil {
		syncFolder(root, path.Dir(dir))
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// apply writes the change: the new file beside the old one, the line of the
// audit log, then one file in place of the other.
func (f *Folder) apply(root *os.Root, login string, c change) error {
	temporary, err := f.prepare(root, c)
	if err != nil {
		return notWritten(c.file, err)
	}
	defer func() { _ = root.Remove(temporary) }() // gone already when all went well
	if err := f.unchanged(root, c); err != nil {
		return err
	}
	if err := f.audit(root, login, c, nil); err != nil {
		return notWritten(AuditLog, err)
	}
	if err := f.replace(root, c, temporary); err != nil {
		_ = f.audit(root, login, c, err) // the disk may be what is wrong
		if c.once && errors.Is(err, fs.ErrExist) {
			return &ExistsError{c.file}
		}
		return notWritten(c.file, err)
	}
	return nil
}

// prepare writes the new text to a file that nobody reads, and makes sure that
// it is on the disk.
func (f *Folder) prepare(root *os.Root, c change) (name string, err error) {
	name = path.Join(path.Dir(c.file), ".accord-"+rand.Text()[:12]+".tmp")
	if c.new == nil {
		return name, nil
	}
	mode := fs.FileMode(0o644)
	if info, err := root.Stat(c.file); err == nil {
		mode = info.Mode().Perm()
	}
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return name, err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			_ = root.Remove(name)
		}
	}()
	if c.old.text != nil { // the mode of the old file, whatever the umask is
		if err := file.Chmod(mode); err != nil {
			return name, err
		}
	}
	if _, err := file.Write(c.new); err != nil {
		return name, err
	}
	if err := f.step("written"); err != nil {
		return name, err
	}
	return name, file.Sync()
}

// unchanged checks that the file is still the one that the change was made
// from: another process may write too.
func (f *Folder) unchanged(root *os.Root, c change) error {
	if err := f.step("check"); err != nil {
		return err
	}
	if _, err := root.Lstat(c.file); c.once && err == nil {
		return &ExistsError{c.file}
	}
	now, err := root.ReadFile(c.file)
	switch {
	case os.IsNotExist(err) && c.old.text == nil:
		return nil
	case err == nil && c.old.text != nil && bytes.Equal(now, c.old.text):
		return nil
	case err != nil && !os.IsNotExist(err):
		return fmt.Errorf("%s cannot be read: %w", c.file, cause(err))
	}
	return refuse(Changed, "%s has changed while it was to be written: read %s %s again", c.file, c.id.Kind, c.id.Name)
}

// replace gives the written file its name. One that must not be there yet gets
// it as a second name, since a rename would replace whatever is there.
func (f *Folder) replace(root *os.Root, c change, temporary string) error {
	err := f.step("replace")
	switch {
	case err != nil:
	case c.new == nil:
		err = root.Remove(c.file)
	case c.once:
		err = root.Link(temporary, c.file)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("the file system has no hard links, which keep one of two from overwriting the other: %w", cause(err))
		}
	default:
		err = root.Rename(temporary, c.file)
	}
	if err == nil {
		syncFolder(root, path.Dir(c.file))
	}
	return err
}

// syncFolder makes sure that the new name is on the disk. Not every system can
// do that, and the change is made all the same.
func syncFolder(root *os.Root, dir string) {
	if opened, err := root.Open(dir); err == nil {
		_ = opened.Sync()
		_ = opened.Close()
	}
}

// AuditLog is the file in the folder of documents that records every change, one
// JSON object a line. It begins with a dot, so it is never read as a document.
const AuditLog = ".accord-audit.jsonl"

// auditEntry is one line of the audit log.
type auditEntry struct {
	Time   time.Time `json:"time"`
	Login  string    `json:"login"`
	Action string    `json:"action"`
	catalog.ID
	File string `json:"file"`
	// Before and After are hashes of the document; empty where there is none.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Failed is why a change that was recorded was not made after all.
	Failed string `json:"failed,omitempty"`
}

// audit adds a line, and makes sure that it is on the disk. A change is recorded
// before it is made, so that none goes without; one that fails then is recorded
// again with the reason.
func (f *Folder) audit(root *os.Root, login string, c change, failed error) error {
	line := auditEntry{Time: f.Now().UTC(), Login: login, Action: c.action, ID: c.id, File: c.file, Before: c.before, After: c.after}
	if failed != nil {
		line.Failed = cause(failed).Error()
	} else if err := f.step("audit"); err != nil {
		return err
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	file, err := root.OpenFile(AuditLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	if _, err = file.Write(append(text, '\n')); err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (f *Folder) step(name string) error {
	if f.interrupt == nil {
		return nil
	}
	return f.interrupt(name)
}

// cause returns an error without the operation and path, which the message has.
func cause(err error) error {
	if err = catalog.Cause(err); strings.Contains(err.Error(), "escapes") {
		return errors.New("it leads out of the folder of documents")
	}
	return err
}
