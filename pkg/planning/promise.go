package planning

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
)

// PromiseCheck is the best that an objective can promise, given what its provider is
// promised.
type PromiseCheck struct {
	Agreement string `json:"agreement"`
	Objective string `json:"objective"`
	Title     string `json:"-"` // shown to people
	// Target is the one in force.
	Target float64 `json:"target"`
	Window string  `json:"window"`
	// Best is the highest target that could be met if the provider itself never
	// failed; null if something that it depends on promises nothing.
	Best budget.Figure `json:"best"`
	// Kept is false if Target is above Best, and true if Best is null.
	Kept bool `json:"kept"`
	// Needs are the dependencies that make up Best, one factor each.
	Needs []Need `json:"needs"`
	// Reason says why Best is null.
	Reason string `json:"reason,omitempty"`
}

// Need is one dependency: an agreement, or several of which any one suffices.
type Need struct {
	// Ratio is what they promise together; null if they promise nothing.
	Ratio budget.Figure `json:"ratio"`
	AnyOf []Upstream    `json:"anyOf"`
}

// Upstream is an agreement that is depended on, and the objective that matters.
type Upstream struct {
	Agreement string `json:"agreement"`
	Objective string `json:"objective"`
	Title     string `json:"-"` // shown to people
	// Target is the one in force; null if nothing is promised now.
	Target budget.Figure `json:"target"`
	Window string        `json:"window"`
	// Reason says why nothing is promised.
	Reason string `json:"reason,omitempty"`
}

// CheckPromises checks every agreement that has dependsOn and is neither retired nor over, as of an
// instant. The ratios of needs multiply, since all have to work at once; of alternatives
// the failure ratios multiply, as if failures were independent.
func CheckPromises(agreements []*agreement.Agreement, at time.Time) []PromiseCheck {
	byName := make(map[string]*agreement.Agreement, len(agreements))
	for _, a := range agreements {
		byName[a.Name] = a
	}
	promises := []PromiseCheck{}
	for _, a := range agreements {
		if len(a.DependsOn) == 0 || a.IsOver(at) {
			continue
		}
		for _, o := range a.Objectives {
			promises = append(promises, checkPromise(a, o, byName, at))
		}
	}
	return promises
}

func titleOf(a *agreement.Agreement, o *agreement.Objective) string {
	return a.Title() + " / " + o.Title()
}

func checkPromise(a *agreement.Agreement, o *agreement.Objective, byName map[string]*agreement.Agreement, at time.Time) PromiseCheck {
	promise := PromiseCheck{Agreement: a.Name, Objective: o.Name, Title: titleOf(a, o), Target: o.TargetAt(at), Window: o.Window.String(), Best: 1}
	for _, dependency := range a.DependsOn {
		need := Need{Ratio: budget.Absent}
		failing := 1.0
		var missing []string
		for _, on := range dependency.AnyOf {
			upstream := upstreamOf(byName[on.Agreement], on, o.Name, at)
			need.AnyOf = append(need.AnyOf, upstream)
			if upstream.Target.Known() {
				failing *= agreement.BudgetRatio(float64(upstream.Target))
				need.Ratio = budget.Figure(1 - failing)
			} else {
				missing = append(missing, upstream.Reason)
			}
		}
		promise.Needs = append(promise.Needs, need)
		if promise.Best *= need.Ratio; !need.Ratio.Known() && promise.Reason == "" {
			promise.Reason = strings.Join(missing, "; ")
		}
	}
	promise.Kept = !promise.Best.Known() || promise.Target <= float64(promise.Best)+budget.Tolerance
	return promise
}

// upstreamOf returns what an agreement promises to one that depends on it: by the named
// objective, else by that of the same name, else by its strictest, which is the best that
// it promises.
func upstreamOf(a *agreement.Agreement, on agreement.Upstream, name string, at time.Time) Upstream {
	upstream := Upstream{Agreement: on.Agreement, Objective: on.Objective, Title: on.Agreement, Target: budget.Absent}
	if a == nil {
		upstream.Reason = fmt.Sprintf("%s is not served, its document has errors", on.Agreement)
		return upstream
	}
	name = cmp.Or(on.Objective, name)
	chosen := slices.MaxFunc(a.Objectives, func(x, y *agreement.Objective) int { return cmp.Compare(x.TargetAt(at), y.TargetAt(at)) })
	if i := slices.Index(a.ObjectiveNames(), name); i >= 0 {
		chosen = a.Objectives[i]
	}
	upstream.Objective, upstream.Title, upstream.Window = chosen.Name, titleOf(a, chosen), chosen.Window.String()
	switch {
	case a.Stage != agreement.Active:
		upstream.Reason = fmt.Sprintf("%s promises nothing, it is %s", a.Title(), a.Stage)
	case !a.Effective.Contains(at):
		upstream.Reason = fmt.Sprintf("%s promises nothing, it is not in effect", a.Title())
	default:
		upstream.Target = budget.Figure(chosen.TargetAt(at))
	}
	return upstream
}
