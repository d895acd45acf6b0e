// Package problem describes what is wrong in documents and in what they measure, and what an export of
// them cannot carry over: where it is, how severe it is, and what was probably meant.
package problem

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Severity is the effect of a problem on its document.
type Severity string

// A document with an Error is not served, unless the error is in another document. One with only
// Warnings is served.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Problem is something wrong in the documents, with what the reader needs to find and fix it.
type Problem struct {
	agreement.Place
	Severity Severity `json:"severity"`
	// Kind and Name are the document's; empty if the problem is not of a document.
	Kind string `json:"kind,omitempty"`
	Name string `json:"name,omitempty"`
	// Field is the path in the document, such as spec.objectives[0].target.
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	// See is the position of another document that Message gives, if any.
	See agreement.Place `json:"-"`
	// core is Message without its asides; empty if the problem was not made by New.
	core string
}

// Aside is an argument of a message that depends on other documents or on where this one stands, such as
// a suggestion or the names there are. It is not part of what is wrong.
type Aside string

// See is an [Aside] with the position of another document.
type See agreement.Place

func (s See) String() string { return fmt.Sprintf("%s:%d", s.File, s.Line) }

// New returns a problem with a formatted message.
func New(at agreement.Place, severity Severity, format string, args ...any) Problem {
	p := Problem{Place: at, Severity: severity, Message: fmt.Sprintf(format, args...)}
	lasting := slices.Clone(args)
	for i, arg := range args {
		switch arg := arg.(type) {
		case Aside:
			lasting[i] = ""
		case See:
			lasting[i], p.See = "", agreement.Place(arg)
		}
	}
	p.core = fmt.Sprintf(format, lasting...)
	return p
}

var inList = regexp.MustCompile(`\[\d+\]`)

// Identity returns what two problems have in common if they are the same one before and after a change
// of other parts of the documents. One that is about no document keeps its file.
func (p Problem) Identity() Problem {
	p.Line, p.Column, p.See = 0, 0, agreement.Place{}
	if p.Name != "" {
		p.File = ""
	}
	p.Field = inList.ReplaceAllString(p.Field, "[]")
	p.Message, p.core = cmp.Or(p.core, p.Message), ""
	return p
}

// String returns the problem on one line: place, document, field, message.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "%s:%d:%d: ", p.File, p.Line, p.Column)
	} else if p.File != "" {
		b.WriteString(p.File + ": ")
	}
	if p.Severity == Warning {
		b.WriteString("warning: ")
	}
	if who := strings.TrimSpace(p.Kind + " " + p.Name); who != "" {
		b.WriteString(who + ": ")
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Sort sorts problems in place, by file, line and column first, and returns them without duplicates.
func Sort(problems []Problem) []Problem {
	slices.SortFunc(problems, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(problems)
}

// Count counts the errors and the warnings.
func Count(problems []Problem) (errors, warnings int) {
	for _, problem := range problems {
		if problem.Severity == Error {
			errors++
		}
	}
	return errors, len(problems) - errors
}

// Losses are what an export could not carry over, in the order in which it was found.
// Nothing is dropped without one.
type Losses []Problem

// Add records what is lost and why; subject is the document and the part of it.
func (l *Losses) Add(place agreement.Place, subject, format string, values ...any) {
	*l = append(*l, Problem{Place: place, Name: subject, Message: fmt.Sprintf(format, values...)})
}

// Distinct returns each loss once.
func (l Losses) Distinct() Losses {
	known := map[Problem]bool{}
	return slices.DeleteFunc(l, func(lost Problem) bool {
		again := known[lost]
		known[lost] = true
		return again
	})
}

// AddLeftOut records the documents that are left out because they have errors, each at its first error.
func (l *Losses) AddLeftOut(problems []Problem) {
	known := map[[3]string]bool{}
	for _, p := range problems {
		document := [3]string{p.File, p.Kind, p.Name}
		if p.Severity != Error || known[document] {
			continue
		}
		if known[document] = true; p.Name == "" {
			l.Add(agreement.Place{File: p.File, Line: 1, Column: 1}, "the file", "has errors, so not all of it is written")
		} else {
			l.Add(p.Place, p.Kind+" "+p.Name, "left out, as it has errors; accord validate lists them")
		}
	}
}

// operators are the names of comparisons by sign or similar name.
var operators = map[string]string{"<": "lt", "<=": "lte", "=<": "lte", ">": "gt", ">=": "gte", "=>": "gte", "le": "lte", "ge": "gte"}

// Nearest returns the known name that a mistyped one most likely means, or "".
func Nearest(name string, known []string) string {
	lower := strings.ToLower(Clip(cmp.Or(operators[name], name)))
	best, distance := "", max(1, len(lower)/3)+1
	for _, candidate := range slices.Sorted(slices.Values(known)) {
		if len(lower) >= 3 && strings.HasPrefix(strings.ToLower(candidate), lower) && distance > 1 {
			best, distance = candidate, min(2, len(candidate)-len(lower)) // an abbreviated name: pager for pagerduty
		}
		if best == "" && len(candidate) >= 3 && strings.HasPrefix(lower, strings.ToLower(candidate)) {
			best = candidate // a longer name, if none is nearer: monday for mon
		}
		if d := levenshtein.Distance(lower, strings.ToLower(candidate), nil); d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

// DidYouMean returns the nearest known name as the end of a message, or "".
func DidYouMean(name string, known []string) string {
	if nearest := Nearest(name, known); nearest != "" {
		return fmt.Sprintf(" (did you mean %s?)", nearest)
	}
	return ""
}

// Some joins the first of the names, and how many more there are, as an aside.
func Some(names []string) Aside {
	const most = 10
	if n := len(names) - most; n > 1 {
		return Aside(fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n))
	}
	return Aside(strings.Join(names, ", "))
}

// Listed joins the texts: "a, b and c", or "a, b or c".
func Listed(texts []string, word string) string {
	if last := len(texts) - 1; last > 0 {
		return strings.Join(texts[:last], ", ") + " " + word + " " + texts[last]
	}
	return strings.Join(texts, "")
}

// Clip shortens a text for messages. A name, of at most 63 characters, is never cut.
func Clip(value string) string {
	const most = 63
	runes := []rune(value)
	if len(runes) <= most {
		return value
	}
	return string(runes[:most]) + "…"
}
