package catalog

import (
	"context"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/problem"
)

// dependencies resolves dependsOn once all agreements are built, and reports cycles.
func (r *resolver) dependencies(context.Context) {
	if r.o.NoReferences {
		return
	}
	agreements := r.entries["Agreement"]
	for _, name := range sortedKeys(agreements) {
		e := agreements[name]
		if v, ok := e.value.(*agreementDocument); ok {
			e.upstreams = v.Spec.upstreams(e.doc)
		}
		for _, on := range e.upstreams {
			if other, there := agreements[on.Agreement]; there {
				on.checkObjective(e.doc, other)
			} else if e.doc.Required(on.at+".agreement", on.Agreement) {
				r.refer(e.doc, on.at+".agreement", "Agreement", on.Agreement)
			}
		}
	}
	for _, e := range agreements {
		if !e.closed {
			r.knot(e, new([]*entry))
		}
	}
	for _, name := range sortedKeys(agreements) {
		r.circle(agreements[name])
	}
	for _, e := range agreements {
		r.dependsOn(e)
	}
}

// upstream is an agreement named in dependsOn, with its field and the index of its entry.
type upstream struct {
	upstreamSpec
	at         string
	dependency int
}

// upstreams returns the agreements that dependsOn names; an entry has either agreement or anyOf.
func (s *agreementSpec) upstreams(d *document.Document) (all []upstream) {
	for i, on := range s.DependsOn {
		at := document.Item("spec.dependsOn", i)
		single := on.upstreamSpec != upstreamSpec{}
		switch {
		case single && len(on.AnyOf) > 0:
			d.Errorf(at, "has both agreement and anyOf; give one of them")
		case len(on.AnyOf) > 0:
			for j, one := range on.AnyOf {
				all = append(all, upstream{one, document.Item(at+".anyOf", j), i})
			}
		default:
			all = append(all, upstream{on.upstreamSpec, at, i})
		}
	}
	return all
}

// checkObjective reports an error if the other agreement has no objective of that name.
func (u upstream) checkObjective(d *document.Document, other *entry) {
	a, ok := other.built.(*agreement.Agreement)
	if u.Objective == "" || !ok || other.doc.Failed() {
		return
	}
	names := a.ObjectiveNames()
	if slices.Contains(names, u.Objective) {
		return
	}
	d.Errorf(u.at+".objective", "%s has no objective %q%s; it has %s", u.Agreement, u.Objective,
		problem.Aside(problem.DidYouMean(u.Objective, names)), problem.Some(names))
}

// knot numbers the agreement and those it depends on, so that exactly those that depend on each other
// have the same number (Tarjan's algorithm). It returns the lowest number that it reaches among the open
// ones, which do not have their last number yet.
func (r *resolver) knot(e *entry, open *[]*entry) (lowest int) {
	r.knots++
	number, at := r.knots, len(*open)
	lowest, e.knot, *open = number, number, append(*open, e)
	for _, on := range e.upstreams {
		switch next := r.entries["Agreement"][on.Agreement]; {
		case next == nil || next.closed:
		case next.knot == 0:
			lowest = min(lowest, r.knot(next, open))
		default:
			lowest = min(lowest, next.knot)
		}
	}
	if lowest == number {
		for _, member := range (*open)[at:] {
			member.knot, member.closed = number, true
		}
		*open = (*open)[:at]
	}
	return lowest
}

// mostOfCircle limits the names in the message about a circle.
const mostOfCircle = 10

// circle reports an error if the agreement depends on itself. The message shows a shortest circle, since
// the search is breadth-first, as long as there are few.
func (r *resolver) circle(start *entry) {
	agreements, before := r.entries["Agreement"], map[string]string{}
	inKnot := func(on upstream) bool {
		other := agreements[on.Agreement]
		return other != nil && other.knot == start.knot
	}
	first := slices.IndexFunc(start.upstreams, inKnot)
	if first < 0 {
		return
	}
	name := start.doc.Name
	circle := []string{name, start.upstreams[first].Agreement, "…", name}
	if r.hints++; r.hints <= mostHints {
		for queue := []string{name}; before[name] == ""; queue = queue[1:] {
			for _, on := range agreements[queue[0]].upstreams {
				if _, seen := before[on.Agreement]; !seen && inKnot(on) {
					before[on.Agreement] = queue[0]
					queue = append(queue, on.Agreement)
				}
			}
		}
		circle = []string{name}
		for at := before[name]; at != name; at = before[at] {
			circle = append(circle, at)
		}
		circle = append(circle, name)
		slices.Reverse(circle)
		first = slices.IndexFunc(start.upstreams, func(on upstream) bool { return on.Agreement == circle[1] })
		if len(circle) > mostOfCircle {
			circle = append(circle[:mostOfCircle-1], "…", name)
		}
	}
	start.doc.Errorf(start.upstreams[first].at+".agreement", "makes a circle: %s", problem.Aside(strings.Join(circle, " → ")))
}

// dependsOn sets the dependencies of an agreement. One with errors is a problem, but this agreement is
// still served, since its figures do not need it.
func (r *resolver) dependsOn(e *entry) {
	a, ok := e.built.(*agreement.Agreement)
	if !ok {
		return
	}
	last := -1
	for _, on := range e.upstreams {
		at := on.at + ".agreement"
		other := r.entries["Agreement"][on.Agreement]
		if other == nil || on.Agreement == a.Name {
			continue
		}
		if on.dependency != last {
			a.DependsOn, last = append(a.DependsOn, agreement.Dependency{}), on.dependency
		}
		under := &a.DependsOn[len(a.DependsOn)-1]
		under.AnyOf = append(under.AnyOf, agreement.Upstream(on.upstreamSpec))
		if other.doc.Failed() {
			if !e.doc.Failed() {
				e.doc.Listf(at, ownErrors, named(other.doc)...)
			}
		} else if promised, ok := other.built.(*agreement.Agreement); ok && !slices.Contains(promised.Consumers, a.Provider) {
			e.doc.Warnf(at, "%s is no consumer of %s, so is promised nothing under it", a.Provider, on.Agreement)
		}
	}
}
