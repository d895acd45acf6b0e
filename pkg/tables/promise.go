package tables

import (
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/wire"
)

var promiseColumns = []Column[wire.Promise]{
	{"agreement", "agreement", TextKind, func(p wire.Promise) any { return p.Agreement }, nil, 0},
	{"objective", "objective", TextKind, func(p wire.Promise) any { return p.Objective }, nil, 0},
	{"window", "", TextKind, func(p wire.Promise) any { return p.Window }, nil, 0},
	{"target", "promised", RatioKind, func(p wire.Promise) any { return p.Target }, nil, 0},
	{"best", "at best", RatioKind, func(p wire.Promise) any { return p.Best }, nil, 0},
	{"kept", "verdict", FlagKind, func(p wire.Promise) any { return p.Kept }, promiseVerdict, 0},
	{"rests_on", "rests on", TextKind, func(p wire.Promise) any { return restsOn(p) }, nil, 0},
	{"reason", "", TextKind, func(p wire.Promise) any { return p.Reason }, nil, 0},
}

// PromisePage is a row an objective for people.
func PromisePage(at time.Time, promises []wire.Promise) Page {
	page := Page{Title: "Promises and what they rest on",
		Heading: []string{"Promises as of " + Instant(at) + ", and the best that can be promised if the provider itself never fails."},
		Rows: pageRows(promises, promiseColumns, "agreement objective target best kept rests_on",
			func(p wire.Promise) string { return p.Agreement }),
		Figures: figureRows(promises, promiseColumns, "agreement objective window target best kept rests_on reason")}
	page.Rows.Remark = true
	if len(promises) > 0 {
		page.Notes = []string{"What is needed multiplies; of what can stand in for each other only the failures do, as if they came independently."}
	}
	return page
}

func promiseVerdict(p wire.Promise) string {
	switch {
	case !p.Best.Known():
		return "unknown"
	case !p.Kept:
		return "too much"
	}
	return "fine"
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
