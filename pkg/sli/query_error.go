package sli

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/prometheus/promql/parser"
)

// QueryError says why a query of an SLI cannot be used, and what to write instead.
type QueryError struct {
	// Query is which one: good, bad, total, raw or threshold; or the field of
	// the objective, select or groupBy.
	Query string
	// Text is the query as written.
	Text string
	// Line and Column, from 1 and in characters, are where in Text the
	// trouble begins; 0 when the whole is meant.
	Line, Column int
	// Reason is what is wrong, Hint what to write instead.
	Reason, Hint string
}

func (e *QueryError) Error() string {
	where := e.Query
	if e.Line > 0 {
		where = fmt.Sprintf("%s query at %d:%d", e.Query, e.Line, e.Column)
	}
	if e.Hint == "" {
		return fmt.Sprintf("%s: %s", where, e.Reason)
	}
	return fmt.Sprintf("%s: %s; %s", where, e.Reason, e.Hint)
}

// queryErrorAt places an error at a byte of the text.
func queryErrorAt(query, text string, at int, reason, hint string) *QueryError {
	at = min(max(at, 0), len(text))
	before := text[:at]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return &QueryError{
		Query: query, Text: text,
		Line:   strings.Count(before, "\n") + 1,
		Column: utf8.RuneCountInString(before[lineStart:]) + 1,
		Reason: reason, Hint: hint,
	}
}

// parseError places the parser's first message in the query as written.
func (r *reader) parseError(err error) error {
	at, message := 0, err.Error()
	var all parser.ParseErrors
	if errors.As(err, &all) && len(all) > 0 {
		at, message = r.source.written(int(all[0].PositionRange.Start)), all[0].Err.Error()
	}
	return queryErrorAt(r.query, r.source.text, at, "this is no PromQL: "+message, "")
}

// refuse says why a node holds no count. The reason is told of the node, so
// it reads on from it: «avg(x) is an average».
func (r *reader) refuse(node parser.Node, reason, hint string) error {
	at := r.source.written(int(node.PositionRange().Start))
	return queryErrorAt(r.query, r.source.text, at, r.excerpt(node)+" "+reason, hint)
}

// excerpt is a node as it was written, on one line and not too long.
func (r *reader) excerpt(node parser.Node) string {
	const longest = 60
	reach := node.PositionRange()
	from, to := r.source.written(int(reach.Start)), r.source.written(int(reach.End))
	if from > to || to > len(r.source.text) {
		return node.String()
	}
	text := strings.Join(strings.Fields(r.source.text[from:to]), " ")
	if short := []rune(text); len(short) > longest {
		return string(short[:longest]) + "…"
	}
	return text
}
