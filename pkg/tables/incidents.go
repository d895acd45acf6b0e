package tables

import (
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/wire"
)

// IncidentRow is an incident with its objective.
type IncidentRow struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
	Unit      agreement.Unit
	Group     map[string]string
	measure.Incident
}

// IncidentRows returns a row per incident.
func IncidentRows(groups []measure.GroupIncidents) (rows []IncidentRow) {
	for _, g := range groups {
		for _, incident := range g.Incidents {
			rows = append(rows, IncidentRow{g.Agreement, g.Objective, g.Objective.Unit(), g.Group, incident})
		}
	}
	return rows
}

// IncidentColumns returns all columns of incidents.
func IncidentColumns() []Column[IncidentRow] {
	type R = IncidentRow
	return []Column[R]{
		{"agreement", "agreement", TextKind, func(r R) any { return r.Agreement.Name }, nil, 0},
		{"objective", "objective", TextKind, func(r R) any { return r.Objective.Name }, R.ObjectiveText, 0},
		{"group", "", LabelsKind, func(r R) any { return r.Group }, nil, 0},
		{"service", "", TextKind, func(r R) any { return r.Agreement.Service }, nil, 0},
		{"provider", "", TextKind, func(r R) any { return r.Agreement.Provider }, nil, 0},
		{"consumers", "", TextKind, func(r R) any { return r.Agreement.Consumers }, nil, 0},
		{"from", "from", TimeKind, func(r R) any { return r.From }, func(r R) string { return minuteIn(r.From, r.Agreement.Zone) }, 0},
		{"to", "", TimeKind, func(r R) any { return r.To }, nil, 0},
		{"duration", "lasted", LengthKind, func(r R) any { return r.To.Sub(r.From).Seconds() },
			func(r R) string { return Elapsed(r.To.Sub(r.From)) }, 0},
		{"ongoing", "", FlagKind, func(r R) any { return r.Ongoing }, nil, 0},
		{"unit", "", TextKind, func(r R) any { return r.Unit }, nil, 0},
		{"total", "", AmountKind, func(r R) any { return r.Total }, nil, 0},
		{"bad", "bad", AmountKind, func(r R) any { return r.Bad }, func(r R) string { return CountText(r.Bad, r.Unit) }, 0},
		{"share", "of the budget", ShareKind, func(r R) any { return r.Share }, nil, 0},
		{"peak_burn", "peak burn", RateKind, func(r R) any { return r.PeakBurn }, nil, 0},
		{"exclusions", "", TextKind, func(r R) any { return r.Exclusions }, nil, 0},
		{"alerts", "", TextKind, func(r R) any { return r.Alerts }, nil, 0},
		{"remark", "remark", TextKind, nil, R.Remark, 0},
	}
}

// ObjectiveText names the objective and the group.
func (r IncidentRow) ObjectiveText() string { return wire.ObjectiveText(r.Objective.Name, r.Group) }

// Remark says whether the incident is ongoing, and which exclusions and alerts overlap it.
func (r IncidentRow) Remark() string {
	var remarks notes
	remarks.when(r.Ongoing, "ongoing")
	remarks.when(len(r.Exclusions) > 0, "overlaps exclusion %s", strings.Join(r.Exclusions, ", "))
	remarks.when(len(r.Alerts) > 0, "alert %s fired", strings.Join(r.Alerts, ", "))
	return strings.Join(remarks, "; ")
}

// IncidentPage returns a page with a row per incident, and a note per objective.
func IncidentPage(from, to time.Time, server prometheus.Capabilities, resolution time.Duration, groups []measure.GroupIncidents) Page {
	rows, zone := IncidentRows(groups), zoneOfAll(groups, func(g measure.GroupIncidents) *time.Location { return g.Agreement.Zone })
	return Page{Title: "Incidents of internal SLAs",
		Heading: []string{"Incidents from " + instantIn(from, zone) + " to " + instantIn(to, zone) + ", " + ServerText(server, resolution) + "."},
		Rows: pageRows(rows, IncidentColumns(), "agreement objective from duration bad share peak_burn remark",
			func(r IncidentRow) string { return r.Agreement.Name }),
		Figures: figureRows(rows, IncidentColumns(),
			"agreement objective group from to ongoing unit total bad share peak_burn exclusions alerts"),
		Notes: RepairTexts(groups, func(g measure.GroupIncidents) string {
			return wire.ObjectiveText(g.Objective.Name, g.Group) + " of " + g.Agreement.Name
		})}
}

// RepairTexts summarizes the incidents: a line per objective that had any or was not measured, called by
// name, and one line for all that had none.
func RepairTexts(groups []measure.GroupIncidents, name func(measure.GroupIncidents) string) (lines []string) {
	for _, g := range groups {
		switch {
		case g.Repair.Count > 0:
			lines = append(lines, name(g)+": "+repairText(g.Repair))
		case g.Coverage == 0:
			lines = append(lines, name(g)+": nothing was measured")
		}
	}
	switch none := len(groups) - len(lines); {
	case len(groups) == 0:
		return []string{"Nothing was measured."}
	case len(lines) == 0:
		return []string{"No incidents."}
	case none > 0:
		lines = append(lines, Plural(none, "objective")+" had no incidents.")
	}
	return lines
}

func repairText(r budget.Repair) string {
	parts := notes{Plural(r.Count, "incident")}
	parts.when(r.MeanSecondsToRepair.Known(), "mean time to repair %s", Amount(r.MeanSecondsToRepair, agreement.Seconds))
	parts.when(r.MeanSecondsBetween.Known(), "between incidents %s", Amount(r.MeanSecondsBetween, agreement.Seconds))
	return strings.Join(parts, ", ")
}
