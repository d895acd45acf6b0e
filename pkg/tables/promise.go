package tables

import (
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/wire"
)

// PromisePage is a row an objective for people.
func PromisePage(at time.Time, promises []wire.Promise) Page {
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
func restsOn(p wire.Promise) string {
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
func PromiseFigures(promises []wire.Promise) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "window", "target", "best", "kept", "rests_on", "reason"}}
	for _, p := range promises {
		rows.Body = append(rows.Body, []string{p.Agreement, p.Objective, p.Window, Number(budget.Figure(p.Target)), Number(p.Best), yesNo(p.Kept), restsOn(p), p.Reason})
	}
	return rows
}
