package tables

import (
	"fmt"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/wire"
)

// GateLine is the decision in one line.
func GateLine(g wire.Gate) string {
	words := map[budget.Decision]string{budget.Go: "go", budget.Stop: "stop", budget.GateNoData: "stop, not measured", budget.GateFailed: "undecided"}
	return fmt.Sprintf("%s: %s: %s", words[g.Decision], g.Agreement, g.Reason)
}
