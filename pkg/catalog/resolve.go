package catalog

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/problem"
)

// resolver turns the documents of a folder into a catalog. A kind is built before those that
// refer to it, so that whether a document has errors is known before another one refers to it.
type resolver struct {
	o       Options
	folder  *folder
	entries map[string]map[string]*entry // by kind and name
	all     []*entry
	listed  []Listed
	dropped []problem.Problem // those of files and the folder; in the end, all
	foreign []*document.Document
	ics     map[icsFile]func() ([]agreement.Holiday, error)
	hints   int // number of references for which a suggestion was searched
	knots   int // number of agreements that have a knot
	// owners are the teams that have a contact of that name.
	owners map[string][]string
	// about are the agreements of a name (Agreement) or about a service (Service).
	about map[ID][]*entry
	// badAgreement: a document with errors is, or may be, an agreement.
	badAgreement bool
	// proposed is nil when the folder is read as it is.
	proposed *proposed
}

// entry is a document with the value built from it.
type entry struct {
	*parsed
	// doc is a clone of the parsed document, for the problems of this catalog.
	doc *document.Document
	// built is the resolved value, for documents that refer to it.
	built any
	// upstreams are the agreements that an agreement depends on.
	upstreams []upstream
	knot      int
	closed    bool
}

// mostHints limits the broken references for which the nearest name is searched: a missing file may
// cause thousands, and each search is slow.
const mostHints = 100

func newResolver(files *folder, o Options) *resolver {
	o.Resolution = cmp.Or(o.Resolution, 5*time.Minute)
	r := &resolver{o: o, folder: files, dropped: slices.Clone(files.problems),
		entries: map[string]map[string]*entry{}, ics: map[icsFile]func() ([]agreement.Holiday, error){}, owners: map[string][]string{}, about: map[ID][]*entry{}}
	for _, kind := range Kinds() {
		r.entries[kind] = map[string]*entry{}
	}
	return r
}

func (r *resolver) resolve(ctx context.Context) (*Catalog, error) {
	for _, file := range r.folder.documents {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !r.readFile(file) {
			break
		}
	}
	for _, build := range []func(context.Context){
		each(r, r.dataSource), each(r, r.service), each(r, r.team), each(r, r.calendar), each(r, r.condition),
		each(r, r.policy), each(r, r.sli), each(r, r.slo), each(r, r.agreement), r.dependencies, r.index, each(r, r.exclusion),
	} {
		if build(ctx); ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return r.catalog(), nil
}

// each returns a step that follows the references of all documents of a kind and builds them.
func each[T any](r *resolver, build func(*entry, T)) func(context.Context) {
	return func(ctx context.Context) {
		for _, e := range r.all {
			if value, ok := e.value.(T); ok && ctx.Err() == nil {
				r.follow(e)
				build(e, value)
			}
		}
	}
}

// readFile registers the documents of a file, and reports whether there is room for more.
func (r *resolver) readFile(f *file) bool {
	f.parse(r.o)
	r.dropped = append(r.dropped, f.problems...)
	for _, p := range f.documents {
		slo, _ := p.value.(*openslo.SLO)
		switch {
		case IsForeign(p.doc) && !r.proposed.holds(p.doc):
			r.foreign = append(r.foreign, p.doc)
			continue
		case slo != nil && slo.Metadata.Annotations[openslo.ObjectiveAnnotation] != "":
			continue // a copy of an agreement's objective, for other tools
		case r.proposed.replaces(p.doc):
			continue
		case len(r.all) >= document.MaxDocuments:
			r.dropped = append(r.dropped, problem.New(p.doc.Place, problem.Error,
				"the folder has more than %d documents, which is the limit; from here on none is read", document.MaxDocuments))
			return false
		}
		d := r.register(p)
		r.dropped = append(r.dropped, p.problems...)
		for _, inner := range p.embedded {
			switch {
			case len(r.all) >= document.MaxDocuments:
				d.Errorf(documentsField, "the folder has more than %d documents, which is the limit", document.MaxDocuments)
				return true
			case !r.proposed.replaces(inner.doc):
				r.register(inner)
			}
		}
	}
	return true
}

// register adds a document by kind and name; a second one of the same name is an error. It returns the
// clone that collects problems.
func (r *resolver) register(p *parsed) *document.Document {
	e := &entry{parsed: p, doc: p.doc.Clone()}
	r.all = append(r.all, e)
	kind, name := e.doc.Kind, e.doc.Name
	if kind != "" && name != "" {
		r.listed = append(r.listed, Listed{ID: ID{kind, name}, DisplayName: e.doc.DisplayName, Place: e.doc.Place, Hash: p.hash})
	}
	of, known := r.entries[kind]
	switch first := of[name]; {
	case name == "" || !known:
	case first != nil:
		e.doc.Errorf("metadata.name", "%s %s stands already in %s; a name is unique per kind", kind, name, problem.See(first.doc.Place))
	default:
		of[name] = e
	}
	return e.doc
}

// Kinds returns the kinds of both vocabularies.
func Kinds() []string { return append(sortedKeys(accordDocuments), openslo.Kinds...) }

func (r *resolver) follow(e *entry) {
	for _, ref := range e.doc.References() {
		switch ref.Kind {
		case "Contact":
			r.notify(e.doc, ref.Field, ref.Name)
		case "Agreement", "DataSource": // their errors do not always matter
		default:
			r.refer(e.doc, ref.Field, ref.Kind, ref.Name)
		}
	}
}

// refer adds an error to d if it refers to a document that is missing or has errors.
func (r *resolver) refer(d *document.Document, field, kind, name string) {
	e, ok := r.entries[kind][name]
	switch {
	case r.o.NoReferences || name == "":
	case !ok:
		d.Errorf(field, "no %s is named %q%s", kind, name, r.hint(name, maps.Keys(r.entries[kind])))
	case e.doc.Failed():
		d.Errorf(field, ownErrors, named(e.doc)...)
	}
}

// hint returns the nearest of the known names as the end of a message, as long as there are few hints.
func (r *resolver) hint(name string, known ...iter.Seq[string]) problem.Aside {
	if r.hints++; r.hints > mostHints {
		return ""
	}
	var names []string
	for _, some := range known {
		names = slices.AppendSeq(names, some)
	}
	return problem.Aside(problem.DidYouMean(name, names))
}

// find returns the value built from a document; ok is false if the document is missing or has errors,
// or if references are not followed.
func find[T any](r *resolver, kind, name string) (built T, ok bool) {
	if e := r.entries[kind][name]; !r.o.NoReferences && e != nil && !e.doc.Failed() {
		built, ok = e.built.(T)
	}
	return built, ok
}

// ownErrors is the message about another document, [named] for it.
const ownErrors = "%s %s has errors of its own, see %s"

func named(d *document.Document) []any { return []any{d.Kind, d.Name, problem.See(d.Place)} }

func (r *resolver) catalog() *Catalog {
	c := &Catalog{
		Services: map[string]*agreement.Service{}, Teams: map[string]*agreement.Team{},
		Calendars: map[string]*agreement.Calendar{}, Bad: map[ID]Bad{}, Listed: r.listed, listed: map[ID]int{},
	}
	for i, l := range slices.Backward(r.listed) {
		c.listed[l.ID] = i
	}
	named := r.namedSLOs()
	if !r.o.NoReferences {
		r.windowless(named)
	}
	for _, e := range r.all {
		if !e.doc.Failed() {
			c.Documents++
			if r.o.KeepSources {
				c.Sources = append(c.Sources, e.source())
			}
		}
		r.dropped = append(r.dropped, e.doc.Problems()...)
	}
	byName := func(a, b *entry) int {
		return cmp.Or(strings.Compare(a.doc.Name, b.doc.Name), strings.Compare(a.doc.Kind, b.doc.Kind))
	}
	for _, e := range slices.SortedStableFunc(slices.Values(r.all), byName) {
		kind, name := e.doc.Kind, e.doc.Name
		c.Approvals = append(c.Approvals, e.approvals()...)
		switch first := r.entries[kind][name] == e; {
		case !e.doc.Failed():
			c.add(e, named)
		case first && kind == "Team":
			c.Bad[ID{kind, name}] = e.bad()
		case first && kind == "Agreement":
			c.Bad[ID{kind, name}] = e.bad()
			c.LeftOut = append(c.LeftOut, e.leftOut())
		case first && kind == "SLO" && !named[name]:
			c.LeftOut = append(c.LeftOut, e.leftOut())
		}
	}
	for _, a := range c.Agreements {
		slices.SortFunc(a.Exclusions, func(x, y *agreement.Exclusion) int { return strings.Compare(x.Name, y.Name) })
	}
	r.passedOver()
	c.problems = problem.Sort(r.dropped)
	c.Problems = firstProblems(c.problems)
	for _, p := range c.problems {
		if isOfFile(p) && len(c.Unread) < mostProblems && !slices.Contains(c.Unread[max(len(c.Unread)-1, 0):], p.File) {
			c.Unread = append(c.Unread, p.File)
		}
	}
	return c
}

// passedOver adds one warning with the number of documents of other programs.
func (r *resolver) passedOver() {
	if len(r.foreign) == 0 {
		return
	}
	what := "1 document of another program is passed over: its apiVersion is none of "
	if n := len(r.foreign); n > 1 {
		what = fmt.Sprintf("%d documents of other programs, of which this is the first, are passed over: their apiVersion is none of ", n)
	}
	r.dropped = append(r.dropped, problem.Problem{Place: r.foreign[0].Place, Severity: problem.Warning, Message: what + strings.Join(versions, ", ")})
}

func (e *entry) source() Source {
	s := Source{Document: e.doc, Value: e.value, Indicators: map[string]*openslo.Indicator{}}
	if v, ok := e.value.(*agreementDocument); ok {
		for _, o := range v.Spec.Objectives {
			if o.Indicator != nil {
				s.Indicators[o.Name] = &openslo.Indicator{Metadata: o.Indicator.Metadata, Spec: *cmp.Or(o.Indicator.Spec, &o.Indicator.SLISpec)}
			}
		}
	}
	return s
}

func (c *Catalog) add(e *entry, namedSLOs map[string]bool) {
	switch built := e.built.(type) {
	case *agreement.Service:
		c.Services[built.Name] = built
	case *agreement.Team:
		c.Teams[built.Name] = built
	case *agreement.Calendar:
		c.Calendars[built.Name] = built
	case resolvedSLO:
		c.AllSLOs = append(c.AllSLOs, built.Agreement)
		if !namedSLOs[built.Name] {
			c.SLOs = append(c.SLOs, built.Agreement)
		}
	case *agreement.Agreement:
		c.Agreements = append(c.Agreements, built)
	case *agreement.Exclusion:
		c.Exclusions = append(c.Exclusions, built)
	}
}

// isOfFile reports whether a problem may hide documents of a file.
func isOfFile(p problem.Problem) bool {
	return p.Severity == problem.Error && p.Kind == "" && p.Name == "" && p.Field == "" && !strings.EqualFold(path.Ext(p.File), ".ics")
}

// mostProblems limits the list of problems.
const mostProblems = 1000

// firstProblems truncates a sorted list, and adds how many more there are. Each file is limited, too,
// so that one with much unrelated YAML does not hide the problems of others.
func firstProblems(problems []problem.Problem) (listed []problem.Problem) {
	const mostOfFile = 100
	for rest := problems; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].File == rest[0].File {
			n++
		}
		if room := mostProblems - len(listed); room < min(n, mostOfFile+1) {
			return append(listed, cut(rest, room, room, "and %d more problems, which are not listed")...)
		}
		listed = append(listed, cut(rest[:n], mostOfFile, n-1, "%d problems more in this file are not listed")...)
		rest = rest[n:]
	}
	return listed
}

// cut truncates the problems, and adds one at the place of problems[at] with the number of the rest.
func cut(problems []problem.Problem, most, at int, more string) []problem.Problem {
	if len(problems) <= most {
		return problems
	}
	last := problem.Problem{Place: problems[at].Place, Severity: problem.Warning, Message: fmt.Sprintf(more, len(problems)-most)}
	if errors, _ := problem.Count(problems[most:]); errors > 0 {
		last.Severity = problem.Error
	}
	return append(slices.Clone(problems[:most]), last)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
