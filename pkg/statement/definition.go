package statement

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/scope"
)

// Definition is what was promised, resolved: every reference followed and
// every default filled in, in the words of the documents. What cannot bear on
// the period is left out of it: later targets, exclusions and dated holidays
// at other times, and whom to notify.
type Definition struct {
	Name         string                `json:"name"`
	DisplayName  string                `json:"displayName,omitempty"`
	Description  string                `json:"description,omitempty"`
	Service      string                `json:"service"`
	Provider     string                `json:"provider"`
	Consumers    []string              `json:"consumers"`
	Stage        agreement.Stage       `json:"stage"`
	TimeZone     string                `json:"timeZone"`
	Effective    Effective             `json:"effective"`
	SupportHours *SupportHours         `json:"supportHours,omitempty"`
	Objectives   []ObjectiveDefinition `json:"objectives"`
	Exclusions   []Exclusion           `json:"exclusions"`
	Consequences string                `json:"consequences,omitempty"`
	Signatures   []Signature           `json:"signatures"`
}

// Effective is when the agreement holds; Until is exclusive.
type Effective struct {
	From  *time.Time `json:"from,omitempty"`
	Until *time.Time `json:"until,omitempty"`
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
	Name        string    `json:"name"`
	DisplayName string    `json:"displayName,omitempty"`
	SLO         string    `json:"slo,omitempty"`
	Indicator   Indicator `json:"indicator"`
	// Op and Value judge a threshold.
	Op        agreement.Op `json:"op,omitempty"`
	Value     *float64     `json:"value,omitempty"`
	Target    float64      `json:"target"`
	Revisions []Target     `json:"revisions"`
	// Window is the objective's own; the statement holds it to the period.
	Window          string              `json:"window"`
	WindowTimeZone  string              `json:"windowTimeZone,omitempty"`
	BudgetingMethod agreement.Budgeting `json:"budgetingMethod"`
	TimeSliceTarget *float64            `json:"timeSliceTarget,omitempty"`
	TimeSliceWindow string              `json:"timeSliceWindow,omitempty"`
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
	Good  *Query            `json:"good,omitempty"`
	Bad   *Query            `json:"bad,omitempty"`
	Total *Query            `json:"total,omitempty"`
	Gauge *Query            `json:"gauge,omitempty"`
}

// Query is PromQL as it is written, or a native histogram.
type Query struct {
	Query     string  `json:"query,omitempty"`
	Histogram string  `json:"histogram,omitempty"`
	Below     float64 `json:"below,omitempty"`
}

// Exclusion is one that reaches into the period.
type Exclusion struct {
	Name        string                  `json:"name"`
	DisplayName string                  `json:"displayName,omitempty"`
	Reason      string                  `json:"reason,omitempty"`
	Category    string                  `json:"category"`
	Services    []string                `json:"services,omitempty"`
	Agreements  []string                `json:"agreements,omitempty"`
	From        time.Time               `json:"from"`
	To          time.Time               `json:"to"`
	Recurrence  string                  `json:"recurrence,omitempty"`
	TimeZone    string                  `json:"timeZone"`
	Mode        agreement.ExclusionMode `json:"mode"`
	RequestedBy string                  `json:"requestedBy,omitempty"`
	ApprovedBy  string                  `json:"approvedBy,omitempty"`
	ApprovedOn  *time.Time              `json:"approvedOn,omitempty"`
	// HasEffect says that it changes the figures: the other party approved it.
	HasEffect bool `json:"hasEffect"`
}

// Signature is a party's consent.
type Signature struct {
	Team string     `json:"team"`
	Name string     `json:"name,omitempty"`
	On   *time.Time `json:"on,omitempty"`
}

// define is the agreement as it bears on the time from one instant to another.
func define(a *agreement.Agreement, from, to time.Time) (Definition, error) {
	d := Definition{Name: a.Name, DisplayName: a.DisplayName, Description: a.Description,
		Service: a.Service, Provider: a.Provider, Consumers: list(a.Consumers), Stage: a.Stage, TimeZone: a.Zone.String(),
		Effective:  Effective{given(a.Effective.From), given(a.Effective.Until)},
		Objectives: []ObjectiveDefinition{}, Exclusions: []Exclusion{}, Consequences: a.Consequences, Signatures: []Signature{}}
	if a.SupportHours != nil {
		d.SupportHours = supportHours(a.SupportHours, from, to)
	}
	for _, o := range a.Objectives {
		d.Objectives = append(d.Objectives, defineObjective(o, to))
	}
	for _, x := range a.Exclusions {
		occurrences, err := scope.Occurrences(x, from, to)
		if err != nil {
			return d, fmt.Errorf("exclusion %s: %w", x.Name, err)
		}
		if len(occurrences) > 0 {
			d.Exclusions = append(d.Exclusions, exclusion(x, a))
		}
	}
	for _, s := range a.Signatures {
		d.Signatures = append(d.Signatures, Signature{s.Team, s.Name, given(s.On)})
	}
	return d, nil
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func supportHours(c *agreement.Calendar, from, to time.Time) *SupportHours {
	hours := &SupportHours{Name: c.Name, TimeZone: c.Zone.String(), Weekly: []WeeklyHours{}, Holidays: []Holiday{}}
	for _, row := range c.Weekly {
		written := WeeklyHours{From: clock(row.From), To: clock(row.To)}
		for _, day := range row.Days {
			written.Days = append(written.Days, weekdays[day])
		}
		hours.Weekly = append(hours.Weekly, written)
	}
	for _, holiday := range c.Holidays {
		written := Holiday{Name: holiday.Name, Country: holiday.Country}
		switch {
		case holiday.Country != "":
		case holiday.Yearly.Day != 0:
			written.Yearly = fmt.Sprintf("%02d-%02d", holiday.Yearly.Month, holiday.Yearly.Day)
		default:
			begin := holiday.On.Midnight(c.Zone)
			if !begin.Before(to) || !begin.Add(48*time.Hour).After(from) {
				continue
			}
			written.On = begin.Format(time.DateOnly)
		}
		hours.Holidays = append(hours.Holidays, written)
	}
	return hours
}

// clock is a time of day: 08:00.
func clock(since time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(since.Hours()), int(since.Minutes())%60)
}

func defineObjective(o *agreement.Objective, to time.Time) ObjectiveDefinition {
	d := ObjectiveDefinition{Name: o.Name, DisplayName: o.DisplayName, SLO: o.SLO, Op: o.Op, Target: o.Target,
		Revisions: []Target{}, Window: o.Window.String(), BudgetingMethod: o.Budgeting,
		Select: o.Select, GroupBy: o.GroupBy, NoData: o.NoData, MinCoverage: o.MinCoverage, OtherConnection: o.OtherConnection,
		Indicator: Indicator{Name: o.SLI.Name, Kind: o.SLI.Kind,
			Good: query(o.SLI.Good), Bad: query(o.SLI.Bad), Total: query(o.SLI.Total), Gauge: query(o.SLI.Gauge)}}
	if o.SLI.Kind == agreement.Threshold {
		d.Value = &o.Value
	}
	if o.Window.IsCalendar() && o.Window.Zone != nil {
		d.WindowTimeZone = o.Window.Zone.String()
	}
	if o.Budgeting != agreement.Occurrences {
		d.TimeSliceWindow = agreement.FormatDuration(o.TimeSliceWindow)
	}
	if o.Budgeting == agreement.Timeslices {
		d.TimeSliceTarget = &o.TimeSliceTarget
	}
	for _, r := range o.Revisions {
		if r.From.Before(to) {
			d.Revisions = append(d.Revisions, Target{r.From.UTC(), r.Target, r.Reason, r.ApprovedBy})
		}
	}
	return d
}

func query(q *agreement.Query) *Query {
	if q == nil {
		return nil
	}
	return &Query{q.Expr, q.Histogram, q.Below}
}

func exclusion(x *agreement.Exclusion, a *agreement.Agreement) Exclusion {
	return Exclusion{Name: x.Name, DisplayName: x.DisplayName, Reason: x.Reason, Category: x.Category,
		Services: x.Services, Agreements: x.Agreements, From: x.From.UTC(), To: x.To.UTC(), Recurrence: x.Recurrence,
		TimeZone: x.Zone.String(), Mode: x.Mode, RequestedBy: x.RequestedBy, ApprovedBy: x.ApprovedBy,
		ApprovedOn: given(x.ApprovedOn), HasEffect: x.HasEffectIn(a)}
}

// resolved is the agreement that the definition is of. It is strict: a
// statement may come from anywhere.
func (d Definition) resolved() (*agreement.Agreement, error) {
	a := &agreement.Agreement{Name: d.Name, DisplayName: d.DisplayName, Description: d.Description, Service: d.Service,
		Provider: d.Provider, Consumers: d.Consumers, Stage: d.Stage, Consequences: d.Consequences,
		Effective: agreement.Period{From: taken(d.Effective.From), Until: taken(d.Effective.Until)}}
	var err error
	if a.Zone, err = zone("timeZone", d.TimeZone); err != nil {
		return nil, err
	}
	if d.SupportHours != nil {
		if a.SupportHours, err = d.SupportHours.resolved(); err != nil {
			return nil, fmt.Errorf("supportHours.%w", err)
		}
	}
	for _, o := range d.Objectives {
		objective, err := o.resolved()
		if err != nil {
			return nil, fmt.Errorf("objectives[%.80q].%w", o.Name, err)
		}
		a.Objectives = append(a.Objectives, objective)
	}
	for _, x := range d.Exclusions {
		exclusion, err := x.resolved()
		if err != nil {
			return nil, fmt.Errorf("exclusions[%.80q].%w", x.Name, err)
		}
		a.Exclusions = append(a.Exclusions, exclusion)
	}
	for _, s := range d.Signatures {
		a.Signatures = append(a.Signatures, agreement.Signature{Team: s.Team, Name: s.Name, On: taken(s.On)})
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

func (h SupportHours) resolved() (*agreement.Calendar, error) {
	c := &agreement.Calendar{Name: h.Name}
	var err error
	if c.Zone, err = zone("timeZone", h.TimeZone); err != nil {
		return nil, err
	}
	for i, row := range h.Weekly {
		resolved, err := row.resolved()
		if err != nil {
			return nil, fmt.Errorf("weekly[%d].%w", i, err)
		}
		c.Weekly = append(c.Weekly, resolved)
	}
	for i, holiday := range h.Holidays {
		resolved := agreement.Holiday{Name: holiday.Name, Country: holiday.Country}
		ok := holiday.Country != ""
		switch {
		case ok:
			_, ok = scope.NationalHolidays(holiday.Country)
		case holiday.Yearly != "":
			resolved.Yearly, ok = document.ParseMonthDay(holiday.Yearly)
		default:
			resolved.On, ok = document.ParseDate(holiday.On)
		}
		if !ok {
			return nil, fmt.Errorf("holidays[%d]: is no holiday that is known here", i)
		}
		c.Holidays = append(c.Holidays, resolved)
	}
	return c, nil
}

func (w WeeklyHours) resolved() (row agreement.WeeklyHours, err error) {
	for _, name := range w.Days {
		day := -1
		for i, known := range weekdays {
			if known == name {
				day = i
			}
		}
		if day < 0 {
			return row, fmt.Errorf("days: %.20q is no day of the week", name)
		}
		row.Days = append(row.Days, time.Weekday(day))
	}
	if row.From, err = timeOfDay("from", w.From); err == nil {
		row.To, err = timeOfDay("to", w.To)
	}
	if err == nil && row.From >= row.To {
		err = fmt.Errorf("to: %s is not after %s", w.To, w.From)
	}
	return row, err
}

func timeOfDay(field, text string) (time.Duration, error) {
	var hours, minutes int
	if n, err := fmt.Sscanf(text, "%d:%d", &hours, &minutes); n == 2 && err == nil {
		since := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
		if since >= 0 && since <= 24*time.Hour && clock(since) == text {
			return since, nil
		}
	}
	return 0, fmt.Errorf("%s: %.20q is no time of day such as 08:00", field, text)
}

func (d ObjectiveDefinition) resolved() (*agreement.Objective, error) {
	o := &agreement.Objective{Name: d.Name, DisplayName: d.DisplayName, SLO: d.SLO, Op: d.Op, Target: d.Target,
		Budgeting: d.BudgetingMethod, Select: d.Select, GroupBy: d.GroupBy, NoData: d.NoData, MinCoverage: d.MinCoverage,
		OtherConnection: d.OtherConnection, SLI: agreement.SLI{Name: d.Indicator.Name, Kind: d.Indicator.Kind,
			Good: d.Indicator.Good.resolved(), Bad: d.Indicator.Bad.resolved(),
			Total: d.Indicator.Total.resolved(), Gauge: d.Indicator.Gauge.resolved()}}
	if d.Value != nil {
		o.Value = *d.Value
	}
	if d.TimeSliceTarget != nil {
		o.TimeSliceTarget = *d.TimeSliceTarget
	}
	for i, r := range d.Revisions {
		if !isRatio(r.Target) {
			return nil, fmt.Errorf("revisions[%d].target: must be in (0, 1], got %v", i, r.Target)
		}
		o.Revisions = append(o.Revisions, agreement.Revision{From: r.From, Target: r.Target, Reason: r.Reason, ApprovedBy: r.ApprovedBy})
	}
	var err error
	if o.Window, err = agreement.ParseWindow(d.Window); err != nil {
		return nil, fmt.Errorf("window: %w", err)
	}
	if d.WindowTimeZone != "" {
		if o.Window.Zone, err = zone("windowTimeZone", d.WindowTimeZone); err != nil {
			return nil, err
		}
	}
	return o, d.check(o)
}

func isRatio(value float64) bool { return value > 0 && value <= 1 }

// check refuses what no document could have said.
func (d ObjectiveDefinition) check(o *agreement.Objective) error {
	if !isRatio(o.Target) {
		return fmt.Errorf("target: must be in (0, 1], got %v", o.Target)
	}
	switch o.Budgeting {
	case agreement.Occurrences:
	case agreement.Timeslices, agreement.RatioTimeslices:
		length, err := model.ParseDuration(d.TimeSliceWindow)
		if o.TimeSliceWindow = time.Duration(length); err != nil || o.TimeSliceWindow < time.Minute || o.TimeSliceWindow > agreement.MaxRolling {
			return fmt.Errorf("timeSliceWindow: %.40q is no length of a slice, such as 1m", d.TimeSliceWindow)
		}
		if o.Budgeting == agreement.Timeslices && !isRatio(o.TimeSliceTarget) {
			return fmt.Errorf("timeSliceTarget: must be in (0, 1], got %v", o.TimeSliceTarget)
		}
	default:
		return fmt.Errorf("budgetingMethod: there is none called %.40q", o.Budgeting)
	}
	switch o.NoData {
	case agreement.NoDataIgnore, agreement.NoDataGood, agreement.NoDataBad:
	default:
		return fmt.Errorf("noData: there is no policy called %.40q", o.NoData)
	}
	switch o.SLI.Kind {
	case agreement.Ratio, agreement.RawFailure, agreement.RawSuccess, agreement.Threshold:
	default:
		return fmt.Errorf("indicator.kind: there is none called %.40q", o.SLI.Kind)
	}
	if o.SLI.Kind.TimeBased() && o.SLI.Gauge == nil && o.OtherConnection == "" {
		return fmt.Errorf("indicator.gauge: is missing")
	}
	return nil
}

func (q *Query) resolved() *agreement.Query {
	if q == nil {
		return nil
	}
	return &agreement.Query{Expr: q.Query, Histogram: q.Histogram, Below: q.Below}
}

func (x Exclusion) resolved() (*agreement.Exclusion, error) {
	resolved := &agreement.Exclusion{Name: x.Name, DisplayName: x.DisplayName, Reason: x.Reason, Category: x.Category,
		Services: x.Services, Agreements: x.Agreements, From: x.From, To: x.To, Recurrence: x.Recurrence, Mode: x.Mode,
		RequestedBy: x.RequestedBy, ApprovedBy: x.ApprovedBy, ApprovedOn: taken(x.ApprovedOn)}
	if !x.From.Before(x.To) {
		return nil, fmt.Errorf("to: is not after from")
	}
	if x.Mode != agreement.Exclude && x.Mode != agreement.CountAsGood {
		return nil, fmt.Errorf("mode: there is none called %.40q", x.Mode)
	}
	var err error
	if resolved.Zone, err = zone("timeZone", x.TimeZone); err != nil {
		return nil, err
	}
	if x.Recurrence != "" {
		if err := catalog.CheckRecurrence(x.Recurrence, x.From.In(resolved.Zone)); err != nil {
			return nil, fmt.Errorf("recurrence: %w", err)
		}
	}
	return resolved, nil
}

func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func taken(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// list is never null in JSON.
func list[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}
