package editing

import (
	"context"
	"fmt"
	"path"

	"github.com/accord-sla/accord/pkg/catalog"
)

// Tried is a file as it is and as it would be with a document in it.
type Tried struct {
	// File is relative to the folder, with slashes.
	File string
	// Before is nil when there is no such file yet.
	Before, After []byte
}

// Try makes the change that [Folder.Put] would, and keeps nothing: for those
// who make it elsewhere, as in a pull request. The file may be read-only, and
// the document may have errors that are found only with the others.
func (f *Folder) Try(ctx context.Context, id catalog.ID, typed []byte) (*Tried, error) {
	text, wanted, err := proposal(typed, f.Options.Limits)
	if err == nil && (wanted.Kind != id.Kind || wanted.Name != id.Name) {
		err = fmt.Errorf("the text is %s %q, and %s %q was to be tried", wanted.Kind, wanted.Name, id.Kind, id.Name)
	}
	if err != nil {
		return nil, refuse(Invalid, "%v", err)
	}
	c, err := catalog.Load(ctx, f.Dir, f.Options)
	if err != nil {
		return nil, err
	}
	root, err := f.open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	h, i, file := held{}, -1, path.Join(c.Home(id.Kind), fileName(id)+".yaml")
	if listed, there := c.Find(id); there {
		file = listed.File
		if h, i, err = f.lookUp(root, listed); err != nil {
			return nil, err
		}
		if _, err := h.read(i, f.Options.Limits); err != nil {
			return nil, refuse(ReadOnly, "%s %s %v", id.Kind, id.Name, err)
		}
	}
	made, err := h.with(i, text, wanted, f.Options.Limits)
	if err != nil {
		return nil, refuse(Invalid, "%v", err)
	}
	return &Tried{File: file, Before: h.text, After: made.text}, nil
}
