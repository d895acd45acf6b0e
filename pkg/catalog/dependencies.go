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
	free := map[string]bool{}
	for _, name := range sortedKeys(agreements) {
		if !r.isFree(name, free) {
			r.circle(name)
		}
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

// isFree reports whether no circle can be reached from the agreement; known has the answers so far, and
// false for those being looked for.
func (r *resolver) isFree(name string, known map[string]bool) bool {
	if free, seen := known[name]; seen {
		return free
	}
	known[name] = false
	for _, on := range r.entries["Agreement"][name].upstreams {
		if r.entries["Agreement"][on.Agreement] != nil && !r.isFree(on.Agreement, known) {
			return false
		}
	}
	known[name] = true
	return true
}

// circle reports an error if the agreement depends on itself. The search is breadth-first, so the
// message shows a shortest cycle.
func (r *resolver) circle(start string) {
	agreements, before := r.entries["Agreement"], map[string]string{}
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		for _, on := range agreements[queue[0]].upstreams {
			if _, seen := before[on.Agreement]; !seen && agreements[on.Agreement] != nil {
				before[on.Agreement] = queue[0]
				queue = append(queue, on.Agreement)
			}
		}
	}
	if before[start] == "" {
		return
	}
	circle := []string{start}
	for at := before[start]; at != start; at = before[at] {
		circle = append(circle, at)
	}
	circle = append(circle, start)
	slices.Reverse(circle)
	first := slices.IndexFunc(agreements[start].upstreams, func(on upstream) bool { return on.Agreement == circle[1] })
	agreements[start].doc.Errorf(agreements[start].upstreams[first].at+".agreement", "makes a circle: %s", problem.Aside(strings.Join(circle, " → ")))
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
