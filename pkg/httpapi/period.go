package httpapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// PeriodStatements are the results of all agreements in a calendar period, each in its own time zone:
// from the frozen statement if there is one, else as measured now.
type PeriodStatements struct {
	At time.Time `json:"at"`
	wire.Named
	By agreement.CalendarUnit `json:"by"`
	// Periods are those to choose from, latest first, starting with the current one.
	Periods []wire.Named `json:"periods"`
	// Shown are the values of the parameter show: breached, in_part (not breached, but not measured all
	// the time), met, frozen, and open (can be frozen).
	Shown []Choice `json:"shown"`
	// MayFreeze is true if the user may freeze; Reason is why not.
	MayFreeze bool   `json:"mayFreeze"`
	Reason    string `json:"reason,omitempty"`
	// Rows are the agreements that promised something in the period.
	Rows []PeriodRow `json:"rows"`
	Paging
}

// PeriodRow is an agreement in a period.
type PeriodRow struct {
	Agreement wire.Named `json:"agreement"`
	// Gone is true if the document no longer exists.
	Gone      bool         `json:"gone,omitempty"`
	Provider  wire.Named   `json:"provider"`
	Consumers []wire.Named `json:"consumers"`
	State     budget.State `json:"state"`
	// Objectives are the worst objectives, worst first. MoreObjectives is the number of the others.
	Objectives     []PeriodFigures `json:"objectives"`
	MoreObjectives int             `json:"moreObjectives"`
	// Statement is the last statement of the period, without its objectives; null if there is none.
	Statement *statement.Entry `json:"statement"`
	// Open is true if the period can be frozen. Reason is why not, or why the statement cannot be read.
	Open   bool   `json:"open"`
	Reason string `json:"reason,omitempty"`
}

// PeriodFigures are the figures of an objective, or one group of it, as displayed.
type PeriodFigures struct {
	Objective string       `json:"objective"`
	State     budget.State `json:"state"`
	Reason    string       `json:"reason,omitempty"`
	// Remarks are what a reader should know beside the figures.
	Remarks    []string       `json:"remarks"`
	Unit       agreement.Unit `json:"unit"`
	Target     budget.Figure  `json:"target"`
	Compliance budget.Figure  `json:"compliance"`
	// Raw is the compliance over every slot, in scope or not.
	Raw       budget.Figure `json:"raw"`
	Bad       budget.Figure `json:"bad"`
	Allowed   budget.Figure `json:"allowed"`
	Remaining budget.Figure `json:"remaining"`
	Coverage  budget.Figure `json:"coverage"`
}

// The values of the parameter show.
const (
	showBreached = "breached"
	showInPart   = "in_part"
	showMet      = "met"
	showFrozen   = "frozen"
	showOpen     = "open"
)

var shownWords = map[string]string{showBreached: "Breached", showInPart: "In part measured", showMet: "Met",
	showFrozen: "Frozen", showOpen: "Not frozen"}

func shown(r tables.PeriodRow) (values []string) {
	switch {
	case r.State == budget.Breached:
		values = append(values, showBreached)
	case r.State == budget.NoData, slices.ContainsFunc(r.Objectives, inPart):
		values = append(values, showInPart)
	case r.State == budget.Met:
		values = append(values, showMet)
	}
	switch {
	case r.Statement != nil:
		values = append(values, showFrozen)
	case r.NotFrozen == nil:
		values = append(values, showOpen)
	}
	return values
}

func inPart(g statement.EntryGroup) bool {
	return g.State == budget.NoData || g.State != budget.Inactive && g.Coverage < budget.WholeCoverage-budget.Tolerance
}

var periodList = list[tables.PeriodRow]{
	text: func(r tables.PeriodRow) string {
		text := r.Agreement.Name + "\n" + r.Agreement.DisplayName + "\n" + r.Service + "\n" + r.Provider.Name + "\n" + r.Provider.DisplayName
		for _, consumer := range r.Consumers {
			text += "\n" + consumer.Name + "\n" + consumer.DisplayName
		}
		return text
	},
	filters: map[string]func(tables.PeriodRow) []string{"show": shown},
	sorts: map[string]order[tables.PeriodRow]{
		"":           byText(func(r tables.PeriodRow) string { return r.Agreement.Title() }),
		"agreement":  byText(func(r tables.PeriodRow) string { return r.Agreement.Title() }),
		"state":      {compare: func(a, b tables.PeriodRow) int { return budget.ByWorst(a.State, b.State) }},
		"compliance": byFigure(func(r tables.PeriodRow) budget.Figure { return r.Worst().Compliance }),
		"raw":        byFigure(func(r tables.PeriodRow) budget.Figure { return r.Worst().Raw.Compliance }),
		"remaining":  byFigure(func(r tables.PeriodRow) budget.Figure { return r.Worst().Remaining }),
		"statement":  byText(frozenAt),
	},
}

func frozenAt(r tables.PeriodRow) string {
	if r.Statement == nil {
		return ""
	}
	return r.Statement.FrozenAt.Format(time.RFC3339)
}

// listPeriod returns a page of results of a period, or with the parameter format a file of all pages.
func (h *handlers) listPeriod(r *http.Request, c *catalog.Catalog) (any, error) {
	query := r.URL.Query()
	period, err := h.periodOf(query)
	if err != nil {
		return nil, err
	}
	rows, err := h.periodRows(r.Context(), c, period)
	if err != nil {
		return nil, err
	}
	if query.Has("format") {
		kept, err := periodList.kept(query, rows)
		if err != nil {
			return nil, err
		}
		return printedText(query.Get("format"), "", "statements-"+period.Name(), func(p tables.Printer) error {
			return p.Print(tables.PeriodPage(period, kept, h.Present()))
		})
	}
	answer := PeriodStatements{At: h.Present(), Named: periodNamed(period), By: period.Unit, Periods: h.periodsBefore(period)}
	answer.Shown = periodList.choices(query, rows, "show", func(value string) string { return shownWords[value] },
		showBreached, showInPart, showMet, showFrozen, showOpen)
	may := h.permission(r.Context(), "", "")
	answer.MayFreeze, answer.Reason = may.Writable, may.Reason
	page, paging, err := periodList.page(query, rows)
	answer.Rows, answer.Paging = wire.Each(page, newPeriodRow), paging
	return answer, err
}

func (h *handlers) periodOf(query url.Values) (agreement.CalendarPeriod, error) {
	by := agreement.CalendarUnit(cmp.Or(query.Get("by"), string(agreement.Month)))
	if _, ok := periodsShown[by]; !ok {
		return agreement.CalendarPeriod{}, badRequest("by %q: must be one of week, month, quarter, year", by)
	}
	name := cmp.Or(query.Get("period"), agreement.Window{Calendar: by, Offset: -1}.Period(h.Present()).Name())
	period, err := agreement.ParsePeriod(name)
	if err != nil {
		return period, failure{http.StatusBadRequest, err}
	}
	if _, ok := periodsShown[period.Unit]; !ok {
		return period, badRequest("period %q: must be a week, a month, a quarter or a year; "+
			"the statement of a day is at statements/%s and the agreement's name", name, name)
	}
	if from, _ := period.Span(time.UTC); !h.Present().Add(everywhere).After(from) {
		return period, badRequest("period %q: has not begun yet", name)
	}
	return period, nil
}

// periodsShown is the number of periods to choose from. Days are too short to be agreed on.
var periodsShown = map[agreement.CalendarUnit]int{agreement.Week: 26, agreement.Month: 24, agreement.Quarter: 8, agreement.Year: 3}

func periodNamed(p agreement.CalendarPeriod) wire.Named {
	return wire.Named{Name: p.Name(), DisplayName: tables.PeriodText(p.Name())}
}

func (h *handlers) periodsBefore(chosen agreement.CalendarPeriod) (all []wire.Named) {
	first := agreement.Window{Calendar: chosen.Unit}.Period(h.Present())
	for one := first; len(all) < periodsShown[chosen.Unit]; one = one.Before() {
		all = append(all, periodNamed(one))
	}
	all[0].DisplayName += ", to date"
	if !slices.ContainsFunc(all, func(one wire.Named) bool { return one.Name == chosen.Name() }) {
		all = append(all, periodNamed(chosen))
	}
	return all
}

// periodRows returns the agreements that promised something in the period, from the last statement or measured.
func (h *handlers) periodRows(ctx context.Context, c *catalog.Catalog, period agreement.CalendarPeriod) ([]tables.PeriodRow, error) {
	entries, err := h.archive.List(period.Name(), "")
	if err != nil {
		return nil, err
	}
	frozen := map[string]*statement.Entry{}
	for i := range entries {
		frozen[entries[i].Agreement] = &entries[i] // the highest number comes last
	}
	var rows []tables.PeriodRow
	var open []*agreement.Agreement
	for _, a := range c.WithLeftOut() {
		if a.IsSLO {
			continue
		}
		entry := frozen[a.Name]
		if delete(frozen, a.Name); entry != nil && entry.Error == "" {
			rows = append(rows, frozenRow(c, entry, false))
			continue
		}
		notFrozen := statement.Check(h.Engine, a, period)
		if entry == nil && editing.IsRefused(notFrozen, statement.NothingPromised) {
			continue
		}
		rows = append(rows, tables.PeriodRow{Agreement: nameOf(a), Service: a.Service,
			Provider: names{c}.team(a.Provider), Consumers: wire.Each(a.Consumers, names{c}.team), Statement: entry, NotFrozen: notFrozen})
		open = append(open, a)
	}
	for _, entry := range frozen {
		rows = append(rows, frozenRow(c, entry, true))
	}
	measured, err := h.measuredOver(ctx, c, open, period)
	limit, tooLongAgo := errors.AsType[measure.LimitError](err)
	if tooLongAgo { // what was frozen is shown nevertheless
		err = nil
	}
	for i := range rows {
		if tooLongAgo && rows[i].Statement == nil {
			rows[i].NotFrozen = limit
		}
		if result, ok := measured[rows[i].Agreement.Name]; ok && (rows[i].Statement == nil || rows[i].Statement.Error != "") {
			rows[i].State, rows[i].Objectives = result.State, wire.Each(result.Objectives, entryGroup)
		}
		rows[i].State = cmp.Or(rows[i].State, budget.NoData) // not read, or too long ago
		rows[i].Objectives = objectivesWorstFirst(rows[i].Objectives)
	}
	return slices.DeleteFunc(rows, func(r tables.PeriodRow) bool {
		return r.Statement == nil && len(r.Objectives) == 0 && r.NotFrozen == nil
	}), err
}

func frozenRow(c *catalog.Catalog, entry *statement.Entry, gone bool) tables.PeriodRow {
	return tables.PeriodRow{Agreement: wire.Named{Name: entry.Agreement, DisplayName: entry.DisplayName}, Gone: gone, Service: entry.Service,
		Provider: names{c}.team(entry.Provider), Consumers: wire.Each(entry.Consumers, names{c}.team), State: entry.State,
		Objectives: entry.Objectives, Statement: entry}
}

func entryGroup(r measure.Result) statement.EntryGroup {
	reason := r.Reason
	if r.Err != nil {
		reason = r.Err.Error()
	}
	return statement.EntryGroup{Named: wire.Named{Name: r.Objective.Name, DisplayName: r.Objective.DisplayName}, Group: r.Group,
		Unit: r.Objective.Unit(), State: r.State, Reason: reason, Remarks: wire.List(r.Remarks()), Balance: r.Balance, Raw: wire.NewRawBalance(r.Raw)}
}

// everywhere is longer than any offset from UTC: this long after its end, a period is over in every zone.
const everywhere = 36 * time.Hour

// measuredOver returns the results of the agreements over the period, by name, cached for up to ten
// seconds. They are to date if the period is not over in the objective's zone.
func (h *handlers) measuredOver(ctx context.Context, c *catalog.Catalog, all []*agreement.Agreement,
	period agreement.CalendarPeriod) (map[string]measure.AgreementResult, error) {
	present := h.Present()
	_, end := period.Span(time.UTC)
	running := measure.Question{At: present, Window: &agreement.Window{Calendar: period.Unit}, BurnWindows: []time.Duration{}, LastKnown: true}
	over := running
	over.Window = &agreement.Window{Calendar: period.Unit, Offset: -1}
	if settled := end.Add(everywhere); settled.Before(present) {
		over.At = settled
	}
	if err := h.Engine.Check(over.Window, over.At); err != nil {
		return nil, err
	}
	var whole, toDate []*agreement.Agreement
	for _, a := range all {
		ended, ongoing := *a, *a
		ended.Objectives, ongoing.Objectives = nil, nil
		for _, o := range a.Objectives {
			switch _, from, to := measure.PeriodOf(a, o, period); {
			case a.NotRead != "" || !present.After(from):
			case present.After(to):
				ended.Objectives = append(ended.Objectives, o)
			default:
				ongoing.Objectives = append(ongoing.Objectives, o)
			}
		}
		if len(ended.Objectives) > 0 {
			whole = append(whole, &ended)
		}
		if len(ongoing.Objectives) > 0 {
			toDate = append(toDate, &ongoing)
		}
	}
	names := strings.Join(wire.Each(all, func(a *agreement.Agreement) string { return a.Name }), "\n")
	return h.periods.get(ctx, [4]any{c, period, names, present}, func() (map[string]measure.AgreementResult, bool, error) {
		results := map[string]measure.AgreementResult{}
		for _, result := range slices.Concat(h.Engine.Status(ctx, whole, over), h.Engine.Status(ctx, toDate, running)) {
			if other, both := results[result.Agreement.Name]; both {
				result.Objectives = append(result.Objectives, other.Objectives...)
				if budget.ByWorst(other.State, result.State) < 0 {
					result.State = other.State
				}
			}
			results[result.Agreement.Name] = result
		}
		return results, true, nil
	})
}

func objectivesWorstFirst(groups []statement.EntryGroup) []statement.EntryGroup {
	remaining := byFigure(func(g statement.EntryGroup) budget.Figure { return g.Remaining })
	return slices.SortedStableFunc(slices.Values(groups), func(a, b statement.EntryGroup) int {
		return cmp.Or(budget.ByWorst(a.State, b.State), remaining.directed(a, b, false))
	})
}

// maxObjectivesInRow limits the objectives and groups of a row; CSV has all of them.
const maxObjectivesInRow = 20

func newPeriodRow(r tables.PeriodRow) PeriodRow {
	first, more := firstOf(maxObjectivesInRow, r.Objectives)
	row := PeriodRow{Agreement: r.Agreement, Gone: r.Gone, Provider: r.Provider, Consumers: r.Consumers,
		State: r.State, Objectives: wire.Each(first, newPeriodFigures), MoreObjectives: more,
		Open: r.Statement == nil && r.NotFrozen == nil, Reason: tables.Sentence(r.Reason())}
	if r.Statement != nil {
		entry := *r.Statement
		entry.Objectives, row.Statement = []statement.EntryGroup{}, &entry
	}
	return row
}

func newPeriodFigures(g statement.EntryGroup) PeriodFigures {
	return PeriodFigures{Objective: wire.ObjectiveText(g.Title(), g.Group),
		State: g.State, Reason: tables.Sentence(g.Reason), Remarks: wire.Each(g.Remarks, tables.Sentence), Unit: g.Unit,
		Target: g.Target.AsPercent(), Compliance: g.Compliance.AsPercent(), Raw: g.Raw.Compliance.AsPercent(),
		Bad: g.Bad.AsCount(), Allowed: g.Allowed.AsCount(), Remaining: g.Remaining.AsShare(), Coverage: g.Coverage.AsShare()}
}
