package tables

import (
	"fmt"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/wire"
)

// IncidentPage is a row an incident for people, and a line an objective.
func IncidentPage(from, to time.Time, server prometheus.Capabilities, resolution time.Duration, lists []wire.IncidentList) Page {
	page := Page{Title: "Incidents of internal SLAs",
		Heading: []string{"Incidents from " + Instant(from) + " to " + Instant(to) + ", " + ServerText(server, resolution) + "."},
		Rows: Rows{Header: []string{"agreement", "objective", "from (UTC)", "lasted", "bad", "of the budget", "peak burn", "remark"},
			Numbers: []int{4, 5, 6}, Remark: true},
	}
	for _, list := range lists {
		for _, i := range list.Incidents {
			var remarks []string
			if i.Ongoing {
				remarks = append(remarks, "ongoing")
			}
			if len(i.Exclusions) > 0 {
				remarks = append(remarks, "overlaps exclusion "+strings.Join(i.Exclusions, ", "))
			}
			if len(i.Alerts) > 0 {
				remarks = append(remarks, "alert "+strings.Join(i.Alerts, ", ")+" fired")
			}
			page.Rows.Blocks = append(page.Rows.Blocks, list.Agreement)
			page.Rows.Body = append(page.Rows.Body, []string{list.Agreement, wire.ObjectiveText(list.Objective, list.Group),
				i.From.UTC().Format("2 Jan 2006 15:04"), Elapsed(i.To.Sub(i.From)), counted(i.Bad, list.Unit),
				Share(i.Share), Rate(i.PeakBurn), strings.Join(remarks, "; ")})
		}
	}
	page.Notes = repairTexts(lists)
	return page
}

// repairTexts sum up the incidents: a line an objective that had some, and one
// for all that had none.
func repairTexts(lists []wire.IncidentList) (lines []string) {
	none := 0
	for _, list := range lists {
		if list.Count == 0 {
			none++
			continue
		}
		lines = append(lines, RepairText(list))
	}
	switch {
	case len(lists) == 0:
		return []string{"Nothing was measured."}
	case len(lines) == 0:
		return []string{"No incidents."}
	case none == 1:
		lines = append(lines, "1 objective had no incidents.")
	case none > 1:
		lines = append(lines, fmt.Sprintf("%d objectives had no incidents.", none))
	}
	return lines
}

// IncidentFigures is a row an incident with figures as numbers.
func IncidentFigures(lists []wire.IncidentList) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "group", "from", "to", "ongoing", "unit", "total", "bad", "share", "peak_burn", "exclusions", "alerts"}}
	for _, list := range lists {
		for _, i := range list.Incidents {
			rows.Body = append(rows.Body, []string{list.Agreement, list.Objective, wire.GroupText(list.Group),
				i.From.Format(time.RFC3339), i.To.Format(time.RFC3339), fmt.Sprint(i.Ongoing), string(list.Unit),
				Number(i.Total), Number(i.Bad), Number(i.Share), Number(i.PeakBurn), strings.Join(i.Exclusions, " "), strings.Join(i.Alerts, " ")})
		}
	}
	return rows
}

// RepairText sums up the incidents of an objective.
func RepairText(list wire.IncidentList) string {
	text := wire.ObjectiveText(list.Objective, list.Group) + " of " + list.Agreement + ": "
	text += plural(list.Count, "incident")
	if list.MeanSecondsToRepair != nil {
		text += ", mean time to repair " + Elapsed(seconds(*list.MeanSecondsToRepair))
	}
	if list.MeanSecondsBetween != nil {
		text += ", between incidents " + Elapsed(seconds(*list.MeanSecondsBetween))
	}
	return text
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// FigureText writes a figure of a series for people: a ratio in percent, or a
// burn rate.
func FigureText(isRate bool) func(budget.Figure) string {
	if isRate {
		return Rate
	}
	return Percent
}
