package tables

import (
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/wire"
)

// StatusFigures is the status with figures as numbers, for spreadsheets: an absent
// one is an empty cell.
func StatusFigures(s wire.Status) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "group", "service", "provider", "consumers", "stage", "state", "reason",
		"window", "from", "to", "unit", "target", "total", "bad", "compliance", "allowed", "consumed", "remaining",
		"exhaustion", "projected", "coverage", "raw_total", "raw_bad", "raw_compliance", "method", "error"}}
	var windows []time.Duration
	for _, window := range measure.DefaultBurnWindows() {
		windows = append(windows, window)
		rows.Header = append(rows.Header, "burn_"+agreement.FormatDuration(window))
	}
	for _, result := range s.All() {
		a := result.Agreement
		for _, r := range result.Objectives {
			s := wire.NewObjectiveStatus(r)
			exhaustion := ""
			if s.Exhaustion != nil {
				exhaustion = s.Exhaustion.Format(time.RFC3339)
			}
			cells := []string{a.Name, s.Name, wire.GroupText(s.Group), a.Service, a.Provider, strings.Join(a.Consumers, " "), string(a.Stage), string(s.State), s.Reason,
				s.Window, s.From.Format(time.RFC3339), s.To.Format(time.RFC3339), string(s.Unit),
				Number(s.Target), Number(s.Total), Number(s.Bad), Number(s.Compliance), Number(s.Allowed), Number(s.Consumed), Number(s.Remaining),
				exhaustion, Number(s.Projected), Number(s.Coverage), Number(s.Raw.Total), Number(s.Raw.Bad), Number(s.Raw.Compliance), s.Method, given(s.Error)}
			for _, window := range windows {
				cells = append(cells, Number(burnOver(r, window)))
			}
			rows.Body = append(rows.Body, cells)
		}
	}
	return rows
}

// given is that of a string that may be absent.
func given(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Number writes a figure in full; an absent one is empty.
func Number(figure budget.Figure) string {
	if !figure.Known() {
		return ""
	}
	return strconv.FormatFloat(float64(figure), 'f', -1, 64)
}
