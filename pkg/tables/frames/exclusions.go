package frames

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
)

// exclusionRow is one occurrence of an exclusion.
type exclusionRow struct {
	*agreement.Exclusion
	from, to time.Time
	// agreements that it names, or whose service it names.
	agreements []string
	// inEffect are those of them whose figures it changes.
	inEffect []string
}

// Exclusions is a table with a row for each occurrence of an exclusion that
// reaches into the time between two instants, by time; it also serves as
// annotations. Occurrences may lie ahead.
func Exclusions(agreements []*agreement.Agreement, from, to time.Time) (*data.Frame, error) {
	rows, err := occurrences(agreements, from, to)
	if err != nil {
		return nil, err
	}
	return table("exclusions",
		column(rows, "time", nil, func(r exclusionRow) time.Time { return r.from }),
		column(rows, "timeEnd", nil, func(r exclusionRow) time.Time { return r.to }),
		texts(rows, "title", func(r exclusionRow) string { return cmp.Or(r.DisplayName, r.Name) }),
		texts(rows, "text", exclusionRow.text),
		texts(rows, "tags", func(r exclusionRow) string {
			return strings.Join(append([]string{"exclusion", r.Category}, r.agreements...), ",")
		}),
		texts(rows, "id", func(r exclusionRow) string { return fmt.Sprintf("%s@%d", r.Name, r.from.Unix()) }),
		texts(rows, "exclusion", func(r exclusionRow) string { return r.Name }),
		texts(rows, "agreements", func(r exclusionRow) string { return strings.Join(r.agreements, ", ") }),
		texts(rows, "in_effect", func(r exclusionRow) string { return strings.Join(r.inEffect, ", ") }),
		texts(rows, "category", func(r exclusionRow) string { return r.Category }),
		texts(rows, "mode", func(r exclusionRow) string { return string(r.Mode) }),
		texts(rows, "requested_by", func(r exclusionRow) string { return r.RequestedBy }),
		texts(rows, "approved_by", func(r exclusionRow) string { return r.ApprovedBy }),
		instants(rows, "approved_on", func(r exclusionRow) time.Time { return r.ApprovedOn }),
	), nil
}

func occurrences(agreements []*agreement.Agreement, from, to time.Time) ([]exclusionRow, error) {
	var rows []exclusionRow
	place := map[string]int{}
	for _, a := range agreements {
		for _, x := range a.Exclusions {
			spans, err := scope.Occurrences(x, from, to)
			if err != nil {
				return nil, fmt.Errorf("exclusion %s: %w", x.Name, err)
			}
			for _, span := range spans {
				key := fmt.Sprint(x.Name, " ", span.From)
				if _, known := place[key]; !known {
					place[key] = len(rows)
					rows = append(rows, exclusionRow{Exclusion: x, from: time.UnixMilli(span.From).UTC(), to: time.UnixMilli(span.To).UTC()})
				}
				row := &rows[place[key]]
				row.agreements = append(row.agreements, a.Name)
				if x.HasEffectIn(a) {
					row.inEffect = append(row.inEffect, a.Name)
				}
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b exclusionRow) int { return a.from.Compare(b.from) })
	return rows, nil
}

// text is what an annotation says.
func (r exclusionRow) text() string {
	effect := "is taken out of"
	if r.Mode == agreement.CountAsGood {
		effect = "counts as good in"
	}
	if len(r.inEffect) == 0 {
		return fmt.Sprintf("%s; without effect: not approved by another party of %s", r.Reason, strings.Join(r.agreements, ", "))
	}
	return fmt.Sprintf("%s; %s %s", r.Reason, effect, strings.Join(r.inEffect, ", "))
}
