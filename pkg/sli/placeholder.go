package sli

import (
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// filledWindow stands in for a window that was left open. Counts do not depend
// on it; a gauge's rate is taken over as long as a sample is held to be recent.
const filledWindow = "5m"

// The ways to leave a window open: Go templates, Grafana's variables in their
// three spellings. A unit may follow, as in ${__range_s}s.
var (
	placeholder    = regexp.MustCompile(`^(?:\{\{[^{}]*\}\}|\$\{[A-Za-z_]\w*(?:[:.][^}]*)?\}|\$[A-Za-z_]\w*|\[\[\s*[A-Za-z_]\w*(?::\w+)?\s*\]\])(?:ms|[smhdwy])?`)
	bracketedRange = regexp.MustCompile(`^\[\[\s*[A-Za-z_]\w*(?::\w+)?\s*\]\]`)
	wholeVariable  = regexp.MustCompile(`^(?:\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*(?:[:.][^}]*)?\}|\[\[\w+\]\]|\{\{[^{}]*\}\})$`)
	variableInside = regexp.MustCompile(`\$[A-Za-z_]\w*|\$\{[A-Za-z_]|\{\{`)
)

// source is a query as written and as parsed, with the way back from a byte of
// the one to the other.
type source struct {
	text   string // as written
	parsed string // placeholders filled
	shifts []shift
}

// shift says that from byte parsed on, the texts run alike again from byte
// written on.
type shift struct{ parsed, written int }

// written is the byte in the query as written that byte at of the parsed text
// comes from.
func (s *source) written(at int) int {
	from := shift{}
	for _, next := range s.shifts {
		if next.parsed > at {
			break
		}
		from = next
	}
	return from.written + at - from.parsed
}

// fill reads a query and fills the windows in its ranges. Strings and comments
// are left alone. A placeholder elsewhere is not filled; its byte is returned,
// -1 when there is none.
func fill(text string) (filled *source, stray int) {
	s := &source{text: text}
	var out strings.Builder
	replace := func(with string, from, length int) int {
		out.WriteString(with)
		s.shifts = append(s.shifts, shift{parsed: out.Len(), written: from + length})
		return from + length
	}
	inRange := false
	for i := 0; i < len(text); {
		rest := text[i:]
		switch {
		case text[i] == '"' || text[i] == '\'' || text[i] == '`' || text[i] == '#':
			skipped := literalLength(rest)
			out.WriteString(rest[:skipped])
			i += skipped
			continue
		case inRange && placeholder.MatchString(rest):
			i = replace(filledWindow, i, len(placeholder.FindString(rest)))
			continue
		case !inRange && bracketedRange.MatchString(rest):
			i = replace("["+filledWindow+"]", i, len(bracketedRange.FindString(rest)))
			continue
		case !inRange && (text[i] == '$' || strings.HasPrefix(rest, "{{")):
			return s, i
		case text[i] == '[':
			inRange = true
		case text[i] == ']':
			inRange = false
		}
		out.WriteByte(text[i])
		i++
	}
	s.parsed = out.String()
	return s, -1
}

// literalLength is the length of the string or comment that text begins with.
func literalLength(text string) int {
	quote := text[0]
	if quote == '#' {
		quote = '\n'
	}
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && (quote == '"' || quote == '\''):
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return len(text)
}

// holdsVariable reports whether a matcher's value was left to be filled in.
// An equality may well hold a dollar (a route «/users/$id»), so there only the
// whole value counts; in a regular expression a $ before a letter never
// matches anything.
func holdsVariable(m *labels.Matcher) bool {
	if m.Type == labels.MatchEqual || m.Type == labels.MatchNotEqual {
		return wholeVariable.MatchString(m.Value)
	}
	return variableInside.MatchString(m.Value)
}
