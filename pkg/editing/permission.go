package editing

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
)

// User is who makes a change. Permissions depend on what the change does to the resolved documents,
// never on which document it is in, and on the members before it: nobody becomes a member by the change
// itself.
type User struct {
	Login string
	// Email is empty if unknown.
	Email string
	// Role is Viewer, Editor or Admin. Admins may also change teams that they are not members of.
	Role string
}

// IsMember reports whether the user is one of the members, by login or address. Grafana stores both in
// lower case: letters that only fold to the same, as ſ and s, belong to different users.
func (u User) IsMember(members []string) bool {
	login, email := strings.ToLower(u.Login), strings.ToLower(u.Email)
	return slices.ContainsFunc(members, func(member string) bool {
		member = strings.ToLower(member)
		return member != "" && (member == login || member == email)
	})
}

// permit refuses a change that the user may not make.
func (u User) permit(o *catalog.Outcome) error {
	return cmp.Or(u.permitApprovals(o), u.permitTeams(o), u.permitAgreements(o))
}

// MayAsk reports whether the user may request the exclusion of that name, as it would be, for the team:
// members of the team may, and all who are members of no provider. A member of a provider that it
// concerns may do so only for that provider, even if they are also in other teams: otherwise they could
// approve an exclusion in their own favor.
func (u User) MayAsk(o *catalog.Outcome, team, exclusion string) bool {
	isAbout := func(a *agreement.Agreement) bool {
		return slices.ContainsFunc(a.Exclusions, func(x *agreement.Exclusion) bool { return x.Name == exclusion })
	}
	all, there := slices.Collect(maps.Values(promised(o.After))), teams(o.Before)
	own := slices.ContainsFunc(all, isAbout) && u.IsMember(there[team].members)
	return !slices.ContainsFunc(all, func(a *agreement.Agreement) bool {
		return a.Provider != team && isBinding(a) && u.IsMember(there[a.Provider].members) && (!own || isAbout(a))
	})
}

// permitApprovals refuses new approvals by users who are not members of the team, and requests that
// [User.MayAsk] does not allow. Changes of the files themselves are reviewed in Git.
func (u User) permitApprovals(o *catalog.Outcome) error {
	known, there := map[catalog.Approval]bool{}, teams(o.Before)
	for _, a := range o.Before.Approvals {
		known[a] = true
	}
	for _, a := range o.After.Approvals {
		if known[a] || a.Act == catalog.AskForExclusion && u.MayAsk(o, a.Team, a.Document) {
			continue
		}
		switch member := u.IsMember(there[a.Team].members); {
		case member && a.Act != catalog.AskForExclusion:
		case member:
			return refuse(Forbidden, "to %s for %s takes somebody who is not, as %s is, a member of a provider that it concerns, too: ask in the name of the provider",
				a.Act, a.Team, u.Login)
		default:
			return refuse(Forbidden, "to %s for %s takes a member of the team, and %s is not among the members of %s: leave that to one of them",
				a.Act, a.Team, u.Login, a.Team)
		}
	}
	return nil
}

// permitTeams lets only its members and Admins create, fix or delete a team with members, or change
// them. For the first members of a party see permitAgreements.
func (u User) permitTeams(o *catalog.Outcome) error {
	before, after := teams(o.Before), teams(o.After)
	for _, name := range names(before, after) {
		was, is := before[name], after[name]
		if u.Role == "Admin" || was.bad == is.bad && slices.Equal(was.members, is.members) && was.there == is.there {
			continue
		}
		act := "change the members of"
		switch unread := o.Before.Unread; {
		case !was.there && len(unread) > 0:
			return refuse(Forbidden, "%s cannot be read, and may hold a team %s: mend that file first, or leave this to an Admin", unread[0], name)
		case !was.there:
			act = "make the team"
		case !is.there:
			act = "delete the team"
		case was.bad:
			act = "mend the team"
		}
		asked := was.members
		if !was.there {
			asked = is.members
		}
		if len(asked) > 0 && !u.IsMember(asked) {
			return refuse(Forbidden, "to %s %s takes a member of the team, and %s is not among the members of %s: leave that to one of them, or to an Admin",
				act, name, u.Login, name)
		}
	}
	return nil
}

// teamState is the state of a team, which may have errors.
type teamState struct {
	there, bad bool
	members    []string
}

func teams(c *catalog.Catalog) map[string]teamState {
	all := map[string]teamState{}
	for id, bad := range c.Bad {
		if id.Kind == "Team" {
			all[id.Name] = teamState{true, true, bad.Members}
		}
	}
	for name, team := range c.Teams {
		all[name] = teamState{true, false, team.Members}
	}
	return all
}

// promised returns the agreements by name, those with errors as far as they can be read.
func promised(c *catalog.Catalog) map[string]*agreement.Agreement {
	all := map[string]*agreement.Agreement{}
	for id, bad := range c.Bad {
		if id.Kind == "Agreement" {
			all[id.Name] = bad.Agreement
		}
	}
	for _, a := range c.Agreements {
		all[a.Name] = a
	}
	return all
}

// isBinding reports whether the agreement is active or retired: retired ones have statements, too.
func isBinding(a *agreement.Agreement) bool {
	return a != nil && (a.Stage == agreement.Active || a.Stage == agreement.Retired)
}

// permitAgreements lets only members of its parties change the terms of a binding agreement; if the
// change makes it binding, members of its new parties. The first members of a party can act for it from
// then on, so adding them counts as a change of each of its agreements, unless an Admin does it.
func (u User) permitAgreements(o *catalog.Outcome) error {
	before, after := promised(o.Before), promised(o.After)
	there, then := teams(o.Before), teams(o.After)
	isFirst := func(party string) bool { return len(there[party].members) == 0 && len(then[party].members) > 0 }
	for _, name := range names(before, after) {
		was, is := before[name], after[name]
		of := was
		if !isBinding(was) {
			of = is
		}
		if !isBinding(of) {
			continue
		}
		act, orWho := difference(o, was, is), "one of them"
		if act == "" && u.Role != "Admin" && slices.ContainsFunc(of.Parties(), isFirst) {
			act, orWho = "name the first members of a party of", "one of them, or to an Admin"
		}
		if act == "" {
			continue
		}
		var asked []string
		for _, party := range of.Parties() {
			asked = append(asked, there[party].members...)
		}
		gone := slices.IndexFunc(of.Parties(), func(party string) bool { return party != "" && !there[party].there })
		hidden := of.Provider == "" && len(of.Consumers) == 0
		listed := len(o.Before.Unread) > 0 || slices.ContainsFunc(slices.Collect(maps.Values(there)), func(t teamState) bool { return len(t.members) > 0 })
		switch {
		case hidden && listed:
			return refuse(Forbidden, "to %s %s takes a member of one of its parties, which cannot be read: mend it in its file", act, name)
		case len(asked) == 0 && gone >= 0 && listed:
			return refuse(Forbidden, "to %s %s takes a member of one of its parties, and there is no team %s, or its file cannot be read: mend that first",
				act, name, of.Parties()[gone])
		case len(asked) > 0 && !u.IsMember(asked):
			return refuse(Forbidden, "to %s %s takes a member of one of its parties, and %s is not among the members of %s: leave that to %s",
				act, name, u.Login, strings.Join(of.Parties(), " or "), orWho)
		}
	}
	return nil
}

// difference describes the change of an agreement; it is empty if the terms stay the same.
func difference(o *catalog.Outcome, was, is *agreement.Agreement) string {
	id := catalog.ID{Kind: "Agreement", Name: cmp.Or(was, is).Name}
	badBefore, wasBad := o.Before.Bad[id]
	badAfter, isBad := o.After.Bad[id]
	switch {
	case was == nil:
		return "make the agreement"
	case is == nil:
		return "delete the agreement"
	case wasBad && !isBad:
		return "mend the agreement"
	case wasBad != isBad:
		return "break the agreement"
	case wasBad && badBefore.Text != badAfter.Text:
		return "change the text of"
	case reflect.DeepEqual(was, is): // the usual case, and fast
		return ""
	}
	before, after := terms(was), terms(is)
	changed := slices.DeleteFunc(names(before, after), func(name string) bool { return before[name] == after[name] })
	if len(changed) == 0 {
		return ""
	}
	return "change " + strings.Join(changed, ", ") + " of"
}

// terms returns the parts of an agreement that determine its figures or its commitments, as texts.
func terms(a *agreement.Agreement) map[string]string {
	all := map[string]string{}
	add := func(name string, part any) { all[name] = agreement.Canonical(part) }
	add("the parties", a.Parties())
	add("the service", a.Service)
	add("the stage", a.Stage)
	add("the time zone", a.Zone)
	add("the effective dates", a.Effective)
	add("the signatures", a.Signatures)
	add("the consequences", a.Consequences)
	if a.SupportHours != nil {
		hours := *a.SupportHours
		hours.DisplayName = ""
		add("the support hours", hours)
	}
	for _, objective := range a.Objectives {
		o := *objective
		o.DisplayName, o.SLI.DisplayName, o.SLI.Description = "", "", ""
		add("the objective "+o.Name, o)
	}
	for _, exclusion := range a.Exclusions {
		if exclusion.HasEffectIn(a) {
			x := *exclusion
			x.DisplayName = ""
			add("the exclusion "+x.Name, x)
		}
	}
	return all
}

// names returns the keys of both, sorted.
func names[T any](before, after map[string]T) []string {
	either := maps.Clone(before)
	maps.Copy(either, after)
	return slices.Sorted(maps.Keys(either))
}
