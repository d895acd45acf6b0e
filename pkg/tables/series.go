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
	"github.com/accord-sla/accord/pkg/wire"
)

// SeriesPage is a row an instant in the zone, and a column a window (or what is counted), each group by
// itself; its figures have a column a series.
func SeriesPage(heading string, kind measure.SeriesKind, unit agreement.Unit, zone *time.Location, series []measure.Series) Page {
	page := Page{Title: heading, Heading: []string{heading}, Rows: Rows{Header: []string{"time"}}}
	page.Figures = seriesRows(series, time.RFC3339, time.UTC, func(s measure.Series) string { return distinguishing(s, series) }, number)
	groups := slices.CompactFunc(slices.Clone(series), sameGroup)
	for i, group := range groups {
		windows := slices.DeleteFunc(slices.Clone(series), func(s measure.Series) bool { return !sameGroup(s, group) })
		rows := seriesRows(windows, "2006-01-02 15:04 MST", zone,
			func(s measure.Series) string { return cmp.Or(s.Labels[measure.CountedLabel], s.Labels["window"]) },
			func(value budget.Figure) string { return pointText(value, kind, unit) })
		if len(groups) > 1 {
			title := distinguishing(group, groups)
			rows.Header = append([]string{"group"}, rows.Header...)
			for j, cells := range rows.Body {
				rows.Body[j], rows.Blocks = append([]string{title}, cells...), append(rows.Blocks, title)
			}
		}
		if i == 0 {
			page.Rows.Header = rows.Header
			for column := len(rows.Header) - len(windows); column < len(rows.Header); column++ {
				page.Rows.Numbers = append(page.Rows.Numbers, column)
			}
		}
		page.Rows.Body, page.Rows.Blocks = append(page.Rows.Body, rows.Body...), append(page.Rows.Blocks, rows.Blocks...)
	}
	return page
}

// seriesRows is a row an instant and a column a series; all have the same instants.
func seriesRows(series []measure.Series, layout string, zone *time.Location, title func(measure.Series) string, cell func(budget.Figure) string) Rows {
	rows := Rows{Header: append([]string{"time"}, wire.Each(series, title)...)}
	if len(series) == 0 {
		return rows
	}
	for i, point := range series[0].Points {
		rows.Body = append(rows.Body, append([]string{point.At.In(zone).Format(layout)},
			wire.Each(series, func(s measure.Series) string { return cell(s.Points[i].Value) })...))
	}
	return rows
}

func pointText(value budget.Figure, kind measure.SeriesKind, unit agreement.Unit) string {
	switch kind {
	case measure.EventsSeries:
		return Amount(value, unit)
	case measure.BurnRateSeries:
		return value.Rate()
	}
	return value.Percent()
}

// sameGroup reports whether two series differ in their window at most, or what they count.
func sameGroup(a, b measure.Series) bool {
	for name, value := range a.Labels {
		if name != "window" && name != measure.CountedLabel && b.Labels[name] != value {
			return false
		}
	}
	return len(a.Labels) == len(b.Labels)
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
