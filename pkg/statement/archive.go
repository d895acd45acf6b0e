package statement

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/wire"
)

// Folder is the folder of statements in the folder of documents, with a folder per
// period and a file per statement: statements/2026-10/payments-for-checkout.json, and
// payments-for-checkout.2.json for its restatement.
const Folder = "statements"

// Archive stores statements next to the documents. It is safe for concurrent use and
// caches the entries it has read, since statements never change.
type Archive struct {
	Documents *editing.Folder

	mu    sync.Mutex
	known map[string]remembered // by file
}

type remembered struct {
	size  int64
	at    time.Time
	entry Entry
}

// Entry is a stored statement in a list.
type Entry struct {
	Agreement string `json:"agreement"`
	// DisplayName, service and parties are those of the frozen definition.
	DisplayName string   `json:"displayName,omitempty"`
	Service     string   `json:"service"`
	Provider    string   `json:"provider"`
	Consumers   []string `json:"consumers"`
	Period      string   `json:"period"`
	Number      int      `json:"number"`
	// File is relative to the folder of documents.
	File   string `json:"file"`
	Digest string `json:"digest"`
	wire.Span
	FrozenAt time.Time    `json:"frozenAt"`
	FrozenBy string       `json:"frozenBy"`
	State    budget.State `json:"state"`
	Replaces *Replaced    `json:"replaces,omitempty"`
	// ReplacedBy is the number of the statement that restates it; 0 if none does.
	ReplacedBy int          `json:"replacedBy,omitempty"`
	Objectives []EntryGroup `json:"objectives"`
	// Error says why the file cannot be read; then the fields that come from its
	// content are empty.
	Error string `json:"error,omitempty"`
}

// EntryGroup has the figures of a group of an objective.
type EntryGroup struct {
	wire.Named
	Group  map[string]string `json:"group"`
	Unit   agreement.Unit    `json:"unit"`
	State  budget.State      `json:"state"`
	Reason string            `json:"reason,omitempty"`
	// Remarks are what a reader should know besides the figures, such as that a
	// query matches nothing.
	Remarks []string `json:"remarks"`
	budget.Balance
	// Raw is the balance of every slot of the period, in scope or not.
	Raw wire.RawBalance `json:"raw"`
}

var fileName = regexp.MustCompile(`^([a-z0-9][a-z0-9-]*)(?:\.([2-9]|[1-9]\d{1,3}))?\.json$`)

// file identifies a statement by what its file name says.
type file struct {
	period, agreement string
	number            int
}

func (s *Statement) file() file { return file{s.Period.Name, s.Agreement, s.Number} }

func (f file) path() string {
	name := f.agreement
	if f.number > 1 {
		name += "." + strconv.Itoa(f.number)
	}
	return path.Join(Folder, f.period, name+".json")
}

// maxListed is the largest number of files that a list opens: a period may have a statement of each document.
const maxListed = document.MaxDocuments

// List returns the stored statements of the period and the agreement; if one of these
// is empty, of all. They are sorted by period, the latest first, agreement and number.
func (a *Archive) List(period, agreementName string) ([]Entry, error) {
	root, err := a.Documents.Open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files, err := findFiles(root, period, agreementName)
	if err != nil {
		return nil, err
	}
	if len(files) > maxListed {
		return nil, measure.Limitf("there are more than %d statements: ask for a period, or an agreement in it", maxListed)
	}
	entries := make([]Entry, len(files))
	if err := parallel.All(context.Background(), parallel.Objectives, len(files), func(_ context.Context, i int) error {
		entries[i] = a.entry(root, files[i])
		return nil
	}); err != nil {
		return nil, err
	}
	for i, file := range files {
		if i > 0 && files[i-1].period == file.period && files[i-1].agreement == file.agreement {
			entries[i-1].ReplacedBy = file.number
		}
	}
	return entries, nil
}

// Last returns the number of the last statement of each agreement that has one of the period.
func (a *Archive) Last(period agreement.CalendarPeriod) (map[string]int, error) {
	root, err := a.Documents.Open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files, err := findFiles(root, period.Name(), "")
	last := map[string]int{}
	for _, file := range files { // ascending by number
		last[file.agreement] = file.number
	}
	return last, err
}

// findFiles finds the files of statements by name, in the order of List.
func findFiles(root *os.Root, period, agreementName string) (files []file, err error) {
	periods := []string{period}
	if period == "" {
		if periods, err = names(root, Folder); err != nil {
			return nil, fmt.Errorf("the statements cannot be read: %w", err)
		}
	}
	starts := map[string]time.Time{}
	for _, period := range periods {
		parsed, err := agreement.ParsePeriod(period)
		if err != nil || parsed.Name() != period {
			continue // not a folder of statements
		}
		starts[period], _ = parsed.Span(time.UTC)
		inFolder, err := names(root, path.Join(Folder, period))
		if err != nil {
			return nil, fmt.Errorf("the statements of %s cannot be read: %w", period, err)
		}
		for _, name := range inFolder {
			if parts := fileName.FindStringSubmatch(name); parts != nil && (agreementName == "" || parts[1] == agreementName) {
				number, _ := strconv.Atoi(cmp.Or(parts[2], "1"))
				files = append(files, file{period, parts[1], number})
			}
		}
	}
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(starts[b.period].Compare(starts[a.period]), cmp.Compare(b.period, a.period), cmp.Compare(a.agreement, b.agreement), cmp.Compare(a.number, b.number))
	})
	return files, nil
}

// names returns the names in a folder, none if it does not exist.
func names(root *os.Root, folder string) ([]string, error) {
	entries, err := fs.ReadDir(root.FS(), folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, catalog.Cause(err)
	}
	return wire.Each(entries, fs.DirEntry.Name), nil
}

func (a *Archive) entry(root *os.Root, file file) Entry {
	entry := Entry{Agreement: file.agreement, Period: file.period, Number: file.number, File: file.path(), Consumers: []string{}, Objectives: []EntryGroup{}}
	info, err := root.Stat(entry.File)
	if err != nil {
		entry.Error = fmt.Sprintf("%s cannot be read: %v", entry.File, catalog.Cause(err))
		return entry
	}
	a.mu.Lock()
	known, ok := a.known[entry.File]
	a.mu.Unlock()
	if ok && known.size == info.Size() && known.at.Equal(info.ModTime()) {
		return known.entry
	}
	s, _, err := read(root, file)
	if err == nil {
		err = s.CheckDigest()
	}
	if err != nil { // not cached: it may be temporary
		entry.Error = err.Error()
		return entry
	}
	entry = s.Entry()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil || len(a.known) > maxListed {
		a.known = map[string]remembered{}
	}
	a.known[entry.File] = remembered{info.Size(), info.ModTime(), entry}
	return entry
}

// Entry returns the statement as an entry of a list.
func (s *Statement) Entry() Entry {
	d := s.Definition
	entry := Entry{Agreement: s.Agreement, DisplayName: d.DisplayName, Service: d.Service, Provider: d.Provider,
		Consumers: wire.List(d.Consumers), Period: s.Period.Name, Number: s.Number, File: s.file().path(),
		Digest: s.Digest, Span: s.Period.Span, FrozenAt: s.Frozen.At, FrozenBy: s.Frozen.By, State: s.State,
		Replaces: s.Replaces, Objectives: []EntryGroup{}}
	for i, o := range s.Objectives {
		for _, g := range o.Shown() {
			entry.Objectives = append(entry.Objectives, EntryGroup{d.Objectives[i].Named,
				g.Labels, o.Unit, g.State, g.Reason, wire.List(o.Remarks(g)), g.Adjusted, wire.NewRawBalance(g.Raw)})
		}
	}
	return entry
}

// read reads a statement, which must match the file name.
func read(root *os.Root, file file) (*Statement, []byte, error) {
	opened, err := catalog.OpenRegular(root, file.path(), os.O_RDONLY, 0)
	var text []byte
	if err == nil {
		defer opened.Close()
		text, err = io.ReadAll(io.LimitReader(opened, MaxBytes+1))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s cannot be read: %w", file.path(), catalog.Cause(err))
	}
	s, err := Decode(text)
	if err != nil {
		return nil, nil, fmt.Errorf("%s %w", file.path(), err)
	}
	if s.file() != file {
		return nil, nil, fmt.Errorf("%s holds statement %d of %s for %s: it was renamed or changed", file.path(), s.Number, s.Agreement, s.Period.Name)
	}
	return s, text, nil
}

// CheckDigest returns an error if the stored statement was changed after it was frozen.
func (s *Statement) CheckDigest() error {
	digest, err := s.computedDigest()
	if err == nil && digest != s.Digest {
		err = fmt.Errorf("%s was changed after it was frozen: its digest is not that of what stands in it", s.file().path())
	}
	return err
}

// Read returns a stored statement and the content of its file; number 0 means the last one.
func (a *Archive) Read(period, agreementName string, number int) (*Statement, []byte, error) {
	parsed, err := agreement.ParsePeriod(period)
	if err != nil {
		return nil, nil, refuse(Absent, "%s", err)
	}
	root, err := a.Documents.Open()
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	var files []file
	if document.IsName(agreementName) { // else it could be a path, or empty, which findFiles takes for all
		wanted := file{parsed.Name(), agreementName, number}
		if _, err := root.Lstat(wanted.path()); number > 0 && err == nil {
			return read(root, wanted)
		}
		if files, err = findFiles(root, parsed.Name(), agreementName); err != nil {
			return nil, nil, err
		}
	}
	if len(files) == 0 {
		return nil, nil, refuse(Absent, "no statement of %q for %s has been frozen", agreementName, parsed.Name())
	}
	last := files[len(files)-1]
	if number != 0 {
		return nil, nil, refuse(Absent, "there is no statement %d of %s for %s; the last is %d", number, agreementName, parsed.Name(), last.number)
	}
	return read(root, last)
}

// keep stores the statement; refused with [editing.Exists] if there is one with its number.
func (a *Archive) keep(ctx context.Context, s *Statement, login string) error {
	text, err := s.Encode()
	if err != nil {
		return err
	}
	id := catalog.ID{Kind: "Statement", Name: s.Agreement + " " + s.Period.Name}
	return a.Documents.Keep(ctx, login, "freeze", id, s.file().path(), text)
}
