// Package loss is the list of what an import or export could not carry over,
// a line each: where it stands, what it is, why it is not carried, and what to
// do about it. Nothing is dropped without a line.
package loss

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/problem"
)

// Line is one thing that was not carried over.
type Line struct {
	Place agreement.Place
	// Subject names the document and the part of it.
	Subject string
	Message string
}

// String is file:line:column: subject: message.
func (l Line) String() string {
	text := l.Subject + ": " + l.Message
	if l.Place.File == "" {
		return text
	}
	return fmt.Sprintf("%s:%d:%d: %s", l.Place.File, l.Place.Line, l.Place.Column, text)
}

// List is what was lost, in the order in which it was found.
type List []Line

// Add puts a line on the list, unless it is there already.
func (l *List) Add(place agreement.Place, subject, format string, values ...any) {
	line := Line{Place: place, Subject: subject, Message: fmt.Sprintf(format, values...)}
	if !slices.Contains(*l, line) {
		*l = append(*l, line)
	}
}

// AddLeftOut puts the documents on the list that have errors, so are left out, each at
// its first.
func (l *List) AddLeftOut(problems []problem.Problem) {
	known := map[string]bool{}
	for _, p := range problems {
		document := strings.Join([]string{p.File, p.Kind, p.Name}, "\n")
		if p.Severity != problem.Error || known[document] {
			continue
		}
		known[document] = true
		if p.Name == "" {
			l.Add(agreement.Place{File: p.File, Line: 1, Column: 1}, "the file", "has errors, so not all of it is written")
			continue
		}
		l.Add(p.Place, p.Kind+" "+p.Name, "left out, as it has errors; accord validate lists them")
	}
}
