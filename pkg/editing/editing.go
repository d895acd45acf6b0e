// Package editing changes the documents of a folder safely, one at a time or
// several new ones together: only the document's own lines in its file are
// replaced, everything else in the file stays byte for byte.
//
// A change is made only when the folder with it has no new errors, when the
// document is still what its writer saw, and when each step before could be
// taken: a crash at any point leaves the old or the new file, and of several all or
// none. One process writes at a time, see [catalog.LockFile]. Every change is
// recorded in [AuditLog] beside the documents before it is made, and its end after it.
//
// Who may is judged on the difference that a change makes to the resolved documents: members
// approve and sign for their team, and those of its parties change what makes the figures of an
// active agreement. Nothing leaves the operator's root, also where links lead.
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

// Typed is the name of a proposed text in places and problems.
const Typed = "document.yaml"

// Folder is a folder of documents that may be changed. It is safe for
// concurrent use, also where several are the same folder.
type Folder struct {
	// Root is the folder of the operator in which Dir must lie, also by links; empty: Dir itself.
	Root string
	// Dir is the folder of documents.
	Dir string
	// Live keeps the folder's catalog in memory; nil where no document is changed.
	Live *catalog.Live
	// Now is the clock of the audit log.
	Now func() time.Time
	// interrupt fails a step of writing, in tests.
	interrupt func(step string) error
}

// Document is one as it stands in its file.
type Document struct {
	catalog.Listed
	// Text is the document by itself, with line feeds.
	Text []byte
}

// Condition is what the writer knows of the document: either Hash or New.
type Condition struct {
	// Hash is the one with which the document may be replaced or deleted.
	Hash string
	// New says that there must be no such document yet.
	New bool
}

// Reason is why a change is refused.
type Reason string

// The reasons.
const (
	Absent        Reason = "absent"        // there is no such document
	Unreadable    Reason = "unreadable"    // there may be such a document in a file that cannot be read
	Changed       Reason = "changed"       // the condition does not hold
	Unconditional Reason = "unconditional" // no condition was given
	ReadOnly      Reason = "readOnly"      // the file or the folder cannot be written
	Invalid       Reason = "invalid"       // the text is no such document, or has errors
	Forbidden     Reason = "forbidden"     // it takes a member of a team
	Exists        Reason = "exists"        // a file that was to be kept is there: somebody else was first
)

// Refusal is a change that was not made. Nothing was written.
type Refusal struct {
	Reason  Reason
	Message string
	// Problems are what is wrong with an invalid document.
	Problems []problem.Problem
	// Hash is that of a document that has changed, as it is now.
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

// Read returns a document of the catalog as its file, which alone is read, has it now.
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

// lookUp finds a listed document in its file. Only one that means the same by itself is read.
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
	case listed.Hash == "": // another document carries it
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

// absent says that the catalog has no such document, or where one may stand all
// the same: in a file that cannot be read, or has the name in a part that cannot.
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
