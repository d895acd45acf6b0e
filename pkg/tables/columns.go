package tables

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/wire"
)

// Kind is the kind of values in a column. It determines their text, alignment and
// color in tables, and the type and unit of their field in Grafana.
type Kind int

// The kinds of columns.
const (
	TextKind      Kind = iota // a string, or a list of them
	LabelsKind                // the labels of a group, by name
	StateKind                 // a budget.State
	FlagKind                  // true or false
	RatioKind                 // between 0 and 1; RatioKind to NumberKind are right-aligned
	ShareKind                 // a share where 1 is the whole, as of a budget
	RemainingKind             // the remaining share of a budget, at risk below [budget.AtRiskBelow]
	RateKind                  // a burn rate, 1 is as fast as allowed
	AmountKind                // in the unit of the row
	NumberKind                // any other number
	LengthKind                // a duration in seconds, never absent
	InstantKind               // a time that may be absent
	TimeKind                  // a time that is never absent
)

// Column is a column of a result with rows of type R. It is defined once per
// result; pages, CSV files and frames pick columns by name.
type Column[R any] struct {
	// Name is used in CSV files and frames, Title in tables for people.
	Name, Title string
	Kind        Kind
	// Value returns a string, []string, map[string]string, bool, number or time, or a
	// pointer that [Deref] knows; an absent figure, a nil pointer and the zero time are empty.
	Value func(R) any
	// Text returns the text for people; if nil, it is the value formatted by Kind.
	Text func(R) string
	// Optional is 0, or the order in which a terminal drops columns that do not fit: 1 first, then 2.
	Optional int
}

// balanceColumns returns the columns of a balance and a raw balance. A list with
// its own version of one has it before these, since [Pick] takes the first.
func balanceColumns[R any](of func(R) budget.Balance, raw func(R) wire.RawBalance) []Column[R] {
	return []Column[R]{
		{"target", "target", RatioKind, func(r R) any { return of(r).Target }, nil, 0},
		{"total", "", AmountKind, func(r R) any { return of(r).Total }, nil, 0},
		{"bad", "", AmountKind, func(r R) any { return of(r).Bad }, nil, 0},
		{"compliance", "compliance", RatioKind, func(r R) any { return of(r).Compliance }, nil, 0},
		{"allowed", "", AmountKind, func(r R) any { return of(r).Allowed }, nil, 0},
		{"consumed", "budget spent", ShareKind, func(r R) any { return of(r).Consumed }, nil, 0},
		{"remaining", "budget left", RemainingKind, func(r R) any { return of(r).Remaining }, nil, 0},
		{"coverage", "measured", ShareKind, func(r R) any { return of(r).Coverage }, nil, 0},
		{"raw_total", "", AmountKind, func(r R) any { return raw(r).Total }, nil, 0},
		{"raw_bad", "", AmountKind, func(r R) any { return raw(r).Bad }, nil, 0},
		{"raw_compliance", "raw", RatioKind, func(r R) any { return raw(r).Compliance }, nil, 0},
	}
}

// Pick returns the columns named in names, separated by spaces, in that order. An unknown name panics.
func Pick[R any](columns []Column[R], names string) []Column[R] {
	var picked []Column[R]
	for _, name := range strings.Fields(names) {
		i := slices.IndexFunc(columns, func(c Column[R]) bool { return c.Name == name })
		picked = append(picked, columns[i])
	}
	return picked
}

func (c Column[R]) text(row R) string {
	if c.Text != nil {
		return c.Text(row)
	}
	switch value := Deref(c.Value(row)).(type) {
	case budget.State:
		return StateText(value)
	case budget.Figure:
		switch c.Kind {
		case RatioKind:
			return value.Percent()
		case ShareKind, RemainingKind:
			return value.Share()
		}
		return value.Rate()
	default:
		return figure(value)
	}
}

// pageRows returns a table for people. If block is not nil, it returns the block title of a row.
func pageRows[R any](rows []R, columns []Column[R], names string, block func(R) string) Rows {
	columns = Pick(columns, names)
	table := Rows{Remark: columns[len(columns)-1].Name == "remark",
		Head: wire.Each(columns, func(c Column[R]) Head { return Head{c.Title, c.Kind, c.Optional} })}
	for _, row := range rows {
		table.Body = append(table.Body, wire.Each(columns, func(c Column[R]) string { return c.text(row) }))
		if block != nil {
			table.Blocks = append(table.Blocks, block(row))
		}
	}
	return table
}

func figureRows[R any](rows []R, columns []Column[R], names string) Rows {
	columns = Pick(columns, names)
	return Rows{Head: wire.Each(columns, func(c Column[R]) Head { return Head{Title: c.Name} }), Body: wire.Each(rows, func(row R) []string {
		return wire.Each(columns, func(c Column[R]) string { return figure(Deref(c.Value(row))) })
	})}
}

// Deref dereferences a *string, *time.Time or *float64 (nil becomes empty), and converts numbers to figures.
func Deref(value any) any {
	switch v := value.(type) {
	case *string:
		return *cmp.Or(v, new(""))
	case *time.Time:
		return *cmp.Or(v, &time.Time{})
	case *float64:
		return budget.Figure(*cmp.Or(v, new(float64(budget.Absent))))
	case float64:
		return budget.Figure(v)
	case int:
		return budget.Figure(v)
	}
	return value
}

// figure formats a value for programs: all digits, RFC 3339 times, empty if absent or zero time.
func figure(value any) string {
	switch v := value.(type) {
	case budget.Figure:
		return number(v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.Format(time.RFC3339)
	case []string:
		return strings.Join(v, " ")
	case map[string]string:
		return wire.GroupText(v)
	}
	return fmt.Sprint(value)
}
