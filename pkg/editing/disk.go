package editing

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Open opens the folder of documents. Links that lead out of the operator's root are refused.
func (f *Folder) Open() (*os.Root, error) {
	outer, err := filepath.EvalSymlinks(cmp.Or(f.Root, f.Dir))
	if err != nil {
		return nil, fmt.Errorf("the operator's folder for documents cannot be read: %w", catalog.Cause(err))
	}
	dir, err := filepath.EvalSymlinks(f.Dir)
	if err != nil {
		return nil, fmt.Errorf("the folder of documents cannot be read: %w", catalog.Cause(err))
	}
	relative, err := filepath.Rel(outer, dir)
	if err != nil || !filepath.IsLocal(relative) {
		return nil, refuse(ReadOnly, "the folder of documents leads out of the folder that the operator has set aside for documents")
	}
	root, err := os.OpenRoot(outer)
	if err != nil {
		return nil, fmt.Errorf("the operator's folder for documents cannot be read: %w", catalog.Cause(err))
	}
	defer root.Close()
	return root.OpenRoot(relative)
}

// Writable returns why a file (relative, with slashes) could not be replaced or, if it does not exist,
// created; nil if it could.
func (f *Folder) Writable(file string) error {
	root, err := f.Open()
	if err != nil {
		return err
	}
	defer root.Close()
	return writable(root, file)
}

// writable refuses files that cannot be replaced, and links, as in a mounted ConfigMap or a
// synchronized checkout, where the next update would undo the change.
func writable(root *os.Root, file string) error {
	for at := file; at != "."; at = path.Dir(at) {
		info, err := root.Lstat(at)
		switch {
		case os.IsNotExist(err) && at == file:
		case err != nil:
			return refuse(ReadOnly, "%s cannot be written: %v", at, catalog.Cause(err))
		case info.Mode()&fs.ModeSymlink != 0:
			return refuse(ReadOnly, "%s cannot be changed here: %s is a link, as in a mounted ConfigMap; change the documents where they come from", file, at)
		}
	}
	if err := mayWrite(filepath.Join(root.Name(), filepath.FromSlash(path.Dir(file)))); err != nil {
		return readOnly(file, err)
	}
	return nil
}

// readFile reads a regular file of at most [document.MaxFolderBytes].
func (f *Folder) readFile(root *os.Root, name string) ([]byte, error) {
	file, err := catalog.OpenRegular(root, name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, document.MaxFolderBytes+1))
	if len(text) > document.MaxFolderBytes {
		err = fmt.Errorf("it has more than %d bytes, which is the limit", document.MaxFolderBytes)
	}
	return text, err
}

func readOnly(file string, err error) error {
	return refuse(ReadOnly, "%s cannot be changed here: the folder of documents is read-only (%v); change the documents where they come from",
		file, catalog.Cause(err))
}

// notWritten returns a [Refusal] if the file system does not allow writing, else an error.
func notWritten(file string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return readOnly(file, err)
	}
	return fmt.Errorf("%s is not written: %w", file, catalog.Cause(err))
}

func exists(file string) *Refusal {
	return refuse(Exists, "%s is there already, and is never overwritten", file)
}

// Keep writes a new file beside the documents that is never changed again. If several callers try, one
// succeeds and the others are refused with [Exists]; a crash leaves the whole file or none.
func (f *Folder) Keep(ctx context.Context, login, action string, id catalog.ID, file string, text []byte) error {
	root, unlock, err := f.lock(ctx, file)
	if err != nil {
		return err
	}
	defer unlock()
	if err := makeFolders(root, path.Dir(file)); err != nil {
		return notWritten(file, err)
	}
	if err := writable(root, file); err != nil {
		return err
	}
	kept := auditEntry{Action: action, ID: id, File: file, After: document.Hash(text)}
	return f.apply(root, login, change{auditEntry: kept, new: text, once: true})
}

// makeFolders creates a folder and its parents, within root.
func makeFolders(root *os.Root, dir string) error {
	if _, err := root.Stat(dir); err == nil {
		return nil
	}
	err := root.MkdirAll(dir, 0o755)
	for at := dir; at != "."; at = path.Dir(at) {
		syncFolder(root, path.Dir(at))
	}
	return err
}

// apply makes all changes or none: it records them in the audit log, writes each new file beside the
// old one, renames all of them, and records the end. Several changes are always new files, which can be
// removed again.
func (f *Folder) apply(root *os.Root, login string, changes ...change) error {
	if err := f.unchanged(root, changes); err != nil {
		return err
	}
	for i := range changes {
		changes[i].Change, changes[i].State, changes[i].Login = rand.Text()[:12], begun, login
	}
	if err := f.record(root, changes); err != nil {
		return notWritten(AuditLog, err)
	}
	err := f.write(root, changes)
	for i := range changes {
		if changes[i].State = made; err != nil {
			changes[i].State, changes[i].Failed = failed, err.Error()
		}
	}
	if ended := f.record(root, changes); ended != nil { // the next writer records it
		slog.Warn("The end of a change is not in the audit log yet", "file", changes[0].File, "state", changes[0].State, "error", catalog.Cause(ended))
	}
	return err
}

func (f *Folder) write(root *os.Root, changes []change) error {
	for _, c := range changes {
		defer func() { _ = root.Remove(c.temporary()) }() // already gone on success
		if c.new == nil {
			continue
		}
		if err := cmp.Or(writeBeside(root, c.File, c.temporary(), c.new, 0o644), f.step("written")); err != nil {
			return notWritten(c.File, err)
		}
	}
	if err := f.step("check"); err != nil {
		return notWritten(changes[0].File, err)
	}
	if err := f.unchanged(root, changes); err != nil {
		return err
	}
	for i, c := range changes {
		err := f.replace(root, c)
		if err == nil {
			continue
		}
		if c.once && errors.Is(err, fs.ErrExist) {
			return exists(c.File)
		}
		err = notWritten(c.File, err)
		for _, made := range changes[:i] {
			if left := root.Remove(made.File); left != nil {
				err = fmt.Errorf("%w; %s is written, and cannot be taken back: %w", err, made.File, catalog.Cause(left))
			}
		}
		return err
	}
	return nil
}

// writeBeside writes the text to a temporary file that will replace name, and syncs it. It has the mode of that file,
// regardless of the umask, or mode if there is none.
func writeBeside(root *os.Root, name, temporary string, text []byte, mode fs.FileMode) error {
	old, missing := root.Stat(name)
	if missing == nil {
		mode = old.Mode().Perm()
	}
	file, err := root.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if missing == nil {
		err = file.Chmod(mode)
	}
	if err == nil {
		_, err = file.Write(text)
	}
	return errors.Join(err, file.Sync(), file.Close())
}

// ReplaceFile replaces a file atomically, or creates it with mode: readers see the old or the new text,
// even if several processes replace it at the same time.
func ReplaceFile(root *os.Root, name string, text []byte, mode fs.FileMode) error {
	err := replaceFile(root, name, text, mode)
	if errors.Is(err, fs.ErrNotExist) { // a process that starts may have removed the temporary file, see Recover
		return replaceFile(root, name, text, mode)
	}
	return err
}

func replaceFile(root *os.Root, name string, text []byte, mode fs.FileMode) error {
	temporary := path.Join(path.Dir(name), temporaryName(rand.Text()))
	defer func() { _ = root.Remove(temporary) }() // already gone on success
	if err := writeBeside(root, name, temporary, text, mode); err != nil {
		return err
	}
	return root.Rename(temporary, name)
}

// unchanged checks that no program that ignores the lock has written the files since they were read.
func (f *Folder) unchanged(root *os.Root, changes []change) error {
	for _, c := range changes {
		if _, err := root.Lstat(c.File); c.once && err == nil {
			return exists(c.File)
		}
		now, err := f.readFile(root, c.File)
		switch {
		case errors.Is(err, fs.ErrNotExist) && c.old.text == nil:
		case err == nil && c.old.text != nil && bytes.Equal(now, c.old.text):
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s cannot be read: %w", c.File, catalog.Cause(err))
		default:
			return refuse(Changed, "%s has changed while it was to be written: read %s %s again", c.File, c.Kind, c.Name)
		}
	}
	return nil
}

// replace moves the prepared file into place, or links it where nothing may be overwritten.
func (f *Folder) replace(root *os.Root, c change) error {
	err := f.step("replace")
	switch {
	case err != nil:
	case c.new == nil:
		err = root.Remove(c.File)
	case c.once:
		err = root.Link(c.temporary(), c.File)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("the file system has no hard links, which keep one of two from overwriting the other: %w", catalog.Cause(err))
		}
	default:
		err = root.Rename(c.temporary(), c.File)
	}
	if err == nil {
		syncFolder(root, path.Dir(c.File))
	}
	return err
}

// syncFolder syncs the new name to disk, on systems that support it.
func syncFolder(root *os.Root, dir string) {
	if opened, err := root.Open(dir); err == nil {
		_ = opened.Sync()
		_ = opened.Close()
	}
}

func (f *Folder) step(name string) error {
	if f.interrupt == nil {
		return nil
	}
	return f.interrupt(name)
}
