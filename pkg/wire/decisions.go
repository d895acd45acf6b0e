package wire

import (
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/problem"
)

// Gate says whether a release may go.
type Gate struct {
	Agreement string            `json:"agreement"`
	At        time.Time         `json:"at"`
	Decision  planning.Decision `json:"decision"`
	// Reason is that of the objective that decides, in one line.
	Reason string `json:"reason"`
	// MinRemaining is the share of the error budget that has to be left.
	MinRemaining float64 `json:"minRemaining"`
	// MaxBlind is for how long in scope nothing may have been measured.
	MaxBlind   agreement.Duration `json:"maxBlind"`
	Objectives []GateObjective    `json:"objectives"`
	// LeftOut is how many errors there are in the documents, which are left out.
	LeftOut int `json:"leftOut"`
}

// GateObjective is the decision on one objective, or one group of it.
type GateObjective struct {
	Name      string            `json:"name"`
	Group     map[string]string `json:"group"`
	State     budget.State      `json:"state"`
	Remaining budget.Figure     `json:"remaining"`
	Coverage  budget.Figure     `json:"coverage"`
	// MeasuredUntil is that of the status.
	MeasuredUntil *time.Time        `json:"measuredUntil"`
	Decision      planning.Decision `json:"decision"`
	Reason        string            `json:"reason"`
}

// deciding orders decisions: the last one decides.
var deciding = map[planning.Decision]int{planning.Go: 0, planning.Failed: 1, planning.NoData: 2, planning.Stop: 3}

// NewGate decides by the objectives that were measured. One that says stop
// decides, then one that could not be measured.
func NewGate(at time.Time, result measure.AgreementResult, limits planning.Limits, problems []problem.Problem) Gate {
	leftOut, _ := problem.Count(problems)
	gate := Gate{LeftOut: leftOut, Agreement: result.Agreement.Name, At: at.UTC(), Decision: planning.Go, MinRemaining: limits.MinRemaining,
		MaxBlind: agreement.Duration(limits.MaxBlind), Objectives: []GateObjective{}}
	if result.Agreement.Stage != agreement.Active {
		gate.Reason = fmt.Sprintf("the agreement is %s, and promises nothing", result.Agreement.Stage)
		return gate
	}
	tightest := -1
	for i, r := range result.Objectives {
		o := GateObjective{Name: r.Objective.Name, Group: r.Group, State: r.State, Remaining: r.Remaining, Coverage: r.Coverage, MeasuredUntil: NullTime(r.MeasuredUntil)}
		if o.Decision, o.Reason = planning.Gate(r.Status, limits); r.Err != nil {
			o.Decision, o.Reason = planning.Failed, "not measured: "+r.Err.Error()
		}
		for _, unsure := range append(r.Status.Remarks(), r.Measurement.Warnings...) {
			if unsure != o.Reason {
				o.Reason += "; " + unsure
			}
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
