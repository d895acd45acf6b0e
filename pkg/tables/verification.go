package tables

import (
	"fmt"
	"strings"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// VerificationLines say what was found, a line each thing.
func VerificationLines(v *statement.Verification) []string {
	head := fmt.Sprintf("%s for %s, statement %d, frozen on %s: ", v.Agreement, v.Period, v.Number, Instant(v.FrozenAt))
	if v.Verified {
		head += "verified, " + bases[v.Basis]
	} else {
		head += "NOT verified: " + plural(len(v.Differences), "difference")
	}
	lines := []string{head}
	for _, d := range v.Differences {
		lines = append(lines, "  - "+d.Text)
	}
	for _, note := range v.Notes {
		lines = append(lines, "  note: "+note)
	}
	if len(v.Figures) > 0 {
		lines = append(lines, "  A restatement would say:")
	}
	for _, f := range v.Figures {
		lines = append(lines, fmt.Sprintf("  - %s: %s; it was %s", wire.ObjectiveText(f.Objective, f.Group), standing(f.Now), standing(f.Was)))
	}
	return lines
}

var bases = map[statement.Basis]string{
	statement.OnEngine: "with every slot counted anew",
	statement.OnBoth:   "with the slots that Prometheus still has counted anew, the others as they are stored",
	statement.OnSlots:  "from the stored slots alone",
}

func standing(s *statement.Standing) string {
	if s == nil {
		return "not there"
	}
	return fmt.Sprintf("%s, %s against %s, %s of the budget spent", StateText(s.State), Percent(s.Compliance), Percent(s.Target), Share(s.Consumed))
}

// StatementPage is a row an objective and group of the statements.
func StatementPage(all []*statement.Statement) Page {
	page := Page{Title: "Statements", Rows: Rows{
		Header:  []string{"agreement", "objective", "state", "target", "compliance", "budget left", "bad of allowed", "measured"},
		Numbers: []int{3, 4, 5, 7}, States: []int{2}, Optional: []int{6, 7}}}
	for _, s := range all {
		page.Heading = []string{"Statements of " + periodText(s.Period.Name) + "."}
		block := s.Agreement + " · " + StateText(s.State) + " · " + s.Definition.Provider + " → " + strings.Join(s.Definition.Consumers, ", ")
		for _, o := range s.Objectives {
			if o.OtherConnection != "" {
				o.Groups = []statement.Group{unmeasured}
			}
			for _, g := range o.Groups {
				page.Rows.Blocks = append(page.Rows.Blocks, block)
				page.Rows.Body = append(page.Rows.Body, []string{s.Agreement, wire.ObjectiveText(o.Name, g.Labels), StateText(g.State), Percent(g.Adjusted.Target),
					Percent(g.Adjusted.Compliance), Share(g.Adjusted.Remaining), badOfAllowed(g.Adjusted, o.Unit), Share(g.Adjusted.Coverage)})
			}
		}
		page.Notes = append(page.Notes, fmt.Sprintf("%s: statement %d, frozen on %s by %s, %s", s.Agreement, s.Number, Instant(s.Frozen.At), s.Frozen.By, s.Digest))
		if s.State == budget.NoData {
			page.Notes = append(page.Notes, s.Agreement+" cannot be judged in full: something was not measured.")
		}
	}
	return page
}
