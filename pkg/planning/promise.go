package planning

import (
	"fmt"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
)

// PromiseCheck is what an objective may promise at best, given what its provider is
// promised.
type PromiseCheck struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
	// Target is the one in force.
	Target float64
	// Best is the highest target that could be kept if the provider itself
	// never failed; absent when something that it depends on promises nothing.
	Best budget.Figure
	// Needs are what the best comes from, one factor each.
	Needs []Need
	// Reason says why Best is absent.
	Reason string
}

// Achievable reports whether the target is within what can be promised; what is not
// known keeps nobody from promising.
func (p PromiseCheck) Achievable() bool {
	return !p.Best.Known() || p.Target <= float64(p.Best)+budget.Tolerance
}

// Need is one dependency: an agreement, or several of which any one suffices.
type Need struct {
	// Ratio is what is promised by them together; absent when nothing is.
	Ratio budget.Figure
	AnyOf []Upstream
}

// Upstream is one agreement that is depended on, and the objective that
// matters.
type Upstream struct {
	Agreement, Objective string
	// Target is the one in force; absent when nothing is promised now.
	Target budget.Figure
	Window agreement.Window
	// Reason says why nothing is promised.
	Reason string
}

// CheckPromises checks those of every agreement with dependsOn that is not retired, as
// of an instant: one that is proposed had better be kept, too. What is needed multiplies (all of it has to work at once), and of
// what can stand in for each other only the failures multiply, as if they came
// independently.
func CheckPromises(agreements []*agreement.Agreement, at time.Time) []PromiseCheck {
	byName := make(map[string]*agreement.Agreement, len(agreements))
	for _, a := range agreements {
		byName[a.Name] = a
	}
	var promises []PromiseCheck
	for _, a := range agreements {
		if len(a.DependsOn) == 0 || a.Stage == agreement.Retired {
			continue
		}
		for _, o := range a.Objectives {
			promises = append(promises, checkPromise(a, o, byName, at))
		}
	}
	return promises
}

func checkPromise(a *agreement.Agreement, o *agreement.Objective, byName map[string]*agreement.Agreement, at time.Time) PromiseCheck {
	promise := PromiseCheck{Agreement: a, Objective: o, Target: o.TargetAt(at), Best: 1}
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
	return promise
}

// upstreamOf is what an agreement promises to one that depends on it: by the
// objective that is named, else by that of the same name, else by its
// strictest, since nothing better can come of it.
func upstreamOf(a *agreement.Agreement, on agreement.Upstream, name string, at time.Time) Upstream {
	upstream := Upstream{Agreement: on.Agreement, Objective: on.Objective, Target: budget.Absent}
	if a == nil {
		upstream.Reason = fmt.Sprintf("%s is not served, its document has errors", on.Agreement)
		return upstream
	}
	if on.Objective != "" {
		name = on.Objective
	}
	var chosen *agreement.Objective
	for _, o := range a.Objectives {
		if o.Name == name {
			chosen = o
			break
		}
		if chosen == nil || o.TargetAt(at) > chosen.TargetAt(at) {
			chosen = o
		}
	}
	upstream.Objective, upstream.Window = chosen.Name, chosen.Window
	switch {
	case a.Stage != agreement.Active:
		upstream.Reason = fmt.Sprintf("%s promises nothing, it is %s", a.Name, a.Stage)
	case !a.Effective.Contains(at):
		upstream.Reason = fmt.Sprintf("%s promises nothing, it is not in effect", a.Name)
	default:
		upstream.Target = budget.Figure(chosen.TargetAt(at))
	}
	return upstream
}
