package wire

import (
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
)

// Gate says whether a release may go.
type Gate struct {
	Agreement string            `json:"agreement"`
	At        time.Time         `json:"at"`
	Decision  planning.Decision `json:"decision"`
	// Reason is that of the objective that decides, in one line.
	Reason string `json:"reason"`
	// MinRemaining is the share of the error budget that has to be left.
	MinRemaining float64         `json:"minRemaining"`
	Objectives   []GateObjective `json:"objectives"`
}

// GateObjective is the decision on one objective, or one group of it.
type GateObjective struct {
	Name      string            `json:"name"`
	Group     map[string]string `json:"group"`
	State     budget.State      `json:"state"`
	Remaining budget.Figure     `json:"remaining"`
	Decision  planning.Decision `json:"decision"`
	Reason    string            `json:"reason"`
}

// deciding orders decisions: the last one decides.
var deciding = map[planning.Decision]int{planning.Go: 0, planning.Failed: 1, planning.NoData: 2, planning.Stop: 3}

// NewGate decides by the objectives that were measured. One that says stop
// decides, then one that could not be measured.
func NewGate(at time.Time, result measure.AgreementResult, minRemaining float64) Gate {
	gate := Gate{Agreement: result.Agreement.Name, At: at.UTC(), Decision: planning.Go, MinRemaining: minRemaining, Objectives: []GateObjective{}}
	if result.Agreement.Stage != agreement.Active {
		gate.Reason = fmt.Sprintf("the agreement is %s, and promises nothing", result.Agreement.Stage)
		return gate
	}
	tightest := -1
	for i, r := range result.Objectives {
		o := GateObjective{Name: r.Objective.Name, Group: r.Group, State: r.State, Remaining: r.Remaining}
		if o.Decision, o.Reason = planning.Gate(r.Status, minRemaining); r.Err != nil {
			o.Decision, o.Reason = planning.Failed, "not measured: "+r.Err.Error()
		}
		gate.Objectives = append(gate.Objectives, o)
		if tightest < 0 || tighter(o, gate.Objectives[tightest]) {
			tightest = i
		}
	}
	if tightest >= 0 {
		o := gate.Objectives[tightest]
		gate.Decision, gate.Reason = o.Decision, ObjectiveText(o.Name, o.Group)+": "+o.Reason
	}
	return gate
}

// tighter reports whether a decides rather than b.
func tighter(a, b GateObjective) bool {
	if a.Decision != b.Decision {
		return deciding[a.Decision] > deciding[b.Decision]
	}
	return a.Remaining.Known() && !(a.Remaining >= b.Remaining)
}
