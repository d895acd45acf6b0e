package catalog

import "github.com/accord-sla/accord/pkg/agreement"

// Approval is something that a document states in the name of a team, such as a signature.
type Approval struct {
	Act  ApprovalAct
	Team string
	// Document is the name of the document that states it.
	Document string
	// What is the canonical text of what was approved, so that the approval of an exclusion, for
	// example, is not valid for another time.
	What string
}

// ApprovalAct is what is stated in the name of a team.
type ApprovalAct string

// The acts, worded to follow "to" in a message.
const (
	AskForExclusion  ApprovalAct = "ask for the exclusion"
	ApproveExclusion ApprovalAct = "approve the exclusion"
	Sign             ApprovalAct = "sign"
	ApproveRevision  ApprovalAct = "approve a revision"
)

// approvals returns what the document states in the name of teams, also if it has errors: it then takes
// effect once those are fixed, possibly in another document.
func (e *entry) approvals() (all []Approval) {
	add := func(act ApprovalAct, team string, what ...any) {
		if team != "" {
			all = append(all, Approval{act, team, e.doc.Name, agreement.Canonical(what)})
		}
	}
	switch v := e.partial.(type) {
	case *exclusionDocument:
		asked := v.Spec
		asked.ApprovedBy, asked.ApprovedOn = "", ""
		add(AskForExclusion, v.Spec.RequestedBy, asked)
		add(ApproveExclusion, v.Spec.ApprovedBy, v.Spec)
	case *agreementDocument:
		for _, s := range v.Spec.Signatures {
			add(Sign, s.Team, s)
		}
		for _, o := range v.Spec.Objectives {
			for _, r := range o.Revisions {
				for _, team := range r.ApprovedBy {
					add(ApproveRevision, team, o.Name, r.From, r.Target, r.Reason)
				}
			}
		}
	}
	return all
}
