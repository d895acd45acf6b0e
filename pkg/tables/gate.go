package tables

import (
	"fmt"

	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/wire"
)

// GateLine is the decision in one line.
func GateLine(g wire.Gate) string {
	words := map[planning.Decision]string{planning.Go: "go", planning.Stop: "stop", planning.NoData: "stop, not measured", planning.Failed: "undecided"}
	return fmt.Sprintf("%s: %s: %s", words[g.Decision], g.Agreement, g.Reason)
}
