package sli

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// maxQueryBytes bounds what is parsed, because the parser's time grows with the
// square of the nesting.
const maxQueryBytes = 16 << 10

// promQL reads what any Prometheus of today reads, so that what is refused is
// refused by us, with a reason.
var promQL = parser.NewParser(parser.Options{
	EnableExperimentalFunctions: true,
	EnableBinopFillModifiers:    true,
})

// refusal says why a query of an SLI cannot be used, and what to write instead. It
// begins with which one: good, bad, total, raw or threshold; or with the field of the
// objective, select or groupBy.
func refusal(query, reason, hint string) error {
	if hint != "" {
		reason += "; " + hint
	}
	return errors.New(query + ": " + reason)
}

type reader struct {
	narrowing
	query string // good, bad, total, raw or threshold
	// perPeriod says that samples are counts of a period, and not counters.
	perPeriod bool
	// isPanel says that it is of a dashboard, where variables may stand.
	isPanel  bool
	source   *source
	warnings []string
	looked   []Term // the selectors of a gauge's query
	err      error  // the first one, with which what was read is of no use
}

func (r *reader) fail(query, reason, hint string) {
	if r.err == nil {
		r.err = refusal(query, reason, hint)
	}
}

func (r *reader) warn(format string, values ...any) {
	warning := r.query + " query: " + fmt.Sprintf(format, values...)
	if !slices.Contains(r.warnings, warning) {
		r.warnings = append(r.warnings, warning)
	}
}

// parse makes the tree of a query, with its windows filled; nil if there is none.
func (r *reader) parse(text string) parser.Expr {
	r.source = &source{text: text}
	switch {
	case len(text) > maxQueryBytes:
		r.fail(r.query, fmt.Sprintf("the query has %d bytes, at most %d are read", len(text), maxQueryBytes), "")
		return nil
	case strings.TrimSpace(text) == "":
		r.fail(r.query, "the query is empty", "")
		return nil
	}
	if stray := r.source.fill(); stray >= 0 {
		r.refuseAt(stray, "a placeholder stands outside of […]", "only the window of a range is filled in, write the rest out")
		return nil
	}
	tree, err := promQL.ParseExpr(r.source.parsed)
	if err == nil {
		return tree
	}
	at, reason, hint := 0, err.Error(), ""
	if all, ok := errors.AsType[parser.ParseErrors](err); ok && len(all) > 0 {
		at, reason = int(all[0].PositionRange.Start), all[0].Err.Error()
		for _, known := range notPromQL {
			if strings.HasPrefix(reason, known.reason) {
				hint = known.hint
			}
		}
	}
	r.refuseAt(at, "this is no PromQL: "+reason, hint)
	return nil
}

// notPromQL are what to write instead, where the parser does not say it.
var notPromQL = []struct{ reason, hint string }{
	{"ranges only allowed", "of an expression it is a subquery, as (…)[5m:]"},
	{"unexpected character: '.'", `a name with dots is written in braces and quotes: {"http.server.requests"}`},
	{"unexpected character inside braces", `a value stands in straight quotes, as code="500"`},
	{"unknown escape sequence", "write each backslash twice, or the value in `backquotes`"},
}

// refuseAt places an error at a byte of the query as written, in characters.
func (r *reader) refuseAt(at int, reason, hint string) {
	before := r.source.text[:min(max(at, 0), len(r.source.text))]
	line, column := strings.Count(before, "\n")+1, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])+1
	r.fail(fmt.Sprintf("%s query at %d:%d", r.query, line, column), reason, hint)
}

// refuse says why a node holds no count, so there are no terms. The reason follows
// the node's text: «avg(x) is an average».
func (r *reader) refuse(node parser.Node, reason, hint string) []Term {
	r.refuseAt(int(node.PositionRange().Start), r.excerpt(node)+" "+reason, hint)
	return nil
}

// excerpt is a node as it was written, on one line and not too long.
func (r *reader) excerpt(node parser.Node) string {
	const longest = 60
	place := node.PositionRange()
	text := strings.Join(strings.Fields(r.source.text[place.Start:place.End]), " ")
	if short := []rune(text); len(short) > longest {
		return string(short[:longest]) + "…"
	}
	return text
}

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

// literal is a string or a comment, the last of which may not end.
var literal = regexp.MustCompile("(?s)^(?:\"(?:\\\\.?|[^\"\\\\])*\"?|'(?:\\\\.?|[^'\\\\])*'?|`[^`]*`?|#[^\n]*\n?)")

// source is a query as written and as parsed: with the placeholders filled to their
// length, so that places are the same in both.
type source struct {
	text, parsed string
	filled       []int // the bytes at which placeholders end
}

// fill fills the windows in the ranges of the query. Strings and comments are left
// alone. A placeholder elsewhere is not filled; its byte is returned, -1 when there
// is none.
func (s *source) fill() (stray int) {
	var out strings.Builder
	inRange := false
	for at := 0; at < len(s.text); {
		rest := s.text[at:]
		next, with := rest[:1], ""
		switch {
		case literal.MatchString(rest):
			next = literal.FindString(rest)
		case inRange && placeholder.MatchString(rest):
			next = placeholder.FindString(rest)
			with = fmt.Sprintf("%-*s", len(next), filledWindow)
		case !inRange && bracketedRange.MatchString(rest):
			next = bracketedRange.FindString(rest)
			with = fmt.Sprintf("[%-*s]", len(next)-2, filledWindow)
		case !inRange && (next == "$" || strings.HasPrefix(rest, "{{")):
			return at
		case next == "[":
			inRange = true
		case next == "]":
			inRange = false
		}
		if at += len(next); with != "" {
			s.filled = append(s.filled, at)
		}
		out.WriteString(cmp.Or(with, next))
	}
	s.parsed = out.String()
	return -1
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
