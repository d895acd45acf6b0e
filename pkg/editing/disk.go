package editing

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// open opens the folder of documents. It follows links only as far as the
// operator's root.
func (f *Folder) open() (*os.Root, error) {
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

// writable refuses files that cannot be replaced, or should not: a link is how
// a mounted ConfigMap or a synchronised checkout shows its files, and what is
// written there is gone with the next swap.
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
	dir := path.Dir(file)
	if err := mayWrite(filepath.Join(root.Name(), filepath.FromSlash(dir))); err != nil {
		return refuse(ReadOnly, "%s cannot be changed here: the folder of documents is read-only (%v); change the documents where they come from", file, cause(err))
	}
	return nil
}

// Writable is why the document in the file (relative, with slashes) could not
// be replaced, or with "new.yaml" why none could be added; nil when it could.
func (f *Folder) Writable(file string) error {
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()
	return writable(root, file)
}

// carryOut writes the change: first the note in the audit log, then the new file
// beside the old one, then one in place of the other.
func (f *Folder) carryOut(root *os.Root, login string, c change) error {
	temporary, err := f.prepare(root, c)
	if err != nil {
		return readOnly(c.file, err)
	}
	defer func() { _ = root.Remove(temporary) }() // gone already when all went well
	if err := f.unchanged(root, c); err != nil {
		return err
	}
	if err := f.note(root, login, c, nil); err != nil {
		return readOnly(AuditLog, err)
	}
	if err := f.swap(root, c, temporary); err != nil {
		_ = f.note(root, login, c, err) // the disk may be what is wrong
		return readOnly(c.file, err)
	}
	return nil
}

// readOnly tells a file system that refuses from one that fails.
func readOnly(file string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return refuse(ReadOnly, "%s cannot be changed here: the folder of documents is read-only (%v); change the documents where they come from", file, cause(err))
	}
	return fmt.Errorf("%s is not written: %w", file, cause(err))
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
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			_ = root.Remove(name)
		}
	}()
	if c.old != nil { // the mode of the old file, whatever the umask is
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
	now, err := root.ReadFile(c.file)
	switch {
	case os.IsNotExist(err) && c.old == nil:
		return nil
	case err == nil && c.old != nil && bytes.Equal(now, c.old):
		return nil
	case err != nil && !os.IsNotExist(err):
		return fmt.Errorf("%s cannot be read: %w", c.file, cause(err))
	}
	return refuse(Changed, "%s has changed while it was to be written: read %s %s again", c.file, c.id.Kind, c.id.Name)
}

func (f *Folder) swap(root *os.Root, c change, temporary string) error {
	if err := f.step("swap"); err != nil {
		return err
	}
	var err error
	if c.new == nil {
		err = root.Remove(c.file)
	} else {
		err = root.Rename(temporary, c.file)
	}
	if err != nil {
		return err
	}
	syncFolder(root, path.Dir(c.file))
	return nil
}

// syncFolder makes sure that the new name is on the disk. Not every system can
// do that, and the change is made all the same.
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

// cause is an error without the operation and path, which the message has.
func cause(err error) error {
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &link):
		err = link.Err
	}
	if strings.Contains(err.Error(), "escapes") {
		return errors.New("it leads out of the folder of documents")
	}
	return err
}
