package statement

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/wire"
)

// define is what was promised as it bears on the time from one instant to another. What
// cannot bear on it is left out: later targets, exclusions and dated holidays at other
// times, and whom to notify. Instants are in UTC.
func define(ctx context.Context, a *agreement.Agreement, from, to time.Time) (wire.Definition, error) {
	then := *a
	then.Effective = agreement.Period{From: a.Effective.From.UTC(), Until: a.Effective.Until.UTC()}
	if a.SupportHours != nil {
		hours := *a.SupportHours
		hours.Holidays = slices.DeleteFunc(slices.Clone(hours.Holidays), func(day agreement.Holiday) bool {
			begin := day.On.Midnight(hours.Zone)
			return day.On != agreement.Date{} && (!begin.Before(to) || !begin.Add(48*time.Hour).After(from))
		})
		then.SupportHours = &hours
	}
	then.Objectives = wire.Each(a.Objectives, func(o *agreement.Objective) *agreement.Objective {
		o = new(*o)
		o.MinEvents, o.Revisions = 0, slices.DeleteFunc(slices.Clone(o.Revisions), func(r agreement.Revision) bool { return !r.From.Before(to) })
		for i := range o.Revisions {
			o.Revisions[i].From = o.Revisions[i].From.UTC()
		}
		return o
	})
	occurrences, err := scope.Occurrences(ctx, a.Exclusions, from, to)
	if err != nil {
		return wire.Definition{}, err
	}
	then.Exclusions = nil
	for i, x := range a.Exclusions {
		if len(occurrences[i]) > 0 {
			x = new(*x)
			x.From, x.To, x.ApprovedOn = x.From.UTC(), x.To.UTC(), x.ApprovedOn.UTC()
			then.Exclusions = append(then.Exclusions, x)
		}
	}
	then.Signatures = wire.Each(a.Signatures, func(s agreement.Signature) agreement.Signature {
		s.On = s.On.UTC()
		return s
	})
	return wire.NewDefinition(&then), nil
}

// Promised is the agreement that the statement is of, as far as it bears on the period.
func (s *Statement) Promised() (*agreement.Agreement, error) {
	a, err := resolve(s.Definition)
	if err != nil {
		return nil, fmt.Errorf("definition.%w", err)
	}
	return a, nil
}

// resolve is the agreement that the definition is of. It is strict: a statement may come from anywhere.
func resolve(d wire.Definition) (*agreement.Agreement, error) {
	a := &agreement.Agreement{Name: d.Name, DisplayName: d.DisplayName, Description: d.Description, Service: d.Service,
		Provider: d.Provider, Consumers: d.Consumers, Stage: d.Stage, Consequences: d.Consequences,
		Effective: d.Effective, Signatures: d.Signatures}
	err := oneOf("stage", d.Stage, agreement.Draft, agreement.Proposed, agreement.Active, agreement.Retired)
	if err != nil {
		return nil, err
	}
	if a.Zone, err = zone("timeZone", d.TimeZone); err != nil {
		return nil, err
	}
	if d.SupportHours != nil {
		if a.SupportHours, err = resolveSupportHours(d.SupportHours); err != nil {
			return nil, fmt.Errorf("supportHours.%w", err)
		}
	}
	for _, o := range d.Objectives {
		objective, err := resolveObjective(o)
		if err != nil {
			return nil, fmt.Errorf("objectives[%.80q].%w", o.Name, err)
		}
		a.Objectives = append(a.Objectives, objective)
	}
	for _, x := range d.Exclusions {
		exclusion, err := resolveExclusion(x.Exclusion)
		if err != nil {
			return nil, fmt.Errorf("exclusions[%.80q].%w", x.Name, err)
		}
		a.Exclusions = append(a.Exclusions, exclusion)
	}
	return a, nil
}

func zone(field, name string) (*time.Location, error) {
	loaded, ok := document.LoadZone(name)
	if !ok {
		return nil, fmt.Errorf("%s: unknown time zone %.80q", field, name)
	}
	return loaded, nil
}

func resolveSupportHours(h *wire.SupportHours) (*agreement.Calendar, error) {
	c := &agreement.Calendar{Name: h.Name}
	var err error
	if c.Zone, err = zone("timeZone", h.TimeZone); err != nil {
		return nil, err
	}
	for i, row := range h.Weekly {
		hours, err := resolveWeeklyHours(row)
		if err != nil {
			return nil, fmt.Errorf("weekly[%d].%w", i, err)
		}
		c.Weekly = append(c.Weekly, hours)
	}
	for i, holiday := range h.Holidays {
		day, ok := resolveHoliday(holiday)
		if !ok {
			return nil, fmt.Errorf("holidays[%d]: is no holiday that is known here", i)
		}
		c.Holidays = append(c.Holidays, day)
	}
	return c, nil
}

func resolveHoliday(h wire.Holiday) (day agreement.Holiday, ok bool) {
	day = agreement.Holiday{Name: h.Name, Country: h.Country}
	switch {
	case h.Country != "":
		ok = slices.Contains(scope.Countries(), h.Country)
	case h.Yearly != "":
		day.Yearly, ok = document.ParseMonthDay(h.Yearly)
	default:
		day.On, ok = document.ParseDate(h.On)
	}
	return day, ok
}

func resolveWeeklyHours(w wire.WeeklyHours) (row agreement.WeeklyHours, err error) {
	for _, name := range w.Days {
		day := slices.Index(wire.Weekdays, name)
		if day < 0 {
			return row, fmt.Errorf("days: %.20q is no day of the week", name)
		}
		row.Days = append(row.Days, time.Weekday(day))
	}
	if row.From, err = parseClock("from", w.From); err == nil {
		row.To, err = parseClock("to", w.To)
	}
	if err == nil && row.From >= row.To {
		err = fmt.Errorf("to: %s is not after %s", w.To, w.From)
	}
	return row, err
}

func parseClock(field, text string) (time.Duration, error) {
	sinceMidnight, ok := agreement.ParseClock(text)
	if !ok {
		return 0, fmt.Errorf("%s: %.20q is no time of day such as 08:00", field, text)
	}
	return sinceMidnight, nil
}

func resolveObjective(d wire.Objective) (*agreement.Objective, error) {
	if d.Indicator == nil {
		return nil, errors.New("indicator: is missing")
	}
	o := &agreement.Objective{Name: d.Name, DisplayName: d.DisplayName, SLO: d.SLO, Op: d.Op, Target: d.Target, Revisions: d.Revisions,
		Budgeting: d.BudgetingMethod, Select: d.Select, GroupBy: d.GroupBy, NoData: d.NoData, MinCoverage: d.MinCoverage,
		OtherConnection: d.OtherConnection, SLI: agreement.SLI{Name: d.Indicator.Name, Kind: d.Indicator.Kind,
			Good: d.Indicator.Good, Bad: d.Indicator.Bad, Total: d.Indicator.Total, Gauge: d.Indicator.Gauge}}
	o.Value = *cmp.Or(d.Value, &o.Value)
	o.TimeSliceTarget = *cmp.Or(d.TimeSliceTarget, &o.TimeSliceTarget)
	var err error
	if o.Window, err = agreement.ParseWindow(d.Window); err != nil {
		return nil, fmt.Errorf("window: %w", err)
	}
	if d.WindowTimeZone != "" {
		if o.Window.Zone, err = zone("windowTimeZone", d.WindowTimeZone); err != nil {
			return nil, err
		}
	}
	if o.Budgeting != agreement.Occurrences {
		o.TimeSliceWindow = time.Duration(d.TimeSliceWindow)
	}
	return o, check(o)
}

// check refuses what no document could have said of an objective.
func check(o *agreement.Objective) error {
	err := cmp.Or(
		oneOf("op", o.Op, "", agreement.LessOrEqual, agreement.Less, agreement.GreaterOrEqual, agreement.Greater),
		ratio("target", o.Target),
		oneOf("budgetingMethod", o.Budgeting, agreement.Occurrences, agreement.Timeslices, agreement.RatioTimeslices),
		oneOf("noData", o.NoData, agreement.NoDataIgnore, agreement.NoDataGood, agreement.NoDataBad),
		oneOf("indicator.kind", o.SLI.Kind, agreement.Ratio, agreement.RawFailure, agreement.RawSuccess, agreement.Threshold))
	for i, r := range o.Revisions {
		err = cmp.Or(err, ratio(fmt.Sprintf("revisions[%d].target", i), r.Target))
	}
	if o.Budgeting == agreement.Timeslices {
		err = cmp.Or(err, ratio("timeSliceTarget", o.TimeSliceTarget))
	}
	switch {
	case err != nil:
		return err
	case o.Budgeting != agreement.Occurrences && (o.TimeSliceWindow < agreement.MinSlice || o.TimeSliceWindow > agreement.MaxRolling):
		return fmt.Errorf("timeSliceWindow: %s is no length of a slice, such as 1m", agreement.Duration(o.TimeSliceWindow))
	case o.SLI.Kind.TimeBased() && o.SLI.Gauge == nil && o.OtherConnection == "":
		return errors.New("indicator.gauge: is missing")
	}
	return nil
}

func oneOf[T ~string](field string, value T, known ...T) error {
	if !slices.Contains(known, value) {
		return fmt.Errorf("%s: there is none called %.40q", field, value)
	}
	return nil
}

func ratio(field string, value float64) error {
	if value > 0 && value <= 1 {
		return nil
	}
	return fmt.Errorf("%s: must be in (0, 1], got %v", field, value)
}

func resolveExclusion(x wire.Exclusion) (*agreement.Exclusion, error) {
	resolved := &agreement.Exclusion{Name: x.Name, DisplayName: x.DisplayName, Reason: x.Reason, Category: x.Category,
		Services: x.Services, Agreements: x.Agreements, From: x.From, To: x.To, Recurrence: x.Recurrence, Mode: x.Mode,
		RequestedBy: x.RequestedBy, ApprovedBy: x.ApprovedBy, ApprovedOn: x.ApprovedOn}
	if !x.From.Before(x.To) {
		return nil, errors.New("to: is not after from")
	}
	err := oneOf("mode", x.Mode, agreement.Exclude, agreement.CountAsGood)
	if err != nil {
		return nil, err
	}
	if resolved.Zone, err = zone("timeZone", x.TimeZone); err != nil {
		return nil, err
	}
	if x.Recurrence != "" {
		if err := scope.CheckRecurrence(x.Recurrence, x.From.In(resolved.Zone)); err != nil {
			return nil, fmt.Errorf("recurrence: %w", err)
		}
	}
	return resolved, nil
}
