package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
)

// IncidentRows is a row an incident, for people.
func IncidentRows(lists []IncidentList) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "from (UTC)", "lasted", "bad", "of the budget", "peak burn", "remark"}, Numbers: []int{4, 5, 6}}
	for _, list := range lists {
		for _, i := range list.Incidents {
			var remarks []string
			if i.Ongoing {
				remarks = append(remarks, "ongoing")
			}
			if len(i.Exclusions) > 0 {
				remarks = append(remarks, "overlaps "+strings.Join(i.Exclusions, ", "))
			}
			rows.Body = append(rows.Body, []string{list.Agreement, named(list.Objective, list.Group),
				i.From.UTC().Format("2 Jan 2006 15:04"), Elapsed(i.To.Sub(i.From)), Amount(i.Bad, list.Unit),
				Share(i.Share), Rate(i.PeakBurn), strings.Join(remarks, "; ")})
		}
	}
	return rows
}

// IncidentFigures is a row an incident with figures as numbers.
func IncidentFigures(lists []IncidentList) Rows {
	rows := Rows{Header: []string{"agreement", "objective", "group", "from", "to", "ongoing", "unit", "total", "bad", "share", "peak_burn", "exclusions"}}
	for _, list := range lists {
		for _, i := range list.Incidents {
			rows.Body = append(rows.Body, []string{list.Agreement, list.Objective, GroupText(list.Group),
				i.From.Format(time.RFC3339), i.To.Format(time.RFC3339), fmt.Sprint(i.Ongoing), string(list.Unit),
				Number(i.Total), Number(i.Bad), Number(i.Share), Number(i.PeakBurn), strings.Join(i.Exclusions, " ")})
		}
	}
	return rows
}

// RepairText sums up incidents in a line each objective.
func RepairText(list IncidentList) string {
	text := named(list.Objective, list.Group) + " of " + list.Agreement + ": "
	switch list.Count {
	case 0:
		return text + "no incidents"
	case 1:
		text += "1 incident"
	default:
		text += fmt.Sprintf("%d incidents", list.Count)
	}
	if list.MeanSecondsToRepair != nil {
		text += ", mean time to repair " + Elapsed(seconds(*list.MeanSecondsToRepair))
	}
	if list.MeanSecondsBetween != nil {
		text += ", between incidents " + Elapsed(seconds(*list.MeanSecondsBetween))
	}
	return text
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

func named(objective string, group map[string]string) string {
	if len(group) == 0 {
		return objective
	}
	return objective + " {" + GroupText(group) + "}"
}

// FigureText writes a figure of a series for people: a ratio in percent, or a
// burn rate.
func FigureText(isRate bool) func(budget.Figure) string {
	if isRate {
		return Rate
	}
	return Percent
}
