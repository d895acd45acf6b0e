package catalog

import "github.com/accord-sla/accord/pkg/agreement"

// Approval is what a document says in the name of a team, by its own text.
type Approval struct {
	Act  ApprovalAct
	Team string
	// Document is the name of the one that says it.
	Document string
	// What was approved, as a text that changes with it: an approval does not hold for
	// another time, nor a signature for another agreement.
	What string
}

// ApprovalAct is what is said in the name of a team.
type ApprovalAct string

// The acts, as they follow «to» in a sentence.
const (
	AskForExclusion  ApprovalAct = "ask for the exclusion"
	ApproveExclusion ApprovalAct = "approve the exclusion"
	Sign             ApprovalAct = "sign"
	ApproveRevision  ApprovalAct = "approve a revision"
)

// Approvals are those of all documents, as far as they can be read. Those of one with
// errors have no effect yet, and get it when what it names is mended elsewhere.
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
					add(ApproveRevision, team, o.Name, r.From, r.Target)
				}
			}
		}
	}
	return all
}
