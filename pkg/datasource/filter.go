package datasource

import (
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/wire"
)

// dimension is a property by which agreements are filtered.
type dimension struct {
	field string
	// filter returns the names and expressions of the query.
	filter func(Query) []string
	// values returns those of an agreement.
	values func(*agreement.Agreement) []string
	// unused returns names in the catalog that agreements need not use; nil if there are none.
	unused func(*catalog.Catalog) []string
}

var dimensions = []dimension{
	{"agreements", func(q Query) []string { return q.Agreements },
		func(a *agreement.Agreement) []string { return []string{a.Name} }, nil},
	{"objectives", func(q Query) []string { return q.Objectives }, (*agreement.Agreement).ObjectiveNames, nil},
	{"services", func(q Query) []string { return q.Services },
		func(a *agreement.Agreement) []string { return []string{a.Service} },
		func(c *catalog.Catalog) []string { return slices.Collect(maps.Keys(c.Services)) }},
	{"providers", func(q Query) []string { return q.Providers },
		func(a *agreement.Agreement) []string { return []string{a.Provider} }, teamNames},
	{"consumers", func(q Query) []string { return q.Consumers },
		func(a *agreement.Agreement) []string { return a.Consumers }, teamNames},
	{"labels", func(q Query) []string { return q.Labels },
		func(a *agreement.Agreement) []string { return wire.Pairs(a.Labels) }, nil},
}

func teamNames(c *catalog.Catalog) []string { return slices.Collect(maps.Keys(c.Teams)) }

// filter keeps what one of its names or expressions matches; an empty filter keeps all.
type filter struct {
	names       []string
	expressions []*regexp.Regexp
}

type filters map[string]filter

// Limits of a filter. The cost of a regular expression grows with its size and with the
// text, so its size, with repetitions written out, is limited.
const (
	maxFilterValues = 1000
	maxFilterBytes  = 64 << 10
	maxExpressions  = 10_000
)

func newFilter(field string, values []string) (filter, error) {
	var f filter
	size := 0
	if text := len(strings.Join(values, "")); len(values) > maxFilterValues || text > maxFilterBytes {
		return f, badQueryf("%s: %d names and expressions of %d bytes are given, the limits are %d and %d: take one expression for many names, such as /.*/",
			field, len(values), text, maxFilterValues, maxFilterBytes)
	}
	if err := withoutVariables(field, values...); err != nil {
		return f, err
	}
	for _, value := range values {
		inside, isExpression := strings.CutPrefix(value, "/")
		if !isExpression {
			f.names = append(f.names, value)
			continue
		}
		inside, closed := strings.CutSuffix(inside, "/")
		if !closed {
			return f, badQueryf("%s: the regular expression %q has no / at its end", field, value)
		}
		parsed, err := syntax.Parse(inside, syntax.Perl)
		if err != nil {
			return f, badQueryf("%s: the regular expression %s does not compile: %w", field, value, err)
		}
		if size += sizeOf(parsed); size > maxExpressions {
			return f, badQueryf("%s: the regular expressions have a size of %d or more with repetitions written out, the limit is %d: take a simpler one", field, size, maxExpressions)
		}
		f.expressions = append(f.expressions, regexp.MustCompile(inside)) // compiles, since it was parsed
	}
	return f, nil
}

// sizeOf returns about how many instructions the expression compiles to.
func sizeOf(re *syntax.Regexp) int {
	n := max(1, len(re.Rune))
	if re.Op == syntax.OpCharClass {
		n = 1
	}
	for _, sub := range re.Sub {
		n += sizeOf(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(1, re.Min, re.Max)
	}
	return n
}

func (q *question) readFilters() (err error) {
	q.filters = filters{}
	for _, d := range dimensions {
		if q.filters[d.field], err = newFilter(d.field, d.filter(q.Query)); err != nil {
			return err
		}
	}
	return nil
}

// keeps reports whether one of the values matches. No values, as the consumers of an SLO, are matched
// by an expression that matches the empty string, such as «All» in a dashboard, /.*/.
func (f filter) keeps(values ...string) bool {
	if len(f.names)+len(f.expressions) == 0 {
		return true
	}
	if len(values) == 0 {
		values = []string{""}
	}
	return slices.ContainsFunc(values, func(value string) bool {
		return slices.Contains(f.names, value) ||
			slices.ContainsFunc(f.expressions, func(e *regexp.Regexp) bool { return e.MatchString(value) })
	})
}

// keeps reports whether the agreement, or one of its objectives, matches.
func (f filters) keeps(a *agreement.Agreement) bool {
	return !slices.ContainsFunc(dimensions, func(d dimension) bool { return !f[d.field].keeps(d.values(a)...) })
}

func (f filters) keepsObjective(name string) bool { return f["objectives"].keeps(name) }

// choose returns the agreements and SLOs that match the query, with the objectives that match. A name
// that does not exist is an error, so that a rename is noticed. An alert query goes on without it, as
// long as anything else matches or alerted before, and unknown lists such names.
func (q question) choose(c *catalog.Catalog, alerted func(filters) bool) (chosen []*agreement.Agreement, unknown []error, err error) {
	all := c.All()
	if q.QueryType == StatusQuery {
		all = c.WithLeftOut()
	}
	unknown = q.filters.unknown(c, all)
	if len(unknown) > 0 && !(q.QueryType == AlertQuery && (slices.ContainsFunc(all, q.filters.keeps) || alerted(q.filters))) {
		return nil, nil, unknown[0]
	}
	for _, a := range all {
		if q.QueryType == AlertQuery && a.Stage != agreement.Active && a.Stage != agreement.Retired || !q.filters.keeps(a) {
			continue
		}
		meant := *a
		meant.Objectives = slices.DeleteFunc(slices.Clone(a.Objectives), func(o *agreement.Objective) bool {
			return !q.filters.keepsObjective(o.Name)
		})
		if len(meant.Objectives) < len(a.Objectives) {
			a = &meant
		}
		chosen = append(chosen, a)
	}
	return chosen, unknown, nil
}

// unknown returns an error for each name that is not in the catalog.
func (f filters) unknown(c *catalog.Catalog, all []*agreement.Agreement) (unknown []error) {
	for _, d := range dimensions {
		if len(f[d.field].names) == 0 {
			continue
		}
		var known []string
		for _, a := range all {
			known = append(known, d.values(a)...)
		}
		if d.unused != nil {
			known = append(known, d.unused(c)...)
		}
		known = slices.DeleteFunc(known, func(value string) bool { return value == "" })
		for _, name := range f[d.field].names {
			if slices.Contains(known, name) {
				continue
			}
			err := badQueryf("%s: there is no %q%s", d.field, name, problem.DidYouMean(name, known))
			if d.field == "agreements" {
				if found := firstError(c, func(p problem.Problem) bool { return isAbout(p, name) }); found != nil {
					err = badQueryf("agreements: %q is not served: %s", name, found)
				} else if a := c.Named(name); a != nil { // it may be in a file that cannot be read
					err = badQueryf("agreements: %q is %s", name, a.NotRead)
				}
			}
			unknown = append(unknown, err)
		}
	}
	return unknown
}

func firstError(c *catalog.Catalog, matches func(problem.Problem) bool) *problem.Problem {
	i := slices.IndexFunc(c.Problems, func(p problem.Problem) bool { return p.Severity == problem.Error && matches(p) })
	if i < 0 {
		return nil
	}
	return &c.Problems[i]
}

func isAbout(p problem.Problem, name string) bool {
	return p.Name == name && (p.Kind == "Agreement" || p.Kind == "SLO")
}
