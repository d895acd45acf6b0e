package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/problem"
)

func (r *resolver) team(e *entry, v *teamDocument) {
	d := e.doc
	team := &agreement.Team{
		Name: d.Name, DisplayName: v.Metadata.DisplayName, Labels: v.Metadata.Labels,
		Members: v.Spec.Members, Place: d.Place,
	}
	known := map[string]bool{}
	for i, member := range v.Spec.Members {
		at, trimmed := document.Item("spec.members", i), strings.TrimSpace(member)
		lower := strings.ToLower(trimmed)
		switch {
		case trimmed == "":
			d.Errorf(at, "is empty; a member is a login or an e-mail address")
		case known[lower]:
			d.Warnf(at, "%s is a member already, whatever the case of letters: leave it out", trimmed)
		case trimmed != member:
			d.Warnf(at, "%q is nobody, since it has spaces around it: write %s", member, trimmed)
		}
		known[lower] = true
	}
	names := map[string]bool{}
	for i, contact := range v.Spec.Contacts {
		at := document.Item("spec.contacts", i)
		if d.CheckName(at+".name", contact.Name) && names[contact.Name] {
			d.Errorf(at+".name", "%s is already a contact of this team", contact.Name)
		}
		if contact.Target == Hidden {
			d.Errorf(at+".target", "%s stands for an address that was not shown to whoever wrote this: write the address", Hidden)
		}
		if r.entries["Team"][d.Name] == e && !names[contact.Name] {
			r.owners[contact.Name] = append(r.owners[contact.Name], d.Name)
		}
		names[contact.Name] = true
		team.Contacts = append(team.Contacts, agreement.Contact(contact))
	}
	e.built = team
}

// notify checks that name is a team, or a contact of exactly one team.
func (r *resolver) notify(d *document.Document, field, name string) {
	if r.o.NoReferences {
		return
	}
	if _, isTeam := r.entries["Team"][name]; isTeam {
		r.refer(d, field, "Team", name)
		return
	}
	switch owners := r.owners[name]; {
	case len(owners) == 1:
		r.refer(d, field, "Team", owners[0])
	case len(owners) > 1:
		slices.Sort(owners)
		d.Errorf(field, "%s is a contact of the Teams %s; give each its own name", name, problem.Some(owners))
	case agreement.IsAddress(name): // not repeated in the problem, which everybody sees
		d.Errorf(field, "is an address: make it the target of a contact of a Team, and write the name of that here")
	default:
		d.Errorf(field, "no Team, and no contact of one, is named %q%s", name, r.hint(name, maps.Keys(r.entries["Team"]), maps.Keys(r.owners)))
	}
}

// leftOut returns the agreement, or the SLO as an agreement, of a document with errors.
func (e *entry) leftOut() *agreement.Agreement {
	a := *e.bad().Agreement
	problems := e.doc.Problems()
	first := slices.IndexFunc(problems, func(p problem.Problem) bool { return p.Severity == problem.Error })
	a.Name, a.Place, a.IsSLO = e.doc.Name, e.doc.Place, e.doc.Kind == "SLO"
	return leftOut(&a, "not read: "+problems[first].String())
}

// leftOut sets NotRead, and an objective if there is none, so that the agreement has a row in results.
func leftOut(a *agreement.Agreement, notRead string) *agreement.Agreement {
	a.NotRead = notRead
	if len(a.Objectives) == 0 {
		a.Objectives = []*agreement.Objective{{Budgeting: agreement.Occurrences}}
	}
	return a
}

func (e *entry) bad() Bad {
	bad := Bad{Text: cmp.Or(e.hash, e.within), Agreement: &agreement.Agreement{Name: e.doc.Name, Stage: agreement.Active}}
	switch v := e.partial.(type) {
	case *teamDocument:
		bad.Members = v.Spec.Members
	case *agreementDocument:
		bad.Agreement.Provider, bad.Agreement.Consumers = v.Spec.Provider, v.Spec.Consumers
	}
	if a, ok := e.built.(*agreement.Agreement); ok {
		bad.Agreement = a
	}
	if unread := e.partial == nil || e.value == nil && e.doc.Has("spec.members"); unread && len(bad.Members) == 0 {
		bad.Members = []string{""}
	}
	return bad
}
