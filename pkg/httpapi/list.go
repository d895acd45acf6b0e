package httpapi

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/wire"
)

const pageSize = 50

// Paging says which rows of a list are in an answer.
type Paging struct {
	// Total is the number of rows on all pages.
	Total int `json:"total"`
	// Page counts from 1.
	Page     int `json:"page"`
	PageSize int `json:"pageSize"`
}

// Choice is a value of a filter.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
	// Count is the number of rows that have the value and match the other filters.
	Count int `json:"count"`
}

// list applies the parameters of a page's URL to its rows: `search` and filters select rows, `sort`
// orders them, and `page` selects one page.
type list[Row any] struct {
	// text returns the text in which every word of `search` must occur, ignoring case.
	text func(Row) string
	// filters return the values of a row, by parameter.
	filters map[string]func(Row) []string
	// sorts are the orders by value of `sort`, which a leading «-» reverses. "" is the default order,
	// and that of rows that are equal in another.
	sorts map[string]order[Row]
}

// order compares rows. Those for which absent is true come last in both directions.
type order[Row any] struct {
	compare func(a, b Row) int
	absent  func(Row) bool // nil if no row is absent
}

func byText[Row any](of func(Row) string) order[Row] {
	return order[Row]{func(a, b Row) int { return cmp.Compare(strings.ToLower(of(a)), strings.ToLower(of(b))) },
		func(row Row) bool { return of(row) == "" }}
}

func byFigure[Row any](of func(Row) budget.Figure) order[Row] {
	return order[Row]{func(a, b Row) int { return cmp.Compare(of(a), of(b)) }, func(row Row) bool { return !of(row).Known() }}
}

func (o order[Row]) directed(a, b Row, down bool) int {
	switch {
	case o.absent != nil && o.absent(a) != o.absent(b):
		return map[bool]int{true: 1, false: -1}[o.absent(a)]
	case down:
		return o.compare(b, a)
	}
	return o.compare(a, b)
}

// keep returns the rows that match the search and all filters except one. A row must have one of the
// values of a filter; of labels, «name=value», one for each name.
func (l list[Row]) keep(query url.Values, rows []Row, except string) []Row {
	words := strings.Fields(strings.ToLower(query.Get("search")))
	return slices.DeleteFunc(slices.Clone(rows), func(row Row) bool {
		if len(words) > 0 {
			text := strings.ToLower(l.text(row))
			if slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
				return true
			}
		}
		for name, values := range l.filters {
			if name != except && query.Has(name) && !hasEach(query[name], values(row)) {
				return true
			}
		}
		return false
	})
}

func hasEach(wanted, has []string) bool {
	found := map[string]bool{}
	for _, value := range wanted {
		name, _, isLabel := strings.Cut(value, "=")
		if !isLabel {
			name = ""
		}
		found[name] = found[name] || value == "" || slices.Contains(has, value)
	}
	return !slices.Contains(slices.Collect(maps.Values(found)), false)
}

// page returns the rows of a page, or of the last page if there are no longer that many.
func (l list[Row]) page(query url.Values, rows []Row) ([]Row, Paging, error) {
	rows, err := l.kept(query, rows)
	if err != nil {
		return nil, Paging{}, err
	}
	p := Paging{Total: len(rows), Page: 1, PageSize: pageSize}
	if text := query.Get("page"); text != "" {
		if p.Page, err = strconv.Atoi(text); err != nil || p.Page < 1 {
			return nil, p, badRequest("page %q: must be 1, 2, …", text)
		}
	}
	p.Page = min(p.Page, max(1, (len(rows)+pageSize-1)/pageSize))
	first := (p.Page - 1) * pageSize
	return wire.List(rows[first:min(first+pageSize, len(rows))]), p, nil
}

// kept returns the rows that match the search and all filters, sorted.
func (l list[Row]) kept(query url.Values, rows []Row) ([]Row, error) {
	name, down := strings.CutPrefix(query.Get("sort"), "-")
	by, ok := l.sorts[name]
	if !ok {
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(l.sorts)), func(name string) bool { return name == "" })
		return nil, badRequest("sort %q: must be one of %s, or one behind a minus%s", name, strings.Join(names, ", "), problem.DidYouMean(name, names))
	}
	rows = l.keep(query, rows, "")
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Or(by.directed(a, b, down), l.sorts[""].directed(a, b, false)) })
	return rows, nil
}

// choices returns the values of a filter, or those given, with the number of rows that have them and
// match the other filters.
func (l list[Row]) choices(query url.Values, rows []Row, filter string, label func(value string) string, values ...string) []Choice {
	counts := map[string]int{}
	for _, row := range l.keep(query, rows, filter) {
		for _, value := range l.filters[filter](row) {
			counts[value]++
		}
	}
	choice := func(value string) Choice { return Choice{value, label(value), counts[value]} }
	if values != nil {
		return wire.Each(values, choice)
	}
	all := wire.Each(slices.Collect(maps.Keys(counts)), choice)
	slices.SortFunc(all, func(a, b Choice) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), cmp.Compare(a.Value, b.Value))
	})
	return all
}
