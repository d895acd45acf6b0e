package httpapi

import (
	"net/http"

	"github.com/accord-sla/accord/pkg/agreement"
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

func entryOf(l catalog.Listed, why error) DocumentEntry {
	entry := DocumentEntry{ID: l.ID, File: l.File, Line: l.Line, Hash: l.Hash, Writable: why == nil}
	if why != nil {
		entry.Reason = why.Error()
	}
	return entry
}

func (o Options) documents(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	_, forbidden := o.editor(r.Context())
	files := map[string]error{}
	writable := func(file string) error {
		if forbidden != nil {
			return forbidden
		}
		why, known := files[file]
		if !known {
			why = o.Folder.Writable(file)
			files[file] = why
		}
		return why
	}
	list := DocumentList{MayPropose: forbidden == nil, Documents: make([]DocumentEntry, 0, len(c.Listed))}
	if why := writable("new.yaml"); why != nil {
		list.Reason = why.Error()
	}
	list.Writable = list.Reason == ""
	for _, l := range c.Listed {
		why := writable(l.File)
		if why == nil && l.Hash == "" {
			why = editing.ErrShared
		}
		list.Documents = append(list.Documents, entryOf(l, why))
	}
	return list, nil
}

// inPath is the document that the path names. The name may hold slashes, which
// Grafana hands on as such.
func inPath(r *http.Request) catalog.ID {
	return catalog.ID{Kind: r.PathValue("kind"), Name: r.PathValue("name")}
}

// documentText is a document as it stands, and its hash.
type documentText struct{ *editing.Document }

func (d documentText) respond(w http.ResponseWriter) {
	w.Header().Set("ETag", etag(d.Hash))
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(d.Text) // whoever asked may have gone
}

func (o Options) document(r *http.Request) (any, error) {
	found, err := o.Folder.Read(r.Context(), inPath(r))
	if err != nil {
		return nil, err
	}
	return documentText{found}, nil
}

// written is a document that was written.
type written struct {
	DocumentEntry
	created bool
}

func (d written) respond(w http.ResponseWriter) {
	w.Header().Set("ETag", etag(d.Hash))
	status := http.StatusOK
	if d.created {
		status = http.StatusCreated
	}
	write(w, status, d.DocumentEntry)
}

func (o Options) putDocument(r *http.Request) (any, error) {
	user, err := o.editor(r.Context())
	if err != nil {
		return nil, err
	}
	when, err := condition(r)
	if err != nil {
		return nil, err
	}
	text, err := typed(r)
	if err != nil {
		return nil, err
	}
	when.Allowed = user.allows(inPath(r))
	put, err := o.Folder.Put(r.Context(), user.Login, inPath(r), text, when)
	if err != nil {
		return nil, err
	}
	o.Changed(r.Context())
	return written{entryOf(put.Listed, nil), when.New}, nil
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
func (o Options) change(r *http.Request) (any, error) {
	text, err := typed(r)
	if err != nil {
		return nil, err
	}
	tried, err := o.Folder.Try(r.Context(), inPath(r), text)
	if err != nil {
		return nil, err
	}
	change := Change{File: tried.File, After: string(tried.After)}
	if tried.Before != nil {
		before := string(tried.Before)
		change.Before = &before
	}
	return change, nil
}

// nothing is an answer without a body.
type nothing struct{}

func (nothing) respond(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }

func (o Options) deleteDocument(r *http.Request) (any, error) {
	user, err := o.editor(r.Context())
	if err != nil {
		return nil, err
	}
	when, err := condition(r)
	if err != nil {
		return nil, err
	}
	if err := o.Folder.Delete(r.Context(), user.Login, inPath(r), when); err != nil {
		return nil, err
	}
	o.Changed(r.Context())
	return nothing{}, nil
}

// hashOf is the hash of the document that the agreement, or the SLO that none
// names, was read from.
func hashOf(c *catalog.Catalog, a *agreement.Agreement) string {
	kind := "Agreement"
	if a.Provider == "" {
		kind = "SLO"
	}
	listed, _ := c.Find(catalog.ID{Kind: kind, Name: a.Name})
	return listed.Hash
}
