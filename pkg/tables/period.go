package tables

import (
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// PeriodRow is an agreement in a calendar period: as it was frozen, or as it is
// measured.
type PeriodRow struct {
	Agreement wire.Named
	// Gone says that there is no such document any more.
	Gone      bool
	Service   string
	Provider  wire.Named
	Consumers []wire.Named
	State     budget.State
	// Objectives are the worst first.
	Objectives []statement.EntryGroup
	// Statement is the last one of the period; nil: it was not frozen.
	Statement *statement.Entry
	// NotFrozen is why it cannot be frozen; nil: it can.
	NotFrozen error
}

// Worst is the objective that stands worst; without figures where there is none.
func (r PeriodRow) Worst() statement.EntryGroup {
	if len(r.Objectives) == 0 {
		return statement.EntryGroup{Balance: budget.Unmeasured, Raw: wire.NewRawBalance(budget.Unmeasured)}
	}
	return r.Objectives[0]
}

// periodLine is an objective or a group of it in a period.
type periodLine struct {
	PeriodRow
	statement.EntryGroup
	period string
}

func (l periodLine) parties() string {
	consumers := wire.Each(l.Consumers, wire.Named.Title)
	return l.Provider.Title() + " → " + strings.Join(consumers, ", ")
}

func (l periodLine) entry() statement.Entry {
	if l.Statement == nil {
		return statement.Entry{}
	}
	return *l.Statement
}

func (l periodLine) frozen() string {
	if l.Statement == nil || l.entry().Error != "" {
		return absent
	}
	return Instant(l.entry().FrozenAt) + ", " + l.entry().Digest[:min(len(l.entry().Digest), 19)]
}

func periodColumns() []Column[periodLine] {
	type L = periodLine
	return []Column[L]{
		{"period", "", TextKind, func(l L) any { return l.period }, nil, 0},
		{"agreement", "agreement", TextKind, func(l L) any { return l.Agreement.Name }, nil, 0},
		{"display_name", "", TextKind, func(l L) any { return l.Agreement.DisplayName }, nil, 0},
		{"service", "", TextKind, func(l L) any { return l.Service }, nil, 0},
		{"provider", "", TextKind, func(l L) any { return l.Provider.Name }, nil, 0},
		{"consumers", "", TextKind, func(l L) any { return wire.Each(l.Consumers, func(n wire.Named) string { return n.Name }) }, nil, 0},
		{"objective", "objective", TextKind, func(l L) any { return l.Name }, func(l L) string { return wire.ObjectiveText(l.Title(), l.Group) }, 0},
		{"group", "", LabelsKind, func(l L) any { return l.Group }, nil, 0},
		{"state", "state", StateKind, func(l L) any { return l.EntryGroup.State }, nil, 0},
		{"unit", "", TextKind, func(l L) any { return l.Unit }, nil, 0},
		{"target", "target", RatioKind, func(l L) any { return l.Target }, nil, 0},
		{"total", "", AmountKind, func(l L) any { return l.Total }, nil, 0},
		{"bad", "", AmountKind, func(l L) any { return l.Bad }, nil, 0},
		{"compliance", "compliance", RatioKind, func(l L) any { return l.Compliance }, nil, 0},
		{"raw_compliance", "raw", RatioKind, func(l L) any { return l.Raw.Compliance }, nil, 0},
		{"allowed", "", AmountKind, func(l L) any { return l.Allowed }, nil, 0},
		{"bad_of_allowed", "bad of allowed", TextKind, nil, func(l L) string { return ofAllowed(l.Balance, l.Unit) }, 0},
		{"remaining", "budget left", RemainingKind, func(l L) any { return l.Remaining }, nil, 0},
		{"coverage", "measured", ShareKind, func(l L) any { return l.Coverage }, nil, 0},
		{"reason", "", TextKind, func(l L) any { return l.Reason }, nil, 0},
		{"statement", "", NumberKind, func(l L) any { return budget.Figure(l.entry().Number) }, nil, 0},
		{"frozen_at", "frozen", InstantKind, func(l L) any { return l.entry().FrozenAt }, L.frozen, 0},
		{"digest", "", TextKind, func(l L) any { return l.entry().Digest }, nil, 0},
	}
}

// PeriodPage is a row an objective and group of the agreements in the period.
func PeriodPage(period agreement.CalendarPeriod, rows []PeriodRow, at time.Time) Page {
	var lines []periodLine
	for _, r := range rows {
		for _, objective := range r.Objectives {
			lines = append(lines, periodLine{r, objective, period.Name()})
		}
	}
	heading := "Statements of " + PeriodText(period.Name())
	page := pageRows(lines, periodColumns(), "objective state target compliance raw_compliance bad_of_allowed remaining coverage frozen_at",
		func(l periodLine) string { return l.Agreement.Title() + " · " + l.parties() })
	return Page{Title: heading, Heading: []string{heading + ", as of " + Instant(at) + "."}, Rows: page,
		Figures: figureRows(lines, periodColumns(), "period agreement display_name service provider consumers objective group state unit target total bad "+
			"compliance raw_compliance allowed remaining coverage reason statement frozen_at digest")}
}
