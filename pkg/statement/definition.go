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

// Definition is what was promised, resolved: every reference followed and
// every default filled in, in the words of the documents. What cannot bear on
// the period is left out of it: later targets, exclusions and dated holidays
// at other times, and whom to notify. Instants are in UTC.
type Definition struct {
	wire.Named
	Description  string                  `json:"description,omitempty"`
	Service      string                  `json:"service"`
	Provider     string                  `json:"provider"`
	Consumers    []string                `json:"consumers"`
	Stage        agreement.Stage         `json:"stage"`
	TimeZone     string                  `json:"timeZone"`
	Effective    agreement.Period        `json:"effective"`
	SupportHours *SupportHours           `json:"supportHours,omitempty"`
	Objectives   []ObjectiveDefinition   `json:"objectives"`
	Exclusions   []wire.AppliedExclusion `json:"exclusions"`
	Consequences string                  `json:"consequences,omitempty"`
	Signatures   []agreement.Signature   `json:"signatures"`
}

// SupportHours are those of a Calendar.
type SupportHours struct {
	Name     string        `json:"name"`
	TimeZone string        `json:"timeZone"`
	Weekly   []WeeklyHours `json:"weekly"`
	Holidays []Holiday     `json:"holidays"`
}

// WeeklyHours is a row of support hours, such as mon to fri, 08:00 to 18:00.
type WeeklyHours struct {
	Days []string `json:"days"`
	From string   `json:"from"`
	To   string   `json:"to"`
}

// Holiday is a day without support hours: a date, a day of each year, or those
// of a country.
type Holiday struct {
	Name    string `json:"name,omitempty"`
	On      string `json:"on,omitempty"`
	Yearly  string `json:"yearly,omitempty"`
	Country string `json:"country,omitempty"`
}

// ObjectiveDefinition is what was promised of one figure.
type ObjectiveDefinition struct {
	wire.Named
	SLO       string    `json:"slo,omitempty"`
	Indicator Indicator `json:"indicator"`
	// Op and Value judge a threshold.
	Op        agreement.Op         `json:"op,omitempty"`
	Value     *float64             `json:"value,omitempty"`
	Target    float64              `json:"target"`
	Revisions []agreement.Revision `json:"revisions"`
	// Window is the objective's own; the statement holds it to the period.
	Window          string              `json:"window"`
	WindowTimeZone  string              `json:"windowTimeZone,omitempty"`
	BudgetingMethod agreement.Budgeting `json:"budgetingMethod"`
	TimeSliceTarget *float64            `json:"timeSliceTarget,omitempty"`
	TimeSliceWindow agreement.Duration  `json:"timeSliceWindow,omitzero"`
	Select          map[string]string   `json:"select,omitempty"`
	GroupBy         []string            `json:"groupBy,omitempty"`
	NoData          agreement.NoData    `json:"noData"`
	MinCoverage     float64             `json:"minCoverage,omitempty"`
	OtherConnection string              `json:"unmeasured,omitempty"`
}

// Indicator is the SLI.
type Indicator struct {
	Name  string            `json:"name,omitempty"`
	Kind  agreement.SLIKind `json:"kind"`
	Good  *agreement.Query  `json:"good,omitempty"`
	Bad   *agreement.Query  `json:"bad,omitempty"`
	Total *agreement.Query  `json:"total,omitempty"`
	Gauge *agreement.Query  `json:"gauge,omitempty"`
}

// define is the agreement as it bears on the time from one instant to another.
func define(ctx context.Context, a *agreement.Agreement, from, to time.Time) (Definition, error) {
	d := Definition{Named: wire.Named{Name: a.Name, DisplayName: a.DisplayName}, Description: a.Description,
		Service: a.Service, Provider: a.Provider, Consumers: wire.List(a.Consumers), Stage: a.Stage, TimeZone: a.Zone.String(),
		Effective: agreement.Period{From: a.Effective.From.UTC(), Until: a.Effective.Until.UTC()}, Exclusions: []wire.AppliedExclusion{},
		Consequences: a.Consequences}
	if a.SupportHours != nil {
		d.SupportHours = defineSupportHours(a.SupportHours, from, to)
	}
	d.Objectives = wire.Each(a.Objectives, func(o *agreement.Objective) ObjectiveDefinition { return defineObjective(o, to) })
	occurrences, err := scope.Occurrences(ctx, a.Exclusions, from, to)
	if err != nil {
		return d, err
	}
	for i, x := range a.Exclusions {
		if len(occurrences[i]) > 0 {
			d.Exclusions = append(d.Exclusions, wire.AppliedExclusion{Exclusion: wire.NewExclusion(x).UTC(), HasEffect: x.HasEffectIn(a)})
		}
	}
	d.Signatures = wire.Each(a.Signatures, func(s agreement.Signature) agreement.Signature {
		s.On = s.On.UTC()
		return s
	})
	return d, nil
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func defineSupportHours(c *agreement.Calendar, from, to time.Time) *SupportHours {
	hours := &SupportHours{Name: c.Name, TimeZone: c.Zone.String(), Holidays: []Holiday{}}
	hours.Weekly = wire.Each(c.Weekly, func(row agreement.WeeklyHours) WeeklyHours {
		days := wire.Each(row.Days, func(day time.Weekday) string { return weekdays[day] })
		return WeeklyHours{days, agreement.ClockText(row.From), agreement.ClockText(row.To)}
	})
	for _, holiday := range c.Holidays {
		defined := Holiday{Name: holiday.Name, Country: holiday.Country}
		switch {
		case holiday.Country != "":
		case holiday.Yearly.Day != 0:
			defined.Yearly = fmt.Sprintf("%02d-%02d", holiday.Yearly.Month, holiday.Yearly.Day)
		default:
			begin := holiday.On.Midnight(c.Zone)
			if !begin.Before(to) || !begin.Add(48*time.Hour).After(from) {
				continue
			}
			defined.On = begin.Format(time.DateOnly)
		}
		hours.Holidays = append(hours.Holidays, defined)
	}
	return hours
}

func defineObjective(o *agreement.Objective, to time.Time) ObjectiveDefinition {
	d := ObjectiveDefinition{Named: wire.Named{Name: o.Name, DisplayName: o.DisplayName}, SLO: o.SLO, Op: o.Op, Target: o.Target,
		Revisions: []agreement.Revision{}, Window: o.Window.String(), BudgetingMethod: o.Budgeting,
		Select: o.Select, GroupBy: o.GroupBy, NoData: o.NoData, MinCoverage: o.MinCoverage, OtherConnection: o.OtherConnection,
		Indicator: Indicator{o.SLI.Name, o.SLI.Kind, o.SLI.Good, o.SLI.Bad, o.SLI.Total, o.SLI.Gauge}}
	if o.SLI.Kind == agreement.Threshold {
		d.Value = &o.Value
	}
	if o.Window.IsCalendar() && o.Window.Zone != nil {
		d.WindowTimeZone = o.Window.Zone.String()
	}
	if o.Budgeting != agreement.Occurrences {
		d.TimeSliceWindow = agreement.Duration(o.TimeSliceWindow)
	}
	if o.Budgeting == agreement.Timeslices {
		d.TimeSliceTarget = &o.TimeSliceTarget
	}
	for _, r := range o.Revisions {
		if r.From.Before(to) {
			r.From = r.From.UTC()
			d.Revisions = append(d.Revisions, r)
		}
	}
	return d
}

// resolve is the agreement that the definition is of. It is strict: a statement may come from anywhere.
func (d Definition) resolve() (*agreement.Agreement, error) {
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
		if a.SupportHours, err = d.SupportHours.resolve(); err != nil {
			return nil, fmt.Errorf("supportHours.%w", err)
		}
	}
	for _, o := range d.Objectives {
		objective, err := o.resolve()
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

func (h SupportHours) resolve() (*agreement.Calendar, error) {
	c := &agreement.Calendar{Name: h.Name}
	var err error
	if c.Zone, err = zone("timeZone", h.TimeZone); err != nil {
		return nil, err
	}
	for i, row := range h.Weekly {
		hours, err := row.resolve()
		if err != nil {
			return nil, fmt.Errorf("weekly[%d].%w", i, err)
		}
		c.Weekly = append(c.Weekly, hours)
	}
	for i, holiday := range h.Holidays {
		day, ok := holiday.resolve()
		if !ok {
			return nil, fmt.Errorf("holidays[%d]: is no holiday that is known here", i)
		}
		c.Holidays = append(c.Holidays, day)
	}
	return c, nil
}

func (h Holiday) resolve() (day agreement.Holiday, ok bool) {
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

func (w WeeklyHours) resolve() (row agreement.WeeklyHours, err error) {
	for _, name := range w.Days {
		day := slices.Index(weekdays, name)
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

func (d ObjectiveDefinition) resolve() (*agreement.Objective, error) {
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
	case o.Budgeting != agreement.Occurrences && (o.TimeSliceWindow < time.Minute || o.TimeSliceWindow > agreement.MaxRolling):
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
