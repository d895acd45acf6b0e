package httpapi

import (
	"bytes"
	"context"
	"net/http"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
)

// DocumentList is what stands in the folder, and what of it may be changed by
// whoever asks.
type DocumentList struct {
	// MayPropose says that whoever asks may have previews, and write where the
	// folder can be written.
	MayPropose bool `json:"mayPropose"`
	// Writable says that a new document may be added, Reason why not.
	Writable  bool            `json:"writable"`
	Reason    string          `json:"reason,omitempty"`
	Documents []DocumentEntry `json:"documents"`
}

// DocumentEntry is a document in its file, with errors or without.
type DocumentEntry struct {
	catalog.ID
	File string `json:"file"`
	Line int    `json:"line"`
	// Hash is what If-Match takes; empty for a document that cannot be changed
	// alone.
	Hash string `json:"hash"`
	// Writable says that it may be changed, Reason why not.
	Writable bool   `json:"writable"`
	Reason   string `json:"reason,omitempty"`
}

func newDocumentEntry(l catalog.Listed, readOnly error) DocumentEntry {
	entry := DocumentEntry{ID: l.ID, File: l.File, Line: l.Line, Hash: l.Hash, Writable: readOnly == nil}
	if readOnly != nil {
		entry.Reason = readOnly.Error()
	}
	return entry
}

// documents answers from the folder of documents, and changes it.
type documents struct {
	folder  *editing.Folder
	changed func(context.Context)
	users   users
}

// newFile stands for a file that is not there yet: whether it could be written
// says whether the folder can.
const newFile = "new.yaml"

func (d documents) list(r *http.Request, c *catalog.Catalog) (any, error) {
	_, forbidden := d.users.editor(r.Context())
	files := map[string]error{}
	readOnly := func(file string) error {
		if forbidden != nil {
			return forbidden
		}
		reason, known := files[file]
		if !known {
			reason = d.folder.Writable(file)
			files[file] = reason
		}
		return reason
	}
	list := DocumentList{MayPropose: forbidden == nil, Documents: make([]DocumentEntry, 0, len(c.Listed))}
	if reason := readOnly(newFile); reason != nil {
		list.Reason = reason.Error()
	}
	list.Writable = list.Reason == ""
	for _, l := range c.Listed {
		reason := readOnly(l.File)
		if reason == nil && l.Hash == "" {
			reason = editing.ErrShared
		}
		list.Documents = append(list.Documents, newDocumentEntry(l, reason))
	}
	return list, nil
}

// inPath is the document that the path names. The name may hold slashes, which
// Grafana hands on as such.
func inPath(r *http.Request) catalog.ID {
	return catalog.ID{Kind: r.PathValue("kind"), Name: r.PathValue("name")}
}

// read answers with the document as it stands, and its hash. What is secret in
// it is for those who may write.
func (d documents) read(r *http.Request, c *catalog.Catalog) (any, error) {
	document, err := d.folder.Read(c, inPath(r))
	if err != nil {
		return nil, err
	}
	text := document.Text
	if _, forbidden := d.users.editor(r.Context()); forbidden != nil {
		if text, err = catalog.WithoutSecrets(text); err != nil {
			return nil, err
		}
	}
	answer := response{header: etag(document.Hash), text: text}
	answer.header["Content-Type"] = "application/yaml; charset=utf-8"
	return answer, nil
}

func (d documents) put(r *http.Request) (any, error) {
	user, err := d.users.editor(r.Context())
	if err != nil {
		return nil, err
	}
	when, err := condition(r, user)
	if err != nil {
		return nil, err
	}
	text, err := readYAML(r)
	if err != nil {
		return nil, err
	}
	put, err := d.folder.Put(r.Context(), user.Login, inPath(r), text, when)
	if err != nil {
		return nil, err
	}
	d.changed(r.Context())
	answer := response{header: etag(put.Hash), value: newDocumentEntry(put.Listed, nil)}
	if when.New {
		answer.status = http.StatusCreated
	}
	return answer, nil
}

// Change is a file as it is and as it would be, for a pull request.
type Change struct {
	File string `json:"file"`
	// Before is null when there is no such file yet.
	Before *string `json:"before"`
	After  string  `json:"after"`
}

// change makes the change in the body without keeping it. Whoever reads the
// documents may: a pull request is reviewed elsewhere.
func (d documents) change(r *http.Request, c *catalog.Catalog) (any, error) {
	text, err := readYAML(r)
	if err != nil {
		return nil, err
	}
	tried, err := d.folder.Try(c, inPath(r), text)
	if err != nil {
		return nil, err
	}
	if _, forbidden := d.users.editor(r.Context()); forbidden != nil {
		if shown, err := catalog.WithoutSecrets(tried.Before); err != nil || !bytes.Equal(shown, tried.Before) {
			return nil, refuse(http.StatusForbidden, "%s holds what only those who may write see, such as addresses of contacts: make the change in the file itself, or ask an Editor",
				tried.File)
		}
	}
	change := Change{File: tried.File, After: string(tried.After)}
	if tried.Before != nil {
		change.Before = new(string(tried.Before))
	}
	return change, nil
}

func (d documents) delete(r *http.Request) (any, error) {
	user, err := d.users.editor(r.Context())
	if err != nil {
		return nil, err
	}
	when, err := condition(r, user)
	if err != nil {
		return nil, err
	}
	if err := d.folder.Delete(r.Context(), user.Login, inPath(r), when); err != nil {
		return nil, err
	}
	d.changed(r.Context())
	return response{status: http.StatusNoContent}, nil
}
