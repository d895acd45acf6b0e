package editing

import (
	"bytes"
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
)

// change is one that was found possible and is to be written.
type change struct {
	action string // create, change or delete
	id     catalog.ID
	file   string
	// old and new are the text of the file; nil: there is none.
	old, new []byte
	// before and after are the hashes of the document; empty: there is none.
	before, after string
}

// Put writes the text as the document of that name, in place of the one there
// is or as a new file beside its siblings. The login goes to the audit log.
func (f *Folder) Put(ctx context.Context, login string, id catalog.ID, typed []byte, when Condition) (*Document, error) {
	text, wanted, err := proposal(typed, f.Options.Limits)
	if err == nil && (wanted.Kind != id.Kind || wanted.Name != id.Name) {
		err = fmt.Errorf("the text is %s %q, and %s %q was to be written: to rename a document, write it anew and delete the old one", wanted.Kind, wanted.Name, id.Kind, id.Name)
	}
	writing.Lock()
	defer writing.Unlock()
	outcome, loadErr := catalog.Propose(ctx, f.Dir, f.Options, catalog.Proposal{File: Typed, Text: typed})
	if loadErr != nil {
		return nil, loadErr
	}
	root, openErr := f.open()
	if openErr != nil {
		return nil, openErr
	}
	defer root.Close()
	c, h, i, listErr := f.toPut(root, outcome.Before, id, when)
	switch {
	case listErr != nil:
		return nil, listErr
	case err != nil:
		return nil, invalid(err, outcome)
	case len(outcome.NewErrors()) > 0:
		return nil, invalid(nil, outcome)
	}
	if when.Allowed != nil {
		if err := when.Allowed(outcome); err != nil {
			return nil, err
		}
	}
	made, err := h.with(i, text, wanted, f.Options.Limits)
	if err != nil {
		return nil, invalid(err, outcome)
	}
	at := made.find(id)
	c.new, c.after = made.text, document.Hash(made.own(at))
	if err := f.carryOut(root, login, c); err != nil {
		return nil, err
	}
	listed := catalog.Listed{ID: id, Place: made.documents[at].Place, Hash: c.after}
	listed.File = c.file
	return &Document{Listed: listed, Text: text}, nil
}

// toPut finds what is to be changed, and whether it may be.
func (f *Folder) toPut(root *os.Root, c *catalog.Catalog, id catalog.ID, when Condition) (change, held, int, error) {
	listed, there := c.Find(id)
	if there {
		return f.toChange(root, listed, when)
	}
	switch {
	case len(when.Hashes) > 0:
		return change{}, held{}, -1, refuse(Changed, "%s %s is no longer there: somebody has deleted it since you read it", id.Kind, id.Name)
	case !when.New:
		return change{}, held{}, -1, refuse(Unconditional, "there is no %s %s yet: send If-None-Match: * to write it as a new document", id.Kind, id.Name)
	}
	file, err := f.newFile(root, c.Home(id.Kind), id)
	return change{action: "create", id: id, file: file}, held{}, -1, err
}

// toChange checks a document that is there against what the writer knows.
func (f *Folder) toChange(root *os.Root, listed catalog.Listed, when Condition) (change, held, int, error) {
	none := func(err error) (change, held, int, error) { return change{}, held{}, -1, err }
	who := listed.Kind + " " + listed.Name
	if err := writable(root, listed.File); err != nil {
		return none(err)
	}
	h, i, err := f.lookUp(root, listed)
	if err != nil {
		return none(err)
	}
	if _, err := h.read(i, f.Options.Limits); err != nil {
		return none(refuse(ReadOnly, "%s %v", who, err))
	}
	hash := document.Hash(h.own(i))
	switch {
	case when.New:
		return none(&Refusal{Reason: Changed, Hash: hash, Message: fmt.Sprintf("%s is there already, in %s:%d", who, listed.File, listed.Line)})
	case len(when.Hashes) == 0:
		return none(refuse(Unconditional, "%s is there: send If-Match with the hash of the document that you have read", who))
	case !slices.Contains(when.Hashes, hash):
		return none(&Refusal{Reason: Changed, Hash: hash, Message: who + " has changed since you read it: read it again and put your change into it"})
	}
	return change{action: "change", id: listed.ID, file: listed.File, old: h.text, before: hash}, h, i, nil
}

// with is the file with the text in place of the document at i, or just the
// text when i is below 0.
func (h held) with(i int, text []byte, wanted *document.Document, limits document.Limits) (held, error) {
	if i < 0 {
		return hold(text, limits), nil
	}
	if extent, _ := h.documents[i].Extent(); extent.Indent > 0 && bytes.HasPrefix(text, []byte("#")) {
		return held{}, errors.New("the text begins with a comment, which a document in a list cannot: put it below the first line")
	}
	made := hold(h.replaced(i, text, false), limits)
	err := h.keeps(made, i, wanted)
	if err != nil { // a block text at the end may need its newline
		made = hold(h.replaced(i, text, true), limits)
		err = h.keeps(made, i, wanted)
	}
	if most := limits.WithDefaults().FileBytes; int64(len(made.text)) > most {
		return held{}, fmt.Errorf("the text makes its file %d bytes long; the limit is %d", len(made.text), most)
	}
	return made, err
}

// invalid tells what is wrong with a text: as a whole, or the problems it has
// and causes.
func invalid(err error, o *catalog.Outcome) error {
	r := &Refusal{Reason: Invalid, Problems: o.NewErrors()}
	if err != nil {
		r.Message = err.Error()
		if len(r.Problems) == 0 {
			r.Problems = []catalog.Problem{{Place: agreement.Place{File: Typed, Line: 1, Column: 1}, Severity: catalog.Error, Message: err.Error()}}
		}
		return r
	}
	r.Message = "the document is not written, since it has or causes " + told(r.Problems)
	return r
}

func told(problems []catalog.Problem) string {
	if len(problems) == 1 {
		return "an error: " + problems[0].String()
	}
	return fmt.Sprintf("%d errors, the first: %s", len(problems), problems[0])
}

// Delete takes the document out of its file, and the file away when nothing
// else is in it.
func (f *Folder) Delete(ctx context.Context, login string, id catalog.ID, when Condition) error {
	writing.Lock()
	defer writing.Unlock()
	outcome, err := catalog.Propose(ctx, f.Dir, f.Options, catalog.Proposal{File: Typed, Deleted: []catalog.ID{id}})
	if err != nil {
		return err
	}
	listed, there := outcome.Before.Find(id)
	if !there {
		return absent(outcome.Before, id)
	}
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()
	c, h, i, err := f.toChange(root, listed, when)
	switch {
	case err != nil:
		return err
	case len(outcome.NewErrors()) > 0:
		return &Refusal{Reason: Invalid, Problems: outcome.NewErrors(),
			Message: fmt.Sprintf("%s %s is not deleted, since that causes %s", id.Kind, id.Name, told(outcome.NewErrors()))}
	}
	c.action = "delete"
	if c.new, err = h.without(i, f.Options.Limits); err != nil {
		return refuse(ReadOnly, "%s %s is not deleted: %v", id.Kind, id.Name, err)
	}
	return f.carryOut(root, login, c)
}

// without is the file without the document; nil when nothing else is in it.
func (h held) without(i int, limits document.Limits) ([]byte, error) {
	text := h.removed(i)
	if err := h.keeps(hold(text, limits), i, nil); err != nil {
		return nil, err
	}
	if isEmpty(text) {
		return nil, nil
	}
	return text, nil
}

// newFile is the name for a new document: its kind and name, and a number when
// there is such a file.
func (f *Folder) newFile(root *os.Root, dir string, id catalog.ID) (string, error) {
	base := path.Join(dir, fileName(id))
	for n := 1; n < 100; n++ {
		file := base + ".yaml"
		if n > 1 {
			file = fmt.Sprintf("%s-%d.yaml", base, n)
		}
		if _, err := root.Lstat(file); os.IsNotExist(err) {
			return file, writable(root, file)
		}
	}
	return "", refuse(ReadOnly, "there are a hundred files %s*.yaml already", base)
}

// fileName is kind and name in letters, digits and dashes.
func fileName(id catalog.ID) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, id.Kind+"-"+id.Name)
	return name[:min(len(name), 120)]
}
