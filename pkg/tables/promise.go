package tables

import (
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
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
func NewPromises(promises []budget.Promise) []Promise {
	all := make([]Promise, 0, len(promises))
	for _, p := range promises {
		promise := Promise{Agreement: p.Agreement.Name, Objective: p.Objective.Name, Target: p.Target, Window: p.Objective.Window.String(),
			Best: p.Best, Kept: p.Kept(), Needs: []Need{}, Reason: p.Reason}
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

// PromisePage is a row an objective for people.
func PromisePage(at time.Time, promises []Promise) Page {
	page := Page{Title: "Promises and what they rest on", Heading: []string{
		"Promises as of " + Instant(at) + ", and the best that can be promised if the provider itself never fails."},
		Rows: Rows{Header: []string{"agreement", "objective", "promised", "at best", "verdict", "rests on"},
			Numbers: []int{2, 3}, Remark: true}}
	for _, p := range promises {
		verdict := "fine"
		switch {
		case !p.Best.Known():
			verdict = "unknown"
		case !p.Kept:
			verdict = "too much"
		}
		page.Rows.Blocks = append(page.Rows.Blocks, p.Agreement)
		page.Rows.Body = append(page.Rows.Body, []string{p.Agreement, p.Objective, Percent(budget.Figure(p.Target)), Percent(p.Best), verdict, restsOn(p)})
	}
	if len(promises) > 0 {
		page.Notes = []string{"What is needed multiplies; of what can stand in for each other only the failures do, as if they came independently."}
	}
	return page
}

// restsOn names the factors: «database-for-payments/up 99.95 % × (a/up 99 % or b/up 99 %)».
func restsOn(p Promise) string {
	var factors []string
	for _, need := range p.Needs {
		var any []string
		for _, u := range need.AnyOf {
			text := u.Agreement
			if u.Objective != "" {
				text += "/" + u.Objective
			}
			text += " " + Percent(u.Target)
			switch {
			case u.Reason != "":
				text += " (" + u.Reason + ")"
			case u.Window != p.Window:
				text += " over " + u.Window
			}
			any = append(any, text)
		}
		if len(any) == 1 {
			factors = append(factors, any[0])
		} else {
			factors = append(factors, "("+strings.Join(any, " or ")+")")
		}
	}
	return strings.Join(factors, " × ")
}

// PromiseFigures is a row an objective with figures as numbers.
func PromiseFigures(promises []Promise) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "window", "target", "best", "kept", "rests_on", "reason"}}
	for _, p := range promises {
		rows.Body = append(rows.Body, []string{p.Agreement, p.Objective, p.Window, Number(budget.Figure(p.Target)), Number(p.Best), yesNo(p.Kept), restsOn(p), p.Reason})
	}
	return rows
}
