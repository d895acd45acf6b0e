package tables

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// ResultRow is the result of an objective, or of one group of it, over its window or a period.
type ResultRow struct {
	Agreement *agreement.Agreement
	wire.ObjectiveStatus
	// Period and Revision are the Name and Revision of a [measure.Period].
	Period   string
	Revision time.Time
	remark   string
}

func (r ResultRow) zone() *time.Location { return r.Agreement.Zone }

// ResultRows returns a row per result.
func ResultRows(results []measure.Result) []ResultRow {
	return wire.Each(results, func(r measure.Result) ResultRow {
		return ResultRow{Agreement: r.Agreement, ObjectiveStatus: wire.NewObjectiveStatus(r)}
	})
}

// PeriodRows returns a row per period.
func PeriodRows(periods []measure.Period) []ResultRow {
	return wire.Each(periods, func(p measure.Period) ResultRow {
		return ResultRow{p.Agreement, wire.NewObjectiveStatus(p.Result), p.Name, p.Revision, ""}
	})
}

// ResultColumns returns the columns of status and history, with a burn rate over each of the windows.
func ResultColumns(burnWindows []time.Duration) []Column[ResultRow] {
	type R = ResultRow
	columns := []Column[R]{
		{"agreement", "agreement", TextKind, func(r R) any { return r.Agreement.Name }, nil, 0},
		{"objective", "objective", TextKind, func(r R) any { return r.Name }, func(r R) string { return wire.ObjectiveText(r.Name, r.Group) }, 0},
		{"group", "", LabelsKind, func(r R) any { return r.Group }, nil, 0},
		{"service", "", TextKind, func(r R) any { return r.Agreement.Service }, nil, 0},
		{"provider", "", TextKind, func(r R) any { return r.Agreement.Provider }, nil, 0},
		{"consumers", "", TextKind, func(r R) any { return r.Agreement.Consumers }, nil, 0},
		{"stage", "", TextKind, func(r R) any { return r.Agreement.Stage }, nil, 0},
		{"period", "period", TextKind, func(r R) any { return r.Period }, R.periodText, 0},
		{"state", "state", StateKind, func(r R) any { return r.State }, nil, 0},
		{"alert", "", TextKind, func(r R) any { return r.Alert }, nil, 0},
		{"reason", "", TextKind, func(r R) any { return r.Reason }, nil, 0},
		{"window", "window", TextKind, func(r R) any { return r.Window.String() }, func(r R) string { return WindowText(r.Window.Window, r.To) }, 2},
		{"from", "", InstantKind, func(r R) any { return r.From }, nil, 0},
		{"to", "", InstantKind, func(r R) any { return r.To }, nil, 0},
		{"unit", "", TextKind, func(r R) any { return r.Unit }, nil, 0},
		{"remaining_of", "left of allowed", TextKind, nil, func(r R) string { return RemainingText(r.Balance, r.Unit) }, 1},
		{"burn", "burn 1h", RateKind, nil, func(r R) string { return BurnOver(r.Burn, time.Hour).Rate() }, 0},
		{"exhaustion", "", InstantKind, func(r R) any { return r.Exhaustion }, nil, 0},
		{"projected", "", RatioKind, func(r R) any { return r.Projected }, nil, 0},
		{"coverage", "coverage", ShareKind, func(r R) any { return r.Coverage }, nil, 0},
		{"measuredUntil", "", InstantKind, func(r R) any { return r.MeasuredUntil }, nil, 0},
		{"method", "", TextKind, func(r R) any { return r.Method }, nil, 0},
		{"revision", "", InstantKind, func(r R) any { return r.Revision }, nil, 0},
		{"error", "", TextKind, func(r R) any { return r.Error }, nil, 0},
		{"remarks", "", TextKind, func(r R) any { return strings.Join(r.Remarks, "; ") }, nil, 0},
		{"remark", "remark", TextKind, func(r R) any { return r.remark }, nil, 0},
	}
	columns = append(columns, balanceColumns(func(r R) budget.Balance { return r.Balance }, func(r R) wire.RawBalance { return r.Raw })...)
	for _, window := range burnWindows {
		columns = append(columns, Column[R]{"burn_" + agreement.FormatDuration(window), "", RateKind,
			func(r R) any { return BurnOver(r.Burn, window) }, nil, 0})
	}
	return columns
}

// BurnNames returns the names of the burn-rate columns, for [Pick].
func BurnNames(windows []time.Duration) string {
	return strings.Join(wire.Each(windows, func(w time.Duration) string { return "burn_" + agreement.FormatDuration(w) }), " ")
}

func (r ResultRow) periodText() string {
	if r.Window.Offset == 0 {
		return r.Period + " to date"
	}
	return r.Period
}

// HistoryPage returns a page with a row per period; the periods of an objective and group stand together.
func HistoryPage(at time.Time, server prometheus.Capabilities, resolution time.Duration, periods []measure.Period) Page {
	var reasons footnotes
	unsorted := PeriodRows(periods)
	rows := byObjective(unsorted)
	for i := range rows {
		r := &rows[i]
		r.remark = beside(r.State, cmp.Or(reasons.unmeasured(r.Agreement.NotRead != "", r.Error), r.Reason), r.Remarks)
	}
	table := pageRows(rows, ResultColumns(nil), "agreement objective period state target compliance remaining remaining_of coverage remark",
		func(r ResultRow) string { return r.Agreement.Name })
	return Page{Title: "Internal SLAs period by period",
		Heading: []string{"Period by period up to " + instantIn(at, zoneOfAll(rows, ResultRow.zone)) + ", " + ServerText(server, resolution) + "."},
		Rows:    joinPeriods(rows, table), Notes: reasons.text(),
		Figures: figureRows(unsorted, ResultColumns(nil), "agreement objective group period from to state unit target "+
			"total bad compliance allowed consumed remaining coverage measuredUntil revision reason remarks error")}
}

const periodColumn = 2

// joinPeriods joins successive rows without coverage that differ only in their period: «2026-01 – 2026-03».
func joinPeriods(rows []ResultRow, table Rows) Rows {
	same := func(a, b []string) bool {
		return slices.Equal(a[:periodColumn], b[:periodColumn]) && slices.Equal(a[periodColumn+1:], b[periodColumn+1:])
	}
	all := table.Body
	table.Body, table.Blocks = nil, nil
	for i, cells := range all {
		if last := len(table.Body) - 1; last >= 0 && !(rows[i].Coverage > 0) && same(table.Body[last], cells) {
			first, _, _ := strings.Cut(table.Body[last][periodColumn], " – ")
			table.Body[last][periodColumn] = first + " – " + cells[periodColumn]
			continue
		}
		table.Body, table.Blocks = append(table.Body, cells), append(table.Blocks, rows[i].Agreement.Name)
	}
	return table
}

// byObjective sorts rows so that the periods of an objective and group stand together.
func byObjective(rows []ResultRow) []ResultRow {
	first := map[string]int{}
	key := func(r ResultRow) string { return r.Agreement.Name + "\x00" + r.Name }
	for i, r := range slices.Backward(rows) {
		first[key(r)] = i
	}
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b ResultRow) int {
		return cmp.Or(cmp.Compare(first[key(a)], first[key(b)]), cmp.Compare(wire.GroupText(a.Group), wire.GroupText(b.Group)))
	})
	return sorted
}

// PeriodRow is an agreement in a calendar period: as frozen, otherwise as measured now.
type PeriodRow struct {
	Agreement wire.Named
	// Gone says that the document of the agreement no longer exists.
	Gone      bool
	Service   string
	Provider  wire.Named
	Consumers []wire.Named
	State     budget.State
	// Objectives are sorted, the worst first.
	Objectives []statement.EntryGroup
	// Statement is the last statement of the period; nil if there is none.
	Statement *statement.Entry
	// NotFrozen says why no statement can be made; nil if one can or exists.
	NotFrozen error
}

// Worst returns the worst objective; without figures if there is none.
func (r PeriodRow) Worst() statement.EntryGroup {
	if len(r.Objectives) == 0 {
		return statement.EntryGroup{Balance: budget.Unmeasured, Raw: wire.NewRawBalance(budget.Unmeasured)}
	}
	return r.Objectives[0]
}

// Reason returns why no statement can be made or the last one cannot be read; empty otherwise.
func (r PeriodRow) Reason() string {
	switch {
	case r.Statement != nil && r.Statement.Error != "":
		return r.Statement.Error
	case r.NotFrozen != nil:
		return r.NotFrozen.Error()
	}
	return ""
}

type periodLine struct {
	PeriodRow
	statement.EntryGroup
	period string
}

func (l periodLine) entry() statement.Entry { return *cmp.Or(l.Statement, &statement.Entry{}) }

func (l periodLine) promised() string {
	return l.Agreement.Title() + " · " + PartiesText(l.Provider.Title(), wire.Each(l.Consumers, wire.Named.Title))
}

func (l periodLine) frozen() string {
	if l.entry().Digest == "" {
		return absent
	}
	return Instant(l.entry().FrozenAt) + ", " + l.entry().Digest[:min(len(l.entry().Digest), 19)]
}

func periodColumns() []Column[periodLine] {
	type L = periodLine
	return append([]Column[L]{
		{"period", "", TextKind, func(l L) any { return l.period }, nil, 0},
		{"agreement", "agreement", TextKind, func(l L) any { return l.Agreement.Name }, L.promised, 0},
		{"display_name", "", TextKind, func(l L) any { return l.Agreement.DisplayName }, nil, 0},
		{"service", "", TextKind, func(l L) any { return l.Service }, nil, 0},
		{"provider", "", TextKind, func(l L) any { return l.Provider.Name }, nil, 0},
		{"consumers", "", TextKind, func(l L) any { return wire.Each(l.Consumers, func(n wire.Named) string { return n.Name }) }, nil, 0},
		{"objective", "objective", TextKind, func(l L) any { return l.Name }, func(l L) string { return wire.ObjectiveText(l.Title(), l.Group) }, 0},
		{"statement", "", NumberKind, func(l L) any { return budget.Figure(l.entry().Number) }, nil, 0},
		{"frozen_at", "frozen", InstantKind, func(l L) any { return l.entry().FrozenAt }, L.frozen, 0},
		{"digest", "", TextKind, func(l L) any { return l.entry().Digest }, nil, 0},
	}, standingColumns(func(l L) statement.EntryGroup { return l.EntryGroup })...)
}

// PeriodPage returns a page with a row per objective and group of the agreements in the period, or one
// that says why there is none.
func PeriodPage(period agreement.CalendarPeriod, rows []PeriodRow, at time.Time) Page {
	var lines []periodLine
	for _, r := range rows {
		if len(r.Objectives) == 0 {
			none := r.Worst()
			none.State, none.Reason = r.State, r.Reason()
			r.Objectives = []statement.EntryGroup{none}
		}
		for _, objective := range r.Objectives {
			lines = append(lines, periodLine{r, objective, period.Name()})
		}
	}
	heading := "Statements of " + PeriodText(period.Name())
	return Page{Title: heading, Heading: []string{heading + ", as of " + Instant(at) + "."},
		Rows: pageRows(lines, periodColumns(), "agreement objective state target compliance raw_compliance bad_of_allowed remaining coverage frozen_at remark", nil),
		Figures: figureRows(lines, periodColumns(), "period agreement display_name service provider consumers objective group state unit target total bad "+
			"compliance raw_compliance allowed remaining coverage reason remarks statement frozen_at digest")}
}

// SeriesPage returns a page with a row per instant in the zone and a column per burn window (or counted kind),
// one block per group. Its figures have a column per series and instants in UTC.
func SeriesPage(heading string, kind measure.SeriesKind, unit agreement.Unit, zone *time.Location, series []measure.Series) Page {
	page := Page{Title: heading, Heading: []string{heading}, Rows: Rows{Head: Heads("time")}}
	page.Figures = seriesRows(series, time.RFC3339, time.UTC, func(s measure.Series) string { return distinguishing(s, series) }, number)
	groups := slices.CompactFunc(slices.Clone(series), sameGroup)
	for i, group := range groups {
		windows := slices.DeleteFunc(slices.Clone(series), func(s measure.Series) bool { return !sameGroup(s, group) })
		rows := seriesRows(windows, "2006-01-02 15:04 MST", zone,
			func(s measure.Series) string { return cmp.Or(s.Labels[measure.CountedLabel], s.Labels["window"]) },
			func(value budget.Figure) string { return pointText(value, kind, unit) })
		if len(groups) > 1 {
			title := distinguishing(group, groups)
			rows.Head = append(Heads("group"), rows.Head...)
			for j, cells := range rows.Body {
				rows.Body[j], rows.Blocks = append([]string{title}, cells...), append(rows.Blocks, title)
			}
		}
		if i == 0 {
			page.Rows.Head = rows.Head
		}
		page.Rows.Body, page.Rows.Blocks = append(page.Rows.Body, rows.Body...), append(page.Rows.Blocks, rows.Blocks...)
	}
	return page
}

// seriesRows returns a row per instant and a column per series; all series must have the same instants.
func seriesRows(series []measure.Series, layout string, zone *time.Location, title func(measure.Series) string, cell func(budget.Figure) string) Rows {
	rows := Rows{Head: append(Heads("time"), wire.Each(series, func(s measure.Series) Head { return Head{Title: title(s), Kind: NumberKind} })...)}
	if len(series) == 0 {
		return rows
	}
	for i, point := range series[0].Points {
		rows.Body = append(rows.Body, append([]string{point.At.In(zone).Format(layout)},
			wire.Each(series, func(s measure.Series) string { return cell(s.Points[i].Value) })...))
	}
	return rows
}

func pointText(value budget.Figure, kind measure.SeriesKind, unit agreement.Unit) string {
	switch kind {
	case measure.EventsSeries:
		return Amount(value, unit)
	case measure.BurnRateSeries:
		return value.Rate()
	}
	return value.Percent()
}

// sameGroup reports whether two series differ at most in their burn window or in what they count.
func sameGroup(a, b measure.Series) bool {
	for name, value := range a.Labels {
		if name != "window" && name != measure.CountedLabel && b.Labels[name] != value {
			return false
		}
	}
	return len(a.Labels) == len(b.Labels)
}

// distinguishing returns the labels in which the series differs from any other.
func distinguishing(s measure.Series, all []measure.Series) string {
	labels := maps.Clone(s.Labels)
	maps.DeleteFunc(labels, func(name, value string) bool {
		return !slices.ContainsFunc(all, func(other measure.Series) bool { return other.Labels[name] != value })
	})
	return cmp.Or(wire.GroupText(labels), s.Labels["agreement"]+"/"+s.Labels["objective"])
}
