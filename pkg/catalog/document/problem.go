package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Severity says what becomes of the document a problem is about.
type Severity string

// A document with an Error is not served. A Warning is listed, and the
// document is measured all the same.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Problem is something wrong in the documents, said so that the reader can
// find and mend it.
type Problem struct {
	agreement.Place
	Severity Severity `json:"severity"`
	// Kind and Name are the document's; empty where the file is no document.
	Kind string `json:"kind,omitempty"`
	Name string `json:"name,omitempty"`
	// Field is the path in the document, as spec.objectives[0].target.
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// String is the problem on one line: place, document, field, message.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
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

// Sort brings problems into the order in which one reads the folder, and
// drops those that say the same of the same place.
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

// CountProblems counts the errors and the warnings.
func CountProblems(problems []Problem) (errors, warnings int) {
	for _, problem := range problems {
		if problem.Severity == Error {
			errors++
		}
	}
	return errors, len(problems) - errors
}
