package tables

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/wire"
)

// HistoryPage is a row a period for people, each objective and group by
// itself.
func HistoryPage(at time.Time, server prometheus.Capabilities, resolution time.Duration, periods []measure.Period) Page {
	page := Page{Title: "Internal SLAs period by period",
		Heading: []string{"Period by period up to " + Instant(at) + ", " + ServerText(server, resolution) + "."},
		Rows: Rows{Header: []string{"agreement", "objective", "period", "state", "target", "compliance", "budget left", "left of allowed", "coverage", "remark"},
			Numbers: []int{4, 5, 6, 8}, States: []int{3}, Remark: true, Optional: []int{7, 8}},
	}
	var reasons footnotes
	for _, p := range byObjective(periods) {
		why := p.Reason
		switch {
		case p.Err != nil:
			why = reasons.unmeasured(p.Result)
		case p.State == budget.Breached:
			why = "" // the figures say it
		}
		name := p.Name
		if p.Window.Offset == 0 {
			name += " to date"
		}
		cells := []string{p.Agreement.Name, objectiveName(p.Result), name, StateText(p.State),
			Percent(p.Target), Percent(p.Compliance), Share(p.Remaining),
			Left(p.Balance, p.Objective.Unit()), Share(p.Coverage), why}
		if last := len(page.Rows.Body) - 1; last >= 0 && !(p.Coverage > 0) && sameButPeriod(page.Rows.Body[last], cells) {
			first, _, _ := strings.Cut(page.Rows.Body[last][periodColumn], " – ")
			page.Rows.Body[last][periodColumn] = first + " – " + name
			continue
		}
		page.Rows.Blocks = append(page.Rows.Blocks, p.Agreement.Name)
		page.Rows.Body = append(page.Rows.Body, cells)
	}
	page.Notes = reasons.text()
	return page
}

const periodColumn = 2

// sameButPeriod reports whether two rows say the same of different periods:
// where nothing was measured, or nothing promised, one row says it of all.
func sameButPeriod(a, b []string) bool {
	return slices.Equal(a[:periodColumn], b[:periodColumn]) && slices.Equal(a[periodColumn+1:], b[periodColumn+1:])
}

// byObjective keeps the periods of an objective and group together.
func byObjective(periods []measure.Period) []measure.Period {
	first := map[string]int{}
	key := func(p measure.Period) string {
		return p.Agreement.Name + "\x00" + p.Objective.Name
	}
	for i, p := range periods {
		if _, known := first[key(p)]; !known {
			first[key(p)] = i
		}
	}
	sorted := slices.Clone(periods)
	slices.SortStableFunc(sorted, func(a, b measure.Period) int {
		return cmp.Or(cmp.Compare(first[key(a)], first[key(b)]), cmp.Compare(wire.GroupText(a.Group), wire.GroupText(b.Group)))
	})
	return sorted
}

// HistoryFigures is a row a period with figures as numbers.
func HistoryFigures(periods []measure.Period) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "group", "period", "from", "to", "state", "unit", "target",
		"total", "bad", "compliance", "allowed", "consumed", "remaining", "coverage", "revision", "error"}}
	for _, p := range wire.Periods(periods) {
		revision := ""
		if p.Revision != nil {
			revision = p.Revision.Format(time.RFC3339)
		}
		rows.Body = append(rows.Body, []string{p.Agreement, p.Name, wire.GroupText(p.Group), p.Period,
			p.From.Format(time.RFC3339), p.To.Format(time.RFC3339), string(p.State), string(p.Unit), Number(p.Target),
			Number(p.Total), Number(p.Bad), Number(p.Compliance), Number(p.Allowed), Number(p.Consumed), Number(p.Remaining),
			Number(p.Coverage), revision, given(p.Error)})
	}
	return rows
}
