package frames

import (
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

// Rows are the results of all agreements, a row each.
func Rows(results []measure.AgreementResult) []measure.Result {
	var rows []measure.Result
	for _, result := range results {
		rows = append(rows, result.Objectives...)
	}
	return rows
}

// Status is a table with a row an objective and group. With raw, the balance
// is that of every slot of the window; the state is always that of the
// agreement, and what looks ahead exists only for it, so it is null.
func Status(rows []measure.Result, burnWindows []time.Duration, raw bool) *data.Frame {
	fields := parties(rows, func(r measure.Result) (*agreement.Agreement, *agreement.Objective) { return r.Agreement, r.Objective })
	head := len(fields)
	fields = append(fields, column(rows, "state", stateConfig(), func(r measure.Result) string { return string(r.State) }))
	fields = append(fields, balances(rows, raw)...)
	for i, window := range burnWindows {
		fields = append(fields, figures(rows, "burn_"+agreement.FormatDuration(window), burnConfig(), func(r measure.Result) budget.Figure {
			if raw || i >= len(r.Burn) {
				return budget.Absent
			}
			return r.Burn[i].Rate
		}))
	}
	fields = append(fields,
		instants(rows, "exhaustion", func(r measure.Result) time.Time {
			if raw {
				return time.Time{}
			}
			return r.Exhaustion.Truncate(time.Second)
		}),
		figures(rows, "projected", ratioConfig(), func(r measure.Result) budget.Figure {
			if raw {
				return budget.Absent
			}
			return r.Projected
		}),
		figures(rows, "coverage", ratioConfig(), func(r measure.Result) budget.Figure { return balance(r, raw).Coverage }),
		instants(rows, "from", func(r measure.Result) time.Time { return r.From }),
		instants(rows, "to", func(r measure.Result) time.Time { return r.To }),
		texts(rows, "window", func(r measure.Result) string { return r.Window.String() }),
		texts(rows, "unit", func(r measure.Result) string { return string(r.Objective.Unit()) }),
		texts(rows, "method", func(r measure.Result) string { return string(r.Measurement.Method) }),
		figures(rows, "raw_total", amountConfig(units(rows)), func(r measure.Result) budget.Figure { return r.Raw.Total }),
		figures(rows, "raw_bad", amountConfig(units(rows)), func(r measure.Result) budget.Figure { return r.Raw.Bad }),
		figures(rows, "raw_compliance", ratioConfig(), func(r measure.Result) budget.Figure { return r.Raw.Compliance }),
		texts(rows, "reason", func(r measure.Result) string { return r.Reason }),
		texts(rows, "error", failure),
	)
	return table("status", withGroups(rows, fields, head, func(r measure.Result) map[string]string { return r.Group })...)
}

// History is a table with a row an objective, group and period.
func History(periods []measure.Period, raw bool) *data.Frame {
	rows := make([]measure.Result, len(periods))
	for i, p := range periods {
		rows[i] = p.Result
	}
	fields := parties(rows, func(r measure.Result) (*agreement.Agreement, *agreement.Objective) { return r.Agreement, r.Objective })
	head := len(fields)
	fields = append(fields,
		texts(periods, "period", func(p measure.Period) string { return p.Name }),
		instants(rows, "from", func(r measure.Result) time.Time { return r.From }),
		instants(rows, "to", func(r measure.Result) time.Time { return r.To }))
	fields = append(fields, balances(rows, raw)...)
	fields = append(fields,
		figures(rows, "coverage", ratioConfig(), func(r measure.Result) budget.Figure { return balance(r, raw).Coverage }),
		column(rows, "state", stateConfig(), func(r measure.Result) string { return string(r.State) }),
		instants(periods, "revision", func(p measure.Period) time.Time { return p.Revision }),
		texts(rows, "unit", func(r measure.Result) string { return string(r.Objective.Unit()) }),
		texts(rows, "method", func(r measure.Result) string { return string(r.Measurement.Method) }),
		texts(rows, "reason", func(r measure.Result) string { return r.Reason }),
		texts(rows, "error", failure),
	)
	return table("history", withGroups(rows, fields, head, func(r measure.Result) map[string]string { return r.Group })...)
}

// parties are the fields that say whose promise a row is about.
func parties[R any](rows []R, of func(R) (*agreement.Agreement, *agreement.Objective)) []*data.Field {
	text := func(name string, value func(*agreement.Agreement, *agreement.Objective) string) *data.Field {
		return texts(rows, name, func(row R) string { return value(of(row)) })
	}
	return []*data.Field{
		text("agreement", func(a *agreement.Agreement, _ *agreement.Objective) string { return a.Name }),
		text("objective", func(_ *agreement.Agreement, o *agreement.Objective) string { return o.Name }),
		text("service", func(a *agreement.Agreement, _ *agreement.Objective) string { return a.Service }),
		text("provider", func(a *agreement.Agreement, _ *agreement.Objective) string { return a.Provider }),
		text("consumers", func(a *agreement.Agreement, _ *agreement.Objective) string { return strings.Join(a.Consumers, ", ") }),
	}
}

// balances are the fields of the error budget.
func balances(rows []measure.Result, raw bool) []*data.Field {
	field := func(name string, config *data.FieldConfig, of func(budget.Balance) budget.Figure) *data.Field {
		return figures(rows, name, config, func(r measure.Result) budget.Figure { return of(balance(r, raw)) })
	}
	return []*data.Field{
		field("target", ratioConfig(), func(b budget.Balance) budget.Figure { return b.Target }),
		field("compliance", ratioConfig(), func(b budget.Balance) budget.Figure { return b.Compliance }),
		field("total", amountConfig(units(rows)), func(b budget.Balance) budget.Figure { return b.Total }),
		field("bad", amountConfig(units(rows)), func(b budget.Balance) budget.Figure { return b.Bad }),
		field("allowed", amountConfig(units(rows)), func(b budget.Balance) budget.Figure { return b.Allowed }),
		field("consumed", ratioConfig(), func(b budget.Balance) budget.Figure { return b.Consumed }),
		field("remaining", remainingConfig(), func(b budget.Balance) budget.Figure { return b.Remaining }),
	}
}

func balance(r measure.Result, raw bool) budget.Balance {
	if raw {
		return r.Raw
	}
	return r.Balance
}

func units(rows []measure.Result) []agreement.Unit {
	all := make([]agreement.Unit, len(rows))
	for i, r := range rows {
		all[i] = r.Objective.Unit()
	}
	return all
}

func failure(r measure.Result) string {
	if r.Err == nil {
		return ""
	}
	return r.Err.Error()
}

// withGroups puts the fields of the groups after the first head fields.
func withGroups[R any](rows []R, fields []*data.Field, head int, group func(R) map[string]string) []*data.Field {
	groups := groupFields(rows, fieldNames(fields), group)
	return append(append(append([]*data.Field{}, fields[:head]...), groups...), fields[head:]...)
}
