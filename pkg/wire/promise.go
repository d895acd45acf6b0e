package wire

import (
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/planning"
)

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

// NewPromises are promises as JSON prints them.
func NewPromises(promises []planning.PromiseCheck) []Promise {
	all := make([]Promise, 0, len(promises))
	for _, p := range promises {
		promise := Promise{Agreement: p.Agreement.Name, Objective: p.Objective.Name, Target: p.Target, Window: p.Objective.Window.String(),
			Best: p.Best, Kept: p.Achievable(), Needs: []Need{}, Reason: p.Reason}
		for _, n := range p.Needs {
			need := Need{Ratio: n.Ratio, AnyOf: []Upstream{}}
			for _, u := range n.AnyOf {
				upstream := Upstream{Agreement: u.Agreement, Objective: u.Objective, Target: u.Target, Reason: u.Reason}
				if u.Objective != "" {
					upstream.Window = u.Window.String()
				}
				need.AnyOf = append(need.AnyOf, upstream)
			}
			promise.Needs = append(promise.Needs, need)
		}
		all = append(all, promise)
	}
	return all
}
