package editing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/problem"
)

// change is a change of a document or a whole file, to be made, or begun according to the audit log.
type change struct {
	auditEntry
	// old is the current file, with nil text if there is none; index is the document's in it, -1 for a
	// new one, and text is the document by itself.
	old   parsedFile
	index int
	text  []byte
	// new is the new text of the file; nil removes the file.
	new []byte
	// once: the file must not exist yet, and is never overwritten.
	once bool
}

// Text is what a user typed as the document with that ID.
type Text struct {
	catalog.ID
	Text string
}

// mostTogether is the maximum number of documents written at once.
const mostTogether = 50

// Put writes a document, in its place or as a new file beside others of its kind; or several new ones,
// all or none. Each of those that exists already is a problem of the [Refusal].
func (f *Folder) Put(ctx context.Context, who User, when Condition, texts ...Text) ([]*Document, error) {
	if len(texts) == 0 || len(texts) > mostTogether {
		return nil, refuse(Invalid, "documents: there must be 1 to %d, got %d", mostTogether, len(texts))
	}
	root, unlock, err := f.lock(ctx, texts[0].Kind+" "+texts[0].Name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	typed := make([]string, len(texts))
	for i, t := range texts {
		typed[i] = string(ended([]byte(t.Text)))
	}
	outcome, err := f.reread(ctx, catalog.Proposal{Text: []byte(strings.Join(typed, "---\n"))})
	if err != nil {
		return nil, err
	}
	changes, err := f.locateAll(root, outcome.Before, texts, when)
	if err != nil {
		return nil, err
	}
	put := make([]*Document, len(texts))
	for i := range texts {
		const purpose = "written: to rename a document, write it anew and delete the old one"
		if put[i], err = f.fill(&changes[i], texts[i], purpose); err != nil {
			return nil, invalid(err, outcome)
		}
	}
	if len(outcome.NewErrors) > 0 {
		return nil, invalid(nil, outcome)
	}
	if err := who.permit(outcome); err != nil {
		return nil, err
	}
	return put, f.apply(root, who.Login, changes...)
}

// locateAll locates all documents to write. Of several, each refused one is a problem of the [Refusal].
func (f *Folder) locateAll(root *os.Root, folder *catalog.Catalog, texts []Text, when Condition,
) (changes []change, err error) {
	var first *Refusal
	var problems []problem.Problem
	for _, t := range texts {
		c, err := f.locate(root, folder, t.ID, when, changes...)
		refusal, refused := errors.AsType[*Refusal](err)
		if err != nil && !refused {
			return nil, err
		}
		changes = append(changes, c)
		if refused {
			first = cmp.Or(first, refusal)
			listed, _ := folder.Find(t.ID)
			problems = append(problems, problem.Problem{Place: listed.Place, Severity: problem.Error,
				Kind: t.Kind, Name: t.Name, Message: refusal.Message})
		}
	}
	switch {
	case first == nil:
		return changes, nil
	case len(texts) == 1:
		return nil, first
	}
	return nil, &Refusal{Reason: first.Reason, Problems: problems,
		Message: fmt.Sprintf("none of %d documents is written: %s", len(texts), first.Message)}
}

// fill sets the new text of the change; purpose ends the message about a text with another ID.
func (f *Folder) fill(c *change, typed Text, purpose string) (*Document, error) {
	text, wanted, err := proposal([]byte(typed.Text))
	if err == nil && (wanted.Kind != typed.Kind || wanted.Name != typed.Name) {
		err = fmt.Errorf("the text is %s %q, and %s %q was to be %s", wanted.Kind, wanted.Name, typed.Kind, typed.Name, purpose)
	}
	if err != nil {
		return nil, err
	}
	made, err := c.old.with(c.index, text, wanted)
	if err != nil {
		return nil, err
	}
	at := max(c.index, 0)
	c.new, c.After = made.text, document.Hash(made.own(at))
	listed := catalog.Listed{ID: typed.ID, DisplayName: made.documents[at].DisplayName, Place: made.documents[at].Place, Hash: c.After}
	listed.Place.File = c.File
	return &Document{Listed: listed, Text: text}, nil
}

// Delete removes the document from its file, and the file if nothing else is in it.
func (f *Folder) Delete(ctx context.Context, who User, id catalog.ID, when Condition) error {
	root, unlock, err := f.lock(ctx, id.Kind+" "+id.Name)
	if err != nil {
		return err
	}
	defer unlock()
	outcome, err := f.reread(ctx, catalog.Proposal{Deleted: []catalog.ID{id}})
	if err != nil {
		return err
	}
	if _, exists := outcome.Before.Find(id); !exists {
		return f.absent(root, outcome.Before, id)
	}
	c, err := f.locate(root, outcome.Before, id, when)
	if err != nil {
		return err
	}
	if problems := outcome.NewErrors; len(problems) > 0 {
		return &Refusal{Reason: Invalid, Problems: problems,
			Message: fmt.Sprintf("%s %s is not deleted, since that causes %s", id.Kind, id.Name, summary(problems))}
	}
	if err := who.permit(outcome); err != nil {
		return err
	}
	c.Action = "delete"
	if c.new, err = c.old.without(c.index); err != nil {
		return refuse(ReadOnly, "%s %s is not deleted: %v", id.Kind, id.Name, err)
	}
	return f.apply(root, who.Login, c)
}

// Tried is a file as it is and as it would be with a document in it.
type Tried struct {
	// File is relative to the folder, with slashes.
	File string
	// Before is nil when there is no such file yet.
	Before, After []byte
}

// Try returns the change that [Folder.Put] would make and writes nothing, for users who make it in a
// pull request: the file may be read-only, and the document is not checked against others.
func (f *Folder) Try(folder *catalog.Catalog, id catalog.ID, typed []byte) (*Tried, error) {
	root, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var c change
	if listed, exists := folder.Find(id); exists {
		c, err = f.lookUp(root, listed)
	} else {
		c, err = f.create(root, folder, id)
	}
	if err != nil {
		return nil, err
	}
	if _, err = f.fill(&c, Text{id, string(typed)}, "tried"); err != nil {
		return nil, refuse(Invalid, "%v", err)
	}
	return &Tried{File: c.File, Before: c.old.text, After: c.new}, nil
}

// Latest rereads the folder and returns its catalog, for actions that cannot be undone.
func (f *Folder) Latest(ctx context.Context) (*catalog.Catalog, error) {
	if err := f.Live.Reread(ctx); err != nil {
		return nil, err
	}
	return f.Live.Now(ctx)
}

// reread rereads the folder and tries a change of it.
func (f *Folder) reread(ctx context.Context, p catalog.Proposal) (*catalog.Outcome, error) {
	if err := f.Live.Reread(ctx); err != nil {
		return nil, err
	}
	return f.Live.Propose(ctx, p)
}

// locate finds what to change, and refuses if its file cannot be written or the condition does not
// hold. A new document does not use the file of a change beside it.
func (f *Folder) locate(root *os.Root, folder *catalog.Catalog, id catalog.ID, when Condition, beside ...change,
) (c change, err error) {
	who := id.Kind + " " + id.Name
	listed, exists := folder.Find(id)
	if !exists {
		switch absent := f.absent(root, folder, id); {
		case absent.Reason == Unreadable:
			return c, absent
		case when.Hash != "":
			return c, refuse(Changed, "%s is no longer there: somebody has deleted it since you read it", who)
		case !when.New:
			return c, refuse(Unconditional, "there is no %s yet: send If-None-Match: * to write it as a new document", who)
		}
		if c, err = f.create(root, folder, id, beside...); err == nil {
			err = writable(root, c.File)
		}
		return c, err
	}
	if err = writable(root, listed.File); err == nil {
		c, err = f.lookUp(root, listed)
	}
	switch {
	case err != nil:
	case when.New:
		err = &Refusal{Reason: Changed, Hash: c.Before, Message: fmt.Sprintf("%s is there already, in %s:%d", who, listed.File, listed.Line)}
	case when.Hash == "":
		err = refuse(Unconditional, "%s is there: send If-Match with the hash of the document that you have read", who)
	case when.Hash != c.Before:
		err = &Refusal{Reason: Changed, Hash: c.Before, Message: who + " has changed since you read it: read it again and put your change into it"}
	}
	return c, err
}

// invalid returns a [Refusal] for err, or if nil, for the errors that a text has or causes.
func invalid(err error, o *catalog.Outcome) error {
	problems := o.NewErrors
	if err == nil {
		return &Refusal{Reason: Invalid, Problems: problems,
			Message: "the document is not written, since it has or causes " + summary(problems)}
	}
	if len(problems) == 0 {
		problems = []problem.Problem{{Place: agreement.Place{File: o.File, Line: 1, Column: 1}, Severity: problem.Error, Message: err.Error()}}
	}
	return &Refusal{Reason: Invalid, Problems: problems, Message: err.Error()}
}

func summary(problems []problem.Problem) string {
	if len(problems) == 1 {
		return "an error: " + problems[0].String()
	}
	return fmt.Sprintf("%d errors, the first: %s", len(problems), problems[0])
}

// create returns the change for a new document, whose file has a name of its kind and name.
func (f *Folder) create(root *os.Root, folder *catalog.Catalog, id catalog.ID, beside ...change) (change, error) {
	base := path.Join(catalog.DefaultFolder(folder.Listed, id.Kind), document.NameOf(id.Kind+"-"+id.Name))
	c := change{auditEntry: auditEntry{Action: "create", ID: id, File: base + ".yaml"}, index: -1}
	for n := 2; n <= 100; n++ {
		taken := slices.ContainsFunc(beside, func(other change) bool { return other.File == c.File })
		if _, err := root.Lstat(c.File); os.IsNotExist(err) && !taken {
			return c, nil
		}
		c.File = fmt.Sprintf("%s-%d.yaml", base, n)
	}
	return c, refuse(ReadOnly, "there are a hundred files %s*.yaml already", base)
}
