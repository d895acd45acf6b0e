// Package catalog reads a folder of documents into one resolved [Catalog] and a list of problems.
//
// Two vocabularies are read, accord/v1 (here) and OpenSLO (package openslo), both with the strict
// decoder of package document. References are resolved across the whole folder and defaults are filled
// in, so that other packages never look up a name. A document with errors is listed but not served. The
// rules are described in docs/documents.md.
//
// Nothing here queries Prometheus, and no result depends on the current time.
package catalog

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/problem"
)

// Catalog is the resolved content of a folder of documents.
type Catalog struct {
	// Agreements are the agreements without errors, of every stage, sorted by name.
	Agreements []*agreement.Agreement
	// SLOs are the SLOs that no agreement names, AllSLOs all SLOs; both sorted by name.
	SLOs    []*agreement.Agreement
	AllSLOs []*agreement.Agreement

	Services   map[string]*agreement.Service
	Teams      map[string]*agreement.Team
	Calendars  map[string]*agreement.Calendar
	Exclusions []*agreement.Exclusion // sorted by name

	// LeftOut are the agreements with errors, and the SLOs with errors that no agreement names, sorted
	// by name; see [agreement.Agreement.NotRead].
	LeftOut []*agreement.Agreement

	// Bad are the teams and agreements with errors; of several with the same name, the first.
	Bad map[ID]Bad

	// Approvals are what all documents, including those with errors, state in the name of teams, sorted
	// by document name.
	Approvals []Approval

	// Problems are sorted by file, line and column; long lists are truncated.
	Problems []problem.Problem
	// problems is the complete list.
	problems []problem.Problem
	// Unread are files that could not be read completely, so may contain unknown documents; a long list
	// is truncated.
	Unread []string
	// Documents is the number of documents without errors.
	Documents int
	// Listed are the documents that have a kind and a name, including those with errors, in the order
	// in which the folder is read.
	Listed []Listed
	// listed has the index of the first with each ID.
	listed map[ID]int
	// Sources are the documents without errors, only with [Options.KeepSources].
	Sources []Source
}

// Bad is a team or an agreement with errors. It is not served, but permissions depend on its members or
// parties.
type Bad struct {
	// Text is a hash of the document, or of the one it is embedded in.
	Text string
	// Members are the members of a Team; an empty string means that they cannot be read.
	Members []string
	// Agreement is the agreement as far as it can be read and resolved.
	Agreement *agreement.Agreement
}

// HasErrors reports whether any problem is an error.
func (c *Catalog) HasErrors() bool {
	errors, _ := problem.Count(c.Problems)
	return errors > 0
}

// Options configures how a folder is read.
type Options struct {
	// Open opens the folder, and may refuse where its links lead; nil follows them anywhere.
	Open func() (*os.Root, error)
	// Only lists the files and folders to read, relative to the folder, with slashes; calendars (.ics)
	// beside them are always read. Empty means all.
	Only []string
	// NoReferences checks each document by itself: references are not followed, so the catalog contains
	// only what needs none.
	NoReferences bool
	// Connection is the DataSource name of this connection. If empty, every metric source of type
	// Prometheus belongs to it.
	Connection string
	// CheckSLI returns whether the queries of an SLI can be counted with the objective's select and
	// groupBy; nil skips the check. A warning, and each of several joined errors, begins with the name
	// of its query, such as total.
	CheckSLI func(sli agreement.SLI, o *agreement.Objective) (warnings []string, err error)
	// Resolution is the length of a slot, which slices must fit; 0 means 5m.
	Resolution time.Duration
	// KeepSources adds the documents as written to the catalog, for an export.
	KeepSources bool
}

func (o Options) open(dir string) (*os.Root, error) {
	if o.Open != nil {
		return o.Open()
	}
	return os.OpenRoot(dir)
}

// Source is a document as written.
type Source struct {
	*document.Document
	// Value is the decoded document; any version of OpenSLO is converted to openslo/v1.
	Value any
	// Indicators are the inline indicators of an agreement, by objective.
	Indicators map[string]*openslo.Indicator
}

// Load reads the folder dir and its subfolders. The error is about the folder itself (missing,
// unreadable, not a folder); problems in its files are in [Catalog.Problems], with file names relative
// to dir.
func Load(ctx context.Context, dir string, o Options) (*Catalog, error) {
	files, err := readFolder(ctx, dir, o, &folder{})
	if err != nil {
		return nil, aboutFolder(ctx, dir, err)
	}
	return newResolver(files, o).resolve(ctx)
}

// aboutFolder adds the folder dir to an error, or returns the context's error.
func aboutFolder(ctx context.Context, dir string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("the folder of documents %q %w", dir, err)
}

// All returns the agreements, then the SLOs that no agreement names.
func (c *Catalog) All() []*agreement.Agreement { return slices.Concat(c.Agreements, c.SLOs) }

// WithLeftOut returns [Catalog.All] and LeftOut, SLOs last. It is for views of the
// state of all agreements, in which one that cannot be read must not be missing.
func (c *Catalog) WithLeftOut() []*agreement.Agreement {
	all := append(c.All(), c.LeftOut...)
	slices.SortStableFunc(all, func(a, b *agreement.Agreement) int { return strings.Compare(a.Kind(), b.Kind()) })
	return all
}

// Named returns the agreement of that name, else the SLO that no agreement names, from
// [Catalog.WithLeftOut]. It returns nil if there is none, but a left-out agreement if it may be in a
// file that cannot be read.
func (c *Catalog) Named(name string) *agreement.Agreement {
	for _, some := range [][]*agreement.Agreement{c.Agreements, c.LeftOut, c.SLOs} {
		if i := slices.IndexFunc(some, func(a *agreement.Agreement) bool { return a.Name == name }); i >= 0 {
			return some[i]
		}
	}
	if where := c.MaybeIn(); where != "" {
		return leftOut(&agreement.Agreement{Name: name, Stage: agreement.Active}, "not read, if it is in "+where)
	}
	return nil
}

// NamedSLO is like Named, but prefers an SLO that no agreement names.
func (c *Catalog) NamedSLO(name string) *agreement.Agreement {
	for _, some := range [][]*agreement.Agreement{c.SLOs, c.LeftOut} {
		if i := slices.IndexFunc(some, func(a *agreement.Agreement) bool { return a.Name == name && a.IsSLO }); i >= 0 {
			return some[i]
		}
	}
	return c.Named(name)
}

// MaybeIn says in which files a document may be that is not in the catalog; "" if all were read.
func (c *Catalog) MaybeIn() string {
	switch len(c.Unread) {
	case 0:
		return ""
	case 1:
		return c.Unread[0] + ", which cannot be read"
	}
	return c.Unread[0] + " or another file, which cannot be read"
}

// Schema is the JSON Schema (2020-12) of a document, or a list of documents, for editors. It covers
// fields, their descriptions and allowed values, but not what depends on other documents or on PromQL.
// In a field that refers to another document, x-reference is the kind of that document (Contact: a
// contact of a Team, or a Team). Only v1 of OpenSLO is included.
//
//go:embed schema.json
var Schema []byte
