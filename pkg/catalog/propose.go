package catalog

import (
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
)

// ID identifies a document. If a folder has two with the same ID, the first counts.
type ID struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Proposal is a change of a folder's documents that is tried but not made.
type Proposal struct {
	// Text contains documents that replace those with the same ID, or are new.
	Text []byte
	// Deleted are the documents to leave out.
	Deleted []ID
}

// Outcome is the result of a proposal.
type Outcome struct {
	// File is the file name of the proposed text in places and problems: document.yaml, or another if
	// the folder has a file of that name.
	File string
	// Before is the catalog in force, After the one with the proposal.
	Before, After *Catalog
	// Problems are those of the proposed text and those it causes elsewhere; a long list is truncated.
	Problems []problem.Problem
	// NewErrors are the errors among them that the proposal adds. A document that already has an error
	// may still be changed elsewhere in its text.
	NewErrors []problem.Problem
}

// Propose builds the catalog that the proposal would result in; the folder is read only if there is no
// catalog yet. Files that a proposed document refers to are looked up in the folder of the document it
// replaces, else in the [DefaultFolder]. Proposals run one at a time, to limit their memory.
func (l *Live) Propose(ctx context.Context, p Proposal) (outcome *Outcome, err error) {
	defer parallel.Recover(&err)
	if l.served.Load() == nil {
		if err := l.Reread(ctx); err != nil {
			return nil, err
		}
	}
	if err := l.turn.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer l.turn.Release(1)
	names := agreement.Names{}
	for _, file := range l.files.documents {
		names[file.path] = true
	}
	for _, unread := range l.files.problems {
		names[unread.File] = true
	}
	file := names.Add("document.yaml", "proposed-")
	proposal := newResolver(l.files, l.options).propose(file, &p)
	if size := l.files.bytes + int64(len(p.Text)); size > document.MaxFolderBytes && len(p.Text) > 0 {
		proposal.dropped = append(proposal.dropped, problem.Problem{Place: agreement.Place{File: file, Line: 1, Column: 1}, Severity: problem.Error,
			Message: fmt.Sprintf("with it the folder has up to %d bytes; the limit is %d: take documents out first", size, document.MaxFolderBytes)})
	}
	after, err := proposal.resolve(ctx)
	if err != nil {
		return nil, err
	}
	o := &Outcome{File: file, Before: l.served.Load(), After: after}
	known := map[problem.Problem]int{}
	for _, p := range o.Before.problems {
		known[p.Identity()]++
	}
	for _, p := range after.problems {
		id := p.Identity()
		isNew := known[id] == 0
		known[id] = max(known[id]-1, 0)
		if isNew || p.File == file {
			o.Problems = append(o.Problems, p)
		}
		if isNew && p.Severity == problem.Error {
			o.NewErrors = append(o.NewErrors, p)
		}
	}
	o.Problems, o.NewErrors = firstProblems(o.Problems), firstProblems(o.NewErrors)
	return o, nil
}

// Listed is a document in the list of a folder, with or without errors.
type Listed struct {
	ID
	DisplayName string `json:"displayName,omitempty"`
	agreement.Place
	// Hash is the [document.Hash] of its own bytes; empty if it cannot be changed alone, see
	// [document.Document.Extent].
	Hash string `json:"hash"`
}

// Find returns the listed document with that ID.
func (c *Catalog) Find(id ID) (Listed, bool) {
	i, ok := c.listed[id]
	if !ok {
		return Listed{}, false
	}
	return c.Listed[i], true
}

// DefaultFolder returns the folder, with slashes, for a new document of the kind: the one with most of
// the listed documents of that kind, or ".".
func DefaultFolder(listed []Listed, kind string) string {
	count, best := map[string]int{}, "."
	for _, l := range listed {
		if l.Kind == kind {
			count[path.Dir(l.File)]++
		}
	}
	for _, dir := range sortedKeys(count) {
		if count[dir] > count[best] {
			best = dir
		}
	}
	return best
}

// proposed tracks which documents of the folder a proposal replaces or deletes.
type proposed struct {
	file string
	// gone are those still to be left out; taken, the folders of those left out.
	gone  map[ID]bool
	taken map[ID]string
}

// propose reads the proposal's documents, as of the file, before those of the folder. Documents embedded in them replace
// nothing: two of the same name are an error.
func (r *resolver) propose(name string, p *Proposal) *resolver {
	r.proposed = &proposed{file: name, gone: map[ID]bool{}, taken: map[ID]string{}}
	typed := &file{path: name, text: p.Text}
	typed.parse(r.o)
	for _, p := range typed.documents {
		r.proposed.gone[ID{p.doc.Kind, p.doc.Name}] = true
	}
	r.readFile(typed)
	for _, id := range p.Deleted {
		r.proposed.gone[id] = true
	}
	return r
}

// holds reports whether the document is one of the proposal.
func (p *proposed) holds(d *document.Document) bool { return p != nil && d.Place.File == p.file }

// replaces reports whether the proposal replaces or deletes the document, once per ID.
func (p *proposed) replaces(d *document.Document) bool {
	id := ID{d.Kind, d.Name}
	if p == nil || p.holds(d) || d.Name == "" || !p.gone[id] {
		return false
	}
	delete(p.gone, id)
	p.taken[id] = path.Dir(d.Place.File)
	return true
}

// folderOf returns the folder that file names in the document are relative to.
func (r *resolver) folderOf(d *document.Document) string {
	if !r.proposed.holds(d) {
		return path.Dir(d.Place.File)
	}
	if dir, stood := r.proposed.taken[ID{d.Kind, d.Name}]; stood {
		return dir
	}
	return DefaultFolder(slices.DeleteFunc(slices.Clone(r.listed), func(l Listed) bool { return l.File == r.proposed.file }), d.Kind)
}
