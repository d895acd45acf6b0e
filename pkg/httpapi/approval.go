package httpapi

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/wire"
)

// requiredApproval is what a change of a document takes a member of a team for:
// the team approves by it, signs, or gets other members.
type requiredApproval struct {
	team string
	// act is what the change does in the team's name, as in «to … takes a
	// member of the team».
	act string
}

// allows refuses a change by which the user speaks for a team whose member
// they are not. Through Grafana only members sign and approve; in the files,
// Git's reviews are in charge.
func (u User) allows(id catalog.ID) func(*catalog.Outcome) error {
	return func(o *catalog.Outcome) error {
		for _, required := range u.requiredApprovals(id, o) {
			if team := o.Before.Teams[required.team]; team == nil || !u.isMember(team) {
				return refuse(http.StatusForbidden, "to %s takes a member of the team, and %s is not among the members of %s: leave that to one of them",
					required.act, u.Login, required.team)
			}
		}
		return nil
	}
}

// isMember reports whether the team lists the user's login or e-mail address,
// which Grafana both reads without regard to case.
func (u User) isMember(team *agreement.Team) bool {
	return slices.ContainsFunc(team.Members, func(member string) bool {
		return strings.EqualFold(member, u.Login) || u.Email != "" && strings.EqualFold(member, u.Email)
	})
}

func (u User) requiredApprovals(id catalog.ID, o *catalog.Outcome) []requiredApproval {
	switch id.Kind {
	case "Exclusion":
		return approvals(exclusionNamed(o.Before, id.Name), exclusionNamed(o.After, id.Name))
	case "Agreement":
		return signatures(agreementNamed(o.Before, id.Name), agreementNamed(o.After, id.Name))
	case "Team":
		return u.membership(o.Before.Teams[id.Name], o.After.Teams[id.Name])
	}
	return nil
}

// approvals is the approver of an exclusion that was not approved as it is
// now. An approval is of what was approved: it does not hold for another time.
func approvals(before, after *agreement.Exclusion) []requiredApproval {
	if after == nil || after.ApprovedBy == "" || before != nil && reflect.DeepEqual(approved(before), approved(after)) {
		return nil
	}
	return []requiredApproval{{after.ApprovedBy, "approve the exclusion for " + after.ApprovedBy}}
}

// approved is what an approval is of: all but where it stands and what it is
// called.
func approved(x *agreement.Exclusion) wire.Exclusion {
	text := wire.NewExclusion(x).UTC()
	text.DisplayName = ""
	return text
}

// signatures are the teams that sign, or approve a revision of a target, by
// the change.
func signatures(before, after *agreement.Agreement) []requiredApproval {
	if after == nil {
		return nil
	}
	// Days are those that were written, which do not change with the time zone
	// of the agreement.
	type signature struct{ team, name, on string }
	type revision struct {
		objective, from string
		target          float64
		team            string
	}
	known := map[any]bool{}
	visit := func(a *agreement.Agreement, each func(team, act string, what any)) {
		for _, s := range a.Signatures {
			each(s.Team, "sign for "+s.Team, signature{s.Team, s.Name, s.On.Format(time.DateOnly)})
		}
		for _, objective := range a.Objectives {
			for _, r := range objective.Revisions {
				for _, team := range r.ApprovedBy {
					each(team, "approve a revision for "+team, revision{objective.Name, r.From.Format(time.DateTime), r.Target, team})
				}
			}
		}
	}
	if before != nil {
		visit(before, func(_, _ string, what any) { known[what] = true })
	}
	var required []requiredApproval
	visit(after, func(team, act string, what any) {
		if !known[what] {
			required = append(required, requiredApproval{team, act})
		}
	})
	return required
}

// membership is the team itself where it has members already, and others by
// the change; else anybody could become one and speak for it. Admins may, too.
func (u User) membership(before, after *agreement.Team) []requiredApproval {
	if u.Role == "Admin" || before == nil || after == nil || len(before.Members) == 0 || slices.Equal(before.Members, after.Members) {
		return nil
	}
	return []requiredApproval{{before.Name, "change the members of " + before.Name}}
}

func exclusionNamed(c *catalog.Catalog, name string) *agreement.Exclusion {
	return first(c.Exclusions, func(x *agreement.Exclusion) bool { return x.Name == name })
}

func agreementNamed(c *catalog.Catalog, name string) *agreement.Agreement {
	return first(c.Agreements, func(a *agreement.Agreement) bool { return a.Name == name })
}

// first is the first element that fits, nil without any.
func first[T any](all []*T, fits func(*T) bool) *T {
	if i := slices.IndexFunc(all, fits); i >= 0 {
		return all[i]
	}
	return nil
}
