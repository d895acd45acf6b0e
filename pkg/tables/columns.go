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

// Kind says what the values of a column are: how people read them, how they are
// aligned and coloured, and what a Grafana panel makes of them.
type Kind int

// The kinds of columns.
const (
	TextKind      Kind = iota // a string, or a list of them
	LabelsKind                // those of a group, by name
	StateKind                 // a budget.State
	FlagKind                  // true or false
	RatioKind                 // between 0 and 1; this and those up to NumberKind are aligned to the right
	ShareKind                 // of a budget, 1 is all of it
	RemainingKind             // a share of the budget, at risk below [budget.AtRiskBelow]
	RateKind                  // of burning, 1 is as fast as allowed
	AmountKind                // in the unit of the row
	NumberKind                // any other number
	LengthKind                // seconds that passed
	InstantKind               // a time that may be absent
	TimeKind                  // a time that is never absent
)

// Column is a column of a result with rows of type R. Each column of a result
// exists once: a page, a CSV file and a frame pick theirs by name.
type Column[R any] struct {
	// Name in CSV files and frames, Title in tables for people.
	Name, Title string
	Kind        Kind
	// Value is a string, []string, map[string]string, bool, number or time, or a
	// pointer to one; an absent figure, a nil pointer and the zero time are empty.
	Value func(R) any
	// Text is what people read, where it is not the value as its kind is written.
	Text func(R) string
	// Optional columns of a page are left out where it would be too wide, 1 first, then 2.
	Optional int
}

// balanceColumns are those of a balance, and of that of every slot. A list that
// writes one of them otherwise has its own before these.
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

// Pick is the columns of the names, which are separated by spaces, in their order.
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

// pageRows is a table with a title above the rows of a block; few rows have a last column called remark.
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

// Deref is what a pointer points to, absent where that is nothing; numbers are figures.
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

// figure writes a value in full, for programs.
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
