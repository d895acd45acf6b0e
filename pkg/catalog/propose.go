package catalog

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
)

// ID names a document. Of two with the same in a folder the first counts.
type ID struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Proposal is a change of a folder's documents that is not made, only tried.
type Proposal struct {
	// File is the name of Text in places and problems.
	File string
	// Text is documents in place of those of the same kind and name, or new ones.
	Text []byte
	// Deleted are documents that would not be there.
	Deleted []ID
}

// Outcome is what a proposal would do.
type Outcome struct {
	// Before is the folder as it is, After as it would be.
	Before, After *Catalog
	// Problems are those of the proposed text, and those that it causes elsewhere.
	Problems []problem.Problem
	// problems are all of them.
	problems []problem.Problem
}

// Propose makes the catalog as it would be beside the one in force, which the
// folder is read for only when there is none. Files that a proposed document
// refers to are looked for where it stands, or would stand: see [DefaultFolder].
// Proposals take turns, so that their memory does not grow with those who ask.
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
	proposal := newResolver(l.files, l.options).propose(&p)
	if size := l.files.bytes + int64(len(p.Text)); size > document.MaxFolderBytes && len(p.Text) > 0 {
		proposal.dropped = append(proposal.dropped, problem.Problem{Place: agreement.Place{File: p.File, Line: 1, Column: 1}, Severity: problem.Error,
			Message: fmt.Sprintf("with it the folder has up to %d bytes; the limit is %d: take documents out first", size, document.MaxFolderBytes)})
	}
	after, err := proposal.resolve(ctx)
	if err != nil {
		return nil, err
	}
	before := l.served.Load()
	known := before.placeless()
	problems := slices.DeleteFunc(slices.Clone(after.problems), func(one problem.Problem) bool {
		return one.File != p.File && known[placeless(one)]
	})
	return &Outcome{Before: before, After: after, Problems: firstProblems(problems), problems: problems}, nil
}

// NewErrors returns the errors that the proposal brings: a document that has
// the same error as before may be changed elsewhere.
func (o *Outcome) NewErrors() []problem.Problem {
	known := o.Before.placeless()
	return firstProblems(slices.DeleteFunc(slices.Clone(o.problems), func(p problem.Problem) bool {
		return p.Severity != problem.Error || p.Name != "" && known[placeless(p)]
	}))
}

func (c *Catalog) placeless() map[problem.Problem]bool {
	known := map[problem.Problem]bool{}
	for _, p := range c.problems {
		known[placeless(p)] = true
	}
	return known
}

// ofOthers is what a message says of other documents: where one stands, or which name may be meant.
var ofOthers = regexp.MustCompile(`\S+:\d+| \(did you mean [^)]*\)`)

// placeless returns the problem without where it and others stand, and what they are
// called, which a change moves. One that is about no document keeps its file.
func placeless(p problem.Problem) problem.Problem {
	p.Line, p.Column = 0, 0
	if p.Name != "" {
		p.File = ""
	}
	p.Message = ofOthers.ReplaceAllString(p.Message, "")
	return p
}

// Listed is a document of a folder, good or bad, as it stands there.
type Listed struct {
	ID
	DisplayName string `json:"displayName,omitempty"`
	agreement.Place
	// Hash is that of its own bytes, see [document.Hash]; empty when it cannot
	// be changed alone, see [document.Document.Extent].
	Hash string `json:"hash"`
}

// Find returns the document that the folder has by that name.
func (c *Catalog) Find(id ID) (Listed, bool) {
	i := slices.IndexFunc(c.Listed, func(l Listed) bool { return l.ID == id })
	if i < 0 {
		return Listed{}, false
	}
	return c.Listed[i], true
}

// DefaultFolder returns the folder, with slashes, in which a new document of the kind goes:
// the one that holds most of those listed, so that it stands beside its siblings.
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

// proposed are the documents that a resolver takes instead of the folder's.
type proposed struct {
	file string
	// gone are those to be left out once; taken, where they stood.
	gone  map[ID]bool
	taken map[ID]string
}

// propose reads the proposal's documents before those of the folder. Those
// inside its documents take nobody's place: two of one name are an error.
func (r *resolver) propose(p *Proposal) *resolver {
	r.proposed = &proposed{file: p.File, gone: map[ID]bool{}, taken: map[ID]string{}}
	typed := &file{path: p.File, text: p.Text}
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

// replaces reports whether the document gives way to a proposed one.
func (p *proposed) replaces(d *document.Document) bool {
	id := ID{d.Kind, d.Name}
	if p == nil || p.holds(d) || d.Name == "" || !p.gone[id] {
		return false
	}
	delete(p.gone, id)
	p.taken[id] = path.Dir(d.Place.File)
	return true
}

// folderOf returns the folder in which a document's own files are looked for.
func (r *resolver) folderOf(d *document.Document) string {
	if !r.proposed.holds(d) {
		return path.Dir(d.Place.File)
	}
	if dir, stood := r.proposed.taken[ID{d.Kind, d.Name}]; stood {
		return dir
	}
	return DefaultFolder(slices.DeleteFunc(slices.Clone(r.listed), func(l Listed) bool { return l.File == r.proposed.file }), d.Kind)
}
