package catalog

import (
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
)

// dependencies follows dependsOn once all agreements are made, and finds the
// circles.
func (r *resolver) dependencies() {
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
		for i, on := range v.Spec.DependsOn {
			at := item("spec.dependsOn", i) + ".agreement"
			if _, there := r.entries["Agreement"][on.Agreement]; there {
				depends[name] = append(depends[name], on.Agreement)
			} else if e.doc.Required(at, on.Agreement) {
				r.refer(e.doc, at, "Agreement", on.Agreement)
			}
		}
	}
	r.circles(depends)
	for _, e := range r.entries["Agreement"] {
		r.dependsOn(e)
	}
}

// circles makes each agreement on a circle an error that shows the circle.
func (r *resolver) circles(depends map[string][]string) {
	for _, start := range sortedKeys(depends) {
		circle := shortestWay(depends, start, start)
		if circle == nil {
			continue
		}
		d := r.entries["Agreement"][start].doc
		for i, on := range r.entries["Agreement"][start].value.(*agreementDocument).Spec.DependsOn {
			if on.Agreement == circle[1] {
				d.Errorf(item("spec.dependsOn", i)+".agreement", "makes a circle: %s", strings.Join(circle, " → "))
				break
			}
		}
	}
}

// shortestWay is a way of at least one step, breadth first; nil if none.
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

// dependsOn keeps the agreements that are good. A bad one is said, but does
// not take this one away: its figures do not need it.
func (r *resolver) dependsOn(e *entry) {
	a, ok := e.built.(*agreement.Agreement)
	if !ok {
		return
	}
	for i, on := range e.value.(*agreementDocument).Spec.DependsOn {
		at := item("spec.dependsOn", i) + ".agreement"
		other := r.entries["Agreement"][on.Agreement]
		if other == nil || on.Agreement == a.Name {
			continue
		}
		if other.doc.Failed() {
			if !e.doc.Failed() {
				e.doc.Listf(at, "%s", ownErrors(other))
			}
			continue
		}
		a.DependsOn = append(a.DependsOn, on.Agreement)
		if under, ok := other.built.(*agreement.Agreement); ok && !slices.Contains(under.Consumers, a.Provider) {
			e.doc.Warnf(at, "%s is no consumer of %s, so is promised nothing under it", a.Provider, on.Agreement)
		}
	}
}
