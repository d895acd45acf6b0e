package tables

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

// SeriesPage is a row an instant and a column a window (or what is counted), each
// group by itself.
func SeriesPage(heading string, series []measure.Series, value func(budget.Figure) string) Page {
	page := Page{Title: heading, Heading: []string{heading}, Rows: Rows{Header: []string{"time (UTC)"}}}
	rows := &page.Rows
	groups := slices.CompactFunc(slices.Clone(series), sameGroup)
	if len(groups) > 1 {
		rows.Header = []string{"group", "time (UTC)"}
	}
	for _, group := range groups {
		var windows []measure.Series
		for _, s := range series {
			if sameGroup(s, group) {
				windows = append(windows, s)
			}
		}
		if len(rows.Numbers) == 0 {
			for _, s := range windows {
				rows.Numbers = append(rows.Numbers, len(rows.Header))
				rows.Header = append(rows.Header, columnOf(s))
			}
		}
		for i, point := range group.Points {
			cells := []string{point.At.UTC().Format("2006-01-02 15:04")}
			for _, s := range windows {
				cells = append(cells, value(s.Points[i].Value))
			}
			if len(groups) > 1 {
				title := distinguishing(group, groups)
				rows.Blocks = append(rows.Blocks, title)
				cells = append([]string{title}, cells...)
			}
			rows.Body = append(rows.Body, cells)
		}
	}
	return page
}

// columnOf is what tells a series from the others of its group.
func columnOf(s measure.Series) string {
	return cmp.Or(s.Labels[measure.CountedLabel], s.Labels["window"])
}

// sameGroup reports whether two series differ in nothing but their window, or
// what they count.
func sameGroup(a, b measure.Series) bool {
	for name, value := range a.Labels {
		if name != "window" && name != measure.CountedLabel && b.Labels[name] != value {
			return false
		}
	}
	return len(a.Labels) == len(b.Labels)
}

// SeriesFigures is a row an instant and a column a series, with figures as
// numbers.
func SeriesFigures(series []measure.Series) Rows {
	rows := Rows{Header: []string{"time"}}
	for _, s := range series {
		rows.Header = append(rows.Header, distinguishing(s, series))
	}
	if len(series) == 0 {
		return rows
	}
	for i, point := range series[0].Points {
		cells := []string{point.At.UTC().Format(time.RFC3339)}
		for _, s := range series {
			cells = append(cells, Number(s.Points[i].Value))
		}
		rows.Body = append(rows.Body, cells)
	}
	return rows
}

// distinguishing are the labels in which the series differs from the others.
func distinguishing(s measure.Series, all []measure.Series) string {
	var parts []string
	for name, value := range s.Labels {
		for _, other := range all {
			if other.Labels[name] != value {
				parts = append(parts, fmt.Sprintf("%s=%s", name, value))
				break
			}
		}
	}
	if len(parts) == 0 {
		return s.Labels["agreement"] + "/" + s.Labels["objective"]
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}
