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

// maxQueryBytes limits what is parsed, because the parser's time grows with the square of the nesting.
const maxQueryBytes = 16 << 10

// promQL parses what any current Prometheus parses, so that refusals come from this package, with a reason.
var promQL = parser.NewParser(parser.Options{
	EnableExperimentalFunctions: true,
	EnableBinopFillModifiers:    true,
})

// refusal says why a query of an SLI cannot be used, and what to write instead. It begins with the
// query: good, bad, total, raw or threshold; or with the field of the objective: select or groupBy.
func refusal(query, reason, hint string) error {
	if hint != "" {
		reason += "; " + hint
	}
	return errors.New(query + ": " + reason)
}

type reader struct {
	narrowing
	query string // good, bad, total, raw or threshold
	// perPeriod is true if samples are counts of a period, not counters.
	perPeriod bool
	// isPanel is true for the query of a dashboard, in which variables are allowed.
	isPanel  bool
	source   *source
	warnings []string
	looked   []Term // the selectors of a gauge's query
	err      error  // the first error; what was read is not valid then
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

// parse returns the tree of a query, with its open windows filled; nil after an error.
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

// notPromQL lists what to write instead, for errors of the parser that do not say it.
var notPromQL = []struct{ reason, hint string }{
	{"ranges only allowed", "of an expression it is a subquery, as (…)[5m:]"},
	{"unexpected character: '.'", `a name with dots is written in braces and quotes: {"http.server.requests"}`},
	{"unexpected character inside braces", `a value stands in straight quotes, as code="500"`},
	{"unknown escape sequence", "write each backslash twice, or the value in `backquotes`"},
}

// refuseAt places an error at a byte of the query as written, and shows the place in characters.
func (r *reader) refuseAt(at int, reason, hint string) {
	before := r.source.text[:min(max(at, 0), len(r.source.text))]
	line, column := strings.Count(before, "\n")+1, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])+1
	r.fail(fmt.Sprintf("%s query at %d:%d", r.query, line, column), reason, hint)
}

// refuse says why a node holds no count, and returns no terms. The reason follows the node's
// text: «avg(x) is an average».
func (r *reader) refuse(node parser.Node, reason, hint string) []Term {
	r.refuseAt(int(node.PositionRange().Start), r.excerpt(node)+" "+reason, hint)
	return nil
}

// excerpt returns a node as it was written, on one line and shortened.
func (r *reader) excerpt(node parser.Node) string {
	const longest = 60
	place := node.PositionRange()
	text := strings.Join(strings.Fields(r.source.text[place.Start:place.End]), " ")
	if short := []rune(text); len(short) > longest {
		return string(short[:longest]) + "…"
	}
	return text
}

// filledWindow replaces a window that was left open. Counts do not depend on it; for the rate of a
// gauge it is as long as a sample is recent.
const filledWindow = "5m"

// The ways to leave a window open: Go templates, Grafana's variables in their
// three spellings. A unit may follow, as in ${__range_s}s.
var (
	placeholder    = regexp.MustCompile(`^(?:\{\{[^{}]*\}\}|\$\{[A-Za-z_]\w*(?:[:.][^}]*)?\}|\$[A-Za-z_]\w*|\[\[\s*[A-Za-z_]\w*(?::\w+)?\s*\]\])(?:ms|[smhdwy])?`)
	bracketedRange = regexp.MustCompile(`^\[\[\s*[A-Za-z_]\w*(?::\w+)?\s*\]\]`)
	wholeVariable  = regexp.MustCompile(`^(?:\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*(?:[:.][^}]*)?\}|\[\[\w+\]\]|\{\{[^{}]*\}\})$`)
	variableInside = regexp.MustCompile(`\$[A-Za-z_]\w*|\$\{[A-Za-z_]|\{\{`)
)

// literal matches a string or a comment, whose end may be missing.
var literal = regexp.MustCompile("(?s)^(?:\"(?:\\\\.?|[^\"\\\\])*\"?|'(?:\\\\.?|[^'\\\\])*'?|`[^`]*`?|#[^\n]*\n?)")

// source is a query as written and as parsed. Placeholders are filled to their own length, so that
// positions are the same in both.
type source struct {
	text, parsed string
	filled       []int // the bytes at which placeholders end
}

// fill fills the placeholders in the ranges of the query and leaves strings and comments alone. It
// returns the byte at which a placeholder is outside of a range, -1 if none is.
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

// holdsVariable reports whether a matcher's value is to be filled in. An equality may contain a dollar
// (a route «/users/$id»), so there only a whole value counts; in a regular expression a $ before a
// letter never matches anything.
func holdsVariable(m *labels.Matcher) bool {
	if m.Type == labels.MatchEqual || m.Type == labels.MatchNotEqual {
		return wholeVariable.MatchString(m.Value)
	}
	return variableInside.MatchString(m.Value)
}
