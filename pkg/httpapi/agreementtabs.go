package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// AgreementStatusTab is the present status of an agreement, or of an SLO that no agreement names.
type AgreementStatusTab struct {
	At time.Time `json:"at"`
	AgreementHead
	Service  wire.Named `json:"service"`
	TimeZone string     `json:"timeZone"`
	// SupportHours is the name of a Calendar; empty means around the clock.
	SupportHours string `json:"supportHours,omitempty"`
	// Notice says why nothing is promised at present, or not measured; null if the agreement is in force.
	Notice *Notice `json:"notice"`
	// AlertReason is why the alert fires.
	AlertReason string `json:"alertReason,omitempty"`
	// Unmeasured are the reasons why figures are missing or out of date.
	Unmeasured []string `json:"unmeasured"`
	// Objectives come worst first, with one row per group.
	Objectives []ObjectiveRow `json:"objectives"`
}

// Notice is what a reader should know before reading the figures.
type Notice struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// ObjectiveRow is an objective, or one group of it.
type ObjectiveRow struct {
	Key string `json:"key"`
	wire.Named
	// Group has the labels of the group: «region=eu»; empty without groupBy.
	Group  string       `json:"group,omitempty"`
	State  budget.State `json:"state"`
	Reason string       `json:"reason,omitempty"`
	Alerting
	Rounded
	Burn      wire.BurnRates `json:"burn"`
	Projected budget.Figure  `json:"projected"`
	Coverage  budget.Figure  `json:"coverage"`
	// MeasuredUntil is null if nothing was measured.
	MeasuredUntil *time.Time `json:"measuredUntil"`
	WindowText    string     `json:"windowText"`
	// Computed says how the figures are computed, Written are the queries of the document, and Queries
	// those that are sent to Prometheus.
	Computed []wire.Computation `json:"computed"`
	Written  []WrittenQuery     `json:"written"`
	Queries  []string           `json:"queries"`
	// Window, TargetNow and GroupBy are what its charts need; TargetNow is a ratio.
	Window    wire.Window `json:"window"`
	TargetNow float64     `json:"targetNow"`
	GroupBy   []string    `json:"groupBy"`
}

// WrittenQuery is a query of an indicator as its document has it.
type WrittenQuery struct {
	Part string `json:"part"` // good, bad, total or gauge
	Text string `json:"text"`
}

func (h *handlers) statusTab(r *http.Request, c *catalog.Catalog, a *agreement.Agreement) (any, error) {
	at, n := h.Present(), names{c}
	results, unreachable := h.measured(r.Context(), []*agreement.Agreement{a}, at)
	s := newStanding(results[0], at)
	tab := AgreementStatusTab{At: at, AgreementHead: n.head(s), Service: n.service(a.Service), TimeZone: a.Zone.String(),
		Notice: notice(a, at), Unmeasured: []string{}}
	if a.SupportHours != nil {
		tab.SupportHours = a.SupportHours.Name
	}
	if !tab.LeftOut {
		tab.Unmeasured = unmeasured(results, unreachable)
	}
	for _, result := range slices.SortedStableFunc(slices.Values(s.Objectives), measure.ByWorst) {
		row := objectiveRow(result)
		if tab.AlertReason == "" && row.Alert != "" && row.Alerting == tab.Alerting {
			tab.AlertReason = alertReason(result, row.Alert)
		}
		tab.Objectives = append(tab.Objectives, row)
	}
	return tab, nil
}

func objectiveRow(r measure.Result) ObjectiveRow {
	o := r.Objective
	row := ObjectiveRow{Key: wire.ObjectiveText(o.Name, r.Group), Named: wire.Named{Name: o.Name, DisplayName: o.DisplayName}, Group: wire.GroupText(r.Group),
		State: r.State, Reason: tables.Capitalized(tables.Remark(r)), Alerting: alerting(r), Rounded: rounded(r), Projected: r.Projected.AsPercent(),
		Coverage: r.Coverage.AsShare(), MeasuredUntil: wire.NullTime(r.MeasuredUntil), WindowText: tables.WindowText(r.Window, r.To),
		Computed: tables.Computations(r), Written: written(o), Queries: wire.List(r.Measurement.Queries),
		Window: wire.Window{Window: o.Window}, TargetNow: o.TargetAt(r.To), GroupBy: wire.List(o.GroupBy)}
	row.Burn = wire.Each(r.Burn, func(b budget.Burn) budget.Burn { return budget.Burn{Window: b.Window, Rate: b.Rate.AsRate()} })
	return row
}

func written(o *agreement.Objective) (all []WrittenQuery) {
	parts := []string{"good", "bad", "total", "gauge"}
	for i, q := range []*agreement.Query{o.SLI.Good, o.SLI.Bad, o.SLI.Total, o.SLI.Gauge} {
		if q != nil {
			all = append(all, WrittenQuery{parts[i], cmp.Or(q.Expr, q.Histogram)})
		}
	}
	return wire.List(all)
}

// alertReason returns why an alert of the severity fires. The result must have one that does.
func alertReason(r measure.Result, severity agreement.Severity) string {
	value, _ := budget.AlertValue(r.Alerts, severity)
	alert := r.Alerts[slices.IndexFunc(r.Alerts, func(alert budget.Alert) bool { return alert.Severity == severity && alert.Value == value })]
	name, rate := wire.ObjectiveText(r.Objective.Title(), r.Group), min(alert.LongBurn, alert.ShortBurn).Rate()
	return fmt.Sprintf("%s burns its error budget %s times too fast over %s and %s", name, rate, alert.Long, alert.Short)
}

// notice returns a notice unless the agreement is read, active and in effect at the instant.
func notice(a *agreement.Agreement, at time.Time) *Notice {
	const information = "The figures are for information: nothing alerts, nothing counts."
	from, until := a.Effective.From, a.Effective.Until
	switch {
	case a.NotRead != "":
		return &Notice{"This document has errors, so nothing is measured for it", tables.Capitalized(a.NotRead)}
	case a.Stage == agreement.Draft:
		return &Notice{"This is a draft: nothing is promised yet", information}
	case a.Stage == agreement.Proposed:
		return &Notice{"This is proposed: the other party has not agreed yet", information}
	case a.Stage == agreement.Retired && until.IsZero():
		return &Notice{"This agreement is retired", information}
	case a.Stage == agreement.Retired:
		return &Notice{"This agreement is retired; it held until " + tables.LastDay(until, a.Zone), information}
	case !from.IsZero() && at.Before(from):
		return &Notice{"This agreement takes effect on " + tables.Date(from, a.Zone), "Until then nothing is promised, so nothing is counted for it."}
	case !until.IsZero() && !at.Before(until):
		return &Notice{"This agreement ended: its last day was " + tables.LastDay(until, a.Zone), "What it did while it held is in its history."}
	}
	return nil
}

// AgreementHistoryTab is the history of an agreement.
type AgreementHistoryTab struct {
	At time.Time `json:"at"`
	// Periods are those of each objective, newest first, back to the first that was measured.
	Periods []HistoryRow `json:"periods"`
	// Incidents are those that overlap the requested range of time, newest first.
	wire.Span
	Incidents []IncidentRow `json:"incidents"`
	// Repair summarizes the incidents.
	Repair []string `json:"repair"`
	// Statements are the frozen statements, newest period first.
	Statements []statement.Entry `json:"statements"`
	// Unmeasured are the reasons why something is missing.
	Unmeasured []string `json:"unmeasured"`
}

// HistoryRow is the result of an objective, or one group of it, in a period.
type HistoryRow struct {
	Key string `json:"key"`
	// Period is a name such as 2026-10; Objective includes the group.
	Period    string       `json:"period"`
	Objective string       `json:"objective"`
	State     budget.State `json:"state"`
	Reason    string       `json:"reason,omitempty"`
	Rounded
	// Raw is the compliance over every slot of the period, in scope or not.
	Raw      budget.Figure `json:"raw"`
	Bad      string        `json:"bad"`
	Coverage budget.Figure `json:"coverage"`
}

// IncidentRow is an incident in words and figures.
type IncidentRow struct {
	Key       string    `json:"key"`
	Objective string    `json:"objective"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Ongoing   bool      `json:"ongoing"`
	Lasted    string    `json:"lasted"`
	Bad       string    `json:"bad"`
	// Share is a share of the window's error budget.
	Share    budget.Figure `json:"share"`
	PeakBurn budget.Figure `json:"peakBurn"`
	Remark   string        `json:"remark,omitempty"`
}

// The default range of incidents, and the longest.
const (
	incidentsOf      = 30 * 24 * time.Hour
	longestIncidents = 400 * 24 * time.Hour
)

func (h *handlers) historyTab(r *http.Request, _ *catalog.Catalog, a *agreement.Agreement) (any, error) {
	at := h.Present()
	span, err := readSpan(r.URL.Query(), wire.Span{From: at.Add(-incidentsOf), To: at})
	if err != nil {
		return nil, err
	}
	tab := AgreementHistoryTab{At: at, Span: span, Periods: []HistoryRow{}, Incidents: []IncidentRow{}, Repair: []string{}}
	about := []*agreement.Agreement{a}
	periods := h.Engine.Histories(r.Context(), about, at, nil, 0)
	if tab.To.After(at) {
		tab.To = at
	}
	if earliest := tab.To.Add(-longestIncidents); tab.From.Before(earliest) {
		tab.From = earliest
		tab.Unmeasured = []string{"Incidents are shown from " + tables.Date(earliest, a.Zone) + " on: of a longer time range, the last 400 days"}
	}
	if !tab.From.Before(tab.To) { // all of the range lies ahead
		tab.From, about = tab.To, nil
	}
	var all []measure.GroupIncidents
	for _, of := range measure.Each(r.Context(), about, func(ctx context.Context, a *agreement.Agreement, o *agreement.Objective) ([]measure.GroupIncidents, error) {
		groups, _, err := h.Engine.Incidents(ctx, a, o, tab.From, tab.To)
		return groups, err
	}) {
		all = append(all, of.Value...)
		if of.Err != nil && a.NotRead == "" {
			tab.Unmeasured = append(tab.Unmeasured, of.Err.Error())
		}
	}
	tab.Periods = historyRows(periods, &tab.Unmeasured)
	tab.Incidents = incidentRows(tables.IncidentRows(all))
	if len(all) > 0 {
		tab.Repair = tables.RepairTexts(all, func(g measure.GroupIncidents) string { return wire.ObjectiveText(g.Objective.Title(), g.Group) })
	}
	if !a.IsSLO { // statements are about agreements, one of which may have its name
		if tab.Statements, err = h.archive.List("", a.Name); err != nil {
			tab.Unmeasured = append(tab.Unmeasured, err.Error())
		}
	}
	tab.Statements, tab.Unmeasured = wire.List(tab.Statements), wire.List(tables.Distinct(tab.Unmeasured))
	return tab, nil
}

// historyRows returns periods newest first, back to the first that was measured, and appends errors to reasons.
func historyRows(periods []measure.Period, reasons *[]string) []HistoryRow {
	var first time.Time // the end of the first measured period
	for _, p := range periods {
		if p.Compliance.Known() && (first.IsZero() || p.To.Before(first)) {
			first = p.To
		}
		if p.Err != nil && p.Agreement.NotRead == "" {
			*reasons = append(*reasons, p.Err.Error())
		}
	}
	rows := []HistoryRow{}
	newest := func(a, b measure.Period) int { return b.From.Compare(a.From) }
	for _, p := range slices.SortedStableFunc(slices.Values(periods), newest) {
		if first.IsZero() || p.To.Before(first) {
			continue
		}
		o := p.Objective
		title := wire.ObjectiveText(o.Title(), p.Group)
		row := HistoryRow{Key: p.Name + " " + wire.ObjectiveText(o.Name, p.Group), Period: p.Name, Objective: title, State: p.State,
			Rounded: rounded(p.Result), Raw: p.Raw.Compliance.AsPercent(), Bad: tables.CountText(p.Bad, o.Unit()), Coverage: p.Coverage.AsShare()}
		if p.State != budget.Breached {
			row.Reason = tables.Capitalized(tables.Remark(p.Result))
		}
		if !p.Compliance.Known() { // a count that was not measured is not 0
			row.Bad = budget.AbsentText
		}
		rows = append(rows, row)
	}
	return rows
}

func incidentRows(incidents []tables.IncidentRow) []IncidentRow {
	rows := wire.Each(incidents, func(i tables.IncidentRow) IncidentRow {
		o := i.Objective
		return IncidentRow{Key: i.From.Format(time.RFC3339) + " " + i.ObjectiveText(), Objective: wire.ObjectiveText(o.Title(), i.Group),
			From: i.From, To: i.To, Ongoing: i.Ongoing, Lasted: tables.Elapsed(i.To.Sub(i.From)), Bad: tables.CountText(i.Bad, i.Unit),
			Share: i.Share.AsShare(), PeakBurn: i.PeakBurn.AsRate(), Remark: i.Remark()}
	})
	slices.SortStableFunc(rows, func(a, b IncidentRow) int { return b.From.Compare(a.From) })
	return rows
}
