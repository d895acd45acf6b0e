// Package catalog reads a folder of documents into one resolved [Catalog] and
// the problems found on the way.
//
// Two vocabularies are read, accord/v1 (here) and OpenSLO (package openslo),
// both through the strict decoder of package document. Every reference is
// followed over the whole folder and every default filled in, so that later
// rooms look up no name twice. A document with an error is listed and not
// served; the others are. The rules are written down in docs/documents.md.
//
// Nothing here asks Prometheus or reads the clock.
package catalog

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/problem"
)

// Catalog is all that a folder says, resolved.
type Catalog struct {
	// Agreements are those without errors, of every stage, by name.
	Agreements []*agreement.Agreement
	// SLOs are those that no agreement names, by name; AllSLOs is every one.
	SLOs    []*agreement.Agreement
	AllSLOs []*agreement.Agreement

	Services   map[string]*agreement.Service
	Teams      map[string]*agreement.Team
	Calendars  map[string]*agreement.Calendar
	Exclusions []*agreement.Exclusion // by name

	// LeftOut are the agreements with errors, and the SLOs with errors that no
	// agreement names, by name, see [agreement.Agreement.NotRead].
	LeftOut []*agreement.Agreement

	// Bad are the teams and agreements with errors, of two with one name the first.
	Bad map[ID]Bad

	// Approvals are what all documents say in the name of teams, those with errors
	// too, by the name of the document.
	Approvals []Approval

	// Problems are what is wrong, by file, line and column; of many the first.
	Problems []problem.Problem
	// problems are all of them.
	problems []problem.Problem
	// Unread are files of which a part could not be read as documents, so that
	// nobody knows which these are; of many the first.
	Unread []string
	// Documents is the number of documents without errors.
	Documents int
	// Listed are the documents that have a kind and a name, bad ones too, in
	// the order in which the folder is read.
	Listed []Listed
	// Sources are the documents without errors, if [Options.KeepSources] asks for them.
	Sources []Source
}

// Bad is a team or an agreement with errors, which is not served: what it says
// is for who must know whose it is.
type Bad struct {
	// Text is a hash that changes with the text, if not only then.
	Text string
	// Members are those of a Team; empty is one that cannot be read.
	Members []string
	// Agreement is as far as it can be read and resolved.
	Agreement *agreement.Agreement
}

// HasErrors reports whether a document of the folder is not served.
func (c *Catalog) HasErrors() bool {
	errors, _ := problem.Count(c.Problems)
	return errors > 0
}

// Options say how a folder is read.
type Options struct {
	// Only are the files and folders in the folder, named with slashes, that are
	// read, and calendars beside them; none: all.
	Only []string
	// NoReferences checks each document by itself: no reference is followed,
	// so the catalog holds only what needs none.
	NoReferences bool
	// Connection is the name of the DataSource that this connection is.
	// Empty: every metric source of type Prometheus is this connection's.
	Connection string
	// CheckSLI says whether the queries of an SLI can be counted, with the
	// objective's op, select and groupBy; nil: not checked. A warning, and each of
	// several joined errors, begins with the name of its query, as total.
	CheckSLI func(sli agreement.SLI, o *agreement.Objective) (warnings []string, err error)
	// Resolution is the length of a slot, which slices must fit; 0: 5m.
	Resolution time.Duration
	// KeepSources keeps the documents as they are written, for an export.
	KeepSources bool
}

// Source is a document as it is written.
type Source struct {
	*document.Document
	// Value is the document as it was read; one of OpenSLO as openslo/v1.
	Value any
	// Indicators are those that an agreement writes itself, by objective.
	Indicators map[string]*openslo.Indicator
}

// Load reads the folder dir and those in it. The error is about the folder
// itself (missing, unreadable, no folder); what is wrong in its files is in
// [Catalog.Problems]. Files in problems are named relative to dir.
func Load(ctx context.Context, dir string, o Options) (*Catalog, error) {
	files, err := readFolder(ctx, dir, o, &folder{})
	if err != nil {
		return nil, aboutFolder(ctx, dir, err)
	}
	return newResolver(files, o).resolve(ctx)
}

// aboutFolder completes what is said of the folder dir.
func aboutFolder(ctx context.Context, dir string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("the folder of documents %q %w", dir, err)
}

// All lists the agreements, then the SLOs that none names.
func (c *Catalog) All() []*agreement.Agreement { return slices.Concat(c.Agreements, c.SLOs) }

// WithLeftOut is All, and what is left out beside it: for who shows how each
// promise stands, since what is not read is no silence.
func (c *Catalog) WithLeftOut() []*agreement.Agreement {
	all := append(c.All(), c.LeftOut...)
	slices.SortStableFunc(all, func(a, b *agreement.Agreement) int { // those without parties last
		return min(len(b.Provider), 1) - min(len(a.Provider), 1)
	})
	return all
}

// Named is the agreement of that name, else the SLO that none names, of
// [Catalog.WithLeftOut]. One that is not there is nil, but as one that is left out
// while a file cannot be read, which may hold it.
func (c *Catalog) Named(name string) *agreement.Agreement {
	for _, some := range [][]*agreement.Agreement{c.Agreements, c.LeftOut, c.SLOs} {
		if i := slices.IndexFunc(some, func(a *agreement.Agreement) bool { return a.Name == name }); i >= 0 {
			return some[i]
		}
	}
	if len(c.Unread) == 0 {
		return nil
	}
	where := c.Unread[0]
	if len(c.Unread) > 1 {
		where += " or another file"
	}
	return leftOut(&agreement.Agreement{Name: name, Stage: agreement.Active}, "not read, if it is in "+where+", which cannot be read")
}

// IsAgreement reports whether one of [Catalog.WithLeftOut] is of an Agreement, and
// not of an SLO: one that is left out may have no party that can be read.
func (c *Catalog) IsAgreement(a *agreement.Agreement) bool {
	_, bad := c.Bad[ID{"Agreement", a.Name}]
	return a.Provider != "" || bad
}

// Schema is the JSON Schema (2020-12) of a document, or a list of them, for
// editors: which fields there are, what they mean and which words they take. What
// depends on other documents or on PromQL is found by reading them. A field that
// names a document of another kind has that kind as x-reference (Contact: a
// contact of a Team, or a Team). Versions of OpenSLO other than v1 are not in it.
//
//go:embed schema.json
var Schema []byte
