package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/draft"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// DocumentList is a page of the documents in the folder.
type DocumentList struct {
	Permission
	// Kinds are the values of the filter kind.
	Kinds []Choice `json:"kinds"`
	// Templates are the kinds that a new document can be started from.
	Templates []string `json:"templates"`
	Paging
	Rows []DocumentRow `json:"rows"`
}

// Permission is what the user may do.
type Permission struct {
	// MayPropose is true if the user may preview changes, and write them if the folder is writable.
	MayPropose bool `json:"mayPropose"`
	// Writable is true if the user may write; Reason is why not.
	Writable bool   `json:"writable"`
	Reason   string `json:"reason,omitempty"`
}

// DocumentEntry is a document in its file, with or without errors.
type DocumentEntry struct {
	catalog.ID
	DisplayName string `json:"displayName,omitempty"`
	// File is empty for a document that does not exist yet.
	File string `json:"file"`
	Line int    `json:"line"`
	// Hash is the value for If-Match; empty for a document that cannot be changed on its own, or does
	// not exist yet.
	Hash string `json:"hash"`
	Permission
}

// DocumentRow is a document with its problems.
type DocumentRow struct {
	DocumentEntry
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	// Problem is the first error, else the first warning.
	Problem string `json:"problem,omitempty"`
}

// EditedDocument is a document for its editor.
type EditedDocument struct {
	DocumentEntry
	// Text is the document as it is in its file, or the template of a new one.
	Text string `json:"text"`
}

// newFile stands for a file that does not exist yet: it is writable if the folder is.
const newFile = "new.yaml"

// permission returns what the user may do with a document in a file; with file "", with a new document.
func (h *handlers) permission(ctx context.Context, file, hash string) Permission {
	_, forbidden := h.editor(ctx)
	reason := forbidden
	if reason == nil {
		reason = h.Folder.Writable(cmp.Or(file, newFile))
	}
	if reason == nil && file != "" && hash == "" {
		reason = editing.ErrShared
	}
	p := Permission{MayPropose: forbidden == nil, Writable: reason == nil}
	if reason != nil {
		p.Reason = tables.Sentence(reason.Error())
	}
	return p
}

func (h *handlers) entry(ctx context.Context, l catalog.Listed) DocumentEntry {
	return DocumentEntry{ID: l.ID, DisplayName: l.DisplayName, File: l.File, Line: l.Line, Hash: l.Hash, Permission: h.permission(ctx, l.File, l.Hash)}
}

// kinds are in the order in which their documents are listed.
var kinds = catalog.Kinds()

func byPlace(a, b DocumentRow) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
}

var documentRows = list[DocumentRow]{
	text:    func(d DocumentRow) string { return strings.Join([]string{d.Kind, d.Name, d.DisplayName, d.File}, " ") },
	filters: map[string]func(DocumentRow) []string{"kind": func(d DocumentRow) []string { return []string{d.Kind} }},
	sorts: map[string]order[DocumentRow]{
		"": {compare: func(a, b DocumentRow) int {
			return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Name, b.Name), byPlace(a, b))
		}},
		"kind":        byText(func(d DocumentRow) string { return d.Kind }),
		"displayName": byText(func(d DocumentRow) string { return cmp.Or(d.DisplayName, d.Name) }),
		"name":        byText(func(d DocumentRow) string { return d.Name }),
		"file":        {compare: byPlace},
		// One error is worse than any number of warnings.
		"errors": byFigure(func(d DocumentRow) budget.Figure { return budget.Figure(d.Errors) + budget.Figure(d.Warnings)*1e-6 }),
	},
}

func (h *handlers) listDocuments(r *http.Request, c *catalog.Catalog) (any, error) {
	query := r.URL.Query()
	answer := DocumentList{Permission: h.permission(r.Context(), "", ""), Templates: editing.Templates()}
	problems := map[catalog.ID][]problem.Problem{}
	for _, p := range c.Problems {
		id := catalog.ID{Kind: p.Kind, Name: p.Name}
		problems[id] = append(problems[id], p)
	}
	all := wire.Each(c.Listed, func(l catalog.Listed) DocumentRow {
		row := DocumentRow{DocumentEntry: DocumentEntry{ID: l.ID, DisplayName: l.DisplayName, File: l.File, Line: l.Line, Hash: l.Hash}}
		row.Errors, row.Warnings = problem.Count(problems[l.ID])
		if of := problems[l.ID]; len(of) > 0 {
			first := of[max(0, slices.IndexFunc(of, isError))]
			row.Problem = strings.TrimPrefix(first.Field+": "+first.Message, ": ")
		}
		return row
	})
	answer.Kinds = documentRows.choices(query, all, "kind", func(kind string) string { return kind })
	var err error
	if answer.Rows, answer.Paging, err = documentRows.page(query, all); err != nil {
		return nil, err
	}
	for i := range answer.Rows {
		row := &answer.Rows[i]
		row.Permission = h.permission(r.Context(), row.File, row.Hash)
	}
	return answer, nil
}

func (h *handlers) editDocument(r *http.Request, c *catalog.Catalog) (any, error) {
	found, err := h.document(r, c)
	if err != nil {
		return nil, err
	}
	return EditedDocument{h.entry(r.Context(), found.Listed), string(found.Text)}, nil
}

func (h *handlers) startDocument(r *http.Request) (any, error) {
	kind := r.PathValue("kind")
	text, ok := editing.Template(kind)
	if !ok {
		return nil, Refuse(http.StatusNotFound, "there is no template of the kind %q%s", kind, problem.DidYouMean(kind, editing.Templates()))
	}
	return EditedDocument{h.entry(r.Context(), catalog.Listed{ID: catalog.ID{Kind: kind}}), text}, nil
}

// inPath returns the ID of the document in the path. Grafana passes slashes in names on unescaped.
func inPath(r *http.Request) catalog.ID {
	return catalog.ID{Kind: r.PathValue("kind"), Name: r.PathValue("name")}
}

// document returns the document in the path, without its secrets for users who may not write.
func (h *handlers) document(r *http.Request, c *catalog.Catalog) (*editing.Document, error) {
	found, err := h.Folder.Read(c, inPath(r))
	if err != nil {
		return nil, err
	}
	if _, forbidden := h.editor(r.Context()); forbidden != nil {
		found.Text, err = catalog.WithoutSecrets(found.Text)
	}
	return found, err
}

func (h *handlers) readDocument(r *http.Request, c *catalog.Catalog) (any, error) {
	found, err := h.document(r, c)
	if err != nil {
		return nil, err
	}
	answer := response{header: etag(found.Hash), text: found.Text}
	answer.header["Content-Type"] = "application/yaml; charset=utf-8"
	return answer, nil
}

func (h *handlers) putDocument(r *http.Request, user User) (any, error) {
	when, err := condition(r)
	if err != nil {
		return nil, err
	}
	text, err := readYAML(r)
	if err != nil {
		return nil, err
	}
	put, err := h.Folder.Put(r.Context(), user, when, editing.Text{ID: inPath(r), Text: string(text)})
	if err != nil {
		return nil, err
	}
	h.Changed(r.Context())
	answer := response{header: etag(put[0].Hash), value: h.entry(r.Context(), put[0].Listed)}
	if when.New {
		answer.status = http.StatusCreated
	}
	return answer, nil
}

// NewDocuments is the body of POST documents, with documents as POST draft returns them.
type NewDocuments struct {
	Documents []draft.Document `json:"documents"`
}

// DocumentEntries are the documents that were written.
type DocumentEntries struct {
	Documents []DocumentEntry `json:"documents"`
}

// createDocuments writes several new documents, all of them or none.
func (h *handlers) createDocuments(r *http.Request, user User) (any, error) {
	body, err := decodeBody[NewDocuments](r, maxProposal)
	if err != nil {
		return nil, err
	}
	texts := wire.Each(body.Documents, func(t draft.Document) editing.Text { return editing.Text(t) })
	created, err := h.Folder.Put(r.Context(), user, editing.Condition{New: true}, texts...)
	if err != nil {
		return nil, err
	}
	h.Changed(r.Context())
	entries := wire.Each(created, func(c *editing.Document) DocumentEntry { return h.entry(r.Context(), c.Listed) })
	return response{status: http.StatusCreated, value: DocumentEntries{entries}}, nil
}

// Change is a file before and after a change, for a pull request.
type Change struct {
	File string `json:"file"`
	// Before is null if the file does not exist yet.
	Before *string `json:"before"`
	After  string  `json:"after"`
	// Patch is the unified diff of the two, for git apply in the folder; empty if nothing changes.
	Patch string `json:"patch"`
}

// changeDocument writes nothing, so all users may call it: a pull request is reviewed elsewhere.
func (h *handlers) changeDocument(r *http.Request, c *catalog.Catalog) (any, error) {
	text, err := readYAML(r)
	if err != nil {
		return nil, err
	}
	tried, err := h.Folder.Try(c, inPath(r), text)
	if err != nil {
		return nil, err
	}
	if _, forbidden := h.editor(r.Context()); forbidden != nil {
		if shown, err := catalog.WithoutSecrets(tried.Before); err != nil || !bytes.Equal(shown, tried.Before) {
			return nil, Refuse(http.StatusForbidden, "%s holds what only those who may write see, such as addresses of contacts: make the change in the file itself, or ask an Editor",
				tried.File)
		}
	}
	change, was := Change{File: tried.File, After: string(tried.After)}, "/dev/null"
	if tried.Before != nil {
		change.Before, was = new(string(tried.Before)), "a/"+tried.File
	}
	lines := udiff.Lines(string(tried.Before), change.After)
	change.Patch, err = udiff.ToUnified(was, "b/"+tried.File, string(tried.Before), lines, udiff.DefaultContextLines)
	return change, err
}

func (h *handlers) deleteDocument(r *http.Request, user User) (any, error) {
	when, err := condition(r)
	if err != nil {
		return nil, err
	}
	if err := h.Folder.Delete(r.Context(), user, inPath(r), when); err != nil {
		return nil, err
	}
	h.Changed(r.Context())
	return response{status: http.StatusNoContent}, nil
}
