package tables

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

// SeriesPage is a row an instant and a column a window (or what is counted), each
// group by itself.
func SeriesPage(heading string, kind measure.SeriesKind, unit agreement.Unit, series []measure.Series) Page {
	page := Page{Title: heading, Heading: []string{heading}, Rows: Rows{Header: []string{"time (UTC)"}}, Figures: seriesFigures(series)}
	rows := &page.Rows
	groups := slices.CompactFunc(slices.Clone(series), sameGroup)
	if len(groups) > 1 {
		rows.Header = []string{"group", "time (UTC)"}
	}
	for _, group := range groups {
		windows := slices.DeleteFunc(slices.Clone(series), func(s measure.Series) bool { return !sameGroup(s, group) })
		if len(rows.Numbers) == 0 {
			for _, s := range windows {
				rows.Numbers = append(rows.Numbers, len(rows.Header))
				rows.Header = append(rows.Header, cmp.Or(s.Labels[measure.CountedLabel], s.Labels["window"]))
			}
		}
		for i, point := range group.Points {
			var cells []string
			if len(groups) > 1 {
				title := distinguishing(group, groups)
				rows.Blocks, cells = append(rows.Blocks, title), []string{title}
			}
			cells = append(cells, point.At.UTC().Format("2006-01-02 15:04"))
			for _, s := range windows {
				cells = append(cells, pointText(s.Points[i].Value, kind, unit))
			}
			rows.Body = append(rows.Body, cells)
		}
	}
	return page
}

func pointText(value budget.Figure, kind measure.SeriesKind, unit agreement.Unit) string {
	switch kind {
	case measure.EventsSeries:
		return Amount(value, unit)
	case measure.BurnRateSeries:
		return Rate(value)
	}
	return Percent(value)
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

// seriesFigures is a row an instant and a column a series, with figures as
// numbers.
func seriesFigures(series []measure.Series) Rows {
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
			cells = append(cells, number(s.Points[i].Value))
		}
		rows.Body = append(rows.Body, cells)
	}
	return rows
}

// distinguishing are the labels in which the series differs from the others.
func distinguishing(s measure.Series, all []measure.Series) string {
	var parts []string
	for name, value := range s.Labels {
		if slices.ContainsFunc(all, func(other measure.Series) bool { return other.Labels[name] != value }) {
			parts = append(parts, fmt.Sprintf("%s=%s", name, value))
		}
	}
	if len(parts) == 0 {
		return s.Labels["agreement"] + "/" + s.Labels["objective"]
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
