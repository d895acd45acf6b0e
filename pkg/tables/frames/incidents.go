package frames

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// ObjectiveIncidents are the incidents of one objective.
type ObjectiveIncidents struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
	Groups    []measure.GroupIncidents
}

// Repair sums up the incidents of one objective and group.
type Repair struct {
	Agreement string            `json:"agreement"`
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	Count     int               `json:"count"`
	// The mean seconds an incident lasts, and from one's start to the next
	// one's; null with too few.
	MeanSecondsToRepair *float64 `json:"meanSecondsToRepair"`
	MeanSecondsBetween  *float64 `json:"meanSecondsBetween"`
}

type incidentRow struct {
	agreement *agreement.Agreement
	objective *agreement.Objective
	group     map[string]string
	measure.Incident
}

// Incidents is a table with a row an incident, by time, that also serves as
// annotations.
func Incidents(all []ObjectiveIncidents) *data.Frame {
	var rows []incidentRow
	var repairs []Repair
	for _, of := range all {
		for _, group := range of.Groups {
			repairs = append(repairs, repair(of, group))
			for _, incident := range group.Incidents {
				rows = append(rows, incidentRow{of.Agreement, of.Objective, group.Group, incident})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b incidentRow) int { return a.From.Compare(b.From) })
	whose := parties(rows, func(r incidentRow) (*agreement.Agreement, *agreement.Objective) { return r.agreement, r.objective })
	fields := append([]*data.Field{
		column(rows, "time", nil, func(r incidentRow) time.Time { return r.From.UTC() }),
		column(rows, "timeEnd", nil, func(r incidentRow) time.Time { return r.To.UTC() }),
		texts(rows, "title", incidentRow.title),
		texts(rows, "text", incidentRow.text),
		texts(rows, "tags", incidentRow.tags),
		texts(rows, "id", incidentRow.id),
	}, whose...)
	head := len(fields)
	fields = append(fields,
		column(rows, "duration", &data.FieldConfig{Unit: secondsUnit}, func(r incidentRow) float64 { return r.To.Sub(r.From).Seconds() }),
		column(rows, "ongoing", nil, func(r incidentRow) bool { return r.Ongoing }),
		figures(rows, "total", nil, func(r incidentRow) budget.Figure { return r.Total }),
		figures(rows, "bad", nil, func(r incidentRow) budget.Figure { return r.Bad }),
		texts(rows, "unit", func(r incidentRow) string { return string(r.objective.Unit()) }),
		figures(rows, "share", ratioConfig(), func(r incidentRow) budget.Figure { return r.Share }),
		figures(rows, "peak_burn", burnConfig(), func(r incidentRow) budget.Figure { return r.PeakBurn }),
		texts(rows, "exclusions", func(r incidentRow) string { return strings.Join(r.Exclusions, ", ") }),
		texts(rows, "alerts", func(r incidentRow) string { return strings.Join(r.Alerts, ", ") }),
	)
	frame := table("incidents", withGroups(rows, fields, head, func(r incidentRow) map[string]string { return r.group })...)
	frame.Meta.Custom = &Custom{Repair: repairs}
	return frame
}

func repair(of ObjectiveIncidents, g measure.GroupIncidents) Repair {
	r := Repair{Agreement: of.Agreement.Name, Objective: of.Objective.Name, Group: g.Group, Count: g.Repair.Count}
	if g.Repair.Count > 0 {
		seconds := g.Repair.MeanTimeToRepair.Seconds()
		r.MeanSecondsToRepair = &seconds
	}
	if g.Repair.Count > 1 {
		seconds := g.Repair.MeanTimeBetween.Seconds()
		r.MeanSecondsBetween = &seconds
	}
	return r
}

func (r incidentRow) title() string {
	title := r.agreement.Name + ": " + r.objective.Name
	if len(r.group) > 0 {
		title += " {" + wire.GroupText(r.group) + "}"
	}
	return title
}

// text is what an annotation says.
func (r incidentRow) text() string {
	lasted := "lasted " + tables.Elapsed(r.To.Sub(r.From))
	if r.Ongoing {
		lasted = "going on for " + tables.Elapsed(r.To.Sub(r.From))
	}
	text := fmt.Sprintf("%s, took %s of the error budget, burned at up to %s", lasted, tables.Share(r.Share), tables.Rate(r.PeakBurn))
	if len(r.Exclusions) > 0 {
		text += "; overlaps " + strings.Join(r.Exclusions, ", ")
	}
	if len(r.Alerts) > 0 {
		text += "; alerts: " + strings.Join(r.Alerts, ", ")
	}
	return text
}

// tags are separated by commas, as annotations want them.
func (r incidentRow) tags() string {
	tags := []string{"incident", r.agreement.Name, r.objective.Name}
	for _, name := range sorted(r.group) {
		tags = append(tags, name+"="+r.group[name])
	}
	return strings.Join(tags, ",")
}

// id is the same for an incident that goes on: it is known by where it began.
func (r incidentRow) id() string {
	return fmt.Sprintf("%s/%s/%s@%d", r.agreement.Name, r.objective.Name, slots.GroupKey(r.group), r.From.Unix())
}
