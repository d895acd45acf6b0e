package catalog

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/problem"
)

// folder is the content of a folder at one point in time.
type folder struct {
	documents []*file
	calendars map[string][]byte // .ics files by path
	problems  []problem.Problem
	dirs      []string // real paths of the folders that were read
	bytes     int64    // total size of the files that were read
	// bare: there are only folders, the [LockFile] and [AlertsFile], as where a volume is not mounted.
	bare  bool
	print [sha256.Size]byte // a fingerprint of all texts and problems
}

// Names of files in a folder of documents that are no documents.
const (
	LockFile   = ".accord.lock"    // locked by a process while it writes; empty, and never removed
	AlertsFile = ".accord-alerts-" // begins the names of files that keep the alerts of data sources
)

// readFolder reads the .yaml, .yml and .ics files under dir. It skips entries that begin with a dot,
// refuses links that lead out of dir, and reads a document file only once even if several paths lead to
// it. Files unchanged since before are not parsed again. Errors complete a sentence about the folder.
func readFolder(ctx context.Context, dir string, o Options, before *folder) (*folder, error) {
	unreadable := func(err error) error { return fmt.Errorf("cannot be read: %w", Cause(err)) }
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("does not exist")
	case err != nil:
		return nil, unreadable(err)
	case !info.IsDir():
		return nil, errors.New("is a file, not a folder")
	}
	root, err := o.open(dir)
	if err != nil {
		return nil, unreadable(err)
	}
	defer root.Close()
	w := &walker{ctx: ctx, dir: dir, root: root, o: o, seen: map[string]bool{}, before: map[string]*file{},
		into: &folder{calendars: map[string][]byte{}, bare: true}}
	for _, file := range before.documents {
		w.before[file.path] = file
	}
	err = w.walk(".")
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, unreadable(err)
	}
	w.into.print = w.into.fingerprint()
	return w.into, nil
}

// Cause returns a file error without operation and path, for messages that have both.
func Cause(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		err = at.Err
	} else if link, ok := errors.AsType[*os.LinkError](err); ok {
		err = link.Err
	}
	if err != nil && strings.Contains(err.Error(), "escapes") { // the error of os.Root
		return errors.New("it is a link that leads out of the folder of documents")
	}
	return err
}

// OpenRegular opens a regular file, like [os.Root.OpenFile]. Anything else (a pipe, a device) is an
// error; opening it does not block.
func OpenRegular(root *os.Root, name string, flag int, mode fs.FileMode) (*os.File, error) {
	name = filepath.FromSlash(name)
	info, err := root.Stat(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	file, err := root.OpenFile(name, flag|syscall.O_NONBLOCK, mode) // it may have been replaced since Stat
	if err != nil {
		return nil, err
	}
	if info, err = file.Stat(); err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

var errNotRegular = errors.New("it is no regular file")

type walker struct {
	ctx    context.Context
	dir    string
	root   *os.Root
	o      Options
	seen   map[string]bool // real paths
	before map[string]*file
	full   bool // the limit of files is exceeded, so nothing more is read
	into   *folder
}

func (w *walker) problem(name, format string, args ...any) {
	w.into.problems = append(w.into.problems, problem.New(agreement.Place{File: name, Line: 1, Column: 1}, problem.Error, format, args...))
}

func (w *walker) walk(name string) error {
	real, again := w.again(name)
	if again {
		return nil
	}
	w.into.dirs = append(w.into.dirs, real)
	entries, err := fs.ReadDir(w.root.FS(), name)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".")
		w.into.bare = w.into.bare && (entry.IsDir() && !hidden || entry.Name() == LockFile || strings.HasPrefix(entry.Name(), AlertsFile))
		if !hidden && !w.full {
			w.entry(path.Join(name, entry.Name()), entry)
		}
	}
	return nil
}

// again returns the real path, and whether it was visited before by any name.
func (w *walker) again(name string) (real string, again bool) {
	real, err := filepath.EvalSymlinks(filepath.Join(w.dir, filepath.FromSlash(name)))
	if err != nil {
		return name, false // reading it reports the error
	}
	again = w.seen[real]
	w.seen[real] = true
	return real, again
}

func (w *walker) entry(name string, entry fs.DirEntry) {
	isDocument, isCalendar := isDocument(name), isCalendar(name)
	if !isCalendar && len(w.o.Only) > 0 && !slices.ContainsFunc(w.o.Only, func(only string) bool { return within(name, only) || within(only, name) }) {
		return
	}
	if entry.Type().IsRegular() && !isDocument && !isCalendar {
		return
	}
	info, err := w.root.Stat(filepath.FromSlash(name))
	switch {
	case err != nil:
		if isDocument || isCalendar || w.isFolder(name) {
			w.problem(name, "is not read: %v", Cause(err))
		}
	case info.IsDir():
		if err := w.walk(name); err != nil && w.ctx.Err() == nil {
			w.problem(name, "the folder is not read: %v", Cause(err))
		}
	case !isDocument && !isCalendar:
	case isCalendar:
		if data, ok := w.read(name, info.Size()); ok {
			w.into.calendars[name] = data
		}
	default:
		if _, again := w.again(name); again {
			return
		}
		if data, ok := w.read(name, info.Size()); ok {
			read := &file{path: name, sum: sha256.Sum256(data), text: data}
			if known := w.before[name]; known != nil && known.sum == read.sum {
				read = known
			}
			w.into.documents = append(w.into.documents, read)
		}
	}
}

// within reports whether name is the folder or file itself, or inside it.
func within(name, folder string) bool {
	return folder == "." || name == folder || strings.HasPrefix(name, folder+"/")
}

func isDocument(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

func isCalendar(name string) bool { return strings.ToLower(path.Ext(name)) == ".ics" }

// isFolder reports whether a link that leads out of the root points to a folder, which may contain
// documents, and not to an unrelated file.
func (w *walker) isFolder(name string) bool {
	info, err := os.Stat(filepath.Join(w.dir, filepath.FromSlash(name)))
	return err == nil && info.IsDir()
}

// read returns the text of a file, within the limits. The size is checked before reading and again
// while reading, since the file may grow.
func (w *walker) read(name string, size int64) ([]byte, bool) {
	if size > document.MaxFileBytes {
		w.problem(name, "has %d bytes; the limit is %d", size, document.MaxFileBytes)
		return nil, false
	}
	if len(w.into.documents) >= document.MaxDocuments {
		w.full = true
		w.problem(name, "is not read, nor is any file after it: the folder has more than %d files, which is the limit", document.MaxDocuments)
		return nil, false
	}
	opened, err := OpenRegular(w.root, name, os.O_RDONLY, 0)
	if err != nil {
		w.problem(name, "is not read: %v", Cause(err))
		return nil, false
	}
	defer opened.Close()
	data, err := io.ReadAll(io.LimitReader(opened, document.MaxFileBytes+1))
	switch w.into.bytes += int64(len(data)); {
	case err != nil:
		w.problem(name, "is not read: %v", Cause(err))
	case int64(len(data)) > document.MaxFileBytes:
		w.problem(name, "has more than %d bytes, which is the limit", document.MaxFileBytes)
	case w.into.bytes > document.MaxFolderBytes:
		w.problem(name, "is not read: with it the folder has %d bytes; the limit is %d", w.into.bytes, document.MaxFolderBytes)
		w.into.bytes -= int64(len(data))
	default:
		return data, true
	}
	return nil, false
}

func (f *folder) fingerprint() [sha256.Size]byte {
	hash := sha256.New()
	for _, file := range f.documents {
		fmt.Fprintf(hash, "%q %x\n", file.path, file.sum)
	}
	for _, name := range sortedKeys(f.calendars) {
		fmt.Fprintf(hash, "%q %d\n", name, len(f.calendars[name]))
		hash.Write(f.calendars[name])
	}
	for _, p := range problem.Sort(f.problems) {
		fmt.Fprintln(hash, p)
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// file is a document file of a folder. It is parsed when it is first resolved, and reused while its
// text is unchanged.
type file struct {
	path string // relative to the folder, with slashes
	sum  [sha256.Size]byte
	// text is nil once parsed.
	text      []byte
	documents []*parsed
	problems  []problem.Problem
}

// parsed is a document decoded from its own text, shared by catalogs: resolving works on a
// [document.Document.Clone].
type parsed struct {
	doc *document.Document
	// value is the decoded document, nil if decoding failed; partial is what could be decoded of a
	// document of accord/v1.
	value, partial any
	// hash is that of the document's own bytes; empty if it cannot be changed alone.
	hash string
	// within is the hash of the document that it is embedded in.
	within string
	// embedded are the documents of accord/v1 in an annotation of a Service.
	embedded []*parsed
	// problems are those of the annotation's text.
	problems []problem.Problem
}

func (f *file) parse(o Options) {
	if f.text == nil {
		return
	}
	var documents []*document.Document
	documents, f.problems = document.Read(f.path, f.text)
	for _, d := range documents {
		p := decode(d, o.KeepSources)
		if extent, alone := d.Extent(); alone {
			p.hash = document.Hash(f.text[extent.From:extent.To])
		}
		if service, ok := p.value.(*openslo.Service); ok {
			p.readEmbedded(service.Metadata.Annotations[openslo.DocumentsAnnotation], o)
		}
		f.documents = append(f.documents, p)
	}
	f.text = nil
}

var documentsField = "metadata.annotations." + openslo.DocumentsAnnotation

func (p *parsed) readEmbedded(text string, o Options) {
	if text == "" {
		return
	}
	var documents []*document.Document
	documents, p.problems = p.doc.Embedded(documentsField, text)
	for _, inner := range documents {
		if inner.APIVersion != APIVersion {
			p.doc.Errorf(documentsField, "holds a document of %q; only those of %s belong there", inner.APIVersion, APIVersion)
			continue
		}
		made := decode(inner, o.KeepSources)
		made.within = p.hash
		p.embedded = append(p.embedded, made)
	}
}

func decode(d *document.Document, keepTree bool) *parsed {
	p := &parsed{doc: d}
	isAccord, isOpenSLO := d.APIVersion == APIVersion, openslo.Reads(d.APIVersion)
	switch {
	case isAccord && slices.Contains(openslo.Kinds, d.Kind):
		d.Errorf("apiVersion", "%s is a kind of OpenSLO: write apiVersion: %s", d.Kind, openslo.V1)
	case isOpenSLO && accordDocuments[d.Kind] != nil:
		d.Errorf("apiVersion", "%s is no kind of OpenSLO: write apiVersion: %s", d.Kind, APIVersion)
	case isAccord:
		p.value, p.partial = readAccord(d)
	case isOpenSLO:
		p.value = openslo.Read(d)
	case d.APIVersion == "":
		d.Errorf("apiVersion", "is required: %s", readVersions)
	default:
		d.Errorf("apiVersion", "%q is not read here, only %s%s", d.APIVersion, readVersions, problem.DidYouMean(d.APIVersion, versions))
	}
	if !keepTree {
		d.DropTree()
	}
	return p
}

var versions = []string{APIVersion, openslo.V1, openslo.V1Alpha, openslo.V2Alpha}

// IsForeign reports whether a document belongs to another program, such as Kubernetes: its apiVersion,
// or its kind if it has no apiVersion, does not resemble any that is read here.
func IsForeign(d *document.Document) bool {
	if d.APIVersion == "" {
		return !slices.Contains(Kinds(), d.Kind)
	}
	return !strings.HasPrefix(d.APIVersion, "accord/") && !strings.HasPrefix(d.APIVersion, "openslo") && problem.Nearest(d.APIVersion, versions) == ""
}

const readVersions = APIVersion + " and " + openslo.V1 + " (" + openslo.V1Alpha + " and " + openslo.V2Alpha + " are converted)"
