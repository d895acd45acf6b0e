package datasource

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// filter keeps what one of its names or expressions matches; an empty one
// keeps all.
type filter struct {
	field       string
	names       []string
	expressions []*regexp.Regexp
}

type filters struct {
	agreements, objectives, services, providers, consumers, labels filter
}

func newFilter(field string, values []string) (filter, error) {
	f := filter{field: field}
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
		expression, err := regexp.Compile(inside)
		if err != nil {
			return f, badQueryf("%s: the regular expression %s does not compile: %w", field, value, err)
		}
		f.expressions = append(f.expressions, expression)
	}
	return f, nil
}

func (q *question) readFilters() error {
	for _, f := range []struct {
		into   *filter
		field  string
		values []string
	}{
		{&q.filters.agreements, "agreements", q.Agreements}, {&q.filters.objectives, "objectives", q.Objectives},
		{&q.filters.services, "services", q.Services}, {&q.filters.providers, "providers", q.Providers},
		{&q.filters.consumers, "consumers", q.Consumers}, {&q.filters.labels, "labels", q.Labels},
	} {
		var err error
		if *f.into, err = newFilter(f.field, f.values); err != nil {
			return err
		}
	}
	return nil
}

func (f filter) keepsAll() bool { return len(f.names)+len(f.expressions) == 0 }

// keeps reports whether one of the values matches. What has none, as an SLO has
// no consumers, is kept by an expression that matches nothing at all: «All» in
// a dashboard is /.*/.
func (f filter) keeps(values ...string) bool {
	if f.keepsAll() {
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

// keepsAgreement judges all but the objectives.
func (f filters) keepsAgreement(a *agreement.Agreement) bool {
	return f.agreements.keeps(a.Name) && f.services.keeps(a.Service) && f.providers.keeps(a.Provider) &&
		f.consumers.keeps(a.Consumers...) && f.labels.keeps(pairs(a.Labels)...)
}

func pairs(labels map[string]string) []string {
	all := make([]string, 0, len(labels))
	for name, value := range labels {
		all = append(all, name+"="+value)
	}
	return all
}

// narrowed is the agreement with the objectives that are meant; nil without
// any.
func (f filters) narrowed(a *agreement.Agreement) *agreement.Agreement {
	if !f.keepsAgreement(a) {
		return nil
	}
	if f.objectives.keepsAll() {
		return a
	}
	meant := *a
	meant.Objectives = slices.DeleteFunc(slices.Clone(a.Objectives), func(o *agreement.Objective) bool {
		return !f.objectives.keeps(o.Name)
	})
	if len(meant.Objectives) == 0 {
		return nil
	}
	return &meant
}

// choose are the agreements that the query means, and then the SLOs that no
// agreement names. A name that does not exist is an error, so that a rename is
// noticed; an expression may match nothing.
func (q question) choose(c *catalog.Catalog) ([]*agreement.Agreement, error) {
	all := slices.Clone(c.Agreements)
	for _, slo := range c.SLOs {
		all = append(all, slo.AsAgreement())
	}
	if err := q.filters.checkNames(c, all); err != nil {
		return nil, err
	}
	var chosen []*agreement.Agreement
	for _, a := range all {
		if q.QueryType == AlertQuery && a.Stage != agreement.Active {
			continue
		}
		if meant := q.filters.narrowed(a); meant != nil {
			chosen = append(chosen, meant)
		}
	}
	return chosen, nil
}

// checkNames refuses names that are nowhere in the catalog.
func (f filters) checkNames(c *catalog.Catalog, all []*agreement.Agreement) error {
	known := map[string]map[string]bool{}
	note := func(field string, values ...string) {
		if known[field] == nil {
			known[field] = map[string]bool{}
		}
		for _, value := range values {
			known[field][value] = true
		}
	}
	for _, a := range all {
		note("agreements", a.Name)
		note("services", a.Service)
		note("labels", pairs(a.Labels)...)
		for _, o := range a.Objectives {
			note("objectives", o.Name)
		}
	}
	// A service or a team may be without agreements just now.
	note("services", slices.Collect(maps.Keys(c.Services))...)
	note("providers", slices.Collect(maps.Keys(c.Teams))...)
	note("consumers", slices.Collect(maps.Keys(c.Teams))...)
	for _, filter := range []filter{f.agreements, f.objectives, f.services, f.providers, f.consumers, f.labels} {
		for _, name := range filter.names {
			if known[filter.field][name] {
				continue
			}
			if problem, found := problemOf(c, name); found && filter.field == "agreements" {
				return badQueryf("agreements: %q is not served: %s", name, problem)
			}
			return badQueryf("%s: there is no %q%s", filter.field, name,
				document.DidYouMean(name, slices.Sorted(maps.Keys(known[filter.field]))))
		}
	}
	return nil
}

// problemOf is the error of the document that holds the agreement or SLO.
func problemOf(c *catalog.Catalog, name string) (catalog.Problem, bool) {
	for _, problem := range c.Problems {
		if problem.Severity == catalog.Error && problem.Name == name && (problem.Kind == "Agreement" || problem.Kind == "SLO") {
			return problem, true
		}
	}
	return catalog.Problem{}, false
}
