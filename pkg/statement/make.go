package statement

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/wire"
)

// Check says why no statement can be made of the agreement for the period: an
// [editing.Refusal] for [NotRead], [NotClosed] or [NothingPromised]; nil if one can.
func Check(e *measure.Service, a *agreement.Agreement, period agreement.CalendarPeriod) error {
	nothing := func(reason string) error {
		return refuse(NothingPromised, "there is nothing to state of %s for %s: %s", a.Name, period.Name(), reason)
	}
	const day = "2 January 2006"
	if a.NotRead != "" {
		return refuse(NotRead, "%s is %s", a.Name, a.NotRead)
	}
	from, to := Bounds(a, period)
	switch {
	case a.Stage == agreement.Draft:
		return nothing("it is a draft, which promises nothing yet")
	case a.Stage == agreement.Proposed:
		return nothing("it is only proposed, and not in force until it is active")
	case !a.Effective.From.IsZero() && !to.After(a.Effective.From):
		return nothing("the agreement began only on " + a.Effective.From.Format(day))
	case !a.Effective.Until.IsZero() && !from.Before(a.Effective.Until):
		return nothing("the agreement ended: its last day was " + a.Effective.LastDay())
	}
	if settled, closed := e.Settled(to); !closed {
		return refuse(NotClosed, "%s is not closed for %s: it ends on %s (%s), and late samples are waited for until %s; "+
			"freeze it then, or an earlier period such as %s", period.Name(), a.Name, to.Format(day+" 15:04"), to.Location(),
			settled.In(to.Location()).Format("2 January 15:04"), lastClosed(e, a, period.Unit).Name())
	}
	return nil
}

// lastClosed returns the latest period of the unit that is closed now.
func lastClosed(e *measure.Service, a *agreement.Agreement, unit agreement.CalendarUnit) agreement.CalendarPeriod {
	period := agreement.Window{Calendar: unit, Zone: a.Zone}.Period(e.Now())
	for closed := false; !closed; {
		period = period.Before()
		_, end := Bounds(a, period)
		_, closed = e.Settled(end)
	}
	return period
}

// Bounds returns the bounds of the period in the agreement's zone, widened by objectives in other zones.
func Bounds(a *agreement.Agreement, period agreement.CalendarPeriod) (from, to time.Time) {
	from, to = period.Span(a.Zone)
	for _, o := range a.Objectives {
		_, begin, end := measure.PeriodOf(a, o, period)
		if begin.Before(from) {
			from = begin.In(a.Zone)
		}
		if end.After(to) {
			to = end.In(a.Zone)
		}
	}
	return from, to
}

// measured counts every slot of an agreement over a whole period, past the cache. Slots that Prometheus no
// longer has come from the last statement, if there is one that counted them the same way. It fails if an
// objective cannot be measured. The content is numbered as a first statement.
func measured(ctx context.Context, e *measure.Service, a *agreement.Agreement, period agreement.CalendarPeriod, last *Statement) (Content, error) {
	if err := Check(e, a, period); err != nil {
		return Content{}, err
	}
	failed := func(what string, err error) (Content, error) {
		return Content{}, fmt.Errorf("%s could not be measured over %s, so nothing is frozen: %w", what, period.Name(), err)
	}
	of := basis{a, period, make([]measure.Evidence, len(a.Objectives)), nil}
	var then basis
	var err error
	if last != nil {
		if then, err = last.evidence(ctx); err != nil {
			return failed(a.Name, err)
		}
	}
	forgotten := false
	for i, o := range a.Objectives {
		if o.OtherConnection != "" {
			continue
		}
		engine, at := e, then.known(a, o)
		if at >= 0 {
			engine = e.WithoutCache(then.measured[at].Measurement.Resolution)
		}
		if of.measured[i], err = engine.Evidence(ctx, a, o, period); err != nil {
			return failed(o.Name+" of "+a.Name, err)
		}
		if at < 0 {
			continue
		}
		if c := newComparison(then.measured[at], of.measured[i]); c.forgotten > 0 {
			forgotten, of.measured[i] = true, c.merged
			notes := &of.measured[i].Measurement.Notes
			*notes = append(slices.Clip(*notes), fmt.Sprintf("Prometheus has nothing any more of before %s: until then the slots are those of statement %d",
				c.knownFrom.UTC().Format("2006-01-02 15:04 UTC"), last.Number))
		}
	}
	from, to := Bounds(a, period)
	if of.alerts, err = e.FiredAlerts(ctx, a, from, to); err != nil {
		return failed(a.Name, err)
	}
	if forgotten {
		of.alerts = then.alerts
	}
	return of.content(ctx)
}

// basis is everything from which the content of a statement is computed.
type basis struct {
	agreement *agreement.Agreement
	period    agreement.CalendarPeriod
	measured  []measure.Evidence // of each objective
	alerts    []measure.FiredAlert
}

// known returns the index of an objective in b that is counted like o over the same time, whatever its name, or -1.
func (b basis) known(a *agreement.Agreement, o *agreement.Objective) int {
	_, from, to := measure.PeriodOf(a, o, b.period)
	return slices.IndexFunc(b.measured, func(v measure.Evidence) bool {
		return v.Objective.OtherConnection == "" && isCountedAlike(v.Objective, o) && v.From.Equal(from) && v.To.Equal(to)
	})
}

func (b basis) content(ctx context.Context) (Content, error) {
	a := b.agreement
	earliest, latest := Bounds(a, b.period)
	from, to := b.period.Span(a.Zone)
	content := Content{Agreement: a.Name, Number: 1, Objectives: []Objective{}, Alerts: wire.List(b.alerts),
		Period: Period{b.period.Name(), a.Zone.String(), wire.Span{From: from.UTC(), To: to.UTC()}}}
	var err error
	if content.Definition, err = define(ctx, a, earliest, latest); err != nil {
		return content, err
	}
	if content.DefinitionHash, err = hashOf(content.Definition); err != nil {
		return content, err
	}
	var states []budget.State
	for i, o := range a.Objectives {
		objective, err := b.objective(ctx, o, b.measured[i])
		if err != nil {
			return content, fmt.Errorf("%s of %s: %w", o.Name, a.Name, err)
		}
		content.Objectives = append(content.Objectives, objective)
		for _, group := range objective.Shown() {
			states = append(states, group.State)
		}
	}
	content.State = budget.Worst(states...)
	return content, nil
}

func (b basis) objective(ctx context.Context, o *agreement.Objective, v measure.Evidence) (Objective, error) {
	window, from, to := measure.PeriodOf(b.agreement, o, b.period)
	stated := Objective{Name: o.Name, OtherConnection: o.OtherConnection, Span: wire.Span{From: from, To: to},
		TimeZone: window.Zone.String(), Unit: o.Unit(), Targets: targets(o, from, to),
		Method: string(v.Measurement.Method), Resolution: agreement.Duration(v.Measurement.Resolution),
		Queries: wire.List(v.Measurement.Queries), Notes: wire.List(slices.Concat(v.Measurement.Warnings, v.Measurement.Notes)),
		InScope: intervals(v.Scope.In), Forgiven: intervals(v.Scope.CountAsGood), Groups: []Group{}}
	if o.OtherConnection != "" {
		return stated, nil
	}
	stated.Missing = v.Missing
	results, err := v.Results(ctx)
	for _, result := range results {
		stated.Groups = append(stated.Groups, Group{Labels: result.Group, State: result.State, Reason: result.Reason,
			Adjusted: figures(result.Balance), Raw: figures(result.Raw), Days: days(b.period, window.Zone, result),
			Incidents: incidents(result.Incidents, b.alerts), Slots: slotCounts(v, result.Group)})
	}
	return stated, err
}

// targets returns the target in force at the start of the period, then its revisions in the period.
func targets(o *agreement.Objective, from, to time.Time) []agreement.Revision {
	in := []agreement.Revision{{From: from, Target: o.Target}}
	for _, r := range o.Revisions {
		r.From = r.From.UTC()
		switch {
		case !r.From.Before(to):
		case !r.From.After(from):
			in = []agreement.Revision{r}
		default:
			in = append(in, r)
		}
	}
	return in
}

func figures(b budget.Balance) budget.Balance {
	round(&b.Target, &b.Total, &b.Bad, &b.Compliance, &b.Allowed, &b.Consumed, &b.Remaining, &b.Coverage)
	return b
}

// round rounds to twelve significant digits, since floats differ between processors beyond them.
func round(figures ...*budget.Figure) {
	for _, figure := range figures {
		if value := float64(*figure); figure.Known() && !math.IsInf(value, 0) {
			short, _ := strconv.ParseFloat(strconv.FormatFloat(value, 'g', 12, 64), 64)
			*figure = budget.Figure(short + 0) // no negative zero
		}
	}
}

func days(period agreement.CalendarPeriod, zone *time.Location, result measure.PeriodResult) []Day {
	all := []Day{}
	for _, date := range period.Days() {
		from, to := agreement.CalendarPeriod{Unit: agreement.Day, First: date}.Span(zone)
		adjusted := result.AdjustedLedger.Count(from.UnixMilli(), to.UnixMilli())
		raw := result.RawLedger.Count(from.UnixMilli(), to.UnixMilli())
		if adjusted == (budget.Counts{}) && raw.Measured == 0 {
			continue
		}
		day := Day{fmt.Sprintf("%04d-%02d-%02d", date.Year, date.Month, date.Day),
			budget.Figure(adjusted.Total), budget.Figure(adjusted.Bad), budget.Figure(adjusted.InScope),
			budget.Figure(adjusted.Measured), budget.Figure(raw.Total), budget.Figure(raw.Bad)}
		round(&day.Total, &day.Bad, &day.InScopeSeconds, &day.MeasuredSeconds, &day.RawTotal, &day.RawBad)
		all = append(all, day)
	}
	return all
}

func incidents(found measure.GroupIncidents, alerts []measure.FiredAlert) Incidents {
	all := Incidents{wire.Each(found.Incidents, func(i measure.Incident) Incident {
		figures := i.IncidentFigures
		round(&figures.Total, &figures.Bad, &figures.Share, &figures.PeakBurn)
		return Incident{wire.Span{From: i.From, To: i.To}, figures,
			measure.Overlaps{Exclusions: i.Exclusions, Alerts: measure.During(alerts, i.From, i.To)}}
	}), found.Repair.MeanSecondsToRepair, found.Repair.MeanSecondsBetween}
	round(&all.MeanSecondsToRepair, &all.MeanSecondsBetween)
	return all
}

func slotCounts(v measure.Evidence, labels map[string]string) Slots {
	counted := groupOf(v, labels)
	text := Slots{Counts: countsOf(v.FirstSlot(), counted.Slots)}
	if v.HeadFrom().Before(v.To) {
		text.Head = new(countsOf(v.HeadFrom(), []slots.Slot{counted.Head}))
	}
	return text
}

// evidence converts the statement back to what it was computed from. The error names the inconsistent field.
func (s *Statement) evidence(ctx context.Context) (of basis, err error) {
	of.alerts = s.Alerts
	if of.period, err = agreement.ParsePeriod(s.Period.Name); err != nil || of.period.Name() != s.Period.Name {
		return of, fmt.Errorf("period.name: %.40q is no period", s.Period.Name)
	}
	if of.agreement, err = s.Promised(); err != nil {
		return of, err
	}
	switch {
	case s.Agreement == "" || s.Agreement != s.Definition.Name:
		return of, fmt.Errorf("agreement: is %.80q, and its definition is that of %.80q", s.Agreement, s.Definition.Name)
	case s.Number < 1 || (s.Number > 1) != (s.Replaces != nil) || s.Replaces != nil && s.Replaces.Number != s.Number-1:
		return of, fmt.Errorf("number: is %d: each but the first, number 1, replaces the one before", s.Number)
	case len(s.Objectives) != len(of.agreement.Objectives):
		return of, fmt.Errorf("objectives: there are %d, and %d in the definition", len(s.Objectives), len(of.agreement.Objectives))
	}
	for i, o := range of.agreement.Objectives {
		v, err := s.Objectives[i].evidence(ctx, of.agreement, o, of.period)
		if err != nil {
			return of, fmt.Errorf("objectives[%.80q].%w", o.Name, err)
		}
		of.measured = append(of.measured, v)
	}
	_, end := Bounds(of.agreement, of.period)
	return of, s.Frozen.check(end)
}

func (o *Objective) evidence(ctx context.Context, a *agreement.Agreement, of *agreement.Objective, period agreement.CalendarPeriod) (v measure.Evidence, err error) {
	v = measure.Evidence{Agreement: a, Period: counting.Period{Objective: of, Missing: o.Missing}}
	if o.Name != of.Name {
		return v, fmt.Errorf("name: is %.80q in the figures", o.Name)
	}
	if of.OtherConnection != "" {
		return v, nil
	}
	v.Window, v.From, v.To = measure.PeriodOf(a, of, period)
	length := time.Duration(o.Resolution)
	if length < agreement.MinSlice || (24*time.Hour)%length != 0 {
		return v, fmt.Errorf("resolution: %s: must divide a day, such as 5m", o.Resolution)
	}
	v.Measurement = counting.Measurement{Method: sli.Method(o.Method), Queries: o.Queries, Notes: o.Notes, Resolution: length}
	if of.Budgeting != agreement.Occurrences && of.TimeSliceWindow%length != 0 {
		return v, fmt.Errorf("resolution: slots of %s do not fit slices of %s", o.Resolution, agreement.FormatDuration(of.TimeSliceWindow))
	}
	if n := len(o.Groups) * v.SlotCount(); n > counting.MaxSlots {
		return v, fmt.Errorf("groups: they have %d slots; the limit is %d", n, counting.MaxSlots)
	}
	if v.Scope, err = scope.Of(ctx, a, v.From, v.To); err != nil {
		return v, err
	}
	for i, group := range o.Groups {
		counted, err := group.counted(v)
		if err != nil {
			return v, fmt.Errorf("groups[%d].%w", i, err)
		}
		v.Groups = append(v.Groups, counted)
	}
	return v, nil
}

func (g *Group) counted(v measure.Evidence) (counted counting.GroupSlots, err error) {
	counted.Labels = g.Labels
	if !g.Slots.From.Equal(v.FirstSlot()) {
		return counted, fmt.Errorf("slots.from: is %s, and the period's first slot begins at %s",
			g.Slots.From.Format(time.RFC3339), v.FirstSlot().Format(time.RFC3339))
	}
	if counted.Slots, err = g.Slots.read(v.SlotCount()); err != nil {
		return counted, fmt.Errorf("slots.%w", err)
	}
	head := g.Slots.Head
	if (head != nil) != v.HeadFrom().Before(v.To) || head != nil && !head.From.Equal(v.HeadFrom()) {
		return counted, errors.New("slots.head: does not fit the period")
	}
	if head != nil {
		last, err := head.read(1)
		if err != nil {
			return counted, fmt.Errorf("slots.head.%w", err)
		}
		counted.Head = last[0]
	}
	return counted, nil
}
