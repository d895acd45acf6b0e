package editing

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

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
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()
	if err := makeFolders(root, path.Dir(file)); err != nil {
		return readOnly(file, err)
	}
	if err := writable(root, file); err != nil {
		return err
	}
	if _, err := root.Lstat(file); err == nil {
		return &ExistsError{file}
	}
	c := change{action: action, id: id, file: file, new: text, after: document.Hash(text)}
	temporary, err := f.prepare(root, c)
	if err != nil {
		return readOnly(file, err)
	}
	defer func() { _ = root.Remove(temporary) }()
	if err := f.note(root, login, c, nil); err != nil {
		return readOnly(AuditLog, err)
	}
	if err := f.claim(root, file, temporary); err != nil {
		_ = f.note(root, login, c, err) // the disk may be what is wrong
		if errors.Is(err, fs.ErrExist) {
			return &ExistsError{file}
		}
		return readOnly(file, err)
	}
	return nil
}

// claim gives the written file its name, unless that is taken: a second name,
// as a rename would take the place of whatever is there.
func (f *Folder) claim(root *os.Root, file, temporary string) error {
	if err := f.step("claim"); err != nil {
		return err
	}
	if err := root.Link(temporary, file); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		return fmt.Errorf("the file system has no hard links, which keep one of two from overwriting the other: %w", err)
	}
	syncFolder(root, path.Dir(file))
	return nil
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

// Open opens the folder of documents for reading beside them. Nothing outside
// the operator's root can be reached in it.
func (f *Folder) Open() (*os.Root, error) { return f.open() }
