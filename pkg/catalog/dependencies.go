package catalog

import (
	"context"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/problem"
)

// dependencies follows dependsOn once all agreements are made, and finds the
// circles.
func (r *resolver) dependencies(context.Context) {
	if r.o.NoReferences {
		return
	}
	depends := map[string][]string{}
	for _, name := range sortedKeys(r.entries["Agreement"]) {
		e := r.entries["Agreement"][name]
		v, ok := e.value.(*agreementDocument)
		if !ok {
			continue
		}
		e.upstreams = v.Spec.upstreams(e.doc)
		for _, on := range e.upstreams {
			if other, there := r.entries["Agreement"][on.Agreement]; there {
				depends[name] = append(depends[name], on.Agreement)
				on.checkObjective(e.doc, other)
			} else if e.doc.Required(on.at+".agreement", on.Agreement) {
				r.refer(e.doc, on.at+".agreement", "Agreement", on.Agreement)
			}
		}
	}
	r.circles(depends)
	for _, e := range r.entries["Agreement"] {
		r.dependsOn(e)
	}
}

// upstream is one agreement that is named in dependsOn, and where.
type upstream struct {
	upstreamSpec
	at         string
	dependency int
}

// upstreams returns all agreements that dependsOn names. Entries that say neither
// or both are errors of the document.
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

// checkObjective says when the agreement has no objective by the name given.
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
		problem.DidYouMean(u.Objective, names), strings.Join(names, ", "))
}

// circles makes each agreement on a circle an error that shows the circle.
func (r *resolver) circles(depends map[string][]string) {
	for _, start := range sortedKeys(depends) {
		circle := shortestWay(depends, start, start)
		if circle == nil {
			continue
		}
		d := r.entries["Agreement"][start].doc
		for _, on := range r.entries["Agreement"][start].upstreams {
			if on.Agreement == circle[1] {
				d.Errorf(on.at+".agreement", "makes a circle: %s", strings.Join(circle, " → "))
				break
			}
		}
	}
}

// shortestWay returns a way of at least one step, breadth first; nil if none.
func shortestWay(depends map[string][]string, from, to string) []string {
	before := map[string]string{}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for _, next := range depends[queue[0]] {
			if _, seen := before[next]; seen {
				continue
			}
			before[next] = queue[0]
			if next == to {
				way := []string{to}
				for at := before[to]; ; at = before[at] {
					way = append(way, at)
					if at == from {
						slices.Reverse(way)
						return way
					}
				}
			}
			queue = append(queue, next)
		}
	}
	return nil
}

// dependsOn adds the agreements that are good. A bad one is listed, but does
// not take this one away: its figures do not need it.
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
		if other.doc.Failed() {
			if !e.doc.Failed() {
				e.doc.Listf(at, "%s", ownErrors(other.doc))
			}
			continue
		}
		if on.dependency != last {
			a.DependsOn, last = append(a.DependsOn, agreement.Dependency{}), on.dependency
		}
		under := &a.DependsOn[len(a.DependsOn)-1]
		under.AnyOf = append(under.AnyOf, agreement.Upstream(on.upstreamSpec))
		if promised, ok := other.built.(*agreement.Agreement); ok && !slices.Contains(promised.Consumers, a.Provider) {
			e.doc.Warnf(at, "%s is no consumer of %s, so is promised nothing under it", a.Provider, on.Agreement)
		}
	}
}
