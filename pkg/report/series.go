package report

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

// Line is a series as `accord series -o json` prints it.
type Line struct {
	Labels map[string]string `json:"labels"`
	Points []point           `json:"points"`
}

// point is [unixSeconds, value|null].
type point struct {
	seconds int64
	value   budget.Figure
}

// MarshalJSON writes the pair.
func (p point) MarshalJSON() ([]byte, error) {
	return json.Marshal([2]any{p.seconds, p.value})
}

// Lines are series as JSON prints them.
func Lines(series []measure.Series) []Line {
	lines := make([]Line, 0, len(series))
	for _, s := range series {
		line := Line{Labels: s.Labels, Points: make([]point, 0, len(s.Points))}
		for _, p := range s.Points {
			line.Points = append(line.Points, point{p.At.Unix(), p.Value})
		}
		lines = append(lines, line)
	}
	return lines
}

// SeriesRows is a column a series and a row an instant.
func SeriesRows(series []measure.Series, value func(budget.Figure) string) Rows {
	rows := Rows{Header: []string{"time"}}
	for i, s := range series {
		rows.Header = append(rows.Header, distinguishing(s, series))
		rows.Numbers = append(rows.Numbers, i+1)
	}
	if len(series) == 0 {
		return rows
	}
	for i := range series[0].Points {
		cells := []string{series[0].Points[i].At.Format(time.RFC3339)}
		for _, s := range series {
			cells = append(cells, value(s.Points[i].Value))
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
