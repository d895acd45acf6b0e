package tables

import (
	"fmt"

	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// VerificationLines report a verification, a line a difference.
func VerificationLines(v *statement.Verification) []string {
	lines := []string{fmt.Sprintf("%s for %s, statement %d, frozen on %s: %s", v.Agreement, v.Period, v.Number, Instant(v.FrozenAt), Verdict(v))}
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
		lines = append(lines, "  - "+FigureChangeText(f))
	}
	return lines
}

// Verdict is whether the statement holds, and by what.
func Verdict(v *statement.Verification) string {
	if v.Verified {
		return "verified, " + bases[v.Basis]
	}
	return "NOT verified: " + Plural(len(v.Differences), "difference")
}

// FigureChangeText is how a group would stand in a restatement.
func FigureChangeText(f statement.FigureChange) string {
	return fmt.Sprintf("%s: %s; it was %s", wire.ObjectiveText(f.Objective, f.Group), resultText(f.Now), resultText(f.Was))
}

var bases = map[statement.Basis]string{
	statement.OnEngine: "with every slot counted anew",
	statement.OnBoth:   "with the slots that Prometheus still has counted anew, the others as they are stored",
	statement.OnSlots:  "from the stored slots alone",
}

func resultText(s *statement.GroupStatus) string {
	if s == nil {
		return "not there"
	}
	return fmt.Sprintf("%s, %s against %s, %s of the budget spent", StateText(s.State), s.Compliance.Percent(), s.Target.Percent(), s.Consumed.Share())
}

// GateLine is the decision in one line.
func GateLine(g wire.Gate) string {
	words := map[planning.Decision]string{planning.Go: "go", planning.Stop: "stop", planning.NoData: "stop, not measured", planning.Failed: "undecided"}
	return fmt.Sprintf("%s: %s: %s", words[g.Decision], g.Agreement, g.Reason)
}
