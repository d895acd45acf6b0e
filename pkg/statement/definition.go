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

// define returns what the agreement promises, as far as it affects the time between from
// and to. It leaves out what does not: later targets, exclusions and dated holidays at
// other times, and contacts and escalation. Instants are in UTC.
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

// Promised returns the agreement of the statement, as far as it affects the period. It is strict, since a
// statement may come from anywhere: the definition must be the same after conversion to it and back.
func (s *Statement) Promised() (*agreement.Agreement, error) {
	a := resolve(s.Definition)
	again := wire.NewDefinition(a)
	for i, x := range s.Definition.Exclusions {
		again.Exclusions[i].HasEffect = x.HasEffect // checked by Verify
	}
	if other := changes(s.Definition, again, 0); len(other) > 0 {
		return nil, fmt.Errorf("definition.%s: is %s, and is read as %s", other[0].Path, cmp.Or(other[0].Was, "not there"), cmp.Or(other[0].Now, "nothing"))
	}
	if err := check(a); err != nil {
		return nil, fmt.Errorf("definition.%w", err)
	}
	return a, nil
}

// resolve converts a definition to an agreement; values that cannot be parsed are left out.
func resolve(d wire.Definition) *agreement.Agreement {
	a := &agreement.Agreement{Name: d.Name, DisplayName: d.DisplayName, Description: d.Description, Service: d.Service,
		Provider: d.Provider, Consumers: d.Consumers, Stage: d.Stage, Consequences: d.Consequences,
		Effective: d.Effective, Signatures: d.Signatures, Objectives: wire.Each(d.Objectives, resolveObjective)}
	a.Zone, _ = document.LoadZone(d.TimeZone)
	if h := d.SupportHours; h != nil {
		a.SupportHours = &agreement.Calendar{Name: h.Name, Weekly: wire.Each(h.Weekly, resolveWeeklyHours), Holidays: wire.Each(h.Holidays, resolveHoliday)}
		a.SupportHours.Zone, _ = document.LoadZone(h.TimeZone)
	}
	for _, x := range d.Exclusions {
		exclusion := &agreement.Exclusion{Name: x.Name, DisplayName: x.DisplayName, Reason: x.Reason, Category: x.Category,
			Services: x.Services, Agreements: x.Agreements, From: x.From, To: x.To, Recurrence: x.Recurrence, Mode: x.Mode,
			RequestedBy: x.RequestedBy, ApprovedBy: x.ApprovedBy, ApprovedOn: x.ApprovedOn}
		exclusion.Zone, _ = document.LoadZone(x.TimeZone)
		a.Exclusions = append(a.Exclusions, exclusion)
	}
	return a
}

func resolveWeeklyHours(w wire.WeeklyHours) (row agreement.WeeklyHours) {
	row.From, _ = agreement.ParseClock(w.From)
	row.To, _ = agreement.ParseClock(w.To)
	row.Days = wire.Each(w.Days, func(name string) time.Weekday { return time.Weekday(max(0, slices.Index(wire.Weekdays, name))) })
	return row
}

func resolveHoliday(h wire.Holiday) agreement.Holiday {
	day := agreement.Holiday{Name: h.Name, Country: h.Country}
	day.Yearly, _ = document.ParseMonthDay(h.Yearly)
	day.On, _ = document.ParseDate(h.On)
	return day
}

func resolveObjective(d wire.Objective) *agreement.Objective {
	of := *cmp.Or(d.Indicator, &wire.Indicator{})
	o := &agreement.Objective{Name: d.Name, DisplayName: d.DisplayName, SLO: d.SLO, Op: d.Op, Target: d.Target, Revisions: d.Revisions,
		Budgeting: d.BudgetingMethod, TimeSliceWindow: time.Duration(d.TimeSliceWindow), Select: d.Select, GroupBy: d.GroupBy,
		NoData: d.NoData, MinEvents: d.MinEvents, MinCoverage: d.MinCoverage, OtherConnection: d.OtherConnection,
		SLI: agreement.SLI{Name: of.Name, Kind: of.Kind, Good: of.Good, Bad: of.Bad, Total: of.Total, Gauge: of.Gauge,
			PerPeriod: of.PerPeriod, Recorded: of.Recorded}}
	o.Value = *cmp.Or(d.Value, &o.Value)
	o.TimeSliceTarget = *cmp.Or(d.TimeSliceTarget, &o.TimeSliceTarget)
	o.Window, _ = agreement.ParseWindow(d.Window)
	if d.WindowTimeZone != "" {
		o.Window.Zone, _ = document.LoadZone(d.WindowTimeZone)
	}
	return o
}

// check returns an error for values that no document could have.
func check(a *agreement.Agreement) error {
	err := oneOf("stage", a.Stage, agreement.Draft, agreement.Proposed, agreement.Active, agreement.Retired)
	if a.SupportHours != nil {
		for i, row := range a.SupportHours.Weekly {
			if row.From >= row.To {
				err = cmp.Or(err, fmt.Errorf("supportHours.weekly[%d].to: is not after from", i))
			}
		}
		for i, day := range a.SupportHours.Holidays {
			err = cmp.Or(err, oneOf(fmt.Sprintf("supportHours.holidays[%d].country", i), day.Country, append(scope.Countries(), "")...))
		}
	}
	for _, o := range a.Objectives {
		if wrong := checkObjective(o); wrong != nil {
			err = cmp.Or(err, fmt.Errorf("objectives[%.80q].%w", o.Name, wrong))
		}
	}
	for _, x := range a.Exclusions {
		if wrong := checkExclusion(x); wrong != nil {
			err = cmp.Or(err, fmt.Errorf("exclusions[%.80q].%w", x.Name, wrong))
		}
	}
	return err
}

func checkObjective(o *agreement.Objective) error {
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

func checkExclusion(x *agreement.Exclusion) error {
	if !x.From.Before(x.To) {
		return errors.New("to: is not after from")
	}
	if x.Recurrence != "" {
		if err := scope.CheckRecurrence(x.Recurrence, x.From.In(x.Zone)); err != nil {
			return fmt.Errorf("recurrence: %w", err)
		}
	}
	return oneOf("mode", x.Mode, agreement.Exclude, agreement.CountAsGood)
}
