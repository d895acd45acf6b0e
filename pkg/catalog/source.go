package catalog

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/catalog/document"
)

// IsSource reports whether file is a source in the folder dir, which must not be overwritten: a
// calendar, or a file that cannot be read or has documents that are not foreign.
func IsSource(dir, file string) bool {
	name, inside := nameIn(dir, file)
	if !inside || !isDocument(name) {
		return inside && isCalendar(name)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return hasSources(name, text)
}

// WouldRead reports whether text has documents that would be read from file in the folder dir.
func WouldRead(dir, file string, text []byte) bool {
	name, inside := nameIn(dir, file)
	return inside && isDocument(name) && hasSources(name, text)
}

func hasSources(name string, text []byte) bool {
	documents, problems := document.Read(name, text)
	return len(problems) > 0 || slices.ContainsFunc(documents, func(d *document.Document) bool { return !IsForeign(d) })
}

// nameIn returns the path of file in the folder dir, which it may also reach through links. A hidden file, or one
// in a hidden folder, is not inside, since it is not read.
func nameIn(dir, file string) (name string, inside bool) {
	from, _ := filepath.Abs(dir)
	to, _ := filepath.Abs(file)
	name, err := filepath.Rel(from, to)
	if err == nil && filepath.IsLocal(name) && strings.Contains("/"+filepath.ToSlash(name), "/.") {
		return "", false
	}
	name, err = filepath.Rel(realPath(dir), realPath(file))
	return name, err == nil && filepath.IsLocal(name)
}

// realPath returns the absolute path with links resolved, as far as it exists.
func realPath(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	real, err := filepath.EvalSymlinks(path)
	switch parent := filepath.Dir(path); {
	case err == nil:
		return real
	case parent != path:
		return filepath.Join(realPath(parent), filepath.Base(path))
	}
	return path
}
