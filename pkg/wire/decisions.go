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

// Promise is what an objective may promise at best, given what its provider is
// promised.
type Promise struct {
	Agreement string  `json:"agreement"`
	Objective string  `json:"objective"`
	Target    float64 `json:"target"`
	Window    string  `json:"window"`
	// Best is null when something that it depends on promises nothing.
	Best budget.Figure `json:"best"`
	// Kept is false when more is promised than can be kept.
	Kept   bool   `json:"kept"`
	Needs  []Need `json:"needs"`
	Reason string `json:"reason,omitempty"`
}

// Need is one dependency: an agreement, or several of which any one suffices.
type Need struct {
	Ratio budget.Figure `json:"ratio"`
	AnyOf []Upstream    `json:"anyOf"`
}

// Upstream is what is promised by one agreement that is depended on.
type Upstream struct {
	Agreement string        `json:"agreement"`
	Objective string        `json:"objective"`
	Target    budget.Figure `json:"target"`
	Window    string        `json:"window"`
	Reason    string        `json:"reason,omitempty"`
}

// NewPromises converts promises.
func NewPromises(promises []planning.PromiseCheck) []Promise {
	return Each(promises, func(p planning.PromiseCheck) Promise {
		return Promise{Agreement: p.Agreement.Name, Objective: p.Objective.Name, Target: p.Target, Window: p.Objective.Window.String(),
			Best: p.Best, Kept: p.Achievable(), Needs: Each(p.Needs, newNeed), Reason: p.Reason}
	})
}

func newNeed(n planning.Need) Need {
	return Need{n.Ratio, Each(n.AnyOf, func(u planning.Upstream) Upstream {
		upstream := Upstream{Agreement: u.Agreement, Objective: u.Objective, Target: u.Target, Reason: u.Reason}
		if u.Objective != "" {
			upstream.Window = u.Window.String()
		}
		return upstream
	})}
}
