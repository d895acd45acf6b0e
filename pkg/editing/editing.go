// Package editing changes the documents of a folder safely, one at a time or several new ones together:
// only the document's own lines in its file are replaced, and the rest of the file stays the same byte
// for byte.
//
// A change is made only if it adds no errors to the folder, if the document is still what its writer
// saw, and if each earlier step succeeded: a crash at any point leaves the old or the new file, and of
// several all or none. One process writes at a time, see [catalog.LockFile]. Every change is recorded
// in [AuditLog] beside the documents before it is made, and again when it has ended.
//
// Permissions depend on how a change affects the resolved documents: members approve and sign for their
// team, and members of its parties change what determines the figures of an agreement that is active or
// retired. Nothing outside the operator's root is accessed, even through links.
package editing

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/problem"
)

// Folder is a folder of documents that may be changed. It is safe for concurrent use, even if several
// values refer to the same folder.
type Folder struct {
	// Root is the operator's folder that must contain Dir, with links resolved; empty means Dir itself.
	Root string
	// Dir is the folder of documents.
	Dir string
	// Live holds the folder's catalog in memory; nil if no document is changed.
	Live *catalog.Live
	// Now is the clock of the audit log.
	Now func() time.Time
	// interrupt fails a step of writing, in tests.
	interrupt func(step string) error
}

// Document is a document as it is in its file.
type Document struct {
	catalog.Listed
	// Text is the document by itself, with LF line ends.
	Text []byte
}

// Condition is what the writer knows of the document: either Hash or New.
type Condition struct {
	// Hash is the hash that the document must have to be replaced or deleted.
	Hash string
	// New requires that there is no such document yet.
	New bool
}

// Reason is why a change is refused.
type Reason string

// The reasons of a [Refusal].
const (
	Absent        Reason = "absent"        // there is no such document
	Unreadable    Reason = "unreadable"    // there may be such a document in a file that cannot be read
	Changed       Reason = "changed"       // the condition does not hold
	Unconditional Reason = "unconditional" // no condition was given
	ReadOnly      Reason = "readOnly"      // the file or the folder cannot be written
	Invalid       Reason = "invalid"       // the text is not such a document, or has errors
	Forbidden     Reason = "forbidden"     // only a member of a team may do it
	Exists        Reason = "exists"        // the file exists already, and must not be overwritten
)

// Refusal is the error of a change that was not made. Nothing was written.
type Refusal struct {
	Reason  Reason
	Message string
	// Problems are the errors of an invalid document, or the refused documents of several.
	Problems []problem.Problem
	// Hash is the current hash of a document that has changed.
	Hash string
}

// Error returns the message.
func (r *Refusal) Error() string { return r.Message }

func refuse(reason Reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// IsRefused reports whether err is a [Refusal] for the reason.
func IsRefused(err error, reason Reason) bool {
	r, ok := errors.AsType[*Refusal](err)
	return ok && r.Reason == reason
}

// Read returns a document of the catalog as it is in its file now; only that file is read.
func (f *Folder) Read(c *catalog.Catalog, id catalog.ID) (*Document, error) {
	root, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	listed, ok := c.Find(id)
	if !ok {
		return nil, f.absent(root, c, id)
	}
	found, err := f.lookUp(root, listed)
	if err != nil {
		return nil, err
	}
	listed.Hash = found.Before
	return &Document{Listed: listed, Text: found.text}, nil
}

// lookUp finds a listed document in its file. It refuses one that does not mean the same by
// itself.
func (f *Folder) lookUp(root *os.Root, listed catalog.Listed) (change, error) {
	text, err := f.readFile(root, listed.File)
	if errors.Is(err, fs.ErrNotExist) {
		return change{}, moved(listed)
	}
	if err != nil {
		return change{}, fmt.Errorf("%s cannot be read: %w", listed.File, catalog.Cause(err))
	}
	c := change{auditEntry: auditEntry{Action: "change", ID: listed.ID, File: listed.File},
		old: parse(text)}
	switch c.index = c.old.find(listed.ID); {
	case c.index >= 0:
		c.text, err = c.old.read(c.index)
	case listed.Hash == "": // it is embedded in another document
		err = ErrShared
	default:
		return c, moved(listed)
	}
	if err != nil {
		return c, refuse(ReadOnly, "%s %s in %s:%d %v", listed.Kind, listed.Name, listed.File, listed.Line, err)
	}
	c.Before = document.Hash(c.old.own(c.index))
	return c, nil
}

func moved(listed catalog.Listed) *Refusal {
	return refuse(Changed, "%s %s is no longer in %s: read it again", listed.Kind, listed.Name, listed.File)
}

// absent returns that the catalog has no such document, or which unread file may contain it: one that
// still cannot be read, or that contains the name.
func (f *Folder) absent(root *os.Root, c *catalog.Catalog, id catalog.ID) *Refusal {
	for _, file := range c.Unread {
		if text, err := f.readFile(root, file); err != nil || bytes.Contains(text, []byte(id.Name)) {
			return refuse(Unreadable, "%s %s may stand in %s, which cannot be read: mend or remove that file first", id.Kind, id.Name, file)
		}
	}
	var names []string
	for _, l := range c.Listed {
		if l.Kind == id.Kind {
			names = append(names, l.Name)
		}
	}
	return refuse(Absent, "there is no %s %q%s", id.Kind, id.Name, problem.DidYouMean(id.Name, names))
}
