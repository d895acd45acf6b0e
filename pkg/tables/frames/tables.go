package frames

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// Rows returns the results of all agreements in one list.
func Rows(results []measure.AgreementResult) []measure.Result {
	return slices.Concat(wire.Each(results, func(r measure.AgreementResult) []measure.Result { return r.Objectives })...)
}

// Status returns a table with a row per objective and group. With raw, the balance
// counts every slot of the window, in scope or not; the state remains that of the
// agreement, and burn rates, exhaustion and projection are null.
func Status(results []measure.Result, burnWindows []time.Duration, raw bool) *data.Frame {
	if raw {
		results = wire.Each(results, asRaw)
	}
	return table("status", tables.ResultRows(results), tables.ResultColumns(burnWindows),
		"agreement objective service provider consumers group state alert target compliance total bad allowed consumed remaining "+
			tables.BurnNames(burnWindows)+" exhaustion projected coverage measuredUntil from to window unit method "+
			"raw_total raw_bad raw_compliance reason remarks error")
}

// History returns a table with a row per objective, group and period.
func History(periods []measure.Period, raw bool) *data.Frame {
	if raw {
		periods = wire.Each(periods, func(p measure.Period) measure.Period {
			return measure.Period{Result: asRaw(p.Result), Name: p.Name, Revision: p.Revision}
		})
	}
	return table("history", tables.PeriodRows(periods), tables.ResultColumns(nil),
		"agreement objective service provider consumers group period from to target compliance total bad allowed consumed remaining "+
			"coverage measuredUntil state revision unit method reason remarks error")
}

// asRaw returns the result with the raw balance in place of the adjusted one.
func asRaw(r measure.Result) measure.Result {
	r.Balance, r.Burn, r.Exhaustion, r.Projected = r.Raw, nil, time.Time{}, budget.Absent
	return r
}

// Incidents returns a table with a row per incident, sorted by time; Grafana can show it as annotations.
func Incidents(groups []measure.GroupIncidents) *data.Frame {
	rows := tables.IncidentRows(groups)
	slices.SortStableFunc(rows, func(a, b tables.IncidentRow) int { return a.From.Compare(b.From) })
	type R = tables.IncidentRow
	return table("incidents", rows, append(tables.IncidentColumns(),
		instant("time", tables.TimeKind, func(r R) time.Time { return r.From }),
		instant("timeEnd", tables.TimeKind, func(r R) time.Time { return r.To }),
		text("title", func(r R) string { return r.Agreement.Name + ": " + r.ObjectiveText() }),
		text("text", incidentText),
		text("tags", func(r R) string {
			return strings.Join(append([]string{"incident", r.Agreement.Name, r.Objective.Name}, wire.Pairs(r.Group)...), ",")
		}),
		// The start identifies an incident, so that an ongoing one keeps its id.
		text("id", func(r R) string {
			return fmt.Sprintf("%s/%s/%s@%d", r.Agreement.Name, r.Objective.Name, slots.GroupKey(r.Group), r.From.Unix())
		})),
		"time timeEnd title text tags id agreement objective service provider consumers group "+
			"duration ongoing total bad unit share peak_burn exclusions alerts")
}

func incidentText(r tables.IncidentRow) string {
	text := fmt.Sprintf("lasted %s, took %s of the error budget, burned at up to %s; %s",
		tables.Elapsed(r.To.Sub(r.From)), r.Share.Share(), r.PeakBurn.Rate(), r.Remark())
	return strings.TrimSuffix(text, "; ")
}

// text returns a column of strings.
func text[R any](name string, value func(R) string) tables.Column[R] {
	return tables.Column[R]{Name: name, Value: func(r R) any { return value(r) }}
}

func instant[R any](name string, kind tables.Kind, value func(R) time.Time) tables.Column[R] {
	return tables.Column[R]{Name: name, Kind: kind, Value: func(r R) any { return value(r) }}
}

// Agreements returns the catalog as a table. An SLO that no agreement names has the kind SLO.
func Agreements(rows []*agreement.Agreement) *data.Frame {
	type R = *agreement.Agreement
	return table("agreements", rows, []tables.Column[R]{
		text("agreement", func(a R) string { return a.Name }),
		text("display_name", func(a R) string { return a.DisplayName }),
		text("kind", R.Kind),
		text("stage", func(a R) string { return string(a.Stage) }),
		text("service", func(a R) string { return a.Service }),
		text("provider", func(a R) string { return a.Provider }),
		text("consumers", func(a R) string { return strings.Join(a.Consumers, ", ") }),
		text("objectives", func(a R) string { return strings.Join(a.ObjectiveNames(), ", ") }),
		text("support_hours", func(a R) string {
			if a.SupportHours == nil {
				return ""
			}
			return a.SupportHours.Name
		}),
		instant("effective_from", tables.InstantKind, func(a R) time.Time { return a.Effective.From }),
		instant("effective_until", tables.InstantKind, func(a R) time.Time { return a.Effective.Until }),
		text("labels", func(a R) string { return wire.GroupText(a.Labels) }),
		text("description", func(a R) string { return a.Description }),
		text("file", func(a R) string { return a.Place.File }),
	}, "")
}

type exclusionRow struct {
	*agreement.Exclusion
	from, to time.Time
	// agreements are those that it names, directly or by their service.
	agreements []string
	// inEffect are the agreements whose figures it changes.
	inEffect []string
}

// Exclusions returns a table with a row per occurrence of an exclusion that overlaps the range, which may be
// in the future, sorted by time; Grafana can show it as annotations.
func Exclusions(ctx context.Context, agreements []*agreement.Agreement, from, to time.Time) (*data.Frame, error) {
	rows, err := occurrences(ctx, agreements, from, to)
	if err != nil {
		return nil, err
	}
	type R = exclusionRow
	return table("exclusions", rows, []tables.Column[R]{
		instant("time", tables.TimeKind, func(r R) time.Time { return r.from }),
		instant("timeEnd", tables.TimeKind, func(r R) time.Time { return r.to }),
		text("title", func(r R) string { return cmp.Or(r.DisplayName, r.Name) }),
		text("text", R.text),
		text("tags", func(r R) string { return strings.Join(append([]string{"exclusion", r.Category}, r.agreements...), ",") }),
		text("id", func(r R) string { return fmt.Sprintf("%s@%d", r.Name, r.from.Unix()) }),
		text("exclusion", func(r R) string { return r.Name }),
		text("agreements", func(r R) string { return strings.Join(r.agreements, ", ") }),
		text("in_effect", func(r R) string { return strings.Join(r.inEffect, ", ") }),
		text("category", func(r R) string { return r.Category }),
		text("mode", func(r R) string { return string(r.Mode) }),
		text("requested_by", func(r R) string { return r.RequestedBy }),
		text("approved_by", func(r R) string { return r.ApprovedBy }),
		instant("approved_on", tables.InstantKind, func(r R) time.Time { return r.ApprovedOn }),
	}, ""), nil
}

func occurrences(ctx context.Context, agreements []*agreement.Agreement, from, to time.Time) (rows []exclusionRow, err error) {
	about := map[*agreement.Exclusion][]*agreement.Agreement{}
	var exclusions []*agreement.Exclusion
	for _, a := range agreements {
		for _, x := range a.Exclusions {
			if about[x] == nil {
				exclusions = append(exclusions, x)
			}
			about[x] = append(about[x], a)
		}
	}
	spans, err := scope.Occurrences(ctx, exclusions, from, to)
	for i, all := range spans {
		row := exclusionRow{Exclusion: exclusions[i]}
		for _, a := range about[row.Exclusion] {
			row.agreements = append(row.agreements, a.Name)
			if row.HasEffectIn(a) {
				row.inEffect = append(row.inEffect, a.Name)
			}
		}
		for _, span := range all {
			row.from, row.to = time.UnixMilli(span.From).UTC(), time.UnixMilli(span.To).UTC()
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b exclusionRow) int { return a.from.Compare(b.from) })
	return rows, err
}

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

// OutsideHours returns a table with a row per interval outside the support hours of agreements, sorted by
// time; Grafana can show it as annotations.
func OutsideHours(agreements []*agreement.Agreement, from, to time.Time) *data.Frame {
	keptBy := map[*agreement.Calendar][]string{}
	for _, a := range agreements {
		if a.SupportHours != nil {
			keptBy[a.SupportHours] = append(keptBy[a.SupportHours], a.Name)
		}
	}
	type R struct {
		*agreement.Calendar
		from, to time.Time
	}
	var rows []R
	for calendar := range keptBy {
		all := scope.Union(scope.Interval{From: from.UnixMilli(), To: to.UnixMilli()})
		for _, span := range all.Subtract(scope.SupportHours(calendar, from, to)) {
			rows = append(rows, R{calendar, time.UnixMilli(span.From).UTC(), time.UnixMilli(span.To).UTC()})
		}
	}
	slices.SortFunc(rows, func(a, b R) int { return cmp.Or(a.from.Compare(b.from), cmp.Compare(a.Name, b.Name)) })
	return table("outsideHours", rows, []tables.Column[R]{
		instant("time", tables.TimeKind, func(r R) time.Time { return r.from }),
		instant("timeEnd", tables.TimeKind, func(r R) time.Time { return r.to }),
		text("title", func(R) string { return "Outside of support hours" }),
		text("text", func(r R) string {
			text := cmp.Or(r.DisplayName, r.Name) + ": what happens here does not count"
			for day, name := range scope.Holidays(r.Calendar, r.from, r.to.Add(-1)) {
				text += "; " + day.UTC().Format(time.DateOnly) + " " + cmp.Or(name, "is a holiday")
			}
			return text
		}),
		text("tags", func(r R) string { return "supportHours," + r.Name }),
		text("id", func(r R) string { return fmt.Sprintf("%s@%d", r.Name, r.from.Unix()) }),
		text("calendar", func(r R) string { return r.Name }),
		text("agreements", func(r R) string { return strings.Join(keptBy[r.Calendar], ", ") }),
	}, "")
}
